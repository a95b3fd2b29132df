/* Reading on, around damage, and finding a moment: from the keyframe before it. */
#include "player.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ending.h"

void player_open(struct player *p, const char *file)
{
	*p = (struct player){ .file = file };
	p->fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0)
		cli_die_errno("cannot open %s", file);
	p->temporary = rec_spool_temporary();
	if (p->temporary < 0)
		cli_die_errno("cannot make a temporary file");
}

void player_load(struct player *p)
{
	const char *file = p->file;

	if (rec_spool_open(&p->spool, p->fd, p->temporary))
		cli_die(CLI_NO, "%s: %s", file, p->spool.reader.problem);
	p->r = &p->spool.reader;
	if (p->spool.problem[0]) {
		cli_log(CLI_WARN, "%s: %s; what comes before it is played", file, p->spool.problem);
		p->damage++;
		snprintf(p->problem, sizeof p->problem, "%s", p->spool.problem);
	}
	if (p->r->damaged)
		cli_log(CLI_WARN, "%s: %u damaged place%s, %llu bytes in all", file, p->r->damaged, p->r->damaged == 1 ? "" : "s",
			(unsigned long long)p->r->lost_bytes);
}

void player_close(struct player *p)
{
	rec_unit_fini(&p->unit);
	rec_picture_fini(&p->picture);
	rec_spool_close(&p->spool);
}

static void tell(struct player *p, enum cli_level level, const char *problem)
{
	snprintf(p->problem, sizeof p->problem, "%s", problem);
	cli_log(level, "%s: %s", p->file, problem);
}

int player_next(struct player *p)
{
	for (;;) {
		int n = rec_unit_read(&p->unit, p->r);

		if (n == 1)
			return 1;
		if (cli_ending_asked())
			return 0;
		if (n == 0) {
			if (!p->r->fbs.ended && !p->cut) {
				p->cut = true;
				tell(p, CLI_WARN, "the recording was not closed: its end is missing");
			}
			return 0;
		}
		if (n == FBS_E_SYSTEM)
			cli_die(CLI_SYSTEM, "%s: %s", p->file, p->r->problem);
		if (n == FBS_E_TRUNCATED) {
			if (!p->cut)
				tell(p, CLI_WARN, p->r->problem);
			p->cut = true;
		} else {
			tell(p, CLI_ERROR, p->r->problem);
			p->damage++;
		}
		p->gap = true;
		if (!rec_reader_resync(p->r))
			return 0;
	}
}

int player_apply(struct player *p)
{
	struct fbs_record r;
	size_t at = 0;
	int result = 0;

	p->position = p->unit.time_us;
	while (!result && rec_unit_record(&p->unit, &at, &r))
		result = rec_picture_apply(&p->picture, &r);
	p->has_frame = p->has_frame || p->unit.is_frame;
	if (result == FBS_E_SYSTEM)
		cli_die_errno("cannot show a frame");
	if (result) {
		snprintf(p->problem, sizeof p->problem, "pixels that cannot be decoded, in the frame at %.3f s", (double)p->position / 1e6);
		cli_log(CLI_ERROR, "%s: %s", p->file, p->problem);
		p->damage++;
	}
	return result ? -1 : 0;
}

int player_seek(struct player *p, int64_t us)
{
	int n;

	rec_picture_fini(&p->picture);
	p->has_frame = false;
	p->gap = false;
	p->position = 0;
	if (p->r->seekable)
		rec_reader_goto(p->r, rec_reader_find(p->r, us));
	while ((n = player_next(p)) == 1 && (p->unit.time_us <= us || (!p->has_frame && p->unit.is_frame)))
		(void)player_apply(p);
	if (n == 1 && !p->has_frame && !p->unit.is_frame)
		return 1;	/* events before any picture */
	return n;
}

int64_t player_length(const struct player *p)
{
	return rec_reader_length(p->r);
}
