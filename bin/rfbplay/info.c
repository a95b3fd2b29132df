/* rfbplay -I: reads all of a recording, which verifies it, and says what is in it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "clock.h"
#include "export.h"

enum { TYPES = 80, LIST_MAX = 1000 };

struct info {
	uint64_t counts[TYPES];
	uint64_t pixels, keyframes, gap_frames;
	int64_t length_us;
	json_t *marks, *gaps, *sizes;
	uint32_t w, h;
};

static double seconds(int64_t us)
{
	return (double)us / 1e6;
}

static void note_mark(struct info *i, const struct fbs_record *r)
{
	static const char *const kinds[] = { "mark", "pause", "lost", "resume" };

	if (json_array_size(i->marks) < LIST_MAX)
		json_array_append_new(i->marks, json_pack("{s:f, s:s, s:s%}", "time", seconds(r->time_us), "kind", kinds[r->mark.kind],
							  "text", r->mark.text.text ? r->mark.text.text : "", (size_t)r->mark.text.len));
}

static void note_size(struct info *i, const struct fbs_record *r)
{
	if (r->screen.w == i->w && r->screen.h == i->h)
		return;
	i->w = r->screen.w;
	i->h = r->screen.h;
	if (json_array_size(i->sizes) < LIST_MAX)
		json_array_append_new(i->sizes, json_pack("{s:f, s:i, s:i}", "time", seconds(r->time_us), "width", (int)i->w, "height", (int)i->h));
}

static void note(struct info *i, const struct fbs_record *r)
{
	if (r->type < TYPES)
		i->counts[r->type]++;
	i->length_us = r->time_us;
	if (r->type == FBS_PIXELS)
		i->pixels += (uint64_t)r->pixels.w * r->pixels.h;
	else if (r->type == FBS_MARK)
		note_mark(i, r);
	else if (r->type == FBS_SCREEN)
		note_size(i, r);
	else if (r->type == FBS_FRAME) {
		i->keyframes += (r->flags & FBS_FRAME_KEY) != 0;
		i->gap_frames += (r->flags & FBS_FRAME_GAP) != 0;
		if (r->flags & FBS_FRAME_GAP && json_array_size(i->gaps) < LIST_MAX)
			json_array_append_new(i->gaps, json_real(seconds(r->time_us)));
	}
}

static void read_all(struct player *p, struct info *i)
{
	struct fbs_record r;

	if (p->r->seekable)
		rec_reader_goto(p->r, 0);
	while (player_next(p) == 1) {
		for (size_t at = 0; rec_unit_record(&p->unit, &at, &r);)
			note(i, &r);
		/* pixels that do not decode are damage too */
		(void)player_apply(p);
	}
}

static json_t *counts(const struct info *i)
{
	json_t *o = json_object();

	for (unsigned t = 1; t < TYPES; t++)
		if (i->counts[t])
			json_object_set_new(o, fbs_type_name((uint16_t)t), json_integer((json_int_t)i->counts[t]));
	return o;
}

/* JSON is UTF-8; a file's name may be anything. */
static json_t *file_name(const char *file)
{
	json_t *name = json_string(file);
	char *copy = name ? NULL : strdup(file);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	if (copy)
		name = json_string(copy);
	free(copy);
	return name;
}

