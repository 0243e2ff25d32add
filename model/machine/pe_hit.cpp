/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_hit.cpp - the accesses that most are: those that hit in the L1 TLB,
 * with their data in the PE's L2, while nothing has to be charged. No Sync waits for
 * them: one that is pending asks for what had begun before.
 *
 * Pe::hits() does what Pe::access_at_length() does then, step by step, for several
 * accesses at once. */
#include "model/machine/pe.h"

#include <cassert>

static_assert(TLB_R == 1 << ARCH_READ && TLB_W == 1 << ARCH_WRITE &&
                  TLB_X == 1 << ARCH_EXECUTE,
              "a permission is the bit of its access");

/* Accesses that begin before it and hit in l1 end in the window in which the record
 * counts one that ends now, and their program may go on to them. Who waits for a
 * number of accesses lets nobody run ahead. */
uint64_t Pe::run_of_hits_ends(const L1 &l1) const
{
    const uint64_t end = rec_window_end(m_vm->rec, now_ps());

    return std::min(m_world.seq.sure_ps(), end > l1.hit_ps ? end - l1.hit_ps : 0);
}

/* A run is in one L1 TLB. */
uint32_t Pe::hits(const guest_access *next, uint32_t n, uint64_t think_ps,
                  uint64_t *end_ps)
{
    const bool fetch = next->access == ARCH_EXECUTE;
    const L1 &l1 = m_l1[fetch];

    if (!l1.front || m_lookup_lost_ps)
        return 0;
    const uint32_t perms = fetch ? TLB_X : TLB_R | TLB_W;
    const uint64_t bound = run_of_hits_ends(l1), step_ps = l1.hit_ps + think_ps;
    const PaRange &updated = m_vm->walks_store();
    tags &lines = *m_own_lines;
    tlb_front &front = *l1.front;
    const uint64_t whose = tlb_whose(&front, m_who_bits);
    const guest_access *a = next, *const last = next + n;
    uint64_t begin = now_ps();

    do {
        const tlb_hint *hint = tlb_hit(&front, whose, a->ipa.v);
        if (!hint || !((hint->allows & perms) >> a->access & 1))
            break;
        const arch_pa pa{a->ipa.v + hint->offset};
        if (updated.has(pa) || !tags_touch(&lines, pa))
            break;
        tlb_hit_used(&front, hint);
        begin += step_ps;
    } while (++a != last && begin < bound);
    const auto hits_n = static_cast<uint32_t>(a - next);
    *end_ps = begin - think_ps;
    if (hits_n) {
        m_last_offset = tlb_hint_at(&front, next->ipa.v, front.shift)->offset;
        have_hit(l1, hits_n, *end_ps);
    }
    return hits_n;
}

/* What n accesses leave behind that have hit in l1; the last one ends at end. */
void Pe::have_hit(const L1 &l1, uint32_t n, uint64_t end)
{
    const uint64_t begin = end - l1.hit_ps;

    if (n > 1 && !m_world.seq.run_ahead(m_id, begin))
        assert(!"nothing is due before");
    access_done();
    m_access = {m_walks.next_number(), begin, end};
    m_last_end_ps = std::max(m_last_end_ps, end);
    m_vm->rec->n.tlb_lookups += n;
    rec_add_accesses(m_vm->rec, n, l1.hit_ps, end);
    m_vm->count_access();
}

/* An access to va will miss in the L1 TLB. */
void Pe::fetch_for_miss(arch_va va) const
{
    m_world.mem.foresee(m_id, {va.v + m_last_offset});
    if (m_caches.l2)
        tlb_foresee(m_caches.l2, mmu_canonical(va));
}

/* The lines that hits() will read are fetched side by side; then what follows where
 * they say that it is a miss, or no line that was used last. */
void Pe::foresee(const guest_access *next, uint32_t n) const
{
    if (!m_l1[0].front)
        return;
    const tlb_front &l1 = *m_l1[0].front;
    const tags &lines = *m_own_lines;
    const uint64_t whose = tlb_whose(&l1, m_who_bits), offset = m_last_offset;

    for (const guest_access *a = next; a != next + n; a++) {
        if (!tlb_hit(&l1, whose, a->ipa.v))
            fetch_for_miss({a->ipa.v});
        else if (!tags_is_first(&lines, {a->ipa.v + offset}))
            tags_foresee(&lines, {a->ipa.v + offset});
    }
}
