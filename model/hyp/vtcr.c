/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/vtcr.h"

#include <assert.h>
#include <stddef.h>

const char *hyp_vtcr_policy_name(enum hyp_vtcr_policy p)
{
    static const char *const names[] = {"per-cpu", "system"};

    return (unsigned)p < HYP_VTCR_POLICIES_N ? names[p] : NULL;
}

struct hyp_vtcr_limits hyp_vtcr_limits_of(const struct arch_features *f)
{
    return (struct hyp_vtcr_limits){.pa_bits = f->pa_bits, .hafdbs = f->hafdbs};
}

struct hyp_vtcr_limits hyp_vtcr_safe(struct hyp_vtcr_limits a, struct hyp_vtcr_limits b)
{
    return (struct hyp_vtcr_limits){
        .pa_bits = a.pa_bits < b.pa_bits ? a.pa_bits : b.pa_bits,
        .hafdbs = a.hafdbs < b.hafdbs ? a.hafdbs : b.hafdbs,
    };
}

/* The largest PS code whose size is implemented. */
static uint8_t ps_of(unsigned pa_bits)
{
    uint8_t ps = 6;

    while (ps > 0 && arch_pa_bits(ps) > pa_bits)
        ps--;
    return ps;
}

struct arch_vtcr hyp_vtcr_within(const struct arch_vtcr *vm,
                                 struct hyp_vtcr_limits limits)
{
    struct arch_vtcr vtcr = *vm;

    vtcr.ha = vm->ha && limits.hafdbs >= 1;
    vtcr.hd = vtcr.ha && vm->hd && limits.hafdbs >= 2;
    vtcr.ps = ps_of(limits.pa_bits);
    return vtcr;
}

struct arch_vtcr hyp_vtcr_on(const struct arch_vtcr *vm, enum hyp_vtcr_policy policy,
                             const struct hyp_vtcr_limits *pes, unsigned pes_n,
                             unsigned pe)
{
    assert(pe < pes_n);
    struct hyp_vtcr_limits limits = pes[pe];

    if (policy == HYP_VTCR_SYSTEM) {
        for (unsigned i = 0; i < pes_n; i++)
            limits = hyp_vtcr_safe(limits, pes[i]);
    }
    return hyp_vtcr_within(vm, limits);
}

unsigned hyp_ipa_limit(struct hyp_vtcr_limits safe, enum arch_tg tg, bool lpa2)
{
    return tg != ARCH_TG_64K && !lpa2 && safe.pa_bits > 48 ? 48 : safe.pa_bits;
}
