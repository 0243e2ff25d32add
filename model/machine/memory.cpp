/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/memory.h"

#include <algorithm>
#include <new>

namespace
{
/* Tables lie in the upper half of the PA space, guest memory in the lower. */
arch_pa table_arena(unsigned pa_bits)
{
    return arch_pa{UINT64_C(1) << (pa_bits - 1)};
}

tags *new_tags(const scn_cache &c)
{
    tags *t = tags_new(c.bytes, c.ways_n);

    if (!t)
        throw std::bad_alloc();
    return t;
}
} // namespace

Memory::Memory(const scn_platform &platform, unsigned pa_bits, unsigned pes_n)
    : m_platform(platform), m_words(physmem_new(table_arena(pa_bits))),
      m_llc(new_tags(platform.mem.llc)), m_llc_port(platform.mem.llc_line_ps),
      m_dram_port(platform.mem.dram_line_ps)
{
    if (!m_words)
        throw std::bad_alloc();
    for (unsigned i = 0; i < pes_n; i++)
        m_l2.emplace_back(new_tags(platform.mem.pe_l2));
}

uint64_t Memory::read_ps(unsigned pe, arch_pa pa, uint64_t t)
{
    if (tags_access(m_l2[pe].get(), pa))
        return m_platform.mem.pe_l2.latency_ps;
    const uint64_t llc = m_llc_port.begin(t, 1);
    if (tags_access(m_llc.get(), pa))
        return llc - t + m_platform.mem.llc.latency_ps;
    return m_dram_port.begin(llc, 1) - t + m_platform.mem.dram_ps;
}

/* A line that is not in the PE's own L2 comes from the LLC or DRAM. */
uint64_t Memory::wait_exclusively(unsigned pe, arch_pa pa, uint64_t t)
{
    uint64_t begin = t;

    for (unsigned i = 0; i < m_l2.size(); i++) {
        if (i != pe)
            tags_drop(m_l2[i].get(), pa);
    }
    const bool own = tags_access(m_l2[pe].get(), pa);
    const bool shared = tags_access(m_llc.get(), pa);
    if (!own)
        begin = m_llc_port.begin(begin, 1);
    if (!own && !shared)
        begin = m_dram_port.begin(begin, 1);
    return begin - t;
}

uint64_t Memory::store_ps(unsigned pe, arch_pa pa, uint64_t t)
{
    return wait_exclusively(pe, pa, t) + m_platform.mem.store_ps;
}

uint64_t Memory::atomic_ps(unsigned pe, arch_pa pa, uint64_t t)
{
    return wait_exclusively(pe, pa, t) + m_platform.mem.atomic_ps;
}

uint64_t Memory::write_back_ps(uint64_t lines, uint64_t each_ps, uint64_t t)
{
    const uint64_t begin = m_dram_port.begin(m_llc_port.begin(t, lines), lines);
    const uint64_t slowest =
        std::max(m_llc_port.line_ps(), m_dram_port.line_ps()) * lines;

    return std::max(lines * each_ps, begin - t + slowest);
}
