/* Each cell of the screen keeps a decaying count of how much of it changes. Cells that change as a video does, together with their
 * livelier neighbours, are joined; the box around what changed in them is a candidate, and becomes a region when it has stood for
 * a while. Regions follow what they show with reluctance, because each new box costs a key frame. */
#include "motion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_S 0.7f			/* of the rates */
#define RATE_MOST 6.0f			/* changes of a whole cell in a second that are enough for a video */
#define RATE_LEAST 3.0f			/* enough where few frames come at all: more than two in a second */
#define RATE_SHARE 0.4f			/* of the frames */
#define NEIGHBOUR 0.3f			/* of that rate is enough beside a cell that has it */
#define FILL_LEAST 0.55f		/* of that rate, over the whole box */

enum {
	SIDE_LEAST = 48, AREA_LEAST = 128 * 72,
	SIDE_MOST = 4096, AREA_MOST = 4096 * 2304,	/* what an encoder takes */
	LOOKS_TO_BEGIN = 3, BEGIN_US = 800000,	/* and so much time between the first and the last */
	LOOKS_TO_GROW = 3,
	LOOKS_TO_SHRINK = 15,
	APART = 4,				/* pixels between two things that move */
	UNSTEADY = 8,				/* pixels by which a candidate's edges may move */
	PERIOD_US = 1000000,
	REST_US = 6000000,			/* a region that has not moved for so long is none */
	JUDGE_US = 3000000,
};

enum { MARK_NONE, MARK_NEIGHBOUR, MARK_SEED, MARK_TAKEN };

static int area_of(const pixman_box32_t *b)
{
	return b->x1 < b->x2 && b->y1 < b->y2 ? (b->x2 - b->x1) * (b->y2 - b->y1) : 0;
}

static pixman_box32_t both(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return (pixman_box32_t){ a->x1 > b->x1 ? a->x1 : b->x1, a->y1 > b->y1 ? a->y1 : b->y1,
				 a->x2 < b->x2 ? a->x2 : b->x2, a->y2 < b->y2 ? a->y2 : b->y2 };
}

static int shared_area(const pixman_box32_t *a, const pixman_box32_t *b)
{
	pixman_box32_t c = both(a, b);
	return area_of(&c);
}

static pixman_box32_t joined(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return (pixman_box32_t){ a->x1 < b->x1 ? a->x1 : b->x1, a->y1 < b->y1 ? a->y1 : b->y1,
				 a->x2 > b->x2 ? a->x2 : b->x2, a->y2 > b->y2 ? a->y2 : b->y2 };
}

int motion_reset(struct motion *m, uint32_t w, uint32_t h)
{
	const uint32_t last_id = m->last_id;
	motion_fini(m);
	m->last_id = last_id;
	m->across = (w + MOTION_CELL - 1) / MOTION_CELL;
	m->down = (h + MOTION_CELL - 1) / MOTION_CELL;
	const size_t n = (size_t)m->across * m->down;
	m->cells = calloc(n, sizeof *m->cells);
	m->marks = malloc(n);
	m->stack = malloc(n * sizeof *m->stack);
	if (!m->cells || !m->marks || !m->stack) {
		motion_fini(m);
		m->last_id = last_id;
		return -1;
	}
	m->w = w;
	m->h = h;
	return 0;
}

void motion_fini(struct motion *m)
{
	free(m->cells);
	free(m->marks);
	free(m->stack);
	memset(m, 0, sizeof *m);
}

/* --- counting ------------------------------------------------------------------------------ */

static float decay(int64_t us)
{
	return us <= 0 ? 1 : expf((float)us * (-1e-6f / MEMORY_S));
}

static void begin_frame(struct motion *m, int64_t reading)
{
	if (reading - m->period_us > PERIOD_US) {
		m->period++;
		m->period_us = reading;
	}
	m->frame++;
	m->frame_rate = m->frame_rate * decay(reading - m->frame_us) + 1 / MEMORY_S;
	m->frame_us = reading;
}

