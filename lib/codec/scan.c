/* Comparing many pixels at once; the result is a word with a bit for each. */
#include "codec/scan.h"

#include "pixel/cpu.h"

#if PIXEL_X86
#include <immintrin.h>
#endif

#if PIXEL_X86
static uint64_t equal_base(const uint32_t *a, const uint32_t *b, unsigned n)
{
	uint64_t bits = 0;
	unsigned i = 0;

	for (; i + 4 <= n; i += 4) {
		__m128i q = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(a + i)), _mm_loadu_si128((const __m128i *)(b + i)));
		bits |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_castsi128_ps(q)) << i;
	}
	for (; i < n; i++)
		bits |= (uint64_t)(a[i] == b[i]) << i;
	return bits;
}

static uint64_t equal_to_base(const uint32_t *a, uint32_t v, unsigned n)
{
	const __m128i w = _mm_set1_epi32((int)v);
	uint64_t bits = 0;
	unsigned i = 0;

	for (; i + 4 <= n; i += 4) {
		__m128i q = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(a + i)), w);
		bits |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_castsi128_ps(q)) << i;
	}
	for (; i < n; i++)
		bits |= (uint64_t)(a[i] == v) << i;
	return bits;
}

PIXEL_AVX2 static uint64_t equal_avx2(const uint32_t *a, const uint32_t *b, unsigned n)
{
	uint64_t bits = 0;
	unsigned i = 0;

	for (; i + 8 <= n; i += 8) {
		__m256i q = _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)(a + i)), _mm256_loadu_si256((const __m256i *)(b + i)));
		bits |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(q)) << i;
	}
	for (; i < n; i++)
		bits |= (uint64_t)(a[i] == b[i]) << i;
	return bits;
}

PIXEL_AVX2 static uint64_t equal_to_avx2(const uint32_t *a, uint32_t v, unsigned n)
{
	const __m256i w = _mm256_set1_epi32((int)v);
	uint64_t bits = 0;
	unsigned i = 0;

	for (; i + 8 <= n; i += 8) {
		__m256i q = _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)(a + i)), w);
		bits |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(q)) << i;
	}
	for (; i < n; i++)
		bits |= (uint64_t)(a[i] == v) << i;
	return bits;
}

uint64_t scan_equal(const uint32_t *a, const uint32_t *b, unsigned n)
{
	return pixel_has_avx2() ? equal_avx2(a, b, n) : equal_base(a, b, n);
}

uint64_t scan_equal_to(const uint32_t *a, uint32_t v, unsigned n)
{
	return pixel_has_avx2() ? equal_to_avx2(a, v, n) : equal_to_base(a, v, n);
}
#else
uint64_t scan_equal(const uint32_t *a, const uint32_t *b, unsigned n)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < n; i++)
		bits |= (uint64_t)(a[i] == b[i]) << i;
	return bits;
}

uint64_t scan_equal_to(const uint32_t *a, uint32_t v, unsigned n)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < n; i++)
		bits |= (uint64_t)(a[i] == v) << i;
	return bits;
}
#endif

bool scan_solid(const uint32_t *px, size_t n)
{
	for (size_t i = 0; i < n; i += 64) {
		unsigned k = n - i < 64 ? (unsigned)(n - i) : 64;
		if (scan_equal_to(px + i, px[0], k) != scan_low_bits(k))
			return false;
	}
	return true;
}

uint64_t scan_changes(const uint32_t *px, size_t i, unsigned k)
{
	uint64_t mask = scan_low_bits(k);

	if (i > 0)
		return ~scan_equal(px + i, px + i - 1, k) & mask;
	return k == 1 ? 1 : (~scan_equal(px + 1, px, k - 1) << 1 | 1) & mask;
}

void scan_runs(const uint32_t *px, size_t n, uint32_t *runs, uint32_t *singles)
{
	uint64_t last = 0;	/* whether the previous pixel began a run */
	uint32_t r = 0, s = 0;

	for (size_t i = 0; i < n; i += 64) {
		unsigned k = n - i < 64 ? (unsigned)(n - i) : 64;
		uint64_t starts = scan_changes(px, i, k);
		r += (uint32_t)__builtin_popcountll(starts);
		/* a start right after a start: the earlier run was a single pixel */
		s += (uint32_t)__builtin_popcountll(starts & (starts << 1 | last));
		last = starts >> (k - 1) & 1;
	}
	*runs = r;
	*singles = s + (uint32_t)last;
}
