/* xpaste [-t] [-2] SELECTION [TARGET]: writes what the selection's owner gives for the target (UTF8_STRING) to stdout, also when it
 * comes in increments. Atoms are printed by name. MULTIPLE asks for UTF8_STRING, TIMESTAMP, a target that
 * nobody has, and STRING, and prints each one's type and size. Exit 1 when it is refused.
 *   -t  asks with the server's time, as toolkits do     -2  gives a first answer up, and asks again */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Display *d;
static Window w;

static Atom atom(const char *name) { return XInternAtom(d, name, False); }

static unsigned char *take(Atom property, Atom *type, int *format, unsigned long *n)
{
	unsigned long left;
	unsigned char *p = NULL;

	XGetWindowProperty(d, w, property, 0, 1 << 28, True, AnyPropertyType, type, format, n, &left, &p);
	return p;
}

static void print_atoms(const unsigned char *p, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		puts(XGetAtomName(d, ((const Atom *)(const void *)p)[i]));
}

/* An INCR owner sends a part each time that its last one was deleted, and at the end an empty one. Returns the size. */
static unsigned long gather(Atom property, FILE *out)
{
	unsigned long total = 0, n = 1;

	while (n) {
		Atom type;
		int format;
		unsigned char *p;
		XEvent e;

		do
			XNextEvent(d, &e);
		while (e.type != PropertyNotify || e.xproperty.atom != property || e.xproperty.state != PropertyNewValue);
		p = take(property, &type, &format, &n);
		if (out)
			fwrite(p, 1, n, out);
		total += n;
		XFree(p);
	}
	return total;
}

static void print_multiple(Atom property)
{
	Atom type;
	int format;
	unsigned long n, size;
	unsigned char *p = take(property, &type, &format, &n), *value;
	const Atom *pair = (const Atom *)(const void *)p;

	for (unsigned long i = 0; i + 1 < n; i += 2) {
		if (pair[i] == None) {
			puts("refused");
			continue;
		}
		value = take(pair[i + 1], &type, &format, &size);
		if (type == atom("INCR"))
			size = gather(pair[i + 1], NULL);
		printf("%s %lu\n", XGetAtomName(d, pair[i]), size);
		XFree(value);
	}
}

/* Of the server: a property changes, and the news of it are dated. */
static Time server_time(void)
{
	XEvent e;

	XChangeProperty(d, w, atom("TIME"), XA_INTEGER, 32, PropModeReplace, NULL, 0);
	do
		XNextEvent(d, &e);
	while (e.type != PropertyNotify);
	return e.xproperty.time;
}

static void ask(Atom selection, Atom target, Atom property, Time time)
{
	const Atom pairs[] = { atom("UTF8_STRING"), atom("ONE"), atom("TIMESTAMP"), atom("TWO"), atom("NOBODY"), atom("THREE"),
			       XA_STRING, atom("FOUR") };

	if (target == atom("MULTIPLE"))
		XChangeProperty(d, w, property, atom("ATOM_PAIR"), 32, PropModeReplace, (const unsigned char *)pairs, sizeof pairs / sizeof *pairs);
	XConvertSelection(d, selection, target, property, w, time);
}

static Atom answer(void)
{
	XEvent e;

	do
		XNextEvent(d, &e);
	while (e.type != SelectionNotify);
	return e.xselection.property;
}

int main(int argc, char **argv)
{
	const char *target;
	bool timed = false, twice = false;
	unsigned long n;
	unsigned char *p;
	Atom property, type;
	int format, c;

	while ((c = getopt(argc, argv, "t2")) != -1)
		*(c == 't' ? &timed : &twice) = true;
	argv += optind;
	if (!argv[0] || !(d = XOpenDisplay(NULL)))
		errx(111, "usage: xpaste [-t] [-2] SELECTION [TARGET]");
	target = argv[1] ? argv[1] : "UTF8_STRING";
	alarm(60);
	w = XCreateSimpleWindow(d, DefaultRootWindow(d), 0, 0, 1, 1, 0, 0, 0);
	XSelectInput(d, w, PropertyChangeMask);
	property = atom("PASTE");
	for (int i = 0; i <= twice; i++) {
		ask(atom(argv[0]), atom(target), property, timed ? server_time() : CurrentTime);
		if (answer() == None)
			return 1;
	}
	if (!strcmp(target, "MULTIPLE")) {
		print_multiple(property);
		return 0;
	}
	p = take(property, &type, &format, &n);
	if (type == atom("INCR"))
		gather(property, stdout);
	else if (type == XA_ATOM)
		print_atoms(p, n);
	else
		fwrite(p, (size_t)format / 8, n, stdout);
	return fflush(stdout) != 0;
}
