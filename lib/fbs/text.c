/* Text and outputs within payloads. */
#include "fbs/type.h"

static size_t utf8_length(const uint8_t *s, size_t n)
{
	static const uint32_t least[] = { 0, 1, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	uint32_t c;

	if (len == 0 || len > n)
		return 0;
	c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return len;
}

bool fbs_text_valid(const char *text, size_t len)
{
	const uint8_t *s = (const uint8_t *)text;

	while (len) {
		size_t n = utf8_length(s, len);

		if (n == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

void fbs_get_text(struct wire_in *in, struct fbs_text *t)
{
	t->len = (uint32_t)wire_left(in);
	t->text = (const char *)wire_get(in, t->len);
}

const char *fbs_check_text(const char *text, uint32_t len)
{
	if (len > FBS_TEXT_MAX)
		return "text too long";
	return fbs_text_valid(text, len) ? NULL : "text is not UTF-8";
}

void fbs_get_outputs(struct wire_in *in, struct fbs_output *o, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < FBS_OUTPUTS_MAX; i++, o++) {
		o->id = wire_u32le(in);
		o->x = wire_s32le(in);
		o->y = wire_s32le(in);
		o->w = wire_u32le(in);
		o->h = wire_u32le(in);
		wire_skip(in, 4);
	}
}

void fbs_put_outputs(struct wire_buf *b, const struct fbs_output *o, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++, o++) {
		wire_put_u32le(b, o->id);
		wire_put_u32le(b, (uint32_t)o->x);
		wire_put_u32le(b, (uint32_t)o->y);
		wire_put_u32le(b, o->w);
		wire_put_u32le(b, o->h);
		wire_put_u32le(b, 0);
	}
}

const char *fbs_check_outputs(const struct fbs_output *o, uint32_t n)
{
	const int32_t far = (int32_t)FBS_SIDE_MAX;

	if (n > FBS_OUTPUTS_MAX)
		return "too many outputs";
	for (uint32_t i = 0; i < n; i++, o++)
		if (o->w == 0 || o->h == 0 || o->w > FBS_SIDE_MAX || o->h > FBS_SIDE_MAX ||
		    o->x < -far || o->x > far || o->y < -far || o->y > far)
			return "output out of range";
	return NULL;
}
