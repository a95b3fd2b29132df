/* What each message of a viewer does. */
#include <string.h>

#include "account.h"
#include "cli/cli.h"
#include "io/io.h"
#include "rfb/put.h"
#include "viewer.h"

static void set_format(struct viewer *v, const struct pixel_format *f)
{
	v->format = *f;
	v->map_due = !f->true_colour;
	v->due |= DUE_CURSOR;	/* its pixels have another format too */
	quality_choose(v);
}

/* Tells the viewer what it may use from now on, and sends states that it learnt to understand. */
static void announce(struct viewer *v, uint32_t gained)
{
	struct wire_buf out = { 0 };
	if ((gained & RFB_CAP_FENCE) && !v->announced_fence) {
		v->announced_fence = true;
		uint8_t payload[4];
		wire_st32be(payload, pace_mark(&v->pace, v->sent + v->out.bytes, io_now()));
		rfb_put_fence(&out, RFB_FENCE_REQUEST | RFB_FENCE_BLOCK_BEFORE, payload, sizeof payload);
	}
	if ((gained & RFB_CAP_CONTINUOUS) && rfb_can(&v->can, RFB_CAP_FENCE) && !v->announced_continuous) {
		v->announced_continuous = true;
		rfb_put_end_of_continuous(&out);
	}
	if (out.len)
		viewer_say(v, &out);
	if (gained & RFB_CAP_EXT_CLIPBOARD)
		clip_viewer_extended(&v->w->clip, v);
	if (gained & RFB_CAP_ANY_CURSOR)
		v->due |= DUE_CURSOR;
	if (gained & (RFB_CAP_POINTER_POS | RFB_CAP_VMWARE_POINTER))
		v->due |= DUE_POINTER;
	if (gained & (RFB_CAP_QEMU_LEDS | RFB_CAP_VMWARE_LEDS))
		v->due |= DUE_LEDS;
	if (gained & RFB_CAP_QEMU_KEYS)
		v->due |= DUE_QEMU_KEYS;
	if (gained & RFB_CAP_EXT_MOUSE)
		v->due |= DUE_EXT_MOUSE;
	if (gained & RFB_CAP_EXT_DESKTOP_SIZE)
		v->due |= DUE_SIZE_ANSWER;
}

static void set_encodings(struct viewer *v, const struct rfb_msg_encodings *m)
{
	uint32_t before = v->can.caps;
	pixman_box32_t box;
	bool painted = pseudo_painted_box(v, &box);
	rfb_encodings_set(&v->can, m);
	rfb_parser_follow(&v->parser, &v->can);
	v->pic.copies_ok = rfb_can(&v->can, RFB_CAP_COPYRECT);
	if (!v->pic.copies_ok)
		picture_give_up_copies(&v->pic);
	quality_choose(v);
	if (painted != pseudo_painted_box(v, &box)) {	/* the cursor comes into the picture, or leaves it */
		if (painted)
			box = v->painted;
		picture_damage_box(&v->pic, &box);
	}
	announce(v, v->can.caps & ~before);
}

static void request(struct viewer *v, const struct rfb_msg_request *m)
{
	pixman_box32_t box;
	bool something = viewer_clip(v, &m->area, &box);
	if (v->answered_us && !v->asked) {
		int64_t took = io_now() - v->answered_us;
		v->cycle_us = took > 3000000 ? 3000000 : v->cycle_us ? (v->cycle_us * 3 + took) / 4 : took;
		v->answered_us = 0;
		v->w->interest_stale = true;
	}
	if (v->request_mark) {
		pace_request(&v->pace, v->request_mark, io_now());
		v->request_mark = 0;
	}
	if (!m->incremental) {
		v->asked_full = true;
		if (rfb_can(&v->can, RFB_CAP_EXT_DESKTOP_SIZE) && !v->size_answered)
			v->due |= DUE_SIZE_ANSWER;
		if (box.x1 < box.x2)
			picture_damage_box(&v->pic, &box);
		else if (something)
			viewer_blank(v);
		if (!v->updates)
			source_want_fresh(&v->w->source);
	}
	if (!something)
		return;
	if (v->asked && box.x1 >= box.x2) {
		box = v->asked_box;
	} else if (v->asked && v->asked_box.x1 < v->asked_box.x2) {
		box.x1 = box.x1 < v->asked_box.x1 ? box.x1 : v->asked_box.x1;
		box.y1 = box.y1 < v->asked_box.y1 ? box.y1 : v->asked_box.y1;
		box.x2 = box.x2 > v->asked_box.x2 ? box.x2 : v->asked_box.x2;
		box.y2 = box.y2 > v->asked_box.y2 ? box.y2 : v->asked_box.y2;
	}
	v->asked = true;
	v->asked_box = box;
}

static void key(struct viewer *v, const struct rfb_msg_key *k)
{
	limits_touch(v);
	if (!(viewer_rights(v) & FBS_RIGHT_INPUT))
		return;
	account_control(v);
	input_key(&v->w->input, v->id, k->keysym, k->code, k->down);
}

