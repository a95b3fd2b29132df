/* keyreport: a window over the whole of $DISPLAY that takes the focus and says on stdout, a line each, what
 * keys and buttons did: "press KEYSYM MODIFIERS" (the keysym that the layout of the moment gives), "release
 * KEYSYM", "down BUTTON X Y", "up BUTTON X Y", "drag BUTTONS X Y". */
#include <X11/XKBlib.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <err.h>
#include <stdio.h>

static const char *modifiers(unsigned state)
{
	static char text[64];
	static const struct { unsigned bit; const char *name; } names[] = {
		{ ShiftMask, "Shift" }, { LockMask, "Lock" }, { ControlMask, "Control" }, { Mod1Mask, "Alt" }, { Mod4Mask, "Super" },
	};
	int n = 0;

	text[0] = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (state & names[i].bit)
			n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", n ? "+" : "", names[i].name);
	return n ? text : "-";
}

static const char *key_name(XKeyEvent *e, char *buf, size_t n)
{
	KeySym keysym = NoSymbol;
	const char *name;

	XLookupString(e, NULL, 0, &keysym, NULL);
	name = keysym == NoSymbol ? NULL : XKeysymToString(keysym);
	if (name)
		return name;
	snprintf(buf, n, "0x%lx", keysym);
	return buf;
}

static void say(XEvent *e)
{
	char buf[32];

	switch (e->type) {
	case MappingNotify:
		XRefreshKeyboardMapping(&e->xmapping);
		break;
	case KeyPress:
		printf("press %s %s\n", key_name(&e->xkey, buf, sizeof buf), modifiers(e->xkey.state));
		break;
	case KeyRelease:
		printf("release %s\n", key_name(&e->xkey, buf, sizeof buf));
		break;
	case ButtonPress:
	case ButtonRelease:
		printf("%s %u %d %d\n", e->type == ButtonPress ? "down" : "up", e->xbutton.button, e->xbutton.x_root, e->xbutton.y_root);
		break;
	case MotionNotify:
		if (e->xmotion.state & (Button1Mask | Button2Mask | Button3Mask))
			printf("drag %u %d %d\n", e->xmotion.state >> 8 & 7, e->xmotion.x_root, e->xmotion.y_root);
		break;
	}
	fflush(stdout);
}

int main(void)
{
	Display *d = XOpenDisplay(NULL);
	XSetWindowAttributes a = { .override_redirect = True, .event_mask = KeyPressMask | KeyReleaseMask | ButtonPressMask |
				   ButtonReleaseMask | PointerMotionMask | ExposureMask | StructureNotifyMask };
	Window w;
	XEvent e;

	if (!d)
		errx(111, "cannot open display");
	a.background_pixel = 0x335577;
	w = XCreateWindow(d, DefaultRootWindow(d), 0, 0, (unsigned)DisplayWidth(d, 0), (unsigned)DisplayHeight(d, 0), 0,
			  CopyFromParent, InputOutput, CopyFromParent, CWOverrideRedirect | CWBackPixel | CWEventMask, &a);
	XkbSetDetectableAutoRepeat(d, True, NULL);
	XMapRaised(d, w);
	do
		XNextEvent(d, &e);
	while (e.type != MapNotify);
	XSetInputFocus(d, w, RevertToPointerRoot, CurrentTime);
	XSync(d, False);
	puts("ready");
	fflush(stdout);
	for (;;) {
		XNextEvent(d, &e);
		say(&e);
	}
}
