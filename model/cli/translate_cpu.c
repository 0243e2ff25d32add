/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_cpu.c - the map `cpu`: ID registers, then single features, then
 * choices. */
#include "model/cli/translate_priv.h"

#include <stddef.h>

/* The CPU of the shared vectors (QEMU 7.2, -cpu max): 52-bit PA, FEAT_LPA2, FEAT_LVA,
 * FEAT_TTST, all granules, FEAT_HAFDBS, FEAT_XNX, FEAT_HPDS, FEAT_PAN2, FEAT_E0PD,
 * FEAT_VHE, FEAT_BBM level 2, 16-bit VMID and ASID, pointer authentication. */
static const struct arch_id_regs default_id = {
    .mmfr0 = 0x32310201126,
    .mmfr1 = 0x11010211122,
    .mmfr2 = 0x1021011010011011,
    .isar1 = 0x10,
};

static const char *pa_bits_word(unsigned i)
{
    static const char *const words[] = {"32", "36", "40", "42", "44", "48", "52", NULL};
    return words[i];
}

static const char *nt_word(unsigned i)
{
    static const char *const words[] = {"translate", "fault", NULL};
    return words[i];
}

static const char *tg_word(unsigned i)
{
    static const char *const words[] = {"4K", "16K", "64K", NULL};
    return words[i];
}

enum {
    KEY_MMFR0,
    KEY_MMFR1,
    KEY_MMFR2,
    KEY_ISAR1,
    KEY_PA_BITS,
    KEY_HAFDBS,
    KEY_BBM_LEVEL,
    KEY_NT,
    KEY_TG_CHOICE,
    KEY_CONTIGUOUS_FAULTS,
    KEY_AF_ON_PERMISSION_FAULT,
    KEY_LPA2,
    KEY_SWITCHES, /* the rest: order of switches[] */
};

static const struct scn_key keys[] = {
    {.name = "ID_AA64MMFR0_EL1", .type = SCN_T_ADDRESS},
    {.name = "ID_AA64MMFR1_EL1", .type = SCN_T_ADDRESS},
    {.name = "ID_AA64MMFR2_EL1", .type = SCN_T_ADDRESS},
    {.name = "ID_AA64ISAR1_EL1", .type = SCN_T_ADDRESS},
    {.name = "pa_bits", .type = SCN_T_WORD, .word = pa_bits_word},
    {.name = "hafdbs", .type = SCN_T_COUNT, .min = 0, .max = 2},
    {.name = "bbm_level", .type = SCN_T_COUNT, .min = 0, .max = 3},
    {.name = "nt", .type = SCN_T_WORD, .word = nt_word},
    {.name = "tg_choice", .type = SCN_T_WORD, .word = tg_word},
    {.name = "contiguous_faults", .type = SCN_T_BOOL},
    {.name = "af_on_permission_fault", .type = SCN_T_BOOL},
    {.name = "lpa2", .type = SCN_T_BOOL},
    {.name = "lva", .type = SCN_T_BOOL},
    {.name = "ttst", .type = SCN_T_BOOL},
    {.name = "xnx", .type = SCN_T_BOOL},
    {.name = "hpds", .type = SCN_T_BOOL},
    {.name = "e0pd", .type = SCN_T_BOOL},
    {.name = "tbid", .type = SCN_T_BOOL},
    {.name = "pan", .type = SCN_T_BOOL},
    {.name = "epan", .type = SCN_T_BOOL},
    {.name = "vhe", .type = SCN_T_BOOL},
    {.name = "fwb", .type = SCN_T_BOOL},
    {.name = "vmid16", .type = SCN_T_BOOL},
    {.name = "asid16", .type = SCN_T_BOOL},
};

static const size_t switches[] = {
    offsetof(struct arch_features, lva),    offsetof(struct arch_features, ttst),
    offsetof(struct arch_features, xnx),    offsetof(struct arch_features, hpds),
    offsetof(struct arch_features, e0pd),   offsetof(struct arch_features, tbid),
    offsetof(struct arch_features, pan),    offsetof(struct arch_features, epan),
    offsetof(struct arch_features, vhe),    offsetof(struct arch_features, fwb),
    offsetof(struct arch_features, vmid16), offsetof(struct arch_features, asid16),
};

_Static_assert(SCN_ARRAY_N(keys) == KEY_SWITCHES + SCN_ARRAY_N(switches),
               "a switch for each of the last keys");

static void set_lpa2(struct arch_features *f, bool on)
{
    for (int stage = 0; stage < 2; stage++) {
        for (int tg = 0; tg < 2; tg++) {
            if (f->tg_support[stage][tg] != ARCH_TG_ABSENT)
                f->tg_support[stage][tg] = on ? ARCH_TG_52_BIT : ARCH_TG_PRESENT;
        }
    }
}

static struct arch_features features_of(const struct scn_val *v)
{
    struct arch_id_regs id = default_id;
    uint64_t *const regs[] = {&id.mmfr0, &id.mmfr1, &id.mmfr2, &id.isar1};

    for (int i = 0; i < 4; i++) {
        if (v[KEY_MMFR0 + i].node)
            *regs[i] = v[KEY_MMFR0 + i].u;
    }
    struct arch_features f = arch_features_decode(&id);
    if (v[KEY_PA_BITS].node)
        f.pa_bits = (uint8_t)arch_pa_bits((uint8_t)v[KEY_PA_BITS].u);
    if (v[KEY_HAFDBS].node)
        f.hafdbs = (uint8_t)v[KEY_HAFDBS].u;
    if (v[KEY_BBM_LEVEL].node)
        f.bbm_level = (uint8_t)v[KEY_BBM_LEVEL].u;
    if (v[KEY_LPA2].node)
        set_lpa2(&f, v[KEY_LPA2].u);
    for (size_t i = 0; i < SCN_ARRAY_N(switches); i++) {
        if (v[KEY_SWITCHES + i].node)
            *(bool *)((char *)&f + switches[i]) = v[KEY_SWITCHES + i].u;
    }
    return f;
}

bool translate_read_cpu(const struct scn_reader *r, const struct scn_node *node,
                        struct walk_cpu *cpu)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
    struct scn_val v[SCN_ARRAY_N(keys)] = {0};

    if (node && !scn_read_map(r, node, keys, SCN_ARRAY_N(keys), v))
        return false;
    *cpu = (struct walk_cpu){
        .features = features_of(v),
        .nt_response = v[KEY_NT].u ? WALK_NT_FAULT : WALK_NT_TRANSLATE,
        .contiguous_faults = v[KEY_CONTIGUOUS_FAULTS].u,
        .af_on_permission_fault = v[KEY_AF_ON_PERMISSION_FAULT].u,
        .tg_choice = tgs[v[KEY_TG_CHOICE].u],
    };
    return true;
}
