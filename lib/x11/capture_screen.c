/* Size and layout: RandR's outputs, the part that is captured, and their changes. The answer of
 * the server counts, never what an event says: several come for one change of mode. */
#include "x11/capture_state.h"

#include "io/io.h"

#include <X11/extensions/Xrandr.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Adds an output, clipped to the part. */
static void add_output(struct fbs_screen *s, uint32_t id, int x, int y, unsigned w, unsigned h)
{
	int x1 = x - s->origin_x, y1 = y - s->origin_y, x2 = x1 + (int)w, y2 = y1 + (int)h;

	x1 = x1 > 0 ? x1 : 0;
	y1 = y1 > 0 ? y1 : 0;
	x2 = x2 < (int)s->w ? x2 : (int)s->w;
	y2 = y2 < (int)s->h ? y2 : (int)s->h;
	if (x1 >= x2 || y1 >= y2 || s->n_outputs >= FBS_OUTPUTS_MAX)
		return;
	s->outputs[s->n_outputs++] = (struct fbs_output){ id, x1, y1, (uint32_t)(x2 - x1), (uint32_t)(y2 - y1) };
}

static void read_outputs(struct x11_capture *c, struct fbs_screen *s)
{
	XRRScreenResources *r = c->screen.have_randr ? XRRGetScreenResourcesCurrent(c->dpy, c->root) : NULL;

	for (int i = 0; r && i < r->noutput; i++) {
		XRROutputInfo *o = XRRGetOutputInfo(c->dpy, r, r->outputs[i]);
		XRRCrtcInfo *crtc = o && o->crtc ? XRRGetCrtcInfo(c->dpy, r, o->crtc) : NULL;

		if (crtc && crtc->mode != None)
			add_output(s, (uint32_t)r->outputs[i], crtc->x, crtc->y, crtc->width, crtc->height);
		/* a server that knows one mode only (Xvfb) cannot be resized */
		if (crtc && o->nmode > 1 && c->opt.part == X11_PART_ALL)
			s->flags |= FBS_SCREEN_RESIZABLE;
		if (crtc)
			XRRFreeCrtcInfo(crtc);
		if (o)
			XRRFreeOutputInfo(o);
	}
	if (r)
		XRRFreeScreenResources(r);
	if (s->n_outputs == 0)
		add_output(s, 1, s->origin_x, s->origin_y, s->w, s->h);
}

static bool same(const struct fbs_screen *a, const struct fbs_screen *b)
{
	return a->flags == b->flags && a->w == b->w && a->h == b->h && a->origin_x == b->origin_x &&
	       a->origin_y == b->origin_y && a->n_outputs == b->n_outputs &&
	       memcmp(a->outputs, b->outputs, a->n_outputs * sizeof a->outputs[0]) == 0;
}

/* The screen as it is now. False with *why when the part is not there. */
static bool look(struct x11_capture *c, struct fbs_screen *s, char *why, size_t size)
{
	struct capture_rect part;
	Window root;
	int x, y;
	unsigned border, depth;
	uint8_t boot_id[16];

	memcpy(boot_id, c->screen.now.boot_id, sizeof boot_id);	/* s may be that very screen */
	*s = (struct fbs_screen){ .kind = FBS_LIVE };
	memcpy(s->boot_id, boot_id, sizeof s->boot_id);
	if (!XGetGeometry(c->dpy, c->root, &root, &x, &y, &c->screen.root_w, &c->screen.root_h, &border, &depth)) {
		snprintf(why, size, "display %s went away", c->display);
		return false;
	}
	if (!capture_part_find(c, &part, why, size))
		return false;
	if (part.w > FBS_SIDE_MAX || part.h > FBS_SIDE_MAX || (uint64_t)part.w * part.h > FBS_PIXELS_MAX) {
		snprintf(why, size, "display %s: %ux%u pixels are too many", c->display, part.w, part.h);
		return false;
	}
	s->origin_x = part.x;
	s->origin_y = part.y;
	s->w = part.w;
	s->h = part.h;
	read_outputs(c, s);
	return true;
}

bool capture_screen_init(struct x11_capture *c, char *why, size_t size)
{
	struct capture_screen *s = &c->screen;
	int error, major = 0, minor = 0;

	io_boot_id(s->now.boot_id);
	s->have_randr = XRRQueryExtension(c->dpy, &s->randr_event, &error) && XRRQueryVersion(c->dpy, &major, &minor) &&
			(major > 1 || minor >= 3);
	XSelectInput(c->dpy, c->root, StructureNotifyMask);
	if (s->have_randr)
		XRRSelectInput(c->dpy, c->root, RRScreenChangeNotifyMask | RRCrtcChangeNotifyMask | RROutputChangeNotifyMask);
	if (c->opt.part == X11_PART_WINDOW) {
		s->window = capture_part_window(c, c->part_name);
		if (s->window == None) {
			snprintf(why, size, "display %s: no window %s", c->display, c->part_name);
			return false;
		}
		XSelectInput(c->dpy, s->window, StructureNotifyMask);
	}
	return look(c, &s->now, why, size);
}

void capture_screen_refresh(struct x11_capture *c)
{
	struct capture_screen *s = &c->screen;
	struct fbs_screen now;
	const bool hidden = s->hidden;
	char why[160];

	s->dirty = false;
	if (!look(c, &now, why, sizeof why)) {
		x11_lose(&c->lost, "%s", why);
		return;
	}
	if (same(&now, &s->now) && hidden == s->hidden)
		return;
	if (!same(&now, &s->now))
		c->news |= X11_NEWS_SCREEN;
	s->now = now;
	s->serial++;
	c->pixels.failures = 0;
	c->cursor.have_last = false;
	c->news |= X11_NEWS_POINTER;
	capture_fetch_reset(c);
}

bool capture_screen_event(struct x11_capture *c, XEvent *e)
{
	struct capture_screen *s = &c->screen;

	if (s->have_randr && (e->type == s->randr_event + RRScreenChangeNotify || e->type == s->randr_event + RRNotify)) {
		XRRUpdateConfiguration(e);
		s->dirty = true;
		return true;
	}
	switch (e->type) {
	case DestroyNotify:
		if (s->window != None && e->xdestroywindow.window == s->window)
			x11_lose(&c->lost, "window %s went away", c->part_name);
		return true;
	case ConfigureNotify:
	case MapNotify:
	case UnmapNotify:
	case ReparentNotify:
		s->dirty = true;
		return true;
	default:
		return false;
	}
}

void x11_capture_screen(struct x11_capture *c, struct fbs_screen *out)
{
	c->news &= ~(unsigned)X11_NEWS_SCREEN;
	*out = c->screen.now;
	out->display = c->display;
	out->display_len = (uint32_t)strlen(c->display);
}
