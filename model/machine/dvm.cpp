/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/dvm.h"

extern "C" {
#include "model/mmu/service.h"
}

#include <algorithm>

Dvm::Dvm(Sequencer &seq, const scn &s)
    : m_seq(seq), m_platform(s.platform), m_ran(s.pes_n), m_targets(s.pes_n),
      m_port_free(s.pes_n), m_sent(s.pes_n), m_syncs(s.pes_n), m_unsynced(s.pes_n),
      m_waits(s.pes_n)
{
    for (uint32_t i = 0; i < s.vms_n; i++) {
        for (uint32_t vcpu = 0; vcpu < s.vms[i].vcpus_n && !s.shares_pes; vcpu++)
            runs(scn_vm_pe(&s.vms[i], vcpu), s.vms[i].vmid);
    }
}

void Dvm::runs(unsigned pe, uint16_t vmid)
{
    if (m_ran[pe].size() <= vmid)
        m_ran[pe].resize(vmid + 1u);
    m_ran[pe][vmid] = true;
}

bool Dvm::has_run(unsigned pe, uint32_t vmid) const
{
    return vmid < m_ran[pe].size() && m_ran[pe][vmid];
}

uint64_t Dvm::lead_ps(const scn_platform &p)
{
    return p.dvm.hop_ps / 2 * 2 + p.dvm.serialise_ps +
           std::min({p.dvm.service_all_ps, p.dvm.service_vmid_ps, p.dvm.service_asid_ps,
                     p.dvm.service_va_ps, p.dvm.service_ipa_ps, p.dvm.sync_ps});
}

void Dvm::let_run_ahead(bool guests_swap)
{
    m_guests_swap = guests_swap;
    set_leads();
    m_seq.let_run_ahead();
}

void Dvm::guests_swap()
{
    m_guests_swap = true;
    set_leads();
}

/* What a guest ends while a DSB waits for it lets the store behind the DSB or the next
 * TLBI go. */
void Dvm::set_leads()
{
    const uint64_t fault =
        std::max<uint64_t>(m_platform.hyp.exit_ps + m_platform.hyp.fault_ps, 1);
    const uint64_t message = lead_ps(m_platform);
    const uint64_t answer = m_platform.dvm.hop_ps;
    const bool waits = m_open_syncs_n != 0;
    const uint64_t walk_store = m_guests_swap ? 0 : waits ? answer : SEQ_NEVER;

    m_seq.set_leads({waits ? std::min(fault, message) : fault,
                     std::min(fault, walk_store), waits ? 0 : SEQ_NEVER, walk_store,
                     message});
}

void Dvm::sync_opens()
{
    if (m_open_syncs_n++ == 0)
        set_leads();
}

void Dvm::sync_closes()
{
    if (--m_open_syncs_n == 0)
        set_leads();
}

/* Who must get a broadcast of op, apart from its issuer. */
Dvm::Audience Dvm::audience(const arch_tlbi &op) const
{
    const bool names_vm = op.regime == ARCH_REGIME_EL10 && op.op != ARCH_TLBI_ALL;

    if (m_platform.dvm.scope == SCN_DVM_DOMAIN || !names_vm)
        return DOMAIN;
    for (unsigned pe = 0; pe < m_ran.size(); pe++) {
        if (op.vmid && has_run(pe, op.vmid))
            return op.vmid;
    }
    return NOBODY;
}

/* Of the TLBIs of two VMs: a Sync that goes to all PEs reaches both. */
Dvm::Audience Dvm::both(Audience a, Audience b)
{
    return a == NOBODY || a == b ? b : b == NOBODY ? a : DOMAIN;
}

bool Dvm::hears(unsigned pe, Audience who) const
{
    return who == DOMAIN || (who != NOBODY && has_run(pe, who));
}

bool Dvm::receives(unsigned pe, unsigned issuer, const arch_tlbi &op) const
{
    return pe == issuer || (op.domain != ARCH_NSH && hears(pe, audience(op)));
}

/* A message that leaves a PE at t: when it leaves the interconnect, which all messages
 * pass one after the other. The hop counts half before and half after it. */
uint64_t Dvm::through_interconnect(uint64_t t)
{
    const uint64_t arrives = t + m_platform.dvm.hop_ps / 2;

    m_interconnect_free =
        std::max(arrives, m_interconnect_free) + m_platform.dvm.serialise_ps;
    return m_interconnect_free;
}

/* A message that has just been delivered to pe: when its service ends. */
uint64_t Dvm::served_at(unsigned pe, uint64_t service)
{
    m_port_free[pe] = std::max(m_seq.now_ps(), m_port_free[pe]) + service;
    return m_port_free[pe];
}

/* Until every PE has served one more of the TLBIs of pe, at most until t. */
void Dvm::wait_until_served(unsigned pe, uint64_t t)
{
    m_waits[pe] = true;
    m_seq.nap_until(pe, t);
    m_waits[pe] = false;
}

