/* The screen's size as a viewer asks for it, by RandR: each output that it asks for gets a mode of that size, one
 * that is there or one that we make, and the screen is made to hold them all. If anything fails the former
 * layout is set again; it is also when the last viewer leaves. Statuses are ExtendedDesktopSize's. */
#include "x11/input_state.h"

#include <X11/extensions/Xrandr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = 0, PROHIBITED = 1, NO_RESOURCES = 2, INVALID = 3 };

struct place {
	RROutput output;
	RRCrtc crtc;
	RRMode mode;			/* None: off */
	Rotation rotation;
	int x, y;
	unsigned w, h;
};

struct input_layout {
	unsigned w, h;			/* of the screen */
	unsigned mm_w, mm_h;
	unsigned n;
	struct place at[INPUT_OUTPUTS_MAX];
};

/* --- the present layout ------------------------------------------------------------------------------- */

static void read_place(struct x11_input *in, XRRScreenResources *r, struct place *p, const XRROutputInfo *o)
{
	XRRCrtcInfo *c;

	p->crtc = o->crtc;
	if (!o->crtc || !(c = XRRGetCrtcInfo(in->dpy, r, o->crtc)))
		return;
	p->mode = c->mode;
	p->rotation = c->rotation;
	p->x = c->x;
	p->y = c->y;
	p->w = c->width;
	p->h = c->height;
	XRRFreeCrtcInfo(c);
}

/* Outputs that show something first, then those that could. */
static void read_layout(struct x11_input *in, XRRScreenResources *r, struct input_layout *l)
{
	*l = (struct input_layout){
		.w = (unsigned)DisplayWidth(in->dpy, in->screen), .h = (unsigned)DisplayHeight(in->dpy, in->screen),
		.mm_w = (unsigned)DisplayWidthMM(in->dpy, in->screen), .mm_h = (unsigned)DisplayHeightMM(in->dpy, in->screen),
	};
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < r->noutput && l->n < INPUT_OUTPUTS_MAX; i++) {
			XRROutputInfo *o = XRRGetOutputInfo(in->dpy, r, r->outputs[i]);

			if (o && (pass == 0 ? o->crtc != None : o->crtc == None && o->ncrtc > 0 && o->connection != RR_Disconnected)) {
				l->at[l->n].output = r->outputs[i];
				read_place(in, r, &l->at[l->n++], o);
			}
			if (o)
				XRRFreeOutputInfo(o);
		}
}

/* --- modes ---------------------------------------------------------------------------------------------- */

static const XRRModeInfo *mode_info(const XRRScreenResources *r, RRMode id)
{
	for (int i = 0; i < r->nmode; i++)
		if (r->modes[i].id == id)
			return &r->modes[i];
	return NULL;
}

static bool is_in(const RRMode *modes, int n, RRMode id)
{
	for (int i = 0; i < n; i++)
		if (modes[i] == id)
			return true;
	return false;
}

/* Frame timings that are right for nothing but a virtual output: 60 Hz without blanking to speak of. */
static RRMode make_mode(struct x11_input *in, unsigned w, unsigned h)
{
	char name[32];
	XRRModeInfo m = { .width = w, .height = h, .hSyncStart = w + 8, .hSyncEnd = w + 16, .hTotal = w + 32,
			  .vSyncStart = h + 2, .vSyncEnd = h + 4, .vTotal = h + 8, .name = name };
	const unsigned before = x11_display_errors();
	RRMode id;

	m.dotClock = (unsigned long)m.hTotal * m.vTotal * 60;
	m.nameLength = (unsigned)snprintf(name, sizeof name, "rfbkit-%ux%u", w, h);
	if (in->resize.n_made == INPUT_MODES_MAX)
		return None;
	id = XRRCreateMode(in->dpy, in->root, &m);
	XSync(in->dpy, False);
	if (!id || x11_display_errors() != before)
		return None;
	in->resize.made[in->resize.n_made++] = id;
	return id;
}

