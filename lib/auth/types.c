/* The table of security types. */
#include "auth/types.h"

#include <string.h>
#include <strings.h>

static const struct auth_type_info table[AUTH_TYPES] = {
	[AUTH_X509PLAIN] = { "X509Plain", 262, true, AUTH_PROVES_PLAIN, AUTH_TLS_X509, true, true },
	[AUTH_X509VNC] = { "X509Vnc", 261, true, AUTH_PROVES_VNC, AUTH_TLS_X509, true, true },
	[AUTH_X509NONE] = { "X509None", 260, true, AUTH_PROVES_NOTHING, AUTH_TLS_X509, false, true },
	[AUTH_RA2_256] = { "RA2_256", 129, false, AUTH_PROVES_PLAIN, AUTH_RSA_AES, true, true },
	[AUTH_RA2] = { "RA2", 5, false, AUTH_PROVES_PLAIN, AUTH_RSA_AES, true, true },
	[AUTH_TLSPLAIN] = { "TLSPlain", 259, true, AUTH_PROVES_PLAIN, AUTH_TLS_ANON, true, true },
	[AUTH_TLSVNC] = { "TLSVnc", 258, true, AUTH_PROVES_VNC, AUTH_TLS_ANON, true, true },
	[AUTH_TLSNONE] = { "TLSNone", 257, true, AUTH_PROVES_NOTHING, AUTH_TLS_ANON, false, true },
	[AUTH_RA2NE_256] = { "RA2ne_256", 130, false, AUTH_PROVES_PLAIN, AUTH_RSA_AES, true, false },
	[AUTH_RA2NE] = { "RA2ne", 6, false, AUTH_PROVES_PLAIN, AUTH_RSA_AES, true, false },
	[AUTH_DH] = { "DH", 30, false, AUTH_PROVES_PLAIN, AUTH_CLEAR, true, false },
	[AUTH_PLAIN] = { "Plain", 256, true, AUTH_PROVES_PLAIN, AUTH_CLEAR, true, false },
	[AUTH_VNC] = { "VncAuth", 2, false, AUTH_PROVES_VNC, AUTH_CLEAR, true, false },
	[AUTH_NONE] = { "None", 1, false, AUTH_PROVES_NOTHING, AUTH_CLEAR, false, false },
};

const struct auth_type_info *auth_type_info(enum auth_type type)
{
	return &table[type];
}

static enum auth_type by_name(const char *name, size_t len)
{
	unsigned t = 0;

	while (t < AUTH_TYPES && (strncasecmp(table[t].name, name, len) != 0 || table[t].name[len]))
		t++;
	return (enum auth_type)t;
}

enum auth_type auth_type_by_name(const char *name)
{
	return by_name(name, strlen(name));
}

static bool listed(const enum auth_type *types, int n, enum auth_type t)
{
	for (int i = 0; i < n; i++)
		if (types[i] == t)
			return true;
	return false;
}

int auth_types_parse(enum auth_type types[AUTH_TYPES], const char *names, const char **bad, int *bad_len)
{
	int n = 0;

	for (;;) {
		size_t len = strcspn(names, ",");
		enum auth_type t = by_name(names, len);

		if (t == AUTH_TYPES) {
			if (bad)
				*bad = names;
			if (bad_len)
				*bad_len = (int)len;
			return -1;
		}
		if (!listed(types, n, t))
			types[n++] = t;
		if (!names[len])
			return n;
		names += len + 1;
	}
}
