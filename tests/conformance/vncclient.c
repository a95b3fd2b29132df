/* vncclient: a viewer that nobody here wrote (libvncclient), scripted. It connects, asks for
 * one list of encodings in one pixel format, and holds what it got against the served display
 * (XGetImage) or a PPM, pixel by pixel, after the format's quantisation.
 *
 *   vncclient [OPTIONS] HOST::PORT | PATH       exit 0 equal, 1 not equal or dropped, 100 misuse, 111 no connection
 *
 * With --watch it stays, says "watching" when it is in, then each second "N updates M at T": the N-th line, M updates since the last
 * one, at T seconds of the wall clock; on SIGUSR1 it waits until the picture is exact and prints "exact after N ms"; with --told it
 * prints what it is told beside pixels; SIGTERM ends it with 0. It waits for --timeout SECONDS (else $PATIENCE, else 10). --expect N
 * fails unless a rectangle of encoding N came. --first compares what the first update with pixels left, with --psnr DB. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <dlfcn.h>
#include <err.h>
#include <getopt.h>
#include <math.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <rfb/rfbclient.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct reference {
	Display *display;
	int x, y;			/* of the served part on the display */
	unsigned w, h;
	bool part;			/* not the whole display, which may change its size */
	uint32_t *px;			/* XRGB8888; from the display anew at each comparison */
	const char *ppm;		/* read anew each time that a watching viewer is asked */
};

struct options {
	const char *encodings, *dump;
	rfbPixelFormat format;
	int timeout_ms, watch_ms, quality, compress, expect;
	double psnr;			/* 0: exact */
	bool first;			/* looks at the first update with pixels, not at what becomes of it */
	bool cursor, told;
};

static struct { int encoding; unsigned long n; } seen[64];
static unsigned long updates, rectangles;
static bool connected;
static const char *password, *user, *ca;
static unsigned wish_w, wish_h;			/* the size to ask for, once the server has said that it can be asked */
static volatile sig_atomic_t asked, ended;

