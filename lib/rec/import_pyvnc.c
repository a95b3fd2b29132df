/* PyVNCServer: JSON lines of what a viewer did, and of which rectangles were sent to it, without their pixels.
 * What people did comes as it was; where the screen changed is shown as grey rectangles, lighter for each
 * further change, on black. */
#include "rec/import.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

enum { LINE_MAX_BYTES = 64 << 20, VIEWER = 1, RECTS_MAX = 4096, SECONDS_MAX = 1000000000 };

struct pyvnc {
	struct rec_import *i;
	struct wire_buf data;		/* an event's bytes */
	struct wire_buf px;
	double first;			/* timestamp of the first event; NaN before it */
	int64_t now_us;
	uint32_t w, h;
	bool joined, shown;
	unsigned changes;
};

static int put(struct pyvnc *p, struct fbs_record *r)
{
	r->time_us = p->now_us;
	return p->i->put(p->i->arg, r);
}

/* --- the screen ----------------------------------------------------------------------------- */

static int frame(struct pyvnc *p)
{
	struct fbs_record r = { .type = FBS_FRAME, .flags = p->shown ? 0 : FBS_FRAME_KEY, .frame.capture_us = p->now_us };

	p->shown = true;
	return put(p, &r);
}

static int screen(struct pyvnc *p, json_int_t w, json_int_t h)
{
	struct fbs_record r = { .type = FBS_SCREEN, .screen = { .kind = FBS_RECORDING } };

	if (w < 1 || h < 1 || w > FBS_SIDE_MAX || h > FBS_SIDE_MAX || (uint64_t)w * (uint64_t)h > FBS_PIXELS_MAX)
		return 0;
	p->w = r.screen.w = (uint32_t)w;
	p->h = r.screen.h = (uint32_t)h;
	return put(p, &r);
}

static int fill(struct pyvnc *p, unsigned x, unsigned y, unsigned w, unsigned h, uint32_t colour)
{
	unsigned band = FBS_DATA_MAX / (w * 4), rows;

	for (; h; h -= rows, y += rows) {
		struct fbs_record r = { .type = FBS_PIXELS };
		uint32_t *px;

		rows = h < band ? h : band;
		wire_buf_reset(&p->px);
		px = (uint32_t *)(void *)wire_buf_grow(&p->px, (size_t)w * rows * 4);
		if (!px)
			return rec_import_fail(p->i, "no memory");
		for (size_t i = 0; i < (size_t)w * rows; i++)
			px[i] = colour;
		r.pixels = (struct fbs_pixels){ (uint16_t)x, (uint16_t)y, (uint16_t)w, (uint16_t)rows, FBS_RAW, p->px.data, (uint32_t)p->px.len };
		if (put(p, &r))
			return -1;
	}
	return 0;
}

static int rectangle(struct pyvnc *p, struct wire_in *in, uint32_t colour)
{
	unsigned x = wire_u16be(in), y = wire_u16be(in), w = wire_u16be(in), h = wire_u16be(in);

	if (in->bad || x >= p->w || y >= p->h)
		return 0;
	w = w < p->w - x ? w : p->w - x;
	h = h < p->h - y ? h : p->h - y;
	return w && h ? fill(p, x, y, w, h, colour) : 0;
}

static int update(struct pyvnc *p, json_t *metadata)
{
	struct wire_in in = wire_in(p->data.data, p->data.len);
	unsigned n = wire_u16be(&in), level = 48 + p->changes++ % 8 * 24;
	int result = 0;

	(void)metadata;
	if (!p->w)
		return 0;
	for (unsigned k = 0; k < n && k < RECTS_MAX && !in.bad && !result; k++)
		result = rectangle(p, &in, level * 0x010101u);
	return result ? result : frame(p);
}

