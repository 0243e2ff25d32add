/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/stage_gate.h"

StageGate::StageGate(Vm &vm, Sequencer &seq)
    : m_seq(seq), m_vcpus_n(vm.cfg.vcpus_n), m_first_pe(vm.cfg.first_pe),
      m_waiting(m_vcpus_n)
{
}

void StageGate::wait_open(unsigned vcpu, uint32_t stage)
{
    while (m_open_n <= stage) {
        m_waiting[vcpu] = true;
        m_seq.block(m_first_pe + vcpu);
    }
}

void StageGate::open(uint32_t stage)
{
    m_open_n = stage + 1;
    m_running_n = m_vcpus_n;
    m_host_busy = true;
    for (unsigned vcpu = 0; vcpu < m_vcpus_n; vcpu++) {
        if (m_waiting[vcpu])
            m_seq.wake(m_first_pe + vcpu, m_seq.now_ps());
        m_waiting[vcpu] = false;
    }
}

void StageGate::arrive()
{
    if (--m_running_n == 0 && m_host_pe >= 0)
        m_seq.wake(static_cast<unsigned>(m_host_pe), m_seq.now_ps());
}

void StageGate::wait_all(unsigned host_pe)
{
    if (m_running_n == 0)
        return;
    m_host_pe = static_cast<int>(host_pe);
    m_seq.block(host_pe);
    m_host_pe = -1;
}
