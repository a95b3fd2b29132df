/* The keyboard as the server has it, and the way from a keysym to a key. A way is found by asking
 * for every key that has the keysym, and every set of level modifiers, what they give together:
 * so the result holds whatever the layout's types say. The way that changes least is taken. */
#include "x11/input_state.h"

#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <string.h>

enum {
	COST_PRESS = 2, COST_RELEASE = 3, COST_TOGGLE = 5,
	COST_ODD_SHIFT = 6,		/* Shift pressed for a key that means something else with it: Shift+KP_Home selects */
	COST_GROUP = 20,
};

void input_map_fini(struct x11_input *in)
{
	if (in->map.desc)
		XkbFreeKeyboard(in->map.desc, 0, True);
	in->map.desc = NULL;
}

/* The modifiers that pressing the key sets or locks. */
static unsigned action_mods(XkbDescPtr d, KeyCode keycode, int type)
{
	const XkbAction *a;

	if (!d->server || !XkbKeyHasActions(d, keycode))
		return 0;
	a = XkbKeyAction(d, keycode, 0);
	if (!a || a->type != type)
		return 0;
	return a->mods.flags & XkbSA_UseModMapMods ? d->map->modmap[keycode] : a->mods.mask;
}

/* Real modifier `bit` is set by a key whose keysym chooses a level. */
static bool chooses_level(KeySym keysym)
{
	switch (keysym) {
	case XK_Shift_L:
	case XK_Shift_R:
	case XK_Caps_Lock:
	case XK_Shift_Lock:
	case XK_Num_Lock:
	case XK_ISO_Level3_Shift:
	case XK_ISO_Level5_Shift:
		return true;
	}
	return false;
}

static void find_modifiers(struct input_map *m)
{
	const int first = m->desc->min_key_code, last = m->desc->max_key_code;

	m->levels = 0;
	memset(m->set_by, 0, sizeof m->set_by);
	memset(m->locked_by, 0, sizeof m->locked_by);
	for (int k = first; k <= last; k++) {
		const KeyCode keycode = (KeyCode)k;
		const KeySym keysym = XkbKeyNumGroups(m->desc, keycode) ? XkbKeySymEntry(m->desc, keycode, 0, 0) : NoSymbol;
		const unsigned set = action_mods(m->desc, keycode, XkbSA_SetMods);
		const unsigned lock = action_mods(m->desc, keycode, XkbSA_LockMods);

		if (!chooses_level(keysym))
			continue;
		m->levels |= set | lock;
		for (unsigned b = 0; b < 8; b++) {
			if (set == 1u << b && !m->set_by[b])
				m->set_by[b] = keycode;
			if (lock == 1u << b && !m->locked_by[b])
				m->locked_by[b] = keycode;
		}
	}
	m->levels &= ~(unsigned)ControlMask;
}

bool input_map_refresh(struct x11_input *in)
{
	const unsigned parts = XkbAllClientInfoMask | XkbKeyActionsMask;
	XkbDescPtr d = XkbGetMap(in->dpy, parts, XkbUseCoreKbd);

	if (!d || !d->map || XkbGetNames(in->dpy, XkbKeyNamesMask, d) != Success ||
	    XkbGetControls(in->dpy, XkbPerKeyRepeatMask, d) != Success) {
		if (d)
			XkbFreeKeyboard(d, 0, True);
		return false;
	}
	input_map_fini(in);
	in->map.desc = d;
	in->map.stale = false;
	find_modifiers(&in->map);
	input_scan_load(in);
	input_scratch_check(in);
	return true;
}

KeySym input_map_translate(struct x11_input *in, KeyCode keycode, unsigned mods, unsigned group)
{
	unsigned consumed = 0;
	KeySym keysym = NoSymbol, lower, upper;

	if (!XkbTranslateKeyCode(in->map.desc, keycode, XkbBuildCoreState(mods, group), &consumed, &keysym))
		return NoSymbol;
	/* a Lock that the key's type knows nothing of makes capitals */
	if (mods & LockMask && !(consumed & LockMask)) {
		XConvertCase(keysym, &lower, &upper);
		keysym = upper;
	}
	return input_keysym_canonical(keysym);
}

/* --- finding ---------------------------------------------------------------------------------- */

