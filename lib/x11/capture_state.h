/* The inside of struct x11_capture, for lib/x11/capture*.c only: one sub-struct per file. */
#ifndef RFBKIT_X11_CAPTURE_STATE_H
#define RFBKIT_X11_CAPTURE_STATE_H

#include <X11/Xlib.h>
#include <X11/extensions/XShm.h>
#include <X11/extensions/Xdamage.h>
#include <X11/extensions/Xfixes.h>
#include <pixman.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "x11/capture.h"
#include "x11/display.h"

enum {
	CAPTURE_BOXES_MAX = 24,		/* rectangles of one fetch: each is a round trip */
	CAPTURE_ALIGN = 64,		/* of a box in the segment */
	CAPTURE_PROBE_ROWS = 16,	/* looked at one by one */
	CAPTURE_NONCE = 16,
	CAPTURE_LUT = 1024,		/* entries of a channel's table: up to 10 bits */
};

/* How the server's pixels become XRGB8888. */
struct capture_format {
	unsigned depth, bpp, pad;	/* pad: bits to which a row is filled up */
	bool direct;			/* already XRGB8888 in this machine's order */
	bool true_colour, msb_first;
	unsigned shift[3];
	uint32_t max[3];
	uint32_t lut[3][CAPTURE_LUT];	/* red, green, blue; lut[0] is the colour map when not true_colour */
	Colormap map;
};

/* Memory that pixels are captured into. */
struct capture_memory {
	uint8_t *p;
	size_t size;
	int shmid;			/* -1: ordinary memory */
	XShmSegmentInfo info;
	bool attached;			/* by the X server too */
};

struct capture_pixels {
	struct capture_format format;
	bool use_shm;
	struct capture_memory raw;	/* what the server writes into; unused without MIT-SHM or when out is direct */
	struct capture_memory out;	/* XRGB8888; attached to the server when the format is direct */
	uint64_t nonce_at;
	uint8_t nonce[CAPTURE_NONCE];
	unsigned failures;		/* of fetches in a row although the screen did not change */
	struct x11_box box[CAPTURE_BOXES_MAX];
};

struct capture_damage {
	bool have;			/* XDamage works, as far as we know */
	int event;
	Damage id;
	XserverRegion region;
	bool ready;			/* the server holds damage for us */
	bool whole;			/* everything is to be captured */
	uint64_t serial;		/* counts events */
};

struct capture_hash {
	uint64_t *tile;
	uint8_t *changed;
	unsigned columns, rows;
	bool valid;
	int64_t interval_us, due_us;
};

/* The check whether XDamage is silent: see capture_probe.c. */
struct capture_probe {
	bool running;
	unsigned looks;
	uint64_t row[CAPTURE_PROBE_ROWS];
	uint64_t serial;
	int64_t due_us, next_us, interval_us;
};

struct capture_screen {
	int randr_event;
	bool have_randr, dirty;
	uint64_t serial;		/* counts changes of `now` */
	struct fbs_screen now;		/* its display view is unused */
	unsigned root_w, root_h;
	Window window;			/* -w */
	bool hidden;			/* the part is not on the screen now: black */
};

struct capture_cursor {
	bool have;
	XFixesCursorImage *image;
	uint32_t *argb;
	struct fbs_pointer last;
	bool have_last;
	int64_t asked_us;
};

struct capture_keys {
	bool have_xkb, have_xi;
	int xkb_event, xi_opcode;
	uint32_t leds, indicator[3];	/* of scroll lock, num lock, caps lock */
	unsigned bells;
};

struct capture_selection {
	Atom name;
	uint32_t id;			/* enum fbs_selection */
	uint64_t serial;
	Time time;
	Window owner;
	bool offer;			/* to be told, at this time at the latest; 0: its owner was not asked for the text yet */
	int64_t tell_us;
	bool asked;			/* a conversion is under way */
	bool draining;			/* a text in increments is let go by, unread */
	bool latin1;			/* the second try: STRING */
	char *text;			/* converted; to be told */
	uint32_t len;
};

struct capture_select {
	Window window;			/* asks for conversions */
	Atom utf8, incr, property[2], mark;
	struct capture_selection sel[2];
	char *told;			/* the text that x11_capture_clip gave out last */
};

