/* JPEG (rfbproto "JPEG Encoding"): a rectangle is an image, complete with its tables. */
#include "codec/encode.h"

enum { PIECE = 4096, PERCENT = 92 };

static void piece(struct job *j, struct rect r)
{
	job_header(j, r, CODEC_JPEG);
	jpeg_put(&j->e->jpeg, job_out(j), j->src->px + r.y * j->src->stride + r.x, j->src->stride, r.w, r.h,
		 j->p->quality > 0 ? j->p->quality : PERCENT, j->p->subsample);
	j->unit->lossy = true;
}

void enc_jpeg(struct job *j, struct rect r)
{
	job_cut(j, r, PIECE, PIECE, piece);
}
