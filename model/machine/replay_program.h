/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/replay_program.h - ordered replay: vCPUs and the host of a recording.
 */
#ifndef MODEL_MACHINE_REPLAY_PROGRAM_H
#define MODEL_MACHINE_REPLAY_PROGRAM_H

#include "model/machine/pe.h"
#include "model/machine/programs.h"

extern "C" {
#include "model/guest/replay.h"
}

/* The board on which the vCPUs of an ordered replay wait for their turn. */
class ReplayBoard
{
  public:
    ReplayBoard(World &world, Vm &vm, replay &order);

    replay &order;
    Slot &slot;
    unsigned breaks_n =
        0; /* walkers between break and make: their TLBIs are under way */

    void flush_begins() { breaks_n++; }
    void flush_ends();

    /* Until something happened that may change what an access or a step finds. */
    void wait_for_change(unsigned pe);
    /* ... since changes_n() was asked for. */
    void wait_for_change(unsigned pe, uint64_t since);
    uint64_t changes_n() const { return m_changes_n; }
    void notify();
    void wait_for_turn(unsigned pe, size_t attempt, replay_step step);
    void pass(size_t attempt, replay_step step);
    void wait_for_host_turn(unsigned pe, size_t op);
    void pass_host(size_t op);

    /* The slot is as it was recorded when the host found the memory of attempt. */
    void set_slot(size_t attempt);
    /* ... or as what the host did last has left it. */
    void set_slot();
    /* That, which the host changes. */
    hyp_slot &base() { return m_slot; }

  private:
    Sequencer &m_seq;
    hyp_slot m_slot; /* as the scenario and the host's operations have it */
    uint64_t m_changes_n = 0;
    std::vector<bool> m_waiting; /* [pe] */
};

/* One vCPU of an ordered replay. */
class ReplayProgram : public PeProgram, private PointObserver
{
  public:
    ReplayProgram(World &world, ReplayBoard &board) : m_world(world), m_board(board) {}
    void run(Pe &pe) override;

  private:
    void at(const hyp_event &event) override;
    void settled() override;
    void note(const hyp_event &event);
    rec_how how(hyp_result result) const;
    void enter_guest(Pe &pe, size_t next);
    bool is_last_moment(size_t next) const;
    void attempt(Pe &pe, size_t index);
    hyp_result handle(Pe &pe, size_t index, const arch_fault &met);
    void record(Pe &pe, size_t index, const arch_fault &met, hyp_result result);
    arch_fault meet_fault(Pe &pe, size_t index);
    void complete_access(Pe &pe, size_t index);
    void flush_pending();

    static constexpr size_t NONE = SIZE_MAX;

    World &m_world;
    ReplayBoard &m_board;
    Pe *m_pe = nullptr;
    size_t m_current = NONE;                /* attempt whose handler is running */
    replay_step m_pending = REPLAY_STEPS_N; /* passed, its effect still to come */
    /* Of that handler: */
    rec_deeds m_did{};
    rec_how m_last = REC_HOW_FOUND; /* what it met last */
    bool m_relaxes = false;
};

/* What the host did to the slot, in its place in the order. */
class ReplayHostProgram : public PeProgram
{
  public:
    ReplayHostProgram(World &world, ReplayBoard &board) : m_world(world), m_board(board)
    {
    }
    void run(Pe &pe) override;

  private:
    World &m_world;
    ReplayBoard &m_board;
};

#endif
