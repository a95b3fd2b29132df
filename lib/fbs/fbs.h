/* The stream between the programs: record types, their payloads, limits.
 * doc/fbstream.5 is the specification; lib/fbs is its only implementation.
 *
 * A stream is a preamble (32 bytes), then records. A record is a header (16 bytes:
 * u16 type, u16 flags, u32 payload length, u64 microseconds since the stream's start)
 * and a payload padded with zeros to a multiple of 8. Little-endian throughout. */
#ifndef RFBKIT_FBS_H
#define RFBKIT_FBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FBS_PREAMBLE_SIZE 32	/* magic[8], u16 major, u16 minor, u32 zero, i64 wall-clock start (µs since the epoch), char program[8] (NUL padded) */
#define FBS_HEADER_SIZE 16
#define FBS_MAJOR 1
#define FBS_MINOR 0

/* --- limits ------------------------------------------------------------------------ */

#define FBS_DATA_MAX (1u << 20)			/* pixel or cursor bytes in one record: larger areas are split */
#define FBS_PAYLOAD_MAX (FBS_DATA_MAX + 64)	/* any record */
#define FBS_SIDE_MAX 32767u			/* width or height of a screen (X11's limit) */
#define FBS_PIXELS_MAX (1u << 26)		/* width × height of a screen: 8192 × 8192 */
#define FBS_FRAME_RECORDS_MAX (1u << 20)	/* records that one FRAME may commit */
#define FBS_CURSOR_SIDE_MAX 512u
#define FBS_OUTPUTS_MAX 16u
#define FBS_TEXT_MAX 1024u			/* names, reasons: bytes of UTF-8 without a NUL */
#define FBS_CLIP_PART_MAX 65536u		/* clipboard bytes in one CLIP record */
#define FBS_CLIP_MAX (64u << 20)		/* clipboard bytes altogether */
#define FBS_SHARED_MAX ((uint64_t)1 << 32)	/* bytes of a shared segment */
#define FBS_STRIDE_MAX (1u << 20)		/* bytes from row to row in it */
#define FBS_TIME_MAX ((int64_t)1 << 56)		/* µs: two thousand years */

/* --- record types -------------------------------------------------------------------- */

enum fbs_type {
	/* downstream: what the screen does */
	FBS_SCREEN = 1,
	FBS_PIXELS = 2,
	FBS_COPY = 3,
	FBS_SHARED = 4,
	FBS_DAMAGE = 5,
	FBS_CURSOR = 6,
	FBS_POINTER = 7,
	FBS_NAME = 8,
	FBS_LEDS = 9,
	FBS_BELL = 10,
	FBS_RESULT = 11,
	FBS_MARK = 12,
	FBS_FRAME = 13,
	FBS_END = 14,		/* last record of a stream that ended on purpose */
	FBS_MEDIA = 15,		/* the recording that plays: its length, whether it is paused, its speed */
	FBS_CUE = 16,		/* a MARK of the recording, told ahead for a time line */
	/* both ways */
	FBS_HELLO = 32,		/* first record of an input consumer's stream: its role */
	FBS_CLIP_OFFER = 33,
	FBS_CLIP = 34,
	FBS_CLIP_WANT = 35,
	/* upstream: what people do */
	FBS_JOIN = 64,
	FBS_LEAVE = 65,
	FBS_KEY = 66,
	FBS_MOTION = 67,	/* DESIGN's upstream POINTER: position and buttons */
	FBS_RESIZE = 68,
	FBS_WANT = 69,
	FBS_PAUSE = 70,
	FBS_SEEK = 71,
	FBS_SPEED = 72,
};

/* Flags of a record header. */
enum {
	FBS_FRAME_KEY = 1,		/* FRAME: a reader may start at this frame */
	FBS_FRAME_GAP = 2,		/* FRAME: discontinuity: what came before was not continuous with it */
	FBS_CLIP_LAST = 1,		/* CLIP: the text ends here */
};

/* --- payloads, in host form ----------------------------------------------------------- */

enum fbs_kind { FBS_LIVE = 0, FBS_RECORDING = 1, FBS_RELAY = 2 };

struct fbs_output {
	uint32_t id;
	int32_t x, y;		/* relative to the captured part */
	uint32_t w, h;
};

