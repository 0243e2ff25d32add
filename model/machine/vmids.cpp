/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/vmids.h"

#include "model/machine/pe.h"

#include <stdexcept>
#include <string>

namespace
{
Vmids &self(void *ctx)
{
    return *static_cast<Vmids *>(ctx);
}
} // namespace

const hyp_vmid_ops Vmids::OPS = {lock, unlock, flush_all, exit_guests};

Vmids::Vmids(World &world)
    : m_world(world), m_lock(world.seq, world.scenario.platform.hyp.handover_ps,
                             world.scenario.platform.hyp.lock_line_ps)
{
    const unsigned bits = world.scenario.platform.feat.vmid_bits;
    const unsigned pes_n = world.scenario.pes_n;

    m_memory.resize(hyp_vmids_bytes(bits, pes_n) / sizeof m_memory[0]);
    hyp_vmids_init(&m_vmids, m_memory.data(), world.variant.hyp.vmids, bits, pes_n,
                   &OPS, this);
}

void Vmids::begin(unsigned pe, Vm &vm)
{
    (void)hyp_vmid_enter(&m_vmids, pe, &vm.vmid_id);
    vm.set_vmid(hyp_vmid_number(&m_vmids, &vm.vmid_id));
    m_world.watch.has_vmid(pe, vm);
    m_world.dvm.runs(pe, vm.hyp.vmid);
}

void Vmids::enter(unsigned pe, Vm &vm)
{
    m_running = true;
    m_caller = pe;
    const bool changed = hyp_vmid_enter(&m_vmids, pe, &vm.vmid_id);
    if (changed) {
        vm.set_vmid(hyp_vmid_number(&m_vmids, &vm.vmid_id));
        m_world.watch.has_vmid(pe, vm);
    }
    check_live(vm);
    m_world.dvm.runs(pe, vm.hyp.vmid);
}

/* No guest that runs has the VMID of another VM. */
void Vmids::check_live(const Vm &vm) const
{
    for (Pe *pe : m_world.pes) {
        if (pe && pe->is_in_guest() && &pe->vm() != &vm &&
            pe->vm().hyp.vmid == vm.hyp.vmid)
            throw std::logic_error("VMID " + std::to_string(vm.hyp.vmid) +
                                   " belongs to two VMs");
    }
}

bool Vmids::is_current(unsigned pe, const Vm &vm) const
{
    return hyp_vmid_is_current(&m_vmids, pe, &vm.vmid_id);
}

void Vmids::lock(void *ctx)
{
    Vmids &v = self(ctx);
    const unsigned pe = v.m_caller;

    if (!v.m_running)
        return;
    v.m_world.seq.sleep_until(pe, v.m_world.seq.now_ps() +
                                      v.m_world.scenario.platform.hyp.lock_ps);
    v.m_lock.take(pe, HYP_LOCK_WRITE);
    v.m_holder = pe;
}

void Vmids::unlock(void *ctx)
{
    Vmids &v = self(ctx);
    const unsigned pe = v.m_holder;

    if (!v.m_running)
        return;
    v.m_world.seq.sleep_until(pe, v.m_world.seq.now_ps() +
                                      v.m_world.scenario.platform.hyp.lock_ps);
    v.m_lock.drop(pe, HYP_LOCK_WRITE);
}

void Vmids::flush_all(void *ctx)
{
    Vmids &v = self(ctx);
    const unsigned pe = v.m_holder;
    arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_ISH, 0);

    op.op = ARCH_TLBI_ALL;
    v.m_world.pes[pe]->vm().rec->n.vmid_rolls++;
    if (v.m_world.variant.hyp.defect == HYP_DEFECT_ROLL_OVER)
        return;
    v.m_world.watch.tlbi(pe, op);
    v.m_world.dvm.tlbi(pe, op);
    v.m_world.dvm.dsb(pe, ARCH_DSB_ISH);
    v.m_world.watch.dsb(pe, ARCH_DSB_ISH);
    v.m_world.seq.sleep_until(pe, v.m_world.seq.now_ps() +
                                      v.m_world.scenario.platform.dvm.isb_ps);
}

/* Linux: smp_call_function_many(cpu_all_mask, exit_vm_noop). */
void Vmids::exit_guests(void *ctx)
{
    Vmids &v = self(ctx);

    for (Pe *pe : v.m_world.pes) {
        if (!pe || !pe->is_in_guest())
            continue;
        v.m_in_guest_n++;
        pe->kick();
        v.m_world.seq.interrupt(pe->id());
    }
    if (v.m_in_guest_n)
        v.m_world.seq.block(v.m_holder);
}

void Vmids::guest_left()
{
    if (--m_in_guest_n == 0)
        m_world.seq.wake(m_holder, m_world.seq.now_ps());
}
