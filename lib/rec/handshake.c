/* Recorders rewrite the handshake, each its own way: a 3.3 security type behind any version, a list of one,
 * SecurityResult there or not. ServerInit never begins with four zero bytes, which tells them apart. */
#include "rec/handshake.h"

#include "rfb/read.h"

enum { NONE = 1, VNC_AUTH = 2, NAME_MAX_BYTES = 1 << 16, TYPES_MAX = 64 };

static bool is_version(const uint8_t *p)
{
	return memcmp(p, "RFB 003.", 8) == 0 && p[11] == '\n';
}

static unsigned minor_of(const uint8_t *p)
{
	unsigned minor = (unsigned)((p[8] - '0') * 100 + (p[9] - '0') * 10 + p[10] - '0');

	return minor < 7 ? 3 : minor == 7 ? 7 : 8;
}

/* What the server sends for the security type: nothing, or a challenge and a result. */
static bool skip_security(struct wire_in *in, unsigned minor, unsigned type)
{
	if (type == VNC_AUTH) {
		wire_skip(in, 16);
		return wire_u32be(in) == 0;
	}
	if (type != NONE)
		return false;
	if (minor == 8 && wire_left(in) >= 4 && wire_ld32be(in->at) == 0)
		wire_skip(in, 4);
	return true;
}

static bool parse_security(struct wire_in *in, unsigned minor, unsigned chosen)
{
	const uint8_t *types;
	uint8_t n;

	if (wire_left(in) >= 4 && in->at[0] == 0 && in->at[1] == 0 && in->at[2] == 0)	/* a list of 0 types would be a refusal */
		return skip_security(in, 3, wire_u32be(in));
	if (minor == 3) {
		wire_u32be(in);
		return in->bad;		/* short: more may come; else it is no security type */
	}
	n = wire_u8(in);
	types = wire_get(in, n);
	if (in->bad)
		return true;
	if (n == 0 || n > TYPES_MAX)
		return false;
	if (!chosen)
		chosen = n == 1 && types[0] == VNC_AUTH ? VNC_AUTH : NONE;
	return skip_security(in, minor, chosen);
}

long rec_handshake_parse(struct rec_handshake *out, unsigned type, const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n);
	const uint8_t *version = wire_get(&in, 12);

	if (!version)
		return 0;
	if (!is_version(version))
		return -1;
	out->minor = minor_of(version);
	if (wire_left(&in) < 4)		/* enough to tell the forms apart */
		return 0;
	if (!parse_security(&in, out->minor, type))
		return in.bad ? 0 : -1;
	out->w = wire_u16be(&in);
	out->h = wire_u16be(&in);
	out->format = rfb_read_format(&in);
	out->name_len = wire_u32be(&in);
	if (!in.bad && (out->w == 0 || out->h == 0 || out->name_len > NAME_MAX_BYTES))
		return -1;
	out->name = wire_get(&in, out->name_len);
	return in.bad ? 0 : (long)(in.at - bytes);
}
