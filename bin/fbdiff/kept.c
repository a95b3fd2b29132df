/* A buffer is swapped for a spare one, of which there are as many as the fullest frame of late had records. */
#include "kept.h"

#include <stdlib.h>

enum { BUFFER = FBS_HEADER_SIZE + FBS_PAYLOAD_MAX + 128 * 1024 };	/* a record, and what is read ahead */

bool kept_add(struct kept *k, struct fbs_reader *from)
{
	if (k->n == KEPT_MAX)
		return false;
	if (!k->of[k->n].buf) {
		k->of[k->n].buf = malloc(BUFFER);
		k->of[k->n].cap = k->of[k->n].buf ? BUFFER : 0;
	}
	uint8_t *given = k->of[k->n].buf ? fbs_reader_swap(from, k->of[k->n].buf, &k->of[k->n].cap) : NULL;
	if (!given)
		return false;
	k->of[k->n++].buf = given;
	return true;
}

void kept_done(struct kept *k)
{
	k->n = 0;
}

void kept_free(struct kept *k)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		free(k->of[i].buf);
	*k = (struct kept){ .n = 0 };
}
