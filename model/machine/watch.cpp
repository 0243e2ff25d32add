/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/watch.h"

#include "model/machine/vm.h"

#include <stdexcept>

namespace
{
uint64_t read_word(void *ctx, arch_pa pa)
{
    return physmem_read(static_cast<physmem *>(ctx), pa);
}
} // namespace

Watch::Watch(const scn &scenario, const scn_variant &v, Sequencer &seq, physmem *words,
             std::deque<Vm> &vms)
    : m_scenario(scenario), m_seq(seq), m_words(words), m_vms(vms),
      m_lines(scenario.vms_n, v.pos.line), m_on(scenario.pes_n)
{
    for (uint32_t pe = 0; pe < scenario.pes_n; pe++) {
        for (uint32_t i = scenario.vms_n; i-- > 0;) {
            if (scn_vm_runs_on(&scenario.vms[i], pe))
                m_on[pe] = i;
        }
    }
}

Watch::~Watch() = default;

void Watch::begin(Monitor monitor, FILE *log)
{
    const scn_platform &p = m_scenario.platform;
    mon_cfg cfg{};

    cfg.bbm_level = p.feat.bbm_level;
    cfg.pa_bits = p.feat.pa_bits;
    cfg.read = read_word;
    cfg.ctx = m_words;
    cfg.tell = tell;
    cfg.tell_ctx = this;
    if (monitor == Monitor::ON)
        m_mon.reset(mon_new(&cfg));
    if (log)
        m_log.reset(mon_log_new(log, m_scenario.file, read_word, m_words));
    for (const Vm &vm : m_vms)
        add_root(vm);
}

void Watch::add_root(const Vm &vm)
{
    const scn_platform &p = m_scenario.platform;
    const mon_at who = at(vm.cfg.first_pe);
    mon_root root{};

    if (!mon_s2_root(&vm.walk.s2.vtcr, p.feat.pa_bits, p.feat.ttst, vm.hyp.baddr,
                     vm.hyp.vmid, &root))
        throw std::logic_error("the VTCR_EL2 of a VM has no geometry");
    if (m_mon)
        mon_root_add(m_mon.get(), &root);
    if (m_log)
        mon_log_root(m_log.get(), &who, &root);
}

Vm &Watch::vm_of(unsigned pe) const
{
    return m_vms[m_on[pe]];
}

mon_at Watch::at(unsigned pe) const
{
    return {m_seq.now_ps(), pe, m_lines[m_on[pe]]};
}

void Watch::tell(void *ctx, const mon_violation *v)
{
    rec_add_violation(static_cast<Watch *>(ctx)->vm_of(v->pe).rec, v);
}

void Watch::found(unsigned pe, mon_rule rule, arch_ipa ipa, uint64_t old)
{
    const mon_at who = at(pe);
    const mon_violation v = {who.time_ps, who.pe, who.line, rule, ipa, old, 0};

    tell(this, &v);
}

void Watch::enter(unsigned pe, const Vm &vm)
{
    const mon_at who = at(pe);
    const uint64_t vtcr = arch_vtcr_encode(&vm.walk.s2.vtcr);

    if (m_mon)
        mon_vtcr(m_mon.get(), &who, vtcr);
    if (m_log)
        mon_log_enter(m_log.get(), &who, vm_of(pe).hyp.vmid, vtcr);
}

void Watch::runs(unsigned pe, const Vm &vm)
{
    m_on[pe] = vm.index;
}

void Watch::has_vmid(unsigned pe, const Vm &vm)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_root_vmid(m_mon.get(), &who, vm.hyp.baddr, vm.hyp.vmid);
}

void Watch::enter(unsigned pe, const Vm &vm, uint16_t vmid, const arch_vtcr &vtcr)
{
    const mon_at who = at(pe);
    const uint64_t raw = arch_vtcr_encode(&vtcr);

    if (m_mon)
        mon_enter(m_mon.get(), &who, vm.hyp.baddr, vmid, raw);
    if (m_log)
        mon_log_enter(m_log.get(), &who, vmid, raw);
}

void Watch::leaves(unsigned pe)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_leave(m_mon.get(), &who);
}

void Watch::resumes(unsigned pe)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_resume(m_mon.get(), &who);
}

void Watch::store(unsigned pe, arch_pa pa, uint64_t old, uint64_t desc)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_store(m_mon.get(), &who, pa, old, desc);
    if (m_log)
        mon_log_store(m_log.get(), &who, pa, desc, MON_RELEASE);
}

void Watch::tlbi(unsigned pe, const arch_tlbi &op)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_tlbi(m_mon.get(), &who, &op);
    if (m_log)
        mon_log_tlbi(m_log.get(), &who, &op);
}

void Watch::dsb(unsigned pe, arch_dsb kind)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_dsb(m_mon.get(), &who, kind);
    if (m_log)
        mon_log_dsb(m_log.get(), &who, kind);
}

void Watch::isb(unsigned pe)
{
    const mon_at who = at(pe);

    if (m_log)
        mon_log_isb(m_log.get(), &who);
}

void Watch::lock(unsigned pe, hyp_lock_mode mode)
{
    const mon_at who = at(pe);

    if (m_log && mode == HYP_LOCK_WRITE)
        mon_log_lock(m_log.get(), &who);
}

void Watch::unlock(unsigned pe, hyp_lock_mode mode)
{
    const mon_at who = at(pe);

    if (m_log && mode == HYP_LOCK_WRITE)
        mon_log_unlock(m_log.get(), &who);
}

void Watch::table_alloc(unsigned pe, arch_pa table, arch_tg tg)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_table_alloc(m_mon.get(), table, tg);
    if (m_log)
        mon_log_table_alloc(m_log.get(), &who, table, tg);
}

void Watch::table_free(unsigned pe, arch_pa table, arch_tg tg)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_table_free(m_mon.get(), &who, table);
    if (m_log)
        mon_log_table_free(m_log.get(), &who, table, tg);
}

void Watch::hw_update(unsigned pe, arch_pa pa, uint64_t old, uint64_t desc)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_hw_update(m_mon.get(), &who, pa, old, desc);
    if (m_log)
        mon_log_store(m_log.get(), &who, pa, desc, MON_PLAIN);
}

void Watch::walk_freed(unsigned pe, arch_ipa ipa, uint64_t desc)
{
    found(pe, MON_RULE_FREED_READ, ipa, desc);
}

void Watch::stale_use(unsigned pe, arch_ipa ipa)
{
    found(pe, MON_RULE_STALE, ipa, 0);
}

void Watch::wrong_memory(unsigned pe, arch_ipa ipa)
{
    found(pe, MON_RULE_MEMORY, ipa, 0);
}

void Watch::conflict(unsigned pe, arch_ipa ipa)
{
    const mon_at who = at(pe);

    if (m_mon)
        mon_conflict(m_mon.get(), &who, vm_of(pe).hyp.vmid, ipa);
}
