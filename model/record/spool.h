/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/spool.h - a temporary file that the processes of several runs fill at
 * the same time.
 *
 * Each takes chunks of its own. The file has no name: it is gone when the last process
 * that has it open is gone, however that ends. */
#ifndef MODEL_RECORD_SPOOL_H
#define MODEL_RECORD_SPOOL_H

#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rec_spool {
    int fd;
    uint64_t *taken; /* chunks that are taken, shared by all processes */
    size_t chunk_bytes;
};

/* The descriptor of an empty file without a name on the file system of folder dir, to
 * write and read. -1 with errno set. */
ARCH_MUST_USE int rec_open_unnamed(const char *dir);

/* Opens a spool on the file system of folder dir, before the processes are forked.
 * False with errno set. */
ARCH_MUST_USE bool rec_spool_open(struct rec_spool *s, const char *dir,
                                  size_t chunk_bytes);
void rec_spool_close(struct rec_spool *s);

/* The number of a chunk that nobody else has. */
uint64_t rec_spool_take(struct rec_spool *s);

/* n bytes at offset of a chunk. False with errno set. */
ARCH_MUST_USE bool rec_spool_write(const struct rec_spool *s, uint64_t chunk,
                                   size_t offset, const void *data, size_t n);
ARCH_MUST_USE bool rec_spool_read(const struct rec_spool *s, uint64_t chunk,
                                  size_t offset, void *data, size_t n);

#endif
