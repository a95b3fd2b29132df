/* fbsmake: lines of stdin to a stream of upstream records on stdout, each written as soon as its line was read.
 *
 *   join V RIGHTS            RIGHTS: of the letters i (input), c (clipboard in), o (clipboard out), r (resize), or -
 *   leave V
 *   down V KEYSYM [CODE]     KEYSYM: a name (ssharp, U4E2D) or a number; CODE: hexadecimal
 *   up V KEYSYM [CODE]
 *   key V KEYSYM [CODE]      both
 *   motion V X Y BUTTONS     BUTTONS: the mask
 *   offer V SELECTION SERIAL SIZE     SELECTION: 1 CLIPBOARD, 2 PRIMARY
 *   clip V SELECTION SERIAL OFFSET LAST TEXT
 *   clipfile V SELECTION SERIAL FILE
 *   want V SELECTION SERIAL
 *   resize V REQUEST W H [X,Y,W,H ...]
 *   bytes HEX                as they are
 *   wait MS */
#include <X11/Xlib.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fbs/fbs.h"
#include "io/io.h"
#include "wire/wire.h"

static int64_t start;

static void send_bytes(const void *p, size_t n)
{
	if (io_write_full(STDOUT_FILENO, p, n, IO_FOREVER) < 0)
		err(111, "cannot write");
}

static void send_record(struct fbs_record r)
{
	struct wire_buf b = { 0 };

	r.time_us = io_now() - start;
	fbs_record_put(&b, &r);
	if (b.bad)
		errx(100, "a record of type %u that may not be", r.type);
	send_bytes(b.data, b.len);
	wire_buf_fini(&b);
}

static uint32_t keysym(const char *name)
{
	KeySym k = XStringToKeysym(name);

	if (k == NoSymbol && strcmp(name, "NoSymbol"))
		k = strtoul(name, NULL, 0);
	return (uint32_t)k;
}

static void send_key(unsigned viewer, const char *name, unsigned code, bool down)
{
	send_record((struct fbs_record){ .type = FBS_KEY, .key = { viewer, keysym(name), code, down } });
}

static int do_key(const char *line)
{
	char verb[8], name[64];
	unsigned viewer, code = 0;

	if (sscanf(line, "%7s %u %63s %x", verb, &viewer, name, &code) < 3)
		return 0;
	if (strcmp(verb, "up"))
		send_key(viewer, name, code, true);
	if (strcmp(verb, "down"))
		send_key(viewer, name, code, false);
	return 1;
}

static int do_join(const char *line)
{
	struct fbs_record r = { .type = FBS_JOIN, .join.address = { "test", 4 } };
	char rights[8];

	if (sscanf(line, "join %u %7s", &r.join.viewer, rights) != 2)
		return 0;
	r.join.rights = (strchr(rights, 'i') ? FBS_RIGHT_INPUT : 0u) | (strchr(rights, 'c') ? FBS_RIGHT_CLIP_IN : 0u) |
			(strchr(rights, 'o') ? FBS_RIGHT_CLIP_OUT : 0u) | (strchr(rights, 'r') ? FBS_RIGHT_RESIZE : 0u);
	send_record(r);
	return 1;
}

static int do_clip(const char *line)
{
	struct fbs_record r = { .type = FBS_CLIP };
	unsigned long serial, offset;
	unsigned last;
	int at = 0;

	if (sscanf(line, "clip %u %u %lu %lu %u %n", &r.clip.viewer, &r.clip.selection, &serial, &offset, &last, &at) < 5)
		return 0;
	r.flags = last ? FBS_CLIP_LAST : 0;
	r.clip.serial = serial;
	r.clip.offset = offset;
	r.clip.text = (struct fbs_text){ line + at, (uint32_t)strlen(line + at) };
	send_record(r);
	return 1;
}

static int do_clipfile(const char *line)
{
	static char part[FBS_CLIP_PART_MAX];
	struct fbs_record r = { .type = FBS_CLIP };
	unsigned long serial;
	char path[512];
	FILE *f;

	if (sscanf(line, "clipfile %u %u %lu %511s", &r.clip.viewer, &r.clip.selection, &serial, path) < 4)
		return 0;
	r.clip.serial = serial;
	if (!(f = fopen(path, "r")))
		err(111, "%s", path);
	do {
		const size_t n = fread(part, 1, sizeof part, f);

		r.clip.text = (struct fbs_text){ part, (uint32_t)n };
		r.flags = n < sizeof part ? FBS_CLIP_LAST : 0;
		send_record(r);
		r.clip.offset += n;
	} while (!(r.flags & FBS_CLIP_LAST));
	fclose(f);
	return 1;
}

static int do_resize(const char *line)
{
	struct fbs_record r = { .type = FBS_RESIZE };
	int at = 0, more;

	if (sscanf(line, "resize %u %u %u %u%n", &r.resize.viewer, &r.resize.request, &r.resize.w, &r.resize.h, &at) < 4)
		return 0;
	while (r.resize.n_outputs < FBS_OUTPUTS_MAX) {
		struct fbs_output *o = &r.resize.outputs[r.resize.n_outputs];

		if (sscanf(line + at, " %d,%d,%u,%u%n", &o->x, &o->y, &o->w, &o->h, &more) < 4)
			break;
		o->id = r.resize.n_outputs++;
		at += more;
	}
	send_record(r);
	return 1;
}

static int do_bytes(const char *hex)
{
	for (unsigned v; sscanf(hex, "%2x", &v) == 1; hex += 2) {
		const uint8_t byte = (uint8_t)v;

		send_bytes(&byte, 1);
	}
	return 1;
}

static int obey(const char *line)
{
	struct fbs_record r = { 0 };
	unsigned long serial, size;
	unsigned ms;

	if (sscanf(line, "wait %u", &ms) == 1)
		return usleep(ms * 1000) == 0;
	if (!strncmp(line, "bytes ", 6))
		return do_bytes(line + 6);
	if (sscanf(line, "motion %u %d %d %u", &r.motion.viewer, &r.motion.x, &r.motion.y, &r.motion.buttons) == 4)
		r.type = FBS_MOTION;
	else if (sscanf(line, "leave %u", &r.leave.viewer) == 1)
		r.type = FBS_LEAVE;
	else if (sscanf(line, "offer %u %u %lu %lu", &r.clip_offer.viewer, &r.clip_offer.selection, &serial, &size) == 4) {
		r.type = FBS_CLIP_OFFER;
		r.clip_offer.serial = serial;
		r.clip_offer.size = size;
	} else if (sscanf(line, "want %u %u %lu", &r.clip_want.viewer, &r.clip_want.selection, &serial) == 3) {
		r.type = FBS_CLIP_WANT;
		r.clip_want.serial = serial;
	}
	if (r.type) {
		send_record(r);
		return 1;
	}
	return do_join(line) || do_clip(line) || do_clipfile(line) || do_resize(line) ||
	       ((!strncmp(line, "key ", 4) || !strncmp(line, "down ", 5) || !strncmp(line, "up ", 3)) && do_key(line));
}

int main(void)
{
	struct wire_buf b = { 0 };
	char line[4096];

	start = io_now();
	fbs_preamble_put(&b, "fbsmake", io_wallclock());
	send_bytes(b.data, b.len);
	wire_buf_fini(&b);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (*line && !obey(line))
			errx(100, "cannot understand: %s", line);
	}
	return 0;
}
