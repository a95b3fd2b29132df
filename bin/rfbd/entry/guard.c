/* The rules of guard.h. Addresses are those of the rate limit: IPv6 by /64, Unix sockets exempt. */
#include "guard.h"

#include <sys/socket.h>

#include "cli/cli.h"
#include "io/io.h"
#include "msgpass.h"

enum { ARRIVING_MAX = 1000, ARRIVING_OF_ADDRESS_MAX = 150, CHECKS_OF_ADDRESS_MAX = 2 };

struct address {
	struct sockaddr_storage a;
	bool known;
};

static struct address address_of(const struct viewer *v)
{
	struct address x;
	socklen_t n = sizeof x.a;
	x.known = getpeername(net_stream_fd(v->stream), (struct sockaddr *)&x.a, &n) == 0;
	return x;
}

static bool same(const struct address *x, const struct viewer *v)
{
	const struct address y = address_of(v);
	return x->known && y.known && auth_ratelimit_same((const struct sockaddr *)&x->a, (const struct sockaddr *)&y.a);
}

bool guard_blocks(const struct viewer *v)
{
	const struct address x = address_of(v);
	return x.known && auth_ratelimit_wait(v->w->ratelimit, (const struct sockaddr *)&x.a, io_now()) > 0;
}

void guard_note(const struct viewer *v, bool ok)
{
	const struct cli_event e = { .event = "block", .viewer = v->id, .address = v->address };
	const struct address x = address_of(v);
	if (!x.known)
		return;
	if (ok) {
		auth_ratelimit_passed(v->w->ratelimit, (const struct sockaddr *)&x.a);
		return;
	}
	const int64_t delay = auth_ratelimit_failed(v->w->ratelimit, (const struct sockaddr *)&x.a, io_now());
	if (delay)
		cli_log_event(CLI_WARN, &e, "this address may not try again for %.0f s", (double)delay / 1e6);
}

static bool arrives(const struct viewer *v)
{
	return v->phase == VIEWER_HANDSHAKE && !v->doomed;
}

/* The first in the list is the oldest. */
static struct viewer *oldest_but(const struct viewer *but, const struct address *of, unsigned *n)
{
	struct viewer *oldest = NULL;
	*n = 0;
	for (struct viewer *v = but->w->viewers; v; v = v->next) {
		if (!arrives(v) || (of && !same(of, v)))
			continue;
		++*n;
		if (!oldest && v != but)
			oldest = v;
	}
	return oldest;
}

void guard_crowd(struct viewer *v)
{
	static const char why[] = "too many connections that have not come in yet";
	const struct address x = address_of(v);
	struct viewer *oldest;
	unsigned n;
	/* our own user has shorter ways to do us harm, and tries hundreds of viewers at once */
	if (!(v->peer & MSG_PEER_OURS) && v->w->n_handshakes > ARRIVING_OF_ADDRESS_MAX && (oldest = oldest_but(v, &x, &n)) && n > ARRIVING_OF_ADDRESS_MAX)
		viewer_end(oldest, STAT_REFUSED, "%s from this address", why);
	if (v->w->n_handshakes > ARRIVING_MAX && (oldest = oldest_but(v, NULL, &n)) && n > ARRIVING_MAX)
		viewer_end(oldest, STAT_REFUSED, "%s", why);
}

bool guard_busy(const struct viewer *v)
{
	const struct address x = address_of(v);
	unsigned n = 0;
	for (const struct viewer *o = v->w->viewers; o; o = o->next)
		n += o != v && o->checking == CHECK_RUNS && !o->doomed && same(&x, o);
	return n >= CHECKS_OF_ADDRESS_MAX;
}
