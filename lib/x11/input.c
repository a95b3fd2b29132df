/* Opening, closing, and who has joined. */
#include "x11/input.h"

#include <X11/Xatom.h>
#include <X11/extensions/XTest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"
#include "x11/input_state.h"

/* --- viewers -------------------------------------------------------------------------------- */

struct input_viewer *input_viewer_find(struct x11_input *in, uint32_t id)
{
	for (unsigned i = 0; i < in->n_viewers; i++)
		if (in->viewers[i].id == id)
			return &in->viewers[i];
	return NULL;
}

struct input_viewer *input_viewer_may(struct x11_input *in, uint32_t id, uint32_t right, enum x11_done *why)
{
	struct input_viewer *v = input_viewer_find(in, id);

	*why = !v ? X11_STRANGER : v->rights & right ? X11_DONE : X11_FORBIDDEN;
	return *why == X11_DONE && !in->lost.why[0] ? v : NULL;
}

static struct input_viewer *new_viewer(struct x11_input *in)
{
	if (in->n_viewers == INPUT_VIEWERS_MAX)
		return NULL;
	if (in->n_viewers == in->cap_viewers) {
		const unsigned cap = in->cap_viewers ? in->cap_viewers * 2 : 8;
		struct input_viewer *more = realloc(in->viewers, cap * sizeof *more);

		if (!more)
			return NULL;
		in->viewers = more;
		in->cap_viewers = cap;
	}
	memset(&in->viewers[in->n_viewers], 0, sizeof *in->viewers);
	return &in->viewers[in->n_viewers++];
}

static void release(struct x11_input *in, struct input_viewer *v)
{
	input_keys_release(in, v);
	input_pointer_release(in, v);
}

enum x11_done x11_input_join(struct x11_input *in, const struct fbs_join *r)
{
	struct input_viewer *v = input_viewer_find(in, r->viewer);

	if (!v && !(v = new_viewer(in)))
		return X11_STRANGER;
	if (!in->lost.why[0] && !(r->rights & FBS_RIGHT_INPUT))
		release(in, v);
	v->id = r->viewer;
	v->rights = r->rights;
	return X11_DONE;
}

enum x11_done x11_input_leave(struct x11_input *in, uint32_t viewer)
{
	struct input_viewer *v = input_viewer_find(in, viewer);

	if (!v)
		return X11_STRANGER;
	if (!in->lost.why[0]) {
		release(in, v);
		input_select_left(in, viewer);
	}
	*v = in->viewers[--in->n_viewers];
	if (in->n_viewers == 0 && !in->lost.why[0])
		input_resize_restore(in);
	return X11_DONE;
}

/* --- opening ----------------------------------------------------------------------------------- */

static enum x11_input_open refuse(char *why, size_t size, const char *display, const char *lacks)
{
	snprintf(why, size, "display %s has no %s: nothing can be typed there", display, lacks);
	return X11_INPUT_BAD;
}

static void intern(struct x11_input *in)
{
	static const struct { const char *name; size_t at; } names[] = {
		{ "CLIPBOARD", offsetof(struct input_atoms, clipboard) },
		{ "TARGETS", offsetof(struct input_atoms, targets) },
		{ "MULTIPLE", offsetof(struct input_atoms, multiple) },
		{ "TIMESTAMP", offsetof(struct input_atoms, timestamp) },
		{ "UTF8_STRING", offsetof(struct input_atoms, utf8) },
		{ "TEXT", offsetof(struct input_atoms, text) },
		{ "text/plain", offsetof(struct input_atoms, plain) },
		{ "text/plain;charset=utf-8", offsetof(struct input_atoms, plain_utf8) },
		{ "INCR", offsetof(struct input_atoms, incr) },
		{ "ATOM_PAIR", offsetof(struct input_atoms, pair) },
		{ "_RFBKIT_INPUT", offsetof(struct input_atoms, mark) },
		{ "_RFBKIT_TIME", offsetof(struct input_atoms, time) },
		{ "_RFBKIT_FETCH", offsetof(struct input_atoms, fetch[0]) },
		{ "_RFBKIT_FETCH_1", offsetof(struct input_atoms, fetch[1]) },
		{ "_RFBKIT_FETCH_2", offsetof(struct input_atoms, fetch[2]) },
		{ "_RFBKIT_FETCH_3", offsetof(struct input_atoms, fetch[3]) },
	};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		*(Atom *)((char *)&in->atom + names[i].at) = XInternAtom(in->dpy, names[i].name, False);
}

/* The window that owns selections, known to fbgrab by its mark. */
static void make_window(struct x11_input *in)
{
	const long one = 1;

	in->window = XCreateSimpleWindow(in->dpy, in->root, -10, -10, 1, 1, 0, 0, 0);
	XChangeProperty(in->dpy, in->window, in->atom.mark, XA_CARDINAL, 32, PropModeReplace, (const unsigned char *)&one, 1);
	XStoreName(in->dpy, in->window, "fbinput");
	XSelectInput(in->dpy, in->window, PropertyChangeMask);
}

static enum x11_input_open start(struct x11_input *in, char *why, size_t size)
{
	int event, error, major = XkbMajorVersion, minor = XkbMinorVersion, opcode;

