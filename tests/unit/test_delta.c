/* The difference engine: whatever happens, the copies and rectangles it gives turn the old frame
 * into the new one; and for scrolls and moves they are few and small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pixel/delta.h"
#include "scene.h"

/* What one frame came to. */
struct cost { size_t copies, rects; long pixels; };

struct rig {
	struct scene s;		/* the screen */
	uint32_t *reader;	/* what somebody who follows the changes has */
	struct pixel_delta *d;
	int lends;		/* of so many reported rectangles one is lent; 0: none */
};

static void rig_open(struct rig *g, int w, int h, uint64_t seed)
{
	scene_init(&g->s, w, h, seed);
	g->reader = calloc((size_t)w * (size_t)h, 4);
	g->d = pixel_delta_new(w, h);
	assert_non_null(g->reader);
	assert_non_null(g->d);
}

static void rig_close(struct rig *g)
{
	scene_fini(&g->s);
	free(g->reader);
	pixel_delta_free(g->d);
}

static void rig_take(struct rig *g, struct pixel_rect r)
{
	const uint8_t *px = (const uint8_t *)(g->s.px + (size_t)r.y * (size_t)g->s.w + (size_t)r.x);
	const bool lend = g->lends > 0 && scene_int(&g->s, g->lends) == 0;

	(lend ? pixel_delta_lend : pixel_delta_take)(g->d, r, px, (size_t)g->s.w * 4);
	if (lend && scene_int(&g->s, 8) == 0)
		pixel_delta_keep(g->d);
}

/* Ends the frame and lets the reader follow. */
static struct cost rig_follow(struct rig *g)
{
	struct pixel_changes c;
	struct cost cost = { 0 };
	size_t stride;
	const struct pixel_rect screen = { 0, 0, g->s.w, g->s.h };

	pixel_delta_find(g->d, &c);
	for (size_t i = 0; i < c.n_copies; i++) {
		struct pixel_rect dst = c.copies[i].dst, src = { c.copies[i].src_x, c.copies[i].src_y, dst.w, dst.h };
		assert_true(dst.w > 0 && dst.h > 0);
		assert_int_equal(pixel_rect_area(pixel_rect_meet(dst, screen)), pixel_rect_area(dst));
		assert_int_equal(pixel_rect_area(pixel_rect_meet(src, screen)), pixel_rect_area(src));
		scene_copy(g->reader, g->s.w, c.copies[i]);
	}
	const uint32_t *px = pixel_delta_pixels(g->d, &stride);
	for (size_t i = 0; i < c.n_rects; i++) {
		struct pixel_rect r = c.rects[i];
		assert_int_equal(pixel_rect_area(pixel_rect_meet(r, screen)), pixel_rect_area(r));
		assert_true(pixel_rect_area(r) > 0);
		for (int y = r.y; y < r.y + r.h; y++)
			memcpy(g->reader + (size_t)y * (size_t)g->s.w + (size_t)r.x, px + (size_t)y * (stride / 4) + (size_t)r.x,
			       (size_t)r.w * 4);
		cost.pixels += pixel_rect_area(r);
	}
	cost.copies = c.n_copies;
	cost.rects = c.n_rects;
	return cost;
}

/* The same, and checks what the reader has against the screen. */
static struct cost rig_frame(struct rig *g)
{
	struct cost cost = rig_follow(g);

	for (size_t i = 0, n = (size_t)g->s.w * (size_t)g->s.h; i < n; i++)
		if (g->reader[i] != (g->s.px[i] & 0xffffff))
			fail_msg("pixel %zu,%zu differs", i % (size_t)g->s.w, i / (size_t)g->s.w);
	return cost;
}

static struct cost rig_whole(struct rig *g)
{
	rig_take(g, (struct pixel_rect){ 0, 0, g->s.w, g->s.h });
	return rig_frame(g);
}

/* --- exactness -------------------------------------------------------------------------------- */

