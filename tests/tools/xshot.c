/* xshot [-g WxH+X+Y] > FILE: the root window of $DISPLAY as a binary PPM, through XGetImage.
 * The measure that tests hold a viewer's pixels against. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_row(XImage *image, int y, unsigned char *row)
{
	for (int x = 0; x < image->width; x++) {
		unsigned long p = XGetPixel(image, x, y);

		row[3 * x] = (unsigned char)(p >> 16);
		row[3 * x + 1] = (unsigned char)(p >> 8);
		row[3 * x + 2] = (unsigned char)p;
	}
	if (fwrite(row, 3, (size_t)image->width, stdout) != (size_t)image->width)
		err(111, "cannot write");
}

int main(int argc, char **argv)
{
	Display *d = XOpenDisplay(NULL);
	XWindowAttributes root;
	XImage *image;
	unsigned char *row;
	int x = 0, y = 0;
	unsigned w, h;

	if (!d)
		errx(111, "cannot open display");
	XGetWindowAttributes(d, DefaultRootWindow(d), &root);
	w = (unsigned)root.width;
	h = (unsigned)root.height;
	if (argc == 3 && !strcmp(argv[1], "-g"))
		XParseGeometry(argv[2], &x, &y, &w, &h);
	else if (argc != 1)
		errx(100, "usage: xshot [-g WxH+X+Y] > FILE");
	image = XGetImage(d, DefaultRootWindow(d), x, y, w, h, AllPlanes, ZPixmap);
	if (!image || !(row = malloc(3 * (size_t)w)))
		errx(111, "cannot get the image");
	printf("P6\n%u %u\n255\n", w, h);
	for (int i = 0; i < image->height; i++)
		put_row(image, i, row);
	if (fflush(stdout))
		err(111, "cannot write");
	return 0;
}
