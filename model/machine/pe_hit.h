/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_hit.h - the access that most are: one that hits in the L1 TLB, with
 * its data in the PE's L2, while no Sync waits and nothing has to be charged.
 *
 * It does what Pe::access_at_length() does then, step by step, in a few instructions.
 */
#ifndef MODEL_MACHINE_PE_HIT_H
#define MODEL_MACHINE_PE_HIT_H

#include "model/machine/pe.h"

static_assert(TLB_R == 1 << ARCH_READ && TLB_W == 1 << ARCH_WRITE &&
                  TLB_X == 1 << ARCH_EXECUTE,
              "a permission is the bit of its access");

/* False: the access has not begun, and is to take the long way. */
inline bool Pe::hits(arch_va va, arch_access access, uint64_t *end)
{
    const L1 &l1 = m_l1[access == ARCH_EXECUTE];

    if (!l1.front || !m_syncs.empty() || m_lookup_lost_ps)
        return false;
    const tlb_hint *hint = tlb_hit(l1.front, m_who_bits, mmu_canonical(va));
    if (!hint || !(hint->allows >> access & 1))
        return false;
    const arch_pa pa{mmu_canonical(va) + hint->offset};
    if (m_vm->walks_store_to(pa) || !tags_touch(m_own_lines, pa))
        return false;
    const uint64_t begin = now_ps();
    *end = begin + l1.hit_ps;
    tlb_hit_used(l1.front, hint);
    m_last_offset = pa.v - va.v;
    access_done();
    m_access = {m_walks.next_number(), begin, *end};
    m_last_end_ps = std::max(m_last_end_ps, *end);
    m_vm->rec->n.tlb_lookups++;
    rec_add_access(m_vm->rec, begin, *end);
    m_vm->count_access();
    return true;
}

/* The lines that hits() reads. Not to be a function of its own: to the compiler it has
 * no effects. */
__attribute__((always_inline)) inline void Pe::fetch(arch_va va) const
{
    const tlb_front *l1 = m_l1[0].front;

    __builtin_prefetch(tags_place(m_own_lines, {va.v + m_last_offset}), 1);
    if (l1)
        __builtin_prefetch(tlb_hint_at(l1, va.v, l1->shift), 1);
}

/* What follows if that is a miss. */
inline void Pe::foresee(arch_va va) const
{
    const tlb_front *l1 = m_l1[0].front;
    const arch_pa pa{va.v + m_last_offset};

    if (l1 && !tlb_hit(l1, m_who_bits, mmu_canonical(va)))
        fetch_for_miss(va);
    else if (!tags_is_first(m_own_lines, pa))
        tags_foresee(m_own_lines, pa);
}

#endif