/* The requester may have outstanding_n TLBIs in flight. */
void Dvm::wait_for_room(unsigned pe)
{
    for (;;) {
        unsigned n = 0;
        uint64_t first = SEQ_NEVER;
        for (const InFlight &f : m_tlbis) {
            if (f.retired || f.issuer != pe)
                continue;
            n += f.unserved_n || f.acked_ps > m_seq.now_ps();
            if (!f.unserved_n && f.acked_ps > m_seq.now_ps())
                first = std::min(first, f.acked_ps);
        }
        if (n < m_platform.dvm.outstanding_n)
            return;
        wait_until_served(pe, first);
    }
}

size_t Dvm::free_slot()
{
    size_t slot = 0;

    while (slot < m_tlbis.size() &&
           !(m_tlbis[slot].retired && !m_tlbis[slot].unserved_n))
        slot++;
    if (slot == m_tlbis.size())
        m_tlbis.emplace_back();
    return slot;
}

void Dvm::tlbi(unsigned pe, const arch_tlbi &op)
{
    m_sent[pe].tlbis_n++;
    m_seq.sleep_until(pe, m_seq.now_ps() + m_platform.dvm.issue_ps);
    wait_for_room(pe);
    const uint64_t now = m_seq.now_ps();
    const bool broadcast = op.domain != ARCH_NSH;
    const uint64_t sent = broadcast ? through_interconnect(now) : now;
    const size_t slot = free_slot();
    m_tlbis[slot] = {pe, op, now, 0, 0, false};
    for (unsigned p = 0; p < m_targets.size(); p++) {
        if (!receives(p, pe, op))
            continue;
        const uint64_t delivered = p == pe ? now : sent + m_platform.dvm.hop_ps / 2;
        m_tlbis[slot].unserved_n++;
        m_sent[pe].messages_n += p != pe;
        m_seq.call_at(delivered, p, on_tlbi_delivered, this, slot << 16 | p);
    }
    Unsynced &unsynced = m_unsynced[pe];
    if (op.domain == ARCH_ISH)
        unsynced.inner = both(unsynced.inner, audience(op));
    else if (op.domain == ARCH_OSH)
        unsynced.outer = both(unsynced.outer, audience(op));
}

void Dvm::on_tlbi_delivered(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);
    const unsigned pe = arg & 0xffff;
    const uint64_t service =
        mmu_service_ps(&self.m_platform, &self.m_tlbis[arg >> 16].op);

    self.m_seq.call_at(self.served_at(pe, service), pe, on_tlbi_served, ctx, arg);
}

void Dvm::on_tlbi_served(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);
    InFlight &flight = self.m_tlbis[arg >> 16];
    const unsigned pe = arg & 0xffff;
    const uint64_t back = pe == flight.issuer ? 0 : self.m_platform.dvm.hop_ps;

    self.m_targets[pe]->serve_tlbi(flight.op);
    flight.acked_ps = std::max(flight.acked_ps, self.m_seq.now_ps() + back);
    if (--flight.unserved_n == 0 && self.m_waits[flight.issuer])
        self.m_seq.interrupt(flight.issuer);
}

/* A DSB of kind waits for f, and completes it: a TLBI of its domain or a narrower one.
 */
bool Dvm::waits_for(arch_dsb kind, const InFlight &f)
{
    const arch_shareability widest = kind == ARCH_DSB_SY    ? ARCH_OSH
                                     : kind == ARCH_DSB_ISH ? ARCH_ISH
                                                            : ARCH_NSH;

    return !f.retired && f.op.domain <= widest;
}

void Dvm::wait_for_acks(unsigned pe, arch_dsb kind)
{
    uint64_t last = m_seq.now_ps();

    for (size_t i = 0; i < m_tlbis.size(); i++) {
        if (m_tlbis[i].issuer != pe || !waits_for(kind, m_tlbis[i]))
            continue;
        while (m_tlbis[i].unserved_n)
            wait_until_served(pe, SEQ_NEVER);
        last = std::max(last, m_tlbis[i].acked_ps);
    }
    if (last > m_seq.now_ps())
        m_seq.sleep_until(pe, last);
}

/* ArmARM: a DSB completes when the TLBIs before it have; DVM: DVM_Sync, DVM_Complete.
 */
void Dvm::dsb(unsigned pe, arch_dsb kind, uint64_t lead_ps)
{
    m_seq.sleep_until(pe, m_seq.now_ps() + m_platform.dvm.dsb_ps, lead_ps);
    if (kind == ARCH_DSB_ISHST)
        return;
    wait_for_acks(pe, kind);
    const Audience to = sync_audience(pe, kind);
    if (to != NOBODY)
        broadcast_sync(pe, to);
    drain_own(pe);
    complete(pe, kind);
}

/* The accesses and walks of pe itself that began before its DSB. */
void Dvm::drain_own(unsigned pe)
{
    m_syncs[pe] = Sync{1, 0, 0};
    sync_opens();
    const uint64_t t = m_targets[pe]->serve_sync(pe);

    if (t != DVM_LATER)
        sync_done(pe, t);
    m_seq.block(pe);
}

