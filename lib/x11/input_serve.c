/* Answering who pastes: the targets of ICCCM, whole or in increments (INCR), several at once
 * (MULTIPLE). Requestors are strangers: what they do wrong costs them their answer, nothing else. */
#include "x11/input_state.h"

#include <X11/Xatom.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"

enum { CHUNK = 256 * 1024, PAIRS_MAX = 32 };
static const int64_t patience_us = 30000000;

bool input_serve_needs_no_text(struct x11_input *in, Atom target)
{
	return target == in->atom.targets || target == in->atom.timestamp;
}

static size_t chunk_size(struct x11_input *in)
{
	const long words = XExtendedMaxRequestSize(in->dpy) ? XExtendedMaxRequestSize(in->dpy) : XMaxRequestSize(in->dpy);
	const size_t most = (size_t)words * 4 - 100;

	return most < CHUNK ? most : CHUNK;
}

/* --- increments ------------------------------------------------------------------------------------ */

static void end_transfer(struct x11_input *in, struct input_transfer *t)
{
	const Window window = t->window;

	free(t->data);
	memset(t, 0, sizeof *t);
	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++)
		if (in->select.transfer[i].window == window)
			return;		/* another target of the same MULTIPLE */
	XSelectInput(in->dpy, window, NoEventMask);
}

/* Who asks again gave the former one up. */
static void end_same(struct x11_input *in, Window window, Atom property)
{
	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++)
		if (in->select.transfer[i].window == window && in->select.transfer[i].property == property)
			end_transfer(in, &in->select.transfer[i]);
}

/* Takes data over. */
static bool begin_transfer(struct x11_input *in, Window window, Atom property, Atom type, uint8_t *data, size_t n)
{
	const long size = (long)n;

	end_same(in, window, property);
	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++) {
		struct input_transfer *t = &in->select.transfer[i];

		if (t->window)
			continue;
		*t = (struct input_transfer){ .window = window, .property = property, .type = type, .data = data, .len = n,
					      .deadline = io_now() + patience_us };
		XSelectInput(in->dpy, window, PropertyChangeMask | StructureNotifyMask);
		XChangeProperty(in->dpy, window, property, in->atom.incr, 32, PropModeReplace, (const unsigned char *)&size, 1);
		return true;
	}
	free(data);
	return false;
}

/* The requestor took a part: the next one; after the last one an empty one. */
static void go_on(struct x11_input *in, struct input_transfer *t)
{
	const size_t left = t->len - t->at, n = left < chunk_size(in) ? left : chunk_size(in);

	XChangeProperty(in->dpy, t->window, t->property, t->type, 8, PropModeReplace, t->data + t->at, (int)n);
	t->at += n;
	t->deadline = io_now() + patience_us;
	if (n == 0)
		end_transfer(in, t);
}

static void on_property(struct x11_input *in, const XPropertyEvent *p)
{
	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++) {
		struct input_transfer *t = &in->select.transfer[i];

		if (p->state == PropertyDelete && t->window && t->window == p->window && t->property == p->atom) {
			go_on(in, t);
			return;
		}
	}
}

static void on_destroy(struct x11_input *in, Window window)
{
	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++)
		if (in->select.transfer[i].window == window)
			end_transfer(in, &in->select.transfer[i]);
}

bool input_serve_event(struct x11_input *in, const XEvent *e)
{
	if (e->type == DestroyNotify)
		on_destroy(in, e->xdestroywindow.window);
	else if (e->type == PropertyNotify && e->xproperty.window != in->window)
		on_property(in, &e->xproperty);
	else
		return false;
	return true;
}

int64_t input_serve_due(const struct x11_input *in)
{
	int64_t first = IO_FOREVER;

	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++)
		if (in->select.transfer[i].window && in->select.transfer[i].deadline < first)
			first = in->select.transfer[i].deadline;
	return first;
}

void input_serve_run(struct x11_input *in)
{
	const int64_t now = io_now();

	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++)
		if (in->select.transfer[i].window && in->select.transfer[i].deadline <= now)
			end_transfer(in, &in->select.transfer[i]);
}

