/* fbgrab's command line. */
#include "grab.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "x11/name.h"

enum { DISPLAY_MAX = 255 };

static const struct cli_option table[] = {
	{ 'd', "display", "DISPLAY", "the display to capture ($DISPLAY)" },
	{ 'r', "rate", "MAXFPS", "at most that many frames a second (60)" },
	{ 'g', "geometry", "WxH+X+Y", "only this part of the screen" },
	{ 'o', "output", "OUTPUT", "only this RandR output, wherever it goes" },
	{ 'w', "window", "WINDOW", "only where this window stands: an id or a title" },
	{ 'm', "shared", NULL, "share the captured pixels with fbdiff -m" },
	{ 'p', "poll", NULL, "do not rely on XDamage: hash tiles" },
	{ 'C', "no-cursor", NULL, "neither the cursor's shape nor its position" },
	{ 'K', "no-clipboard", NULL, "do not tell what is selected" },
	{ '1', "once", NULL, "one keyframe, then end" },
	{ 'a', "auth", "FILE|guess", "the display's cookie file, or find it" },
	{ 'N', "notify-fd", "FD", "write a newline to FD once the first frame is captured" },
	{ 0 },
};

static const struct cli_program program = {
	.name = "fbgrab",
	.purpose = "capture an X display as a stream",
	.options = table,
};

static void set_part(struct x11_capture_options *c, enum x11_part_kind kind, const char *name)
{
	if (c->part != X11_PART_ALL)
		cli_misuse("only one of -g, -o and -w");
	c->part = kind;
	c->part_name = name;
}

static void read_one(struct options *o, int id, const char *value)
{
	struct x11_capture_options *c = &o->capture;

	switch (id) {
	case 'd': c->display = value; break;
	case 'r': c->period_us = (int64_t)(1000000 / cli_real("-r", value, 0.001, 1000)); break;
	case 'o': set_part(c, X11_PART_OUTPUT, value); break;
	case 'w': set_part(c, X11_PART_WINDOW, value); break;
	case 'm': c->shared = true; break;
	case 'p': c->poll = true; break;
	case 'C': c->no_cursor = true; break;
	case 'K': c->no_clipboard = true; break;
	case '1': o->once = true; break;
	case 'a': c->auth = value; break;
	case 'N': o->notify_fd = (int)cli_int("-N", value, 0, 1 << 20); break;
	case 'g':
		set_part(c, X11_PART_GEOMETRY, NULL);
		cli_geometry("-g", value, &c->w, &c->h, &c->x, &c->y);
		break;
	}
}

void options_read(struct options *o, int argc, char **argv)
{
	const char *value, *env = getenv("DISPLAY");
	int id, n;

	*o = (struct options){ .capture.period_us = 1000000 / 60, .notify_fd = -1 };
	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) != -1)
		read_one(o, id, value);
	cli_operands(&n);
	if (n > 0)
		cli_misuse("no operands are taken");
	if (!o->capture.display)
		o->capture.display = env;
	if (!o->capture.display || !*o->capture.display)
		cli_misuse("which display? There is neither -d nor $DISPLAY");
	if (!x11_name_valid(o->capture.display))
		cli_misuse("`%s' names no display: one is [HOST]:NUMBER, such as :0", o->capture.display);
	if (strlen(o->capture.display) > DISPLAY_MAX)
		cli_misuse("the display's name is too long");
	/* nobody could attach what is gone a moment later, or wait for an answer */
	if (o->once) {
		o->capture.shared = false;
		o->capture.no_clipboard = true;
	}
}
