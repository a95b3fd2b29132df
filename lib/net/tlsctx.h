/* TLS settings from the inside. Private to lib/net. */
#ifndef RFBKIT_NET_TLSCTX_H
#define RFBKIT_NET_TLSCTX_H

#include <openssl/ssl.h>

#include "net/aside.h"
#include "net/tls.h"

struct net_tls {
	unsigned references;
	bool server, verify_host;
	struct net_aside *aside;	/* does the handshakes; NULL: they happen within reads and writes */
	SSL_CTX *ctx;
	BIO_METHOD *method;		/* of the streams' BIOs */
};

/* The BIO_METHOD of tlsstream.c. */
BIO_METHOD *net_tls_bio_method(void);
/* The oldest error in OpenSSL's queue, in its words; empties the queue. */
const char *net_tls_why(void);

#endif
