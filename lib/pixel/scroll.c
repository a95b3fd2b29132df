/* The search: group the change into areas and sample their tiles; guess shifts, those that worked lately first,
 * then by votes; let each guess take the sampled tiles that it explains; for those that explain any, find the
 * rectangle and carry the copy out.
 *
 * It is built to be cheap when it does not pay. Small changes are not looked at, what one guess explains is not
 * weighed again, a budget bounds the rest, and tiles whose change nothing explained (video) are left alone for the
 * next one, then three of their changes, from the second failure on. */
#include "pixel/scroll.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pixel/areas.h"
#include "pixel/compare.h"
#include "pixel/gain.h"
#include "pixel/votes.h"

enum {
	GAIN_MIN = 512,			/* wrong pixels that a copy must mend */
	RECENT = 4,			/* shifts remembered */
	PAIRS_MAX = 12,			/* of a shift and an area, tried in one frame */
	SAMPLE_ROWS = 4,		/* rows of a tile that are weighed */
	SAMPLES_EACH = 12,		/* tiles of an area that are sampled at least, if it has them */
	SAMPLES_SHARED = 128,		/* more, shared out by size */
	SAMPLES_MAX = AREAS_MAX * SAMPLES_EACH + SAMPLES_SHARED,
	SUPPORT_MIN = 32,		/* sampled wrong pixels that a guess must explain */
	LEVEL_MAX = 3,			/* a tile that failed n times in a row rests for 2^(n-1) - 1 changes */
	BUDGET = 10 << 20,		/* pixels compared in search of rectangles, for one frame */
};

struct sample {
	uint32_t tile;
	unsigned rows;			/* bit i: its row 1 + i * PIXEL_TILE_H / SAMPLE_ROWS counts */
	size_t area;
	long wrong;			/* wrong pixels in those rows */
	long edges;			/* pairs of neighbours there, of two colours and wrong */
	long mended;			/* by the best guess so far */
	struct pixel_shift by;
};

struct pair {
	struct pixel_shift shift;
	size_t area;
	long support;			/* sampled wrong pixels that the shift explains best */
	struct pixel_rect box;		/* where to look, in pixels */
	struct pixel_gain found;
	bool stale;			/* the model changed since */
};

struct pixel_scroll {
	struct pixel_votes *votes;
	struct pixel_gain_work *work;
	uint8_t *mark, *level, *rest;	/* per tile */
	uint32_t *list, *stack;		/* per tile */
	struct pixel_shift recent[RECENT];
	size_t n_recent;
	/* of the frame at hand */
	struct pixel_area area[AREAS_MAX];
	long wrong[AREAS_MAX];		/* wrong pixels in what is not of one colour, about */
	long scale[AREAS_MAX];		/* pixels that one sampled pixel stands for */
	bool paid[AREAS_MAX];		/* a copy mended some */
	size_t n_areas, differing;	/* tiles */
	struct sample sample[SAMPLES_MAX];
	size_t n_samples;
	struct pair pair[PAIRS_MAX];
	size_t n_pairs;
	long budget;
};

struct pixel_scroll *pixel_scroll_new(const struct pixel_model *m)
{
	struct pixel_scroll *s = calloc(1, sizeof *s);
	size_t n = (size_t)m->tiles_x * (size_t)m->tiles_y;

	if (!s)
		return NULL;
	s->votes = pixel_votes_new((int)m->stride);
	s->work = pixel_gain_work_new((int)m->stride);
	s->mark = calloc(n, 1);
	s->level = calloc(n, 1);
	s->rest = calloc(n, 1);
	s->list = calloc(n, sizeof *s->list);
	s->stack = calloc(n, sizeof *s->stack);
	if (s->votes && s->work && s->mark && s->level && s->rest && s->list && s->stack)
		return s;
	pixel_scroll_free(s);
	return NULL;
}

