/* What the command line says. Filled in by options.c before anything is opened; constant from then on. */
#ifndef RFBD_CONFIG_H
#define RFBD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/types.h"
#include "net/addr.h"
#include "screen/scale.h"

#define CONFIG_LISTEN_MAX 32u
#define CONFIG_ORIGINS_MAX 16u

#define CONFIG_CALLS_MAX 16u
#define REPEATER_ID_MAX 245u	/* bytes: 250, less "ID:", less two that some repeaters write into */

/* Somebody whom we call. */
struct call {
	const char *text;		/* as it was given, for logs */
	struct net_address to;
	char id[REPEATER_ID_MAX + 1];	/* --repeater: what viewers ask it for; "": a listening viewer itself */
};

enum resizing { RESIZE_OFF, RESIZE_VIEW, RESIZE_SCREEN };
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
	const char *control_socket;	/* --control */
	const char *source_command;	/* -e */
	const char *input_command;	/* -i COMMAND; NULL: our own fbinput */
	bool input_stdout;		/* -i - */
	bool view_only;			/* -v */
	bool clip_in, clip_out;		/* -k: from viewers, to viewers */
	enum resizing resizing;		/* -R */
	struct scale scale;		/* --scale */
	const char *name;		/* -n; NULL: the source's */
	unsigned max_viewers;		/* -c */
	const char *password_file;	/* -p */
	const char *users_file;		/* -u */
	const char *pam_service;	/* --pam */
	const char *certificate, *key, *client_ca;	/* -C, -K, --client-ca */
	const char *rules_file;		/* --rules */
	const char *rsa_key;		/* --rsa-key */
	const char *user;		/* --user: what the worker becomes when started as root; NULL: nobody */
	enum auth_type types[AUTH_TYPES];	/* -s, in this order */
	unsigned n_types;		/* 0: the strongest that the files allow */
	const char *accept_command;	/* --accept; NULL: nobody is asked */
	unsigned accept_seconds;	/* --accept-timeout */
	const char *passwd_file;	/* --passwd: make this file, do not serve */
	const char *passwd_user;
	const char *tell;		/* --tell: say these words to the rfbd there, do not serve */
	char **words;
	int n_words;
	enum sharing sharing;		/* -x */
	bool keep, insecure;
	bool once;			/* --once: end after the last viewer */
	bool inetd;			/* --inetd: stdin is the viewer's connection */
	struct call calls[CONFIG_CALLS_MAX];	/* --connect, --repeater */
	unsigned n_calls;
	int listen_fds[CONFIG_LISTEN_MAX];	/* --listen-fd */
	unsigned n_listen_fds;
	int web_fds[CONFIG_LISTEN_MAX];	/* --web-fd */
	unsigned n_web_fds;
	unsigned idle_seconds, most_seconds;	/* --idle, --max-time; 0: no limit */
	int notify_fd;			/* --notify-fd; -1 */
	uint8_t boot_id[16];		/* of this machine; zero when unknown */
};

/* Reads the command line; dies with CLI_MISUSE. */
void options_read(struct config *c, int argc, char **argv);

#endif
