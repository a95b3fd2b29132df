/* rfbd's command line. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config.h"
#include "io/io.h"

enum { OPT_KEEP = 256, OPT_INSECURE, OPT_NOTIFY, OPT_ORIGIN, OPT_WEB_ROOT, OPT_PAM, OPT_CLIENT_CA, OPT_RSA_KEY, OPT_PASSWD, OPT_USER,
       OPT_ONCE, OPT_INETD, OPT_CONNECT, OPT_LISTEN_FD, OPT_WEB_FD, OPT_IDLE, OPT_MAX_TIME, OPT_RULES,
       OPT_ACCEPT, OPT_ACCEPT_TIMEOUT, OPT_CONTROL, OPT_TELL, OPT_REPEATER, OPT_SCALE };

static const struct cli_option options[] = {
	{ 'l', "listen", "[ADDR:]PORT", "listen there (PORT+: or on the next free port), or at unix:PATH; may be repeated (default: 5900 on loopback)", 0 },
	{ 'W', "web", "[ADDR:]PORT", "serve the browser page and WebSocket there; the other ports take them too", 0 },
	{ 0, "origin", "URL", "pages of this origin may connect, too (`*': all); may be repeated", OPT_ORIGIN },
	{ 0, "web-root", "DIR", "the page's files (default: ../share/rfbkit/web beside the program)", OPT_WEB_ROOT },
	{ 'p', "password-file", "FILE", "ask for a password of this file, which vncpasswd wrote", 0 },
	{ 'u', "users", "FILE", "let in the users of this file, which rfbd --passwd makes", 0 },
	{ 0, "pam", "SERVICE", "let in the system's users, by this PAM service", OPT_PAM },
	{ 's', "security", "TYPE,...", "offer these security types in this order, by TigerVNC's names (default: the strongest possible)", 0 },
	{ 'C', "certificate", "FILE", "for TLS: PEM certificate chain; made, with -K's key, if neither is there", 0 },
	{ 'K', "key", "FILE", "its private key (default: in -C's file)", 0 },
	{ 0, "client-ca", "FILE", "X509 types: viewers must show a certificate of these authorities", OPT_CLIENT_CA },
	{ 0, "rsa-key", "FILE", "for RSA-AES: RSA private key in PEM; made if it is not there", OPT_RSA_KEY },
	{ 0, "control", "PATH", "take commands at this Unix socket", OPT_CONTROL },
	{ 0, "tell", "PATH", "do not serve: give the command in the operands to the rfbd that takes them there", OPT_TELL },
	{ 0, "rules", "FILE", "who may come in, do what, and get how much: see rfbd.rules(5)", OPT_RULES },
	{ 0, "accept", "COMMAND", "ask this command about each viewer: exit 0 lets it in, 2 to watch only, else not (`rfbkit-ask' asks a person)", OPT_ACCEPT },
	{ 0, "accept-timeout", "SECONDS", "how long it may take; then the viewer is refused (default: 60)", OPT_ACCEPT_TIMEOUT },
	{ 0, "user", "NAME", "started as root, serve viewers as this user (default: nobody)", OPT_USER },
	{ 0, "passwd", "FILE", "do not serve: ask for a password and store it in FILE, for the operand USER or for VncAuth", OPT_PASSWD },
	{ 'v', "view-only", NULL, "viewers watch; nothing they do reaches the screen", 0 },
	{ 'k', "clipboard", "in|out|both|off", "exchange the clipboard: viewers' to the screen, the screen's to viewers (default: both)", 0 },
	{ 'R', "resize", "off|view|on", "let viewers resize the screen, or only what they are shown of it (default: off)", 0 },
	{ 0, "scale", "FACTOR|WxH", "show the screen smaller or larger, by such a factor (1/2, 0.75) or in this size", OPT_SCALE },
	{ 'n', "name", "NAME", "the desktop's name (default: what the source says)", 0 },
	{ 'c', "max-viewers", "MAX", "take at most so many viewers (default: 1000)", 0 },
	{ 'x', "sharing", "shared|exclusive|first", "what a viewer's wish to be alone does (default: shared)", 0 },
	{ 'S', "source-socket", "PATH", "take sources and input consumers from this Unix socket, not from stdin", 0 },
	{ 'e', "source-command", "COMMAND", "run the source: 'fbgrab | fbdiff'", 0 },
	{ 'i', "input", "COMMAND|-", "give events to this command, or to stdout (default: fbinput, for a live screen of this machine)", 0 },
	{ 0, "keep", NULL, "when the stream ends, keep showing the last picture", OPT_KEEP },
	{ 0, "insecure", NULL, "take anybody from anywhere without authentication", OPT_INSECURE },
	{ 0, "once", NULL, "end when the last viewer has left", OPT_ONCE },
	{ 0, "inetd", NULL, "serve the one connection on stdin; needs -e or -S", OPT_INETD },
	{ 0, "connect", "HOST[::PORT]", "connect to a listening viewer, again until it is there (port 5500); may be repeated", OPT_CONNECT },
	{ 0, "repeater", "ID@HOST[::PORT]", "wait for viewers at an UltraVNC repeater, under this ID (port 5500); may be repeated", OPT_REPEATER },
	{ 0, "listen-fd", "N", "listen on the socket that descriptor N is; may be repeated", OPT_LISTEN_FD },
	{ 0, "web-fd", "N", "the same, for the browser page and WebSocket", OPT_WEB_FD },
	{ 0, "idle", "SECONDS", "close a viewer that has done nothing for so long", OPT_IDLE },
	{ 0, "max-time", "SECONDS", "close a viewer after so long", OPT_MAX_TIME },
	{ 0, "notify-fd", "N", "write a newline to descriptor N when listening", OPT_NOTIFY },
	{ 0 },
};

static const struct cli_program program = {
	.name = "rfbd",
	.operands = "",
	.purpose = "Serves the screen of an fbstream(5) on stdin to VNC viewers.",
	.options = options,
};

static _Noreturn void misuse_address(const char *option, const char *value, const char *forms)
{
	const char *why = net_unix_fault(value);
	if (why)
		cli_misuse("%s: `%s' cannot be a socket's path: it is %s", option, value, why);
	cli_misuse("%s: `%s' is not %s", option, value, forms);
}

/* Appends an address to one of the two lists. */
static void add_address(const char *option, struct net_address *list, unsigned *n, const char *value)
{
	if (*n == CONFIG_LISTEN_MAX)
		cli_misuse("%s: at most %u addresses", option, CONFIG_LISTEN_MAX);
	if (net_address_parse(&list[*n], value) < 0)
		misuse_address(option, value, "[ADDR:]PORT or unix:PATH");
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
	const char *host = strstr(value, "://");
	if (strcmp(value, "*") != 0 && strcmp(value, "null") != 0 && (!host || !host[3] || strchr(host + 3, '/')))
		cli_misuse("--origin: `%s' is neither SCHEME://HOST[:PORT], as browsers send it, nor * nor null", value);
	c->origins[c->n_origins++] = value;
}

