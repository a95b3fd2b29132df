/* The golden streams: one of every record type, in both directions, put together record by record. The
 * files beside this one hold their bytes; tests/unit/test_fbs.c compares, and writes them when asked to
 * (test_fbs --write tests/golden). */
#ifndef RFBKIT_TESTS_GOLDEN_H
#define RFBKIT_TESTS_GOLDEN_H

#include <string.h>
#include <xxhash.h>

#include "fbs/fbs.h"
#include "wire/wire.h"

#define GOLDEN_WALL_US INT64_C(1700000000123456)
#define GOLDEN_TEXT(s) { (s), sizeof(s) - 1 }

struct golden {
	struct wire_buf out;
	size_t frame_at;	/* where the last FRAME ended */
	uint64_t frames;
};

static inline void golden_start(struct golden *g, const char *program)
{
	*g = (struct golden){ 0 };
	fbs_preamble_put(&g->out, program, GOLDEN_WALL_US);
	g->frame_at = g->out.len;
}

static inline void golden_put(struct golden *g, const struct fbs_record *r)
{
	fbs_record_put(&g->out, r);
}

static inline void golden_frame(struct golden *g, int64_t time_us, uint16_t flags)
{
	struct fbs_record r = { .type = FBS_FRAME, .flags = flags, .time_us = time_us, .frame = {
		.number = g->frames++, .capture_us = time_us - 500, .media_us = time_us,
	} };

	golden_put(g, &r);
	g->out.len -= 8;
	wire_put_u64le(&g->out, XXH3_64bits(g->out.data + g->frame_at, g->out.len - g->frame_at));
	g->frame_at = g->out.len;
}

static inline struct fbs_record golden_screen(void)
{
	struct fbs_record r = { .type = FBS_SCREEN, .time_us = 1000, .screen = {
		.kind = FBS_LIVE, .flags = FBS_SCREEN_RESIZABLE, .w = 40, .h = 30, .origin_x = -5, .origin_y = 7,
		.n_outputs = 2, .outputs = { { 65, 0, 0, 20, 30 }, { 66, 20, 0, 20, 30 } },
		.display = ":99", .display_len = 3,
	} };

	for (int i = 0; i < 16; i++)
		r.screen.boot_id[i] = (uint8_t)(0xa0 + i);
	return r;
}

