/* Open H.264: what openh264 makes of pictures, taken from the wire and decoded by libavcodec. */
#include "codec_pictures.h"

#include <errno.h>
#include <libavcodec/avcodec.h>

#include "codec/h264.h"

enum { MOST_W = 645, MOST_H = 361 };

/* --- a viewer's decoder ---------------------------------------------------------------------- */

struct viewer {
	AVCodecContext *c;
	AVPacket *packet;
	AVFrame *frame;
};

static void viewer_init(struct viewer *v)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);

	assert_non_null(codec);
	v->c = avcodec_alloc_context3(codec);
	v->packet = av_packet_alloc();
	v->frame = av_frame_alloc();
	assert_true(v->c && v->packet && v->frame);
	v->c->thread_count = 1;
	v->c->flags |= AV_CODEC_FLAG_LOW_DELAY;
	assert_int_equal(avcodec_open2(v->c, codec, NULL), 0);
}

static void viewer_fini(struct viewer *v)
{
	avcodec_free_context(&v->c);
	av_packet_free(&v->packet);
	av_frame_free(&v->frame);
}

struct h264_rect { unsigned x, y, w, h, flags; const uint8_t *data; size_t n; };

static struct h264_rect parse(const struct codec_unit *u)
{
	struct wire_in in = wire_in(u->out.data, u->out.len);
	struct h264_rect r = { wire_u16be(&in), wire_u16be(&in), wire_u16be(&in), wire_u16be(&in) };

	assert_int_equal(u->n_rects, 1);
	assert_int_equal(wire_s32be(&in), CODEC_H264);
	r.n = wire_u32be(&in);
	r.flags = wire_u32be(&in);
	r.data = wire_get(&in, r.n);
	assert_false(in.bad);
	assert_int_equal(wire_left(&in), 0);
	return r;
}

/* One packet in, one frame out, at once. False when there is none. */
static bool viewer_decode(struct viewer *v, const struct h264_rect *r)
{
	assert_int_equal(av_new_packet(v->packet, (int)r->n), 0);
	memcpy(v->packet->data, r->data, r->n);
	bool good = avcodec_send_packet(v->c, v->packet) == 0 && avcodec_receive_frame(v->c, v->frame) == 0;
	av_packet_unref(v->packet);
	return good;
}

/* --- comparing ---------------------------------------------------------------------------------- */

static double luma_psnr(const AVFrame *f, const uint32_t *px, size_t stride, unsigned w, unsigned h)
{
	double sum = 0;

	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++) {
			uint32_t p = px[y * stride + x];
			double want = 16 + (65.738 * (p >> 16 & 255) + 129.057 * (p >> 8 & 255) + 25.064 * (p & 255)) / 256;
			double d = want - f->data[0][y * (unsigned)f->linesize[0] + x];
			sum += d * d;
		}
	return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * w * h / sum);
}

/* The mean of one chroma plane of the region, to see that colours have not changed places. */
static double chroma_error(const AVFrame *f, int plane, const uint32_t *px, size_t stride, unsigned w, unsigned h)
{
	const double k[3][3] = { { 0 }, { -37.945, -74.494, 112.439 }, { 112.439, -94.154, -18.285 } };
	double sum = 0;

	for (unsigned y = 0; y + 1 < h; y += 2)
		for (unsigned x = 0; x + 1 < w; x += 2) {
			double want = 128;
			for (unsigned i = 0; i < 4; i++) {
				uint32_t p = px[(y + i / 2) * stride + x + i % 2];
				want += (k[plane][0] * (p >> 16 & 255) + k[plane][1] * (p >> 8 & 255) + k[plane][2] * (p & 255)) / 1024;
			}
			sum += fabs(want - f->data[plane][y / 2 * (unsigned)f->linesize[plane] + x / 2]);
		}
	return sum / ((w / 2) * (h / 2));
}

/* A screen on which a picture moves. */
static uint32_t *scene(unsigned t)
{
	uint32_t *px = malloc(MOST_W * MOST_H * sizeof *px);

	assert_non_null(px);
	for (unsigned y = 0; y < MOST_H; y++)
		for (unsigned x = 0; x < MOST_W; x++)
			px[y * MOST_W + x] = y < 100 ? picture_text(x, y) : picture_gradient(x / 2 + 3 * t, y / 2 + t);
	return px;
}

