/* Minutes and seconds, with hours when there are some. */
#include "clock.h"

#include <stdio.h>

const char *clock_text(int64_t us, char text[CLOCK_TEXT])
{
	long long s = us / 1000000;

	if (s >= 3600)
		snprintf(text, CLOCK_TEXT, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(text, CLOCK_TEXT, "%02lld:%02lld", s / 60, s % 60);
	return text;
}

int64_t clock_stretch(int64_t us, uint32_t permille)
{
	const int64_t most = INT64_MAX / 4000;

	return (us < most ? us : most) * 1000 / permille;
}
