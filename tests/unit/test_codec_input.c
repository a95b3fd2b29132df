/* The decoders' manners: nothing happens before a rectangle is there as a whole; bad bytes are errors, not damage. */
#include "codec_pictures.h"

enum { W = 150, H = 100, X = 3, Y = 2, RW = 140, RH = 90 };

static struct codec_params params(int32_t encoding)
{
	struct codec_params p;

	memset(&p, 0, sizeof p);
	p.format = pixel_format_native;
	p.encoding = encoding;
	p.compress = p.quality = p.subsample = -1;
	return p;
}

static const int32_t encodings[] = {
	CODEC_RAW, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_TIGHT, CODEC_ZLIBHEX, CODEC_TRLE, CODEC_ZRLE, CODEC_ZYWRLE,
	CODEC_JPEG, CODEC_TIGHTPNG,
};
enum { N_ENCODINGS = sizeof encodings / sizeof *encodings };

static bool can_decode(int32_t encoding)
{
	return (encoding != CODEC_JPEG || RFBKIT_JPEG) && (encoding != CODEC_TIGHTPNG || RFBKIT_PNG);
}

/* A unit as sent first on a connection. */
static struct wire_buf encoded(const struct codec_params *p, const uint32_t *px, unsigned *n_rects)
{
	const struct codec_source src = { px, W };
	struct codec_encoder *e = codec_encoder_new();
	struct codec_streams streams = { 0 };
	struct codec_unit u = { 0 };
	struct wire_buf out = { 0 };

	assert_int_equal(codec_encode(e, &u, p, &src, X, Y, RW, RH), 0);
	assert_true(codec_unit_put(&u, &streams, &out));
	*n_rects = u.n_rects;
	wire_buf_fini(&u.out);
	codec_encoder_free(e);
	return out;
}

static long long take(struct client *c, const uint8_t *rect, size_t n)
{
	return codec_decode(c->d, &c->f, (int32_t)wire_ld32be(rect + 8), &c->frame, wire_ld16be(rect), wire_ld16be(rect + 2),
			    wire_ld16be(rect + 4), wire_ld16be(rect + 6), rect + 12, n);
}

/* Gives the rectangle at `at` a little at a time, from memory that ends where the bytes end. Its length. */
static size_t trickle(struct client *c, const struct wire_buf *b, size_t at, const uint32_t *before)
{
	for (size_t n = 0;; n += n < 200 ? 1 : n / 16) {
		size_t have = at + 12 + n < b->len ? n : b->len - at - 12;
		uint8_t *part = malloc(12 + have);
		assert_non_null(part);
		memcpy(part, b->data + at, 12 + have);
		long long used = take(c, part, have);
		free(part);
		assert_true(used >= 0);
		if (used > 0)
			return 12 + (size_t)used;
		assert_memory_equal(c->frame.px, before, W * H * 4);
		assert_true(have == n);
	}
}

static void test_in_parts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PICTURES; i++) {
		uint32_t *px = picture_new(&pictures[i], W, H), *before = malloc(W * H * 4);
		assert_non_null(before);
		for (unsigned k = 0; k < N_ENCODINGS; k++) {
			struct codec_params p = params(encodings[k]);
			struct client whole, parts;
			unsigned n_rects;
			if (!codec_supports(&p) || !can_decode(encodings[k]))
				continue;
			struct wire_buf b = encoded(&p, px, &n_rects);
			client_init(&whole, &p.format, W, H);
			client_init(&parts, &p.format, W, H);
			size_t at = 0;
			for (unsigned r = 0; r < n_rects; r++) {
				memcpy(before, parts.frame.px, W * H * 4);
				size_t n = trickle(&parts, &b, at, before);
				assert_int_equal(take(&whole, b.data + at, b.len - at - 12), n - 12);
				at += n;
			}
			assert_int_equal(at, b.len);
			assert_memory_equal(parts.frame.px, whole.frame.px, W * H * 4);
			client_fini(&whole);
			client_fini(&parts);
			wire_buf_fini(&b);
		}
		free(px);
		free(before);
	}
}

