/* Recordings of any bytes whose members' headers are repaired, so that what is behind their CRC is reached too. */
#ifndef RFBKIT_FUZZ_REPAIR_H
#define RFBKIT_FUZZ_REPAIR_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

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

/* The bytes as a file; repaired on every other input. */
static int repaired_file(const uint8_t *bytes, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	uint8_t *copy = malloc(n ? n : 1);

	if (n)
		memcpy(copy, bytes, n);
	for (size_t i = 0; n > 16 && n % 2 && i < n - 16; i++)
		if (copy[i] == 0x1f && copy[i + 1] == 0x8b && copy[i + 2] == 8 && copy[i + 3] == 6)
			mend_header(copy + i, n - i);
	if (write(fd, copy, n) != (ssize_t)n)
		abort();
	free(copy);
	return fd;
}

#endif
