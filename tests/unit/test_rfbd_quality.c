/* How quality follows the link, and what is chosen to be lossy at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/quality.c"

enum { ROOM = 60000, FOR_EVER = 4000 };

/* What the code under test asks of the rest. */
static uint64_t room;			/* bytes that the link carries in the time of an update; 0: unknown */
uint64_t hold_carries(const struct viewer *v, int64_t us) { (void)v; assert_int_equal(us, UPDATE_US); return room; }
bool follow_wanted(const struct viewer *v) { return v->can.n > 0 && v->can.choices[0] == CODEC_H264; }

static struct viewer v;

static void begin(int32_t encoding, int8_t level)
{
	memset(&v, 0, sizeof v);
	rfb_encodings_init(&v.can);
	v.format = pixel_format_native;
	v.can.choices[0] = encoding;
	v.can.n = 1;
	v.can.quality = level;
	room = ROOM;
	quality_choose(&v);
}

static int level(void) { return codec_quality_level(v.params.quality); }

/* A photograph of grain at each level, in proportion (doc/performance.md); not what quality.c reckons with. */
static uint64_t picture(double scale)
{
	static const double kb[10] = { 22, 28, 34, 40, 51, 70, 90, 124, 192, 1001 };
	return (uint64_t)(scale * 1000 * kb[level()]);
}

static void show(double scale)
{
	quality_adapt(&v, picture(scale));
}

/* Sends such pictures until `to` is reached, and says how many that took; never more than a level at once upwards. */
static unsigned rise(double scale, int to)
{
	for (unsigned n = 1; n < FOR_EVER; n++) {
		const int before = level();
		show(scale);
		assert_true(level() <= before + 1);
		if (level() == to)
			return n;
	}
	fail_msg("it stays at level %d", level());
	return 0;
}

static void test_down_in_one_step(void **state)
{
	static const double scales[] = { 0.4, 0.6, 1, 1.2 };	/* 77 to 230 kB at level 8 */
	(void)state;
	for (unsigned i = 0; i < sizeof scales / sizeof *scales; i++) {
		begin(CODEC_TIGHT, 8);
		show(scales[i]);
		assert_true(level() < 8);
		assert_true(picture(scales[i]) <= ROOM);		/* the next one fits */
	}
	/* it stays within what the link carries, or an eighth more, and near to it */
	for (unsigned i = 0; i < 500; i++) {
		show(1.2);
		assert_true(picture(1.2) <= ROOM * 9 / 8 || level() == 0);
	}
	assert_true(picture(1.2) >= ROOM / 2);
	/* what no level makes small enough: the lowest */
	begin(CODEC_TIGHT, 8);
	for (unsigned i = 0; i < 4; i++)
		show(20);
	assert_int_equal(level(), 0);
	assert_true(v.params.quality > 0);
}

static void test_a_link_that_carries_it(void **state)
{
	(void)state;
	begin(CODEC_TIGHT, 8);
	for (unsigned i = 0; i < 100; i++) {
		show(0.3);
		assert_int_equal(level(), 8);
	}
	room = 0;				/* unknown: nothing is lowered */
	show(100);
	assert_int_equal(level(), 8);
}

/* One level for EASE_AFTER updates that leave room for it, in a row. */
static void test_up_one_at_a_time(void **state)
{
	(void)state;
	begin(CODEC_TIGHT, 8);
	show(1.2);
	const int low = level();
	assert_true(low < 5);
	room = 10 * ROOM;
	for (int to = low + 1; to <= 8; to++) {
		for (unsigned i = 1; i < EASE_AFTER; i++) {
			show(1);
			assert_int_equal(level(), to - 1);
		}
		show(1);
		assert_int_equal(level(), to);
	}
	/* not in a row: one that leaves no room between the others begins the count anew */
	begin(CODEC_TIGHT, 8);
	show(1.2);
	for (unsigned i = 0; i < 20; i++) {
		room = 10 * ROOM;
		for (unsigned k = 1; k < EASE_AFTER; k++)
			show(1.2);
		room = (uint64_t)(v.bulk * size[low + 1] * 0.9);
		show(1.2);
		assert_int_equal(level(), low);
	}
}

