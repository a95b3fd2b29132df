/* TLS (OpenSSL, 1.2 and later): certificates, and the stream layer. Anonymous TLS, which VeNCrypt's TLS* types need,
 * has a context of its own (aNULL:@SECLEVEL=0, TLS 1.2 exactly). */
#ifndef RFBKIT_NET_TLS_H
#define RFBKIT_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/stream.h"

struct net_aside;
struct net_tls;		/* a server's or client's settings; reference-counted by its streams */

/* --- server ---------------------------------------------------------------------------------- */

/* A context from PEM files (chain and key; key may be NULL when cert holds both). client_ca: PEM file of CAs of which
 * clients must show a certificate; NULL: none. NULL and one line in err. */
struct net_tls *net_tls_server(const char *cert, const char *key, const char *client_ca, char *err, size_t err_len);
/* The same from PEM text in memory (for a confined process, whose monitor reads the files). */
struct net_tls *net_tls_server_pem(const char *cert_pem, size_t cert_len, const char *key_pem, size_t key_len,
				   const char *ca_pem, size_t ca_len, char *err, size_t err_len);
struct net_tls *net_tls_server_anonymous(char *err, size_t err_len);
/* Makes a self-signed certificate for this host if neither file exists: key mode 0600, P-256, ten years. 1 made, 0 they
 * exist, -1 and one line in err. */
int net_tls_make_certificate(const char *cert, const char *key, char *err, size_t err_len);
/* The handshakes of streams that are made from now on are done by these threads (which outlive the streams), not within reads and
 * writes: these say EAGAIN meanwhile, and net_stream_events names nothing to wait for. */
void net_tls_use_aside(struct net_tls *t, struct net_aside *aside);
/* SHA-256 of the certificate, "AB:CD:…" (96 bytes with NUL). False: anonymous. */
bool net_tls_fingerprint(const struct net_tls *t, char text[96]);

/* --- client ------------------------------------------------------------------------------------ */

/* ca: PEM file to trust (NULL: the system's); insecure: take any certificate. */
struct net_tls *net_tls_client(const char *ca, bool insecure, char *err, size_t err_len);
struct net_tls *net_tls_client_anonymous(char *err, size_t err_len);
/* Gives a client a certificate of its own to show (PEM files; key may be NULL when cert holds both). */
bool net_tls_client_certificate(struct net_tls *t, const char *cert, const char *key, char *err, size_t err_len);

void net_tls_free(struct net_tls *t);	/* streams keep what they need */

/* --- streams -------------------------------------------------------------------------------------- */

/* Puts TLS on a stream, as server or client by t (host: the client's name check and SNI; NULL for servers). The
 * handshake happens within reads and writes; a client's hello goes out at once. NULL: no memory; below stays the caller's. */
struct net_stream *net_tls_stream(struct net_tls *t, struct net_stream *below, const char *host);
/* For a handshake that is done aside: fn(arg) is called by net_aside_collect each time that it has gone on, or failed, and reading
 * and writing is worth another try. Never after the stream was closed. */
void net_tls_on_progress(struct net_stream *s, void (*fn)(void *arg), void *arg);
/* True once the handshake is over. */
bool net_tls_established(const struct net_stream *s);
/* Subject common name of the client's verified certificate; "" for none. */
const char *net_tls_peer_name(const struct net_stream *s);

#endif
