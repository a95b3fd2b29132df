/* noVNC and websockify: a script that fills an array with strings "{ms{what the server sent" and
 * "}ms}what the client sent", as bytes or in base64. The client's side says which security type was chosen, what
 * pixel format, and what was typed. */
#include "rec/handshake.h"
#include "rec/import.h"
#include "rec/viewer.h"
#include "rfb/msg.h"

enum { STRING_MAX = 128 << 20, VERSION = 12, VNC_AUTH = 2, RESPONSE = 16, VIEWER = 1 };

struct novnc {
	struct rec_import *i;
	struct rec_viewer viewer;
	bool started;
	int base64;			/* -1: not known yet */
	struct wire_buf text;		/* a string without its quotes */
	struct wire_buf server, client;	/* bytes not taken yet */
	unsigned chosen;		/* security type */
	bool client_ready, joined;
	struct rfb_parser parser;
	struct pixel_format wanted;	/* by SetPixelFormat, before ServerInit was parsed */
	bool has_wanted;
	int64_t now_us;
};

static int fail(struct novnc *v, const char *why)
{
	return rec_import_fail(v->i, why);
}

/* --- the script ------------------------------------------------------------------------- */

static int hex(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The value of n hexadecimal digits; -1. */
static int hex_value(const uint8_t *p, size_t left, unsigned n)
{
	int value = 0;

	if (left < n)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		if (hex(p[i]) < 0)
			return -1;
		value = value * 16 + hex(p[i]);
	}
	return value;
}

/* An escape behind its backslash: bytes used, its value in *c; 0: none. */
static size_t escape(const uint8_t *p, size_t n, int *c)
{
	static const char from[] = "nrtbfv0", to[] = "\n\r\t\b\f\v";
	const char *at;

	if (n == 0)
		return 0;
	if (p[0] == 'x' || p[0] == 'u') {
		unsigned digits = p[0] == 'x' ? 2 : 4;

		*c = hex_value(p + 1, n - 1, digits);
		return *c < 0 || *c > 255 ? 0 : 1 + digits;
	}
	at = p[0] ? strchr(from, p[0]) : NULL;
	*c = at ? to[at - from] : p[0];
	return 1;
}

/* A string at the window's start, its quote included, into v->text. 1; 0: there is none any more; -1. */
static int read_string(struct novnc *v)
{
	struct rec_bytes *in = v->i->in;
	uint8_t quote;
	size_t n = 1;

	wire_buf_reset(&v->text);
	for (;; rec_bytes_skip(in, 1)) {
		if (!rec_bytes_want(in, 1))
			return in->why ? fail(v, "cut") : 0;
		quote = in->at[0];
		if (quote == '\'' || quote == '"')
			break;
		if (quote == ']')
			return 0;
	}
	for (;; n++) {		/* its end */
		if (n > STRING_MAX || !rec_bytes_want(in, n + 1))
			return fail(v, "cut in a string");
		if (in->at[n] == quote)
			break;
		n += in->at[n] == '\\';
	}
	for (size_t at = 1; at < n;) {
		const uint8_t *p = in->at + at;
		size_t used = 1;
		int c = *p;

		if (*p == '\\') {
			used = 1 + escape(p + 1, n - at - 1, &c);
			if (used == 1)
				return fail(v, "a bad escape in a string");
		} else if ((*p == 0xc2 || *p == 0xc3) && n - at > 1 && (p[1] & 0xc0) == 0x80) {	/* UTF-8 of a byte */
			c = (*p & 3) << 6 | (p[1] & 63);
			used = 2;
		}
		wire_put_u8(&v->text, (uint8_t)c);
		at += used;
	}
	rec_bytes_skip(in, n + 1);
	return v->text.bad ? fail(v, "no memory") : 1;
}

static int base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static void put_payload(struct novnc *v, struct wire_buf *to, const uint8_t *p, size_t n)
{
	uint32_t bits = 0;
	unsigned have = 0;

	if (v->base64 < 0)
		v->base64 = n >= 4 && memcmp(p, "UkZC", 4) == 0;
	if (!v->base64) {
		wire_put(to, p, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		int digit = base64_digit(p[i]);

		if (digit < 0)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			wire_put_u8(to, (uint8_t)(bits >> have));
		}
	}
}

/* --- the client's side ------------------------------------------------------------------------ */

static int say(struct novnc *v, struct fbs_record *r)
{
	r->time_us = v->now_us;
	return v->i->put(v->i->arg, r);
}

static int join(struct novnc *v)
{
	struct fbs_record r = { .type = FBS_JOIN, .join = { VIEWER, FBS_RIGHT_INPUT, { "noVNC", 5 } } };

	if (v->joined)
		return 0;
	v->joined = true;
	return say(v, &r);
}

