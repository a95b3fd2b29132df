/* Payloads of the records that make the picture: SCREEN, PIXELS, COPY, SHARED, DAMAGE, CURSOR. */
#include "fbs/type.h"

/* --- SCREEN --- */

void fbs_get_screen(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_screen *s = &r->screen;
	const uint8_t *boot;

	s->kind = wire_u32le(in);
	s->flags = wire_u32le(in);
	s->w = wire_u32le(in);
	s->h = wire_u32le(in);
	s->origin_x = wire_s32le(in);
	s->origin_y = wire_s32le(in);
	boot = wire_get(in, sizeof s->boot_id);
	if (boot)
		memcpy(s->boot_id, boot, sizeof s->boot_id);
	s->n_outputs = wire_u32le(in);
	s->display_len = wire_u32le(in);
	fbs_get_outputs(in, s->outputs, s->n_outputs);
	if (wire_left(in) != s->display_len)
		in->bad = true;
	s->display = (const char *)wire_get(in, s->display_len);
}

void fbs_put_screen(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_screen *s = &r->screen;

	wire_put_u32le(b, s->kind);
	wire_put_u32le(b, s->flags);
	wire_put_u32le(b, s->w);
	wire_put_u32le(b, s->h);
	wire_put_u32le(b, (uint32_t)s->origin_x);
	wire_put_u32le(b, (uint32_t)s->origin_y);
	wire_put(b, s->boot_id, sizeof s->boot_id);
	wire_put_u32le(b, s->n_outputs);
	wire_put_u32le(b, s->display_len);
	fbs_put_outputs(b, s->outputs, s->n_outputs);
}

struct fbs_tail fbs_tail_screen(const struct fbs_record *r)
{
	return (struct fbs_tail){ r->screen.display, r->screen.display_len };
}

const char *fbs_check_screen(const struct fbs_record *r)
{
	const struct fbs_screen *s = &r->screen;
	const char *why;

	if (s->kind > FBS_RELAY)
		return "unknown kind of source";
	if (s->w == 0 || s->h == 0 || s->w > FBS_SIDE_MAX || s->h > FBS_SIDE_MAX ||
	    (uint64_t)s->w * s->h > FBS_PIXELS_MAX)
		return "screen size out of range";
	if (s->origin_x < -(int32_t)FBS_SIDE_MAX || s->origin_x > (int32_t)FBS_SIDE_MAX ||
	    s->origin_y < -(int32_t)FBS_SIDE_MAX || s->origin_y > (int32_t)FBS_SIDE_MAX)
		return "screen origin out of range";
	why = fbs_check_outputs(s->outputs, s->n_outputs);
	return why ? why : fbs_check_text(s->display, s->display_len);
}

/* --- PIXELS --- */

void fbs_get_pixels(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_pixels *p = &r->pixels;

	p->x = wire_u16le(in);
	p->y = wire_u16le(in);
	p->w = wire_u16le(in);
	p->h = wire_u16le(in);
	p->encoding = wire_u32le(in);
	wire_skip(in, 4);
	p->len = (uint32_t)wire_left(in);
	p->data = wire_get(in, p->len);
}

void fbs_put_pixels(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_pixels *p = &r->pixels;

	wire_put_u16le(b, p->x);
	wire_put_u16le(b, p->y);
	wire_put_u16le(b, p->w);
	wire_put_u16le(b, p->h);
	wire_put_u32le(b, p->encoding);
	wire_put_u32le(b, 0);
}

struct fbs_tail fbs_tail_pixels(const struct fbs_record *r)
{
	return (struct fbs_tail){ r->pixels.data, r->pixels.len };
}

const char *fbs_check_pixels(const struct fbs_record *r)
{
	const struct fbs_pixels *p = &r->pixels;

	if (p->w == 0 || p->h == 0)
		return "empty rectangle";
	if (p->encoding == FBS_RAW)
		return p->len == (uint64_t)p->w * p->h * 4 ? NULL : "raw pixels do not fit their rectangle";
	if (p->encoding != FBS_TRLE && p->encoding != FBS_JPEG)
		return "unknown encoding of pixels";
	return p->len ? NULL : "no pixel data";
}

/* --- COPY --- */

void fbs_get_copy(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_copy *c = &r->copy;

	c->x = wire_u16le(in);
	c->y = wire_u16le(in);
	c->w = wire_u16le(in);
	c->h = wire_u16le(in);
	c->src_x = wire_u16le(in);
	c->src_y = wire_u16le(in);
	wire_skip(in, 4);
}