static void test_frames_decode(void **state)
{
	static const unsigned sizes[][2] = { { 640, 360 }, { 16, 16 }, { 101, 77 }, { 333, 20 }, { 641, 361 } };
	(void)state;

	if (!codec_h264_available())
		skip();
	for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		unsigned w = sizes[s][0], h = sizes[s][1];
		struct codec_h264 *e = codec_h264_new((uint16_t)w, (uint16_t)h, 92, 8000, 30);
		struct viewer v;
		assert_non_null(e);
		viewer_init(&v);
		for (unsigned t = 0; t < 12; t++) {
			uint32_t *px = scene(t);
			const struct codec_source src = { px, MOST_W };
			struct codec_unit u = { 0 };
			bool was_key;
			assert_int_equal(codec_h264_encode(e, &u, &src, 4, 0, t == 7, &was_key), 0);
			struct h264_rect r = parse(&u);
			assert_true(r.x == 4 && r.y == 0 && r.w == w && r.h == h);
			assert_int_equal(r.flags, t == 0 || t == 7 ? CODEC_H264_RESET_CONTEXT : 0);
			assert_true(was_key || !(t == 0 || t == 7));
			assert_true(u.lossy);
			assert_true(viewer_decode(&v, &r));
			/* larger than the rectangle is allowed, smaller is not */
			assert_true(v.frame->width >= (int)w && v.frame->height >= (int)h && v.frame->width <= (int)w + 1);
			double db = luma_psnr(v.frame, px + 4, MOST_W, w, h);
			if (db < 28)
				fail_msg("%ux%u, frame %u: %.1f dB", w, h, t, db);
			assert_true(chroma_error(v.frame, 1, px + 4, MOST_W, w, h) < 6);
			assert_true(chroma_error(v.frame, 2, px + 4, MOST_W, w, h) < 6);
			wire_buf_fini(&u.out);
			free(px);
		}
		viewer_fini(&v);
		codec_h264_free(e);
	}
}

/* "The server should encode colour space into the H.264 bit stream." */
static void test_stream_describes_itself(void **state)
{
	struct codec_h264 *e = codec_h264_new(320, 200, 92, 4000, 30);
	uint32_t *px = scene(0);
	const struct codec_source src = { px, MOST_W };
	struct codec_unit u = { 0 };
	struct viewer v;
	(void)state;

	if (!codec_h264_available())
		skip();
	viewer_init(&v);
	assert_int_equal(codec_h264_encode(e, &u, &src, 0, 0, true, NULL), 0);
	struct h264_rect r = parse(&u);
	assert_true(viewer_decode(&v, &r));
	assert_int_equal(v.frame->color_range, AVCOL_RANGE_MPEG);
	assert_int_equal(v.frame->color_primaries, AVCOL_PRI_BT709);
	assert_int_equal(v.frame->color_trc, AVCOL_TRC_IEC61966_2_1);
	assert_int_equal(v.frame->colorspace, AVCOL_SPC_SMPTE170M);
	assert_int_equal(v.c->profile & 0xff, FF_PROFILE_H264_BASELINE);
	assert_int_equal(v.c->has_b_frames, 0);
	viewer_fini(&v);
	wire_buf_fini(&u.out);
	free(px);
	codec_h264_free(e);
}

/* A viewer that comes later can begin at a key frame, and only there. */
static void test_joining(void **state)
{
	struct codec_h264 *e = codec_h264_new(320, 200, 92, 4000, 30);
	struct viewer late;
	(void)state;

	if (!codec_h264_available())
		skip();
	viewer_init(&late);
	av_log_set_level(AV_LOG_QUIET);
	for (unsigned t = 0; t < 10; t++) {
		uint32_t *px = scene(t);
		const struct codec_source src = { px, MOST_W };
		struct codec_unit u = { 0 };
		assert_int_equal(codec_h264_encode(e, &u, &src, 0, 0, t == 5, NULL), 0);
		struct h264_rect r = parse(&u);
		if (t == 3)
			assert_false(viewer_decode(&late, &r));
		if (t >= 5) {
			assert_true(viewer_decode(&late, &r));
			assert_true(luma_psnr(late.frame, px, MOST_W, 320, 200) > 28);
		}
		wire_buf_fini(&u.out);
		free(px);
	}
	viewer_fini(&late);
	codec_h264_free(e);
}

/* Less is sent when less may be sent, and much less of what stands still. */
static void test_rate(void **state)
{
	struct codec_h264 *e = codec_h264_new(640, 360, 92, 60000, 30);
	size_t bytes[3] = { 0 };
	(void)state;

	if (!codec_h264_available())
		skip();
	uint32_t *noise = picture_new(&pictures[5], MOST_W, MOST_H);
	for (unsigned t = 0; t < 90; t++) {
		const struct codec_source src = { t < 60 ? noise + t % 5 : noise, MOST_W };
		struct codec_unit u = { 0 };
		if (t == 30)
			codec_h264_rate(e, 3000);
		assert_int_equal(codec_h264_encode(e, &u, &src, 0, 0, false, NULL), 0);
		/* each rate has ten frames to settle */
		if (t % 30 >= 10)
			bytes[t / 30] += u.out.len;
		wire_buf_fini(&u.out);
	}
	assert_true(bytes[1] * 5 < bytes[0] * 4);
	assert_true(bytes[2] * 4 < bytes[0]);
	free(noise);
	codec_h264_free(e);
}

