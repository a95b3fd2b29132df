/* fbsgen: writes a stream as the lines of stdin say; a source for tests without a display. Drawing changes
 * its picture only; `report` and `damage` tell of it.
 *
 *   screen W H                SCREEN
 *   fill X Y W H RRGGBB       draws
 *   noise X Y W H SEED        draws
 *   text X Y W H ROW          draws a text window scrolled to that pixel row
 *   scroll X Y W H DX DY      draws: moves a rectangle
 *   report X Y W H            PIXELS
 *   copy SX SY W H X Y        moves, and COPY
 *   shared [nonce|size|pid|id]        SHARED, in truth or with that lie
 *   damage X Y W H            DAMAGE, after copying the pixels into the segment
 *   cursor shown|hidden       CURSOR: 3 x 2 pixels with every kind of alpha, hot spot 1,1
 *   pointer X Y|off, leds MASK  POINTER, LEDS
 *   name TEXT, bell, clip TEXT, trle  records of these kinds (trle: PIXELS in that encoding)
 *   frame [key|gap]           FRAME
 *   settle                    waits until everything was read
 *   say TEXT                  a line on stderr
 *   wait MS
 *   hex BYTES                 bytes as they are
 *   end [STATUS]              END */
#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../unit/scene.h"
#include "fbs/writer.h"
#include "io/io.h"

struct gen {
	struct fbs_writer w;
	struct scene s;
	uint8_t *segment;
	size_t size;
	int shmid;
};

static void put(struct gen *g, struct fbs_record r)
{
	fbs_writer_stamp(&g->w);
	if (fbs_write(&g->w, &r) != 0)
		err(111, "writing record of type %u", r.type);
}

static void on_screen(struct gen *g, int w, int h)
{
	scene_fini(&g->s);
	scene_init(&g->s, w, h, 1);
	put(g, (struct fbs_record){ .type = FBS_SCREEN, .screen = { .kind = FBS_LIVE, .w = (uint32_t)w, .h = (uint32_t)h,
		.display = ":gen", .display_len = 4 } });
}

static const uint32_t *at(const struct gen *g, int x, int y)
{
	return g->s.px + (size_t)y * (size_t)g->s.w + (size_t)x;
}

static void on_report(struct gen *g, struct pixel_rect r)
{
	fbs_writer_stamp(&g->w);
	if (fbs_write_raw(&g->w, (uint16_t)r.x, (uint16_t)r.y, (uint16_t)r.w, (uint16_t)r.h, at(g, r.x, r.y), (size_t)g->s.w * 4) != 0)
		err(111, "writing pixels");
}

static void on_copy(struct gen *g, int sx, int sy, int w, int h, int x, int y)
{
	scene_copy(g->s.px, g->s.w, (struct pixel_copy){ { x, y, w, h }, sx, sy });
	put(g, (struct fbs_record){ .type = FBS_COPY, .copy = { (uint16_t)x, (uint16_t)y, (uint16_t)w, (uint16_t)h,
		(uint16_t)sx, (uint16_t)sy } });
}

static void on_shared(struct gen *g, const char *lie)
{
	struct fbs_shared s = { .pid = (uint32_t)getpid() };

	g->size = (size_t)g->s.w * (size_t)g->s.h * 4 + 16;
	g->shmid = shmget(IPC_PRIVATE, g->size, 0600 | IPC_CREAT);
	g->segment = g->shmid < 0 ? (void *)-1 : shmat(g->shmid, NULL, 0);
	if (g->segment == (void *)-1)
		err(111, "no segment");
	s.shmid = (uint32_t)g->shmid;
	s.size = g->size;
	s.nonce_at = g->size - 16;
	memcpy(s.nonce, "0123456789abcdef", 16);
	memcpy(g->segment + s.nonce_at, s.nonce, 16);
	if (strcmp(lie, "nonce") == 0)
		s.nonce[15] ^= 1;
	else if (strcmp(lie, "size") == 0)
		s.size += 65536;
	else if (strcmp(lie, "pid") == 0)
		s.pid = 1;
	else if (strcmp(lie, "id") == 0)
		s.shmid = 0x7ffffff0;
	put(g, (struct fbs_record){ .type = FBS_SHARED, .shared = s });
}

static void on_damage(struct gen *g, struct pixel_rect r)
{
	size_t stride = (size_t)g->s.w * 4, offset = (size_t)r.y * stride + (size_t)r.x * 4;

	for (int y = r.y; y < r.y + r.h; y++)
		memcpy(g->segment + (size_t)y * stride + (size_t)r.x * 4, at(g, r.x, y), (size_t)r.w * 4);
	put(g, (struct fbs_record){ .type = FBS_DAMAGE, .damage = { (uint16_t)r.x, (uint16_t)r.y, (uint16_t)r.w, (uint16_t)r.h,
		offset, (uint32_t)stride } });
}

static void on_hex(struct gen *g, const char *text)
{
	unsigned byte;
	int n;

	if (fbs_flush(&g->w) != 0)
		err(111, "writing");
	for (; sscanf(text, "%2x%n", &byte, &n) == 1; text += n)
		if (write(1, &(uint8_t){ (uint8_t)byte }, 1) != 1)
			err(111, "writing");
}

