/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/slots.h"

#include <stdexcept>

namespace
{
Slot slot_of(const scn_memory &m, arch_tg tg)
{
    Slot slot{};
    const int level = arch_level_of_shift(tg, m.backing_shift);
    const uint64_t pages = m.bytes >> tg;

    slot.now.ipa = m.ipa;
    slot.now.pa = m.pa;
    slot.now.bytes = m.bytes;
    slot.now.block_level = level;
    slot.now.group = m.backing_shift > arch_level_shift(tg, level);
    slot.block_shift = m.backing_shift;
    slot.now.writable = m.writable;
    slot.maps_first = m.mapped;
    slot.dirty.assign((pages + 63) / 64, 0);
    if (m.zeroed) /* a block with mapped pages has been touched */
        slot.pages.assign(m.bytes >> m.backing_shift,
                          m.mapped ? Slot::ZEROED : Slot::UNTOUCHED);
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

Slots::Slots(const scn_vm &vm) : m_tg(vm.vtcr.tg)
{
    for (size_t i = 0; i < vm.memory_n; i++)
        m_slots.push_back(slot_of(vm.memory[i], m_tg));
    for (Slot &slot : m_slots)
        slot.now.dirty = slot.dirty.data();
}

Slot &Slots::at(arch_ipa ipa)
{
    for (Slot &slot : m_slots) {
        if (ipa.v - slot.now.ipa.v < slot.now.bytes)
            return slot;
    }
    throw std::logic_error("an access outside the memory of the scenario");
}

/* f(page, bytes of it) for every page of the backing in [pa, pa + bytes). */
template <typename F> void Slots::each_page(arch_pa pa, uint64_t bytes, F f)
{
    for (Slot &slot : m_slots) {
        if (slot.pages.empty() || pa.v - slot.now.pa.v >= slot.now.bytes)
            continue;
        const uint64_t page = slot.now.bytes / slot.pages.size();
        const uint64_t from = pa.v - slot.now.pa.v;
        for (uint64_t i = from / page; i * page < from + bytes; i++)
            f(slot.pages[i], page);
    }
}

/* The host zeroes whole pages of the backing. Linux: clear_huge_page(). */
uint64_t Slots::touch(arch_pa pa, uint64_t bytes)
{
    uint64_t sum = 0;

    each_page(pa, bytes, [&sum](Slot::Page &page, uint64_t page_bytes) {
        if (page != Slot::UNTOUCHED)
            return;
        page = Slot::BEING_ZEROED;
        sum += page_bytes;
    });
    return sum;
}

std::vector<unsigned> Slots::touched(arch_pa pa, uint64_t bytes)
{
    std::vector<unsigned> woken;
    std::vector<Waiter> rest;

    each_page(pa, bytes, [](Slot::Page &page, uint64_t) { page = Slot::ZEROED; });
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

    each_page(pa, bytes, [&being](Slot::Page &page, uint64_t) {
        being = being || page == Slot::BEING_ZEROED;
    });
    return being;
}
