/* RRE (RFC 6143, 7.7.3) and CoRRE (rfbproto). Cut into pieces of 64 × 64, which the search for subrectangles
 * works on; a piece that would be larger than its pixels is sent Raw, as every viewer must understand. */
#include "codec/encode.h"

enum { PIECE = 64, SUBRECTS = PIECE * PIECE };

static void put_subrect(struct wire_buf *out, const struct pack *k, const struct subrect *s, bool compact)
{
	uint8_t b[12], *p = b;

	pack_put1(k, p, s->colour);
	p += k->bytes;
	const uint8_t box[4] = { s->x, s->y, s->w, s->h };
	for (unsigned i = 0; i < 4; i++) {
		if (!compact)
			*p++ = 0;
		*p++ = box[i];
	}
	wire_put(out, b, (size_t)(p - b));
}

static void piece(struct job *j, struct rect r, bool compact)
{
	struct palette *colours = &j->e->palette;
	const struct pack k = pack_pixel(&j->p->format);
	struct subrect found[SUBRECTS / 4];
	const unsigned each = k.bytes + (compact ? 4u : 8u), area = r.w * r.h;
	unsigned most = area * k.bytes / each, n;
	uint8_t background[4];

	most = most < SUBRECTS / 4 ? most : SUBRECTS / 4;
	const uint32_t *px = job_values(j, r);
	if (!px)
		return;
	if (!palette_scan(colours, px, area, PALETTE_MAX)) {
		enc_raw(j, r);
		return;
	}
	uint32_t common = colours->colour[palette_commonest(colours)];
	n = subrects_find(found, most, px, r.w, r.h, common);
	if (n > most) {
		enc_raw(j, r);
		return;
	}
	job_header(j, r, compact ? CODEC_CORRE : CODEC_RRE);
	wire_put_u32be(job_out(j), n);
	pack_put1(&k, background, common);
	wire_put(job_out(j), background, k.bytes);
	for (unsigned i = 0; i < n; i++)
		put_subrect(job_out(j), &k, &found[i], compact);
}

static void rre_piece(struct job *j, struct rect r)
{
	piece(j, r, false);
}

static void corre_piece(struct job *j, struct rect r)
{
	piece(j, r, true);
}

void enc_rre(struct job *j, struct rect r)
{
	job_cut(j, r, PIECE, PIECE, rre_piece);
}

void enc_corre(struct job *j, struct rect r)
{
	job_cut(j, r, PIECE, PIECE, corre_piece);
}
