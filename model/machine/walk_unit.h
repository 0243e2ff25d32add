/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/walk_unit.h - the table walkers of one PE, in simulated time.
 *
 * As many walks at a time as the platform has; a miss to a page that is being walked
 * for waits for that walk; more wait in line. A free walker may walk for the next page:
 * such a walk fills the L2 TLB or nothing, and never faults. */
#ifndef MODEL_MACHINE_WALK_UNIT_H
#define MODEL_MACHINE_WALK_UNIT_H

#include "model/machine/waiting.h"
#include "model/machine/world.h"

extern "C" {
#include "model/mmu/caches.h"
}

#include <vector>

class Pe;

class WalkUnit
{
  public:
    /* pe: the number of owner. */
    WalkUnit(unsigned pe, World &world, mmu_caches &caches, Pe &owner);

    /* Walks are for vm from now on, with those registers, which stay where they are.
     * None may be under way. */
    void run(Vm &vm, const walk_context &registers);

    void request(uint64_t id, arch_va va, arch_access access);

    /* A TLBI is served: what it covers must not be filled by the walks under way. */
    void meet(const arch_tlbi &op);

    /* The smallest number of a walk under way, of those that next_number() gave. */
    uint64_t oldest() const;
    uint64_t next_number() { return m_next++; }

  private:
    enum class Step { ANSWER, DESC, SWAP, TURN };
    struct Slot {
        /* What it does next: as a DueCall, and the slot behind it in m_due. */
        uint64_t due_ps = 0, order = 0;
        Slot *behind = nullptr;
        Step step = Step::TURN;
        bool in_order = false;
        uint64_t missed_n = 0; /* added_n of the PE's L2 that lacked what it reads */

        bool speculative = false;
        walk_next next = WALK_DONE;
        uint64_t number = 0;
        uint64_t id = 0; /* of the request; not speculative */
        mmu_walk w{};
        Waiting::List merged; /* requests that wait for its end */
    };
    struct NextPage {
        tlb_tag who;
        uint64_t va;
        arch_access access;
        bool in_half; /* va is of the same half of the regime */
    };

    static void on_step(void *ctx, uint64_t);
    void take_step(Slot &slot);
    void take_other_step(Slot &slot);
    void step_at(Slot &slot, uint64_t t, Step step);
    void when_in_order(Slot &slot, Step step);
    void insert_due(Slot &slot, Slot **at);
    void announce();
    void answer(Slot &slot);
    bool desc(Slot &slot);
    bool arrives_next(uint64_t t);
    void swapped(Slot &slot);
    bool may_finish(const Slot &slot);
    void read(Slot &slot);
    void read_shared(Slot &slot);
    void read_in_turn(Slot &slot);
    void swap(Slot &slot);
    static constexpr uint64_t NO_PAGE = UINT64_MAX; /* m_page_shift is not 0 */
    uint64_t page_of(uint64_t canonical_va) const
    {
        return canonical_va >> m_page_shift;
    }
    uint64_t &page_at(const Slot &slot)
    {
        return m_pages[static_cast<size_t>(&slot - m_slots.data())];
    }
    Slot *walking_for(uint64_t page);
    void begin(Slot &slot, arch_va va, arch_access access);
    void proceed(Slot &slot);
    void finish(Slot &slot);
    void serve_queue();
    static NextPage page_after(const mmu_walk &w);
    void prefetch(const NextPage &next);
    uint64_t answer_ps(unsigned stage) const;

    const unsigned m_pe;
    World &m_world;
    Vm *m_vm = nullptr;
    const walk_context *m_registers = nullptr;
    mmu_caches &m_caches;
    Pe &m_owner;             /* who asks, and is told */
    tags *const m_own_lines; /* of the PE's L2, where a read takes ... */
    const uint64_t m_own_ps;
    physmem *const m_words;
    unsigned m_page_shift = 0; /* walks within one such page merge */
    uint64_t m_next = 0;
    walk_query m_query{};
    uint64_t m_answer_ps[2] = {0, 0}; /* [stage - 1] */
    const size_t m_slots_n;
    std::vector<uint64_t> m_pages; /* [slot] that it walks for, page_of(), or NO_PAGE */
    std::vector<Slot> m_slots;
    Waiting m_waiting;
    Waiting::List m_queue;   /* requests that wait for a walker */
    Slot *m_due = nullptr;   /* the slots that wait for a moment, the first in front */
    bool m_stepping = false; /* on_step() runs, and will look for what is due first */
    bool m_may_step_ahead = false; /* in on_step(): what the owner says */
};

#endif
