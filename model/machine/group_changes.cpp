/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/group_changes.h"

#include <algorithm>

extern "C" {
#include "walker/arch/desc.h"
}

void GroupChanges::announce(const hyp_event &first, int vcpu)
{
    const size_t n = size_t(1) << arch_contiguous_shift(first.level, m_walk.vtcr.tg);
    Group g = {first, vcpu, {}, std::vector<bool>(n), 0, false, 0};

    for (size_t i = 0; i < n; i++)
        g.old.push_back(
            physmem_read(m_words, arch_pa{first.entry.v + i * ARCH_DESC_BYTES}));
    m_open.push_back(g);
}

bool GroupChanges::was_contiguous(const Group &g) const
{
    return std::any_of(g.old.begin(), g.old.end(), [](uint64_t desc) {
        return (desc & ARCH_DESC_VALID) && (desc & ARCH_DESC_CONTIGUOUS);
    });
}

void GroupChanges::begin(Group &g, uint64_t now_ps)
{
    const rec_change record = {was_contiguous(g) ? REC_REMAP : REC_COALESCE,
                               g.first.ipa,
                               g.old.size() << leaf_shift(g),
                               now_ps,
                               REC_NEVER,
                               REC_NEVER,
                               REC_NEVER,
                               0,
                               g.vcpu};

    g.index = rec_change_begin(m_rec, &record);
    g.begun = true;
}

void GroupChanges::set_broken(Group &g, size_t entry, bool broken, uint64_t now_ps)
{
    if (g.broken[entry] == broken)
        return;
    g.broken[entry] = broken;
    if (broken && g.broken_n++ == 0)
        rec_change_broken(m_rec, g.index, now_ps);
    else if (!broken && --g.broken_n == 0)
        rec_change_mended(m_rec, g.index, now_ps);
}

bool GroupChanges::holds(const Group &g, arch_pa entry, int vcpu)
{
    return g.vcpu == vcpu && entry.v - g.first.entry.v < g.old.size() * ARCH_DESC_BYTES;
}

bool GroupChanges::replaces(arch_pa entry, int vcpu) const
{
    return std::any_of(m_open.begin(), m_open.end(),
                       [&](const Group &g) { return holds(g, entry, vcpu); });
}

void GroupChanges::on_store(arch_pa entry, int vcpu, uint64_t desc, uint64_t now_ps)
{
    for (Group &g : m_open) {
        if (!holds(g, entry, vcpu))
            continue;
        const uint64_t i = (entry.v - g.first.entry.v) / ARCH_DESC_BYTES;
        if (!g.begun)
            begin(g, now_ps);
        set_broken(g, i, (g.old[i] & ARCH_DESC_VALID) && !(desc & ARCH_DESC_VALID),
                   now_ps);
    }
}

void GroupChanges::over(const hyp_event &first, int vcpu, uint64_t now_ps)
{
    auto match = [&](const Group &g) {
        return g.vcpu == vcpu && g.first.entry.v == first.entry.v;
    };
    const auto g = std::find_if(m_open.begin(), m_open.end(), match);

    if (g == m_open.end())
        return;
    if (g->begun) {
        rec_change &c = m_rec->changes[g->index];

        if (c.kind == REC_REMAP &&
            !(physmem_read(m_words, first.entry) & ARCH_DESC_CONTIGUOUS))
            c.kind = REC_SPLIT;
        rec_change_done(m_rec, g->index, now_ps);
    }
    m_open.erase(g);
}

bool GroupChanges::allows(uint64_t leaf, arch_access access, const arch_vtcr &vtcr)
{
    const bool clean = access == ARCH_WRITE && vtcr.hd && (leaf & ARCH_DESC_DBM);

    return (leaf & ARCH_DESC_VALID) && (clean || arch_desc_s2_allows(leaf, access));
}

bool GroupChanges::old_allows(arch_ipa ipa, arch_access access,
                              const arch_vtcr &vtcr) const
{
    for (const Group &g : m_open) {
        const uint64_t i = (ipa.v - g.first.ipa.v) >> leaf_shift(g);

        if (g.begun && ipa.v >= g.first.ipa.v && i < g.old.size() &&
            allows(g.old[i], access, vtcr))
            return true;
    }
    return false;
}
