/* Offers and texts, both ways. RFB knows one clipboard: of the screen's two selections viewers are offered
 * the one that changed last; what a viewer offers becomes both.
 *
 * Viewers without the extended clipboard cannot ask: they are sent short texts as they come. */
#include "clip.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "rfb/cuttext.h"
#include "rfb/put.h"
#include "viewer/account.h"
#include "viewer/viewer.h"
#include "worker/worker.h"

enum {
	PUSHED_MAX = 1 << 20,		/* longest text for viewers that cannot ask */
	UPSTREAM_AT_ONCE = 256 << 10,	/* bytes of a text that may wait before other events of the viewers */
	BEQUEATHED_MAX = 256 << 10,	/* longest text that outlives its viewer though nobody has pasted it */
};

static unsigned place(uint32_t selection) { return selection == FBS_PRIMARY; }
static uint32_t name(unsigned i) { return i ? FBS_PRIMARY : FBS_CLIPBOARD; }

static void on_packing(struct ev_loop *loop, ev_timer *t, int events);

void clip_init(struct clip *c, struct worker *w)
{
	memset(c, 0, sizeof *c);
	c->w = w;
	ev_init(&c->packing, on_packing);
	c->packing.data = c;
}

static void forget(struct clip_selection *s)
{
	clip_pack_drop(&s->pack);
	free(s->text);
	memset(s, 0, sizeof *s);
}

static void drop_viewers_text(struct clip *c)
{
	free(c->text);
	c->text = NULL;
	c->len = 0;
	c->whole = c->told = c->wanted[0] = c->wanted[1] = false;
}

void clip_fini(struct clip *c)
{
	forget(&c->screen[0]);
	forget(&c->screen[1]);
	drop_viewers_text(c);
	ev_timer_stop(c->w->loop, &c->packing);
}

/* --- from the screen to viewers ------------------------------------------------------ */

static void send_out(struct viewer *v, struct wire_buf *out)
{
	viewer_say(v, out);
	viewer_flush(v);
}

static bool takes(const struct viewer *v)
{
	return v->phase == VIEWER_RUNNING && !v->doomed && (viewer_rights(v) & FBS_RIGHT_CLIP_OUT);
}

static bool is_extended(const struct viewer *v)
{
	return rfb_can(&v->can, RFB_CAP_EXT_CLIPBOARD);
}

static void send_text(struct viewer *v, const struct clip_selection *s, struct outq_shared *message)
{
	v->wants_clip = false;
	viewer_say_text(v, message);
	viewer_flush(v);
	account_clip(v, STAT_OUT, s->len);
}

/* One step for all that want the text: a long one must not keep frames waiting, theirs or others'. */
static void pack(struct clip *c)
{
	struct clip_selection *s = &c->screen[c->current];
	bool wanted = false;
	int done;
	for (struct viewer *v = c->w->viewers; v; v = v->next)
		wanted = wanted || (v->wants_clip && takes(v) && is_extended(v));
	if (!wanted || !s->whole)
		return;
	done = clip_pack_step(&s->pack, s->text ? s->text : "", s->len);
	if (done == 0) {
		ev_timer_set(&c->packing, 0, 0);	/* the next turn of the loop, which other events share */
		ev_timer_start(c->w->loop, &c->packing);
		return;
	}
	for (struct viewer *v = c->w->viewers; v; v = v->next)
		if (v->wants_clip && takes(v) && is_extended(v))
			send_text(v, s, s->pack.extended);
}

static void on_packing(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	pack(t->data);
}

static void give_text(struct clip *c, struct viewer *v, struct clip_selection *s)
{
	v->wants_clip = true;
	if (!is_extended(v))
		send_text(v, s, clip_pack_latin1(&s->pack, s->text ? s->text : "", s->len));
	else if (!ev_is_active(&c->packing))
		pack(c);
}

static void notify(struct viewer *v, bool text)
{
	struct wire_buf out = { 0 };
	rfb_put_clip_notify(&out, RFB_CLIP_SERVER, text);
	send_out(v, &out);
}

/* Asks for the text of the screen's offer, once. */
static void fetch(struct clip *c, uint32_t viewer)
{
	struct clip_selection *s = &c->screen[c->current];
	if (s->asked || s->whole || !s->offered || !input_can_clip(&c->w->input))
		return;
	s->asked = true;
	s->len = 0;
	input_clip_want(&c->w->input, viewer, name(c->current), s->serial);
}