static json_int_t number(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static int init(struct pyvnc *p, json_t *metadata)
{
	struct fbs_record r = { .type = FBS_NAME };
	size_t n = p->data.len < FBS_TEXT_MAX ? p->data.len : FBS_TEXT_MAX;

	if (screen(p, number(metadata, "width"), number(metadata, "height")))
		return -1;
	if (!p->w)
		return 0;
	r.name = (struct fbs_text){ (const char *)p->data.data, (uint32_t)n };
	if (fbs_text_valid(r.name.text, n) && put(p, &r))
		return -1;
	return fill(p, 0, 0, p->w, p->h, 0) || frame(p) ? -1 : 0;
}

static int resize(struct pyvnc *p, json_t *metadata)
{
	if (screen(p, number(metadata, "width"), number(metadata, "height")))
		return -1;
	return p->w ? frame(p) : 0;
}

static int bell(struct pyvnc *p, json_t *metadata)
{
	struct fbs_record r = { .type = FBS_BELL };

	(void)metadata;
	return p->shown && (put(p, &r) || frame(p)) ? -1 : 0;
}

/* --- people -------------------------------------------------------------------------------------- */

static int event(struct pyvnc *p, struct fbs_record *r)
{
	struct fbs_record join = { .type = FBS_JOIN, .join = { VIEWER, FBS_RIGHT_INPUT | FBS_RIGHT_CLIP_IN, { "PyVNCServer", 11 } } };

	if (!p->joined && put(p, &join))
		return -1;
	p->joined = true;
	return put(p, r);
}

static int key(struct pyvnc *p, json_t *metadata)
{
	struct wire_in in = wire_in(p->data.data, p->data.len);
	struct fbs_record r = { .type = FBS_KEY, .key.viewer = VIEWER };

	(void)metadata;
	r.key.keysym = wire_u32be(&in);
	r.key.down = wire_u8(&in) != 0;
	return in.bad ? 0 : event(p, &r);
}

static int pointer(struct pyvnc *p, json_t *metadata)
{
	struct wire_in in = wire_in(p->data.data, p->data.len);
	struct fbs_record r = { .type = FBS_MOTION, .motion.viewer = VIEWER };

	(void)metadata;
	r.motion.x = wire_u16be(&in);
	r.motion.y = wire_u16be(&in);
	r.motion.buttons = wire_u8(&in);
	return in.bad ? 0 : event(p, &r);
}

static int clip(struct pyvnc *p, uint32_t viewer)
{
	uint32_t n = (uint32_t)(p->data.len < FBS_CLIP_PART_MAX ? p->data.len : FBS_CLIP_PART_MAX);
	struct fbs_record r = { .type = FBS_CLIP_OFFER, .clip_offer = { viewer, FBS_CLIPBOARD, ++p->changes, n } };

	if (!fbs_text_valid((const char *)p->data.data, n))
		return 0;
	if (viewer ? event(p, &r) : put(p, &r))
		return -1;
	r = (struct fbs_record){ .type = FBS_CLIP, .flags = FBS_CLIP_LAST, .clip = {
		viewer, FBS_CLIPBOARD, p->changes, 0, { (const char *)p->data.data, n },
	} };
	return put(p, &r);
}

static int client_cut(struct pyvnc *p, json_t *metadata)
{
	(void)metadata;
	return clip(p, VIEWER);
}

static int server_cut(struct pyvnc *p, json_t *metadata)
{
	(void)metadata;
	return clip(p, 0);
}

static const struct { const char *type; int (*take)(struct pyvnc *p, json_t *metadata); } events[] = {
	{ "INIT", init }, { "FRAMEBUFFER_UPDATE", update }, { "DESKTOP_RESIZE", resize }, { "BELL", bell },
	{ "KEY_EVENT", key }, { "POINTER_EVENT", pointer },
	{ "CLIENT_CUT_TEXT", client_cut }, { "SERVER_CUT_TEXT", server_cut },
};

/* --- lines ----------------------------------------------------------------------------------------- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The event's bytes from hexadecimal, up to the first that is none. */
static void set_data(struct pyvnc *p, const char *text)
{
	wire_buf_reset(&p->data);
	for (; text && text[0] && digit(text[0]) >= 0 && digit(text[1]) >= 0; text += 2)
		wire_put_u8(&p->data, (uint8_t)(digit(text[0]) << 4 | digit(text[1])));
}

/* Seconds since the epoch or an ISO date, as start_time is given. */
static int64_t wall_clock(json_t *value)
{
	const char *text = json_string_value(value);
	struct tm tm = { 0 };

	if (json_is_number(value) && fabs(json_number_value(value)) < 1e11)
		return (int64_t)(json_number_value(value) * 1e6);
	return text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm) * 1000000 : 0;
}

static int take_object(struct pyvnc *p, json_t *o)
{
	const char *type = json_string_value(json_object_get(o, "event_type"));
	double at = json_number_value(json_object_get(o, "timestamp"));
	long long us;

	if (json_object_get(o, "session_id"))
		p->i->wall_us = wall_clock(json_object_get(o, "start_time"));
	if (!type || !isfinite(at) || fabs(at) > 1e12)
		return 0;
	if (isnan(p->first))
		p->first = at < 1e6 ? 0 : at;	/* times are from the start, or of the day */
	if (at - p->first > SECONDS_MAX)
		return rec_import_fail(p->i, "a time that is years later");
	us = llround((at - p->first) * 1e6);
	if (us > p->now_us)
		p->now_us = us;
	p->i->end_us = p->now_us;
	set_data(p, json_string_value(json_object_get(o, "data")));
	if (p->data.bad)
		return rec_import_fail(p->i, "no memory");
	for (size_t k = 0; k < sizeof events / sizeof *events; k++)
		if (strcmp(events[k].type, type) == 0)
			return events[k].take(p, json_object_get(o, "metadata"));
	return 0;
}

static int take_line(struct pyvnc *p, const uint8_t *line, size_t n)
{
	json_error_t error;
	json_t *o;
	int result;

	if (n == 0 || (n == 1 && *line == '\r'))
		return 0;
	o = json_loadb((const char *)line, n, 0, &error);
	if (!json_is_object(o)) {
		json_decref(o);
		return rec_import_fail(p->i, "a line that is not a JSON object");
	}
	result = take_object(p, o);
	json_decref(o);
	return result;
}

int rec_import_pyvnc(struct rec_import *i)
{
	struct pyvnc p = { .i = i, .first = NAN };
	struct rec_bytes *in = i->in;
	size_t looked = 0;
	int result = 0;

	while (!result && rec_bytes_want(in, looked + 1)) {
		const uint8_t *end = memchr(in->at + looked, '\n', in->n - looked);

		if (!end) {
			looked = in->n;
			if (looked > LINE_MAX_BYTES)
				result = rec_import_fail(i, "a line that is too long");
			continue;
		}
		result = take_line(&p, in->at, (size_t)(end - in->at));
		if (!result)
			rec_bytes_skip(in, (size_t)(end - in->at) + 1);
		looked = 0;
	}
	if (!result && in->n)		/* without a newline: whole, or cut */
		result = take_line(&p, in->at, in->n);
	if (!result && in->why)
		result = rec_import_fail(i, "cut");
	wire_buf_fini(&p.data);
	wire_buf_fini(&p.px);
	return result ? -1 : 0;
}
