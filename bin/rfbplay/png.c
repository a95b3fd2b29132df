/* PNG by libpng, straight to a descriptor. */
#include <errno.h>
#include <png.h>
#include <stdlib.h>

#include "export.h"
#include "io/io.h"

static void write_bytes(png_structp png, png_bytep bytes, size_t n)
{
	if (io_write_full(*(int *)png_get_io_ptr(png), bytes, n, IO_FOREVER))
		png_error(png, "write");
}

static void flush_nothing(png_structp png)
{
	(void)png;
}

static void no_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

/* libpng's own prints a line; who called says what went wrong. */
static _Noreturn void give_up(png_structp png, png_const_charp text)
{
	(void)text;
	png_longjmp(png, 1);
}

static void to_rgb(uint8_t *row, const uint32_t *px, unsigned w)
{
	for (unsigned x = 0; x < w; x++) {
		row[3 * x] = (uint8_t)(px[x] >> 16);
		row[3 * x + 1] = (uint8_t)(px[x] >> 8);
		row[3 * x + 2] = (uint8_t)px[x];
	}
}

int png_write(int fd, const uint32_t *px, size_t stride, unsigned w, unsigned h)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, give_up, no_warning);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	uint8_t *volatile row = malloc((size_t)w * 3);
	int result = -1;

	if (!info || !row) {
		errno = ENOMEM;
	} else if (!setjmp(png_jmpbuf(png))) {
		png_set_write_fn(png, &fd, write_bytes, flush_nothing);
		png_set_IHDR(png, info, w, h, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
		png_write_info(png, info);
		for (unsigned y = 0; y < h; y++) {
			to_rgb(row, px + y * stride, w);
			png_write_row(png, row);
		}
		png_write_end(png, info);
		result = 0;
	}
	free(row);
	png_destroy_write_struct(&png, &info);
	return result;
}