void pixel_scroll_free(struct pixel_scroll *s)
{
	if (!s)
		return;
	pixel_votes_free(s->votes);
	pixel_gain_work_free(s->work);
	free(s->mark);
	free(s->level);
	free(s->rest);
	free(s->list);
	free(s->stack);
	free(s);
}

/* --- areas and a sample of their tiles ------------------------------------------------------ */

static struct pixel_rect tile_at(const struct pixel_model *m, uint32_t t)
{
	return model_tile_rect((int)(t % (uint32_t)m->tiles_x), (int)(t / (uint32_t)m->tiles_x));
}

/* A few rows say whether a tile is worth a look. */
static bool differs(const struct pixel_model *m, uint32_t tile)
{
	const struct pixel_rect r = tile_at(m, tile);
	uint32_t buf[PIXEL_TILE_W];

	for (int y = r.y + 1; y < r.y + r.h && y < m->h; y += PIXEL_TILE_H / SAMPLE_ROWS)
		if (pixel_rows()->differ(model_new_row(m, r.x, y, r.w, buf), model_at(m, m->ref, r.x, y), (size_t)r.w))
			return true;
	return false;
}

/* Lists the changed tiles that do not rest. Returns how many. */
static size_t list_tiles(struct pixel_scroll *s, struct pixel_model *m)
{
	size_t n = 0, all = (size_t)m->tiles_x * (size_t)m->tiles_y;

	for (size_t t = 0; t < all; t++) {
		s->mark[t] = 0;
		if (m->tile[t] == MODEL_SAME)
			continue;
		if (s->rest[t] > 0) {
			s->rest[t]--;
			continue;
		}
		if (!differs(m, (uint32_t)t))
			continue;
		m->tile[t] |= MODEL_DIFFERS;
		s->mark[t] = 1;
		s->list[n++] = (uint32_t)t;
	}
	return n;
}

static size_t area_of(const struct pixel_scroll *s, const struct pixel_model *m, uint32_t t)
{
	struct pixel_rect one = { (int)(t % (uint32_t)m->tiles_x), (int)(t / (uint32_t)m->tiles_x), 1, 1 };
	size_t a = 0;

	while (a < s->n_areas && !pixel_rects_touch(s->area[a].box, one))
		a++;
	return a;
}

/* Counts the wrong pixels in some rows of a tile, leaving out those of one colour now: moving blank paper would
 * explain them, and they cost nothing to send. */
static void sample_wrong(const struct pixel_model *m, struct sample *t)
{
	const struct pixel_rows *rows = pixel_rows();
	struct pixel_rect r = tile_at(m, t->tile);
	uint32_t buf[PIXEL_TILE_W];

	for (int i = 0, y = r.y + 1; i < SAMPLE_ROWS && y < m->h; i++, y += PIXEL_TILE_H / SAMPLE_ROWS) {
		const uint32_t *is = model_new_row(m, r.x, y, r.w, buf);
		size_t n = rows->count(is, model_at(m, m->ref, r.x, y), (size_t)r.w);
		if (n == 0 || rows->edges(is, (size_t)r.w) == 0)
			continue;
		t->wrong += (long)n;
		t->edges += (long)rows->mend_edges(is, model_at(m, m->ref, r.x, y), is, (size_t)r.w);
		t->rows |= 1u << i;
	}
}

/* How many of them would be right if the reader's content came from (-dx, -dy). 0 when that leaves many edges wrong:
 * blank paper, and other lines of text as well, mend most of what becomes a text, but none of what costs. */
