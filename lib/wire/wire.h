/* Bounds-checked cursor over bytes, growable output, checked sizes.
 *
 * Reading is sticky: the first read past the end sets `bad`, every later read
 * returns 0, so a parser reads all its fields and tests `bad` once.
 * Writing is sticky too: the first failure (no memory, past `max`) sets `bad`. */
#ifndef RFBKIT_WIRE_H
#define RFBKIT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* --- in.c: a cursor over borrowed bytes ------------------------------------ */

struct wire_in {
	const uint8_t *at, *end;
	bool bad;
};

static inline struct wire_in wire_in(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	return (struct wire_in){ p, n ? p + n : p, false };
}
static inline size_t wire_left(const struct wire_in *in)
{
	return (size_t)(in->end - in->at);
}
/* Borrowed view of the next n bytes; NULL (and bad) when there are fewer. */
const uint8_t *wire_get(struct wire_in *in, size_t n);
/* Skips n bytes. */
void wire_skip(struct wire_in *in, size_t n);
uint8_t wire_u8(struct wire_in *in);
uint16_t wire_u16be(struct wire_in *in);
uint32_t wire_u32be(struct wire_in *in);
uint64_t wire_u64be(struct wire_in *in);
uint16_t wire_u16le(struct wire_in *in);
uint32_t wire_u32le(struct wire_in *in);
uint64_t wire_u64le(struct wire_in *in);
static inline int16_t wire_s16be(struct wire_in *in) { return (int16_t)wire_u16be(in); }
static inline int32_t wire_s32be(struct wire_in *in) { return (int32_t)wire_u32be(in); }
static inline int32_t wire_s32le(struct wire_in *in) { return (int32_t)wire_u32le(in); }

/* --- buf.c: growable output -------------------------------------------------- */

/* Zero is a valid empty buffer without a cap; set `max` to bound its growth. */
struct wire_buf {
	uint8_t *data;
	size_t len, cap;
	size_t max;	/* most bytes that it may hold; 0: no cap but memory */
	bool bad;	/* an append failed; nothing is appended from then on */
};

void wire_buf_fini(struct wire_buf *b);
/* Empties, keeps the memory, clears bad. */
void wire_buf_reset(struct wire_buf *b);
/* Room for n more bytes at data + len, or NULL (and bad). Does not change len. */
uint8_t *wire_buf_room(struct wire_buf *b, size_t n);
/* Grows len by n and returns the n new bytes, uninitialised; NULL when bad. */
uint8_t *wire_buf_grow(struct wire_buf *b, size_t n);
/* Drops the first n bytes (n <= len), moving the rest down. */
void wire_buf_drop(struct wire_buf *b, size_t n);
/* Gives the bytes to the caller, who frees them; the buffer is empty again. */
uint8_t *wire_buf_take(struct wire_buf *b, size_t *n);
void wire_put(struct wire_buf *b, const void *bytes, size_t n);
void wire_put_zero(struct wire_buf *b, size_t n);
void wire_put_u8(struct wire_buf *b, uint8_t v);
void wire_put_u16be(struct wire_buf *b, uint16_t v);
void wire_put_u32be(struct wire_buf *b, uint32_t v);
void wire_put_u64be(struct wire_buf *b, uint64_t v);
void wire_put_u16le(struct wire_buf *b, uint16_t v);
void wire_put_u32le(struct wire_buf *b, uint32_t v);
void wire_put_u64le(struct wire_buf *b, uint64_t v);
/* Overwrites bytes already put, at offset `at` (at + width <= len). */
void wire_set_u16be(struct wire_buf *b, size_t at, uint16_t v);
void wire_set_u32be(struct wire_buf *b, size_t at, uint32_t v);

/* --- sizes: false when the result does not fit ------------------------------- */

static inline bool wire_mul(size_t *out, size_t a, size_t b)
{
	return !__builtin_mul_overflow(a, b, out);
}
static inline bool wire_add(size_t *out, size_t a, size_t b)
{
	return !__builtin_add_overflow(a, b, out);
}

/* --- raw stores and loads, for code that checked its bounds ------------------ */

static inline void wire_st16be(uint8_t *p, uint16_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static inline void wire_st32be(uint8_t *p, uint32_t v) { wire_st16be(p, (uint16_t)(v >> 16)); wire_st16be(p + 2, (uint16_t)v); }
static inline uint16_t wire_ld16be(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t wire_ld32be(const uint8_t *p) { return (uint32_t)wire_ld16be(p) << 16 | wire_ld16be(p + 2); }

#endif
