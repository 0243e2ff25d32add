/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/pe.h"

#include <string>
#include <utility>

Pe::Pe(const sc_core::sc_module_name &name, unsigned id, World &world)
    : sc_module(name), m_id(id), m_world(world), m_vm(&world.vm_of(id)),
      m_vcpu(id - m_vm->cfg.first_pe), m_own_lines(world.mem.own(id)),
      m_walks(id, world, m_caches, *this),
      m_flights(world.scenario.platform.pe.outstanding_n),
      m_todo(world.scenario.platform.pe.outstanding_n + 1), m_vtcr_of(m_vm),
      m_last_vcpu(world.vms.size(), -1)
{
    const scn_platform &p = world.scenario.platform;
    const mmu_choices choices = {world.variant.nt_response,
                                 world.variant.nt_cache_fragment,
                                 world.variant.conflict, on_conflict, this};

    mmu_init(&m_caches, &p, &choices, world.seed << 20 | static_cast<uint64_t>(id) << 8,
             world.caches_of(id));
    m_l1[0] = l1_of(m_caches.l1d, p.l1d);
    m_l1[1] = l1_of(m_caches.l1i, p.l1i);
    m_miss_ps[0] = latency_ps(p.l1d) + latency_ps(p.l2);
    m_miss_ps[1] = latency_ps(p.l1i) + latency_ps(p.l2);
    set_registers(m_vm->hyp.vmid);
    world.dvm.attach(id, this);
    world.pes[id] = this;
}

/* Where VMs share PEs each access is checked to be of the right memory. */
Pe::L1 Pe::l1_of(tlb *t, const scn_tlb &cfg) const
{
    if (!t || m_world.vmids)
        return {nullptr, 0};
    return {tlb_front_of(t),
            cfg.latency_ps + m_world.scenario.platform.mem.pe_l2.latency_ps};
}

void Pe::watch_tlbi(void (*fn)(void *), void *ctx)
{
    m_on_tlbi.fn = fn;
    m_on_tlbi.ctx = ctx;
}

void Pe::report()
{
    rec_counters &n = m_vm->rec->n;
    const mmu_counts counts = std::exchange(m_caches.n, mmu_counts{});
    const uint64_t conflicts = mmu_conflicts_n(&m_caches);

    if (counts.stale && !m_world.scenario.quantum_ps)
        rec_fail(m_vm->rec,
                 ("PE " + std::to_string(m_id) + " filled what a completed TLBI covers")
                     .c_str());
    n.tlb_unfilled += counts.unfilled;
    n.tlb_conflicts += conflicts - m_reported_conflicts;
    n.s1_table_hits += counts.s1_table_hits;
    n.s2_table_hits += counts.s2_table_hits;
    n.s1_leaf_hits += counts.s1_leaf_hits;
    n.s2_leaf_hits += counts.s2_leaf_hits;
    n.tlb_removed += counts.removed;
    n.tlb_removed_wide += counts.removed_wide;
    n.tlb_removed_extra += counts.removed_extra;
    m_reported_conflicts = conflicts;
}

void Pe::account_dvm()
{
    const uint64_t messages = m_world.dvm.messages_n(m_id);
    const uint64_t tlbis = m_world.dvm.tlbis_n(m_id);

    m_vm->rec->n.dvm_messages += messages - m_reported_messages;
    m_vm->rec->n.tlbis += tlbis - m_reported_tlbis;
    m_reported_messages = messages;
    m_reported_tlbis = tlbis;
}

void Pe::walker_free()
{
    settle_syncs();
    if (m_waits_for_walks)
        m_world.seq.interrupt(m_id);
}

void Pe::guest_is_quiet()
{
    guest_acts_after(SEQ_NEVER);
}

void Pe::guest_acts_after(uint64_t lead_ps)
{
    m_lead_ps = lead_ps;
    m_world.seq.enter_guest(m_id, lead_ps);
}

/* What the host does before `to` is known when this PE is not ahead. What it does after
 * it changes nothing: rec_idle() compares with the end of the coalescing. */
void Pe::idle(uint64_t from, uint64_t to)
{
    constexpr size_t IDLES_MAX = 64;

    m_idle.push_back({from, to});
    if (m_idle.size() >= IDLES_MAX)
        catch_up();
    if (!m_world.seq.is_ahead())
        record_idle();
}

void Pe::record_idle()
{
    for (const Idle &i : m_idle)
        rec_idle(m_vm->rec, vcpu(), i.from, i.to);
    m_idle.clear();
}

void Pe::guest_ends(uint64_t t)
{
    catch_up();
    record_idle();
    rec_vcpu_end(m_vm->rec, m_vcpu, t);
}

/* The vCPU does nothing any more: no DSB of another PE waits for what it had begun. Its
 * idle times lie before the present: nobody runs ahead of what may stop the VM. */
void Pe::halt()
{
    record_idle();
    m_todo.clear();
    for (size_t i = 0; i < m_flights.size(); i++)
        m_flights[i].id = GONE;
    m_flights.clear();
    if (m_access.end_ps == OPEN)
        m_access.end_ps = now_ps();
    m_world.seq.halt(m_id);
    settle_syncs();
}
