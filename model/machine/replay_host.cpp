/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/replay_host.h"

extern "C" {
#include "model/hyp/host.h"
}

/* Linux: kvm_clear_dirty_log_protect(), of the bits that the recording names. */
void ReplayHost::clear(const replay_host_op &op)
{
    std::vector<uint64_t> bits(m_slot.dirty.size());

    for (size_t i = 0; i < op.masks_n; i++) {
        const replay_mask &m = m_order.masks[op.mask_first + i];
        const uint64_t first =
            m.first + ((m_order.ipa.v - m_slot.now.ipa.v) >> m_env.hyp().tg);
        const size_t word = first / 64;
        const unsigned shift = first % 64;

        if (word < bits.size())
            bits[word] |= m.mask << shift;
        if (shift && word + 1 < bits.size())
            bits[word + 1] |= m.mask >> (64 - shift);
    }
    for (size_t i = 0; i < bits.size(); i++)
        m_slot.dirty[i] |= bits[i];
    hyp_dirty_log_clear(&m_env.hyp(), &m_slot.now, 0,
                        m_slot.now.bytes >> m_env.hyp().tg, bits.data());
    m_env.settle();
}

void ReplayHost::act(const replay_host_op &op, hyp_slot &state)
{
    HostWork work(m_world, m_env);

    switch (op.kind) {
    case REPLAY_LOG_ON:
        state.logging = true;
        return;
    case REPLAY_LOG_OFF:
        state.logging = false;
        return;
    case REPLAY_PROTECT:
        return work.protect(op.ipa, op.bytes, false);
    case REPLAY_CLEAR:
        return clear(op);
    case REPLAY_UNMAP:
        return work.unmap(op.ipa, op.bytes);
    }
}