/* Random damage: any answer will do, as long as nothing outside the rectangle is touched. */
static void test_damage(void **state)
{
	enum { ROUNDS = 60 };
	(void)state;

	for (unsigned i = 1; i < N_PICTURES; i++) {
		uint32_t *px = picture_new(&pictures[i], W, H);
		for (unsigned k = 0; k < N_ENCODINGS; k++) {
			struct codec_params p = params(encodings[k]);
			unsigned n_rects;
			if (!codec_supports(&p) || !can_decode(encodings[k]))
				continue;
			struct wire_buf b = encoded(&p, px, &n_rects);
			for (unsigned round = 0; round < ROUNDS; round++) {
				struct client c;
				uint8_t *bad = malloc(b.len);
				assert_non_null(bad);
				memcpy(bad, b.data, b.len);
				for (unsigned hits = 1 + picture_random() % 8; hits; hits--)
					bad[12 + picture_random() % (b.len - 12)] = (uint8_t)picture_random();
				client_init(&c, &p.format, W, H);
				long long used = take(&c, bad, b.len - 12);
				assert_true(used <= (long long)b.len - 12);
				for (unsigned y = 0; y < H; y++)
					for (unsigned x = 0; x < W; x++)
						if (x < X || y < Y || x >= X + RW || y >= Y + RH)
							assert_int_equal(c.frame.px[y * W + x], 0);
				client_fini(&c);
				free(bad);
			}
			wire_buf_fini(&b);
		}
		free(px);
	}
}

/* --- what no encoder sends ------------------------------------------------------------------------- */

struct hostile {
	const char *what;
	int32_t encoding;
	unsigned w, h;
	const char *bytes;
	size_t n;
	long long answer;
};

#define BYTES(s) s, sizeof(s) - 1

