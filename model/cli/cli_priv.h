/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/cli_priv.h - what the commands share. */
#ifndef MODEL_CLI_CLI_PRIV_H
#define MODEL_CLI_CLI_PRIV_H

#include "model/cli/cli.h"
#include "model/record/results.h"
#include "model/scenario/scn.h"

struct json_t;

/* argv[0] is the command's name. */
int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_translate(int argc, char **argv);
int cli_points(int argc, char **argv);

/* Prints to stderr "stage2sim: ..." and returns CLI_INPUT. */
int cli_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Folder of the repository that this program was built in: the one above the folder of
 * the executable. STAGE2SIM_ROOT in the environment overrides it. */
const char *cli_root(void);

/* Parameters set by --set, as they were given. */
struct cli_sets {
    const char **args; /* [n] */
    size_t n;
};

/* Reads a scenario and everything that it names, recordings too; sets may be NULL.
 * Prints what is wrong and returns false; prints warnings in either case. To stderr, as
 * JSON to stdout if json. */
bool cli_load(const char *file, const struct cli_sets *sets, struct scn *s, bool json);

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

/* What a run was made of, for run.json. */
struct cli_run_info {
    const struct scn *scenario;
    double capacity_per_s; /* requests of one vCPU; 0: not measured */
    uint64_t interval_ps;  /* 0: no request stream */
    const struct cli_sets *sets;
};

/* Writes all result files of a run directory into dir, which appears whole or not at
 * all. An existing dir is replaced only if replace. Prints what is wrong. */
bool cli_write_run(const struct cli_run_info *info, const struct rec_results *results,
                   const char *dir, bool replace, double host_seconds);

/* CLI_OK if dir may be created (or replaced), else CLI_INPUT with a message. */
int cli_check_out_dir(const char *dir, bool replace);

/* The table of variants, and what a replay has shown, on stdout. */
void cli_print_results(const struct rec_results *results);

/* Compares the medians with the scenario's expectations; prints those that fail. */
int cli_check_expectations(const struct scn *s, const struct rec_results *results);

#endif
