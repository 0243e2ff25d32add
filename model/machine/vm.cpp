/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/vm.h"

#include <stdexcept>

namespace
{
constexpr uint64_t HCR_VM = UINT64_C(1) << 0;
constexpr uint64_t HCR_RW = UINT64_C(1) << 31; /* EL1 is AArch64 */
constexpr uint16_t GUEST_ASID = 1;

walk_context context_of(const scn_vm &cfg, const walk_cpu &cpu, const arch_vtcr &vtcr,
                        arch_pa baddr, uint16_t vmid)
{
    walk_context ctx;
    walk_regs regs{};

    regs.sctlr_el1 = guest_stage1_sctlr_el1(&cfg.stage1);
    regs.tcr_el1 = guest_stage1_tcr_el1(&cfg.stage1, cpu.features.pa_bits);
    regs.ttbr0_el1 = guest_stage1_ttbr0_el1(&cfg.stage1, GUEST_ASID);
    regs.hcr_el2 = HCR_VM | HCR_RW;
    regs.vtcr_el2 = arch_vtcr_encode(&vtcr);
    regs.vttbr_el2 = baddr.v | static_cast<uint64_t>(vmid) << 48;
    walk_context_init(&ctx, &cpu, &regs);
    return ctx;
}

/* What the VM asks for, on any PE. */
arch_vtcr vtcr_of(const scn &s, const scn_vm &cfg, const scn_variant &v)
{
    arch_vtcr vtcr = cfg.vtcr;

    vtcr.ha = v.hyp.af == HYP_AF_HARDWARE;
    vtcr.hd = v.hyp.dirty == HYP_DIRTY_HARDWARE;
    vtcr.vs = s.platform.feat.vmid_bits == 16;
    return vtcr;
}

hyp_vm hyp_of(const scn &s, const scn_vm &cfg, const scn_variant &v, Memory &mem)
{
    hyp_vm vm{};

    vm.cfg = v.hyp;
    vm.tg = cfg.vtcr.tg;
    vm.vmid = cfg.vmid;
    if (walk_s2_geometry_of(&cfg.vtcr, s.platform.feat.pa_bits, s.platform.feat.ttst,
                            &vm.geom) != ARCH_OK)
        throw std::logic_error("the scenario's VTCR_EL2 has no geometry");
    const uint64_t bytes = std::max<uint64_t>(vm.geom.start_entries * ARCH_DESC_BYTES,
                                              UINT64_C(1) << ARCH_TG_4K);
    vm.baddr = physmem_table_alloc(mem.words(), bytes);
    return vm;
}
} // namespace

Vm::Vm(const scn &s, const scn_variant &v, unsigned i, const walk_cpu &cpu,
       Sequencer &seq, Memory &mem, rec_run *record)
    : cfg(s.vms[i]), index(i), rec(record), hyp(hyp_of(s, cfg, v, mem)),
      asked(vtcr_of(s, cfg, v)),
      walk(registers(cpu, hyp_vtcr_within(&asked, hyp_vtcr_limits_of(&cpu.features)),
                     hyp.vmid)),
      lock(seq, s.platform.hyp.handover_ps, s.platform.hyp.lock_line_ps), slots(s, i),
      changes(record, mem.words(), walk.s2), handling(cfg.vcpus_n), m_seq(seq)
{
}

walk_context Vm::registers(const walk_cpu &cpu, const arch_vtcr &vtcr,
                           uint16_t vmid) const
{
    return context_of(cfg, cpu, vtcr, hyp.baddr, vmid);
}

void Vm::set_vmid(uint16_t vmid)
{
    hyp.vmid = vmid;
    for (hyp_vm *copy : copies)
        copy->vmid = vmid;
}

arch_pa Vm::pa_of(arch_ipa ipa)
{
    const hyp_slot &slot = slots.at(ipa).now;

    return {slot.pa.v + (ipa.v - slot.ipa.v)};
}

void Vm::notifier_begins(arch_ipa ipa, uint64_t bytes)
{
    m_notifier.active = true;
    m_notifier.ipa = ipa;
    m_notifier.bytes = bytes;
}

void Vm::notifier_ends()
{
    m_notifier.active = false;
    m_notifier.seq++;
}

bool Vm::notifier_was_here(arch_ipa ipa, uint64_t count) const
{
    return m_notifier.seq != count ||
           (m_notifier.active && ipa.v - m_notifier.ipa.v < m_notifier.bytes);
}

void Vm::wake_awaiting()
{
    m_awaited.n = UINT64_MAX;
    m_seq.wake(m_awaited.host, m_seq.now_ps());
}

void Vm::wait_for_accesses(unsigned host, uint64_t n)
{
    if (rec->n.accesses >= n)
        return;
    m_awaited.n = n;
    m_awaited.host = host;
    m_seq.block(host);
}
