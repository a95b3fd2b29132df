/* Payloads of the records that describe a recording while it plays: MEDIA, CUE. They take effect at
 * once and belong to no frame; the position itself is in every FRAME. */
#include "fbs/type.h"

/* --- MEDIA --- */

void fbs_get_media(struct wire_in *in, struct fbs_record *r)
{
	r->media.length_us = (int64_t)wire_u64le(in);
	r->media.paused = wire_u32le(in);
	r->media.permille = wire_u32le(in);
}

void fbs_put_media(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u64le(b, (uint64_t)r->media.length_us);
	wire_put_u32le(b, r->media.paused);
	wire_put_u32le(b, r->media.permille);
}

const char *fbs_check_media(const struct fbs_record *r)
{
	if (r->media.length_us < 0 || r->media.length_us > FBS_MEDIA_US_MAX)
		return "length of a recording out of range";
	return r->media.paused > 1 ? "neither paused nor running" : NULL;
}

/* --- CUE --- */

void fbs_get_cue(struct wire_in *in, struct fbs_record *r)
{
	r->cue.at_us = (int64_t)wire_u64le(in);
	r->cue.kind = wire_u32le(in);
	wire_skip(in, 4);
	fbs_get_text(in, &r->cue.text);
}

void fbs_put_cue(struct wire_buf *b, const struct fbs_record *r)
{
	wire_put_u64le(b, (uint64_t)r->cue.at_us);
	wire_put_u32le(b, r->cue.kind);
	wire_put_zero(b, 4);
}

struct fbs_tail fbs_tail_cue(const struct fbs_record *r)
{
	return (struct fbs_tail){ r->cue.text.text, r->cue.text.len };
}

const char *fbs_check_cue(const struct fbs_record *r)
{
	if (r->cue.at_us < 0 || r->cue.at_us > FBS_MEDIA_US_MAX)
		return "time of a mark out of range";
	if (r->cue.kind > FBS_MARK_RESUME)
		return "unknown kind of mark";
	return fbs_check_text(r->cue.text.text, r->cue.text.len);
}
