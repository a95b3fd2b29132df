/* Work beside the event loop (pthread), and TLS handshakes done there: by thread sanitizer too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/aside.h"
#include "net/tls.h"
#include "pump.h"

static char err[256];
static int woken;		/* an eventfd */

static void wake(void *arg)
{
	const uint64_t one = 1;

	(void)arg;
	assert_int_equal(write(woken, &one, sizeof one), sizeof one);
}

/* Waits for a job that is over, and collects. */
static void collect(struct net_aside *a)
{
	struct pollfd p = { .fd = woken, .events = POLLIN };
	uint64_t n;

	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(read(woken, &n, sizeof n), sizeof n);
	net_aside_collect(a);
}

/* --- jobs ---------------------------------------------------------------------------------------------- */

struct sum {
	struct net_job job;
	unsigned to, result, over;
};

static void add(struct net_job *j)
{
	struct sum *s = (struct sum *)j;

	for (unsigned i = 1; i <= s->to; i++)
		s->result += i;
}

static void count(struct net_job *j)
{
	((struct sum *)j)->over++;
}

static void each_job_once(void **state)
{
	enum { N = 500 };
	static struct sum sums[N];
	struct net_aside *a = net_aside_new(3, wake, NULL);
	unsigned over = 0;

	(void)state;
	assert_non_null(a);
	for (unsigned i = 0; i < N; i++) {
		sums[i] = (struct sum){ .job = { .run = add, .over = count }, .to = i };
		net_aside_submit(a, &sums[i].job);
	}
	while (over < N) {
		collect(a);
		over = 0;
		for (unsigned i = 0; i < N; i++)
			over += sums[i].over;
	}
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(sums[i].over, 1);
		assert_int_equal(sums[i].result, i * (i + 1) / 2);
	}
	net_aside_free(a);
}

static int gate[2];

static void wait_at_gate(struct net_job *j)
{
	char c;

	(void)j;
	assert_int_equal(read(gate[0], &c, 1), 1);
}

static void taken_back(void **state)
{
	struct sum first = { .job = { .run = wait_at_gate, .over = count } }, second = { .job = { .run = add, .over = count }, .to = 3 },
		   third = second, fourth = second;
	struct net_aside *a = net_aside_new(1, wake, NULL);

	(void)state;
	assert_int_equal(pipe(gate), 0);
	net_aside_submit(a, &first.job);
	net_aside_submit(a, &second.job);
	net_aside_submit(a, &third.job);
	assert_true(net_aside_cancel(a, &third.job));	/* the last: the next goes behind the second */
	net_aside_submit(a, &fourth.job);
	assert_int_equal(write(gate[1], "x", 1), 1);
	while (!first.over || !second.over || !fourth.over)
		collect(a);
	assert_false(net_aside_cancel(a, &second.job));
	assert_int_equal(third.over, 0);
	assert_int_equal(third.result, 0);
	assert_int_equal(fourth.result, 6);
	/* what waits at the end is dropped, and told so */
	net_aside_submit(a, &first.job);
	net_aside_submit(a, &third.job);
	assert_int_equal(write(gate[1], "x", 1), 1);
	net_aside_free(a);
	assert_int_equal(first.over, 2);
	assert_int_equal(third.over, 1);
	close(gate[0]);
	close(gate[1]);
}

/* --- TLS ------------------------------------------------------------------------------------------------- */

static char dir[] = "/tmp/test_aside.XXXXXX", cert[64], key[64], ca[64], ca_key[64];

static int set_up(void **state)
{
	(void)state;
	woken = eventfd(0, EFD_CLOEXEC);
	if (!mkdtemp(dir))
		return -1;
	snprintf(cert, sizeof cert, "%s/cert", dir);
	snprintf(key, sizeof key, "%s/key", dir);
	snprintf(ca, sizeof ca, "%s/ca", dir);
	snprintf(ca_key, sizeof ca_key, "%s/ca_key", dir);
	return net_tls_make_certificate(cert, key, err, sizeof err) == 1 && net_tls_make_certificate(ca, ca_key, err, sizeof err) == 1 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(cert);
	unlink(key);
	unlink(ca);
	unlink(ca_key);
	rmdir(dir);
	close(woken);
	return 0;
}

static unsigned progressed;

static void on_progress(void *arg)
{
	++*(unsigned *)arg;
}

static void layer(struct end *e, struct net_tls *t)
{
	struct net_stream *s = net_tls_stream(t, e->s, NULL);

	assert_non_null(s);
	net_tls_on_progress(s, on_progress, &progressed);
	e->s = s;
}

/* As an event loop: streams by the events that they name, jobs by the eventfd. */
static void turn(struct net_aside *a, struct end *c, struct end *s)
{
	struct end *ends[2] = { c, s };
	struct pollfd p[3] = { [2] = { .fd = woken, .events = POLLIN } };

	if (pump_both(c, s) || s->error)
		return;
	for (int i = 0; i < 2; i++) {
		const bool dead = ends[i]->eof || ends[i]->error;

		p[i].events = dead ? 0 : net_stream_events(ends[i]->s, true, ends[i]->out.len > 0);
		p[i].fd = p[i].events ? net_stream_fd(ends[i]->s) : -1;
	}
	assert_true(poll(p, 3, 20000) > 0);
	if (p[2].revents)
		collect(a);
}