/* A better quality costs more and shows more, though the rate would allow any. */
static void test_quality(void **state)
{
	static const int percent[] = { 15, 62, 92 };
	double psnr[3];
	size_t bytes[3] = { 0 };
	(void)state;

	if (!codec_h264_available())
		skip();
	for (unsigned q = 0; q < 3; q++) {
		struct codec_h264 *e = codec_h264_new(640, 360, percent[q], 60000, 30);
		struct viewer v;
		viewer_init(&v);
		for (unsigned t = 0; t < 12; t++) {
			uint32_t *px = scene(t);
			const struct codec_source src = { px, MOST_W };
			struct codec_unit u = { 0 };
			assert_int_equal(codec_h264_encode(e, &u, &src, 0, 0, false, NULL), 0);
			struct h264_rect r = parse(&u);
			assert_true(viewer_decode(&v, &r));
			bytes[q] += u.out.len;
			psnr[q] = luma_psnr(v.frame, px, MOST_W, 640, 360);
			wire_buf_fini(&u.out);
			free(px);
		}
		viewer_fini(&v);
		codec_h264_free(e);
	}
	assert_true(bytes[0] * 3 < bytes[1] * 2 && bytes[1] * 8 < bytes[2] * 7);
	assert_true(psnr[0] + 3 < psnr[1] && psnr[1] + 3 < psnr[2] && psnr[2] > 40);
}

static void test_refusals(void **state)
{
	static const int bad[][5] = { { 15, 100, 92, 1000, 30 }, { 100, 15, 92, 1000, 30 }, { 5000, 100, 92, 1000, 30 }, { 100, 100, 92, 0, 30 },
				      { 100, 100, 92, 1000, 0 }, { 100, 100, 92, CODEC_H264_KBIT_MAX + 1, 30 }, { 100, 100, 0, 1000, 30 }, { 100, 100, -1, 1000, 30 }, { 100, 100, 101, 1000, 30 } };
	(void)state;

	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		const int *b = bad[i];
		errno = 0;
		assert_null(codec_h264_new((uint16_t)b[0], (uint16_t)b[1], b[2], (unsigned)b[3], (unsigned)b[4]));
		assert_int_equal(errno, codec_h264_available() ? EINVAL : ENOTSUP);
	}
	codec_h264_free(NULL);
}

static void test_reset_rectangle(void **state)
{
	struct codec_unit u = { 0 };
	(void)state;

	codec_h264_put_reset(&u, 1, 2, 3, 4, CODEC_H264_RESET_ALL);
	struct h264_rect r = parse(&u);
	assert_true(r.x == 1 && r.y == 2 && r.w == 3 && r.h == 4 && r.n == 0 && r.flags == 2);
	wire_buf_fini(&u.out);
}

/* Every pixel of the planes, for widths around the blocks' size. */
static void test_conversion(void **state)
{
	uint32_t *px = picture_new(&pictures[5], 80, 9);
	(void)state;

	for (unsigned w = 1; w <= 80; w++) {
		for (unsigned h = 1; h <= 9; h++) {
			enum { STRIDE = 80, GUARD = 0xa5 };
			uint8_t y[STRIDE * 10], u[STRIDE / 2 * 5], v[STRIDE / 2 * 5];
			memset(y, GUARD, sizeof y);
			codec_i420(y, u, v, STRIDE, px, 80, w, h);
			for (unsigned b = 0; b < (h + 1) / 2 * 2; b++)
				for (unsigned a = 0; a < (w + 1) / 2 * 2; a++) {
					uint32_t p = px[(b < h ? b : h - 1) * 80 + (a < w ? a : w - 1)];
					double want = 16 + (65.738 * (p >> 16 & 255) + 129.057 * (p >> 8 & 255) + 25.064 * (p & 255)) / 256;
					assert_true(fabs(want - y[b * STRIDE + a]) < 1.5);
				}
			for (unsigned a = (w + 1) / 2 * 2; a < STRIDE; a++)
				assert_int_equal(y[a], GUARD);
		}
	}
	free(px);
}

/* What is worth being video, by its looks. */
static void test_pictures_are_told(void **state)
{
	static const struct { const char *name; bool picture; } expected[] = {
		{ "solid", false }, { "text", false }, { "smoothed text", false }, { "gradient", true }, { "photo", true }, { "desktop", false },
	};
	(void)state;

	for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++)
		for (unsigned p = 0; p < N_PICTURES; p++) {
			if (strcmp(pictures[p].name, expected[i].name))
				continue;
			uint32_t *px = picture_new(&pictures[p], 701, 333);
			const struct codec_source src = { px, 701 };
			assert_int_equal(codec_is_picture(&src, 0, 0, 701, 333), expected[i].picture);
			assert_int_equal(codec_is_picture(&src, 301, 7, 400, 300), expected[i].picture);
			free(px);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_decode),
		cmocka_unit_test(test_stream_describes_itself),
		cmocka_unit_test(test_joining),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_reset_rectangle),
		cmocka_unit_test(test_conversion),
		cmocka_unit_test(test_pictures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
