/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/background.c - TLBIs that the rest of the machine broadcasts. */
#include "model/scenario/scn_priv.h"

#define S UINT64_C(1000000000000)

static const struct {
    const char *word;
    enum arch_tlbi_op op;
} ops[] = {
    {"vmalls12e1", ARCH_TLBI_VMALLS12},
    {"vmalle1", ARCH_TLBI_VMALL},
    {"vae1", ARCH_TLBI_VA},
    {"ipas2e1", ARCH_TLBI_IPAS2},
    {"aside1", ARCH_TLBI_ASID},
    {"alle1", ARCH_TLBI_ALL},
};

static const char *op_word(unsigned i)
{
    return i < SCN_ARRAY_N(ops) ? ops[i].word : NULL;
}

const char *scn_background_word(enum arch_tlbi_op op)
{
    unsigned i = 0;
    while (ops[i].op != op)
        i++;
    return ops[i].word;
}

bool scn_read_background(const struct scn_reader *r, const struct scn_node *map,
                         struct scn_background *b)
{
    enum { INTERVAL, ARRIVAL, OP };
    static const struct scn_key keys[] = {
        [INTERVAL] = {.name = "interval",
                      .type = SCN_T_TIME,
                      .need = SCN_REQUIRED,
                      .min = 1000,
                      .max = S},
        [ARRIVAL] = {.name = "arrival",
                     .type = SCN_T_WORD,
                     .word = scn_arrival_word,
                     .def = GUEST_ARRIVAL_POISSON},
        [OP] = {.name = "op",
                .type = SCN_T_WORD,
                .word = op_word,
                .def = 0}, /* of ops */
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    *b = (struct scn_background){.interval_ps = v[INTERVAL].u,
                                 .poisson = v[ARRIVAL].u == GUEST_ARRIVAL_POISSON,
                                 .op = ops[v[OP].u].op};
    return true;
}
