/* CLIPBOARD and PRIMARY: a new owner is an offer; a text of at most 64 KiB is asked for and told
 * when it comes, which may be never. Larger ones, and those sent in increments, are left to
 * whoever was asked for them. What fbinput owns, known by a property of its window, is no news. */
#include "x11/capture_state.h"

#include <X11/Xatom.h>
#include <stdlib.h>
#include <string.h>

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
	s->asked = s->latin1 = false;
	s->owner = owner;
	s->time = time;
	s->serial++;
	s->offer = true;
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
}

/* An owner that began to send in increments waits for us, and some serve nobody else meanwhile: each part
 * is acknowledged by its deletion, unread. */
static void drain(struct x11_capture *c, const XPropertyEvent *e)
{
	for (int i = 0; i < 2; i++)
		if (c->select.sel[i].draining && e->atom == c->select.property[i] && e->state == PropertyNewValue) {
			XDeleteProperty(c->dpy, c->select.window, e->atom);
			XFlush(c->dpy);
		}
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
		drain(c, &e->xproperty);
		return true;
	}
	if (e->type != SelectionNotify)
		return false;
	for (int i = 0; i < 2; i++)
		if (e->xselection.selection == c->select.sel[i].name)
			on_text(c, i, &e->xselection);
	return true;
}

bool x11_capture_offer(struct x11_capture *c, struct fbs_clip_offer *out)
{
	c->news &= ~(unsigned)X11_NEWS_OFFER;
	for (int i = 0; i < 2 && c->select.window != None; i++) {
		struct capture_selection *s = &c->select.sel[i];

		if (!s->offer)
			continue;
		s->offer = false;
		if (s->owner != None && !c->lost[0])
			ask(c, i);
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
