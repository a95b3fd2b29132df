/* Bytes of unknown origin made fit for a terminal and a log. */
#ifndef RFBKIT_CLI_ESCAPE_H
#define RFBKIT_CLI_ESCAPE_H

#include <stddef.h>

/* Copies text into dst (n bytes, NUL included; cut at a character's end): printable UTF-8 as it is, control
 * characters (C0, DEL, C1, line and bidirectional controls) and bytes that are not UTF-8 as \n, \t, \r or \xNN. */
void cli_escape(char *dst, size_t n, const char *text);

#endif
