/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/dat_child.c - the records of a trace.dat, in order of time, to a pipe. */
#include "model/trace/dat.h"

#include "model/trace/about.h"
#include "model/trace/s2t_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <trace-cmd.h>
#include <unistd.h>

#define PIDS 65536u
#define INSTANCES_MAX 64

/* In libtracecmd, though not in its header; without them less is known. */
__attribute__((weak)) const char *tracecmd_get_uname(struct tracecmd_input *handle);
__attribute__((weak)) const char *tracecmd_get_trace_clock(
    struct tracecmd_input *handle);
__attribute__((weak)) const char *tracecmd_get_cpustats(struct tracecmd_input *handle);

struct child {
    int out;
    struct trace_tables tables;
    struct trace_origin origin;
    struct dat_printer *printer;
    struct tep_handle *tep;
    struct s2t_block *block;
    struct s2t_buffer raw;
    struct trace_record record;
    struct trace_error err;
    struct trace_thread *threads[PIDS]; /* the last of each number */
    bool has_offsets;                   /* of records, in the file */
    struct {
        int cpu;
        uint64_t offset;
        bool is_bad; /* it is what cannot be read */
    } last;          /* record seen */
    bool any;        /* was seen */
};

static bool write_all(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n > 0) {
        const ssize_t done = write(fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool send(struct child *c, const char *tag, uint32_t records, const void *bytes,
                 size_t n)
{
    uint8_t head[12];

    memcpy(head, tag, 4);
    s2t_put_u32(head + 4, (uint32_t)n);
    s2t_put_u32(head + 8, records);
    return write_all(c->out, head, sizeof(head)) && write_all(c->out, bytes, n);
}

static bool send_block(struct child *c)
{
    const uint32_t records = s2t_block_records(c->block);

    if (records == 0)
        return true;
    return s2t_block_take(c->block, &c->raw) &&
           send(c, "BLCK", records, c->raw.bytes, c->raw.n);
}

static bool add(struct child *c, const struct trace_record *r)
{
    if (s2t_block_full(c->block, r) && !send_block(c))
        return trace_fail(&c->err, "no memory, or nobody reads");
    return s2t_block_add(c->block, r) || trace_fail(&c->err, "no memory");
}

static bool lost(struct child *c, int cpu, long long events, uint64_t time_ns)
{
    struct trace_record mark = {.cpu = (uint16_t)cpu,
                                .time_ns = time_ns,
                                .line = c->origin.records,
                                .values = {events > 0 ? (uint64_t)events : 0}};

    c->origin.lost += events > 0 ? (uint64_t)events : 1;
    c->origin.lost_in_marks += events > 0 ? (uint64_t)events : 1;
    c->origin.lost_marks++;
    c->origin.lost_unknown += events <= 0;
    return add(c, &mark);
}

static bool set_thread(struct child *c, int pid)
{
    struct trace_thread **known = &c->threads[(uint32_t)pid % PIDS];
    const char *task;
    size_t len;

    if (*known == NULL || (*known)->tid != (uint32_t)pid) {
        task = tep_data_comm_from_pid(c->tep, pid);
        task = task != NULL ? task : "<...>";
        len = strnlen(task, TRACE_TASK_BYTES - 1);
        *known = trace_thread_of(&c->tables, (uint32_t)pid, 0, task, len, &c->err);
    }
    c->record.thread = *known;
    return *known != NULL;
}

static bool one_record(struct child *c, struct tep_record *record, int cpu)
{
    struct tep_event *event;

    if (cpu < 0 || cpu > UINT16_MAX)
        return trace_fail(&c->err, "CPU number %d", cpu);
    if (record->missed_events != 0 && !lost(c, cpu, record->missed_events, record->ts))
        return false;
    event = tep_find_event_by_record(c->tep, record);
    if (event == NULL)
        return trace_fail(&c->err, "event number %d, for which the file has no format",
                          tep_data_type(c->tep, record));
    if (trace_tables_trim(&c->tables)) {
        dat_printer_forget(c->printer);
        memset(c->threads, 0, sizeof(c->threads));
    }
    c->record.line = c->origin.records + 1;
    c->record.cpu = (uint16_t)cpu;
    c->record.time_ns = record->ts;
    if (!set_thread(c, tep_data_pid(c->tep, record)) ||
        !dat_print(c->printer, event, record, &c->record, &c->err))
        return false;
    c->origin.records++;
    c->last.is_bad = false;
    return add(c, &c->record);
}

static int on_record(struct tracecmd_input *handle, struct tep_record *record, int cpu,
                     void *data)
{
    struct child *c = data;

    (void)handle;
    c->any = true;
    c->last.cpu = cpu;
    c->last.offset = record->offset;
    c->last.is_bad = true;
    return one_record(c, record, cpu) ? 0 : -1;
}

/* "overrun: 12" and "dropped events: 3" of each CPU, where nothing marks the place. */
static void note_overruns(struct child *c, const char *stats)
{
    static const char *const keys[] = {"overrun:", "dropped events:"};
    uint64_t sum = 0;

    for (size_t i = 0; stats != NULL && i < 2; i++) {
        for (const char *at = stats; (at = strstr(at, keys[i])) != NULL; at++) {
            /* "commit overrun" is another count. */
            if (i == 1 || at == stats || at[-1] == '\n')
                sum += strtoull(at + strlen(keys[i]), NULL, 10);
        }
    }
    if (sum > c->origin.lost_in_marks)
        c->origin.lost = sum;
}

static void note_origin(struct child *c, struct tracecmd_input *handle)
{
    struct trace_origin *o = &c->origin;
    const char *text = tracecmd_get_uname != NULL ? tracecmd_get_uname(handle) : NULL;

    o->digits = 9;
    o->cpus_n = (uint64_t)tep_get_cpus(c->tep);
    /* "Linux NODE RELEASE VERSION MACHINE" */
    if (text != NULL && (text = strchr(text, ' ')) != NULL &&
        (text = strchr(text + 1, ' ')) != NULL)
        snprintf(o->kernel, sizeof(o->kernel), "%.*s", (int)strcspn(text + 1, " "),
                 text + 1);
    text = tracecmd_get_trace_clock != NULL ? tracecmd_get_trace_clock(handle) : NULL;
    if (text == NULL)
        return;
    /* All clocks of the kernel, the one in use in brackets. */
    if (strchr(text, '[') != NULL)
        text = strchr(text, '[') + 1;
    snprintf(o->clock, sizeof(o->clock), "%.*s", (int)strcspn(text, "] \n"), text);
    if (strcmp(o->clock, "counter") == 0 || strcmp(o->clock, "uptime") == 0)
        o->digits = 0;
}

/* The main buffer and the instances, merged by time. */
static bool all_records(struct child *c, struct tracecmd_input *handle)
{
    struct tracecmd_input *handles[INSTANCES_MAX + 1] = {handle};
    int n = tracecmd_buffer_instances(handle);

    if (n > INSTANCES_MAX)
        return trace_fail(&c->err, "%d buffer instances; accepted: up to %d", n,
                          INSTANCES_MAX);
    for (int i = 0; i < n; i++) {
        handles[i + 1] = tracecmd_buffer_instance_handle(handle, i);
        if (handles[i + 1] == NULL)
            return trace_fail(&c->err, "buffer instance %d cannot be opened", i);
    }
    if (n > 0 ? tracecmd_iterate_events_multi(handles, n + 1, on_record, c) != 0
              : tracecmd_iterate_events(handle, NULL, 0, on_record, c) != 0)
        return c->err.text[0] == '\0'
                   ? trace_fail(&c->err, "libtracecmd cannot read its records")
                   : false;
    return true;
}

/* Offsets are those of the file unless its data are compressed, which version 7 says
 * behind its byte order, size of a long and page size: "none" or the method. */
static bool has_offsets(int fd)
{
    enum { VERSION = 10, METHOD = 18 };
    char head[METHOD + sizeof("none")] = {0};

    if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
        return false;
    return head[VERSION] == '6' || memcmp(head + METHOD, "none", sizeof("none")) == 0;
}

/* Puts behind the error which record it was, or what could be read before it. */
static void add_place(struct child *c)
{
    const size_t len = strlen(c->err.text);
    const uint64_t number = c->origin.records + c->last.is_bad;
    char offset[48] = "";

    if (!c->any)
        return;
    if (c->has_offsets)
        snprintf(offset, sizeof(offset), ", at byte %" PRIu64, c->last.offset);
    snprintf(c->err.text + len, sizeof(c->err.text) - len,
             " (%s record %" PRIu64 ", of CPU %d%s)", c->last.is_bad ? "in" : "behind",
             number, c->last.cpu, offset);
}

static bool read_dat(struct child *c, int fd)
{
    const long long bytes = lseek(fd, 0, SEEK_END);
    struct tracecmd_input *handle;
    char about[4096];

    lseek(fd, 0, SEEK_SET);
    tracecmd_set_loglevel(TEP_LOG_NONE);
    tep_set_loglevel(TEP_LOG_NONE);
    handle = tracecmd_open_fd(fd, TRACECMD_FL_LOAD_NO_PLUGINS);
    if (handle == NULL)
        return trace_fail(&c->err, "libtracecmd cannot open its %lld bytes", bytes);
    c->tep = tracecmd_get_tep(handle);
    c->block = s2t_block_new(&c->tables);
    c->printer = dat_printer_new(&c->tables, c->tep);
    if (c->block == NULL || c->printer == NULL)
        return trace_fail(&c->err, "no memory");
    note_origin(c, handle);
    if (!all_records(c, handle))
        return false;
    note_overruns(c,
                  tracecmd_get_cpustats != NULL ? tracecmd_get_cpustats(handle) : NULL);
    return send_block(c) &&
           send(c, "TAIL", 0, about, about_print(&c->origin, about, sizeof(about)));
}

int dat_child(int fd, int out)
{
    struct child *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return 1;
    c->out = out;
    c->origin.format = TRACE_DAT;
    c->has_offsets = has_offsets(fd);
    if (read_dat(c, fd))
        return 0;
    add_place(c);
    if (c->block != NULL) /* the reader counts what was good */
        (void)send_block(c);
    send(c, "FAIL", 0, c->err.text, strlen(c->err.text));
    return 1;
}
