/* Every cell of the area gets what the copy would gain in it, in pixels; the rectangle of cells with the
 * greatest sum is the copy (Kadane's sum in two dimensions), and its edges are then moved pixel by pixel. So
 * changes within a moved part do not matter while most of it is explained. */
#include "pixel/gain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pixel/compare.h"

enum {
	CELLS_X = 160, CELLS_Y = 128, CELL_MIN = 16, CELL_MAX = 512,
	SPARSE_FROM = 65536,	/* areas of as many pixels are judged by one row in four */
	SPARSER_FROM = 1 << 19,	/* and of as many, by one in eight */
	LINE_PIECES = 8, LINE_PIECE = 64,	/* longer lines are judged by so many pieces of so many pixels */
};

struct pixel_gain_work {
	int32_t cell[CELLS_Y][CELLS_X];
	int32_t *column;	/* one per pixel of a row */
	uint32_t *row;
};

struct shifted {
	const struct pixel_model *m;
	uint32_t *row;		/* scratch */
	int dx, dy;
	int step;		/* one row in so many is looked at */
};

struct pixel_gain_work *pixel_gain_work_new(int width)
{
	struct pixel_gain_work *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->column = calloc((size_t)width, sizeof *g->column);
	g->row = calloc((size_t)width, sizeof *g->row);
	if (g->column && g->row)
		return g;
	pixel_gain_work_free(g);
	return NULL;
}

void pixel_gain_work_free(struct pixel_gain_work *g)
{
	if (!g)
		return;
	free(g->column);
	free(g->row);
	free(g);
}

/* Adds the gain of row y, columns x to x + n, to acc. */
static void gain_row(const struct shifted *s, int32_t *acc, int x, int y, int n)
{
	pixel_rows()->gain(acc, model_new_row(s->m, x, y, n, s->row), model_at(s->m, s->m->ref, x, y),
			   model_at(s->m, s->m->ref, x - s->dx, y - s->dy), (size_t)n);
}

/* Wrong pixels in every `step`th row of r, if old's content came from (-dx, -dy). */
static long wrong_in(const struct shifted *s, struct pixel_rect r, int dx, int dy, int step)
{
	long n = 0;

	for (int y = r.y; y < r.y + r.h; y += step)
		n += (long)pixel_rows()->count(model_new_row(s->m, r.x, y, r.w, s->row),
					       model_at(s->m, s->m->ref, r.x - dx, y - dy), (size_t)r.w);
	return n;
}

/* --- cells ----------------------------------------------------------------------------- */

static void fill_cells(struct pixel_gain_work *g, const struct shifted *s, struct pixel_rect r, int side)
{
	int cols = (r.w + side - 1) / side;

	for (int j = 0; j * side < r.h; j++) {
		int bottom = (j + 1) * side < r.h ? (j + 1) * side : r.h;
		memset(g->column, 0, (size_t)r.w * sizeof *g->column);
		for (int y = j * side + s->step / 2; y < bottom; y += s->step)
			gain_row(s, g->column, r.x, r.y + y, r.w);
		for (int i = 0; i < cols; i++) {
			int right = (i + 1) * side < r.w ? (i + 1) * side : r.w;
			int32_t sum = 0;
			for (int x = i * side; x < right; x++)
				sum += g->column[x];
			g->cell[j][i] = sum;
		}
		memset(g->cell[j] + cols, 0, (size_t)(CELLS_X - cols) * sizeof g->cell[j][0]);
	}
}

/* Adds a row of cells; returns the sum of what is positive then, which no stretch of it exceeds. */
static long add_row(int32_t *restrict sum, const int32_t *restrict row)
{
	int32_t positive = 0;

	for (int i = 0; i < CELLS_X; i++) {
		sum[i] += row[i];
		positive += sum[i] > 0 ? sum[i] : 0;
	}
	return positive;
}

/* The cells of greatest sum, as a rectangle of cells; empty when no sum is positive. */
static struct pixel_rect best_cells(const struct pixel_gain_work *g, int cols, int rows)
{
	struct pixel_rect best = { 0 };
	long most = 0;

	for (int top = 0; top < rows; top++) {
		int32_t sum[CELLS_X] = { 0 };
		for (int bottom = top; bottom < rows; bottom++) {
			if (add_row(sum, g->cell[bottom]) <= most)
				continue;
			long run = 0;
			for (int i = 0, start = 0; i < cols; i++) {
				if (run <= 0) {
					run = 0;
					start = i;
				}
				run += sum[i];
				if (run > most) {
					most = run;
					best = (struct pixel_rect){ start, top, i + 1 - start, bottom + 1 - top };
				}
			}
		}
	}
	return best;
}

/* --- edges ------------------------------------------------------------------------------ */

/* Where an edge should be: lines[0..n) are the gains of lines from the innermost outwards. How
 * many of them to take in. */
