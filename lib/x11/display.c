/* The connection: opening it without Xlib's own words on stderr, finding its cookie, and outliving X errors and the server's
 * end. Xlib's error handlers are process-wide, hence the only static state of the library: a counter of errors. */
#include "x11/display.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "x11/auth.h"
#include "x11/name.h"

static unsigned errors;

unsigned x11_display_errors(void)
{
	return errors;
}

static int on_error(Display *dpy, XErrorEvent *e)
{
	(void)dpy;
	(void)e;
	errors++;
	return 0;
}

static int on_io_error(Display *dpy)
{
	(void)dpy;
	errors++;
	return 0;
}

static void on_io_exit(Display *dpy, void *lost)
{
	x11_lose(lost, "display %s went away", DisplayString(dpy));
}

void x11_lose(struct x11_lost *lost, const char *fmt, ...)
{
	va_list ap;

	if (lost->why[0])
		return;
	va_start(ap, fmt);
	vsnprintf(lost->why, sizeof lost->why, fmt, ap);
	va_end(ap);
}

struct attempt {
	const char *name;
	char said[240];
	Display *dpy;
};

/* What Xlib said, as one line without its end. */
static void read_words(int fd, char *said, size_t size)
{
	const ssize_t n = pread(fd, said, size - 1, 0);

	said[n > 0 ? n : 0] = 0;
	said[strcspn(said, "\r\n")] = 0;
}

/* XOpenDisplay, which writes the reason of a refusal to stderr: kept instead. */
static bool attempt(void *arg)
{
	struct attempt *a = arg;
	int words = memfd_create("words", MFD_CLOEXEC), saved = -1;

	if (words >= 0 && (saved = dup(STDERR_FILENO)) >= 0)
		dup2(words, STDERR_FILENO);
	a->dpy = XOpenDisplay(a->name);
	if (saved >= 0) {
		dup2(saved, STDERR_FILENO);
		close(saved);
		read_words(words, a->said, sizeof a->said);
	}
	if (words >= 0)
		close(words);
	return a->dpy != NULL;
}

/* Whether the display is there, but has fewer screens. Its cookie has been found by now. */
static bool lacks_screen(const char *name, char *why, size_t size)
{
	char rest[256];
	int screen;
	struct attempt a = { .name = rest };

	if (!x11_name_screen(name, rest, sizeof rest, &screen) || !attempt(&a))
		return false;
	XCloseDisplay(a.dpy);
	snprintf(why, size, "display %s has no screen %d", rest, screen);
	return true;
}

Display *x11_display_open(const char *name, const char *auth, struct x11_lost *lost, bool *is_there, char *why, size_t size)
{
	struct attempt a = { .name = name };

	XSetErrorHandler(on_error);
	XSetIOErrorHandler(on_io_error);
	*is_there = x11_auth_open(name, auth, attempt, &a);
	if (*is_there) {
		XSetIOErrorExitHandler(a.dpy, on_io_exit, lost);
		return a.dpy;
	}
	*is_there = !a.said[0] && lacks_screen(name, why, size);
	if (!*is_there)
		snprintf(why, size, "display %s: %s", name, a.said[0] ? a.said : x11_name_why(name, a.said, sizeof a.said));
	return NULL;
}
