/* The memory that pixels are captured into. A System V segment is marked for removal the moment we
 * hold it: Linux lets the X server and a reader attach a marked segment by its id as long as
 * anybody holds it, so it can never outlive us, however we end. */
#include "x11/capture_state.h"

#include <X11/Xutil.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static void release(struct x11_capture *c, struct capture_memory *m)
{
	if (m->attached && !c->lost.why[0]) {
		XShmDetach(c->dpy, &m->info);
		XSync(c->dpy, False);
	}
	if (m->shmid >= 0 && m->p)
		shmdt(m->p);
	else
		free(m->p);
	*m = (struct capture_memory){ .shmid = -1 };
}

static bool plain(struct capture_memory *m, size_t size)
{
	void *p = NULL;

	if (posix_memalign(&p, 4096, size))
		return false;
	*m = (struct capture_memory){ .p = p, .size = size, .shmid = -1 };
	return true;
}

static bool segment_make(struct capture_memory *m, size_t size)
{
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	void *p;

	if (id < 0)
		return false;
	p = shmat(id, NULL, 0);
	shmctl(id, IPC_RMID, NULL);
	if (p == (void *)-1)
		return false;
	*m = (struct capture_memory){ .p = p, .size = size, .shmid = id };
	return true;
}

/* Whether the server really writes into our segment: over a network, or from another IPC
 * namespace, the same id may name another one. */
static bool server_writes(struct x11_capture *c, struct capture_memory *m)
{
	static const uint8_t poison[2] = { 0x5a, 0xa5 };
	unsigned before = x11_display_errors();

	for (int i = 0; i < 2; i++) {
		XImage *image = XShmCreateImage(c->dpy, DefaultVisual(c->dpy, DefaultScreen(c->dpy)),
						c->pixels.format.depth, ZPixmap, (char *)m->p, &m->info, 1, 1);
		bool written;

		if (!image)
			return false;
		m->p[0] = poison[i];
		written = XShmGetImage(c->dpy, c->root, image, 0, 0, AllPlanes) && m->p[0] != poison[i];
		image->data = NULL;
		XDestroyImage(image);
		if (x11_display_errors() != before)
			return false;
		if (written)
			return true;
	}
	return false;
}

static bool server_attach(struct x11_capture *c, struct capture_memory *m)
{
	unsigned before = x11_display_errors();

	m->info = (XShmSegmentInfo){ .shmid = m->shmid, .shmaddr = (char *)m->p, .readOnly = False };
	if (!XShmAttach(c->dpy, &m->info))
		return false;
	XSync(c->dpy, False);
	if (x11_display_errors() != before || c->lost.why[0])
		return false;
	m->attached = true;
	return server_writes(c, m);
}

/* A segment that the server attached, if want_server; otherwise one for the reader alone. */
static bool segment(struct x11_capture *c, struct capture_memory *m, size_t size, bool want_server)
{
	if (!segment_make(m, size))
		return false;
	if (!want_server || server_attach(c, m))
		return true;
	release(c, m);
	return false;
}

void capture_memory_init(struct x11_capture *c)
{
	struct capture_pixels *p = &c->pixels;

	p->raw.shmid = p->out.shmid = -1;
	p->use_shm = XShmQueryExtension(c->dpy);
}

void capture_memory_fini(struct x11_capture *c)
{
	release(c, &c->pixels.raw);
	release(c, &c->pixels.out);
}

void capture_memory_no_shm(struct x11_capture *c)
{
	c->pixels.use_shm = false;
	capture_memory_fini(c);
}

static size_t align_up(size_t n)
{
	return (n + 4095) / 4096 * 4096;
}

static bool make_out(struct x11_capture *c, size_t size)
{
	struct capture_pixels *p = &c->pixels;

	if (p->use_shm && p->format.direct) {
		if (segment(c, &p->out, size, true))
			return true;
		p->use_shm = false;
	}
	if (c->opt.shared)
		return segment(c, &p->out, size, false) || plain(&p->out, size);
	return plain(&p->out, size);
}

bool capture_memory_fit(struct x11_capture *c)
{
	struct capture_pixels *p = &c->pixels;
	const size_t w = c->screen.now.w, h = c->screen.now.h;
	const size_t boxes = align_up(w * h * 4 + CAPTURE_BOXES_MAX * CAPTURE_ALIGN + (w * 4 + CAPTURE_ALIGN));
	const size_t raw = align_up(capture_format_stride(&p->format, (unsigned)w) * h);

	if (!p->out.p || p->out.size < boxes + CAPTURE_NONCE) {
		release(c, &p->out);
		if (!make_out(c, align_up(boxes + CAPTURE_NONCE)))
			return false;
		p->nonce_at = p->out.size - CAPTURE_NONCE;
		if (getrandom(p->nonce, sizeof p->nonce, 0) != sizeof p->nonce)
			return false;
		memcpy(p->out.p + p->nonce_at, p->nonce, sizeof p->nonce);
	}
	if (p->use_shm && !p->format.direct && (!p->raw.p || p->raw.size < raw)) {
		release(c, &p->raw);
		p->use_shm = segment(c, &p->raw, raw, true);
	}
	return true;
}

bool x11_capture_shared(const struct x11_capture *c, struct fbs_shared *out)
{
	const struct capture_pixels *p = &c->pixels;

	if (!c->opt.shared || p->out.shmid < 0)
		return false;
	*out = (struct fbs_shared){
		.shmid = (uint32_t)p->out.shmid, .pid = (uint32_t)getpid(), .size = p->out.size, .nonce_at = p->nonce_at,
	};
	memcpy(out->nonce, p->nonce, sizeof out->nonce);
	return true;
}

const uint8_t *x11_capture_memory(const struct x11_capture *c, size_t *size)
{
	*size = c->pixels.out.size;
	return c->pixels.out.p;
}
