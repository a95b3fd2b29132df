/* How a viewer's pixels are encoded: the first of its encodings that can carry its pixel format, at the
 * quality that it asks for; and the same without loss, for what has come to rest. */
#include <string.h>

#include "viewer.h"

enum {
	UPDATE_US = 30000,		/* time that an update of something that moves may take on the link */
	EASE_AFTER = 12,		/* updates in a row that leave room before quality rises again */
};
/* How large a picture is at each level, in proportion: what another level would come to. */
static const double size[10] = { 18, 24, 27, 32, 39, 45, 61, 73, 100, 240 };

/* JPEG quality of a level, which is 0 to 9. */
static int8_t percent_of(int level)
{
	int8_t percent, subsample;
	codec_quality(level, &percent, &subsample);
	return percent;
}

static bool is_always_lossy(int32_t encoding)
{
	return encoding == CODEC_JPEG || encoding == CODEC_ZYWRLE || encoding == CODEC_H264;
}

static bool can_be_lossy(int32_t encoding)
{
	return is_always_lossy(encoding) || encoding == CODEC_TIGHT || encoding == CODEC_TIGHTPNG;
}

/* Units are found by their key's bytes: what an encoding does not look at must not tell them apart. */
static void forget_unused(struct codec_params *p)
{
	switch (p->encoding) {
	case CODEC_RAW: case CODEC_RRE: case CODEC_CORRE: case CODEC_HEXTILE: case CODEC_TRLE: case CODEC_JPEG:
		p->compress = -1;
		break;
	}
	if (p->encoding != CODEC_TIGHT)
		p->tight_nozlib = false;
	if (!can_be_lossy(p->encoding))
		p->quality = -1;
	if (p->quality < 0)
		p->subsample = -1;
}

static int8_t asked(const struct viewer *v)
{
	return v->can.fine_quality >= 0 ? v->can.fine_quality : v->can.quality >= 0 ? percent_of(v->can.quality) : -1;
}

/* The highest level that is no better than that. */
static int level_of(int8_t q)
{
	int level = 9;
	while (level > 0 && percent_of(level) > q)
		level--;
	return level;
}

/* What the viewer asks for, in percent, lowered by what its link does not carry; -1: without loss. */
static int8_t wished(const struct viewer *v)
{
	const int8_t q = asked(v);
	if (q < 0 || v->strain == 0)
		return q == 0 ? 1 : q;
	const int level = level_of(q) - v->strain;
	const int8_t lowered = percent_of(level < 0 ? 0 : level);
	return lowered < q ? lowered : q;
}

/* Video has its own ways with a link: nothing is lowered here. */
static int8_t video_quality(const struct viewer *v)
{
	int8_t q = v->can.fine_quality >= 0 ? v->can.fine_quality : percent_of(v->can.quality >= 0 ? v->can.quality : 8);
	return q ? q : 1;
}

static void choose(const struct viewer *v, struct codec_params *out, bool exact)
{
	struct codec_params p;
	int8_t quality = wished(v);
	memset(&p, 0, sizeof p);
	p.format = v->format;
	p.compress = v->can.compress;
	p.subsample = v->can.subsample;
	p.tight_nozlib = rfb_can(&v->can, RFB_CAP_TIGHT_NOZLIB);
	p.encoding = CODEC_RAW;
	p.quality = -1;
	for (unsigned i = 0; i < v->can.n; i++) {
		struct codec_params q = p;
		q.encoding = v->can.choices[i];
		if (exact && is_always_lossy(q.encoding))
			continue;
		q.quality = exact ? -1 : is_always_lossy(q.encoding) && quality < 0 ? percent_of(8) : quality;
		if (codec_supports(&q)) {
			p = q;
			break;
		}
	}
	forget_unused(&p);
	memcpy(out, &p, sizeof p);
}

void quality_choose(struct viewer *v)
{
	const int most = level_of(asked(v));
	v->strain = v->strain > most ? (int8_t)most : v->strain;
	choose(v, &v->params, false);
	choose(v, &v->exact_params, true);
	v->takes_video = follow_wanted(v);
	v->video_quality = video_quality(v);
}

void quality_adapt(struct viewer *v, uint64_t bytes)
{
	const double room = (double)hold_carries(v, UPDATE_US);
	const int8_t q = asked(v), before = v->strain;
	if (room <= 0 || q < 0)
		return;
	const int top = level_of(q);
	int level = top - v->strain;
	/* one picture that is large alone says little about those to come */
	const double some = ((double)bytes < 4 * room ? (double)bytes : 4 * room) / size[level];
	v->bulk = v->bulk > 0 ? v->bulk + (some - v->bulk) / 4 : some;
	if (v->bulk * size[level] > room * 9 / 8) {
		while (level > 0 && v->bulk * size[level] > room)
			level--;
		v->ease = 0;
	} else if (level == top || v->bulk * size[level + 1] > room) {
		v->ease = 0;
	} else if (++v->ease >= EASE_AFTER) {
		level++;
		v->ease = 0;
	}
	v->strain = (int8_t)(top - level);
	if (v->strain != before)
		quality_choose(v);
}