static long sample_mended(const struct pixel_model *m, const struct sample *t, int dx, int dy)
{
	const struct pixel_rows *rows = pixel_rows();
	const struct pixel_rect screen = model_screen(m);
	struct pixel_rect r = pixel_rect_meet(tile_at(m, t->tile), screen), from = pixel_rect_shift(r, -dx, -dy);
	struct pixel_rect in = pixel_rect_shift(pixel_rect_meet(from, screen), dx, dy);
	uint32_t buf[PIXEL_TILE_W];
	long n = 0, edges = 0;

	if (pixel_rect_empty(in))
		return 0;
	for (int i = 0, y = r.y + 1; i < SAMPLE_ROWS; i++, y += PIXEL_TILE_H / SAMPLE_ROWS) {
		if (!(t->rows >> i & 1) || y < in.y || y >= in.y + in.h)
			continue;
		const uint32_t *is = model_new_row(m, in.x, y, in.w, buf);
		const uint32_t *was = model_at(m, m->ref, in.x, y), *then = model_at(m, m->ref, in.x - dx, y - dy);
		n += (long)rows->mend(is, was, then, (size_t)in.w);
		edges += (long)rows->mend_edges(is, was, then, (size_t)in.w);
	}
	return edges * 4 >= t->edges * 3 ? n : 0;
}

/* Every so manieth of an area's tiles, so that small areas have their say beside large ones. */
static void take_samples(struct pixel_scroll *s, const struct pixel_model *m, size_t n)
{
	size_t seen[AREAS_MAX] = { 0 }, quota[AREAS_MAX];

	for (size_t a = 0; a < s->n_areas; a++) {
		quota[a] = SAMPLES_EACH + SAMPLES_SHARED * s->area[a].tiles / n;
		if (quota[a] > s->area[a].tiles)
			quota[a] = s->area[a].tiles;
		s->wrong[a] = 0;
		s->paid[a] = false;
		s->scale[a] = PIXEL_TILE_H / SAMPLE_ROWS * (long)s->area[a].tiles / (long)(quota[a] ? quota[a] : 1);
	}
	s->n_samples = 0;
	for (size_t i = 0; i < n; i++) {
		size_t a = area_of(s, m, s->list[i]);
		if (a == s->n_areas)
			continue;
		size_t before = seen[a] * quota[a] / s->area[a].tiles;
		if (++seen[a] * quota[a] / s->area[a].tiles == before || s->n_samples == SAMPLES_MAX)
			continue;
		struct sample t = { .tile = s->list[i], .area = a };
		sample_wrong(m, &t);
		if (t.wrong == 0)
			continue;
		s->sample[s->n_samples++] = t;
		s->wrong[a] += t.wrong * s->scale[a];
	}
}

/* Groups and samples the changed tiles. False when no area is worth a search. */
static bool survey(struct pixel_scroll *s, struct pixel_model *m)
{
	size_t n = s->differing = list_tiles(s, m);
	bool worth = false;

	s->n_areas = 0;
	if (n < 2)
		return false;
	s->n_areas = pixel_areas_find(s->mark, m->tiles_x, m->tiles_y, s->stack, s->area);
	take_samples(s, m, n);
	for (size_t a = 0; a < s->n_areas; a++)
		worth |= s->wrong[a] >= GAIN_MIN;
	return worth;
}

/* --- weighing guesses ------------------------------------------------------------------------ */

/* Lets a shift take the sampled tiles that it explains nearly whole and better than others did. */
static void weigh(struct pixel_scroll *s, const struct pixel_model *m, struct pixel_shift shift)
{
	for (size_t i = 0; i < s->n_samples; i++) {
		struct sample *t = &s->sample[i];
		if (t->mended * 8 >= t->wrong * 7)
			continue;
		long mended = sample_mended(m, t, shift.dx, shift.dy);
		if (mended * 4 < t->wrong * 3 || mended <= t->mended)
			continue;
		t->mended = mended;
		t->by = shift;
	}
}

/* Lists the sampled tiles that nothing explains yet. Returns how many of the samples' wrong pixels are explained, in
 * eighths. */
static int unexplained(const struct pixel_scroll *s, uint32_t *tiles, size_t *n)
{
	long wrong = 0, mended = 0;

	*n = 0;
	for (size_t i = 0; i < s->n_samples; i++) {
		wrong += s->sample[i].wrong;
		mended += s->sample[i].mended;
		if (s->sample[i].mended == 0)
			tiles[(*n)++] = s->sample[i].tile;
	}
	return wrong > 0 ? (int)(mended * 8 / wrong) : 8;
}

