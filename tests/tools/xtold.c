/* xtold: what $DISPLAY tells its user beside pixels, a line for each piece of news, the state as it is first:
 *
 *   cursor WxH+X+Y AARRGGBB...        the pointer's shape: size, hot spot, premultiplied pixels
 *   cursor none                       while it changes, too
 *   leds MASK                         the keyboard's indicators, in hexadecimal
 *   bell
 *
 * So a test sees what a viewer's window does with what it was told. */
#include <X11/XKBlib.h>
#include <X11/Xlib.h>
#include <X11/extensions/Xfixes.h>
#include <err.h>
#include <stdio.h>

static void tell_cursor(Display *d)
{
	XFixesCursorImage *c = XFixesGetCursorImage(d);

	if (!c) {
		puts("cursor none");
		return;
	}
	printf("cursor %ux%u+%u+%u ", c->width, c->height, c->xhot, c->yhot);
	for (unsigned i = 0; i < (unsigned)c->width * c->height; i++)
		printf("%08lx", c->pixels[i] & 0xffffffff);
	putchar('\n');
	XFree(c);
}

static void tell_leds(Display *d)
{
	unsigned mask;

	if (XkbGetIndicatorState(d, XkbUseCoreKbd, &mask) != Success)
		errx(111, "no indicators");
	printf("leds %x\n", mask);
}

int main(void)
{
	int xkb, fixes, error, major = XkbMajorVersion, minor = XkbMinorVersion, reason;
	Display *d = XkbOpenDisplay(NULL, &xkb, &error, &major, &minor, &reason);
	XEvent e;

	if (!d || !XFixesQueryExtension(d, &fixes, &error))
		errx(111, "cannot open display");
	setvbuf(stdout, NULL, _IOLBF, 0);
	XFixesSelectCursorInput(d, DefaultRootWindow(d), XFixesDisplayCursorNotifyMask);
	XkbSelectEvents(d, XkbUseCoreKbd, XkbBellNotifyMask | XkbIndicatorStateNotifyMask,
			XkbBellNotifyMask | XkbIndicatorStateNotifyMask);
	tell_cursor(d);
	tell_leds(d);
	for (;;) {
		XNextEvent(d, &e);
		if (e.type == fixes + XFixesCursorNotify)
			tell_cursor(d);
		else if (e.type == xkb && ((XkbAnyEvent *)&e)->xkb_type == XkbBellNotify)
			puts("bell");
		else if (e.type == xkb)
			tell_leds(d);
	}
}
