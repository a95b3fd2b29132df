/* xown [-s SELECTION] [-l BYTES] [-i] [-n] [-r] [-m] TEXT: owns a selection of $DISPLAY (CLIPBOARD) until it
 * loses it. Prints "owned" once it does, then a line for every conversion that it is asked for.
 *   -l BYTES  TEXT repeated up to that length   -i  sent in increments (INCR), as large texts are
 *   -n        never answers                      -r  refuses UTF8_STRING: STRING only
 *   -m        marked as fbinput marks its own window */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct owner {
	Display *d;
	Window w;
	Atom selection, utf8, incr;
	const char *text;
	bool increments, silent, latin1, marked;
};

static void answer(struct owner *o, const XSelectionRequestEvent *r)
{
	XSelectionEvent e = { .type = SelectionNotify, .requestor = r->requestor, .selection = r->selection,
			      .target = r->target, .time = r->time, .property = r->property };
	char *target = XGetAtomName(o->d, r->target);
	long size = (long)strlen(o->text);

	printf("asked for %s\n", target);
	XFree(target);
	if (o->silent)
		return;
	if (r->target != (o->latin1 ? XA_STRING : o->utf8))
		e.property = None;
	else if (o->increments)
		XChangeProperty(o->d, r->requestor, r->property, o->incr, 32, PropModeReplace, (unsigned char *)&size, 1);
	else
		XChangeProperty(o->d, r->requestor, r->property, r->target, 8, PropModeReplace,
				(const unsigned char *)o->text, (int)size);
	XSendEvent(o->d, r->requestor, False, 0, (XEvent *)&e);
}

static const char *repeat(const char *text, size_t n)
{
	char *out = malloc(n + 1);

	if (!out || !*text)
		errx(100, "no text");
	for (size_t i = 0; i < n; i++)
		out[i] = text[i % strlen(text)];
	out[n] = 0;
	return out;
}

static void own(struct owner *o)
{
	long one = 1;

	o->utf8 = XInternAtom(o->d, "UTF8_STRING", False);
	o->incr = XInternAtom(o->d, "INCR", False);
	o->w = XCreateSimpleWindow(o->d, DefaultRootWindow(o->d), 0, 0, 1, 1, 0, 0, 0);
	if (o->marked)
		XChangeProperty(o->d, o->w, XInternAtom(o->d, "_RFBKIT_INPUT", False), XA_INTEGER, 32, PropModeReplace,
				(unsigned char *)&one, 1);
	XSetSelectionOwner(o->d, o->selection, o->w, CurrentTime);
	XSync(o->d, False);
	puts("owned");
}

int main(int argc, char **argv)
{
	struct owner o = { .d = XOpenDisplay(NULL) };
	const char *selection = "CLIPBOARD";
	size_t length = 0;
	int c;

	while ((c = getopt(argc, argv, "s:l:inrm")) != -1)
		switch (c) {
		case 's': selection = optarg; break;
		case 'l': length = strtoul(optarg, NULL, 10); break;
		case 'i': o.increments = true; break;
		case 'n': o.silent = true; break;
		case 'r': o.latin1 = true; break;
		case 'm': o.marked = true; break;
		default: errx(100, "usage: xown [-s SELECTION] [-l BYTES] [-i] [-n] [-r] [-m] TEXT");
		}
	if (!o.d || optind >= argc)
		errx(100, "no display or no text");
	setvbuf(stdout, NULL, _IOLBF, 0);
	o.text = length ? repeat(argv[optind], length) : argv[optind];
	o.selection = XInternAtom(o.d, selection, False);
	own(&o);
	for (;;) {
		XEvent e;

		XNextEvent(o.d, &e);
		if (e.type == SelectionRequest)
			answer(&o, &e.xselectionrequest);
		else if (e.type == SelectionClear)
			return XCloseDisplay(o.d);	/* what was answered is sent */
	}
}
