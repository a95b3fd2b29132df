/* The server's handshake: version, security types, the security type's own talk (lib/auth), SecurityResult,
 * ClientInit. What differs between 3.3, 3.7, 3.8 and Apple's 3.889 is all here. */
#include "rfb/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/random.h"

enum { REASON_MAX = 256 };
enum state { VERSION, CHOICE, SECURITY, CLIENT_INIT, READY, FAILED };

struct rfb_server {
	const struct auth_offer *offer;
	struct auth_server *auth;
	enum state state;
	struct rfb_server_info info;
	char refusal[REASON_MAX];	/* what the viewer is told; "": nothing special */
	char reason[REASON_MAX];	/* what the log is told */
	bool refused;
	bool asked;			/* a CHECK waits for its answer */
};

static const char version[] = "RFB 003.008\n";
enum { VERSION_LEN = sizeof version - 1 };

struct rfb_server *rfb_server_new(const struct auth_offer *offer)
{
	struct rfb_server *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->offer = offer;
	s->info.rights = AUTH_FULL;
	s->info.type = AUTH_TYPES;
	s->info.user = "";
	s->auth = auth_server_new(offer);
	if (!s->auth) {
		free(s);
		return NULL;
	}
	return s;
}

void rfb_server_free(struct rfb_server *s)
{
	if (!s)
		return;
	auth_server_free(s->auth);
	free(s);
}

void rfb_server_start(struct rfb_server *s, struct wire_buf *out)
{
	(void)s;
	wire_put(out, version, VERSION_LEN);
}

static void fail(struct rfb_server *s, const char *reason)
{
	s->state = FAILED;
	if (!s->reason[0])
		snprintf(s->reason, sizeof s->reason, "%s", reason);
}

static void put_reason(struct wire_buf *out, const char *reason)
{
	uint32_t len = (uint32_t)strlen(reason);

	wire_put_u32be(out, len);
	wire_put(out, reason, len);
}

/* No security types: a zero count (3.3: type 0) and the reason, in every version (RFC 6143 7.1.2). */
static void refuse_types(struct rfb_server *s, struct wire_buf *out, const char *reason)
{
	if (s->info.minor == 3)
		wire_put_u32be(out, 0);
	else
		wire_put_u8(out, 0);
	put_reason(out, reason);
	fail(s, reason);
}

/* SecurityResult, failed: the reason goes with it in 3.8 only. */
static void put_failed(struct rfb_server *s, struct wire_buf *out, const char *reason)
{
	wire_put_u32be(out, 1);
	if (s->info.minor == 8)
		put_reason(out, reason);
	fail(s, reason);
}

/* --- ProtocolVersion ---------------------------------------------------------------------------- */

/* "RFB 003.008\n" to 3008; -1 when it is not of that form. */
static int parse_version(const uint8_t *b)
{
	static const uint8_t form[] = "RFB ddd.ddd\n";
	int value = 0;

	for (int i = 0; i < VERSION_LEN; i++) {
		if (form[i] == 'd' && b[i] >= '0' && b[i] <= '9')
			value = value * 10 + (b[i] - '0');
		else if (b[i] != form[i] || form[i] == 'd')
			return -1;
	}
	return value;
}

/* Below 3.7 is 3.3; above 3.8 (later majors too) is 3.8. */
static bool choose_version(struct rfb_server *s, int v)
{
	if (v < 3003)
		return false;
	s->info.apple = v == 3889;
	s->info.minor = v < 3007 ? 3 : v == 3007 ? 7 : 8;
	return true;
}

/* 3.3: the server decides; a password is asked for where there is one, which Apple's viewer insists on. */
static void begin_33(struct rfb_server *s, struct wire_buf *out)
{
	uint8_t numbers[16], choice;
	unsigned n = auth_server_numbers(s->offer, numbers);

	choice = memchr(numbers, 2, n) ? 2 : memchr(numbers, 1, n) ? 1 : 0;
	if (!choice || !auth_server_begin(s->auth, choice, out)) {
		refuse_types(s, out, "this server needs a viewer that speaks RFB 3.7 or later");
		return;
	}
	wire_put_u32be(out, choice);
	s->state = SECURITY;
}

static size_t take_version(struct rfb_server *s, const uint8_t *bytes, size_t n, struct wire_buf *out)
{
	uint8_t numbers[16];
	unsigned count;

	if (n < VERSION_LEN)
		return 0;
	if (!choose_version(s, parse_version(bytes))) {
		fail(s, "not an RFB version");
		return VERSION_LEN;
	}
	count = auth_server_numbers(s->offer, numbers);
	if (s->refused) {
		refuse_types(s, out, s->refusal);
	} else if (count == 0) {
		refuse_types(s, out, s->offer->refusal ? s->offer->refusal : "no security type is configured");
	} else if (s->info.minor == 3) {
		begin_33(s, out);
	} else {
		wire_put_u8(out, (uint8_t)count);
		wire_put(out, numbers, count);
		s->state = CHOICE;
	}
	return VERSION_LEN;
}

