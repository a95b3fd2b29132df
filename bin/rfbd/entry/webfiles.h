/* The browser page's files, read into memory before the worker is locked in, and the HTTP
 * answers made of them. Pure: no descriptor is touched after loading. */
#ifndef RFBD_WEBFILES_H
#define RFBD_WEBFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/http.h"
#include "wire/wire.h"

#define WEBFILES_MAX 512u		/* files */
#define WEBFILES_BYTES_MAX (16u << 20)	/* altogether */
#define WEBFILES_DEPTH_MAX 8u

struct webfiles;

/* Reads every regular file with a known ending (.html .js .css .svg .png .ico .txt .json .wasm) below the directory; hidden
 * ones and symbolic links are left out. NULL and errno (EFBIG: beyond the limits, ENOENT: no index.html). */
struct webfiles *webfiles_load(int directory);
void webfiles_free(struct webfiles *w);

struct webanswer {
	int status;
	bool keep_alive;
	struct wire_buf head;		/* the caller's to wire_buf_fini */
	const uint8_t *body;		/* borrowed from the files; NULL when `head` is all */
	size_t body_len;
};

/* The answer to a parsed request (`parsed` > 0) or to one that net_http_parse refused (`parsed` < 0). `w` may be NULL:
 * everything is 404 then. Appends to out->head. */
void webfiles_answer(struct webanswer *out, const struct webfiles *w, const struct net_http *request, long parsed);

#endif
