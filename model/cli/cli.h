/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/cli.h - the commands of the stage2sim program. */
#ifndef MODEL_CLI_CLI_H
#define MODEL_CLI_CLI_H

/* Exit codes (docs/results-format.md). */
enum cli_exit {
    CLI_OK = 0,     /* a result; violations are results */
    CLI_FAILED = 1, /* an expect: of the scenario or a check failed */
    CLI_INPUT = 2,  /* bad input or a bad command line */
    CLI_BROKEN = 3, /* the simulator lost an access or broke an invariant of its own */
};

#ifdef __cplusplus
extern "C" {
#endif

/* argv as main() gets it. Returns one of enum cli_exit. */
int cli_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
