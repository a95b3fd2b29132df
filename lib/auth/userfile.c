/* The password file's text form: parsing, loading, saving. */
#include "auth/userfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/random.h"
#include "wire/wire.h"

/* What a check may cost at most: N r p bounded so that memory stays below 256 MiB. */
enum { LOG2N_MIN = 10, LOG2N_MAX = 17, R_MAX = 8, P_MAX = 4 };

struct word { const char *at; size_t len; };

/* The next word of a line; empty at its end. */
static struct word next_word(struct word *line)
{
	struct word w;

	while (line->len && (*line->at == ' ' || *line->at == '\t'))
		line->at++, line->len--;
	w.at = line->at;
	while (line->len && *line->at != ' ' && *line->at != '\t')
		line->at++, line->len--;
	w.len = (size_t)(line->at - w.at);
	return w;
}

static bool is(struct word w, const char *text)
{
	return w.len == strlen(text) && !memcmp(w.at, text, w.len);
}

static bool parse_rights(struct word w, enum auth_rights *rights)
{
	*rights = is(w, "full") ? AUTH_FULL : AUTH_VIEW;
	return is(w, "full") || is(w, "view");
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(struct word w, uint8_t *out, size_t n)
{
	if (w.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(w.at[2 * i]), low = hex_digit(w.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Up to the next colon. */
static struct word next_field(struct word *w)
{
	const char *colon = w->len ? memchr(w->at, ':', w->len) : NULL;
	struct word field = { w->at, colon ? (size_t)(colon - w->at) : w->len };
	size_t skip = field.len + (colon != NULL);

	w->at += skip;
	w->len -= skip;
	return field;
}

static bool parse_number(struct word w, unsigned min, unsigned max, unsigned *out)
{
	*out = 0;
	if (w.len == 0 || w.len > 4)
		return false;
	for (size_t i = 0; i < w.len; i++) {
		if (w.at[i] < '0' || w.at[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(w.at[i] - '0');
	}
	return *out >= min && *out <= max;
}

static bool parse_scrypt(struct word w, struct user *u)
{
	return is(next_field(&w), "scrypt") && parse_number(next_field(&w), LOG2N_MIN, LOG2N_MAX, &u->log2n) &&
	       parse_number(next_field(&w), 1, R_MAX, &u->r) && parse_number(next_field(&w), 1, P_MAX, &u->p) &&
	       parse_hex(next_field(&w), u->salt, SALT_LEN) && parse_hex(w, u->hash, HASH_LEN);
}

static const char *parse_user(struct auth_users *u, struct word line)
{
	struct word name = next_word(&line), rights = next_word(&line), hash = next_word(&line);
	struct user *one;

	if (!auth_user_name_ok(name.at, name.len))
		return "bad user name";
	one = auth_users_place(u, name.at, name.len);
	if (!one)
		return "too many users";
	if (!parse_rights(rights, &one->rights))
		return "rights must be full or view";
	if (!parse_scrypt(hash, one))
		return "bad password hash";
	return next_word(&line).len ? "something follows the hash" : NULL;
}

static const char *parse_vnc(struct auth_users *u, struct word line)
{
	struct word rights = next_word(&line), secret = next_word(&line);
	uint8_t obfuscated[8];
	enum auth_rights r;

	if (!parse_rights(rights, &r))
		return "rights must be full or view";
	if (!parse_hex(secret, obfuscated, sizeof obfuscated) || next_word(&line).len)
		return "a VncAuth password is 16 hexadecimal digits";
	if (auth_vncpasswd_reveal(r == AUTH_FULL ? u->vnc.full : u->vnc.view, obfuscated))
		return "DES is not available";
	*(r == AUTH_FULL ? &u->vnc.has_full : &u->vnc.has_view) = true;
	return NULL;
}

static const char *parse_line(struct auth_users *u, struct word line)
{
	struct word kind = next_word(&line);

	if (kind.len == 0 || kind.at[0] == '#')
		return NULL;
	if (is(kind, "user"))
		return parse_user(u, line);
	if (is(kind, "vnc"))
		return parse_vnc(u, line);
	return "lines begin with user, vnc or #";
}

int auth_users_parse(struct auth_users *u, const char *text, size_t n, unsigned *line, const char **reason)
{
	auth_users_clear(u);
	*reason = NULL;
	for (*line = 1; n > 0; ++*line) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;

		*reason = parse_line(u, (struct word){ text, len && text[len - 1] == '\r' ? len - 1 : len });
		if (*reason) {
			auth_users_clear(u);
			return -1;
		}
		text += len + (end != NULL);
		n -= len + (end != NULL);
	}
	return 0;
}

/* --- files ------------------------------------------------------------------------------------- */

static int read_all(int fd, struct wire_buf *out)
{
	for (;;) {
		uint8_t *room = wire_buf_room(out, 4096);
		ssize_t got;

		if (!room) {
			errno = EFBIG;
			return -1;
		}
		got = read(fd, room, 4096);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0)
			out->len += (size_t)got;
	}
}

int auth_users_load(struct auth_users *u, const char *path, unsigned *line, const char **reason)
{
	struct wire_buf text = { .max = AUTH_USERS_FILE_MAX };
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1, saved;
	struct stat st;

	*line = 0;
	*reason = NULL;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		goto out;
	if (st.st_mode & 07) {
		*reason = "readable or writable by everybody";
		errno = EPERM;
		goto out;
	}
	if (read_all(fd, &text))
		goto out;
	result = auth_users_parse(u, (const char *)text.data, text.len, line, reason);
	if (result)
		errno = EINVAL;
out:
	saved = errno;
	close(fd);
	if (text.data)
		auth_wipe(text.data, text.len);
	wire_buf_fini(&text);
	errno = saved;
	return result;
}

static void print_hex(FILE *f, const uint8_t *bytes, size_t n)
{
	while (n-- > 0)
		fprintf(f, "%02x", *bytes++);
}

static void print_vnc(FILE *f, const char *rights, const uint8_t password[8])
{
	uint8_t obfuscated[8];

	if (auth_vncpasswd_obfuscate(obfuscated, password))
		return;
	fprintf(f, "vnc %s ", rights);
	print_hex(f, obfuscated, sizeof obfuscated);
	fputc('\n', f);
}

static void print_all(FILE *f, const struct auth_users *u)
{
	fputs("# Passwords of rfbd; change them with rfbd --passwd.\n", f);
	for (unsigned i = 0; i < u->n; i++) {
		const struct user *one = &u->users[i];

		fprintf(f, "user %s %s scrypt:%u:%u:%u:", one->name, one->rights == AUTH_FULL ? "full" : "view",
			one->log2n, one->r, one->p);
		print_hex(f, one->salt, SALT_LEN);
		fputc(':', f);
		print_hex(f, one->hash, HASH_LEN);
		fputc('\n', f);
	}
	if (u->vnc.has_full)
		print_vnc(f, "full", u->vnc.full);
	if (u->vnc.has_view)
		print_vnc(f, "view", u->vnc.view);
}

/* To a new file beside it, made 0600 by mkostemp, then renamed over it. */
int auth_users_save(const struct auth_users *u, const char *path)
{
	size_t len = strlen(path) + 8;
	char *temporary = malloc(len);
	FILE *f = NULL;
	int fd = -1, saved;

	if (!temporary)
		return -1;
	snprintf(temporary, len, "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		goto fail;
	f = fdopen(fd, "w");
	if (!f) {
		saved = errno;
		close(fd);
		errno = saved;
		goto fail_unlink;
	}
	print_all(f, u);
	if (fflush(f) || fsync(fd)) {
		saved = errno;
		fclose(f);
		errno = saved;
		goto fail_unlink;
	}
	if (fclose(f) || rename(temporary, path))
		goto fail_unlink;
	free(temporary);
	return 0;
fail_unlink:
	saved = errno;
	unlink(temporary);
	errno = saved;
fail:
	free(temporary);
	return -1;
}
