/* Arguments of options turned into numbers. A wrong one ends the program with a line that names
 * the option and what it takes. */
#include "cli/cli.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

long cli_int(const char *option, const char *value, long min, long max)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(value, &end, 10);
	if (end == value || *end || errno || v < min || v > max)
		cli_misuse("%s: `%s' is not a whole number from %ld to %ld", option, value, min, max);
	return v;
}

double cli_real(const char *option, const char *value, double min, double max)
{
	char *end;
	double v = strtod(value, &end);

	if (end == value || *end || value[strspn(value, "+-.0123456789eE")] || !isfinite(v) || v < min || v > max)
		cli_misuse("%s: `%s' is not a number from %g to %g", option, value, min, max);
	return v;
}

/* Digits at *s, at most max. False when there are none, or more than that. */
static bool digits(const char **s, long max, long *out)
{
	const char *start = *s;

	for (*out = 0; **s >= '0' && **s <= '9'; (*s)++) {
		*out = *out * 10 + (**s - '0');
		if (*out > max)
			return false;
	}
	return *s > start;
}

/* "+5", "-5", "+-5" */
static bool offset(const char **s, int *out)
{
	bool negative;
	long v;

	if (**s != '+' && **s != '-')
		return false;
	negative = *(*s)++ == '-';
	if (**s == '-') {
		negative = !negative;
		(*s)++;
	}
	if (!digits(s, 32767, &v))
		return false;
	*out = (int)(negative ? -v : v);
	return true;
}

void cli_geometry(const char *option, const char *value, unsigned *w, unsigned *h, int *x, int *y)
{
	const char *s = value;
	long width = 0, height = 0;
	bool good = digits(&s, 32767, &width) && *s++ == 'x' && digits(&s, 32767, &height) &&
		    offset(&s, x) && offset(&s, y) && !*s;

	if (!good || width == 0 || height == 0)
		cli_misuse("%s: `%s' is not a geometry such as 640x480+10+20", option, value);
	*w = (unsigned)width;
	*h = (unsigned)height;
}

int64_t cli_duration(const char *option, const char *value)
{
	static const double most = 1e9;		/* seconds: three decades */
	double total = 0;
	const char *s = value;

	for (int part = 0; part < 3; part++) {
		size_t n = strspn(s, "0123456789");
		bool fraction = s[n] == '.';
		double v;

		if (fraction)
			n += 1 + strspn(s + n + 1, "0123456789");
		if (n == 0 || (fraction && n == 1))
			break;
		v = strtod(s, NULL);
		if (part && v >= 60)
			break;
		total = total * 60 + v;
		s += n;
		if (!*s && total <= most)
			return (int64_t)llround(total * 1e6);
		if (fraction || *s++ != ':')
			break;
	}
	cli_misuse("%s: `%s' is not a time such as 90, 1.5, 1:30 or 1:02:03.5", option, value);
}

uint64_t cli_size(const char *option, const char *value)
{
	static const char units[] = "kMGT";
	const char *s = value, *unit;
	uint64_t scale = 1;
	long v;

	if (digits(&s, 1 << 30, &v) && v > 0) {
		unit = *s ? strchr(units, *s == 'K' ? 'k' : *s) : NULL;
		if (unit) {
			scale = (uint64_t)1 << (10 * (unit - units + 1));
			s++;
		}
		if (!*s)
			return (uint64_t)v * scale;
	}
	cli_misuse("%s: `%s' is not a size such as 65536, 64k, 10M or 2G", option, value);
}
