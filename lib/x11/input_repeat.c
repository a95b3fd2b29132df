/* A key that a viewer holds is not repeated by the server: its release may be under way on a slow
 * link, and a storm of letters would come of it. Viewers repeat by themselves. Most keys are
 * down for a moment only, so a key's repetition is turned off only once it has been held for
 * a tenth of a second, before a server would begin. */
#include "x11/input_state.h"

#include "io/io.h"

enum { PATIENCE_US = 100000 };

static bool repeats(const struct x11_input *in, KeyCode keycode)
{
	return in->map.desc->ctrls->per_key_repeat[keycode / 8] >> (keycode % 8) & 1;
}

/* By XKB, of which the server takes notice while the key is down already. Other keys' bits are as they are now. */
void input_repeat_set(struct x11_input *in, KeyCode keycode, bool on)
{
	XkbDescPtr d = in->map.desc;
	const uint8_t bit = (uint8_t)(1u << (keycode % 8));

	if (XkbGetControls(in->dpy, XkbPerKeyRepeatMask, d) != Success)
		return;
	if (on)
		d->ctrls->per_key_repeat[keycode / 8] |= bit;
	else
		d->ctrls->per_key_repeat[keycode / 8] &= (uint8_t)~bit;
	XkbSetControls(in->dpy, XkbPerKeyRepeatMask, d);
}

void input_repeat_down(struct x11_input *in, KeyCode keycode)
{
	if (!in->map.desc->map->modmap[keycode] && repeats(in, keycode))
		in->repeat.since[keycode] = io_now();
}

void input_repeat_up(struct x11_input *in, KeyCode keycode)
{
	in->repeat.since[keycode] = 0;
	if (!(in->repeat.off[keycode / 8] >> (keycode % 8) & 1))
		return;
	in->repeat.off[keycode / 8] &= (uint8_t)~(1u << (keycode % 8));
	input_repeat_set(in, keycode, true);
}

int64_t input_repeat_due(const struct x11_input *in)
{
	int64_t first = IO_FOREVER;

	for (unsigned k = 8; k < 256; k++)
		if (in->repeat.since[k] && in->repeat.since[k] + PATIENCE_US < first)
			first = in->repeat.since[k] + PATIENCE_US;
	return first;
}

void input_repeat_run(struct x11_input *in)
{
	const int64_t now = io_now();

	for (unsigned k = 8; k < 256; k++) {
		if (!in->repeat.since[k] || in->repeat.since[k] + PATIENCE_US > now)
			continue;
		in->repeat.since[k] = 0;
		in->repeat.off[k / 8] |= (uint8_t)(1u << (k % 8));
		input_heir_note(in);
		input_repeat_set(in, (KeyCode)k, false);
	}
}