static void random_edit(struct rig *g)
{
	struct pixel_rect r = scene_rect(&g->s), from;
	struct pixel_copy c;

	switch (scene_int(&g->s, 9)) {
	case 0:
		scene_noise(&g->s, r);
		break;
	case 1:
		scene_photo(&g->s, r, (unsigned)scene_int(&g->s, 100));
		break;
	case 2:
		scene_text(&g->s, r, scene_int(&g->s, 400));
		break;
	case 3:
		scene_fill(&g->s, r, scene_rnd(&g->s));
		break;
	case 4:
		scene_window(&g->s, r, scene_int(&g->s, 400));
		break;
	case 5:
		r.w = r.w > 20 ? 20 : r.w;
		r.h = r.h > 20 ? 20 : r.h;
		scene_noise(&g->s, r);
		break;
	default:
		from = scene_rect(&g->s);
		r.w = r.w < from.w ? r.w : from.w;
		r.h = r.h < from.h ? r.h : from.h;
		c = (struct pixel_copy){ r, from.x, from.y };
		scene_copy(g->s.px, g->s.w, c);
		if (scene_int(&g->s, 4) == 0)
			pixel_delta_move(g->d, c);
		break;
	}
	/* More may be reported than changed, in pieces and twice. */
	if (scene_int(&g->s, 3) == 0)
		rig_take(g, (struct pixel_rect){ 0, 0, g->s.w, g->s.h });
	else
		rig_take(g, r);
}

static void test_random_edits(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct rig g;
		rig_open(&g, 1 + (int)((unsigned)round * 37 % 401), 1 + (int)((unsigned)round * 53 % 307), (uint64_t)round);
		g.lends = round % 4;
		for (int frame = 0; frame < 40; frame++) {
			for (int i = scene_int(&g.s, 4); i >= 0; i--) {
				random_edit(&g);
				/* the rest of the frame may be a long time in coming */
				if (scene_int(&g.s, 8) == 0)
					pixel_delta_relax(g.d);
			}
			rig_frame(&g);
			if (scene_int(&g.s, 8) == 0)
				pixel_delta_relax(g.d);
		}
		rig_close(&g);
	}
}

/* Several moves and scrolls at once with changes inside: the search's own ground. */
static void test_random_moves(void **state)
{
	(void)state;
	for (int round = 0; round < 40; round++) {
		struct rig g;
		rig_open(&g, 500, 400, 1000 + (uint64_t)round);
		g.lends = round % 3;
		scene_photo(&g.s, (struct pixel_rect){ 0, 0, 500, 400 }, 0);
		for (int i = 0; i < 3; i++)
			scene_window(&g.s, scene_rect(&g.s), 16 * i);
		rig_whole(&g);
		for (int frame = 0; frame < 25; frame++) {
			for (int i = scene_int(&g.s, 3); i >= 0; i--) {
				struct pixel_rect r = scene_rect(&g.s);
				struct pixel_copy c = { r, r.x + scene_int(&g.s, 41) - 20, r.y + scene_int(&g.s, 41) - 20 };
				if (c.src_x < 0 || c.src_y < 0 || c.src_x + r.w > 500 || c.src_y + r.h > 400)
					continue;
				scene_copy(g.s.px, g.s.w, c);
			}
			if (scene_int(&g.s, 2) == 0)
				random_edit(&g);
			rig_whole(&g);
		}
		rig_close(&g);
	}
}

static void test_nothing_changed_is_nothing(void **state)
{
	struct rig g;
	(void)state;
	rig_open(&g, 300, 200, 1);
	scene_photo(&g.s, (struct pixel_rect){ 0, 0, 300, 200 }, 0);
	rig_whole(&g);
	for (int i = 0; i < 300 * 200; i++)
		g.s.px[i] ^= 0xa5000000u;	/* the top byte does not count */
	struct cost c = rig_whole(&g);
	assert_int_equal(c.copies + c.rects, 0);
	c = rig_frame(&g);
	assert_int_equal(c.copies + c.rects, 0);
	rig_close(&g);
}

static void test_one_pixel_is_one_pixel(void **state)
{
	struct rig g;
	(void)state;
	rig_open(&g, 300, 200, 2);
	rig_whole(&g);
	for (int i = 0; i < 500; i++) {
		g.s.px[scene_int(&g.s, 300 * 200)] ^= 1u << scene_int(&g.s, 24);
		struct cost c = rig_whole(&g);
		assert_int_equal(c.copies, 0);
		assert_int_equal(c.rects, 1);
		assert_int_equal(c.pixels, 1);
	}
	rig_close(&g);
}

