/* One viewer: its connection, what it said that it can do, and what it has yet to be told. */
#ifndef RFBD_VIEWER_H
#define RFBD_VIEWER_H

#include <ev.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/stats.h"
#include "codec/codec.h"
#include "drain.h"
#include "net/addr.h"
#include "net/aside.h"
#include "net/stream.h"
#include "outq.h"
#include "pace.h"
#include "picture.h"
#include "rfb/cuttext.h"
#include "rfb/encodings.h"
#include "rfb/msg.h"
#include "rfb/server.h"
#include "rules.h"
#include "throttle.h"
#include "video/follow.h"
#include "worker/worker.h"

enum viewer_phase { VIEWER_HANDSHAKE, VIEWER_WAITING, VIEWER_RUNNING };

enum {
	DUE_SIZE_ANSWER = 1,		/* ExtendedDesktopSize has to be sent though nothing changed */
	DUE_CURSOR = 2, DUE_POINTER = 4, DUE_NAME = 8, DUE_LEDS = 16, DUE_QEMU_KEYS = 32, DUE_EXT_MOUSE = 64,
	DUE_LAYOUT = 128,		/* outputs changed */
};

struct cut;
struct update;
struct viewer;

/* A step of the handshake that is taken aside (net/aside.h). */
struct viewer_step {
	struct net_job job;
	struct viewer *v;
	bool busy;			/* the job's: the handshake, and the first n bytes of v->in */
	size_t n, used;
	struct wire_buf out;
	enum rfb_server_event event;
};

struct viewer {
	struct viewer *prev, *next;
	struct worker *w;
	uint32_t id;
	struct net_stream *stream;
	ev_io io;
	ev_timer deadline;		/* of the handshake; later: how long nothing may be taken */
	char address[NET_TEXT_MAX];
	char session[64];		/* of a browser's page; "" */
	uint32_t peer;			/* MSG_PEER_* */
	enum viewer_phase phase;

	/* handshake */
	struct rfb_server *handshake;
	struct viewer_step step;
	bool habit_noted;		/* whether it speaks RFB or HTTP */
	struct auth_offer offer;
	enum auth_type offered[AUTH_TYPES];
	enum rfb_server_event upgrade;	/* TLS or AES once `out` is sent; else RFB_SERVER_MORE (0) */
	enum { CHECK_NONE, CHECK_WAITS, CHECK_RUNS } checking;	/* its user, by the monitor */
	bool asking;			/* --accept's command is asked about it; asked_rights is what it would get */
	enum auth_rights asked_rights;
	const char *refusal;		/* it is being told why it is not taken: why_refused */
	char why_refused[128];
	enum auth_rights rights;
	char user[AUTH_NAME_MAX + 1];	/* "" when it came in without a name */
	uint32_t allowed;		/* FBS_RIGHT_* that the rules leave it */
	uint32_t rule_line;		/* of the rules file; 0: none */
	struct cli_limits limits;	/* of its rule */
	enum { TOLD_NOTHING, TOLD_VIEW, TOLD_CONTROL } told;	/* by --control */
	bool joined;			/* announced to the input consumer */
	bool shared;

	/* input */
	uint8_t *in;			/* VIEWER_IN_SIZE bytes */
	size_t in_len;
	ev_timer again;			/* the rest of `in` waits for the next turn of the loop */
	struct rfb_parser parser;
	struct rfb_cut_reader *cut;	/* NULL until it sends a clipboard message */
	bool wants_clip;		/* a text is on its way to the server for it */

	/* output */
	struct outq out;
	struct outq behind;		/* messages that came up while an update is encoded and goes out */
	uint64_t said, said_texts;	/* bytes that say.c has queued since nothing waited */
	bool choked;			/* the kernel holds enough unsent bytes */
	uint64_t unsent, unsent_at;	/* how many it held when it was last asked; what had been sent then */
	bool closing;			/* close once `out` is sent */

	/* what it can and wants */
	struct pixel_format format;
	bool map_due;			/* the colour map has to be sent before pixels */
	struct rfb_encodings can;
	bool counts_rects;		/* RFB 3.3: vncsnapshot lists LastRect and waits for 65535 rectangles all the same */
	struct codec_params params;	/* for what changes */
	int64_t encode_us;		/* how long an update takes to be encoded, lately */
	int64_t answered_us, cycle_us;	/* when it was sent its last update; how long it took to ask for the next one, lately */
	int8_t strain, ease;		/* levels by which quality is below what it asked for; updates since that seemed too many */
	double bulk;			/* of what is sent lossy, lately (quality.c) */
	struct pace pace;
	struct drain drain;		/* of out */
	struct throttle throttle;
	ev_timer next_frame, refill;	/* run while the throttle or the link holds an update, or bytes, back */
	bool held;			/* no byte may be written before `refill` */
	uint32_t request_mark;		/* of pace: its next request answers it; 0: none */
	bool takes_video;		/* as Open H.264, at this quality in percent */
	int8_t video_quality;
	struct codec_params exact_params;	/* for what is quiet; equal to params when these lose nothing */
	uint16_t w_sent, h_sent;	/* the framebuffer's size as it knows it */
	bool asked, asked_full;		/* an update request is unanswered */
	pixman_box32_t asked_box;
	bool continuous, announced_continuous, announced_fence;
	pixman_box32_t continuous_box;
	unsigned due;			/* DUE_* */
	bool size_answered;		/* ExtendedDesktopSize was sent since it was listed */
	uint16_t size_reason, size_status;	/* of the next one */
	uint32_t resize_request;	/* number of its last SetDesktopSize, and the size that it asked for */
	uint16_t resize_w, resize_h;
	bool resizing;			/* that one is the input consumer's to answer */
	uint16_t view_w, view_h;	/* -R view: the size that it wants to be shown at most; 0: no other */

