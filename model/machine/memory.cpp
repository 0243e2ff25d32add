/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/memory.h"

#include <new>

namespace
{
/* Tables lie in the upper half of the PA space, guest memory in the lower. */
arch_pa table_arena(const scn_platform &p)
{
    return arch_pa{UINT64_C(1) << (p.feat.pa_bits - 1)};
}

tags *new_tags(const scn_cache &c)
{
    tags *t = tags_new(c.bytes, c.ways_n);

    if (!t)
        throw std::bad_alloc();
    return t;
}
} // namespace

Memory::Memory(const scn_platform &platform, unsigned pes_n)
    : m_platform(platform), m_words(physmem_new(table_arena(platform))),
      m_llc(new_tags(platform.mem.llc))
{
    if (!m_words)
        throw std::bad_alloc();
    for (unsigned i = 0; i < pes_n; i++)
        m_l2.emplace_back(new_tags(platform.mem.pe_l2));
}

uint64_t Memory::read_ps(unsigned pe, arch_pa pa)
{
    if (tags_access(m_l2[pe].get(), pa))
        return m_platform.mem.pe_l2.latency_ps;
    if (tags_access(m_llc.get(), pa))
        return m_platform.mem.llc.latency_ps;
    return m_platform.mem.dram_ps;
}

void Memory::take_exclusively(unsigned pe, arch_pa pa)
{
    for (unsigned i = 0; i < m_l2.size(); i++) {
        if (i != pe)
            tags_drop(m_l2[i].get(), pa);
    }
    tags_access(m_l2[pe].get(), pa);
    tags_access(m_llc.get(), pa);
}

uint64_t Memory::store_ps(unsigned pe, arch_pa pa)
{
    take_exclusively(pe, pa);
    return m_platform.mem.store_ps;
}

uint64_t Memory::atomic_ps(unsigned pe, arch_pa pa)
{
    take_exclusively(pe, pa);
    return m_platform.mem.atomic_ps;
}
