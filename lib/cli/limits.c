/* Limits in words. */
#include "cli/limits.h"

#include <jansson.h>
#include <stdio.h>

enum { REGION_TEXT = 40 };

static const char *region_text(const struct cli_limits *l, char out[REGION_TEXT])
{
	snprintf(out, REGION_TEXT, "%ux%u+%u+%u", l->w, l->h, l->x, l->y);
	return out;
}

json_t *cli_limits_json(const struct cli_limits *l)
{
	char region[REGION_TEXT];
	json_t *o = json_object();

	if (l->millifps)
		json_object_set_new(o, "fps", json_real(l->millifps / 1000.0));
	if (l->rate)
		json_object_set_new(o, "rate", json_integer((json_int_t)l->rate));
	if (l->w)
		json_object_set_new(o, "region", json_string(region_text(l, region)));
	if (l->idle)
		json_object_set_new(o, "idle", json_integer(l->idle));
	if (l->most)
		json_object_set_new(o, "max-time", json_integer(l->most));
	return o;
}

const char *cli_limits_text(const struct cli_limits *l, char *out, size_t n)
{
	char fps[32] = "", rate[32] = "", region[REGION_TEXT + 16] = "", idle[32] = "", most[32] = "", at[REGION_TEXT];
	int len;

	if (l->millifps)
		snprintf(fps, sizeof fps, "%g updates/s, ", l->millifps / 1000.0);
	if (l->rate)
		snprintf(rate, sizeof rate, "%g kB/s, ", (double)l->rate / 1000);
	if (l->w)
		snprintf(region, sizeof region, "region %s, ", region_text(l, at));
	if (l->idle)
		snprintf(idle, sizeof idle, "idle %u s, ", l->idle);
	if (l->most)
		snprintf(most, sizeof most, "at most %u s, ", l->most);
	len = snprintf(out, n, "%s%s%s%s%s", fps, rate, region, idle, most);
	if (len >= 2 && (size_t)len < n)
		out[len - 2] = '\0';	/* the last comma */
	return out;
}
