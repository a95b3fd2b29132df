/* The password file's editor. */
#include "passwd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "auth/random.h"
#include "auth/users.h"
#include "cli/cli.h"

enum { LINE = 260 };

/* One line without its LF. False at the end of file. */
static bool read_line(char line[LINE])
{
	if (!fgets(line, LINE, stdin))
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

/* Asks at the terminal without an echo. */
static bool ask(const char *prompt, char line[LINE])
{
	struct termios was, quiet;
	if (tcgetattr(STDIN_FILENO, &was) < 0)
		return read_line(line);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	fputs(prompt, stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	const bool ok = read_line(line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	fputc('\n', stderr);
	return ok;
}

static void ask_password(char password[LINE])
{
	char again[LINE] = "";
	if (!ask("Password: ", password) || !password[0])
		cli_die(CLI_NO, "no password was given: nothing was changed");
	if (isatty(STDIN_FILENO) && (!ask("Again: ", again) || strcmp(password, again) != 0))
		cli_die(CLI_NO, "the two differ: nothing was changed");
	auth_wipe(again, sizeof again);
}

static void store(struct auth_users *u, const char *user, const char *password, enum auth_rights rights)
{
	if (user && auth_users_set(u, user, password, rights) < 0)
		cli_die(CLI_NO, "`%s' cannot be a user's name: no blanks, no control characters", user);
	if (!user && auth_users_set_vnc(u, password, rights) < 0)
		cli_die(CLI_NO, "VncAuth knows only 8 characters: a longer password would not be safer, and is refused");
}

int passwd_run(const char *path, const char *user, bool view_only)
{
	struct auth_users *u = auth_users_new();
	char password[LINE] = "";
	unsigned line = 0;
	const char *reason = "";
	const struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	if (!u)
		cli_die_errno("cannot start");
	if (auth_users_load(u, path, &line, &reason) < 0 && errno != ENOENT) {
		if (errno == EINVAL)
			cli_die(CLI_NO, "%s: line %u: %s", path, line, reason);
		cli_die_errno("%s", path);
	}
	ask_password(password);
	store(u, user, password, view_only ? AUTH_VIEW : AUTH_FULL);
	auth_wipe(password, sizeof password);
	if (auth_users_save(u, path) < 0)
		cli_die_errno("cannot write %s", path);
	cli_log(CLI_INFO, "%s: %s%s may %s", path, user ? "user " : "whoever knows the VncAuth password", user ? user : "",
		view_only ? "watch" : "watch and control");
	auth_users_free(u);
	return CLI_OK;
}
