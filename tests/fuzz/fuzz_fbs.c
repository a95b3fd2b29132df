/* The stream's reader on any bytes, in two kinds of pieces: both agree, views stay within the bytes, and
 * whatever parses is put back as the same record. */
#include <stdlib.h>

#include "fbs/reader.h"
#include "wire/wire.h"

struct outcome {
	unsigned records;
	uint64_t offset;
	int end;
};

static volatile unsigned touched;

/* Every byte that a record lends is touched, for the sanitiser to see. */
static unsigned touch(const struct fbs_record *r)
{
	const uint8_t *p = NULL;
	size_t n = 0;
	unsigned sum = 0;

	switch (r->type) {
	case FBS_PIXELS:
		p = r->pixels.data, n = r->pixels.len;
		break;
	case FBS_CURSOR:
		p = r->cursor.argb, n = (size_t)r->cursor.w * r->cursor.h * 4;
		break;
	case FBS_SCREEN:
		p = (const uint8_t *)r->screen.display, n = r->screen.display_len;
		break;
	case FBS_CLIP:
		p = (const uint8_t *)r->clip.text.text, n = r->clip.text.len;
		break;
	}
	for (size_t i = 0; i < n; i++)
		sum += p[i];
	return sum;
}

static void put_back(const struct fbs_record *r)
{
	struct wire_buf b = { 0 };
	struct fbs_record again;

	fbs_record_put(&b, r);
	if (b.bad || fbs_record_parse(&again, b.data, b.len) != (long)b.len || again.type != r->type)
		abort();
	wire_buf_fini(&b);
}

static struct outcome run(const uint8_t *bytes, size_t n, size_t piece)
{
	struct outcome o = { 0 };
	struct fbs_record rec;
	struct fbs_reader r;
	size_t room, take;

	fbs_reader_init(&r);
	for (;;) {
		while ((o.end = fbs_next(&r, &rec)) == 1) {
			touched += touch(&rec);
			put_back(&rec);
			o.records++;
		}
		if (o.end < 0)
			break;
		if (n == 0) {
			o.end = fbs_reader_finish(&r);
			break;
		}
		uint8_t *to = fbs_feed(&r, &room);
		take = n < piece ? n : piece;
		take = take < room ? take : room;
		memcpy(to, bytes, take);
		fbs_fed(&r, take);
		bytes += take;
		n -= take;
	}
	o.offset = r.offset;
	fbs_reader_fini(&r);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct outcome a = run(bytes, n, SIZE_MAX), b = run(bytes, n, 7);

	if (a.records != b.records || a.offset != b.offset || a.end != b.end)
		abort();
	return 0;
}
