/* Messages to a viewer that are no pixels. What waits of an update is bounded by the screen, since the next begins only when it has gone; what
 * is said beside it is bounded here: somebody who asks and asks and takes nothing would fill memory. */
#include "rfb/cuttext.h"
#include "viewer.h"

enum {
	SAID_MAX = 1 << 20,		/* bytes of messages since nothing waited */
	TEXTS_MAX = 2 * FBS_CLIP_MAX,	/* the same of clipboard texts */
};

static void bound(struct viewer *v)
{
	if (v->said > SAID_MAX || v->said_texts > TEXTS_MAX)
		viewer_end(v, STAT_SLOW, "takes less than it asks for, with %zu bytes waiting", v->out.bytes + v->behind.bytes);
}

void viewer_say(struct viewer *v, struct wire_buf *out)
{
	v->out.bad = v->out.bad || out->bad;
	v->said += out->len;
	outq_put(update_queue(v), out->data, out->len);
	wire_buf_fini(out);
	bound(v);
}

void viewer_say_text(struct viewer *v, struct outq_shared *text)
{
	if (text) {
		v->said_texts += text->len;
		outq_put_shared(update_queue(v), text);
	} else {
		v->out.bad = true;
	}
	bound(v);
}

void viewer_said(struct viewer *v)
{
	if (v->out.bytes == 0 && v->behind.bytes == 0)
		v->said = v->said_texts = 0;
}
