/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/run_dir.c - a run directory that appears whole or not at all.
 *
 * Everything is written into a folder beside it, which is then renamed. */
#include "model/cli/cli_priv.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static bool is_run_dir(const char *dir)
{
    char path[4200];

    snprintf(path, sizeof path, "%s/run.json", dir);
    return exists(path);
}

int cli_check_out_dir(const char *dir, bool replace)
{
    if (!exists(dir))
        return CLI_OK;
    if (!replace) {
        fprintf(stderr,
                "stage2sim run: %s exists; --force replaces it, -o DIR writes "
                "elsewhere\n",
                dir);
        return CLI_INPUT;
    }
    if (is_run_dir(dir))
        return CLI_OK;
    fprintf(stderr,
            "stage2sim run: %s is not a run directory (it has no run.json) and "
            "is not replaced\n",
            dir);
    return CLI_INPUT;
}

/* The folder that path is in. */
static void to_parent(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash)
        strcpy(path, ".");
    else
        slash[slash == path] = '\0';
}

bool cli_open_spool(struct rec_spool *s, const char *dir)
{
    char at[4096];

    snprintf(at, sizeof at, "%s", *dir ? dir : ".");
    do
        to_parent(at);
    while (!exists(at) && strcmp(at, ".") != 0);
    if (rec_spool_open(s, at, REC_CHUNK_BYTES))
        return true;
    fprintf(stderr, "stage2sim: cannot write %s: no temporary file in %s: %s\n", dir,
            at, strerror(errno));
    return false;
}

static bool make_parents(const char *dir)
{
    char path[4096];

    snprintf(path, sizeof path, "%s", dir);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return true;
}

/* A run directory holds files, and folders (vms/NAME, VARIANT) below. */
static void remove_dir(const char *dir)
{
    DIR *d = opendir(dir);
    char path[4500];

    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (remove(path) != 0 && errno == ENOTEMPTY)
            remove_dir(path);
    }
    closedir(d);
    rmdir(dir);
}

static void put_json_text(const char *text, FILE *f)
{
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', f);
        if ((unsigned char)*text < 0x20)
            fprintf(f, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            fputc(*text, f);
    }
    fputc('"', f);
}

/* A word of a shell command, quoted where it has characters that a shell looks at. */
static void put_word(const char *text, FILE *f)
{
    if (*text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_./:=%+,@") == strlen(text)) {
        fputs(text, f);
        return;
    }
    fputc('\'', f);
    for (; *text; text++)
        fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, f);
    fputc('\'', f);
}

/* The command that repeats the run, as a JSON text. */
static void put_command(const struct cli_run_info *info, FILE *out)
{
    const struct scn *s = info->scenario;
    char *command = NULL;
    size_t n;
    FILE *f = open_memstream(&command, &n);

    if (!f)
        abort();
    fprintf(f, "build/stage2sim run --seeds %u%s%s%s", s->seeds_n,
            info->sensitivity ? " --sensitivity" : "",
            info->monitor_off ? " --monitor off" : "",
            info->faults ? "" : " --faults off");
    if (s->quantum_ps)
        fprintf(f, " --quantum %" PRIu64 "ps --force-quantum", s->quantum_ps);
    for (size_t i = 0; info->sets && i < info->sets->n; i++) {
        fputs(" --set ", f);
        put_word(info->sets->args[i], f);
    }
    fprintf(f, " %s", s->file);
    if (fclose(f) != 0)
        abort();
    put_json_text(command, out);
    free(command);
}

/* The request stream of one VM. */
static void write_load(const struct cli_run_info *info, uint32_t vm, FILE *f)
{
    fprintf(f, "%s\n    {\"vm\": \"%s\", \"capacity_requests_per_s_per_vcpu\": ",
            vm ? "," : "", info->scenario->vms[vm].name);
    if (info->capacity_per_s[vm] > 0)
        fprintf(f, "%.17g", info->capacity_per_s[vm]);
    else
        fputs("null", f);
    fputs(", \"interval_ns\": ", f);
    if (info->interval_ps[vm])
        fprintf(f, "%.3f}", (double)info->interval_ps[vm] / 1000);
    else
        fputs("null}", f);
}

static void write_run_json(const struct cli_run_info *info, FILE *f)
{
    const struct scn *s = info->scenario;

    fprintf(f, "{\n  \"format\": %d,\n  \"version\": \"%s\",\n  \"scenario_file\": ",
            SCN_FORMAT_VERSION, STAGE2SIM_VERSION);
    put_json_text(s->file, f);
    fprintf(f, ",\n  \"seeds\": [");
    for (uint32_t i = 0; i < s->seeds_n; i++)
        fprintf(f, "%s%" PRIu64, i ? ", " : "", s->seed_first + i);
    fprintf(f, "],\n  \"indicative\": %s,\n", s->seeds_n < 6 ? "true" : "false");
    fprintf(f, "  \"monitor\": \"%s\",\n", info->monitor_off ? "off" : "on");
    if (s->quantum_ps)
        fprintf(f, "  \"inexact\": {\"quantum_ns\": %.3f},\n",
                (double)s->quantum_ps / 1000);
    fputs("  \"load\": [", f);
    for (uint32_t i = 0; i < s->vms_n; i++)
        write_load(info, i, f);
    fputs("\n  ],\n  \"reproduce\": ", f);
    put_command(info, f);
    fputs(",\n  \"scenario\": ", f);
    scn_write_json(s, f, 2);
    fputs("\n}\n", f);
}

