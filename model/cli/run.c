/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"
#include "model/cli/jobs.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Closed loop that measures the capacity; the second half of this time counts, when the
 * caches are warm. */
#define CAPACITY_PS UINT64_C(20000000000) /* 20 ms */

struct options {
    const char *file, *dir;
    uint32_t seeds_n; /* 0: as the scenario says */
    unsigned parallel_n;
    bool replace, quiet;
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
         "  -j, --jobs N     simulations at a time (default: one per host core)\n"
         "  -q, --quiet      no progress, no table\n"
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

/* CLI_OK and o->file set, or the exit code of a run that ends here. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},   {"force", no_argument, NULL, 'f'},
        {"seeds", required_argument, NULL, 's'}, {"set", required_argument, NULL, 'S'},
        {"jobs", required_argument, NULL, 'j'},  {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},        {0}};
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
        case 'q':
            o->quiet = true;
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
    o->file = argv[optind];
    return CLI_OK;
}

static double mean_rate_per_s(const struct rec_run *run, uint32_t vcpus_n)
{
    double sum = 0;

    for (uint32_t i = 0; i < vcpus_n; i++) {
        const struct rec_vcpu *v = &run->vcpus[i];

        if (v->closed_n)
            sum += (double)v->closed_n / ((double)v->closed_ps * 1e-12);
    }
    return sum / vcpus_n;
}

/* Requests per second that one vCPU serves in a closed loop, in the state before the
 * change, with the first seed. No event happens and nothing is coalesced. */
static int measure_capacity(const struct scn *s, double *per_s)
{
    struct scn_variant before = s->variants[0];
    struct scn alone = *s;
    struct rec_run run = {.error = NULL};
    const struct cli_job job = {
        .machine = {.scenario = &alone,
                    .seed = s->seed_first,
                    .measure_from_ps = CAPACITY_PS / 2,
                    .duration_ps = CAPACITY_PS},
        .out = &run,
    };
    int status;

    before.hyp.sequence = HYP_SEQ_KEEP;
    alone.variants = &before;
    alone.variants_n = 1;
    status = cli_jobs(&job, 1, 1, NULL);
    *per_s = status == CLI_OK ? mean_rate_per_s(&run, s->vm.vcpus_n) : 0;
    rec_free(&run);
    return status;
}

static int find_interval(struct cli_run_info *info)
{
    const struct scn *s = info->scenario;
    const struct guest_requests *r = &s->vm.guest.requests;
    int status;

    if (s->vm.guest.kind != GUEST_REQUESTS)
        return CLI_OK;
    info->interval_ps = r->interval_ps;
    if (r->load_ppm == 0)
        return CLI_OK;
    status = measure_capacity(s, &info->capacity_per_s);
    if (status != CLI_OK)
        return status;
    if (info->capacity_per_s <= 0) {
        fprintf(
            stderr,
            "stage2sim: no request began between %d and %d ms of a closed loop: the "
            "capacity cannot be measured; give guest.interval\n",
            (int)(CAPACITY_PS / 2000000000), (int)(CAPACITY_PS / 1000000000));
        return CLI_INPUT;
    }
    info->interval_ps =
        (uint64_t)(1e12 / (info->capacity_per_s * (double)r->load_ppm * 1e-6));
    return CLI_OK;
}

static int run_all(const struct cli_run_info *info, struct rec_run *runs,
                   const struct options *o)
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
        };
        jobs[i].out = &runs[i];
    }
    status = cli_jobs(jobs, n, o->parallel_n, o->quiet ? NULL : s->name);
    free(jobs);
    return status;
}

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int finish(const struct cli_run_info *info, const struct rec_run *runs,
                  const struct options *o, const char *dir, double began)
{
    const struct scn *s = info->scenario;
    const char **names = calloc(s->variants_n, sizeof *names);
    const struct rec_results results = {
        .variants = names,
        .variants_n = s->variants_n,
        .seeds_n = s->seeds_n,
        .seed_first = s->seed_first,
        .runs = runs,
    };
    int status = CLI_BROKEN;

    for (size_t v = 0; names && v < s->variants_n; v++)
        names[v] = s->variants[v].name;
    if (names &&
        cli_write_run(info, &results, dir, o->replace, seconds_now() - began)) {
        if (!o->quiet) {
            cli_print_results(&results);
            printf("results: %s\n", dir);
        }
        status = cli_check_expectations(s, &results);
    }
    free(names);
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
    struct cli_run_info info = {.scenario = s};
    struct rec_run *runs = calloc(s->variants_n * s->seeds_n, sizeof *runs);
    double began = children_cpu_s();
    int status = runs ? find_interval(&info) : CLI_BROKEN;

    if (status == CLI_OK)
        status = run_all(&info, runs, &o);
    *cpu_s = children_cpu_s() - began;
    for (size_t i = 0; runs && i < s->variants_n * s->seeds_n; i++)
        rec_free(&runs[i]);
    free(runs);
    return status;
}

static int run_scenario(struct scn *s, const struct options *o)
{
    struct cli_run_info info = {.scenario = s, .sets = &o->sets};
    double began = seconds_now();
    struct rec_run *runs;
    char dir[4096];
    int status;

    if (o->seeds_n)
        s->seeds_n = o->seeds_n;
    if (o->dir)
        snprintf(dir, sizeof dir, "%s", o->dir);
    else
        snprintf(dir, sizeof dir, "out/%s", s->name);
    status = cli_check_out_dir(dir, o->replace);
    if (status != CLI_OK)
        return status;
    runs = calloc(s->variants_n * s->seeds_n, sizeof *runs);
    if (!runs)
        return CLI_BROKEN;
    status = find_interval(&info);
    if (status == CLI_OK)
        status = run_all(&info, runs, o);
    if (status == CLI_OK)
        status = finish(&info, runs, o, dir, began);
    for (size_t i = 0; i < s->variants_n * s->seeds_n; i++)
        rec_free(&runs[i]);
    free(runs);
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
