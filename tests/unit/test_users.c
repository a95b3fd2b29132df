/* The password file and the limits on guessing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "auth/ratelimit.h"
#include "auth/users.h"

static void users(void **state)
{
	struct auth_users *u = auth_users_new(), *again = auth_users_new();
	char dir[] = "/tmp/test_users.XXXXXX", path[64];
	struct auth_vnc_secrets vnc;
	enum auth_rights rights;
	const char *reason;
	struct stat st;
	unsigned line;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/users", dir);
	assert_int_equal(auth_users_set(u, "alice", "wonderland", AUTH_FULL), 0);
	assert_int_equal(auth_users_set(u, "bob", "builder", AUTH_VIEW), 0);
	assert_int_equal(auth_users_set(u, "carol", "christmas", AUTH_FULL), 0);
	assert_true(auth_users_remove(u, "carol"));
	assert_false(auth_users_remove(u, "carol"));
	assert_int_equal(auth_users_set_vnc(u, "12345678", AUTH_VIEW), 0);
	assert_int_equal(auth_users_set_vnc(u, "123456789", AUTH_VIEW), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(auth_users_set_vnc(u, "", AUTH_FULL), -1);
	assert_int_equal(auth_users_set(u, "a b", "x", AUTH_FULL), -1);
	assert_int_equal(auth_users_set(u, "", "x", AUTH_FULL), -1);
	assert_int_equal(auth_users_set(u, "a", "", AUTH_FULL), -1);
	assert_int_equal(auth_users_save(u, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	assert_int_equal(auth_users_load(again, path, &line, &reason), 0);
	assert_int_equal(auth_users_count(again), 2);
	assert_true(auth_users_check(again, "alice", "wonderland", &rights));
	assert_int_equal(rights, AUTH_FULL);
	assert_true(auth_users_check(again, "bob", "builder", &rights));
	assert_int_equal(rights, AUTH_VIEW);
	assert_false(auth_users_check(again, "bob", "wonderland", &rights));
	assert_false(auth_users_check(again, "carol", "christmas", &rights));
	assert_false(auth_users_check(again, "", "", &rights));
	auth_users_vnc(again, &vnc);
	assert_true(vnc.has_view && !vnc.has_full);
	assert_memory_equal(vnc.view, "12345678", 8);

	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(auth_users_load(again, path, &line, &reason), -1);
	assert_int_equal(errno, EPERM);
	unlink(path);
	assert_int_equal(auth_users_load(again, path, &line, &reason), -1);
	assert_int_equal(errno, ENOENT);
	rmdir(dir);
	auth_users_free(u);
	auth_users_free(again);
}

#define SALT "00112233445566778899aabbccddeeff"
#define HASH SALT SALT

static void bad_lines(void **state)
{
	static const char *const bad[] = {
		"nonsense", "user", "user a", "user a most scrypt:15:8:1:" SALT ":" HASH, "user a full scrypt:15:8:1:" SALT,
		"user a full scrypt:18:8:1:" SALT ":" HASH, "user a full scrypt:15:9:1:" SALT ":" HASH, "user a full scrypt:15:8:1:" SALT ":" HASH ":",
		"user a full scrypt:15:8:1:" SALT ":" HASH "0", "user a full scrypt:15:8:1:" SALT ":" HASH " x", "user a full scrypt:x:8:1:" SALT ":" HASH,
		"user a full bcrypt:15:8:1:" SALT ":" HASH, "vnc full", "vnc full 123", "vnc full 00112233445566zz", "vnc none 0011223344556677",
		"user a\001 full scrypt:15:8:1:" SALT ":" HASH,
	};
	static const char good[] = "# comment\n\n  user a full scrypt:15:8:1:" SALT ":" HASH "\r\nvnc view 0011223344556677";
	struct auth_users *u = auth_users_new();
	const char *reason;
	unsigned line;

	(void)state;
	assert_int_equal(auth_users_parse(u, good, sizeof good - 1, &line, &reason), 0);
	assert_int_equal(auth_users_count(u), 1);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[512];

		snprintf(text, sizeof text, "# first\n%s\n", bad[i]);
		assert_int_equal(auth_users_parse(u, text, strlen(text), &line, &reason), -1);
		assert_int_equal(line, 2);
		assert_non_null(reason);
		assert_int_equal(auth_users_count(u), 0);
	}
	assert_int_equal(auth_users_parse(u, NULL, 0, &line, &reason), 0);
	auth_users_free(u);
}

static const struct sockaddr *address(const char *text)
{
	static struct sockaddr_storage sa[4];
	static unsigned turn;
	struct sockaddr_storage *s = &sa[turn++ % 4];

	memset(s, 0, sizeof *s);
	if (strchr(text, ':')) {
		s->ss_family = AF_INET6;
		inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)s)->sin6_addr);
	} else {
		s->ss_family = AF_INET;
		inet_pton(AF_INET, text, &((struct sockaddr_in *)s)->sin_addr);
	}
	return (const struct sockaddr *)s;
}

enum { SECOND = 1000000 };

static void delays_double(void **state)
{
	const struct auth_ratelimit_config c = { .free = 2, .first_us = SECOND, .most_us = 5 * SECOND, .forget_us = 100 * SECOND };
	struct auth_ratelimit *r = auth_ratelimit_new(&c);
	int64_t t = 1000;

	(void)state;
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 0);
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 0);
	assert_int_equal(auth_ratelimit_wait(r, address("192.0.2.1"), t), 0);
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), SECOND);
	assert_int_equal(auth_ratelimit_wait(r, address("192.0.2.1"), t + 1), SECOND - 1);
	assert_int_equal(auth_ratelimit_wait(r, address("::ffff:192.0.2.1"), t), SECOND);
	assert_int_equal(auth_ratelimit_wait(r, address("192.0.2.2"), t), 0);
	assert_int_equal(auth_ratelimit_blocked(r, t), 1);
	struct sockaddr_storage first, local = { .ss_family = AF_UNIX };
	memcpy(&first, address("2001:db8:0:1::1"), sizeof(struct sockaddr_in6));
	assert_true(auth_ratelimit_same((const struct sockaddr *)&first, address("2001:db8:0:1::2")));
	assert_false(auth_ratelimit_same((const struct sockaddr *)&first, address("2001:db8:0:2::1")));
	assert_false(auth_ratelimit_same((const struct sockaddr *)&local, (const struct sockaddr *)&local));
	assert_int_equal(auth_ratelimit_wait(r, address("192.0.2.1"), t + SECOND), 0);
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 2 * SECOND);
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 4 * SECOND);
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 5 * SECOND);
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 5 * SECOND);
	t += 200 * (int64_t)SECOND;	/* forgotten */
	assert_int_equal(auth_ratelimit_failed(r, address("192.0.2.1"), t), 0);
	auth_ratelimit_failed(r, address("192.0.2.1"), t);
	auth_ratelimit_failed(r, address("192.0.2.1"), t);
	auth_ratelimit_passed(r, address("192.0.2.1"));
	assert_int_equal(auth_ratelimit_wait(r, address("192.0.2.1"), t), 0);
	auth_ratelimit_free(r);
}

