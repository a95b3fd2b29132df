/* Landlock: path access by a short list, whose default is nothing. The kernel's interface has
 * grown; what it does not know is left out, what Debian's header does not know is named here. */
#include "confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_ABI1 ((1ull << 13) - 1)	/* execute … make_sym */
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define NET_BIND_CONNECT 3ull
#define SCOPE_ABSTRACT_AND_SIGNAL 3ull

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CHANGE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)

/* linux/landlock.h's struct landlock_ruleset_attr as of ABI 6. */
struct ruleset {
	uint64_t fs, net, scoped;
};

static struct ruleset handled(long abi, size_t *size)
{
	struct ruleset r = { .fs = FS_ABI1 };
	*size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	if (abi >= 2)
		r.fs |= FS_REFER;
	if (abi >= 3)
		r.fs |= FS_TRUNCATE;
	if (abi >= 4)
		r.net = NET_BIND_CONNECT;
	if (abi >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped = SCOPE_ABSTRACT_AND_SIGNAL;
	return r;
}

static int allow(int ruleset, int directory, uint64_t access)
{
	const struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = directory };
	return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static int add_rules(int ruleset, const struct confine_settings *s, uint64_t fs)
{
	int done = 0;
	if (s->rights & CONFINE_DIRECTORY)
		done = allow(ruleset, s->directory, (FS_READ | (s->directory_read_only ? 0 : FS_CHANGE | FS_TRUNCATE)) & fs);
	if (!done && (s->rights & CONFINE_REMOVE))
		done = allow(ruleset, s->remove_in, LANDLOCK_ACCESS_FS_REMOVE_FILE & fs);
	if (!done && (s->rights & CONFINE_PROC)) {
		const int proc = open("/proc", O_PATH | O_CLOEXEC);
		done = proc < 0 ? -1 : allow(ruleset, proc, FS_READ & fs);
		if (proc >= 0)
			close(proc);
	}
	return done;
}

int confine_landlock(const struct confine_settings *s)
{
	size_t size;
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
	struct ruleset r = handled(abi, &size);
	if (s->rights & CONFINE_PROCESSES)
		r.scoped = 0;	/* it signals children that came before it was locked in */
	const int fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (fd < 0)
		return -1;
	int done = add_rules(fd, s, r.fs);
	if (!done)
		done = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	const int error = errno;
	close(fd);
	errno = error;
	return done ? -1 : 1;
}
