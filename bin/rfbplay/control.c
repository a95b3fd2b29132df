/* Keys to commands: one table, for viewers' keysyms and for a terminal's bytes. */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { XK_BackSpace = 0xff08, XK_Home = 0xff50, XK_Left, XK_Up, XK_Right, XK_Down, XK_Prior, XK_Next, XK_End,
       XK_KP_Add = 0xffab, XK_KP_Subtract = 0xffad };

#define S INT64_C(1000000)

static const struct key {
	uint32_t keysym;
	const char *bytes;	/* of a terminal */
	struct command command;
} keys[] = {
	{ ' ', " ", { .kind = COMMAND_TOGGLE } },
	{ XK_Left, "\033[D", { .kind = COMMAND_SKIP, .us = -5 * S } },
	{ XK_Right, "\033[C", { .kind = COMMAND_SKIP, .us = 5 * S } },
	{ XK_Down, "\033[B", { .kind = COMMAND_SKIP, .us = -60 * S } },
	{ XK_Up, "\033[A", { .kind = COMMAND_SKIP, .us = 60 * S } },
	{ XK_Prior, "\033[5~", { .kind = COMMAND_SKIP, .us = -600 * S } },
	{ XK_Next, "\033[6~", { .kind = COMMAND_SKIP, .us = 600 * S } },
	{ XK_Home, "\033[H", { .kind = COMMAND_SEEK, .us = 0 } },
	{ XK_Home, "\033[1~", { .kind = COMMAND_SEEK, .us = 0 } },
	{ XK_End, "\033[F", { .kind = COMMAND_SEEK, .us = INT64_MAX } },
	{ XK_End, "\033[4~", { .kind = COMMAND_SEEK, .us = INT64_MAX } },
	{ '+', "+", { .kind = COMMAND_FASTER, .permille = 2000 } },
	{ '=', "=", { .kind = COMMAND_FASTER, .permille = 2000 } },
	{ XK_KP_Add, NULL, { .kind = COMMAND_FASTER, .permille = 2000 } },
	{ '-', "-", { .kind = COMMAND_FASTER, .permille = 500 } },
	{ XK_KP_Subtract, NULL, { .kind = COMMAND_FASTER, .permille = 500 } },
	{ XK_BackSpace, "\177", { .kind = COMMAND_SPEED, .permille = 1000 } },
	{ '.', ".", { .kind = COMMAND_STEP } },
	{ 'p', "p", { .kind = COMMAND_POSITION } },
	{ 0, "q", { .kind = COMMAND_QUIT } },
};
enum { N_KEYS = sizeof keys / sizeof *keys };

struct command control_of_record(const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_PAUSE:
		return (struct command){ .kind = r->pause.paused == 2 ? COMMAND_TOGGLE : r->pause.paused ? COMMAND_PAUSE : COMMAND_PLAY };
	case FBS_SEEK:
		return (struct command){ .kind = r->seek.relative ? COMMAND_SKIP : COMMAND_SEEK, .us = r->seek.us };
	case FBS_SPEED:
		return (struct command){ .kind = r->speed.relative ? COMMAND_FASTER : COMMAND_SPEED, .permille = r->speed.permille };
	case FBS_KEY:
		for (int i = 0; i < N_KEYS && r->key.down; i++)
			if (keys[i].keysym && keys[i].keysym == r->key.keysym)
				return keys[i].command;
	}
	return (struct command){ .kind = COMMAND_NONE };
}

struct command control_of_terminal(const char *bytes, int n, int *used)
{
	for (int i = 0; i < N_KEYS; i++) {
		int len = keys[i].bytes ? (int)strlen(keys[i].bytes) : 0;

		if (len && len <= n && memcmp(bytes, keys[i].bytes, (size_t)len) == 0) {
			*used = len;
			return keys[i].command;
		}
	}
	*used = 1;
	return (struct command){ .kind = COMMAND_NONE };
}

void control_init(struct control *c, int fd)
{
	c->fd = fd;
	fbs_reader_init(&c->reader);
}

void control_fini(struct control *c)
{
	fbs_reader_fini(&c->reader);
}

void control_feed(struct control *c)
{
	size_t room;
	uint8_t *to = fbs_feed(&c->reader, &room);
	ssize_t n = to ? read(c->fd, to, room) : -1;

	if (n > 0)
		fbs_fed(&c->reader, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		c->fd = -1;
}

bool control_next(struct control *c, struct command *out)
{
	struct fbs_record r;
	int n;

	while ((n = fbs_next(&c->reader, &r)) == 1) {
		*out = control_of_record(&r);
		if (out->kind != COMMAND_NONE)
			return true;
	}
	if (n < 0 && c->fd >= 0) {
		cli_log(CLI_WARN, "control events: %s; no further ones are taken", fbs_strerror(n));
		c->fd = -1;
	}
	return false;
}
