/* Packets of several texts: put by the worker, taken apart by the monitor. */
#include "packet.h"

#include <assert.h>
#include <string.h>

static_assert(FACTS * (PACKET_FACT_MAX + 1) <= MSG_TEXT_MAX, "all facts fit into a packet");

/* The next text, its NUL among what is left. NULL: there is none of at most `most` bytes. */
static const char *take(const char **text, size_t *len, size_t most)
{
	const char *start = *text, *nul = memchr(start, '\0', *len < most + 1 ? *len : most + 1);
	if (!nul)
		return NULL;
	*len -= (size_t)(nul + 1 - start);
	*text = nul + 1;
	return start;
}

static size_t put(char *out, const char *text, size_t most)
{
	const size_t n = strnlen(text, most);
	memcpy(out, text, n);
	out[n] = '\0';
	return n + 1;
}

bool packet_check_parse(struct packet_check *out, const char *text, size_t len)
{
	const char *user = take(&text, &len, AUTH_NAME_MAX), *password = user ? take(&text, &len, AUTH_PASSWORD_MAX) : NULL;
	memset(out, 0, sizeof *out);
	if (!password || len)
		return false;
	out->user = user;
	put(out->password, password, AUTH_PASSWORD_MAX);
	return true;
}

size_t packet_check_put(char out[PACKET_CHECK_MAX], const char *user, const char *password)
{
	const size_t n = put(out, user, AUTH_NAME_MAX);
	return n + put(out + n, password, AUTH_PASSWORD_MAX);
}

bool packet_facts_parse(char out[FACTS][PACKET_FACT_MAX + 1], const char *text, size_t len)
{
	for (unsigned i = 0; i < FACTS; i++) {
		const char *fact = take(&text, &len, PACKET_FACT_MAX);
		if (!fact)
			return false;
		put(out[i], fact, PACKET_FACT_MAX);
		for (char *c = out[i]; *c; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				*c = '?';
	}
	return len == 0;
}

size_t packet_facts_put(char out[MSG_TEXT_MAX], const char *const fact[FACTS])
{
	size_t n = 0;
	for (unsigned i = 0; i < FACTS; i++)
		n += put(out + n, fact[i], PACKET_FACT_MAX);
	return n;
}