/* The screen that the following frames show. A change of size clears the frame to black. */
struct fbs_screen {
	uint32_t kind;			/* enum fbs_kind */
	uint32_t flags;			/* FBS_SCREEN_* */
	uint32_t w, h;
	int32_t origin_x, origin_y;	/* of the captured part on its display: added to pointer positions */
	uint8_t boot_id[16];		/* of the machine it was captured on; zero when unknown */
	uint32_t n_outputs;
	struct fbs_output outputs[FBS_OUTPUTS_MAX];
	const char *display;		/* not NUL-terminated: ":99" */
	uint32_t display_len;
};
enum { FBS_SCREEN_RESIZABLE = 1 };	/* RESIZE requests can succeed */

enum fbs_encoding { FBS_RAW = 0, FBS_TRLE = 15, FBS_JPEG = 21 };	/* RFB's own numbers */

/* Pixels of one rectangle. Raw: w × h × 4 bytes, rows without padding, u32 0x..RRGGBB, top byte ignored. */
struct fbs_pixels {
	uint16_t x, y, w, h;
	uint32_t encoding;		/* enum fbs_encoding */
	const uint8_t *data;
	uint32_t len;
};

struct fbs_copy {
	uint16_t x, y, w, h;		/* destination */
	uint16_t src_x, src_y;
};

/* A System V segment into which the source captures; see fbstream(5), "Shared pixels". */
struct fbs_shared {
	uint32_t shmid, pid;
	uint64_t size;			/* bytes of the segment */
	uint64_t nonce_at;		/* where in the segment the nonce stands */
	uint8_t nonce[16];
};

struct fbs_damage {
	uint16_t x, y, w, h;
	uint64_t offset;		/* of the rectangle's first pixel in the segment */
	uint32_t stride;		/* bytes from row to row */
};

struct fbs_cursor {
	uint16_t w, h;			/* 0 × 0: hidden */
	int16_t hot_x, hot_y;
	const uint8_t *argb;		/* w × h × u32 premultiplied ARGB */
};

struct fbs_pointer { int32_t x, y; uint32_t on_screen; };	/* of the captured part */
struct fbs_text { const char *text; uint32_t len; };		/* NAME: valid UTF-8 */
struct fbs_leds { uint32_t mask; };				/* 1 scroll lock, 2 num lock, 4 caps lock */
struct fbs_result { uint32_t viewer, request, status; };	/* status: ExtendedDesktopSize's codes */

enum fbs_mark_kind { FBS_MARK_USER = 0, FBS_MARK_PAUSE = 1, FBS_MARK_LOST = 2, FBS_MARK_RESUME = 3 };
struct fbs_mark { uint32_t kind; struct fbs_text text; };

struct fbs_frame {
	uint64_t number;
	int64_t capture_us;		/* when it was captured, µs since the stream's start */
	int64_t media_us;		/* its place in a recording; equal to capture_us when live */
	uint64_t checksum;		/* XXH3-64 of all bytes since the last FRAME up to this field */
};

#define FBS_MEDIA_US_MAX (INT64_C(1) << 56)
struct fbs_media {
	int64_t length_us;		/* of the recording; grows when one is played that is still being made */
	uint32_t paused;		/* 0 or 1 */
	uint32_t permille;		/* speed: 1000 is as recorded */
};
struct fbs_cue {
	int64_t at_us;			/* media time */
	uint32_t kind;			/* enum fbs_mark_kind */
	struct fbs_text text;
};

enum fbs_end_status { FBS_END_DONE = 0, FBS_END_LOST = 1, FBS_END_DIED = 2 };
struct fbs_end { uint32_t status; struct fbs_text text; };	/* LOST: the display went away; DIED: a stage before did */

enum fbs_role { FBS_ROLE_SOURCE = 1, FBS_ROLE_INPUT = 2 };
struct fbs_hello {
	uint32_t role;
	uint32_t flags;			/* FBS_HELLO_*: what this peer can do */
	uint8_t boot_id[16];
	struct fbs_text display;
};
enum { FBS_HELLO_CLIP = 1, FBS_HELLO_RESIZE = 2 };

enum fbs_selection { FBS_CLIPBOARD = 1, FBS_PRIMARY = 2 };
struct fbs_clip_offer {
	uint32_t viewer;		/* who offers (0: the screen) */
	uint32_t selection;
	uint64_t serial;		/* grows with each offer of one side */
	uint64_t size;			/* bytes of UTF-8; 0: not known yet, UINT64_MAX: nothing is offered any more */
};
struct fbs_clip {
	uint32_t viewer, selection;
	uint64_t serial, offset;	/* the offer's serial; parts come in order */
	struct fbs_text text;		/* at most FBS_CLIP_PART_MAX; lines end in LF; may end within a character unless last */
};
struct fbs_clip_want { uint32_t viewer, selection; uint64_t serial; };

