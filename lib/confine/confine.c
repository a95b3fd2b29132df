/* The steps of locking in, in their order, and becoming another user. */
#include "confine/confine.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "confine/landlock.h"
#include "confine/seccomp.h"

int confine_process(const struct confine_settings *s, const char **what)
{
	const struct rlimit none = { 0, 0 };
	*what = "cannot give up new privileges";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	*what = "cannot forbid core dumps";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		return -1;
	*what = "landlock failed";
	const int locked = confine_landlock(s);
	if (locked < 0)
		return -1;
	*what = "seccomp failed";
	if (confine_seccomp(s->rights) != 0)
		return -1;
	*what = locked ? NULL : "this kernel has no landlock: confined by seccomp alone";
	return 0;
}

int confine_become(const char *user, const char **what)
{
	char *end;
	const unsigned long number = strtoul(user, &end, 10);
	*what = "no such user";
	errno = 0;
	const struct passwd *p = *user && !*end ? getpwuid((uid_t)number) : getpwnam(user);
	if (!p) {
		errno = errno ? errno : ENOENT;
		return -1;
	}
	*what = "cannot become the user";
	if (initgroups(p->pw_name, p->pw_gid) != 0 || setresgid(p->pw_gid, p->pw_gid, p->pw_gid) != 0 ||
	    setresuid(p->pw_uid, p->pw_uid, p->pw_uid) != 0)
		return -1;
	*what = "the old user can be had back";
	if (p->pw_uid != 0 && setuid(0) == 0) {
		errno = EPERM;
		return -1;
	}
	*what = NULL;
	return 0;
}
