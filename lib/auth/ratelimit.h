/* Failed logins by address: after a few, each further one doubles the time during which that address
 * (IPv6: its /64) is refused. Bounded memory; Unix sockets are exempt. Clock by argument. */
#ifndef RFBKIT_AUTH_RATELIMIT_H
#define RFBKIT_AUTH_RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct auth_ratelimit_config {
	unsigned free;			/* failures without a delay; 0: 5 */
	int64_t first_us;		/* first delay; 0: 10 s */
	int64_t most_us;		/* longest delay; 0: 1 h */
	int64_t forget_us;		/* an address is forgotten after this long without a failure; 0: 1 h */
	unsigned addresses;		/* table size; 0: 4096. When full, the one quiet for longest goes */
};

struct auth_ratelimit;
struct auth_ratelimit *auth_ratelimit_new(const struct auth_ratelimit_config *c);
void auth_ratelimit_free(struct auth_ratelimit *r);
/* Microseconds until this address may try again; 0: now. */
int64_t auth_ratelimit_wait(const struct auth_ratelimit *r, const struct sockaddr *from, int64_t now_us);
/* Notes a failure. Returns the delay that it brought (0: none yet). */
int64_t auth_ratelimit_failed(struct auth_ratelimit *r, const struct sockaddr *from, int64_t now_us);
/* A success clears the address. */
void auth_ratelimit_passed(struct auth_ratelimit *r, const struct sockaddr *from);
/* True when the two count as one address. Never for what is exempt. */
bool auth_ratelimit_same(const struct sockaddr *a, const struct sockaddr *b);
unsigned auth_ratelimit_blocked(const struct auth_ratelimit *r, int64_t now_us);

#endif
