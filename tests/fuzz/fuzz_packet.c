/* Names and passwords to check, and facts about a viewer, as a worker that was taken over could send them: what is taken is all there is, within
 * its limits, and the same when it is put again. Bytes: which of the two, then the packet's text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet.c"

static void check(const char *text, size_t n)
{
	static const char nothing[sizeof(struct packet_check)];
	struct packet_check what;
	char again[PACKET_CHECK_MAX];

	memset(&what, 0xff, sizeof what);
	if (!packet_check_parse(&what, text, n)) {
		if (memcmp(&what, nothing, sizeof what) != 0)
			abort();
		return;
	}
	if (packet_check_put(again, what.user, what.password) != n || memcmp(again, text, n) != 0)
		abort();
}

static void facts(const char *text, size_t n)
{
	static char fact[FACTS][PACKET_FACT_MAX + 1];
	const char *at[FACTS];
	char again[MSG_TEXT_MAX];

	memset(fact, 0xff, sizeof fact);
	if (!packet_facts_parse(fact, text, n))
		return;
	for (unsigned i = 0; i < FACTS; i++)
		at[i] = fact[i];
	if (packet_facts_put(again, at) != n)
		abort();
	for (size_t i = 0; i < n; i++) {
		const unsigned char was = (unsigned char)text[i];
		if (again[i] != ((was && was < ' ') || was == 0x7f ? '?' : text[i]))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size - 1 > MSG_TEXT_MAX)
		return 0;
	const size_t n = size - 1;
	char *exact = malloc(n ? n : 1);	/* without another NUL: an overrun shows */
	memcpy(exact, data + 1, n);
	if (data[0] & 1)
		facts(exact, n);
	else
		check(exact, n);
	free(exact);
	return 0;
}
