/* Payloads of what people do: viewers, their keys and pointers, requests, control of a player. */
#include "fbs/type.h"

/* --- JOIN, LEAVE --- */

void fbs_get_join(struct wire_in *in, struct fbs_record *r)
{
	r->join.viewer = wire_u32le(in);
	r->join.rights = wire_u32le(in);
	fbs_get_text(in, &r->join.address);
}

void fbs_put_join(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->join.viewer);
	wire_put_u32le(b, r->join.rights);
}

struct fbs_tail fbs_tail_join(const struct fbs_record *r)
{
	return (struct fbs_tail){ r->join.address.text, r->join.address.len };
}

const char *fbs_check_join(const struct fbs_record *r)
{
	return fbs_check_text(r->join.address.text, r->join.address.len);
}

void fbs_get_leave(struct wire_in *in, struct fbs_record *r)
{
	r->leave.viewer = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_leave(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->leave.viewer);
	wire_put_u32le(b, 0);
}

const char *fbs_check_leave(const struct fbs_record *r)
{
	(void)r;	/* every id is one */
	return NULL;
}

/* --- KEY, MOTION --- */

void fbs_get_key(struct wire_in *in, struct fbs_record *r)
{
	r->key.viewer = wire_u32le(in);
	r->key.keysym = wire_u32le(in);
	r->key.code = wire_u32le(in);
	r->key.down = wire_u32le(in);
}

void fbs_put_key(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->key.viewer);
	wire_put_u32le(b, r->key.keysym);
	wire_put_u32le(b, r->key.code);
	wire_put_u32le(b, r->key.down);
}

const char *fbs_check_key(const struct fbs_record *r)
{
	return r->key.down <= 1 ? NULL : "a key is neither up nor down";
}

void fbs_get_motion(struct wire_in *in, struct fbs_record *r)
{
	r->motion.viewer = wire_u32le(in);
	r->motion.x = wire_s32le(in);
	r->motion.y = wire_s32le(in);
	r->motion.buttons = wire_u32le(in);
}

void fbs_put_motion(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->motion.viewer);
	wire_put_u32le(b, (uint32_t)r->motion.x);
	wire_put_u32le(b, (uint32_t)r->motion.y);
	wire_put_u32le(b, r->motion.buttons);
}

const char *fbs_check_motion(const struct fbs_record *r)
{
	const struct fbs_motion *m = &r->motion;
	const int32_t far = 4 * (int32_t)FBS_SIDE_MAX;	/* a viewer's u16 and an origin */

	return m->x >= -far && m->x <= far && m->y >= -far && m->y <= far ? NULL : "position out of range";
}

/* --- RESIZE --- */

void fbs_get_resize(struct wire_in *in, struct fbs_record *r)
{
	struct fbs_resize *s = &r->resize;

	s->viewer = wire_u32le(in);
	s->request = wire_u32le(in);
	s->w = wire_u32le(in);
	s->h = wire_u32le(in);
	s->n_outputs = wire_u32le(in);
	wire_skip(in, 4);
	fbs_get_outputs(in, s->outputs, s->n_outputs);
	if (wire_left(in))
		in->bad = true;
}

void fbs_put_resize(struct wire_buf *b, const struct fbs_record *r)
{
	const struct fbs_resize *s = &r->resize;

	wire_put_u32le(b, s->viewer);
	wire_put_u32le(b, s->request);
	wire_put_u32le(b, s->w);
	wire_put_u32le(b, s->h);
	wire_put_u32le(b, s->n_outputs);
	wire_put_u32le(b, 0);
	fbs_put_outputs(b, s->outputs, s->n_outputs);
}

const char *fbs_check_resize(const struct fbs_record *r)
{
	const struct fbs_resize *s = &r->resize;

	if (s->w == 0 || s->h == 0 || s->w > FBS_SIDE_MAX || s->h > FBS_SIDE_MAX ||
	    (uint64_t)s->w * s->h > FBS_PIXELS_MAX)
		return "screen size out of range";
	return fbs_check_outputs(s->outputs, s->n_outputs);
}

/* --- WANT, PAUSE, SEEK, SPEED --- */

void fbs_get_want(struct wire_in *in, struct fbs_record *r)
{
	r->want.frames = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_want(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->want.frames);
	wire_put_u32le(b, 0);
}

const char *fbs_check_want(const struct fbs_record *r)
{
	(void)r;	/* any number may be wanted */
	return NULL;
}

void fbs_get_pause(struct wire_in *in, struct fbs_record *r)
{
	r->pause.viewer = wire_u32le(in);
	r->pause.paused = wire_u32le(in);
}

void fbs_put_pause(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->pause.viewer);
	wire_put_u32le(b, r->pause.paused);
}

const char *fbs_check_pause(const struct fbs_record *r)
{
	return r->pause.paused <= 2 ? NULL : "unknown kind of pause";
}

void fbs_get_seek(struct wire_in *in, struct fbs_record *r)
{
	r->seek.viewer = wire_u32le(in);
	r->seek.relative = wire_u32le(in);
	r->seek.us = (int64_t)wire_u64le(in);
}

void fbs_put_seek(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->seek.viewer);
	wire_put_u32le(b, r->seek.relative);
	wire_put_u64le(b, (uint64_t)r->seek.us);
}

const char *fbs_check_seek(const struct fbs_record *r)
{
	return r->seek.relative <= 1 && r->seek.us >= -FBS_TIME_MAX && r->seek.us <= FBS_TIME_MAX ?
	       NULL : "seek out of range";
}

void fbs_get_speed(struct wire_in *in, struct fbs_record *r)
{
	r->speed.viewer = wire_u32le(in);
	r->speed.relative = wire_u32le(in);
	r->speed.permille = wire_u32le(in);
	wire_skip(in, 4);
}

void fbs_put_speed(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u32le(b, r->speed.viewer);
	wire_put_u32le(b, r->speed.relative);
	wire_put_u32le(b, r->speed.permille);
	wire_put_u32le(b, 0);
}

const char *fbs_check_speed(const struct fbs_record *r)
{
	return r->speed.relative <= 1 && r->speed.permille >= 1 && r->speed.permille <= 1000000 ?
	       NULL : "speed out of range";
}
