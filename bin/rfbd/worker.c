/* The worker's event loop: messages of the monitor, frames, finished units, the end. */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "account.h"
#include "arrival.h"
#include "cli/cli.h"
#include "confine/rights.h"
#include "control.h"
#include "io/io.h"
#include "msgpass.h"
#include "verify.h"
#include "viewer.h"
#include "webfiles.h"

enum {
	THREADS_MAX = 8,
	CACHE_KEEP = 4 << 20,	/* bytes of units kept though no viewer is being sent them */
};
static const double last_delivery = 3;
enum { UNASKED_US = 100000 };		/* how long frames are read for somebody who was expected to ask */

const char *worker_name(const struct worker *w)
{
	return w->config->name ? w->config->name : w->screen.name[0] ? w->screen.name : "rfbkit";
}

/* --- frames --------------------------------------------------------------------------- */

/* Somebody really wants a frame, or there is none to begin with. */
static bool interest_is_certain(const struct worker *w)
{
	bool certain = !w->screen.ready || (source_is_open(&w->source) && w->source.fresh_stream);
	for (const struct viewer *v = w->viewers; v && !certain; v = v->next)
		certain = update_is_wanted(v);
	return certain;
}

static void on_interest(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	worker_update_interest(t->data);
}

void worker_update_interest(struct worker *w)
{
	bool wanted = !w->screen.ready || (source_is_open(&w->source) && w->source.fresh_stream);
	int64_t now = io_now(), soonest = INT64_MAX;
	w->interest_stale = false;
	for (struct viewer *v = w->viewers; v && !wanted; v = v->next) {
		int64_t due = update_expected(v, now);
		wanted = update_is_wanted(v) || due <= now;
		soonest = due < soonest ? due : soonest;
	}
	source_want(&w->source, wanted);
	ev_timer_stop(w->loop, &w->interest);
	/* the pipes hold old frames: they are let go by before the next request comes; or nobody asks any more */
	if (wanted)
		soonest = now + UNASKED_US;
	if (soonest < INT64_MAX && !(wanted && interest_is_certain(w))) {
		ev_timer_set(&w->interest, (double)(soonest - now) / 1e6, 0);
		ev_timer_start(w->loop, &w->interest);
	}
}

void worker_consider_all(struct worker *w)
{
	for (struct viewer *v = w->viewers, *next; v; v = next) {
		next = v->next;
		update_consider(v);
	}
	worker_update_interest(w);
}

static bool is_current(void *arg, const struct unit_key *k)
{
	const struct worker *w = arg;
	pixman_box32_t b = { k->x, k->y, k->x + k->w, k->y + k->h };
	if (k->epoch != w->epoch || k->overlay == UNIT_BLACK)
		return k->epoch == w->epoch;
	return (!k->overlay || k->overlay == w->paint_serial) && k->content == screen_serial(&w->screen, &b);
}

bool worker_commit(struct worker *w, bool compare)
{
	const struct screen_change *change;
	bool first = !w->screen.ready;
	if (pool_busy(w->pool))
		return false;
	if (screen_commit(&w->screen, compare, &change) < 0) {
		cli_log(CLI_ERROR, "out of memory: a frame is lost");
		return true;
	}
	if (change->what & SCREEN_RESIZED)
		w->epoch++;
	if (change->what & (SCREEN_CURSOR | SCREEN_POINTER))
		w->paint_serial++;
	account_frame(w);
	unit_cache_sweep(&w->cache, is_current, w);
	for (struct viewer *v = w->viewers; v; v = v->next)
		viewer_apply(v, change);
	if (first)
		viewers_screen_ready(w);
	if (!source_is_settling(&w->source))
		worker_consider_all(w);
	return true;
}

static void on_pool(struct ev_loop *loop, ev_async *a, int events)
{
	struct worker *w = a->data;
	(void)loop;
	(void)events;
	for (struct unit *u = pool_collect(w->pool), *next; u; u = next) {
		next = u->job_next;
		unit_done(&w->cache, u);
	}
	for (struct viewer *v = w->viewers; v; v = v->next)
		update_advance(v);
	if (pool_busy(w->pool) == 0)
		source_resume(&w->source);
	for (struct viewer *v = w->viewers; v; v = v->next)
		update_consider(v);
}

static void wake_loop(void *arg)
{
	struct worker *w = arg;
	ev_async_send(w->loop, &w->pool_wake);
}

/* --- the end ------------------------------------------------------------------------------ */

