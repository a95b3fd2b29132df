/* A queue of segments. Small puts are gathered into one segment; memory is given back
 * when the queue runs empty. */
#include "outq.h"

#include <stdlib.h>
#include <string.h>

enum { SEG_SIZE = 1024 };

struct outq_shared *outq_share(uint8_t *data, size_t n)
{
	struct outq_shared *s = malloc(sizeof *s);
	if (s)
		*s = (struct outq_shared){ .refs = 1, .len = n, .data = data };
	else
		free(data);
	return s;
}

void outq_unshare(struct outq_shared *s)
{
	if (!s || --s->refs)
		return;
	free(s->data);
	free(s);
}

static void drop_first(struct outq *q, struct unit_cache *c)
{
	struct outq_seg *s = &q->segs[q->first];
	if (s->unit)
		unit_unref(c, s->unit);
	else if (s->shared)
		outq_unshare(s->shared);
	else
		free(s->data);
	q->first++;
	q->n--;
}

void outq_fini(struct outq *q, struct unit_cache *c)
{
	while (q->n)
		drop_first(q, c);
	free(q->segs);
	memset(q, 0, sizeof *q);
}

static struct outq_seg *push(struct outq *q)
{
	if (!q->segs || q->first + q->n == q->cap) {
		if (q->segs && q->first > q->cap / 2) {
			memmove(q->segs, q->segs + q->first, q->n * sizeof *q->segs);
		} else {
			unsigned cap = q->cap ? q->cap * 2 : 8;
			struct outq_seg *p = malloc(cap * sizeof *p);
			if (!p)
				return NULL;
			if (q->segs)
				memcpy(p, q->segs + q->first, q->n * sizeof *p);
			free(q->segs);
			q->segs = p;
			q->cap = cap;
		}
		q->first = 0;
	}
	struct outq_seg *s = &q->segs[q->first + q->n++];
	memset(s, 0, sizeof *s);
	return s;
}

void outq_put(struct outq *q, const void *bytes, size_t n)
{
	if (q->bad || n == 0)
		return;
	struct outq_seg *s = q->n ? &q->segs[q->first + q->n - 1] : NULL;
	if (!s || s->unit || s->shared || s->cap - s->len < n) {
		size_t cap = n > SEG_SIZE ? n : SEG_SIZE;
		uint8_t *data = malloc(cap);
		if (!data || !(s = push(q))) {
			free(data);
			q->bad = true;
			return;
		}
		s->data = data;
		s->cap = cap;
	}
	memcpy(s->data + s->len, bytes, n);
	s->len += n;
	q->bytes += n;
}

void outq_put_unit(struct outq *q, struct unit *u, size_t from)
{
	struct outq_seg *s;
	if (q->bad || u->enc.out.len <= from)
		return;
	if (u->enc.out.len - from <= SEG_SIZE / 2) {	/* smaller than what a segment costs */
		outq_put(q, u->enc.out.data + from, u->enc.out.len - from);
		return;
	}
	if (!(s = push(q))) {
		q->bad = true;
		return;
	}
	s->unit = unit_ref(u);
	s->data = u->enc.out.data;
	s->at = from;
	s->len = u->enc.out.len;
	q->bytes += s->len - from;
}

void outq_put_shared(struct outq *q, struct outq_shared *shared)
{
	struct outq_seg *s;
	if (q->bad || shared->len == 0)
		return;
	if (!(s = push(q))) {
		q->bad = true;
		return;
	}
	shared->refs++;
	s->shared = shared;
	s->data = shared->data;
	s->len = shared->len;
	q->bytes += s->len;
}

void outq_append(struct outq *q, struct outq *from)
{
	q->bad = q->bad || from->bad;
	for (; from->n; from->first++, from->n--) {
		struct outq_seg *s = push(q);
		if (!s) {
			q->bad = true;
			return;
		}
		*s = from->segs[from->first];
	}
	q->bytes += from->bytes;
	free(from->segs);
	*from = (struct outq){ 0 };
}

int outq_iov(const struct outq *q, struct iovec *iov, int max, size_t bytes)
{
	int n = 0;
	for (unsigned i = 0; i < q->n && n < max && bytes; i++) {
		const struct outq_seg *s = &q->segs[q->first + i];
		const size_t len = s->len - s->at < bytes ? s->len - s->at : bytes;
		iov[n++] = (struct iovec){ s->data + s->at, len };
		bytes -= len;
	}
	return n;
}

void outq_sent(struct outq *q, size_t n, struct unit_cache *c)
{
	q->bytes -= n;
	while (n > 0) {
		struct outq_seg *s = &q->segs[q->first];
		size_t left = s->len - s->at;
		if (n < left) {
			s->at += n;
			return;
		}
		n -= left;
		drop_first(q, c);
	}
	if (q->n == 0) {
		free(q->segs);
		q->segs = NULL;
		q->first = q->cap = 0;
	}
}
