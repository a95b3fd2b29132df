/* HTTP/1.1 request heads, and the few answers made here. What two parsers could read differently
 * is refused: bare line ends, folded lines, blanks before a colon, repeated lengths, any body. */
#include "net/http.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 64 };

/* --- lines ----------------------------------------------------------------------------------- */

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct net_http_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_token_char(v.at[i]))
			return false;
	return v.len > 0;
}

static bool view_is(struct net_http_view v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.at, text, v.len) == 0;
}

static bool view_is_nocase(struct net_http_view v, const char *text)
{
	return v.len == strlen(text) && strncasecmp(v.at, text, v.len) == 0;
}

/* Visible characters, blanks and bytes above ASCII: what a header's value may hold. */
static bool is_clean(struct net_http_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (((unsigned char)v.at[i] < ' ' && v.at[i] != '\t') || v.at[i] == 0x7f)
			return false;
	return true;
}

/* The next line, without its CR LF. 1; 0: no line end yet; -400: a bare CR or LF. */
static int next_line(struct net_http_view *line, const char **at, const char *end)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));

	if (!lf)
		return 0;
	if (lf == *at || lf[-1] != '\r')
		return -400;
	*line = (struct net_http_view){ *at, (size_t)(lf - 1 - *at) };
	if (memchr(line->at, '\r', line->len))
		return -400;
	*at = lf + 1;
	return 1;
}

/* --- the request line -------------------------------------------------------------------------- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes the target's path. 0, or a negative status. */
static int decode_path(struct net_http *out)
{
	const struct net_http_view t = out->target;
	size_t n = 0;

	for (size_t i = 0; i < t.len && t.at[i] != '?' && t.at[i] != '#'; i++) {
		char c = t.at[i];

		if (c == '%') {
			if (t.len - i < 3 || hex(t.at[i + 1]) < 0 || hex(t.at[i + 2]) < 0)
				return -400;
			c = (char)(hex(t.at[i + 1]) << 4 | hex(t.at[i + 2]));
			i += 2;
		}
		if ((unsigned char)c < ' ' || c == 0x7f || c == '\\')
			return -400;
		if (n + 1 >= sizeof out->path)
			return -414;
		out->path[n++] = c;
	}
	out->path[n] = '\0';
	if (out->path[0] != '/' || strstr(out->path, "//"))
		return -400;
	for (const char *p = out->path; (p = strstr(p, "/..")); p += 3)
		if (p[3] == '\0' || p[3] == '/')
			return -400;
	return 0;
}

static int parse_request_line(struct net_http *out, struct net_http_view line)
{
	const char *end = line.at + line.len;
	const char *first = memchr(line.at, ' ', line.len);
	const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;

	if (!second || !is_clean(line))
		return -400;
	out->method = (struct net_http_view){ line.at, (size_t)(first - line.at) };
	out->target = (struct net_http_view){ first + 1, (size_t)(second - first - 1) };
	const struct net_http_view version = { second + 1, (size_t)(end - second - 1) };
	if (!is_token(out->method) || out->target.len == 0)
		return -400;
	if (!view_is(version, "HTTP/1.1") && !view_is(version, "HTTP/1.0"))
		return version.len == 8 && memcmp(version.at, "HTTP/", 5) == 0 ? -505 : -400;
	out->minor = version.at[7] - '0';
	return decode_path(out);
}

/* --- headers --------------------------------------------------------------------------------------- */

/* What is looked at beside the views that callers get. */
struct seen {
	struct net_http_view connection, upgrade, ws_version;
	bool length, chunked;
};

static struct net_http_view trim(struct net_http_view v)
{
	while (v.len && (v.at[0] == ' ' || v.at[0] == '\t')) {
		v.at++;
		v.len--;
	}
	while (v.len && (v.at[v.len - 1] == ' ' || v.at[v.len - 1] == '\t'))
		v.len--;
	return v;
}

static int note_length(struct seen *s, struct net_http_view value)
{
	if (s->length)
		return -400;
	s->length = true;
	return view_is(value, "0") ? 0 : -413;	/* no request here has a body */
}

static int parse_header(struct net_http *out, struct seen *s, struct net_http_view line)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct net_http_view name, value;

	if (!colon)
		return -400;
	name = (struct net_http_view){ line.at, (size_t)(colon - line.at) };
	value = trim((struct net_http_view){ colon + 1, (size_t)(line.at + line.len - colon - 1) });
	if (!is_token(name) || !is_clean(value))
		return -400;
	const struct { const char *name; struct net_http_view *to; } known[] = {
		{ "host", &out->host }, { "origin", &out->origin }, { "if-none-match", &out->if_none_match },
		{ "user-agent", &out->user_agent }, { "cookie", &out->cookie }, { "authorization", &out->authorization },
		{ "x-forwarded-for", &out->forwarded_for }, { "sec-websocket-key", &out->ws_key },
		{ "sec-websocket-protocol", &out->ws_protocols }, { "sec-websocket-version", &s->ws_version },
		{ "connection", &s->connection }, { "upgrade", &s->upgrade },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (view_is_nocase(name, known[i].name)) {
			if (known[i].to->at)
				return -400;	/* given twice: which one counts? */
			*known[i].to = value;
			return 0;
		}
	if (view_is_nocase(name, "content-length"))
		return note_length(s, value);
	if (view_is_nocase(name, "transfer-encoding"))
		return -501;
	return 0;
}

/* RFC 6455, 4.2.1: a key of 16 bytes in base64. */
static bool is_ws_key(struct net_http_view v)
{
	if (v.len != 24 || v.at[22] != '=' || v.at[23] != '=')
		return false;
	for (size_t i = 0; i < 22; i++)
		if (!is_token_char(v.at[i]) && v.at[i] != '/')
			return false;
	return true;
}

