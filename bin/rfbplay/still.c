/* One picture, or a sheet of many. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "clock.h"
#include "export.h"
#include "font.h"

enum { THUMB_SIDE = 320, THUMB_HIGH = 4 * THUMB_SIDE, MARGIN = 8, LABEL = FONT_H + 4, BACKGROUND = 0x303030, FOREGROUND = 0xe0e0e0 };

static int written(int result)
{
	if (!result)
		return CLI_OK;
	if (errno == EPIPE)
		return CLI_OK;
	cli_die_errno("cannot write the picture");
}

/* On a pipe there is no going to a moment: it is read up to there. */
static void go_to(struct player *p, int64_t us)
{
	(void)player_seek(p, us);
	if (!p->has_frame)
		cli_die(CLI_NO, "%s: it holds no picture%s%s", p->file, p->problem[0] ? ": " : "", p->problem);
}

int export_still(struct player *p, const struct settings *s)
{
	const struct rec_picture *pic = &p->picture;
	int code;

	go_to(p, s->still_us);
	code = written(png_write(STDOUT_FILENO, pic->px, pic->screen.w, pic->screen.w, pic->screen.h));
	return code == CLI_OK && p->damage ? CLI_NO : code;
}

struct sheet {
	uint32_t *px;
	int w, h, columns, thumb_w, thumb_h;
};

static int columns_for(int n)
{
	int columns = 1;

	while (columns * columns < n)
		columns++;
	return columns;
}

/* The mean of the source pixels, w × h from x, y on, that a small pixel covers. */
static uint32_t mean(const struct rec_picture *p, unsigned x, unsigned y, unsigned w, unsigned h)
{
	uint64_t sum[3] = { 0 };
	const uint64_t n = (uint64_t)w * h;
	uint32_t out = 0;

	for (unsigned i = 0; i < h; i++)
		for (unsigned j = 0; j < w; j++)
			for (int c = 0; c < 3; c++)
				sum[c] += p->px[(size_t)(y + i) * p->screen.w + x + j] >> 8 * c & 255;
	for (int c = 0; n > 0 && c < 3; c++)
		out |= (uint32_t)((sum[c] + n / 2) / n) << 8 * c;
	return out;
}

static void put_thumb(struct sheet *t, const struct rec_picture *p, int left, int top)
{
	unsigned w = p->screen.w, h = p->screen.h, tw = (unsigned)t->thumb_w, th = (unsigned)t->thumb_h;

	if (w * th > h * tw)		/* keep its shape */
		th = h * tw / w ? h * tw / w : 1;
	else
		tw = w * th / h ? w * th / h : 1;
	for (unsigned y = 0; y < th; y++)
		for (unsigned x = 0; x < tw; x++) {
			unsigned x0 = x * w / tw, x1 = (x + 1) * w / tw, y0 = y * h / th, y1 = (y + 1) * h / th;

			t->px[(size_t)(top + (int)y) * (size_t)t->w + (size_t)(left + (int)x)] =
				mean(p, x0, y0, x1 > x0 ? x1 - x0 : 1, y1 > y0 ? y1 - y0 : 1);
		}
}

static void layout(struct sheet *t, const struct rec_picture *p, int n)
{
	int rows;

	t->columns = columns_for(n);
	rows = (n + t->columns - 1) / t->columns;
	t->thumb_w = p->screen.w < THUMB_SIDE ? (int)p->screen.w : THUMB_SIDE;
	t->thumb_h = (int)(p->screen.h * (unsigned)t->thumb_w / p->screen.w);
	t->thumb_h = t->thumb_h < 1 ? 1 : t->thumb_h < THUMB_HIGH ? t->thumb_h : THUMB_HIGH;
	t->w = t->columns * (t->thumb_w + MARGIN) + MARGIN;
	t->h = rows * (t->thumb_h + LABEL + MARGIN) + MARGIN;
	t->px = malloc((size_t)t->w * (size_t)t->h * sizeof *t->px);
	if (!t->px)
		cli_die_errno("cannot make the sheet");
	for (int i = 0; i < t->w * t->h; i++)
		t->px[i] = BACKGROUND;
}

int export_sheet(struct player *p, const struct settings *s)
{
	int64_t end = player_length(p) < s->end_us ? player_length(p) : s->end_us;
	struct sheet t = { 0 };
	char text[CLOCK_TEXT];
	int code;

	if (!p->r->seekable)
		cli_die(CLI_MISUSE, "-T needs a file, not a pipe");
	for (int i = 0; i < s->stills; i++) {
		int64_t at = s->start_us + (s->stills > 1 ? (end - s->start_us) * i / (s->stills - 1) : 0);
		int left, top;

		go_to(p, at);
		if (!t.px)
			layout(&t, &p->picture, s->stills);
		left = MARGIN + i % t.columns * (t.thumb_w + MARGIN);
		top = MARGIN + i / t.columns * (t.thumb_h + LABEL + MARGIN);
		put_thumb(&t, &p->picture, left, top);
		font_draw(t.px, (size_t)t.w, t.w, t.h, left, top + t.thumb_h + 2, 1, FOREGROUND, clock_text(at, text));
	}
	code = written(png_write(STDOUT_FILENO, t.px, (size_t)t.w, (unsigned)t.w, (unsigned)t.h));
	free(t.px);
	return code == CLI_OK && p->damage ? CLI_NO : code;
}
