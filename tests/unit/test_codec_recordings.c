/* Every encoder through its decoder on what screens really show: frames of the recordings. Lossless ones are exact in every pixel
 * format; lossy ones are a likeness, at every size. */
#include "codec_pictures.h"

#include <fcntl.h>
#include <unistd.h>

#include "rec/picture.h"
#include "rec/reader.h"

/* Files beside this tree's Makefile, and the frames taken: from early in the session to its end. */
static const char *const files[] = { "recordings/desktop.vnc.gz", "recordings/scroll.vnc.gz", "recordings/video.vnc.gz" };
enum { N_FILES = sizeof files / sizeof *files, MOST_W = 401, MOST_H = 299 };

struct still { uint32_t *px; unsigned w, h; };

/* The middle of the picture after so many frames, or of the last one. */
static struct still still_of(const char *file, unsigned frames)
{
	struct rec_reader r;
	struct rec_picture p = { 0 };
	struct fbs_record record;
	const int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("%s: run it where the Makefile is", file);
	assert_int_equal(rec_reader_open(&r, fd), 0);
	while (frames && rec_reader_next(&r, &record) == 1) {
		assert_int_equal(rec_picture_apply(&p, &record), 0);
		frames -= record.type == FBS_FRAME;
	}
	struct still s = { NULL, p.screen.w < MOST_W ? p.screen.w : MOST_W, p.screen.h < MOST_H ? p.screen.h : MOST_H };
	assert_non_null(s.px = malloc((size_t)s.w * s.h * 4));
	const uint32_t *from = p.px + (size_t)((p.screen.h - s.h) / 2) * p.screen.w + (p.screen.w - s.w) / 2;
	for (unsigned y = 0; y < s.h; y++)
		memcpy(s.px + (size_t)y * s.w, from + (size_t)y * p.screen.w, (size_t)s.w * 4);
	rec_picture_fini(&p);
	rec_reader_fini(&r);
	close(fd);
	return s;
}

static struct codec_params params(int32_t encoding, const struct pixel_format *f, int level)
{
	struct codec_params p;

	memset(&p, 0, sizeof p);
	p.format = *f;
	p.encoding = encoding;
	p.compress = -1;
	codec_quality(level, &p.quality, &p.subsample);
	return p;
}

/* Encodes and decodes w × h pixels; what the client then has is in c->frame. True: the unit says that it is lossy. */
static bool through(struct codec_encoder *e, struct client *c, const struct codec_params *p, const uint32_t *px, unsigned w, unsigned h, int level)
{
	const struct codec_source src = { px, w };
	struct codec_unit u = { 0 };

	client_init(c, &p->format, w, h);
	codec_decoder_quality(c->d, level);
	assert_int_equal(codec_encode(e, &u, p, &src, 0, 0, (uint16_t)w, (uint16_t)h), 0);
	client_take(c, &u);
	wire_buf_fini(&u.out);
	return u.lossy;
}

static void test_lossless(void **state)
{
	static const int32_t encodings[] = {
		CODEC_RAW, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_TIGHT, CODEC_TRLE, CODEC_ZRLE, CODEC_ZLIBHEX,
		CODEC_TIGHTPNG,
	};
	struct codec_encoder *e = codec_encoder_new();
	(void)state;

	for (unsigned i = 0; i < N_FILES; i++) {
		struct still s = still_of(files[i], 40);
		uint32_t *want = malloc((size_t)s.w * s.h * 4);
		assert_non_null(want);
		for (unsigned f = 0; f < N_FORMATS; f++) {
			memcpy(want, s.px, (size_t)s.w * s.h * 4);
			picture_quantise(&formats[f].f, want, (size_t)s.w * s.h);
			for (unsigned k = 0; k < sizeof encodings / sizeof *encodings; k++) {
				struct codec_params p = params(encodings[k], &formats[f].f, -1);
				struct client c;
				if (!codec_supports(&p) || (encodings[k] == CODEC_TIGHTPNG && !RFBKIT_PNG))
					continue;
				assert_false(through(e, &c, &p, s.px, s.w, s.h, -1));
				if (memcmp(c.frame.px, want, (size_t)s.w * s.h * 4))
					fail_msg("%s, %s, %s: not exact", files[i], codec_name(encodings[k]), formats[f].name);
				client_fini(&c);
			}
		}
		free(want);
		free(s.px);
	}
	codec_encoder_free(e);
}