void worker_source_lost(struct worker *w)
{
	if (w->source.kind != SOURCE_STDIN)
		cli_log(CLI_INFO, "the source is gone: waiting for another");
}

static void stop(struct worker *w, const char *why)
{
	for (struct viewer *v = w->viewers; v; v = v->next)
		viewer_end(v, STAT_SHUTDOWN, "%s", why);
	viewers_tidy(w);
	ev_break(w->loop, EVBREAK_ALL);
}

static void on_end_deadline(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	stop(t->data, "the stream ended");
}

void worker_end(struct worker *w, int code)
{
	if (w->ending)
		return;
	w->ending = true;
	w->exit_code = code;
	for (struct viewer *v = w->viewers; v; v = v->next)
		refine_now(v);
	ev_timer_set(&w->end_deadline, last_delivery, 0);
	ev_timer_start(w->loop, &w->end_deadline);
}

/* At the end of each turn of the loop: closes what is doomed; ends when everything is delivered. */
static void on_tidy(struct ev_loop *loop, ev_prepare *p, int events)
{
	struct worker *w = p->data;
	(void)loop;
	(void)events;
	viewers_tidy(w);
	if (w->config->once && w->had_viewer && w->n_viewers == w->n_handshakes && !w->ending) {
		cli_log(CLI_INFO, "the last viewer has left");
		stop(w, "the last viewer has left");
		return;
	}
	if (w->interest_stale)
		worker_update_interest(w);
	if (!w->ending)
		return;
	for (struct viewer *v = w->viewers; v; v = v->next)
		if (!update_is_current(v))
			return;
	stop(w, "the stream ended");
}

/* --- the monitor ---------------------------------------------------------------------------- */

static void take_secrets(struct worker *w, struct msg *m)
{
	secrets_set_vnc(&w->secrets, m->text, m->len);
	explicit_bzero(m->text, sizeof m->text);
}

static void take_pem(struct worker *w, uint32_t which, int fd)
{
	struct pem *const to[] = { [PEM_CERT] = &w->secrets.cert, [PEM_KEY] = &w->secrets.key, [PEM_CA] = &w->secrets.ca };
	if (which <= PEM_CA)
		secrets_take_pem(to[which], fd);
	else
		close(fd);
}

static void open_viewer(struct worker *w, int fd, const struct msg *m)
{
	if (w->web || w->secrets.tls) {
		arrival_open(w, fd, m->arg, m->text);
		return;
	}
	struct net_stream *stream = net_stream_plain(fd);
	if (stream) {
		viewer_open(w, stream, m->arg, m->text, "");
	} else {
		cli_log(CLI_ERROR, "%s: no memory for another viewer", m->text);
		close(fd);
	}
}

