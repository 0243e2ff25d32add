/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/changes.h"

#include <algorithm>

extern "C" {
#include "walker/arch/desc.h"
}

void Changes::announce(const hyp_event &at, int vcpu)
{
    if (groups.replaces(at.entry, vcpu))
        return;
    switch (arch_desc_kind(at.old, at.level, m_walk.vtcr.tg, false, m_walk.pa_bits)) {
    case ARCH_DESC_KIND_TABLE:
        m_open.push_back({at, vcpu, at.old, false, false, 0});
        break;
    case ARCH_DESC_KIND_LEAF: /* nothing to tear down */
        if (at.level < 3)
            m_open.push_back({at, vcpu, at.old, false, true, 0});
        break;
    case ARCH_DESC_KIND_INVALID:
        break;
    }
}

void Changes::withdraw(const hyp_event &at, int vcpu)
{
    auto match = [&](const Change &c) {
        return !c.begun && c.vcpu == vcpu && c.at.entry.v == at.entry.v;
    };

    m_open.erase(std::remove_if(m_open.begin(), m_open.end(), match), m_open.end());
}

/* A walk that reads desc in the entry ends in a fault. */
bool Changes::faults(uint64_t desc) const
{
    if (!(desc & ARCH_DESC_VALID))
        return true;
    return !(desc & ARCH_DESC_TABLE) && (desc & ARCH_DESC_NT) &&
           (m_walk.bbm_level == 1 || m_walk.bbm_level == 2) &&
           m_walk.nt_response == WALK_NT_FAULT;
}

void Changes::begin(Change &c, uint64_t now_ps)
{
    /* A block is told apart when it is replaced: see close_finished(). */
    const rec_change_kind kind = c.torn_down ? REC_REMAP : REC_COALESCE;
    const rec_change record = {kind,      c.at.ipa,  bytes(c.at.level),
                               now_ps,    REC_NEVER, REC_NEVER,
                               REC_NEVER, 0,         c.vcpu};

    c.index = rec_change_begin(m_rec, &record);
    c.begun = true;
}

void Changes::on_store(arch_pa entry, int vcpu, uint64_t desc, uint64_t now_ps)
{
    groups.on_store(entry, vcpu, desc, now_ps);
    for (Change &c : m_open) {
        if (c.at.entry.v != entry.v)
            continue;
        if (!c.begun && c.vcpu == vcpu)
            begin(c, now_ps);
        if (!c.begun)
            continue;
        if (faults(desc) && !faults(c.desc))
            rec_change_broken(m_rec, c.index, now_ps);
        else if (!faults(desc) && faults(c.desc))
            rec_change_mended(m_rec, c.index, now_ps);
        c.desc = desc;
    }
    close_finished(now_ps);
}

void Changes::torn_down(const hyp_event &at, uint64_t now_ps)
{
    for (Change &c : m_open) {
        if (c.begun && c.at.entry.v == at.entry.v)
            c.torn_down = true;
    }
    close_finished(now_ps);
}

void Changes::close_finished(uint64_t now_ps)
{
    auto finished = [&](const Change &c) {
        const bool table = c.desc & ARCH_DESC_TABLE;
        const bool finished_entry =
            (c.desc & ARCH_DESC_VALID) && (table || !(c.desc & ARCH_DESC_NT));
        if (!c.begun || !c.torn_down || !finished_entry)
            return false;
        if (table)
            m_rec->changes[c.index].kind = REC_SPLIT;
        rec_change_done(m_rec, c.index, now_ps);
        return true;
    };
    auto end = std::remove_if(m_open.begin(), m_open.end(), finished);

    if (end == m_open.end())
        return;
    m_open.erase(end, m_open.end());
}

bool Changes::old_allows(arch_ipa ipa, arch_access access, const arch_vtcr &vtcr) const
{
    for (const Change &c : m_open) {
        if (!c.begun || ipa.v - c.at.ipa.v >= bytes(c.at.level))
            continue;
        uint64_t desc = c.at.old;
        int level = c.at.level;
        while (arch_desc_kind(desc, level, m_walk.vtcr.tg, false, m_walk.pa_bits) ==
               ARCH_DESC_KIND_TABLE) {
            const arch_pa table = arch_desc_table_pa(desc, m_walk.vtcr.tg, false);
            const uint64_t n = arch_table_entries(m_walk.vtcr.tg);
            const uint64_t index = (ipa.v >> shift(++level)) & (n - 1);
            desc = physmem_read(m_words, arch_pa{table.v + index * ARCH_DESC_BYTES});
        }
        if (GroupChanges::allows(desc, access, vtcr))
            return true;
    }
    return groups.old_allows(ipa, access, vtcr);
}
