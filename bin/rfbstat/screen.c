/* The table on a terminal, cut to it: written over the former one, because a screen that is cleared first flickers; a line that
 * wraps, or one too many, would move it. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report.h"

#define COLUMNS_MIN 20u
#define ROWS_MIN 4u
#define OTHER_ROWS 6u	/* the source, the headings, the empty lines between, the number of those left out */

/* The first n characters of a line of UTF-8, in bytes. */
static int cut(const char *line, unsigned n)
{
	const char *at = line;
	for (; *at; at++)
		if ((*at & 0xc0) != 0x80 && n-- == 0)
			break;
	return (int)(at - line);
}

/* The last column and the last row stay free: a cursor that leaves them moves what is there. */
static void terminal_size(unsigned *columns, unsigned *rows)
{
	struct winsize size = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col || !size.ws_row)
		size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	*columns = size.ws_col > COLUMNS_MIN ? size.ws_col - 1u : COLUMNS_MIN;
	*rows = size.ws_row > ROWS_MIN ? size.ws_row - 1u : ROWS_MIN;
}

int report_screen(const struct snapshot *now, const struct snapshot *before)
{
	char *text = NULL, *line, *rest;
	unsigned columns, rows;
	size_t n;
	FILE *to = open_memstream(&text, &n);
	terminal_size(&columns, &rows);
	const unsigned others = OTHER_ROWS + now->n;
	if (to)
		report_table(to, now, before, columns, rows > others + 3 ? rows - others : 3);
	if (!to || fclose(to) != 0) {
		free(text);
		return -1;
	}
	rest = text;
	fputs("\033[H", stdout);
	while ((line = strsep(&rest, "\n")) && rest && rows--)
		printf("%.*s\033[K\n", cut(line, columns), line);
	fputs("\033[J", stdout);
	free(text);
	return 0;
}
