/* Following a recording's position: FRAMEs say where it is, in between it goes on at its speed. */
#include "media.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define JUMP_US 700000		/* farther off than this is a seek, not a late frame */

static int64_t position_at(const struct media *m, int64_t now_us)
{
	int64_t p = m->position_us;
	if (!m->paused)
		p += (now_us - m->since_us) / 1000 * m->permille;
	return p < 0 ? 0 : p > m->length_us ? m->length_us : p;
}

static void add_mark(struct media *m, const struct fbs_cue *c)
{
	const size_t n = c->text.len < MEDIA_TEXT_MAX ? c->text.len : MEDIA_TEXT_MAX - 1;
	if (m->n_marks == MEDIA_MARKS_MAX)
		return;
	m->mark[m->n_marks].at_us = c->at_us;
	memcpy(m->mark[m->n_marks].text, c->text.text, n);
	m->mark[m->n_marks++].text[n] = '\0';
}

void media_begin(struct media *m)
{
	m->n_marks = 0;
}

bool media_apply(struct media *m, const struct fbs_record *r, int64_t now_us)
{
	switch (r->type) {
	case FBS_SCREEN:
		if (r->screen.kind != FBS_RECORDING)
			memset(m, 0, sizeof *m);
		return false;
	case FBS_MEDIA:
		m->position_us = m->known ? position_at(m, now_us) : 0;
		m->since_us = now_us;
		m->known = true;
		m->length_us = r->media.length_us;
		m->paused = r->media.paused != 0;
		m->permille = r->media.permille;
		return true;
	case FBS_CUE:
		add_mark(m, &r->cue);
		return true;
	case FBS_FRAME: {
		const int64_t off = r->frame.media_us - position_at(m, now_us);
		m->position_us = r->frame.media_us;
		m->since_us = now_us;
		return m->known && (off > JUMP_US || off < -JUMP_US || (r->flags & FBS_FRAME_GAP));
	}
	default:
		return false;
	}
}

char *media_json(const struct media *m, bool source, int64_t now_us)
{
	json_t *marks = json_array();
	for (unsigned i = 0; i < m->n_marks; i++)
		json_array_append_new(marks, json_pack("{s:f, s:s%}", "at", (double)m->mark[i].at_us * 1e-6, "text",
						       m->mark[i].text, strnlen(m->mark[i].text, MEDIA_TEXT_MAX)));
	json_t *o = json_pack("{s:s, s:b, s:f, s:f, s:b, s:f, s:o}", "kind", m->known ? "recording" : "live", "source", source,
			      "position", (double)position_at(m, now_us) * 1e-6, "length", (double)m->length_us * 1e-6,
			      "paused", m->paused, "speed", (double)m->permille * 1e-3, "marks", marks);
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	const size_t n = text ? strlen(text) : 0;
	char *line = text ? realloc(text, n + 2) : NULL;
	if (!line) {
		free(text);
		return NULL;
	}
	memcpy(line + n, "\n", 2);
	return line;
}
