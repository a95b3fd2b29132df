/* Putting a layer on a viewer's stream: see upgrade.h. */
#include "upgrade.h"

#include "net/aes.h"
#include "net/tls.h"
#include "viewer/viewer.h"

void upgrade_ask(struct viewer *v, enum rfb_server_event what)
{
	v->upgrade = what;
	if (v->out.bytes == 0)
		upgrade_now(v);
}

static void go_on(void *v)
{
	viewer_go_on(v);
}

static struct net_stream *layer(struct viewer *v)
{
	const struct rfb_server_info *info = rfb_server_info(v->handshake);
	const struct secrets *s = &v->w->secrets;
	if (v->upgrade == RFB_SERVER_AES)
		return net_aes_stream(rfb_server_aes(v->handshake), v->stream);
	struct net_tls *t = auth_type_info(info->type)->channel == AUTH_TLS_X509 ? s->tls : s->anonymous;
	return t ? net_tls_stream(t, v->stream, NULL) : NULL;
}

void upgrade_now(struct viewer *v)
{
	/* bytes that came after the request belong to the layer */
	struct net_stream *s = net_stream_unread(v->stream, v->in, v->in_len) == 0 ? layer(v) : NULL;
	v->upgrade = RFB_SERVER_MORE;
	if (!s) {
		viewer_doom(v, "the connection cannot be secured: no memory");
		return;
	}
	v->in_len = 0;
	v->stream = s;
	net_tls_on_progress(s, go_on, v);
	rfb_server_upgraded(v->handshake);
	handshake_feed(v);
}
