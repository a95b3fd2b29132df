/* Area averaging in integers. In units of which an output pixel has `from` and an input pixel has `to` (both reduced), an output
 * pixel's weights are whole numbers and their sum is `from`. */
#include "scale.h"

#include <stdlib.h>
#include <string.h>

#include "fbs/fbs.h"

/* --- what is asked for ------------------------------------------------------------------- */

/* Decimal digits off the front. False: none, or too many. */
static bool take_number(const char **text, uint32_t most, uint32_t *out)
{
	const char *p = *text;
	*out = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		*out = *out * 10 + (uint32_t)(*p - '0');
		if (*out > most)
			return false;
	}
	if (p == *text)
		return false;
	*text = p;
	return true;
}

/* The digits behind a decimal point, as thousandths. */
static bool take_thousandths(const char **text, uint32_t *out)
{
	const char *from = *text;
	if (!take_number(text, 999, out) || *text - from > 3)
		return false;
	for (long i = *text - from; i < 3; i++)
		*out *= 10;
	return true;
}

bool scale_parse(struct scale *out, const char *text)
{
	uint32_t first, second = 0;
	memset(out, 0, sizeof *out);
	if (!take_number(&text, FBS_SIDE_MAX, &first))
		return false;
	if (*text == 'x') {
		text++;
		out->w = first;
		return take_number(&text, FBS_SIDE_MAX, &out->h) && !*text && out->w && out->h && out->w * out->h <= FBS_PIXELS_MAX;
	}
	if (*text == '/') {
		text++;
		*out = (struct scale){ .num = first };
		if (!take_number(&text, FBS_SIDE_MAX, &out->den))
			return false;
	} else {
		if (*text == '.' && (text++, !take_thousandths(&text, &second)))
			return false;
		*out = (struct scale){ .num = first * 1000 + second, .den = 1000 };
	}
	return !*text && out->num && out->den && out->num <= 8 * out->den && out->num * 64 >= out->den;
}

static uint32_t scaled(const struct scale *s, uint32_t n)
{
	const uint64_t out = ((uint64_t)n * s->num + s->den / 2) / s->den;
	return out ? (uint32_t)out : 1;
}

bool scale_size(const struct scale *s, uint32_t w, uint32_t h, uint32_t *out_w, uint32_t *out_h)
{
	*out_w = s->w ? s->w : scaled(s, w);
	*out_h = s->w ? s->h : scaled(s, h);
	return *out_w <= FBS_SIDE_MAX && *out_h <= FBS_SIDE_MAX && (uint64_t)*out_w * *out_h <= FBS_PIXELS_MAX;
}

/* --- places ------------------------------------------------------------------------------- */

void scale_span(struct scale_axis a, int32_t x1, int32_t x2, int32_t *out1, int32_t *out2)
{
	*out1 = (int32_t)((int64_t)x1 * a.to / a.from);
	*out2 = (int32_t)(((int64_t)x2 * a.to + a.from - 1) / a.from);
}

int32_t scale_back(struct scale_axis a, int32_t x)
{
	return (int32_t)((2 * (int64_t)x + 1) * a.from / (2 * (int64_t)a.to));
}

/* --- pixels ------------------------------------------------------------------------------- */

enum { CHANNELS = 4 };

static struct scale_axis reduced(struct scale_axis a)
{
	uint32_t m = a.from, n = a.to;
	while (n) {
		const uint32_t r = m % n;
		m = n;
		n = r;
	}
	return (struct scale_axis){ a.from / m, a.to / m };
}

/* Of input pixel i, how much lies between two units. */
static uint32_t covered(struct scale_axis a, uint64_t i, uint64_t begin, uint64_t end)
{
	const uint64_t from = i * a.to > begin ? i * a.to : begin, to = (i + 1) * a.to < end ? (i + 1) * a.to : end;
	return (uint32_t)(to - from);
}

