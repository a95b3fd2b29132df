/* A statistics file: its writer may be a process that was taken over. What is made of it are numbers and words: JSON that can be read
 * back, Prometheus lines without a control character, a table. The bytes fill the file again and again behind a good header. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../bin/rfbstat/snapshot.c"
#include "../../bin/rfbstat/json.c"
#undef put
#include "../../bin/rfbstat/prom.c"
#include "../../bin/rfbstat/table.c"

static struct cli_stat_file *copy_of(const uint8_t *data, size_t size)
{
	const size_t slots = cli_metric_slot(STAT_METRICS), n = sizeof(struct cli_stat_file) + slots * sizeof(uint64_t);
	struct cli_stat_file *f = malloc(n), *copy;
	int fd = memfd_create("statfile", MFD_CLOEXEC);

	for (size_t i = 0; i < n; i++)
		((uint8_t *)f)[i] = data[i % size];
	f->magic = STAT_MAGIC;
	f->n_slots = (uint32_t)slots;
	if (fd < 0 || write(fd, f, n) != (ssize_t)n)
		abort();
	copy = copy_file(fd);
	close(fd);
	free(f);
	return copy;
}

static void check_json(const struct snapshot *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (report_json(to, s))
		abort();
	fclose(to);
	json_t *o = json_loadb(text, n, 0, NULL);
	if (!o || memchr(text, '\n', n) != text + n - 1)
		abort();
	json_decref(o);
	free(text);
}

static void check_prom(const struct snapshot *s, bool open)
{
	struct wire_buf out = { 0 };

	prom_put(&out, s, open);
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] < 0x20 && out.data[i] != '\n')
			abort();
	wire_buf_fini(&out);
}

static void check_table(const struct snapshot *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	report_table(to, s, s, 80, 3);
	fclose(to);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 && text[i] != '\n')
			abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot s = { .n = 1 };

	if (size < 1)
		return 0;
	s.p[0] = (struct process){ .file = copy_of(data, size), .alive = data[0] & 1 };
	if (!s.p[0].file)
		abort();
	check_json(&s);
	check_prom(&s, false);
	check_prom(&s, true);
	check_table(&s);
	snapshot_fini(&s);
	return 0;
}