static int finish(struct net_http *out, const struct seen *s)
{
	if (out->minor == 1 && !out->host.at)
		return -400;
	out->keep_alive = out->minor == 1 && !net_http_has_token(s->connection, "close");
	if (!net_http_has_token(s->connection, "upgrade") || !net_http_has_token(s->upgrade, "websocket"))
		return 0;
	if (out->minor != 1 || !view_is(out->method, "GET") || !is_ws_key(out->ws_key))
		return -400;
	if (!view_is(s->ws_version, "13"))
		return -426;
	out->upgrade = true;
	return 0;
}

long net_http_parse(struct net_http *out, const char *bytes, size_t n)
{
	const char *at = bytes, *end = bytes + (n < NET_HTTP_MAX ? n : NET_HTTP_MAX);
	struct net_http_view line;
	struct seen s = { 0 };
	int got, error = 0;

	memset(out, 0, sizeof *out);
	got = next_line(&line, &at, end);
	if (got > 0 && (error = parse_request_line(out, line)) < 0)
		return error;
	for (unsigned i = 0; got > 0; i++) {
		got = next_line(&line, &at, end);
		if (got > 0 && line.len == 0) {
			error = finish(out, &s);
			return error < 0 ? error : at - bytes;
		}
		if (got > 0 && (i == HEADERS_MAX || line.at[0] == ' ' || line.at[0] == '\t'))
			return i == HEADERS_MAX ? -431 : -400;
		if (got > 0 && (error = parse_header(out, &s, line)) < 0)
			return error;
	}
	if (got < 0)
		return got;
	return n >= NET_HTTP_MAX ? (out->method.at ? -431 : -414) : 0;
}

bool net_http_has_token(struct net_http_view list, const char *token)
{
	const char *at = list.at, *end = list.at ? list.at + list.len : NULL;

	while (at && at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;

		if (view_is_nocase(trim((struct net_http_view){ at, (size_t)(stop - at) }), token))
			return true;
		at = comma ? comma + 1 : end;
	}
	return false;
}

/* --- answers --------------------------------------------------------------------------------------------- */

const char *net_http_reason(int status)
{
	static const struct { int status; const char *reason; } reasons[] = {
		{ 101, "Switching Protocols" }, { 200, "OK" }, { 304, "Not Modified" }, { 400, "Bad Request" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" }, { 426, "Upgrade Required" },
		{ 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Error";
}

static void put_text(struct wire_buf *out, const char *text)
{
	wire_put(out, text, strlen(text));
}

void net_http_put_error(struct wire_buf *out, int status, const char *text)
{
	char line[160];

	snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\n", status, net_http_reason(status), strlen(text) + 1);
	put_text(out, line);
	put_text(out, "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
		      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nCache-Control: no-store\r\n");
	if (status == 405)
		put_text(out, "Allow: GET, HEAD\r\n");
	if (status == 426)
		put_text(out, "Sec-WebSocket-Version: 13\r\n");
	put_text(out, "Connection: close\r\n\r\n");
	put_text(out, text);
	put_text(out, "\n");
}

/* RFC 6455, 4.2.2: base64 of the SHA-1 of key and GUID. */
static void accept_key(struct net_http_view key, char out[32])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char text[24 + sizeof guid], digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	out[0] = '\0';
	memcpy(text, key.at, 24);	/* net_http_parse saw to the length */
	memcpy(text + 24, guid, sizeof guid);
	if (EVP_Digest(text, 24 + sizeof guid - 1, digest, &len, EVP_sha1(), NULL) == 1)
		EVP_EncodeBlock((unsigned char *)out, digest, (int)len);
}

void net_http_put_upgrade(struct wire_buf *out, const struct net_http *request)
{
	char key[32];

	accept_key(request->ws_key, key);
	put_text(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
	put_text(out, key);
	put_text(out, net_http_has_token(request->ws_protocols, "binary") ? "\r\nSec-WebSocket-Protocol: binary\r\n\r\n" : "\r\n\r\n");
}

bool net_http_origin_ok(const struct net_http *request, const char *const *allowed, unsigned n)
{
	const struct net_http_view o = request->origin, h = request->host;

	if (!o.at)
		return true;
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(allowed[i], "*") || view_is_nocase(o, allowed[i]))
			return true;
	static const char *const schemes[] = { "http://", "https://" };
	for (unsigned i = 0; i < 2; i++) {
		const size_t k = strlen(schemes[i]);

		if (h.at && o.len == k + h.len && strncasecmp(o.at, schemes[i], k) == 0 && strncasecmp(o.at + k, h.at, h.len) == 0)
			return true;
	}
	return false;
}

bool net_http_host_is_number(const struct net_http *request)
{
	const struct net_http_view h = request->host;
	const char *colon = h.at ? memrchr(h.at, ':', h.len) : NULL;
	char name[64];
	struct in6_addr six;
	size_t n = h.len;

	if (h.at && h.len && h.at[0] == '[') {
		const char *end = memchr(h.at, ']', h.len);

		n = end ? (size_t)(end - h.at - 1) : 0;
		if (n == 0 || n >= sizeof name)
			return false;
		memcpy(name, h.at + 1, n);
		name[n] = '\0';
		return inet_pton(AF_INET6, name, &six) == 1;
	}
	if (colon)
		n = (size_t)(colon - h.at);
	if (!h.at || n == 0 || n >= sizeof name)
		return false;
	memcpy(name, h.at, n);
	name[n] = '\0';
	return strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &six) == 1;
}
