/* The lossy encodings: how far from the picture they are at each quality, what stays exact, what cannot be had. */
#include "codec_pictures.h"

#include <errno.h>
#if RFBKIT_JPEG
#include <turbojpeg.h>
#endif

enum { W = 320, H = 256 };

static bool jpeg_built(void)
{
	return RFBKIT_JPEG;
}

static struct codec_params params(int32_t encoding, int quality_level)
{
	struct codec_params p;

	memset(&p, 0, sizeof p);
	p.format = pixel_format_native;
	p.encoding = encoding;
	p.compress = -1;
	codec_quality(quality_level, &p.quality, &p.subsample);
	return p;
}

/* Encodes and decodes the whole picture; the unit's size. The caller looks at c->frame. */
static size_t through(struct client *c, const struct codec_params *p, const uint32_t *px, int quality_level, bool *lossy)
{
	const struct codec_source src = { px, W };
	struct codec_encoder *e = codec_encoder_new();
	struct codec_unit u = { 0 };

	assert_non_null(e);
	client_init(c, &p->format, W, H);
	codec_decoder_quality(c->d, quality_level);
	assert_int_equal(codec_encode(e, &u, p, &src, 0, 0, W, H), 0);
	client_take(c, &u);
	*lossy = u.lossy;
	size_t n = u.out.len;
	wire_buf_fini(&u.out);
	codec_encoder_free(e);
	return n;
}

static double psnr(const uint32_t *a, const uint32_t *b)
{
	double sum = 0;

	for (size_t i = 0; i < W * H; i++)
		for (unsigned s = 0; s < 24; s += 8) {
			double d = (double)(a[i] >> s & 255) - (double)(b[i] >> s & 255);
			sum += d * d;
		}
	return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * W * H * 3 / sum);
}

static const struct picture *named(const char *name)
{
	for (unsigned i = 0; i < N_PICTURES; i++)
		if (strcmp(pictures[i].name, name) == 0)
			return &pictures[i];
	fail_msg("no picture %s", name);
	return NULL;
}

/* Of the photograph, by quality level. */
static void check_psnr(int32_t encoding, const double *least)
{
	uint32_t *px = picture_new(named("photo"), W, H);
	size_t before = 0;

	for (int level = 0; level <= 9; level++) {
		struct codec_params p = params(encoding, level);
		struct client c;
		bool lossy;
		size_t n = through(&c, &p, px, level, &lossy);
		double db = psnr(px, c.frame.px);
		print_message("%s quality %d: %.1f dB, %zu bytes\n", codec_name(encoding), level, db, n);
		if (db < least[level])
			fail_msg("%s quality %d: %.1f dB, should be %.1f", codec_name(encoding), level, db, least[level]);
		assert_true(lossy == (db < 99));
		assert_true(n + n / 50 >= before);
		before = n;
		client_fini(&c);
	}
	free(px);
}

static void test_jpeg_quality(void **state)
{
	static const double least[10] = { 32, 36, 37.5, 37.5, 38.5, 39.5, 39.5, 40, 40, 45 };
	(void)state;

	if (!jpeg_built())
		skip();
	check_psnr(CODEC_TIGHT, least);
	check_psnr(CODEC_TIGHTPNG, least);
	check_psnr(CODEC_JPEG, least);
}

#if RFBKIT_JPEG
/* A level as TigerVNC and libvncserver have it, through TurboJPEG: the PSNR; *n is the image's size. */
static double psnr_of_others(const uint32_t *px, int level, unsigned long *n)
{
	static const struct { int percent, chroma; } theirs[10] = {
		{ 15, TJSAMP_420 }, { 29, TJSAMP_420 }, { 41, TJSAMP_420 }, { 42, TJSAMP_422 }, { 62, TJSAMP_422 },
		{ 77, TJSAMP_422 }, { 79, TJSAMP_444 }, { 86, TJSAMP_444 }, { 92, TJSAMP_444 }, { 100, TJSAMP_444 },
	};
	unsigned char *jpeg = NULL;
	uint32_t *got = malloc((size_t)W * H * 4);
	tjhandle to = tjInitCompress(), from = tjInitDecompress();

	*n = 0;
	assert_int_equal(tjCompress2(to, (const unsigned char *)px, W, 0, H, TJPF_BGRX, &jpeg, n, theirs[level].chroma, theirs[level].percent, 0), 0);
	assert_int_equal(tjDecompress2(from, jpeg, *n, (unsigned char *)got, W, 0, H, TJPF_BGRX, 0), 0);
	double db = psnr(px, got);
	tjFree(jpeg);
	tjDestroy(to);
	tjDestroy(from);
	free(got);
	return db;
}

