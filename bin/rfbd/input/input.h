/* What viewers do, on its way to the input consumer: our fbinput (or -i COMMAND), stdout (-i -), or a
 * consumer connected to the -S socket. */
#ifndef RFBD_INPUT_H
#define RFBD_INPUT_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "fbs/fbs.h"
#include "fbs/reader.h"
#include "rfb/msg.h"
#include "wire/wire.h"

struct worker;

enum input_route { INPUT_NONE, INPUT_CHILD, INPUT_STDOUT, INPUT_SOCKET };

struct input {
	struct worker *w;
	enum input_route route;
	int fd;				/* -1: no consumer */
	ev_io io;
	struct wire_buf out;
	size_t last_motion;		/* where the newest record stands in `out` if it is a MOTION that changes no button; else SIZE_MAX */
	int64_t start_us;
	struct fbs_reader reader;	/* what a duplex consumer says */
	bool wants_child;		/* the monitor was asked for one */
	char display[FBS_TEXT_MAX + 1];	/* that it serves */
	const char *told;		/* why this source is view-only, as logged; NULL */
	bool blocked;			/* the source is not to be acted on */
	int32_t origin_x, origin_y;	/* of the captured part on its display */
	uint32_t motion_viewer, motion_buttons;
	uint8_t consumer_boot_id[16];
	uint32_t consumer_flags;	/* FBS_HELLO_* */
	int watch_fd;			/* hangup.h, for stdout; -1 */
	ev_io watch;
};

void input_init(struct input *in, struct worker *w);
void input_fini(struct input *in);
/* A consumer's descriptor; replaces the former one. */
void input_open(struct input *in, enum input_route route, int fd);
/* A consumer that connected to -S said HELLO; owns fd. The reader is taken over. */
void input_adopt(struct input *in, int fd, struct fbs_reader *reader, const struct fbs_hello *hello);
/* The source's SCREEN came: decides whether what viewers do goes anywhere. */
void input_source_changed(struct input *in, const struct fbs_screen *s, const char *display);

/* rights: FBS_RIGHT_*; viewers without FBS_RIGHT_INPUT are announced too. */
void input_join(struct input *in, uint32_t viewer, uint32_t rights, const char *address);
void input_leave(struct input *in, uint32_t viewer);
void input_key(struct input *in, uint32_t viewer, uint32_t keysym, uint32_t code, bool down);
/* x, y: on the captured part; its origin is added here. */
void input_pointer(struct input *in, uint32_t viewer, int x, int y, uint32_t buttons);
/* PAUSE, SEEK or SPEED, for a recording; the viewer's id is filled in. */
void input_media(struct input *in, uint32_t viewer, struct fbs_record *r);
/* False: nobody takes it now. */
bool input_clip_offer(struct input *in, uint32_t viewer, uint32_t selection, uint64_t serial, uint64_t size);
void input_clip_want(struct input *in, uint32_t viewer, uint32_t selection, uint64_t serial);
void input_clip(struct input *in, uint32_t viewer, uint32_t selection, uint64_t serial, uint64_t offset,
		const char *text, size_t n, bool last);
/* screens: n of the request's. False: nobody there can resize. */
bool input_resize(struct input *in, uint32_t viewer, uint32_t request, const struct rfb_msg_resize *m);
/* True when the consumer can be asked for texts. */
bool input_can_clip(const struct input *in);
/* True when it cannot ask for any. */
bool input_is_one_way(const struct input *in);
/* Bytes that wait to be taken. */
size_t input_queued(const struct input *in);
/* Sends what was queued by the calls above. */
void input_flush(struct input *in);

#endif