/* A mode of that size for the output: its own, another's, or a new one. */
static RRMode find_mode(struct x11_input *in, XRRScreenResources *r, RROutput output, unsigned w, unsigned h)
{
	XRROutputInfo *o = XRRGetOutputInfo(in->dpy, r, output);
	const unsigned before = x11_display_errors();
	RRMode id = None;

	for (int i = 0; o && i < o->nmode && !id; i++) {
		const XRRModeInfo *m = mode_info(r, o->modes[i]);

		if (m && m->width == w && m->height == h)
			id = m->id;
	}
	for (int i = 0; i < r->nmode && !id; i++)
		if (r->modes[i].width == w && r->modes[i].height == h)
			id = r->modes[i].id;
	if (!id)
		id = make_mode(in, w, h);
	if (id && o && !is_in(o->modes, o->nmode, id)) {
		XRRAddOutputMode(in->dpy, output, id);
		XSync(in->dpy, False);
		if (x11_display_errors() != before)
			id = None;
	}
	if (o)
		XRRFreeOutputInfo(o);
	return id;
}

static bool shows(const struct input_layout *l, RRMode id)
{
	for (unsigned i = 0; l && i < l->n; i++)
		if (l->at[i].mode == id)
			return true;
	return false;
}

static void drop_mode(struct x11_input *in, const XRRScreenResources *r, RRMode id)
{
	for (int i = 0; i < r->noutput; i++) {
		XRROutputInfo *o = XRRGetOutputInfo(in->dpy, (XRRScreenResources *)r, r->outputs[i]);

		if (o && is_in(o->modes, o->nmode, id))
			XRRDeleteOutputMode(in->dpy, r->outputs[i], id);
		if (o)
			XRRFreeOutputInfo(o);
	}
	XRRDestroyMode(in->dpy, id);
}

/* Modes of ours that the layout does not show; NULL: all. */
static void drop_modes(struct x11_input *in, const struct input_layout *shown)
{
	XRRScreenResources *r = in->resize.n_made ? XRRGetScreenResourcesCurrent(in->dpy, in->root) : NULL;
	unsigned kept = 0;

	if (!r)
		return;
	for (unsigned m = 0; m < in->resize.n_made; m++) {
		if (shows(shown, in->resize.made[m]))
			in->resize.made[kept++] = in->resize.made[m];
		else
			drop_mode(in, r, in->resize.made[m]);
	}
	in->resize.n_made = kept;
	XRRFreeScreenResources(r);
}

/* --- setting ---------------------------------------------------------------------------------------------- */

static bool switch_off(struct x11_input *in, XRRScreenResources *r, RRCrtc crtc)
{
	return XRRSetCrtcConfig(in->dpy, r, crtc, CurrentTime, 0, 0, None, RR_Rotate_0, NULL, 0) == RRSetConfigSuccess;
}

/* Shows the place, on all outputs that show the same. */
static bool set_place(struct x11_input *in, XRRScreenResources *r, const struct input_layout *l, const struct place *p)
{
	RROutput outputs[INPUT_OUTPUTS_MAX];
	int n = 0;

	if (!p->crtc)
		return false;
	for (unsigned i = 0; i < l->n; i++)
		if (l->at[i].crtc == p->crtc && l->at[i].mode)
			outputs[n++] = l->at[i].output;
	return XRRSetCrtcConfig(in->dpy, r, p->crtc, CurrentTime, p->x, p->y, p->mode, p->rotation, outputs, n) == RRSetConfigSuccess;
}

/* Some servers say that all went well and do nothing. */
static bool is_size(struct x11_input *in, unsigned w, unsigned h)
{
	Window root;
	int x, y;
	unsigned now_w = 0, now_h = 0, border, depth;

	return XGetGeometry(in->dpy, in->root, &root, &x, &y, &now_w, &now_h, &border, &depth) && now_w == w && now_h == h;
}