enum { FBS_RIGHT_INPUT = 1, FBS_RIGHT_CLIP_IN = 2, FBS_RIGHT_CLIP_OUT = 4, FBS_RIGHT_RESIZE = 8 };
struct fbs_join { uint32_t viewer, rights; struct fbs_text address; };
struct fbs_leave { uint32_t viewer; };
struct fbs_key { uint32_t viewer, keysym, code, down; };	/* code: XT scan code as QEMU sends it, 0 when unknown */
struct fbs_motion { uint32_t viewer; int32_t x, y; uint32_t buttons; };	/* on the display (origin added); bit 0 left, 1 middle, 2 right, 3–6 wheel, 7 back, 8 forward */
struct fbs_resize {
	uint32_t viewer, request, w, h;
	uint32_t n_outputs;
	struct fbs_output outputs[FBS_OUTPUTS_MAX];
};
struct fbs_want { uint32_t frames; };	/* send at most this many further frames; 0: stop */
struct fbs_pause { uint32_t viewer, paused; };			/* 2: toggle */
struct fbs_seek { uint32_t viewer, relative; int64_t us; };	/* media time */
struct fbs_speed { uint32_t viewer, relative, permille; };	/* relative: multiplies */

struct fbs_record {
	uint16_t type, flags;
	int64_t time_us;		/* since the stream's start; never decreases */
	uint64_t offset;		/* of the header in the stream, for messages */
	union {
		struct fbs_screen screen;
		struct fbs_pixels pixels;
		struct fbs_copy copy;
		struct fbs_shared shared;
		struct fbs_damage damage;
		struct fbs_cursor cursor;
		struct fbs_pointer pointer;
		struct fbs_text name;
		struct fbs_leds leds;
		struct fbs_result result;
		struct fbs_mark mark;
		struct fbs_frame frame;
		struct fbs_end end;
		struct fbs_media media;
		struct fbs_cue cue;
		struct fbs_hello hello;
		struct fbs_clip_offer clip_offer;
		struct fbs_clip clip;
		struct fbs_clip_want clip_want;
		struct fbs_join join;
		struct fbs_leave leave;
		struct fbs_key key;
		struct fbs_motion motion;
		struct fbs_resize resize;
		struct fbs_want want;
		struct fbs_pause pause;
		struct fbs_seek seek;
		struct fbs_speed speed;
	};
};

struct fbs_preamble {
	uint16_t major, minor;
	int64_t wall_us;		/* start of the stream, µs since the epoch */
	char program[9];		/* who writes it: "fbgrab"; printable ASCII, NUL-terminated */
};

/* --- errors ---------------------------------------------------------------------------- */

enum fbs_error {
	FBS_OK = 0,
	FBS_E_FOREIGN = -1,	/* not a stream of ours: the magic is missing */
	FBS_E_VERSION = -2,
	FBS_E_LENGTH = -3,	/* a length beyond its type's bounds */
	FBS_E_VALUE = -4,	/* a field outside its range, a rectangle outside the screen */
	FBS_E_ORDER = -5,	/* pixels before SCREEN, time running backwards, frame too long */
	FBS_E_CHECKSUM = -6,
	FBS_E_TRUNCATED = -7,	/* the bytes end within a record or an uncommitted frame */
	FBS_E_SYSTEM = -8,	/* errno says what */
};
const char *fbs_strerror(int error);
/* "SCREEN"; "unknown". */
const char *fbs_type_name(uint16_t type);
/* False for a type that this version does not know (fbs_record_parse skips its payload). */
bool fbs_type_known(uint16_t type);
/* UTF-8 without a NUL. */
bool fbs_text_valid(const char *text, size_t len);

/* --- parse.c: bytes to structs, no state, no side effects ------------------------------- */

/* Both return bytes consumed (header, payload and padding), 0 for need more, a negative fbs_error.
 * Views point into `bytes`. An unknown record type is parsed too (type set, no payload fields).
 * A record's `offset` is left 0: only a reader knows it. */
long fbs_preamble_parse(struct fbs_preamble *out, const uint8_t *bytes, size_t n);
long fbs_record_parse(struct fbs_record *out, const uint8_t *bytes, size_t n);

/* --- put.c: structs to bytes -------------------------------------------------------------- */

struct wire_buf;
void fbs_preamble_put(struct wire_buf *b, const char *program, int64_t wall_us);
/* Appends header, payload and padding. FRAME's checksum is written as given. What fbs_record_parse
 * would refuse (fields out of range, text that is not UTF-8) is not written: b->bad is set. */
void fbs_record_put(struct wire_buf *b, const struct fbs_record *r);

#endif
