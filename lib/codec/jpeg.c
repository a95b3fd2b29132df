/* libjpeg-turbo: images are written through its libjpeg interface, which leaves the choice of the transform and writes to where the bytes
 * belong, and read through TurboJPEG's. */
#include "codec/jpeg.h"

#include "codec/codec.h"

#if RFBKIT_JPEG
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <turbojpeg.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SPACE JCS_EXT_XRGB
enum { XRGB = TJPF_XRGB };
#else
#define SPACE JCS_EXT_BGRX
enum { XRGB = TJPF_BGRX };
#endif

struct jpeg_encoder {
	struct jpeg_compress_struct image;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr to;
	struct wire_buf *out;		/* while one is written */
	int percent;			/* that the tables are made for; 0: none yet */
	jmp_buf failed;
};
struct jpeg_decoder { tjhandle handle; };

bool jpeg_available(void)
{
	return true;
}

/* --- what libjpeg calls ------------------------------------------------------------------------- */

static void on_error(j_common_ptr c)
{
	longjmp(((struct jpeg_encoder *)c->client_data)->failed, 1);
}

static void on_message(j_common_ptr c, int level)
{
	(void)c, (void)level;
}

/* Lends all of the buffer's memory that holds no bytes yet. */
static void lend(struct jpeg_encoder *e)
{
	e->to.next_output_byte = e->out->data + e->out->len;
	e->to.free_in_buffer = e->out->cap - e->out->len;
}

static void on_begin(j_compress_ptr c)
{
	struct jpeg_encoder *e = c->client_data;

	/* a guess; 4 kB of it for the headers */
	if (!wire_buf_room(e->out, 4096 + (size_t)c->image_width * c->image_height / 4))
		on_error((j_common_ptr)c);
	lend(e);
}

static boolean on_full(j_compress_ptr c)
{
	struct jpeg_encoder *e = c->client_data;

	e->out->len = e->out->cap;
	if (!wire_buf_room(e->out, 4096))
		on_error((j_common_ptr)c);
	lend(e);
	return TRUE;
}

static void on_end(j_compress_ptr c)
{
	struct jpeg_encoder *e = c->client_data;

	e->out->len = e->out->cap - e->to.free_in_buffer;
}

/* --- writing -------------------------------------------------------------------------------------- */

void jpeg_encoder_free(struct jpeg_encoder *e)
{
	if (!e)
		return;
	jpeg_destroy_compress(&e->image);
	free(e);
}

void jpeg_decoder_free(struct jpeg_decoder *d)
{
	if (!d)
		return;
	if (d->handle)
		tjDestroy(d->handle);
	free(d);
}

static bool begin(struct jpeg_encoder *e)
{
	e->image.err = jpeg_std_error(&e->errors);
	e->errors.error_exit = on_error;
	e->errors.emit_message = on_message;
	e->image.client_data = e;
	if (setjmp(e->failed))
		return false;
	jpeg_create_compress(&e->image);
	e->to = (struct jpeg_destination_mgr){ .init_destination = on_begin, .empty_output_buffer = on_full, .term_destination = on_end };
	e->image.dest = &e->to;
	e->image.input_components = 4;
	e->image.in_color_space = SPACE;
	return true;
}

static struct jpeg_encoder *encoder_new(void)
{
	struct jpeg_encoder *e = calloc(1, sizeof *e);

	if (e && !begin(e)) {
		jpeg_encoder_free(e);
		return NULL;
	}
	return e;
}

/* The transform in floating point is the slower one, up to where there is so much to code that its 5 % fewer bytes make up
 * for it; it is nearer to the picture by what only such tables leave to be seen. */
static void choose_tables(struct jpeg_encoder *e, int percent)
{
	enum { FLOAT_LEAST = 99 };

	if (percent == e->percent)
		return;
	e->percent = 0;
	jpeg_set_defaults(&e->image);
	jpeg_set_quality(&e->image, percent, TRUE);
	e->image.dct_method = percent >= FLOAT_LEAST ? JDCT_FLOAT : JDCT_ISLOW;
	e->percent = percent;
}

