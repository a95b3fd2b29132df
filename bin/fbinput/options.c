/* fbinput's command line. */
#include "fbinput.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "x11/name.h"

enum { OPT_ANNOUNCE = 256, OPT_NO_RESIZE, OPT_NO_CLIPBOARD, OPT_AUTH };

static const struct cli_option table[] = {
	{ 'd', "display", "DISPLAY", "the display to act on ($DISPLAY)" },
	{ 0, "auth", "FILE|guess", "the display's cookie file, or find it", OPT_AUTH },
	{ 'a', "announce", NULL, "say HELLO on stdout and answer there", OPT_ANNOUNCE },
	{ 'r', "raw", NULL, "keys by hardware code: the display's layout decides, not the viewer's" },
	{ 'K', "no-clipboard", NULL, "exchange no selections", OPT_NO_CLIPBOARD },
	{ 'R', "no-resize", NULL, "never change the screen's size", OPT_NO_RESIZE },
	{ 'N', "notify-fd", "FD", "write a newline to FD once the display is open" },
	{ 0 },
};

static const struct cli_program program = {
	.name = "fbinput",
	.operands = "",
	.purpose = "do on an X display what a stream of input events says",
	.options = table,
};

static void read_one(struct options *o, int id, const char *value)
{
	switch (id) {
	case 'd': o->input.display = value; break;
	case 'r': o->input.raw = true; break;
	case 'N': o->notify_fd = (int)cli_int("-N", value, 0, 1 << 20); break;
	case OPT_AUTH: o->input.auth = value; break;
	case OPT_ANNOUNCE: o->announce = true; break;
	case OPT_NO_CLIPBOARD: o->input.no_clipboard = true; break;
	case OPT_NO_RESIZE: o->input.no_resize = true; break;
	}
}

void options_read(struct options *o, int argc, char **argv)
{
	const char *value, *env = getenv("DISPLAY");
	int id, n;

	*o = (struct options){ .notify_fd = -1 };
	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) != -1)
		read_one(o, id, value);
	cli_operands(&n);
	if (n > 0)
		cli_misuse("no operands are taken");
	if (!o->input.display && (!env || !*env))
		cli_misuse("which display? There is neither -d nor $DISPLAY");
	if (!x11_name_valid(o->input.display ? o->input.display : env))
		cli_misuse("`%s' names no display: one is [HOST]:NUMBER, such as :0", o->input.display ? o->input.display : env);
	if (isatty(STDIN_FILENO))
		cli_misuse("stdin is a terminal; a stream of input events is expected");
	if (o->announce)
		cli_refuse_terminal(STDOUT_FILENO);
	if (o->notify_fd >= 0 && fcntl(o->notify_fd, F_GETFD) < 0)
		cli_misuse("-N: descriptor %d is not open", o->notify_fd);
}