/* --- one target ---------------------------------------------------------------------------------------- */

static void put_atoms(struct x11_input *in, Window window, Atom property)
{
	const struct input_atoms *a = &in->atom;
	const long all[] = { (long)a->targets, (long)a->timestamp, (long)a->multiple, (long)a->utf8, (long)a->plain_utf8,
			     (long)a->plain, (long)a->text, XA_STRING };

	XChangeProperty(in->dpy, window, property, XA_ATOM, 32, PropModeReplace, (const unsigned char *)all,
			(int)(sizeof all / sizeof *all));
}

static bool put_text(struct x11_input *in, Window window, Atom property, Atom target, const struct input_offer *o)
{
	const bool latin1 = target == XA_STRING || target == in->atom.plain;
	const Atom type = target == in->atom.text ? in->atom.utf8 : target;
	size_t n = o->text.len;
	uint8_t *data;

	if (latin1)
		data = input_text_latin1(o->text.data, n, &n);
	else if ((data = malloc(n ? n : 1)) && n)
		memcpy(data, o->text.data, n);
	if (!data)
		return false;
	if (n > chunk_size(in))
		return begin_transfer(in, window, property, type, data, n);
	XChangeProperty(in->dpy, window, property, type, 8, PropModeReplace, data, (int)n);
	free(data);
	return true;
}

static bool put_target(struct x11_input *in, Window window, Atom property, Atom target, const struct input_offer *o,
		       Time owned_at)
{
	const struct input_atoms *a = &in->atom;
	const long when = (long)owned_at;

	if (target == a->targets)
		put_atoms(in, window, property);
	else if (target == a->timestamp)
		XChangeProperty(in->dpy, window, property, XA_INTEGER, 32, PropModeReplace, (const unsigned char *)&when, 1);
	else if (target == a->utf8 || target == a->plain_utf8 || target == a->plain || target == a->text || target == XA_STRING)
		return put_text(in, window, property, target, o);
	else
		return false;
	return true;
}

/* Pairs of target and property stand in the requestor's property; a target that failed becomes None. */
static bool put_multiple(struct x11_input *in, const XSelectionRequestEvent *e, const struct input_offer *o, Time owned_at)
{
	Atom type = None;
	int format = 0;
	unsigned long n = 0, left = 0;
	unsigned char *p = NULL;
	bool ok;

	if (XGetWindowProperty(in->dpy, e->requestor, e->property, 0, PAIRS_MAX * 2, False, AnyPropertyType, &type, &format,
			       &n, &left, &p) != Success || !p)
		return false;
	ok = format == 32 && n % 2 == 0 && left == 0;
	if (ok) {
		unsigned long *pair = (unsigned long *)(void *)p;

		for (unsigned long i = 0; i < n; i += 2)
			if (!pair[i + 1] || pair[i] == in->atom.multiple ||
			    !put_target(in, e->requestor, pair[i + 1], pair[i], o, owned_at))
				pair[i] = None;
		XChangeProperty(in->dpy, e->requestor, e->property, in->atom.pair, 32, PropModeReplace, p, (int)n);
	}
	XFree(p);
	return ok;
}

void input_serve(struct x11_input *in, const XSelectionRequestEvent *e, const struct input_offer *o, Time owned_at)
{
	/* obsolete clients give no property */
	const Atom property = e->property ? e->property : e->target;
	XSelectionEvent answer = { .type = SelectionNotify, .requestor = e->requestor, .selection = e->selection,
				   .target = e->target, .time = e->time, .property = None };
	const bool after = e->time == CurrentTime || input_select_is_since(e->time, owned_at);

	if (o && owned_at && after && e->requestor != in->window) {
		const bool ok = e->target == in->atom.multiple ? e->property && put_multiple(in, e, o, owned_at)
							       : put_target(in, e->requestor, property, e->target, o, owned_at);

		answer.property = ok ? property : None;
	}
	XSendEvent(in->dpy, e->requestor, False, NoEventMask, (XEvent *)&answer);
}
