/* A snapshot for people and for scripts. */
#ifndef RFBSTAT_REPORT_H
#define RFBSTAT_REPORT_H

#include <stdio.h>

#include "snapshot.h"

/* A table of viewers, source and stages. Rates need an earlier snapshot; NULL leaves them out. */
void report_table(FILE *to, const struct snapshot *now, const struct snapshot *before);
/* One JSON object, on one line. 0, or -1 when memory ran out or `to` failed. */
int report_json(FILE *to, const struct snapshot *s);

#endif
