/* rfbrec: records a stream, a VNC server, or what others recorded; see rfbrec(1). */
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "confine/rights.h"
#include "door.h"
#include "keep.h"
#include "link.h"
#include "record.h"
#include "settings.h"

enum { OPT_CA = 1000, OPT_INSECURE, OPT_FINGERPRINT, OPT_KEEP, BASE_PORT = 5900 };

static const struct cli_option options[] = {
	{ 'c', "connect", "HOST[:DISPLAY|::PORT]", "record this VNC server, or unix:PATH", 0 },
	{ 'f', "from", "FILE", "convert a recording of any known format", 0 },
	{ 't', "pass", NULL, "pass the stream on to stdout, and record only what is read there", 0 },
	{ 'k', "keys", NULL, "record keys and the clipboard too", 0 },
	{ 'a', "append", NULL, "go on with FILE if it exists", 0 },
	{ 'F', "flush", "SECONDS", "how often all of it is written to the disk (default 1; 0: at every frame)", 0 },
	{ 'M', "mask", "WxH+X+Y", "keep this part of the screen out of the recording; repeatable", 0 },
	{ 'R', "rotate", "SIZE|TIME", "begin a new file at 500M, or every 30m, 12h, 1d", 0 },
	{ 0, "keep", "SIZE|TIME", "with -R: delete the oldest files when all are larger, or one is older; may be given twice", OPT_KEEP },
	{ 'N', "notify-fd", "FD", "write a newline to FD once the first frame is recorded", 0 },
	{ '1', "once", NULL, "with -c: end with the connection instead of reconnecting", 0 },
	{ 'p', "password-file", "VNCPASSWD", "with -c: the file that vncpasswd wrote (else $VNC_USERNAME, $VNC_PASSWORD)", 0 },
	{ 's', "security", "TYPE,...", "with -c: security types that are accepted, best first (default: all)", 0 },
	{ 0, "ca", "FILE", "with -c: the certificates to trust", OPT_CA },
	{ 0, "fingerprint", "XX-XX-...", "with -c: the server's RSA key", OPT_FINGERPRINT },
	{ 0, "insecure", NULL, "with -c: trust any certificate and key", OPT_INSECURE },
	{ 0 },
};

static const struct cli_program program = {
	.name = "rfbrec", .operands = "FILE | -",
	.purpose = "record a stream from stdin, or a VNC server, into FILE",
	.options = options,
};

