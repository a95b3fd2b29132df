/* Payloads of the small downstream records and of those that go both ways. */
#include "fbs/type.h"

static struct fbs_tail text_tail(const struct fbs_text *t)
{
	return (struct fbs_tail){ t->text, t->len };
}

/* --- POINTER --- */

void fbs_get_pointer(struct wire_in *in, struct fbs_record *r)
{
	r->pointer.x = wire_s32le(in);
	r->pointer.y = wire_s32le(in);
	r->pointer.on_screen = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_pointer(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, (uint32_t)r->pointer.x);
	wire_put_u32le(b, (uint32_t)r->pointer.y);
	wire_put_u32le(b, r->pointer.on_screen);
	wire_put_u32le(b, 0);
}

const char *fbs_check_pointer(const struct fbs_record *r)
{
	const struct fbs_pointer *p = &r->pointer;
	const int32_t far = 2 * (int32_t)FBS_SIDE_MAX;

	return p->on_screen <= 1 && p->x >= -far && p->x <= far && p->y >= -far && p->y <= far ?
	       NULL : "pointer out of range";
}

/* --- NAME --- */

void fbs_get_name(struct wire_in *in, struct fbs_record *r)
{
	fbs_get_text(in, &r->name);
}

void fbs_put_name(struct wire_buf *b, const struct fbs_record *r)
{
	(void)b;	/* nothing but the text */
	(void)r;
}

struct fbs_tail fbs_tail_name(const struct fbs_record *r)
{
	return text_tail(&r->name);
}

const char *fbs_check_name(const struct fbs_record *r)
{
	return fbs_check_text(r->name.text, r->name.len);
}

/* --- LEDS --- */

void fbs_get_leds(struct wire_in *in, struct fbs_record *r)
{
	r->leds.mask = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_leds(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->leds.mask);
	wire_put_u32le(b, 0);
}

const char *fbs_check_leds(const struct fbs_record *r)
{
	return r->leds.mask <= 7 ? NULL : "unknown LED";
}

/* --- RESULT --- */

void fbs_get_result(struct wire_in *in, struct fbs_record *r)
{
	r->result.viewer = wire_u32le(in);
	r->result.request = wire_u32le(in);
	r->result.status = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_result(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->result.viewer);
	wire_put_u32le(b, r->result.request);
	wire_put_u32le(b, r->result.status);
	wire_put_u32le(b, 0);
}

const char *fbs_check_result(const struct fbs_record *r)
{
	return r->result.status <= 0xffff ? NULL : "status out of range";
}

/* --- MARK --- */

void fbs_get_mark(struct wire_in *in, struct fbs_record *r)
{
	r->mark.kind = wire_u32le(in);
	wire_skip(in, 4);
	fbs_get_text(in, &r->mark.text);
}

void fbs_put_mark(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->mark.kind);
	wire_put_u32le(b, 0);
}

struct fbs_tail fbs_tail_mark(const struct fbs_record *r)
{
	return text_tail(&r->mark.text);
}

const char *fbs_check_mark(const struct fbs_record *r)
{
	if (r->mark.kind > FBS_MARK_RESUME)
		return "unknown kind of mark";
	return fbs_check_text(r->mark.text.text, r->mark.text.len);
}

/* --- FRAME --- */

void fbs_get_frame(struct wire_in *in, struct fbs_record *r)
{
	r->frame.number = wire_u64le(in);
	r->frame.capture_us = (int64_t)wire_u64le(in);
	r->frame.media_us = (int64_t)wire_u64le(in);
	r->frame.checksum = wire_u64le(in);
}

void fbs_put_frame(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u64le(b, r->frame.number);
	wire_put_u64le(b, (uint64_t)r->frame.capture_us);
	wire_put_u64le(b, (uint64_t)r->frame.media_us);
	wire_put_u64le(b, r->frame.checksum);
}

const char *fbs_check_frame(const struct fbs_record *r)
{
	return r->frame.media_us >= 0 && r->frame.media_us <= FBS_TIME_MAX &&
	       r->frame.capture_us >= -FBS_TIME_MAX && r->frame.capture_us <= FBS_TIME_MAX ?
	       NULL : "time of frame out of range";
}

/* --- END --- */

