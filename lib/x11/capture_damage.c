/* XDamage at the NonEmpty level: one event when the server's region stops being empty, and then
 * none until it is taken, so a busy screen that nobody reads wakes nobody. */
#include "x11/capture_state.h"

void capture_damage_init(struct x11_capture *c)
{
	struct capture_damage *d = &c->damage;
	int error, major, minor;
	unsigned before = x11_display_errors();

	d->whole = true;
	if (c->opt.poll || !c->have_fixes || !XDamageQueryExtension(c->dpy, &d->event, &error) ||
	    !XDamageQueryVersion(c->dpy, &major, &minor))
		return;
	d->id = XDamageCreate(c->dpy, c->root, XDamageReportNonEmpty);
	d->region = XFixesCreateRegion(c->dpy, NULL, 0);
	XSync(c->dpy, False);
	d->have = x11_display_errors() == before;
}

/* The server's damage of the display, added to `region`. One round trip. */
static void fetch_region(struct x11_capture *c, pixman_region32_t *region)
{
	int n = 0;
	XRectangle *r;

	XDamageSubtract(c->dpy, c->damage.id, None, c->damage.region);
	r = XFixesFetchRegion(c->dpy, c->damage.region, &n);
	for (int i = 0; r && i < n; i++)
		pixman_region32_union_rect(region, region, r[i].x, r[i].y, r[i].width, r[i].height);
	if (r)
		XFree(r);
}

void capture_damage_take(struct x11_capture *c, pixman_region32_t *region)
{
	const struct fbs_screen *s = &c->screen.now;

	if (c->damage.whole)
		XDamageSubtract(c->dpy, c->damage.id, None, None);
	else if (c->damage.ready)
		fetch_region(c, region);
	c->damage.ready = false;
	if (c->screen.hidden)
		pixman_region32_clear(region);
	pixman_region32_translate(region, -s->origin_x, -s->origin_y);
	pixman_region32_intersect_rect(region, region, 0, 0, s->w, s->h);
	if (c->damage.whole)
		pixman_region32_union_rect(region, region, 0, 0, s->w, s->h);
}
