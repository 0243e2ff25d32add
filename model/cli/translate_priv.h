/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_priv.h - what the sources of the command translate share. */
#ifndef MODEL_CLI_TRANSLATE_PRIV_H
#define MODEL_CLI_TRANSLATE_PRIV_H

#include "model/scenario/yaml.h"
#include "model/translate/explain.h"

/* What a file expects of the answer; order of translate_expect_keys. */
enum translate_what {
    WHAT_PA,
    WHAT_FAULT,
    WHAT_STAGE,
    WHAT_LEVEL,
    WHAT_S1PTW,
    WHAT_IPA,
    WHAT_PAR,
    WHAT_TARGET_EL,
    WHAT_ESR,
    WHAT_FAR,
    WHAT_HPFAR,
    WHAT_WNR,
    WHAT_MEM_AFTER,
    WHAT_N,
};

struct translate_expect {
    bool given[WHAT_N];
    uint64_t u[WHAT_N];
    struct scn_pos pos[WHAT_N];
    struct vectors_words after;
};

/* One translation to do. */
struct translate_input {
    struct scn_doc doc; /* positions point into it */
    const char *title;  /* "" for none */
    struct walk_cpu cpu;
    struct walk_regs regs;
    struct walk_query query;
    struct vectors_words mem;
    struct translate_expect expect;
};

/* Reads a YAML file; false after diagnostics. End with translate_input_free() in either
 * case. */
bool translate_input_load(struct translate_input *in, const char *file,
                          struct scn_diags *diags);
void translate_input_free(struct translate_input *in);

/* Parts of it; each returns false after diagnostics. node may be NULL: absent. */
bool translate_read_cpu(const struct scn_reader *r, const struct scn_node *node,
                        struct walk_cpu *cpu);
bool translate_read_words(const struct scn_reader *r, const struct scn_node *node,
                          struct vectors_words *words);
bool translate_read_expect(const struct scn_reader *r, const struct scn_node *node,
                           struct translate_expect *expect);

/* Prints to stderr which expectations e does not meet; true if it meets all. */
bool translate_meets(const struct translate_expect *expect,
                     const struct explanation *e);

/* What stands above the walk; NULL for none. */
struct translate_head {
    const char *title;
    const char *id;       /* of a vector */
    const char *expected; /* of a vector: its answer */
};

enum translate_detail { TRANSLATE_FULL, TRANSLATE_BRIEF };

/* The walk and its result on stdout. */
void translate_print(const struct explanation *e, const struct translate_head *head,
                     enum translate_detail detail);
void translate_print_json(const struct explanation *e,
                          const struct translate_head *head);

typedef void translate_printer(const struct explanation *e,
                               const struct translate_head *head);

/* All cases of a file, or the one called id; an exit code. */
int translate_check_vectors(const char *path);
int translate_one_vector(const char *path, const char *id, translate_printer *print);

#endif
