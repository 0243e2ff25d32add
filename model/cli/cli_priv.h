/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/cli_priv.h - what the commands share. */
#ifndef MODEL_CLI_CLI_PRIV_H
#define MODEL_CLI_CLI_PRIV_H

#include "model/cli/cli.h"
#include "model/record/results.h"
#include "model/scenario/scn.h"
#include "model/trace/reader.h"

struct json_t;

/* argv[0] is the command's name. */
int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_trace_info(int argc, char **argv);
int cli_translate(int argc, char **argv);
int cli_points(int argc, char **argv);
int cli_monitor(int argc, char **argv);
int cli_litmus(int argc, char **argv);
int cli_info(int argc, char **argv);

/* Prints to stderr "stage2sim: ..." and returns CLI_INPUT. */
int cli_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "FILE:LINE: error: ..." to stderr and returns CLI_INPUT. */
int cli_trace_error(const struct trace_error *err);

/* What was lost and what was not understood, on stderr. */
void cli_trace_warnings(const struct trace_reader *r);

/* Folder of the repository that this program was built in: the one above the folder of
 * the executable. STAGE2SIM_ROOT in the environment overrides it. */
const char *cli_root(void);

/* The platforms that come with stage2sim, "a, b, c"; cut off if text is too small. */
void cli_platform_names(char *text, size_t bytes);

/* Parameters set by --set, as they were given. */
struct cli_sets {
    const char **args; /* [n] */
    size_t n;
};

/* Reads a scenario and everything that it names, recordings too; sets may be NULL.
 * Prints what is wrong and returns false; prints warnings in either case. To stderr, as
 * JSON to stdout if json. */
bool cli_load(const char *file, const struct cli_sets *sets, struct scn *s, bool json);

/* scn_load() with parameters set; sets may be NULL. */
enum scn_status cli_load_set(const char *file, const struct cli_sets *sets,
                             struct scn *s, struct scn_diags *diags);

/* What stays to be checked of a scenario that scn_load() accepts: its recording and the
 * columns that it expects. Prints to stderr, or appends to list. */
bool cli_load_rest(const struct scn *s, struct json_t *list);

/* `check` of a sweep. */
struct cli_check_options {
    bool json, timed;
};
int cli_check_sweep(const char *file, const struct cli_check_options *o);

/* Simulates a scenario with one process at a time and without writing results;
 * returns one of enum cli_exit, and the host's CPU seconds. */
int cli_time_scenario(const struct scn *s, double *cpu_s);

/* Folder of the platform files that scenarios name. */
#define CLI_PLATFORMS_MAX 4200
void cli_platforms_dir(char dir[CLI_PLATFORMS_MAX]);

/* What a run was made of, for run.json. */
struct cli_run_info {
    const struct scn *scenario;
    double *capacity_per_s;   /* [vms_n] requests of one vCPU; 0: not measured */
    uint64_t *interval_ps;    /* [vms_n] 0: no request stream */
    const char *unmeasurable; /* a VM whose interval was to come from a capacity that
                                 could not be measured, or NULL */
    bool sensitivity;         /* --sensitivity was asked for */
    bool monitor_off;
    FILE **updates; /* [variants_n] logs of table updates, to be read; NULL: none */
    struct rec_spool *faults;    /* rows of faults.csv; NULL: --faults off */
    const struct cli_sets *sets; /* NULL: none */
};

/* What all runs have measured, of the whole machine and of each VM alone. */
struct cli_results {
    struct rec_results machine; /* with the sensitivity, if asked for */
    struct rec_results *vms;    /* [vms_n]; NULL if there is one */
};

/* False if there is no memory; end with cli_free_info() in either case. */
bool cli_init_info(struct cli_run_info *info, const struct scn *s);
void cli_free_info(struct cli_run_info *info);

/* Fills in infos: measures the capacity where a guest has a load. Returns CLI_OK, or
 * CLI_BROKEN with a message printed. */
int cli_find_intervals(struct cli_run_info *infos, size_t infos_n, unsigned parallel_n);
/* Why a VM is unmeasurable. */
extern const char cli_no_capacity[];

/* CLI_OK if the scenario can give a verdict, else CLI_INPUT with a message. */
int cli_check_sensitivity(const struct scn *s);

/* Runs the scenario with each assumed parameter of its platform halved and doubled.
 * Returns CLI_OK, or CLI_BROKEN with a message printed; end with
 * rec_sensitivity_free() in either case. */
int cli_sensitivity(const struct cli_run_info *info, const struct rec_results *base,
                    unsigned parallel_n, bool quiet, struct rec_sensitivity *out);

/* Which parameters flip the verdict, on stdout. */
void cli_print_sensitivity(const struct rec_results *results);

/* Writes all result files of a run directory into dir, which appears whole or not at
 * all. An existing dir is replaced only if replace. Prints what is wrong. */
bool cli_write_run(const struct cli_run_info *info, const struct cli_results *results,
                   const char *dir, bool replace, double host_seconds);

/* Opens a spool on the file system that run directory dir is, or will be, on; the
 * folder may not be there yet. Prints what is wrong. */
ARCH_MUST_USE bool cli_open_spool(struct rec_spool *s, const char *dir);

/* CLI_OK if dir may be created (or replaced), else CLI_INPUT with a message. */
int cli_check_out_dir(const char *dir, bool replace);

/* The table of variants, of each VM too, and what a replay has shown, on stdout. */
void cli_print_results(const struct scn *s, const struct cli_results *results);

/* Of a replay: recorded and simulated counts, and what they are good for. */
void cli_print_replay(const struct scn *s, const struct rec_results *results);

/* Compares the medians with the scenario's expectations; prints those that fail. */
int cli_check_expectations(const struct scn *s, const struct cli_results *results);

#endif
