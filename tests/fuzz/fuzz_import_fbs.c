/* Recordings of another's making: fbs. */
#include <sys/uio.h>

#include "import.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	/* the readers begin behind what told their format */
	return n < 16 ? 0 : fuzz_import(rec_import_fbs, bytes, n);
}