struct x11_capture {
	Display *dpy;
	Window root;
	int fixes_event;
	bool have_fixes, parked;
	unsigned news;
	char *display, *auth, *part_name;
	struct x11_capture_options opt;
	struct x11_lost lost;
	char method[64], name[256];
	struct capture_pixels pixels;
	struct capture_damage damage;
	struct capture_hash hash;
	struct capture_probe probe;
	struct capture_screen screen;
	struct capture_cursor cursor;
	struct capture_keys keys;
	struct capture_select select;
};

/* capture_format.c */
/* False with *why when the root window's visual cannot be converted. */
bool capture_format_init(struct x11_capture *c, char *why, size_t size);
/* Asks for the colour map again; true when it changed. */
bool capture_format_refresh(struct x11_capture *c);
size_t capture_format_stride(const struct capture_format *f, unsigned w);
void capture_format_convert(const struct capture_format *f, uint32_t *dst, const uint8_t *src,
			    unsigned w, unsigned h, size_t dst_stride, size_t src_stride);

/* capture_memory.c */
void capture_memory_init(struct x11_capture *c);
void capture_memory_fini(struct x11_capture *c);
/* Room for the screen's size. False when there is no memory. */
bool capture_memory_fit(struct x11_capture *c);
void capture_memory_no_shm(struct x11_capture *c);

/* capture_fetch.c: pixels of a rectangle of the part to out at `offset`, rows w × 4 bytes apart. False on an X error. */
bool capture_fetch_rect(struct x11_capture *c, unsigned x, unsigned y, unsigned w, unsigned h, size_t offset);
/* Forgets what is known about the pixels: everything is to be captured. */
void capture_fetch_reset(struct x11_capture *c);
/* Cuts a region into at most CAPTURE_BOXES_MAX disjoint boxes that cover it, few rather than tight. */
unsigned capture_boxes(pixman_region32_t *region, pixman_box32_t *out);

/* capture_damage.c */
void capture_damage_init(struct x11_capture *c);
/* Moves the server's damage into `region`, within the part. */
void capture_damage_take(struct x11_capture *c, pixman_region32_t *region);

/* capture_hash.c */
void capture_hash_start(struct x11_capture *c);
void capture_hash_fini(struct x11_capture *c);
void capture_hash_activity(struct x11_capture *c);
/* Captures all of it and adds the tiles that changed to `region`. False on an X error. */
bool capture_hash_look(struct x11_capture *c, pixman_region32_t *region);

/* capture_probe.c */
/* After a fetch: the first probe. */
void capture_probe_start(struct x11_capture *c);
/* After input. */
void capture_probe_activity(struct x11_capture *c);
void capture_probe_damage(struct x11_capture *c);
void capture_probe_turn(struct x11_capture *c);

/* capture_screen.c */
bool capture_screen_init(struct x11_capture *c, char *why, size_t size);
bool capture_screen_event(struct x11_capture *c, XEvent *e);
void capture_screen_refresh(struct x11_capture *c);

/* capture_part.c: the wanted part of the screen, clipped; false with *why when there is none. */
struct capture_rect { int x, y; unsigned w, h; };
bool capture_part_find(struct x11_capture *c, struct capture_rect *out, char *why, size_t size);
/* -w: the window that a number or a title names; None when there is none. */
Window capture_part_window(struct x11_capture *c, const char *name);

/* capture_cursor.c */
void capture_cursor_init(struct x11_capture *c);
void capture_cursor_fini(struct x11_capture *c);
void capture_cursor_listen(struct x11_capture *c, bool on);

/* capture_keys.c: XKB's indicators and bell, XI2's raw events. */
void capture_keys_init(struct x11_capture *c);
void capture_keys_listen(struct x11_capture *c, bool on);
bool capture_keys_event(struct x11_capture *c, XEvent *e);

/* capture_select.c */
void capture_select_init(struct x11_capture *c);
void capture_select_fini(struct x11_capture *c);
bool capture_select_event(struct x11_capture *c, XEvent *e);
/* What is due without an event; and when the next is. */
void capture_select_turn(struct x11_capture *c);
int64_t capture_select_due(const struct x11_capture *c);

/* capture_text.c: n bytes to UTF-8 with LF line ends and without NUL, in memory that the caller frees. NULL: no memory. */
char *capture_text_clean(const uint8_t *bytes, size_t n, bool latin1, uint32_t *len);

#endif
