/* An id is only a number: it may name another segment in another IPC namespace, or be a lie. So the segment must be
 * large enough, made by the process that says so and by us or root, and hold the nonce. */
#include "shared.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

void shared_detach(struct shared *s)
{
	if (s->base)
		shmdt(s->base);
	*s = (struct shared){ 0 };
}

static int mismatch(const struct fbs_shared *r, char *why, size_t n, const char *what)
{
	snprintf(why, n, "shared segment %u of process %u: %s", r->shmid, r->pid, what);
	return -1;
}

/* What is wrong with the segment by its looks; NULL when nothing is. */
static const char *implausible(const struct shmid_ds *ds, const struct fbs_shared *r)
{
	uid_t us = geteuid();

	if (ds->shm_segsz < r->size)
		return "smaller than announced";
	if (r->size < sizeof r->nonce || r->nonce_at > r->size - sizeof r->nonce)
		return "no room for its nonce";
	if (ds->shm_perm.cuid != us && ds->shm_perm.cuid != 0)
		return "made by another user";
	if (ds->shm_cpid != 0 && (uint32_t)ds->shm_cpid != r->pid)
		return "made by another process";
	return NULL;
}

int shared_attach(struct shared *s, const struct fbs_shared *r, char *why, size_t n)
{
	struct shmid_ds ds;
	const char *wrong;
	const uint8_t *base;

	shared_detach(s);
	if (shmctl((int)r->shmid, IPC_STAT, &ds) != 0)
		return mismatch(r, why, n, strerror(errno));
	wrong = implausible(&ds, r);
	if (wrong)
		return mismatch(r, why, n, wrong);
	base = shmat((int)r->shmid, NULL, SHM_RDONLY);
	if (base == (void *)-1)
		return mismatch(r, why, n, strerror(errno));
	if (memcmp(base + r->nonce_at, r->nonce, sizeof r->nonce) != 0) {
		shmdt(base);
		return mismatch(r, why, n, "its nonce is not there (another IPC namespace?)");
	}
	*s = (struct shared){ base, ds.shm_segsz };
	shmctl((int)r->shmid, IPC_RMID, NULL);	/* a second safety: the source does this too */
	return 0;
}

const uint8_t *shared_pixels(const struct shared *s, const struct fbs_damage *d)
{
	uint64_t span = (uint64_t)(d->h - 1u) * d->stride + d->w * (uint64_t)4;

	if (!s->base || d->stride < d->w * (uint64_t)4 || d->offset > s->size || span > s->size - d->offset)
		return NULL;
	return s->base + d->offset;
}
