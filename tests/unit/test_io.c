/* Full reads and writes across short ones, deadlines, and what a filter can know of its reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/io.h"

enum { SECOND = 1000000, BIG = 3 << 20 };

struct feeder {
	int fd;
	const uint8_t *bytes;
	size_t n;
};

/* Writes in pieces of odd sizes, then closes. */
static void *feed(void *arg)
{
	struct feeder *f = arg;
	size_t piece = 1;

	while (f->n) {
		size_t n = f->n < piece ? f->n : piece;

		if (io_write_full(f->fd, f->bytes, n, IO_FOREVER))
			break;
		f->bytes += n;
		f->n -= n;
		piece = piece * 2 + 1;
	}
	close(f->fd);
	return NULL;
}

static void whole_reads_from_pieces(void **state)
{
	uint8_t *out = malloc(BIG), *in = malloc(BIG + 1);
	struct feeder f = { .bytes = out, .n = BIG };
	pthread_t thread;
	int p[2];

	(void)state;
	for (size_t i = 0; i < BIG; i++)
		out[i] = (uint8_t)(i * 7 >> 3);
	assert_int_equal(pipe(p), 0);
	f.fd = p[1];
	assert_int_equal(pthread_create(&thread, NULL, feed, &f), 0);
	assert_int_equal(io_read_full(p[0], in, 10, IO_FOREVER), 10);
	assert_int_equal(io_read_full(p[0], in + 10, BIG - 9, IO_FOREVER), BIG - 10);	/* one more than there is */
	assert_int_equal(io_read_full(p[0], in, 1, IO_FOREVER), 0);
	assert_memory_equal(in + 10, out + 10, BIG - 10);
	pthread_join(thread, NULL);
	close(p[0]);
	free(out);
	free(in);
}

struct eater {
	int fd;
	uint8_t *bytes;
	ssize_t n;
};

static void *eat(void *arg)
{
	struct eater *e = arg;

	e->n = io_read_full(e->fd, e->bytes, BIG, IO_FOREVER);
	return NULL;
}

static void count_idle(void *arg)
{
	++*(int *)arg;
}

/* A vector with empty parts through a full pipe, by a blocking, a non-blocking and an idling writer. */
static void whole_writes_through_a_narrow_pipe(void **state)
{
	uint8_t *bytes = malloc(BIG);

	(void)state;
	for (size_t i = 0; i < BIG; i++)
		bytes[i] = (uint8_t)(i * 13 >> 4);
	for (int mode = 0; mode < 3; mode++) {
		struct iovec iov[] = {
			{ bytes, 0 }, { bytes, 5 }, { NULL, 0 }, { bytes + 5, BIG / 2 }, { bytes + 5 + BIG / 2, BIG - BIG / 2 - 5 },
			{ NULL, 0 },
		};
		struct eater e = { .bytes = calloc(1, BIG) };
		int p[2], idle = 0, result;
		pthread_t thread;

		assert_int_equal(pipe(p), 0);
		assert_int_equal(io_set_nonblock(p[1], mode > 0), 0);
		e.fd = p[0];
		assert_int_equal(pthread_create(&thread, NULL, eat, &e), 0);
		result = mode < 2 ? io_writev_full(p[1], iov, 6, IO_FOREVER) : io_writev_idle(p[1], iov, 6, count_idle, &idle);
		assert_int_equal(result, 0);
		close(p[1]);
		pthread_join(thread, NULL);
		assert_int_equal(e.n, BIG);
		assert_memory_equal(e.bytes, bytes, BIG);
		free(e.bytes);
		close(p[0]);
	}
	free(bytes);
}

static void idle_until_someone_reads(void *arg)
{
	int *state = arg;	/* [0] calls, [1] the reader's end */
	char drop[65536];

	if (++state[0] == 3)
		while (read(state[1], drop, sizeof drop) > 0)
			;
}

static void an_idling_writer_gets_its_turns(void **state)
{
	static uint8_t bytes[200000];
	int p[2], idle[2] = { 0 };
	struct iovec iov = { bytes, sizeof bytes };

	(void)state;
	assert_int_equal(pipe(p), 0);
	io_set_nonblock(p[0], true);
	io_set_nonblock(p[1], true);
	fcntl(p[1], F_SETPIPE_SZ, 65536);
	idle[1] = p[0];
	/* nobody reads but the idle function, and that only on its third turn and never after */
	iov.iov_len = 100000;
	assert_int_equal(io_writev_idle(p[1], &iov, 1, idle_until_someone_reads, idle), 0);
	assert_true(idle[0] >= 3);
	close(p[0]);
	iov = (struct iovec){ bytes, 1 };
	assert_int_equal(io_writev_idle(p[1], &iov, 1, idle_until_someone_reads, idle), -1);
	assert_int_equal(errno, EPIPE);
	close(p[1]);
}

