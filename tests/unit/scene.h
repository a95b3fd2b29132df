/* Drawings for tests of the difference engine: deterministic noise, a photograph's slopes, lines of text,
 * windows, moves. A picture is w × h XRGB8888 without padding between rows. */
#ifndef RFBKIT_TESTS_SCENE_H
#define RFBKIT_TESTS_SCENE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pixel/rect.h"

struct scene {
	int w, h;
	uint32_t *px;
	uint64_t seed;
};

static inline uint32_t scene_rnd(struct scene *s)
{
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return (uint32_t)(s->seed >> 20);
}

/* 0 <= result < n */
static inline int scene_int(struct scene *s, int n)
{
	return (int)(scene_rnd(s) % (uint32_t)n);
}

static inline void scene_init(struct scene *s, int w, int h, uint64_t seed)
{
	*s = (struct scene){ w, h, calloc((size_t)w * (size_t)h, 4), seed * 0x9e3779b97f4a7c15u + 1 };
}

static inline void scene_fini(struct scene *s)
{
	free(s->px);
}

static inline struct pixel_rect scene_rect(struct scene *s)
{
	struct pixel_rect r = { scene_int(s, s->w), scene_int(s, s->h), 0, 0 };
	r.w = 1 + scene_int(s, s->w - r.x);
	r.h = 1 + scene_int(s, s->h - r.y);
	return r;
}

static inline void scene_fill(struct scene *s, struct pixel_rect r, uint32_t colour)
{
	r = pixel_rect_meet(r, (struct pixel_rect){ 0, 0, s->w, s->h });
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			s->px[(size_t)y * (size_t)s->w + (size_t)x] = colour;
}

static inline void scene_noise(struct scene *s, struct pixel_rect r)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			s->px[(size_t)y * (size_t)s->w + (size_t)x] = scene_rnd(s) & 0xffffff;
}

/* Slopes with a little noise, as in a photograph. */
static inline void scene_photo(struct scene *s, struct pixel_rect r, unsigned phase)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++) {
			unsigned n = scene_rnd(s) % 6, u = (unsigned)x, v = (unsigned)y;
			unsigned red = (u * 3 / 7 + v / 5 + phase * 3 + n) & 255, green = (u / 4 + v * 2 / 3 + phase + n) & 255;
			unsigned blue = ((u * v) / 900 + phase * 2 + n) & 255;
			s->px[(size_t)y * (size_t)s->w + (size_t)x] = red << 16 | green << 8 | blue;
		}
}

/* A character cell of 8 × 16 with a glyph that depends on `code`; 0 is blank. */
static inline void scene_glyph(struct scene *s, struct pixel_rect clip, int x, int y, unsigned code, uint32_t ink, uint32_t paper)
{
	uint64_t bits = code == 0 ? 0 : (code % 64 + 1) * 0x9e3779b97f4a7c15u;
	struct pixel_rect cell = pixel_rect_meet((struct pixel_rect){ x, y, 8, 16 }, clip);

	cell = pixel_rect_meet(cell, (struct pixel_rect){ 0, 0, s->w, s->h });
	for (int j = cell.y; j < cell.y + cell.h; j++)
		for (int i = cell.x; i < cell.x + cell.w; i++) {
			int u = i - x, v = j - y;
			int on = u >= 1 && u < 7 && v >= 3 && v < 13 && (bits >> ((u - 1) + (v - 3) * 6) & 1);
			s->px[(size_t)j * (size_t)s->w + (size_t)i] = on ? ink : paper;
		}
}

/* One line of text whose words depend on `line`. */
static inline void scene_line(struct scene *s, struct pixel_rect clip, int y, unsigned line, uint32_t ink, uint32_t paper)
{
	uint64_t v = (line + 1) * 0xbf58476d1ce4e5b9u;
	int length = 10 + (int)(v >> 40 & 63), indent = (int)(v >> 50 & 3) * 4;

	for (int i = 0; i * 8 < clip.w; i++) {
		v = v * 6364136223846793005u + 1442695040888963407u;
		unsigned code = i >= indent && i < indent + length && (v >> 33) % 6 != 0 ? (unsigned)(v >> 40 & 63) + 1 : 0;
		scene_glyph(s, clip, clip.x + i * 8, y, code, ink, paper);
	}
}

/* A text window scrolled to pixel row `at`. */
static inline void scene_text(struct scene *s, struct pixel_rect r, int at)
{
	for (int y = r.y - at % 16, line = at / 16; y < r.y + r.h; y += 16, line++)
		scene_line(s, r, y, (unsigned)line, 0x202020, 0xf8f8f8);
}

/* A window: title bar, border, text. */
static inline void scene_window(struct scene *s, struct pixel_rect r, int at)
{
	scene_fill(s, r, 0x303848);
	scene_fill(s, pixel_rect_meet((struct pixel_rect){ r.x + 1, r.y + 1, r.w - 2, 20 }, r), 0x4a6ea0);
	scene_line(s, pixel_rect_meet((struct pixel_rect){ r.x + 8, r.y + 3, r.w - 16, 16 }, r), r.y + 3, 77, 0xffffff, 0x4a6ea0);
	scene_text(s, pixel_rect_meet((struct pixel_rect){ r.x + 2, r.y + 22, r.w - 4, r.h - 24 }, r), at);
}

/* As an X server copies an area: source and destination may overlap. */
static inline void scene_copy(uint32_t *px, int stride, struct pixel_copy c)
{
	for (int i = 0; i < c.dst.h; i++) {
		int y = c.dst.y > c.src_y ? c.dst.h - 1 - i : i;
		memmove(px + (size_t)(c.dst.y + y) * (size_t)stride + (size_t)c.dst.x,
			px + (size_t)(c.src_y + y) * (size_t)stride + (size_t)c.src_x, (size_t)c.dst.w * 4);
	}
}

#endif
