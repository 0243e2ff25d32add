/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"
#include "model/cli/jobs.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct options {
    const char *file, *dir;
    uint32_t seeds_n; /* 0: as the scenario says */
    unsigned parallel_n;
    bool replace, quiet, sensitivity;
};

static void print_help(void)
{
    puts("usage: stage2sim run [OPTION ...] SCENARIO\n\n"
         "Simulates every variant of a scenario with every seed and writes a run "
         "directory.\n"
         "  -o, --out DIR    run directory (default: out/NAME)\n"
         "      --force      replace an existing run directory\n"
         "      --seeds N    use N seeds instead of the scenario's number\n"
         "      --sensitivity  then halve and double each assumed parameter of the\n"
         "                   platform, one at a time, and name those that flip the\n"
         "                   verdict; takes about as many runs again for each of them\n"
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
        {"seeds", required_argument, NULL, 's'}, {"jobs", required_argument, NULL, 'j'},
        {"sensitivity", no_argument, NULL, 'v'}, {"quiet", no_argument, NULL, 'q'},
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

static int write_and_print(const struct cli_run_info *info,
                           const struct rec_results *results, const struct options *o,
                           const char *dir, double began)
{
    if (!cli_write_run(info, results, dir, o->replace, seconds_now() - began))
        return CLI_BROKEN;
    if (!o->quiet) {
        cli_print_results(results);
        if (results->sensitivity)
            cli_print_sensitivity(results);
        printf("results: %s\n", dir);
    }
    return cli_check_expectations(info->scenario, results);
}

static int finish(const struct cli_run_info *info, const struct rec_run *runs,
                  const struct options *o, const char *dir, double began)
{
    const struct scn *s = info->scenario;
    const char **names = calloc(s->variants_n, sizeof *names);
    struct rec_sensitivity sensitivity = {.base = NULL};
    struct rec_results results = {
        .variants = names,
        .variants_n = s->variants_n,
        .seeds_n = s->seeds_n,
        .seed_first = s->seed_first,
        .runs = runs,
    };
    int status = names ? CLI_OK : CLI_BROKEN;

    for (size_t v = 0; names && v < s->variants_n; v++)
        names[v] = s->variants[v].name;
    if (names && o->sensitivity) {
        status = cli_sensitivity(info, &results, o->parallel_n, o->quiet, &sensitivity);
        results.sensitivity = &sensitivity;
    }
    if (status == CLI_OK)
        status = write_and_print(info, &results, o, dir, began);
    rec_sensitivity_free(&sensitivity);
    free(names);
    return status;
}

static int run_scenario(struct scn *s, const struct options *o)
{
    struct cli_run_info info = {.scenario = s, .sensitivity = o->sensitivity};
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
    if (status == CLI_OK && o->sensitivity)
        status = cli_check_sensitivity(s);
    if (status != CLI_OK)
        return status;
    runs = calloc(s->variants_n * s->seeds_n, sizeof *runs);
    if (!runs)
        return CLI_BROKEN;
    status = cli_find_intervals(&info, 1, 1);
    if (status == CLI_OK && info.unmeasurable) {
        fprintf(stderr, "stage2sim: %s; give guest.interval\n", cli_no_capacity);
        status = CLI_INPUT;
    }
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
    int status = parse(argc, argv, &o);
    struct scn s;

    if (status != CLI_OK || !o.file)
        return status;
    if (!cli_load(o.file, &s, false))
        return CLI_INPUT;
    status = run_scenario(&s, &o);
    scn_free(&s);
    return status;
}
