/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_shared.cpp - a PE goes from one vCPU to another. */
#include "model/machine/pe.h"
#include "model/machine/vmids.h"

/* What VTTBR_EL2 and VTCR_EL2 hold from now on. */
void Pe::set_registers(uint16_t vmid)
{
    m_vmid = m_vm->hyp.vmid;
    m_vtcr_in_force = m_vtcr_of;
    m_registers =
        m_vm->registers(m_world.cpus[m_id], m_world.vtcr_on(m_id, *m_vtcr_of), vmid);
    m_who = {};
    m_who.vmid = m_registers.vmid;
    m_who.asid = m_registers.el10.asid;
    m_who.regime = ARCH_REGIME_EL10;
    m_who_bits = tlb_who(&m_who);
    m_walks.run(*m_vm, m_registers);
}

/* What the next way in loads is right, whatever the switch has forgotten. */
void Pe::leave_guest()
{
    m_in_guest = false;
    m_vtcr_of = m_vm;
    m_world.watch.leaves(m_id);
    if (!m_kicked)
        return;
    m_kicked = false;
    m_world.vmids->guest_left();
}

/* Linux: kvm_arm_vmid_update() on the way in, with interrupts off; __load_stage2(). */
void Pe::enter_guest()
{
    do {
        m_world.vmids->enter(m_id, *m_vm);
        if (m_vmid != m_vm->hyp.vmid || m_vtcr_in_force != m_vtcr_of) {
            set_registers(m_vm->hyp.vmid);
            m_world.watch.enter(m_id, *m_vm, m_registers.vmid, m_registers.s2.vtcr);
        }
        sleep_for(m_world.scenario.platform.hyp.entry_ps);
    } while (!m_world.vmids->is_current(m_id, *m_vm));
    m_world.watch.resumes(m_id);
    m_in_guest = true;
}

/* Walks under way are for the VM that leaves. */
void Pe::wait_for_walks()
{
    while (m_walks.oldest() != UINT64_MAX) {
        m_waits_for_walks = true;
        m_world.seq.nap_until(m_id, SEQ_NEVER);
    }
    m_waits_for_walks = false;
}

/* Translations are private to a vCPU. Linux: kvm_arch_vcpu_load(), last_vcpu_ran. */
void Pe::flush_vcpu()
{
    int &last = m_last_vcpu[m_vm->index];
    const arch_tlbi op = arch_tlbi_vmalle1(ARCH_NSH, m_vm->hyp.vmid);

    if (last == static_cast<int>(m_vcpu))
        return;
    last = static_cast<int>(m_vcpu);
    m_world.watch.tlbi(m_id, op);
    m_world.dvm.tlbi(m_id, op);
    m_world.dvm.dsb(m_id, ARCH_DSB_NSH);
    m_world.watch.dsb(m_id, ARCH_DSB_NSH);
    sleep_for(m_world.scenario.platform.dvm.isb_ps);
}

void Pe::begin(Vm &vm, unsigned vcpu)
{
    m_vm = &vm;
    m_vcpu = vcpu;
    m_last_vcpu[vm.index] = static_cast<int>(vcpu);
    m_vtcr_of = &vm;
    m_world.watch.runs(m_id, vm);
    set_registers(vm.hyp.vmid);
    m_world.watch.enter(m_id, vm, m_registers.vmid, m_registers.s2.vtcr);
    m_world.watch.resumes(m_id);
    m_in_guest = true;
}

void Pe::load(Vm &vm, unsigned vcpu)
{
    const hyp_defect defect = m_world.variant.hyp.defect;
    Vm &before = *m_vm;

    wait_for_walks();
    report();
    account_dvm();
    access_done();
    m_eagain = {};
    m_vm = &vm;
    m_vcpu = vcpu;
    m_world.watch.runs(m_id, vm);
    m_world.vmids->enter(m_id, vm);
    sleep_for(m_world.scenario.platform.hyp.vtcr_load_ps);
    m_vtcr_of = defect == HYP_DEFECT_SWITCH_VTCR ? &before : &vm;
    set_registers(defect == HYP_DEFECT_SWITCH_VMID ? before.hyp.vmid : vm.hyp.vmid);
    m_world.watch.enter(m_id, vm, m_registers.vmid, m_registers.s2.vtcr);
    flush_vcpu();
}
