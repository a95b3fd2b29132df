/* Why RFB bytes were refused: the negative values that this library's parsers return. */
#ifndef RFBKIT_RFB_ERROR_H
#define RFBKIT_RFB_ERROR_H

enum rfb_error {
	RFB_E_TYPE = -1,	/* message type that nobody may send (here) */
	RFB_E_LENGTH = -2,	/* a length beyond its cap */
	RFB_E_FORMAT = -3,	/* pixel format that cannot be served */
	RFB_E_VALUE = -4,	/* a field with a value that is not allowed */
	RFB_E_VERSION = -5,	/* not an RFB version */
	RFB_E_ENCODING = -6,	/* an encoding that was not asked for */
	RFB_E_ZLIB = -7,	/* damaged compressed data */
	RFB_E_MEMORY = -8,
};

/* One short phrase, for a log line: "unknown message type". */
const char *rfb_strerror(long error);

#endif
