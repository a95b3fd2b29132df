/* Phrases for this library's errors. */
#include "rfb/error.h"

static const char *const phrases[] = {
	[-RFB_E_TYPE] = "unknown message type",
	[-RFB_E_LENGTH] = "length beyond its limit",
	[-RFB_E_FORMAT] = "unusable pixel format",
	[-RFB_E_VALUE] = "value out of range",
	[-RFB_E_VERSION] = "not an RFB version",
	[-RFB_E_ENCODING] = "encoding that was not asked for",
	[-RFB_E_ZLIB] = "damaged compressed data",
	[-RFB_E_MEMORY] = "out of memory",
};

const char *rfb_strerror(long error)
{
	long n = (long)(sizeof phrases / sizeof *phrases);

	return error < 0 && -error < n ? phrases[-error] : "no error";
}
