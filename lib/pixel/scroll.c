/* The search: group the change into areas, guess shifts (those that worked lately, else by votes), weigh
 * each guess against each area on a sample, let the best ones find their rectangles, carry them out.
 *
 * It is built to be cheap when it does not pay. Small changes are not looked at, the sample sorts out
 * nearly all wrong guesses, a budget bounds the rest, and tiles whose change nothing explained (video)
 * are left alone for the next one, three, then seven of their changes, from the second failure on. */
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
	SHIFTS_MAX = RECENT + VOTES_BEST,
	PAIRS_MAX = 12,			/* of a shift and an area, tried in one frame */
	SAMPLE_ROWS = 4,		/* rows of a tile that are weighed */
	LEVEL_MAX = 4,			/* a tile that failed n times in a row rests for 2^(n-1) - 1 changes */
	BUDGET = 10 << 20,		/* pixels compared in search of rectangles, for one frame */
};

struct pair {
	struct pixel_shift shift;
	size_t area;
	long support;			/* sampled wrong pixels that the shift explains */
	struct pixel_rect box;		/* where to look, in pixels */
	struct pixel_gain found;
	bool stale;			/* the model changed since */
};

struct pixel_scroll {
	struct pixel_votes *votes;
	struct pixel_gain_work *work;
	uint8_t *mark, *level, *rest;	/* per tile */
	uint32_t *tiles;		/* per tile: a list, or the flood's stack */
	struct pixel_shift recent[RECENT];
	size_t n_recent;
	/* of the frame at hand */
	struct pixel_area area[AREAS_MAX];
	long wrong[AREAS_MAX];		/* sampled wrong pixels */
	long mended[AREAS_MAX];		/* wrong pixels mended by copies */
	size_t n_areas, n_tiles;
	uint32_t sample[VOTES_TILES];
	size_t n_sample;
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
	s->tiles = calloc(n, sizeof *s->tiles);
	if (s->votes && s->work && s->mark && s->level && s->rest && s->tiles)
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
	free(s->tiles);
	free(s);
}

/* --- areas and a sample of their tiles ------------------------------------------------------ */

static struct pixel_rect tile_at(const struct pixel_model *m, uint32_t t)
{
	return model_tile_rect((int)(t % (uint32_t)m->tiles_x), (int)(t / (uint32_t)m->tiles_x));
}

