/* Where a display's cookie may be when $XAUTHORITY does not say, also for root at a login screen:
 * what a running X server was given with -auth, then the places of the usual display managers. */
#include "x11/auth.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 8192 };

static const char *const usual[] = {
	"/run/user/*/gdm/Xauthority",
	"/run/user/*/.mutter-Xwaylandauth.*",
	"/run/user/*/xauth_*",
	"/run/lightdm/root/:*",
	"/var/run/lightdm/root/:*",
	"/run/lightdm/*/xauthority",
	"/run/sddm/*",
	"/var/run/sddm/*",
	"/var/lib/gdm3/.local/share/xorg/Xauthority",
	"/var/lib/xdm/authdir/authfiles/*",
	"/run/slim.auth",
	"/tmp/.gdm*",
	"/home/*/.Xauthority",
	"/root/.Xauthority",
};

/* ":7" of "host:7.0" and the like, without the screen. */
static void number_of(const char *display, char *out, size_t size)
{
	const char *colon = strrchr(display, ':');

	snprintf(out, size, "%.*s", colon ? 1 + (int)strspn(colon + 1, "0123456789") : 0, colon ? colon : "");
}

/* The NUL-separated arguments of a process; n of them in bytes, ended by two NULs. */
static size_t read_arguments(const char *pid, char *out)
{
	char path[64];
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, out, ARGUMENTS_MAX - 2);
	close(fd);
	if (n < 0)
		n = 0;
	out[n] = out[n + 1] = 0;
	return (size_t)n;
}

static bool is_server(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	return name[0] == 'X' || strstr(name, "vnc") != NULL;
}

/* The -auth argument of an X server for this display. One that names no display serves any: it
 * was told by other means which number to take. */
static const char *auth_argument(const char *arguments, size_t n, const char *number)
{
	const char *auth = NULL;
	bool other = false, match = false;

	if (n == 0 || !is_server(arguments))
		return NULL;
	for (const char *a = arguments; a < arguments + n; a += strlen(a) + 1) {
		const char *next = a + strlen(a) + 1;

		if (strcmp(a, "-auth") == 0 && next < arguments + n)
			auth = next;
		if (a[0] == ':' && isdigit((unsigned char)a[1])) {
			match |= strcmp(a, number) == 0;
			other = true;
		}
	}
	return !other || match ? auth : NULL;
}

static bool try_path(const char *path, bool (*use)(void *arg, const char *path), void *arg)
{
	return access(path, R_OK) == 0 && use(arg, path);
}

static bool try_servers(const char *number, bool (*use)(void *arg, const char *path), void *arg)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	char *arguments = malloc(ARGUMENTS_MAX);
	bool found = false;

	while (d && arguments && !found && (e = readdir(d))) {
		const char *auth = NULL;

		if (isdigit((unsigned char)e->d_name[0]))
			auth = auth_argument(arguments, read_arguments(e->d_name, arguments), number);
		found = auth && try_path(auth, use, arg);
	}
	free(arguments);
	if (d)
		closedir(d);
	return found;
}

static bool try_pattern(const char *pattern, bool (*use)(void *arg, const char *path), void *arg)
{
	glob_t g;
	bool found = false;

	if (glob(pattern, GLOB_NOSORT, NULL, &g) != 0)
		return false;
	for (size_t i = 0; i < g.gl_pathc && !found; i++)
		found = try_path(g.gl_pathv[i], use, arg);
	globfree(&g);
	return found;
}

static bool try_home(bool (*use)(void *arg, const char *path), void *arg)
{
	const char *home = getenv("HOME");
	const struct passwd *p = home && *home ? NULL : getpwuid(geteuid());
	char path[PATH_MAX];

	if (p)
		home = p->pw_dir;
	if (!home || (size_t)snprintf(path, sizeof path, "%s/.Xauthority", home) >= sizeof path)
		return false;
	return try_path(path, use, arg);
}

bool x11_auth_guess(const char *display, bool (*use)(void *arg, const char *path), void *arg)
{
	char number[32];

	number_of(display, number, sizeof number);
	if (try_servers(number, use, arg) || try_home(use, arg))
		return true;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (try_pattern(usual[i], use, arg))
			return true;
	return false;
}

struct attempt {
	bool (*try_open)(void *arg);
	void *arg;
};

static bool try_cookie(void *arg, const char *path)
{
	const struct attempt *a = arg;

	setenv("XAUTHORITY", path, 1);
	return a->try_open(a->arg);
}

bool x11_auth_open(const char *display, const char *auth, bool (*try_open)(void *arg), void *arg)
{
	const bool guess = auth && strcmp(auth, "guess") == 0;
	const char *env = getenv("XAUTHORITY");
	char *before = guess && env ? strdup(env) : NULL;
	struct attempt a = { try_open, arg };
	bool opened;

	if (auth && !guess)
		setenv("XAUTHORITY", auth, 1);
	opened = try_open(arg) || (guess && x11_auth_guess(display, try_cookie, &a));
	if (!opened && guess && before)
		setenv("XAUTHORITY", before, 1);
	else if (!opened && guess)
		unsetenv("XAUTHORITY");
	free(before);
	return opened;
}
