/* What a new connection speaks, from its first bytes: RFB viewers wait for the server to speak; HTTP and TLS
 * clients speak at once. */
#ifndef RFBKIT_NET_SNIFF_H
#define RFBKIT_NET_SNIFF_H

#include <stddef.h>
#include <stdint.h>

enum net_sniff {
	NET_SNIFF_MORE,		/* could still be anything but silence: wait (the caller's short timer decides for RFB) */
	NET_SNIFF_RFB, NET_SNIFF_HTTP, NET_SNIFF_TLS,
};
/* Looks at bytes that were read or peeked so far (n may be 0). Four bytes always decide. */
enum net_sniff net_sniff(const uint8_t *bytes, size_t n);

#endif
