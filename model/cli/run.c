/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"
#include "model/cli/jobs.h"
#include "model/cli/scratch.h"
#include "model/scenario/units.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define QUANTUM_MAX_PS UINT64_C(1000000000000)

struct options {
    const char *file, *dir;
    uint32_t seeds_n; /* 0: as the scenario says */
    unsigned parallel_n;
    bool replace, quiet, sensitivity, in_order, force_quantum;
    uint64_t quantum_ps; /* 0: none */
    bool monitor_off, faults_off, log_updates;
    struct cli_sets sets; /* args: [argc] */
};

static void print_help(void)
{
    puts("usage: stage2sim run [OPTION ...] SCENARIO\n\n"
         "Simulates every variant of a scenario with every seed and writes a run "
         "directory.\n"
         "  -o, --out DIR    run directory (default: out/NAME)\n"
         "      --force      replace an existing run directory\n"
         "      --seeds N    use N seeds instead of the scenario's number\n"
         "      --set P=V    set the parameter at path P, such as vms[0].vcpus or\n"
         "                   overrides.dvm.hop, to V; may be given several times\n"
         "      --sensitivity  then halve and double each assumed parameter of the\n"
         "                   platform, one at a time, and name those that flip the\n"
         "                   verdict; takes about as many runs again for each of them\n"
         "  -j, --jobs N     simulations at a time (default: one per host core)\n"
         "  -q, --quiet      no progress, no table\n"
         "      --no-run-ahead  no PE runs ahead of the others: slower, same results\n"
         "      --quantum TIME   PEs run ahead of each other by TIME, whatever they "
         "miss "
         "by\n"
         "                   it: the results are not exact, and say so; refused "
         "without\n"
         "                   --force-quantum\n"
         "      --log-updates    write VARIANT/updates.log, of the first seed\n"
         "      --monitor off    do not look for violations of the architecture (on: "
         "do)\n"
         "      --faults off     no faults.csv, whose row per fault takes 50 bytes of "
         "disk\n"
         "                   during the run and some 80 afterwards (on: write it)\n"
         "docs/results-format.md describes the files, docs/scenario-format.md the "
         "input.");
}

static bool parse_number(const char *text, unsigned long max, unsigned long *out)
{
    char *end;

    errno = 0;
    *out = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && !errno && *out > 0 &&
           *out <= max;
}

/* A time in cycles would be one of a platform that is not known here. */
static bool parse_quantum(const char *text, uint64_t *ps)
{
    return strchr(text, 'c') == NULL &&
           scn_parse_quantity(text, SCN_Q_TIME, 1, ps) == SCN_UNIT_OK && *ps > 0 &&
           *ps <= QUANTUM_MAX_PS;
}

/* on or off in optarg; false with a message if it is neither. */
static bool parse_off(const char *option, bool *off)
{
    *off = strcmp(optarg, "off") == 0;
    if (*off || strcmp(optarg, "on") == 0)
        return true;
    (void)cli_usage_error("run", "%s %s: on or off", option, optarg);
    return false;
}

/* CLI_OK and o->file set, or the exit code of a run that ends here. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"force", no_argument, NULL, 'f'},
                                            {"seeds", required_argument, NULL, 's'},
                                            {"set", required_argument, NULL, 'S'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {"sensitivity", no_argument, NULL, 'v'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"no-run-ahead", no_argument, NULL, 'n'},
                                            {"quantum", required_argument, NULL, 'Q'},
                                            {"force-quantum", no_argument, NULL, 'x'},
                                            {"monitor", required_argument, NULL, 'm'},
                                            {"faults", required_argument, NULL, 'F'},
                                            {"log-updates", no_argument, NULL, 'u'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    unsigned long n;

    for (int c; (c = getopt_long(argc, argv, "o:j:qh", options, NULL)) != -1;) {
        switch (c) {
        case 'o':
            o->dir = optarg;
            break;
        case 'f':
            o->replace = true;
            break;
        case 's':
            if (!parse_number(optarg, 10000, &n))
                return cli_usage_error("run", "--seeds %s: 1 to 10000", optarg);
            o->seeds_n = (uint32_t)n;
            break;
        case 'S':
            o->sets.args[o->sets.n++] = optarg;
            break;
        case 'j':
            if (!parse_number(optarg, 1024, &n))
                return cli_usage_error("run", "--jobs %s: 1 to 1024", optarg);
            o->parallel_n = (unsigned)n;
            break;
        case 'v':
            o->sensitivity = true;
            break;
        case 'q':
            o->quiet = true;
            break;
        case 'n':
            o->in_order = true;
            break;
        case 'Q':
            if (!parse_quantum(optarg, &o->quantum_ps))
                return cli_usage_error(
                    "run", "--quantum %s: a time of 1ps to 1s, such as 10us", optarg);
            break;
        case 'x':
            o->force_quantum = true;
            break;
        case 'u':
            o->log_updates = true;
            break;
        case 'm':
            if (!parse_off("--monitor", &o->monitor_off))
                return CLI_INPUT;
            break;
        case 'F':
            if (!parse_off("--faults", &o->faults_off))
                return CLI_INPUT;
            break;
        case 'h':
            print_help();
            return CLI_OK;
        default:
            return CLI_INPUT;
        }
    }
    if (optind != argc - 1)
        return cli_usage_error("run", "one scenario file is needed");
    if (o->quantum_ps && !o->force_quantum)
        return cli_usage_error("run", "--quantum: PEs run ahead as far as is exact "
                                      "without it; beyond that the results are not "
                                      "exact: --force-quantum accepts it");
    if (o->quantum_ps && o->in_order)
        return cli_usage_error("run",
                               "--quantum and --no-run-ahead exclude each other");
    o->file = argv[optind];
    return CLI_OK;
}

/* runs: [variants_n][seeds_n], vms: [variants_n][seeds_n][vms_n], or NULL. */
static int run_all(const struct cli_run_info *info, struct rec_run *runs,
                   struct rec_run *vms, const struct options *o)
{
    const struct scn *s = info->scenario;
    size_t n = s->variants_n * s->seeds_n;
    struct cli_job *jobs = calloc(n, sizeof *jobs);
    int status;

