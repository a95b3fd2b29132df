/* What the command line says. Filled in by options.c before anything is opened; constant from then on. */
#ifndef RFBD_CONFIG_H
#define RFBD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "net/addr.h"

#define CONFIG_LISTEN_MAX 32u
#define CONFIG_ORIGINS_MAX 16u

enum sharing { SHARE_ALL, SHARE_EXCLUSIVE, SHARE_FIRST };

struct config {
	struct net_address listens[CONFIG_LISTEN_MAX];
	unsigned n_listens;
	struct net_address webs[CONFIG_LISTEN_MAX];	/* -W */
	unsigned n_webs;
	const char *web_root;		/* the page's files; NULL: beside the program */
	const char *origins[CONFIG_ORIGINS_MAX];	/* --origin: pages of these may connect too */
	unsigned n_origins;
	const char *source_socket;	/* -S; NULL: the stream is our stdin */
	const char *source_command;	/* -e */
	const char *input_command;	/* -i COMMAND; NULL: our own fbinput */
	bool input_stdout;		/* -i - */
	bool view_only;			/* -v */
	const char *name;		/* -n; NULL: the source's */
	unsigned max_viewers;		/* -c */
	const char *password_file;	/* -p */
	enum sharing sharing;		/* -x */
	bool keep, insecure;
	int notify_fd;			/* --notify-fd; -1 */
	uint8_t boot_id[16];		/* of this machine; zero when unknown */
};

/* Reads the command line; dies with CLI_MISUSE. */
void options_read(struct config *c, int argc, char **argv);

#endif
