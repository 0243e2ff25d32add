/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/litmus_program.h - a litmus test, round after round with other delays.
 */
#ifndef MODEL_MACHINE_LITMUS_PROGRAM_H
#define MODEL_MACHINE_LITMUS_PROGRAM_H

#include "model/machine/programs.h"

extern "C" {
#include "model/guest/litmus.h"
}

#include <string>

/* What the vCPUs of a test share: where its table entries are, and what its loads have
 * read. Each round begins with the tables and the data as they were and empty TLBs. */
class LitmusBoard
{
  public:
    LitmusBoard(World &world, Vm &vm);

    const guest_litmus &test;
    const uint64_t rounds_n;

    /* Each of these waits for all vCPUs. */
    void begin_round(Pe &pe); /* then the warm-up may run */
    void begin_steps(Pe &pe); /* all go on at one moment */
    void end_round(Pe &pe);

    uint64_t round() const { return m_round; }
    void read(size_t step, const std::string &value) { m_values[step] = value; }

    /* Of a step that writes a descriptor. */
    arch_pa entry_of(size_t step) const { return m_steps[step].pa; }
    uint64_t desc_of(size_t step) const;

  private:
    struct Place {
        arch_pa pa;
        uint64_t original;
    };

    Place find(const litmus_entry &e);
    void reset();
    void collect();
    template <typename Action> void wait_for_all(Pe &pe, Action action);

    World &m_world;
    Vm &m_vm;
    std::vector<Place> m_steps, m_init; /* [step], [init] of their entries */
    std::vector<std::string> m_values;  /* [step] of a load */
    std::vector<unsigned> m_waiting;    /* PEs */
    uint64_t m_round = 0;
};

/* One vCPU. */
class LitmusProgram : public PeProgram
{
  public:
    LitmusProgram(World &world, LitmusBoard &board) : m_world(world), m_board(board) {}
    void run(Pe &pe) override;

  private:
    void warm_up(Pe &pe);
    void access(Pe &pe, const litmus_step &s, size_t index);
    void write(Pe &pe, size_t index);
    void tlbi(Pe &pe, const litmus_step &s);
    void step(Pe &pe, const litmus_step &s, size_t index);

    World &m_world;
    LitmusBoard &m_board;
};

#endif
