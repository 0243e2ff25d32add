/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/cli_priv.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", "simulate a scenario and write a run directory", cli_run},
    {"check", "validate a scenario without running it, or a sweep", cli_check},
    {"points", "the points of a sweep, for ./sweep", cli_points},
    {"list", "platforms, sequences, fault paths and scenarios", cli_list},
    {"import", "turn a recording of KVM events into a binary trace", cli_import},
    {"trace-info", "what a recording holds: vCPUs, faults, storms", cli_trace_info},
    {"translate", "translate one address and tell each step", cli_translate},
    {"monitor", "judge a log of table updates", cli_monitor},
    {"litmus", "run litmus tests: which outcomes are seen", cli_litmus},
    {"info", "stage 2 geometries, addresses of EL2, platforms", cli_info},
};

#define COMMANDS_N (sizeof commands / sizeof commands[0])

static void print_help(FILE *f)
{
    fputs("usage: stage2sim COMMAND [ARG ...]\n\n", f);
    for (size_t i = 0; i < COMMANDS_N; i++)
        fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\nstage2sim COMMAND --help tells more. Exit codes: 0 a result, 1 an "
          "expectation failed,\n2 bad input, 3 the simulator broke an invariant of its "
          "own.\n",
          f);
}

int cli_usage_error(const char *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "stage2sim%s%s: ", *command ? " " : "", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry: stage2sim%s%s --help\n", *command ? " " : "", command);
    return CLI_INPUT;
}

const char *cli_root(void)
{
    static char root[4096];
    const char *given = getenv("STAGE2SIM_ROOT");
    ssize_t n;
    char *slash;

    if (given)
        return given;
    if (root[0])
        return root;
    n = readlink("/proc/self/exe", root, sizeof root - 1);
    root[n > 0 ? n : 0] = '\0';
    for (int up = 0; up < 2; up++) {
        slash = strrchr(root, '/');
        if (slash)
            *slash = '\0';
    }
    return root;
}

static int no_command(const char *name)
{
    char names[200] = "";

    for (size_t i = 0; i < COMMANDS_N; i++) {
        const size_t n = strlen(names);
        snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", commands[i].name);
    }
    return cli_usage_error("", "no command '%s'; accepted: %s", name, names);
}

int cli_main(int argc, char **argv)
{
    /* A file that may not grow is an error of the write, not the end of the program. */
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return CLI_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("stage2sim " STAGE2SIM_VERSION);
        return CLI_OK;
    }
    for (size_t i = 0; i < COMMANDS_N; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    return no_command(argv[1]);
}