static void pointer(struct viewer *v, const struct rfb_msg_pointer *p)
{
	int x = p->x, y = p->y;
	limits_touch(v);
	if (!(viewer_rights(v) & FBS_RIGHT_INPUT) || !viewer_spot(v, &x, &y))
		return;
	account_control(v);
	scaler_back(&v->w->scaler, &v->w->screen, &x, &y);
	input_pointer(&v->w->input, v->id, x, y, p->buttons);
}

static void continuous(struct viewer *v, const struct rfb_msg_continuous *m)
{
	struct wire_buf out = { 0 };
	if (!rfb_can(&v->can, RFB_CAP_CONTINUOUS)) {
		viewer_doom(v, "continuous updates that it did not say it knows");
		return;
	}
	if (m->enable) {
		v->continuous = viewer_clip(v, &m->area, &v->continuous_box);
	} else if (v->continuous) {
		v->continuous = false;
		rfb_put_end_of_continuous(&out);
		viewer_say(v, &out);
	}
}

static void fence(struct viewer *v, const struct rfb_msg_fence *m)
{
	struct wire_buf out = { 0 };
	if (!(m->flags & RFB_FENCE_REQUEST)) {
		if (m->len == 4)
			pace_echo(&v->pace, wire_ld32be(m->payload), io_now());
		return;
	}
	rfb_put_fence(&out, m->flags & RFB_FENCE_KNOWN, m->payload, m->len);
	viewer_say(v, &out);
}

static void answer_resize(struct viewer *v, uint32_t status)
{
	v->due |= DUE_SIZE_ANSWER;
	v->size_reason = RFB_RESIZE_THIS;
	v->size_status = (uint16_t)status;
	v->resizing = false;
}

/* -R view: it is shown so much of the screen, from its corner, and nobody else notices. Who only watches may as well. */
static void resize_view(struct viewer *v, const struct rfb_msg_resize *m)
{
	v->view_w = m->w;
	v->view_h = m->h;
	picture_reset(&v->pic, v->w->screen.w, v->w->screen.h);	/* what it has not seen is due */
	v->painted = (pixman_box32_t){ 0 };
	answer_resize(v, RFB_RESIZE_OK);
}

static void resize(struct viewer *v, const struct rfb_msg_resize *m)
{
	struct worker *w = v->w;
	if (!rfb_can(&v->can, RFB_CAP_EXT_DESKTOP_SIZE))
		return;
	v->resize_w = m->w;
	v->resize_h = m->h;
	const bool view = w->config->resizing == RESIZE_VIEW;
	if (!view && (!(viewer_rights(v) & FBS_RIGHT_RESIZE) || v->limits.w))	/* a region is as large as its rule says */
		answer_resize(v, RFB_RESIZE_PROHIBITED);
	else if (!m->w || !m->h || m->w > FBS_SIDE_MAX || m->h > FBS_SIDE_MAX || (uint32_t)m->w * m->h > FBS_PIXELS_MAX)
		answer_resize(v, RFB_RESIZE_INVALID);
	else if (view)
		resize_view(v, m);
	else if (!(w->screen.layout.flags & FBS_SCREEN_RESIZABLE) || !input_resize(&w->input, v->id, ++v->resize_request, m))
		answer_resize(v, RFB_RESIZE_PROHIBITED);
	else
		v->resizing = true;
}

void viewer_resizes_lost(struct worker *w)
{
	for (struct viewer *v = w->viewers; v; v = v->next)
		if (v->resizing) {
			answer_resize(v, RFB_RESIZE_RESOURCES);
			update_consider(v);
		}
}

void viewer_resize_result(struct worker *w, const struct fbs_result *r)
{
	struct viewer *v = w->viewers;
	while (v && v->id != r->viewer)
		v = v->next;
	if (!v || r->request != v->resize_request)
		return;
	answer_resize(v, r->status);
	if (r->status == RFB_RESIZE_OK && (w->screen.w != v->resize_w || w->screen.h != v->resize_h)) {
		v->due &= ~(unsigned)DUE_SIZE_ANSWER;	/* the new size comes with a frame, and is told then */
		for (struct viewer *o = w->viewers; o; o = o->next)
			if (o != v)
				o->size_reason = RFB_RESIZE_OTHER;
	}
	update_consider(v);
}

void viewer_act(struct viewer *v, const struct rfb_msg *m)
{
	switch (m->kind) {
	case RFB_MSG_PIXEL_FORMAT: set_format(v, &m->format); break;
	case RFB_MSG_ENCODINGS: set_encodings(v, &m->encodings); break;
	case RFB_MSG_REQUEST: request(v, &m->request); break;
	case RFB_MSG_KEY: key(v, &m->key); break;
	case RFB_MSG_POINTER: pointer(v, &m->pointer); break;
	case RFB_MSG_CONTINUOUS: continuous(v, &m->continuous); break;
	case RFB_MSG_FENCE: fence(v, &m->fence); break;
	case RFB_MSG_RESIZE: resize(v, &m->resize); break;
	case RFB_MSG_CUT_TEXT: clip_viewer_part(&v->w->clip, v, &m->cut_text); break;
	case RFB_MSG_IGNORED:
	case RFB_MSG_XVP:
	case RFB_MSG_SCALE:
		break;
	}
}
