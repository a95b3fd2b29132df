/* Recording what was recorded: another's format into ours, or ours once more (with masks, say). */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ending.h"
#include "rec/import.h"
#include "rec/reader.h"
#include "record.h"

struct conversion {
	struct out *out;
	bool gone;
};

static int put(void *arg, const struct fbs_record *r)
{
	struct conversion *c = arg;

	c->gone = out_put(c->out, r) != 0;
	return c->gone || cli_ending_asked() ? -1 : 0;
}

static ssize_t read_fd(void *arg, void *buf, size_t n)
{
	return read(*(int *)arg, buf, n);
}

static int ended(struct conversion *c, const struct settings *s, const char *problem, uint32_t status, const char *reason)
{
	if (c->gone)
		return CLI_OK;
	if (cli_ending_asked()) {
		out_close(c->out, FBS_END_DONE, "stopped");
		return CLI_OK;
	}
	if (problem)
		cli_log(CLI_ERROR, "%s: %s", s->convert, problem);
	out_close(c->out, problem ? FBS_END_DIED : status, problem ? problem : reason);
	return problem ? CLI_NO : CLI_OK;
}

static int convert_ours(struct conversion *c, const struct settings *s, struct rec_reader *r)
{
	char reason[FBS_TEXT_MAX + 1] = "";
	uint32_t status = FBS_END_DONE;
	struct fbs_record rec;
	int n;

	while ((n = rec_reader_next(r, &rec)) == 1 && put(c, &rec) == 0)
		if (rec.type == FBS_END) {
			status = rec.end.status;
			memcpy(reason, rec.end.text.text, rec.end.text.len);
			reason[rec.end.text.len] = '\0';
		}
	return ended(c, s, n < 0 ? r->problem : NULL, status, reason);
}

static int convert_foreign(struct conversion *c, const struct settings *s, int fd)
{
	struct rec_bytes bytes;
	struct rec_import i = { .in = &bytes, .put = put, .arg = c };
	enum rec_foreign format;
	int result;

	if (!rec_bytes_init(&bytes, read_fd, &fd))
		cli_die_errno("cannot start");
	format = rec_foreign_detect(&bytes);
	if (format != REC_FOREIGN_NONE)
		cli_log(CLI_INFO, "%s: a recording of %s", s->convert, rec_foreign_name(format));
	result = rec_foreign_read(&i, format);
	rec_bytes_fini(&bytes);
	return ended(c, s, result ? i.why : NULL, FBS_END_DONE, "converted");
}

int record_file(struct out *o, const struct settings *s)
{
	struct conversion c = { .out = o };
	struct rec_reader r;
	int fd = s->convert_fd, code;
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		cli_ending_play(fd, s->file ? -1 : STDOUT_FILENO);
	if (rec_reader_open(&r, fd))
		cli_die(CLI_SYSTEM, "cannot read %s: %s", s->convert, r.problem);
	code = r.format == REC_FOREIGN ? convert_foreign(&c, s, fd) : convert_ours(&c, s, &r);
	rec_reader_fini(&r);
	close(fd);
	return code;
}
