/* XKB's indicators and bell; XInput2's raw events, which say that somebody is there: the pointer
 * moved, or input went on to which the screen will probably answer. Which key it was is not read. */
#include "x11/capture_state.h"

#include <X11/XKBlib.h>
#include <X11/extensions/XInput2.h>
#include <X11/extensions/XKBstr.h>

enum { BELLS_MAX = 8 };

static const char *const indicator_name[] = { "Scroll Lock", "Num Lock", "Caps Lock" };

/* Which bit of the indicator state is which lamp. */
static void find_indicators(struct x11_capture *c)
{
	XkbDescPtr d = XkbGetKeyboard(c->dpy, XkbIndicatorMapMask | XkbNamesMask, XkbUseCoreKbd);

	for (int i = 0; i < 3; i++) {
		Atom wanted = XInternAtom(c->dpy, indicator_name[i], False);

		c->keys.indicator[i] = 0;
		for (int j = 0; d && d->names && j < XkbNumIndicators; j++)
			if (d->names->indicators[j] == wanted)
				c->keys.indicator[i] = 1u << j;
	}
	if (d)
		XkbFreeKeyboard(d, 0, True);
}

static void read_leds(struct x11_capture *c)
{
	unsigned state = 0;
	uint32_t leds = 0;

	if (XkbGetIndicatorState(c->dpy, XkbUseCoreKbd, &state) != Success)
		return;
	for (int i = 0; i < 3; i++)
		if (state & c->keys.indicator[i])
			leds |= 1u << i;
	if (leds != c->keys.leds)
		c->news |= X11_NEWS_LEDS;
	c->keys.leds = leds;
}

static void init_xkb(struct x11_capture *c)
{
	int opcode, error, major = XkbMajorVersion, minor = XkbMinorVersion;

	c->keys.have_xkb = XkbQueryExtension(c->dpy, &opcode, &c->keys.xkb_event, &error, &major, &minor);
	if (!c->keys.have_xkb)
		return;
	find_indicators(c);
	XkbSelectEventDetails(c->dpy, XkbUseCoreKbd, XkbIndicatorStateNotify, XkbAllIndicatorsMask, XkbAllIndicatorsMask);
	XkbSelectEventDetails(c->dpy, XkbUseCoreKbd, XkbBellNotify, XkbAllBellEventsMask, XkbAllBellEventsMask);
	XkbSelectEventDetails(c->dpy, XkbUseCoreKbd, XkbNewKeyboardNotify, XkbNKN_KeycodesMask, XkbNKN_KeycodesMask);
	read_leds(c);
}

void capture_keys_listen(struct x11_capture *c, bool on)
{
	unsigned char mask[XIMaskLen(XI_LASTEVENT)] = { 0 };
	XIEventMask m = { .deviceid = XIAllMasterDevices, .mask_len = sizeof mask, .mask = mask };

	if (!c->keys.have_xi)
		return;
	if (on) {
		XISetMask(mask, XI_RawMotion);
		XISetMask(mask, XI_Motion);	/* a pointer that a program moves makes no raw one */
		XISetMask(mask, XI_RawButtonPress);
		XISetMask(mask, XI_RawKeyPress);
	}
	XISelectEvents(c->dpy, c->root, &m, 1);
}

void capture_keys_init(struct x11_capture *c)
{
	int event, error, major = 2, minor = 1;

	c->keys.have_xi = XQueryExtension(c->dpy, "XInputExtension", &c->keys.xi_opcode, &event, &error) &&
			  XIQueryVersion(c->dpy, &major, &minor) == Success;
	capture_keys_listen(c, true);
	init_xkb(c);
	c->news |= X11_NEWS_LEDS;
}

static void on_xkb(struct x11_capture *c, const XkbEvent *e)
{
	switch (e->any.xkb_type) {
	case XkbBellNotify:
		if (c->keys.bells < BELLS_MAX)
			c->keys.bells++;
		c->news |= X11_NEWS_BELL;
		break;
	case XkbNewKeyboardNotify:
		find_indicators(c);
		read_leds(c);
		break;
	case XkbIndicatorStateNotify:
		read_leds(c);
		break;
	}
}

bool capture_keys_event(struct x11_capture *c, XEvent *e)
{
	if (e->type == GenericEvent && c->keys.have_xi && e->xcookie.extension == c->keys.xi_opcode) {
		if ((e->xcookie.evtype == XI_RawMotion || e->xcookie.evtype == XI_Motion) && !c->opt.no_cursor)
			c->news |= X11_NEWS_POINTER;
		if (c->damage.have)
			capture_probe_activity(c);
		else
			capture_hash_activity(c);
		return true;
	}
	if (c->keys.have_xkb && e->type == c->keys.xkb_event) {
		on_xkb(c, (XkbEvent *)e);
		return true;
	}
	/* Xlib keeps its own copy of the keyboard's map and asks to be told */
	if (e->type == MappingNotify)
		XRefreshKeyboardMapping(&e->xmapping);
	return e->type == MappingNotify;
}

uint32_t x11_capture_leds(struct x11_capture *c)
{
	c->news &= ~(unsigned)X11_NEWS_LEDS;
	return c->keys.leds;
}

unsigned x11_capture_bells(struct x11_capture *c)
{
	unsigned n = c->keys.bells;

	c->news &= ~(unsigned)X11_NEWS_BELL;
	c->keys.bells = 0;
	return n;
}
