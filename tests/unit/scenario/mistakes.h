/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mistakes.h - tables of what can be wrong, by subject. */
#ifndef TESTS_UNIT_SCENARIO_MISTAKES_H
#define TESTS_UNIT_SCENARIO_MISTAKES_H

#include "model/scenario/codes.h"

#include <stddef.h>

/* The base with one replacement gives exactly this one error; code 0: no error. */
struct mistake {
    const char *base, *from, *to;
    enum scn_code code;
    unsigned line, col;
};

struct mistakes {
    const struct mistake *rows; /* [n] */
    size_t n;
};

extern const struct mistakes mistakes_general;
extern const struct mistakes mistakes_guest;    /* stream, flush, background */
extern const struct mistakes mistakes_tlb;      /* TLBs of the platform, tlbi */
extern const struct mistakes mistakes_events;   /* and switches of a fault path */
extern const struct mistakes mistakes_groups;   /* contiguous groups */
extern const struct mistakes mistakes_preempt;  /* events without a host thread */
extern const struct mistakes mistakes_stages;   /* and memory that is not mapped */
extern const struct mistakes mistakes_sweep;    /* a sweep of mistake_requests */
extern const struct mistakes mistakes_vms;      /* several of them */
extern const struct mistakes mistakes_granules; /* 16K and 64K, and their sizes */
extern const struct mistakes mistakes_litmus;
extern const struct mistakes mistakes_platform; /* base NULL: a shipped platform */

/* Valid scenarios, of each kind of guest. */
extern const char mistake_requests[], mistake_steps[], mistake_replay[], mistake_idle[];
extern const char mistake_sweep[];

#endif
