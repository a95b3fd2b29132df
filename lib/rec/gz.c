/* Deflate with zlib into gzip members. On a file that can seek, a little more is reserved than is
 * written, so that a recording can still be ended properly when the disk is full. */
#include "rec/gz.h"
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 64 * 1024,	/* bytes gathered for one write */
	RESERVE = 64 * 1024,	/* bytes reserved beyond the end of a file */
};

int rec_gz_init(struct rec_gz *g, int fd, uint64_t at, int level)
{
	struct stat st;

	*g = (struct rec_gz){ .fd = fd, .at = at };
	g->seekable = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (g->seekable && lseek(fd, (off_t)at, SEEK_SET) < 0)
		return -1;
	if (deflateInit2(&g->z, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		errno = ENOMEM;
		return -1;
	}
	g->ready = true;
	return 0;
}

void rec_gz_fini(struct rec_gz *g)
{
	if (g->ready)
		deflateEnd(&g->z);
	g->ready = false;
	wire_buf_fini(&g->out);
}

/* Room for what is written, and behind it for a trailer, END, and an index of the usual size. False: the disk is full. Where a
 * file system cannot reserve, it is as it is. */
static bool reserve(const struct rec_gz *g)
{
	const int saved = errno;

	if (!g->seekable || g->ending || fallocate(g->fd, FALLOC_FL_KEEP_SIZE, (off_t)g->at, (off_t)g->out.len + RESERVE) == 0 ||
	    (errno != ENOSPC && errno != EDQUOT)) {
		errno = saved;
		return true;
	}
	return false;
}

static int write_out(struct rec_gz *g)
{
	if (g->out.bad) {
		errno = ENOMEM;
		return -1;
	}
	if (g->out.len && !reserve(g))
		return -1;
	if (g->out.len && io_write_full(g->fd, g->out.data, g->out.len, IO_FOREVER))
		return -1;
	g->at += g->out.len;
	wire_buf_reset(&g->out);
	return 0;
}

int rec_gz_begin(struct rec_gz *g, const struct rec_member *m)
{
	struct rec_member open = { .kind = m->kind, .first_us = m->first_us, .stream_at = m->stream_at, .wall_us = m->wall_us };

	deflateReset(&g->z);
	g->crc = (uint32_t)crc32(0, NULL, 0);
	g->size = 0;
	g->member = open;
	g->member.at = g->at + g->out.len;
	rec_member_put(&g->out, &open, NULL, 0);
	g->open = true;
	g->dirty = true;
	if (write_out(g))
		return -1;
	g->flushed_at = g->at;
	g->flushed_crc = g->crc;
	g->flushed_size = g->size;
	return 0;
}

static int deflate_some(struct rec_gz *g, int flush)
{
	int result;

	do {
		uint8_t *to = wire_buf_room(&g->out, CHUNK);

		if (!to) {
			errno = ENOMEM;
			return -1;
		}
		g->z.next_out = to;
		g->z.avail_out = CHUNK;
		result = deflate(&g->z, flush);
		g->out.len += CHUNK - g->z.avail_out;
		if (g->out.len >= CHUNK && write_out(g))
			return -1;
	} while (g->z.avail_out == 0 || (flush == Z_FINISH && result == Z_OK));
	return 0;
}

int rec_gz_write(struct rec_gz *g, const void *bytes, size_t n)
{
	if (!n)
		return 0;
	g->z.next_in = (Bytef *)(uintptr_t)bytes;
	g->z.avail_in = (uInt)n;
	g->crc = (uint32_t)crc32(g->crc, bytes, (uInt)n);
	g->size += (uint32_t)n;
	g->dirty = true;
	return deflate_some(g, Z_NO_FLUSH);
}

int rec_gz_flush(struct rec_gz *g, bool here, bool sync)
{
	if (g->open && g->dirty) {
		if (deflate_some(g, Z_SYNC_FLUSH) || write_out(g))
			return -1;
		g->dirty = false;
	}
	if (g->open && here) {
		g->flushed_at = g->at;
		g->flushed_crc = g->crc;
		g->flushed_size = g->size;
	}
	if (sync && g->seekable && fdatasync(g->fd) < 0 && errno != EINVAL)
		return -1;
	return 0;
}

static void put_trailer(struct rec_gz *g, uint32_t crc, uint32_t size)
{
	wire_put_u32le(&g->out, crc);
	wire_put_u32le(&g->out, size);
}

static int write_back(struct rec_gz *g, const struct rec_member *m)
{
	struct wire_buf b = { 0 };
	int result;

	if (!g->seekable)
		return 0;
	rec_member_put(&b, m, NULL, 0);
	result = !b.bad && pwrite(g->fd, b.data, b.len, (off_t)m->at) == (ssize_t)b.len ? 0 : -1;
	wire_buf_fini(&b);
	return result;
}

/* The member is complete in the file: m gets its place, and the header what is now known. */
static int finish(struct rec_gz *g, struct rec_member *m)
{
	m->kind = g->member.kind;
	m->at = g->member.at;
	m->length = g->at - m->at;
	m->stream_at = g->member.stream_at;
	m->wall_us = g->member.wall_us;
	g->open = false;
	g->dirty = false;
	return write_back(g, m);
}

int rec_gz_end(struct rec_gz *g, struct rec_member *m)
{
	g->z.avail_in = 0;
	if (deflate_some(g, Z_FINISH))
		return -1;
	put_trailer(g, g->crc, g->size);
	if (write_out(g))
		return -1;
	return finish(g, m);
}

int rec_gz_put(struct rec_gz *g, const void *bytes, size_t n)
{
	wire_put(&g->out, bytes, n);
	return write_out(g);
}

int rec_gz_trim(struct rec_gz *g)
{
	return g->seekable ? ftruncate(g->fd, (off_t)g->at) : 0;
}

int rec_gz_back(struct rec_gz *g, uint64_t at)
{
	if (!g->seekable)
		return -1;
	wire_buf_reset(&g->out);
	g->open = g->dirty = false;
	g->ending = true;
	g->at = at;
	return ftruncate(g->fd, (off_t)at) || lseek(g->fd, (off_t)at, SEEK_SET) < 0 ? -1 : 0;
}

int rec_gz_rescue(struct rec_gz *g, struct rec_member *m)
{
	static const uint8_t final_block[] = { 3, 0 };

	if (!g->open || rec_gz_back(g, g->flushed_at))
		return -1;
	wire_put(&g->out, final_block, sizeof final_block);
	put_trailer(g, g->flushed_crc, g->flushed_size);
	if (write_out(g))
		return -1;
	return finish(g, m);
}
