/* Open H.264 streams of the regions that move: each is one encoder, whose access units go to every viewer that follows it.
 *
 * A stream is one region at one quality for links of about one speed. Its units are numbered; each but a key frame needs the one
 * before it. The newest are kept, so that a viewer that lets a few frames go by can catch up, and one that comes can begin at a
 * key frame a moment ago. */
#ifndef RFBD_VIDEO_H
#define RFBD_VIDEO_H

#include <ev.h>
#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "motion.h"
#include "units/unit.h"

#define VIDEO_STREAMS 16u	/* at most, of all regions */
#define VIDEO_KEPT 10u		/* units of each */

struct codec_h264;
struct worker;

/* A picture of a stream as a unit, made by a thread of the pool. */
struct video_unit {
	struct unit unit;		/* first: freed as a unit is */
	struct video_stream *stream;	/* there while the unit is QUEUED */
	uint32_t stream_id, number;
	unsigned kbit;			/* the rate to encode it at */
	bool key;			/* it has to stand for itself */
	bool stands;			/* it does: once DONE */
};

struct video_stream {
	uint32_t id, region;		/* its own; the motion_region's */
	pixman_box32_t box;
	int8_t quality;			/* percent */
	uint8_t tier;			/* of the links that it is for: VIDEO_TIERS */
	struct video_unit *kept[VIDEO_KEPT];	/* oldest first; references */
	unsigned n;
	uint32_t number;		/* of the newest unit; 0: none yet */
	uint64_t content;		/* what that shows, as unit_key has it */
	int64_t key_us, used_us;	/* when the last key frame and the last unit were asked for */
	bool key_wanted;		/* somebody waits for a key frame */
	uint64_t encoded, sent;		/* for the log */
	unsigned kbit;			/* the rate for the last unit; 0: none yet */

	/* the thread's that encodes a unit of it: one at a time */
	struct codec_h264 *encoder;
	unsigned encoder_kbit;
};

struct video {
	struct worker *w;
	struct motion motion;
	uint32_t epoch;			/* the framebuffer that it belongs to */
	struct video_stream *streams[VIDEO_STREAMS];
	unsigned n;
	uint32_t last_id;
	ev_timer tidy;			/* while there are regions */
};

void video_init(struct video *d, struct worker *w);
/* The pool is gone by then. */
void video_fini(struct video *d);
/* A frame was committed: looks for what moves, while a viewer would take it as video. */
void video_frame(struct video *d, const struct screen_change *c);

/* --- streams ------------------------------------------------------------------------------------ */

/* The stream of a region at that quality for links of that tier; NULL: there is none. */
struct video_stream *video_stream_of(const struct video *d, uint32_t region, int8_t quality, uint8_t tier);
/* Begins one. NULL: there are too many, or no memory. */
struct video_stream *video_stream_new(struct video *d, const struct motion_region *r, int8_t quality, uint8_t tier);
struct video_stream *video_stream_by_id(const struct video *d, uint32_t id);
/* Its encoder failed: it is not used again. */
bool video_stream_is_broken(const struct video_stream *s);
/* Whether the newest unit shows the region as it is now. */
bool video_stream_is_current(const struct video *d, const struct video_stream *s);
/* True when the next unit may be a key frame: they are large, and come once a second at most. */
bool video_stream_may_key(const struct video_stream *s);
/* Has the region encoded as it is now; key: for somebody who needs one (then ask video_stream_may_key before). NULL: no memory. The
 * stream keeps it. */
struct video_unit *video_stream_encode(struct video *d, struct video_stream *s, bool key);
#endif
