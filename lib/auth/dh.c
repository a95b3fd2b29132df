/* Not offered yet. */
#include "auth/stage.h"

size_t auth_stage_dh(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)bytes;
	(void)n;
	(void)out;
	return auth_broken(a, "security type is not available", event);
}

#include "auth/cstage.h"
AUTH_CSTAGE(auth_cstage_dh)
{
	(void)bytes;
	(void)n;
	(void)out;
	return auth_client_broken(c, "security type is not available", event);
}
