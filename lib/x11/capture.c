/* Opens and closes a capture, and turns the display's events into news. */
#include "x11/capture_state.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/io.h"

static bool copy_strings(struct x11_capture *c, const struct x11_capture_options *o)
{
	const char *display = XDisplayName(o->display);

	c->opt = *o;
	c->display = strdup(display);
	c->auth = o->auth ? strdup(o->auth) : NULL;
	c->part_name = strdup(o->part_name ? o->part_name : "");
	return c->display && c->part_name && (c->auth || !o->auth);
}

/* "host:99 (user)"; a display's own host if it names one. */
static void make_name(struct x11_capture *c)
{
	const char *colon = strrchr(c->display, ':');
	const struct passwd *p = getpwuid(geteuid());
	char host[65] = "localhost";

	gethostname(host, sizeof host - 1);
	if (colon && colon != c->display && c->display[0] != '/' && strncmp(c->display, "unix:", 5) != 0)
		snprintf(c->name, sizeof c->name, "%.128s (%.64s)", c->display, p ? p->pw_name : "?");
	else
		snprintf(c->name, sizeof c->name, "%s%.32s (%.64s)", host, colon ? colon : "", p ? p->pw_name : "?");
	/* what was not UTF-8 would spoil the stream */
	for (char *s = c->name; *s; s++)
		if ((unsigned char)*s >= 0x80 || (unsigned char)*s < 0x20)
			*s = '?';
}

static enum x11_open set_up(struct x11_capture *c, char *why, size_t size)
{
	int error, major = 5, minor = 0;

	c->root = DefaultRootWindow(c->dpy);
	c->have_fixes = XFixesQueryExtension(c->dpy, &c->fixes_event, &error) &&
			XFixesQueryVersion(c->dpy, &major, &minor) && major >= 2;
	c->probe.due_us = IO_FOREVER;
	if (!capture_screen_init(c, why, size))
		return c->lost.why[0] ? X11_OPEN_WAIT : c->opt.part != X11_PART_ALL ? X11_OPEN_PART : X11_OPEN_BAD;
	if (!capture_format_init(c, why, size))
		return c->lost.why[0] ? X11_OPEN_WAIT : X11_OPEN_BAD;
	capture_memory_init(c);
	capture_damage_init(c);
	if (!c->damage.have)
		capture_hash_start(c);
	capture_keys_init(c);
	capture_cursor_init(c);
	capture_select_init(c);
	make_name(c);
	XSync(c->dpy, False);
	c->news |= X11_NEWS_SCREEN | X11_NEWS_NAME | X11_NEWS_LEDS | X11_NEWS_PIXELS;
	if (!c->opt.no_cursor)
		c->news |= X11_NEWS_CURSOR | X11_NEWS_POINTER;
	if (c->lost.why[0])
		snprintf(why, size, "%s", c->lost.why);
	return c->lost.why[0] ? X11_OPEN_WAIT : X11_OPEN_OK;
}

enum x11_open x11_capture_open(struct x11_capture **out, const struct x11_capture_options *o,
			       char *why, size_t size)
{
	struct x11_capture *c = calloc(1, sizeof *c);
	enum x11_open r;
	bool is_there;

	*out = NULL;
	if (!c || !copy_strings(c, o)) {
		snprintf(why, size, "no memory");
		x11_capture_free(c);
		return X11_OPEN_BAD;
	}
	c->pixels.raw.shmid = c->pixels.out.shmid = -1;
	c->dpy = x11_display_open(c->display, c->auth, &c->lost, &is_there, why, size);
	r = c->dpy ? set_up(c, why, size) : is_there ? X11_OPEN_PART : X11_OPEN_WAIT;
	if (r == X11_OPEN_OK)
		*out = c;
	else
		x11_capture_free(c);
	return r;
}

void x11_capture_free(struct x11_capture *c)
{
	if (!c)
		return;
	capture_select_fini(c);
	capture_cursor_fini(c);
	capture_hash_fini(c);
	if (c->dpy) {
		capture_memory_fini(c);
		XCloseDisplay(c->dpy);
	}
	free(c->display);
	free(c->auth);
	free(c->part_name);
	free(c);
}

int x11_capture_fd(const struct x11_capture *c)
{
	return ConnectionNumber(c->dpy);
}

const char *x11_capture_display(const struct x11_capture *c)
{
	return c->display;
}

bool x11_capture_lost(const struct x11_capture *c, const char **why)
{
	if (why)
		*why = c->lost.why;
	return c->lost.why[0] != 0;
}

const char *x11_capture_method(const struct x11_capture *c)
{
	struct x11_capture *m = (struct x11_capture *)(uintptr_t)c;

	snprintf(m->method, sizeof m->method, "%s, %s%s", c->pixels.use_shm ? "MIT-SHM" : "GetImage",
		 c->damage.have ? "XDamage" : "hashed tiles", c->pixels.format.direct ? "" : ", converted");
	return m->method;
}

void x11_capture_name(struct x11_capture *c, struct fbs_text *out)
{
	c->news &= ~(unsigned)X11_NEWS_NAME;
	*out = (struct fbs_text){ c->name, (uint32_t)strlen(c->name) };
}

static void on_event(struct x11_capture *c, XEvent *e)
{
	if (c->damage.have && e->type == c->damage.event + XDamageNotify) {
		c->damage.ready = true;
		c->damage.serial++;
		c->news |= X11_NEWS_PIXELS;
		capture_probe_damage(c);
	} else if (c->have_fixes && e->type == c->fixes_event + XFixesCursorNotify) {
		if (c->cursor.have)
			c->news |= X11_NEWS_CURSOR;
	} else if (!capture_keys_event(c, e) && !capture_select_event(c, e)) {
		capture_screen_event(c, e);
	}
}

unsigned x11_capture_news(struct x11_capture *c)
{
	/* XPending also sends what is buffered, and notices the server's end */
	while (!c->lost.why[0] && XPending(c->dpy) > 0) {
		XEvent e;

		XNextEvent(c->dpy, &e);
		if (!c->lost.why[0])
			on_event(c, &e);
	}
	if (c->lost.why[0])
		return 0;
	if (c->screen.dirty)
		capture_screen_refresh(c);
	capture_probe_turn(c);
	capture_select_turn(c);
	if (!c->damage.have && !c->parked && io_now() >= c->hash.due_us)
		c->news |= X11_NEWS_PIXELS;
	return c->lost.why[0] ? 0 : c->news;
}

unsigned x11_capture_pending(const struct x11_capture *c)
{
	return c->lost.why[0] ? 0 : c->news;
}

int64_t x11_capture_due(const struct x11_capture *c)
{
	const int64_t look = c->damage.have ? c->probe.due_us : c->hash.due_us, tell = capture_select_due(c);

	if (c->parked)
		return IO_FOREVER;
	/* events that Xlib read while it waited for an answer do not make the descriptor readable */
	if (!c->lost.why[0] && XEventsQueued(c->dpy, QueuedAlready) > 0)
		return 0;
	return look < tell ? look : tell;
}

void x11_capture_park(struct x11_capture *c, bool parked)
{
	if (c->parked == parked || c->lost.why[0])
		return;
	c->parked = parked;
	capture_cursor_listen(c, !parked);
	capture_keys_listen(c, !parked);
	if (!parked && !c->damage.have)
		capture_hash_activity(c);
	XFlush(c->dpy);
}