/* Adds one input row, of weight `weight`, to the sums of n output pixels from x1 on. */
static void add_row(uint64_t *sums, const uint32_t *row, struct scale_axis a, int32_t x1, size_t n, uint32_t weight)
{
	uint64_t begin = (uint64_t)x1 * a.from;
	for (size_t o = 0; o < n; o++, begin += a.from) {
		const uint64_t end = begin + a.from;
		uint64_t part[CHANNELS] = { 0 };
		for (uint64_t i = begin / a.to; i * a.to < end; i++) {
			const uint32_t p = row[i], c = covered(a, i, begin, end);
			for (unsigned k = 0; k < CHANNELS; k++)
				part[k] += (uint64_t)(p >> 8 * k & 255) * c;
		}
		for (unsigned k = 0; k < CHANNELS; k++)
			sums[o * CHANNELS + k] += part[k] * weight;
	}
}

/* Two colours of a pixel to a word: no carry passes between them while a sum stays below 2^32. */
static void add_row_narrow(uint64_t *sums, const uint32_t *row, struct scale_axis a, int32_t x1, size_t n, uint32_t weight)
{
	uint64_t begin = (uint64_t)x1 * a.from, i = begin / a.to;
	for (size_t o = 0; o < n; o++, begin += a.from) {
		const uint64_t end = begin + a.from;
		uint64_t low = 0, high = 0;
		for (;; i++) {
			const uint64_t p = row[i], c = covered(a, i, begin, end);
			low += ((p & 255) | (p & 0xff00) << 24) * c;
			high += ((p >> 16 & 255) | (p & 0xff000000) << 8) * c;
			if ((i + 1) * a.to >= end)
				break;
		}
		if ((i + 1) * a.to == end)
			i++;
		sums[o * 2] += low * weight;
		sums[o * 2 + 1] += high * weight;
	}
}

static uint32_t mean(uint64_t sum, uint64_t total)
{
	return (uint32_t)((sum + total / 2) / total);
}

static void put_row(uint32_t *out, const uint64_t *sums, size_t n, uint64_t total)
{
	for (size_t o = 0; o < n; o++, sums += CHANNELS)
		out[o] = mean(sums[0], total) | mean(sums[1], total) << 8 | mean(sums[2], total) << 16 | mean(sums[3], total) << 24;
}

static uint32_t mean_narrow(uint32_t sum, uint32_t total)
{
	return (sum + total / 2) / total;
}

static void put_row_narrow(uint32_t *out, const uint64_t *sums, size_t n, uint32_t total)
{
	for (size_t o = 0; o < n; o++, sums += 2)
		out[o] = mean_narrow((uint32_t)sums[0], total) | mean_narrow((uint32_t)(sums[0] >> 32), total) << 8 |
			mean_narrow((uint32_t)sums[1], total) << 16 | mean_narrow((uint32_t)(sums[1] >> 32), total) << 24;
}

bool scale_box(uint32_t *out, const uint32_t *px, size_t stride, struct scale_axis ax, struct scale_axis ay, const pixman_box32_t *b)
{
	const struct scale_axis x = reduced(ax), y = reduced(ay);
	const uint64_t total = (uint64_t)x.from * y.from;
	const bool narrow = total < UINT32_MAX / 256;
	const size_t n = (size_t)(b->x2 - b->x1);
	uint64_t *sums = x.to && y.to ? malloc(n * CHANNELS * sizeof *sums) : NULL;
	if (!sums)
		return false;
	for (int32_t o = b->y1; o < b->y2; o++, out += n) {
		const uint64_t begin = (uint64_t)o * y.from, end = begin + y.from;
		memset(sums, 0, n * CHANNELS * sizeof *sums);
		for (uint64_t i = begin / y.to; i * y.to < end; i++)
			(narrow ? add_row_narrow : add_row)(sums, px + i * stride, x, b->x1, n, covered(y, i, begin, end));
		if (narrow)
			put_row_narrow(out, sums, n, (uint32_t)total);
		else
			put_row(out, sums, n, total);
	}
	free(sums);
	return true;
}