static const struct { const char *name; rfbPixelFormat f; } formats[] = {
	/* bpp, depth, big endian, true colour, maxima, shifts */
	{ "rgb888", { 32, 24, 0, 1, 255, 255, 255, 16, 8, 0, 0, 0 } },
	{ "bgr888", { 32, 24, 0, 1, 255, 255, 255, 0, 8, 16, 0, 0 } },
	{ "rgbx888", { 32, 24, 0, 1, 255, 255, 255, 24, 16, 8, 0, 0 } },
	{ "rgb888be", { 32, 24, 1, 1, 255, 255, 255, 16, 8, 0, 0, 0 } },
	{ "rgb101010", { 32, 30, 0, 1, 1023, 1023, 1023, 20, 10, 0, 0, 0 } },
	{ "rgb565", { 16, 16, 0, 1, 31, 63, 31, 11, 5, 0, 0, 0 } },
	{ "rgb565be", { 16, 16, 1, 1, 31, 63, 31, 11, 5, 0, 0, 0 } },
	{ "rgb555", { 16, 15, 0, 1, 31, 31, 31, 10, 5, 0, 0, 0 } },
	{ "bgr233", { 8, 8, 0, 1, 7, 7, 3, 0, 3, 6, 0, 0 } },
	{ "rgb332", { 8, 8, 0, 1, 7, 7, 3, 5, 2, 0, 0, 0 } },
	{ "rgb222", { 8, 6, 0, 1, 3, 3, 3, 4, 2, 0, 0, 0 } },
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- which encodings came: the library says nothing, so its reading function is wrapped ------------ */

static void count_rectangle(const uint8_t *p)
{
	int encoding = (int)((uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11]);

	rectangles++;
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
		if (seen[i].n == 0 || seen[i].encoding == encoding) {
			seen[i].encoding = encoding;
			seen[i].n++;
			return;
		}
}

/* A rectangle's header is the one read of 12 bytes that goes to the library's stack. */
rfbBool ReadFromRFBServer(rfbClient *client, char *out, unsigned int n)
{
	static rfbBool (*real)(rfbClient *, char *, unsigned int);
	volatile char here;
	ptrdiff_t distance = (volatile char *)out - &here;

	if (!real && !(*(void **)&real = dlsym(RTLD_NEXT, "ReadFromRFBServer")))
		errx(111, "%s", dlerror());
	if (!real(client, out, n))
		return FALSE;
	if (connected && n == sz_rfbFramebufferUpdateRectHeader && distance > 0 && distance < 4096)
		count_rectangle((const uint8_t *)out);
	return TRUE;
}

static bool was_seen(int encoding)
{
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
		if (seen[i].n && seen[i].encoding == encoding)
			return true;
	return false;
}

/* --- the reference ------------------------------------------------------------------------------------ */

static void reference_display(struct reference *r, const char *name)
{
	if (!(r->display = XOpenDisplay(name)))
		errx(111, "cannot open display %s", name);
}

static int no_matter(Display *d, XErrorEvent *e)
{
	(void)d;
	(void)e;
	return 0;
}

/* False when the display changed its size meanwhile. */
static bool reference_fetch(struct reference *r)
{
	Window root;
	int x, y;
	unsigned border, depth;
	XImage *image;

	if (!r->display)
		return true;
	XSetErrorHandler(no_matter);
	if (!r->part)
		XGetGeometry(r->display, DefaultRootWindow(r->display), &root, &x, &y, &r->w, &r->h, &border, &depth);
	image = XGetImage(r->display, DefaultRootWindow(r->display), r->x, r->y, r->w, r->h, AllPlanes, ZPixmap);
	if (!image)
		return false;
	if (!(r->px = realloc(r->px, sizeof *r->px * r->w * r->h)))
		err(111, NULL);
	for (unsigned j = 0; j < r->h; j++)
		for (unsigned i = 0; i < r->w; i++)
			r->px[j * r->w + i] = (uint32_t)XGetPixel(image, (int)i, (int)j) & 0xffffff;
	XDestroyImage(image);
	return true;
}

static void reference_ppm(struct reference *r, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t p[3];

	if (!f || fscanf(f, "P6 %u %u 255", &r->w, &r->h) != 2 || fgetc(f) == EOF || r->w > 32767 || r->h > 32767)
		errx(100, "cannot read %s as PPM", path);
	free(r->px);
	if (!(r->px = malloc(sizeof *r->px * r->w * r->h)))
		err(111, NULL);
	for (size_t i = 0; i < (size_t)r->w * r->h; i++) {
		if (fread(p, 3, 1, f) != 1)
			errx(100, "%s is too short", path);
		r->px[i] = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	}
	fclose(f);
}

/* --- comparison ---------------------------------------------------------------------------------------- */

static uint32_t quantise(const rfbPixelFormat *f, uint32_t xrgb)
{
	return ((xrgb >> 16 & 255) * f->redMax + 127) / 255 << f->redShift |
	       ((xrgb >> 8 & 255) * f->greenMax + 127) / 255 << f->greenShift |
	       ((xrgb & 255) * f->blueMax + 127) / 255 << f->blueShift;
}

/* The value of the client's pixel i, colour bits only. */
static uint32_t client_pixel(const rfbClient *c, size_t i)
{
	const rfbPixelFormat *f = &c->format;
	unsigned bytes = f->bitsPerPixel / 8u;
	const uint8_t *p = c->frameBuffer + i * bytes;
	uint32_t v = 0, mask = (uint32_t)f->redMax << f->redShift | (uint32_t)f->greenMax << f->greenShift |
			       (uint32_t)f->blueMax << f->blueShift;

	for (unsigned b = 0; b < bytes; b++)
		v |= (uint32_t)p[b] << 8 * (f->bigEndian ? bytes - 1 - b : b);
	return v & mask;
}

static double component_error(uint32_t a, uint32_t b, unsigned max, unsigned shift)
{
	double d = ((double)(a >> shift & max) - (double)(b >> shift & max)) * 255 / max;

	return d * d;
}

/* True when they agree (within `psnr` dB unless it is 0); says on stderr where they do not. */
static bool agrees(const rfbClient *c, struct reference *r, double psnr, bool say)
{
	const rfbPixelFormat *f = &c->format;
	size_t n, wrong = 0, first = 0;
	double error = 0, measured;

	if (!reference_fetch(r))
		return false;
	n = (size_t)r->w * r->h;
	if ((unsigned)c->width != r->w || (unsigned)c->height != r->h) {
		if (say)
			warnx("size %dx%d, expected %ux%u", c->width, c->height, r->w, r->h);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t want = quantise(f, r->px[i]), got = client_pixel(c, i);

		if (want == got)
			continue;
		if (!wrong++)
			first = i;
		error += component_error(want, got, f->redMax, f->redShift) +
			 component_error(want, got, f->greenMax, f->greenShift) +
			 component_error(want, got, f->blueMax, f->blueShift);
	}
	measured = wrong ? 10 * log10(255 * 255 / (error / (3 * (double)n))) : INFINITY;
	if (say && psnr > 0)
		printf("psnr %.2f\n", measured);
	if (wrong == 0 || (psnr > 0 && measured >= psnr))
		return true;
	if (say)
		warnx("%zu of %zu pixels differ, the first at %zu,%zu: %08x, expected %08x (psnr %.2f)", wrong, n,
		      first % r->w, first / r->w, client_pixel(c, first), quantise(f, r->px[first]), measured);
	return false;
}

/* --- the connection ------------------------------------------------------------------------------------- */

static void count_update(rfbClient *c)
{
	updates++;
	if (wish_w && c->screen.width) {
		if (!SendExtDesktopSize(c, (uint16_t)wish_w, (uint16_t)wish_h))
			errx(1, "cannot ask for another size");
		wish_w = 0;
	}
}

static char *give_password(rfbClient *c)
{
	(void)c;
	return strdup(password ? password : "");
}

static rfbCredential *give_credential(rfbClient *c, int type)
{
	rfbCredential *k = calloc(1, sizeof *k);

	(void)c;
	if (k && type == rfbCredentialTypeUser) {
		k->userCredential.username = strdup(user ? user : "");
		k->userCredential.password = strdup(password ? password : "");
	} else if (k && ca) {
		k->x509Credential.x509CACertFile = strdup(ca);
	}
	return k;
}

/* --- what it is told beside pixels, a line each (--told) ------------------------------------------------ */

static void tell_cursor(rfbClient *c, int x, int y, int w, int h, int bytes)
{
	printf("cursor %dx%d+%d+%d ", w, h, x, y);
	for (int i = 0; i < w * h; i++) {
		uint32_t v = 0;

		memcpy(&v, c->rcSource + i * bytes, (size_t)bytes);
		printf("%02x%06x", c->rcMask[i] ? 255u : 0u, c->rcMask[i] ? v & 0xffffff : 0);
	}
	putchar('\n');
}

static rfbBool tell_pointer(rfbClient *c, int x, int y)
{
	(void)c;
	printf("pointer %d %d\n", x, y);
	return TRUE;
}

static void tell_bell(rfbClient *c)
{
	(void)c;
	puts("bell");
}

static void quiet(const char *format, ...)
{
	(void)format;
}

static rfbClient *connect_to(const char *where, const struct options *o)
{
	rfbClient *c = rfbGetClient(8, 3, 4);
	const char *colons = strstr(where, "::");

	if (!c)
		err(111, NULL);
	free(c->serverHost);
	c->serverHost = colons ? strndup(where, (size_t)(colons - where)) : strdup(where);
	c->serverPort = colons ? atoi(colons + 2) : 0;
	c->format = o->format;
	c->appData.requestedDepth = o->format.depth;
	c->appData.encodingsString = o->encodings;
	c->appData.compressLevel = o->compress;
	c->appData.enableJPEG = o->quality >= 0;
	c->appData.qualityLevel = o->quality >= 0 ? o->quality : 9;
	c->appData.useRemoteCursor = o->cursor;
	c->appData.shareDesktop = TRUE;
	c->canHandleNewFBSize = TRUE;
	c->connectTimeout = 20;
	c->GetPassword = give_password;
	c->GetCredential = give_credential;
	c->FinishedFrameBufferUpdate = count_update;
	if (o->told) {
		setvbuf(stdout, NULL, _IOLBF, 0);
		c->GotCursorShape = tell_cursor;
		c->HandleCursorPos = tell_pointer;
		c->Bell = tell_bell;
	}
	if (!getenv("VNCCLIENT_DEBUG"))
		rfbClientLog = quiet;
	if (!rfbInitClient(c, NULL, NULL))
		errx(111, "cannot connect to %s", where);
	connected = true;
	return c;
}

/* Handles what comes within `ms`. False when the server has dropped us. */
static bool serve(rfbClient *c, int ms)
{
	struct pollfd p = { .fd = c->sock, .events = POLLIN };

	if (c->buffered == 0 && poll(&p, 1, ms) <= 0)
		return true;
	return HandleRFBServerMessage(c);
}

/* Until the picture agrees: 0; 1 when it does not in time; 2 when dropped. It is looked at when news has come, and now and then:
 * where thirty viewers look all the time, the machine does nothing else. */
static int settle(rfbClient *c, struct reference *r, const struct options *o)
{
	int64_t end = now_ms() + o->timeout_ms, looked = 0;
	unsigned long known = 0;

	for (;;) {
		if (!serve(c, 50))
			return 2;
		if (now_ms() > end)
			return agrees(c, r, o->psnr, true) ? 0 : 1;
		if (updates > 0 && now_ms() >= looked + (updates != known ? 100 : 1000)) {
			known = updates;
			if (agrees(c, r, o->psnr, false))
				return o->psnr > 0 ? !agrees(c, r, o->psnr, true) : 0;
			looked = now_ms();
		}
	}
}

static bool pixels_came(void)
{
	bool came = false;

	for (size_t i = 0; i < sizeof seen / sizeof *seen && seen[i].n; i++)
		came = came || seen[i].encoding >= 0;
	return came && updates > 0;
}

/* The same for the first picture, and how many bytes it took. */
static int first(rfbClient *c, struct reference *r, const struct options *o)
{
	struct tcp_info t = { 0 };
	socklen_t n = sizeof t;

	for (int64_t end = now_ms() + o->timeout_ms; !pixels_came();)
		if (now_ms() > end || !serve(c, 50))
			return 2;
	if (getsockopt(c->sock, IPPROTO_TCP, TCP_INFO, &t, &n) == 0)
		printf("%llu bytes\n", (unsigned long long)t.tcpi_bytes_received);
	return agrees(c, r, o->psnr, true) ? 0 : 1;
}

static void on_usr1(int s) { (void)s; asked = 1; }
static void on_term(int s) { (void)s; ended = 1; }

static void print_second(unsigned long number, unsigned long n)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	printf("%lu updates %lu at %lld.%03ld\n", number, n, (long long)t.tv_sec, t.tv_nsec / 1000000);
	fflush(stdout);
}

