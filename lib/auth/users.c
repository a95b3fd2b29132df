/* Users and their scrypt hashes: checking, changing. userfile.c has the text form. */
#include "auth/users.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "auth/random.h"
#include "auth/userfile.h"

/* 32 MiB and some tens of milliseconds for each check. */
enum { LOG2N = 15, R = 8, P = 1, SCRYPT_MEMORY = 256 << 20 };

struct auth_users *auth_users_new(void)
{
	return calloc(1, sizeof(struct auth_users));
}

void auth_users_clear(struct auth_users *u)
{
	if (u->users)
		auth_wipe(u->users, u->n * sizeof *u->users);
	free(u->users);
	auth_wipe(u, sizeof *u);
}

void auth_users_free(struct auth_users *u)
{
	if (!u)
		return;
	auth_users_clear(u);
	free(u);
}

bool auth_user_name_ok(const char *name, size_t len)
{
	if (len == 0 || len > AUTH_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)name[i] <= ' ' || name[i] == 127)
			return false;
	return true;
}

static struct user *find(const struct auth_users *u, const char *name, size_t len)
{
	for (unsigned i = 0; i < u->n; i++)
		if (strlen(u->users[i].name) == len && !memcmp(u->users[i].name, name, len))
			return &u->users[i];
	return NULL;
}

/* realloc would leave hashes behind in freed memory. */
static struct user *enlarge(struct auth_users *u)
{
	struct user *more;

	if (u->n == AUTH_USERS_MAX)
		return NULL;
	more = calloc(u->n + 1, sizeof *more);
	if (!more)
		return NULL;
	if (u->users) {
		memcpy(more, u->users, u->n * sizeof *more);
		auth_wipe(u->users, u->n * sizeof *more);
		free(u->users);
	}
	u->users = more;
	return &more[u->n++];
}

struct user *auth_users_place(struct auth_users *u, const char *name, size_t len)
{
	struct user *one = find(u, name, len);

	if (!one)
		one = enlarge(u);
	if (!one)
		return NULL;
	memset(one, 0, sizeof *one);
	memcpy(one->name, name, len);
	return one;
}

static int scrypt(uint8_t hash[HASH_LEN], const char *password, const struct user *u)
{
	return EVP_PBE_scrypt(password, strlen(password), u->salt, SALT_LEN, (uint64_t)1 << u->log2n, u->r, u->p,
			      SCRYPT_MEMORY, hash, HASH_LEN) == 1 ? 0 : -1;
}

bool auth_users_check(const struct auth_users *u, const char *user, const char *password, enum auth_rights *rights)
{
	static const struct user nobody = { .log2n = LOG2N, .r = R, .p = P };
	const struct user *found = find(u, user, strlen(user));
	uint8_t hash[HASH_LEN];
	bool same;

	same = scrypt(hash, password, found ? found : &nobody) == 0 &&
	       auth_equal(hash, found ? found->hash : nobody.hash, HASH_LEN);
	auth_wipe(hash, sizeof hash);
	*rights = found ? found->rights : AUTH_VIEW;
	return same && found;
}

int auth_users_set(struct auth_users *u, const char *name, const char *password, enum auth_rights rights)
{
	struct user *one;

	if (!auth_user_name_ok(name, strlen(name)) || !*password || strlen(password) > AUTH_PASSWORD_MAX) {
		errno = EINVAL;
		return -1;
	}
	one = auth_users_place(u, name, strlen(name));
	if (!one) {
		errno = ENOMEM;
		return -1;
	}
	one->rights = rights;
	one->log2n = LOG2N;
	one->r = R;
	one->p = P;
	if (auth_random(one->salt, SALT_LEN) || scrypt(one->hash, password, one)) {
		auth_users_remove(u, name);
		errno = EIO;
		return -1;
	}
	return 0;
}

bool auth_users_remove(struct auth_users *u, const char *name)
{
	struct user *one = find(u, name, strlen(name));

	if (!one)
		return false;
	*one = u->users[--u->n];
	auth_wipe(&u->users[u->n], sizeof *u->users);
	return true;
}

unsigned auth_users_count(const struct auth_users *u)
{
	return u->n;
}

int auth_users_set_vnc(struct auth_users *u, const char *password, enum auth_rights rights)
{
	uint8_t *to = rights == AUTH_FULL ? u->vnc.full : u->vnc.view;
	size_t len = strlen(password);

	if (len == 0 || len > AUTH_VNC_PASSWORD) {
		errno = len ? EMSGSIZE : EINVAL;
		return -1;
	}
	memset(to, 0, AUTH_VNC_PASSWORD);
	memcpy(to, password, len);
	if (rights == AUTH_FULL)
		u->vnc.has_full = true;
	else
		u->vnc.has_view = true;
	return 0;
}

void auth_users_vnc(const struct auth_users *u, struct auth_vnc_secrets *out)
{
	*out = u->vnc;
}
