/* The pool of encoding threads: one queue in, one list out, one lock. */
#include "cli/stats.h"
#include "io/io.h"
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "screen/pixels.h"

struct pool {
	const struct screen *screen;
	void (*wake)(void *arg);
	void *arg;
	struct codec_encoder *own;	/* of the event loop, for pool_encode */
	unsigned busy;			/* event loop only */

	pthread_mutex_t lock;
	pthread_cond_t work;
	struct unit *todo, **todo_end;	/* first submitted first */
	struct unit *done;
	bool quit;

	unsigned n;
	pthread_t threads[];
};

/* --- one unit -------------------------------------------------------------------- */

/* Encodes from a copy of the box with the cursor painted into it. */
static int encode_painted(struct codec_encoder *e, struct unit *u, const struct screen *s)
{
	const struct unit_key *k = &u->key;
	pixman_box32_t box = { k->x, k->y, k->x + k->w, k->y + k->h };
	uint32_t *px = malloc((size_t)k->w * k->h * sizeof *px);
	if (!px)
		return -1;
	for (uint32_t y = 0; y < k->h; y++)
		memcpy(px + (size_t)y * k->w, s->front + (size_t)(k->y + y) * s->w + k->x, (size_t)k->w * 4);
	pixels_blend(px, k->w, &box, s->cursor.argb, s->cursor.w, s->cursor.h,
		     s->pointer.x - s->cursor.hot_x, s->pointer.y - s->cursor.hot_y);
	/* the encoder adds y rows and x pixels to reach the box: hand it the frame that the copy would be part of */
	uintptr_t frame = (uintptr_t)px - ((uintptr_t)k->y * k->w + k->x) * sizeof *px;
	struct codec_source src = { (const uint32_t *)frame, k->w };
	int rc = codec_encode(e, &u->enc, &k->params, &src, k->x, k->y, k->w, k->h);
	free(px);
	return rc;
}

/* Black, for what lies outside a screen that became smaller than a viewer can follow: every row is the same. */
static int encode_black(struct codec_encoder *e, struct unit *u)
{
	static const uint32_t row[CUT_CELL_W];
	const struct unit_key *k = &u->key;
	struct codec_source src = { (const uint32_t *)((uintptr_t)row - (uintptr_t)k->x * sizeof *row), 0 };
	return codec_encode(e, &u->enc, &k->params, &src, k->x, k->y, k->w, k->h);
}

static enum unit_state encode(struct codec_encoder *e, struct unit *u, const struct screen *s)
{
	const struct unit_key *k = &u->key;
	struct codec_source src = { s->front, s->w };
	const int64_t begun = io_now();
	errno = ENOMEM;		/* of who says nothing else */
	int rc = u->encode ? u->encode(u, s) : k->overlay == UNIT_BLACK ? encode_black(e, u) : k->overlay ? encode_painted(e, u, s) :
		codec_encode(e, &u->enc, &k->params, &src, k->x, k->y, k->w, k->h);
	u->error = rc < 0 ? errno : ENOMEM;
	cli_stat_observe(STAT_ENCODE_DURATION, cli_metric_encoding(k->params.encoding), (uint64_t)(io_now() - begun));
	if (rc < 0 || u->enc.out.bad)
		return UNIT_FAILED;
	struct wire_buf *b = &u->enc.out;
	if (b->cap - b->len > b->len / 4 + 64) {
		uint8_t *p = realloc(b->data, b->len);
		if (p) {
			b->data = p;
			b->cap = b->len;
		}
	}
	return UNIT_DONE;
}

/* --- threads ------------------------------------------------------------------------ */

static void *run(void *arg)
{
	struct pool *p = arg;
	struct codec_encoder *e = codec_encoder_new();
	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->todo && !p->quit)
			pthread_cond_wait(&p->work, &p->lock);
		struct unit *u = p->todo;
		if (!u)
			break;
		p->todo = u->job_next;
		if (!p->todo)
			p->todo_end = &p->todo;
		pthread_mutex_unlock(&p->lock);

		u->error = ENOMEM;
		enum unit_state state = e ? encode(e, u, p->screen) : UNIT_FAILED;

		pthread_mutex_lock(&p->lock);
		u->result = state;
		u->job_next = p->done;
		bool first = !p->done;
		p->done = u;
		if (first)
			p->wake(p->arg);
	}
	pthread_mutex_unlock(&p->lock);
	codec_encoder_free(e);
	return NULL;
}

struct pool *pool_new(unsigned threads, const struct screen *screen, void (*wake)(void *arg), void *arg)
{
	struct pool *p = calloc(1, sizeof *p + threads * sizeof p->threads[0]);
	if (!p)
		return NULL;
	p->screen = screen;
	p->wake = wake;
	p->arg = arg;
	p->todo_end = &p->todo;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->own = codec_encoder_new();
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);	/* signals are the event loop's */
	while (p->own && p->n < threads && pthread_create(&p->threads[p->n], NULL, run, p) == 0)
		p->n++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!p->own || p->n == 0) {
		pool_free(p);
		return NULL;
	}
	return p;
}

void pool_free(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	codec_encoder_free(p->own);
	free(p);
}

void pool_submit(struct pool *p, struct unit *u)
{
	u->state = UNIT_QUEUED;
	u->job_next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->todo_end = u;
	p->todo_end = &u->job_next;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
	p->busy++;
}

void pool_encode(struct pool *p, struct unit *u)
{
	u->state = encode(p->own, u, p->screen);
}

unsigned pool_busy(const struct pool *p)
{
	return p->busy;
}

struct unit *pool_collect(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	struct unit *u = p->done;
	p->done = NULL;
	pthread_mutex_unlock(&p->lock);
	for (struct unit *v = u; v; v = v->job_next) {
		v->state = v->result;
		p->busy--;
	}
	return u;
}
