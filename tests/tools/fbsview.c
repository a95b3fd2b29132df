/* fbsview [-n FRAMES] [-o FILE.ppm] [-q]: reads a stream from stdin and says what it holds, a line
 * for a record. With -o the picture that each FRAME commits is in FILE.ppm before its line is
 * printed. Raw pixels, copies and shared segments only: it looks at what fbgrab and fbdiff say.
 * -n: ends after so many frames. -q: no lines for pixels. */
#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "fbs/reader.h"

struct view {
	const char *file;
	bool quiet;
	unsigned w, h;
	uint32_t *px;
	const uint8_t *segment;
	uint64_t frames;
};

static void on_screen(struct view *v, const struct fbs_screen *s)
{
	printf("SCREEN %ux%u%+d%+d kind=%u flags=%u display=%.*s", s->w, s->h, s->origin_x, s->origin_y, s->kind,
	       s->flags, (int)s->display_len, s->display);
	for (uint32_t i = 0; i < s->n_outputs; i++)
		printf(" output=%ux%u%+d%+d", s->outputs[i].w, s->outputs[i].h, s->outputs[i].x, s->outputs[i].y);
	putchar('\n');
	if (s->w == v->w && s->h == v->h)
		return;
	v->w = s->w;
	v->h = s->h;
	free(v->px);
	v->px = calloc((size_t)s->w * s->h, sizeof *v->px);
	if (!v->px)
		errx(111, "no memory");
}

static void put_rows(struct view *v, unsigned x, unsigned y, unsigned w, unsigned h, const uint8_t *from, size_t stride)
{
	for (unsigned i = 0; i < h; i++)
		memcpy(v->px + (size_t)(y + i) * v->w + x, from + i * stride, (size_t)w * 4);
}

static void on_copy(struct view *v, const struct fbs_copy *c)
{
	uint32_t *old = malloc((size_t)c->w * c->h * 4);

	if (!old)
		errx(111, "no memory");
	for (unsigned i = 0; i < c->h; i++)
		memcpy(old + (size_t)i * c->w, v->px + (size_t)(c->src_y + i) * v->w + c->src_x, c->w * 4u);
	put_rows(v, c->x, c->y, c->w, c->h, (const uint8_t *)old, c->w * 4u);
	free(old);
}

static void on_shared(struct view *v, const struct fbs_shared *s)
{
	const void *p = shmat((int)s->shmid, NULL, SHM_RDONLY);

	if (p == (void *)-1)
		err(1, "cannot attach the segment");
	if (memcmp((const uint8_t *)p + s->nonce_at, s->nonce, sizeof s->nonce) != 0)
		errx(1, "another segment");
	if (v->segment)
		shmdt(v->segment);
	v->segment = p;
	printf("SHARED %" PRIu64 " bytes of %u\n", s->size, s->pid);
}

static void save(const struct view *v)
{
	char part[4096];
	FILE *f;

	if (!v->file)
		return;
	snprintf(part, sizeof part, "%s.part", v->file);
	f = fopen(part, "wb");
	if (!f)
		err(111, "%s", part);
	fprintf(f, "P6\n%u %u\n255\n", v->w, v->h);
	for (size_t i = 0; i < (size_t)v->w * v->h; i++) {
		putc_unlocked((int)(v->px[i] >> 16 & 0xff), f);
		putc_unlocked((int)(v->px[i] >> 8 & 0xff), f);
		putc_unlocked((int)(v->px[i] & 0xff), f);
	}
	if (fclose(f) || rename(part, v->file))
		err(111, "%s", v->file);
}