static int take_client_message(struct novnc *v, const struct rfb_msg *m)
{
	struct fbs_record r = { 0 };

	switch (m->kind) {
	case RFB_MSG_PIXEL_FORMAT:
		v->wanted = m->format;
		v->has_wanted = true;
		if (v->started)
			v->viewer.parser.format = m->format;
		return 0;
	case RFB_MSG_KEY:
		r.type = FBS_KEY;
		r.key = (struct fbs_key){ VIEWER, m->key.keysym, m->key.code, m->key.down };
		break;
	case RFB_MSG_POINTER:
		r.type = FBS_MOTION;
		r.motion = (struct fbs_motion){ VIEWER, m->pointer.x, m->pointer.y, m->pointer.buttons };
		break;
	default:
		return 0;
	}
	return join(v) || say(v, &r) ? -1 : 0;
}

/* What comes before messages: version, security type (from 3.7 on), a response, ClientInit. */
static bool skip_client_handshake(struct novnc *v)
{
	size_t n = VERSION, len = v->client.len;
	const uint8_t *p = v->client.data;

	if (v->client_ready)
		return true;
	if (len < VERSION + 1)
		return false;
	if (memcmp(p, "RFB 003.", 8) == 0 && (p[10] == '7' || p[10] == '8'))
		v->chosen = p[n++];
	n += v->chosen == VNC_AUTH ? RESPONSE : 0;
	if (len < n + 1)
		return false;
	wire_buf_drop(&v->client, n + 1);
	return v->client_ready = true;
}

/* A client's messages only add to a recording: one that cannot be read ends them, not it. */
static int take_client(struct novnc *v)
{
	size_t at = 0;
	int result = 0;

	if (!skip_client_handshake(v))
		return 0;
	while (at < v->client.len && !result) {
		struct rfb_msg m;
		long n = rfb_msg_parse(&v->parser, &m, v->client.data + at, v->client.len - at);

		if (n < 0)
			at = v->client.len;
		if (n <= 0)
			break;
		at += (size_t)n;
		result = take_client_message(v, &m);
	}
	wire_buf_drop(&v->client, at);
	return result;
}

/* --- the server's side ------------------------------------------------------------------------- */

static int take_server(struct novnc *v)
{
	struct rec_handshake hs;
	long used = 0;
	int result;

	if (!v->started) {
		used = rec_handshake_parse(&hs, v->chosen, v->server.data, v->server.len);
		if (used < 0)
			return fail(v, "no RFB handshake");
		if (used == 0)
			return 0;
		v->started = true;
		if (!rec_viewer_init(&v->viewer, FBS_RECORDING, hs.w, hs.h, &hs.format, v->i->put, v->i->arg))
			return fail(v, v->viewer.why);
		if (v->has_wanted)
			v->viewer.parser.format = v->wanted;
		if (rec_viewer_open(&v->viewer, v->now_us, (const char *)hs.name, hs.name_len, false))
			return -1;
	}
	result = rec_viewer_feed(&v->viewer, v->server.data + used, v->server.len - (size_t)used, v->now_us);
	wire_buf_reset(&v->server);
	return result && v->viewer.why ? fail(v, v->viewer.why) : result;
}

/* "{123{payload". 1: it was the end. */
static int take_string(struct novnc *v)
{
	const uint8_t *p = v->text.data;
	size_t n = v->text.len, at = 1;
	int64_t ms = 0;
	bool server;

	if (n == 3 && memcmp(p, "EOF", 3) == 0)
		return 1;
	if (n < 3 || (p[0] != '{' && p[0] != '}'))
		return 0;		/* something else: skipped */
	server = p[0] == '{';
	for (; at < n && p[at] >= '0' && p[at] <= '9' && at < 16; at++)
		ms = ms * 10 + (p[at] - '0');
	if (at == n || p[at] != p[0])
		return 0;
	if (ms * 1000 > v->now_us)
		v->now_us = ms * 1000;
	v->i->end_us = v->now_us;
	put_payload(v, server ? &v->server : &v->client, p + at + 1, n - at - 1);
	if (v->server.bad || v->client.bad)
		return fail(v, "no memory");
	return server ? take_server(v) : take_client(v);
}

static bool find_array(struct rec_bytes *in)
{
	static const char name[] = "VNC_frame_data";
	const uint8_t *hit;

	while (!(hit = in->n ? memmem(in->at, in->n, name, sizeof name - 1) : NULL))
		if (in->n > STRING_MAX || !rec_bytes_more(in))
			return false;
	rec_bytes_skip(in, (size_t)(hit - in->at));
	while (rec_bytes_want(in, 1) && in->at[0] != '[')
		rec_bytes_skip(in, 1);
	return in->n > 0;
}

int rec_import_novnc(struct rec_import *i)
{
	struct novnc v = { .i = i, .base64 = -1, .server.max = STRING_MAX, .client.max = STRING_MAX };
	int result = 0, string = 1;

	if (!find_array(i->in))
		return fail(&v, "no VNC_frame_data");
	while (result == 0 && (string = read_string(&v)) == 1)
		result = take_string(&v);
	result = string < 0 || result < 0 ? -1 : 0;
	if (!result && !v.started)
		result = fail(&v, "it ends before its picture begins");
	if (v.started)
		rec_viewer_fini(&v.viewer);
	wire_buf_fini(&v.text);
	wire_buf_fini(&v.server);
	wire_buf_fini(&v.client);
	return result;
}
