/* What a confined process may not do is tried, each attempt in a child of its own. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/rights.h"

/* Runs `attempt` confined in a child: its exit status, or 128 + the signal that killed it. */
static int confined(const struct confine_settings *s, int (*attempt)(void))
{
	int status;
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const char *what;
		if (confine_process(s, &what) != 0)
			_exit(99);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What an attempt returns: 1 it was let do it, 0 refused. */
static int refused(int result) { return result < 0 && (errno == EPERM || errno == EACCES) ? 0 : 1; }

static int try_exec(void) { return execl("/bin/true", "true", (char *)NULL) ? 3 : 1; }
static int try_ptrace(void) { return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) ? 3 : 1; }
static int try_read_file(void) { return refused(open("/etc/passwd", O_RDONLY)); }
static int try_write_file(void) { return refused(open("/tmp/confine-test-must-not-exist", O_WRONLY | O_CREAT, 0600)); }
static int try_socket(void) { return refused(socket(AF_INET, SOCK_STREAM, 0)); }
static int try_unix_socket(void) { return refused(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int try_fork(void) { return refused(fork()); }
static int try_kill(void) { return refused(kill(getppid(), 0)); }
static int try_core(void)
{
	struct rlimit r;
	return getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_max == 0 ? 0 : 1;
}
static int try_pipe_work(void)
{
	char c = 'x';
	void *p = malloc(10 << 20);
	const int ok = write(STDERR_FILENO, "", 0) == 0 && p && lseek(STDIN_FILENO, 0, SEEK_CUR) != -2;
	memset(p, c, 10 << 20);
	free(p);
	return ok ? 0 : 1;
}

static void *thread(void *arg) { return arg; }
static int try_thread(void)
{
	pthread_t t;
	return pthread_create(&t, NULL, thread, NULL) == 0 && pthread_join(t, NULL) == 0 ? 0 : 1;
}

static int abstract_fd;		/* made before confinement */
static int try_x_server(void)
{
	static const char *const names[] = { "\0/tmp/.X11-unix/X0", "/tmp/.X11-unix/X0" };	/* abstract, and by its path */
	for (unsigned i = 0; i < 2; i++) {
		struct sockaddr_un a = { .sun_family = AF_UNIX };
		memcpy(a.sun_path, names[i], 18);
		if (refused(connect(abstract_fd, (const struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 18))))
			return 1;
	}
	return 0;
}

static void forbids(void **state)
{
	const struct confine_settings s = { .rights = CONFINE_THREADS | CONFINE_SOCKETS | CONFINE_EVENTS };
	int (*const attempts[])(void) = { try_read_file, try_write_file, try_socket, try_unix_socket, try_fork, try_kill,
					  try_core, try_x_server };
	(void)state;
	abstract_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	for (unsigned i = 0; i < sizeof attempts / sizeof *attempts; i++)
		assert_int_equal(confined(&s, attempts[i]), 0);
	assert_int_equal(confined(&s, try_exec), 128 + SIGSYS);
	assert_int_equal(confined(&s, try_ptrace), 128 + SIGSYS);
	close(abstract_fd);
}

static int stranger;		/* a descriptor of a file that somebody else opened */
static int try_truncate(void) { return refused(ftruncate(stranger, 0)); }
static int try_memory_file(void) { return refused(memfd_create("mine", MFD_CLOEXEC)); }
static int try_mmap_code(void)
{
	return refused(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}
static int try_signal_others(void)
{
	return refused(kill(getppid(), SIGUSR1)) || refused((int)syscall(SYS_tgkill, getppid(), getppid(), 0));
}
static int try_signal_self(void) { return raise(0) == 0 ? 0 : 1; }
static int try_type_on_terminal(void) { return refused(ioctl(STDIN_FILENO, TIOCSTI, "x")); }
static int try_segment_write(void)
{
	const int id = stranger;	/* of a segment, here */
	return refused(shmat(id, NULL, 0) == (void *)-1 ? -1 : 0);
}
static int try_segment_read(void) { return shmat(stranger, NULL, SHM_RDONLY) == (void *)-1 ? 1 : 0; }
static int try_segment_chmod(void)
{
	struct shmid_ds ds = { 0 };
	return refused(shmctl(stranger, IPC_SET, &ds));
}

/* What no program may, whatever it is for. rfbstat -l reads /proc and its own directory: files are tried apart. */
static void each_program(void **state)
{
	static const struct { const char *name; unsigned rights; } programs[] = {
		{ "fbdiff", CONFINE_OF_FBDIFF }, { "fbdiff -m", CONFINE_OF_FBDIFF_SHARED }, { "rfbd", CONFINE_OF_RFBD_WORKER },
		{ "rfbenc", CONFINE_OF_RFBENC }, { "rfbplay", CONFINE_OF_RFBPLAY }, { "rfbplay --serve", CONFINE_OF_RFBPLAY_SERVING },
		{ "rfbrec", CONFINE_OF_RFBREC }, { "rfbrec -c", CONFINE_OF_RFBREC_ASKING }, { "rfbstat -p", CONFINE_OF_RFBSTAT_METER },
	};
	static int (*const attempts[])(void) = {
		try_read_file, try_write_file, try_socket, try_unix_socket, try_fork, try_core, try_x_server, try_mmap_code,
		try_type_on_terminal,
	};
	(void)state;
	abstract_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++) {
		const struct confine_settings s = { .rights = programs[i].rights };
		for (unsigned k = 0; k < sizeof attempts / sizeof *attempts; k++)
			if (confined(&s, attempts[k]) != 0)
				fail_msg("%s: attempt %u was let through", programs[i].name, k);
		assert_int_equal(confined(&s, try_signal_self), 0);
		assert_int_equal(confined(&s, try_exec), 128 + SIGSYS);
		assert_int_equal(confined(&s, try_ptrace), 128 + SIGSYS);
		if (!(programs[i].rights & CONFINE_PROCESSES))
			assert_int_equal(confined(&s, try_signal_others), 0);
	}
	close(abstract_fd);
}

static void files_that_are_open(void **state)
{
	const struct confine_settings none = { 0 }, may = { .rights = CONFINE_FILE_WRITE };
	(void)state;
	stranger = memfd_create("open", MFD_CLOEXEC);
	assert_int_equal(confined(&none, try_truncate), 0);
	assert_int_equal(confined(&may, try_truncate), 1);
	assert_int_equal(confined(&none, try_memory_file), 0);
	assert_int_equal(confined(&may, try_memory_file), 1);	/* let it */
	close(stranger);
}

static void shared_segments(void **state)
{
	const struct confine_settings none = { 0 }, may = { .rights = CONFINE_SHM };
	(void)state;
	stranger = shmget(IPC_PRIVATE, 4096, 0600);
	assert_true(stranger >= 0);
	assert_int_equal(confined(&none, try_segment_read), 1);
	assert_int_equal(confined(&may, try_segment_read), 0);
	assert_int_equal(confined(&may, try_segment_write), 0);
	assert_int_equal(confined(&may, try_segment_chmod), 0);
	assert_int_equal(shmctl(stranger, IPC_RMID, NULL), 0);
}

static void allows(void **state)
{
	const struct confine_settings s = { .rights = 0 }, threads = { .rights = CONFINE_THREADS };
	(void)state;
	assert_int_equal(confined(&s, try_pipe_work), 0);
	assert_int_equal(confined(&threads, try_thread), 0);
	assert_int_equal(confined(&s, try_thread), 1);
}

static int directory = -1;
static int try_directory(void)
{
	const int fd = openat(directory, "inside", O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 || renameat(directory, "inside", directory, "moved") != 0)
		return 1;
	return unlinkat(directory, "moved", 0) == 0 && refused(openat(directory, "../../etc/passwd", O_RDONLY)) == 0 ? 0 : 1;
}
static int try_read_only(void) { return refused(openat(directory, "new", O_WRONLY | O_CREAT, 0600)); }

static void one_directory(void **state)
{
	char path[] = "/tmp/confine-XXXXXX";
	struct confine_settings s = { .rights = CONFINE_DIRECTORY };
	(void)state;
	assert_non_null(mkdtemp(path));
	s.directory = directory = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(directory >= 0);
	assert_int_equal(confined(&s, try_directory), 0);
	s.directory_read_only = true;
	assert_int_equal(confined(&s, try_read_only), 0);
	close(directory);
	assert_int_equal(rmdir(path), 0);
}

/* rfbstat -l reads its directory and /proc, and is otherwise held as the others are. */
static int try_proc(void) { return open("/proc/self/stat", O_RDONLY) >= 0 ? 0 : 1; }
static int try_look_in(void) { return openat(directory, ".", O_RDONLY | O_DIRECTORY) >= 0 ? 0 : 1; }

static void serving_figures(void **state)
{
	static int (*const attempts[])(void) = {
		try_read_file, try_write_file, try_read_only, try_socket, try_unix_socket, try_fork, try_core, try_x_server, try_mmap_code,
		try_type_on_terminal, try_proc, try_look_in,
	};
	char path[] = "/tmp/confine-XXXXXX";
	struct confine_settings s = { .rights = CONFINE_OF_RFBSTAT_SERVING, .directory_read_only = true };
	(void)state;
	assert_non_null(mkdtemp(path));
	s.directory = directory = open(path, O_RDONLY | O_DIRECTORY);
	abstract_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	for (unsigned k = 0; k < sizeof attempts / sizeof *attempts; k++)
		if (confined(&s, attempts[k]) != 0)
			fail_msg("rfbstat -l: attempt %u", k);
	assert_int_equal(confined(&s, try_exec), 128 + SIGSYS);
	assert_int_equal(confined(&s, try_ptrace), 128 + SIGSYS);
	assert_int_equal(confined(&s, try_signal_others), 0);
	close(abstract_fd);
	close(directory);
	assert_int_equal(rmdir(path), 0);
}

/* The right to take a file of one's own away is no right to make, read or change any. */
static int try_remove_only(void)
{
	return refused(openat(directory, "own", O_RDONLY)) || refused(openat(directory, "other", O_WRONLY | O_CREAT, 0600)) ||
	       unlinkat(directory, "own", 0) != 0 || refused(unlinkat(AT_FDCWD, "/etc/passwd", 0));
}

static void removing_only(void **state)
{
	char path[] = "/tmp/confine-XXXXXX";
	struct confine_settings s = { .rights = CONFINE_REMOVE };
	(void)state;
	assert_non_null(mkdtemp(path));
	s.remove_in = directory = open(path, O_RDONLY | O_DIRECTORY);
	close(openat(directory, "own", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(confined(&s, try_remove_only), 0);
	close(directory);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbids), cmocka_unit_test(each_program), cmocka_unit_test(files_that_are_open),
		cmocka_unit_test(shared_segments), cmocka_unit_test(allows), cmocka_unit_test(one_directory),
		cmocka_unit_test(serving_figures), cmocka_unit_test(removing_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
