/* From records to a file: which of them, under which name, how often onto the disk, and what is done when
 * there is no more room. */
#include "out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "door.h"
#include "file.h"
#include "io/io.h"

/* --- opening ---------------------------------------------------------------------------- */

static bool is_same(int fd, int other)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstat(other, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void out_open(struct out *o, const struct settings *s)
{
	*o = (struct out){ .s = s, .fd = -1, .number = 1, .mask = { .areas = s->masks, .n = s->n_masks } };
	if (!s->file)
		return;
	o->fd = file_first(s, &o->number);
	if (o->fd < 0 && errno == EEXIST)
		cli_die(CLI_MISUSE, "%s exists; -a goes on with it", s->file);
	if (o->fd < 0 && errno == EBUSY)
		cli_die(CLI_NO, "%s: somebody else records to it", s->file);
	if (o->fd >= 0 && s->convert && is_same(o->fd, s->convert_fd))
		cli_die(CLI_MISUSE, "%s is what is to be converted: it cannot be gone on with itself", s->file);
	if (o->fd < 0)
		cli_die_errno("cannot open %s", s->file);
}

static void start_recording(struct out *o)
{
	const char *why = NULL;
	struct stat st;
	int result;

	if (o->s->append && fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		result = rec_writer_append(&o->rec, o->fd, "rfbrec", REC_LEVEL, &why);
	else
		result = rec_writer_init(&o->rec, o->fd, "rfbrec", REC_LEVEL);
	if (result == FBS_E_FOREIGN && why)
		cli_die(CLI_NO, "cannot append to %s: %s", o->s->file, why);
	if (result)
		cli_die_errno("cannot record to %s", o->s->file);
	if (o->rec.lost[0])
		cli_log(CLI_WARN, "%s: %s; goes on behind its last whole frame, what follows that is dropped", o->s->file, o->rec.lost);
}

void out_start(struct out *o)
{
	if (o->s->file)
		start_recording(o);
	else if (fbs_writer_init(&o->plain, STDOUT_FILENO, "rfbrec"))
		cli_die_errno("cannot start");
}

/* --- failing ------------------------------------------------------------------------------ */

static _Noreturn void die_writing(struct out *o)
{
	int error = errno;

	cli_stat_add(STAT_RECORDER_ERRORS, 0, 1);
	if (error == EILSEQ)
		cli_die(CLI_NO, "the stream holds pixels that cannot be decoded");
	if (o->s->file && rec_writer_rescue(&o->rec) == 0)
		cli_die(CLI_SYSTEM, "cannot write %s: %s; it is complete up to %.1f s", o->s->file, strerror(error),
			(double)o->rec.last_us / 1e6);
	cli_die(CLI_SYSTEM, "cannot write %s: %s", o->s->file ? o->s->file : "the stream", strerror(error));
}

/* --- records ------------------------------------------------------------------------------ */

/* -1: the reader of stdout is gone. */
static int checked(struct out *o, int result)
{
	if (!result)
		return 0;
	if (!o->s->file && errno == EPIPE)
		return -1;
	die_writing(o);
}

static int write_plain(struct out *o, const struct fbs_record *r)
{
	struct fbs_record rec = *r;

	if (rec.type == FBS_HELLO || rec.type == FBS_WANT || rec.type == FBS_SHARED || rec.type == FBS_DAMAGE || rec.type == FBS_END)
		return 0;
	if (rec.type == FBS_FRAME && o->gap_due) {
		rec.flags |= FBS_FRAME_GAP;
		o->gap_due = false;
	}
	fbs_writer_stamp_at(&o->plain, rec.time_us);
	return fbs_write(&o->plain, &rec);
}

static int watch(struct out *o, const struct fbs_record *r)
{
	int result;

	if (o->s->file)
		return rec_writer_watch(&o->rec, r);
	result = rec_picture_apply(&o->picture, r);
	if (result)
		errno = result == FBS_E_VALUE ? EILSEQ : ENOMEM;
	return result ? -1 : 0;
}

static int write_record(void *arg, const struct fbs_record *r)
{
	struct out *o = arg;

	if (o->paused || !o->s->file) {
		int result = watch(o, r);

		if (result || o->paused)
			return result;
		return write_plain(o, r);
	}
	return rec_writer_put(&o->rec, r);
}

static int say_plain(void *arg, const struct fbs_record *r)
{
	return write_plain(arg, r);
}

/* A frame with the whole picture, after a pause in a plain stream. */
static int say_picture(struct out *o)
{
	struct fbs_record frame = { .type = FBS_FRAME, .flags = FBS_FRAME_KEY, .time_us = o->last_us, .frame.capture_us = o->last_us,
				    .frame.media_us = o->last_us };

	if (!o->picture.has_screen)
		return 0;
	o->gap_due = true;
	return rec_picture_say(&o->picture, o->last_us, say_plain, o) ? -1 : write_plain(o, &frame);
}

/* Lets the stream's time pass by our clock: a mark belongs where it was set, though nothing moved since. */
static void catch_up(struct out *o)
{
	int64_t now = io_now();

	if (o->has_origin)
		o->last_us += now - o->last_seen;
	o->last_seen = now;
}

static int put_mark(struct out *o, uint32_t kind, const char *text)
{
	struct fbs_record r = { .type = FBS_MARK, .time_us = o->last_us, .mark = { kind, { text, (uint32_t)strlen(text) } } };
	struct fbs_record frame = { .type = FBS_FRAME, .time_us = o->last_us, .frame = { .capture_us = o->last_us, .media_us = o->last_us } };

	if (o->s->file)
		return rec_writer_mark(&o->rec, kind, text, o->last_us);
	if (write_plain(o, &r))
		return -1;
	return o->in_frame || !o->picture.has_screen ? 0 : write_plain(o, &frame);
}

static int change_pause(struct out *o)
{
	o->pause_wanted = false;
	if (!o->paused) {
		int result = put_mark(o, FBS_MARK_PAUSE, "paused");

		o->paused = true;
		cli_log_event(CLI_INFO, &(struct cli_event){ .event = "pause" }, "paused");
		return result;
	}
	o->paused = false;
	cli_log_event(CLI_INFO, &(struct cli_event){ .event = "resume" }, "records again");
	out_gap(o);
	return put_mark(o, FBS_MARK_RESUME, "recording again") ? -1 : o->s->file ? 0 : say_picture(o);
}

static int rotate(struct out *o)
{
	bool due = (o->s->rotate_bytes && o->rec.bytes >= o->s->rotate_bytes) ||
		   (o->s->rotate_us && o->last_us - o->file_start_us >= o->s->rotate_us);
	int fd, result;

	if (!o->s->file || o->paused || !due)
		return 0;
	o->number++;
	fd = door_next_file(o->s->door, &o->number);
	if (fd < 0)
		return -1;
	result = rec_writer_switch(&o->rec, fd, "rfbrec", o->last_us);
	close(o->fd);
	o->fd = fd;
	o->file_start_us = o->last_us;
	o->counted = 0;
	return result;
}

static bool is_secret(uint16_t type)
{
	return type == FBS_KEY || type == FBS_CLIP || type == FBS_CLIP_OFFER || type == FBS_CLIP_WANT;
}

static void count(struct out *o)
{
	uint64_t bytes = o->s->file ? o->rec.bytes : 0;

	if (bytes > o->counted)
		cli_stat_add(STAT_RECORDER_BYTES, 0, bytes - o->counted);
	o->counted = bytes;
}

static void tell_ready(struct out *o)
{
	const int fd = o->s->notify_fd;

	if (fd < 0 || o->notified)
		return;
	o->notified = true;
	if (write(fd, "\n", 1) != 1)
		cli_log(CLI_WARN, "nobody listens on the notification descriptor %d", fd);
	close(fd);
}

/* A stream that is always in mid-frame when the time has come is flushed between frames shortly before. */
static int flush_behind_frame(struct out *o)
{
	if (!o->flush_due && o->last_seen - o->flushed_us < o->s->flush_us - o->s->flush_us / 4)
		return 0;
	o->flush_due = false;
	o->flushed_us = o->last_seen;
	return rec_writer_flush(&o->rec, true);
}

int out_put(struct out *o, const struct fbs_record *r)
{
	if (!o->has_origin && o->s->file)
		rec_writer_origin(&o->rec, r->time_us);
	if (!o->has_origin)
		o->file_start_us = r->time_us;
	o->has_origin = true;
	o->last_us = r->time_us;
	o->last_seen = io_now();
	if ((is_secret(r->type) && !o->s->keys) || r->type == FBS_END)
		return 0;
	if (checked(o, mask_record(&o->mask, r, write_record, o)))
		return -1;
	o->in_frame = r->type == FBS_FRAME ? false : o->in_frame || r->type <= FBS_MARK;
	if (r->type != FBS_FRAME)
		return 0;
	if (o->s->file && checked(o, flush_behind_frame(o)))
		return -1;
	count(o);
	tell_ready(o);
	if (o->pause_wanted && checked(o, change_pause(o)))
		return -1;
	return checked(o, rotate(o));
}

void out_gap(struct out *o)
{
	if (o->s->file)
		rec_writer_break(&o->rec);
	o->gap_due = true;
}

void out_mark(struct out *o, uint32_t kind, const char *text)
{
	if (o->paused)
		return;
	catch_up(o);
	cli_log_event(CLI_INFO, &(struct cli_event){ .event = "mark" }, "mark at %.3f s: %s", (double)o->last_us / 1e6, text);
	checked(o, put_mark(o, kind, text));
}

void out_toggle_pause(struct out *o)
{
	o->pause_wanted = !o->pause_wanted;
	if (!o->pause_wanted || o->in_frame)
		return;
	catch_up(o);
	checked(o, change_pause(o));
}

int64_t out_tick(struct out *o)
{
	int64_t now = io_now(), due;

	if (!o->s->file)
		return -1;
	if (!o->rec.gz.open || (!o->rec.gz.dirty && o->rec.fbs.out.len == 0)) {
		o->flushed_us = now;
		return -1;
	}
	due = o->flushed_us + o->s->flush_us - now;
	if (due > 0 && due <= o->s->flush_us)
		return due;
	if (o->in_frame && !o->s->flush_us)
		return -1;
	checked(o, rec_writer_flush(&o->rec, true));
	o->flush_due = o->in_frame;
	o->flushed_us = now;
	count(o);
	return o->rec.gz.dirty ? o->s->flush_us : -1;
}

void out_stop(struct out *o, uint32_t status, const char *reason)
{
	if (!o->paused)
		catch_up(o);
	out_close(o, status, reason);
}

/* A new file for which nothing came, because of a mistake most likely: it is left empty, so that the next attempt may have its name. */
static bool leave_empty(struct out *o, uint32_t status)
{
	if (!o->s->file || status == FBS_END_DONE || o->has_origin || rec_writer_abandon(&o->rec))
		return false;
	cli_log(CLI_INFO, "nothing was recorded; %s is left empty", o->s->file);
	rec_writer_fini(&o->rec);
	close(o->fd);
	mask_fini(&o->mask);
	return true;
}

void out_close(struct out *o, uint32_t status, const char *reason)
{
	if (leave_empty(o, status))
		return;
	if (o->s->file) {
		checked(o, rec_writer_close_at(&o->rec, o->has_origin ? o->last_us : INT64_MIN, status, reason));
		count(o);
		cli_log_event(CLI_INFO, &(struct cli_event){ .event = "recorded" }, "recorded %.1f s, %llu frames, %llu bytes",
			      (double)o->rec.last_us / 1e6, (unsigned long long)o->rec.frames, (unsigned long long)o->rec.bytes);
		rec_writer_fini(&o->rec);
		close(o->fd);
	} else {
		fbs_writer_stamp_at(&o->plain, o->last_us);
		checked(o, fbs_write_end(&o->plain, status, reason));
		fbs_writer_fini(&o->plain);
		rec_picture_fini(&o->picture);
	}
	mask_fini(&o->mask);
}
