/* VncAuth, vncpasswd's files, and the table of security types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "auth/types.h"
#include "auth/vncauth.h"

/* What vncpasswd writes for "password" (a published vector). */
static const uint8_t password_file[] = { 0xdb, 0xd8, 0x3c, 0xfd, 0x72, 0x7a, 0x14, 0x58 };

static void obfuscation(void **state)
{
	uint8_t out[8];

	(void)state;
	assert_int_equal(auth_vncpasswd_obfuscate(out, (const uint8_t *)"password"), 0);
	assert_memory_equal(out, password_file, 8);
	assert_int_equal(auth_vncpasswd_reveal(out, password_file), 0);
	assert_memory_equal(out, "password", 8);
}

static void responses(void **state)
{
	struct auth_vnc_secrets s = { .has_full = true, .has_view = true, .full = "full", .view = "viewonly" };
	struct auth_check c = { .proof = AUTH_PROVES_VNC };
	enum auth_rights rights;

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		c.challenge[i] = (uint8_t)(i * 17);
	auth_vnc_respond(c.response, c.challenge, s.full);
	assert_true(auth_vnc_check(&s, &c, &rights));
	assert_int_equal(rights, AUTH_FULL);
	auth_vnc_respond(c.response, c.challenge, s.view);
	assert_true(auth_vnc_check(&s, &c, &rights));
	assert_int_equal(rights, AUTH_VIEW);
	c.response[15] ^= 1;
	assert_false(auth_vnc_check(&s, &c, &rights));
	s.has_full = false;	/* an absent password is not the empty one */
	memset(s.full, 0, 8);
	auth_vnc_respond(c.response, c.challenge, s.full);
	assert_false(auth_vnc_check(&s, &c, &rights));
	assert_true(auth_vnc_check_password(&s, "viewonly", &rights));
	assert_true(auth_vnc_check_password(&s, "viewonly and more", &rights));
	assert_int_equal(rights, AUTH_VIEW);
	assert_false(auth_vnc_check_password(&s, "viewonl", &rights));
	assert_false(auth_vnc_check_password(&s, "", &rights));
}

static void files(void **state)
{
	char path[] = "/tmp/test_vncauth.XXXXXX";
	struct auth_vnc_secrets s;
	uint8_t two[17] = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	memcpy(two, password_file, 8);
	auth_vncpasswd_obfuscate(two + 8, (const uint8_t *)"look\0\0\0\0");
	assert_int_equal(write(fd, two, 16), 16);
	assert_int_equal(auth_vncpasswd_load(&s, path), 0);
	assert_true(s.has_full && s.has_view);
	assert_memory_equal(s.full, "password", 8);
	assert_memory_equal(s.view, "look\0\0\0\0", 8);
	assert_int_equal(ftruncate(fd, 8), 0);
	assert_int_equal(auth_vncpasswd_load(&s, path), 0);
	assert_true(s.has_full && !s.has_view);
	assert_int_equal(ftruncate(fd, 9), 0);
	assert_int_equal(auth_vncpasswd_load(&s, path), -1);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(auth_vncpasswd_load(&s, path), -1);
	assert_int_equal(auth_vncpasswd_parse(&s, two, 17), -1);
	close(fd);
	unlink(path);
	assert_int_equal(auth_vncpasswd_load(&s, path), -1);
}

static void type_names(void **state)
{
	enum auth_type types[AUTH_TYPES];
	const char *bad;
	int len;

	(void)state;
	for (unsigned t = 0; t < AUTH_TYPES; t++)
		assert_int_equal(auth_type_by_name(auth_type_info((enum auth_type)t)->name), t);
	assert_int_equal(auth_type_by_name("vncauth"), AUTH_VNC);
	assert_int_equal(auth_type_by_name("RA2n"), AUTH_TYPES);
	assert_int_equal(auth_types_parse(types, "RA2,None,ra2,TLSVnc", NULL, NULL), 3);
	assert_int_equal(types[0], AUTH_RA2);
	assert_int_equal(types[2], AUTH_TLSVNC);
	assert_int_equal(auth_types_parse(types, "None,Foo,RA2", &bad, &len), -1);
	assert_int_equal(len, 3);
	assert_memory_equal(bad, "Foo", 3);
	assert_int_equal(auth_types_parse(types, "", NULL, NULL), -1);
	assert_int_equal(auth_types_parse(types, "None,", NULL, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(obfuscation),
		cmocka_unit_test(responses),
		cmocka_unit_test(files),
		cmocka_unit_test(type_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