	/* the picture */
	struct picture pic;
	pixman_region32_t blank;	/* outside the screen, and not black yet: for viewers that cannot be resized */
	ev_timer idle, life;		/* --idle, --max-time */
	ev_timer refine;		/* runs while something lossy waits to be sent exactly */
	int64_t refine_read_us;		/* for how long frames had been read when something last came to be due */
	pixman_box32_t painted;		/* where the cursor was painted into it; empty: nowhere */
	struct update *update;		/* being encoded */
	struct follow follow;
	struct codec_streams streams;	/* zlib streams whose header was sent */

	/* the account */
	int64_t since;
	uint64_t sent, received, updates, rectangles;
	bool controls;			/* it has used the keyboard or the pointer */
	int64_t captured_us;		/* of the oldest update that is not handed to the kernel yet; 0: none, or unknown */
	int64_t rtt_asked_us;
	struct cli_stat_viewer *stat;	/* its line in the statistics; NULL: none is free */
	unsigned ended_by;		/* STAT_CLOSED … */
	bool doomed;
	char why[160];
};

#define VIEWER_IN_SIZE RFB_MSG_MAX

/* A connection that speaks RFB; owns the stream. session: names a browser's session, or "". */
void viewer_open(struct worker *w, struct net_stream *stream, uint32_t peer, const char *address, const char *session);
/* Closes it soon (not within the call), for this reason; kind: STAT_CLOSED … as the metrics count it. */
void viewer_end(struct viewer *v, unsigned kind, const char *why, ...) __attribute__((format(printf, 3, 4)));
#define viewer_doom(v, ...) viewer_end(v, STAT_ERROR, __VA_ARGS__)
/* Closes and frees those that are doomed. */
void viewers_tidy(struct worker *w);
/* Sends what can be sent. */
void viewer_flush(struct viewer *v);
/* Reads, acts and sends as far as that works now: something that it waited for has happened. */
void viewer_go_on(struct viewer *v);
/* There is a screen now: viewers that waited for it get ServerInit. */
void viewers_screen_ready(struct worker *w);
/* The frame changed. */
void viewer_apply(struct viewer *v, const struct screen_change *c);
/* Its limits are others now: sends what they let through. */
void viewer_resume(struct viewer *v);

/* --- rights.c ---------------------------------------------------------------------------- */

/* FBS_RIGHT_*: what it may do now. */
uint32_t viewer_rights(const struct viewer *v);
/* True when the rules keep it out; user NULL: as far as can be told without knowing who it is. */
bool rights_denied(struct viewer *v, const char *user);
/* It has come in: gives it the rights and limits of its rule. False: it is denied. */
bool rights_begin(struct viewer *v);
#define RIGHTS_DENIAL 64
/* Why it is denied. */
const char *rights_denial(const struct viewer *v, char out[RIGHTS_DENIAL]);
/* What it may do has changed: tells whom it concerns. */
void rights_changed(struct viewer *v);
/* Other rules are in force: applies them to everybody who is here. */
void rights_reload(struct worker *w);

/* --- view.c -------------------------------------------------------------------------------- */

/* What it is to see, in the screen's coordinates: its region, which may reach beyond the screen, or all. */
pixman_box32_t viewer_frame(const struct viewer *v);
/* True when that may be less than the screen: it has a region, or asked for a size of its own. */
bool viewer_sees_part(const struct viewer *v);
/* The part of the screen that it can be shown now. */
pixman_box32_t viewer_bounds(const struct viewer *v);
/* An area of its framebuffer as part of the screen, clipped to what it sees, which may be empty: no screen is there. False: it is
 * no part of the framebuffer. */
bool viewer_clip(const struct viewer *v, const struct rfb_area *a, pixman_box32_t *out);
/* A position in its framebuffer as one on the screen, moved into what it sees. False: it sees nothing. */
bool viewer_spot(const struct viewer *v, int *x, int *y);
/* What of its framebuffer is no screen has to become black. */
void viewer_blank(struct viewer *v);
/* The screen copied a rectangle. */
void viewer_copy(struct viewer *v, const struct fbs_copy *c);
/* Queues a unit, with positions from this origin of its framebuffer on the screen. */
void viewer_put_unit(struct viewer *v, struct unit *unit, struct view_origin o);

