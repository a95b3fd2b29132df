/* Modifiers for the time of one press: a detour from what is held to what the key needs, and back.
 *
 * Some are held by others than our viewers: a person at the screen's own keyboard. Lifted and pressed again, such a key
 * is down on our keyboard as well, and stays so when that person lets go: then, pressing it would do nothing. */
#include "x11/input_state.h"

#include <X11/extensions/XTest.h>

static void tap(struct x11_input *in, KeyCode keycode)
{
	XTestFakeKeyEvent(in->dpy, keycode, True, CurrentTime);
	XTestFakeKeyEvent(in->dpy, keycode, False, CurrentTime);
}

static bool sets(struct x11_input *in, KeyCode keycode, unsigned mods)
{
	XkbDescPtr d = in->map.desc;
	const XkbAction *a;

	if (keycode < d->min_key_code || keycode > d->max_key_code || !XkbKeyHasActions(d, keycode))
		return false;
	a = XkbKeyAction(d, keycode, 0);
	if (!a || (a->type != XkbSA_SetMods && a->type != XkbSA_LatchMods))
		return false;
	return mods & (a->mods.flags & XkbSA_UseModMapMods ? d->map->modmap[keycode] : a->mods.mask);
}

/* Lets go of the keys that hold these modifiers, whoever pressed them. */
static void lift(struct x11_input *in, struct input_detour *d, unsigned mods)
{
	char down[32];

	XQueryKeymap(in->dpy, down);
	for (unsigned k = 8; k < 256 && d->n_released < sizeof d->released; k++)
		if (down[k / 8] >> (k % 8) & 1 && sets(in, (KeyCode)k, mods)) {
			XTestFakeKeyEvent(in->dpy, k, False, CurrentTime);
			d->released[d->n_released++] = (KeyCode)k;
		}
}

static void set_bit(uint8_t bits[32], unsigned k, bool on)
{
	if (on)
		bits[k / 8] |= (uint8_t)(1u << k % 8);
	else
		bits[k / 8] &= (uint8_t)~(1u << k % 8);
}

void input_mods_settle(struct x11_input *in, bool all)
{
	char down[32];

	if (!in->n_stand_in)
		return;
	XQueryKeymap(in->dpy, down);
	for (unsigned k = 8; k < 256; k++) {
		if (!input_mods_stands_in(in, k) || (!all && down[k / 8] >> k % 8 & 1))
			continue;
		XTestFakeKeyEvent(in->dpy, k, False, CurrentTime);
		set_bit(in->stand_in, k, false);
		in->n_stand_in--;
	}
	input_heir_note(in);
}

bool input_mods_stands_in(const struct x11_input *in, unsigned keycode)
{
	return in->stand_in[keycode / 8] >> keycode % 8 & 1;
}

/* A key that none of our viewers holds is to be pressed for whoever does. */
static void stand_in(struct x11_input *in, KeyCode keycode)
{
	if (in->holders[keycode] || input_mods_stands_in(in, keycode))
		return;
	set_bit(in->stand_in, keycode, true);
	in->n_stand_in++;
	input_heir_note(in);
}

static void change_mods(struct x11_input *in, struct input_detour *d, unsigned mods, const XkbStateRec *now)
{
	const unsigned levels = in->map.levels, off = now->mods & ~mods & levels, on = mods & ~now->mods & levels;

	if (off & now->base_mods)
		lift(in, d, off & now->base_mods);
	if (off & now->latched_mods)
		XkbLatchModifiers(in->dpy, XkbUseCoreKbd, off & now->latched_mods, 0);
	for (unsigned b = 0; b < 8; b++) {
		if (off & now->locked_mods & 1u << b && in->map.locked_by[b]) {
			tap(in, in->map.locked_by[b]);
			d->toggled[d->n_toggled++] = in->map.locked_by[b];
		}
		if (on & 1u << b && in->map.set_by[b]) {
			XTestFakeKeyEvent(in->dpy, in->map.set_by[b], True, CurrentTime);
			d->pressed[d->n_pressed++] = in->map.set_by[b];
		}
	}
}

void input_detour_enter(struct x11_input *in, struct input_detour *d, const struct input_way *way, const XkbStateRec *now)
{
	*d = (struct input_detour){ .locked_group = -1 };
	if (way->group != now->group) {
		d->locked_group = now->locked_group;
		XkbLockGroup(in->dpy, XkbUseCoreKbd, (unsigned)((int)way->group - now->base_group - now->latched_group) & 3);
	}
	change_mods(in, d, way->mods, now);
}

void input_detour_leave(struct x11_input *in, struct input_detour *d)
{
	while (d->n_pressed)
		XTestFakeKeyEvent(in->dpy, d->pressed[--d->n_pressed], False, CurrentTime);
	while (d->n_toggled)
		tap(in, d->toggled[--d->n_toggled]);
	while (d->n_released) {
		stand_in(in, d->released[--d->n_released]);
		XTestFakeKeyEvent(in->dpy, d->released[d->n_released], True, CurrentTime);
	}
	if (d->locked_group >= 0)
		XkbLockGroup(in->dpy, XkbUseCoreKbd, (unsigned)d->locked_group);
}
