/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/names.h - what registers, instructions and regimes are called in
 * files. */
#ifndef MODEL_TRANSLATE_NAMES_H
#define MODEL_TRANSLATE_NAMES_H

#include "walker/translate.h"

#include <stddef.h>
#include <stdint.h>

/* The register called name, e.g. "TCR_EL1", or NULL. */
uint64_t *vectors_reg(struct walk_regs *regs, const char *name, size_t name_bytes);

/* The i-th register's name, or NULL after the last. */
const char *vectors_reg_name(unsigned i);

/* The ways to ask for a translation: accesses, whose el is a choice, come first. */
struct vectors_how {
    const char *name; /* "ldr", "AT S12E1R" */
    enum walk_how how;
    enum arch_access access;
    uint8_t el; /* of AT instructions */
};
extern const struct vectors_how vectors_hows[];
extern const unsigned vectors_hows_n;

/* The name of what q asks; "?" of a combination that no instruction has. */
const char *vectors_how_name(const struct walk_query *q);

const char *vectors_access_name(enum arch_access access); /* "r", "w", "x" */
const char *vectors_regime_name(enum arch_regime regime); /* "EL10", "EL2", "EL20" */

#endif
