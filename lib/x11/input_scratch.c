/* Keycodes lent to keysyms that the layout lacks. A small pool out of those that have no symbol
 * at all; when all are lent, the one used longest ago is taken over, of those that nobody holds if there is one. Every
 * loan is given back at the end.
 *
 * Who is typed to looks a key up when it comes to it, in the map as it is by then. So a keycode rests before it means
 * something else: a sentence that comes at once, from an input method, would be read as its end. */
#include "x11/input_state.h"

#include <string.h>
#include <unistd.h>

#include "io/io.h"

static const int64_t rest_us = 250000;
static const KeySym keysym_max = 0x1fffffff;	/* larger ones are none (X11, appendix A) */

static bool is_free(XkbDescPtr d, KeyCode keycode)
{
	const int n = XkbKeyNumSyms(d, keycode);

	if (d->map->modmap[keycode])
		return false;
	for (int i = 0; i < n; i++)
		if (XkbKeySymsPtr(d, keycode)[i] != NoSymbol)
			return false;
	return true;
}

static struct input_scratch *find(struct x11_input *in, KeyCode keycode)
{
	for (unsigned i = 0; i < in->n_scratch; i++)
		if (in->scratch[i].keycode == keycode)
			return &in->scratch[i];
	return NULL;
}

/* Adds free keycodes to the pool, from the top, where real keyboards have the fewest keys. */
static void fill(struct x11_input *in)
{
	XkbDescPtr d = in->map.desc;

	for (int k = d->max_key_code; k >= d->min_key_code && in->n_scratch < INPUT_SCRATCH_MAX; k--)
		if (is_free(d, (KeyCode)k) && !find(in, (KeyCode)k))
			in->scratch[in->n_scratch++] = (struct input_scratch){ .keycode = (KeyCode)k };
}

void input_scratch_check(struct x11_input *in)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < in->n_scratch; i++) {
		const struct input_scratch s = in->scratch[i];
		const bool still = s.keysym != NoSymbol && XkbKeyNumSyms(in->map.desc, s.keycode) > 0 &&
				   XkbKeySymEntry(in->map.desc, s.keycode, 0, 0) == s.keysym;

		if (still)
			in->scratch[kept++] = s;
	}
	in->n_scratch = kept;
	fill(in);
}

static struct input_scratch *oldest(struct x11_input *in)
{
	struct input_scratch *best = NULL;

	for (unsigned i = 0; i < in->n_scratch; i++) {
		struct input_scratch *s = &in->scratch[i];
		const bool held = in->holders[s->keycode], best_held = best && in->holders[best->keycode];

		if (!best || held < best_held || (held == best_held && s->used < best->used))
			best = s;
	}
	return best;
}

/* The same symbol with and without Shift. */
static void set_symbol(struct x11_input *in, KeyCode keycode, KeySym keysym)
{
	KeySym syms[2] = { keysym, keysym };

	XChangeKeyboardMapping(in->dpy, keycode, 2, syms, 1);
}

KeyCode input_scratch_bind(struct x11_input *in, KeySym keysym)
{
	struct input_scratch *s = oldest(in);
	KeyCode keycode;

	if (!s || keysym > keysym_max)
		return 0;
	if (s->used && s->used_us + rest_us > io_now()) {
		in->scratch_due = s->used_us + rest_us;
		return 0;
	}
	keycode = s->keycode;
	input_keys_take(in, keycode);
	s->keysym = input_keysym_canonical(keysym);
	s->used = ++in->scratch_clock;
	input_heir_note(in);
	set_symbol(in, keycode, s->keysym);
	/* not pressed before the server has it, and has told so; then the map is read back as it is now */
	XSync(in->dpy, False);
	x11_input_events(in);
	return !in->lost.why[0] && input_map_refresh(in) && find(in, keycode) ? keycode : 0;
}

void input_scratch_used(struct x11_input *in, KeyCode keycode)
{
	struct input_scratch *s = find(in, keycode);

	if (!s)
		return;
	s->used = ++in->scratch_clock;
	s->used_us = io_now();
}

/* What was typed last is looked up, too. */
static void rest(struct x11_input *in)
{
	int64_t last = 0, left;

	for (unsigned i = 0; i < in->n_scratch; i++)
		last = in->scratch[i].used_us > last ? in->scratch[i].used_us : last;
	XFlush(in->dpy);
	left = last ? last + rest_us - io_now() : 0;
	if (left > 0)
		usleep((useconds_t)left);
}

void input_scratch_restore(struct x11_input *in)
{
	rest(in);
	input_map_refresh(in);
	for (unsigned i = 0; i < in->n_scratch; i++)
		if (in->scratch[i].keysym != NoSymbol) {
			set_symbol(in, in->scratch[i].keycode, NoSymbol);
			in->scratch[i].keysym = NoSymbol;
		}
}
