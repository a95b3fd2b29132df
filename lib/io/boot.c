/* The machine's boot id: whether two ends of a stream are on one machine. */
#include "io/io.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void io_boot_id(uint8_t id[16])
{
	char text[64];
	const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : io_read_full(fd, text, 36, IO_FOREVER);
	unsigned digits = 0;
	if (fd >= 0)
		close(fd);
	memset(id, 0, 16);
	for (ssize_t i = 0; i < n && digits < 32; i++)
		if (hex(text[i]) >= 0) {
			id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | hex(text[i]));
			digits++;
		}
}
