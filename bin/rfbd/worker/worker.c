/* The worker: sets itself up, runs its event loop, clears away. Its parts: setup.c, orders.c, commit.c, interest.c,
 * ending.c. */
#include "worker.h"

#include <malloc.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "cli/cli.h"
#include "console.h"
#include "control.h"
#include "entry/arrival.h"
#include "entry/webfiles.h"
#include "msgpass.h"
#include "viewer/viewer.h"

enum {
	THREADS_MAX = 8,
	CACHE_KEEP = 4 << 20,	/* bytes of units kept though no viewer is being sent them */
};

const char *worker_name(const struct worker *w)
{
	return w->config->name ? w->config->name : w->screen.name[0] ? w->screen.name : "rfbkit";
}

static unsigned thread_count(void)
{
	int n = get_nprocs();
	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static void on_aside(struct ev_loop *loop, ev_async *a, int events)
{
	struct worker *w = a->data;
	(void)loop;
	(void)events;
	net_aside_collect(w->aside);
}

static void wake_for_aside(void *arg)
{
	struct worker *w = arg;
	ev_async_send(w->loop, &w->aside_wake);
}

/* Units come and go with every frame: their memory is not given back to the system in between, and threads share one heap. */
static void keep_memory(void)
{
	enum { UNITS_AT_ONCE = 8 << 20, LARGE = 4 << 20 };
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, UNITS_AT_ONCE);
	mallopt(M_MMAP_THRESHOLD, LARGE);	/* frames, not units */
}

static void start(struct worker *w)
{
	keep_memory();
	w->loop = ev_loop_new(EVFLAG_AUTO);
	if (!w->loop || screen_init(&w->screen) < 0 || scaler_init(&w->scaler, &w->config->scale) < 0 ||
	    unit_cache_init(&w->cache, CACHE_KEEP) < 0)
		cli_die(CLI_SYSTEM, "cannot start: out of memory");
	w->ratelimit = auth_ratelimit_new(&(struct auth_ratelimit_config){ 0 });
	w->pool = pool_new(thread_count(), &w->screen, worker_wake, w);
	w->aside = net_aside_new((thread_count() + 1) / 2, wake_for_aside, w);
	if (!w->pool || !w->aside || !w->ratelimit)
		cli_die(CLI_SYSTEM, "cannot start: no memory or no threads");
	ev_io_init(&w->monitor_io, worker_on_monitor, w->monitor_fd, EV_READ);
	secrets_use_aside(&w->secrets, w->aside);
	ev_async_init(&w->pool_wake, worker_on_pool);
	ev_async_init(&w->aside_wake, on_aside);
	ev_prepare_init(&w->tidy, worker_on_tidy);
	ev_init(&w->end_deadline, worker_on_deadline);
	ev_init(&w->interest, worker_on_interest);
	w->interest.data = w;
	w->monitor_io.data = w->pool_wake.data = w->aside_wake.data = w->tidy.data = w->end_deadline.data = w;
	ev_io_start(w->loop, &w->monitor_io);
	ev_async_start(w->loop, &w->pool_wake);
	ev_async_start(w->loop, &w->aside_wake);
	ev_prepare_start(w->loop, &w->tidy);
	video_init(&w->video, w);
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
	worker_set_up(w);
	start(w);
	if (!config->source_socket && !config->source_command && !config->inetd)
		source_open(&w->source, STDIN_FILENO, SOURCE_STDIN);
	msg_send(w->monitor_fd, MSG_READY, 0, NULL, 0, -1);
	ev_run(w->loop, 0);
	arrivals_close(w);
	controls_tidy(w, 1);
	net_aside_free(w->aside);
	viewers_tidy(w);	/* those whose handshake was taken aside */
	consoles_close(w);
	webfiles_free(w->web);
	source_fini(&w->source);
	newcomers_fini(w);
	input_fini(&w->input);
	clip_fini(&w->clip);
	pool_free(w->pool);
	video_fini(&w->video);
	unit_cache_fini(&w->cache);
	scaler_fini(&w->scaler);
	screen_fini(&w->screen);
	auth_ratelimit_free(w->ratelimit);
	secrets_fini(&w->secrets);
	ev_loop_destroy(w->loop);
	return w->exit_code;
}
