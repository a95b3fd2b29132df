/* A killed process can undo nothing, and XTEST's keys stay down without it. So what is held, lent
 * and turned off is written on the root window (_RFBKIT_HELD) before it is done; whoever comes next undoes it. Words of 32 bits:
 * kind << 24 | keycode or button << 16, followed for a lent keycode by its keysym, and for whose it is by that one's window. Several
 * may act on one display: each has a property of its own, and what the living hold is left to them. */
#include "x11/input_state.h"

#include <X11/Xatom.h>
#include <X11/extensions/XTest.h>
#include <string.h>

enum { KEY = 1, BUTTON = 2, LENT = 3, QUIET = 4, OWNER = 5, WORDS_MAX = 1024 };

static const char *const properties[] = { "_RFBKIT_HELD", "_RFBKIT_HELD_1", "_RFBKIT_HELD_2", "_RFBKIT_HELD_3" };

static long word(unsigned kind, unsigned what)
{
	return (long)(kind << 24 | what << 16);
}

/* Notes everything anew: it is little, and there is no order to get wrong. */
void input_heir_note(struct x11_input *in)
{
	long words[2 + 256 * 2 + INPUT_BUTTONS + INPUT_SCRATCH_MAX * 2];
	int n = 0;

	words[n++] = word(OWNER, 0);
	words[n++] = (long)in->window;
	for (unsigned k = 8; k < 256; k++) {
		if (in->holders[k] || input_mods_stands_in(in, k))
			words[n++] = word(KEY, k);
		if (in->repeat.off[k / 8] >> (k % 8) & 1)
			words[n++] = word(QUIET, k);
	}
	for (unsigned b = 0; b < INPUT_BUTTONS; b++)
		if (in->pressed[b])
			words[n++] = word(BUTTON, in->button_of[b]);
	for (unsigned i = 0; i < in->n_scratch; i++)
		if (in->scratch[i].keysym != NoSymbol) {
			words[n++] = word(LENT, in->scratch[i].keycode);
			words[n++] = (long)in->scratch[i].keysym;
		}
	XChangeProperty(in->dpy, in->root, in->atom.held, XA_CARDINAL, 32, PropModeReplace, (const unsigned char *)words, n);
}

void input_heir_done(struct x11_input *in)
{
	XDeleteProperty(in->dpy, in->root, in->atom.held);
}

static void take_over(struct x11_input *in, KeyCode keycode, KeySym keysym)
{
	if (in->n_scratch < INPUT_SCRATCH_MAX)
		in->scratch[in->n_scratch++] = (struct input_scratch){ .keycode = keycode, .keysym = keysym };
}

static void undo(struct x11_input *in, const unsigned long *words, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		const unsigned what = words[i] >> 16 & 0xff;

		switch (words[i] >> 24 & 0xff) {
		case KEY:
			XTestFakeKeyEvent(in->dpy, what, False, CurrentTime);
			break;
		case BUTTON:
			XTestFakeButtonEvent(in->dpy, what, False, CurrentTime);
			break;
		case QUIET:
			if (what >= 8)
				input_repeat_set(in, (KeyCode)what, true);
			break;
		case OWNER:
			i++;
			break;
		case LENT:
			if (++i < n && what >= 8)
				take_over(in, (KeyCode)what, words[i] & 0x1fffffff);
			break;
		}
	}
}

/* Whether somebody else wrote this who is there still. Ids are used again: our own window may have that of the dead. */
static bool is_alive(struct x11_input *in, const unsigned long *words, unsigned long n)
{
	const Window owner = n > 1 && words[0] >> 24 == OWNER ? words[1] : None;
	Atom type = None;
	int format;
	unsigned long size, left;
	unsigned char *p = NULL;

	if (owner == None || owner == in->window)
		return false;
	XGetWindowProperty(in->dpy, owner, in->atom.mark, 0, 0, False, AnyPropertyType, &type, &format, &size, &left, &p);
	if (p)
		XFree(p);
	return type != None;
}

/* Undoes what the dead left in the property. False when it is in use. */
static bool inherit(struct x11_input *in, Atom property)
{
	Atom type = None;
	int format = 0;
	unsigned long n = 0, left;
	unsigned char *p = NULL;
	const unsigned long *words;
	bool used = false;

	if (XGetWindowProperty(in->dpy, in->root, property, 0, WORDS_MAX, False, XA_CARDINAL, &type, &format, &n,
			       &left, &p) != Success)
		return true;
	words = (const unsigned long *)(const void *)p;
	if (p && format == 32 && !(used = is_alive(in, words, n)))
		undo(in, words, n);
	if (p)
		XFree(p);
	if (!used)
		XDeleteProperty(in->dpy, in->root, property);
	return !used;
}

void input_heir_inherit(struct x11_input *in)
{
	const unsigned last = sizeof properties / sizeof *properties - 1;

	in->n_scratch = 0;		/* nothing is lent by us yet: the loans taken over come first */
	for (unsigned i = 0; i <= last; i++) {
		const Atom property = XInternAtom(in->dpy, properties[i], False);

		if ((inherit(in, property) || i == last) && in->atom.held == None)
			in->atom.held = property;
	}
	input_scratch_check(in);	/* drops what is not lent any more, fills up */
	input_heir_note(in);
}
