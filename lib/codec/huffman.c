/* Dynamic Huffman blocks (RFC 1951, 3.2.7) of literals. Codes are held to 12 bits, so that four of them fit beside what is
 * left of a byte in a 64-bit word. */
#include "codec/huffman.h"

#include <endian.h>
#include <stdlib.h>

enum {
	LITERALS = 256, END = 256, SYMBOLS = 257, DISTANCES = 2, LENGTH_CODES = 19, CODE_MAX = 12, LENGTH_CODE_MAX = 7,
	BLOCK = 1 << 15,	/* bytes that share a set of codes */
	HEADER_MAX = 400,	/* of a block */
	N_MAX = 288,
};

/* --- code lengths ---------------------------------------------------------------------------- */

struct symbol { uint32_t count; uint16_t id; };

static int by_count(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Depths in the Huffman tree of n >= 2 symbols in ascending order. Leaves and inner nodes each come in ascending order, too. */
static void tree_depths(const struct symbol *s, unsigned n, uint8_t *depths)
{
	uint32_t weight[2 * N_MAX] = { 0 };
	uint16_t parent[2 * N_MAX] = { 0 };
	uint8_t depth[2 * N_MAX];
	unsigned leaf = 0, inner = n;

	for (unsigned i = 0; i < n; i++)
		weight[i] = s[i].count;
	for (unsigned next = n; next < 2 * n - 1; next++) {
		weight[next] = 0;
		for (unsigned i = 0; i < 2; i++) {
			unsigned child = leaf < n && (inner == next || weight[leaf] <= weight[inner]) ? leaf++ : inner++;
			weight[next] += weight[child];
			parent[child] = (uint16_t)next;
		}
	}
	depth[2 * n - 2] = 0;
	for (unsigned i = 2 * n - 2; i-- > 0;)
		depth[i] = (uint8_t)(depth[parent[i]] + 1);
	memcpy(depths, depth, n);
}

/* Shortens what is too long and makes the code complete again: rare symbols pay, then frequent ones get what is left. */
static void hold(uint8_t *depths, unsigned n, unsigned limit)
{
	uint32_t full = 1u << limit, used = 0;

	for (unsigned i = 0; i < n; i++) {
		depths[i] = depths[i] < limit ? depths[i] : (uint8_t)limit;
		used += full >> depths[i];
	}
	for (unsigned i = 0; used > full; i = (i + 1) % n)
		if (depths[i] < limit)
			used -= full >> ++depths[i];
	while (used < full)
		for (unsigned i = n; i-- > 0;)
			if (full >> depths[i] <= full - used)
				used += full >> depths[i]--;
}

void huffman_lengths(uint8_t *lengths, const uint32_t *counts, unsigned n, unsigned limit)
{
	struct symbol s[N_MAX];
	uint8_t depths[N_MAX];
	unsigned k = 0;

	memset(lengths, 0, n);
	for (unsigned i = 0; i < n; i++)
		if (counts[i])
			s[k++] = (struct symbol){ counts[i], (uint16_t)i };
	/* a code has two symbols at least, or inflaters call it incomplete */
	for (unsigned i = 0; k < 2; i++)
		if (!counts[i])
			s[k++] = (struct symbol){ 0, (uint16_t)i };
	qsort(s, k, sizeof *s, by_count);
	tree_depths(s, k, depths);
	hold(depths, k, limit);
	for (unsigned i = 0; i < k; i++)
		lengths[s[i].id] = depths[i];
}

/* --- codes and bits ----------------------------------------------------------------------------- */

struct code { uint16_t bits; uint16_t length; };

/* Canonical codes (RFC 1951, 3.2.2), lowest bit first. */
static void make_codes(struct code *codes, const uint8_t *lengths, unsigned n)
{
	unsigned next[16] = { 0 }, code = 0;

	for (unsigned length = 1; length < 16; length++) {
		next[length] = code;
		for (unsigned i = 0; i < n; i++)
			code += lengths[i] == length;
		code <<= 1;
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned v = lengths[i] ? next[lengths[i]]++ : 0, reversed = 0;
		for (unsigned b = 0; b < lengths[i]; b++)
			reversed |= (v >> b & 1) << (lengths[i] - 1 - b);
		codes[i] = (struct code){ (uint16_t)reversed, lengths[i] };
	}
}

struct bits { uint64_t word; unsigned n; uint8_t *to; };

static inline void bits_add(struct bits *b, uint64_t value, unsigned n)
{
	b->word |= value << b->n;
	b->n += n;
}

/* Leaves fewer than eight bits in the word. */
static inline void bits_flush(struct bits *b)
{
	uint64_t word = htole64(b->word);

	memcpy(b->to, &word, sizeof word);
	b->to += b->n / 8;
	b->word >>= b->n / 8 * 8;
	b->n %= 8;
}

static inline void bits_put(struct bits *b, uint64_t value, unsigned n)
{
	bits_add(b, value, n);
	bits_flush(b);
}

/* --- the header: code lengths, run-length coded, Huffman coded ------------------------------------------ */

enum { REPEAT = 16, ZEROS = 17, MANY_ZEROS = 18 };

struct token { uint8_t symbol, extra, extra_bits; };

/* The run of equal lengths at its beginning, as one token; how many lengths it stands for. */
static unsigned take_run(const uint8_t *lengths, unsigned n, bool repeatable, struct token *t)
{
	unsigned run = 1;

	while (run < n && lengths[run] == lengths[0])
		run++;
	if (lengths[0] == 0 && run >= 11) {
		run = run < 138 ? run : 138;
		*t = (struct token){ MANY_ZEROS, (uint8_t)(run - 11), 7 };
	} else if (lengths[0] == 0 && run >= 3) {
		*t = (struct token){ ZEROS, (uint8_t)(run - 3), 3 };
	} else if (repeatable && run >= 3) {
		run = run < 6 ? run : 6;
		*t = (struct token){ REPEAT, (uint8_t)(run - 3), 2 };
	} else {
		*t = (struct token){ lengths[0], 0, 0 };
		run = 1;
	}
	return run;
}

static unsigned tokenise(const uint8_t *lengths, unsigned n, struct token *tokens)
{
	unsigned k = 0;

	for (unsigned i = 0; i < n; k++)
		i += take_run(lengths + i, n - i, i > 0 && lengths[i] == lengths[i - 1], &tokens[k]);
	return k;
}

static void put_header(struct bits *b, const uint8_t *lengths)
{
	static const uint8_t order[LENGTH_CODES] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
	struct token tokens[SYMBOLS + DISTANCES];
	uint32_t counts[LENGTH_CODES] = { 0 };
	uint8_t token_lengths[LENGTH_CODES];
	struct code codes[LENGTH_CODES];
	unsigned n = tokenise(lengths, SYMBOLS + DISTANCES, tokens), last = LENGTH_CODES;

	for (unsigned i = 0; i < n; i++)
		counts[tokens[i].symbol]++;
	huffman_lengths(token_lengths, counts, LENGTH_CODES, LENGTH_CODE_MAX);
	make_codes(codes, token_lengths, LENGTH_CODES);
	while (last > 4 && token_lengths[order[last - 1]] == 0)
		last--;
	bits_put(b, 4, 3);	/* not final, dynamic codes */
	bits_put(b, SYMBOLS - 257, 5);
	bits_put(b, DISTANCES - 1, 5);
	bits_put(b, last - 4, 4);
	for (unsigned i = 0; i < last; i++)
		bits_put(b, token_lengths[order[i]], 3);
	for (unsigned i = 0; i < n; i++) {
		const struct token *t = &tokens[i];
		bits_put(b, codes[t->symbol].bits, codes[t->symbol].length);
		bits_put(b, t->extra, t->extra_bits);
	}
}

/* --- blocks ------------------------------------------------------------------------------------------------ */

/* Four tables, so that one count need not wait for the next. */
static void count(uint32_t *counts, const uint8_t *bytes, size_t n)
{
	uint32_t part[4][LITERALS] = { { 0 } };
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (unsigned k = 0; k < 4; k++)
			part[k][bytes[i + k]]++;
	for (; i < n; i++)
		part[0][bytes[i]]++;
	for (unsigned v = 0; v < LITERALS; v++)
		counts[v] = part[0][v] + part[1][v] + part[2][v] + part[3][v];
	counts[END] = 1;
}

static void put_literals(struct bits *b, const struct code *codes, const uint8_t *bytes, size_t n)
{
	struct bits k = *b;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		/* joined in pairs, so that they do not all wait for each other */
		const struct code c0 = codes[bytes[i]], c1 = codes[bytes[i + 1]], c2 = codes[bytes[i + 2]], c3 = codes[bytes[i + 3]];
		uint64_t low = c0.bits | (uint64_t)c1.bits << c0.length, high = c2.bits | (uint64_t)c3.bits << c2.length;
		unsigned low_length = c0.length + c1.length, high_length = c2.length + c3.length;
		bits_add(&k, low | high << low_length, low_length + high_length);
		bits_flush(&k);
	}
	for (; i < n; i++)
		bits_put(&k, codes[bytes[i]].bits, codes[bytes[i]].length);
	bits_put(&k, codes[END].bits, codes[END].length);
	*b = k;
}

static void put_block(struct bits *b, const uint8_t *bytes, size_t n)
{
	uint32_t counts[SYMBOLS];
	uint8_t lengths[SYMBOLS + DISTANCES];
	struct code codes[SYMBOLS];

	count(counts, bytes, n);
	huffman_lengths(lengths, counts, SYMBOLS, CODE_MAX);
	/* no distance is used; a complete code of two is what every inflater takes */
	memset(lengths + SYMBOLS, 1, DISTANCES);
	make_codes(codes, lengths, SYMBOLS);
	put_header(b, lengths);
	put_literals(b, codes, bytes, n);
}

void huffman_put_last(struct wire_buf *out, const uint8_t *bytes, size_t n)
{
	uint8_t *to = wire_buf_room(out, n + n / 2 + (n / BLOCK + 1) * HEADER_MAX + 16);
	struct bits b = { .to = to };

	if (!to)
		return;
	for (size_t at = 0; at < n; at += BLOCK)
		put_block(&b, bytes + at, n - at < BLOCK ? n - at : BLOCK);
	if (b.n)
		b.to++;		/* the flush has written it */
	out->len += (size_t)(b.to - to);
}
