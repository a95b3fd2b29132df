/* The browser's time line: a WebSocket of its own on which a recording's state goes out and PAUSE,
 * SEEK and SPEED come in. A control connection names its session (?session=…) and has the rights
 * of the viewer that gave the same name; the page draws the name at random for both.
 *
 * Both ways one JSON object a line. Out: {"kind","source","position","length","paused","speed","marks":[{"at","text"}]},
 * times in seconds, source: whether there is one. In: {"pause":bool}, {"seek":seconds} or {"speed":factor}. */
#ifndef RFBD_CONTROL_H
#define RFBD_CONTROL_H

struct net_stream;
struct worker;

/* Takes over the stream. Closed at once when no viewer has the session's name. */
void control_open(struct worker *w, struct net_stream *s, const char *address, const char *session);
/* Tells every control connection the recording's state, if it is another than before. */
void controls_tell(struct worker *w);
/* Tells them when the source has come or gone since they were told. */
void controls_watch_source(struct worker *w);
/* Closes those whose viewer is gone; all of them with `all`. */
void controls_tidy(struct worker *w, int all);

#endif
