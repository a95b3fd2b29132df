/* Commands: a verb, and for some the viewer that it is about. */
#include "command.h"

#include <string.h>

#include "word.h"

/* An id, or `all'. */
static bool parse_viewer(struct command *out, struct word w)
{
	uint64_t id = 0;
	out->all = word_is(w, "all");
	if (out->all)
		return true;
	for (size_t i = 0; i < w.len; i++) {
		if (w.at[i] < '0' || w.at[i] > '9')
			return false;
		id = id * 10 + (uint64_t)(w.at[i] - '0');
		if (id > UINT32_MAX)
			return false;
	}
	out->viewer = (uint32_t)id;
	return id > 0;
}

const char *command_parse(struct command *out, const char *line, size_t n)
{
	static const struct { const char *name; enum command_verb verb; bool viewer; } verbs[] = {
		{ "list", COMMAND_LIST, false }, { "disconnect", COMMAND_DISCONNECT, true },
		{ "view-only", COMMAND_VIEW_ONLY, true }, { "control", COMMAND_CONTROL, true },
		{ "reload", COMMAND_RELOAD, false }, { "stop", COMMAND_STOP, false },
	};
	struct word rest = { line, n };
	const struct word verb = word_next(&rest);
	memset(out, 0, sizeof *out);
	for (unsigned i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (!word_is(verb, verbs[i].name))
			continue;
		out->verb = verbs[i].verb;
		if (verbs[i].viewer && !parse_viewer(out, word_next(&rest)))
			return "it needs a viewer's id, as list tells it, or `all'";
		return word_next(&rest).len ? "too many words" : NULL;
	}
	return "unknown command: there are list, disconnect ID, view-only ID, control ID, reload, stop";
}
