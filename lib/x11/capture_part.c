/* Which part of the root window is captured: all of it, a rectangle, a RandR output, or where a
 * window stands. A window is taken from the screen: what covers it is seen too, as are its menus. */
#include "x11/capture_state.h"

#include <X11/Xatom.h>
#include <X11/extensions/Xrandr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 6, TITLE_MAX = 256, ANCESTORS_MAX = 64 };

/* Clips to the root window; false when nothing is left. */
static bool clip(const struct x11_capture *c, struct capture_rect *r)
{
	long x1 = r->x, y1 = r->y, x2 = x1 + (long)r->w, y2 = y1 + (long)r->h;

	x1 = x1 > 0 ? x1 : 0;
	y1 = y1 > 0 ? y1 : 0;
	x2 = x2 < (long)c->screen.root_w ? x2 : (long)c->screen.root_w;
	y2 = y2 < (long)c->screen.root_h ? y2 : (long)c->screen.root_h;
	if (x1 >= x2 || y1 >= y2)
		return false;
	*r = (struct capture_rect){ (int)x1, (int)y1, (unsigned)(x2 - x1), (unsigned)(y2 - y1) };
	return true;
}

static bool find_output(struct x11_capture *c, struct capture_rect *out)
{
	XRRScreenResources *r = c->screen.have_randr ? XRRGetScreenResourcesCurrent(c->dpy, c->root) : NULL;
	bool found = false;

	for (int i = 0; r && i < r->noutput && !found; i++) {
		XRROutputInfo *o = XRRGetOutputInfo(c->dpy, r, r->outputs[i]);
		XRRCrtcInfo *crtc = NULL;

		if (o && strcmp(o->name, c->part_name) == 0 && o->crtc)
			crtc = XRRGetCrtcInfo(c->dpy, r, o->crtc);
		if (crtc && crtc->mode != None) {
			*out = (struct capture_rect){ crtc->x, crtc->y, crtc->width, crtc->height };
			found = true;
		}
		if (crtc)
			XRRFreeCrtcInfo(crtc);
		if (o)
			XRRFreeOutputInfo(o);
	}
	if (r)
		XRRFreeScreenResources(r);
	return found;
}

/* A window moves with those that it is in, and is unmapped with them, and only these are told: a window manager's frame, the
 * program's own window around one of its parts. */
static void watch_ancestors(struct x11_capture *c)
{
	Window w = c->screen.window, root, parent, *children;
	unsigned n;

	for (int i = 0; i < ANCESTORS_MAX && XQueryTree(c->dpy, w, &root, &parent, &children, &n); i++) {
		if (children)
			XFree(children);
		if (parent == None || parent == root)
			return;
		XSelectInput(c->dpy, parent, StructureNotifyMask);
		w = parent;
	}
}

/* Where the window stands; *gone when it does not exist any more. False when it cannot be seen. */
static bool find_window(struct x11_capture *c, struct capture_rect *out, bool *gone)
{
	XWindowAttributes a;
	Window child;
	int x, y;

	watch_ancestors(c);
	if (!XGetWindowAttributes(c->dpy, c->screen.window, &a) ||
	    !XTranslateCoordinates(c->dpy, c->screen.window, c->root, 0, 0, &x, &y, &child)) {
		*gone = true;
		return false;
	}
	*out = (struct capture_rect){ x, y, (unsigned)a.width, (unsigned)a.height };
	return a.map_state == IsViewable;
}

static void explain(const struct x11_capture *c, char *why, size_t size)
{
	if (c->opt.part == X11_PART_GEOMETRY)
		snprintf(why, size, "%ux%u%+d%+d is outside the screen of %ux%u", c->opt.w, c->opt.h, c->opt.x, c->opt.y,
			 c->screen.root_w, c->screen.root_h);
	else if (c->opt.part == X11_PART_OUTPUT)
		snprintf(why, size, "display %s: output %s is not there or off", c->display, c->part_name);
	else
		snprintf(why, size, "display %s: nothing of window %s is on the screen", c->display, c->part_name);
}

bool capture_part_find(struct x11_capture *c, struct capture_rect *out, char *why, size_t size)
{
	const struct fbs_screen *last = &c->screen.now;
	bool found = true, gone = false;

	*out = (struct capture_rect){ 0, 0, c->screen.root_w, c->screen.root_h };
	if (c->opt.part == X11_PART_GEOMETRY)
		*out = (struct capture_rect){ c->opt.x, c->opt.y, c->opt.w, c->opt.h };
	else if (c->opt.part == X11_PART_OUTPUT)
		found = find_output(c, out);
	else if (c->opt.part == X11_PART_WINDOW)
		found = find_window(c, out, &gone);
	if (gone) {
		snprintf(why, size, "window %s went away", c->part_name);
		return false;
	}
	c->screen.hidden = !found || !clip(c, out);
	if (!c->screen.hidden)
		return true;
	if (last->w == 0) {
		explain(c, why, size);
		return false;
	}
	/* what was there is off for now: black, at its last place and size */
	*out = (struct capture_rect){ last->origin_x, last->origin_y, last->w, last->h };
	return true;
}

static bool read_title(struct x11_capture *c, Window w, const char *property, char *out)
{
	Atom type, atom = XInternAtom(c->dpy, property, False);
	int format;
	unsigned long n = 0, left;
	unsigned char *p = NULL;
	bool got = XGetWindowProperty(c->dpy, w, atom, 0, TITLE_MAX / 4, False, AnyPropertyType, &type, &format, &n,
				      &left, &p) == Success && p && format == 8 && n > 0;

	if (got)
		snprintf(out, TITLE_MAX, "%.*s", (int)n, (const char *)p);
	if (p)
		XFree(p);
	return got;
}

static bool has_title(struct x11_capture *c, Window w, const char *name)
{
	char title[TITLE_MAX];

	return (read_title(c, w, "_NET_WM_NAME", title) && strcmp(title, name) == 0) ||
	       (read_title(c, w, "WM_NAME", title) && strcmp(title, name) == 0);
}

static Window search(struct x11_capture *c, Window top, const char *name, int depth)
{
	Window root, parent, *children = NULL, found = None;
	unsigned n = 0;

	if (has_title(c, top, name))
		return top;
	if (depth >= DEPTH_MAX || !XQueryTree(c->dpy, top, &root, &parent, &children, &n))
		return None;
	for (unsigned i = n; i > 0 && found == None; i--)
		found = search(c, children[i - 1], name, depth + 1);
	if (children)
		XFree(children);
	return found;
}

Window capture_part_window(struct x11_capture *c, const char *name)
{
	char *end;
	unsigned long id = strtoul(name, &end, 0);
	XWindowAttributes a;

	if (*name && *end == 0)
		return XGetWindowAttributes(c->dpy, id, &a) ? id : None;
	return search(c, c->root, name, 0);
}
