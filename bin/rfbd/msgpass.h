/* What monitor and worker tell each other: small messages, each with at most one descriptor,
 * over a SOCK_SEQPACKET pair. Both ends are this program; the monitor still believes nothing
 * that the worker says beyond what is written here. */
#ifndef RFBD_MSGPASS_H
#define RFBD_MSGPASS_H

#include <stddef.h>
#include <stdint.h>

#define MSG_TEXT_MAX 4096u

enum msg_type {
	/* monitor to worker */
	MSG_SOURCE = 1,		/* fd to read a stream from; arg: enum msg_source */
	MSG_VIEWER,		/* fd of a viewer's connection; arg: MSG_PEER_* */
	MSG_INPUT,		/* fd to write events to and read answers from */
	MSG_INPUT_LOST,		/* the input consumer cannot be started; text: why */
	MSG_SECRETS,		/* text: a struct auth_vnc_secrets */
	MSG_PEM,		/* fd of a PEM file; arg: enum msg_pem */
	MSG_CERTIFICATE,	/* use the PEM files that came */
	MSG_VERDICT,		/* on a MSG_CHECK; arg: the viewer's id; text: one byte, VERDICT_* */
	MSG_STOP,		/* end in order */
	MSG_RULE,		/* one of the rules to come; arg: its place; text: a struct rule */
	MSG_RULES,		/* those are all; arg: how many */
	MSG_CONSENT,		/* on a MSG_ASK; arg: the viewer's id; text: one byte, CONSENT_* */
	MSG_CONSOLE,		/* fd of a connection to the --control socket */
	MSG_RELOADED,		/* on a MSG_RELOAD; arg: 1 when all that was read is good */
	/* worker to monitor */
	MSG_READY = 64,		/* the first frame is there, or none is waited for: viewers can be served */
	MSG_WANT_INPUT,		/* start the input consumer; text: the display */
	MSG_DROP_INPUT,		/* end it, do not start it again */
	MSG_RELOAD,		/* read secrets and rules again, as on SIGHUP */
	MSG_END,		/* end in order, as on SIGTERM */
	MSG_CHECK,		/* verify a user; arg: the viewer's id; text: name, NUL, password, NUL */
	MSG_ASK,		/* run the --accept command; arg: the viewer's id; text: its facts (FACT_*), each with a NUL */
	MSG_ASK_OVER,		/* that viewer has left */
	MSG_SOURCE_DAMAGED,	/* what the -e command writes is no stream: end it */
	MSG_CALL_OVER,		/* the connection to a repeater is over; arg: which of the calls */
};

/* Where a stream comes from: our stdin, the -e command, a connection on the -S socket. */
enum msg_source { SOURCE_STDIN, SOURCE_COMMAND, SOURCE_SOCKET };

enum msg_pem { PEM_CERT, PEM_KEY, PEM_CA };

enum { MSG_PEER_UNIX = 1, MSG_PEER_LOCAL = 2, MSG_PEER_OURS = 4,
       MSG_PEER_WEB = 8,	/* it came to a -W address */
       MSG_PEER_CALLED = 16,	/* we called it */
       MSG_PEER_REPEATER = 32,	/* a viewer will come by this connection, some time */
       MSG_PEER_CALL_SHIFT = 16 };	/* above: which of the calls it is */
	/* ours: our own user or root, looked up */

/* The byte of a MSG_VERDICT, of a MSG_CONSENT; the texts of a MSG_ASK, in this order. */
enum { VERDICT_NO, VERDICT_VIEW, VERDICT_FULL, VERDICT_BLOCKED /* the worker's own: its address has to wait */ };
enum consent { CONSENT_NO, CONSENT_FULL, CONSENT_VIEW, CONSENT_LATE, CONSENT_BUSY, CONSENTS };
enum consent_fact { FACT_ADDRESS, FACT_USER, FACT_SECURITY, FACT_TRANSPORT, FACT_RIGHTS, FACT_DISPLAY, FACTS };

/* MSG_CHECKs of which the verdict is not there yet: the worker sends no more, the monitor does no more. */
enum { CHECKS_AT_ONCE = 16 };

struct msg {
	uint32_t type, arg, len;	/* len: bytes of text */
	char text[MSG_TEXT_MAX + 1];	/* NUL-terminated by msg_recv; wiped by the receiver of secrets */
};

/* A connected pair, close-on-exec, non-blocking at both ends. */
int msg_pair(int fds[2]);
/* Sends a message and, when passed >= 0, a descriptor (which stays the caller's). 0, or -1. */
int msg_send(int fd, uint32_t type, uint32_t arg, const void *text, size_t len, int passed);
/* 1 and *m, *passed (-1 or a new descriptor, close-on-exec); 0 at the end; -1 and errno (EAGAIN: none now). */
int msg_recv(int fd, struct msg *m, int *passed);

#endif