static void offered(struct clip *c, const struct fbs_clip_offer *o)
{
	struct clip_selection *s = &c->screen[place(o->selection)];
	bool none = o->size == UINT64_MAX, someone = false;
	if (none && !s->offered)
		return;
	forget(s);
	s->offered = !none;
	s->serial = o->serial;
	s->size = o->size;
	if (none && c->current != place(o->selection))
		return;
	c->current = place(o->selection);
	if (!none && c->viewer) {	/* the screen's own text takes the place of a viewer's */
		c->viewer = 0;
		drop_viewers_text(c);
	}
	for (struct viewer *v = c->w->viewers; v; v = v->next) {
		if (!takes(v))
			continue;
		v->wants_clip = !is_extended(v) && !none;
		if (is_extended(v))
			notify(v, !none);
		someone = someone || v->wants_clip;
	}
	/* those that cannot ask are sent what is short; the source itself pushes the shortest */
	if (someone && o->size <= PUSHED_MAX && o->size > FBS_CLIP_PART_MAX)
		fetch(c, 0);
}

static void got_part(struct clip *c, const struct fbs_clip *p, bool last)
{
	struct clip_selection *s = &c->screen[place(p->selection)];
	if (!s->offered || s->whole || p->serial != s->serial)
		return;
	if (p->offset != s->len) {
		if (p->offset)
			return;		/* of a text that was pushed and asked for: one of them comes first */
		s->len = 0;
	}
	if (s->len + p->text.len > s->cap) {
		size_t want = s->cap * 2 > s->len + p->text.len ? s->cap * 2 : s->len + p->text.len;
		char *q = want > 2 * (size_t)FBS_CLIP_MAX ? NULL : realloc(s->text, want);
		if (!q) {
			forget(s);
			return;
		}
		s->text = q;
		s->cap = want;
	}
	if (p->text.len)
		memcpy(s->text + s->len, p->text.text, p->text.len);
	s->len += p->text.len;
	if (!last)
		return;
	s->whole = true;
	s->asked = false;
	if (place(p->selection) != c->current)
		return;
	for (struct viewer *v = c->w->viewers; v; v = v->next)
		if (takes(v) && v->wants_clip && (is_extended(v) || s->len <= PUSHED_MAX))
			give_text(c, v, s);
	if (s->len == 0) {	/* most likely it could not be had: who asks next asks the owner again */
		s->whole = false;
		clip_pack_drop(&s->pack);
	}
}

static void requested(struct clip *c, struct viewer *v)
{
	struct clip_selection *s = &c->screen[c->current];
	if (!takes(v) || !s->offered)
		return;
	if (s->whole) {
		give_text(c, v, s);
	} else {
		v->wants_clip = true;
		fetch(c, v->id);
	}
}

/* --- from viewers to the screen ----------------------------------------------------------- */

static bool gives(const struct viewer *v)
{
	return (viewer_rights(v) & FBS_RIGHT_CLIP_IN) != 0;
}

static void offer_both(struct clip *c, uint32_t viewer, uint64_t size)
{
	for (unsigned i = 0; i < 2; i++)
		c->told = input_clip_offer(&c->w->input, viewer, name(i), c->serial, size);
}

/* The viewer has a text, which is here (size > 0) or can be asked for. */
static void viewer_offers(struct clip *c, struct viewer *v, uint64_t size)
{
	drop_viewers_text(c);
	c->viewer = size == UINT64_MAX ? 0 : v->id;
	c->serial++;
	offer_both(c, v->id, size);
	input_flush(&c->w->input);
}

/* Takes the text over. */
static void viewer_gives(struct clip *c, struct viewer *v, char *text, size_t len)
{
	bool asked = c->viewer == v->id && !c->whole && (c->wanted[0] || c->wanted[1]);
	if (!asked)
		viewer_offers(c, v, len);
	account_clip(v, STAT_IN, len);
	free(c->text);
	c->text = text;
	c->len = len;
	c->whole = true;
	c->sent[0] = c->sent[1] = 0;
	if (!asked && input_is_one_way(&c->w->input))
		c->wanted[0] = c->wanted[1] = len <= FBS_CLIP_PART_MAX;	/* nobody can ask: short texts follow their offer */
	clip_pump(c);
	input_flush(&c->w->input);
}

static void screen_wants(struct clip *c, const struct fbs_clip_want *want)
{
	unsigned i = place(want->selection);
	bool known = c->viewer && want->viewer == c->viewer && want->serial == c->serial;
	struct viewer *v = c->w->viewers;
	while (v && v->id != want->viewer)
		v = v->next;
	if (!known || (!c->whole && (!v || v->doomed))) {
		input_clip(&c->w->input, want->viewer, want->selection, want->serial, 0, "", 0, true);
		return;		/* it is not to be had any more */
	}
	/* who wants it again has waited for the viewer's answer in vain */
	bool first = c->wanted[i] || !c->wanted[!i];
	c->wanted[i] = true;
	c->sent[i] = 0;
	if (c->whole) {
		clip_pump(c);
	} else if (first) {
		struct wire_buf out = { 0 };
		rfb_put_clip_request(&out, RFB_CLIP_SERVER);
		send_out(v, &out);
	}
}

