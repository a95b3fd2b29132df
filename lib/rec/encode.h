/* Raw PIXELS records made small, one by one. */
#ifndef RFBKIT_REC_ENCODE_H
#define RFBKIT_REC_ENCODE_H

#include "codec/codec.h"
#include "fbs/fbs.h"

struct rec_encode {
	uint32_t encoding;		/* enum fbs_encoding */
	int quality;			/* of JPEG: 1–100 */
	/* private */
	struct codec_encoder *encoder;
	struct codec_unit unit;
};

/* Zero with an encoding set is ready. */
void rec_encode_fini(struct rec_encode *e);
/* Turns a raw PIXELS record into one of e's encoding; the data are e's until the next call. Any other record, and one
 * that would not become smaller, is left as it is. 0; -1 and errno. */
int rec_encode_record(struct rec_encode *e, struct fbs_record *r);

#endif
