/* What is told of a recording: its marks, also when another one follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "worker/media.c"

static void tell_mark(struct media *m, int64_t at_us, const char *text)
{
	const struct fbs_record r = { .type = FBS_CUE, .cue = { .at_us = at_us, .text = { text, (uint32_t)strlen(text) } } };
	assert_true(media_apply(m, &r, 0));
}

/* As rfbplay begins a stream. */
static void begin(struct media *m, int64_t length_us, const char *first_mark)
{
	const struct fbs_record screen = { .type = FBS_SCREEN, .screen = { .kind = FBS_RECORDING, .w = 1, .h = 1 } };
	const struct fbs_record media = { .type = FBS_MEDIA, .media = { .length_us = length_us, .permille = 1000 } };
	media_begin(m);
	tell_mark(m, 1000000, first_mark);
	tell_mark(m, 2000000, "second");
	assert_true(media_apply(m, &media, 0));
	assert_false(media_apply(m, &screen, 0));
}

static void a_recording_has_its_own_marks(void **state)
{
	static struct media m;
	(void)state;
	begin(&m, 10000000, "first");
	begin(&m, 20000000, "another first");
	char *line = media_json(&m, true, 0);
	assert_non_null(line);
	assert_non_null(strstr(line, "another first"));
	assert_null(strstr(line, "\"first\""));
	assert_non_null(strstr(line, "\"length\":20.0"));
	free(line);
}

static void a_source_may_begin_again_and_again(void **state)
{
	static struct media m;
	(void)state;
	for (unsigned i = 0; i < MEDIA_MARKS_MAX; i++)
		begin(&m, 10000000, "first");
	assert_int_equal(m.n_marks, 2);
	assert_string_equal(m.mark[1].text, "second");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_has_its_own_marks),
		cmocka_unit_test(a_source_may_begin_again_and_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
