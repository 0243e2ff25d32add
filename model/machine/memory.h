/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/memory.h - the memory hierarchy: where descriptors live and what an
 * access to a line costs. Tags only: per-PE L2, shared LLC, DRAM. LLC and DRAM serve
 * one line after the other, in the order in which they are asked for. */
#ifndef MODEL_MACHINE_MEMORY_H
#define MODEL_MACHINE_MEMORY_H

#include "model/machine/port.h"

extern "C" {
#include "model/memory/physmem.h"
#include "model/memory/tags.h"
#include "model/scenario/platform.h"
}

#include <algorithm>
#include <memory>
#include <vector>

class Memory
{
  public:
    /* pa_bits: that all PEs can address. */
    Memory(const scn_platform &platform, unsigned pa_bits, unsigned pes_n);

    uint64_t least_read_ps() const
    {
        return std::min({m_platform.mem.pe_l2.latency_ps, m_platform.mem.llc.latency_ps,
                         m_platform.mem.dram_ps});
    }

    /* Time of a read at t of the line of pa by pe; the line is then in its caches. The
     * second: the line is not in the L2 of pe. */
    uint64_t read_ps(unsigned pe, arch_pa pa, uint64_t t)
    {
        return tags_touch(m_l2[pe].get(), pa) ? m_platform.mem.pe_l2.latency_ps
                                              : read_shared_ps(pe, pa, t);
    }
    uint64_t read_shared_ps(unsigned pe, arch_pa pa, uint64_t t);

    /* True if the line of pa is in the L2 of pe, where a read takes *ps; the line is
     * then the most recently used. Else nothing changes. */
    bool read_own(unsigned pe, arch_pa pa, uint64_t *ps)
    {
        *ps = m_platform.mem.pe_l2.latency_ps;
        return tags_touch(m_l2[pe].get(), pa);
    }

    /* True if the line of pa is in the L2 of pe. */
    bool is_own(unsigned pe, arch_pa pa) const { return tags_has(m_l2[pe].get(), pa); }

    /* pe will read pa, which is no line that it has used last: a hint to the host. */
    void foresee(unsigned pe, arch_pa pa) const
    {
        tags_foresee(m_l2[pe].get(), pa);
        tags_foresee(m_llc.get(), pa);
    }

    /* The lines that the L2 of pe has. */
    tags *own(unsigned pe) { return m_l2[pe].get(); }

    /* A word of a table will be read through the LLC: a hint to the host. */
    void foresee_shared(arch_pa pa) const
    {
        tags_foresee(m_llc.get(), pa);
        physmem_foresee(m_words.get(), pa);
    }

    /* Time until a store at t of pe is visible; the line leaves the other PEs' caches.
     */
    uint64_t store_ps(unsigned pe, arch_pa pa, uint64_t t);
    uint64_t atomic_ps(unsigned pe, arch_pa pa, uint64_t t);

    /* Some accesses may have to wait for others. */
    bool is_limited() const { return m_llc_port.line_ps() || m_dram_port.line_ps(); }

    /* Time in which a PE zeroes lines in each_ps at best, from t: each is written to
     * DRAM once, be it displaced or cleaned later. */
    uint64_t zero_ps(uint64_t lines, uint64_t each_ps, uint64_t t);
    /* Time in which it cleans lines. */
    uint64_t clean_ps(uint64_t lines, uint64_t each_ps, uint64_t t);

    physmem *words() { return m_words.get(); }

  private:
    struct FreeTags {
        void operator()(tags *t) const { tags_delete(t); }
    };
    struct FreeWords {
        void operator()(physmem *m) const { physmem_delete(m); }
    };
    using Tags = std::unique_ptr<tags, FreeTags>;

    uint64_t dram_wait_ps(uint64_t t);
    uint64_t wait_exclusively(unsigned pe, arch_pa pa, uint64_t t);

    const scn_platform &m_platform;
    std::unique_ptr<physmem, FreeWords> m_words;
    std::vector<Tags> m_l2; /* [pe] */
    Tags m_llc;
    Port m_llc_port, m_dram_port;
};

#endif
