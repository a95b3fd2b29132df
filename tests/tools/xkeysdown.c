/* xkeysdown: the keys and buttons of $DISPLAY that are down, a line each, keys by their keysym without modifiers, in
 * the order of their keycodes. With an argument "group": the active keyboard group instead. */
#include <X11/XKBlib.h>
#include <err.h>
#include <stdio.h>

static void print_group(Display *d)
{
	XkbStateRec s;

	XkbGetState(d, XkbUseCoreKbd, &s);
	printf("%d\n", s.group);
}

int main(int argc, char **argv)
{
	Display *d = XOpenDisplay(NULL);
	Window w;
	char down[32];
	unsigned mask;
	int n;

	(void)argv;
	if (!d)
		errx(111, "cannot open display");
	if (argc > 1) {
		print_group(d);
		return 0;
	}
	XQueryKeymap(d, down);
	for (unsigned k = 8; k < 256; k++)
		if (down[k / 8] >> (k % 8) & 1) {
			const char *name = XKeysymToString(XkbKeycodeToKeysym(d, (KeyCode)k, 0, 0));

			printf("%s\n", name ? name : "unnamed");
		}
	XQueryPointer(d, DefaultRootWindow(d), &w, &w, &n, &n, &n, &n, &mask);
	for (unsigned b = 1; b <= 5; b++)
		if (mask & Button1Mask << (b - 1))
			printf("button %u\n", b);
	XCloseDisplay(d);
	return 0;
}
