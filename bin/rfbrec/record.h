/* The three sources of a recording. Each returns an exit code, the recording being closed. */
#ifndef RFBREC_RECORD_H
#define RFBREC_RECORD_H

#include "out.h"
#include "settings.h"

/* A stream from stdin, passed on to stdout when s->pass is set. */
int record_stream(struct out *o, const struct settings *s);
/* A VNC server. */
int record_server(struct out *o, const struct settings *s);
/* A file of any format that lib/rec reads. */
int record_file(struct out *o, const struct settings *s);

#endif