struct search {
	struct x11_input *in;
	KeySym keysym, other_case;
	const XkbStateRec *now;
	unsigned group;
	KeyCode like;
	struct input_way *best;
};

/* Quickly: might any level of the key give the keysym? */
static bool has(const struct search *s, KeyCode keycode)
{
	XkbDescPtr d = s->in->map.desc;
	const int n = XkbKeyNumSyms(d, keycode);
	const KeySym *syms = XkbKeySymsPtr(d, keycode);

	for (int i = 0; i < n; i++) {
		const KeySym k = input_keysym_canonical(syms[i]);

		if (k == s->keysym || k == s->other_case)
			return true;
	}
	return false;
}

static int cost_of_bit(const struct search *s, unsigned b, bool on)
{
	const struct input_map *m = &s->in->map;
	const bool locked = s->now->locked_mods >> b & 1;

	if (on && !m->set_by[b])
		return -1;
	if (on)
		return b == ShiftMapIndex && !input_keysym_is_text(s->keysym) ? COST_ODD_SHIFT : COST_PRESS;
	if (!locked)
		return COST_RELEASE;
	return m->locked_by[b] ? COST_TOGGLE : -1;
}

/* What it costs to have exactly these level modifiers; -1: it cannot be done. */
static int cost_of(const struct search *s, unsigned mods)
{
	const unsigned changed = (s->now->mods ^ mods) & s->in->map.levels;
	int cost = 0;

	for (unsigned b = 0; b < 8; b++) {
		const int c = changed >> b & 1 ? cost_of_bit(s, b, mods >> b & 1) : 0;

		if (c < 0)
			return -1;
		cost += c;
	}
	return cost;
}

static void offer(struct search *s, KeyCode keycode, unsigned mods, int cost)
{
	cost = cost * 2 - (keycode == s->like);
	if (s->best->keycode && s->best->cost <= cost)
		return;
	*s->best = (struct input_way){ .keycode = keycode, .mods = mods, .group = s->group, .cost = cost };
}

static void try_key(struct search *s, KeyCode keycode)
{
	const unsigned levels = s->in->map.levels, rest = s->now->mods & ~levels;
	const bool text = input_keysym_is_text(s->keysym);
	unsigned set = levels;
	int cost;

	/* Return, F1, Left, Shift_L: with whatever is held. What Shift or NumLock make of it is meant so. */
	if (!text && input_map_translate(s->in, keycode, 0, s->group) == s->keysym &&
	    !(s->keysym >= XK_KP_Home && s->keysym <= XK_KP_Delete))
		offer(s, keycode, s->now->mods, 0);
	do {
		if (input_map_translate(s->in, keycode, rest | set, s->group) == s->keysym && (cost = cost_of(s, set)) >= 0)
			offer(s, keycode, rest | set, cost);
		set = (set - 1) & levels;
	} while (set != levels);
}

static void search_group(struct search *s, unsigned group, int extra)
{
	XkbDescPtr d = s->in->map.desc;
	struct input_way found = { 0 }, *best = s->best;

	s->group = group;
	s->best = &found;
	for (int k = d->min_key_code; k <= d->max_key_code; k++)
		if (has(s, (KeyCode)k))
			try_key(s, (KeyCode)k);
	s->best = best;
	found.cost += extra;
	if (found.keycode && (!best->keycode || found.cost < best->cost))
		*best = found;
}

static unsigned count_groups(XkbDescPtr d)
{
	unsigned n = 1;

	for (int k = d->min_key_code; k <= d->max_key_code; k++)
		n = XkbKeyNumGroups(d, k) > n ? XkbKeyNumGroups(d, k) : n;
	return n;
}

bool input_map_find(struct x11_input *in, KeySym keysym, const XkbStateRec *now, KeyCode like, struct input_way *out)
{
	struct search s = { .in = in, .keysym = input_keysym_canonical(keysym), .now = now, .like = like, .best = out };
	const unsigned groups = count_groups(in->map.desc);
	KeySym lower, upper;

	*out = (struct input_way){ 0 };
	XConvertCase(s.keysym, &lower, &upper);
	s.other_case = lower == s.keysym ? upper : lower;
	search_group(&s, now->group, 0);
	for (unsigned g = 0; g < groups && !out->keycode; g++)
		if (g != now->group)
			search_group(&s, g, COST_GROUP);
	return out->keycode != 0;
}
