/* The new picture, tile by tile. What is taken is copied into `next`; what is lent stays where it is, but for tiles that
 * it shares with something else. */
#include "pixel/model.h"

#include <errno.h>
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
	m->bytes = m->stride * (size_t)m->tiles_y * PIXEL_TILE_H * sizeof *m->ref;
	m->ref = pages_new(m->bytes);
	m->next = pages_new(m->bytes);
	m->band = calloc(m->stride * PIXEL_TILE_H, sizeof *m->band);
	m->tile = calloc((size_t)m->tiles_x, (size_t)m->tiles_y);
	if (m->ref && m->next && m->band && m->tile)
		return 0;
	model_fini(m);
	errno = ENOMEM;
	return -1;
}

void model_fini(struct pixel_model *m)
{
	if (m->ref)
		munmap(m->ref, m->bytes);
	if (m->next)
		munmap(m->next, m->bytes);
	free(m->band);
	free(m->tile);
	*m = (struct pixel_model){ 0 };
}

/* --- tiles ----------------------------------------------------------------------------------- */

static uint8_t *state_of(const struct pixel_model *m, int tx, int ty)
{
	return &m->tile[(size_t)ty * (size_t)m->tiles_x + (size_t)tx];
}

typedef void (*tile_function)(struct pixel_model *m, int tx, int ty, struct pixel_rect r);

static void each_tile(struct pixel_model *m, struct pixel_rect r, tile_function what)
{
	if (pixel_rect_empty(r))
		return;
	for (int ty = r.y / PIXEL_TILE_H; ty <= (r.y + r.h - 1) / PIXEL_TILE_H; ty++)
		for (int tx = r.x / PIXEL_TILE_W; tx <= (r.x + r.w - 1) / PIXEL_TILE_W; tx++)
			what(m, tx, ty, r);
}

static bool holds(struct pixel_rect outer, struct pixel_rect r)
{
	return pixel_rect_area(pixel_rect_meet(outer, r)) == pixel_rect_area(r);
}

static bool covers(struct pixel_rect r, const struct pixel_model *m, int tx, int ty)
{
	return holds(r, pixel_rect_meet(model_tile_rect(tx, ty), model_screen(m)));
}

static void load(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	for (int y = r.y; y < r.y + r.h; y++, src += stride)
		pixel_rows()->load(model_at(m, m->next, r.x, y), src, (size_t)r.w);
	m->used = true;
}

static void load_lent(struct pixel_model *m, const struct pixel_lent *l, struct pixel_rect part)
{
	load(m, part, (const uint8_t *)(l->px + (size_t)(part.y - l->box.y) * l->stride + (size_t)(part.x - l->box.x)),
	     l->stride * sizeof *l->px);
}

/* Puts a tile's new pixels into next. */
static void tile_keep(struct pixel_model *m, int tx, int ty, struct pixel_rect unused)
{
	(void)unused;
	uint8_t *state = state_of(m, tx, ty);
	const int place = *state & MODEL_PLACE;
	const struct pixel_rect tile = model_tile_rect(tx, ty);
	const struct pixel_lent *l = place >= MODEL_LENT ? &m->lent[place - MODEL_LENT] : NULL;

	if (place == MODEL_NEXT)
		return;
	m->fresh += place == MODEL_SAME;
	m->used = true;
	*state = (uint8_t)(MODEL_NEXT | (*state & MODEL_DIFFERS));
	if (!l || !covers(l->box, m, tx, ty))
		for (int y = tile.y; y < tile.y + tile.h; y++)
			memcpy(model_at(m, m->next, tile.x, y), model_at(m, m->ref, tile.x, y), PIXEL_TILE_W * sizeof *m->next);
	if (l)
		load_lent(m, l, pixel_rect_meet(l->box, tile));
}

