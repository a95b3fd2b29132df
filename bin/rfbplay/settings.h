/* What rfbplay was told to do. */
#ifndef RFBPLAY_SETTINGS_H
#define RFBPLAY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum mode { MODE_STREAM, MODE_SERVE, MODE_INFO, MODE_STILL, MODE_SHEET, MODE_Y4M, MODE_EVENTS };

struct settings {
	const struct show_means *means;	/* made before it was locked in (show.h) */
	enum mode mode;
	const char *file;	/* "-": stdin */
	char **server_args;	/* for rfbd; NULL-terminated */
	uint32_t permille;	/* speed; 0: as fast as it is read */
	int64_t max_idle_us;	/* longest time in which nothing happens; -1: as recorded */
	int64_t start_us, end_us;	/* end: INT64_MAX unless given */
	bool loop, json;
	int64_t still_us;
	int stills;		/* of the contact sheet */
	int fps;		/* of y4m */
};

#endif