/* What would stick out of the new screen is switched off before it shrinks. */
static bool apply(struct x11_input *in, struct input_layout *l)
{
	XRRScreenResources *r = XRRGetScreenResourcesCurrent(in->dpy, in->root);
	const unsigned before = x11_display_errors();
	bool ok = r != NULL;

	XGrabServer(in->dpy);
	for (unsigned i = 0; ok && i < l->n; i++) {
		XRRCrtcInfo *c = l->at[i].crtc ? XRRGetCrtcInfo(in->dpy, r, l->at[i].crtc) : NULL;

		if (c && c->mode && (c->x + (int)c->width > (int)l->w || c->y + (int)c->height > (int)l->h || !l->at[i].mode))
			ok = switch_off(in, r, l->at[i].crtc);
		if (c)
			XRRFreeCrtcInfo(c);
	}
	if (ok && (l->w != (unsigned)DisplayWidth(in->dpy, in->screen) || l->h != (unsigned)DisplayHeight(in->dpy, in->screen)))
		XRRSetScreenSize(in->dpy, in->root, (int)l->w, (int)l->h, (int)l->mm_w, (int)l->mm_h);
	for (unsigned i = 0; ok && i < l->n; i++)
		if (l->at[i].mode)
			ok = set_place(in, r, l, &l->at[i]);
	XUngrabServer(in->dpy);
	XSync(in->dpy, False);
	if (r)
		XRRFreeScreenResources(r);
	x11_input_events(in);		/* the new size is known from here on */
	return ok && x11_display_errors() == before && !in->lost.why[0] && is_size(in, l->w, l->h);
}

/* --- what is asked for --------------------------------------------------------------------------------------- */

/* A CRTC that drives no other place. */
static RRCrtc free_crtc(struct x11_input *in, XRRScreenResources *r, const struct input_layout *l, RROutput output)
{
	XRROutputInfo *o = XRRGetOutputInfo(in->dpy, r, output);
	RRCrtc found = None;

	for (int i = 0; o && i < o->ncrtc && !found; i++) {
		bool taken = false;

		for (unsigned j = 0; j < l->n; j++)
			taken = taken || l->at[j].crtc == o->crtcs[i];
		if (!taken)
			found = o->crtcs[i];
	}
	if (o)
		XRRFreeOutputInfo(o);
	return found;
}

/* As dense as it was before the first change: from one size to the next, what is rounded away would add up, until
 * nothing is left, which servers refuse. */
static unsigned millimetres(unsigned former_mm, unsigned former, unsigned now)
{
	const unsigned long mm = former_mm ? ((unsigned long)former_mm * now + former / 2) / former : now * 254UL / 960;

	return mm ? (unsigned)mm : 1;
}

static int plan(struct x11_input *in, XRRScreenResources *r, const struct fbs_resize *want, const struct input_layout *now,
		struct input_layout *out)
{
	const struct fbs_output whole = { .w = want->w, .h = want->h };
	const struct fbs_output *outputs = want->n_outputs ? want->outputs : &whole;
	const unsigned n = want->n_outputs ? want->n_outputs : 1;
	const struct input_layout *former = in->resize.former ? in->resize.former : now;
	int min_w, min_h, max_w, max_h;

	if (!XRRGetScreenSizeRange(in->dpy, in->root, &min_w, &min_h, &max_w, &max_h))
		return PROHIBITED;
	if ((int)want->w < min_w || (int)want->h < min_h || (int)want->w > max_w || (int)want->h > max_h)
		return INVALID;
	if (n > now->n)
		return NO_RESOURCES;
	*out = *now;
	out->w = want->w;
	out->h = want->h;
	out->mm_w = millimetres(former->mm_w, former->w, want->w);
	out->mm_h = millimetres(former->mm_h, former->h, want->h);
	for (unsigned i = 0; i < now->n; i++) {
		struct place *p = &out->at[i];

		p->mode = None;
		if (i >= n)
			continue;
		if (now->at[i].mode && p->x == outputs[i].x && p->y == outputs[i].y && p->w == outputs[i].w && p->h == outputs[i].h) {
			p->mode = now->at[i].mode;	/* as it is, and as it is turned */
			continue;
		}
		p->rotation = RR_Rotate_0;
		if (outputs[i].x < 0 || outputs[i].y < 0 || outputs[i].w == 0 || outputs[i].h == 0 ||
		    (uint64_t)outputs[i].x + outputs[i].w > want->w || (uint64_t)outputs[i].y + outputs[i].h > want->h)
			return INVALID;
		p->x = outputs[i].x;
		p->y = outputs[i].y;
		p->w = outputs[i].w;
		p->h = outputs[i].h;
		if (!p->crtc)
			p->crtc = free_crtc(in, r, out, p->output);
		p->mode = p->crtc ? find_mode(in, r, p->output, p->w, p->h) : None;
		if (!p->mode)
			return NO_RESOURCES;
	}
	return DONE;
}

