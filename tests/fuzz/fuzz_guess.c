/* The command lines of other users' processes, in which root looks for an X server's cookie (-a guess). What is taken is the word behind
 * an -auth of the line, of a server, whose display is ours or not named. Bytes: the line. */
#include <stdint.h>

#include "../../lib/x11/auth.c"

/* The same question, asked of the words one by one. */
static bool may_take(const char *line, size_t n, const char *found, const char *number)
{
	bool behind = false, ours = false, others = false;

	for (const char *last = NULL, *a = line; a < line + n; last = a, a += strlen(a) + 1) {
		behind |= a == found && last && strcmp(last, "-auth") == 0;
		ours |= strcmp(a, number) == 0;
		others |= a[0] == ':' && isdigit((unsigned char)a[1]);
	}
	return behind && (ours || !others) && (strchr(line, 'X') || strstr(line, "vnc"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line, number[32], *name;

	if (size > ARGUMENTS_MAX - 2 || !(line = malloc(size + 2)))
		return 0;
	memcpy(line, data, size);
	line[size] = line[size + 1] = '\0';
	const char *found = auth_argument(line, size, ":7");
	if (found && !may_take(line, size, found, ":7"))
		abort();
	free(line);
	/* and as the name of a display, which is the user's own */
	if (!(name = strndup((const char *)data, size)))
		return 0;
	number_of(name, number, sizeof number);
	if (strlen(number) >= sizeof number || (number[0] && number[0] != ':'))
		abort();
	free(name);
	return 0;
}
