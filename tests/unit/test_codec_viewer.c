/* The encoders against decoders that nobody here wrote: a scripted server sends every encoding to libvncclient, whose picture
 * must be the right one. Where an encoding is lossy, it must be the picture that our own decoder gets. */
#include "codec_pictures.h"

#include <rfb/rfbclient.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* libvncclient 0.9.14 never frees its JPEG decompressor: what it allocates while it decodes is not ours to answer for. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
static void __lsan_disable(void) {}
static void __lsan_enable(void) {}
#endif

enum { W = 333, H = 270, COPIED = 40 };

/* --- the server's side: everything that it will say, known beforehand ------------------------------ */

static void put_greeting(struct wire_buf *b)
{
	wire_put(b, "RFB 003.008\n", 12);
	wire_put_u8(b, 1);
	wire_put_u8(b, 1);		/* None */
	wire_put_u32be(b, 0);
	wire_put_u16be(b, W);
	wire_put_u16be(b, H);
	wire_put(b, "\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0", 16);
	wire_put_u32be(b, 4);
	wire_put(b, "test", 4);
}

static void put_update(struct wire_buf *b, unsigned n_rects)
{
	wire_put_u8(b, 0);
	wire_put_u8(b, 0);
	wire_put_u16be(b, (uint16_t)n_rects);
}

/* A process that says it all, then listens until the client goes away. */
static pid_t serve(int fd, int theirs, const struct wire_buf *b)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	close(theirs);
	uint8_t drain[4096];
	size_t at = 0;
	while (at < b->len) {
		ssize_t n = write(fd, b->data + at, b->len - at);
		if (n <= 0)
			_exit(1);
		at += (size_t)n;
	}
	while (read(fd, drain, sizeof drain) > 0)
		;
	_exit(0);
}

/* --- the client ------------------------------------------------------------------------------------ */

static rfbClient *connect_viewer(int fd, const struct pixel_format *f, int quality)
{
	rfbClient *c = rfbGetClient(f->bpp == 8 ? 2 : f->bpp == 16 ? 5 : 8, 3, f->bpp / 8);

	assert_non_null(c);
	c->sock = fd;
	c->canHandleNewFBSize = FALSE;
	c->format.depth = f->depth;
	c->format.redMax = f->red_max;
	c->format.greenMax = f->green_max;
	c->format.blueMax = f->blue_max;
	c->format.redShift = f->red_shift;
	c->format.greenShift = f->green_shift;
	c->format.blueShift = f->blue_shift;
	c->appData.qualityLevel = quality;
	c->appData.enableJPEG = TRUE;
	assert_true(InitialiseRFBConnection(c));
	c->width = c->si.framebufferWidth;
	c->height = c->si.framebufferHeight;
	assert_true(c->MallocFrameBuffer(c));
	assert_true(SetFormatAndEncodings(c));
	return c;
}

static void quiet(const char *format, ...)
{
	(void)format;
}

/* --- one encoding in one format ---------------------------------------------------------------------- */

/* The viewer's pixels as values. */
static uint32_t viewer_pixel(const rfbClient *c, const struct pixel_format *f, size_t i)
{
	uint32_t v = 0;

	for (unsigned k = 0; k < f->bpp / 8u; k++)
		v |= (uint32_t)c->frameBuffer[i * f->bpp / 8 + k] << 8 * k;
	return f->bpp == 32 && f->depth <= 24 ? v & 0xffffff : v;
}

/* Two updates of units, the second of what has been sent already; then a CopyRect. */
static void say_everything(struct wire_buf *script, const struct codec_params *p, const uint32_t *px, struct client *ours)
{
	enum { CELL = 128 };
	const struct codec_source src = { px, W };
	struct codec_encoder *e = codec_encoder_new();
	struct codec_streams streams = { 0 };

	for (unsigned round = 0; round < 2; round++)
		for (unsigned y = 0; y < H; y += CELL)
			for (unsigned x = 0; x < W; x += CELL) {
				struct codec_unit u = { 0 };
				assert_int_equal(codec_encode(e, &u, p, &src, (uint16_t)x, (uint16_t)y, (uint16_t)(W - x < CELL ? W - x : CELL),
							      (uint16_t)(H - y < CELL ? H - y : CELL)), 0);
				put_update(script, u.n_rects);
				assert_true(codec_unit_put(&u, &streams, script));
				client_take(ours, &u);
				wire_buf_fini(&u.out);
			}
	put_update(script, 1);
	const uint16_t copy[] = { 5, 7, COPIED, COPIED, 0, CODEC_COPYRECT, 20, 30 };
	for (unsigned i = 0; i < 8; i++)
		wire_put_u16be(script, copy[i]);
	const uint8_t from[] = { 0, 20, 0, 30 };
	assert_int_equal(codec_decode(ours->d, &ours->f, CODEC_COPYRECT, &ours->frame, 5, 7, COPIED, COPIED, from, 4), 4);
	codec_encoder_free(e);
}