static int watch(rfbClient *c, struct reference *r, const struct options *o)
{
	int64_t start = now_ms(), second = start + 1000;
	unsigned long last = 0, lines = 0;

	puts("watching");
	fflush(stdout);
	while (!ended && now_ms() < start + o->watch_ms) {
		if (!serve(c, 50))
			return 2;
		if (asked) {
			int64_t t = now_ms();

			if (r->ppm)
				reference_ppm(r, r->ppm);
			int what = settle(c, r, o);

			asked = 0;
			if (what == 2)
				return 2;
			printf(what ? "different\n" : "exact after %lld ms\n", (long long)(now_ms() - t));
			fflush(stdout);
		}
		if (now_ms() >= second) {
			print_second(++lines, updates - last);
			last = updates;
			second = now_ms() + 1000;	/* who was kept from running for two has one line, not one and an empty one */
		}
	}
	return 0;
}

static void dump(const rfbClient *c, const char *path)
{
	FILE *f = fopen(path, "wb");
	const rfbPixelFormat *p = &c->format;

	if (!f)
		err(111, "%s", path);
	fprintf(f, "P6\n%d %d\n255\n", c->width, c->height);
	for (size_t i = 0; i < (size_t)c->width * (size_t)c->height; i++) {
		uint32_t v = client_pixel(c, i);

		fputc((int)((v >> p->redShift & p->redMax) * 255u / p->redMax), f);
		fputc((int)((v >> p->greenShift & p->greenMax) * 255u / p->greenMax), f);
		fputc((int)((v >> p->blueShift & p->blueMax) * 255u / p->blueMax), f);
	}
	if (fclose(f))
		err(111, "%s", path);
}

