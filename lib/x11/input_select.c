/* Texts that viewers offer. Their selections are owned by our window; a text is fetched from its
 * viewer when somebody pastes for the first time, pastes wait for it a few seconds. CLIPBOARD's
 * text is served as PRIMARY too, until a viewer has another one for that. */
#include "x11/input_state.h"

#include <X11/Xatom.h>
#include <stdlib.h>

#include "io/io.h"

enum { CLIPBOARD, PRIMARY };
static const int64_t patience_us = 8000000;

static int index_of(uint32_t selection)
{
	return selection == FBS_PRIMARY ? PRIMARY : CLIPBOARD;
}

Atom input_select_atom(const struct x11_input *in, unsigned i)
{
	return i == PRIMARY ? XA_PRIMARY : in->atom.clipboard;
}

void input_select_init(struct x11_input *in)
{
	for (int i = 0; i < 2; i++)
		in->select.offer[i].text.max = FBS_CLIP_MAX;
}

void input_select_fini(struct x11_input *in)
{
	for (int i = 0; i < 2; i++)
		wire_buf_fini(&in->select.offer[i].text);
	for (int i = 0; i < INPUT_TRANSFERS_MAX; i++)
		free(in->select.transfer[i].data);
}

/* --- owning ------------------------------------------------------------------------------------- */

static Bool is_time(Display *dpy, XEvent *e, XPointer arg)
{
	const struct x11_input *in = (const void *)arg;

	(void)dpy;
	return e->type == PropertyNotify && e->xproperty.window == in->window && e->xproperty.atom == in->atom.time;
}

/* The server's clock, which ownership is dated by: a property of ours changes, and we are told when. After XSync that news is
 * here; XIfEvent would look for it for ever once the server is gone. */
static Time server_time(struct x11_input *in)
{
	XEvent e;

	XChangeProperty(in->dpy, in->window, in->atom.time, XA_CARDINAL, 32, PropModeReplace, NULL, 0);
	XSync(in->dpy, False);
	if (in->lost.why[0] || !XCheckIfEvent(in->dpy, &e, is_time, (XPointer)in))
		return CurrentTime;
	return e.xproperty.time;
}

/* The server's clock has 32 bits of milliseconds: it begins anew every 50 days. */
bool input_select_is_since(Time t, Time start)
{
	return (int32_t)((uint32_t)t - (uint32_t)start) >= 0;
}

static void own(struct x11_input *in, int i, unsigned offer)
{
	const Time now = server_time(in);

	if (in->lost.why[0])
		return;
	XSetSelectionOwner(in->dpy, input_select_atom(in, (unsigned)i), in->window, now);
	in->select.owned_at[i] = now;
	in->select.from[i] = offer;
}

static void disown(struct x11_input *in, int i)
{
	if (in->select.owned_at[i])
		XSetSelectionOwner(in->dpy, input_select_atom(in, (unsigned)i), None, in->select.owned_at[i]);
	in->select.owned_at[i] = 0;
}

/* --- requests that wait ------------------------------------------------------------------------------ */

static const struct input_offer *offer_for(struct x11_input *in, Atom selection)
{
	const int i = selection == XA_PRIMARY ? PRIMARY : CLIPBOARD;

	return &in->select.offer[in->select.from[i]];
}

static Time owned_for(struct x11_input *in, Atom selection)
{
	return in->select.owned_at[selection == XA_PRIMARY ? PRIMARY : CLIPBOARD];
}

/* Answers what waits for this offer: with its text, or (refused) without. */
static void answer_waiting(struct x11_input *in, const struct input_offer *o, bool refused)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < in->select.n_requests; i++) {
		const struct input_request r = in->select.request[i];

		if (offer_for(in, r.event.selection) == o)
			input_serve(in, &r.event, refused ? NULL : o, owned_for(in, r.event.selection));
		else
			in->select.request[kept++] = r;
	}
	in->select.n_requests = kept;
}

static void forget(struct x11_input *in, unsigned k)
{
	struct input_offer *o = &in->select.offer[k];

	answer_waiting(in, o, true);
	for (int i = 0; i < 2; i++)
		if (in->select.from[i] == k)
			disown(in, i);
	wire_buf_reset(&o->text);
	o->valid = o->asked = o->complete = false;
}

/* --- what viewers say -------------------------------------------------------------------------------- */

enum x11_done x11_input_offer(struct x11_input *in, const struct fbs_clip_offer *r)
{
	const unsigned k = (unsigned)index_of(r->selection);
	struct input_offer *o = &in->select.offer[k];
	enum x11_done why;

