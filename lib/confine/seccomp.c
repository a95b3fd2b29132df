/* The seccomp half: one table of system calls and the right each needs. What is not in it
 * fails with EPERM, so that a library's unusual attempt is an error, not a mystery; exec, ptrace and
 * their kin are never tried by accident and kill. */
#include "confine/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#define BASE 0		/* allowed to every confined program */
#define KILL ~0u

struct rule {
	int call;
	unsigned right;
};

static const struct rule rules[] = {
	{ SCMP_SYS(read), BASE }, { SCMP_SYS(write), BASE }, { SCMP_SYS(readv), BASE }, { SCMP_SYS(writev), BASE },
	{ SCMP_SYS(pread64), BASE }, { SCMP_SYS(pwrite64), BASE }, { SCMP_SYS(lseek), BASE }, { SCMP_SYS(close), BASE },
	{ SCMP_SYS(poll), BASE }, { SCMP_SYS(ppoll), BASE }, { SCMP_SYS(select), BASE }, { SCMP_SYS(pselect6), BASE },
	{ SCMP_SYS(fstat), BASE }, { SCMP_SYS(newfstatat), BASE }, { SCMP_SYS(statx), BASE }, { SCMP_SYS(dup), BASE }, { SCMP_SYS(dup2), BASE }, { SCMP_SYS(dup3), BASE },
	{ SCMP_SYS(flock), BASE },
	{ SCMP_SYS(munmap), BASE }, { SCMP_SYS(mremap), BASE }, { SCMP_SYS(madvise), BASE }, { SCMP_SYS(brk), BASE },
	{ SCMP_SYS(futex), BASE }, { SCMP_SYS(sched_yield), BASE }, { SCMP_SYS(rseq), BASE }, { SCMP_SYS(membarrier), BASE },
	{ SCMP_SYS(clock_gettime), BASE }, { SCMP_SYS(clock_getres), BASE }, { SCMP_SYS(clock_nanosleep), BASE }, { SCMP_SYS(nanosleep), BASE },
	{ SCMP_SYS(gettimeofday), BASE }, { SCMP_SYS(time), BASE }, { SCMP_SYS(getpid), BASE }, { SCMP_SYS(gettid), BASE }, { SCMP_SYS(getppid), BASE },
	{ SCMP_SYS(getuid), BASE }, { SCMP_SYS(geteuid), BASE }, { SCMP_SYS(getgid), BASE }, { SCMP_SYS(getegid), BASE },
	{ SCMP_SYS(exit), BASE }, { SCMP_SYS(exit_group), BASE }, { SCMP_SYS(restart_syscall), BASE },
	{ SCMP_SYS(rt_sigaction), BASE }, { SCMP_SYS(rt_sigprocmask), BASE }, { SCMP_SYS(rt_sigreturn), BASE },
	{ SCMP_SYS(rt_sigtimedwait), BASE }, { SCMP_SYS(sigaltstack), BASE }, { SCMP_SYS(rt_sigpending), BASE }, { SCMP_SYS(setitimer), BASE },
	{ SCMP_SYS(getrandom), BASE }, { SCMP_SYS(getrusage), BASE }, { SCMP_SYS(sysinfo), BASE }, { SCMP_SYS(uname), BASE },
	{ SCMP_SYS(sched_getaffinity), BASE }, { SCMP_SYS(getcpu), BASE }, { SCMP_SYS(getrlimit), BASE },

	{ SCMP_SYS(set_robust_list), CONFINE_THREADS }, { SCMP_SYS(set_tid_address), CONFINE_THREADS },
	{ SCMP_SYS(sched_setaffinity), CONFINE_THREADS }, { SCMP_SYS(setpriority), CONFINE_THREADS },

	{ SCMP_SYS(accept), CONFINE_SOCKETS }, { SCMP_SYS(accept4), CONFINE_SOCKETS }, { SCMP_SYS(recvfrom), CONFINE_SOCKETS },
	{ SCMP_SYS(recvmsg), CONFINE_SOCKETS }, { SCMP_SYS(sendto), CONFINE_SOCKETS }, { SCMP_SYS(sendmsg), CONFINE_SOCKETS },
	{ SCMP_SYS(getsockopt), CONFINE_SOCKETS }, { SCMP_SYS(setsockopt), CONFINE_SOCKETS }, { SCMP_SYS(shutdown), CONFINE_SOCKETS },
	{ SCMP_SYS(getsockname), CONFINE_SOCKETS }, { SCMP_SYS(getpeername), CONFINE_SOCKETS },

	{ SCMP_SYS(epoll_create1), CONFINE_EVENTS }, { SCMP_SYS(epoll_ctl), CONFINE_EVENTS }, { SCMP_SYS(epoll_wait), CONFINE_EVENTS },
	{ SCMP_SYS(epoll_pwait), CONFINE_EVENTS }, { SCMP_SYS(epoll_pwait2), CONFINE_EVENTS }, { SCMP_SYS(eventfd2), CONFINE_EVENTS },
	{ SCMP_SYS(timerfd_create), CONFINE_EVENTS }, { SCMP_SYS(timerfd_settime), CONFINE_EVENTS }, { SCMP_SYS(signalfd4), CONFINE_EVENTS },
	{ SCMP_SYS(pipe2), CONFINE_EVENTS }, { SCMP_SYS(epoll_create), CONFINE_EVENTS },

	{ SCMP_SYS(shmdt), CONFINE_SHM }, { SCMP_SYS(vmsplice), CONFINE_SHM },

	{ SCMP_SYS(ftruncate), CONFINE_FILE_WRITE | CONFINE_DIRECTORY }, { SCMP_SYS(fsync), CONFINE_FILE_WRITE | CONFINE_DIRECTORY },
	{ SCMP_SYS(fdatasync), CONFINE_FILE_WRITE | CONFINE_DIRECTORY }, { SCMP_SYS(fallocate), CONFINE_FILE_WRITE | CONFINE_DIRECTORY },
	{ SCMP_SYS(memfd_create), CONFINE_FILE_WRITE },

	{ SCMP_SYS(openat), CONFINE_DIRECTORY | CONFINE_PROC }, { SCMP_SYS(getdents64), CONFINE_DIRECTORY | CONFINE_PROC },
	{ SCMP_SYS(readlinkat), CONFINE_DIRECTORY | CONFINE_PROC },
	{ SCMP_SYS(unlinkat), CONFINE_DIRECTORY | CONFINE_REMOVE }, { SCMP_SYS(renameat), CONFINE_DIRECTORY }, { SCMP_SYS(renameat2), CONFINE_DIRECTORY },
	{ SCMP_SYS(unlink), CONFINE_DIRECTORY }, { SCMP_SYS(rename), CONFINE_DIRECTORY }, { SCMP_SYS(open), CONFINE_DIRECTORY | CONFINE_PROC },
	{ SCMP_SYS(faccessat), CONFINE_DIRECTORY }, { SCMP_SYS(faccessat2), CONFINE_DIRECTORY }, { SCMP_SYS(umask), CONFINE_DIRECTORY },

	{ SCMP_SYS(inotify_init1), CONFINE_WATCH }, { SCMP_SYS(inotify_add_watch), CONFINE_WATCH },

	{ SCMP_SYS(wait4), CONFINE_PROCESSES }, { SCMP_SYS(waitid), CONFINE_PROCESSES }, { SCMP_SYS(kill), CONFINE_PROCESSES },

	{ SCMP_SYS(execve), KILL }, { SCMP_SYS(execveat), KILL }, { SCMP_SYS(ptrace), KILL },
	{ SCMP_SYS(process_vm_readv), KILL }, { SCMP_SYS(process_vm_writev), KILL },
};

