/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/jobs.c - each simulation in a process of its own, some at a time.
 *
 * The SystemC kernel runs once per process. A child hands its record over through an
 * unnamed temporary file. */
#include "model/cli/jobs.h"

#include "model/cli/scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOLD = 3 }; /* exit status of a process that has told why it has no record */

struct worker {
    pid_t pid; /* 0: idle */
    size_t job;
    FILE *record;
};

static void describe(const struct cli_job *job, const char *what)
{
    const struct machine_job *m = &job->machine;

    fprintf(stderr, "stage2sim: %s%svariant %s, seed %llu: %s\n",
            job->label ? job->label : "", job->label ? ", " : "",
            m->scenario->variants[m->variant].name, (unsigned long long)m->seed, what);
}

static void describe_file(const struct cli_job *job, const char *what)
{
    char text[4500];

    snprintf(text, sizeof text, "cannot write its %s to a temporary file in %s: %s",
             what, cli_scratch_dir(), strerror(errno));
    describe(job, text);
}

static bool save(const struct rec_run *runs, uint32_t n, uint64_t outside_messages,
                 FILE *record)
{
    errno = 0;
    fwrite(&outside_messages, sizeof outside_messages, 1, record);
    for (uint32_t i = 0; i < n; i++)
        rec_save(&runs[i], record);
    return fflush(record) == 0 && !ferror(record);
}

/* What went wrong in the run is in its record: who cannot hand that over tells it. */
static int work(const struct cli_job *job, FILE *record)
{
    const uint32_t n = job->machine.scenario->vms_n;
    FILE *updates = job->machine.updates;
    struct rec_run *runs = calloc(n, sizeof *runs);
    uint64_t outside_messages;

    if (!runs) {
        describe(job, "out of memory");
        return TOLD;
    }
    machine_run(&job->machine, runs, &outside_messages);
    errno = 0;
    if (updates && (fflush(updates) != 0 || ferror(updates)))
        describe_file(job, "table updates");
    else if (save(runs, n, outside_messages, record))
        return 0;
    else
        describe_file(job, "record");
    for (uint32_t i = 0; i < n; i++) {
        if (runs[i].error)
            describe(job, runs[i].error);
    }
    return TOLD;
}

/* In a new child: it ends when the process that wants its record does. */
static void die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

/* False with a message printed. */
static bool start(struct worker *w, const struct cli_job *jobs, size_t job)
{
    const pid_t self = getpid();

    w->record = cli_scratch_open();
    if (!w->record)
        return false;
    fflush(NULL);
    w->job = job;
    w->pid = fork();
    if (w->pid == 0) {
        die_with(self);
        _exit(work(&jobs[job], w->record));
    }
    if (w->pid < 0) {
        fprintf(stderr, "stage2sim: cannot start a process: %s\n", strerror(errno));
        fclose(w->record);
        w->pid = 0;
        return false;
    }
    return true;
}

static bool load(const struct cli_job *job, struct rec_run *out, struct rec_run *vms,
                 FILE *record)
{
    const uint32_t n = job->machine.scenario->vms_n;
    uint64_t outside_messages;

    if (fread(&outside_messages, sizeof outside_messages, 1, record) != 1)
        return false;
    if (n == 1 && !rec_load(out, record))
        return false;
    for (uint32_t i = 0; n > 1 && i < n; i++) {
        if (!rec_load(&vms[i], record))
            return false;
    }
    if (n > 1)
        rec_merge(out, vms, n);
    out->n.dvm_messages += outside_messages;
    return true;
}

static bool keep_record(const struct cli_job *job, FILE *record)
{
    if (!load(job, job->out, job->vms, record)) {
        describe(job, "its record is incomplete");
        return false;
    }
    if (job->out->error)
        describe(job, job->out->error);
    return !job->out->error;
}

/* The columns of a record that nobody wants to keep. */
static bool keep_metrics(const struct cli_job *job, FILE *record)
{
    const uint32_t n = job->machine.scenario->vms_n;
    struct rec_run out = {.error = NULL}, *vms = calloc(n, sizeof *vms);
    struct cli_job whole = *job;
    bool ok;

    whole.out = &out;
    whole.vms = vms;
    ok = vms && keep_record(&whole, record);
    if (ok)
        rec_metrics(&out, job->metrics);
    rec_free(&out);
    for (uint32_t i = 0; vms && i < n; i++)
        rec_free(&vms[i]);
    free(vms);
    return ok;
}

static bool collect(struct worker *w, const struct cli_job *jobs, int status)
{
    const struct cli_job *job = &jobs[w->job];
    char text[80];
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    rewind(w->record);
    if (!ok && !(WIFEXITED(status) && WEXITSTATUS(status) == TOLD)) {
        snprintf(text, sizeof text, "its process ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        describe(job, text);
    }
    if (ok)
        ok = job->out ? keep_record(job, w->record) : keep_metrics(job, w->record);
    fclose(w->record);
    w->pid = 0;
    return ok;
}

static void show_progress(const char *label, size_t done, size_t n)
{
    if (label && isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s: %zu of %zu runs%s", label, done, n,
                done == n ? "\n" : "   ");
}

static struct worker *worker_of(struct worker *workers, unsigned n, pid_t pid)
{
    for (unsigned i = 0; i < n; i++) {
        if (workers[i].pid == pid)
            return &workers[i];
    }
    return NULL;
}

int cli_jobs(const struct cli_job *jobs, size_t jobs_n, unsigned parallel_n,
             const char *label)
{
    struct worker *workers = calloc(parallel_n, sizeof *workers);
    size_t next = 0, done = 0, running = 0;
    bool ok = workers != NULL;

    show_progress(label, 0, jobs_n);
    while (running > 0 || (ok && next < jobs_n)) {
        struct worker *w;
        int status;

        while (ok && next < jobs_n && (w = worker_of(workers, parallel_n, 0))) {
            ok = start(w, jobs, next);
            if (!ok)
                break;
            next++;
            running++;
        }
        if (running == 0)
            break;
        w = worker_of(workers, parallel_n, waitpid(-1, &status, 0));
        if (!w)
            continue;
        ok = collect(w, jobs, status) && ok;
        running--;
        show_progress(label, ++done, jobs_n);
    }
    free(workers);
    return ok ? CLI_OK : CLI_BROKEN;
}
