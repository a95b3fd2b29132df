/* What stands in messages of both directions. */
#include "rfb/read.h"

struct pixel_format rfb_read_format(struct wire_in *in)
{
	struct pixel_format f = { .bpp = wire_u8(in) };

	f.depth = wire_u8(in);
	f.big_endian = wire_u8(in) != 0;
	f.true_colour = wire_u8(in) != 0;
	f.red_max = wire_u16be(in);
	f.green_max = wire_u16be(in);
	f.blue_max = wire_u16be(in);
	f.red_shift = wire_u8(in);
	f.green_shift = wire_u8(in);
	f.blue_shift = wire_u8(in);
	wire_skip(in, 3);
	return f;
}

long rfb_read_fence(struct wire_in in, size_t n, struct rfb_msg_fence *out, uint64_t *skip, bool *whole)
{
	wire_skip(&in, 3);
	const uint32_t flags = wire_u32be(&in), len = wire_u8(&in);

	*whole = len <= RFB_FENCE_MAX && n >= 9 + len;
	if (len > RFB_FENCE_MAX) {
		*skip = len;
		return 9;
	}
	if (!*whole)
		return 0;
	*out = (struct rfb_msg_fence){ .flags = flags, .len = len, .payload = in.at };
	return 9 + (long)len;
}
