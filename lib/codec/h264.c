/* Open H.264 by openh264: constrained baseline, one slice and one thread per context, so that a frame goes in and comes out. */
#include "codec/h264.h"

#include <errno.h>
#include <stdlib.h>

#if RFBKIT_H264
#include <wels/codec_api.h>
#endif

static void put_header(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, uint32_t length, uint32_t flags)
{
	wire_put_u16be(out, x);
	wire_put_u16be(out, y);
	wire_put_u16be(out, w);
	wire_put_u16be(out, h);
	wire_put_u32be(out, CODEC_H264);
	wire_put_u32be(out, length);
	wire_put_u32be(out, flags);
}

void codec_h264_put_reset(struct codec_unit *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, unsigned flags)
{
	put_header(&out->out, x, y, w, h, 0, flags);
	out->n_rects++;
}

#if RFBKIT_H264

struct codec_h264 {
	ISVCEncoder *encoder;
	uint16_t w, h;
	unsigned width, height;		/* as encoded: even */
	uint8_t *planes;
	bool begun;
	long long milliseconds;		/* the next frame's time */
	unsigned frame_milliseconds;
};

bool codec_h264_available(void)
{
	return true;
}

/* What the stream says of its colours (ITU-T H.273): sRGB primaries and transfer, BT.601 matrix, studio range. */
static void describe_colours(SSpatialLayerConfig *l)
{
	l->bVideoSignalTypePresent = true;
	l->uiVideoFormat = VF_UNDEF;
	l->bFullRange = false;
	l->bColorDescriptionPresent = true;
	l->uiColorPrimaries = CP_BT709;
	l->uiTransferCharacteristics = TRC_IEC61966_2_1;
	l->uiColorMatrix = CM_SMPTE170M;
}

/* The finest quantiser of each quality level, 0 to 9: about as good as JPEG there. */
static const int quantisers[10] = { 40, 37, 34, 32, 30, 28, 26, 25, 24, 20 };

static void set_params(SEncParamExt *p, unsigned width, unsigned height, int quality, unsigned kbit, unsigned fps)
{
	SSpatialLayerConfig *l = &p->sSpatialLayers[0];

	p->iUsageType = SCREEN_CONTENT_REAL_TIME;
	p->iPicWidth = (int)width;
	p->iPicHeight = (int)height;
	p->iTargetBitrate = (int)kbit * 1000;
	p->iMaxBitrate = UNSPECIFIED_BIT_RATE;
	p->iRCMode = RC_BITRATE_MODE;
	p->fMaxFrameRate = (float)fps;
	p->iTemporalLayerNum = p->iSpatialLayerNum = 1;
	p->uiIntraPeriod = 0;		/* key frames are asked for */
	p->eSpsPpsIdStrategy = CONSTANT_ID;
	p->bEnableFrameSkip = false;
	p->bEnableLongTermReference = false;
	p->iMultipleThreadIdc = 1;
	p->iEntropyCodingModeFlag = 0;
	p->iNumRefFrame = 1;
	p->iMinQp = quantisers[codec_quality_level(quality)];
	p->iMaxQp = 51;
	l->iVideoWidth = (int)width;
	l->iVideoHeight = (int)height;
	l->fFrameRate = (float)fps;
	l->iSpatialBitrate = p->iTargetBitrate;
	l->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
	l->uiProfileIdc = PRO_BASELINE;
	l->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
	describe_colours(l);
}

static bool set_up(struct codec_h264 *e, int quality, unsigned kbit, unsigned fps)
{
	int quiet = WELS_LOG_QUIET;
	SEncParamExt p;

	if (WelsCreateSVCEncoder(&e->encoder) != 0 || !e->encoder)
		return false;
	(*e->encoder)->SetOption(e->encoder, ENCODER_OPTION_TRACE_LEVEL, &quiet);
	if ((*e->encoder)->GetDefaultParams(e->encoder, &p) != cmResultSuccess)
		return false;
	set_params(&p, e->width, e->height, quality, kbit, fps);
	return (*e->encoder)->InitializeExt(e->encoder, &p) == cmResultSuccess;
}

