/* HTTP requests: the parser, the sniffer, the answers. A request that is understood has a clean path, and every shorter
 * input asks for more or is refused. */
#include <stdlib.h>

#include "net/http.h"
#include "net/sniff.h"

static volatile unsigned touched;

static void touch(struct net_http_view v)
{
	unsigned sum = 0;

	for (size_t i = 0; i < v.len; i++)
		sum += (unsigned char)v.at[i];
	touched = sum;
}

static void check_path(const char *path)
{
	if (path[0] != '/' || strlen(path) >= NET_HTTP_PATH_MAX)
		abort();
	for (const char *p = path; (p = strstr(p, "/..")); p += 3)
		if (p[3] == '/' || p[3] == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const allowed[] = { "https://example.org" };
	char *text = malloc(size ? size : 1);
	struct wire_buf out = { 0 };
	struct net_http r;
	long used;

	memcpy(text, data, size);
	net_sniff(data, size);
	used = net_http_parse(&r, text, size);
	if (used > (long)size || (used == 0 && size > NET_HTTP_MAX))
		abort();
	if (used > 0) {
		check_path(r.path);
		touch(r.method);
		touch(r.target);
		touch(r.host);
		touch(r.origin);
		touch(r.cookie);
		touch(r.user_agent);
		net_http_origin_ok(&r, allowed, 1);
		if (r.upgrade)
			net_http_put_upgrade(&out, &r);
		if (net_http_parse(&r, text, (size_t)used - 1) > 0)
			abort();
	} else if (used < 0) {
		net_http_put_error(&out, (int)-used, "refused");
		if (!net_http_reason((int)-used)[0])
			abort();
	}
	wire_buf_fini(&out);
	free(text);
	return 0;
}
