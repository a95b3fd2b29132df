/* What this program says: that it is there, the texts that viewers asked for, which text it wants, results
 * of resizing. A reader that takes nothing is given up before the queue grows without end. */
#include "fbinput.h"

#include <errno.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"

/* one whole text, its records' headers, and some more */
enum { QUEUE_MAX = FBS_CLIP_MAX + FBS_CLIP_MAX / 64 + (1 << 20) };

void answers_init(struct answers *a, int fd)
{
	*a = (struct answers){ .fd = fd, .start_us = io_now(), .out = { .max = QUEUE_MAX } };
	if (fd >= 0)
		io_set_nonblock(fd, true);
}

void answers_fini(struct answers *a)
{
	wire_buf_fini(&a->out);
}

void answers_hello(struct answers *a, const struct x11_input *in)
{
	const char *display = x11_input_display(in);
	struct fbs_record r = { .type = FBS_HELLO, .hello = { .role = FBS_ROLE_INPUT, .flags = x11_input_abilities(in),
				.display = { display, (uint32_t)strlen(display) } } };

	if (a->fd < 0)
		return;
	io_boot_id(r.hello.boot_id);
	fbs_preamble_put(&a->out, "fbinput", io_wallclock());
	answers_say(a, &r);
	answers_flush(a);
}

void answers_say(void *answers, const struct fbs_record *r)
{
	struct answers *a = answers;
	struct fbs_record stamped = *r;

	if (a->fd < 0 || a->gone)
		return;
	if (r->type == FBS_CLIP)
		cli_stat_add(STAT_CLIPBOARD_BYTES, STAT_OUT, r->clip.text.len);
	stamped.time_us = io_now() - a->start_us;
	fbs_record_put(&a->out, &stamped);
	if (a->out.bad) {
		cli_log(CLI_ERROR, "the reader of stdout takes nothing: it is given up");
		a->gone = true;
	}
}

void answers_flush(struct answers *a)
{
	while (a->fd >= 0 && a->out.len && !a->gone) {
		const ssize_t n = write(a->fd, a->out.data, a->out.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			a->gone = true;
		else
			wire_buf_drop(&a->out, (size_t)n);
	}
}