static const struct hostile hostile[] = {
	{ "copy from outside", CODEC_COPYRECT, 10, 10, BYTES("\0\x8d\0\0"), CODEC_E_BAD },
	{ "copy from the last place", CODEC_COPYRECT, 10, 10, BYTES("\0\x8c\0\x5a"), 4 },
	{ "RRE with a subrectangle outside", CODEC_RRE, 4, 4, BYTES("\0\0\0\1aaaabbbb\0\0\0\0\0\5\0\1"), CODEC_E_BAD },
	{ "RRE with a far subrectangle", CODEC_RRE, 4, 4, BYTES("\0\0\0\1aaaabbbb\xff\xff\xff\xff\0\1\0\1"), CODEC_E_BAD },
	{ "RRE that promises 2^32-1", CODEC_RRE, 4, 4, BYTES("\xff\xff\xff\xff" "aaaa"), 0 },
	{ "CoRRE with a subrectangle outside", CODEC_CORRE, 4, 4, BYTES("\0\0\0\1aaaabbbb\3\3\2\1"), CODEC_E_BAD },
	{ "Hextile with a subrectangle outside", CODEC_HEXTILE, 4, 4, BYTES("\x1a" "aaaa\1bbbb\x22\x22"), CODEC_E_BAD },
	{ "Hextile without a background", CODEC_HEXTILE, 4, 4, BYTES("\0"), 1 },
	{ "TRLE with an index beyond its palette", CODEC_TRLE, 4, 1, BYTES("\x03" "aaabbbccc\xff"), CODEC_E_BAD },
	{ "TRLE with a run beyond the tile", CODEC_TRLE, 4, 1, BYTES("\x80" "aaa\x04"), CODEC_E_BAD },
	{ "TRLE with an endless run", CODEC_TRLE, 4, 1, BYTES("\x80" "aaa\xff\xff\xff\xff"), CODEC_E_BAD },
	{ "TRLE that reuses nothing", CODEC_TRLE, 4, 1, BYTES("\x7f\xff"), CODEC_E_BAD },
	{ "TRLE that reuses nothing for runs", CODEC_TRLE, 4, 1, BYTES("\x81\xff"), CODEC_E_BAD },
	{ "TRLE of an unknown kind", CODEC_TRLE, 4, 1, BYTES("\x11"), CODEC_E_BAD },
	{ "Zlib that is none", CODEC_ZLIB, 4, 1, BYTES("\0\0\0\4abcd"), CODEC_E_BAD },
	{ "Zlib without data", CODEC_ZLIB, 4, 1, BYTES("\0\0\0\0"), CODEC_E_BAD },
	{ "Zlib that promises 4 GB", CODEC_ZLIB, 4, 1, BYTES("\xff\xff\xff\xff" "abcd"), 0 },
	{ "ZRLE that ends early", CODEC_ZRLE, 4, 1, BYTES("\0\0\0\x0a\x78\x01\1\1\0\xfe\xff\1\0\0"), CODEC_E_BAD },
	{ "Tight of an unknown kind", CODEC_TIGHT, 4, 4, BYTES("\xb0"), CODEC_E_BAD },
	{ "Tight with an unknown filter", CODEC_TIGHT, 4, 4, BYTES("\x40\3"), CODEC_E_BAD },
	{ "Tight with an index beyond its palette", CODEC_TIGHT, 4, 1, BYTES("\x40\1\2aaabbbccc\0\1\2\3"), CODEC_E_BAD },
	{ "Tight with good indices", CODEC_TIGHT, 4, 1, BYTES("\x40\1\2aaabbbccc\0\1\2\2"), 16 },
	{ "Tight with a wrong length", CODEC_TIGHT, 4, 4, BYTES("\xa0\x02" "ab"), CODEC_E_BAD },
	{ "Tight that is no zlib", CODEC_TIGHT, 4, 4, BYTES("\0\x02" "ab"), CODEC_E_BAD },
	{ "Tight JPEG that is none", CODEC_TIGHT, 4, 4, BYTES("\x90\x02" "ab"), RFBKIT_JPEG ? CODEC_E_BAD : CODEC_E_UNKNOWN },
	{ "TightPNG with a filter", CODEC_TIGHTPNG, 4, 4, BYTES("\x40\1\2aaabbbccc\0\1\2\3"), CODEC_E_BAD },
	{ "TightPNG that is none", CODEC_TIGHTPNG, 4, 4, BYTES("\xa0\x02" "ab"), RFBKIT_PNG ? CODEC_E_BAD : CODEC_E_UNKNOWN },
	{ "JPEG without a beginning", CODEC_JPEG, 4, 4, BYTES("abcd"), RFBKIT_JPEG ? CODEC_E_BAD : CODEC_E_UNKNOWN },
	{ "JPEG with an impossible segment", CODEC_JPEG, 4, 4, BYTES("\xff\xd8\xff\xe0\0\1"), RFBKIT_JPEG ? CODEC_E_BAD : CODEC_E_UNKNOWN },
	{ "an encoding that is none", 12345, 4, 4, BYTES("abcd"), CODEC_E_UNKNOWN },
	{ "a pseudo-encoding", CODEC_TIGHT_NOZLIB, 4, 4, BYTES("abcd"), CODEC_E_UNKNOWN },
};

static void test_hostile(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		const struct hostile *a = &hostile[i];
		struct client c;
		uint8_t *bytes = malloc(a->n);	/* so that reading past the end is seen */
		assert_non_null(bytes);
		memcpy(bytes, a->bytes, a->n);
		client_init(&c, &pixel_format_native, W, H);
		long long got = codec_decode(c.d, &c.f, a->encoding, &c.frame, 0, 0, (uint16_t)a->w, (uint16_t)a->h, bytes, a->n);
		if (got != a->answer)
			fail_msg("%s: %lld, not %lld", a->what, got, a->answer);
		client_fini(&c);
		free(bytes);
	}
}

