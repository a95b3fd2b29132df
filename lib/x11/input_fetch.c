/* The display's text for viewers: one conversion at a time, UTF8_STRING and then STRING, whole or
 * in increments. A text has an end: of time, without progress, and of size. Who waits when it
 * fails gets an empty text, and so does who wants back what a viewer of ours offered. */
#include "x11/input_state.h"

#include <X11/Xatom.h>
#include <stdlib.h>

#include "io/io.h"

static const int64_t patience_us = 10000000;

/* --- answering --------------------------------------------------------------------------------------- */

static void tell(struct x11_input *in, const struct fbs_clip_want *w, const char *text, size_t len)
{
	size_t at = 0;

	do {
		const size_t n = len - at < FBS_CLIP_PART_MAX ? len - at : FBS_CLIP_PART_MAX;
		struct fbs_record r = { .type = FBS_CLIP, .flags = at + n == len ? FBS_CLIP_LAST : 0,
			.clip = { .viewer = w->viewer, .selection = w->selection, .serial = w->serial, .offset = at,
				  .text = { text + at, (uint32_t)n } } };

		input_say(in, &r);
		at += n;
	} while (at < len);
}

static void next(struct x11_input *in);

static bool is_same(const struct fbs_clip_want *a, const struct fbs_clip_want *b)
{
	return a->selection == b->selection && a->serial == b->serial;
}

/* Everybody who waits for this offer gets it. A later one is another text, of an owner who was not asked. */
static void finish(struct x11_input *in, const char *text, size_t len)
{
	struct input_fetch *f = &in->fetch;
	const struct fbs_clip_want done = f->want[0];
	unsigned kept = 0;

	f->busy = f->incremental = false;
	for (unsigned i = 0; i < f->n_wants; i++) {
		if (is_same(&f->want[i], &done))
			tell(in, &f->want[i], text, len);
		else
			f->want[kept++] = f->want[i];
	}
	f->n_wants = kept;
	wire_buf_fini(&f->text);
	next(in);
}

static void finish_text(struct x11_input *in)
{
	struct input_fetch *f = &in->fetch;
	size_t len = 0;
	char *clean = f->text.bad ? NULL : input_text_clean(f->text.data, f->text.len, f->latin1, &len);

	finish(in, clean ? clean : "", clean ? len : 0);
	free(clean);
}

/* --- asking -------------------------------------------------------------------------------------------- */

static Atom selection_atom(const struct x11_input *in, uint32_t selection)
{
	return input_select_atom(in, selection == FBS_PRIMARY);
}

/* Where the text is to be put. Turn by turn: an owner that was given up may still write to its own. */
static Atom property(const struct x11_input *in)
{
	return in->atom.fetch[in->fetch.turn];
}

static void convert(struct x11_input *in, bool latin1)
{
	struct input_fetch *f = &in->fetch;

	f->latin1 = latin1;
	f->deadline = io_now() + patience_us;
	f->turn = (f->turn + 1) % INPUT_TURNS;
	XDeleteProperty(in->dpy, in->window, property(in));
	XConvertSelection(in->dpy, selection_atom(in, f->want[0].selection), latin1 ? XA_STRING : in->atom.utf8,
			  property(in), in->window, CurrentTime);
	XFlush(in->dpy);
}

static void next(struct x11_input *in)
{
	struct input_fetch *f = &in->fetch;
	Window owner;

	if (f->n_wants == 0 || f->busy)
		return;
	f->busy = true;
	f->incremental = false;
	f->text = (struct wire_buf){ .max = FBS_CLIP_MAX };
	owner = XGetSelectionOwner(in->dpy, selection_atom(in, f->want[0].selection));
	if (owner == None || owner == in->window)
		finish(in, "", 0);
	else
		convert(in, false);
}

/* What was wanted of an offer before this one, and not asked for yet, is not to be had any more. */
static void give_up_former(struct x11_input *in, const struct fbs_clip_want *newer)
{
	struct input_fetch *f = &in->fetch;
	unsigned kept = f->busy ? 1 : 0;

	for (unsigned i = kept; i < f->n_wants; i++) {
		if (f->want[i].selection == newer->selection && f->want[i].serial != newer->serial)
			tell(in, &f->want[i], "", 0);
		else
			f->want[kept++] = f->want[i];
	}
	f->n_wants = kept;
}

enum x11_done x11_input_want(struct x11_input *in, const struct fbs_clip_want *r)
{
	struct input_fetch *f = &in->fetch;
	enum x11_done why;

	if (in->opt.no_clipboard || !in->opt.say)
		return X11_FORBIDDEN;
	/* viewer 0 is rfbd itself, which asks for all of them */
	if (r->viewer != 0 && !input_viewer_may(in, r->viewer, FBS_RIGHT_CLIP_OUT, &why))
		return why;
	if (in->lost.why[0])
		return X11_DONE;
	give_up_former(in, r);
	if (f->n_wants == INPUT_WANTS_MAX) {
		tell(in, r, "", 0);	/* nobody waits for ever */
		return X11_TOO_MUCH;
	}
	f->want[f->n_wants++] = *r;
	next(in);
	return X11_DONE;
}

/* --- what comes ------------------------------------------------------------------------------------------ */

/* Appends the property's bytes and deletes it, which asks an owner for its next part. Returns how many
 * there were, -1 when it is INCR's announcement or nothing that we can read. */
static long take(struct x11_input *in)
{
	Atom type = None;
	int format = 0;
	unsigned long n = 0, left = 0;
	unsigned char *p = NULL;
	long taken = -1;

	if (XGetWindowProperty(in->dpy, in->window, property(in), 0, FBS_CLIP_MAX / 4, True, AnyPropertyType, &type,
			       &format, &n, &left, &p) != Success)
		return -1;
	if (type == in->atom.incr) {
		in->fetch.incremental = true;
	} else if (format == 8) {
		if (left)
			in->fetch.text.bad = true;
		wire_put(&in->fetch.text, p, n);
		taken = (long)n;
	}
	if (p)
		XFree(p);
	return taken;
}

static void on_notify(struct x11_input *in, const XSelectionEvent *e)
{
	struct input_fetch *f = &in->fetch;

	if (!f->busy || f->incremental || e->selection != selection_atom(in, f->want[0].selection) ||
	    (e->property != None && e->property != property(in)))
		return;
	if (e->property == None && !f->latin1)
		convert(in, true);
	else if (e->property == None || (take(in) < 0 && !f->incremental))
		finish(in, "", 0);
	else if (!f->incremental)
		finish_text(in);
}

bool input_fetch_event(struct x11_input *in, const XEvent *e)
{
	struct input_fetch *f = &in->fetch;

	if (e->type == SelectionNotify) {
		on_notify(in, &e->xselection);
		return true;
	}
	if (e->type != PropertyNotify || e->xproperty.window != in->window)
		return false;
	if (f->busy && f->incremental && e->xproperty.atom == property(in) && e->xproperty.state == PropertyNewValue) {
		const long n = take(in);

		f->deadline = io_now() + patience_us;
		if (n <= 0 || f->text.bad)
			finish_text(in);
	}
	return true;
}

int64_t input_fetch_due(const struct x11_input *in)
{
	return in->fetch.busy ? in->fetch.deadline : IO_FOREVER;
}

void input_fetch_run(struct x11_input *in)
{
	if (in->fetch.busy && in->fetch.deadline <= io_now())
		finish(in, "", 0);
}