/* Who has got a TLBI that this DSB completes and no Sync since. */
Dvm::Audience Dvm::sync_audience(unsigned pe, arch_dsb kind)
{
    Unsynced &unsynced = m_unsynced[pe];
    Audience to = NOBODY;

    if (kind == ARCH_DSB_ISH || kind == ARCH_DSB_SY)
        std::swap(to, unsynced.inner);
    if (kind == ARCH_DSB_SY) {
        to = both(to, unsynced.outer);
        unsynced.outer = NOBODY;
    }
    return to;
}

void Dvm::broadcast_sync(unsigned pe, Audience to)
{
    const uint64_t sent = through_interconnect(m_seq.now_ps());
    Sync &sync = m_syncs[pe];

    sync = Sync{0, 0, m_platform.dvm.hop_ps};
    for (unsigned p = 0; p < m_targets.size(); p++) {
        if (p == pe || !hears(p, to))
            continue;
        sync.waiting_n++;
        m_sent[pe].messages_n++;
        m_seq.call_at(sent + m_platform.dvm.hop_ps / 2, p, on_sync_delivered, this,
                      static_cast<uint64_t>(pe) << 16 | p);
    }
    if (!sync.waiting_n)
        return;
    sync_opens();
    m_seq.block(pe);
}

void Dvm::on_sync_delivered(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);
    const unsigned pe = arg & 0xffff;
    const uint64_t served = self.served_at(pe, self.m_platform.dvm.sync_ps);

    self.m_seq.call_at(served, pe, on_sync_served, ctx, arg);
}

void Dvm::on_sync_served(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);
    const unsigned token = static_cast<unsigned>(arg >> 16);
    const uint64_t t = self.m_targets[arg & 0xffff]->serve_sync(token);

    if (t != DVM_LATER)
        self.sync_done(token, t);
}

void Dvm::sync_done(unsigned token, uint64_t t)
{
    Sync &sync = m_syncs[token];

    sync.last_ps = std::max(sync.last_ps, t);
    if (--sync.waiting_n != 0)
        return;
    sync_closes();
    m_seq.wake(token, sync.last_ps + sync.back_ps);
}

void Dvm::complete(unsigned pe, arch_dsb kind)
{
    for (InFlight &f : m_tlbis) {
        if (f.issuer != pe || !waits_for(kind, f))
            continue;
        f.retired = true;
        for (unsigned p = 0; p < m_targets.size(); p++) {
            if (receives(p, pe, f.op))
                m_targets[p]->check_completed(f.op, f.issued_ps);
        }
    }
}

/* ---- other requesters ---- */

/* Returns to how many PEs a message goes. */
unsigned Dvm::broadcast_outside(Sequencer::Callback fn, uint64_t slot)
{
    const uint64_t sent = through_interconnect(m_seq.now_ps());
    unsigned n = 0;

    for (unsigned p = 0; p < m_targets.size(); p++) {
        if (!hears(p, audience(m_outside.op)))
            continue;
        n++;
        m_outside.messages_n++;
        m_seq.call_at(sent + m_platform.dvm.hop_ps / 2, p, fn, this, slot << 16 | p);
    }
    return n;
}

void Dvm::from_outside(const arch_tlbi &op)
{
    m_outside.op = op;
    m_outside.unserved_n.resize(m_platform.dvm.outstanding_n);
    m_outside.waiting_n++;
    send_outside();
}

/* As many as there is room for. Nobody waits for a TLBI that reaches no PE. */
void Dvm::send_outside()
{
    for (size_t slot = 0; slot < m_outside.unserved_n.size(); slot++) {
        if (!m_outside.waiting_n)
            return;
        if (m_outside.unserved_n[slot])
            continue;
        m_outside.waiting_n--;
        m_outside.unserved_n[slot] = broadcast_outside(on_outside_delivered, slot);
    }
}

void Dvm::on_outside_delivered(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);
    const unsigned pe = arg & 0xffff;
    const uint64_t service = mmu_service_ps(&self.m_platform, &self.m_outside.op);

    self.m_seq.call_at(self.served_at(pe, service), pe, on_outside_served, ctx, arg);
}

/* The last acknowledgement takes a hop; then the Sync of the DSB goes out. */
void Dvm::on_outside_served(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);

    self.m_targets[arg & 0xffff]->serve_tlbi(self.m_outside.op);
    if (--self.m_outside.unserved_n[arg >> 16])
        return;
    self.m_outside.unserved_n[arg >> 16] = 1; /* not free yet */
    self.m_seq.call_at(self.m_seq.now_ps() + self.m_platform.dvm.hop_ps,
                       static_cast<unsigned>(self.m_targets.size()), on_outside_done,
                       ctx, arg >> 16);
}

void Dvm::on_outside_done(void *ctx, uint64_t slot)
{
    Dvm &self = *static_cast<Dvm *>(ctx);

    self.m_outside.unserved_n[slot] = 0;
    self.broadcast_outside(on_outside_sync, slot);
    self.send_outside();
}

/* Nobody here waits for the answer to a Sync from outside. */
void Dvm::on_outside_sync(void *ctx, uint64_t arg)
{
    Dvm &self = *static_cast<Dvm *>(ctx);

    self.served_at(arg & 0xffff, self.m_platform.dvm.sync_ps);
}
