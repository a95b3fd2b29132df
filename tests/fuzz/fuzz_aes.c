/* RSA-AES records from somebody who has the keys, and from somebody on the way who has not. Bytes: key length, where a
 * byte is changed (0xffff: nowhere) and how, then the plain text, cut at each 0x0a. What is read is what was sealed, up to the record that
 * was touched; nothing of that one or behind it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/eax.h"
#include "net/aes.h"
#include "wire/wire.h"

enum { HEADER = 4, PLAIN_MAX = 30000 };

static struct auth_aes_keys keys_of(unsigned len)
{
	struct auth_aes_keys k = { .key_len = len };

	memset(k.send_key, 1, sizeof k.send_key);
	memset(k.recv_key, 2, sizeof k.recv_key);
	return k;
}

/* Seals the text in records; *safe: bytes of it in records before the place that will be changed. */
static void seal(struct wire_buf *out, const struct auth_aes_keys *k, const uint8_t *text, size_t n, size_t place, size_t *safe)
{
	struct auth_eax *e = auth_eax_new(k->recv_key, k->key_len, 0);
	size_t at = 0;

	*safe = 0;
	while (at < n) {
		const uint8_t *cut = memchr(text + at, '\n', n - at);
		const size_t len = cut ? (size_t)(cut - text) + 1 - at : n - at;
		uint8_t *to = wire_buf_grow(out, len + AUTH_RECORD_EXTRA);

		if (!to || auth_eax_seal(e, to, text + at, len))
			abort();
		at += len;
		if (out->len <= place)
			*safe = at;
	}
	auth_eax_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_buf sealed = { 0 }, got = { 0 };
	uint8_t buf[5000];
	size_t safe, place;
	ssize_t n;
	int fd[2];

	if (size < HEADER || size > PLAIN_MAX || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd))
		return 0;
	const struct auth_aes_keys keys = keys_of(data[0] & 1 ? 32 : 16);
	place = (size_t)data[1] << 8 | data[2];
	seal(&sealed, &keys, data + HEADER, size - HEADER, place, &safe);
	const bool touched = place < sealed.len && data[3];
	if (touched)
		sealed.data[place] ^= data[3];
	else
		safe = size - HEADER;
	struct net_stream *s = net_aes_stream(&keys, net_stream_plain(fd[0]));
	size_t at = 0;
	do {
		if (at < sealed.len) {
			n = write(fd[1], sealed.data + at, sealed.len - at < 1234 ? sealed.len - at : 1234);
			at += n > 0 ? (size_t)n : 0;
		} else {
			shutdown(fd[1], SHUT_WR);
		}
		while ((n = net_stream_read(s, buf, sizeof buf)) > 0)
			wire_put(&got, buf, (size_t)n);
	} while (n < 0 && errno == EAGAIN);
	if (got.len != safe || (safe && memcmp(got.data, data + HEADER, safe) != 0))
		abort();
	if (touched && n == 0 && place + 18 < sealed.len && safe == size - HEADER)
		abort();
	net_stream_close(s);
	close(fd[1]);
	wire_buf_fini(&sealed);
	wire_buf_fini(&got);
	return 0;
}