void fbs_put_copy(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_copy *c = &r->copy;

	wire_put_u16le(b, c->x);
	wire_put_u16le(b, c->y);
	wire_put_u16le(b, c->w);
	wire_put_u16le(b, c->h);
	wire_put_u16le(b, c->src_x);
	wire_put_u16le(b, c->src_y);
	wire_put_u32le(b, 0);
}

const char *fbs_check_copy(const struct fbs_record *r)
{
	return r->copy.w == 0 || r->copy.h == 0 ? "empty rectangle" : NULL;
}

/* --- SHARED --- */

void fbs_get_shared(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_shared *s = &r->shared;
	const uint8_t *nonce;

	s->shmid = wire_u32le(in);
	s->pid = wire_u32le(in);
	s->size = wire_u64le(in);
	s->nonce_at = wire_u64le(in);
	nonce = wire_get(in, sizeof s->nonce);
	if (nonce)
		memcpy(s->nonce, nonce, sizeof s->nonce);
}

void fbs_put_shared(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_shared *s = &r->shared;

	wire_put_u32le(b, s->shmid);
	wire_put_u32le(b, s->pid);
	wire_put_u64le(b, s->size);
	wire_put_u64le(b, s->nonce_at);
	wire_put(b, s->nonce, sizeof s->nonce);
}

const char *fbs_check_shared(const struct fbs_record *r)
{
	const struct fbs_shared *s = &r->shared;

	if (s->size < sizeof s->nonce || s->size > FBS_SHARED_MAX)
		return "segment size out of range";
	return s->nonce_at <= s->size - sizeof s->nonce ? NULL : "nonce outside the segment";
}

/* --- DAMAGE --- */

void fbs_get_damage(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_damage *d = &r->damage;

	d->x = wire_u16le(in);
	d->y = wire_u16le(in);
	d->w = wire_u16le(in);
	d->h = wire_u16le(in);
	d->offset = wire_u64le(in);
	d->stride = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_damage(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_damage *d = &r->damage;

	wire_put_u16le(b, d->x);
	wire_put_u16le(b, d->y);
	wire_put_u16le(b, d->w);
	wire_put_u16le(b, d->h);
	wire_put_u64le(b, d->offset);
	wire_put_u32le(b, d->stride);
	wire_put_u32le(b, 0);
}

const char *fbs_check_damage(const struct fbs_record *r)
{
	const struct fbs_damage *d = &r->damage;

	if (d->w == 0 || d->h == 0)
		return "empty rectangle";
	if (d->offset % 4 || d->stride % 4)
		return "damage is not aligned to pixels";
	return d->stride >= d->w * 4u && d->stride <= FBS_STRIDE_MAX ? NULL : "stride out of range";
}

/* --- CURSOR --- */

static uint32_t cursor_bytes(const struct fbs_cursor *c)
{
	return (uint32_t)c->w * c->h * 4;
}

void fbs_get_cursor(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_cursor *c = &r->cursor;

	c->w = wire_u16le(in);
	c->h = wire_u16le(in);
	c->hot_x = (int16_t)wire_u16le(in);
	c->hot_y = (int16_t)wire_u16le(in);
	if (c->w > FBS_CURSOR_SIDE_MAX || c->h > FBS_CURSOR_SIDE_MAX || wire_left(in) != cursor_bytes(c))
		in->bad = true;
	c->argb = wire_get(in, wire_left(in));
}

void fbs_put_cursor(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_cursor *c = &r->cursor;

	wire_put_u16le(b, c->w);
	wire_put_u16le(b, c->h);
	wire_put_u16le(b, (uint16_t)c->hot_x);
	wire_put_u16le(b, (uint16_t)c->hot_y);
}

struct fbs_tail fbs_tail_cursor(const struct fbs_record *r)
{
	return (struct fbs_tail){ r->cursor.argb, cursor_bytes(&r->cursor) };
}

const char *fbs_check_cursor(const struct fbs_record *r)
{
	const struct fbs_cursor *c = &r->cursor;

	if (c->w > FBS_CURSOR_SIDE_MAX || c->h > FBS_CURSOR_SIDE_MAX || (c->w == 0) != (c->h == 0))
		return "cursor size out of range";
	if (c->w == 0)
		return c->hot_x || c->hot_y ? "hotspot outside the cursor" : NULL;
	return c->hot_x >= 0 && c->hot_y >= 0 && c->hot_x < c->w && c->hot_y < c->h ? NULL : "hotspot outside the cursor";
}
