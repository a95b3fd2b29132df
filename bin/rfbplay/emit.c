/* Records pass through as they were recorded. Where the position is drawn, the picture's own pixels are never sent
 * wrong: a frame that copies from or to that part goes out as a whole picture, and the text is painted again
 * behind each frame. */
#include "emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "font.h"

enum { SCALE = 2, MARGIN = 6, BACKGROUND = 0x202020, FOREGROUND = 0xf0f0f0 };

int emit_init(struct emit *e, int fd, bool own_times)
{
	*e = (struct emit){ .own_times = own_times };
	return fbs_writer_init(&e->w, fd, "rfbplay");
}

void emit_fini(struct emit *e)
{
	fbs_writer_fini(&e->w);
	free(e->px);
}

/* The time of the records that follow. */
static void stamp(struct emit *e, int64_t media_us)
{
	if (!e->started)
		e->origin_us = media_us;
	e->started = true;
	if (e->own_times)
		fbs_writer_stamp_at(&e->w, media_us > e->origin_us ? media_us - e->origin_us : 0);
	else
		fbs_writer_stamp(&e->w);
}

static int frame(struct emit *e, uint16_t flags, int64_t media_us)
{
	return fbs_write_frame(&e->w, flags, e->w.now_us, media_us < 0 ? 0 : media_us);
}

static int put_part(struct emit *e, const struct rec_picture *p, int x, int y, int w, int h)
{
	return fbs_write_raw(&e->w, (uint16_t)x, (uint16_t)y, (uint16_t)w, (uint16_t)h,
			     p->px + (size_t)y * p->screen.w + x, p->screen.w * (size_t)4);
}

/* --- the position -------------------------------------------------------------------------- */

static int take_text_away(struct emit *e, const struct rec_picture *p)
{
	int result = 0;

	if (e->shown.w && e->shown.x + e->shown.w <= (int)p->screen.w && e->shown.y + e->shown.h <= (int)p->screen.h)
		result = put_part(e, p, e->shown.x, e->shown.y, e->shown.w, e->shown.h);
	e->shown.w = 0;
	return result;
}

static int paint_text(struct emit *e, const struct rec_picture *p)
{
	int w = (int)strlen(e->text) * FONT_W * SCALE + 2 * MARGIN, h = FONT_H * SCALE + 2 * MARGIN;
	uint32_t *px;

	if (!e->text[0] || !p->has_screen)
		return 0;
	w = w < (int)p->screen.w ? w : (int)p->screen.w;
	h = h < (int)p->screen.h ? h : (int)p->screen.h;
	px = realloc(e->px, (size_t)w * (size_t)h * sizeof *px);
	if (!px)
		return -1;
	e->px = px;
	for (int i = 0; i < w * h; i++)
		px[i] = BACKGROUND;
	font_draw(px, (size_t)w, w, h, MARGIN, MARGIN, SCALE, FOREGROUND, e->text);
	if (e->shown.w > w && take_text_away(e, p))
		return -1;
	e->shown.x = 0;
	e->shown.y = (int)p->screen.h - h;
	e->shown.w = w;
	e->shown.h = h;
	return fbs_write_raw(&e->w, 0, (uint16_t)e->shown.y, (uint16_t)w, (uint16_t)h, px, (size_t)w * 4);
}

static bool touches(const struct emit *e, int x, int y, int w, int h)
{
	return e->shown.w && x < e->shown.x + e->shown.w && e->shown.x < x + w && y < e->shown.y + e->shown.h && e->shown.y < y + h;
}

int emit_text(struct emit *e, const struct player *p, int64_t at_us, const char *text)
{
	if (strcmp(text, e->text) == 0 || !p->has_frame)
		return 0;
	strncpy(e->text, text, sizeof e->text - 1);
	stamp(e, at_us);
	if (text[0] ? paint_text(e, &p->picture) : take_text_away(e, &p->picture))
		return -1;
	return frame(e, 0, at_us);
}

/* --- units ------------------------------------------------------------------------------------- */

/* What people did is not for those who watch; the clipboard of the screen is. */
static bool is_left_out(const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_CLIP_OFFER:
		return r->clip_offer.viewer != 0;
	case FBS_CLIP:
		return r->clip.viewer != 0;
	case FBS_SHARED:
	case FBS_DAMAGE:
	case FBS_MEDIA:
	case FBS_CUE:
	case FBS_END:
	case FBS_RESULT:
		return true;
	default:
		return r->type >= FBS_HELLO;
	}
}

static int put_record(struct emit *e, const struct rec_picture *p, struct fbs_record *r)
{
	if (r->type == FBS_SCREEN) {
		r->screen.kind = FBS_RECORDING;
		if (r->screen.w != p->screen.w || r->screen.h != p->screen.h)
			e->shown.w = 0;
	}
	return fbs_write(&e->w, r);
}

/* A copy that would carry the text along, or read it. */
static bool copies_text(const struct emit *e, const struct rec_unit *u)
{
	struct fbs_record r;
	size_t at = 0;

	while (e->shown.w && rec_unit_record(u, &at, &r))
		if (r.type == FBS_COPY && (touches(e, r.copy.x, r.copy.y, r.copy.w, r.copy.h) ||
					   touches(e, r.copy.src_x, r.copy.src_y, r.copy.w, r.copy.h)))
			return true;
	return false;
}

int emit_unit(struct emit *e, const struct player *p)
{
	bool whole = copies_text(e, &p->unit);
	struct fbs_record r;
	size_t at = 0;

	stamp(e, p->unit.time_us);
	while (rec_unit_record(&p->unit, &at, &r)) {
		if (r.type == FBS_FRAME || is_left_out(&r) || (whole && r.type != FBS_BELL && r.type != FBS_MARK))
			continue;
		if (put_record(e, &p->picture, &r))
			return -1;
	}
	if (whole)
		return emit_picture(e, p, p->unit.time_us, p->unit.flags & FBS_FRAME_GAP);
	if (!p->unit.is_frame)
		return fbs_flush(&e->w);
	if (paint_text(e, &p->picture))
		return -1;
	return frame(e, p->unit.flags, p->unit.time_us);
}

static int write_record(void *arg, const struct fbs_record *r)
{
	struct fbs_record rec = *r;

	if (rec.type == FBS_SCREEN)
		rec.screen.kind = FBS_RECORDING;
	return fbs_write(arg, &rec);
}

int emit_picture(struct emit *e, const struct player *p, int64_t at_us, bool gap)
{
	if (!p->has_frame)
		return 0;
	stamp(e, at_us);
	e->shown.w = 0;
	if (rec_picture_say(&p->picture, e->w.now_us, write_record, &e->w) || paint_text(e, &p->picture))
		return -1;
	return frame(e, FBS_FRAME_KEY | (gap ? FBS_FRAME_GAP : 0), at_us);
}

int emit_media(struct emit *e, int64_t length_us, bool paused, uint32_t permille)
{
	struct fbs_record r = { .type = FBS_MEDIA, .media = { length_us, paused, permille } };

	if (fbs_write(&e->w, &r))
		return -1;
	return fbs_flush(&e->w);
}

int emit_cue(struct emit *e, int64_t at_us, const struct fbs_mark *mark)
{
	struct fbs_record r = { .type = FBS_CUE, .cue = { at_us, mark->kind, mark->text } };

	return fbs_write(&e->w, &r);
}

int emit_end(struct emit *e, uint32_t status, const char *reason)
{
	if (!e->own_times)
		fbs_writer_stamp(&e->w);
	return fbs_write_end(&e->w, status, reason);
}
