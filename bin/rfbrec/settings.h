/* What rfbrec was told to do. */
#ifndef RFBREC_SETTINGS_H
#define RFBREC_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/types.h"
#include "net/addr.h"

enum { MASKS_MAX = 64 };

struct mask_area { int x, y; unsigned w, h; };

struct door;
struct link_means;

struct settings {
	struct door *door;		/* with -c and -R: connects and opens for who is locked in */
	const struct link_means *means;	/* with -c: passwords and certificates, read before */
	int convert_fd;			/* -f's file */
	const char *file;		/* NULL: the plain stream to stdout */
	const char *target;		/* -c */
	struct net_address to;		/* the same */
	const char *convert;		/* -f */
	bool pass, keys, append, once, insecure;
	int64_t flush_us;
	uint64_t rotate_bytes;		/* 0: not by size */
	int64_t rotate_us;		/* 0: not by time */
	uint64_t keep_bytes;		/* of all recordings together; 0: any */
	int64_t keep_us;		/* since one was written to; 0: for ever */
	struct mask_area masks[MASKS_MAX];
	unsigned n_masks;
	const char *vncpasswd, *ca, *fingerprint;
	enum auth_type types[AUTH_TYPES];
	unsigned n_types;
	int notify_fd;			/* -N; -1 */
};

#endif
