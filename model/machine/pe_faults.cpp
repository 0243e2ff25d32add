/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/pe_faults.cpp - a stage 2 fault: its class, the exception, the handler.
 */
#include "model/machine/hyp_env.h"
#include "model/machine/pe.h"

#include <cinttypes>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace
{
/* Even if all parameters are 0, a fault takes some time: else a vCPU that gets EAGAIN
 * would keep the one that it waits for from going on. */
constexpr uint64_t LEAST_PS = 1;
/* Faults of one access after which the run ends with an error instead of for ever: of
 * those whose handler gave up, and of those whose handler mapped it (a cascade, in
 * which others break each time what one has made). */
constexpr uint64_t FAULTS_MAX = 1000000;
constexpr uint64_t MAPPED_MAX = 10000;

std::string hex(uint64_t v)
{
    char text[20];

    std::snprintf(text, sizeof text, "0x%" PRIx64, v);
    return text;
}
} // namespace

/* A walk of the live table, in no time. True if it allows the access. By the VTCR_EL2
 * of the VM, where a defect has left another one in force. */
bool Pe::live_walk(arch_ipa ipa, arch_access access, arch_fault *fault) const
{
    const bool right = !m_world.vmids || m_vtcr_in_force == m_vm;
    walk_s2 w;
    walk_next next =
        walk_s2_begin(&w, right ? &m_registers.s2 : &m_vm->walk.s2, ipa, access);

    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, physmem_read(m_world.mem.words(), w.desc_pa));
    *fault = next == WALK_FAULT ? w.fault : arch_fault{};
    return next == WALK_DONE;
}

bool Pe::is_in_use(arch_ipa ipa) const
{
    arch_fault live;

    return live_walk(ipa, ARCH_READ, &live) ||
           m_vm->changes.old_allows(ipa, ARCH_READ, m_registers.s2.vtcr);
}

/* The handler of another vCPU is about to map ipa. */
bool Pe::another_makes(arch_ipa ipa) const
{
    for (unsigned v = 0; v < m_vm->handling.size(); v++) {
        const Handling &h = m_vm->handling[v];
        if (v != vcpu() && h.active && !h.gave_up && ipa.v - h.ipa.v < h.bytes)
            return true;
    }
    return false;
}

rec_fault_class Pe::classify(arch_ipa ipa, arch_access access, const arch_fault &fault)
{
    const uint64_t page = ipa.v >> m_vm->hyp.tg;
    rec_fault_facts facts{};
    arch_fault live;

    facts.after_eagain =
        m_eagain.valid && m_eagain.page == page && m_eagain.access == access;
    facts.conflict = fault.type == ARCH_FAULT_TLB_CONFLICT;
    facts.nt = fault.nt;
    facts.live_allows = live_walk(ipa, access, &live);
    facts.entry_broken = live.type == ARCH_FAULT_TRANSLATION;
    facts.old_allows = m_vm->changes.old_allows(ipa, access, m_registers.s2.vtcr);
    /* A mapping that the live table has is made already. */
    facts.other_making = !facts.live_allows && another_makes(ipa);
    return rec_fault_classify(&facts);
}

