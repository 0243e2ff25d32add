/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mmu/service.h"

static uint64_t kind_ps(const struct scn_platform *p, enum arch_tlbi_op op)
{
    switch (op) {
    case ARCH_TLBI_ALL:
        return p->dvm.service_all_ps;
    case ARCH_TLBI_VMALL:
    case ARCH_TLBI_VMALLS12:
        return p->dvm.service_vmid_ps;
    case ARCH_TLBI_ASID:
        return p->dvm.service_asid_ps;
    case ARCH_TLBI_VA:
    case ARCH_TLBI_VAA:
        return p->dvm.service_va_ps;
    case ARCH_TLBI_IPAS2:
        break;
    }
    return p->dvm.service_ipa_ps;
}

static uint64_t structure_ps(const struct scn_tlb *t, const struct arch_tlbi *op)
{
    if (t->cfg.entries_n == 0)
        return 0;
    if (!arch_tlbi_by_address(op))
        return t->tlbi_scan_ps;
    if (!op->range)
        return t->tlbi_probe_ps;

    const uint64_t pages = ((op->last - op->first) >> op->tg) + 1;
    const uint64_t most = t->tlbi_scan_ps ? t->tlbi_scan_ps : UINT64_MAX;

    return t->tlbi_probe_ps && pages > most / t->tlbi_probe_ps
               ? most
               : pages * t->tlbi_probe_ps;
}

uint64_t mmu_service_ps(const struct scn_platform *p, const struct arch_tlbi *op)
{
    const struct scn_tlb *const all[] = {
        &p->l1i,
        &p->l1d,
        &p->l2,
        &p->s2,
        &p->walk_cache[0][0],
        &p->walk_cache[0][1],
        &p->walk_cache[0][2],
        &p->walk_cache[1][0],
        &p->walk_cache[1][1],
        &p->walk_cache[1][2],
    };
    uint64_t longest = 0;

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const uint64_t ps = structure_ps(all[i], op);

        longest = ps > longest ? ps : longest;
    }
    return kind_ps(p, op->op) + longest;
}
