/* xshot [-g WxH+X+Y] > FILE: the root window of $DISPLAY as a binary PPM, through XGetImage.
 * The measure that tests hold a viewer's pixels against: on a server of another depth than 24 each
 * component is (v * 255 + max / 2) / max of its bits, or what the colour map says. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static XColor map[256];		/* of a server with a colour map */

static unsigned char component(unsigned long pixel, unsigned long mask)
{
	unsigned long low = mask & -mask, max = mask / low, v = (pixel & mask) / low;

	return (unsigned char)((v * 255 + max / 2) / max);
}

static void read_map(Display *d, const Visual *visual)
{
	for (unsigned i = 0; !visual->red_mask && i < 256; i++)
		map[i].pixel = i;
	if (!visual->red_mask)
		XQueryColors(d, DefaultColormap(d, DefaultScreen(d)), map, 256);
}

static void put_row(XImage *image, const Visual *visual, int y, unsigned char *row)
{
	for (int x = 0; x < image->width; x++) {
		unsigned long p = XGetPixel(image, x, y);

		if (visual->red_mask) {
			row[3 * x] = component(p, visual->red_mask);
			row[3 * x + 1] = component(p, visual->green_mask);
			row[3 * x + 2] = component(p, visual->blue_mask);
		} else {
			row[3 * x] = (unsigned char)(map[p & 255].red >> 8);
			row[3 * x + 1] = (unsigned char)(map[p & 255].green >> 8);
			row[3 * x + 2] = (unsigned char)(map[p & 255].blue >> 8);
		}
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
	read_map(d, DefaultVisual(d, DefaultScreen(d)));
	printf("P6\n%u %u\n255\n", w, h);
	for (int i = 0; i < image->height; i++)
		put_row(image, DefaultVisual(d, DefaultScreen(d)), i, row);
	if (fflush(stdout))
		err(111, "cannot write");
	free(row);
	XDestroyImage(image);
	XCloseDisplay(d);
	return 0;
}
