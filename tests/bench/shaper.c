/* shaper -l PORT -p PORT [-b KBIT/S] [-d MS]: a link between viewers and a server. Each connection to -l is passed
 * on to -p; what the server sends goes no faster than -b, and each direction is late by half of -d.
 *
 * A sender must feel the link as it would a real one, so little is held here: what has been taken but not yet
 * delivered is at most what is under way (bandwidth × delay) and a short queue; the rest waits in the
 * sender's socket. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINKS_MAX = 512, PACKETS = 4096, PACKET = 1448, SOCKET_BUFFER = 32 << 10 };

struct packet {
	int64_t due;			/* when it arrives at the other end */
	uint16_t len, sent;
	uint8_t data[PACKET];
};

struct direction {
	int from, to;
	double per_us;			/* bytes in a microsecond; 0: no limit */
	int64_t free_at;		/* when the line has sent what it was given */
	struct packet *ring;
	unsigned head, n;
	bool ended;
};

struct link {
	struct direction down, up;	/* server to viewer, viewer to server */
};

static int64_t delay_us;
static double rate;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int socket_with(bool small)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), size = SOCKET_BUFFER, one = 1;

	if (fd < 0)
		err(111, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (small)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	return fd;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static bool link_open(struct link *l, int viewer, int port)
{
	struct sockaddr_in a = loopback(port);
	int server = socket_with(rate > 0), one = 1;

	if (connect(server, (struct sockaddr *)&a, sizeof a)) {
		warn("cannot connect to port %d", port);
		close(server);
		close(viewer);
		return false;
	}
	setsockopt(viewer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fcntl(server, F_SETFL, O_NONBLOCK);
	fcntl(viewer, F_SETFL, O_NONBLOCK);
	*l = (struct link){ { .from = server, .to = viewer, .per_us = rate }, { .from = viewer, .to = server } };
	l->down.ring = calloc(PACKETS, sizeof *l->down.ring);
	l->up.ring = calloc(PACKETS, sizeof *l->up.ring);
	if (!l->down.ring || !l->up.ring)
		err(111, NULL);
	return true;
}

static void link_close(struct link *l)
{
	close(l->down.from);
	close(l->down.to);
	free(l->down.ring);
	free(l->up.ring);
	*l = (struct link){ { .from = -1 }, { .from = -1 } };
}

/* The line takes a packet when it has sent the one before (a tick of slack, for the clock of poll). */
static bool line_is_free(const struct direction *d, int64_t now)
{
	return !d->ended && d->n < PACKETS && (d->per_us <= 0 || d->free_at <= now + 500);
}

static void take(struct direction *d, int64_t now)
{
	while (line_is_free(d, now)) {
		struct packet *p = &d->ring[(d->head + d->n) % PACKETS];
		ssize_t n = read(d->from, p->data, PACKET);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			d->ended = true;
			return;
		}
		if (d->per_us > 0) {
			if (d->free_at < now)
				d->free_at = now;
			d->free_at += (int64_t)((double)n / d->per_us);
		}
		p->due = (d->per_us > 0 ? d->free_at : now) + delay_us / 2;
		p->len = (uint16_t)n;
		p->sent = 0;
		d->n++;
	}
}

/* False when the receiver is gone. */
static bool deliver(struct direction *d, int64_t now)
{
	while (d->n > 0 && d->ring[d->head].due <= now) {
		struct packet *p = &d->ring[d->head];
		ssize_t n = send(d->to, p->data + p->sent, (size_t)(p->len - p->sent), MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		p->sent = (uint16_t)(p->sent + n);
		if (p->sent < p->len)
			return true;
		d->head = (d->head + 1) % PACKETS;
		d->n--;
	}
	return !d->ended || d->n > 0;
}

/* When something is next to be done in this direction without any descriptor saying so. */
static int64_t next_time(const struct direction *d, int64_t now)
{
	int64_t t = now + 1000000;

	if (d->n > 0 && d->ring[d->head].due < t)
		t = d->ring[d->head].due;
	if (!d->ended && d->per_us > 0 && d->free_at - 500 > now && d->free_at - 500 < t)
		t = d->free_at - 500;
	return t;
}

static int accept_one(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

static void serve(int listener, int port)
{
	static struct link links[LINKS_MAX];
	static struct pollfd p[1 + 2 * LINKS_MAX];
	unsigned n = 0;

	for (;;) {
		int64_t now = now_us(), until = now + 1000000;
		struct timespec wait;

		p[0] = (struct pollfd){ .fd = listener, .events = n < LINKS_MAX ? POLLIN : 0 };
		for (unsigned i = 0; i < n; i++) {
			struct direction *two[2] = { &links[i].down, &links[i].up };

			for (int k = 0; k < 2; k++) {
				int64_t t = next_time(two[k], now);

				until = t < until ? t : until;
				p[1 + 2 * i + (unsigned)k] = (struct pollfd){ .fd = line_is_free(two[k], now) ? two[k]->from : -1, .events = POLLIN };
			}
		}
		until = until > now ? until - now : 0;
		wait = (struct timespec){ until / 1000000, until % 1000000 * 1000 };
		ppoll(p, 1 + 2 * n, &wait, NULL);
		now = now_us();
		for (unsigned i = 0; i < n; i++) {
			take(&links[i].down, now);
			take(&links[i].up, now);
			if (deliver(&links[i].down, now) && deliver(&links[i].up, now))
				continue;
			link_close(&links[i]);
			links[i--] = links[--n];
		}
		if (p[0].revents & POLLIN && n < LINKS_MAX) {
			int fd = accept_one(listener);

			if (fd >= 0 && link_open(&links[n], fd, port))
				n++;
		}
	}
}

int main(int argc, char **argv)
{
	int opt, listen_port = 0, port = 0, listener;
	struct sockaddr_in a;

	while ((opt = getopt(argc, argv, "l:p:b:d:")) != -1)
		switch (opt) {
		case 'l': listen_port = atoi(optarg); break;
		case 'p': port = atoi(optarg); break;
		case 'b': rate = atof(optarg) * 1000 / 8 / 1e6; break;
		case 'd': delay_us = (int64_t)(atof(optarg) * 1000); break;
		default: exit(100);
		}
	if (!listen_port || !port)
		errx(100, "usage: shaper -l PORT -p PORT [-b KBIT/S] [-d MS]");
	a = loopback(listen_port);
	listener = socket_with(false);
	if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 64))
		err(111, "cannot listen on port %d", listen_port);
	puts("ready");
	fflush(stdout);
	serve(listener, port);
}