static bool is_same(const struct input_layout *a, const struct input_layout *b)
{
	bool same = a->w == b->w && a->h == b->h;

	for (unsigned i = 0; same && i < a->n; i++)
		same = a->at[i].mode == b->at[i].mode && (!a->at[i].mode || a->at[i].rotation == b->at[i].rotation) &&
		       (!a->at[i].mode || (a->at[i].x == b->at[i].x && a->at[i].y == b->at[i].y));
	return same;
}

static void keep_former(struct x11_input *in, const struct input_layout *now)
{
	if (in->resize.former || !(in->resize.former = malloc(sizeof *now)))
		return;
	*in->resize.former = *now;
}

static int resize(struct x11_input *in, const struct fbs_resize *want)
{
	XRRScreenResources *r = XRRGetScreenResourcesCurrent(in->dpy, in->root);
	struct input_layout now, then;
	int status;

	if (!r)
		return NO_RESOURCES;
	read_layout(in, r, &now);
	status = plan(in, r, want, &now, &then);
	XRRFreeScreenResources(r);
	if (status == DONE && !is_same(&now, &then)) {
		keep_former(in, &now);
		if (apply(in, &then)) {
			drop_modes(in, &then);
			return DONE;
		}
		apply(in, &now);
		status = NO_RESOURCES;
	}
	drop_modes(in, &now);
	return status;
}

enum x11_done x11_input_resize(struct x11_input *in, const struct fbs_resize *r)
{
	struct fbs_record answer = { .type = FBS_RESULT, .result = { r->viewer, r->request, PROHIBITED } };
	enum x11_done why;

	if (in->lost.why[0])
		return X11_DONE;
	if (input_viewer_may(in, r->viewer, FBS_RIGHT_RESIZE, &why) && in->resize.possible)
		answer.result.status = (uint32_t)resize(in, r);
	if (!in->lost.why[0])
		input_say(in, &answer);
	return why;
}

void input_resize_restore(struct x11_input *in)
{
	if (in->resize.former && apply(in, in->resize.former)) {
		free(in->resize.former);
		in->resize.former = NULL;
	}
	if (!in->resize.former)
		drop_modes(in, NULL);
}

/* --- the extension -------------------------------------------------------------------------------------------- */

void input_resize_init(struct x11_input *in)
{
	int error, major = 0, minor = 0, min_w = 0, min_h = 0, max_w = 0, max_h = 0;
	XRRScreenResources *r = NULL;

	if (!XRRQueryExtension(in->dpy, &in->randr_event, &error) || !XRRQueryVersion(in->dpy, &major, &minor))
		return;
	XRRSelectInput(in->dpy, in->root, RRScreenChangeNotifyMask);
	if (in->opt.no_resize || (major == 1 && minor < 3) || !(r = XRRGetScreenResourcesCurrent(in->dpy, in->root)))
		return;
	in->resize.possible = r->ncrtc > 0 && r->noutput > 0 &&
			      XRRGetScreenSizeRange(in->dpy, in->root, &min_w, &min_h, &max_w, &max_h) &&
			      (min_w != max_w || min_h != max_h);
	XRRFreeScreenResources(r);
}

bool input_resize_event(struct x11_input *in, XEvent *e)
{
	if (!in->randr_event || e->type != in->randr_event + RRScreenChangeNotify)
		return false;
	XRRUpdateConfiguration(e);
	return true;
}