	if (!XTestQueryExtension(in->dpy, &event, &error, &major, &minor))
		return refuse(why, size, in->display, "XTEST");
	major = XkbMajorVersion;
	minor = XkbMinorVersion;
	if (!XkbQueryExtension(in->dpy, &opcode, &in->xkb_event, &error, &major, &minor))
		return refuse(why, size, in->display, "XKB");
	in->screen = DefaultScreen(in->dpy);
	in->root = DefaultRootWindow(in->dpy);
	/* somebody's server grab, a menu or a locked screen, must not hold our events back */
	XTestGrabControl(in->dpy, True);
	XkbSelectEvents(in->dpy, XkbUseCoreKbd, XkbMapNotifyMask | XkbNewKeyboardNotifyMask,
			XkbMapNotifyMask | XkbNewKeyboardNotifyMask);
	intern(in);
	make_window(in);
	if (!input_map_refresh(in))
		return refuse(why, size, in->display, "keyboard");
	input_pointer_refresh(in);
	input_heir_inherit(in);
	input_select_init(in);
	input_resize_init(in);
	XSync(in->dpy, False);
	return X11_INPUT_OK;
}

enum x11_input_open x11_input_open(struct x11_input **out, const struct x11_input_options *o, char *why, size_t size)
{
	struct x11_input *in = calloc(1, sizeof *in);
	enum x11_input_open rc;
	bool is_there;

	*out = NULL;
	if (!in) {
		snprintf(why, size, "no memory");
		return X11_INPUT_BAD;
	}
	in->opt = *o;
	snprintf(in->display, sizeof in->display, "%s", XDisplayName(o->display));
	in->dpy = x11_display_open(in->display, o->auth, &in->lost, &is_there, why, size);
	rc = in->dpy ? start(in, why, size) : is_there ? X11_INPUT_NO_SCREEN : X11_INPUT_WAIT;
	if (rc == X11_INPUT_OK && in->lost.why[0]) {
		snprintf(why, size, "%s", in->lost.why);
		rc = X11_INPUT_WAIT;
	}
	if (rc == X11_INPUT_OK)
		*out = in;
	else
		x11_input_free(in);
	return rc;
}

static void undo(struct x11_input *in)
{
	while (in->n_viewers)
		x11_input_leave(in, in->viewers[0].id);
	input_mods_settle(in, true);
	input_repeat_run(in);
	input_scratch_restore(in);
	input_resize_restore(in);
	input_heir_done(in);
	XSync(in->dpy, False);
}

void x11_input_free(struct x11_input *in)
{
	if (!in)
		return;
	if (in->window && !in->lost.why[0])
		undo(in);
	input_select_fini(in);
	wire_buf_fini(&in->fetch.text);
	free(in->resize.former);
	input_map_fini(in);
	/* closing a connection that broke would end the process */
	if (in->dpy && !in->lost.why[0])
		XCloseDisplay(in->dpy);
	free(in->viewers);
	free(in);
}

/* --- events --------------------------------------------------------------------------------------- */

static void on_event(struct x11_input *in, XEvent *e)
{
	if (e->type == in->xkb_event) {
		in->map.stale = true;
	} else if (e->type == MappingNotify) {
		XRefreshKeyboardMapping(&e->xmapping);
		if (e->xmapping.request == MappingPointer)
			input_pointer_refresh(in);
		else
			in->map.stale = true;
	} else if (!input_resize_event(in, e) && !input_fetch_event(in, e) && !input_serve_event(in, e)) {
		input_select_event(in, e);
	}
}

void x11_input_events(struct x11_input *in)
{
	XEvent e;

	while (!in->lost.why[0] && XPending(in->dpy) > 0) {
		XNextEvent(in->dpy, &e);
		on_event(in, &e);
	}
	if (in->lost.why[0])
		return;
	input_repeat_run(in);
	input_select_run(in);
	input_serve_run(in);
	input_fetch_run(in);
	XFlush(in->dpy);
}

int64_t x11_input_due(const struct x11_input *in)
{
	const int64_t due[] = { input_repeat_due(in), input_select_due(in), input_serve_due(in), input_fetch_due(in),
				in->scratch_due ? in->scratch_due : IO_FOREVER };
	int64_t first = IO_FOREVER;

	/* events that Xlib read while it waited for an answer do not make the descriptor readable */
	if (!in->lost.why[0] && XEventsQueued(in->dpy, QueuedAlready) > 0)
		return 0;
	for (unsigned i = 0; i < sizeof due / sizeof *due; i++)
		first = due[i] < first ? due[i] : first;
	return first;
}

/* --- facts ------------------------------------------------------------------------------------------ */

void input_say(struct x11_input *in, const struct fbs_record *r)
{
	if (in->opt.say)
		in->opt.say(in->opt.arg, r);
}

int x11_input_fd(const struct x11_input *in)
{
	return ConnectionNumber(in->dpy);
}

const char *x11_input_display(const struct x11_input *in)
{
	return in->display;
}

uint32_t x11_input_abilities(const struct x11_input *in)
{
	return (in->opt.no_clipboard ? 0 : FBS_HELLO_CLIP) | (in->resize.possible ? FBS_HELLO_RESIZE : 0);
}

bool x11_input_lost(const struct x11_input *in, const char **why)
{
	if (why)
		*why = in->lost.why;
	return in->lost.why[0] != 0;
}
