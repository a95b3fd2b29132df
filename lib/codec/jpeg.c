/* libjpeg-turbo through its TurboJPEG interface. */
#include "codec/jpeg.h"

#include "codec/codec.h"

#if RFBKIT_JPEG
#include <stdlib.h>
#include <turbojpeg.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
enum { XRGB = TJPF_XRGB };
#else
enum { XRGB = TJPF_BGRX };
#endif

struct jpeg_encoder { tjhandle handle; uint8_t *room; unsigned long size; };
struct jpeg_decoder { tjhandle handle; };

bool jpeg_available(void)
{
	return true;
}

void jpeg_encoder_free(struct jpeg_encoder *e)
{
	if (!e)
		return;
	if (e->handle)
		tjDestroy(e->handle);
	free(e->room);
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

/* Chroma as asked for, or as the quality deserves. */
static int subsampling(int percent, int subsample)
{
	static const int asked[4] = { TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY };

	if (subsample >= 0 && subsample < 4)
		return asked[subsample];
	return percent > 77 ? TJSAMP_444 : percent > 41 ? TJSAMP_422 : TJSAMP_420;
}

/* An encoder with room for the largest image of this size. */
static bool prepare(struct jpeg_encoder **e, unsigned w, unsigned h, int chroma)
{
	unsigned long size = tjBufSize((int)w, (int)h, chroma);

	if (!*e && !(*e = calloc(1, sizeof **e)))
		return false;
	if (!(*e)->handle && !((*e)->handle = tjInitCompress()))
		return false;
	if (size > (*e)->size) {
		free((*e)->room);
		(*e)->room = malloc(size);
		(*e)->size = (*e)->room ? size : 0;
	}
	return (*e)->room;
}

bool jpeg_put(struct jpeg_encoder **e, struct wire_buf *out, const uint32_t *px, size_t stride, unsigned w, unsigned h,
	      int percent, int subsample)
{
	int chroma = subsampling(percent, subsample);
	unsigned long n;

	if (!prepare(e, w, h, chroma)) {
		out->bad = true;
		return false;
	}
	n = (*e)->size;
	if (tjCompress2((*e)->handle, (const unsigned char *)px, (int)w, (int)(stride * sizeof *px), (int)h, XRGB, &(*e)->room, &n,
			chroma, percent < 1 ? 1 : percent > 100 ? 100 : percent, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) != 0) {
		out->bad = true;
		return false;
	}
	wire_put(out, (*e)->room, n);
	return !out->bad;
}

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