/* No level shows a picture worse than other servers do, or takes more bytes for it than one of twenty, though theirs is one
 * image here and would be several in an update. */
static void test_levels_beside_others(void **state)
{
	static const char *const names[] = { "photo", "gradient", "desktop" };
	(void)state;

	for (unsigned k = 0; k < sizeof names / sizeof *names; k++) {
		uint32_t *px = picture_new(named(names[k]), W, H);
		for (int level = 0; level <= 9; level++) {
			struct codec_params p = params(CODEC_TIGHT, level);
			struct client c;
			unsigned long theirs;
			bool lossy;
			double others = psnr_of_others(px, level, &theirs);
			size_t ours = through(&c, &p, px, level, &lossy);
			double db = psnr(px, c.frame.px);
			print_message("%s %d: %.2f dB, %zu bytes; others %.2f dB, %lu bytes\n", names[k], level, db, ours, others, theirs);
			assert_true(db >= others);
			assert_true(ours <= theirs + theirs / 20 + 64);
			client_fini(&c);
		}
		free(px);
	}
}
#endif

static void test_zywrle_quality(void **state)
{
	static const double least[10] = { 27, 27, 27, 31.5, 31.5, 31.5, 36, 36, 36, 99 };
	(void)state;

	check_psnr(CODEC_ZYWRLE, least);
}

/* Text is never blurred, whatever the quality. */
static void test_text_stays_sharp(void **state)
{
	static const char *const sharp[] = { "solid", "text", "smoothed text" };
	(void)state;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t *px = picture_new(named(sharp[i]), W, H);
		for (int level = 0; level <= 9; level++) {
			struct codec_params p = params(CODEC_TIGHT, level);
			struct client c;
			bool lossy;
			through(&c, &p, px, level, &lossy);
			assert_false(lossy);
			assert_memory_equal(c.frame.px, px, W * H * 4);
			client_fini(&c);
		}
		free(px);
	}
}

/* Where text surrounds a photograph the text is exact, and the photograph is not sent exactly. */
static void test_mixed_content(void **state)
{
	uint32_t *px = picture_new(named("text"), W, H), *photo = picture_new(named("photo"), W, H);
	struct codec_params p = params(CODEC_TIGHT, 5);
	struct client c;
	bool lossy;
	(void)state;

	if (!jpeg_built())
		skip();
	for (unsigned y = 70; y < 200; y++)
		memcpy(px + y * W + 90, photo + y * W + 90, 150 * 4);
	through(&c, &p, px, 5, &lossy);
	assert_true(lossy);
	assert_true(psnr(px, c.frame.px) > 30);
	for (unsigned y = 0; y < H; y++)
		for (unsigned x = 0; x < W; x++)
			/* a tile that the photograph's edge runs through may be either */
			if (x + 16 < 90 || x >= 240 + 16 || y + 16 < 70 || y >= 200 + 16)
				assert_int_equal(c.frame.px[y * W + x], px[y * W + x]);
	client_fini(&c);
	free(px);
	free(photo);
}

static void test_fine_quality_and_chroma(void **state)
{
	uint32_t *px = picture_new(named("photo"), W, H);
	size_t sizes[4];
	(void)state;

	if (!jpeg_built())
		skip();
	for (int subsample = 0; subsample < 4; subsample++) {
		struct codec_params p = params(CODEC_TIGHT, 8);
		struct client c;
		bool lossy;
		p.subsample = (int8_t)subsample;
		sizes[subsample] = through(&c, &p, px, 8, &lossy);
		if (subsample == 3)	/* grey */
			for (size_t i = 0; i < W * H; i++)
				assert_int_equal(c.frame.px[i] & 255, c.frame.px[i] >> 16);
		client_fini(&c);
	}
	assert_true(sizes[0] > sizes[1] && sizes[1] > sizes[2] && sizes[2] > sizes[3]);
	size_t before = 0;
	for (int percent = 1; percent <= 100; percent += 11) {
		struct codec_params p = params(CODEC_TIGHT, 8);
		struct client c;
		bool lossy;
		p.quality = (int8_t)percent;
		size_t n = through(&c, &p, px, 8, &lossy);
		assert_true(n >= before);
		before = n;
		client_fini(&c);
	}
	free(px);
}