/* Chroma as asked for, or as the quality deserves. */
static void choose_chroma(struct jpeg_encoder *e, int percent, int subsample)
{
	static const struct { J_COLOR_SPACE space; uint8_t h, v; } asked[4] = {
		{ JCS_YCbCr, 1, 1 }, { JCS_YCbCr, 2, 1 }, { JCS_YCbCr, 2, 2 }, { JCS_GRAYSCALE, 1, 1 },
	};
	const int how = subsample >= 0 && subsample < 4 ? subsample : percent > 77 ? 0 : percent > 41 ? 1 : 2;

	jpeg_set_colorspace(&e->image, asked[how].space);
	e->image.comp_info[0].h_samp_factor = asked[how].h;
	e->image.comp_info[0].v_samp_factor = asked[how].v;
}

static void write_rows(struct jpeg_encoder *e, const uint32_t *px, size_t stride, unsigned h)
{
	enum { ROWS = 16 };
	JSAMPROW rows[ROWS];

	for (unsigned y = 0; y < h; y += ROWS) {
		unsigned n = h - y < ROWS ? h - y : ROWS;
		for (unsigned i = 0; i < n; i++)
			rows[i] = (JSAMPROW)(uintptr_t)(px + (y + i) * stride);
		jpeg_write_scanlines(&e->image, rows, n);
	}
}

static void write_image(struct jpeg_encoder *e, const uint32_t *px, size_t stride, unsigned w, unsigned h, int percent, int subsample)
{
	e->image.image_width = w;
	e->image.image_height = h;
	choose_tables(e, percent < 1 ? 1 : percent > 100 ? 100 : percent);
	choose_chroma(e, percent, subsample);
	jpeg_start_compress(&e->image, TRUE);
	write_rows(e, px, stride, h);
	jpeg_finish_compress(&e->image);
}

/* libjpeg leaves by longjmp what it cannot do. */
static bool try_image(struct jpeg_encoder *e, const uint32_t *px, size_t stride, unsigned w, unsigned h, int percent, int subsample)
{
	if (setjmp(e->failed))
		return false;
	write_image(e, px, stride, w, h, percent, subsample);
	return true;
}

bool jpeg_put(struct jpeg_encoder **e, struct wire_buf *out, const uint32_t *px, size_t stride, unsigned w, unsigned h,
	      int percent, int subsample)
{
	const size_t len = out->len;

	if (!*e)
		*e = encoder_new();
	if (!*e || out->bad) {
		out->bad = true;
		return false;
	}
	(*e)->out = out;
	if (try_image(*e, px, stride, w, h, percent, subsample))
		return true;
	jpeg_abort_compress(&(*e)->image);
	out->len = len;
	out->bad = true;
	return false;
}

/* --- reading -------------------------------------------------------------------------------------- */

int jpeg_get(struct jpeg_decoder **d, uint32_t *px, size_t stride, unsigned w, unsigned h, const uint8_t *bytes, size_t n)
{
	int width, height, chroma, space;

	if (!*d && !(*d = calloc(1, sizeof **d)))
		return CODEC_E_SYSTEM;
	if (!(*d)->handle && !((*d)->handle = tjInitDecompress()))
		return CODEC_E_SYSTEM;
	if (tjDecompressHeader3((*d)->handle, bytes, (unsigned long)n, &width, &height, &chroma, &space) != 0 ||
	    width != (int)w || height != (int)h)
		return CODEC_E_BAD;
	/* a damaged image is shown as far as it goes; one of very many passes is refused */
	if (tjDecompress2((*d)->handle, bytes, (unsigned long)n, (unsigned char *)px, width, (int)(stride * sizeof *px), height, XRGB,
			  TJFLAG_LIMITSCANS) != 0 && tjGetErrorCode((*d)->handle) != TJERR_WARNING)
		return CODEC_E_BAD;
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++)
			px[y * stride + x] &= 0xffffffu;
	return 0;
}

#else

bool jpeg_available(void)
{
	return false;
}

void jpeg_encoder_free(struct jpeg_encoder *e)
{
	(void)e;
}

void jpeg_decoder_free(struct jpeg_decoder *d)
{
	(void)d;
}

bool jpeg_put(struct jpeg_encoder **e, struct wire_buf *out, const uint32_t *px, size_t stride, unsigned w, unsigned h,
	      int percent, int subsample)
{
	(void)e, (void)px, (void)stride, (void)w, (void)h, (void)percent, (void)subsample;
	out->bad = true;
	return false;
}

int jpeg_get(struct jpeg_decoder **d, uint32_t *px, size_t stride, unsigned w, unsigned h, const uint8_t *bytes, size_t n)
{
	(void)d, (void)px, (void)stride, (void)w, (void)h, (void)bytes, (void)n;
	return CODEC_E_UNKNOWN;
}
#endif