static int lines_worth(const long *lines, int n)
{
	long sum = 0, most = 0;
	int best = 0;

	for (int i = 0; i < n; i++) {
		sum += lines[i];
		if (sum > most) {
			most = sum;
			best = i + 1;
		}
	}
	return best;
}

/* What the copy would gain in a line. */
static long line_gain(const struct shifted *s, int x, int y, int w)
{
	const bool whole = w <= LINE_PIECES * LINE_PIECE;
	const int pieces = whole ? 1 : LINE_PIECES, side = whole ? w : LINE_PIECE;
	long gain = 0;

	for (int i = 0; i < pieces; i++) {
		const struct pixel_rect r = { x + (whole ? 0 : i * (w - side) / (pieces - 1)), y, side, 1 };
		gain += wrong_in(s, r, 0, 0, 1) - wrong_in(s, r, s->dx, s->dy, 1);
	}
	return gain;
}

/* Moves the top (or bottom) edge within `reach` rows of where it is. */
static void settle_row_edge(const struct shifted *s, struct pixel_rect in, struct pixel_rect *r, int reach, bool bottom)
{
	long lines[2 * CELL_MAX];
	int inner = reach < r->h ? reach : r->h, n = 0;
	int start = bottom ? r->y + r->h - inner : r->y + inner - 1, step = bottom ? 1 : -1;

	for (int y = start; n < inner + reach && y >= in.y && y < in.y + in.h; y += step)
		lines[n++] = line_gain(s, r->x, y, r->w);
	int change = lines_worth(lines, n) - inner;
	r->h += change;
	if (!bottom)
		r->y -= change;
}

/* The same for the left (or right) edge. */
static void settle_column_edge(struct pixel_gain_work *g, const struct shifted *s, struct pixel_rect in, struct pixel_rect *r,
			       int reach, bool right)
{
	long lines[2 * CELL_MAX];
	int inner = reach < r->w ? reach : r->w, n = 0;
	int x0 = right ? r->x + r->w - inner : r->x - reach, x1 = right ? r->x + r->w + reach : r->x + inner;

	if (x0 < in.x)
		x0 = in.x;
	if (x1 > in.x + in.w)
		x1 = in.x + in.w;
	memset(g->column, 0, (size_t)(x1 - x0) * sizeof *g->column);
	for (int y = r->y + s->step / 2; y < r->y + r->h; y += s->step)
		gain_row(s, g->column, x0, y, x1 - x0);
	for (int i = 0; i < x1 - x0; i++)
		lines[n++] = g->column[right ? i : x1 - x0 - 1 - i];
	int change = lines_worth(lines, n) - inner;
	r->w += change;
	if (!right)
		r->x -= change;
}

static struct pixel_rect settle_edges(struct pixel_gain_work *g, const struct shifted *s, struct pixel_rect in,
				      struct pixel_rect r, int reach)
{
	if (!pixel_rect_empty(r))
		settle_row_edge(s, in, &r, reach, false);
	if (!pixel_rect_empty(r))
		settle_row_edge(s, in, &r, reach, true);
	if (!pixel_rect_empty(r))
		settle_column_edge(g, s, in, &r, reach, false);
	if (!pixel_rect_empty(r))
		settle_column_edge(g, s, in, &r, reach, true);
	return r;
}

struct pixel_gain pixel_gain_find(struct pixel_gain_work *g, const struct pixel_model *m, struct pixel_rect box, int dx, int dy)
{
	const struct pixel_rect screen = { 0, 0, m->w, m->h };
	struct pixel_rect in = pixel_rect_meet(pixel_rect_meet(box, screen), pixel_rect_shift(screen, dx, dy));
	const struct shifted s = { m, g->row, dx, dy,
		pixel_rect_area(in) >= SPARSER_FROM ? 8 : pixel_rect_area(in) >= SPARSE_FROM ? 4 : 1 };
	struct pixel_gain out = { .gain = 0 };
	int side = CELL_MIN;

	if (pixel_rect_empty(in))
		return out;
	while (in.w > side * CELLS_X || in.h > side * CELLS_Y)
		side *= 2;
	fill_cells(g, &s, in, side);
	struct pixel_rect c = best_cells(g, (in.w + side - 1) / side, (in.h + side - 1) / side);
	struct pixel_rect r = { in.x + c.x * side, in.y + c.y * side, c.w * side, c.h * side };
	r = settle_edges(g, &s, in, pixel_rect_meet(r, in), side);
	if (pixel_rect_empty(r))
		return out;
	out.copy = (struct pixel_copy){ r, r.x - dx, r.y - dy };
	const int step = s.step > 4 ? 4 * s.step : s.step > 1 ? 2 * s.step : 1;
	out.wrong = wrong_in(&s, r, 0, 0, step) * step;
	out.gain = out.wrong - wrong_in(&s, r, dx, dy, step) * step;
	return out;
}