static void test_tight(void **state)
{
	struct rig g;
	(void)state;
	rig_open(&g, 1000, 600, 3);
	rig_whole(&g);
	/* One rectangle of noise is one rectangle, wherever it lies. */
	for (int i = 0; i < 40; i++) {
		struct pixel_rect r = scene_rect(&g.s);
		scene_noise(&g.s, r);
		struct cost c = rig_whole(&g);
		assert_int_equal(c.copies, 0);
		assert_int_equal(c.rects, 1);
		assert_int_equal(c.pixels, pixel_rect_area(r));
	}
	/* Two glyphs far apart stay two. */
	scene_fill(&g.s, (struct pixel_rect){ 0, 0, 1000, 600 }, 0);
	rig_whole(&g);
	scene_fill(&g.s, (struct pixel_rect){ 10, 13, 7, 9 }, 0xffffff);
	scene_fill(&g.s, (struct pixel_rect){ 900, 500, 7, 9 }, 0xffffff);
	struct cost c = rig_whole(&g);
	assert_int_equal(c.rects, 2);
	assert_int_equal(c.pixels, 2 * 7 * 9);
	rig_close(&g);
}

/* Another process writes to what was lent, all the time; px[n] counts its rounds. */
static pid_t scribble(volatile uint32_t *px, size_t n)
{
	uint32_t r = 1;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;; px[n]++)
		for (int i = 0; i < 64; i++) {
			r = r * 1664525u + 1013904223u;
			px[r % n] ^= 1u << (r >> 27);
		}
}

static void test_lent_pixels_may_change(void **state)
{
	enum { W = 333, H = 222 };
	const struct pixel_rect all = { 0, 0, W, H };
	struct rig g;
	(void)state;
	rig_open(&g, W, H, 9);
	uint32_t *own = g.s.px, *shared = mmap(NULL, (W * H + 1) * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	g.s.px = shared;
	const volatile uint32_t *rounds = &shared[W * H];
	scene_text(&g.s, all, 0);
	pid_t child = scribble(shared, W * H);
	assert_true(child > 0);
	for (int i = 0; i < 300 || *rounds < 1000; i++) {
		scene_text(&g.s, all, 5 * (i / 7));
		pixel_delta_lend(g.d, all, (const uint8_t *)g.s.px, W * 4);
		rig_follow(&g);
		size_t stride;
		const uint32_t *px = pixel_delta_pixels(g.d, &stride);
		for (size_t y = 0; y < H; y++)
			assert_memory_equal(g.reader + y * W, px + y * (stride / 4), W * 4);
	}
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	/* and once it is quiet, all is right */
	pixel_delta_lend(g.d, all, (const uint8_t *)g.s.px, W * 4);
	rig_frame(&g);
	g.s.px = own;
	munmap(shared, (W * H + 1) * 4);
	rig_close(&g);
}

/* More rectangles than can stay where they are, overlapping, at any alignment. */
static void test_many_are_lent(void **state)
{
	struct rig g;
	uint8_t *odd = malloc(1 + 200 * 150 * 4);
	(void)state;
	rig_open(&g, 200, 150, 10);
	assert_non_null(odd);
	for (int frame = 0; frame < 30; frame++) {
		scene_noise(&g.s, (struct pixel_rect){ 0, 0, 200, 150 });
		memcpy(odd + 1, g.s.px, 200 * 150 * 4);
		for (int i = 0; i < 200; i++) {
			struct pixel_rect r = i < 199 ? scene_rect(&g.s) : (struct pixel_rect){ 0, 0, 200, 150 };
			const size_t at = ((size_t)r.y * 200 + (size_t)r.x) * 4;
			pixel_delta_lend(g.d, r, i % 5 ? (const uint8_t *)g.s.px + at : odd + 1 + at, 200 * 4);
		}
		rig_frame(&g);
	}
	free(odd);
	rig_close(&g);
}

/* --- scrolls and moves ------------------------------------------------------------------------- */

static void test_text_scrolls(void **state)
{
	static const int steps[] = { 16, 48, 16, 3, -16, -7, 160, 1, -100 };
	const struct pixel_rect win = { 101, 57, 700, 480 };
	struct rig g;
	(void)state;
	rig_open(&g, 1000, 700, 4);
	scene_photo(&g.s, (struct pixel_rect){ 0, 0, 1000, 700 }, 5);
	int at = 1600;
	scene_text(&g.s, win, at);
	rig_whole(&g);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		at += steps[i];
		scene_text(&g.s, win, at);
		rig_take(&g, win);
		struct cost c = rig_frame(&g);
		assert_true(c.copies == 1 || c.copies == 2);	/* two: part of the exposed strip came from elsewhere */
		assert_true(c.rects <= 24);
		assert_true(c.pixels <= (long)win.w * abs(steps[i]) + 64);
	}
	rig_close(&g);
}

