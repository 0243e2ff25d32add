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
    slot.dirty.assign((pages + 63) / 64, 0);
    if (m.zeroed) /* a block with mapped pages has been touched */
        slot.zeroed.assign(m.bytes >> m.backing_shift, m.mapped);
    return slot;
}
} // namespace

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

/* The host zeroes whole pages of the backing. Linux: clear_huge_page(). */
uint64_t Slots::touch(arch_pa pa, uint64_t bytes)
{
    uint64_t sum = 0;

    for (Slot &slot : m_slots) {
        if (slot.zeroed.empty() || pa.v - slot.now.pa.v >= slot.now.bytes)
            continue;
        const uint64_t page = slot.now.bytes / slot.zeroed.size();
        const uint64_t from = pa.v - slot.now.pa.v;
        for (uint64_t i = from / page; i * page < from + bytes; i++) {
            sum += slot.zeroed[i] ? 0 : page;
            slot.zeroed[i] = true;
        }
    }
    return sum;
}
