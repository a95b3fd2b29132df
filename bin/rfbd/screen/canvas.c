/* The room is a quarter of the picture, and costs memory only as it is used. */
#include "canvas.h"

#include <stdlib.h>

enum { ROOM = 4 };

int canvas_make(struct canvas *c, uint32_t w, uint32_t h)
{
	const size_t room = (size_t)w * (h / ROOM);
	*c = (struct canvas){ .mem = calloc((size_t)w * h + room, sizeof *c->mem), .after = room };
	c->px = c->mem;
	return c->mem ? 0 : -1;
}

void canvas_free(struct canvas *c)
{
	free(c->mem);
	*c = (struct canvas){ NULL };
}

static size_t size_of(ptrdiff_t by)
{
	return (size_t)(by < 0 ? -by : by);
}

bool canvas_has_room(const struct canvas *c, ptrdiff_t by)
{
	return size_of(by) <= (by < 0 ? c->before : c->after);
}

void canvas_shift(struct canvas *c, ptrdiff_t by)
{
	c->px += by;
	c->before = (size_t)((ptrdiff_t)c->before + by);
	c->after = (size_t)((ptrdiff_t)c->after - by);
}

bool canvas_rewind(struct canvas *c, ptrdiff_t by)
{
	const size_t room = c->before + c->after;
	if (size_of(by) > room)
		return false;
	c->before = by > 0 ? 0 : room;
	c->after = room - c->before;
	c->px = c->mem + c->before;
	return true;
}
