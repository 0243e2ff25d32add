/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/memory.h - the memory hierarchy: where descriptors live and what an
 * access to a line costs. Tags only: per-PE L2, shared LLC, DRAM. */
#ifndef MODEL_MACHINE_MEMORY_H
#define MODEL_MACHINE_MEMORY_H

extern "C" {
#include "model/memory/physmem.h"
#include "model/memory/tags.h"
#include "model/scenario/platform.h"
}

#include <memory>
#include <vector>

class Memory
{
  public:
    Memory(const scn_platform &platform, unsigned pes_n);

    /* Time of a read of the line of pa by pe; the line is then in its caches. */
    uint64_t read_ps(unsigned pe, arch_pa pa);

    /* Time until a store of pe is visible; the line leaves the other PEs' caches. */
    uint64_t store_ps(unsigned pe, arch_pa pa);
    uint64_t atomic_ps(unsigned pe, arch_pa pa);

    physmem *words() { return m_words.get(); }

  private:
    struct FreeTags {
        void operator()(tags *t) const { tags_delete(t); }
    };
    struct FreeWords {
        void operator()(physmem *m) const { physmem_delete(m); }
    };
    using Tags = std::unique_ptr<tags, FreeTags>;

    void take_exclusively(unsigned pe, arch_pa pa);

    const scn_platform &m_platform;
    std::unique_ptr<physmem, FreeWords> m_words;
    std::vector<Tags> m_l2; /* [pe] */
    Tags m_llc;
};

#endif