	if (in->opt.no_clipboard)
		return X11_FORBIDDEN;
	if (!input_viewer_may(in, r->viewer, FBS_RIGHT_CLIP_IN, &why))
		return why;
	if (r->size == UINT64_MAX) {
		if (o->valid && o->viewer == r->viewer)
			forget(in, k);
		return X11_DONE;
	}
	answer_waiting(in, o, true);
	wire_buf_reset(&o->text);
	o->viewer = r->viewer;
	o->serial = r->serial;
	o->asked = o->complete = false;
	o->valid = true;
	own(in, (int)k, k);
	if (k == CLIPBOARD)
		own(in, PRIMARY, CLIPBOARD);
	return X11_DONE;
}

enum x11_done x11_input_clip(struct x11_input *in, const struct fbs_clip *r, bool last)
{
	struct input_offer *o = &in->select.offer[index_of(r->selection)];
	enum x11_done why;

	if (in->opt.no_clipboard)
		return X11_FORBIDDEN;
	if (!input_viewer_may(in, r->viewer, FBS_RIGHT_CLIP_IN, &why))
		return why;
	/* parts of an offer that is gone, or not the next part: of no use */
	if (!o->valid || o->complete || o->viewer != r->viewer || o->serial != r->serial || r->offset != o->text.len)
		return X11_DONE;
	wire_put(&o->text, r->text.text, r->text.len);
	if (o->text.bad) {
		forget(in, (unsigned)(o - in->select.offer));
		return X11_TOO_MUCH;
	}
	o->complete = last;
	if (last)
		answer_waiting(in, o, false);
	return X11_DONE;
}

/* A viewer that left cannot be asked any more; what it has sent whole stays. */
void input_select_left(struct x11_input *in, uint32_t viewer)
{
	for (unsigned k = 0; k < 2; k++)
		if (in->select.offer[k].valid && in->select.offer[k].viewer == viewer && !in->select.offer[k].complete)
			forget(in, k);
}

/* --- what the display says ---------------------------------------------------------------------------- */

static void ask(struct x11_input *in, struct input_offer *o)
{
	struct fbs_record r = { .type = FBS_CLIP_WANT, .clip_want = { .viewer = o->viewer, .serial = o->serial } };

	if (o->asked)
		return;
	o->asked = true;
	r.clip_want.selection = o == &in->select.offer[PRIMARY] ? FBS_PRIMARY : FBS_CLIPBOARD;
	input_say(in, &r);
}

static void on_request(struct x11_input *in, const XSelectionRequestEvent *e)
{
	struct input_select *s = &in->select;
	struct input_offer *o = &s->offer[s->from[e->selection == XA_PRIMARY ? PRIMARY : CLIPBOARD]];
	const Time owned = owned_for(in, e->selection);

	if (!owned || !o->valid) {
		input_serve(in, e, NULL, owned);
	} else if (o->complete || input_serve_needs_no_text(in, e->target)) {
		input_serve(in, e, o, owned);
	} else if (s->n_requests == INPUT_REQUESTS_MAX) {
		input_serve(in, e, NULL, owned);
	} else {
		s->request[s->n_requests++] = (struct input_request){ .event = *e, .deadline = io_now() + patience_us };
		ask(in, o);
	}
}

bool input_select_event(struct x11_input *in, const XEvent *e)
{
	if (e->type == SelectionRequest) {
		on_request(in, &e->xselectionrequest);
		return true;
	}
	if (e->type != SelectionClear)
		return false;
	for (unsigned i = 0; i < 2; i++)
		if (e->xselectionclear.selection == input_select_atom(in, i) &&
		    input_select_is_since(e->xselectionclear.time, in->select.owned_at[i]))
			in->select.owned_at[i] = 0;
	return true;
}

int64_t input_select_due(const struct x11_input *in)
{
	return in->select.n_requests ? in->select.request[0].deadline : IO_FOREVER;
}

/* The oldest come first: those whose viewer did not answer in time are refused. */
void input_select_run(struct x11_input *in)
{
	struct input_select *s = &in->select;
	const int64_t now = io_now();

	while (s->n_requests && s->request[0].deadline <= now) {
		struct input_offer *o = &s->offer[s->from[s->request[0].event.selection == XA_PRIMARY ? PRIMARY : CLIPBOARD]];

		o->asked = false;		/* the next paste asks again */
		answer_waiting(in, o, true);
	}
}