static void act(struct worker *w, struct msg *m, int fd)
{
	switch (m->type) {
	case MSG_SOURCE:
		if (fd >= 0 && m->arg == SOURCE_SOCKET)
			newcomer_open(w, fd);
		else if (fd >= 0)
			source_open(&w->source, fd, (enum msg_source)m->arg);
		return;
	case MSG_VIEWER:
		if (fd >= 0)
			open_viewer(w, fd, m);
		return;
	case MSG_INPUT:
		if (fd >= 0)
			input_open(&w->input, INPUT_CHILD, fd);
		return;
	case MSG_SECRETS:
		take_secrets(w, m);
		break;
	case MSG_PEM:
		if (fd >= 0)
			take_pem(w, m->arg, fd);
		return;
	case MSG_CERTIFICATE:
		secrets_use_certificate(&w->secrets);
		break;
	case MSG_VERDICT:
		handshake_verdict(w, m->arg, m->len ? (uint8_t)m->text[0] : VERDICT_NO);
		break;
	case MSG_STOP:
		stop(w, "the server ends");
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void on_monitor(struct ev_loop *loop, ev_io *io, int events)
{
	struct worker *w = io->data;
	struct msg m;
	int fd, rc;
	(void)events;
	while ((rc = msg_recv(io->fd, &m, &fd)) > 0)
		act(w, &m, fd);
	if (rc < 0 && errno == EAGAIN)
		return;
	ev_io_stop(loop, io);		/* no monitor, no worker */
	stop(w, "the server ends");
}

/* --- start ------------------------------------------------------------------------------------- */

static unsigned thread_count(void)
{
	int n = get_nprocs();
	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static void ignore_signals(void)
{
	signal(SIGINT, SIG_IGN);	/* from a terminal: the monitor ends us in order */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* The page's files, read before the worker is locked in. */
static void load_page(struct worker *w)
{
	const char *root = w->config->web_root;
	char beside[PATH_MAX + 32];
	if (!w->config->n_webs)
		return;
	if (!root) {
		const ssize_t n = readlink("/proc/self/exe", beside, PATH_MAX);
		const char *slash = n > 0 ? memrchr(beside, '/', (size_t)n) : NULL;
		snprintf(beside + (slash ? slash - beside : 0), 32, "/../share/rfbkit/web");
		root = beside;
	}
	const int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->web = fd < 0 ? NULL : webfiles_load(fd);
	if (!w->web)
		cli_die_errno("-W: cannot read the page's files in %s", root);
	close(fd);
}

/* Started as root, viewers are none of root's business. */
static void drop_root(const struct config *c)
{
	const char *what, *user = c->user ? c->user : "nobody";
	if (geteuid() != 0)
		return;
	if (confine_become(user, &what) < 0) {
		if (c->user)
			cli_die_errno("--user %s: %s", user, what);
		cli_log(CLI_WARN, "the worker stays root: %s: %s", what, strerror(errno));
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a change of user forgets it */
}

/* From here on nothing is opened, connected or run; see doc/security.md. */
static void lock_in(void)
{
	const struct confine_settings s = { .rights = CONFINE_OF_RFBD_WORKER };
	const char *what;
	OPENSSL_init_crypto(0, NULL);	/* reads its configuration */
	if (confine_process(&s, &what) < 0)	/* its statistics file is the monitor's to remove */
		cli_die_errno("cannot lock in: %s", what);
	if (what)
		cli_log(CLI_INFO, "%s", what);
}

static void start(struct worker *w)
{
	w->loop = ev_loop_new(EVFLAG_AUTO);
	if (!w->loop || screen_init(&w->screen) < 0 || unit_cache_init(&w->cache, CACHE_KEEP) < 0)
		cli_die(CLI_SYSTEM, "cannot start: out of memory");
	w->ratelimit = auth_ratelimit_new(&(struct auth_ratelimit_config){ 0 });
	w->pool = pool_new(thread_count(), &w->screen, wake_loop, w);
	if (!w->pool || !w->ratelimit)
		cli_die(CLI_SYSTEM, "cannot start: no memory or no threads");
	ev_io_init(&w->monitor_io, on_monitor, w->monitor_fd, EV_READ);
	ev_async_init(&w->pool_wake, on_pool);
	ev_prepare_init(&w->tidy, on_tidy);
	ev_init(&w->end_deadline, on_end_deadline);
	ev_init(&w->interest, on_interest);
	w->interest.data = w;
	w->monitor_io.data = w->pool_wake.data = w->tidy.data = w->end_deadline.data = w;
	ev_io_start(w->loop, &w->monitor_io);
	ev_async_start(w->loop, &w->pool_wake);
	ev_prepare_start(w->loop, &w->tidy);
	source_init(&w->source, w);
	clip_init(&w->clip, w);
	input_init(&w->input, w);
	newcomers_init(w);
	if (w->config->input_stdout)
		input_open(&w->input, INPUT_STDOUT, STDOUT_FILENO);
}

int worker_run(const struct config *config, int monitor_fd)
{
	static struct worker worker;
	struct worker *w = &worker;
	w->config = config;
	w->monitor_fd = monitor_fd;
	ignore_signals();
	cli_stats_reopen("rfbd", "worker");
	load_page(w);
	secrets_init(&w->secrets, config);
	drop_root(config);
	lock_in();
	start(w);
	if (!config->source_socket && !config->source_command && !config->inetd)
		source_open(&w->source, STDIN_FILENO, SOURCE_STDIN);
	msg_send(w->monitor_fd, MSG_READY, 0, NULL, 0, -1);
	ev_run(w->loop, 0);
	arrivals_close(w);
	controls_tidy(w, 1);
	webfiles_free(w->web);
	source_fini(&w->source);
	newcomers_fini(w);
	input_fini(&w->input);
	clip_fini(&w->clip);
	pool_free(w->pool);
	unit_cache_fini(&w->cache);
	screen_fini(&w->screen);
	auth_ratelimit_free(w->ratelimit);
	secrets_fini(&w->secrets);
	ev_loop_destroy(w->loop);
	return w->exit_code;
}
