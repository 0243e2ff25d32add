/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/litmus.h - a litmus test: explicit steps on each vCPU, run again and
 * again with other delays, and the outcome that it asks for.
 *
 * An outcome is a list of words "VCPU:REGISTER=VALUE" in the order of the loads. VALUE
 * is a number, or "fault-sS-lL" of stage S and level L, or "conflict". */
#ifndef MODEL_GUEST_LITMUS_H
#define MODEL_GUEST_LITMUS_H

#include "walker/arch/addr.h"
#include "walker/arch/tlbi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LITMUS_REGISTER_MAX 16 /* bytes of a name, with its end */
#define LITMUS_OUTCOME_MAX 128 /* bytes of an outcome, with its end */

enum litmus_kind {
    LITMUS_LOAD,
    LITMUS_STORE,
    LITMUS_WRITE, /* of a descriptor */
    LITMUS_TLBI,
    LITMUS_DSB,
    LITMUS_ISB,
    LITMUS_ERET /* from the hypervisor to the guest */
};

enum litmus_set {
    LITMUS_INVALID,  /* "invalid": 0 */
    LITMUS_ORIGINAL, /* "original": as the tables were built */
    LITMUS_LEAF      /* "leaf": as they were built, but to another output address */
};

/* A table entry, and what it is set to. */
struct litmus_entry {
    uint8_t stage;
    int8_t level;
    uint64_t ia; /* that the entry translates */
    enum litmus_set set;
    uint64_t oa; /* of LITMUS_LEAF */
};

struct litmus_step {
    enum litmus_kind kind;
    uint32_t vcpu;
    uint64_t after_ps; /* delay before it */
    uint64_t va;       /* of a load or store */
    uint64_t value;    /* stored; or the register of a TLBI, if it names no page */
    char to[LITMUS_REGISTER_MAX];
    struct litmus_entry entry;
    enum arch_tlbi_insn tlbi;
    enum arch_shareability domain;
    bool by_page; /* the register of the TLBI names the page of va, and the ASID */
    enum arch_dsb dsb;
};

struct litmus_word {
    uint64_t va, value;
};

/* Before the steps of the rounds of the first half, to fill the TLBs. */
struct litmus_warm {
    uint32_t vcpu;
    uint64_t va;
};

/* The delay before a step is from, from + by, ... <= to, besides its own. */
struct litmus_sweep {
    uint32_t step; /* index */
    uint64_t from_ps, to_ps, by_ps;
};

struct guest_litmus {
    char *shape;        /* its published name */
    char *verdict;      /* "allowed", "forbidden", "undecided" */
    char *asks;         /* see litmus_matches() */
    char *why;          /* of the verdict */
    char *not_modelled; /* why the model cannot run it; NULL: it can */
    struct litmus_step *steps;
    size_t steps_n;
    struct litmus_word *data; /* memory before each round; 0 where not given */
    size_t data_n;
    struct litmus_entry *init; /* entries before each round */
    size_t init_n;
    struct litmus_warm *warm;
    size_t warm_n;
    struct litmus_word *final; /* value: unused; read after each round, as "mem:ia" */
    size_t final_n;
    struct litmus_sweep *sweeps;
    size_t sweeps_n;
};

/* The product over the sweeps; twice that with a warm-up, since all delays are tried
 * with it and without. */
uint64_t litmus_rounds_n(const struct guest_litmus *g);
bool litmus_is_warm(const struct guest_litmus *g, uint64_t round);

/* The delay that the sweeps add before a step in that round. */
uint64_t litmus_delay_ps(const struct guest_litmus *g, uint64_t round, size_t step);

/**
 * litmus_matches() - the outcome is one that is asked for.
 * @asks: alternatives separated by " or ", each of words separated by " and "; such a
 *        word is one of an outcome, or "VCPU:REGISTER=fault" for any fault.
 */
bool litmus_matches(const char *asks, const char *outcome);

/* The first word of asks whose register no outcome has, in out; false if there is none.
 */
bool litmus_unknown_word(const struct guest_litmus *g, char out[LITMUS_OUTCOME_MAX]);

#endif
