/* Tells when the other end of a descriptor is gone, while we want neither to read nor to write.
 * (An epoll set without events still reports hang-ups and errors; an event loop has no such watch.) */
#ifndef RFBD_HANGUP_H
#define RFBD_HANGUP_H

/* An epoll instance that becomes readable when fd hangs up; -1 when fd cannot be watched (a file). */
int hangup_watch(int fd);

#endif
