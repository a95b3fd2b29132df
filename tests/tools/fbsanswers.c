/* fbsanswers: what an input consumer said, a line for a record; a stream that goes on is read as far as it goes. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "fbs/reader.h"

static void say(const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_HELLO:
		printf("HELLO role=%u flags=%u display=%.*s\n", r->hello.role, r->hello.flags, (int)r->hello.display.len,
		       r->hello.display.text);
		break;
	case FBS_CLIP_WANT:
		printf("CLIP_WANT viewer=%u selection=%u serial=%" PRIu64 "\n", r->clip_want.viewer, r->clip_want.selection,
		       r->clip_want.serial);
		break;
	case FBS_CLIP:
		printf("CLIP viewer=%u selection=%u serial=%" PRIu64 " offset=%" PRIu64 " bytes=%u%s %.*s\n", r->clip.viewer,
		       r->clip.selection, r->clip.serial, r->clip.offset, r->clip.text.len,
		       r->flags & FBS_CLIP_LAST ? " last" : "", (int)(r->clip.text.len < 60 ? r->clip.text.len : 60),
		       r->clip.text.text);
		break;
	case FBS_RESULT:
		printf("RESULT viewer=%u request=%u status=%u\n", r->result.viewer, r->result.request, r->result.status);
		break;
	default:
		printf("%s\n", fbs_type_name(r->type));
	}
}

int main(void)
{
	struct fbs_reader reader;
	struct fbs_record r;
	char line[256];
	int rc;

	fbs_reader_init(&reader);
	while ((rc = fbs_read(&reader, STDIN_FILENO, &r)) > 0)
		say(&r);
	if (rc < 0 && rc != FBS_E_TRUNCATED)
		errx(1, "%s", fbs_reader_explain(&reader, rc, line, sizeof line));
	return 0;
}
