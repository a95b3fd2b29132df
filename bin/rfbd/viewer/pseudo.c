/* Rectangles that carry no pixels: the framebuffer's size, the cursor, the name, states. */
#include <string.h>

#include "account.h"
#include "rfb/put.h"
#include "viewer.h"

bool pseudo_painted_box(const struct viewer *v, pixman_box32_t *box)
{
	return !rfb_can(&v->can, RFB_CAP_ANY_CURSOR) && screen_cursor_box(&v->w->screen, box);
}

/* --- size ---------------------------------------------------------------------------- */

/* The outputs that lie within the screen, clipped to it. A part is one screen: none is listed. */
static unsigned list_screens(const struct viewer *v, struct rfb_screen out[FBS_OUTPUTS_MAX])
{
	const struct screen *s = &v->w->screen;
	unsigned n = 0;
	if (viewer_sees_part(v))
		return 0;
	for (unsigned i = 0; i < s->layout.n_outputs; i++) {
		const struct fbs_output *o = &s->layout.outputs[i];
		int64_t x1 = o->x < 0 ? 0 : o->x, y1 = o->y < 0 ? 0 : o->y;
		int64_t x2 = (int64_t)o->x + o->w, y2 = (int64_t)o->y + o->h;
		x2 = x2 > s->w ? s->w : x2;
		y2 = y2 > s->h ? s->h : y2;
		if (x1 < x2 && y1 < y2)
			out[n++] = (struct rfb_screen){ o->id, (uint16_t)x1, (uint16_t)y1, (uint16_t)(x2 - x1), (uint16_t)(y2 - y1), 0 };
	}
	return n;
}

static void adopt_size(struct viewer *v, uint16_t w, uint16_t h)
{
	v->w_sent = w;
	v->h_sent = h;
	if (v->continuous)
		v->continuous_box = viewer_bounds(v);
	viewer_blank(v);
	v->asked = v->asked_full = false;	/* the viewer asks anew, for the new size */
}

bool pseudo_send_size(struct viewer *v)
{
	const pixman_box32_t frame = viewer_frame(v);
	const uint16_t w = (uint16_t)(frame.x2 - frame.x1), h = (uint16_t)(frame.y2 - frame.y1);
	struct wire_buf out = { 0 };
	bool changed = v->w_sent != w || v->h_sent != h;
	bool extended = rfb_can(&v->can, RFB_CAP_EXT_DESKTOP_SIZE);
	if (extended && (changed || (v->due & (DUE_SIZE_ANSWER | DUE_LAYOUT)))) {
		struct rfb_screen screens[FBS_OUTPUTS_MAX];
		unsigned n = list_screens(v, screens);
		rfb_put_update(&out, 1);
		rfb_put_ext_desktop_size(&out, v->size_reason, v->size_status, w, h, screens, n);
		v->size_answered = true;
		v->size_reason = v->size_status = 0;
	} else if (changed && rfb_can(&v->can, RFB_CAP_DESKTOP_SIZE)) {
		rfb_put_update(&out, 1);
		rfb_put_desktop_size(&out, w, h);
	}
	v->due &= ~(unsigned)(DUE_SIZE_ANSWER | DUE_LAYOUT);
	if (!out.len)
		return false;
	if (changed)
		adopt_size(v, w, h);
	account_update(v, 0);
	v->rectangles++;
	v->out.bad = v->out.bad || out.bad;
	outq_put(&v->out, out.data, out.len);
	wire_buf_fini(&out);
	return true;
}

/* --- the rest -------------------------------------------------------------------------- */

static bool has_cursor(const struct viewer *v)
{
	return v->w->screen.cursor.serial;	/* 0: the source has not said */
}

static unsigned put_cursor(struct viewer *v, struct wire_buf *out)
{
	const struct screen_cursor *c = &v->w->screen.cursor;
	struct rfb_cursor shape = { c->w, c->h, (int16_t)c->hot_x, (int16_t)c->hot_y, (const uint8_t *)c->argb };
	return rfb_put_best_cursor(out, &shape, &v->can, &v->format);
}

/* Whether it is within what this viewer is shown. */
static bool has_pointer(const struct viewer *v)
{
	const struct fbs_pointer *p = &v->w->screen.pointer;
	const pixman_box32_t seen = viewer_bounds(v);
	return p->on_screen && p->x >= seen.x1 && p->y >= seen.y1 && p->x < seen.x2 && p->y < seen.y2;
}

static unsigned put_pointer(struct viewer *v, struct wire_buf *out)
{
	const struct fbs_pointer *p = &v->w->screen.pointer;
	const pixman_box32_t frame = viewer_frame(v);
	const uint16_t x = (uint16_t)(p->x - frame.x1), y = (uint16_t)(p->y - frame.y1);
	if (rfb_can(&v->can, RFB_CAP_POINTER_POS))
		rfb_put_pointer_pos(out, x, y);
	else
		rfb_put_vmware_pointer(out, x, y);
	return 1;
}

static unsigned put_name(struct viewer *v, struct wire_buf *out)
{
	const char *name = worker_name(v->w);
	rfb_put_desktop_name(out, name, (uint32_t)strlen(name));
	return 1;
}

static bool has_leds(const struct viewer *v)
{
	return v->w->screen.has_leds;
}

static unsigned put_leds(struct viewer *v, struct wire_buf *out)
{
	if (rfb_can(&v->can, RFB_CAP_QEMU_LEDS))
		rfb_put_qemu_leds(out, (uint8_t)v->w->screen.leds);
	else
		rfb_put_vmware_leds(out, v->w->screen.leds);
	return 1;
}

static unsigned put_qemu_keys(struct viewer *v, struct wire_buf *out)
{
	(void)v;
	rfb_put_qemu_keys(out);
	return 1;
}

static unsigned put_ext_mouse(struct viewer *v, struct wire_buf *out)
{
	(void)v;
	rfb_put_ext_mouse(out);
	return 1;
}

static const struct {
	unsigned due;
	uint32_t caps;		/* any of which is needed */
	unsigned (*put)(struct viewer *v, struct wire_buf *out);
	bool (*has)(const struct viewer *v);	/* whether there is something to put; NULL: always */
} table[] = {
	{ DUE_CURSOR, RFB_CAP_ANY_CURSOR, put_cursor, has_cursor },
	{ DUE_POINTER, RFB_CAP_POINTER_POS | RFB_CAP_VMWARE_POINTER, put_pointer, has_pointer },
	{ DUE_NAME, RFB_CAP_DESKTOP_NAME, put_name, NULL },
	{ DUE_LEDS, RFB_CAP_QEMU_LEDS | RFB_CAP_VMWARE_LEDS, put_leds, has_leds },
	{ DUE_QEMU_KEYS, RFB_CAP_QEMU_KEYS, put_qemu_keys, NULL },
	{ DUE_EXT_MOUSE, RFB_CAP_EXT_MOUSE, put_ext_mouse, NULL },
};

static bool is_due(const struct viewer *v, size_t i)
{
	return (v->due & table[i].due) && rfb_can(&v->can, table[i].caps) && (!table[i].has || table[i].has(v));
}

unsigned pseudo_put(struct viewer *v, struct wire_buf *out)
{
	unsigned n = 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (is_due(v, i))
			n += table[i].put(v, out);
	v->due &= DUE_SIZE_ANSWER | DUE_LAYOUT;
	return n;
}

bool pseudo_is_due(const struct viewer *v)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (is_due(v, i))
			return true;
	return false;
}
