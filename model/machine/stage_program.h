/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/stage_program.h - guests in stages, with barriers that the host holds.
 */
#ifndef MODEL_MACHINE_STAGE_PROGRAM_H
#define MODEL_MACHINE_STAGE_PROGRAM_H

#include "model/machine/host_work.h"
#include "model/machine/programs.h"
#include "model/machine/stage_gate.h"

extern "C" {
#include "model/guest/plan.h"
}

/* Of a guest in stages. */
class StageBoard : public StageGate
{
  public:
    StageBoard(Vm &vm, Sequencer &seq);

    guest_stage_plan plan;
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
