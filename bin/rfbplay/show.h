/* Playing: the recording's frames when they are due, until its end or the watchers'. */
#ifndef RFBPLAY_SHOW_H
#define RFBPLAY_SHOW_H

#include "player.h"
#include "serve.h"
#include "settings.h"

/* What playing needs and a program that is locked in cannot make. */
struct show_means {
	struct server server;	/* when it is to be served: waits to be started */
	bool terminal;		/* gives single keys */
};

/* Before it is locked in. Dies when that cannot be. */
void show_prepare(struct show_means *m, const struct settings *s);
/* Writes the stream to stdout; control events come from stdin. An exit code. */
int show_stream(struct player *p, const struct settings *s);
/* Serves it by rfbd. */
int show_served(struct player *p, const struct settings *s);
/* Writes what people did, as a stream for fbinput. */
int show_events(struct player *p, const struct settings *s);

#endif
