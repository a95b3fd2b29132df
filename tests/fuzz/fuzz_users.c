/* Password files: ours and vncpasswd's, and the names of security types and addresses on command lines. */
#include <stdlib.h>
#include <string.h>

#include "auth/types.h"
#include "auth/users.h"
#include "net/addr.h"

static void check_names(const uint8_t *data, size_t size)
{
	enum auth_type types[AUTH_TYPES];
	struct net_address a;
	char *text = malloc(size + 1);
	int n;

	memcpy(text, data, size);
	text[size] = 0;
	n = auth_types_parse(types, text, NULL, NULL);
	if (n > AUTH_TYPES)
		abort();
	net_address_parse(&a, text);
	net_target_parse(&a, text, 5900);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct auth_users *u = auth_users_new();
	struct auth_vnc_secrets vnc;
	const char *reason;
	char *text = malloc(size ? size : 1);
	unsigned line;

	memcpy(text, data, size);
	if (auth_users_parse(u, text, size, &line, &reason) == 0) {
		if (auth_users_count(u) > AUTH_USERS_MAX)
			abort();
	} else if (!reason || auth_users_count(u)) {
		abort();
	}
	if ((auth_vncpasswd_parse(&vnc, data, size) == 0) != (size == 8 || size == 16))
		abort();
	check_names(data, size);
	free(text);
	auth_users_free(u);
	return 0;
}
