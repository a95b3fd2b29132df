/* What lib/fbs knows about each record type: one table entry, three small functions. Private. */
#ifndef RFBKIT_FBS_TYPE_H
#define RFBKIT_FBS_TYPE_H

#include "fbs/fbs.h"
#include "wire/wire.h"

/* The part of a payload after its fixed fields: pixels, text. */
struct fbs_tail {
	const void *bytes;
	uint32_t len;
};

struct fbs_type_info {
	const char *name;
	uint32_t fixed;		/* least bytes of the payload */
	uint32_t max;		/* most */
	/* Payload to struct: field by field; the cursor's bounds are the payload's. May be NULL. */
	void (*get)(struct wire_in *in, struct fbs_record *r);
	/* The fixed fields (and arrays after them) to bytes. May be NULL. */
	void (*put)(struct wire_buf *b, const struct fbs_record *r);
	/* What follows them; NULL: nothing. */
	struct fbs_tail (*tail)(const struct fbs_record *r);
	/* NULL when every field is in its range, else what is wrong. */
	const char *(*check)(const struct fbs_record *r);
};

/* NULL when the type is unknown. */
const struct fbs_type_info *fbs_type_info(uint16_t type);

/* The types' own functions, by name: get_screen, put_screen, … */
#define FBS_TYPE_FUNCTIONS(x)						\
	void fbs_get_##x(struct wire_in *in, struct fbs_record *r);	\
	void fbs_put_##x(struct wire_buf *b, const struct fbs_record *r); \
	struct fbs_tail fbs_tail_##x(const struct fbs_record *r);	\
	const char *fbs_check_##x(const struct fbs_record *r)

/* down.c */
FBS_TYPE_FUNCTIONS(screen);
FBS_TYPE_FUNCTIONS(pixels);
FBS_TYPE_FUNCTIONS(copy);
FBS_TYPE_FUNCTIONS(shared);
FBS_TYPE_FUNCTIONS(damage);
FBS_TYPE_FUNCTIONS(cursor);
/* events.c */
FBS_TYPE_FUNCTIONS(pointer);
FBS_TYPE_FUNCTIONS(name);
FBS_TYPE_FUNCTIONS(leds);
FBS_TYPE_FUNCTIONS(result);
FBS_TYPE_FUNCTIONS(mark);
FBS_TYPE_FUNCTIONS(frame);
FBS_TYPE_FUNCTIONS(end);
FBS_TYPE_FUNCTIONS(hello);
FBS_TYPE_FUNCTIONS(clip_offer);
FBS_TYPE_FUNCTIONS(clip);
FBS_TYPE_FUNCTIONS(clip_want);
/* media.c */
FBS_TYPE_FUNCTIONS(media);
FBS_TYPE_FUNCTIONS(cue);
/* up.c */
FBS_TYPE_FUNCTIONS(join);
FBS_TYPE_FUNCTIONS(leave);
FBS_TYPE_FUNCTIONS(key);
FBS_TYPE_FUNCTIONS(motion);
FBS_TYPE_FUNCTIONS(resize);
FBS_TYPE_FUNCTIONS(want);
FBS_TYPE_FUNCTIONS(pause);
FBS_TYPE_FUNCTIONS(seek);
FBS_TYPE_FUNCTIONS(speed);

/* --- shared by them --- */

enum { FBS_OUTPUT_SIZE = 24 };
void fbs_get_outputs(struct wire_in *in, struct fbs_output *o, uint32_t n);
void fbs_put_outputs(struct wire_buf *b, const struct fbs_output *o, uint32_t n);
const char *fbs_check_outputs(const struct fbs_output *o, uint32_t n);
/* The rest of the payload as text; and whether it is UTF-8 without a NUL, at most FBS_TEXT_MAX. */
void fbs_get_text(struct wire_in *in, struct fbs_text *t);
const char *fbs_check_text(const char *text, uint32_t len);

/* --- parse.c, put.c --- */

/* fbs_record_parse that also says what is wrong (a static string; untouched when nothing is). */
long fbs_record_parse_why(struct fbs_record *out, const uint8_t *bytes, size_t n, const char **why);
/* Header and fixed fields; *tail and *pad follow. False: memory, or what a reader would refuse (errno). */
bool fbs_record_put_head(struct wire_buf *b, const struct fbs_record *r, struct fbs_tail *tail, uint32_t *pad);
static inline uint32_t fbs_padding(uint32_t len) { return -len & 7u; }

extern const uint8_t fbs_magic[8];

#endif
