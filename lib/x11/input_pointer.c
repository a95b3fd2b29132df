/* The pointer: moves, and nine buttons of which each is down while any viewer holds it. The server
 * maps the buttons it is given (left-handed people's `xmodmap -e "pointer = 3 2 1"`); a viewer means the logical
 * ones, so the mapping is undone. */
#include "x11/input_state.h"

#include <X11/extensions/XTest.h>

void input_pointer_refresh(struct x11_input *in)
{
	unsigned char map[256];
	const int n = XGetPointerMapping(in->dpy, map, sizeof map);

	for (int logical = 1; logical <= INPUT_BUTTONS; logical++) {
		in->button_of[logical - 1] = (uint8_t)logical;
		for (int physical = n; physical >= 1; physical--)
			if (map[physical - 1] == logical)
				in->button_of[logical - 1] = (uint8_t)physical;
	}
}

static void change(struct x11_input *in, unsigned button, bool down)
{
	const uint16_t before = in->pressed[button];
	const uint16_t after = (uint16_t)(down ? before + 1 : before - 1);

	in->pressed[button] = after;
	if (before && after)
		return;
	input_heir_note(in);
	XTestFakeButtonEvent(in->dpy, in->button_of[button], down, CurrentTime);
}

static void set_buttons(struct x11_input *in, struct input_viewer *v, uint32_t buttons)
{
	const uint32_t changed = v->buttons ^ buttons;

	for (unsigned i = 0; i < INPUT_BUTTONS; i++)
		if (changed >> i & 1)
			change(in, i, buttons >> i & 1);
	v->buttons = buttons;
}

static int clamp(int32_t v, int side)
{
	return v < 0 ? 0 : v >= side ? side - 1 : v;
}

enum x11_done x11_input_motion(struct x11_input *in, const struct fbs_motion *r)
{
	enum x11_done why;
	struct input_viewer *v = input_viewer_may(in, r->viewer, FBS_RIGHT_INPUT, &why);

	if (!v)
		return why;
	XTestFakeMotionEvent(in->dpy, in->screen, clamp(r->x, DisplayWidth(in->dpy, in->screen)),
			     clamp(r->y, DisplayHeight(in->dpy, in->screen)), CurrentTime);
	set_buttons(in, v, r->buttons & ((1u << INPUT_BUTTONS) - 1));
	return X11_DONE;
}

void input_pointer_release(struct x11_input *in, struct input_viewer *v)
{
	set_buttons(in, v, 0);
}