static void widen(pixman_box16_t *b, int x1, int y1, int x2, int y2)
{
	if (b->x1 >= b->x2) {
		*b = (pixman_box16_t){ (int16_t)x1, (int16_t)y1, (int16_t)x2, (int16_t)y2 };
		return;
	}
	b->x1 = (int16_t)(x1 < b->x1 ? x1 : b->x1);
	b->y1 = (int16_t)(y1 < b->y1 ? y1 : b->y1);
	b->x2 = (int16_t)(x2 > b->x2 ? x2 : b->x2);
	b->y2 = (int16_t)(y2 > b->y2 ? y2 : b->y2);
}

/* A box within the cell changed. */
static void touch(struct motion *m, struct motion_cell *c, int x1, int y1, int x2, int y2)
{
	if (c->frame != m->frame) {
		c->rate *= decay(m->frame_us - c->at_us);
		c->at_us = m->frame_us;
		c->frame = m->frame;
		c->part = 0;
	}
	if (c->period != m->period) {
		c->extents[1] = c->period + 1 == m->period ? c->extents[0] : (pixman_box16_t){ 0 };
		c->extents[0] = (pixman_box16_t){ 0 };
		c->period = m->period;
	}
	widen(&c->extents[0], x1, y1, x2, y2);
	float part = (float)((x2 - x1) * (y2 - y1)) / (MOTION_CELL * MOTION_CELL);
	part = c->part + part > 1 ? 1 - c->part : part;
	c->part += part;
	c->rate += part / MEMORY_S;
}

static void touch_box(struct motion *m, const pixman_box32_t *b)
{
	for (int y = b->y1; y < b->y2;) {
		int row = y / MOTION_CELL, bottom = (row + 1) * MOTION_CELL < b->y2 ? (row + 1) * MOTION_CELL : b->y2;
		for (int x = b->x1; x < b->x2;) {
			int column = x / MOTION_CELL, right = (column + 1) * MOTION_CELL < b->x2 ? (column + 1) * MOTION_CELL : b->x2;
			touch(m, &m->cells[(size_t)row * m->across + (size_t)column], x, y, right, bottom);
			x = right;
		}
		y = bottom;
	}
}

void motion_note(struct motion *m, const struct screen_change *change, int64_t reading)
{
	const pixman_box32_t screen = { 0, 0, (int32_t)m->w, (int32_t)m->h };
	bool begun = false;
	for (unsigned i = 0; m->cells && i < change->n_ops; i++) {
		int n;
		if (change->ops[i].is_copy)
			continue;	/* costs nothing to send */
		const pixman_box32_t *b = pixman_region32_rectangles((pixman_region32_t *)(uintptr_t)&change->ops[i].damage, &n);
		if (n && !begun)
			begin_frame(m, reading);
		begun = begun || n;
		for (; n > 0; n--, b++) {
			pixman_box32_t within = both(b, &screen);
			touch_box(m, &within);
		}
	}
}

/* --- what moves now ------------------------------------------------------------------------------ */

struct found { pixman_box32_t box; float rate; };	/* rate: of the box's area, like a cell's of its own */

/* The rate that is enough, as frames come now. */
static float enough(const struct motion *m, int64_t reading)
{
	float rate = m->frame_rate * decay(reading - m->frame_us) * RATE_SHARE;
	return rate < RATE_LEAST ? RATE_LEAST : rate > RATE_MOST ? RATE_MOST : rate;
}

static void mark_cells(struct motion *m, float rate, int64_t reading)
{
	for (size_t i = 0; i < (size_t)m->across * m->down; i++) {
		float now = m->cells[i].rate > 0.1f ? m->cells[i].rate * decay(reading - m->cells[i].at_us) : 0;
		m->marks[i] = now >= rate ? MARK_SEED : now >= rate * NEIGHBOUR ? MARK_NEIGHBOUR : MARK_NONE;
	}
}

static pixman_box32_t join_if_any(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return a->x1 >= a->x2 ? *b : b->x1 >= b->x2 ? *a : joined(a, b);
}