/* The same where ref holds new pixels, and would lose them if dst were written. */
static void tile_detach(struct pixel_model *m, int tx, int ty, struct pixel_rect dst)
{
	const int place = *state_of(m, tx, ty) & MODEL_PLACE;

	if (place == MODEL_SAME || (place >= MODEL_LENT &&
				    !holds(m->lent[place - MODEL_LENT].box, pixel_rect_meet(dst, model_tile_rect(tx, ty)))))
		tile_keep(m, tx, ty, dst);
}

/* --- new pixels ------------------------------------------------------------------------------- */

/* Pieces of one rectangle, which come one below the other, are noted as one. */
static void note_box(struct pixel_model *m, struct pixel_rect r)
{
	struct pixel_rect *last = &m->box[m->n_boxes ? m->n_boxes - 1 : 0];

	if (m->n_boxes > 0 && last->x == r.x && last->w == r.w && last->y + last->h == r.y)
		last->h += r.h;
	else if (m->n_boxes < MODEL_BOXES_MAX)
		m->box[m->n_boxes++] = r;
	else
		m->box[0] = pixel_rect_join(m->box[0], r);
}

struct pixel_rect model_new_in(const struct pixel_model *m, struct pixel_rect r)
{
	struct pixel_rect all = { 0 };

	for (size_t i = 0; i < m->n_boxes; i++)
		all = pixel_rect_join(all, pixel_rect_meet(m->box[i], r));
	return all;
}

void model_take(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	note_box(m, r);
	for (int ty = r.y / PIXEL_TILE_H; ty <= (r.y + r.h - 1) / PIXEL_TILE_H; ty++)
		for (int tx = r.x / PIXEL_TILE_W; tx <= (r.x + r.w - 1) / PIXEL_TILE_W; tx++) {
			if (!covers(r, m, tx, ty)) {
				tile_keep(m, tx, ty, r);
				continue;
			}
			m->fresh += (*state_of(m, tx, ty) & MODEL_PLACE) == MODEL_SAME;
			*state_of(m, tx, ty) = MODEL_NEXT;
		}
	load(m, r, src, stride);
}

/* Pixels can stay where they are if they can be read as such. */
static bool can_lend(const struct pixel_model *m, const uint8_t *src, size_t stride)
{
	return m->n_lent < MODEL_LENT_MAX && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&
	       (uintptr_t)src % sizeof(uint32_t) == 0 && stride % sizeof(uint32_t) == 0;
}

void model_lend(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	if (!can_lend(m, src, stride)) {
		model_take(m, r, src, stride);
		return;
	}
	note_box(m, r);
	const uint8_t place = (uint8_t)(MODEL_LENT + m->n_lent);
	const struct pixel_lent *l = &m->lent[m->n_lent++];
	m->lent[place - MODEL_LENT] = (struct pixel_lent){ r, (const uint32_t *)(const void *)src, stride / sizeof(uint32_t) };
	for (int ty = r.y / PIXEL_TILE_H; ty <= (r.y + r.h - 1) / PIXEL_TILE_H; ty++)
		for (int tx = r.x / PIXEL_TILE_W; tx <= (r.x + r.w - 1) / PIXEL_TILE_W; tx++) {
			uint8_t *state = state_of(m, tx, ty);
			if (*state == MODEL_SAME || covers(r, m, tx, ty)) {
				m->fresh += *state == MODEL_SAME;
				*state = place;
				continue;
			}
			tile_keep(m, tx, ty, r);
			load_lent(m, l, pixel_rect_meet(r, model_tile_rect(tx, ty)));
		}
}

static void tile_unlend(struct pixel_model *m, int tx, int ty, struct pixel_rect r)
{
	if ((*state_of(m, tx, ty) & MODEL_PLACE) >= MODEL_LENT)
		tile_keep(m, tx, ty, r);
}

void model_keep(struct pixel_model *m)
{
	if (m->n_lent > 0)
		each_tile(m, model_screen(m), tile_unlend);
	m->n_lent = 0;
}

static struct pixel_rect source_of(struct pixel_copy c)
{
	return (struct pixel_rect){ c.src_x, c.src_y, c.dst.w, c.dst.h };
}