static void write_host_json(double seconds, FILE *f)
{
    struct rusage children;

    getrusage(RUSAGE_CHILDREN, &children);
    fprintf(f, "{\"wall_s\": %.3f, \"cpu_s\": %.3f, \"largest_process_kib\": %ld}\n",
            seconds,
            (double)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) +
                (double)(children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1e-6,
            children.ru_maxrss);
}

static FILE *open_in(const char *dir, const char *name, char *path, size_t path_n)
{
    snprintf(path, path_n, "%s/%s", dir, name);
    return fopen(path, "w");
}

/* True if f was open, everything reached it, and it is closed now. */
static bool close_ok(FILE *f)
{
    bool ok = f && !ferror(f);

    return f && fclose(f) == 0 && ok;
}

/* vms/NAME/, with the same files as the machine. */
static bool write_vms(const struct scn *s, const struct cli_results *results,
                      const char *dir, char *failed, size_t n)
{
    char path[4300];

    snprintf(path, sizeof path, "%s/vms", dir);
    if (mkdir(path, 0777) != 0)
        return false;
    for (uint32_t i = 0; i < s->vms_n; i++) {
        snprintf(path, sizeof path, "%s/vms/%s", dir, s->vms[i].name);
        if (mkdir(path, 0777) != 0 ||
            !rec_results_write(&results->vms[i], path, failed, n))
            return false;
    }
    return true;
}

static bool copy(FILE *from, FILE *to)
{
    char block[65536];
    size_t n;

    rewind(from);
    while ((n = fread(block, 1, sizeof block, from)) > 0)
        fwrite(block, 1, n, to);
    return !ferror(from);
}

/* NAME/updates.log of each variant. */
static bool write_updates(const struct cli_run_info *info, const char *dir,
                          char *failed, size_t n)
{
    for (size_t i = 0; i < info->scenario->variants_n; i++) {
        bool ok;
        FILE *f;

        snprintf(failed, n, "%s/%s", dir, info->scenario->variants[i].name);
        if (mkdir(failed, 0777) != 0)
            return false;
        snprintf(failed, n, "%s/%s/updates.log", dir, info->scenario->variants[i].name);
        f = fopen(failed, "w");
        ok = f && copy(info->updates[i], f);
        if (!close_ok(f) || !ok)
            return false;
    }
    return true;
}

static bool write_all(const struct cli_run_info *info,
                      const struct cli_results *results, const char *dir,
                      double host_seconds, char *failed, size_t n)
{
    FILE *f = open_in(dir, "run.json", failed, n);

    if (f)
        write_run_json(info, f);
    if (!close_ok(f))
        return false;
    f = open_in(dir, "host.json", failed, n);
    if (f)
        write_host_json(host_seconds, f);
    return close_ok(f) && rec_results_write(&results->machine, dir, failed, n) &&
           (!results->vms || write_vms(info->scenario, results, dir, failed, n)) &&
           (!info->updates || write_updates(info, dir, failed, n));
}

static bool put_in_place(const char *temporary, const char *dir, bool replace)
{
    char old[4200];

    if (replace && exists(dir)) {
        snprintf(old, sizeof old, "%s.old-%ld", dir, (long)getpid());
        if (rename(dir, old) != 0)
            return false;
        if (rename(temporary, dir) == 0) {
            remove_dir(old);
            return true;
        }
        if (rename(old, dir) != 0)
            fprintf(stderr, "stage2sim: the former results are in %s\n", old);
        return false;
    }
    return rename(temporary, dir) == 0;
}

bool cli_write_run(const struct cli_run_info *info, const struct cli_results *results,
                   const char *dir, bool replace, double host_seconds)
{
    char temporary[4200], failed[4400];

    snprintf(temporary, sizeof temporary, "%s.part-%ld", dir, (long)getpid());
    snprintf(failed, sizeof failed, "%s", dir);
    if (make_parents(dir) && mkdir(temporary, 0777) == 0 &&
        write_all(info, results, temporary, host_seconds, failed, sizeof failed)) {
        snprintf(failed, sizeof failed, "%s", dir);
        if (put_in_place(temporary, dir, replace))
            return true;
    }
    fprintf(stderr, "stage2sim: cannot write %s: %s\n", failed, strerror(errno));
    remove_dir(temporary);
    return false;
}
