/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/walk_input.h - one translation from raw bytes, with its invariants
 * checked. */
#ifndef TESTS_FUZZ_WALK_INPUT_H
#define TESTS_FUZZ_WALK_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Layout of an input, little-endian. Missing bytes are 0. What follows is one uint64_t
 * for each descriptor asked for; for each compare-and-swap one byte whose lowest bit
 * says that it is lost, and if so one uint64_t that it finds; for each question to a
 * cache one struct walk_input_cached. */
struct walk_input {
    uint64_t id_mmfr0, id_mmfr1, id_mmfr2, id_isar1;
    uint64_t sctlr_el1, tcr_el1, ttbr0_el1, ttbr1_el1;
    uint64_t sctlr_el2, tcr_el2, ttbr0_el2, ttbr1_el2;
    uint64_t hcr_el2, vtcr_el2, vttbr_el2;
    uint64_t va;
    uint8_t el, access, how, pan; /* modulo the number of values */
    uint8_t choices;              /* bits of struct walk_cpu */
    uint8_t stage_2_alone;        /* lowest bit: walk_s2_begin_el() of va */
    uint8_t asks;                 /* lowest bit: walk_query.ask */
    uint8_t unused[1];
};

/* What a cache answers, cut to what any cache could hold. */
struct walk_input_cached {
    uint64_t at;    /* of the table or the output */
    uint64_t ipa;   /* of a stage 1 table */
    uint64_t attrs; /* of a stage 1 table */
    uint8_t unused[2];
    /* Bits [1:0] skip, a table, or twice a leaf; [3:2] level of the table or leaf;
     * [6:4], [9:7] permissions of EL0 and EL1; 10 pan_denies; 11 write_clean; 12 nt;
     * 13 Device memory or not global; 14 pa_valid. */
    uint16_t what;
    uint8_t unused_too[4];
};

/* Aborts with a message if the walk breaks a rule: a bound on its steps and questions,
 * descriptors inside the PA size and aligned, a result inside it that allows the
 * access, and the same for what caches may hold of it.
 * Returns the number of steps. */
unsigned walk_input_run(const uint8_t *bytes, size_t bytes_n);

#endif