/* What changed in a cell lately. */
static pixman_box32_t extents_of(const struct motion *m, const struct motion_cell *c)
{
	pixman_box32_t all = { 0 };
	for (unsigned k = 0; k < 2; k++) {
		const pixman_box16_t *e = &c->extents[k];
		const pixman_box32_t b = { e->x1, e->y1, e->x2, e->y2 };
		if (m->period - c->period + k < 2)
			all = join_if_any(&all, &b);
	}
	return all;
}

static bool are_near(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return a->x1 - b->x2 <= APART && b->x1 - a->x2 <= APART && a->y1 - b->y2 <= APART && b->y1 - a->y2 <= APART;
}

/* Everything connected with a cell; takes its marks away. */
static struct found flood(struct motion *m, size_t start, int64_t reading)
{
	struct found f = { { 0 }, 0 };
	unsigned n = 0;
	m->stack[n++] = (uint32_t)start;
	m->marks[start] = MARK_TAKEN;
	while (n > 0) {
		const uint32_t at = m->stack[--n];
		const int x = (int)(at % m->across), y = (int)(at / m->across);
		const pixman_box32_t here = extents_of(m, &m->cells[at]);
		f.box = join_if_any(&f.box, &here);
		f.rate += m->cells[at].rate * decay(reading - m->cells[at].at_us);
		for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < (int)m->down; j++)
			for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < (int)m->across; i++) {
				size_t k = (size_t)j * m->across + (size_t)i;
				if (m->marks[k] != MARK_SEED && m->marks[k] != MARK_NEIGHBOUR)
					continue;
				const pixman_box32_t there = extents_of(m, &m->cells[k]);
				if (!are_near(&here, &there))
					continue;
				m->marks[k] = MARK_TAKEN;
				m->stack[n++] = (uint32_t)k;
			}
	}
	f.rate *= (float)(MOTION_CELL * MOTION_CELL) / (float)(area_of(&f.box) > 0 ? area_of(&f.box) : 1);
	return f;
}

static bool is_encodable(const pixman_box32_t *b)
{
	int w = b->x2 - b->x1, h = b->y2 - b->y1;
	return w >= SIDE_LEAST && h >= SIDE_LEAST && w <= SIDE_MOST && h <= SIDE_MOST && area_of(b) >= AREA_LEAST && area_of(b) <= AREA_MOST;
}

/* Boxes that move, the first ones from the top; returns how many. */
static unsigned find(struct motion *m, int64_t reading, struct found out[MOTION_REGIONS])
{
	const float rate = enough(m, reading);
	unsigned n = 0;
	mark_cells(m, rate, reading);
	for (size_t i = 0; i < (size_t)m->across * m->down && n < MOTION_REGIONS; i++) {
		if (m->marks[i] != MARK_SEED)
			continue;
		struct found f = flood(m, i, reading);
		if (is_encodable(&f.box) && f.rate >= rate * FILL_LEAST)
			out[n++] = f;
	}
	return n;
}

/* --- regions ----------------------------------------------------------------------------------------- */

static bool is_free(const struct motion *m, const pixman_box32_t *b, const struct motion_region *but)
{
	for (unsigned i = 0; i < m->n; i++)
		if (&m->regions[i] != but && shared_area(&m->regions[i].box, b))
			return false;
	return true;
}

static bool change_box(struct motion *m, struct motion_region *r, const pixman_box32_t *box)
{
	r->outgrown = r->shrunk = 0;
	if (!is_encodable(box) || !is_free(m, box, r))
		return false;
	r->box = *box;
	r->id = ++m->last_id;
	return true;
}

/* `moving` is all that moves of the region, and around it. True: it has another box now. */
static bool follow(struct motion *m, struct motion_region *r, const pixman_box32_t *moving)
{
	const bool within = shared_area(moving, &r->box) == area_of(moving);
	const bool small = within && area_of(moving) < area_of(&r->box) * 3 / 5;
	r->outgrown = within ? 0 : r->outgrown + 1;
	r->shrunk = small ? r->shrunk + 1 : 0;
	if (r->shrunk >= LOOKS_TO_SHRINK)
		return change_box(m, r, moving);
	if (r->outgrown < LOOKS_TO_GROW)
		return false;
	/* what moves elsewhere by now is not joined with where it was */
	pixman_box32_t all = joined(moving, &r->box);
	return change_box(m, r, area_of(moving) * 4 >= area_of(&all) * 3 ? &all : moving);
}

