/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/dat.c - starts the process that reads a trace.dat and takes its records.
 */
#define _POSIX_C_SOURCE 200809L /* fileno */
#include "model/trace/dat.h"

#include "model/trace/about.h"
#include "model/trace/s2t_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COPY_BYTES 65536u
/* A file that keeps libtracecmd busy for so long without a record is damaged. */
#define SILENCE_MS 60000
#define FAIL_BYTES_MAX 400u

struct dat {
    struct trace_reader *r;
    int in; /* end of the pipe */
    pid_t pid;
    struct s2t_decoder *decoder;
    struct s2t_buffer raw;
};

static bool refused(struct dat *d, const char *why)
{
    d->r->err->line = 0;
    return trace_fail(d->r->err,
                      "the trace.dat is damaged after %" PRIu64
                      " records: %s; accepted: a complete file of trace-cmd, version 6 "
                      "or 7",
                      d->r->origin.records, why);
}

/* The file behind bytes, or a copy of what it gives. -1 after an error. */
static int file_of(struct trace_reader *r, struct trace_bytes *bytes)
{
    static const char failed[] = "no temporary file for the unpacked trace.dat: %s";
    const int direct = fileno(bytes->in);
    uint8_t copy[COPY_BYTES];
    size_t n = 1;
    FILE *out;
    int fd;

    if (bytes->packing == TRACE_PLAIN && direct >= 0 && lseek(direct, 0, SEEK_SET) == 0)
        return dup(direct);
    out = tmpfile();
    if (out == NULL) {
        trace_fail(r->err, failed, strerror(errno));
        return -1;
    }
    while (n > 0) {
        if (!trace_bytes_read(bytes, copy, sizeof(copy), &n, r->err)) {
            fclose(out);
            return -1;
        }
        if (fwrite(copy, 1, n, out) != n)
            break;
    }
    fd = fflush(out) == 0 && n == 0 ? dup(fileno(out)) : -1;
    if (fd < 0)
        trace_fail(r->err, failed, strerror(errno));
    else
        lseek(fd, 0, SEEK_SET);
    fclose(out);
    return fd;
}

_Noreturn static void run_child(int fd, int in, int out)
{
    const int null = open("/dev/null", O_WRONLY);

    close(in);
    signal(SIGPIPE, SIG_IGN);
    /* libtracecmd prints its complaints. */
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    _exit(dat_child(fd, out));
}

static bool start(struct dat *d, int fd)
{
    int ends[2];

    if (pipe(ends) != 0)
        return trace_fail(d->r->err, "no pipe: %s", strerror(errno));
    d->pid = fork();
    if (d->pid == 0)
        run_child(fd, ends[0], ends[1]);
    close(ends[1]);
    d->in = ends[0];
    return d->pid > 0 ||
           trace_fail(d->r->err, "no process to read a trace.dat: %s", strerror(errno));
}

static bool read_all(struct dat *d, void *dst, size_t n)
{
    uint8_t *at = dst;

    while (n > 0) {
        struct pollfd ready = {d->in, POLLIN, 0};
        const int answer = poll(&ready, 1, SILENCE_MS);
        ssize_t got;

        if (answer < 0 && errno == EINTR)
            continue;
        if (answer <= 0) {
            kill(d->pid, SIGKILL);
            return refused(d, "libtracecmd comes to no end");
        }
        got = read(d->in, at, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return refused(d, "libtracecmd broke down");
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool take_tail(struct dat *d)
{
    struct trace_origin tail = {0};
    struct trace_origin *o = &d->r->origin;

    if (!about_parse(&tail, (const char *)d->raw.bytes, d->raw.n))
        return refused(d, "its end is not known");
    o->cpus_n = tail.cpus_n;
    o->digits = tail.digits;
    o->lines = o->records;
    o->lost = tail.lost;
    memcpy(o->kernel, tail.kernel, sizeof(o->kernel));
    memcpy(o->clock, tail.clock, sizeof(o->clock));
    return true;
}

static bool take_failure(struct dat *d)
{
    char why[FAIL_BYTES_MAX / 2];
    const size_t n = d->raw.n < sizeof(why) ? d->raw.n : sizeof(why) - 1;

    memcpy(why, d->raw.bytes, n);
    why[n] = '\0';
    return refused(d, why);
}

static bool take_chunks(struct dat *d)
{
    for (;;) {
        uint8_t head[12];
        uint32_t records;

        if (!read_all(d, head, sizeof(head)))
            return false;
        d->raw.n = 0;
        if (!s2t_reserve(&d->raw, s2t_get_u32(head + 4)))
            return trace_fail(d->r->err, "no memory to read a trace.dat");
        d->raw.n = s2t_get_u32(head + 4);
        records = s2t_get_u32(head + 8);
        if (!read_all(d, d->raw.bytes, d->raw.n))
            return false;
        if (memcmp(head, "TAIL", 4) == 0)
            return take_tail(d);
        if (memcmp(head, "FAIL", 4) == 0)
            return take_failure(d);
        if (!s2t_decode(d->decoder, d->r, d->raw.bytes, d->raw.n, records))
            return false;
    }
}

bool trace_read_dat(struct trace_reader *r, struct trace_bytes *bytes)
{
    struct dat d = {.r = r, .in = -1, .decoder = s2t_decoder_new()};
    const int fd = d.decoder != NULL ? file_of(r, bytes) : -1;
    bool ok = false;

    r->origin.format = TRACE_DAT;
    if (d.decoder == NULL)
        return trace_fail(r->err, "no memory to read a trace.dat");
    if (fd >= 0)
        ok = start(&d, fd) && take_chunks(&d);
    r->err->line = 0;
    if (d.in >= 0)
        close(d.in);
    if (d.pid > 0 && !ok)
        kill(d.pid, SIGKILL);
    if (d.pid > 0)
        waitpid(d.pid, NULL, 0);
    if (fd >= 0)
        close(fd);
    s2t_decoder_free(d.decoder);
    free(d.raw.bytes);
    return ok;
}
