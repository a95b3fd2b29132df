/* fbslong SECONDS [FPS=5] [W=640] [H=480] > STREAM: a session of that length at once, with times of its own: text that
 * scrolls (a COPY and a new line each frame), and every tenth frame a picture that changes. Deterministic. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fbs/writer.h"

enum { LINE = 16 };

static uint32_t *px;
static unsigned w, h;

static uint32_t scramble(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x7feb352du;
	x ^= x >> 15;
	x *= 0x846ca68bu;
	return x ^ x >> 16;
}

/* A line of text-like marks. */
static void draw_line(unsigned top, uint32_t seed)
{
	for (unsigned y = 0; y < LINE; y++)
		for (unsigned x = 0; x < w; x++) {
			uint32_t glyph = scramble(seed * 977 + x / 8 % (40 + seed % 40));
			bool ink = y > 2 && y < 13 && x % 8 < 6 && glyph % 5 && glyph >> ((y * 6 + x % 8) % 31) & 1;

			px[(size_t)(top + y) * w + x] = ink ? 0x101010 : 0xf4f4f4;
		}
}

static void draw_picture(unsigned left, unsigned top, unsigned side, uint32_t seed)
{
	for (unsigned y = 0; y < side; y++)
		for (unsigned x = 0; x < side; x++)
			px[(size_t)(top + y) * w + left + x] = ((x * 3 + seed * 7) & 255) << 16 | ((y * 2 + seed * 5) & 255) << 8 | (seed * 11 & 255);
}

static void report(struct fbs_writer *s, unsigned x, unsigned y, unsigned rw, unsigned rh)
{
	if (fbs_write_raw(s, (uint16_t)x, (uint16_t)y, (uint16_t)rw, (uint16_t)rh, px + (size_t)y * w + x, w * sizeof *px))
		err(111, "write");
}

static void put(struct fbs_writer *s, struct fbs_record r)
{
	if (fbs_write(s, &r))
		err(111, "write");
}

static void frame(struct fbs_writer *s, unsigned i)
{
	unsigned lines = h / LINE * LINE, side = w / 4 < h / 4 ? w / 4 : h / 4;

	if (i == 0) {
		put(s, (struct fbs_record){ .type = FBS_SCREEN, .screen = { .kind = FBS_LIVE, .w = w, .h = h, .display = ":long", .display_len = 5 } });
		put(s, (struct fbs_record){ .type = FBS_NAME, .name = { "long", 4 } });
		for (unsigned y = 0; y < lines; y += LINE)
			draw_line(y, y);
		report(s, 0, 0, w, h);
	} else {
		put(s, (struct fbs_record){ .type = FBS_COPY, .copy = { 0, 0, (uint16_t)w, (uint16_t)(lines - LINE), 0, LINE } });
		memmove(px, px + (size_t)LINE * w, (size_t)(lines - LINE) * w * sizeof *px);
		draw_line(lines - LINE, i);
		report(s, 0, lines - LINE, w, LINE);
	}
	if (i % 10 == 9) {
		draw_picture(w - side, 0, side, i);
		report(s, w - side, 0, side, side);
	}
	if (fbs_write_frame(s, i ? 0 : FBS_FRAME_KEY, s->now_us, s->now_us))
		err(111, "write");
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	double fps = argc > 2 ? atof(argv[2]) : 5;
	struct fbs_writer s;

	w = argc > 3 ? (unsigned)atoi(argv[3]) : 640;
	h = argc > 4 ? (unsigned)atoi(argv[4]) : 480;
	if (!seconds || !(fps > 0 && fps <= 1000) || w < 64 || h < 64 || w > 8192 || h > 8192)
		errx(100, "usage: fbslong SECONDS [FPS [W H]]");
	px = calloc((size_t)w * h, sizeof *px);
	if (!px || fbs_writer_init(&s, STDOUT_FILENO, "fbslong"))
		err(111, "fbslong");
	for (unsigned i = 0; i <= seconds * fps; i++) {
		fbs_writer_stamp_at(&s, (int64_t)(i * 1e6 / fps));
		frame(&s, i);
	}
	if (fbs_write_end(&s, FBS_END_DONE, "all of it"))
		err(111, "write");
	fbs_writer_fini(&s);
	free(px);
	return 0;
}
