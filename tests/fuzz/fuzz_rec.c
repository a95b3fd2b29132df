/* A recording of any bytes: opened, listed, read from each member, resynchronised, shown. Headers and index entries are
 * repaired first on every other input, so that what is behind their CRC is reached too. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "rec/picture.h"
#include "rec/reader.h"
#include "rec/units.h"

static void mend_header(uint8_t *bytes, size_t n)
{
	size_t extra = n > 12 ? bytes[10] | (size_t)bytes[11] << 8 : 0, end = 12 + extra;
	uint16_t crc;

	if (n < end + 2 || extra == 0)
		return;
	crc = (uint16_t)crc32(0, bytes, (uInt)end);
	bytes[end] = (uint8_t)crc;
	bytes[end + 1] = (uint8_t)(crc >> 8);
}

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
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	uint8_t *copy = malloc(n ? n : 1);
	struct rec_reader r;

	if (n)
		memcpy(copy, bytes, n);
	for (size_t i = 0; n > 16 && n % 2 && i < n - 16; i++)
		if (copy[i] == 0x1f && copy[i + 1] == 0x8b && copy[i + 2] == 8 && copy[i + 3] == 6)
			mend_header(copy + i, n - i);
	if (write(fd, copy, n) != (ssize_t)n)
		abort();
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
	free(copy);
	close(fd);
	return 0;
}
