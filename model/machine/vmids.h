/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/vmids.h - the allocator of VMIDs, in simulated time. */
#ifndef MODEL_MACHINE_VMIDS_H
#define MODEL_MACHINE_VMIDS_H

#include "model/machine/world.h"

extern "C" {
#include "model/hyp/vmid.h"
}

#include <vector>

class Vmids
{
  public:
    explicit Vmids(World &world);
    Vmids(const Vmids &) = delete;

    /* Before the run, in no time: pe is in a guest of vm when it begins. */
    void begin(unsigned pe, Vm &vm);

    /* By the thread that has pe, which is about to enter a guest of vm: see
     * hyp_vmid_enter(). */
    void enter(unsigned pe, Vm &vm);
    bool is_current(unsigned pe, const Vm &vm) const;

    /* A vCPU leaves pe. */
    void put(unsigned pe) { hyp_vmid_put(&m_vmids, pe); }

    /* A PE that was kicked has left its guest. */
    void guest_left();

    uint64_t rolls_n() const { return m_vmids.rolls_n; }

  private:
    void check_live(const Vm &vm) const;
    static void lock(void *ctx);
    static void unlock(void *ctx);
    static void flush_all(void *ctx);
    static void exit_guests(void *ctx);
    static const hyp_vmid_ops OPS;

    World &m_world;
    MmuLock m_lock;
    std::vector<uint64_t> m_memory;
    hyp_vmids m_vmids{};
    bool m_running = false;    /* time passes */
    unsigned m_caller = 0;     /* of hyp_vmid_enter(), until it asks for the lock */
    unsigned m_holder = 0;     /* of the lock */
    unsigned m_in_guest_n = 0; /* PEs that were kicked and have not left */
};

#endif