    if (!jobs)
        return CLI_BROKEN;
    for (size_t i = 0; i < n; i++) {
        jobs[i].machine = (struct machine_job){
            .scenario = s,
            .variant = i / s->seeds_n,
            .seed = s->seed_first + i % s->seeds_n,
            .interval_ps = info->interval_ps,
            .measure_from_ps = s->measure_from_ps,
            .duration_ps = s->duration_ps,
            .monitor_off = info->monitor_off,
            .updates = info->updates && i % s->seeds_n == 0
                           ? info->updates[i / s->seeds_n]
                           : NULL,
            .faults = info->faults,
        };
        jobs[i].out = &runs[i];
        jobs[i].vms = vms ? &vms[i * s->vms_n] : NULL;
    }
    status = cli_jobs(jobs, n, o->parallel_n, o->quiet ? NULL : s->name);
    free(jobs);
    return status;
}

/* A temporary file for each variant. False, with a message, without them. */
static bool open_updates(struct cli_run_info *info)
{
    const size_t n = info->scenario->variants_n;

    info->updates = calloc(n, sizeof *info->updates);
    for (size_t i = 0; info->updates && i < n; i++) {
        info->updates[i] = cli_scratch_open();
        if (!info->updates[i])
            return false;
    }
    return info->updates != NULL;
}

static void close_updates(struct cli_run_info *info)
{
    for (size_t i = 0; info->updates && i < info->scenario->variants_n; i++) {
        if (info->updates[i])
            fclose(info->updates[i]);
    }
    free(info->updates);
}

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Everything of one `stage2sim run`. */
struct whole_run {
    const char **names;    /* [variants_n] */
    struct rec_run *runs;  /* [variants_n][seeds_n] */
    struct rec_run *vms;   /* [variants_n][seeds_n][vms_n]; NULL if there is one VM */
    struct rec_run *of_vm; /* the same as [vms_n][variants_n][seeds_n]; not its owner */
    struct rec_sensitivity sensitivity;
    struct cli_results results;
};

static bool init_whole(struct whole_run *w, const struct scn *s)
{
    const size_t n = s->variants_n * s->seeds_n;
    const size_t all = s->vms_n > 1 ? n * s->vms_n : 0;

    w->names = calloc(s->variants_n, sizeof *w->names);
    w->runs = calloc(n, sizeof *w->runs);
    if (all) {
        w->vms = calloc(all, sizeof *w->vms);
        w->of_vm = calloc(all, sizeof *w->of_vm);
        w->results.vms = calloc(s->vms_n, sizeof *w->results.vms);
    }
    if (!w->names || !w->runs || (all && (!w->vms || !w->of_vm || !w->results.vms)))
        return false;
    for (size_t v = 0; v < s->variants_n; v++)
        w->names[v] = s->variants[v].name;
    return true;
}

static void free_whole(struct whole_run *w, const struct scn *s)
{
    const size_t n = s->variants_n * s->seeds_n;

    for (size_t i = 0; w->runs && i < n; i++)
        rec_free(&w->runs[i]);
    for (size_t i = 0; w->vms && i < n * s->vms_n; i++)
        rec_free(&w->vms[i]);
    free(w->names);
    free(w->runs);
    free(w->vms);
    free(w->of_vm);
    free(w->results.vms);
    rec_sensitivity_free(&w->sensitivity);
}

static struct rec_results results_of(const struct cli_run_info *info,
                                     const struct whole_run *w,
                                     const struct rec_run *runs)
{
    const struct scn *s = info->scenario;

    return (struct rec_results){
        .variants = w->names,
        .variants_n = s->variants_n,
        .seeds_n = s->seeds_n,
        .seed_first = s->seed_first,
        .runs = runs,
        .faults = info->faults,
    };
}