/* --- the command line --------------------------------------------------------------------------------------- */

static rfbPixelFormat format_named(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (!strcmp(formats[i].name, name))
			return formats[i].f;
	errx(100, "no pixel format %s", name);
}

static const struct option long_options[] = {
	{ "encodings", 1, NULL, 'e' }, { "format", 1, NULL, 'f' }, { "password", 1, NULL, 'p' }, { "user", 1, NULL, 'u' },
	{ "ca", 1, NULL, 'a' }, { "display", 1, NULL, 'd' }, { "part", 1, NULL, 'g' }, { "ppm", 1, NULL, 'r' },
	{ "timeout", 1, NULL, 't' }, { "watch", 1, NULL, 'w' }, { "quality", 1, NULL, 'q' }, { "compress", 1, NULL, 'c' },
	{ "expect", 1, NULL, 'x' }, { "psnr", 1, NULL, 'n' }, { "painted-cursor", 0, NULL, 'C' }, { "dump", 1, NULL, 'o' },
	{ "resize", 1, NULL, 's' }, { "first", 0, NULL, '1' }, { "told", 0, NULL, 'T' }, { 0 },
};

static void parse(int argc, char **argv, struct options *o, struct reference *r)
{
	const char *display = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		switch (c) {
		case 'e': o->encodings = optarg; break;
		case 'f': o->format = format_named(optarg); break;
		case 'p': password = optarg; break;
		case 'u': user = optarg; break;
		case 'a': ca = optarg; break;
		case 'd': display = optarg; break;
		case 'g': r->part = XParseGeometry(optarg, &r->x, &r->y, &r->w, &r->h) != 0; break;
		case 'r': reference_ppm(r, r->ppm = optarg); break;
		case 't': o->timeout_ms = (int)(atof(optarg) * 1000); break;
		case 'w': o->watch_ms = (int)(atof(optarg) * 1000); break;
		case 'q': o->quality = atoi(optarg); break;
		case 'c': o->compress = atoi(optarg); break;
		case 'x': o->expect = atoi(optarg); break;
		case 'n': o->psnr = atof(optarg); break;
		case '1': o->first = true; break;
		case 'C': o->cursor = false; break;
		case 'T': o->told = true; break;
		case 'o': o->dump = optarg; break;
		case 's': XParseGeometry(optarg, &r->x, &r->y, &wish_w, &wish_h); break;
		default: exit(100);
		}
	if (display)
		reference_display(r, display);
	if (optind + 1 != argc || (!r->display && !r->px && !o->watch_ms && !o->dump))
		errx(100, "usage: vncclient [OPTIONS] HOST::PORT | PATH");
}