static void test_window_is_dragged(void **state)
{
	static const int moves[][2] = { { 5, 3 }, { -7, 12 }, { 40, -20 }, { 1, 0 }, { 0, 1 }, { -33, 17 }, { 9, 9 }, { -120, 60 } };
	struct rig g;
	(void)state;
	rig_open(&g, 1200, 800, 5);
	struct scene wall;
	scene_init(&wall, 1200, 800, 99);
	scene_photo(&wall, (struct pixel_rect){ 0, 0, 1200, 800 }, 5);
	struct pixel_rect win = { 300, 200, 423, 311 };
	memcpy(g.s.px, wall.px, 1200u * 800u * 4u);
	scene_window(&g.s, win, 0);
	rig_whole(&g);
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		struct pixel_rect next = pixel_rect_shift(win, moves[i][0], moves[i][1]);
		memcpy(g.s.px, wall.px, 1200u * 800u * 4u);
		scene_window(&g.s, next, 0);
		rig_whole(&g);
		win = next;
		/* Once more, now in a direction that is known: no difference in what it costs. */
		next = pixel_rect_shift(win, moves[i][0], moves[i][1]);
		memcpy(g.s.px, wall.px, 1200u * 800u * 4u);
		scene_window(&g.s, next, 0);
		struct cost c = rig_whole(&g);
		long exposed = pixel_rect_area(win) - pixel_rect_area(pixel_rect_meet(win, next));
		assert_int_equal(c.copies, 1);
		assert_true(c.rects <= 8);
		assert_true(c.pixels <= exposed + exposed / 4 + 800);
		win = next;
	}
	scene_fini(&wall);
	rig_close(&g);
}

static void test_several_at_once(void **state)
{
	struct rig g;
	(void)state;
	rig_open(&g, 1200, 800, 6);
	scene_photo(&g.s, (struct pixel_rect){ 0, 0, 1200, 800 }, 5);
	const struct pixel_rect left = { 20, 40, 500, 600 }, right = { 600, 90, 480, 500 };
	scene_text(&g.s, left, 320);
	scene_text(&g.s, right, 4000);
	rig_whole(&g);
	scene_text(&g.s, left, 320 + 32);
	scene_text(&g.s, right, 4000 - 21);
	scene_fill(&g.s, (struct pixel_rect){ 200, 300, 60, 40 }, 0xff0000);	/* a change inside */
	struct cost c = rig_whole(&g);
	assert_int_equal(c.copies, 2);
	assert_true(c.pixels <= 500 * 32 + 480 * 21 + 60 * 40 + 1500);
	rig_close(&g);
}

/* Two parts move so that each order but one would overwrite a source. */
static void test_order_spares_sources(void **state)
{
	struct rig g;
	(void)state;
	rig_open(&g, 900, 400, 7);
	scene_noise(&g.s, (struct pixel_rect){ 0, 0, 900, 400 });
	rig_whole(&g);
	/* c → right end, then b → c's place (larger, so it would be chosen first) */
	scene_copy(g.s.px, 900, (struct pixel_copy){ { 700, 100, 150, 100 }, 500, 150 });
	scene_copy(g.s.px, 900, (struct pixel_copy){ { 400, 20, 290, 300 }, 100, 40 });
	struct cost c = rig_whole(&g);
	assert_int_equal(c.copies, 2);
	assert_true(c.pixels <= 1000);
	rig_close(&g);
}

static void test_video_rests_and_scroll_returns(void **state)
{
	struct rig g;
	(void)state;
	rig_open(&g, 800, 600, 8);
	const struct pixel_rect win = { 30, 30, 700, 500 };
	for (int i = 0; i < 20; i++) {
		scene_noise(&g.s, win);
		assert_int_equal(rig_whole(&g).copies, 0);
	}
	int found = 0;
	for (int i = 0; i < 20; i++) {
		scene_text(&g.s, win, 16 * i);
		found += rig_whole(&g).copies == 1;
	}
	assert_true(found >= 10);
	rig_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_edits),
		cmocka_unit_test(test_random_moves),
		cmocka_unit_test(test_nothing_changed_is_nothing),
		cmocka_unit_test(test_one_pixel_is_one_pixel),
		cmocka_unit_test(test_tight),
		cmocka_unit_test(test_lent_pixels_may_change),
		cmocka_unit_test(test_many_are_lent),
		cmocka_unit_test(test_text_scrolls),
		cmocka_unit_test(test_window_is_dragged),
		cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_order_spares_sources),
		cmocka_unit_test(test_video_rests_and_scroll_returns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
