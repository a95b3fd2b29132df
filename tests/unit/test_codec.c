/* Every lossless encoder through its decoder: all classes of pixel formats, several kinds of pictures, odd sizes. */
#include "codec_pictures.h"

static const int32_t encodings[] = {
	CODEC_RAW, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_TIGHT, CODEC_TRLE, CODEC_ZRLE,
	CODEC_ZLIBHEX,
#if RFBKIT_PNG
	CODEC_TIGHTPNG,
#endif
};
enum { N_ENCODINGS = sizeof encodings / sizeof *encodings };

/* The noted places are those of rectangle headers: what they say covers the area once. */
static void check_places(const struct codec_unit *u, unsigned x, unsigned y, unsigned w, unsigned h)
{
	size_t covered = 0;

	if (w <= 256 && h <= 256)
		assert_in_range(u->n_rects, 1, CODEC_UNIT_RECTS);
	if (u->n_rects > CODEC_UNIT_RECTS)
		return;
	for (unsigned i = 0; i < u->n_rects; i++) {
		const uint8_t *p = u->out.data + u->rect_at[i];
		const unsigned rx = wire_ld16be(p), ry = wire_ld16be(p + 2), rw = wire_ld16be(p + 4), rh = wire_ld16be(p + 6);

		assert_true(u->rect_at[i] + 12 <= u->out.len && rx >= x && ry >= y && rx + rw <= x + w && ry + rh <= y + h);
		covered += (size_t)rw * rh;
	}
	assert_int_equal(covered, (size_t)w * h);
}

static void encode(struct codec_encoder *e, struct codec_unit *u, const struct codec_params *p, const uint32_t *px, size_t stride,
		   unsigned x, unsigned y, unsigned w, unsigned h)
{
	const struct codec_source src = { px, stride };

	wire_buf_reset(&u->out);
	u->n_rects = 0;
	u->zlib = u->lossy = false;
	u->hex_at[0] = u->hex_at[1] = 0;
	assert_int_equal(codec_encode(e, u, p, &src, (uint16_t)x, (uint16_t)y, (uint16_t)w, (uint16_t)h), 0);
	assert_true(u->n_rects > 0);
	assert_false(u->lossy);
	check_places(u, x, y, w, h);
}

/* Encodes the picture's middle (a border of one pixel where there is room) and compares all of it. */
static void round_trip(struct codec_encoder *e, const struct codec_params *p, const uint32_t *px, unsigned w, unsigned h)
{
	struct codec_unit u = { 0 };
	struct client c;
	unsigned b = w > 2 && h > 2 ? 1 : 0;
	uint32_t *want = malloc((size_t)w * h * 4);

	assert_non_null(want);
	client_init(&c, &p->format, w, h);
	memcpy(want, px, (size_t)w * h * 4);
	picture_quantise(&p->format, want, (size_t)w * h);
	encode(e, &u, p, px, w, b, b, w - 2 * b, h - 2 * b);
	client_take(&c, &u);
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++) {
			bool inside = x >= b && y >= b && x < w - b && y < h - b;
			uint32_t expected = inside ? want[(size_t)y * w + x] : 0;
			if (c.frame.px[(size_t)y * w + x] != expected)
				fail_msg("%s: pixel %u,%u of %ux%u is %06x, not %06x", codec_name(p->encoding), x, y, w, h,
					 c.frame.px[(size_t)y * w + x], expected);
		}
	client_fini(&c);
	wire_buf_fini(&u.out);
	free(want);
}

static struct codec_params params(int32_t encoding, const struct pixel_format *f)
{
	struct codec_params p;

	memset(&p, 0, sizeof p);
	p.format = *f;
	p.encoding = encoding;
	p.compress = p.quality = p.subsample = -1;
	return p;
}

static void test_formats(void **state)
{
	struct codec_encoder *e = codec_encoder_new();
	(void)state;

	for (unsigned i = 0; i < N_PICTURES; i++) {
		uint32_t *px = picture_new(&pictures[i], 203, 141);
		for (unsigned f = 0; f < N_FORMATS; f++)
			for (unsigned k = 0; k < N_ENCODINGS; k++) {
				struct codec_params p = params(encodings[k], &formats[f].f);
				round_trip(e, &p, px, 203, 141);
			}
		free(px);
	}
	codec_encoder_free(e);
}

