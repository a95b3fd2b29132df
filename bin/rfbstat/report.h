/* A snapshot for people and for scripts. */
#ifndef RFBSTAT_REPORT_H
#define RFBSTAT_REPORT_H

#include <stdio.h>

#include "snapshot.h"

/* --- table.c --- */
/* A table of viewers, source and stages. Rates need an earlier snapshot; NULL leaves them out. `columns` is as wide as the columns of
 * viewers shall be together, lines may still be longer; of more viewers than `viewers` only their number is told. 0: no bound. */
void report_table(FILE *to, const struct snapshot *now, const struct snapshot *before, unsigned columns, unsigned viewers);

/* --- screen.c --- */
/* The same in the place of the former one, on the terminal that standard output is: no line is wrapped, nothing scrolls.
 * 0; -1 when memory ran out. */
int report_screen(const struct snapshot *now, const struct snapshot *before);

/* --- json.c --- */
/* One JSON object, on one line. 0, or -1 when memory ran out or `to` failed. */
int report_json(FILE *to, const struct snapshot *s);

#endif