/* "500M" is a size, "30m" a time. */
static void set_size_or_time(const char *option, const char *value, uint64_t *bytes, int64_t *us)
{
	static const struct { char unit; int64_t seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t n = strlen(value);
	char number[32];

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (n > 1 && n < sizeof number && value[n - 1] == units[i].unit) {
			memcpy(number, value, n - 1);
			number[n - 1] = '\0';
			*us = cli_int(option, number, 1, 100000) * units[i].seconds * 1000000;
			return;
		}
	*bytes = cli_size(option, value);
}

static void add_mask(struct settings *s, const char *value)
{
	struct mask_area *m = &s->masks[s->n_masks];

	if (s->n_masks++ == MASKS_MAX)
		cli_misuse("-M: at most %d parts", MASKS_MAX);
	cli_geometry("-M", value, &m->w, &m->h, &m->x, &m->y);
}

static void set_types(struct settings *s, const char *names)
{
	const char *bad = "";
	int bad_len = 0, n = auth_types_parse(s->types, names, &bad, &bad_len);

	if (n < 0)
		cli_misuse("-s: no security type `%.*s'", bad_len, bad);
	s->n_types = (unsigned)n;
}

static void set_target(struct settings *s, const char *value)
{
	if (net_unix_fault(value))
		cli_misuse("-c: `%s' cannot be a socket's path: it is %s", value, net_unix_fault(value));
	if (!*value || net_target_parse(&s->to, value, BASE_PORT))
		cli_misuse("-c: `%s' is neither HOST[:DISPLAY|::PORT] nor unix:PATH", value);
	s->target = value;
}

static void set(struct settings *s, int id, const char *value)
{
	switch (id) {
	case 'c': set_target(s, value); break;
	case 'f': s->convert = value; break;
	case 't': s->pass = true; break;
	case 'k': s->keys = true; break;
	case 'a': s->append = true; break;
	case 'F': s->flush_us = (int64_t)(cli_real("-F", value, 0, 3600) * 1e6); break;
	case 'M': add_mask(s, value); break;
	case 'R': set_size_or_time("-R", value, &s->rotate_bytes, &s->rotate_us); break;
	case OPT_KEEP: set_size_or_time("--keep", value, &s->keep_bytes, &s->keep_us); break;
	case 'N': s->notify_fd = (int)cli_int("-N", value, 0, 1 << 20); break;
	case '1': s->once = true; break;
	case 'p': s->vncpasswd = value; break;
	case 's': set_types(s, value); break;
	case OPT_CA: s->ca = value; break;
	case OPT_FINGERPRINT: s->fingerprint = value; break;
	case OPT_INSECURE: s->insecure = true; break;
	}
}

static void check(const struct settings *s)
{
	if (s->target && s->convert)
		cli_misuse("-c and -f exclude each other");
	if (s->pass && (s->target || s->convert || !s->file))
		cli_misuse("-t passes a stream from stdin on to stdout: it needs a FILE, and neither -c nor -f");
	if (!s->target && !s->convert)
		cli_refuse_terminal(STDIN_FILENO);
	if (s->pass || !s->file)
		cli_refuse_terminal(STDOUT_FILENO);
	if (s->notify_fd >= 0 && fcntl(s->notify_fd, F_GETFD) < 0)
		cli_misuse("-N: descriptor %d is not open", s->notify_fd);
	if ((s->keep_bytes || s->keep_us) && !s->rotate_bytes && !s->rotate_us)
		cli_misuse("--keep needs -R: what is written to is never deleted");
	if (!s->file && (s->append || s->rotate_bytes || s->rotate_us))
		cli_misuse("-a and -R need a FILE");
}

static void read_options(struct settings *s, int argc, char **argv)
{
	const char *value;
	char **operands;
	int id, n;

	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) != -1)
		set(s, id, value);
	operands = cli_operands(&n);
	if (n != 1)
		cli_misuse("one FILE, or - for the stream to stdout");
	s->file = strcmp(operands[0], "-") == 0 ? NULL : operands[0];
	if (!s->n_types)
		for (int i = 0; i < AUTH_TYPES; i++)
			s->types[s->n_types++] = (enum auth_type)i;
	check(s);
}

int main(int argc, char **argv)
{
	static struct settings s = { .flush_us = 1000000, .notify_fd = -1 };
	static struct out out;
	static struct door door;
	static struct link_means means;
	int code;

	read_options(&s, argc, argv);
	if (s.target || s.rotate_bytes || s.rotate_us)
		door_open(s.door = &door, &s);
	cli_stats_open("rfbrec", "");
	/* what can be wrong before FILE is made */
	if (s.convert && (s.convert_fd = open(s.convert, O_RDONLY | O_CLOEXEC)) < 0)
		cli_die_errno("cannot open %s", s.convert);
	if (s.target)
		link_prepare(&means, &s), s.means = &means;
	out_open(&out, &s);
	keep_some(&s);
	loop_prepare(s.pass || !s.file ? STDOUT_FILENO : -1);
	/* from here on it reads what somebody else wrote */
	OPENSSL_init_ssl(0, NULL);
	confine_or_die(&(struct confine_settings){ .rights = s.door ? CONFINE_OF_RFBREC_ASKING : CONFINE_OF_RFBREC });
	out_start(&out);
	code = s.target ? record_server(&out, &s) : s.convert ? record_file(&out, &s) : record_stream(&out, &s);
	cli_stats_close();
	return code;
}
