/* rfbd's command line. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config.h"
#include "io/io.h"

enum { OPT_KEEP = 256, OPT_INSECURE, OPT_NOTIFY, OPT_ORIGIN, OPT_WEB_ROOT };

static const struct cli_option options[] = {
	{ 'l', "listen", "[ADDR:]PORT", "listen there, or at unix:PATH; may be repeated (default: 5900 on loopback)", 0 },
	{ 'W', "web", "[ADDR:]PORT", "serve the browser page and WebSocket there; the other ports take them too", 0 },
	{ 0, "origin", "URL", "pages of this origin may connect, too (`*': all); may be repeated", OPT_ORIGIN },
	{ 0, "web-root", "DIR", "the page's files (default: ../share/rfbkit/web beside the program)", OPT_WEB_ROOT },
	{ 'p', "password-file", "FILE", "ask for a password of this file, which vncpasswd wrote", 0 },
	{ 'v', "view-only", NULL, "viewers watch; nothing they do reaches the screen", 0 },
	{ 'n', "name", "NAME", "the desktop's name (default: what the source says)", 0 },
	{ 'c', "max-viewers", "MAX", "take at most so many viewers (default: 1000)", 0 },
	{ 'x', "sharing", "shared|exclusive|first", "what a viewer's wish to be alone does (default: shared)", 0 },
	{ 'S', "source-socket", "PATH", "take sources and input consumers from this Unix socket, not from stdin", 0 },
	{ 'e', "source-command", "COMMAND", "run the source: 'fbgrab | fbdiff'", 0 },
	{ 'i', "input", "COMMAND|-", "give events to this command, or to stdout (default: fbinput, for a live screen of this machine)", 0 },
	{ 0, "keep", NULL, "when the stream ends, keep showing the last picture", OPT_KEEP },
	{ 0, "insecure", NULL, "take anybody from anywhere without authentication", OPT_INSECURE },
	{ 0, "notify-fd", "N", "write a newline to descriptor N when listening", OPT_NOTIFY },
	{ 0 },
};

static const struct cli_program program = {
	.name = "rfbd",
	.operands = "",
	.purpose = "Serves the screen of an fbstream(5) on stdin to VNC viewers.",
	.options = options,
};

/* Appends an address to one of the two lists. */
static void add_address(const char *option, struct net_address *list, unsigned *n, const char *value)
{
	if (*n == CONFIG_LISTEN_MAX)
		cli_misuse("%s: at most %u addresses", option, CONFIG_LISTEN_MAX);
	if (net_address_parse(&list[*n], value) < 0)
		cli_misuse("%s: `%s' is not [ADDR:]PORT or unix:PATH", option, value);
	++*n;
}

static void add_listen(struct config *c, const char *value)
{
	add_address("-l", c->listens, &c->n_listens, value);
}

static void add_origin(struct config *c, const char *value)
{
	if (c->n_origins == CONFIG_ORIGINS_MAX)
		cli_misuse("--origin: at most %u", CONFIG_ORIGINS_MAX);
	c->origins[c->n_origins++] = value;
}

static enum sharing sharing_by_name(const char *value)
{
	static const char *const names[] = { "shared", "exclusive", "first" };
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(value, names[i]) == 0)
			return (enum sharing)i;
	cli_misuse("-x: `%s' is none of shared, exclusive, first", value);
}

static void check(const struct config *c)
{
	if (c->source_command && c->source_socket)
		cli_misuse("-e and -S are two ways to the same: give one");
	if (c->view_only && (c->input_command || c->input_stdout))
		cli_misuse("-v and -i contradict each other");
	if (c->input_stdout && isatty(STDOUT_FILENO))
		cli_misuse("-i -: stdout is a terminal");
	if (!c->source_command && !c->source_socket && isatty(STDIN_FILENO))
		cli_misuse("stdin is a terminal; try `fbgrab | fbdiff | rfbd'");
	if (c->notify_fd >= 0 && fcntl(c->notify_fd, F_GETFD) < 0)
		cli_misuse("--notify-fd: descriptor %d is not open", c->notify_fd);
}

void options_read(struct config *c, int argc, char **argv)
{
	const char *value;
	int id, n;
	memset(c, 0, sizeof *c);
	c->notify_fd = -1;
	c->max_viewers = 1000;
	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) >= 0) {
		switch (id) {
		case 'l': add_listen(c, value); break;
		case 'W': add_address("-W", c->webs, &c->n_webs, value); break;
		case OPT_ORIGIN: add_origin(c, value); break;
		case OPT_WEB_ROOT: c->web_root = value; break;
		case 'p': c->password_file = value; break;
		case 'v': c->view_only = true; break;
		case 'n': c->name = value; break;
		case 'c': c->max_viewers = (unsigned)cli_int("-c", value, 1, 100000); break;
		case 'x': c->sharing = sharing_by_name(value); break;
		case 'S': c->source_socket = value; break;
		case 'e': c->source_command = value; break;
		case 'i':
			c->input_stdout = strcmp(value, "-") == 0;
			c->input_command = c->input_stdout ? NULL : value;
			break;
		case OPT_KEEP: c->keep = true; break;
		case OPT_INSECURE: c->insecure = true; break;
		case OPT_NOTIFY: c->notify_fd = (int)cli_int("--notify-fd", value, 0, 65535); break;
		}
	}
	cli_operands(&n);
	if (n)
		cli_misuse("no operand is expected");
	if (c->n_listens == 0)
		add_listen(c, "5900");
	io_boot_id(c->boot_id);
	check(c);
}