static bool is_recent(const struct pixel_scroll *s, struct pixel_shift shift)
{
	for (size_t i = 0; i < s->n_recent; i++)
		if (s->recent[i].dx == shift.dx && s->recent[i].dy == shift.dy)
			return true;
	return false;
}

static void guess(struct pixel_scroll *s, const struct pixel_model *m)
{
	struct pixel_shift best[VOTES_BEST];
	uint32_t tiles[SAMPLES_MAX];
	size_t n;

	for (size_t i = 0; i < s->n_recent; i++)
		weigh(s, m, s->recent[i]);
	if (unexplained(s, tiles, &n) >= 6)
		return;
	size_t votes = pixel_votes_cast(s->votes, m, tiles, n, s->differing, best);
	for (size_t i = 0; i < votes; i++)
		if (!is_recent(s, best[i]))
			weigh(s, m, best[i]);
}

static struct pair *pair_of(struct pixel_scroll *s, const struct sample *t)
{
	struct pair *p = s->pair;

	for (; p < s->pair + s->n_pairs; p++)
		if (p->area == t->area && p->shift.dx == t->by.dx && p->shift.dy == t->by.dy)
			return p;
	if (s->n_pairs == PAIRS_MAX)
		return NULL;
	s->n_pairs++;
	*p = (struct pair){ .shift = t->by, .area = t->area, .stale = true };
	return p;
}

/* Makes a pair of each shift and each area in which it explains something, and says where to look: around
 * what it explains. */
static void make_pairs(struct pixel_scroll *s, const struct pixel_model *m)
{
	size_t kept = 0;

	s->n_pairs = 0;
	for (size_t i = 0; i < s->n_samples; i++) {
		struct pair *p = s->sample[i].mended > 0 ? pair_of(s, &s->sample[i]) : NULL;
		if (!p)
			continue;
		p->support += s->sample[i].mended;
		p->box = pixel_rect_join(p->box, tile_at(m, s->sample[i].tile));
	}
	for (size_t i = 0; i < s->n_pairs; i++) {
		struct pair p = s->pair[i];
		const struct pixel_area *a = &s->area[p.area];
		int margin = 2 + (int)(a->tiles / (SAMPLES_EACH + SAMPLES_SHARED));
		if (p.support < SUPPORT_MIN)
			continue;
		p.box = (struct pixel_rect){ p.box.x - margin * PIXEL_TILE_W, p.box.y - 2 * margin * PIXEL_TILE_H,
			p.box.w + 2 * margin * PIXEL_TILE_W, p.box.h + 4 * margin * PIXEL_TILE_H };
		p.box = pixel_rect_meet(p.box, (struct pixel_rect){ a->box.x * PIXEL_TILE_W, a->box.y * PIXEL_TILE_H,
			a->box.w * PIXEL_TILE_W, a->box.h * PIXEL_TILE_H });
		p.box = model_new_in(m, p.box);
		s->pair[kept++] = p;
	}
	s->n_pairs = kept;
}

static void remember(struct pixel_scroll *s, struct pixel_shift shift)
{
	size_t i = 0;

	while (i < s->n_recent && (s->recent[i].dx != shift.dx || s->recent[i].dy != shift.dy))
		i++;
	if (i == s->n_recent && s->n_recent < RECENT)
		s->n_recent++;
	else if (i == s->n_recent)
		i--;
	memmove(s->recent + 1, s->recent, i * sizeof *s->recent);
	s->recent[0] = shift;
}

/* --- carrying out ------------------------------------------------------------------------------ */

static struct pixel_rect source_of(const struct pixel_copy *c)
{
	return (struct pixel_rect){ c->src_x, c->src_y, c->dst.w, c->dst.h };
}

