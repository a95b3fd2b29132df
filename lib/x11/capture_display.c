/* The connection: opening it without Xlib's own words on stderr, finding its cookie, and
 * outliving X errors and the server's end. Xlib's error handlers are process-wide, hence the
 * only static state of the library: a counter of errors. */
#include "x11/auth.h"
#include "x11/capture_state.h"
#include "x11/name.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned errors;

unsigned capture_errors(void)
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

static void on_io_exit(Display *dpy, void *arg)
{
	struct x11_capture *c = arg;

	(void)dpy;
	capture_lose(c, "display %s went away", c->display);
}

void capture_lose(struct x11_capture *c, const char *fmt, ...)
{
	va_list ap;

	if (c->lost[0])
		return;
	va_start(ap, fmt);
	vsnprintf(c->lost, sizeof c->lost, fmt, ap);
	va_end(ap);
}

/* Reads back what the X libraries said, as one line without its end. */
static void read_words(int fd, char *said, size_t size)
{
	ssize_t n = pread(fd, said, size - 1, 0);

	said[n > 0 ? n : 0] = 0;
	said[strcspn(said, "\r\n")] = 0;
}

/* XOpenDisplay, which writes the reason of a refusal to stderr: kept in `said` instead. */
static Display *open_quietly(const char *display, char *said, size_t size)
{
	int words = memfd_create("words", MFD_CLOEXEC), saved = -1;
	Display *dpy;

	said[0] = 0;
	if (words >= 0 && (saved = dup(STDERR_FILENO)) >= 0)
		dup2(words, STDERR_FILENO);
	dpy = XOpenDisplay(display);
	if (saved >= 0) {
		dup2(saved, STDERR_FILENO);
		close(saved);
		read_words(words, said, size);
	}
	if (words >= 0)
		close(words);
	return dpy;
}

struct attempt {
	const char *display;
	char *said;
	size_t size;
	Display *dpy;
};

static bool attempt(void *arg)
{
	struct attempt *a = arg;

	a->dpy = open_quietly(a->display, a->said, a->size);
	return a->dpy != NULL;
}

/* Whether the display is there, but has fewer screens. Its cookie has been found by now. */
static bool no_such_screen(struct attempt *a, char *why, size_t size)
{
	char rest[256], said[240];
	int screen;
	Display *dpy;

	if (!x11_name_screen(a->display, rest, sizeof rest, &screen) || !(dpy = open_quietly(rest, said, sizeof said)))
		return false;
	XCloseDisplay(dpy);
	snprintf(why, size, "display %s has no screen %d", rest, screen);
	return true;
}

enum x11_open capture_display_open(struct x11_capture *c, char *why, size_t size)
{
	char said[240];
	struct attempt a = { c->display, said, sizeof said, NULL };

	XSetErrorHandler(on_error);
	XSetIOErrorHandler(on_io_error);
	if (!x11_auth_open(c->display, c->auth, attempt, &a)) {
		if (!said[0] && no_such_screen(&a, why, size))
			return X11_OPEN_PART;
		snprintf(why, size, "display %s: %s", c->display, said[0] ? said : x11_name_why(c->display, said, sizeof said));
		return X11_OPEN_WAIT;
	}
	c->dpy = a.dpy;
	XSetIOErrorExitHandler(c->dpy, on_io_exit, c);
	c->root = DefaultRootWindow(c->dpy);
	return X11_OPEN_OK;
}