static void test_sizes(void **state)
{
	static const unsigned sizes[][2] = {
		{ 1, 1 }, { 1, 2 }, { 2, 1 }, { 3, 3 }, { 5, 1 }, { 1, 5 }, { 16, 16 }, { 17, 15 }, { 15, 17 }, { 64, 64 }, { 65, 63 }, { 63, 65 },
		{ 1, 300 }, { 300, 1 }, { 128, 130 }, { 2048, 3 }, { 2049, 3 }, { 2051, 40 }, { 65535, 1 }, { 65535, 3 }, { 1, 65535 }, { 3, 65535 },
	};
	static const unsigned some_formats[] = { 0, 1, 10, 14 };
	struct codec_encoder *e = codec_encoder_new();
	(void)state;

	for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (unsigned i = 1; i < N_PICTURES; i += 2) {
			uint32_t *px = picture_new(&pictures[i], sizes[s][0], sizes[s][1]);
			for (unsigned f = 0; f < 4; f++)
				for (unsigned k = 0; k < N_ENCODINGS; k++) {
					struct codec_params p = params(encodings[k], &formats[some_formats[f]].f);
					round_trip(e, &p, px, sizes[s][0], sizes[s][1]);
				}
			free(px);
		}
	codec_encoder_free(e);
}

static void test_compress_levels(void **state)
{
	struct codec_encoder *e = codec_encoder_new();
	uint32_t *px = picture_new(&pictures[N_PICTURES - 1], 500, 300);
	(void)state;

	for (int level = 0; level <= 9; level++)
		for (unsigned k = 0; k < N_ENCODINGS; k++)
			for (int plain = 0; plain < 2; plain++) {
				struct codec_params p = params(encodings[k], &formats[0].f);
				p.compress = (int8_t)level;
				p.tight_nozlib = plain;
				round_trip(e, &p, px, 500, 300);
			}
	free(px);
	codec_encoder_free(e);
}

/* Units depend on nothing that came before: any order decodes, on one connection. */
static void test_units_in_any_order(void **state)
{
	enum { W = 320, H = 256, CELL = 64, CELLS = W / CELL * (H / CELL) };
	struct codec_encoder *e = codec_encoder_new();
	uint32_t *px = picture_new(&pictures[N_PICTURES - 1], W, H);
	struct codec_unit units[CELLS] = { { { 0 } } };
	(void)state;

	for (unsigned k = 0; k < N_ENCODINGS; k++) {
		struct codec_params p = params(encodings[k], &formats[0].f);
		struct client c;
		client_init(&c, &p.format, W, H);
		for (unsigned i = 0; i < CELLS; i++)
			encode(e, &units[i], &p, px, W, i % (W / CELL) * CELL, i / (W / CELL) * CELL, CELL, CELL);
		for (unsigned round = 0; round < 3; round++)
			for (unsigned i = 0; i < CELLS; i++)
				client_take(&c, &units[(i * 7 + round * 3) % CELLS]);
		assert_memory_equal(c.frame.px, px, W * H * 4);
		client_fini(&c);
	}
	for (unsigned i = 0; i < CELLS; i++)
		wire_buf_fini(&units[i].out);
	free(px);
	codec_encoder_free(e);
}

/* The same bytes again for the same pixels, whatever the encoder did in between. */
static void test_units_repeat(void **state)
{
	struct codec_encoder *e = codec_encoder_new();
	uint32_t *px = picture_new(&pictures[N_PICTURES - 1], 256, 256);
	uint32_t *other = picture_new(&pictures[1], 256, 256);
	struct codec_unit a = { 0 }, b = { 0 };
	(void)state;

	for (unsigned k = 0; k < N_ENCODINGS; k++) {
		struct codec_params p = params(encodings[k], &formats[0].f);
		encode(e, &a, &p, px, 256, 3, 5, 200, 100);
		encode(e, &b, &p, other, 256, 0, 0, 256, 256);
		encode(e, &b, &p, px, 256, 3, 5, 200, 100);
		assert_int_equal(a.out.len, b.out.len);
		assert_memory_equal(a.out.data, b.out.data, a.out.len);
	}
	wire_buf_fini(&a.out);
	wire_buf_fini(&b.out);
	free(px);
	free(other);
	codec_encoder_free(e);
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned k = 0; k < N_ENCODINGS; k++)
		assert_int_equal(codec_by_name(codec_name(encodings[k])), encodings[k]);
	assert_string_equal(codec_name(12345), "unknown");
	assert_int_equal(codec_by_name("nonsense"), -1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_compress_levels),
		cmocka_unit_test(test_units_in_any_order),
		cmocka_unit_test(test_units_repeat),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
