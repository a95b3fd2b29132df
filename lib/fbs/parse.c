/* Bytes to structs. Nothing is remembered here and nothing is done: what one record may mean after
 * another is reader.c's business. */
#include "fbs/type.h"

const uint8_t fbs_magic[8] = { 0x89, 'F', 'B', 'S', '\r', '\n', 0x1a, '\n' };

long fbs_preamble_parse(struct fbs_preamble *out, const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n);
	size_t known = n < sizeof fbs_magic ? n : sizeof fbs_magic;
	const uint8_t *program;

	if (known && memcmp(bytes, fbs_magic, known))
		return FBS_E_FOREIGN;
	if (n < FBS_PREAMBLE_SIZE)
		return 0;
	wire_skip(&in, sizeof fbs_magic);
	out->major = wire_u16le(&in);
	out->minor = wire_u16le(&in);
	if (out->major != FBS_MAJOR)
		return FBS_E_VERSION;
	wire_skip(&in, 4);
	out->wall_us = (int64_t)wire_u64le(&in);
	program = wire_get(&in, 8);
	memset(out->program, 0, sizeof out->program);
	for (int i = 0; i < 8 && program[i]; i++) {
		if (program[i] < 0x21 || program[i] > 0x7e)
			return FBS_E_VALUE;
		out->program[i] = (char)program[i];
	}
	return FBS_PREAMBLE_SIZE;
}

static long fail(const char **why, const char *text, long error)
{
	*why = text;
	return error;
}

static long parse_payload(struct fbs_record *out, const struct fbs_type_info *t, const uint8_t *payload,
			  uint32_t len, const char **why)
{
	struct wire_in in = wire_in(payload, len);
	const char *wrong;

	if (t->get)
		t->get(&in, out);
	/* the wrong value first: it may be why the lengths do not agree */
	wrong = t->check && !(in.bad && t->tail) ? t->check(out) : NULL;
	if (wrong)
		return fail(why, wrong, FBS_E_VALUE);
	if (in.bad)
		return fail(why, "length does not agree with its fields", FBS_E_LENGTH);
	return 0;
}

long fbs_record_parse_why(struct fbs_record *out, const uint8_t *bytes, size_t n, const char **why)
{
	struct wire_in in = wire_in(bytes, n);
	const struct fbs_type_info *t;
	uint32_t len;
	uint64_t time;
	size_t whole;
	long error;

	if (n < FBS_HEADER_SIZE)
		return 0;
	*out = (struct fbs_record){ .type = wire_u16le(&in) };
	out->flags = wire_u16le(&in);
	len = wire_u32le(&in);
	time = wire_u64le(&in);
	t = fbs_type_info(out->type);
	if (out->type == 0)
		return fail(why, "no record has type 0", FBS_E_VALUE);
	if (len > FBS_PAYLOAD_MAX || (t && (len < t->fixed || len > t->max)))
		return fail(why, "length out of range for its type", FBS_E_LENGTH);
	if (time > (uint64_t)FBS_TIME_MAX)
		return fail(why, "time out of range", FBS_E_VALUE);
	out->time_us = (int64_t)time;
	whole = FBS_HEADER_SIZE + (size_t)len + fbs_padding(len);
	if (n < whole)
		return 0;
	if (t) {
		error = parse_payload(out, t, in.at, len, why);
		if (error)
			return error;
	}
	return (long)whole;
}

long fbs_record_parse(struct fbs_record *out, const uint8_t *bytes, size_t n)
{
	const char *why;

	return fbs_record_parse_why(out, bytes, n, &why);
}

bool fbs_type_known(uint16_t type)
{
	return fbs_type_info(type) != NULL;
}

const char *fbs_strerror(int error)
{
	static const char *const texts[] = {
		[FBS_OK] = "no error",
		[-FBS_E_FOREIGN] = "not a stream of this toolkit",
		[-FBS_E_VERSION] = "stream of another version",
		[-FBS_E_LENGTH] = "bad length",
		[-FBS_E_VALUE] = "bad value",
		[-FBS_E_ORDER] = "record out of order",
		[-FBS_E_CHECKSUM] = "checksum is wrong",
		[-FBS_E_TRUNCATED] = "stream truncated",
		[-FBS_E_SYSTEM] = "system error",
	};

	if (error > 0 || error < FBS_E_SYSTEM)
		return "unknown error";
	return texts[-error];
}
