/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/replay_closed.h - closed-loop replay: vCPUs and the host of a
 * recording, each in its own order; with a working set also requests beside. */
#ifndef MODEL_MACHINE_REPLAY_CLOSED_H
#define MODEL_MACHINE_REPLAY_CLOSED_H

#include "model/machine/pe.h"
#include "model/machine/programs.h"
#include "model/machine/replay_pages.h"
#include "model/machine/stage_gate.h"

extern "C" {
#include "model/guest/replay_closed.h"
#include "model/guest/think.h"
#include "model/guest/working_set.h"
}

/* What the programs of the VM share. */
class ClosedBoard : public StageGate
{
  public:
    /* order, accesses: outlive it. */
    ClosedBoard(World &world, Vm &vm, const replay &order,
                const replay_closed &accesses);

    const replay &order;
    const replay_closed &accesses;
    const guest_replay &config;
    Slot &slot;
    rec_closed &record;
    uint32_t phase = 0;                 /* of the slot */
    std::vector<arch_ipa> mapped_first; /* pages mapped before the recording */

    /* To be called when the tables are built. */
    void find_mapped(const Vm &vm, physmem *words);

    /* What the handler of a fault does. */
    void count(const hyp_event &event);
    void relaxed(arch_ipa page);

  private:
    rec_closed_deeds *deeds(arch_ipa ipa, int level);
    void take_recorded();
    void take_host_pages();
};

/* One vCPU. */
class ClosedProgram : public PeProgram, private PointObserver
{
  public:
    ClosedProgram(World &world, ClosedBoard &board, uint64_t seed)
        : m_world(world), m_board(board), m_seed(seed)
    {
    }
    void run(Pe &pe) override;

  private:
    void at(const hyp_event &event) override;
    void settled() override {}
    void begin(const Pe &pe);
    void run_segment(Pe &pe, uint32_t segment);
    uint64_t replay(Pe &pe, const replay_access &a);
    uint64_t access(Pe &pe, arch_ipa ipa, arch_access access, bool of_recording);
    hyp_result fault(Pe &pe, arch_access access, const Translation &t);

    uint64_t serve(Pe &pe, uint64_t free);
    uint64_t serve_rest(Pe &pe);

    World &m_world;
    ClosedBoard &m_board;
    const uint64_t m_seed;
    guest_think_times m_think{};
    uint64_t m_done_n = 0;    /* recorded accesses */
    size_t m_next = SIZE_MAX; /* recorded access */
    bool m_relaxes = false;   /* the handler of the fault under way */

    /* Of the working set; NULL without one. */
    std::unique_ptr<ReplayPages> m_pages;
    guest_use m_use{};
    uint64_t m_apart_ps = 0; /* spent waiting for the host: no request arrives then */
};

/* The host between the segments. */
class ClosedHostProgram : public PeProgram
{
  public:
    ClosedHostProgram(World &world, ClosedBoard &board) : m_world(world), m_board(board)
    {
    }
    void run(Pe &pe) override;

  private:
    World &m_world;
    ClosedBoard &m_board;
};

#endif
