/* A text in the forms that viewers are sent. */
#include "clippack.h"

#include "rfb/cuttext.h"
#include "rfb/put.h"

enum { STEP = 48 << 10 };	/* bytes of text */

void clip_pack_drop(struct clip_pack *p)
{
	rfb_provide_free(p->job);
	outq_unshare(p->extended);
	outq_unshare(p->latin1);
	*p = (struct clip_pack){ 0 };
}

int clip_pack_step(struct clip_pack *p, const char *text, size_t n)
{
	int done;
	if (p->extended)
		return 1;
	if (!p->job && !(p->job = rfb_provide_new(RFB_CLIP_SERVER, text, n)))
		return -1;
	done = rfb_provide_step(p->job, STEP);
	if (done == 0 && n <= STEP)	/* counted; what is left is as short */
		done = rfb_provide_step(p->job, STEP);
	if (done == 0)
		return 0;
	if (done > 0) {
		size_t len;
		uint8_t *message = rfb_provide_take(p->job, &len);
		p->extended = outq_share(message, len);
	}
	rfb_provide_free(p->job);
	p->job = NULL;
	return p->extended ? 1 : -1;
}

struct outq_shared *clip_pack_latin1(struct clip_pack *p, const char *text, size_t n)
{
	struct wire_buf latin1 = { 0 }, out = { 0 };
	size_t len;
	if (p->latin1)
		return p->latin1;
	rfb_latin1_from_utf8(&latin1, text, n);
	rfb_put_cut_text(&out, latin1.data, (uint32_t)latin1.len);
	if (!latin1.bad && !out.bad) {
		uint8_t *message = wire_buf_take(&out, &len);
		p->latin1 = outq_share(message, len);
	}
	wire_buf_fini(&latin1);
	wire_buf_fini(&out);
	return p->latin1;
}