static void on_pixels(struct view *v, const struct fbs_record *r)
{
	const struct fbs_pixels *p = &r->pixels;
	const struct fbs_damage *d = &r->damage;

	switch (r->type) {
	case FBS_PIXELS:
		if (p->encoding != FBS_RAW)
			errx(1, "encoding %u", p->encoding);
		put_rows(v, p->x, p->y, p->w, p->h, p->data, p->w * 4u);
		if (!v->quiet)
			printf("PIXELS %ux%u+%u+%u\n", p->w, p->h, p->x, p->y);
		break;
	case FBS_DAMAGE:
		put_rows(v, d->x, d->y, d->w, d->h, v->segment + d->offset, d->stride);
		if (!v->quiet)
			printf("DAMAGE %ux%u+%u+%u\n", d->w, d->h, d->x, d->y);
		break;
	case FBS_COPY:
		on_copy(v, &r->copy);
		if (!v->quiet)
			printf("COPY %ux%u+%u+%u from %u,%u\n", r->copy.w, r->copy.h, r->copy.x, r->copy.y, r->copy.src_x,
			       r->copy.src_y);
		break;
	}
}

static void on_text(const char *what, const struct fbs_text *t)
{
	printf("%s %.*s\n", what, (int)t->len, t->text);
}

static void on_record(struct view *v, const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_SCREEN: on_screen(v, &r->screen); break;
	case FBS_SHARED: on_shared(v, &r->shared); break;
	case FBS_NAME: on_text("NAME", &r->name); break;
	case FBS_LEDS: printf("LEDS %u\n", r->leds.mask); break;
	case FBS_BELL: puts("BELL"); break;
	case FBS_MARK: on_text("MARK", &r->mark.text); break;
	case FBS_CURSOR:
		printf("CURSOR %ux%u hot=%d,%d\n", r->cursor.w, r->cursor.h, r->cursor.hot_x, r->cursor.hot_y);
		break;
	case FBS_POINTER:
		printf("POINTER %d,%d on=%u\n", r->pointer.x, r->pointer.y, r->pointer.on_screen);
		break;
	case FBS_CLIP_OFFER:
		printf("OFFER %u serial=%" PRIu64 " size=%" PRId64 "\n", r->clip_offer.selection, r->clip_offer.serial,
		       (int64_t)r->clip_offer.size);
		break;
	case FBS_CLIP:
		printf("CLIP %u serial=%" PRIu64 " last=%d bytes=%u %.*s\n", r->clip.selection, r->clip.serial,
		       r->flags & FBS_CLIP_LAST, r->clip.text.len, (int)r->clip.text.len, r->clip.text.text);
		break;
	case FBS_FRAME:
		v->frames++;
		save(v);
		printf("FRAME %" PRIu64 "%s\n", r->frame.number, r->flags & FBS_FRAME_KEY ? " key" : r->flags & FBS_FRAME_GAP ? " gap" : "");
		break;
	case FBS_END:
		printf("END %u %.*s\n", r->end.status, (int)r->end.text.len, r->end.text.text);
		break;
	default: on_pixels(v, r);
	}
}

int main(int argc, char **argv)
{
	struct view v = { 0 };
	struct fbs_reader reader;
	struct fbs_record r;
	uint64_t most = UINT64_MAX;
	char why[256];
	int c, got;

	while ((c = getopt(argc, argv, "n:o:q")) != -1)
		switch (c) {
		case 'n': most = strtoull(optarg, NULL, 10); break;
		case 'o': v.file = optarg; break;
		case 'q': v.quiet = true; break;
		default: errx(100, "usage: fbsview [-n FRAMES] [-o FILE.ppm] [-q] < STREAM");
		}
	setvbuf(stdout, NULL, _IOLBF, 0);
	fbs_reader_init(&reader);
	reader.exact = true;	/* what is left in the pipe keeps the source from reusing a shared segment */
	while (v.frames < most && (got = fbs_read(&reader, 0, &r)) != 0) {
		if (got < 0)
			errx(1, "%s", fbs_reader_explain(&reader, got, why, sizeof why));
		on_record(&v, &r);
	}
	fbs_reader_fini(&reader);
	free(v.px);
	return 0;
}