/* What a screen does: two frames, the first a keyframe. */
static inline void golden_down(struct golden *g)
{
	static const uint8_t raw[3 * 2 * 4] = { 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 10, 11, 12, 0, 13, 14, 15, 0, 16, 17, 18, 0 };
	static const uint8_t trle[] = { 1, 0x30, 0x20, 0x10 };	/* one solid tile */
	static const uint8_t cursor[2 * 2 * 4] = { 255, 255, 255, 255, 0, 0, 0, 128, 0, 0, 0, 0, 9, 8, 7, 255 };
	struct fbs_record screen = golden_screen();

	golden_start(g, "fbgrab");
	golden_put(g, &screen);
	golden_put(g, &(struct fbs_record){ .type = FBS_NAME, .time_us = 1000, .name = GOLDEN_TEXT("d\xc3\xa9mo:99") });
	golden_put(g, &(struct fbs_record){ .type = FBS_LEDS, .time_us = 1000, .leds = { 2 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_CURSOR, .time_us = 1000, .cursor = { 2, 2, 1, 0, cursor } });
	golden_put(g, &(struct fbs_record){ .type = FBS_POINTER, .time_us = 1000, .pointer = { 12, -3, 0 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_PIXELS, .time_us = 1200,
		.pixels = { 1, 2, 3, 2, FBS_RAW, raw, sizeof raw } });
	golden_put(g, &(struct fbs_record){ .type = FBS_PIXELS, .time_us = 1200,
		.pixels = { 0, 8, 16, 16, FBS_TRLE, trle, sizeof trle } });
	golden_frame(g, 1500, FBS_FRAME_KEY);
	golden_put(g, &(struct fbs_record){ .type = FBS_CLIP_OFFER, .time_us = 2000, .clip_offer = { 0, FBS_CLIPBOARD, 1, 5 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_CLIP, .flags = FBS_CLIP_LAST, .time_us = 2000,
		.clip = { 0, FBS_CLIPBOARD, 1, 0, GOLDEN_TEXT("h\xc3\xbcte") } });
	golden_put(g, &(struct fbs_record){ .type = FBS_COPY, .time_us = 18000, .copy = { 20, 10, 16, 16, 0, 8 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_BELL, .time_us = 18000 });
	golden_put(g, &(struct fbs_record){ .type = FBS_RESULT, .time_us = 18000, .result = { 3, 9, 1 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_MARK, .time_us = 18000, .mark = { FBS_MARK_USER, GOLDEN_TEXT("here") } });
	golden_frame(g, 18166, FBS_FRAME_GAP);
	golden_put(g, &(struct fbs_record){ .type = FBS_MEDIA, .time_us = 18200, .media = { 3600000000, 1, 2000 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_CUE, .time_us = 18200, .cue = { 90000000, FBS_MARK_USER, GOLDEN_TEXT("here") } });
	golden_put(g, &(struct fbs_record){ .type = FBS_END, .time_us = 20000, .end = { FBS_END_LOST, GOLDEN_TEXT("display gone") } });
}

/* Pixels in a shared segment; the stream stops without an END, as after a kill. */
static inline void golden_shared(struct golden *g)
{
	struct fbs_record screen = golden_screen();

	golden_start(g, "fbgrab");
	golden_put(g, &screen);
	golden_put(g, &(struct fbs_record){ .type = FBS_SHARED, .time_us = 1000, .shared = {
		.shmid = 32770, .pid = 4711, .size = 40 * 30 * 4 + 16, .nonce_at = 40 * 30 * 4,
		.nonce = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	} });
	golden_put(g, &(struct fbs_record){ .type = FBS_DAMAGE, .time_us = 1000, .damage = { 0, 0, 40, 30, 0, 160 } });
	golden_frame(g, 1500, FBS_FRAME_KEY);
	golden_put(g, &(struct fbs_record){ .type = FBS_DAMAGE, .time_us = 9000, .damage = { 8, 4, 10, 5, 4 * 160 + 8 * 4, 160 } });
	golden_frame(g, 9100, 0);
}

/* What people do. */
static inline void golden_up(struct golden *g)
{
	struct fbs_record hello = { .type = FBS_HELLO, .hello = { FBS_ROLE_INPUT, FBS_HELLO_CLIP | FBS_HELLO_RESIZE, { 0 }, GOLDEN_TEXT(":99") } };

	for (int i = 0; i < 16; i++)
		hello.hello.boot_id[i] = (uint8_t)(0xa0 + i);
	golden_start(g, "rfbd");
	golden_put(g, &hello);
	golden_put(g, &(struct fbs_record){ .type = FBS_JOIN, .time_us = 10, .join = { 3, 15, GOLDEN_TEXT("[::1]:40000") } });
	golden_put(g, &(struct fbs_record){ .type = FBS_MOTION, .time_us = 20, .motion = { 3, 100, -2, 1 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_KEY, .time_us = 30, .key = { 3, 0x20ac, 0x12, 1 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_KEY, .time_us = 40, .key = { 3, 0x20ac, 0x12, 0 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_CLIP_WANT, .time_us = 50, .clip_want = { 3, FBS_PRIMARY, 8 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_RESIZE, .time_us = 60, .resize = { 3, 9, 800, 600, 1, { { 1, 0, 0, 800, 600 } } } });
	golden_put(g, &(struct fbs_record){ .type = FBS_WANT, .time_us = 70, .want = { 2 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_PAUSE, .time_us = 80, .pause = { 3, 2 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_SEEK, .time_us = 90, .seek = { 3, 1, -5000000 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_SPEED, .time_us = 100, .speed = { 3, 1, 2000 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_LEAVE, .time_us = 110, .leave = { 3 } });
	golden_put(g, &(struct fbs_record){ .type = FBS_END, .time_us = 120 });
}

static const struct { const char *name; void (*make)(struct golden *g); } golden_streams[] = {
	{ "down", golden_down }, { "shared", golden_shared }, { "up", golden_up },
};
enum { N_GOLDEN = sizeof golden_streams / sizeof *golden_streams };

#endif
