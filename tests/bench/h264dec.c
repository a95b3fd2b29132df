/* Decoders keep to the text: flags first, then the data; a rectangle without a decoder begins one; of 64 the oldest goes. Whether
 * that was right to rely on is counted. */
#include "h264dec.h"

#include <err.h>
#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

enum { DECODERS = 64, HEADER = 8, RESET_CONTEXT = 1, RESET_ALL = 2 };

struct decoder {
	uint16_t x, y, w, h;
	AVCodecContext *c;
	unsigned long pictures;
};

struct h264dec {
	struct decoder list[DECODERS];	/* oldest first */
	AVPacket *packet;
	AVFrame *frame;
	struct h264dec_counts counts;
	bool keep;
	uint32_t *last;
	uint16_t box[4];		/* x, y, w, h of it */
};

struct h264dec *h264dec_new(void)
{
	struct h264dec *d = calloc(1, sizeof *d);

	av_log_set_level(AV_LOG_QUIET);
	if (!d || !(d->packet = av_packet_alloc()) || !(d->frame = av_frame_alloc()))
		err(111, NULL);
	return d;
}

static void drop(struct h264dec *d, unsigned i)
{
	avcodec_free_context(&d->list[i].c);
	memmove(d->list + i, d->list + i + 1, (--d->counts.decoders - i) * sizeof d->list[0]);
}

void h264dec_free(struct h264dec *d)
{
	if (!d)
		return;
	while (d->counts.decoders)
		drop(d, 0);
	av_packet_free(&d->packet);
	av_frame_free(&d->frame);
	free(d->last);
	free(d);
}

const struct h264dec_counts *h264dec_count(const struct h264dec *d)
{
	return &d->counts;
}

static unsigned find(const struct h264dec *d, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	unsigned i = 0;

	while (i < d->counts.decoders && (d->list[i].x != x || d->list[i].y != y || d->list[i].w != w || d->list[i].h != h))
		i++;
	return i;
}

static struct decoder *begin(struct h264dec *d, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);

	if (d->counts.decoders == DECODERS)
		drop(d, 0);
	struct decoder *k = &d->list[d->counts.decoders++];
	*k = (struct decoder){ x, y, w, h, codec ? avcodec_alloc_context3(codec) : NULL, 0 };
	if (!k->c)
		errx(111, "libavcodec has no H.264");
	k->c->thread_count = 1;
	k->c->flags |= AV_CODEC_FLAG_LOW_DELAY;
	if (avcodec_open2(k->c, codec, NULL) < 0)
		errx(111, "libavcodec does not open");
	if (d->counts.decoders > d->counts.most)
		d->counts.most = d->counts.decoders;
	return k;
}

static inline uint32_t byte(int v)
{
	v = (v + (1 << 15)) >> 16;
	return v < 0 ? 0 : v > 255 ? 255 : (uint32_t)v;
}

/* BT.601, studio range, as the stream says of itself. Numbers are shifted by 16 bits. */
static void show_row(uint32_t *restrict to, const uint8_t *restrict luma, const uint8_t *restrict us, const uint8_t *restrict vs, unsigned w)
{
	for (unsigned i = 0; i < w; i++) {
		const int y = 76309 * (luma[i] - 16), u = us[i / 2] - 128, v = vs[i / 2] - 128;
		to[i] = byte(y + 104597 * v) << 16 | byte(y - 25675 * u - 53279 * v) << 8 | byte(y + 132201 * u);
	}
}

static void show(const AVFrame *f, struct codec_frame *to, unsigned x, unsigned y, unsigned w, unsigned h)
{
	for (unsigned j = 0; j < h; j++)
		show_row(to->px + (size_t)(y + j) * to->stride + x, f->data[0] + (ptrdiff_t)j * f->linesize[0],
			 f->data[1] + (ptrdiff_t)(j / 2) * f->linesize[1], f->data[2] + (ptrdiff_t)(j / 2) * f->linesize[2], w);
}

/* A frame in, a frame out. */
static bool decode(struct h264dec *d, struct decoder *k, const uint8_t *bytes, size_t n)
{
	if (av_new_packet(d->packet, (int)n) < 0)
		err(111, NULL);
	memcpy(d->packet->data, bytes, n);
	bool good = avcodec_send_packet(k->c, d->packet) == 0 && avcodec_receive_frame(k->c, d->frame) == 0;
	av_packet_unref(d->packet);
	return good && d->frame->width >= k->w && d->frame->height >= k->h;
}

void h264dec_keep(struct h264dec *d)
{
	d->keep = true;
}

const uint32_t *h264dec_last(const struct h264dec *d, uint16_t box[4])
{
	memcpy(box, d->box, sizeof d->box);
	return d->last;
}

static void keep_last(struct h264dec *d, const struct codec_frame *to, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	if (!d->keep)
		return;
	free(d->last);
	if (!(d->last = malloc((size_t)w * h * sizeof *d->last)))
		err(111, NULL);
	for (unsigned j = 0; j < h; j++)
		memcpy(d->last + (size_t)j * w, to->px + (size_t)(y + j) * to->stride + x, w * sizeof *d->last);
	memcpy(d->box, (uint16_t[]){ x, y, w, h }, sizeof d->box);
}

long long h264dec_rect(struct h264dec *d, struct codec_frame *to, uint16_t x, uint16_t y, uint16_t w, uint16_t h, const uint8_t *bytes, size_t n)
{
	if (n < HEADER || n - HEADER < wire_ld32be(bytes))
		return 0;
	const uint32_t length = wire_ld32be(bytes), flags = wire_ld32be(bytes + 4);
	if (x + w > to->w || y + h > to->h || length > 1 << 26)
		return CODEC_E_BAD;
	d->counts.resets += (flags & RESET_CONTEXT) != 0;
	d->counts.resets_all += (flags & RESET_ALL) != 0;
	while ((flags & RESET_ALL) && d->counts.decoders)
		drop(d, 0);
	unsigned i = find(d, x, y, w, h);
	if ((flags & RESET_CONTEXT) && i < d->counts.decoders) {
		drop(d, i);
		i = d->counts.decoders;
	}
	if (length == 0)
		return HEADER;
	struct decoder *k = i < d->counts.decoders ? &d->list[i] : begin(d, x, y, w, h);
	d->counts.rects++;
	d->counts.bytes += length;
	d->counts.keys += k->pictures == 0;
	k->pictures++;
	if (decode(d, k, bytes + HEADER, length)) {
		show(d->frame, to, x, y, w, h);
		keep_last(d, to, x, y, w, h);
	} else {
		d->counts.broken++;
	}
	return HEADER + (long long)length;
}