void fbs_get_end(struct wire_in *in, struct fbs_record *r)
{
	r->end.status = wire_u32le(in);
	wire_skip(in, 4);
	fbs_get_text(in, &r->end.text);
}

void fbs_put_end(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->end.status);
	wire_put_u32le(b, 0);
}

struct fbs_tail fbs_tail_end(const struct fbs_record *r)
{
	return text_tail(&r->end.text);
}

const char *fbs_check_end(const struct fbs_record *r)
{
	if (r->end.status > FBS_END_DIED)
		return "unknown status of END";
	return fbs_check_text(r->end.text.text, r->end.text.len);
}

/* --- HELLO --- */

void fbs_get_hello(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_hello *h = &r->hello;
	const uint8_t *boot;

	h->role = wire_u32le(in);
	h->flags = wire_u32le(in);
	boot = wire_get(in, sizeof h->boot_id);
	if (boot)
		memcpy(h->boot_id, boot, sizeof h->boot_id);
	fbs_get_text(in, &h->display);
}

void fbs_put_hello(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->hello.role);
	wire_put_u32le(b, r->hello.flags);
	wire_put(b, r->hello.boot_id, sizeof r->hello.boot_id);
}

struct fbs_tail fbs_tail_hello(const struct fbs_record *r)
{
	return text_tail(&r->hello.display);
}

const char *fbs_check_hello(const struct fbs_record *r)
{
	if (r->hello.role != FBS_ROLE_SOURCE && r->hello.role != FBS_ROLE_INPUT)
		return "unknown role";
	return fbs_check_text(r->hello.display.text, r->hello.display.len);
}

/* --- CLIP_OFFER, CLIP, CLIP_WANT --- */

static const char *check_selection(uint32_t selection)
{
	return selection == FBS_CLIPBOARD || selection == FBS_PRIMARY ? NULL : "unknown selection";
}

void fbs_get_clip_offer(struct wire_in *in, struct fbs_record *r)
{
	r->clip_offer.viewer = wire_u32le(in);
	r->clip_offer.selection = wire_u32le(in);
	r->clip_offer.serial = wire_u64le(in);
	r->clip_offer.size = wire_u64le(in);
}

void fbs_put_clip_offer(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->clip_offer.viewer);
	wire_put_u32le(b, r->clip_offer.selection);
	wire_put_u64le(b, r->clip_offer.serial);
	wire_put_u64le(b, r->clip_offer.size);
}

const char *fbs_check_clip_offer(const struct fbs_record *r)
{
	if (r->clip_offer.size > FBS_CLIP_MAX && r->clip_offer.size != UINT64_MAX)
		return "clipboard text too long";
	return check_selection(r->clip_offer.selection);
}

void fbs_get_clip(struct wire_in *in, struct fbs_record *r)
{
	r->clip.viewer = wire_u32le(in);
	r->clip.selection = wire_u32le(in);
	r->clip.serial = wire_u64le(in);
	r->clip.offset = wire_u64le(in);
	fbs_get_text(in, &r->clip.text);
}

void fbs_put_clip(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->clip.viewer);
	wire_put_u32le(b, r->clip.selection);
	wire_put_u64le(b, r->clip.serial);
	wire_put_u64le(b, r->clip.offset);
}

struct fbs_tail fbs_tail_clip(const struct fbs_record *r)
{
	return text_tail(&r->clip.text);
}

const char *fbs_check_clip(const struct fbs_record *r)
{
	if (r->clip.text.len > FBS_CLIP_PART_MAX || r->clip.offset > FBS_CLIP_MAX - r->clip.text.len)
		return "clipboard text too long";
	return check_selection(r->clip.selection);
}

void fbs_get_clip_want(struct wire_in *in, struct fbs_record *r)
{
	r->clip_want.viewer = wire_u32le(in);
	r->clip_want.selection = wire_u32le(in);
	r->clip_want.serial = wire_u64le(in);
}

void fbs_put_clip_want(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->clip_want.viewer);
	wire_put_u32le(b, r->clip_want.selection);
	wire_put_u64le(b, r->clip_want.serial);
}

const char *fbs_check_clip_want(const struct fbs_record *r)
{
	return check_selection(r->clip_want.selection);
}
