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
      m_dram_port(platform.mem.dram_line_ps, platform.mem.dram_queue_ps)
{
    if (!m_words)
        throw std::bad_alloc();
    for (unsigned i = 0; i < pes_n; i++)
        m_l2.emplace_back(new_tags(platform.mem.pe_l2));
}

/* What a line that DRAM is asked for at t waits before its latency begins. */
uint64_t Memory::dram_wait_ps(uint64_t t)
{
    return m_dram_port.begin(t, 1) - t + m_dram_port.queue_ps();
}

uint64_t Memory::read_shared_ps(unsigned pe, arch_pa pa, uint64_t t)
{
    tags_add(m_l2[pe].get(), pa);
    const uint64_t llc = m_llc_port.begin(t, 1);
    if (tags_access(m_llc.get(), pa))
        return llc - t + m_platform.mem.llc.latency_ps;
    return llc - t + dram_wait_ps(llc) + m_platform.mem.dram_ps;
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
        begin += dram_wait_ps(begin);
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

/* As many lines are in flight as DRAM has the time for: a line takes longer by as much
 * as DRAM does. */
uint64_t Memory::zero_ps(uint64_t lines, uint64_t each_ps, uint64_t t)
{
    const uint64_t dram_ps = std::max<uint64_t>(m_platform.mem.dram_ps, 1);
    const uint64_t llc = m_llc_port.begin(t, lines);
    const uint64_t wait = m_dram_port.begin(llc, lines) - t;
    const uint64_t slowest =
        std::max(m_llc_port.line_ps(), m_dram_port.line_ps()) * lines;
    const uint64_t own = lines * each_ps;

    return std::max(own + own * m_dram_port.queue_ps() / dram_ps, wait + slowest);
}

uint64_t Memory::clean_ps(uint64_t lines, uint64_t each_ps, uint64_t t)
{
    const uint64_t wait = m_llc_port.begin(t, lines) - t;

    return std::max(lines * each_ps, wait + m_llc_port.line_ps() * lines);
}
