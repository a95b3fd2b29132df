/* The password file of rfbkit (rfbd --passwd): users with scrypt hashes and rights; VncAuth passwords, which
 * must be reversible, are lines of their own kind.
 *
 *	# comment
 *	user NAME full|view scrypt:LOG2N:R:P:SALT:HASH		(hexadecimal)
 *	vnc full|view OBFUSCATED				(16 hexadecimal digits) */
#ifndef RFBKIT_AUTH_USERS_H
#define RFBKIT_AUTH_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/types.h"
#include "auth/vncauth.h"

#define AUTH_USERS_FILE_MAX (1u << 20)
#define AUTH_USERS_MAX 4096u

struct auth_users;
/* NULL: no memory. */
struct auth_users *auth_users_new(void);
void auth_users_free(struct auth_users *u);	/* wipes */
/* Replaces what u holds. 0; -1 and *line (1-based) of the first bad line, with why in *reason (static). */
int auth_users_parse(struct auth_users *u, const char *text, size_t n, unsigned *line, const char **reason);
/* Reads a file. 0; -1 and errno (EINVAL: bad line, told by line and reason; EPERM: readable by others). */
int auth_users_load(struct auth_users *u, const char *path, unsigned *line, const char **reason);
/* Writes it whole, mode 0600, by rename. 0; -1 and errno. */
int auth_users_save(const struct auth_users *u, const char *path);

/* Takes as long for an unknown user as for a wrong password (tens of milliseconds). */
bool auth_users_check(const struct auth_users *u, const char *user, const char *password, enum auth_rights *rights);
/* Sets or replaces a user. 0; -1 and errno EINVAL (a name with blanks, control characters, empty or too long). */
int auth_users_set(struct auth_users *u, const char *name, const char *password, enum auth_rights rights);
bool auth_users_remove(struct auth_users *u, const char *name);
unsigned auth_users_count(const struct auth_users *u);
/* Sets a VncAuth password. 0; -1 and errno EINVAL when it is empty, EMSGSIZE when it is longer than 8 bytes. */
int auth_users_set_vnc(struct auth_users *u, const char *password, enum auth_rights rights);
/* Copies the VncAuth passwords out; wipe them after use. */
void auth_users_vnc(const struct auth_users *u, struct auth_vnc_secrets *out);

#endif
