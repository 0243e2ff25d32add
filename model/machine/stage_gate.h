/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/stage_gate.h - where vCPUs and the host thread wait for each other
 * between stages. */
#ifndef MODEL_MACHINE_STAGE_GATE_H
#define MODEL_MACHINE_STAGE_GATE_H

#include "model/machine/vm.h"

#include <vector>

class StageGate
{
  public:
    StageGate(Vm &vm, Sequencer &seq);

    /* vCPUs: until stage is open; their part of it is over. */
    void wait_open(unsigned vcpu, uint32_t stage);
    bool host_is_busy() const { return m_host_busy; }
    void arrive();

    /* The host thread. */
    void open(uint32_t stage);
    void host_is_done() { m_host_busy = false; }
    void wait_all(unsigned host_pe);

  private:
    Sequencer &m_seq;
    const unsigned m_vcpus_n, m_first_pe;
    uint32_t m_open_n = 0; /* stages opened so far */
    unsigned m_running_n = 0;
    bool m_host_busy = false;
    int m_host_pe = -1;          /* waits for all */
    std::vector<bool> m_waiting; /* [vcpu] */
};

#endif