static void check(const char *name, const struct codec_params *p, const uint32_t *px, int quality)
{
	struct wire_buf script = { 0 };
	struct client ours;
	int fd[2], status;

	client_init(&ours, &p->format, W, H);
	codec_decoder_quality(ours.d, quality);
	put_greeting(&script);
	say_everything(&script, p, px, &ours);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	pid_t pid = serve(fd[1], fd[0], &script);
	close(fd[1]);
	rfbClient *c = connect_viewer(fd[0], &p->format, quality < 0 ? 5 : quality);
	__lsan_disable();
	for (unsigned i = 0; i < 2 * 9 + 1; i++)
		assert_true(HandleRFBServerMessage(c));
	__lsan_enable();
	for (size_t i = 0; i < (size_t)W * H; i++) {
		uint32_t want = pixel_quantise(&p->format, ours.frame.px[i]);
		if (viewer_pixel(c, &p->format, i) != want)
			fail_msg("%s of %s at %u bpp: pixel %zu,%zu is %x, not %x", codec_name(p->encoding), name, p->format.bpp, i % W, i / W,
				 viewer_pixel(c, &p->format, i), want);
	}
	free(c->frameBuffer);
	rfbClientCleanup(c);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	wire_buf_fini(&script);
	client_fini(&ours);
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

/* libvncclient works in the host's byte order only. */
static const unsigned native_formats[] = { 0, 2, 10, 12, 14 };
enum { N_NATIVE = sizeof native_formats / sizeof *native_formats };

static void test_exact(void **state)
{
	static const int32_t encodings[] = {
		CODEC_RAW, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_TIGHT, CODEC_TRLE, CODEC_ZRLE,
	};
	(void)state;

	for (unsigned i = 0; i < N_PICTURES; i++) {
		uint32_t *px = picture_new(&pictures[i], W, H);
		for (unsigned f = 0; f < N_NATIVE; f++)
			for (unsigned k = 0; k < sizeof encodings / sizeof *encodings; k++) {
				struct codec_params p = params(encodings[k], &formats[native_formats[f]].f);
				check(pictures[i].name, &p, px, -1);
			}
		free(px);
	}
}

static void test_tight_variants(void **state)
{
	uint32_t *px = picture_new(&pictures[N_PICTURES - 1], W, H);
	(void)state;

	for (unsigned f = 0; f < N_NATIVE; f++)
		for (int level = 0; level <= 9; level += 3)
			for (int plain = 0; plain < 2; plain++) {
				struct codec_params p = params(CODEC_TIGHT, &formats[native_formats[f]].f);
				p.compress = (int8_t)level;
				p.tight_nozlib = plain;
				check("desktop", &p, px, -1);
			}
	free(px);
}

static void test_lossy(void **state)
{
	static const int32_t encodings[] = { CODEC_TIGHT, CODEC_ZYWRLE };
	(void)state;

	for (unsigned i = 0; i < N_PICTURES; i++) {
		uint32_t *px = picture_new(&pictures[i], W, H);
		for (unsigned f = 0; f < N_NATIVE; f++)
			for (unsigned k = 0; k < 2; k++)
				for (int quality = 1; quality <= 9; quality += 4) {
					struct codec_params p = params(encodings[k], &formats[native_formats[f]].f);
					codec_quality(quality, &p.quality, &p.subsample);
					/* libvncclient paints JPEG colours its own way below 24 bits, and takes every
					   format of 16 bits for 565 in ZYWRLE */
					if (p.format.bpp == 16 && (encodings[k] == CODEC_TIGHT || p.format.depth == 15))
						continue;
					check(pictures[i].name, &p, px, quality);
				}
		free(px);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_tight_variants),
		cmocka_unit_test(test_lossy),
	};

	alarm(300);	/* a viewer that waits for more must not wait forever */
	rfbClientLog = quiet;
	rfbClientErr = quiet;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
