/* A frame's pixels come in records of up to a mebibyte that do not depend on each other: so many as fit
 * are copied, worked on at the same time, and written in order before anything else is. */
#include "batch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "rec/encode.h"

enum { JOBS = 32, THREADS_MAX = 64 };

struct job {
	struct fbs_record r;
	struct wire_buf copy;		/* of the data that came */
	struct rec_encode encode;
	struct rec_decode decode;
	const char *bad;
	int error;			/* errno */
};

struct batch {
	struct fbs_writer *w;
	uint32_t encoding;
	int threads, n;
	struct job jobs[JOBS];
	pthread_t thread[THREADS_MAX];
	int started;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	atomic_int next;		/* job to take */
	int busy;			/* helpers at work */
	unsigned round;
	bool quit;
};

static void do_job(struct job *j)
{
	int result = rec_decode_record(&j->decode, &j->r);

	j->bad = NULL;
	j->error = 0;
	if (result == FBS_E_SYSTEM)
		j->error = ENOMEM;
	else if (result)
		j->bad = result == FBS_E_LENGTH ? "pixels of a rectangle that is too large" : "pixels that cannot be decoded";
	else if (rec_encode_record(&j->encode, &j->r))
		j->error = errno;
}

static void do_jobs(struct batch *b)
{
	int i;

	while ((i = atomic_fetch_add(&b->next, 1)) < b->n)
		do_job(&b->jobs[i]);
}

static void *help(void *arg)
{
	struct batch *b = arg;
	unsigned seen = 0;

	pthread_mutex_lock(&b->lock);
	for (;;) {
		while (b->round == seen && !b->quit)
			pthread_cond_wait(&b->work, &b->lock);
		if (b->quit)
			break;
		seen = b->round;
		pthread_mutex_unlock(&b->lock);
		do_jobs(b);
		pthread_mutex_lock(&b->lock);
		if (--b->busy == 0)
			pthread_cond_signal(&b->done);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

struct batch *batch_new(struct fbs_writer *w, uint32_t encoding, int quality, int threads)
{
	struct batch *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->w = w;
	b->encoding = encoding;
	b->threads = threads < THREADS_MAX ? threads : THREADS_MAX;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->work, NULL);
	pthread_cond_init(&b->done, NULL);
	for (int i = 0; i < JOBS; i++) {
		b->jobs[i].encode.encoding = encoding;
		b->jobs[i].encode.quality = quality;
	}
	for (; b->started < b->threads - 1; b->started++) {
		int error = pthread_create(&b->thread[b->started], NULL, help, b);

		if (error) {
			batch_free(b);
			errno = error;
			return NULL;
		}
	}
	return b;
}

void batch_free(struct batch *b)
{
	pthread_mutex_lock(&b->lock);
	b->quit = true;
	pthread_cond_broadcast(&b->work);
	pthread_mutex_unlock(&b->lock);
	for (int i = 0; i < b->started; i++)
		pthread_join(b->thread[i], NULL);
	for (int i = 0; i < JOBS; i++) {
		wire_buf_fini(&b->jobs[i].copy);
		rec_encode_fini(&b->jobs[i].encode);
		rec_decode_fini(&b->jobs[i].decode);
	}
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->work);
	pthread_cond_destroy(&b->done);
	free(b);
}

static int write_jobs(struct batch *b, const char **why)
{
	for (int i = 0; i < b->n; i++) {
		struct job *j = &b->jobs[i];

		if (j->bad) {
			*why = j->bad;
			return BATCH_BAD;
		}
		if (j->error) {
			errno = j->error;
			return -1;
		}
		fbs_writer_stamp_at(b->w, j->r.time_us);
		if (fbs_write(b->w, &j->r))
			return -1;
	}
	return 0;
}

static int run(struct batch *b, const char **why)
{
	int result;

	atomic_store(&b->next, 0);
	if (b->started && b->n > 1) {
		pthread_mutex_lock(&b->lock);
		b->busy = b->started;
		b->round++;
		pthread_cond_broadcast(&b->work);
		pthread_mutex_unlock(&b->lock);
		do_jobs(b);
		pthread_mutex_lock(&b->lock);
		while (b->busy)
			pthread_cond_wait(&b->done, &b->lock);
		pthread_mutex_unlock(&b->lock);
	} else {
		do_jobs(b);
	}
	result = write_jobs(b, why);
	b->n = 0;
	return result;
}

int batch_put(struct batch *b, const struct fbs_record *r, const char **why)
{
	struct job *j = &b->jobs[b->n];
	int result;

	if (r->type != FBS_PIXELS) {
		result = b->n ? run(b, why) : 0;
		if (result)
			return result;
		fbs_writer_stamp_at(b->w, r->time_us);
		return fbs_write(b->w, r);
	}
	j->r = *r;
	b->n++;
	if (b->threads == 1)
		return run(b, why);	/* the reader's own bytes will do */
	wire_buf_reset(&j->copy);
	wire_put(&j->copy, r->pixels.data, r->pixels.len);
	if (j->copy.bad) {
		errno = ENOMEM;
		return -1;
	}
	j->r.pixels.data = j->copy.data;
	return b->n == JOBS ? run(b, why) : 0;
}
