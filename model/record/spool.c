/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_TMPFILE, MAP_ANONYMOUS */
#include "model/record/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Not every file system knows files without a name. */
static int open_and_unlink(const char *dir)
{
    char path[4300];
    int fd;

    snprintf(path, sizeof path, "%s/.stage2sim-XXXXXX", dir);
    fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int rec_open_unnamed(const char *dir)
{
    const int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    return fd < 0 && errno != ENOENT && errno != EACCES ? open_and_unlink(dir) : fd;
}

bool rec_spool_open(struct rec_spool *s, const char *dir, size_t chunk_bytes)
{
    void *taken = mmap(NULL, sizeof *s->taken, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (taken == MAP_FAILED)
        return false;
    s->taken = taken;
    s->chunk_bytes = chunk_bytes;
    s->fd = rec_open_unnamed(dir);
    if (s->fd >= 0)
        return true;
    munmap(taken, sizeof *s->taken);
    return false;
}

void rec_spool_close(struct rec_spool *s)
{
    close(s->fd);
    munmap(s->taken, sizeof *s->taken);
}

uint64_t rec_spool_take(struct rec_spool *s)
{
    return __atomic_fetch_add(s->taken, 1, __ATOMIC_RELAXED);
}

bool rec_spool_write(const struct rec_spool *s, uint64_t chunk, size_t offset,
                     const void *data, size_t n)
{
    const char *from = data;
    off_t at = (off_t)(chunk * s->chunk_bytes + offset);

    assert(offset + n <= s->chunk_bytes);
    while (n > 0) {
        const ssize_t done = pwrite(s->fd, from, n, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        from += done;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

bool rec_spool_read(const struct rec_spool *s, uint64_t chunk, size_t offset,
                    void *data, size_t n)
{
    char *to = data;
    off_t at = (off_t)(chunk * s->chunk_bytes + offset);

    assert(offset + n <= s->chunk_bytes);
    while (n > 0) {
        const ssize_t done = pread(s->fd, to, n, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = EIO; /* somebody has cut the file off */
        if (done <= 0)
            return false;
        to += done;
        at += done;
        n -= (size_t)done;
    }
    return true;
}
