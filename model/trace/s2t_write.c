/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/s2t_write.c - the chunks of a .s2t, and its name at the end. */
#define _POSIX_C_SOURCE 200809L /* mkstemp, fdopen */
#include "model/trace/s2t_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZSTD_LEVEL 3

struct s2t_writer {
    char path[4096];
    char temporary[4096 + 8];
    FILE *out;
    ZSTD_CCtx *zstd;
    struct s2t_block *block;
    struct s2t_buffer raw, stored;
};

static bool no_memory(struct trace_error *err)
{
    return trace_fail(err, "no memory to write a .s2t");
}

static bool cannot_write(const struct s2t_writer *w, struct trace_error *err)
{
    const int why = errno;

    trace_error_in(err, w->path);
    return trace_fail(err, "cannot be written: %s", strerror(why));
}

void s2t_abandon(struct s2t_writer *w)
{
    if (w->out != NULL)
        fclose(w->out);
    if (w->temporary[0] != '\0')
        unlink(w->temporary);
    s2t_block_free(w->block);
    ZSTD_freeCCtx(w->zstd);
    free(w->raw.bytes);
    free(w->stored.bytes);
    free(w);
}

static bool open_temporary(struct s2t_writer *w, const char *path,
                           struct trace_error *err)
{
    const mode_t mask = umask(0);
    int fd;

    umask(mask);
    if (snprintf(w->path, sizeof(w->path), "%s", path) >= (int)sizeof(w->path)) {
        errno = ENAMETOOLONG;
        return cannot_write(w, err);
    }
    snprintf(w->temporary, sizeof(w->temporary), "%s.XXXXXX", w->path);
    fd = mkstemp(w->temporary);
    if (fd < 0) {
        w->temporary[0] = '\0';
        return cannot_write(w, err);
    }
    if (fchmod(fd, 0666 & ~mask) != 0)
        return cannot_write(w, err);
    w->out = fdopen(fd, "wb");
    return w->out != NULL || cannot_write(w, err);
}

static bool prepare(struct s2t_writer *w, const char *path, struct trace_tables *tables,
                    struct trace_error *err)
{
    static const uint8_t head[S2T_MAGIC_BYTES] = S2T_MAGIC "\x01";

    if (!open_temporary(w, path, err))
        return false;
    w->zstd = ZSTD_createCCtx();
    w->block = s2t_block_new(tables);
    if (w->zstd == NULL || w->block == NULL)
        return no_memory(err);
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
    return fwrite(head, sizeof(head), 1, w->out) == 1 || cannot_write(w, err);
}

struct s2t_writer *s2t_create(const char *path, struct trace_tables *tables,
                              struct trace_error *err)
{
    struct s2t_writer *w = calloc(1, sizeof(*w));

    trace_error_in(err, path);
    if (w == NULL) {
        no_memory(err);
        return NULL;
    }
    if (!prepare(w, path, tables, err)) {
        s2t_abandon(w);
        return NULL;
    }
    return w;
}

static bool write_chunk(struct s2t_writer *w, const char *tag, uint32_t records,
                        const void *raw, size_t raw_n, struct trace_error *err)
{
    uint8_t head[S2T_CHUNK_BYTES];
    size_t n;
    uLong crc;

    w->stored.n = 0;
    if (!s2t_reserve(&w->stored, ZSTD_compressBound(raw_n)))
        return no_memory(err);
    n = ZSTD_compress2(w->zstd, w->stored.bytes, w->stored.room, raw, raw_n);
    if (ZSTD_isError(n))
        return trace_fail(err, "zstd: %s", ZSTD_getErrorName(n));
    memcpy(head, tag, 4);
    s2t_put_u32(head + 4, (uint32_t)n);
    s2t_put_u32(head + 8, (uint32_t)raw_n);
    s2t_put_u32(head + 12, records);
    crc = crc32(crc32(0, head, 16), w->stored.bytes, (uInt)n);
    s2t_put_u32(head + 16, (uint32_t)crc);
    if (fwrite(head, sizeof(head), 1, w->out) != 1 ||
        fwrite(w->stored.bytes, 1, n, w->out) != n)
        return cannot_write(w, err);
    return true;
}

static bool write_block(struct s2t_writer *w, struct trace_error *err)
{
    const uint32_t records = s2t_block_records(w->block);

    if (records == 0)
        return true;
    if (!s2t_block_take(w->block, &w->raw))
        return no_memory(err);
    return write_chunk(w, "BLCK", records, w->raw.bytes, w->raw.n, err);
}

bool s2t_write(void *writer, const struct trace_record *r, struct trace_error *err)
{
    struct s2t_writer *w = writer;

    if (s2t_block_full(w->block, r) && !write_block(w, err))
        return false;
    return s2t_block_add(w->block, r) || no_memory(err);
}

bool s2t_finish(struct s2t_writer *w, const char *about, size_t len,
                struct trace_error *err)
{
    bool ok = write_block(w, err) && write_chunk(w, "TAIL", 0, about, len, err);

    if (ok) {
        ok = fflush(w->out) == 0 && fsync(fileno(w->out)) == 0;
        ok = fclose(w->out) == 0 && ok;
        w->out = NULL;
        ok = (ok && rename(w->temporary, w->path) == 0) || cannot_write(w, err);
    }
    if (ok)
        w->temporary[0] = '\0';
    s2t_abandon(w);
    return ok;
}
