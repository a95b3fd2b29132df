/* Lengths of messages that are not for us. Bodies are skipped as they arrive, never buffered. */
#include "rfb/msgskip.h"

/* No file part is larger: UltraVNC sends blocks of 8 KiB, names of 4 KiB. */
enum { ULTRA_BODY_MAX = 1 << 20, CHAT_MAX = 1 << 16 };

#define FIXED(size)									\
	long rfb_skip_##size(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n) \
	{										\
		(void)p;								\
		(void)out;								\
		(void)in;								\
		(void)n;								\
		return size;								\
	}

FIXED(1)
FIXED(4)
FIXED(6)
FIXED(10)

/* type, content type, u16 parameter, u32 size, u32 length, length bytes. */
long rfb_skip_ultra_file(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint32_t len;

	(void)out;
	(void)n;
	wire_skip(&in, 7);
	len = wire_u32be(&in);
	if (len > ULTRA_BODY_MAX)
		return RFB_E_LENGTH;
	p->skip = len;
	return 12;
}

/* type, 3 unused, u32 length, text; the last lengths below 2^32 are commands without a text. */
long rfb_skip_chat(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint32_t len;

	(void)out;
	(void)n;
	wire_skip(&in, 3);
	len = wire_u32be(&in);
	if (len < 0xfffffffdu) {
		if (len > CHAT_MAX)
			return RFB_E_LENGTH;
		p->skip = len;
	}
	return 8;
}

long rfb_skip_tight_name(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)out;
	(void)n;
	wire_skip(&in, 1);
	p->skip = wire_u16be(&in);
	return 4;
}

long rfb_skip_tight_transfer(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)out;
	(void)n;
	wire_skip(&in, 1);
	p->skip = wire_u16be(&in);
	return 8;
}

/* type, level, u16 real size, u16 packed size, data; both sizes zero: a u32 time ends the file. */
long rfb_skip_tight_data(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint16_t real, packed;

	(void)out;
	(void)n;
	wire_skip(&in, 1);
	real = wire_u16be(&in);
	packed = wire_u16be(&in);
	p->skip = real == 0 && packed == 0 ? 4 : packed;
	return 6;
}

long rfb_skip_gii(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint8_t sub = wire_u8(&in);

	(void)out;
	(void)n;
	if ((sub & 0x7f) > 3)
		return RFB_E_VALUE;
	p->skip = sub & 0x80 ? wire_u16be(&in) : wire_u16le(&in);
	return 4;
}
