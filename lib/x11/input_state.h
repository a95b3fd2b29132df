/* The inside of struct x11_input, shared by the files input*.c and by nobody else. */
#ifndef RFBKIT_X11_INPUT_STATE_H
#define RFBKIT_X11_INPUT_STATE_H

#include <X11/XKBlib.h>
#include <X11/Xlib.h>

#include "wire/wire.h"
#include "x11/display.h"
#include "x11/input.h"

enum {
	INPUT_VIEWERS_MAX = 1024,
	INPUT_HELD_MAX = 64,		/* keys that one viewer may hold: with one more the first goes up */
	INPUT_SCRATCH_MAX = 32,		/* keycodes lent to keysyms that the layout lacks */
	INPUT_BUTTONS = 9,
	INPUT_REQUESTS_MAX = 32,	/* pastes that wait for a viewer's text */
	INPUT_TRANSFERS_MAX = 16,	/* texts being handed over in increments */
	INPUT_WANTS_MAX = 16,		/* viewers that wait for the display's text */
	INPUT_TURNS = 4,		/* conversions until a property is used again */
	INPUT_OUTPUTS_MAX = FBS_OUTPUTS_MAX,
	INPUT_MODES_MAX = 2 * INPUT_OUTPUTS_MAX,	/* of what is shown, and of what will be */
};

struct input_held {
	uint32_t keysym, code;
	KeyCode keycode;
};

struct input_viewer {
	uint32_t id, rights, buttons;
	unsigned n_held;
	struct input_held held[INPUT_HELD_MAX];	/* in the order of their presses */
};

/* --- input_map.c: the keyboard as the server has it ------------------------------------------ */

struct input_map {
	XkbDescPtr desc;
	bool stale;
	unsigned levels;		/* modifiers that only choose a level: Shift, Lock, NumLock, Level3, Level5 */
	KeyCode set_by[8], locked_by[8];	/* a key for each modifier; 0: none */
	KeyCode scan[256];		/* QEMU's code to keycode */
};

/* How a keysym is had: this key, with these level modifiers, in this group. */
struct input_way {
	KeyCode keycode;
	unsigned mods, group;
	int cost;
};

bool input_map_refresh(struct x11_input *in);
void input_map_fini(struct x11_input *in);
/* What the key gives with these modifiers in this group. */
KeySym input_map_translate(struct x11_input *in, KeyCode keycode, unsigned mods, unsigned group);
/* The cheapest way from the present state; `like` is preferred when it does as well. */
bool input_map_find(struct x11_input *in, KeySym keysym, const XkbStateRec *now, KeyCode like, struct input_way *out);
bool input_keysym_is_modifier(KeySym keysym);
/* input_scan.c: the key of a QEMU code; 0: none. */
void input_scan_load(struct x11_input *in);
KeyCode input_scan_key(const struct x11_input *in, uint32_t code);
/* input_keysym.c: one keysym for each character: Unicode's when there is no older one. */
KeySym input_keysym_canonical(KeySym keysym);
/* A letter, digit, sign or dead key: something that a level more or less changes into another one. */
bool input_keysym_is_text(KeySym keysym);

/* --- input_mods.c: modifiers for the time of one press ------------------------------------------- */

struct input_detour {
	KeyCode pressed[8], released[32], toggled[8];
	unsigned n_pressed, n_released, n_toggled;
	int locked_group;		/* to be restored; -1 */
};
void input_detour_enter(struct x11_input *in, struct input_detour *d, const struct input_way *way, const XkbStateRec *now);
void input_detour_leave(struct x11_input *in, struct input_detour *d);
/* Lets go of what was pressed in the place of others who hold it no more; all: whether they do or not. */
void input_mods_settle(struct x11_input *in, bool all);
bool input_mods_stands_in(const struct x11_input *in, unsigned keycode);

/* --- input_scratch.c: keycodes for what the layout lacks ----------------------------------------- */

struct input_scratch {
	KeyCode keycode;
	KeySym keysym;			/* NoSymbol: not lent */
	uint64_t used;			/* 0: never */
	int64_t used_us;		/* when it was pressed */
};
/* Lends a keycode to the keysym and waits until the server has it so. 0: there is none, or (scratch_due is set) not yet. */
KeyCode input_scratch_bind(struct x11_input *in, KeySym keysym);
void input_scratch_used(struct x11_input *in, KeyCode keycode);
/* After the layout changed: forgets what it took away. */
void input_scratch_check(struct x11_input *in);
/* Gives all back, once the last one has rested. */
void input_scratch_restore(struct x11_input *in);

/* --- input_repeat.c: the server does not repeat what a viewer holds --------------------------------- */

struct input_repeat {
	int64_t since[256];		/* when the key went down; 0: it is not, or is taken care of */
	uint8_t off[32];		/* keys whose repetition we turned off */
};
void input_repeat_set(struct x11_input *in, KeyCode keycode, bool on);
void input_repeat_down(struct x11_input *in, KeyCode keycode);
void input_repeat_up(struct x11_input *in, KeyCode keycode);
int64_t input_repeat_due(const struct x11_input *in);
void input_repeat_run(struct x11_input *in);

/* --- input_heir.c: what a successor must undo if we are killed ----------------------------------------- */

