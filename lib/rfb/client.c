/* The client's handshake. A server's strings are kept up to a cap and skipped beyond it. */
#include "rfb/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rfb/read.h"

enum { VERSION_LEN = 12, INIT_LEN = 24, REASON_MAX = 256, STRING_MAX = 1 << 20 };
enum state { VERSION, TYPES, TYPE_33, SECURITY, RESULT, REASON, REASON_TEXT, SERVER_INIT, NAME, READY, FAILED };

struct rfb_client {
	struct auth_client *auth;
	enum state state;
	bool shared;
	unsigned limit;
	struct rfb_client_info info;
	uint32_t left;			/* bytes of a string still to come */
	char reason[REASON_MAX];
	size_t reason_len;
};

struct rfb_client *rfb_client_new(const enum auth_type *types, unsigned n, bool shared)
{
	struct rfb_client *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->shared = shared;
	c->limit = 8;
	c->auth = auth_client_new(types, n);
	if (!c->auth) {
		free(c);
		return NULL;
	}
	return c;
}

void rfb_client_free(struct rfb_client *c)
{
	if (!c)
		return;
	auth_client_free(c->auth);
	free(c);
}

void rfb_client_limit(struct rfb_client *c, unsigned minor)
{
	c->limit = minor;
}

static void fail(struct rfb_client *c, const char *reason)
{
	if (!c->reason[0])
		snprintf(c->reason, sizeof c->reason, "%s", reason);
	c->state = FAILED;
}

static size_t take_version(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out)
{
	unsigned major, minor;
	char text[VERSION_LEN + 1];

	if (n < VERSION_LEN)
		return 0;
	memcpy(text, bytes, VERSION_LEN);
	text[VERSION_LEN] = 0;
	if (sscanf(text, "RFB %3u.%3u\n", &major, &minor) != 2 || major < 3 || (major == 3 && minor < 3)) {
		fail(c, "not an RFB server");
		return VERSION_LEN;
	}
	minor = major > 3 || minor > 7 ? 8 : minor == 7 ? 7 : 3;
	c->info.minor = minor < c->limit ? minor : c->limit;
	snprintf(text, sizeof text, "RFB 003.00%u\n", c->info.minor);
	wire_put(out, text, VERSION_LEN);
	c->state = c->info.minor == 3 ? TYPE_33 : TYPES;
	return VERSION_LEN;
}

static size_t take_types(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out)
{
	uint8_t choice;

	if (n < 1 || n < 1 + (size_t)bytes[0])
		return 0;
	if (bytes[0] == 0) {
		c->state = REASON;
		return 1;
	}
	choice = auth_client_choose(c->auth, bytes + 1, bytes[0]);
	if (choice && auth_client_begin(c->auth, choice)) {
		wire_put_u8(out, choice);
		c->state = SECURITY;
	} else {
		fail(c, "no security type in common with the server");
	}
	return 1 + (size_t)bytes[0];
}

static size_t take_type_33(struct rfb_client *c, const uint8_t *bytes, size_t n)
{
	uint32_t type;

	if (n < 4)
		return 0;
	type = wire_ld32be(bytes);
	if (type == 0)
		c->state = REASON;
	else if (type < 256 && type != AUTH_NUMBER_VENCRYPT && auth_client_begin(c->auth, (uint8_t)type))
		c->state = SECURITY;
	else
		fail(c, "no security type in common with the server");
	return 4;
}

static void say_init(struct rfb_client *c, struct wire_buf *out)
{
	wire_put_u8(out, c->shared);
	c->state = SERVER_INIT;
}

static size_t take_security(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_client_event *event)
{
	static const enum rfb_client_event events[] = {
		[AUTH_CLIENT_MORE] = RFB_CLIENT_MORE, [AUTH_CLIENT_CREDENTIALS] = RFB_CLIENT_CREDENTIALS,
		[AUTH_CLIENT_TRUST] = RFB_CLIENT_TRUST, [AUTH_CLIENT_TLS] = RFB_CLIENT_TLS, [AUTH_CLIENT_AES] = RFB_CLIENT_AES,
		[AUTH_CLIENT_DONE] = RFB_CLIENT_MORE, [AUTH_CLIENT_BROKEN] = RFB_CLIENT_MORE,
	};
	enum auth_client_event what;
	size_t used = auth_client_step(c->auth, bytes, n, out, &what);

	*event = events[what];
	if (what == AUTH_CLIENT_BROKEN)
		fail(c, auth_client_reason(c->auth));
	else if (what == AUTH_CLIENT_DONE && auth_client_type(c->auth) == AUTH_NONE && c->info.minor < 8)
		say_init(c, out);
	else if (what == AUTH_CLIENT_DONE)
		c->state = RESULT;
	return used;
}

