/* Loading and answering: see webfiles.h. A file's entity tag is a hash of its bytes, so a browser asks
 * each time (no-cache) and is told 304 until the file really changes. */
#include "webfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "io/io.h"

struct file {
	char *path;		/* "/core/rfb.js" */
	const char *type;
	char tag[24];		/* quoted */
	uint8_t *bytes;
	size_t len;
};

struct webfiles {
	struct file file[WEBFILES_MAX];
	unsigned n;
	size_t total;
};

static const struct { const char *ending, *type; } types[] = {
	{ ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" }, { ".svg", "image/svg+xml" }, { ".png", "image/png" },
	{ ".ico", "image/vnd.microsoft.icon" }, { ".txt", "text/plain; charset=utf-8" },
	{ ".json", "application/json" }, { ".wasm", "application/wasm" },
};

/* Scripts and styles from here only; pictures and cursors that noVNC makes are data: and blob:. */
static const char security_headers[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
	"connect-src 'self' ws: wss:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"X-Frame-Options: SAMEORIGIN\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n";

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	for (unsigned i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (!strcmp(dot, types[i].ending))
			return types[i].type;
	return NULL;
}

static int add_file(struct webfiles *w, int fd, const char *path, const char *type, size_t len)
{
	if (w->n == WEBFILES_MAX || len > WEBFILES_BYTES_MAX - w->total) {
		errno = EFBIG;
		return -1;
	}
	struct file *f = &w->file[w->n];
	f->path = strdup(path);
	f->bytes = malloc(len ? len : 1);
	if (!f->path || !f->bytes || io_read_full(fd, f->bytes, len, IO_FOREVER) != (ssize_t)len) {
		free(f->path);
		free(f->bytes);
		*f = (struct file){ 0 };
		return -1;
	}
	f->type = type;
	f->len = len;
	snprintf(f->tag, sizeof f->tag, "\"%016llx\"", (unsigned long long)XXH3_64bits(f->bytes, len));
	w->total += len;
	w->n++;
	return 0;
}

static int add_directory(struct webfiles *w, int fd, const char *path, unsigned depth);

/* One entry of a directory: a file that is taken, a directory that is walked, or something else. Closes fd. */
static int add_entry(struct webfiles *w, int fd, const char *path, unsigned depth)
{
	struct stat st;
	const char *type = type_of(path);
	int done = fstat(fd, &st);
	if (!done && S_ISDIR(st.st_mode))
		return add_directory(w, fd, path, depth + 1);
	if (!done && S_ISREG(st.st_mode) && type)
		done = add_file(w, fd, path, type, (size_t)st.st_size);
	close(fd);
	return done;
}

/* Takes over fd. */
static int add_directory(struct webfiles *w, int fd, const char *path, unsigned depth)
{
	DIR *d = depth < WEBFILES_DEPTH_MAX ? fdopendir(fd) : NULL;
	int done = 0;
	if (!d) {
		close(fd);
		errno = depth < WEBFILES_DEPTH_MAX ? errno : EFBIG;
		return -1;
	}
	for (struct dirent *e; !done && (e = readdir(d)); ) {
		char child[NET_HTTP_PATH_MAX];
		if (e->d_name[0] == '.' || snprintf(child, sizeof child, "%s/%s", path, e->d_name) >= (int)sizeof child)
			continue;
		const int entry = openat(dirfd(d), e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (entry >= 0)
			done = add_entry(w, entry, child, depth);
		else if (errno != ELOOP)
			done = -1;
	}
	const int error = errno;
	closedir(d);
	errno = error;
	return done;
}

static const struct file *find(const struct webfiles *w, const char *path)
{
	const char *name = strcmp(path, "/") ? path : "/index.html";
	for (unsigned i = 0; w && i < w->n; i++)
		if (!strcmp(w->file[i].path, name))
			return &w->file[i];
	return NULL;
}

struct webfiles *webfiles_load(int directory)
{
	struct webfiles *w = calloc(1, sizeof *w);
	const int fd = w ? openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0 && add_directory(w, fd, "", 0) == 0) {
		if (find(w, "/"))
			return w;
		errno = ENOENT;
	}
	const int error = errno;
	webfiles_free(w);
	errno = error;
	return NULL;
}

void webfiles_free(struct webfiles *w)
{
	for (unsigned i = 0; w && i < w->n; i++) {
		free(w->file[i].path);
		free(w->file[i].bytes);
	}
	free(w);
}

static bool view_is(struct net_http_view v, const char *text)
{
	return v.len == strlen(text) && !memcmp(v.at, text, v.len);
}

static void put(struct wire_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct wire_buf *b, const char *fmt, ...)
{
	char line[256];
	va_list ap;
	va_start(ap, fmt);
	const int n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	wire_put(b, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void answer_error(struct webanswer *out, int status)
{
	out->status = status;
	out->keep_alive = false;
	net_http_put_error(&out->head, status, net_http_reason(status));
}

/* True when If-None-Match names the file's tag, or anything. */
static bool unchanged(const struct file *f, struct net_http_view tags)
{
	const size_t n = strlen(f->tag);
	if (tags.len && view_is(tags, "*"))
		return true;
	for (size_t i = 0; tags.len >= n && i <= tags.len - n; i++)
		if (!memcmp(tags.at + i, f->tag, n))
			return true;
	return false;
}

void webfiles_answer(struct webanswer *out, const struct webfiles *w, const struct net_http *request, long parsed)
{
	out->body = NULL;
	out->body_len = 0;
	if (parsed < 0) {
		answer_error(out, (int)-parsed);
		return;
	}
	const bool head = view_is(request->method, "HEAD");
	const struct file *f = find(w, request->path);
	if (!head && !view_is(request->method, "GET")) {
		answer_error(out, 405);
		return;
	}
	if (!f) {
		answer_error(out, 404);
		return;
	}
	out->status = unchanged(f, request->if_none_match) ? 304 : 200;
	out->keep_alive = request->keep_alive;
	put(&out->head, "HTTP/1.1 %d %s\r\n", out->status, net_http_reason(out->status));
	if (out->status == 200)
		put(&out->head, "Content-Type: %s\r\nContent-Length: %zu\r\n", f->type, f->len);
	put(&out->head, "ETag: %s\r\nCache-Control: no-cache\r\nConnection: %s\r\n", f->tag,
	    out->keep_alive ? "keep-alive" : "close");
	wire_put(&out->head, security_headers, sizeof security_headers - 1);
	wire_put(&out->head, "\r\n", 2);
	if (out->status == 200 && !head) {
		out->body = f->bytes;
		out->body_len = f->len;
	}
}