static void print_report(void)
{
	printf("updates %lu rectangles %lu:", updates, rectangles);
	for (size_t i = 0; i < sizeof seen / sizeof *seen && seen[i].n; i++)
		printf(" %d×%lu", seen[i].encoding, seen[i].n);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct options o = { .encodings = "tight copyrect", .format = formats[0].f, .timeout_ms = 10000,
			     .quality = -1, .cursor = true, .compress = 1, .expect = INT32_MIN };
	struct reference r = { 0 };
	const char *patience = getenv("PATIENCE");
	rfbClient *c;
	int what = 0;

	if (patience)
		o.timeout_ms = atoi(patience) * 1000;
	parse(argc, argv, &o, &r);
	signal(SIGUSR1, on_usr1);
	signal(SIGTERM, on_term);
	signal(SIGPIPE, SIG_IGN);
	c = connect_to(argv[optind], &o);
	what = o.watch_ms ? watch(c, &r, &o) : o.first ? first(c, &r, &o) : settle(c, &r, &o);
	if (what == 2)
		warnx("dropped by the server");
	if (o.dump)
		dump(c, o.dump);
	print_report();
	if (!what && o.expect != INT32_MIN && !was_seen(o.expect)) {
		warnx("no rectangle of encoding %d came", o.expect);
		what = 1;
	}
	rfbClientCleanup(c);
	return what ? 1 : 0;
}