/* Lets the regions follow what was found, and takes that out of *n. True: boxes changed. */
static bool follow_all(struct motion *m, struct found *found, unsigned *n, int64_t now)
{
	bool changed = false;
	for (unsigned i = 0; i < m->n; i++) {
		struct motion_region *r = &m->regions[i];
		pixman_box32_t moving = { 0 };
		for (unsigned k = 0; k < *n;) {
			if (!shared_area(&found[k].box, &r->box)) {
				k++;
				continue;
			}
			moving = join_if_any(&moving, &found[k].box);
			found[k] = found[--*n];
		}
		r->playing = moving.x1 < moving.x2;
		if (!r->playing)
			continue;
		r->seen_us = now;
		changed = follow(m, r, &moving) || changed;
	}
	return changed;
}

typedef bool (*picture_judge)(void *arg, const pixman_box32_t *box);

/* A page may be leafed through where a video was. */
static bool is_picture_still(struct motion_region *r, int64_t now, picture_judge is_picture, void *arg)
{
	if (!r->playing || now - r->judged_us < JUDGE_US)
		return true;
	r->judged_us = now;
	return is_picture(arg, &r->box);
}

static bool forget_some(struct motion *m, int64_t now, picture_judge is_picture, void *arg)
{
	unsigned kept = 0, n = m->n;
	for (unsigned i = 0; i < n; i++) {
		struct motion_region *r = &m->regions[i];
		if (now - r->seen_us <= REST_US && is_picture_still(r, now, is_picture, arg))
			m->regions[kept++] = *r;
	}
	m->n = kept;
	return kept < n;
}

static bool is_steady(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return abs(a->x1 - b->x1) <= UNSTEADY && abs(a->y1 - b->y1) <= UNSTEADY && abs(a->x2 - b->x2) <= UNSTEADY && abs(a->y2 - b->y2) <= UNSTEADY;
}

/* The candidate that a box is, found once more. */
static struct motion_candidate candidate_of(const struct motion *m, const pixman_box32_t *b, int64_t now)
{
	for (unsigned i = 0; i < m->n_candidates; i++)
		if (is_steady(&m->candidates[i].box, b))
			return (struct motion_candidate){ *b, m->candidates[i].looks + 1, m->candidates[i].since_us };
	return (struct motion_candidate){ *b, 1, now };
}

static bool has_lasted(const struct motion_candidate *c, int64_t now)
{
	return c->looks >= LOOKS_TO_BEGIN && now - c->since_us >= BEGIN_US;
}

bool motion_look(struct motion *m, int64_t reading, int64_t now, bool (*is_picture)(void *arg, const pixman_box32_t *box), void *arg)
{
	struct found found[MOTION_REGIONS];
	struct motion_candidate candidates[MOTION_REGIONS];
	unsigned n_candidates = 0;
	if (!m->cells || now - m->looked_us < MOTION_LOOK_US)
		return false;
	m->looked_us = now;
	unsigned n = find(m, reading, found);
	bool changed = follow_all(m, found, &n, now);
	changed = forget_some(m, now, is_picture, arg) || changed;
	for (unsigned i = 0; i < n; i++) {
		const pixman_box32_t *b = &found[i].box;
		const struct motion_candidate c = candidate_of(m, b, now);
		if (has_lasted(&c, now) && m->n < MOTION_REGIONS && is_free(m, b, NULL) && is_picture(arg, b)) {
			m->regions[m->n++] = (struct motion_region){ .id = ++m->last_id, .box = *b, .playing = true, .seen_us = now, .judged_us = now };
			changed = true;
		} else {
			candidates[n_candidates++] = c;
		}
	}
	memcpy(m->candidates, candidates, n_candidates * sizeof candidates[0]);
	m->n_candidates = n_candidates;
	return changed;
}
