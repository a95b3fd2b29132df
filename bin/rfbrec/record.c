/* Recording a stream from stdin. With -t it goes on to stdout first, and nothing is read while stdout's
 * reader has not taken the last frame: what nobody watches is not recorded. */
#include "record.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "fbs/reader.h"
#include "io/io.h"
#include "loop.h"

enum { RETRY_US = 1000 };

struct pass {
	const struct settings *s;
	struct out *out;
	struct fbs_reader reader;
	struct fbs_writer writer;	/* stdout, with -t */
	bool unread, started;
};

enum { GO_ON = -1 };

static void finish(struct pass *p, uint32_t status, const char *reason)
{
	if (p->s->pass)
		fbs_write_end(&p->writer, status, reason);
	out_close(p->out, status, reason);
}

/* Nothing said when: now. */
static void stop(struct pass *p, uint32_t status, const char *reason)
{
	if (p->s->pass)
		fbs_write_end(&p->writer, status, reason);
	out_stop(p->out, status, reason);
}

/* -1 on; else an exit code. */
static int output_failed(struct pass *p)
{
	int error = errno;

	if (p->s->file)
		out_stop(p->out, FBS_END_DONE, "its reader went away");
	if (error == EPIPE)
		return CLI_OK;
	cli_log(CLI_ERROR, "cannot write the stream: %s", strerror(error));
	return CLI_SYSTEM;
}

static int take(struct pass *p, const struct fbs_record *r)
{
	if (r->type == FBS_SHARED) {
		cli_log(CLI_ERROR, "pixels in shared memory cannot be recorded: fbdiff -m belongs in between");
		finish(p, FBS_END_DIED, "pixels in shared memory");
		return CLI_NO;
	}
	if (r->type == FBS_END) {
		char reason[FBS_TEXT_MAX + 1] = "";

		memcpy(reason, r->end.text.text, r->end.text.len);
		(void)!out_put(p->out, r);
		finish(p, r->end.status, reason);
		return CLI_OK;
	}
	if (p->s->pass) {
		if (!p->started)
			fbs_writer_start_at(&p->writer, p->reader.preamble.wall_us);
		p->started = true;
		fbs_writer_stamp_at(&p->writer, r->time_us);
		if (fbs_write(&p->writer, r))
			return output_failed(p);
		p->unread = p->unread || r->type == FBS_FRAME;
	}
	if (out_put(p->out, r))
		return CLI_OK;	/* the reader of the plain stream is gone */
	p->unread = p->unread || (!p->s->file && r->type == FBS_FRAME);
	return GO_ON;
}

static int input_ended(struct pass *p, int error)
{
	char why[256];

	fbs_reader_explain(&p->reader, error, why, sizeof why);
	cli_log(CLI_ERROR, "%s", why);
	stop(p, FBS_END_DIED, why);
	return error == FBS_OK ? CLI_OK : error == FBS_E_SYSTEM ? CLI_SYSTEM : CLI_NO;
}

static int feed(struct pass *p)
{
	size_t room;
	uint8_t *to = fbs_feed(&p->reader, &room);
	ssize_t n;

	if (!to)
		return input_ended(p, FBS_E_SYSTEM);
	n = read(STDIN_FILENO, to, room);
	if (n > 0)
		fbs_fed(&p->reader, (size_t)n);
	else if (n == 0)
		return input_ended(p, fbs_reader_finish(&p->reader));
	else if (errno != EINTR && errno != EAGAIN)
		return input_ended(p, FBS_E_SYSTEM);
	return GO_ON;
}

/* Records that are here. */
static int take_all(struct pass *p)
{
	struct fbs_record r;
	int n = 0, code = GO_ON;

	while (code == GO_ON && !p->unread && (n = fbs_next(&p->reader, &r)) == 1)
		code = take(p, &r);
	if (code == GO_ON && n < 0)
		code = input_ended(p, n);
	return code;
}

static int turn(struct pass *p, struct loop *l)
{
	struct pollfd fds[2] = {
		{ .fd = p->unread ? -1 : STDIN_FILENO, .events = POLLIN },
		{ .fd = p->s->pass || !p->s->file ? STDOUT_FILENO : -1 },
	};

	loop_wait(l, fds, 2, p->unread ? io_now() + RETRY_US : IO_FOREVER);
	if (l->stop) {
		stop(p, FBS_END_DONE, "stopped");
		return CLI_OK;
	}
	if (fds[1].revents & (POLLERR | POLLHUP)) {
		errno = EPIPE;
		return output_failed(p);
	}
	if (p->unread && io_pipe_unread(STDOUT_FILENO) == 0)
		p->unread = false;
	return fds[0].revents ? feed(p) : GO_ON;
}

int record_stream(struct out *o, const struct settings *s)
{
	struct pass p = { .s = s, .out = o };
	struct loop l;
	int code;

	loop_init(&l, o);
	io_pipe_enlarge(STDIN_FILENO);
	fbs_reader_init(&p.reader);
	if (s->pass) {
		io_pipe_enlarge(STDOUT_FILENO);
		if (fbs_writer_init(&p.writer, STDOUT_FILENO, "rfbrec"))
			cli_die_errno("cannot start");
	}
	do {
		code = take_all(&p);
		if (code == GO_ON)
			code = turn(&p, &l);
	} while (code == GO_ON);
	fbs_reader_fini(&p.reader);
	if (s->pass)
		fbs_writer_fini(&p.writer);
	return code;
}
