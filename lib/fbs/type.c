/* The table of record types. A new type is one line here and its functions beside the others. */
#include "fbs/type.h"

#define INFO(id, x, fixed_, variable) \
	[id] = { #id, fixed_, (fixed_) + (variable), fbs_get_##x, fbs_put_##x, NULL, fbs_check_##x }
#define INFO_TAIL(id, x, fixed_, variable) \
	[id] = { #id, fixed_, (fixed_) + (variable), fbs_get_##x, fbs_put_##x, fbs_tail_##x, fbs_check_##x }

enum { OUTPUTS = FBS_OUTPUTS_MAX * FBS_OUTPUT_SIZE };

static const struct fbs_type_info types[] = {
	INFO_TAIL(FBS_SCREEN, screen, 48, OUTPUTS + FBS_TEXT_MAX),
	INFO_TAIL(FBS_PIXELS, pixels, 16, FBS_DATA_MAX),
	INFO(FBS_COPY, copy, 16, 0),
	INFO(FBS_SHARED, shared, 40, 0),
	INFO(FBS_DAMAGE, damage, 24, 0),
	INFO_TAIL(FBS_CURSOR, cursor, 8, FBS_DATA_MAX),
	INFO(FBS_POINTER, pointer, 16, 0),
	INFO_TAIL(FBS_NAME, name, 0, FBS_TEXT_MAX),
	INFO(FBS_LEDS, leds, 8, 0),
	[FBS_BELL] = { .name = "FBS_BELL" },
	INFO(FBS_RESULT, result, 16, 0),
	INFO_TAIL(FBS_MARK, mark, 8, FBS_TEXT_MAX),
	INFO(FBS_FRAME, frame, 32, 0),
	INFO_TAIL(FBS_END, end, 8, FBS_TEXT_MAX),
	INFO(FBS_MEDIA, media, 16, 0),
	INFO_TAIL(FBS_CUE, cue, 16, FBS_TEXT_MAX),
	INFO_TAIL(FBS_HELLO, hello, 24, FBS_TEXT_MAX),
	INFO(FBS_CLIP_OFFER, clip_offer, 24, 0),
	INFO_TAIL(FBS_CLIP, clip, 24, FBS_CLIP_PART_MAX),
	INFO(FBS_CLIP_WANT, clip_want, 16, 0),
	INFO_TAIL(FBS_JOIN, join, 8, FBS_TEXT_MAX),
	INFO(FBS_LEAVE, leave, 8, 0),
	INFO(FBS_KEY, key, 16, 0),
	INFO(FBS_MOTION, motion, 16, 0),
	INFO(FBS_RESIZE, resize, 24, OUTPUTS),
	INFO(FBS_WANT, want, 8, 0),
	INFO(FBS_PAUSE, pause, 8, 0),
	INFO(FBS_SEEK, seek, 16, 0),
	INFO(FBS_SPEED, speed, 16, 0),
};

const struct fbs_type_info *fbs_type_info(uint16_t type)
{
	return type < sizeof types / sizeof *types && types[type].name ? &types[type] : NULL;
}

const char *fbs_type_name(uint16_t type)
{
	const struct fbs_type_info *t = fbs_type_info(type);

	return t ? t->name + sizeof "FBS_" - 1 : "unknown";
}
