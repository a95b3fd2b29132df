/* The scrape target. Each request takes a fresh snapshot: nothing is cached, so nothing is stale. */
#include "http.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "confine/rights.h"
#include "net/listen.h"
#include "prom.h"

#define CONNECTIONS_MAX 32
#define CONNECTION_TIMEOUT_S 10
#define DAEMONS_MAX 8

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, const char *type, void *body, size_t n,
			      enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(n, body, mode);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	const enum MHD_Result done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result answer_text(struct MHD_Connection *c, unsigned status, const char *text)
{
	union { const char *in; void *out; } body = { .in = text };
	return answer(c, status, "text/plain; charset=utf-8", body.out, strlen(text), MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result answer_metrics(struct MHD_Connection *c, const struct snapshot *s)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	const bool open = accept && strstr(accept, "application/openmetrics-text");
	struct wire_buf out = { 0 };
	size_t n;
	prom_put(&out, s, open);
	if (out.bad) {
		wire_buf_fini(&out);
		return answer_text(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	}
	uint8_t *body = wire_buf_take(&out, &n);
	return answer(c, MHD_HTTP_OK, open ? PROM_OPEN_TYPE : PROM_TEXT_TYPE, body, n, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result answer_ready(struct MHD_Connection *c, const struct snapshot *s)
{
	const char *why;
	char text[128];
	if (snapshot_ready(s, &why))
		return answer_text(c, MHD_HTTP_OK, "ready\n");
	snprintf(text, sizeof text, "not ready: %s\n", why);
	return answer_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, text);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *c, const char *url, const char *method,
			      const char *version, const char *upload, size_t *upload_size, void **state)
{
	const int dir = *(const int *)arg;
	struct snapshot s;
	enum MHD_Result done;
	(void)version, (void)upload, (void)state;
	if (*upload_size)
		return MHD_NO;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	if (!strcmp(url, "/healthz"))
		return answer_text(c, MHD_HTTP_OK, "alive\n");
	if (strcmp(url, "/metrics") != 0 && strcmp(url, "/readyz") != 0)
		return answer_text(c, MHD_HTTP_NOT_FOUND, "not found: /metrics /healthz /readyz\n");
	if (snapshot_take(&s, dir) != 0)
		return answer_text(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the statistics directory cannot be read\n");
	done = url[1] == 'm' ? answer_metrics(c, &s) : answer_ready(c, &s);
	snapshot_fini(&s);
	return done;
}

/* It reads the statistics and /proc, and removes its own file at the end: nothing else. */
static void lock_in(int dir)
{
	confine_or_die(&(struct confine_settings){ .rights = CONFINE_OF_RFBSTAT_SERVING, .directory = dir, .directory_read_only = true });
}

/* One HTTP server for each listening socket ("5900" has two: 127.0.0.1 and ::1). */
static unsigned start(struct MHD_Daemon **daemons, const char *address, int *dir)
{
	struct net_listener l[DAEMONS_MAX];
	struct net_address a;
	if (net_address_parse(&a, address) != 0 || a.is_unix)
		cli_misuse("-l: %s is not [ADDR:]PORT", address);
	const int n = net_listen(l, DAEMONS_MAX, &a);
	if (n < 0)
		cli_die(CLI_SYSTEM, "cannot listen on %s: %s", address, net_listen_strerror(&a));
	lock_in(*dir);
	for (int i = 0; i < n; i++) {
		daemons[i] = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, handle, dir,
			MHD_OPTION_LISTEN_SOCKET, l[i].fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
			MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_TIMEOUT_S, MHD_OPTION_END);
		if (!daemons[i])
			cli_die_errno("cannot start the HTTP server");
		cli_log(CLI_INFO, "listening on http://%s/metrics", l[i].text);
	}
	return (unsigned)n;
}

int http_listen_and_serve(const char *address, int dir, void (*ready)(void))
{
	struct MHD_Daemon *daemons[DAEMONS_MAX];
	sigset_t ends;
	int got;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);	/* before the servers' threads begin */
	unsigned n = start(daemons, address, &dir);
	ready();
	sigwait(&ends, &got);
	while (n)
		MHD_stop_daemon(daemons[--n]);
	return CLI_OK;
}