void input_heir_inherit(struct x11_input *in);
void input_heir_note(struct x11_input *in);
void input_heir_done(struct x11_input *in);

/* --- input_keys.c, input_pointer.c --------------------------------------------------------------------------- */

void input_keys_release(struct x11_input *in, struct input_viewer *v);
/* Whoever holds the key lets go of it. */
void input_keys_take(struct x11_input *in, KeyCode keycode);
void input_pointer_release(struct x11_input *in, struct input_viewer *v);
void input_pointer_refresh(struct x11_input *in);

/* --- input_select.c: texts of viewers, owned by us ----------------------------------------------------------- */

struct input_offer {			/* a viewer's text */
	bool valid, asked, complete;
	uint32_t viewer;
	uint64_t serial;
	int64_t asked_at;
	struct wire_buf text;
};

struct input_request {			/* somebody pastes */
	XSelectionRequestEvent event;
	int64_t deadline;
};

struct input_transfer {			/* an INCR under way */
	Window window;			/* None: free */
	Atom property, type;
	uint8_t *data;
	size_t len, at;
	int64_t deadline;
};

struct input_atoms {
	Atom clipboard, targets, multiple, timestamp, utf8, text, plain, plain_utf8, incr, pair, mark, time, fetch[INPUT_TURNS];
	Atom held;			/* input_heir.c: the property that is ours */
};

struct input_select {
	Time owned_at[2];		/* 0: not ours; CLIPBOARD, PRIMARY */
	unsigned from[2];		/* which offer each serves */
	struct input_offer offer[2];
	struct input_request request[INPUT_REQUESTS_MAX];
	unsigned n_requests;
	struct input_transfer transfer[INPUT_TRANSFERS_MAX];
};
void input_select_init(struct x11_input *in);
void input_select_fini(struct x11_input *in);
bool input_select_event(struct x11_input *in, const XEvent *e);
void input_select_left(struct x11_input *in, uint32_t viewer);
int64_t input_select_due(const struct x11_input *in);
void input_select_run(struct x11_input *in);
Atom input_select_atom(const struct x11_input *in, unsigned i);
/* Of the server's clock: t is not before start. */
bool input_select_is_since(Time t, Time start);
/* input_serve.c: answers a request out of a complete offer (NULL: refuses it). */
void input_serve(struct x11_input *in, const XSelectionRequestEvent *e, const struct input_offer *o, Time owned_at);
/* True for a target that needs no text. */
bool input_serve_needs_no_text(struct x11_input *in, Atom target);
bool input_serve_event(struct x11_input *in, const XEvent *e);
int64_t input_serve_due(const struct x11_input *in);
void input_serve_run(struct x11_input *in);
/* input_text.c: bytes of a selection to what a stream may carry, and back. Heap, or NULL. */
char *input_text_clean(const uint8_t *bytes, size_t n, bool latin1, size_t *len);
uint8_t *input_text_latin1(const uint8_t *utf8, size_t n, size_t *len);

/* --- input_fetch.c: the display's text, for viewers ------------------------------------------------------------ */

struct input_fetch {
	struct fbs_clip_want want[INPUT_WANTS_MAX];
	unsigned n_wants;
	bool busy, incremental, latin1;
	unsigned turn;
	struct wire_buf text;
	int64_t deadline;
};
bool input_fetch_event(struct x11_input *in, const XEvent *e);
int64_t input_fetch_due(const struct x11_input *in);
void input_fetch_run(struct x11_input *in);

/* --- input_resize.c -------------------------------------------------------------------------------------------- */

struct input_resize {
	struct input_layout *former;	/* NULL: nothing was changed */
	unsigned long made[INPUT_MODES_MAX];	/* modes of ours */
	unsigned n_made;
	bool possible;
};
void input_resize_init(struct x11_input *in);
void input_resize_restore(struct x11_input *in);
bool input_resize_event(struct x11_input *in, XEvent *e);

/* --- input.c ----------------------------------------------------------------------------------------------------- */

struct x11_input {
	struct x11_input_options opt;
	Display *dpy;
	int screen, xkb_event, randr_event;
	Window root, window;
	char display[128];
	struct x11_lost lost;

	struct input_viewer *viewers;
	unsigned n_viewers, cap_viewers;

	struct input_map map;
	struct input_scratch scratch[INPUT_SCRATCH_MAX];
	unsigned n_scratch;
	uint64_t scratch_clock;
	int64_t scratch_due;		/* when the key that was told to wait has a keycode; 0: none waits */
	struct input_repeat repeat;
	uint16_t holders[256];		/* viewers that hold each keycode */
	uint8_t stand_in[32];		/* keys that are pressed in the place of somebody who is no viewer */
	unsigned n_stand_in;
	uint16_t pressed[INPUT_BUTTONS];	/* viewers that hold each button */
	uint8_t button_of[INPUT_BUTTONS];	/* what to press for it, the pointer mapping considered */

	struct input_atoms atom;
	struct input_select select;
	struct input_fetch fetch;
	struct input_resize resize;
};

struct input_viewer *input_viewer_find(struct x11_input *in, uint32_t id);
/* The viewer if it has the right, else NULL and *why. */
struct input_viewer *input_viewer_may(struct x11_input *in, uint32_t id, uint32_t right, enum x11_done *why);
void input_say(struct x11_input *in, const struct fbs_record *r);

#endif
