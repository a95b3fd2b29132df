/* The connection: opening it without Xlib's own words on stderr, and outliving X errors and the
 * server's end. Xlib's error handlers are process-wide, hence the only static state: a counter. */
#include "x11/auth.h"
#include "x11/input_state.h"
#include "x11/name.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned errors;

unsigned input_display_errors(void)
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
	struct x11_input *in = arg;

	(void)dpy;
	if (!in->lost[0])
		snprintf(in->lost, sizeof in->lost, "display %s went away", in->display);
}

/* XOpenDisplay, which writes the reason of a refusal to stderr: kept in `said` instead. */
static Display *open_quietly(const char *name, char *said, size_t size)
{
	int words = memfd_create("words", MFD_CLOEXEC), saved = -1;
	Display *dpy;
	ssize_t n = 0;

	if (words >= 0 && (saved = dup(STDERR_FILENO)) >= 0)
		dup2(words, STDERR_FILENO);
	dpy = XOpenDisplay(name);
	if (saved >= 0) {
		dup2(saved, STDERR_FILENO);
		close(saved);
		n = pread(words, said, size - 1, 0);
	}
	said[n > 0 ? n : 0] = 0;
	said[strcspn(said, "\r\n")] = 0;
	if (words >= 0)
		close(words);
	return dpy;
}

struct attempt {
	const char *display;
	char said[240];
	Display *dpy;
};

static bool attempt(void *arg)
{
	struct attempt *a = arg;

	a->dpy = open_quietly(a->display, a->said, sizeof a->said);
	return a->dpy != NULL;
}

Display *input_display_open(struct x11_input *in, const char *name, const char *auth, char *why, size_t size)
{
	struct attempt a = { .display = name };

	XSetErrorHandler(on_error);
	XSetIOErrorHandler(on_io_error);
	snprintf(in->display, sizeof in->display, "%s", XDisplayName(name));
	if (!x11_auth_open(in->display, auth, attempt, &a)) {
		snprintf(why, size, "display %s: %s", in->display, a.said[0] ? a.said : x11_name_why(in->display, a.said, sizeof a.said));
		return NULL;
	}
	XSetIOErrorExitHandler(a.dpy, on_io_exit, in);
	return a.dpy;
}