static void networks_and_exemptions(void **state)
{
	const struct auth_ratelimit_config c = { .free = 1, .first_us = SECOND, .addresses = 3 };
	const struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct auth_ratelimit *r = auth_ratelimit_new(&c);

	(void)state;
	auth_ratelimit_failed(r, address("2001:db8:1:2::1"), 0);
	assert_int_equal(auth_ratelimit_failed(r, address("2001:db8:1:2:ffff::9"), 1), SECOND);	/* the same /64 */
	assert_int_equal(auth_ratelimit_failed(r, address("2001:db8:1:3::1"), 2), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(auth_ratelimit_failed(r, (const struct sockaddr *)&un, 2), 0);
	assert_int_equal(auth_ratelimit_wait(r, (const struct sockaddr *)&un, 2), 0);
	/* a full table forgets the one quiet for longest */
	auth_ratelimit_failed(r, address("192.0.2.1"), 3);
	assert_int_equal(auth_ratelimit_wait(r, address("2001:db8:1:2::1"), 3), SECOND - 2);
	auth_ratelimit_failed(r, address("192.0.2.2"), 4);
	assert_int_equal(auth_ratelimit_wait(r, address("2001:db8:1:2::1"), 4), 0);
	auth_ratelimit_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(delays_double),
		cmocka_unit_test(networks_and_exemptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
