/* ppmdiff [-p PSNR] [-g WxH+X+Y] A B: compares two binary PPM files. With -g, only the part of B
 * that starts at X,Y and is as large as W×H, against A, which must have that size. Prints "equal" and
 * exits 0, or where they first differ and exits 1; with -p it is enough to be within so many dB. */
#include <err.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct ppm {
	unsigned w, h;
	uint8_t *rgb;
};

static void ppm_read(struct ppm *p, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f || fscanf(f, "P6 %u %u 255", &p->w, &p->h) != 2 || fgetc(f) == EOF || p->w > 32767 || p->h > 32767)
		errx(100, "%s is not a PPM", path);
	n = 3 * (size_t)p->w * p->h;
	if (!(p->rgb = malloc(n ? n : 1)))
		err(111, NULL);
	if (fread(p->rgb, 1, n, f) != n)
		errx(100, "%s is too short", path);
	fclose(f);
}

int main(int argc, char **argv)
{
	struct ppm a, b;
	unsigned x0 = 0, y0 = 0, w = 0, h = 0;
	double least = 0, error = 0, psnr;
	size_t wrong = 0;
	unsigned first_x = 0, first_y = 0;
	int c;

	while ((c = getopt(argc, argv, "p:g:")) != -1)
		if (c == 'p')
			least = atof(optarg);
		else if (c != 'g' || sscanf(optarg, "%ux%u+%u+%u", &w, &h, &x0, &y0) != 4)
			errx(100, "usage: ppmdiff [-p PSNR] [-g WxH+X+Y] A B");
	if (argc - optind != 2)
		errx(100, "usage: ppmdiff [-p PSNR] [-g WxH+X+Y] A B");
	ppm_read(&a, argv[optind]);
	ppm_read(&b, argv[optind + 1]);
	if (!w) {
		w = b.w;
		h = b.h;
	}
	if (a.w != w || a.h != h || x0 + w > b.w || y0 + h > b.h) {
		printf("size %ux%u, expected %ux%u\n", b.w, b.h, a.w, a.h);
		return 1;
	}
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++) {
			const uint8_t *p = a.rgb + 3 * ((size_t)y * a.w + x);
			const uint8_t *q = b.rgb + 3 * ((size_t)(y + y0) * b.w + x + x0);
			double e = 0;

			for (int i = 0; i < 3; i++)
				e += (double)(p[i] - q[i]) * (p[i] - q[i]);
			if (e > 0 && !wrong++) {
				first_x = x;
				first_y = y;
			}
			error += e;
		}
	if (!wrong) {
		puts("equal");
		return 0;
	}
	psnr = 10 * log10(255 * 255 / (error / (3.0 * w * h)));
	printf("%zu pixels differ, the first at %u,%u; psnr %.2f\n", wrong, first_x, first_y, psnr);
	return least > 0 && psnr >= least ? 0 : 1;
}
