/* Which vector instructions a loop may use, chosen at run time. A kernel is an always-inline
 * body that each of its wrappers compiles for another target; all give the same result. */
#ifndef RFBKIT_PIXEL_CPU_H
#define RFBKIT_PIXEL_CPU_H

#include <stdbool.h>

#define PIXEL_KERNEL static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__)
#define PIXEL_X86 1
#define PIXEL_AVX2 __attribute__((target("avx2")))
#define PIXEL_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
static inline bool pixel_has_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }
static inline bool pixel_has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#else
#define PIXEL_X86 0
#define PIXEL_AVX2
#define PIXEL_AVX512
static inline bool pixel_has_avx2(void) { return false; }
static inline bool pixel_has_avx512(void) { return false; }
#endif

#endif
