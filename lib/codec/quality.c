/* Quality levels. The percentages are those of the VirtualGL project's study, which TurboVNC and TigerVNC use, but one more at the lowest two:
 * there one percent is a quarter of a decibel and a hundredth of the bytes, more than what cutting the screen otherwise than others may cost. */
#include "codec/codec.h"

static const struct { int8_t percent, subsample; } levels[10] = {
	{ 16, 2 }, { 30, 2 }, { 41, 2 }, { 42, 1 }, { 62, 1 }, { 77, 1 }, { 79, 0 }, { 86, 0 }, { 92, 0 }, { 100, 0 },
};

void codec_quality(int level, int8_t *percent, int8_t *subsample)
{
	bool known = level >= 0 && level <= 9;

	*percent = known ? levels[level].percent : -1;
	*subsample = known ? levels[level].subsample : -1;
}

int codec_quality_level(int percent)
{
	int level = 0;

	if (percent < 0)
		return -1;
	while (level < 9 && percent > levels[level].percent)
		level++;
	return level;
}
