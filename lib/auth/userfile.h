/* The password file in memory. Private to lib/auth. */
#ifndef RFBKIT_AUTH_USERFILE_H
#define RFBKIT_AUTH_USERFILE_H

#include "auth/users.h"

enum { SALT_LEN = 16, HASH_LEN = 32 };

struct user {
	char name[256];
	enum auth_rights rights;
	unsigned log2n, r, p;
	uint8_t salt[SALT_LEN], hash[HASH_LEN];
};

struct auth_users {
	struct user *users;
	unsigned n;
	struct auth_vnc_secrets vnc;
};

bool auth_user_name_ok(const char *name, size_t len);
/* Adds a user (of that name: replaces). NULL: no memory or too many. */
struct user *auth_users_place(struct auth_users *u, const char *name, size_t len);
void auth_users_clear(struct auth_users *u);

#endif
