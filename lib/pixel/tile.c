/* Tile hashes: four lanes of multiply and rotate over pairs of pixels, about eight bytes a cycle. */
#include "pixel/tile.h"

#include <string.h>

#define K0 0x9e3779b97f4a7c15u
#define K1 0xbf58476d1ce4e5b9u
#define PAIR 0x00ffffff00ffffffu

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * K0;
	return h ^ h >> 29;
}

uint64_t pixel_tile_hash(const uint32_t *px, size_t stride, int w, int h)
{
	uint64_t lane[4] = { K1, K1 * 3, K1 * 5, K1 * 7 };

	for (int y = 0; y < h; y++, px += stride) {
		int x = 0;
		for (; x + 8 <= w; x += 8)
			for (int i = 0; i < 4; i++) {
				uint64_t v;
				memcpy(&v, px + x + 2 * i, 8);
				lane[i] = mix(lane[i], v & PAIR);
			}
		for (; x < w; x++)
			lane[x & 3] = mix(lane[x & 3], px[x] & 0xffffffu);
	}
	uint64_t out = mix(0, (uint64_t)(unsigned)w << 32 | (unsigned)h);
	for (int i = 0; i < 4; i++)
		out = mix(out << 1 | out >> 63, lane[i]);
	return out;
}

static size_t tiles_across(int n, int side)
{
	return n <= 0 ? 0 : ((size_t)n + (size_t)side - 1) / (size_t)side;
}

size_t pixel_tile_count(int w, int h)
{
	return tiles_across(w, PIXEL_TILE_W) * tiles_across(h, PIXEL_TILE_H);
}

size_t pixel_tile_update(const uint32_t *px, size_t stride, int w, int h, struct pixel_rect area,
			 uint64_t *hashes, uint8_t *changed)
{
	size_t across = tiles_across(w, PIXEL_TILE_W), n = 0;
	area = pixel_rect_meet(area, (struct pixel_rect){ 0, 0, w, h });

	if (pixel_rect_empty(area))
		return 0;
	for (int y = area.y / PIXEL_TILE_H * PIXEL_TILE_H; y < area.y + area.h; y += PIXEL_TILE_H)
		for (int x = area.x / PIXEL_TILE_W * PIXEL_TILE_W; x < area.x + area.w; x += PIXEL_TILE_W) {
			size_t i = (size_t)(y / PIXEL_TILE_H) * across + (size_t)(x / PIXEL_TILE_W);
			int tw = w - x < PIXEL_TILE_W ? w - x : PIXEL_TILE_W, th = h - y < PIXEL_TILE_H ? h - y : PIXEL_TILE_H;
			uint64_t hash = pixel_tile_hash(px + (size_t)y * stride + x, stride, tw, th);
			if (hash == hashes[i])
				continue;
			hashes[i] = hash;
			n++;
			if (changed)
				changed[i] = 1;
		}
	return n;
}