static void refresh(struct pixel_scroll *s, struct pixel_model *m)
{
	for (size_t i = 0; i < s->n_pairs; i++) {
		struct pair *p = &s->pair[i];
		if (!p->stale)
			continue;
		model_flush(m);
		p->stale = false;
		p->found.gain = 0;
		s->budget -= pixel_rect_area(p->box);
		if (s->budget < 0)
			continue;
		p->found = pixel_gain_find(s->work, m, p->box, p->shift.dx, p->shift.dy);
		if (p->found.gain * 3 < p->found.wrong * 2)
			p->found.gain = 0;
	}
}

/* The pair to carry out next: the best one, unless it would overwrite another's source
 * while the other spares its own. NULL when none is worth it. */
static struct pair *choose(struct pixel_scroll *s)
{
	struct pair *best = NULL;

	for (size_t i = 0; i < s->n_pairs; i++)
		if (s->pair[i].found.gain >= GAIN_MIN && (!best || s->pair[i].found.gain > best->found.gain))
			best = &s->pair[i];
	for (size_t i = 0; best && i < s->n_pairs; i++) {
		struct pair *p = &s->pair[i];
		if (p == best || p->found.gain < GAIN_MIN || pixel_rects_touch(p->found.copy.dst, best->found.copy.dst))
			continue;
		if (pixel_rects_touch(best->found.copy.dst, source_of(&p->found.copy)) &&
		    !pixel_rects_touch(p->found.copy.dst, source_of(&best->found.copy)))
			best = p;
	}
	return best;
}

static void carry_out(struct pixel_scroll *s, struct pixel_model *m, struct pair *done)
{
	struct pixel_copy c = done->found.copy;
	long all = done->support * s->scale[done->area];	/* that its shift explains, about */

	model_copy(m, c);
	s->paid[done->area] = true;
	remember(s, done->shift);
	for (struct pair *p = s->pair; p < s->pair + s->n_pairs; p++)
		if (p != done && p->found.gain >= GAIN_MIN)
			p->stale = pixel_rects_touch(p->found.copy.dst, c.dst) || pixel_rects_touch(source_of(&p->found.copy), c.dst);
	done->stale = all - done->found.gain >= GAIN_MIN && all - done->found.gain >= all / 8;
	done->support -= done->found.gain / s->scale[done->area];
	done->found.gain = 0;
}

/* Tiles of areas that nothing explained rest; those of explained ones do not. */
static void learn(struct pixel_scroll *s, const struct pixel_model *m)
{
	for (size_t a = 0; a < s->n_areas; a++) {
		struct pixel_rect b = s->area[a].box;
		for (int y = b.y; y < b.y + b.h; y++)
			for (int x = b.x; x < b.x + b.w; x++) {
				size_t t = (size_t)y * (size_t)m->tiles_x + (size_t)x;
				if (s->paid[a]) {
					s->level[t] = s->rest[t] = 0;
				} else if (m->tile[t] & MODEL_DIFFERS && s->rest[t] == 0) {
					s->level[t] += s->level[t] < LEVEL_MAX;
					s->rest[t] = (uint8_t)((1 << (s->level[t] - 1)) - 1);
				}
			}
	}
}

size_t pixel_scroll_find(struct pixel_scroll *s, struct pixel_model *m, struct pixel_copy copies[SCROLL_COPIES_MAX])
{
	size_t n = 0;
	struct pair *p;

	if (m->fresh < 2 || !survey(s, m))
		return 0;
	guess(s, m);
	make_pairs(s, m);
	s->budget = BUDGET > 3L * m->w * m->h ? BUDGET : 3L * m->w * m->h;
	refresh(s, m);
	while (n < SCROLL_COPIES_MAX && (p = choose(s)) != NULL) {
		copies[n++] = p->found.copy;
		carry_out(s, m, p);
		refresh(s, m);
	}
	learn(s, m);
	return n;
}