/* --- viewer_msg.c -------------------------------------------------------------------- */

/* Acts on one message. */
void viewer_act(struct viewer *v, const struct rfb_msg *m);
/* The input consumer's answer to a SetDesktopSize. */
void viewer_resize_result(struct worker *w, const struct fbs_result *r);
/* The input consumer is gone: what it was to answer is answered, since some viewers ask for nothing else until then. */
void viewer_resizes_lost(struct worker *w);

/* --- handshake.c ------------------------------------------------------------------------ */

/* Starts the handshake. -1: no memory. */
int handshake_begin(struct viewer *v);
/* Feeds it the bytes received. */
void handshake_feed(struct viewer *v);
/* Its user was checked: VERDICT_*. */
void handshake_checked(struct viewer *v, unsigned verdict);
/* Sends ServerInit: it is a viewer now. */
void handshake_finish(struct viewer *v);

/* --- update.c ------------------------------------------------------------------------------ */

/* Sends the next update if one is due. */
void update_consider(struct viewer *v);
/* Units were encoded: goes on with an update that waited for them. */
void update_advance(struct viewer *v);
void update_cancel(struct viewer *v);
/* Where messages of their own are queued: behind an update that is being encoded or sent. What is in it was decided before they came; so a
 * viewer that sets another format behind a fence (SyncNext) has all that is still in the old one before the fence's answer. */
struct outq *update_queue(struct viewer *v);
/* True when a viewer waits for something new (and would take it at once). */
bool update_is_wanted(const struct viewer *v);
/* When frames are worth being read for its next request, which has not come yet; INT64_MAX: not at all. */
int64_t update_expected(const struct viewer *v, int64_t now);
/* True when it has been sent all there is. */
bool update_is_current(const struct viewer *v);

/* --- say.c ---------------------------------------------------------------------------------- */

/* Queues a message that is no update, and frees it. Ends a viewer that lets too much of this wait. */
void viewer_say(struct viewer *v, struct wire_buf *out);
/* The same with a clipboard text's, which others may be sent, too. NULL: there was no memory for it. */
void viewer_say_text(struct viewer *v, struct outq_shared *text);
/* Bytes were written. */
void viewer_said(struct viewer *v);

/* --- quality.c ------------------------------------------------------------------------------ */

/* Its encodings, levels or pixel format changed: picks what to send it. */
void quality_choose(struct viewer *v);
/* An update with so many bytes of lossy pixels went out: quality follows what the link carries. */
void quality_adapt(struct viewer *v, uint64_t bytes);

/* --- hold.c ---------------------------------------------------------------------------------- */

void hold_init(struct viewer *v);
void hold_end(struct viewer *v);
/* When its next update may be sent as far as its limits and its link go; not after now: now. */
int64_t hold_update_due(const struct viewer *v, int64_t now);
/* False: its next update has to wait, and will be considered again by itself. */
bool hold_lets_update(struct viewer *v);
/* How many bytes its link carries in so long: by its echoes to fences or, without them, by the slower of its requests and of what the
 * kernel takes; 0: unknown. */
uint64_t hold_carries(const struct viewer *v, int64_t us);
/* How many of n bytes may be written now; 0: none, and it goes on by itself. */
size_t hold_lets_bytes(struct viewer *v, size_t n);

/* --- limits.c -------------------------------------------------------------------------------- */

void limits_init(struct viewer *v);
/* It has come in, or has other limits: its time runs. */
void limits_begin(struct viewer *v);
/* It did something. */
void limits_touch(struct viewer *v);
void limits_end(struct viewer *v);

/* --- refine.c --------------------------------------------------------------------------------- */

void refine_init(struct viewer *v);
/* Something was sent approximately. */
void refine_later(struct viewer *v);
/* Appends to the cut what may be sent exactly now, within the area and outside of what is sent anyway. False: no memory. */
bool refine_cut(struct viewer *v, struct cut *cut, const pixman_region32_t *sent, const pixman_box32_t *area);
/* No more changes will come: what is lossy is due at once. */
void refine_now(struct viewer *v);

/* --- pseudo.c -------------------------------------------------------------------------------- */

/* Appends the rectangles without pixels that are due; returns how many. */
unsigned pseudo_put(struct viewer *v, struct wire_buf *out);
/* Sends a change of size in an update of its own if one is due. True: it was sent. */
bool pseudo_send_size(struct viewer *v);
/* True when pseudo_put would put something. */
bool pseudo_is_due(const struct viewer *v);
/* Where the cursor has to be painted into this viewer's picture; false: nowhere. */
bool pseudo_painted_box(const struct viewer *v, pixman_box32_t *box);

#endif
