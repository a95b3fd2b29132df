/* Inside the server's security state machine: each security type is a chain of stages, one function each.
 * Private to lib/auth. */
#ifndef RFBKIT_AUTH_STAGE_H
#define RFBKIT_AUTH_STAGE_H

#include "auth/server.h"

/* Consumes bytes (returns how many), appends to out, and either moves a->stage on or sets *event. Nothing consumed, no event and
 * the same stage: it needs more bytes. */
typedef size_t (*auth_stage)(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);

struct auth_server {
	const struct auth_offer *offer;
	auth_stage stage;		/* NULL: nothing begun */
	auth_stage next;		/* after an upgrade */
	enum auth_type type;
	bool tight;
	bool answered, ok;		/* the verdict on `check` */
	struct auth_check check;
	struct auth_aes_keys keys;
	void *extra;			/* a type's own state */
	void (*extra_free)(void *);
	const char *reason;		/* static */
};

bool auth_offers(const struct auth_offer *offer, enum auth_type type);
/* Stages after which the outcome is reported. */
size_t auth_stage_done(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);
size_t auth_stage_wait(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);
/* Reports an event and waits for its answer. */
size_t auth_ask_check(struct auth_server *a, enum auth_event *event);
size_t auth_ask_upgrade(struct auth_server *a, enum auth_event what, auth_stage next, enum auth_event *event);
/* The viewer broke the protocol. */
size_t auth_broken(struct auth_server *a, const char *reason, enum auth_event *event);

/* First stages. */
auth_stage auth_proof_stage(enum auth_proof proof);	/* None, VncAuth, Plain; for any channel */
size_t auth_stage_vencrypt(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);
size_t auth_stage_tight(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);
size_t auth_stage_rsaaes(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);
size_t auth_stage_dh(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);

#endif