static json_t *report(const struct player *p, const struct info *i)
{
	int64_t wall = p->r->wall_us ? p->r->wall_us : p->r->fbs.preamble.wall_us;
	char date[40] = "";
	time_t t = (time_t)(wall / 1000000);
	struct tm tm;
	json_t *o;

	if (wall > 0 && gmtime_r(&t, &tm))
		strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
	o = json_pack("{s:o, s:s, s:s, s:s, s:f}", "file", file_name(p->file), "format", p->spool.format, "program",
		      p->r->fbs.preamble.program, "recorded", date, "length", seconds(i->length_us));
	json_object_set_new(o, "bytes", json_integer((json_int_t)p->r->size));
	json_object_set_new(o, "stream_bytes", json_integer((json_int_t)(p->r->stream_before + p->r->fbs.offset)));
	json_object_set_new(o, "members", json_integer((json_int_t)p->r->n_members));
	json_object_set_new(o, "indexed", json_boolean(p->r->indexed));
	json_object_set_new(o, "closed", json_boolean(p->r->fbs.ended));
	json_object_set_new(o, "damage", json_integer((json_int_t)(p->damage + p->r->damaged)));
	if (p->problem[0])
		json_object_set_new(o, "problem", json_string(p->problem));
	json_object_set_new(o, "frames", json_integer((json_int_t)i->counts[FBS_FRAME]));
	json_object_set_new(o, "keyframes", json_integer((json_int_t)i->keyframes));
	json_object_set_new(o, "pixels", json_integer((json_int_t)i->pixels));
	json_object_set(o, "sizes", i->sizes);
	json_object_set(o, "marks", i->marks);
	json_object_set(o, "gaps", i->gaps);
	json_object_set_new(o, "records", counts(i));
	return o;
}

static void print_list(const char *name, const json_t *list, const char *(*line)(const json_t *item, char *buf, size_t n))
{
	char buf[1200];
	size_t k;
	json_t *item;

	json_array_foreach(list, k, item)
		printf("%-10s %s\n", k ? "" : name, line(item, buf, sizeof buf));
}

static const char *size_line(const json_t *item, char *buf, size_t n)
{
	snprintf(buf, n, "%dx%d at %.3f s", (int)json_integer_value(json_object_get(item, "width")),
		 (int)json_integer_value(json_object_get(item, "height")), json_number_value(json_object_get(item, "time")));
	return buf;
}

static const char *mark_line(const json_t *item, char *buf, size_t n)
{
	snprintf(buf, n, "%.3f s %s: %s", json_number_value(json_object_get(item, "time")),
		 json_string_value(json_object_get(item, "kind")), json_string_value(json_object_get(item, "text")));
	return buf;
}

static const char *gap_line(const json_t *item, char *buf, size_t n)
{
	snprintf(buf, n, "before %.3f s", json_number_value(item));
	return buf;
}

static void print_text(const json_t *o, const struct info *i)
{
	static const char *const plain[] = { "file", "format", "program", "recorded", "bytes", "stream_bytes", "members", "frames", "keyframes", "pixels" };
	char text[CLOCK_TEXT];
	const char *key;
	json_t *value;

	for (size_t k = 0; k < sizeof plain / sizeof *plain; k++) {
		value = json_object_get(o, plain[k]);
		if (json_is_string(value))
			printf("%-10s %s\n", plain[k], json_string_value(value));
		else
			printf("%-10s %lld\n", strcmp(plain[k], "stream_bytes") ? plain[k] : "unpacked", (long long)json_integer_value(value));
	}
	printf("%-10s %s (%.3f s)\n", "length", clock_text(i->length_us, text), seconds(i->length_us));
	print_list("sizes", i->sizes, size_line);
	print_list("marks", i->marks, mark_line);
	print_list("gaps", i->gaps, gap_line);
	json_object_foreach(json_object_get(o, "records"), key, value)
		printf("%-10s %lld\n", key, (long long)json_integer_value(value));
	printf("%-10s %s%s%s\n", "state", json_integer_value(json_object_get(o, "damage")) ? "damaged" :
	       json_is_true(json_object_get(o, "closed")) ? "whole" : "cut",
	       json_object_get(o, "problem") ? ": " : "", json_object_get(o, "problem") ? json_string_value(json_object_get(o, "problem")) : "");
}

int export_info(struct player *p, const struct settings *s)
{
	struct info i = { .marks = json_array(), .gaps = json_array(), .sizes = json_array() };
	json_t *o;

	read_all(p, &i);
	o = report(p, &i);
	if (!o)
		cli_die(CLI_SYSTEM, "no memory");
	if (s->json) {
		json_dumpf(o, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		print_text(o, &i);
	}
	json_decref(o);
	json_decref(i.marks);
	json_decref(i.gaps);
	json_decref(i.sizes);
	if (fflush(stdout))
		cli_die_errno("cannot write");
	return p->damage || p->r->damaged || p->cut ? CLI_NO : CLI_OK;
}
