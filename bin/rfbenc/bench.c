/* Encodes every rectangle of a stream by every encoding of RFB, each on its own as rfbd does, and times the
 * thread's CPU. Lossy rows are marked. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/codec.h"
#include "rec/encode.h"

struct row {
	const char *name;
	int32_t encoding;
	int8_t compress;
	bool lossy;		/* with the quality asked for */
};

static const struct row rows[] = {
	{ "raw", CODEC_RAW, -1, false },
	{ "rre", CODEC_RRE, -1, false },
	{ "corre", CODEC_CORRE, -1, false },
	{ "hextile", CODEC_HEXTILE, -1, false },
	{ "trle", CODEC_TRLE, -1, false },
	{ "zlib", CODEC_ZLIB, -1, false },
	{ "zrle", CODEC_ZRLE, -1, false },
	{ "zrle -compress 9", CODEC_ZRLE, 9, false },
	{ "tight", CODEC_TIGHT, -1, false },
	{ "tight -compress 9", CODEC_TIGHT, 9, false },
	{ "tightpng", CODEC_TIGHTPNG, -1, false },
	{ "tight -quality", CODEC_TIGHT, -1, true },
	{ "jpeg", CODEC_JPEG, -1, true },
};
enum { ROWS = sizeof rows / sizeof *rows };

struct bench {
	int quality;
	struct codec_encoder *encoder;
	struct codec_unit unit;
	struct rec_decode decode;
	uint64_t pixels, rectangles;
	struct { uint64_t bytes, ns; bool failed; } result[ROWS];
};

struct bench *bench_new(int quality)
{
	struct bench *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->quality = quality;
	b->encoder = codec_encoder_new();
	if (!b->encoder) {
		free(b);
		return NULL;
	}
	return b;
}

void bench_free(struct bench *b)
{
	codec_encoder_free(b->encoder);
	wire_buf_fini(&b->unit.out);
	rec_decode_fini(&b->decode);
	free(b);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void encode_by(struct bench *b, int i, const struct fbs_pixels *p)
{
	struct codec_source from = { (const uint32_t *)(const void *)p->data, p->w };
	struct codec_params how;
	uint64_t start;

	memset(&how, 0, sizeof how);
	how.format = pixel_format_native;
	how.encoding = rows[i].encoding;
	how.compress = rows[i].compress;
	how.quality = rows[i].lossy ? (int8_t)b->quality : -1;
	how.subsample = -1;
	wire_buf_reset(&b->unit.out);
	b->unit.n_rects = 0;
	start = cpu_ns();
	if (!codec_supports(&how) || codec_encode(b->encoder, &b->unit, &how, &from, 0, 0, p->w, p->h))
		b->result[i].failed = true;
	b->result[i].ns += cpu_ns() - start;
	b->result[i].bytes += b->unit.out.len;
}

int bench_take(struct bench *b, const struct fbs_record *r)
{
	struct fbs_record raw = *r;
	int result;

	if (r->type != FBS_PIXELS)
		return 0;
	result = rec_decode_record(&b->decode, &raw);
	if (result)
		return result;
	b->pixels += (uint64_t)raw.pixels.w * raw.pixels.h;
	b->rectangles++;
	for (int i = 0; i < ROWS; i++)
		encode_by(b, i, &raw.pixels);
	return 0;
}

int bench_print(const struct bench *b)
{
	double raw = (double)b->pixels * 4;

	printf("%llu rectangles, %llu pixels; quality %d where lossy (~)\n\n", (unsigned long long)b->rectangles,
	       (unsigned long long)b->pixels, b->quality);
	printf("%-20s %12s %14s %8s %10s %10s\n", "encoding", "pixels", "bytes", "ratio", "ms", "MB/s");
	for (int i = 0; i < ROWS; i++) {
		double ms = (double)b->result[i].ns / 1e6, bytes = (double)b->result[i].bytes;

		if (b->result[i].failed) {
			printf("%-20s %12s\n", rows[i].name, "left out of this build");
			continue;
		}
		printf("%c%-19s %12llu %14llu %8.2f %10.2f %10.1f\n", rows[i].lossy ? '~' : ' ', rows[i].name,
		       (unsigned long long)b->pixels, (unsigned long long)b->result[i].bytes, bytes > 0 ? raw / bytes : 0,
		       ms, ms > 0 ? raw / ms / 1000 : 0);
	}
	return fflush(stdout) ? -1 : 0;
}
