/* Is XDamage telling everything? Some compositors and drivers leave it silent while the screen
 * changes. A sparse look at a few rows finds out: at the start, and after input (which usually
 * changes something) that no damage followed. Two looks at most, with a pause that grows from
 * one probe to the next, and none at all while nobody touches anything. */
#include "x11/capture_state.h"

#include "io/io.h"
#include "pixel/tile.h"

static const int64_t pause_us[] = { 300000, 1500000 };	/* before the first and the second look */
enum {
	LOOKS = sizeof pause_us / sizeof *pause_us,
	FIRST_INTERVAL_US = 2000000,
	LAST_INTERVAL_US = 300000000,
};

/* Hashes a few rows spread over the part. False on an X error. */
static bool look(struct x11_capture *c, uint64_t *row)
{
	const unsigned w = c->screen.now.w, h = c->screen.now.h;
	const size_t at = (c->pixels.nonce_at - (size_t)w * 4) / CAPTURE_ALIGN * CAPTURE_ALIGN;	/* behind all boxes */

	for (unsigned i = 0; i < CAPTURE_PROBE_ROWS; i++) {
		unsigned y = (unsigned)(((uint64_t)h * (2 * i + 1)) / (2 * CAPTURE_PROBE_ROWS));

		if (!capture_fetch_rect(c, 0, y, w, 1, at))
			return false;
		row[i] = pixel_tile_hash((const uint32_t *)(c->pixels.out.p + at), w, (int)w, 1);
	}
	return true;
}

static void stop(struct x11_capture *c)
{
	struct capture_probe *p = &c->probe;

	p->running = false;
	p->due_us = IO_FOREVER;
	p->interval_us = p->interval_us < FIRST_INTERVAL_US ? FIRST_INTERVAL_US
			 : p->interval_us * 2 < LAST_INTERVAL_US ? p->interval_us * 2 : LAST_INTERVAL_US;
	p->next_us = io_now() + p->interval_us;
}

void capture_probe_activity(struct x11_capture *c)
{
	struct capture_probe *p = &c->probe;

	if (!c->damage.have || p->running || c->screen.hidden || !c->pixels.out.p || c->parked ||
	    c->damage.ready || io_now() < p->next_us)
		return;
	p->serial = c->damage.serial;
	p->looks = 0;
	p->running = look(c, p->row);
	p->due_us = p->running ? io_now() + pause_us[0] : IO_FOREVER;
}

void capture_probe_start(struct x11_capture *c)
{
	if (c->probe.interval_us == 0 && !c->probe.running)
		capture_probe_activity(c);
}

void capture_probe_damage(struct x11_capture *c)
{
	if (c->probe.running)
		stop(c);
}

void capture_probe_turn(struct x11_capture *c)
{
	struct capture_probe *p = &c->probe;
	uint64_t row[CAPTURE_PROBE_ROWS];
	bool differs = false;

	if (!p->running || io_now() < p->due_us)
		return;
	if (!c->damage.have || c->parked || c->damage.whole || c->damage.ready || !look(c, row)) {
		stop(c);
		return;
	}
	/* damage that explains a difference has arrived before the pixels: look for its event */
	for (unsigned i = 0; i < CAPTURE_PROBE_ROWS; i++)
		differs |= row[i] != p->row[i];
	if (differs && !XEventsQueued(c->dpy, QueuedAlready) && p->serial == c->damage.serial) {
		stop(c);
		capture_hash_start(c);
		c->news |= X11_NEWS_PIXELS;
	} else if (++p->looks >= LOOKS) {
		stop(c);
	} else {
		p->due_us = io_now() + pause_us[p->looks];
	}
}
