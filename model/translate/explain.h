/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/explain.h - one translation step by step, and what each field of each
 * descriptor and register in it means. */
#ifndef MODEL_TRANSLATE_EXPLAIN_H
#define MODEL_TRANSLATE_EXPLAIN_H

#include "model/translate/answer.h"
#include "walker/arch/desc.h"
#include "walker/translate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPLAIN_TEXT_BYTES 160
#define EXPLAIN_REASON_BYTES (2 * EXPLAIN_TEXT_BYTES)
#define EXPLAIN_FIELDS_MAX 16

/* A descriptor that one table walk used. */
struct explain_step {
    enum explain_op { EXPLAIN_READ, EXPLAIN_SWAP } op;
    bool reached; /* false: stage 2 faulted on it; pa and the values mean nothing */
    uint8_t stage;
    int8_t level;
    uint64_t input;     /* the address that its stage translates */
    uint64_t at;        /* its address in the output of its own stage */
    struct arch_pa pa;  /* the same after stage 2, where there is one */
    uint64_t value;     /* read, or replaced by the compare-and-swap, which never fails:
                         * nothing but the walk touches the memory */
    uint64_t value_new; /* EXPLAIN_SWAP: written */
    /* stage 1: the steps of stage 2 that translated `at` */
    size_t nested_first, nested_n;
};

/* A translation that has ended. Steps are in the order of time: the nested steps of a
 * step stand before it. */
struct explanation {
    struct walk_regs regs;
    struct walk_cpu cpu;
    struct walk_query query;
    struct walk_context ctx;
    enum walk_next end; /* WALK_DONE or WALK_FAULT */
    struct arch_fault fault;
    struct walk_result result; /* after WALK_FAULT regime, ASID and VMID alone */
    uint64_t par;
    struct arch_syndrome syndrome; /* after WALK_FAULT */
    struct vectors_answer answer;  /* for comparing: registers hold what counts */
    struct explain_step *steps;
    size_t steps_n, steps_capacity;
    bool s1_on, s2_on; /* of this regime */
    bool has_final_s2; /* stage 2 of the output of stage 1 was begun */
    uint64_t s2_input; /* its input */
};

/* Walks over a copy of mem. False: the walk did not end within its bound, or no memory.
 * End with explain_free() in either case. */
bool explain(struct explanation *e, const struct walk_cpu *cpu,
             const struct walk_regs *regs, const struct walk_query *query,
             const struct vectors_words *mem);
void explain_free(struct explanation *e);

/* The half of the regime that the VA is in. */
const struct walk_s1_cfg *explain_s1(const struct explanation *e);

/* Index of the first step of stage 2 for the output of stage 1; steps_n if there is
 * none. */
size_t explain_final_s2(const struct explanation *e);

/* The input of stage 2, after a fault of stage 2. */
uint64_t explain_fault_ipa(const struct explanation *e);

/* The address of the table that step i indexes, and the index. */
struct explain_slot {
    uint64_t table, index;
    unsigned msb, lsb; /* of the input address */
};
struct explain_slot explain_slot(const struct explanation *e, size_t i);

/* ---- what a stage works with (explain_setup.c) ---- */

struct explain_setup {
    bool legal;               /* else only the names and why_level mean something */
    const char *input;        /* "VA", "IPA" */
    const char *output;       /* "IPA", "PA" */
    const char *control_name; /* "TCR_EL1" */
    uint64_t control;
    const char *base_name; /* "TTBR0_EL1" */
    uint64_t base_raw;
    uint64_t base; /* of the start table */
    enum arch_tg tg;
    unsigned input_bits, output_bits;
    int start_level;
    unsigned tables_n;
    bool ha, hd, lpa2;
    char why_size[EXPLAIN_TEXT_BYTES];  /* input size */
    char why_level[EXPLAIN_TEXT_BYTES]; /* start level, or what is illegal */
};

/* stage: 1 or 2, which is on. */
void explain_setup(const struct explanation *e, unsigned stage,
                   struct explain_setup *out);

/* ---- what a word says (explain_fields.c, explain_registers.c) ---- */

struct explain_field {
    const char *name;
    unsigned msb, lsb;
    uint64_t value;
    char meaning[EXPLAIN_TEXT_BYTES];
};

struct explain_fields {
    struct explain_field at[EXPLAIN_FIELDS_MAX];
    size_t n;
};

struct explain_desc {
    const char *kind; /* "table", "block", "page", "invalid" */
    bool is_leaf;
    uint64_t address; /* of the next table, or of what the leaf maps the input to */
    struct walk_perms perms; /* of a leaf: what this stage allows, before PAN */
    struct explain_fields fields;
    char effect[EXPLAIN_TEXT_BYTES]; /* "" or what the fields allow together */
};

/* The descriptor that the i-th step read. */
void explain_desc(const struct explanation *e, size_t i, struct explain_desc *out);

void explain_par(uint64_t par, struct explain_fields *out);
void explain_esr(uint64_t esr, struct explain_fields *out);
void explain_hpfar(uint64_t hpfar, struct explain_fields *out);

/* Adds a field of word with a formatted meaning. */
__attribute__((format(printf, 6, 7))) void explain_field_add(struct explain_fields *out,
                                                             const char *name,
                                                             unsigned msb, unsigned lsb,
                                                             uint64_t word,
                                                             const char *fmt, ...);

/* "rwx", with "-" for what is not allowed; mask of enum walk_perm. */
#define EXPLAIN_PERMS_BYTES 4
const char *explain_perms_text(unsigned mask, char text[EXPLAIN_PERMS_BYTES]);

/* ---- why it ended as it did (explain_fault.c) ---- */

const char *explain_fault_name(enum arch_fault_type type); /* "Access flag" */

/* The reason of the fault, in a clause. */
void explain_fault(const struct explanation *e, char text[EXPLAIN_REASON_BYTES]);

#endif
