/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/replay_pages.h - the pages in use of one vCPU of a closed-loop replay.
 *
 * They are those that it has accessed and that are still mapped, and those that were
 * mapped before the recording began, which the vCPUs share. */
#ifndef MODEL_MACHINE_REPLAY_PAGES_H
#define MODEL_MACHINE_REPLAY_PAGES_H

extern "C" {
#include "walker/arch/addr.h"
}

#include <cstdint>
#include <vector>

class ReplayPages
{
  public:
    /* own_n: different pages that the vCPU accesses; shared: lives as long. */
    ReplayPages(uint32_t own_n, const std::vector<arch_ipa> &shared)
        : m_shared(shared), m_at(own_n, NOT_THERE)
    {
        m_own.reserve(own_n);
    }

    /* Number page of its own is in use from now on. */
    void add(uint32_t page, arch_ipa ipa);

    /* Any page in use. is_mapped(ipa) is asked, and what is not mapped any more is
     * dropped. random(): 64 bits. False if there is none. */
    template <typename Random, typename Mapped>
    bool pick(Random random, Mapped is_mapped, arch_ipa *ipa)
    {
        for (int tries = 0; tries < TRIES; tries++) {
            const uint64_t n = m_own.size() + m_shared.size();
            if (n == 0)
                return false;
            const uint64_t i = static_cast<uint64_t>(
                (static_cast<unsigned __int128>(random()) * n) >> 64);
            *ipa = i < m_own.size() ? m_own[i].ipa : m_shared[i - m_own.size()];
            if (is_mapped(*ipa))
                return true;
            if (i < m_own.size())
                drop(i);
        }
        return false;
    }

  private:
    struct Own {
        uint32_t page;
        arch_ipa ipa;
    };

    void drop(uint64_t i);

    static constexpr uint32_t NOT_THERE = UINT32_MAX;
    /* Approx: of the shared pages so many may not be mapped before the vCPU does
     * without. */
    static constexpr int TRIES = 16;

    const std::vector<arch_ipa> &m_shared;
    std::vector<Own> m_own;
    std::vector<uint32_t> m_at; /* [page] index in m_own */
};

#endif
