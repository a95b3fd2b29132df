/* Keys: which viewer holds which, and pressing and releasing them. A key is down while any viewer
 * holds it. A viewer that repeats what it holds gets a release and a press; the server itself repeats nothing. */
#include "x11/input_state.h"

#include <X11/extensions/XTest.h>
#include <X11/keysym.h>
#include <string.h>

static void send(struct x11_input *in, KeyCode keycode, bool down)
{
	XTestFakeKeyEvent(in->dpy, keycode, down, CurrentTime);
}

static bool is_modifier_key(const struct x11_input *in, KeyCode keycode)
{
	return in->map.desc->map->modmap[keycode] != 0;
}

/* --- who holds what --------------------------------------------------------------------------- */

static struct input_held *find_held(struct input_viewer *v, const struct fbs_key *r)
{
	struct input_held *same = NULL;

	for (unsigned i = 0; i < v->n_held; i++) {
		if (r->code && v->held[i].code == r->code)
			return &v->held[i];
		if (v->held[i].keysym == r->keysym && (!r->code || !v->held[i].code))
			same = &v->held[i];
	}
	return same;
}

/* A viewer that names the release by another case or level than the press: Shift went up in between. */
static struct input_held *find_by_key(struct x11_input *in, struct input_viewer *v, KeySym keysym)
{
	for (unsigned i = 0; i < v->n_held; i++) {
		const KeyCode keycode = v->held[i].keycode;
		const int n = XkbKeyNumSyms(in->map.desc, keycode);

		for (int j = 0; j < n; j++)
			if (input_keysym_canonical(XkbKeySymsPtr(in->map.desc, keycode)[j]) == keysym)
				return &v->held[i];
	}
	return NULL;
}

static void hold(struct x11_input *in, struct input_viewer *v, const struct fbs_key *r, KeyCode keycode)
{
	v->held[v->n_held++] = (struct input_held){ .keysym = r->keysym, .code = r->code, .keycode = keycode };
	in->holders[keycode]++;
}

/* The key goes up when nobody else holds it. What is held stays in the order in which it was pressed. */
static void let_go(struct x11_input *in, struct input_viewer *v, struct input_held *h)
{
	const KeyCode keycode = h->keycode;
	struct input_held *end = v->held + --v->n_held;

	memmove(h, h + 1, (size_t)(end - h) * sizeof *h);
	if (--in->holders[keycode])
		return;
	input_repeat_up(in, keycode);
	input_heir_note(in);
	send(in, keycode, false);
}

void input_keys_take(struct x11_input *in, KeyCode keycode)
{
	for (unsigned i = 0; i < in->n_viewers; i++) {
		struct input_viewer *v = &in->viewers[i];

		for (unsigned j = v->n_held; j-- > 0; )
			if (v->held[j].keycode == keycode)
				let_go(in, v, &v->held[j]);
	}
}

/* --- which key -------------------------------------------------------------------------------- */

/* The way to the key that the viewer means: by keysym; by the hardware code when there is no keysym, or it
 * has no key, or the display is to be treated as a bare keyboard. */
static bool choose(struct x11_input *in, const struct fbs_key *r, const XkbStateRec *now, struct input_way *way)
{
	const KeyCode coded = input_scan_key(in, r->code);
	KeySym keysym = r->keysym == XK_ISO_Left_Tab && now->mods & ShiftMask ? XK_Tab : r->keysym;
	KeyCode lent;

	if (coded && (in->opt.raw || keysym == NoSymbol)) {
		*way = (struct input_way){ .keycode = coded, .mods = now->mods, .group = now->group };
		return true;
	}
	if (keysym == NoSymbol || keysym == XK_VoidSymbol)
		return false;
	if (input_map_find(in, keysym, now, coded, way))
		return true;
	lent = input_keysym_is_modifier(keysym) ? 0 : input_scratch_bind(in, keysym);
	if (lent && input_map_find(in, keysym, now, lent, way))
		return true;
	if (in->scratch_due)
		return false;
	*way = (struct input_way){ .keycode = coded, .mods = now->mods, .group = now->group };
	return coded != 0;
}

/* A key that is down already goes up for a moment, except modifiers, of which one press is enough. */
static void press(struct x11_input *in, const struct input_way *way, const XkbStateRec *now, bool again)
{
	struct input_detour d;

	if (again && is_modifier_key(in, way->keycode))
		return;
	if (again)
		send(in, way->keycode, false);
	input_detour_enter(in, &d, way, now);
	send(in, way->keycode, true);
	input_detour_leave(in, &d);
	input_scratch_used(in, way->keycode);
}

/* The keyboard's state, and its map as of that moment. */
static bool look(struct x11_input *in, XkbStateRec *now)
{
	input_mods_settle(in, false);
	if (XkbGetState(in->dpy, XkbUseCoreKbd, now) != Success)
		return false;
	x11_input_events(in);
	return !in->lost.why[0] && (!in->map.stale || input_map_refresh(in));
}

static enum x11_done key_down(struct x11_input *in, struct input_viewer *v, const struct fbs_key *r)
{
	struct input_way way;
	struct input_held *h;
	XkbStateRec now;

	in->scratch_due = 0;
	if (!look(in, &now) || !choose(in, r, &now, &way))
		return in->scratch_due ? X11_LATER : X11_UNMAPPED;
	h = find_held(v, r);
	if (h && h->keycode != way.keycode) {
		/* the layout changed under it */
		let_go(in, v, h);
		h = NULL;
	}
	/* releases get lost: a viewer's focus goes elsewhere, or its layout changes in between */
	if (!h && v->n_held == INPUT_HELD_MAX)
		let_go(in, v, &v->held[0]);
	const bool again = in->holders[way.keycode] > 0;

	if (!h)
		hold(in, v, r, way.keycode);
	if (!again) {
		input_heir_note(in);
		input_repeat_down(in, way.keycode);
	}
	press(in, &way, &now, again);
	return X11_DONE;
}

static enum x11_done key_up(struct x11_input *in, struct input_viewer *v, const struct fbs_key *r)
{
	struct input_held *h = find_held(v, r);

	if (!h)
		h = find_by_key(in, v, input_keysym_canonical(r->keysym));
	if (h)
		let_go(in, v, h);
	return X11_DONE;
}

enum x11_done x11_input_key(struct x11_input *in, const struct fbs_key *r)
{
	enum x11_done why;
	struct input_viewer *v = input_viewer_may(in, r->viewer, FBS_RIGHT_INPUT, &why);

	if (!v)
		return why;
	return r->down ? key_down(in, v, r) : key_up(in, v, r);
}

void input_keys_release(struct x11_input *in, struct input_viewer *v)
{
	while (v->n_held)
		let_go(in, v, &v->held[v->n_held - 1]);
}
