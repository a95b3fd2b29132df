/* The model of a screen. New pixels are read once, whatever the memory they come from does meanwhile: what is compared
 * is a copy, and that copy is what stays. */
#include "pixel/model.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pixel/compare.h"

enum { SIDE_MAX = 65535 };

static uint32_t *pages_new(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

int model_init(struct pixel_model *m, int w, int h)
{
	*m = (struct pixel_model){ .w = w, .h = h };
	m->tiles_x = (w + PIXEL_TILE_W - 1) / PIXEL_TILE_W;
	m->tiles_y = (h + PIXEL_TILE_H - 1) / PIXEL_TILE_H;
	if (w <= 0 || h <= 0 || w > SIDE_MAX || h > SIDE_MAX) {
		errno = EINVAL;
		return -1;
	}
	m->stride = (size_t)m->tiles_x * PIXEL_TILE_W;
	m->bytes = m->stride * (size_t)m->tiles_y * PIXEL_TILE_H * sizeof *m->cur;
	m->cur = pages_new(m->bytes);
	m->old = pages_new(m->bytes);
	m->tile = calloc((size_t)m->tiles_x, (size_t)m->tiles_y);
	if (m->cur && m->old && m->tile)
		return 0;
	model_fini(m);
	errno = ENOMEM;
	return -1;
}

void model_fini(struct pixel_model *m)
{
	if (m->cur)
		munmap(m->cur, m->bytes);
	if (m->old)
		munmap(m->old, m->bytes);
	free(m->tile);
	*m = (struct pixel_model){ 0 };
}

static void tile_save(struct pixel_model *m, int tx, int ty)
{
	uint8_t *state = &m->tile[(size_t)ty * (size_t)m->tiles_x + (size_t)tx];
	size_t at = (size_t)ty * PIXEL_TILE_H * m->stride + (size_t)tx * PIXEL_TILE_W;

	if (*state & MODEL_OLD)
		return;
	*state |= MODEL_OLD;
	m->valid++;
	for (int y = 0; y < PIXEL_TILE_H; y++, at += m->stride)
		memcpy(m->old + at, m->cur + at, PIXEL_TILE_W * sizeof *m->cur);
}

static void tile_touch(struct pixel_model *m, int tx, int ty)
{
	uint8_t *state = &m->tile[(size_t)ty * (size_t)m->tiles_x + (size_t)tx];

	tile_save(m, tx, ty);
	m->dirty += (*state & MODEL_DIRTY) == 0;
	*state |= MODEL_DIRTY;
}

static void each_tile(struct pixel_model *m, struct pixel_rect r, void (*what)(struct pixel_model *m, int tx, int ty))
{
	r = pixel_rect_meet(r, (struct pixel_rect){ 0, 0, m->w, m->h });
	if (pixel_rect_empty(r))
		return;
	for (int ty = r.y / PIXEL_TILE_H; ty <= (r.y + r.h - 1) / PIXEL_TILE_H; ty++)
		for (int tx = r.x / PIXEL_TILE_W; tx <= (r.x + r.w - 1) / PIXEL_TILE_W; tx++)
			what(m, tx, ty);
}

/* The columns of tile tx that r covers. */
static void tile_columns(struct pixel_rect r, int tx, int *x0, int *x1)
{
	*x0 = tx * PIXEL_TILE_W > r.x ? tx * PIXEL_TILE_W : r.x;
	*x1 = (tx + 1) * PIXEL_TILE_W < r.x + r.w ? (tx + 1) * PIXEL_TILE_W : r.x + r.w;
}

/* The part of a rectangle that lies in one row of tiles. Up to a tile's first difference its rows are compared on
 * the way through a buffer; then it is saved, and the rest of it goes straight to its place. */
static void take_band(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	const struct pixel_rows *rows = pixel_rows();
	int first = r.x / PIXEL_TILE_W, last = (r.x + r.w - 1) / PIXEL_TILE_W, ty = r.y / PIXEL_TILE_H, x0, x1;
	const uint8_t *state = m->tile + (size_t)ty * (size_t)m->tiles_x;
	uint32_t is[PIXEL_TILE_W];

	for (int y = r.y; y < r.y + r.h; y++, src += stride)
		for (int tx = first; tx <= last; tx++) {
			tile_columns(r, tx, &x0, &x1);
			uint32_t *at = m->cur + (size_t)y * m->stride + (size_t)x0;
			const uint8_t *from = src + (size_t)(x0 - r.x) * sizeof *at;
			if (state[tx] & MODEL_DIRTY) {
				rows->load(at, from, (size_t)(x1 - x0));
			} else if (rows->take(is, from, at, (size_t)(x1 - x0))) {
				tile_touch(m, tx, ty);
				memcpy(at, is, (size_t)(x1 - x0) * sizeof *at);
			}
		}
}

void model_take(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	for (int y = r.y, end; y < r.y + r.h; y = end) {
		end = (y / PIXEL_TILE_H + 1) * PIXEL_TILE_H;
		if (end > r.y + r.h)
			end = r.y + r.h;
		take_band(m, (struct pixel_rect){ r.x, y, r.w, end - y }, src, stride);
		src += (size_t)(end - y) * stride;
	}
}

/* Copies within one picture, rows in the order that lets source and destination overlap. */
static void rows_move(uint32_t *px, size_t stride, struct pixel_copy c)
{
	for (int i = 0; i < c.dst.h; i++) {
		int y = c.dst.y > c.src_y ? c.dst.h - 1 - i : i;
		memmove(px + (size_t)(c.dst.y + y) * stride + c.dst.x, px + (size_t)(c.src_y + y) * stride + c.src_x,
			(size_t)c.dst.w * sizeof *px);
	}
}

void model_move(struct pixel_model *m, struct pixel_copy c)
{
	each_tile(m, c.dst, tile_touch);
	rows_move(m->cur, m->stride, c);
}

/* --- the reader's picture ------------------------------------------------------------------- */

/* Where the tile at (x, y) is as it was before the frame. */
static const uint32_t *old_at(const struct pixel_model *m, int x, int y)
{
	uint8_t state = m->tile[(size_t)(y / PIXEL_TILE_H) * (size_t)m->tiles_x + (size_t)(x / PIXEL_TILE_W)];

	return model_at(m, state & MODEL_OLD ? m->old : m->cur, x, y);
}

const uint32_t *model_old_row(const struct pixel_model *m, int x, int y, int n, uint32_t *buf)
{
	const uint8_t *state = m->tile + (size_t)(y / PIXEL_TILE_H) * (size_t)m->tiles_x;
	int first = x / PIXEL_TILE_W, last = (x + n - 1) / PIXEL_TILE_W, tx = first;

	while (tx < last && (state[tx + 1] & MODEL_OLD) == (state[first] & MODEL_OLD))
		tx++;
	if (tx == last)
		return old_at(m, x, y);
	for (int at = x, end; at < x + n; at = end) {
		end = (at / PIXEL_TILE_W + 1) * PIXEL_TILE_W < x + n ? (at / PIXEL_TILE_W + 1) * PIXEL_TILE_W : x + n;
		memcpy(buf + (at - x), old_at(m, at, y), (size_t)(end - at) * sizeof *buf);
	}
	return buf;
}

static struct pixel_rect source_of(struct pixel_copy c)
{
	return (struct pixel_rect){ c.src_x, c.src_y, c.dst.w, c.dst.h };
}

static bool independent(const struct pixel_model *m, struct pixel_copy c)
{
	for (size_t i = 0; i < m->n_pending; i++)
		if (pixel_rects_touch(m->pending[i].dst, c.dst) || pixel_rects_touch(m->pending[i].dst, source_of(c)))
			return false;
	return m->n_pending < MODEL_PENDING_MAX;
}

static void tile_pend(struct pixel_model *m, int tx, int ty)
{
	uint8_t *state = &m->tile[(size_t)ty * (size_t)m->tiles_x + (size_t)tx];

	m->dirty += (*state & MODEL_DIRTY) == 0;
	*state |= MODEL_DIRTY | MODEL_PENDING;
}

void model_copy(struct pixel_model *m, struct pixel_copy c)
{
	bool note = independent(m, c);

	if (m->n_pending == MODEL_PENDING_MAX)
		model_flush(m);
	m->pending[m->n_pending++] = c;
	each_tile(m, c.dst, tile_pend);
	if (!note)
		model_flush(m);
}

void model_flush(struct pixel_model *m)
{
	for (size_t i = 0; i < m->n_pending; i++) {
		each_tile(m, source_of(m->pending[i]), tile_save);
		each_tile(m, m->pending[i].dst, tile_save);
		rows_move(m->old, m->stride, m->pending[i]);
	}
	m->n_pending = 0;
}

/* Old's pixels of r into buf, rows `stride` apart. */
static void gather(const struct pixel_model *m, struct pixel_rect r, uint32_t *buf, size_t stride)
{
	for (int y = 0; y < r.h; y++, buf += stride) {
		const uint32_t *row = model_old_row(m, r.x, r.y + y, r.w, buf);
		if (row != buf)
			memcpy(buf, row, (size_t)r.w * sizeof *buf);
	}
}

/* True when r lies in tiles that are all valid in old, or none of which is. */
static bool in_one_piece(const struct pixel_model *m, struct pixel_rect r)
{
	int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
	const uint32_t *base = old_at(m, r.x, r.y) - ((size_t)r.y * m->stride + (size_t)r.x);

	return old_at(m, right, r.y) == model_at(m, base, right, r.y) && old_at(m, r.x, bottom) == model_at(m, base, r.x, bottom) &&
	       old_at(m, right, bottom) == model_at(m, base, right, bottom);
}

/* Old's rectangle r, no larger than a tile: where it is, or in buf. */
static const uint32_t *old_area(const struct pixel_model *m, struct pixel_rect r, uint32_t *buf, size_t *stride)
{
	if (in_one_piece(m, r)) {
		*stride = m->stride;
		return old_at(m, r.x, r.y);
	}
	*stride = PIXEL_TILE_W;
	gather(m, r, buf, PIXEL_TILE_W);
	return buf;
}

/* The pending copy that covers all of a tile; NULL when none does. */
static const struct pixel_copy *covering(const struct pixel_model *m, struct pixel_rect tile)
{
	for (size_t i = 0; i < m->n_pending; i++)
		if (pixel_rect_area(pixel_rect_meet(m->pending[i].dst, tile)) == pixel_rect_area(tile))
			return &m->pending[i];
	return NULL;
}

static bool is_pending(const struct pixel_model *m, int tx, int ty)
{
	return m->n_pending > 0 && m->tile[(size_t)ty * (size_t)m->tiles_x + (size_t)tx] & MODEL_PENDING;
}

bool model_reader_same(const struct pixel_model *m, int tx, int ty)
{
	const struct pixel_rows *rows = pixel_rows();
	const struct pixel_rect tile = model_tile_rect(tx, ty);
	const struct pixel_copy *c = is_pending(m, tx, ty) ? covering(m, tile) : NULL;

	if (!c)
		return false;
	int dx = c->src_x - c->dst.x, dy = c->src_y - c->dst.y, left = PIXEL_TILE_W - (tile.x + dx) % PIXEL_TILE_W;
	for (int y = tile.y; y < tile.y + PIXEL_TILE_H; y++) {
		const uint32_t *is = model_at(m, m->cur, tile.x, y);
		if (rows->differ(is, old_at(m, tile.x + dx, y + dy), (size_t)left) ||
		    (left < PIXEL_TILE_W &&
		     rows->differ(is + left, old_at(m, tile.x + dx + left, y + dy), (size_t)(PIXEL_TILE_W - left))))
			return false;
	}
	return true;
}

const uint32_t *model_reader_tile(const struct pixel_model *m, int tx, int ty, uint32_t *buf, size_t *stride)
{
	const struct pixel_rect tile = model_tile_rect(tx, ty);
	bool pending = is_pending(m, tx, ty);
	const struct pixel_copy *all = pending ? covering(m, tile) : NULL;

	if (all)
		return old_area(m, pixel_rect_shift(tile, all->src_x - all->dst.x, all->src_y - all->dst.y), buf, stride);
	if (!pending)
		return old_area(m, tile, buf, stride);
	*stride = PIXEL_TILE_W;
	gather(m, tile, buf, PIXEL_TILE_W);
	for (size_t i = 0; i < m->n_pending; i++) {
		const struct pixel_copy *c = &m->pending[i];
		struct pixel_rect part = pixel_rect_meet(c->dst, tile);
		if (!pixel_rect_empty(part))
			gather(m, pixel_rect_shift(part, c->src_x - c->dst.x, c->src_y - c->dst.y),
			       buf + (part.y - tile.y) * PIXEL_TILE_W + (part.x - tile.x), PIXEL_TILE_W);
	}
	return buf;
}

void model_commit(struct pixel_model *m)
{
	if (m->valid > m->saved)
		m->saved = m->valid;
	if (m->valid > 0 || m->dirty > 0)
		memset(m->tile, 0, (size_t)m->tiles_x * (size_t)m->tiles_y);
	m->valid = m->dirty = m->n_pending = 0;
}

void model_relax(struct pixel_model *m)
{
	if (m->saved > 0)
		madvise(m->old, m->bytes, MADV_DONTNEED);
	m->saved = 0;
}
