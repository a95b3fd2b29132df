/* What those who watch want: a stream of events (from rfbd -i -), keys of a terminal. */
#ifndef RFBPLAY_CONTROL_H
#define RFBPLAY_CONTROL_H

#include "fbs/reader.h"

enum command_kind {
	COMMAND_NONE, COMMAND_PAUSE, COMMAND_PLAY, COMMAND_TOGGLE, COMMAND_SEEK, COMMAND_SKIP, COMMAND_SPEED, COMMAND_FASTER,
	COMMAND_POSITION, COMMAND_STEP, COMMAND_QUIT,
};

struct command {
	enum command_kind kind;
	int64_t us;		/* SEEK: the moment, INT64_MAX the end; SKIP: how far */
	uint32_t permille;	/* SPEED: the speed; FASTER: the factor */
};

/* Of a record; NONE for what is no command. */
struct command control_of_record(const struct fbs_record *r);
/* Of what a terminal sent: takes one key off the n bytes, *used of them. */
struct command control_of_terminal(const char *bytes, int n, int *used);

struct control {
	int fd;			/* -1: none any more */
	/* private */
	struct fbs_reader reader;
};

void control_init(struct control *c, int fd);
void control_fini(struct control *c);
/* The fd is readable: takes what is there. */
void control_feed(struct control *c);
/* The next command of what came; false: there is none. */
bool control_next(struct control *c, struct command *out);

#endif