static void test_outside_the_frame(void **state)
{
	static const uint16_t boxes[][4] = {
		{ W, 0, 1, 1 }, { 0, H, 1, 1 }, { W - 1, 0, 2, 1 }, { 0, H - 1, 1, 2 }, { 65535, 65535, 65535, 65535 }, { 0, 0, W + 1, 1 },
	};
	uint8_t bytes[4096] = { 0 };
	struct client c;
	(void)state;

	client_init(&c, &pixel_format_native, W, H);
	for (unsigned k = 0; k < N_ENCODINGS; k++)
		for (unsigned i = 0; i < sizeof boxes / sizeof *boxes; i++)
			assert_int_equal(codec_decode(c.d, &c.f, encodings[k], &c.frame, boxes[i][0], boxes[i][1], boxes[i][2], boxes[i][3],
						      bytes, sizeof bytes), CODEC_E_BAD);
	client_fini(&c);
}

/* Twelve bytes that would each paint the whole screen: refused long before they have. */
static void test_repainting_is_limited(void **state)
{
	enum { SUBRECTS = 100 };
	struct wire_buf b = { 0 };
	struct client c;
	(void)state;

	client_init(&c, &pixel_format_native, W, H);
	wire_put_u32be(&b, SUBRECTS);
	wire_put_zero(&b, 4);
	for (unsigned i = 0; i < SUBRECTS; i++) {
		wire_put_zero(&b, 8);
		wire_put_u16be(&b, W);
		wire_put_u16be(&b, H);
	}
	assert_int_equal(codec_decode(c.d, &c.f, CODEC_RRE, &c.frame, 0, 0, W, H, b.data, b.len), CODEC_E_BAD);
	wire_buf_fini(&b);
	client_fini(&c);
}

/* A bomb in each zlib stream: what is inflated stays within the rectangle. */
static void test_too_much_inflated(void **state)
{
	uint32_t *px = picture_new(&pictures[0], W, H);
	static const int32_t zlib[] = { CODEC_ZLIB, CODEC_ZRLE, CODEC_TIGHT };
	(void)state;

	px[Y * W + X] = 1;	/* no fill */
	for (unsigned k = 0; k < 3; k++) {
		struct codec_params p = params(zlib[k]);
		unsigned n_rects;
		struct wire_buf b = encoded(&p, px, &n_rects);
		struct client c;
		client_init(&c, &p.format, W, H);
		/* the same bytes for a smaller rectangle hold more than it */
		long long used = codec_decode(c.d, &c.f, zlib[k], &c.frame, 0, 0, 64, 20, b.data + 12, b.len - 12);
		assert_int_equal(used, CODEC_E_BAD);
		client_fini(&c);
		wire_buf_fini(&b);
	}
	free(px);
}

/* Rectangles without an area are decoded like others. */
static void test_empty(void **state)
{
	struct client c;
	(void)state;

	client_init(&c, &pixel_format_native, W, H);
	assert_int_equal(codec_decode(c.d, &c.f, CODEC_RRE, &c.frame, 0, 0, 0, 0, (const uint8_t *)"\0\0\0\0aaaa", 8), 8);
	assert_int_equal(codec_decode(c.d, &c.f, CODEC_TIGHT, &c.frame, 5, 5, 0, 3, (const uint8_t *)"\x80" "aaa", 4), 4);
	assert_int_equal(codec_decode(c.d, &c.f, CODEC_TIGHT, &c.frame, 5, 5, 0, 3, (const uint8_t *)"\0", 1), 1);
	assert_int_equal(codec_decode(c.d, &c.f, CODEC_COPYRECT, &c.frame, 5, 5, 0, 0, (const uint8_t *)"\0\0\0\0", 4), 4);
	client_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_parts),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_outside_the_frame),
		cmocka_unit_test(test_repainting_is_limited),
		cmocka_unit_test(test_too_much_inflated),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