static void read_types(struct config *c, const char *value)
{
	const char *bad;
	int bad_len;
	const int n = auth_types_parse(c->types, value, &bad, &bad_len);
	if (n < 0)
		cli_misuse("-s: unknown security type `%.*s'", bad_len, bad);
	c->n_types = (unsigned)n;
}

static enum sharing sharing_by_name(const char *value)
{
	static const char *const names[] = { "shared", "exclusive", "first" };
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(value, names[i]) == 0)
			return (enum sharing)i;
	cli_misuse("-x: `%s' is none of shared, exclusive, first", value);
}

static void set_clipboard(struct config *c, const char *value)
{
	bool both = strcmp(value, "both") == 0;
	c->clip_in = both || strcmp(value, "in") == 0;
	c->clip_out = both || strcmp(value, "out") == 0;
	if (!c->clip_in && !c->clip_out && strcmp(value, "off") != 0)
		cli_misuse("-k: `%s' is none of in, out, both, off", value);
}

static enum resizing resizing_by_name(const char *value)
{
	static const char *const names[] = { "off", "view", "on" };
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(value, names[i]) == 0)
			return (enum resizing)i;
	cli_misuse("-R: `%s' is none of off, view, on", value);
}

static struct call *add_call(struct config *c, const char *value, const char *host)
{
	struct call *call = &c->calls[c->n_calls];
	if (c->n_calls == CONFIG_CALLS_MAX)
		cli_misuse("--connect, --repeater: at most %u", CONFIG_CALLS_MAX);
	if (!*host || net_target_parse(&call->to, host, 5500) < 0)
		misuse_address(host == value ? "--connect" : "--repeater", host, "HOST, HOST::PORT or unix:PATH");
	call->text = value;
	c->n_calls++;
	return call;
}

static void add_repeater(struct config *c, const char *value)
{
	const char *at = strrchr(value, '@'), *id = strncmp(value, "ID:", 3) == 0 ? value + 3 : value;
	const size_t n = at && at > id ? (size_t)(at - id) : 0;
	if (n == 0 || n > REPEATER_ID_MAX)
		cli_misuse("--repeater: `%s' is not ID@HOST or ID@HOST::PORT", value);
	memcpy(add_call(c, value, id + n + 1)->id, id, n);
}

static void add_fd(const char *option, int *list, unsigned *n, const char *value)
{
	if (*n == CONFIG_LISTEN_MAX)
		cli_misuse("%s: at most %u", option, CONFIG_LISTEN_MAX);
	list[(*n)++] = (int)cli_int(option, value, 0, 65535);
}