/* Linux: the EL2 entry, handle_exit(), kvm_handle_guest_abort() and the way back. */
hyp_result Pe::run_handler(arch_ipa ipa, arch_access access, const arch_fault &fault)
{
    const auto &cost = m_world.scenario.platform.hyp;
    const uint64_t exit_ps = std::max(cost.exit_ps + cost.fault_ps, LEAST_PS);
    Slot &at = m_vm->slots.at(ipa);
    /* Linux: the memslot as kvm->srcu has it */
    const hyp_slot slot = at.found(ipa, access);
    const hyp_leaf leaf = hyp_fault_leaf(&m_vm->hyp, &slot, ipa, access, &fault);
    Handling &handling = m_vm->handling[vcpu()];

    if (++m_faults_n > FAULTS_MAX)
        throw std::runtime_error("vCPU " + std::to_string(m_id) +
                                 ": the access to IPA " + hex(ipa.v) +
                                 " never completes");
    catch_up();
    m_world.seq.leave_guest(m_id);
    if (m_world.vmids)
        leave_guest();
    handling = {true, false, leaf.ipa, hyp_leaf_bytes(&m_vm->hyp, &leaf)};
    HypEnv &env = *m_world.envs[m_id];
    env.charge(REC_SPENT_ENTRY_EXIT, cost.exit_ps + cost.entry_ps);
    env.charge(REC_SPENT_HANDLER, exit_ps - cost.exit_ps);
    env.handles(ipa, fault, cost.entry_ps + std::min(m_lead_ps, exit_ps));
    m_world.seq.sleep_until(m_id, now_ps() + exit_ps, env.lead_ps());
    m_world.walkers_enter();
    /* Without a slot the exit goes to user space, which runs the vCPU again. */
    const hyp_result result =
        at.deleted ? HYP_EAGAIN
                   : hyp_handle_fault(&env.hyp(), &slot, ipa, access, &fault);
    env.settle();
    m_world.walkers_leave();
    handling.active = false;
    if (result == HYP_STOPPED)
        return result;
    if (m_world.vmids)
        enter_guest();
    else
        m_world.seq.sleep_until(m_id, now_ps() + cost.entry_ps,
                                std::min(m_lead_ps, exit_ps));
    m_world.seq.enter_guest(m_id, m_lead_ps);
    if (result == HYP_DONE && ++m_mapped_n > MAPPED_MAX)
        throw std::runtime_error("vCPU " + std::to_string(m_id) +
                                 ": the access to IPA " + hex(ipa.v) +
                                 " never completes: each time its handler has mapped "
                                 "it others break it again");
    m_eagain = {result == HYP_EAGAIN, ipa.v >> m_vm->hyp.tg, access};
    return result;
}

/* The vCPU's exit went to user space with an error: that pauses the other vCPUs.
 * Approx: at once. Linux: KVM_RUN returns -EFAULT. */
void Pe::stop_vm()
{
    rec_stop(m_vm->rec, now_ps());
    record_idle();
    m_vm->stopped = true;
    if (m_world.vmids) /* its other vCPUs stop at their next access */
        throw VmStopped();
    for (Pe *pe : m_world.pes) {
        if (pe && pe != this && scn_vm_runs_on(&m_vm->cfg, pe->id()))
            pe->halt();
    }
    throw VmStopped();
}

hyp_result Pe::take_fault(arch_ipa ipa, arch_access access, const arch_fault &fault)
{
    rec_fault record{};

    catch_up();
    record.taken_ps = now_ps();
    record.ipa = ipa;
    record.vcpu = vcpu();
    if (fault.s1ptw) /* a fetch of the descriptor, or an update of it */
        access = fault.type == ARCH_FAULT_PERMISSION ? ARCH_WRITE : ARCH_READ;
    record.access = static_cast<uint8_t>(access);
    record.s1ptw = fault.s1ptw;
    record.type = static_cast<uint8_t>(fault.type);
    record.level = fault.level;
    record.cls = static_cast<uint8_t>(classify(ipa, access, fault));
    const bool conflict = fault.type == ARCH_FAULT_TLB_CONFLICT;
    if (conflict) /* may stop the VM, at once */
        m_world.seq.hold();
    const hyp_result result = run_handler(ipa, access, fault);
    if (conflict)
        m_world.seq.release();
    record.reentry_ps = now_ps();
    record.eagain = result == HYP_EAGAIN;
    record.stopped = result == HYP_STOPPED;
    rec_add_fault(m_vm->rec, &record);
    if (m_vm->rec->error) /* its row cannot be written: why go on for hours? */
        throw std::runtime_error(m_vm->rec->error);
    if (record.stopped)
        stop_vm();
    return result;
}