static void talk(struct net_aside *a, struct net_tls *client, struct net_tls *server)
{
	enum { N = 100003 };
	struct end c, s;

	pump_pair(&c, &s);
	layer(&s, server);
	layer(&c, client);
	progressed = 0;
	for (unsigned i = 0; i < N; i++) {
		wire_put_u8(&c.out, (uint8_t)(i * 7 >> 3));
		wire_put_u8(&s.out, (uint8_t)(i * 11 >> 3));
	}
	while (c.in.len < N || s.in.len < N) {
		turn(a, &c, &s);
		assert_int_equal(c.error | s.error, 0);
	}
	assert_true(net_tls_established(s.s));
	assert_true(progressed > 0);	/* it was aside */
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(s.in.data[i], (uint8_t)(i * 7 >> 3));
		assert_int_equal(c.in.data[i], (uint8_t)(i * 11 >> 3));
	}
	pump_close(&c);
	pump_close(&s);
}

static void handshakes(void **state)
{
	struct net_aside *a = net_aside_new(2, wake, NULL);
	struct net_tls *server = net_tls_server(cert, key, NULL, err, sizeof err), *client = net_tls_client(NULL, true, err, sizeof err);
	struct net_tls *anonymous = net_tls_server_anonymous(err, sizeof err), *unknown = net_tls_client_anonymous(err, sizeof err);

	(void)state;
	net_tls_use_aside(server, a);
	net_tls_use_aside(anonymous, a);
	for (int i = 0; i < 3; i++)
		talk(a, client, server);
	talk(a, unknown, anonymous);
	net_tls_free(client);
	net_tls_free(server);
	net_tls_free(unknown);
	net_tls_free(anonymous);
	net_aside_free(a);
}

/* Both sides learn why. */
static void fails(struct net_aside *a, struct net_tls *client, struct net_tls *server, const char *why)
{
	struct end c, s;

	pump_pair(&c, &s);
	layer(&s, server);
	layer(&c, client);
	while (!s.error && !s.eof)
		turn(a, &c, &s);
	assert_int_equal(s.error, EPROTO);
	assert_non_null(strstr(net_stream_error(s.s), why));
	assert_false(net_tls_established(s.s));
	while (!c.error && !c.eof)
		pump_turn(&c);
	pump_close(&c);
	pump_close(&s);
}

static void failures(void **state)
{
	struct net_aside *a = net_aside_new(1, wake, NULL);
	struct net_tls *server = net_tls_server(cert, key, ca, err, sizeof err), *client = net_tls_client(NULL, true, err, sizeof err);
	struct net_tls *unknown = net_tls_client_anonymous(err, sizeof err);
	struct end c, s;

	(void)state;
	net_tls_use_aside(server, a);
	fails(a, client, server, "TLS: peer did not return a certificate");
	fails(a, unknown, server, "TLS: no shared cipher");
	/* not TLS at all; and nothing more */
	for (int i = 0; i < 2; i++) {
		pump_pair(&c, &s);
		layer(&s, server);
		wire_put(&c.out, i ? "\x16\x03" : "RFB 003.008\n and a little more", i ? 2 : 28);
		pump_turn(&c);
		if (i)
			shutdown(net_stream_fd(c.s), SHUT_WR);
		while (!s.error)
			turn(a, &c, &s);
		assert_int_equal(s.error, EPROTO);
		assert_non_null(strstr(net_stream_error(s.s), i ? "closed during the handshake" : "TLS: "));
		pump_close(&c);
		pump_close(&s);
	}
	net_tls_free(client);
	net_tls_free(server);
	net_tls_free(unknown);
	net_aside_free(a);
}

/* Streams that are closed while a thread is at them, or before it was: nothing is lost, nothing is told. */
static void closed_meanwhile(void **state)
{
	enum { N = 60 };
	struct net_aside *a = net_aside_new(2, wake, NULL);
	struct net_tls *server = net_tls_server(cert, key, NULL, err, sizeof err), *client = net_tls_client(NULL, true, err, sizeof err);
	static struct end c[N], s[N];
	char byte;

	(void)state;
	net_tls_use_aside(server, a);
	for (int i = 0; i < N; i++) {
		pump_pair(&c[i], &s[i]);
		layer(&s[i], server);
		layer(&c[i], client);
		errno = 0;
		assert_int_equal(net_stream_read(s[i].s, &byte, 1), -1);	/* the hello is there: a job */
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(net_stream_events(s[i].s, true, true), 0);
		if (i % 3 == 0)
			pump_close(&s[i]);
	}
	progressed = 0;
	net_aside_collect(a);
	const unsigned before = progressed;
	for (int i = 0; i < N; i++)
		if (s[i].s)
			pump_close(&s[i]);
	net_tls_free(server);		/* the jobs hold on to it */
	net_aside_free(a);
	assert_int_equal(progressed, before);
	for (int i = 0; i < N; i++)
		pump_close(&c[i]);
	net_tls_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_job_once), cmocka_unit_test(taken_back), cmocka_unit_test(handshakes), cmocka_unit_test(failures),
		cmocka_unit_test(closed_meanwhile),
	};

	return cmocka_run_group_tests_name("aside", tests, set_up, tear_down);
}
