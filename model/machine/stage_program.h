/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/stage_program.h - guests in stages, with barriers that the host holds.
 */
#ifndef MODEL_MACHINE_STAGE_PROGRAM_H
#define MODEL_MACHINE_STAGE_PROGRAM_H

#include "model/machine/host_work.h"
#include "model/machine/programs.h"

extern "C" {
#include "model/guest/plan.h"
}

/* Where the vCPUs and the host thread of a guest in stages wait for each other. */
class StageBoard
{
  public:
    StageBoard(Vm &vm, Sequencer &seq);

    guest_stage_plan plan;

    /* vCPUs: until stage is open. */
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

/* One vCPU. */
class StageProgram : public PeProgram
{
  public:
    StageProgram(StageBoard &board, uint64_t seed) : m_board(board), m_seed(seed) {}
    void run(Pe &pe) override;

  private:
    void pass(Pe &pe, guest_stage_state &s, const guest_stage &stage);

    StageBoard &m_board;
    const uint64_t m_seed;
};

/* The host thread between and beside the stages. */
class StageHostProgram : public PeProgram
{
  public:
    StageHostProgram(World &world, StageBoard &board) : m_world(world), m_board(board)
    {
    }
    void run(Pe &pe) override;

  private:
    void act(HypEnv &env, const guest_host_actions &actions);

    World &m_world;
    StageBoard &m_board;
};

#endif
