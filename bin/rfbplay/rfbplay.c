/* rfbplay: plays, serves, exports and examines recordings; see rfbplay(1). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "confine/rights.h"
#include "export.h"
#include "player.h"
#include "settings.h"
#include "show.h"

enum { OPT_SERVE = 1000, OPT_FPS };

static const struct cli_option options[] = {
	{ 's', "speed", "SPEED", "play so many times as fast; 0: without waiting (default 1)", 0 },
	{ 'i', "max-idle", "SECONDS", "wait at most so long where nothing happens", 0 },
	{ 't', "from", "TIME", "start there: seconds, M:SS or H:MM:SS", 0 },
	{ 'e', "to", "TIME", "end there", 0 },
	{ 'l', "loop", NULL, "start again at the end", 0 },
	{ 'o', "output", "-", "write the stream to stdout, whatever that is", 0 },
	{ 0, "serve", NULL, "serve it to VNC viewers, though stdout is no terminal", OPT_SERVE },
	{ 'I', "info", NULL, "verify it and say what is in it", 0 },
	{ 'j', "json", NULL, "with -I: as JSON", 0 },
	{ 'p', "picture", "TIME", "write a PNG of what was shown then", 0 },
	{ 'T', "thumbnails", "N", "write a PNG of N small pictures", 0 },
	{ 'y', "y4m", NULL, "write YUV4MPEG2, for ffmpeg and its like", 0 },
	{ 0, "fps", "N", "with -y: pictures a second (default 30)", OPT_FPS },
	{ 'E', "events", NULL, "write only what people did, for fbinput", 0 },
	{ 0 },
};

static const struct cli_program program = {
	.name = "rfbplay", .operands = "FILE | - [-- RFBD-ARGUMENTS]",
	.purpose = "play a recording, or any saved stream",
	.options = options,
};

struct choice { bool serve, output; int modes; };

static void set_mode(struct settings *s, struct choice *c, enum mode mode)
{
	s->mode = mode;
	c->modes++;
}

/* 0 is a speed of its own, so that nothing else may become it. */
static uint32_t permille(double speed)
{
	return speed > 0 && speed < 0.001 ? 1 : (uint32_t)(speed * 1000 + 0.5);
}

static void set(struct settings *s, struct choice *c, int id, const char *value)
{
	switch (id) {
	case 's': s->permille = permille(cli_real("-s", value, 0, 64)); break;
	case 'i': s->max_idle_us = (int64_t)(cli_real("-i", value, 0, 1e6) * 1e6); break;
	case 't': s->start_us = cli_duration("-t", value); break;
	case 'e': s->end_us = cli_duration("-e", value); break;
	case 'l': s->loop = true; break;
	case 'j': s->json = true; break;
	case 'o':
		if (strcmp(value, "-"))
			cli_misuse("-o: only - (stdout); use the shell for files");
		c->output = true;
		break;
	case OPT_SERVE: c->serve = true; break;
	case OPT_FPS: s->fps = (int)cli_int("--fps", value, 1, 240); break;
	case 'I': set_mode(s, c, MODE_INFO); break;
	case 'p':
		s->still_us = cli_duration("-p", value);
		set_mode(s, c, MODE_STILL);
		break;
	case 'T':
		s->stills = (int)cli_int("-T", value, 1, 400);
		set_mode(s, c, MODE_SHEET);
		break;
	case 'y': set_mode(s, c, MODE_Y4M); break;
	case 'E': set_mode(s, c, MODE_EVENTS); break;
	}
}

static bool is_pipe(int fd)
{
	/* a pipe or a socket cannot seek; a terminal is asked about before */
	return lseek(fd, 0, SEEK_CUR) < 0 && errno == ESPIPE;
}

/* What to do when no mode was asked for: a terminal watches, a pipe takes the stream. */
static void choose(struct settings *s, const struct choice *c)
{
	if (c->modes > 1 || (c->serve && (c->output || c->modes)))
		cli_misuse("only one of --serve, -o, -I, -p, -T, -y and -E");
	if (c->modes) {
		if (s->mode != MODE_INFO)
			cli_refuse_terminal(STDOUT_FILENO);
		return;
	}
	if (c->serve || (!c->output && isatty(STDOUT_FILENO))) {
		s->mode = MODE_SERVE;
		return;
	}
	cli_refuse_terminal(STDOUT_FILENO);
	if (!c->output && !is_pipe(STDOUT_FILENO))
		cli_misuse("stdout is neither a terminal nor a pipe: -o - writes the stream, --serve serves it");
	s->mode = MODE_STREAM;
}

static void read_options(struct settings *s, int argc, char **argv)
{
	struct choice c = { 0 };
	const char *value;
	char **operands;
	int id, n;

	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) != -1)
		set(s, &c, id, value);
	operands = cli_operands(&n);
	if (n < 1)
		cli_misuse("one FILE, or - for stdin");
	s->file = operands[0];
	s->server_args = operands + 1;
	choose(s, &c);
	if (n > 1 && s->mode != MODE_SERVE)
		cli_misuse("one FILE, or - for stdin; arguments for rfbd only when it is served");
	if (strcmp(s->file, "-") == 0)
		cli_refuse_terminal(STDIN_FILENO);
	if (s->end_us <= s->start_us)
		cli_misuse("-e is not after -t");
}

static int (*const modes[])(struct player *p, const struct settings *s) = {
	[MODE_STREAM] = show_stream, [MODE_SERVE] = show_served, [MODE_INFO] = export_info, [MODE_STILL] = export_still,
	[MODE_SHEET] = export_sheet, [MODE_Y4M] = export_y4m, [MODE_EVENTS] = show_events,
};

int main(int argc, char **argv)
{
	struct show_means means;
	struct settings s = { .means = &means, .permille = 1000, .max_idle_us = -1, .end_us = INT64_MAX, .fps = 30 };
	struct player p;
	int code;

	read_options(&s, argc, argv);
	player_open(&p, s.file);
	if (s.mode == MODE_SERVE || s.mode == MODE_STREAM)
		show_prepare(&means, &s);
	/* from here on it reads what somebody else wrote */
	confine_or_die(&(struct confine_settings){ .rights = s.mode == MODE_SERVE ? CONFINE_OF_RFBPLAY_SERVING : CONFINE_OF_RFBPLAY });
	player_load(&p);
	code = modes[s.mode](&p, &s);
	player_close(&p);
	return code;
}
