/* TRLE (RFC 6143, 7.7.5), ZRLE (7.7.6) and ZYWRLE: rows of tiles, deflated but in TRLE. */
#include "codec/encode.h"
#include "codec/wavelet.h"

/* ZRLE: about how many bytes are deflated at a time. */
enum { PART = 1 << 20 };

/* The row of tiles at y (within r), `size` pixels each way, into out. */
static void put_row(struct job *j, struct tile_writer *t, struct wire_buf *out, struct rect r, unsigned y, unsigned size)
{
	unsigned h = r.h - y < size ? r.h - y : size;
	const uint32_t *strip = job_values(j, (struct rect){ r.x, r.y + y, r.w, h });
	uint32_t px[64 * 64];

	for (unsigned x = 0; strip && x < r.w; x += size) {
		unsigned w = r.w - x < size ? r.w - x : size;
		tile_copy(px, strip + x, r.w, w, h);
		tile_put(t, &j->e->palette, out, px, w, h);
	}
}

void enc_trle(struct job *j, struct rect r)
{
	struct tile_writer t = { .pack = pack_cpixel(&j->p->format), .reuse = true };

	job_header(j, r, CODEC_TRLE);
	for (unsigned y = 0; y < r.h; y += 16)
		put_row(j, &t, job_out(j), r, y, 16);
}

static void put_deflated(struct job *j, struct tile_writer *t, struct rect r)
{
	struct wire_buf *out = job_out(j), *raw = &j->e->raw;

	job_header(j, r, j->p->encoding);
	size_t at = out->len;
	wire_put_u32be(out, 0);
	wire_buf_reset(raw);
	for (unsigned y = 0; y < r.h; y += 64) {
		put_row(j, t, raw, r, y, 64);
		out->bad |= raw->bad;
		if (out->bad)
			return;
		if (raw->len >= PART || y + 64 >= r.h) {
			deflate_put(j->e->deflate, out, raw->data, raw->len, j->level, DEFLATE_SMALL);
			wire_buf_reset(raw);
		}
	}
	job_length(j, at);
	j->unit->zlib = true;
}

void enc_zrle(struct job *j, struct rect r)
{
	struct tile_writer t = { .pack = pack_cpixel(&j->p->format) };

	put_deflated(j, &t, r);
}

/* Viewers disagree on what the best quality is: some transform nothing then, others once. A rectangle
 * without raw tiles means the same to both. */
void enc_zywrle(struct job *j, struct rect r)
{
	struct tile_writer t = { .pack = pack_cpixel(&j->p->format), .format = &j->p->format };
	int level = wavelet_level(codec_quality_level(j->p->quality));

	if (wavelet_can(&j->p->format))
		t.wavelet = level > 0 && wavelet_suits(&j->p->format) ? level : -1;
	put_deflated(j, &t, r);
	j->unit->lossy |= t.lossy;
}
