/* The screen: frames are applied whole or not at all, keyframes report only what differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "screen/canvas.c"
#include "screen/pixels.c"
#include "screen/screen.c"
#include "screen/stage.c"

static const char *why;

static void apply(struct screen *s, struct fbs_record r)
{
	assert_int_equal(screen_apply(s, &r, &why), 0);
}

static void set_size(struct screen *s, uint32_t w, uint32_t h)
{
	struct fbs_record r = { .type = FBS_SCREEN, .screen = { .w = w, .h = h } };
	apply(s, r);
}

static void fill(struct screen *s, uint16_t x, uint16_t y, uint16_t w, uint16_t h, uint32_t colour)
{
	uint32_t *px = malloc((size_t)w * h * 4);
	for (size_t i = 0; i < (size_t)w * h; i++)
		px[i] = colour;
	struct fbs_record r = { .type = FBS_PIXELS, .pixels = { x, y, w, h, FBS_RAW, (uint8_t *)px, (uint32_t)w * h * 4 } };
	apply(s, r);
	free(px);
}

static const struct screen_change *commit(struct screen *s, bool key)
{
	const struct screen_change *c;
	assert_int_equal(screen_commit(s, key, &c), 0);
	return c;
}

static uint32_t at(const struct screen *s, uint32_t x, uint32_t y) { return s->front[y * s->w + x]; }

static void test_frame_is_applied_whole(void **state)
{
	struct screen s;
	(void)state;
	assert_int_equal(screen_init(&s), 0);
	set_size(&s, 200, 100);
	fill(&s, 0, 0, 200, 100, 0xff112233);
	assert_false(s.ready);
	const struct screen_change *c = commit(&s, true);
	assert_true(c->what & SCREEN_RESIZED);
	assert_int_equal(at(&s, 199, 99), 0x112233);	/* the top byte is cleared */
	fill(&s, 10, 10, 5, 5, 0x00ff00);
	assert_int_equal(at(&s, 10, 10), 0x112233);	/* not before its commit */
	c = commit(&s, false);
	assert_int_equal(at(&s, 10, 10), 0x00ff00);
	assert_int_equal(c->n_ops, 1);
	assert_false(c->what & SCREEN_RESIZED);
	/* both buffers are the same picture: the next frame builds on this one */
	struct fbs_record copy = { .type = FBS_COPY, .copy = { 50, 50, 5, 5, 10, 10 } };
	apply(&s, copy);
	c = commit(&s, false);
	assert_true(c->ops[0].is_copy);
	assert_int_equal(at(&s, 54, 54), 0x00ff00);
	assert_int_equal(at(&s, 12, 12), 0x00ff00);
	assert_int_equal(at(&s, 55, 55), 0x112233);
	screen_fini(&s);
}

static void test_abort_forgets(void **state)
{
	struct screen s;
	(void)state;
	screen_init(&s);
	set_size(&s, 64, 64);
	fill(&s, 0, 0, 64, 64, 1);
	commit(&s, true);
	fill(&s, 0, 0, 32, 32, 2);
	struct fbs_record copy = { .type = FBS_COPY, .copy = { 40, 40, 10, 10, 0, 0 } };
	apply(&s, copy);
	screen_abort(&s);
	fill(&s, 60, 60, 1, 1, 3);
	const struct screen_change *c = commit(&s, false);
	assert_int_equal(c->n_ops, 1);
	assert_int_equal(at(&s, 0, 0), 1);
	assert_int_equal(at(&s, 45, 45), 1);
	assert_int_equal(at(&s, 60, 60), 3);
	/* an abort in the middle of a change of size leaves the size */
	set_size(&s, 10, 10);
	screen_abort(&s);
	fill(&s, 0, 0, 1, 1, 4);
	commit(&s, false);
	assert_int_equal(s.w, 64);
	assert_int_equal(at(&s, 60, 60), 3);
	assert_int_equal(at(&s, 0, 0), 4);
	screen_fini(&s);
}

enum { MODEL_W = 90, MODEL_H = 70 };