static size_t take_choice(struct rfb_server *s, const uint8_t *bytes, size_t n, struct wire_buf *out)
{
	if (n < 1)
		return 0;
	if (auth_server_begin(s->auth, bytes[0], out))
		s->state = SECURITY;
	else
		put_failed(s, out, "security type that was not offered");
	return 1;
}

/* --- security ------------------------------------------------------------------------------------- */

/* None has no SecurityResult before 3.8, nor with Apple's viewer, which then sends no ClientInit either. */
static bool has_result(const struct rfb_server *s)
{
	return s->info.type != AUTH_NONE || (s->info.minor == 8 && !s->info.apple);
}

static void passed(struct rfb_server *s, struct wire_buf *out)
{
	s->info.user = auth_server_user(s->auth);
	if (has_result(s))
		wire_put_u32be(out, 0);
	s->state = CLIENT_INIT;
	if (s->info.type == AUTH_NONE && s->info.apple) {
		s->info.shared = true;
		s->state = READY;
	}
}

static size_t take_security(struct rfb_server *s, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_server_event *event)
{
	enum auth_event what;
	size_t used = auth_server_step(s->auth, bytes, n, out, &what);

	s->info.type = auth_server_type(s->auth, &s->info.tight);
	switch (what) {
	case AUTH_MORE:
		break;
	case AUTH_CHECK:
		*event = RFB_SERVER_CHECK;
		s->asked = true;
		break;
	case AUTH_TLS:
		*event = RFB_SERVER_TLS;
		break;
	case AUTH_AES:
		*event = RFB_SERVER_AES;
		break;
	case AUTH_DONE:
		passed(s, out);
		break;
	case AUTH_FAILED:
		if (has_result(s))
			put_failed(s, out, s->refusal[0] ? s->refusal : "authentication failed");
		else
			fail(s, s->refusal[0] ? s->refusal : "authentication failed");
		break;
	case AUTH_BROKEN:
		fail(s, auth_server_reason(s->auth));
		break;
	}
	return used;
}

static size_t take_client_init(struct rfb_server *s, const uint8_t *bytes, size_t n)
{
	if (n < 1)
		return 0;
	s->info.shared = bytes[0] != 0;
	s->state = READY;
	return 1;
}

/* --- running ------------------------------------------------------------------------------------------ */

static size_t take(struct rfb_server *s, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_server_event *event)
{
	switch (s->state) {
	case VERSION:
		return take_version(s, bytes, n, out);
	case CHOICE:
		return take_choice(s, bytes, n, out);
	case SECURITY:
		return take_security(s, bytes, n, out, event);
	case CLIENT_INIT:
		return take_client_init(s, bytes, n);
	case READY:
		*event = RFB_SERVER_READY;
		break;
	case FAILED:
		*event = RFB_SERVER_FAILED;
		break;
	}
	return 0;
}

bool rfb_server_is_costly(const struct rfb_server *s, const uint8_t *bytes, size_t n)
{
	return s->state == CHOICE ? n > 0 && auth_number_is_costly(bytes[0]) : s->state == SECURITY && auth_server_is_costly(s->auth);
}

size_t rfb_server_step(struct rfb_server *s, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_server_event *event)
{
	size_t used = 0, step;
	enum state before;

	*event = RFB_SERVER_MORE;
	do {
		before = s->state;
		step = take(s, bytes + used, n - used, out, event);
		used += step;
	} while (*event == RFB_SERVER_MORE && (step || s->state != before));
	return used;
}

const struct auth_check *rfb_server_check(const struct rfb_server *s)
{
	return auth_server_check(s->auth);
}

void rfb_server_checked(struct rfb_server *s, bool ok, enum auth_rights rights, const char *reason)
{
	s->asked = false;
	s->info.rights = rights;
	if (!ok && reason)
		snprintf(s->refusal, sizeof s->refusal, "%s", reason);
	auth_server_checked(s->auth, ok);
}

const struct auth_aes_keys *rfb_server_aes(const struct rfb_server *s)
{
	return auth_server_aes(s->auth);
}

void rfb_server_upgraded(struct rfb_server *s)
{
	auth_server_upgraded(s->auth);
}

void rfb_server_refuse(struct rfb_server *s, struct wire_buf *out, const char *reason)
{
	if (s->state == READY || s->state == FAILED)
		return;
	s->refused = true;
	snprintf(s->refusal, sizeof s->refusal, "%s", reason);
	if (s->state == VERSION)
		return;		/* told instead of the list of types, as soon as the version is known */
	if (s->asked && has_result(s))
		put_failed(s, out, reason);
	else
		fail(s, reason);
}

const struct rfb_server_info *rfb_server_info(const struct rfb_server *s)
{
	return &s->info;
}

const char *rfb_server_reason(const struct rfb_server *s)
{
	return s->reason;
}