static double psnr(const uint32_t *a, const uint32_t *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned s = 0; s < 24; s += 8) {
			double d = (double)(a[i] >> s & 255) - (double)(b[i] >> s & 255);
			sum += d * d;
		}
	return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * (double)n * 3 / sum);
}

static const int32_t lossy[] = { CODEC_TIGHT, CODEC_TIGHTPNG, CODEC_JPEG, CODEC_ZYWRLE };
enum { N_LOSSY = sizeof lossy / sizeof *lossy };

static bool is_there(const struct codec_params *p)
{
	return codec_supports(p) && (p->encoding == CODEC_ZYWRLE || RFBKIT_JPEG) && (p->encoding != CODEC_TIGHTPNG || RFBKIT_PNG);
}

/* Against what the format can show. Formats of 8 bits are never lossy in Tight. */
static void test_lossy(void **state)
{
	struct codec_encoder *e = codec_encoder_new();
	(void)state;

	for (unsigned i = 0; i < N_FILES; i++) {
		struct still s = still_of(files[i], 60);
		uint32_t *want = malloc((size_t)s.w * s.h * 4);
		assert_non_null(want);
		for (unsigned f = 0; f < N_FORMATS; f++)
			for (unsigned k = 0; k < N_LOSSY; k++)
				for (int level = 1; level <= 9; level += 4) {
					struct codec_params p = params(lossy[k], &formats[f].f, level);
					struct client c;
					if (!is_there(&p))
						continue;
					memcpy(want, s.px, (size_t)s.w * s.h * 4);
					picture_quantise(&p.format, want, (size_t)s.w * s.h);
					bool is_lossy = through(e, &c, &p, s.px, s.w, s.h, level);
					double db = psnr(want, c.frame.px, (size_t)s.w * s.h);
					if (db < (is_lossy ? level == 1 ? 22 : 28 : 99))
						fail_msg("%s, %s, %s, level %d: %.1f dB", files[i], codec_name(lossy[k]), formats[f].name, level, db);
					client_fini(&c);
				}
		free(want);
		free(s.px);
	}
	codec_encoder_free(e);
}

/* Edges of all sizes: photographs, so that none is sent exactly for being easy. */
static void test_lossy_sizes(void **state)
{
	static const unsigned sizes[][2] = {
		{ 1, 1 }, { 1, 2 }, { 2, 1 }, { 3, 3 }, { 7, 9 }, { 15, 17 }, { 17, 15 }, { 64, 64 }, { 65, 63 }, { 641, 545 }, { 2049, 33 },
		{ 65535, 1 }, { 65535, 17 }, { 1, 65535 }, { 17, 65535 },
	};
	struct codec_encoder *e = codec_encoder_new();
	(void)state;

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const unsigned w = sizes[i][0], h = sizes[i][1];
		uint32_t *px = picture_new(&pictures[4], w, h);
		for (unsigned k = 0; k < N_LOSSY; k++) {
			struct codec_params p = params(lossy[k], &pixel_format_native, 8);
			struct client c;
			if (!is_there(&p))
				continue;
			through(e, &c, &p, px, w, h, 8);
			double db = psnr(px, c.frame.px, (size_t)w * h);
			if (db < 30)
				fail_msg("%s, %ux%u: %.1f dB", codec_name(lossy[k]), w, h, db);
			client_fini(&c);
		}
		free(px);
	}
	codec_encoder_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lossless),
		cmocka_unit_test(test_lossy),
		cmocka_unit_test(test_lossy_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