struct codec_h264 *codec_h264_new(uint16_t w, uint16_t h, int quality, unsigned kbit_per_second, unsigned frames_per_second)
{
	if (w < CODEC_H264_SIDE_MIN || h < CODEC_H264_SIDE_MIN || w > CODEC_H264_SIDE_MAX || h > CODEC_H264_SIDE_MAX ||
	    quality < 1 || quality > 100 || kbit_per_second == 0 || kbit_per_second > CODEC_H264_KBIT_MAX || frames_per_second == 0 || frames_per_second > 1000) {
		errno = EINVAL;
		return NULL;
	}
	struct codec_h264 *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	e->w = w;
	e->h = h;
	e->width = (w + 1u) / 2 * 2;
	e->height = (h + 1u) / 2 * 2;
	e->frame_milliseconds = 1000 / frames_per_second ? 1000 / frames_per_second : 1;
	e->planes = malloc((size_t)e->width * e->height * 3 / 2);
	int error = e->planes ? ENOTSUP : ENOMEM;
	if (e->planes && set_up(e, quality, kbit_per_second, frames_per_second))
		return e;
	codec_h264_free(e);
	errno = error;
	return NULL;
}

void codec_h264_free(struct codec_h264 *e)
{
	if (!e)
		return;
	if (e->encoder) {
		(*e->encoder)->Uninitialize(e->encoder);
		WelsDestroySVCEncoder(e->encoder);
	}
	free(e->planes);
	free(e);
}

void codec_h264_rate(struct codec_h264 *e, unsigned kbit_per_second)
{
	SBitrateInfo rate = { .iLayer = SPATIAL_LAYER_ALL, .iBitrate = (int)kbit_per_second * 1000 };

	if (kbit_per_second > 0 && kbit_per_second <= CODEC_H264_KBIT_MAX)
		(*e->encoder)->SetOption(e->encoder, ENCODER_OPTION_BITRATE, &rate);
}

static bool encode_picture(struct codec_h264 *e, const uint32_t *px, size_t stride, SFrameBSInfo *info)
{
	const size_t area = (size_t)e->width * e->height;
	uint8_t *y = e->planes, *u = y + area, *v = u + area / 4;
	SSourcePicture picture = {
		.iColorFormat = videoFormatI420, .iPicWidth = (int)e->width, .iPicHeight = (int)e->height,
		.iStride = { (int)e->width, (int)e->width / 2, (int)e->width / 2 }, .pData = { y, u, v },
		.uiTimeStamp = e->milliseconds,
	};

	codec_i420(y, u, v, e->width, px, stride, e->w, e->h);
	e->milliseconds += e->frame_milliseconds;
	memset(info, 0, sizeof *info);
	return (*e->encoder)->EncodeFrame(e->encoder, &picture, info) == cmResultSuccess;
}

static void put_layers(struct wire_buf *out, const SFrameBSInfo *info)
{
	for (int i = 0; i < info->iLayerNum; i++) {
		const SLayerBSInfo *l = &info->sLayerInfo[i];
		size_t n = 0;
		for (int k = 0; k < l->iNalCount; k++)
			n += (size_t)l->pNalLengthInByte[k];
		wire_put(out, l->pBsBuf, n);
	}
}

int codec_h264_encode(struct codec_h264 *e, struct codec_unit *out, const struct codec_source *src, uint16_t x, uint16_t y,
		      bool key, bool *was_key)
{
	const size_t at = out->out.len;
	SFrameBSInfo info;

	key = key || !e->begun;
	if (key)
		(*e->encoder)->ForceIntraFrame(e->encoder, true);
	if (!encode_picture(e, src->px + y * src->stride + x, src->stride, &info)) {
		errno = EIO;
		return -1;
	}
	e->begun = true;
	if (was_key)
		*was_key = info.eFrameType == videoFrameTypeIDR;
	put_header(&out->out, x, y, e->w, e->h, 0, key ? CODEC_H264_RESET_CONTEXT : 0);
	put_layers(&out->out, &info);
	wire_set_u32be(&out->out, at + 12, (uint32_t)(out->out.len - at - 20));
	if (out->out.bad) {
		out->out.len = at;
		errno = ENOMEM;
		return -1;
	}
	out->n_rects++;
	out->lossy = true;
	return 0;
}

#else

bool codec_h264_available(void)
{
	return false;
}

struct codec_h264 *codec_h264_new(uint16_t w, uint16_t h, int quality, unsigned kbit_per_second, unsigned frames_per_second)
{
	(void)w, (void)h, (void)quality, (void)kbit_per_second, (void)frames_per_second;
	errno = ENOTSUP;
	return NULL;
}

void codec_h264_free(struct codec_h264 *e)
{
	(void)e;
}

void codec_h264_rate(struct codec_h264 *e, unsigned kbit_per_second)
{
	(void)e, (void)kbit_per_second;
}

int codec_h264_encode(struct codec_h264 *e, struct codec_unit *out, const struct codec_source *src, uint16_t x, uint16_t y,
		      bool key, bool *was_key)
{
	(void)e, (void)out, (void)src, (void)x, (void)y, (void)key, (void)was_key;
	errno = ENOTSUP;
	return -1;
}
#endif
