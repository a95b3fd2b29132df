/* Requests and answers over a socket pair; a descriptor comes with an answer that is a success. */
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cli.h"
#include "file.h"
#include "io/io.h"
#include "keep.h"
#include "net/addr.h"
#include "net/listen.h"

#define CONNECT_US INT64_C(15000000)

enum verb { VERB_CONNECT = 1, VERB_FILE };

struct request {
	uint32_t verb, number;
};

struct answer {
	uint32_t number;
	int32_t error;			/* errno; 0: a descriptor comes along */
	char why[DOOR_WHY];
};

/* --- the child --------------------------------------------------------------------------------- */

static int connect_now(const struct settings *s, struct answer *a)
{
	const char *why = NULL;
	const int fd = net_connect(&s->to, io_now() + CONNECT_US, &why);

	if (fd < 0)
		snprintf(a->why, sizeof a->why, "%s", why ? why : strerror(errno));
	return fd;
}

static void send_answer(int to, const struct answer *a, int fd)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { { 0 } };
	struct iovec iov = { (void *)(uintptr_t)a, sizeof *a };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = sizeof control.bytes;
		c = CMSG_FIRSTHDR(&m);
		*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd) };
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	while (sendmsg(to, &m, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
	if (fd >= 0)
		close(fd);
}

static _Noreturn void serve(int from, const struct settings *s)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE };
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct request r;

	/* the pipes on either side are not ours: who waits for their end must not wait for us */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(CLI_SYSTEM);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	while (recv(from, &r, sizeof r, 0) == (ssize_t)sizeof r) {
		struct answer a = { .number = r.number };
		int fd = r.verb == VERB_CONNECT && s->target ? connect_now(s, &a) : -1;

		if (r.verb == VERB_FILE && s->file && r.number > 1)
			fd = file_next(s, &a.number);
		a.error = fd < 0 ? errno ? errno : EINVAL : 0;
		send_answer(from, &a, fd);
		if (r.verb == VERB_FILE && fd >= 0)
			keep_some(s);
	}
	_exit(CLI_OK);
}

/* --- the recorder -------------------------------------------------------------------------------- */

void door_open(struct door *d, const struct settings *s)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || (pid = fork()) < 0)
		cli_die_errno("cannot start");
	if (pid == 0) {
		close(pair[0]);
		serve(pair[1], s);
	}
	close(pair[1]);
	d->fd = pair[0];
}

static void ask(struct door *d, uint32_t verb, uint32_t number)
{
	const struct request r = { verb, number };

	if (send(d->fd, &r, sizeof r, MSG_NOSIGNAL) != (ssize_t)sizeof r)
		cli_die_errno("the process that opens and connects is gone");
}

/* The descriptor; -1: a->error. */
static int take_answer(struct door *d, struct answer *a)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { { 0 } };
	struct iovec iov = { a, sizeof *a };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
	const struct cmsghdr *c;
	ssize_t n;
	int fd = -1;

	do
		n = recvmsg(d->fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof *a)
		cli_die(CLI_SYSTEM, "the process that opens and connects is gone");
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	a->why[DOOR_WHY - 1] = '\0';
	return fd;
}

int door_connect(struct door *d, struct loop *l, char why[DOOR_WHY])
{
	struct pollfd p = { .fd = d->fd, .events = POLLIN };
	struct answer a;
	int fd;

	ask(d, VERB_CONNECT, 0);
	do
		loop_wait(l, &p, 1, IO_FOREVER);	/* it answers within its own time */
	while (!p.revents && !l->stop);
	if (!p.revents) {
		snprintf(why, DOOR_WHY, "stopped");
		return -1;
	}
	fd = take_answer(d, &a);
	if (fd < 0)
		snprintf(why, DOOR_WHY, "%s", a.why);
	return fd;
}

int door_next_file(struct door *d, unsigned *number)
{
	struct answer a;
	int fd;

	ask(d, VERB_FILE, *number);
	fd = take_answer(d, &a);
	*number = a.number;
	errno = a.error;
	return fd;
}
