/* Prometheus' text format 0.0.4 and OpenMetrics 1.0. */
#ifndef RFBSTAT_PROM_H
#define RFBSTAT_PROM_H

#include "snapshot.h"
#include "wire/wire.h"

#define PROM_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define PROM_OPEN_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Appends every metric. `open`: OpenMetrics (counters' families without _total, # EOF). */
void prom_put(struct wire_buf *out, const struct snapshot *s, bool open);

#endif