static void sort_results(struct whole_run *w, const struct cli_run_info *info)
{
    const struct scn *s = info->scenario;
    const size_t n = s->variants_n * s->seeds_n;

    w->results.machine = results_of(info, w, w->runs);
    for (uint32_t vm = 0; w->vms && vm < s->vms_n; vm++) {
        for (size_t i = 0; i < n; i++)
            w->of_vm[vm * n + i] = w->vms[i * s->vms_n + vm];
        w->results.vms[vm] = results_of(info, w, &w->of_vm[vm * n]);
    }
}

static int finish(const struct cli_run_info *info, struct whole_run *w,
                  const struct options *o, const char *dir, double began)
{
    const struct scn *s = info->scenario;

    if (!cli_write_run(info, &w->results, dir, o->replace, seconds_now() - began))
        return CLI_BROKEN;
    if (!o->quiet) {
        cli_print_results(s, &w->results);
        if (w->results.machine.sensitivity)
            cli_print_sensitivity(&w->results.machine);
        printf("results: %s\n", dir);
    }
    return cli_check_expectations(s, &w->results);
}

static int vary(const struct cli_run_info *info, struct whole_run *w,
                const struct options *o)
{
    w->results.machine.sensitivity = &w->sensitivity;
    return cli_sensitivity(info, &w->results.machine, o->parallel_n, o->quiet,
                           &w->sensitivity);
}

static int run_into(struct cli_run_info *info, const struct options *o, const char *dir)
{
    const double began = seconds_now();
    struct whole_run w = {.names = NULL};
    int status = CLI_BROKEN;

    if (init_whole(&w, info->scenario))
        status = cli_find_intervals(info, 1, 1);
    if (status == CLI_OK && info->unmeasurable) {
        fprintf(stderr, "stage2sim: vm %s: %s; give guest.interval\n",
                info->unmeasurable, cli_no_capacity);
        status = CLI_INPUT;
    }
    if (status == CLI_OK)
        status = run_all(info, w.runs, w.vms, o);
    if (status == CLI_OK)
        sort_results(&w, info);
    if (status == CLI_OK && o->sensitivity)
        status = vary(info, &w, o);
    if (status == CLI_OK)
        status = finish(info, &w, o, dir, began);
    free_whole(&w, info->scenario);
    return status;
}

static double children_cpu_s(void)
{
    struct rusage u;

    getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

int cli_time_scenario(const struct scn *s, double *cpu_s)
{
    const struct options o = {.parallel_n = 1, .quiet = true};
    const double began = children_cpu_s();
    struct whole_run w = {.names = NULL};
    struct cli_run_info info;
    int status = CLI_BROKEN;

    if (cli_init_info(&info, s) && init_whole(&w, s))
        status = cli_find_intervals(&info, 1, 1);
    if (status == CLI_OK && info.unmeasurable)
        status = CLI_INPUT;
    if (status == CLI_OK)
        status = run_all(&info, w.runs, w.vms, &o);
    *cpu_s = children_cpu_s() - began;
    free_whole(&w, s);
    cli_free_info(&info);
    return status;
}

static int run_scenario(struct scn *s, const struct options *o)
{
    struct rec_spool faults;
    struct cli_run_info info;
    char dir[4096];
    int status;

    if (o->seeds_n)
        s->seeds_n = o->seeds_n;
    s->in_order = o->in_order;
    s->quantum_ps = o->quantum_ps;
    if (o->dir)
        snprintf(dir, sizeof dir, "%s", o->dir);
    else
        snprintf(dir, sizeof dir, "out/%s", s->name);
    status = cli_check_out_dir(dir, o->replace);
    if (status == CLI_OK && o->sensitivity)
        status = cli_check_sensitivity(s);
    if (status != CLI_OK)
        return status;
    status = cli_init_info(&info, s) ? CLI_OK : CLI_BROKEN;
    info.sensitivity = o->sensitivity;
    info.sets = &o->sets;
    info.monitor_off = o->monitor_off;
    if (status == CLI_OK && o->log_updates && !open_updates(&info))
        status = CLI_BROKEN;
    if (status == CLI_OK && !o->faults_off) {
        if (cli_open_spool(&faults, dir))
            info.faults = &faults;
        else
            status = CLI_BROKEN;
    }
    if (status == CLI_OK)
        status = run_into(&info, o, dir);
    close_updates(&info);
    if (info.faults)
        rec_spool_close(&faults);
    cli_free_info(&info);
    return status;
}

int cli_run(int argc, char **argv)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct options o = {.parallel_n = cores > 0 ? (unsigned)cores : 1};
    struct scn s;
    int status;

    o.sets.args = calloc((size_t)argc, sizeof *o.sets.args);
    status = o.sets.args ? parse(argc, argv, &o) : CLI_BROKEN;
    if (status == CLI_OK && o.file) {
        status = CLI_INPUT;
        if (cli_load(o.file, &o.sets, &s, false)) {
            status = run_scenario(&s, &o);
            scn_free(&s);
        }
    }
    free(o.sets.args);
    return status;
}
