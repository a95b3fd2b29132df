/* CLIPBOARD and PRIMARY: a new owner is an offer. It is asked for its text first, of which at most 64 KiB are told;
 * larger ones, and those sent in increments, are left to whoever is asked for them. The offer follows once the
 * owner is done with us, because some (xclip) never answer who asks meanwhile; it does not wait for those that
 * never answer at all. What fbinput owns, known by a property of its window, is no news. */
#include "x11/capture_state.h"

#include <X11/Xatom.h>
#include <stdlib.h>
#include <string.h>

#include "io/io.h"

static const int64_t patience_us = 400000;	/* without any progress */

static Window make_window(struct x11_capture *c)
{
	Window w = XCreateSimpleWindow(c->dpy, c->root, -10, -10, 1, 1, 0, 0, 0);

	XSelectInput(c->dpy, w, PropertyChangeMask);
	return w;
}

/* A new owner, or none any more. */
static void set_owner(struct x11_capture *c, struct capture_selection *s, Window owner, Time time)
{
	if (owner == None && s->owner == None)
		return;
	free(s->text);
	s->text = NULL;
	s->asked = s->latin1 = s->draining = false;
	s->owner = owner;
	s->time = time;
	s->serial++;
	s->offer = true;
	s->tell_us = 0;
	if (owner == None)
		c->news |= X11_NEWS_OFFER;
}

/* The owner will not be busy with us any longer. */
static void tell_offer(struct x11_capture *c, struct capture_selection *s)
{
	s->tell_us = INT64_MIN;
	if (s->offer)
		c->news |= X11_NEWS_OFFER;
}

/* Whether fbinput owns the selection through this window. */
static bool is_ours(struct x11_capture *c, Window owner)
{
	Atom type = None;
	int format;
	unsigned long n, left;
	unsigned char *p = NULL;

	if (owner == None)
		return false;
	XGetWindowProperty(c->dpy, owner, c->select.mark, 0, 0, False, AnyPropertyType, &type, &format, &n, &left, &p);
	if (p)
		XFree(p);
	return type != None;
}

void capture_select_init(struct x11_capture *c)
{
	struct capture_select *s = &c->select;
	const unsigned long mask = XFixesSetSelectionOwnerNotifyMask | XFixesSelectionWindowDestroyNotifyMask |
				   XFixesSelectionClientCloseNotifyMask;

	if (c->opt.no_clipboard || !c->have_fixes)
		return;
	s->utf8 = XInternAtom(c->dpy, "UTF8_STRING", False);
	s->incr = XInternAtom(c->dpy, "INCR", False);
	s->mark = XInternAtom(c->dpy, "_RFBKIT_INPUT", False);
	s->property[0] = XInternAtom(c->dpy, "_RFBKIT_CLIPBOARD", False);
	s->property[1] = XInternAtom(c->dpy, "_RFBKIT_PRIMARY", False);
	s->sel[0] = (struct capture_selection){ .name = XInternAtom(c->dpy, "CLIPBOARD", False), .id = FBS_CLIPBOARD };
	s->sel[1] = (struct capture_selection){ .name = XA_PRIMARY, .id = FBS_PRIMARY };
	s->window = make_window(c);
	for (int i = 0; i < 2; i++) {
		Window owner;

		XFixesSelectSelectionInput(c->dpy, c->root, s->sel[i].name, mask);
		owner = XGetSelectionOwner(c->dpy, s->sel[i].name);
		if (!is_ours(c, owner))
			set_owner(c, &s->sel[i], owner, CurrentTime);
	}
}

void capture_select_fini(struct x11_capture *c)
{
	for (int i = 0; i < 2; i++)
		free(c->select.sel[i].text);
	free(c->select.told);
	c->select = (struct capture_select){ 0 };
}

static void on_owner(struct x11_capture *c, const XFixesSelectionNotifyEvent *e)
{
	const Window owner = e->subtype == XFixesSetSelectionOwnerNotify ? e->owner : None;

	for (int i = 0; i < 2; i++)
		if (e->selection == c->select.sel[i].name && !is_ours(c, owner))
			set_owner(c, &c->select.sel[i], owner, e->selection_timestamp);
}

static void ask(struct x11_capture *c, int i)
{
	struct capture_selection *s = &c->select.sel[i];

	XConvertSelection(c->dpy, s->name, s->latin1 ? XA_STRING : c->select.utf8, c->select.property[i],
			  c->select.window, s->time);
	XFlush(c->dpy);
	s->asked = true;
	s->draining = false;
	s->tell_us = io_now() + patience_us;
}

/* An owner that began to send in increments waits for us: each part is acknowledged by its deletion, unread. The
 * last one is empty. */