/* 8 bits per pixel are never JPEG; 16 may be. */
static void test_formats(void **state)
{
	uint32_t *px = picture_new(named("photo"), W, H);
	(void)state;

	for (unsigned f = 0; f < N_FORMATS; f++) {
		struct codec_params p = params(CODEC_TIGHT, 5);
		struct client c;
		bool lossy;
		p.format = formats[f].f;
		through(&c, &p, px, 5, &lossy);
		assert_true(lossy == (jpeg_built() && p.format.bpp >= 16));
		if (!lossy)
			for (size_t i = 0; i < W * H; i++)
				assert_int_equal(c.frame.px[i], pixel_expand(&p.format, pixel_quantise(&p.format, px[i])));
		client_fini(&c);
		p.encoding = CODEC_JPEG;
		assert_true(codec_supports(&p) == (jpeg_built() && p.format.bpp >= 16));
	}
	free(px);
}

static void test_unsupported(void **state)
{
	static const int32_t none[] = { CODEC_COPYRECT, CODEC_H264, CODEC_TIGHT_NOZLIB, 9999 };
	struct codec_encoder *e = codec_encoder_new();
	struct codec_unit u = { 0 };
	uint32_t px[16] = { 0 };
	const struct codec_source src = { px, 4 };
	(void)state;

	for (unsigned i = 0; i < 4; i++) {
		struct codec_params p = params(none[i], 5);
		assert_false(codec_supports(&p));
		errno = 0;
		assert_int_equal(codec_encode(e, &u, &p, &src, 0, 0, 4, 4), -1);
		assert_int_equal(errno, ENOTSUP);
		assert_int_equal(u.out.len, 0);
		assert_int_equal(u.n_rects, 0);
	}
	wire_buf_fini(&u.out);
	codec_encoder_free(e);
}

static void test_quality_levels(void **state)
{
	int8_t percent, subsample, before = 0;
	(void)state;

	for (int level = 0; level <= 9; level++) {
		codec_quality(level, &percent, &subsample);
		assert_true(percent > before);
		assert_int_equal(codec_quality_level(percent), level);
		before = percent;
	}
	assert_int_equal(percent, 100);
	codec_quality(-1, &percent, &subsample);
	assert_int_equal(percent, -1);
	assert_int_equal(subsample, -1);
	codec_quality(10, &percent, &subsample);
	assert_int_equal(percent, -1);
	assert_int_equal(codec_quality_level(-1), -1);
}

/* Cuts the marker segments of the given kinds (the tables) out of an image. */
static size_t cut_segments(uint8_t *jpeg, size_t n, uint8_t kind, uint8_t other)
{
	size_t at = 2;

	while (at + 4 <= n && jpeg[at + 1] != 0xda) {
		size_t length = 2u + wire_ld16be(jpeg + at + 2);
		if (jpeg[at + 1] == kind || jpeg[at + 1] == other) {
			memmove(jpeg + at, jpeg + at + length, n - at - length);
			n -= length;
		} else {
			at += length;
		}
	}
	return n;
}

/* "When the segments of DHT or DQT do not exist, the client should reuse the previous tables." */
static void test_jpeg_without_tables(void **state)
{
	enum { DHT = 0xc4, DQT = 0xdb };
	uint32_t *px = picture_new(named("photo"), W, H);
	struct codec_params p = params(CODEC_JPEG, 3);
	const struct codec_source src = { px, W };
	struct codec_encoder *e = codec_encoder_new();
	struct codec_unit u = { 0 };
	struct client c;
	(void)state;

	if (!jpeg_built())
		skip();
	client_init(&c, &p.format, W, H);
	assert_int_equal(codec_encode(e, &u, &p, &src, 0, 0, W, H), 0);
	client_take(&c, &u);
	uint32_t *first = malloc(W * H * 4);
	assert_non_null(first);
	memcpy(first, c.frame.px, W * H * 4);
	memset(c.frame.px, 0, W * H * 4);
	size_t n = cut_segments(u.out.data + 12, u.out.len - 12, DHT, DQT);
	assert_true(n < u.out.len - 12 - 400);
	assert_int_equal(codec_decode(c.d, &c.f, CODEC_JPEG, &c.frame, 0, 0, W, H, u.out.data + 12, n), n);
	assert_memory_equal(c.frame.px, first, W * H * 4);
	free(first);
	free(px);
	wire_buf_fini(&u.out);
	client_fini(&c);
	codec_encoder_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jpeg_quality),
#if RFBKIT_JPEG
		cmocka_unit_test(test_levels_beside_others),
#endif
		cmocka_unit_test(test_zywrle_quality),
		cmocka_unit_test(test_text_stays_sharp),
		cmocka_unit_test(test_mixed_content),
		cmocka_unit_test(test_fine_quality_and_chroma),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_unsupported),
		cmocka_unit_test(test_quality_levels),
		cmocka_unit_test(test_jpeg_without_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