/* Rows in the order that lets source and destination overlap. */
void model_rows_move(const struct pixel_model *m, uint32_t *px, struct pixel_copy c)
{
	for (int i = 0; i < c.dst.h; i++) {
		int y = c.dst.y > c.src_y ? c.dst.h - 1 - i : i;
		memmove(model_at(m, px, c.dst.x, c.dst.y + y), model_at(m, px, c.src_x, c.src_y + y), (size_t)c.dst.w * sizeof *px);
	}
}

void model_move(struct pixel_model *m, struct pixel_copy c)
{
	note_box(m, c.dst);
	each_tile(m, source_of(c), tile_keep);
	each_tile(m, c.dst, tile_keep);
	model_rows_move(m, m->next, c);
}

/* Where the new pixel (x, y) is, and how many of the n from there on are beside it. */
static const uint32_t *piece(const struct pixel_model *m, int x, int y, int n, int *len)
{
	const int place = *state_of(m, x / PIXEL_TILE_W, y / PIXEL_TILE_H) & MODEL_PLACE;
	int end = (x / PIXEL_TILE_W + 1) * PIXEL_TILE_W < x + n ? (x / PIXEL_TILE_W + 1) * PIXEL_TILE_W : x + n;
	const uint32_t *at = model_at(m, place == MODEL_NEXT ? m->next : m->ref, x, y);

	if (place >= MODEL_LENT) {
		const struct pixel_lent *l = &m->lent[place - MODEL_LENT];
		const int right = l->box.x + l->box.w;
		if (y >= l->box.y && y < l->box.y + l->box.h && x < right && end > l->box.x) {
			if (x >= l->box.x)
				at = l->px + (size_t)(y - l->box.y) * l->stride + (size_t)(x - l->box.x);
			int edge = x >= l->box.x ? right : l->box.x;
			end = edge < end ? edge : end;
		}
	}
	*len = end - x;
	return at;
}

const uint32_t *model_new_row(const struct pixel_model *m, int x, int y, int n, uint32_t *buf)
{
	int done, len;
	const uint32_t *first = piece(m, x, y, n, &done);

	while (done < n && piece(m, x + done, y, n - done, &len) == first + done)
		done += len;
	if (done == n)
		return first;
	memcpy(buf, first, (size_t)done * sizeof *buf);
	for (; done < n; done += len) {
		const uint32_t *at = piece(m, x + done, y, n - done, &len);
		memcpy(buf + done, at, (size_t)len * sizeof *buf);
	}
	return buf;
}

/* --- the reader's copies ----------------------------------------------------------------------- */

static bool independent(const struct pixel_model *m, struct pixel_copy c)
{
	for (size_t i = 0; i < m->n_pending; i++)
		if (pixel_rects_touch(m->pending[i].dst, c.dst) || pixel_rects_touch(m->pending[i].dst, source_of(c)))
			return false;
	return m->n_pending < MODEL_PENDING_MAX;
}

void model_copy(struct pixel_model *m, struct pixel_copy c)
{
	bool note = independent(m, c);

	if (m->n_pending == MODEL_PENDING_MAX)
		model_flush(m);
	each_tile(m, c.dst, tile_detach);
	m->pending[m->n_pending++] = c;
	if (!note)
		model_flush(m);
}

void model_flush(struct pixel_model *m)
{
	for (size_t i = 0; i < m->n_pending; i++)
		model_rows_move(m, m->ref, m->pending[i]);
	m->n_pending = 0;
}

void model_commit(struct pixel_model *m)
{
	if (m->fresh > 0)
		memset(m->tile, 0, (size_t)m->tiles_x * (size_t)m->tiles_y);
	m->fresh = m->n_lent = m->n_pending = m->n_boxes = 0;
}

void model_relax(struct pixel_model *m)
{
	if (!m->used || m->fresh > 0)	/* a frame whose rest has yet to come has pixels there */
		return;
	madvise(m->next, m->bytes, MADV_DONTNEED);
	m->used = false;
}