static void on_cursor(struct gen *g, bool shown)
{
	static const uint32_t argb[] = { 0xffff0000, 0x80402010, 0, 0xff0000ff, 0xffffffff, 0xff000000 };
	struct fbs_cursor c = { 0 };

	if (shown)
		c = (struct fbs_cursor){ .w = 3, .h = 2, .hot_x = 1, .hot_y = 1, .argb = (const uint8_t *)argb };
	put(g, (struct fbs_record){ .type = FBS_CURSOR, .cursor = c });
}

static void on_text(struct gen *g, const char *verb, const char *text)
{
	struct fbs_text t = { text, (uint32_t)strlen(text) };

	if (strcmp(verb, "name") == 0)
		put(g, (struct fbs_record){ .type = FBS_NAME, .name = t });
	else if (strcmp(verb, "clip") == 0)
		put(g, (struct fbs_record){ .type = FBS_CLIP, .flags = FBS_CLIP_LAST,
			.clip = { .selection = FBS_CLIPBOARD, .serial = 1, .text = t } });
	else if (strcmp(verb, "cursor") == 0)
		on_cursor(g, strcmp(text, "shown") == 0);
	else if (strcmp(verb, "hex") == 0)
		on_hex(g, text);
	else if (strcmp(verb, "shared") == 0)
		on_shared(g, text);
	else if (strcmp(verb, "say") == 0)
		warnx("%s", text);
	else if (strcmp(verb, "pointer") == 0 && strcmp(text, "off") == 0)
		put(g, (struct fbs_record){ .type = FBS_POINTER });
	else if (strcmp(verb, "frame") == 0) {
		fbs_writer_stamp(&g->w);
		if (fbs_write_frame(&g->w, strcmp(text, "key") == 0 ? FBS_FRAME_KEY : strcmp(text, "gap") == 0 ? FBS_FRAME_GAP : 0,
				    g->w.now_us, g->w.now_us) != 0)
			err(111, "writing a frame");
	} else
		errx(100, "what is %s?", verb);
}

static void on_numbers(struct gen *g, const char *verb, const int *n)
{
	const struct pixel_rect r = { n[0], n[1], n[2], n[3] };

	if (strcmp(verb, "screen") == 0)
		on_screen(g, n[0], n[1]);
	else if (strcmp(verb, "noise") == 0) {
		g->s.seed = (uint64_t)n[4] * 0x9e3779b97f4a7c15u + 1;
		scene_noise(&g->s, r);
	} else if (strcmp(verb, "text") == 0)
		scene_text(&g->s, r, n[4]);
	else if (strcmp(verb, "scroll") == 0)
		scene_copy(g->s.px, g->s.w, (struct pixel_copy){ pixel_rect_shift(r, n[4], n[5]), r.x, r.y });
	else if (strcmp(verb, "report") == 0)
		on_report(g, r);
	else if (strcmp(verb, "copy") == 0)
		on_copy(g, n[0], n[1], n[2], n[3], n[4], n[5]);
	else if (strcmp(verb, "damage") == 0)
		on_damage(g, r);
	else if (strcmp(verb, "wait") == 0)
		usleep((useconds_t)n[0] * 1000);
	else if (strcmp(verb, "pointer") == 0)
		put(g, (struct fbs_record){ .type = FBS_POINTER, .pointer = { n[0], n[1], 1 } });
	else if (strcmp(verb, "leds") == 0)
		put(g, (struct fbs_record){ .type = FBS_LEDS, .leds = { (uint32_t)n[0] } });
	else if (strcmp(verb, "end") == 0)
		fbs_write_end(&g->w, (uint32_t)n[0], "the test is over");
	else
		errx(100, "what is %s?", verb);
}

static void on_line(struct gen *g, char *line)
{
	char verb[16] = "";
	int n[6] = { 0 }, used = 0;
	unsigned colour;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%15s %n", verb, &used) < 1)
		return;
	const char *rest = line + used;
	if (strcmp(verb, "fill") == 0 && sscanf(rest, "%d %d %d %d %x", n, n + 1, n + 2, n + 3, &colour) == 5)
		scene_fill(&g->s, (struct pixel_rect){ n[0], n[1], n[2], n[3] }, colour);
	else if (strcmp(verb, "bell") == 0)
		put(g, (struct fbs_record){ .type = FBS_BELL });
	else if (strcmp(verb, "trle") == 0)
		put(g, (struct fbs_record){ .type = FBS_PIXELS, .pixels = { 0, 0, 1, 1, FBS_TRLE, (const uint8_t *)"\1\2\3\4", 4 } });
	else if (strcmp(verb, "settle") == 0)
		io_pipe_settle(1, NULL, NULL);
	else if (sscanf(rest, "%d %d %d %d %d %d", n, n + 1, n + 2, n + 3, n + 4, n + 5) > 0 && strcmp(verb, "hex") != 0)
		on_numbers(g, verb, n);
	else if (strcmp(verb, "end") == 0)
		on_numbers(g, verb, n);
	else
		on_text(g, verb, rest);
}

int main(void)
{
	struct gen g = { .shmid = -1 };
	char line[65536];

	if (fbs_writer_init(&g.w, 1, "fbsgen") != 0)
		err(111, "starting");
	while (fgets(line, sizeof line, stdin))
		on_line(&g, line);
	fbs_flush(&g.w);
	if (g.shmid >= 0) {
		io_pipe_settle(1, NULL, NULL);
		shmctl(g.shmid, IPC_RMID, NULL);
	}
	scene_fini(&g.s);
	fbs_writer_fini(&g.w);
	return 0;
}
