/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/names.c - tables of names. */
#include "model/translate/names.h"

#include <string.h>

#define ARRAY_N(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
    const char *name;
    size_t offset;
} regs_named[] = {
    {"HCR_EL2", offsetof(struct walk_regs, hcr_el2)},
    {"SCTLR_EL1", offsetof(struct walk_regs, sctlr_el1)},
    {"TCR_EL1", offsetof(struct walk_regs, tcr_el1)},
    {"TTBR0_EL1", offsetof(struct walk_regs, ttbr0_el1)},
    {"TTBR1_EL1", offsetof(struct walk_regs, ttbr1_el1)},
    {"SCTLR_EL2", offsetof(struct walk_regs, sctlr_el2)},
    {"TCR_EL2", offsetof(struct walk_regs, tcr_el2)},
    {"TTBR0_EL2", offsetof(struct walk_regs, ttbr0_el2)},
    {"TTBR1_EL2", offsetof(struct walk_regs, ttbr1_el2)},
    {"VTCR_EL2", offsetof(struct walk_regs, vtcr_el2)},
    {"VTTBR_EL2", offsetof(struct walk_regs, vttbr_el2)},
};

uint64_t *vectors_reg(struct walk_regs *regs, const char *name, size_t name_bytes)
{
    for (size_t i = 0; i < ARRAY_N(regs_named); i++) {
        if (strlen(regs_named[i].name) == name_bytes &&
            memcmp(regs_named[i].name, name, name_bytes) == 0)
            return (uint64_t *)((char *)regs + regs_named[i].offset);
    }
    return NULL;
}

const char *vectors_reg_name(unsigned i)
{
    return i < ARRAY_N(regs_named) ? regs_named[i].name : NULL;
}

const struct vectors_how vectors_hows[] = {
    {"ldr", WALK_ACCESS, ARCH_READ, 1},
    {"str", WALK_ACCESS, ARCH_WRITE, 1},
    {"fetch", WALK_ACCESS, ARCH_EXECUTE, 1},
    {"AT S1E0R", WALK_AT_S1, ARCH_READ, 0},
    {"AT S1E0W", WALK_AT_S1, ARCH_WRITE, 0},
    {"AT S1E1R", WALK_AT_S1, ARCH_READ, 1},
    {"AT S1E1W", WALK_AT_S1, ARCH_WRITE, 1},
    {"AT S1E1RP", WALK_AT_S1_PAN, ARCH_READ, 1},
    {"AT S1E1WP", WALK_AT_S1_PAN, ARCH_WRITE, 1},
    {"AT S1E2R", WALK_AT_S1, ARCH_READ, 2},
    {"AT S1E2W", WALK_AT_S1, ARCH_WRITE, 2},
    {"AT S12E0R", WALK_AT_S12, ARCH_READ, 0},
    {"AT S12E0W", WALK_AT_S12, ARCH_WRITE, 0},
    {"AT S12E1R", WALK_AT_S12, ARCH_READ, 1},
    {"AT S12E1W", WALK_AT_S12, ARCH_WRITE, 1},
};
const unsigned vectors_hows_n = ARRAY_N(vectors_hows);

const char *vectors_how_name(const struct walk_query *q)
{
    for (size_t i = 0; i < ARRAY_N(vectors_hows); i++) {
        const struct vectors_how *h = &vectors_hows[i];
        if (h->how == q->how && h->access == q->access &&
            (q->how == WALK_ACCESS || h->el == q->el))
            return h->name;
    }
    return "?";
}

const char *vectors_access_name(enum arch_access access)
{
    static const char *const names[] = {
        [ARCH_READ] = "r", [ARCH_WRITE] = "w", [ARCH_EXECUTE] = "x"};

    return names[access];
}

const char *vectors_regime_name(enum arch_regime regime)
{
    static const char *const names[] = {[ARCH_REGIME_EL10] = "EL10",
                                        [ARCH_REGIME_EL2] = "EL2",
                                        [ARCH_REGIME_EL20] = "EL20"};

    return names[regime];
}