static unsigned below(unsigned n)
{
	static uint32_t state = 88172645;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

/* One record, on the screen and on a picture that is simply painted in order. */
static void apply_random(struct screen *s, uint32_t *model)
{
	uint16_t w = (uint16_t)(1 + below(below(3) ? 20 : MODEL_W)), h = (uint16_t)(1 + below(below(3) ? 20 : MODEL_H));
	uint16_t x = (uint16_t)below(MODEL_W - w + 1), y = (uint16_t)below(MODEL_H - h + 1);
	if (below(2)) {
		uint32_t colour = below(1 << 24);
		pixman_box32_t b = { x, y, x + w, y + h };
		fill(s, x, y, w, h, colour | 0x77000000);
		for (int32_t v = b.y1; v < b.y2; v++)
			for (int32_t u = b.x1; u < b.x2; u++)
				model[v * MODEL_W + u] = colour;
		return;
	}
	if (below(3) == 0) {	/* a scroll of nearly all */
		w = (uint16_t)(MODEL_W - below(4));
		h = (uint16_t)(MODEL_H - below(14));
		x = (uint16_t)below(MODEL_W - w + 1);
		y = (uint16_t)below(MODEL_H - h + 1);
	}
	struct fbs_record r = { .type = FBS_COPY, .copy = { x, y, w, h, (uint16_t)below(MODEL_W - w + 1), (uint16_t)below(MODEL_H - h + 1) } };
	apply(s, r);
	pixels_move(model, MODEL_W, &r.copy);
}

/* Whatever a frame writes, reads and leaves, the two buffers never mix up. */
static void test_frames_follow_a_model(void **state)
{
	static uint32_t model[MODEL_W * MODEL_H], next[MODEL_W * MODEL_H];
	struct screen s;
	(void)state;
	screen_init(&s);
	set_size(&s, MODEL_W, MODEL_H);
	commit(&s, true);
	for (unsigned round = 0; round < 4000; round++) {
		memcpy(next, model, sizeof next);
		if (below(20) == 0) {	/* there and back within a frame */
			set_size(&s, MODEL_W / 2, MODEL_H);
			set_size(&s, MODEL_W, MODEL_H);
		}
		for (unsigned n = below(6); n > 0; n--)
			apply_random(&s, next);
		if (below(8) == 0) {
			screen_abort(&s);
			continue;
		}
		commit(&s, below(4) == 0);
		memcpy(model, next, sizeof model);
		assert_memory_equal(s.front, model, sizeof model);
	}
	screen_fini(&s);
}

/* A screen that scrolls by a line is not moved in memory, but for when the room is used up. */
static void test_scrolls_shift(void **state)
{
	enum { W = 64, H = 120, LINE = 6 };
	struct fbs_record copy = { .type = FBS_COPY, .copy = { 0, 10, W, H - 10 - LINE, 0, 10 + LINE } };
	struct screen s;
	unsigned rewound = 0;
	(void)state;
	screen_init(&s);
	set_size(&s, W, H);
	fill(&s, 0, 0, W, 10, 0xffffff);	/* a title stays */
	commit(&s, true);
	for (uint32_t n = 1; n <= 60; n++) {
		const size_t before = s.stage->back.before;
		apply(&s, copy);
		rewound += s.stage->back.before < before;
		fill(&s, 0, H - LINE, W, LINE, n);
		commit(&s, false);
		for (uint32_t y = 0; y < H; y++) {
			const uint32_t line = y < 10 ? 0xffffff : n + 1 < (H - y + LINE - 1) / LINE ? 0 : n + 1 - (H - y + LINE - 1) / LINE;
			assert_int_equal(at(&s, W - 1, y), line);
		}
	}
	assert_in_range(rewound, 1, 2 * 60 / (H / 4 / LINE));	/* each of the two pictures */
	/* and back again */
	copy.copy.src_y = copy.copy.y;
	copy.copy.y = (uint16_t)(copy.copy.y + LINE);
	apply(&s, copy);
	commit(&s, false);
	assert_int_equal(at(&s, 0, H - 1), 59);
	assert_int_equal(at(&s, 0, 9), 0xffffff);
	screen_fini(&s);
}

static void test_keyframe_reports_differences(void **state)
{
	struct screen s;
	(void)state;
	screen_init(&s);
	set_size(&s, 300, 200);
	fill(&s, 0, 0, 300, 200, 7);
	commit(&s, true);
	set_size(&s, 300, 200);
	fill(&s, 0, 0, 300, 200, 7);
	const struct screen_change *c = commit(&s, true);
	assert_int_equal(c->n_ops, 0);
	assert_false(c->what & (SCREEN_PIXELS | SCREEN_RESIZED));
	fill(&s, 0, 0, 300, 200, 7);
	fill(&s, 100, 90, 3, 2, 8);
	c = commit(&s, true);
	assert_int_equal(c->n_ops, 1);
	pixman_box32_t *e = pixman_region32_extents(&c->ops[0].damage);
	assert_int_equal(e->x1, 100);
	assert_int_equal(e->y1, 90);
	assert_int_equal(e->x2, 103);
	assert_int_equal(e->y2, 92);
	/* and the buffers agree afterwards, though not all that was staged was reported */
	fill(&s, 0, 0, 1, 1, 9);
	commit(&s, false);
	assert_int_equal(at(&s, 101, 91), 8);
	screen_fini(&s);
}

static void test_resize_and_serials(void **state)
{
	struct screen s;
	pixman_box32_t left = { 0, 0, 64, 64 }, right = { 64, 0, 128, 64 };
	(void)state;
	screen_init(&s);
	set_size(&s, 128, 64);
	commit(&s, true);
	uint64_t first = s.serial;
	fill(&s, 70, 10, 4, 4, 1);
	commit(&s, false);
	assert_int_equal(screen_serial(&s, &left), first);
	assert_int_equal(screen_serial(&s, &right), s.serial);
	set_size(&s, 64, 128);
	const struct screen_change *c = commit(&s, false);
	assert_true(c->what & SCREEN_RESIZED);
	assert_int_equal(s.w, 64);
	assert_int_equal(at(&s, 10, 100), 0);	/* black */
	/* away and back within one frame: no change of size, and the old picture */
	fill(&s, 0, 0, 64, 128, 5);
	commit(&s, false);
	set_size(&s, 10, 10);
	set_size(&s, 64, 128);
	c = commit(&s, false);
	assert_int_equal(s.w, 64);
	screen_fini(&s);
}

static void test_states(void **state)
{
	struct screen s;
	static const uint32_t shape[4] = { 0xff0000ff, 0, 0, 0xff0000ff };
	(void)state;
	screen_init(&s);
	set_size(&s, 32, 32);
	struct fbs_record cursor = { .type = FBS_CURSOR, .cursor = { 2, 2, 5, -1, (const uint8_t *)shape } };
	struct fbs_record pointer = { .type = FBS_POINTER, .pointer = { 31, 0, 1 } };
	struct fbs_record name = { .type = FBS_NAME, .name = { "x", 1 } };
	apply(&s, cursor);
	apply(&s, pointer);
	apply(&s, name);
	const struct screen_change *c = commit(&s, true);
	assert_true((c->what & (SCREEN_CURSOR | SCREEN_POINTER | SCREEN_NAME)) == (SCREEN_CURSOR | SCREEN_POINTER | SCREEN_NAME));
	assert_int_equal(s.cursor.hot_x, 1);	/* brought inside */
	assert_int_equal(s.cursor.hot_y, 0);
	pixman_box32_t b;
	assert_true(screen_cursor_box(&s, &b));
	assert_int_equal(b.x1, 30);
	assert_int_equal(b.x2, 32);
	/* the same again is no change */
	cursor.cursor.hot_x = 1;
	cursor.cursor.hot_y = 0;
	apply(&s, cursor);
	apply(&s, name);
	c = commit(&s, true);
	assert_int_equal(c->what & (SCREEN_CURSOR | SCREEN_NAME), 0);
	/* hidden */
	cursor.cursor.w = cursor.cursor.h = 0;
	apply(&s, cursor);
	c = commit(&s, false);
	assert_true(c->what & SCREEN_CURSOR);
	assert_false(screen_cursor_box(&s, &b));
	screen_fini(&s);
}

static void test_bad_pixels(void **state)
{
	struct screen s;
	(void)state;
	screen_init(&s);
	set_size(&s, 32, 32);
	static const uint8_t junk[4] = { 0xff, 0xff, 0xff, 0xff };
	struct fbs_record r = { .type = FBS_PIXELS, .pixels = { 0, 0, 32, 32, FBS_JPEG, junk, 4 } };
	assert_int_equal(screen_apply(&s, &r, &why), -1);
	assert_non_null(why);
	r = (struct fbs_record){ .type = FBS_SHARED };
	assert_int_equal(screen_apply(&s, &r, &why), -1);
	screen_fini(&s);
}

static void test_blend(void **state)
{
	uint32_t px[4] = { 0xffffff, 0xffffff, 0, 0 };
	const uint32_t argb[2] = { 0x80000000, 0xff123456 };
	pixman_box32_t box = { 10, 10, 12, 12 };
	(void)state;
	pixels_blend(px, 2, &box, argb, 2, 1, 10, 10);
	assert_int_equal(px[0], 0x7f7f7f);
	assert_int_equal(px[1], 0x123456);
	assert_int_equal(px[2], 0);
	pixels_blend(px, 2, &box, argb, 2, 1, 9, 11);	/* cut off at the left */
	assert_int_equal(px[2], 0x123456);
	assert_int_equal(px[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_is_applied_whole), cmocka_unit_test(test_abort_forgets),
		cmocka_unit_test(test_frames_follow_a_model), cmocka_unit_test(test_scrolls_shift),
		cmocka_unit_test(test_keyframe_reports_differences), cmocka_unit_test(test_resize_and_serials),
		cmocka_unit_test(test_states), cmocka_unit_test(test_bad_pixels), cmocka_unit_test(test_blend),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