static void test_never_above_what_was_asked(void **state)
{
	(void)state;
	for (int8_t asked = 0; asked < 10; asked++) {
		begin(CODEC_TIGHT, asked);
		const int8_t percent = v.params.quality;
		for (unsigned i = 0; i < 4; i++)
			show(20);
		room = UINT32_MAX;
		if (asked)
			rise(1, asked);
		for (unsigned i = 0; i < 100; i++) {
			show(0.01);
			assert_int_equal(v.params.quality, percent);
		}
	}
	/* in percent, also between two levels; where there is no level below, nothing is lowered */
	for (int8_t asked = 1; asked <= 100; asked++) {
		begin(CODEC_TIGHT, -1);
		v.can.fine_quality = asked;
		quality_choose(&v);
		assert_int_equal(v.params.quality, asked);
		for (unsigned i = 0; i < 4; i++)
			show(20);
		assert_true(asked < percent_of(1) ? v.params.quality == asked : v.params.quality < asked);
		room = UINT32_MAX;
		for (unsigned i = 0; i < 12 * EASE_AFTER; i++) {
			show(0.01);
			assert_true(v.params.quality <= asked);
		}
		assert_int_equal(v.params.quality, asked);
	}
}

/* What it asks for later holds at once, less what its link does not carry. */
static void test_asks_anew(void **state)
{
	(void)state;
	begin(CODEC_TIGHT, 8);
	for (unsigned i = 0; i < 4; i++)
		show(20);
	assert_int_equal(level(), 0);
	v.can.quality = 2;
	quality_choose(&v);
	assert_int_equal(level(), 0);
	room = UINT32_MAX;
	assert_in_range(rise(1, 2), 2 * EASE_AFTER, 2 * EASE_AFTER + 20);	/* not by way of eight levels */
	v.can.quality = -1;			/* without loss */
	quality_choose(&v);
	assert_int_equal(v.params.quality, -1);
	room = 1;
	quality_adapt(&v, 1 << 20);
	assert_int_equal(v.params.quality, -1);
}

/* A page among letters, however large: a few levels, and they come back. */
static void test_one_huge_picture(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin(CODEC_TIGHT, 8);
		for (unsigned k = 0; k < 50; k++)
			show(0.1);
		quality_adapt(&v, i ? UINT64_MAX / 4 : 8 * ROOM);
		assert_in_range(level(), 5, 8);
		assert_true(rise(0.1, 8) < 60);
	}
	/* several in a row are no exception any more */
	for (unsigned i = 0; i < 12; i++)
		quality_adapt(&v, 100 * ROOM);
	assert_int_equal(level(), 0);
}

static void test_video_has_its_own_ways(void **state)
{
	(void)state;
	begin(CODEC_TIGHT, 8);
	v.can.choices[0] = CODEC_H264;
	v.can.choices[1] = CODEC_TIGHT;
	v.can.n = 2;
	quality_choose(&v);
	assert_int_equal(v.params.encoding, CODEC_TIGHT);	/* for what does not move */
	assert_true(v.takes_video);
	const int8_t before = v.video_quality;
	assert_int_equal(codec_quality_level(before), 8);
	for (unsigned i = 0; i < 4; i++)
		show(20);
	assert_int_equal(level(), 0);
	assert_int_equal(v.video_quality, before);
	v.can.quality = -1;
	quality_choose(&v);
	assert_true(v.video_quality > 0);
}

/* Whatever a viewer lists and at whatever level, there is a way without loss. */
static void test_exact_is_exact(void **state)
{
	static const int32_t all[] = { CODEC_RAW, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_TIGHT, CODEC_TIGHTPNG, CODEC_ZRLE, CODEC_ZYWRLE,
				       CODEC_TRLE, CODEC_JPEG, CODEC_H264 };
	enum { N = sizeof all / sizeof all[0] };
	(void)state;
	for (unsigned i = 0; i < N; i++)
		for (unsigned k = 0; k < N; k++)
			for (int8_t asked = -1; asked < 10; asked++)
				for (int8_t strain = 0; strain < 10; strain += 3) {
					begin(all[i], asked);
					v.can.choices[1] = all[k];
					v.can.n = 2;
					v.strain = strain;
					quality_choose(&v);
					const int32_t e = v.exact_params.encoding;
					assert_int_equal(v.exact_params.quality, -1);
					assert_int_equal(v.exact_params.subsample, -1);
					assert_true(e != CODEC_JPEG && e != CODEC_ZYWRLE && e != CODEC_H264);
					assert_true(e == all[i] || e == all[k] || e == CODEC_RAW);
					/* without a level only what cannot do otherwise is lossy */
					if (asked < 0 && v.params.encoding != CODEC_JPEG && v.params.encoding != CODEC_ZYWRLE)
						assert_memory_equal(&v.params, &v.exact_params, sizeof v.params);
				}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_down_in_one_step), cmocka_unit_test(test_a_link_that_carries_it), cmocka_unit_test(test_up_one_at_a_time),
		cmocka_unit_test(test_never_above_what_was_asked), cmocka_unit_test(test_asks_anew), cmocka_unit_test(test_one_huge_picture),
		cmocka_unit_test(test_video_has_its_own_ways), cmocka_unit_test(test_exact_is_exact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