static void drain(struct x11_capture *c, struct capture_selection *s, Atom property)
{
	Atom type = None;
	int format = 0;
	unsigned long n = 0, left = 0;
	unsigned char *p = NULL;

	if (XGetWindowProperty(c->dpy, c->select.window, property, 0, 0, False, AnyPropertyType, &type, &format, &n, &left,
			       &p) != Success)
		return;
	if (p)
		XFree(p);
	XDeleteProperty(c->dpy, c->select.window, property);
	XFlush(c->dpy);
	s->draining = left > 0;
	if (s->draining && s->tell_us > 0)
		s->tell_us = io_now() + patience_us;
	else
		tell_offer(c, s);
}

static void keep_text(struct x11_capture *c, struct capture_selection *s, const unsigned char *p, unsigned long n)
{
	s->text = capture_text_clean(p, n, s->latin1, &s->len);
	if (s->text && s->len <= FBS_CLIP_PART_MAX) {
		c->news |= X11_NEWS_CLIP;
		return;
	}
	free(s->text);
	s->text = NULL;
}

static void on_text(struct x11_capture *c, int i, const XSelectionEvent *e)
{
	struct capture_selection *s = &c->select.sel[i];
	Atom type = None;
	int format = 0;
	unsigned long n = 0, left = 0;
	unsigned char *p = NULL;

	if (!s->asked || e->requestor != c->select.window)
		return;
	s->asked = false;
	if (e->property == None) {
		if (!s->latin1) {
			s->latin1 = true;
			ask(c, i);
		} else {
			tell_offer(c, s);
		}
		return;
	}
	if (XGetWindowProperty(c->dpy, e->requestor, e->property, 0, FBS_CLIP_PART_MAX / 4, False, AnyPropertyType,
			       &type, &format, &n, &left, &p) != Success)
		return;
	s->draining = type == c->select.incr;
	XDeleteProperty(c->dpy, e->requestor, e->property);
	XFlush(c->dpy);
	if (type != c->select.incr && format == 8 && left == 0 && p)
		keep_text(c, s, p, n);
	if (p)
		XFree(p);
	if (!s->draining)
		tell_offer(c, s);
}

bool capture_select_event(struct x11_capture *c, XEvent *e)
{
	if (c->select.window == None)
		return false;
	if (e->type == c->fixes_event + XFixesSelectionNotify) {
		on_owner(c, (XFixesSelectionNotifyEvent *)e);
		return true;
	}
	if (e->type == PropertyNotify && e->xproperty.window == c->select.window) {
		for (int i = 0; i < 2; i++)
			if (c->select.sel[i].draining && e->xproperty.atom == c->select.property[i] &&
			    e->xproperty.state == PropertyNewValue)
				drain(c, &c->select.sel[i], e->xproperty.atom);
		return true;
	}
	if (e->type != SelectionNotify)
		return false;
	for (int i = 0; i < 2; i++)
		if (e->xselection.selection == c->select.sel[i].name)
			on_text(c, i, &e->xselection);
	return true;
}

void capture_select_turn(struct x11_capture *c)
{
	for (int i = 0; i < 2 && !c->parked && !c->lost.why[0]; i++) {
		struct capture_selection *s = &c->select.sel[i];

		if (s->offer && s->owner != None && s->tell_us == 0)
			ask(c, i);
		else if (s->offer && s->tell_us > 0 && s->tell_us <= io_now())
			tell_offer(c, s);
	}
}

int64_t capture_select_due(const struct x11_capture *c)
{
	int64_t first = IO_FOREVER;

	for (int i = 0; i < 2; i++) {
		const struct capture_selection *s = &c->select.sel[i];

		if (s->offer && s->tell_us > 0 && s->tell_us < first)
			first = s->tell_us;
	}
	return first;
}

bool x11_capture_offer(struct x11_capture *c, struct fbs_clip_offer *out)
{
	c->news &= ~(unsigned)X11_NEWS_OFFER;
	for (int i = 0; i < 2 && c->select.window != None; i++) {
		struct capture_selection *s = &c->select.sel[i];

		if (!s->offer || (s->owner != None && s->tell_us >= 0))
			continue;
		s->offer = false;
		*out = (struct fbs_clip_offer){
			.selection = s->id, .serial = s->serial, .size = s->owner == None ? UINT64_MAX : 0,
		};
		return true;
	}
	return false;
}

bool x11_capture_clip(struct x11_capture *c, struct fbs_clip *out)
{
	c->news &= ~(unsigned)X11_NEWS_CLIP;
	for (int i = 0; i < 2 && c->select.window != None; i++) {
		struct capture_selection *s = &c->select.sel[i];

		if (!s->text)
			continue;
		free(c->select.told);
		c->select.told = s->text;
		s->text = NULL;
		*out = (struct fbs_clip){ .selection = s->id, .serial = s->serial, .text = { c->select.told, s->len } };
		return true;
	}
	return false;
}