static void send_part(struct clip *c, unsigned i)
{
	size_t left = c->len - c->sent[i], n = left < FBS_CLIP_PART_MAX ? left : FBS_CLIP_PART_MAX;
	bool last = n == left;
	input_clip(&c->w->input, c->viewer, name(i), c->serial, c->sent[i], c->text ? c->text + c->sent[i] : "", n, last);
	c->sent[i] += n;
	c->wanted[i] = !last;
}

void clip_pump(struct clip *c)
{
	for (unsigned i = 0; i < 2 && c->whole; i++)
		while (c->wanted[i] && input_queued(&c->w->input) < UPSTREAM_AT_ONCE)
			send_part(c, i);
}

/* The viewer leaves, and with it the consumer's chance to ask: what it has not had yet is sent now. */
static void bequeath(struct clip *c)
{
	for (unsigned i = 0; i < 2 && c->len <= BEQUEATHED_MAX; i++)
		while (c->wanted[i] || c->sent[i] < c->len)
			send_part(c, i);
	c->viewer = 0;
	drop_viewers_text(c);
}

/* --- messages -------------------------------------------------------------------------------- */

void clip_viewer_part(struct clip *c, struct viewer *v, const struct rfb_msg_cut_text *part)
{
	struct rfb_cut cut;
	if (!(viewer_rights(v) & (FBS_RIGHT_CLIP_IN | FBS_RIGHT_CLIP_OUT)))
		return;
	if (!v->cut && !(v->cut = rfb_cut_reader_new(FBS_CLIP_MAX))) {
		viewer_doom(v, "out of memory");
		return;
	}
	int rc = rfb_cut_feed(v->cut, part, &cut);
	if (rc < 0)
		viewer_doom(v, "clipboard: %s", rfb_strerror(rc));
	if (rc <= 0)
		return;
	switch (cut.kind) {
	case RFB_CUT_TEXT:
		if (gives(v))
			viewer_gives(c, v, rfb_cut_take(v->cut), cut.len);
		break;
	case RFB_CUT_NOTIFY:
		if (!gives(v))
			break;
		if (cut.flags & RFB_CLIP_TEXT)
			viewer_offers(c, v, 0);
		else if (c->viewer == v->id)	/* it has none any more; another one's is left alone */
			viewer_offers(c, v, UINT64_MAX);
		break;
	case RFB_CUT_REQUEST:
		requested(c, v);
		break;
	case RFB_CUT_PEEK:
		if (takes(v))
			notify(v, c->screen[c->current].offered);
		break;
	case RFB_CUT_CAPS:
	case RFB_CUT_NOTHING:
		break;
	}
}

void clip_viewer_extended(struct clip *c, struct viewer *v)
{
	struct wire_buf out = { 0 };
	if (!(viewer_rights(v) & (FBS_RIGHT_CLIP_IN | FBS_RIGHT_CLIP_OUT)))
		return;
	rfb_put_clip_caps(&out, RFB_CLIP_SERVER, 0);
	send_out(v, &out);
	if (takes(v) && c->screen[c->current].offered)
		notify(v, true);
}

void clip_viewer_left(struct clip *c, struct viewer *v)
{
	if (c->viewer == v->id) {
		if (c->whole)
			bequeath(c);
		else
			viewer_offers(c, v, UINT64_MAX);
	}
	rfb_cut_reader_free(v->cut);
	v->cut = NULL;
}

void clip_record(struct clip *c, const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_CLIP_OFFER: offered(c, &r->clip_offer); break;
	case FBS_CLIP: got_part(c, &r->clip, r->flags & FBS_CLIP_LAST); break;
	case FBS_CLIP_WANT: screen_wants(c, &r->clip_want); break;
	}
}

void clip_consumer_lost(struct clip *c)
{
	c->screen[0].asked = c->screen[1].asked = false;
	c->told = c->wanted[0] = c->wanted[1] = false;
	c->sent[0] = c->sent[1] = 0;
}

void clip_consumer_ready(struct clip *c)
{
	for (const struct viewer *v = c->w->viewers; v; v = v->next) {
		if (v->id == c->viewer && v->joined && !c->told)
			offer_both(c, v->id, c->whole ? c->len : 0);
		if (v->wants_clip && takes(v))
			fetch(c, v->id);
	}
}

void clip_source_lost(struct clip *c)
{
	forget(&c->screen[0]);
	forget(&c->screen[1]);
}
