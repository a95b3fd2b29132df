/* PIXELS records from raw to small and back, one by one. */
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

struct rec_decode {
	/* private */
	struct codec_decoder *decoder;
	struct wire_buf raw;
};

/* Zero is ready. */
void rec_decode_fini(struct rec_decode *d);
/* Turns a PIXELS record into a raw one; the data are d's until the next call. Any other record is left as it is.
 * 0; FBS_E_LENGTH when it would be too large for a record, FBS_E_VALUE when it does not decode, FBS_E_SYSTEM. */
int rec_decode_record(struct rec_decode *d, struct fbs_record *r);

#endif