static void check(const struct config *c)
{
	if (c->key && !c->certificate)
		cli_misuse("-K without -C");
	if (c->client_ca && !c->certificate)
		cli_misuse("--client-ca without -C");
	if (c->source_command && c->source_socket)
		cli_misuse("-e and -S are two ways to the same: give one");
	if (c->inetd && !c->source_command && !c->source_socket)
		cli_misuse("--inetd needs a source: -e or -S");
	if (c->view_only && (c->input_command || c->input_stdout))
		cli_misuse("-v and -i contradict each other");
	if (c->input_stdout && isatty(STDOUT_FILENO))
		cli_misuse("-i -: stdout is a terminal");
	if (!c->source_command && !c->source_socket && isatty(STDIN_FILENO))
		cli_misuse("stdin is a terminal; try `fbgrab | fbdiff | rfbd'");
	if (c->notify_fd >= 0 && fcntl(c->notify_fd, F_GETFD) < 0)
		cli_misuse("--notify-fd: descriptor %d is not open", c->notify_fd);
}

static void set_scale(struct config *c, const char *value)
{
	if (!scale_parse(&c->scale, value))
		cli_misuse("--scale: `%s' is neither a factor from 1/64 to 8 nor WIDTHxHEIGHT", value);
}

/* Operands are for what does not serve. */
static bool serves(struct config *c, char **operands, int n)
{
	if (c->tell && n == 0)
		cli_misuse("--tell needs a command: list, disconnect ID, view-only ID, control ID, reload, stop");
	if (!c->tell && n > (c->passwd_file ? 1 : 0))
		cli_misuse("%s", c->passwd_file ? "--passwd takes one user" : "no operand is expected");
	c->passwd_user = n ? operands[0] : NULL;
	c->words = operands;
	c->n_words = n;
	return !c->passwd_file && !c->tell;
}

void options_read(struct config *c, int argc, char **argv)
{
	const char *value;
	int id, n;
	memset(c, 0, sizeof *c);
	c->notify_fd = -1;
	c->max_viewers = 1000;
	c->accept_seconds = 60;
	c->clip_in = c->clip_out = true;
	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) >= 0) {
		switch (id) {
		case 'l': add_listen(c, value); break;
		case 'W': add_address("-W", c->webs, &c->n_webs, value); break;
		case OPT_ORIGIN: add_origin(c, value); break;
		case OPT_WEB_ROOT: c->web_root = value; break;
		case 'p': c->password_file = value; break;
		case 'u': c->users_file = value; break;
		case 's': read_types(c, value); break;
		case 'C': c->certificate = value; break;
		case 'K': c->key = value; break;
		case OPT_PAM: c->pam_service = value; break;
		case OPT_CLIENT_CA: c->client_ca = value; break;
		case OPT_RSA_KEY: c->rsa_key = value; break;
		case OPT_CONTROL: c->control_socket = value; break;
		case OPT_TELL: c->tell = value; break;
		case OPT_SCALE: set_scale(c, value); break;
		case OPT_RULES: c->rules_file = value; break;
		case OPT_ACCEPT: c->accept_command = value; break;
		case OPT_ACCEPT_TIMEOUT: c->accept_seconds = (unsigned)cli_int("--accept-timeout", value, 1, 3600); break;
		case OPT_USER: c->user = value; break;
		case OPT_PASSWD: c->passwd_file = value; break;
		case 'v': c->view_only = true; break;
		case 'n': c->name = value; break;
		case 'k': set_clipboard(c, value); break;
		case 'R': c->resizing = resizing_by_name(value); break;
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
		case OPT_ONCE: c->once = true; break;
		case OPT_INETD: c->inetd = c->once = true; break;
		case OPT_CONNECT: add_call(c, value, value); break;
		case OPT_REPEATER: add_repeater(c, value); break;
		case OPT_LISTEN_FD: add_fd("--listen-fd", c->listen_fds, &c->n_listen_fds, value); break;
		case OPT_WEB_FD: add_fd("--web-fd", c->web_fds, &c->n_web_fds, value); break;
		case OPT_IDLE: c->idle_seconds = (unsigned)cli_int("--idle", value, 1, 1 << 30); break;
		case OPT_MAX_TIME: c->most_seconds = (unsigned)cli_int("--max-time", value, 1, 1 << 30); break;
		case OPT_NOTIFY: c->notify_fd = (int)cli_int("--notify-fd", value, 0, 65535); break;
		}
	}
	char **operands = cli_operands(&n);
	if (!serves(c, operands, n))
		return;
	if (c->n_listens == 0 && !c->n_listen_fds && !c->n_web_fds && !c->inetd && !c->n_calls)
		add_listen(c, "5900");
	io_boot_id(c->boot_id);
	check(c);
}