static const unsigned ioctls[] = {
	0x541B /* FIONREAD = SIOCINQ */, 0x5411 /* TIOCOUTQ = SIOCOUTQ */, 0x894B /* SIOCOUTQNSD */,
	0x5401 /* TCGETS: isatty */, 0x5413 /* TIOCGWINSZ */, 0x5421 /* FIONBIO */,
};
static const unsigned terminal_ioctls[] = { 0x5402, 0x5403, 0x5404 /* TCSETS and its kin; never TIOCSTI, which types */ };
static const int fcntls[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ, F_SETLK, F_OFD_SETLK };

/* Calls of which only some arguments are harmless. */
static int add_filtered(scmp_filter_ctx c, unsigned rights)
{
	int bad = 0;
	for (unsigned i = 0; i < sizeof ioctls / sizeof *ioctls; i++)
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1_32(SCMP_CMP_EQ, ioctls[i]));
	for (unsigned i = 0; i < sizeof fcntls / sizeof *fcntls; i++)
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1_32(SCMP_CMP_EQ, (unsigned)fcntls[i]));
	bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0_32(SCMP_CMP_EQ, PR_SET_NAME));
	/* reading limits is harmless, setting them (third argument) is not needed */
	bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2_64(SCMP_CMP_EQ, 0));
	/* abort() and assertions of libraries signal ourselves; kill(pid, 0) only asks */
	bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0_32(SCMP_CMP_EQ, (unsigned)getpid()));
	if (rights & CONFINE_SHM) {
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(shmat), 1, SCMP_A2_32(SCMP_CMP_EQ, SHM_RDONLY));
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(shmctl), 1, SCMP_A1_32(SCMP_CMP_EQ, IPC_STAT));
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(shmctl), 1, SCMP_A1_32(SCMP_CMP_EQ, IPC_RMID));
	}
	if (rights & CONFINE_TERMINAL)
		for (unsigned i = 0; i < sizeof terminal_ioctls / sizeof *terminal_ioctls; i++)
			bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1_32(SCMP_CMP_EQ, terminal_ioctls[i]));
	if (rights & CONFINE_PROC)
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1, SCMP_A1_32(SCMP_CMP_EQ, 0));
	if (rights & CONFINE_THREADS) {
		bad |= seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
		/* its arguments lie in memory, where no filter can see them: glibc then uses clone */
		bad |= seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	}
	return bad;
}

int confine_seccomp(unsigned rights)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!c) {
		errno = ENOMEM;
		return -1;
	}
	int bad = seccomp_attr_set(c, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!bad)
		bad = seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2);	/* a tree, not a list */
	for (unsigned i = 0; !bad && i < sizeof rules / sizeof *rules; i++) {
		const struct rule *r = &rules[i];
		if (r->right == KILL)
			bad = seccomp_rule_add(c, SCMP_ACT_KILL_PROCESS, r->call, 0);
		else if (r->right == BASE || (r->right & rights))
			bad = seccomp_rule_add(c, SCMP_ACT_ALLOW, r->call, 0);
	}
	if (!bad)
		bad = add_filtered(c, rights);
	if (!bad)
		bad = seccomp_load(c);
	seccomp_release(c);
	if (bad)
		errno = bad < 0 ? -bad : EINVAL;
	return bad ? -1 : 0;
}
