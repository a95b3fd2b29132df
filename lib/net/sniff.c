/* Telling RFB, HTTP and TLS apart by their first bytes. */
#include "net/sniff.h"

#include <string.h>

enum { DECIDES = 4, TLS_HANDSHAKE = 0x16 };

static const char *const methods[] = { "GET ", "HEAD", "POST", "PUT ", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI " };

enum net_sniff net_sniff(const uint8_t *bytes, size_t n)
{
	const size_t k = n < DECIDES ? n : DECIDES;

	if (n > 0 && bytes[0] == TLS_HANDSHAKE)
		return n < 2 ? NET_SNIFF_MORE : bytes[1] == 3 ? NET_SNIFF_TLS : NET_SNIFF_RFB;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (memcmp(bytes ? bytes : (const uint8_t *)"", methods[i], k) == 0)
			return n < DECIDES ? NET_SNIFF_MORE : NET_SNIFF_HTTP;
	return n == 0 ? NET_SNIFF_MORE : NET_SNIFF_RFB;
}