static void deadlines_pass(void **state)
{
	static char block[1 << 20];
	int64_t start = io_now();
	char c;
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(io_wait(p[0], POLLIN, start + 20000), 0);
	assert_int_equal(io_read_full(p[0], &c, 1, start + 40000), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_true(io_now() >= start + 40000);
	assert_int_equal(io_read_full(p[0], &c, 1, start), -1);		/* passed already */
	assert_int_equal(errno, ETIMEDOUT);
	io_set_nonblock(p[1], true);
	assert_int_equal(io_write_full(p[1], block, sizeof block, io_now() + 20000), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(io_wait(p[0], POLLIN, io_now() + SECOND), 1);
	close(p[0]);
	close(p[1]);
	assert_int_equal(io_wait(p[0], POLLIN, IO_FOREVER), -1);
	assert_int_equal(errno, EBADF);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void signals_do_not_disturb(void **state)
{
	struct sigaction sa = { .sa_handler = on_alarm }, old;	/* without SA_RESTART */
	int64_t start = io_now();
	int p[2];
	char c;

	(void)state;
	assert_int_equal(pipe(p), 0);
	sigaction(SIGALRM, &sa, &old);
	ualarm(2000, 2000);
	assert_int_equal(io_read_full(p[0], &c, 1, start + 30000), -1);
	assert_int_equal(errno, ETIMEDOUT);
	ualarm(0, 0);
	sigaction(SIGALRM, &old, NULL);
	close(p[0]);
	close(p[1]);
}

static void unread_output_is_counted(void **state)
{
	char buf[100] = { 0 };
	int p[2], s[2], f = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(io_pipe_unread(p[1]), 0);
	assert_int_equal(write(p[1], buf, 100), 100);
	assert_int_equal(io_pipe_unread(p[1]), 100);
	assert_int_equal(read(p[0], buf, 60), 60);
	assert_int_equal(io_pipe_unread(p[1]), 40);
	close(p[0]);
	close(p[1]);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	assert_int_equal(io_pipe_unread(s[0]), 0);
	assert_int_equal(write(s[0], buf, 100), 100);
	assert_true(io_pipe_unread(s[0]) > 0);
	assert_int_equal(read(s[1], buf, 100), 100);
	assert_int_equal(io_pipe_unread(s[0]), 0);
	assert_int_equal(write(s[1], buf, 100), 100);		/* what we have not read is another matter */
	assert_int_equal(io_pipe_unread(s[0]), 0);
	close(s[0]);
	close(s[1]);

	assert_int_equal(io_pipe_unread(f), 0);
	close(f);
	assert_int_equal(io_pipe_unread(-1), 0);
}

static void a_gone_reader_is_noticed(void **state)
{
	int p[2], s[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_false(io_pipe_broken(p[1]));
	assert_int_equal(write(p[1], "x", 1), 1);
	close(p[0]);
	assert_true(io_pipe_broken(p[1]));
	assert_int_equal(io_pipe_settle(p[1], NULL, NULL), -1);
	assert_int_equal(errno, EPIPE);
	close(p[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	assert_false(io_pipe_broken(s[0]));
	close(s[1]);
	assert_true(io_pipe_broken(s[0]));
	assert_int_equal(io_pipe_settle(s[0], NULL, NULL), -1);
	close(s[0]);
}

struct drainer {
	int fd, calls;
};

static void drain_at_the_fifth(void *arg)
{
	struct drainer *d = arg;
	char buf[10];

	if (++d->calls == 5)
		assert_int_equal(read(d->fd, buf, sizeof buf), 3);
}

static void settling_waits_for_the_reader(void **state)
{
	struct drainer d = { 0 };
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(io_pipe_settle(p[1], drain_at_the_fifth, &d), 0);
	assert_int_equal(d.calls, 0);
	assert_int_equal(write(p[1], "abc", 3), 3);
	d.fd = p[0];
	assert_int_equal(io_pipe_settle(p[1], drain_at_the_fifth, &d), 0);
	assert_int_equal(d.calls, 5);
	close(p[0]);
	close(p[1]);
}

static void *hang_up_later(void *fd)
{
	usleep(120000);		/* by then it is watched instead of asked */
	close(*(int *)fd);
	return NULL;
}

static void settling_does_not_wait_behind_the_end_of_the_input(void **state)
{
	int in[2], p[2];
	pthread_t t;

	(void)state;
	for (int later = 0; later < 2; later++) {
		assert_int_equal(pipe(in), 0);
		assert_int_equal(pipe(p), 0);
		assert_int_equal(write(in[1], "rest", 4), 4);
		assert_int_equal(write(p[1], "unread", 6), 6);
		if (later)
			assert_int_equal(pthread_create(&t, NULL, hang_up_later, &in[1]), 0);
		else
			close(in[1]);
		assert_int_equal(io_pipe_settle_between(in[0], p[1]), 0);
		assert_int_equal(io_pipe_unread(p[1]), 6);
		if (later)
			pthread_join(t, NULL);
		close(p[0]);
		assert_int_equal(io_pipe_settle_between(in[0], p[1]), -1);
		close(p[1]);
		close(in[0]);
	}
}

static void pipes_grow(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	io_pipe_enlarge(p[1]);
	assert_true(fcntl(p[0], F_GETPIPE_SZ) >= 65536);	/* an unprivileged user may be at the limit */
	errno = 0;
	io_pipe_enlarge(-1);
	assert_int_equal(errno, 0);
	assert_int_equal(io_set_cloexec(p[0], true), 0);
	assert_int_equal(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(io_set_cloexec(p[0], false), 0);
	assert_int_equal(fcntl(p[0], F_GETFD), 0);
	close(p[0]);
	close(p[1]);
	assert_int_equal(io_set_nonblock(-1, true), -1);
}

/* --- lending ------------------------------------------------------------------------------------ */

static void large_pieces_are_told_from_others(void **state)
{
	static uint8_t px[300 * 1024], head[100000];
	struct iovec v[] = { { head, 40 }, { px, 3000 }, { px, 40 }, { px, 40000 }, { px + 50000, 40000 }, { head, 90000 } };
	bool lend;

	(void)state;
	assert_int_equal(io_lend_pieces(v, 6, px, sizeof px, &lend), 3);	/* up to what is worth it */
	assert_false(lend);
	assert_int_equal(io_lend_pieces(v + 3, 3, px, sizeof px, &lend), 2);
	assert_true(lend);
	assert_int_equal(io_lend_pieces(v + 5, 1, px, sizeof px, &lend), 1);	/* large, and not ours to lend */
	assert_false(lend);
	assert_int_equal(io_lend_pieces(v, 6, NULL, 0, &lend), 6);
	assert_false(lend);
	assert_int_equal(io_lend_pieces(v, 0, px, sizeof px, &lend), 0);
	assert_true(io_lend_refused(EINVAL));
	assert_false(io_lend_refused(EAGAIN));
}

/* A child that holds the pipe's read end until `stop` is closed, as the program that this is or as another. */
static pid_t reader(const int *p, const int *stop, const char *program)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(p[1]);
	close(stop[1]);
	dup2(stop[0], STDIN_FILENO);
	close(stop[0]);
	if (program)
		execlp(program, program, (char *)NULL);
	char c;
	_exit(read(STDIN_FILENO, &c, 1) != 0);
}

static void it_is_known_who_reads(void **state)
{
	char exe[4096];
	const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	int p[2], stop[2];

	(void)state;
	assert_true(n > 0);
	exe[n] = '\0';
	const char *us = strrchr(exe, '/') + 1;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(stop), 0);
	assert_false(io_lend_to(p[1], us));	/* we could read it ourselves */
	pid_t same = reader(p, stop, NULL);
	assert_true(same > 0);
	assert_false(io_lend_to(p[1], us));
	close(p[0]);
	assert_true(io_lend_to(p[1], us));
	assert_false(io_lend_to(p[1], "fbdiff"));
	assert_false(io_lend_to(stop[0], us));
	assert_false(io_lend_to(-1, us));
	close(stop[1]);
	assert_int_equal(waitpid(same, NULL, 0), same);
	assert_false(io_lend_to(p[1], us));	/* nobody */
	close(stop[0]);
	close(p[1]);
}

static void another_reader_beside_it_is_seen(void **state)
{
	char exe[4096];
	const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	int p[2], stop[2];

	(void)state;
	exe[n > 0 ? n : 0] = '\0';
	const char *us = strrchr(exe, '/') + 1;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(stop), 0);
	pid_t same = reader(p, stop, NULL);
	pid_t other = reader(p, stop, "cat");
	close(p[0]);
	/* once it is what it is going to be */
	for (int i = 0; i < 1000 && io_lend_to(p[1], us); i++)
		usleep(10000);
	assert_false(io_lend_to(p[1], us));
	close(stop[1]);
	assert_int_equal(waitpid(same, NULL, 0), same);
	assert_int_equal(waitpid(other, NULL, 0), other);
	close(stop[0]);
	close(p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_reads_from_pieces),
		cmocka_unit_test(whole_writes_through_a_narrow_pipe),
		cmocka_unit_test(an_idling_writer_gets_its_turns),
		cmocka_unit_test(deadlines_pass),
		cmocka_unit_test(signals_do_not_disturb),
		cmocka_unit_test(unread_output_is_counted),
		cmocka_unit_test(a_gone_reader_is_noticed),
		cmocka_unit_test(settling_waits_for_the_reader),
		cmocka_unit_test(settling_does_not_wait_behind_the_end_of_the_input),
		cmocka_unit_test(pipes_grow),
		cmocka_unit_test(large_pieces_are_told_from_others),
		cmocka_unit_test(it_is_known_who_reads),
		cmocka_unit_test(another_reader_beside_it_is_seen),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
