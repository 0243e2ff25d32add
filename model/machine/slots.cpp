/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/slots.h"

#include <algorithm>
#include <stdexcept>

namespace
{
/* The host may ask for the VM's dirty log. */
bool may_log(const scn &s, unsigned vm)
{
    switch (s.vms[vm].guest.kind) {
    case GUEST_REPLAY:
    case GUEST_PAGE_TABLE_TEST:
    case GUEST_DIRTY_LOG_TEST:
    case GUEST_STAGES:
        return true;
    default:
        break;
    }
    return std::any_of(s.events, s.events + s.events_n, [=](const scn_event &e) {
        return e.vm == vm &&
               (e.kind == SCN_EVENT_LOG_START || e.kind == SCN_EVENT_LOG_GET);
    });
}

uint64_t dirty_words(const scn &s, unsigned vm, const scn_memory &m)
{
    return may_log(s, vm) ? ((m.bytes >> s.vms[vm].vtcr.tg) + 63) / 64 : 0;
}

Slot slot_of(const scn &s, unsigned vm, const scn_memory &m)
{
    const arch_tg tg = s.vms[vm].vtcr.tg;
    const int level = arch_level_of_shift(tg, m.backing_shift);
    const uint64_t pages = m.bytes >> m.backing_shift;
    Slot slot(dirty_words(s, vm, m));

    slot.now.ipa = m.ipa;
    slot.now.pa = m.pa;
    slot.now.bytes = m.bytes;
    slot.now.block_level = level;
    slot.now.group = m.backing_shift > arch_level_shift(tg, level);
    slot.now.dirty = slot.dirty.data();
    slot.block_shift = m.backing_shift;
    slot.now.writable = m.writable;
    slot.maps_first = m.mapped;
    if (m.zeroed && !m.mapped && pages) /* a block with mapped pages has been touched */
        slot.zero_bytes = m.bytes / pages;
    return slot;
}
} // namespace

hyp_slot Slot::found(arch_ipa ipa, arch_access access)
{
    const uint64_t block = (ipa.v >> host_shift) - host_first;
    hyp_slot slot = now;

    if (block >= host.size())
        return slot;
    HostPage &page = host[block];
    page.writable = page.writable || access == ARCH_WRITE;
    slot.writable = slot.writable && page.writable;
    if (page.level)
        slot.block_level = page.level;
    return slot;
}

Slots::Slots(const scn &s, unsigned vm) : m_tg(s.vms[vm].vtcr.tg)
{
    m_slots.reserve(s.vms[vm].memory_n); /* they stay where they are */
    for (size_t i = 0; i < s.vms[vm].memory_n; i++)
        m_slots.push_back(slot_of(s, vm, s.vms[vm].memory[i]));
}

Slot &Slots::at(arch_ipa ipa)
{
    for (Slot &slot : m_slots) {
        if (ipa.v - slot.now.ipa.v < slot.now.bytes)
            return slot;
    }
    throw std::logic_error("an access outside the memory of the scenario");
}

/* f(slot, first page, last page of its backing) where [pa, pa + bytes) is zeroed. */
template <typename F> void Slots::each_range(arch_pa pa, uint64_t bytes, F f)
{
    for (Slot &slot : m_slots) {
        const uint64_t from = pa.v - slot.now.pa.v;
        if (slot.zero_bytes && from < slot.now.bytes)
            f(slot, from / slot.zero_bytes, (from + bytes - 1) / slot.zero_bytes);
    }
}

/* The host zeroes whole pages of the backing. Linux: clear_huge_page(). */
uint64_t Slots::touch(arch_pa pa, uint64_t bytes)
{
    uint64_t sum = 0;

    each_range(pa, bytes, [&](Slot &slot, uint64_t first, uint64_t last) {
        for (uint64_t page = first; page <= last; page++) {
            if (slot.touched.has(page))
                continue;
            slot.touched.add(page);
            m_busy.push_back({&slot, page});
            sum += slot.zero_bytes;
        }
    });
    return sum;
}

std::vector<unsigned> Slots::touched(arch_pa pa, uint64_t bytes)
{
    std::vector<unsigned> woken;
    std::vector<Waiter> rest;

    each_range(pa, bytes, [&](const Slot &slot, uint64_t first, uint64_t last) {
        auto done = [&](const Busy &b) {
            return b.slot == &slot && b.page >= first && b.page <= last;
        };
        m_busy.erase(std::remove_if(m_busy.begin(), m_busy.end(), done), m_busy.end());
    });
    for (const Waiter &w : m_waiters) {
        if (is_being_zeroed(w.pa, w.bytes))
            rest.push_back(w);
        else
            woken.push_back(w.pe);
    }
    m_waiters.swap(rest);
    return woken;
}

bool Slots::wait(unsigned pe, arch_pa pa, uint64_t bytes)
{
    if (!is_being_zeroed(pa, bytes))
        return false;
    m_waiters.push_back({pe, pa, bytes});
    return true;
}

bool Slots::is_being_zeroed(arch_pa pa, uint64_t bytes)
{
    bool being = false;

    each_range(pa, bytes, [&](const Slot &slot, uint64_t first, uint64_t last) {
        being = being || std::any_of(m_busy.begin(), m_busy.end(), [&](const Busy &b) {
                    return b.slot == &slot && b.page >= first && b.page <= last;
                });
    });
    return being;
}

size_t Slots::bytes() const
{
    size_t sum = 0;

    for (const Slot &slot : m_slots)
        sum += slot.touched.bytes();
    return sum;
}
