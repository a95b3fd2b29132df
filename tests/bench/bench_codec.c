/* The encoders alone: milliseconds of CPU and bytes for each picture and encoding, cut into cells as rfbd cuts them.
 *
 *     bench_codec [-c WxH] [-e ENCODING] [-q PERCENT] [-z LEVEL] [-n ROUNDS] [FILE.ppm]...
 *
 * Without files it encodes pictures of its own. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/codec_pictures.h"

static int cell_w = 320, cell_h = 272, quality = -1, level = -1, rounds = 5;
static int32_t only = -1000;

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return v[n / 2];
}

static size_t encode_frame(struct codec_encoder *e, struct codec_unit *units, const struct codec_params *p, const uint32_t *px, int w, int h)
{
	const struct codec_source src = { px, (size_t)w };
	size_t bytes = 0;

	for (int y = 0; y < h; y += cell_h)
		for (int x = 0; x < w; x += cell_w, units++) {
			wire_buf_reset(&units->out);
			units->n_rects = 0;
			units->zlib = false;
			units->hex_at[0] = units->hex_at[1] = 0;
			if (codec_encode(e, units, p, &src, (uint16_t)x, (uint16_t)y, (uint16_t)(w - x < cell_w ? w - x : cell_w),
					 (uint16_t)(h - y < cell_h ? h - y : cell_h)) < 0)
				err(111, "cannot encode");
			bytes += units->out.len;
		}
	return bytes;
}

static void measure(const char *name, int32_t encoding, const uint32_t *px, int w, int h)
{
	int cells = (w + cell_w - 1) / cell_w * ((h + cell_h - 1) / cell_h);
	double enc[64], dec[64];
	struct codec_params p;
	size_t bytes = 0;

	memset(&p, 0, sizeof p);
	p.format = pixel_format_native;
	p.encoding = encoding;
	p.compress = (int8_t)level;
	p.quality = (int8_t)quality;
	p.subsample = -1;
	if (!codec_supports(&p))
		return;
	struct codec_encoder *e = codec_encoder_new();
	struct codec_unit *units = calloc((size_t)cells, sizeof *units);
	if (!e || !units)
		err(111, "cannot begin");
	for (int i = 0; i < rounds; i++) {
		struct client c;
		double t = cpu_ms();
		bytes = encode_frame(e, units, &p, px, w, h);
		enc[i] = cpu_ms() - t;
		client_init(&c, &p.format, (unsigned)w, (unsigned)h);
		t = cpu_ms();
		for (int k = 0; k < cells; k++)
			client_take(&c, &units[k]);
		dec[i] = cpu_ms() - t;
		client_fini(&c);
	}
	printf("%-24s %-10s %8.2f ms %9.1f kB   decode %7.2f ms\n", name, codec_name(encoding), median(enc, rounds), (double)bytes / 1e3,
	       median(dec, rounds));
	for (int i = 0; i < cells; i++)
		wire_buf_fini(&units[i].out);
	free(units);
	codec_encoder_free(e);
}

static void measure_all(const char *name, const uint32_t *px, int w, int h)
{
	static const int32_t ids[] = {
		CODEC_RAW, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIBHEX, CODEC_TRLE, CODEC_ZLIB, CODEC_ZRLE, CODEC_ZYWRLE,
		CODEC_TIGHT, CODEC_TIGHTPNG, CODEC_JPEG,
	};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (only == -1000 || only == ids[i])
			measure(name, ids[i], px, w, h);
}

static uint32_t *read_ppm(const char *path, int *w, int *h)
{
	FILE *f = fopen(path, "rb");
	unsigned char rgb[3];

	if (!f || fscanf(f, "P6 %d %d 255", w, h) != 2 || *w < 1 || *h < 1 || *w > 16384 || *h > 16384 || fgetc(f) == EOF)
		errx(100, "%s: not a PPM picture", path);
	uint32_t *px = malloc((size_t)*w * (size_t)*h * sizeof *px);
	if (!px)
		err(111, "%s", path);
	for (size_t i = 0; i < (size_t)*w * (size_t)*h; i++) {
		if (fread(rgb, 3, 1, f) != 1)
			errx(100, "%s: cut off", path);
		px[i] = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
	}
	fclose(f);
	return px;
}

int main(int argc, char **argv)
{
	int c, w = 1920, h = 1080;
	bool bad = false;

	while ((c = getopt(argc, argv, "c:e:q:z:n:")) != -1) {
		switch (c) {
		case 'c': bad |= sscanf(optarg, "%dx%d", &cell_w, &cell_h) != 2; break;
		case 'e': only = codec_by_name(optarg); break;
		case 'q': quality = atoi(optarg); break;
		case 'z': level = atoi(optarg); break;
		case 'n': rounds = atoi(optarg); break;
		default: return 100;
		}
	}
	if (bad || cell_w < 1 || cell_h < 1 || rounds < 1 || rounds > 64)
		errx(100, "usage: bench_codec [-c WxH] [-e ENCODING] [-q PERCENT] [-z LEVEL] [-n ROUNDS] [FILE.ppm]...");
	for (int i = optind; i < argc; i++) {
		uint32_t *px = read_ppm(argv[i], &w, &h);
		const char *slash = strrchr(argv[i], '/');
		measure_all(slash ? slash + 1 : argv[i], px, w, h);
		free(px);
	}
	for (unsigned i = 0; optind == argc && i < N_PICTURES; i++) {
		uint32_t *px = picture_new(&pictures[i], (unsigned)w, (unsigned)h);
		measure_all(pictures[i].name, px, w, h);
		free(px);
	}
	return 0;
}
