/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/s2_case.h - one stage-2-only translation vector and its answer. */
#ifndef TESTS_CONFORMANCE_S2_CASE_H
#define TESTS_CONFORMANCE_S2_CASE_H

#include "walker/s2_walk.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define S2_CASE_DESCS_MAX 64

/* The CPU that answered, from the ID registers in the header line. */
struct s2_cpu {
    uint8_t pa_bits;
    uint8_t bbm_level;
    bool ttst;
    bool xnx;
};

/* pa after success, else fault with its status code from PAR_EL1 or ESR_EL2. */
struct s2_answer {
    struct arch_fault fault;
    uint64_t pa;
    uint8_t status_code;
};

struct s2_case {
    const char *id; /* borrowed from the JSON value, as is cat */
    const char *cat;
    struct walk_s2_cfg cfg;
    struct arch_ipa ipa;
    enum arch_access access;
    unsigned el;
    bool writes_descs; /* mem_after is not empty */
    struct s2_answer want;
    struct {
        uint64_t pa, desc;
    } mem[S2_CASE_DESCS_MAX];
    size_t mem_n;
};

/* False if a key that every line has is missing or malformed. */
bool s2_cpu_from_header(const json_t *header, struct s2_cpu *cpu);
bool s2_case_from_json(const json_t *line, const struct s2_cpu *cpu,
                       struct s2_case *out);

/* What the walker answers. */
struct s2_answer s2_case_run(const struct s2_case *c);

bool s2_answer_equal(const struct s2_answer *a, const struct s2_answer *b);

/* Text such as "pa 0x1000" or "permission stage 2 level 3 (status 0x0f)". */
const char *s2_answer_text(const struct s2_answer *a, char *text, size_t text_bytes);

#endif