/* Lists the changed tiles that do not rest. Returns how many. */
static size_t list_tiles(struct pixel_scroll *s, const struct pixel_model *m, uint32_t *list)
{
	size_t n = 0, all = (size_t)m->tiles_x * (size_t)m->tiles_y;

	for (size_t t = 0; t < all; t++) {
		s->mark[t] = 0;
		if (!(m->tile[t] & MODEL_DIRTY))
			continue;
		if (s->rest[t] > 0) {
			s->rest[t]--;
			continue;
		}
		s->mark[t] = 1;
		list[n++] = (uint32_t)t;
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

/* Wrong pixels of some rows of a tile (clipped to the screen) if old's content came from (-dx, -dy); -1 when
 * that is not all on the screen. */
static long sample_tile(struct pixel_model *m, uint32_t t, int dx, int dy)
{
	const struct pixel_rows *rows = pixel_rows();
	const struct pixel_rect screen = { 0, 0, m->w, m->h };
	struct pixel_rect r = pixel_rect_meet(tile_at(m, t), screen), from = pixel_rect_shift(r, -dx, -dy);
	long n = 0;

	if (pixel_rect_area(pixel_rect_meet(from, screen)) != pixel_rect_area(from))
		return -1;
	model_need(m, from);
	for (int y = 1; y < r.h; y += PIXEL_TILE_H / SAMPLE_ROWS)
		n += (long)rows->count(model_at(m, m->cur, r.x, r.y + y), model_at(m, m->old, from.x, from.y + y), (size_t)r.w);
	return n;
}

/* Groups the changed tiles, samples them, and leaves out the areas that are not worth a search. */
static bool survey(struct pixel_scroll *s, struct pixel_model *m)
{
	size_t n = list_tiles(s, m, s->tiles), kept = 0;
	bool worth = false;

	s->n_areas = s->n_sample = 0;
	if (n < 2)
		return false;
	size_t take = n < VOTES_TILES ? n : VOTES_TILES;
	for (size_t i = 0; i < take; i++)
		s->sample[i] = s->tiles[i * n / take];
	s->n_tiles = n;
	s->n_areas = pixel_areas_find(s->mark, m->tiles_x, m->tiles_y, s->tiles, s->area);
	memset(s->wrong, 0, sizeof s->wrong);
	memset(s->mended, 0, sizeof s->mended);
	for (size_t i = 0; i < take; i++) {
		size_t a = area_of(s, m, s->sample[i]);
		if (a == s->n_areas)
			continue;
		s->wrong[a] += sample_tile(m, s->sample[i], 0, 0);
		s->sample[kept++] = s->sample[i];
	}
	s->n_sample = kept;
	for (size_t a = 0; a < s->n_areas; a++)
		worth |= s->wrong[a] * (PIXEL_TILE_H / SAMPLE_ROWS) * (long)(n / take) >= GAIN_MIN;
	return worth;
}

/* --- weighing guesses ------------------------------------------------------------------------ */

static void pair_add(struct pixel_scroll *s, struct pair p)
{
	size_t k = s->n_pairs;

	if (k == PAIRS_MAX && s->pair[k - 1].support >= p.support)
		return;
	if (k < PAIRS_MAX)
		s->n_pairs++;
	else
		k--;
	for (; k > 0 && s->pair[k - 1].support < p.support; k--)
		s->pair[k] = s->pair[k - 1];
	s->pair[k] = p;
}

/* Weighs a shift on the sampled tiles; each area that it explains in part makes a pair. Returns the
 * support of all areas. */
static long weigh(struct pixel_scroll *s, struct pixel_model *m, struct pixel_shift shift)
{
	struct pair p[AREAS_MAX] = { 0 };
	long all = 0;
	int margin = 2 + (int)(s->n_tiles / VOTES_TILES);

	for (size_t i = 0; i < s->n_sample; i++) {
		size_t a = area_of(s, m, s->sample[i]);
		long after = sample_tile(m, s->sample[i], shift.dx, shift.dy);
		long gain = after < 0 ? 0 : sample_tile(m, s->sample[i], 0, 0) - after;
		if (gain <= 0)
			continue;
		p[a].support += gain;
		p[a].box = pixel_rect_join(p[a].box, tile_at(m, s->sample[i]));
	}
	for (size_t a = 0; a < s->n_areas; a++) {
		struct pixel_rect b = s->area[a].box;
		if (p[a].support < SAMPLE_ROWS * 4 || p[a].support < s->wrong[a] / 16)
			continue;
		all += p[a].support;
		p[a].shift = shift;
		p[a].area = a;
		p[a].stale = true;
		p[a].box.x -= margin * PIXEL_TILE_W;
		p[a].box.y -= margin * 2 * PIXEL_TILE_H;
		p[a].box.w += 2 * margin * PIXEL_TILE_W;
		p[a].box.h += 4 * margin * PIXEL_TILE_H;
		p[a].box = pixel_rect_meet(p[a].box, (struct pixel_rect){ b.x * PIXEL_TILE_W, b.y * PIXEL_TILE_H,
									  b.w * PIXEL_TILE_W, b.h * PIXEL_TILE_H });
		pair_add(s, p[a]);
	}
	return all;
}

static bool is_recent(const struct pixel_scroll *s, struct pixel_shift shift)
{
	for (size_t i = 0; i < s->n_recent; i++)
		if (s->recent[i].dx == shift.dx && s->recent[i].dy == shift.dy)
			return true;
	return false;
}

/* Fills s->pair: from recent shifts alone when one of them explains most of the sample. */
static void guess(struct pixel_scroll *s, struct pixel_model *m)
{
	struct pixel_shift best[VOTES_BEST];
	long wrong = 0, most = 0;

	s->n_pairs = 0;
	for (size_t a = 0; a < s->n_areas; a++)
		wrong += s->wrong[a];
	for (size_t i = 0; i < s->n_recent; i++) {
		long support = weigh(s, m, s->recent[i]);
		if (support > most)
			most = support;
	}
	if (most > wrong / 2)
		return;
	size_t n = pixel_votes_cast(s->votes, m, s->sample, s->n_sample, best);
	for (size_t i = 0; i < n; i++)
		if (!is_recent(s, best[i]))
			weigh(s, m, best[i]);
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
		p->stale = false;
		p->found.gain = 0;
		s->budget -= pixel_rect_area(p->box);
		if (s->budget < 0)
			continue;
		p->found = pixel_gain_find(s->work, m, p->box, p->shift.dx, p->shift.dy);
		/* Moving blank paper over text "mends" half of the text: not what is wanted. */
		if (p->found.gain * 5 < p->found.wrong * 3)
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

/* Sampled wrong pixels as all wrong pixels of the area, about. */
static long wrong_in(const struct pixel_scroll *s, size_t a)
{
	size_t sampled = s->n_sample > 0 ? s->n_sample : 1;

	return s->wrong[a] * (PIXEL_TILE_H / SAMPLE_ROWS) * (long)(s->n_tiles / sampled);
}

static void carry_out(struct pixel_scroll *s, struct pixel_model *m, struct pair *done)
{
	struct pixel_copy c = done->found.copy;

	model_copy(m, c);
	s->mended[done->area] += done->found.gain;
	remember(s, done->shift);
	for (size_t i = 0; i < s->n_pairs; i++) {
		struct pair *p = &s->pair[i];
		bool explained = wrong_in(s, p->area) - s->mended[p->area] < wrong_in(s, p->area) / 16;
		bool touched = pixel_rects_touch(p->box, c.dst) ||
			       pixel_rects_touch(pixel_rect_shift(p->box, -p->shift.dx, -p->shift.dy), c.dst);
		if (explained)
			p->found.gain = 0;
		else if (touched && (p->found.gain >= GAIN_MIN || p == done))
			p->stale = true;
	}
}

/* Tiles of areas that nothing explained rest; those of explained ones do not. */
static void learn(struct pixel_scroll *s, const struct pixel_model *m)
{
	for (size_t a = 0; a < s->n_areas; a++) {
		struct pixel_rect b = s->area[a].box;
		bool paid = s->mended[a] > 0;
		for (int y = b.y; y < b.y + b.h; y++)
			for (int x = b.x; x < b.x + b.w; x++) {
				size_t t = (size_t)y * (size_t)m->tiles_x + (size_t)x;
				if (paid) {
					s->level[t] = s->rest[t] = 0;
				} else if (m->tile[t] & MODEL_DIRTY && s->rest[t] == 0) {
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

	if (m->dirty < 2 || !survey(s, m))
		return 0;
	guess(s, m);
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
