/* Going on with a recording of any bytes. What had an index has one afterwards, and ends as a recording does that was closed. */
#include <stdint.h>

#include "rec/reader.h"
#include "rec/writer.h"
#include "repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	int fd = repaired_file(bytes, n);
	struct rec_writer w;
	struct rec_reader r;
	const char *why;
	bool indexed = rec_reader_open(&r, fd) == 0 && rec_reader_index(&r) == 0 && r.indexed;

	rec_reader_fini(&r);
	if (rec_writer_append(&w, fd, "fuzz", 1, &why) == 0) {
		/* it may say times that no stream can go on from */
		indexed &= rec_writer_close(&w, 0, "") == 0;
		rec_writer_fini(&w);
		if (rec_reader_open(&r, fd) || rec_reader_index(&r))
			abort();
		if (indexed && (!r.indexed || r.members[r.n_members - 1].kind != REC_CLOSING))
			abort();
		rec_reader_fini(&r);
	}
	close(fd);
	return 0;
}
