/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/slots.h - the memory slots of a VM as they are at the moment. */
#ifndef MODEL_MACHINE_SLOTS_H
#define MODEL_MACHINE_SLOTS_H

#include "model/machine/zero_words.h"

extern "C" {
#include "model/hyp/stage2.h"
#include "model/memory/page_set.h"
#include "model/scenario/scn.h"
}

#include <vector>

/* What the host has at a page or block of a slot that is replayed. */
struct HostPage {
    int8_t level;  /* of the largest leaf that it allows; 0: as the slot has it */
    bool writable; /* a write makes it so. Linux: hva_to_pfn() with write_fault */
};

/* The pages of the backing that the host has zeroed, or begun to. */
class Touched
{
  public:
    Touched() = default;
    ~Touched() { page_set_free(&m_set); }
    Touched(Touched &&other) noexcept : m_set(other.m_set) { other.m_set = {}; }
    Touched(const Touched &) = delete;
    Touched &operator=(const Touched &) = delete;

    bool has(uint64_t page) const { return page_set_has(&m_set, page); }
    void add(uint64_t page) { page_set_add(&m_set, page); }
    size_t bytes() const { return page_set_bytes(&m_set); }

  private:
    page_set m_set{};
};

/* One slot, of one region of the scenario's memory. */
struct Slot {
    explicit Slot(uint64_t dirty_words) : now(), dirty(dirty_words) {}

    /* The slot as a fault on ipa finds it; the host may make its page writable. */
    hyp_slot found(arch_ipa ipa, arch_access access);

    hyp_slot now;    /* as a fault finds it; dirty points to `dirty` */
    ZeroWords dirty; /* one bit per page, set by write faults; if ever logged */
    std::vector<uint64_t> got{}; /* what the last get of the log has shown */
    bool maps_first = false;     /* some of it is mapped when the run begins */
    bool manual = false;         /* the log protects on clear only */
    bool deleted = false;
    uint64_t zero_bytes = 0; /* page of the backing, zeroed at once; 0: none is */
    Touched touched{};
    std::vector<HostPage> host{}; /* [block from host_first on]; empty: no replay */
    uint64_t host_first = 0;      /* its number among blocks of 1 << host_shift bytes */
    unsigned host_shift = 0;
    unsigned block_shift = 0; /* log2 of the block or group that the backing allows */
};

class Slots
{
  public:
    /* Of the VM of that index. */
    Slots(const scn &s, unsigned vm);

    /* The slot that holds ipa; the scenario was checked to have one. */
    Slot &at(arch_ipa ipa);

    /* Bytes of [pa, pa + bytes) that the host has to zero for this touch, the first; if
     * there are any the caller zeroes them and then calls touched(), which returns the
     * PEs that wait; the caller wakes them. */
    uint64_t touch(arch_pa pa, uint64_t bytes);
    std::vector<unsigned> touched(arch_pa pa, uint64_t bytes);

    /* Is another PE zeroing some of it? Then pe is to block. */
    bool wait(unsigned pe, arch_pa pa, uint64_t bytes);

    /* Of the host, for what was touched. */
    size_t bytes() const;

  private:
    struct Waiter {
        unsigned pe;
        arch_pa pa;
        uint64_t bytes;
    };
    /* A page of the backing that is being zeroed. */
    struct Busy {
        const Slot *slot;
        uint64_t page;
    };

    template <typename F> void each_range(arch_pa pa, uint64_t bytes, F f);
    bool is_being_zeroed(arch_pa pa, uint64_t bytes);

    std::vector<Waiter> m_waiters;
    std::vector<Busy> m_busy;
    const arch_tg m_tg;
    std::vector<Slot> m_slots;
};

#endif
