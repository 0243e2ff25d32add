/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/replay_pages.h"

void ReplayPages::add(uint32_t page, arch_ipa ipa)
{
    if (m_at[page] != NOT_THERE)
        return;
    m_at[page] = static_cast<uint32_t>(m_own.size());
    m_own.push_back({page, ipa});
}

void ReplayPages::drop(uint64_t i)
{
    m_at[m_own[i].page] = NOT_THERE;
    m_own[i] = m_own.back();
    m_own.pop_back();
    if (i < m_own.size())
        m_at[m_own[i].page] = static_cast<uint32_t>(i);
}