static size_t take_result(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out)
{
	if (n < 4)
		return 0;
	if (wire_ld32be(bytes) == 0)
		say_init(c, out);
	else if (c->info.minor == 8)
		c->state = REASON;
	else
		fail(c, "authentication failed");
	return 4;
}

/* The length of a string; too long a one is an error. */
static size_t take_length(struct rfb_client *c, const uint8_t *bytes, size_t n, enum state next)
{
	if (n < 4)
		return 0;
	c->left = wire_ld32be(bytes);
	if (c->left > STRING_MAX)
		fail(c, "the server sent a string without end");
	else
		c->state = next;
	return 4;
}

/* Keeps what has room, skips the rest. True in *done at the end. */
static size_t take_string(struct rfb_client *c, const uint8_t *bytes, size_t n, char *text, size_t *len, size_t max, bool *done)
{
	size_t some = n < c->left ? n : c->left, keep = some < max - *len ? some : max - *len;

	memcpy(text + *len, bytes, keep);
	*len += keep;
	c->left -= (uint32_t)some;
	*done = c->left == 0;
	return some;
}

static size_t take_reason(struct rfb_client *c, const uint8_t *bytes, size_t n)
{
	bool done;
	size_t used = take_string(c, bytes, n, c->reason, &c->reason_len, REASON_MAX - 1, &done);

	for (size_t i = 0; i < c->reason_len; i++)	/* one line, whatever the server says */
		if ((uint8_t)c->reason[i] < ' ')
			c->reason[i] = ' ';
	if (done)
		fail(c, "the server refused without a reason");
	return used;
}

static size_t take_init(struct rfb_client *c, const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n);

	if (n < INIT_LEN)
		return 0;
	c->info.w = wire_u16be(&in);
	c->info.h = wire_u16be(&in);
	c->info.format = rfb_read_format(&in);
	take_length(c, bytes + INIT_LEN - 4, 4, NAME);
	return INIT_LEN;
}

static size_t take_name(struct rfb_client *c, const uint8_t *bytes, size_t n)
{
	bool done;
	size_t used = take_string(c, bytes, n, c->info.name, &c->info.name_len, RFB_NAME_MAX, &done);

	if (done)
		c->state = READY;
	return used;
}

static size_t take(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_client_event *event)
{
	switch (c->state) {
	case VERSION:
		return take_version(c, bytes, n, out);
	case TYPES:
		return take_types(c, bytes, n, out);
	case TYPE_33:
		return take_type_33(c, bytes, n);
	case SECURITY:
		return take_security(c, bytes, n, out, event);
	case RESULT:
		return take_result(c, bytes, n, out);
	case REASON:
		return take_length(c, bytes, n, REASON_TEXT);
	case REASON_TEXT:
		return take_reason(c, bytes, n);
	case SERVER_INIT:
		return take_init(c, bytes, n);
	case NAME:
		return take_name(c, bytes, n);
	case READY:
		*event = RFB_CLIENT_READY;
		break;
	case FAILED:
		*event = RFB_CLIENT_FAILED;
		break;
	}
	return 0;
}

size_t rfb_client_step(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_client_event *event)
{
	size_t used = 0, step;
	enum state before;

	*event = RFB_CLIENT_MORE;
	do {
		before = c->state;
		step = take(c, bytes + used, n - used, out, event);
		used += step;
	} while (*event == RFB_CLIENT_MORE && (step || c->state != before));
	return used;
}

struct auth_client *rfb_client_auth(struct rfb_client *c)
{
	return c->auth;
}

const struct rfb_client_info *rfb_client_info(const struct rfb_client *c)
{
	return &c->info;
}

const char *rfb_client_reason(const struct rfb_client *c)
{
	return c->reason;
}
