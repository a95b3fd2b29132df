/* A recording of any bytes: opened, listed, read from each member, resynchronised, shown. Headers and index entries are
 * repaired first on every other input, so that what is behind their CRC is reached too. */
#include <stdint.h>

#include "rec/picture.h"
#include "rec/reader.h"
#include "rec/units.h"
#include "repair.h"

static void read_on(struct rec_reader *r)
{
	struct rec_picture picture = { 0 };
	struct rec_unit unit = { 0 };
	struct fbs_record rec;

	while (rec_unit_read(&unit, r) == 1)
		for (size_t at = 0; rec_unit_record(&unit, &at, &rec);)
			if (rec_picture_apply(&picture, &rec) == FBS_E_SYSTEM)
				abort();
	rec_unit_fini(&unit);
	rec_picture_fini(&picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	int fd = repaired_file(bytes, n);
	struct rec_reader r;

	if (rec_reader_open(&r, fd) == 0 && r.format != REC_FOREIGN) {
		read_on(&r);
		if (rec_reader_index(&r) == 0)
			for (size_t i = 0; i < r.n_members && i < 8; i++) {
				rec_reader_goto(&r, rec_reader_find(&r, r.members[i].first_us));
				read_on(&r);
				if (rec_reader_resync(&r))
					read_on(&r);
			}
	}
	rec_reader_fini(&r);
	close(fd);
	return 0;
}
