/* Numbers out of range are no wishes: a recording is at most 30 years long, and played 100 times faster or slower. */
#include "wish.h"

#include <jansson.h>
#include <math.h>

static bool take_pause(struct fbs_record *r, const json_t *v)
{
	r->type = FBS_PAUSE;
	r->pause.paused = json_is_true(v);
	return json_is_boolean(v);
}

static bool take_seek(struct fbs_record *r, const json_t *v)
{
	const double seconds = json_number_value(v);
	if (!json_is_number(v) || !(seconds >= 0 && seconds < 1e9))
		return false;
	r->type = FBS_SEEK;
	r->seek.us = (int64_t)(seconds * 1e6);
	return true;
}

static bool take_speed(struct fbs_record *r, const json_t *v)
{
	const double speed = json_number_value(v);
	if (!json_is_number(v) || !(speed >= 0.01 && speed <= 100))
		return false;
	r->type = FBS_SPEED;
	r->speed.permille = (uint32_t)lround(speed * 1000);
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct fbs_record *r, const json_t *v);
} wishes[] = { { "pause", take_pause }, { "seek", take_seek }, { "speed", take_speed } };

bool wish_parse(struct fbs_record *r, const char *line, size_t n)
{
	json_t *o = json_loadb(line, n, 0, NULL);
	bool known = false;
	*r = (struct fbs_record){ 0 };
	for (unsigned i = 0; i < sizeof wishes / sizeof *wishes && !known; i++) {
		const json_t *v = json_object_get(o, wishes[i].name);
		known = v && wishes[i].take(r, v);
	}
	json_decref(o);
	return known;
}
