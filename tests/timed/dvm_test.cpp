/* SPDX-License-Identifier: Apache-2.0 */
/* TLBIs, DSBs and Syncs between four idle PEs, worked out by hand.
 *
 * Platform fixed.yaml, ns: issue 2, half a hop 50, interconnect 10, half a hop 50,
 * service 200 (VMID) or 50 (IPA, VA), acknowledgement 100; a Sync 50 + 10 + 50 + 20 +
 * 100; DSB 8, ISB 6. From its issue on, a TLBI of the VMID is acknowledged after 410,
 * and the Sync takes 230. */
#include "tests/timed/rig.h"

#include <algorithm>

extern "C" {
#include "model/hyp/flush.h"
}

namespace
{
constexpr uint64_t T = 10000 * NS;
constexpr uint64_t ISSUE = 2 * NS, DSB = 8 * NS;
constexpr uint64_t ACK = (50 + 10 + 50 + 200 + 100) * NS;
constexpr uint64_t SYNC = (50 + 10 + 50 + 20 + 100) * NS;
constexpr uint64_t LOCAL = 200 * NS; /* the issuer's own service */

arch_tlbi vmid_op(const Rig &rig, arch_shareability domain)
{
    return arch_tlbi_vmalls12e1(domain, rig.world.vms[0].hyp.vmid);
}

/* ---- which DSB waits for which TLBI ---- */

/* PE 0 issues a TLBI of domain, then the DSBs; notes when each is done, from the issue.
 */
void a_dsb_waits_for_the_tlbis_of_its_domain_and_narrower_ones(void **)
{
    static const struct {
        arch_shareability domain;
        arch_dsb kind;
        uint64_t done;
        uint64_t messages;
    } rows[] = {
        {ARCH_NSH, ARCH_DSB_ISHST, DSB, 0},      {ARCH_NSH, ARCH_DSB_NSH, LOCAL, 0},
        {ARCH_NSH, ARCH_DSB_ISH, LOCAL, 0},      {ARCH_NSH, ARCH_DSB_SY, LOCAL, 0},
        {ARCH_ISH, ARCH_DSB_ISHST, DSB, 3},      {ARCH_ISH, ARCH_DSB_NSH, DSB, 3},
        {ARCH_ISH, ARCH_DSB_ISH, ACK + SYNC, 6}, {ARCH_ISH, ARCH_DSB_SY, ACK + SYNC, 6},
        {ARCH_OSH, ARCH_DSB_ISHST, DSB, 3},      {ARCH_OSH, ARCH_DSB_NSH, DSB, 3},
        {ARCH_OSH, ARCH_DSB_ISH, DSB, 3},        {ARCH_OSH, ARCH_DSB_SY, ACK + SYNC, 6},
    };
    const RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(x.s, {[=](Rig &rig, Pe &pe) {
                                        pe.sleep_until(T - ISSUE);
                                        rig.world.dvm.tlbi(0, vmid_op(rig, row.domain));
                                        rig.world.dvm.dsb(0, row.kind);
                                        rig.note(0, pe.now_ps() - T);
                                    }});
        check_row(i, r.note[0], row.done);
        check_row(i, r.messages, row.messages);
    }
}

/* What a DSB did not complete, a later one does, and what is completed costs a later
 * one nothing. */
void each_tlbi_is_completed_once(void **)
{
    static const struct {
        arch_shareability domain;
        arch_dsb first, second, third;
        uint64_t done[3];
    } rows[] = {
        {ARCH_OSH,
         ARCH_DSB_ISH,
         ARCH_DSB_SY,
         ARCH_DSB_SY,
         {DSB, ACK + SYNC, ACK + SYNC + DSB}},
        {ARCH_ISH,
         ARCH_DSB_NSH,
         ARCH_DSB_ISH,
         ARCH_DSB_SY,
         {DSB, ACK + SYNC, ACK + SYNC + DSB}},
        {ARCH_ISH,
         ARCH_DSB_ISHST,
         ARCH_DSB_SY,
         ARCH_DSB_ISH,
         {DSB, ACK + SYNC, ACK + SYNC + DSB}},
        {ARCH_NSH,
         ARCH_DSB_ISHST,
         ARCH_DSB_NSH,
         ARCH_DSB_SY,
         {DSB, LOCAL, LOCAL + DSB}},
        {ARCH_ISH,
         ARCH_DSB_SY,
         ARCH_DSB_SY,
         ARCH_DSB_ISH,
         {ACK + SYNC, ACK + SYNC + DSB, ACK + SYNC + 2 * DSB}},
    };
    const RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(x.s, {[=](Rig &rig, Pe &pe) {
                                        pe.sleep_until(T - ISSUE);
                                        rig.world.dvm.tlbi(0, vmid_op(rig, row.domain));
                                        rig.world.dvm.dsb(0, row.first);
                                        rig.note(0, pe.now_ps() - T);
                                        rig.world.dvm.dsb(0, row.second);
                                        rig.note(1, pe.now_ps() - T);
                                        rig.world.dvm.dsb(0, row.third);
                                        rig.note(2, pe.now_ps() - T);
                                    }});
        for (unsigned k = 0; k < 3; k++)
            check_row(i, r.note[k], row.done[k]);
    }
}

/* OSH, then ISH: DSB ISH waits for the second, which every PE serves behind the first,
 * but sends its Sync for the second only; DSB SY then for the first. */
void domains_are_told_apart_among_several_tlbis(void **)
{
    const RigScenario x("rig.yaml");
    const RigResult r = rig_run(x.s, {[](Rig &rig, Pe &pe) {
                                    pe.sleep_until(T - ISSUE);
                                    rig.world.dvm.tlbi(0, vmid_op(rig, ARCH_OSH));
                                    rig.world.dvm.tlbi(0, vmid_op(rig, ARCH_ISH));
                                    rig.world.dvm.dsb(0, ARCH_DSB_ISH);
                                    rig.note(0, pe.now_ps() - T);
                                    rig.world.dvm.dsb(0, ARCH_DSB_SY);
                                    rig.note(1, pe.now_ps() - T);
                                }});

    assert_int_equal(r.note[0], ACK + LOCAL + SYNC);
    assert_int_equal(r.note[1], ACK + LOCAL + SYNC + DSB + SYNC);
    assert_int_equal(r.messages, 4 * 3);
}

/* ARCH_NSH: the issuing PE only. */
void a_tlbi_removes_entries_of_the_pes_of_its_domain(void **)
{
    static const struct {
        arch_shareability domain;
        uint64_t walks; /* of both PEs; 2 warm the TLBs */
    } rows[] = {{ARCH_NSH, 3}, {ARCH_ISH, 4}, {ARCH_OSH, 4}};
    const RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const auto twice = [](Pe &pe, uint64_t first, uint64_t second) {
            pe.sleep_until(first);
            Rig::translate(pe, 0x40000000);
            pe.sleep_until(second);
            Rig::translate(pe, 0x40000000);
        };
        const RigResult r =
            rig_run(x.s, {[=](Rig &rig, Pe &pe) {
                              pe.sleep_until(1000 * NS);
                              Rig::translate(pe, 0x40000000);
                              pe.sleep_until(T);
                              rig.world.dvm.tlbi(0, vmid_op(rig, row.domain));
                              rig.world.dvm.dsb(0, ARCH_DSB_SY);
                              Rig::translate(pe, 0x40000000);
                          },
                          [=](Rig &, Pe &pe) { twice(pe, 1000 * NS, T + 2000 * NS); }});
        check_row(i, r.n.walks, row.walks);
    }
}

/* ---- what each parameter is worth ---- */

/* KVM's flush: DSB ISHST 8; TLBI 2 + 410; DSB ISH, whose 8 pass meanwhile, and Sync
 * 230; ISB 6. */
constexpr uint64_t FLUSH = (8 + 2 + 6) * NS + ACK + SYNC;

uint64_t flush_vmid_ps(const scn &s)
{
    return rig_run(s, {[](Rig &rig, Pe &pe) {
                       pe.sleep_until(T);
                       hyp_flush_vmid(&rig.hyp(0));
                       rig.note(0, pe.now_ps() - T);
                   }})
        .note[0];
}

void each_parameter_moves_the_end_by_what_it_is_worth(void **)
{
    struct Row {
        const char *name;
        std::function<uint64_t &(scn_platform &)> of;
        uint64_t times; /* it is passed in one flush */
    };
    const Row rows[] = {{"issue", [](auto &p) -> auto &{return p.dvm.issue_ps;
}
, 1
} // namespace
, {"hop", [](auto &p) -> auto &{return p.dvm.hop_ps;
}
, 4
}
, {"serialise", [](auto &p) -> auto &{return p.dvm.serialise_ps;
}
, 2
}
, {"service_vmid", [](auto &p) -> auto &{return p.dvm.service_vmid_ps;
}
, 1
}
, {"service_ipa", [](auto &p) -> auto &{return p.dvm.service_ipa_ps;
}
, 0
}
, {"service_va", [](auto &p) -> auto &{return p.dvm.service_va_ps;
}
, 0
}
, {"service_asid", [](auto &p) -> auto &{return p.dvm.service_asid_ps;
}
, 0
}
, {"service_all", [](auto &p) -> auto &{return p.dvm.service_all_ps;
}
, 0
}
, {"sync", [](auto &p) -> auto &{return p.dvm.sync_ps;
}
, 1
}
, {"dsb", [](auto &p) -> auto &{return p.dvm.dsb_ps;
}
, 1
}
, {"isb", [](auto &p) -> auto &{return p.dvm.isb_ps;
}
, 1
}
, {"lookup_lost", [](auto &p) -> auto &{return p.dvm.lookup_lost_ps;
}
, 0
}
, {"l2 scan", [](auto &p) -> auto &{return p.l2.tlbi_scan_ps;
}
, 1
}
, {"l2 probe", [](auto &p) -> auto &{return p.l2.tlbi_probe_ps;
}
, 0
}
, {"absent s2 scan", [](auto &p) -> auto &{return p.s2.tlbi_scan_ps;
}
, 0
}
, {"l1d latency", [](auto &p) -> auto &{return p.l1d.latency_ps;
}
, 0
}
,
}
;
RigScenario x("rig.yaml");

assert_int_equal(flush_vmid_ps(x.s), FLUSH);
for (const Row &row : rows) {
    uint64_t &parameter = row.of(x.s.platform);
    for (const uint64_t more : {1 * NS, 100 * NS}) {
        parameter += more;
        const uint64_t got = flush_vmid_ps(x.s);
        parameter -= more;
        if (got != FLUSH + row.times * more)
            fail_msg("%s: +%llu ps gives %llu ps more", row.name,
                     static_cast<unsigned long long>(more),
                     static_cast<unsigned long long>(got - FLUSH));
    }
}
}

/* The DSB's own time passes while it waits. */
void a_dsb_hides_behind_the_acknowledgements_exactly_as_long_as_they_take(void **)
{
    RigScenario x("rig.yaml");
    const auto done = [&] {
        return rig_run(x.s, {[](Rig &rig, Pe &pe) {
                           pe.sleep_until(T - ISSUE);
                           rig.world.dvm.tlbi(0, vmid_op(rig, ARCH_ISH));
                           rig.world.dvm.dsb(0, ARCH_DSB_ISH);
                           rig.note(0, pe.now_ps() - T);
                       }})
            .note[0];
    };

    for (const uint64_t dsb : {ACK - 1, ACK, ACK + 1, ACK + 5 * NS}) {
        x.s.platform.dvm.dsb_ps = dsb;
        assert_int_equal(done(), std::max(dsb, ACK) + SYNC);
    }
}

/* Service by kind, and the structures' share. */
void each_kind_of_tlbi_takes_its_own_service(void **)
{
    static const struct {
        arch_tlbi_op op;
        uint64_t service_ns;
    } rows[] = {
        {ARCH_TLBI_ALL, 301 + 60},      {ARCH_TLBI_VMALL, 302 + 60},
        {ARCH_TLBI_VMALLS12, 302 + 60}, {ARCH_TLBI_ASID, 303 + 60},
        {ARCH_TLBI_VA, 304 + 7},        {ARCH_TLBI_VAA, 304 + 7},
        {ARCH_TLBI_IPAS2, 305 + 7},
    };
    RigScenario x("rig.yaml");
    auto &dvm = x.s.platform.dvm;

    dvm.service_all_ps = 301 * NS;
    dvm.service_vmid_ps = 302 * NS;
    dvm.service_asid_ps = 303 * NS;
    dvm.service_va_ps = 304 * NS;
    dvm.service_ipa_ps = 305 * NS;
    x.s.platform.l2.tlbi_probe_ps = 7 * NS;
    x.s.platform.l2.tlbi_scan_ps = 60 * NS;
    x.s.platform.l1d.tlbi_probe_ps = 6 * NS;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r = rig_run(x.s, {[=](Rig &rig, Pe &pe) {
                                        arch_tlbi op = vmid_op(rig, ARCH_ISH);
                                        op.op = row.op;
                                        pe.sleep_until(T - ISSUE);
                                        rig.world.dvm.tlbi(0, op);
                                        rig.world.dvm.dsb(0, ARCH_DSB_ISH);
                                        rig.note(0, pe.now_ps() - T);
                                    }});
        check_row(i, r.note[0], ACK - LOCAL + row.service_ns * NS + SYNC);
    }
}

/* ---- several TLBIs ---- */

/* Each PE serves one after the other, 200 each. With room for as many as fit into the
 * way of one, the PEs never idle; with less, the next leaves with an acknowledgement:
 * limit 1: each 410 behind the one before. limit 2: sent at 0, 2, 410, 610, served
 * until 310, 510, 720, 920. limit 3: sent at 0, 2, 4, 410, the fourth served behind
 * the third, from 710 on. */
void the_limit_of_outstanding_tlbis_delays_the_next(void **)
{
    static const struct {
        uint32_t limit;
        uint64_t last_ack_ns; /* of four */
    } rows[] = {{1, 4 * 410}, {2, 1020}, {3, 1010}, {4, 1010}, {8, 1010}};
    RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        x.s.platform.dvm.outstanding_n = rows[i].limit;
        const RigResult r =
            rig_run(x.s, {[](Rig &rig, Pe &pe) {
                        pe.sleep_until(T - ISSUE);
                        for (int k = 0; k < 4; k++)
                            rig.world.dvm.tlbi(0, vmid_op(rig, ARCH_ISH));
                        rig.world.dvm.dsb(0, ARCH_DSB_ISH);
                        rig.note(0, pe.now_ps() - T);
                    }});
        check_row(i, r.note[0], rows[i].last_ack_ns * NS + SYNC);
    }
}

/* A local TLBI needs room as well, and its room is free when it has been served: the
 * third leaves when the local one, at 2 + 200 behind the first, is done, though that
 * one has its acknowledgement to wait for. */
void room_is_free_with_the_first_that_is_done(void **)
{
    RigScenario x("rig.yaml");

    x.s.platform.dvm.outstanding_n = 2;
    x.s.platform.dvm.service_vmid_ps = 30 * NS;
    x.s.platform.dvm.service_asid_ps = 200 * NS;
    const RigResult r = rig_run(
        x.s, {[](Rig &rig, Pe &pe) {
            arch_tlbi local = vmid_op(rig, ARCH_NSH);
            local.op = ARCH_TLBI_ASID;
            pe.sleep_until(T - ISSUE);
            rig.world.dvm.tlbi(0, vmid_op(rig, ARCH_ISH)); /* served 140, acked 240 */
            rig.world.dvm.tlbi(0, local);                  /* served from 30 to 230 */
            pe.sleep_until(T + 150 * NS);
            rig.world.dvm.tlbi(0, local);
            rig.note(0, pe.now_ps() - T);
        }});
    assert_int_equal(r.note[0], 230 * NS);
}

/* Four PEs at once: the interconnect passes their messages 10 apart, and every PE
 * serves four, its own first. The messages of the last come at 50 + 4 x 10 + 50 = 140,
 * when each PE has been busy from 0 on: PE 3 serves its own until 200, then those of
 * 0 to 2 until 800; the others end with PE 3's, 800 too. Acknowledged at 900; of PE 0,
 * whose message the others serve second, at 500. Then four Syncs. */
void concurrent_issuers_queue_at_every_pe(void **)
{
    const RigScenario x("rig.yaml");
    const Rig::Program issuer = [](Rig &rig, Pe &pe) {
        pe.sleep_until(T - ISSUE);
        rig.world.dvm.tlbi(pe.id(), vmid_op(rig, ARCH_ISH));
        rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
        rig.note(pe.id(), pe.now_ps() - T);
    };
    const RigResult r = rig_run(x.s, {issuer, issuer, issuer, issuer});

    /* PE 0's Sync leaves at 500 and finds every port busy until 800: 820 + 100. PE 1's
     * is acknowledged at 700 by PEs 2 and 3, leaves, waits like the first and behind
     * it: 840 + 100. Those of PE 2 and 3, sent at 900, arrive alone: 900 + 230, and 10
     * more each for the interconnect and 20 at the port */
    assert_int_equal(r.note[0], 920 * NS);
    assert_int_equal(r.note[1], 940 * NS);
    assert_int_equal(r.note[2], (900 + 230) * NS);
    assert_int_equal(r.note[3], (900 + 230 + 20) * NS);
}

/* With next to no service the interconnect is what they queue for, 40 each: the message
 * of PE k leaves it at 50 + 40 (k + 1), is acknowledged 50 + 1 + 100 later, and its
 * Sync finds it free. */
void messages_pass_the_interconnect_one_after_the_other(void **)
{
    RigScenario x("rig.yaml");

    x.s.platform.dvm.serialise_ps = 40 * NS;
    x.s.platform.dvm.service_vmid_ps = 1 * NS;
    const Rig::Program issuer = [](Rig &rig, Pe &pe) {
        pe.sleep_until(T - ISSUE);
        rig.world.dvm.tlbi(pe.id(), vmid_op(rig, ARCH_ISH));
        rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
        rig.note(pe.id(), pe.now_ps() - T);
    };
    const RigResult r = rig_run(x.s, {issuer, issuer, issuer, issuer});

    for (unsigned k = 0; k < 4; k++)
        check_row(k, r.note[k],
                  (50 + 40 * (k + 1) + 50 + 1 + 100 + 50 + 40 + 50 + 20 + 100) * NS);
}

/* ---- workarounds ---- */

/* Each TLBI and its DSB once more: 642 more; a TLBI VALE2IS and a DSB more: 492. */
void a_workaround_repeats_what_it_says(void **)
{
    static const struct {
        hyp_repeat repeat;
        uint64_t more_ns;
        uint64_t tlbis;
    } rows[] = {{HYP_REPEAT_NONE, 0, 1},
                {HYP_REPEAT_EACH, 2 + 410 + 230, 2},
                {HYP_REPEAT_SYNC, 2 + 260 + 230, 2}};
    RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        x.s.variants[0].hyp.repeat = rows[i].repeat;
        const RigResult r = rig_run(x.s, {[](Rig &rig, Pe &pe) {
                                        pe.sleep_until(T);
                                        hyp_flush_vmid(&rig.hyp(0));
                                        rig.note(0, pe.now_ps() - T);
                                    }});
        check_row(i, r.note[0], FLUSH + rows[i].more_ns * NS);
        check_row(i, r.tlbis, rows[i].tlbis);
    }
}

/* ---- scope ---- */

/* PEs 0 to 2 run the VM, PE 3 does not. Messages of the TLBI and its Sync. */
void with_scope_vm_others_than_those_of_the_vm_hear_nothing(void **)
{
    enum Vmid { OWN, OTHER };
    static const struct {
        scn_dvm_scope scope;
        unsigned issuer;
        arch_tlbi_op op;
        arch_regime regime;
        Vmid vmid;
        uint64_t messages;
    } rows[] = {
        {SCN_DVM_DOMAIN, 0, ARCH_TLBI_VMALLS12, ARCH_REGIME_EL10, OWN, 6},
        {SCN_DVM_DOMAIN, 0, ARCH_TLBI_VMALLS12, ARCH_REGIME_EL10, OTHER, 6},
        {SCN_DVM_VM, 0, ARCH_TLBI_VMALLS12, ARCH_REGIME_EL10, OWN, 4},
        {SCN_DVM_VM, 0, ARCH_TLBI_VA, ARCH_REGIME_EL10, OWN, 4},
        {SCN_DVM_VM, 0, ARCH_TLBI_IPAS2, ARCH_REGIME_EL10, OWN, 4},
        {SCN_DVM_VM, 3, ARCH_TLBI_VMALLS12, ARCH_REGIME_EL10, OWN, 6},
        {SCN_DVM_VM, 0, ARCH_TLBI_VMALLS12, ARCH_REGIME_EL10, OTHER, 0},
        {SCN_DVM_VM, 0, ARCH_TLBI_ALL, ARCH_REGIME_EL10, OWN, 6},
        {SCN_DVM_VM, 0, ARCH_TLBI_VA, ARCH_REGIME_EL2, OWN, 6},
    };
    RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        x.s.platform.dvm.scope = row.scope;
        std::vector<Rig::Program> programs(4);
        programs[row.issuer] = [=](Rig &rig, Pe &pe) {
            arch_tlbi op = vmid_op(rig, ARCH_ISH);
            op.op = row.op;
            op.regime = row.regime;
            op.vmid = static_cast<uint16_t>(op.vmid ^ row.vmid);
            rig.world.dvm.tlbi(pe.id(), op);
            rig.world.dvm.dsb(pe.id(), ARCH_DSB_ISH);
        };
        check_row(i, rig_run(x.s, programs).messages, row.messages);
    }
}

/* Whom nobody hears, nobody delays: only the issuer's own service is left. */
void with_scope_vm_a_tlbi_of_another_vm_costs_no_message_time(void **)
{
    RigScenario x("rig.yaml");

    x.s.platform.dvm.scope = SCN_DVM_VM;
    const RigResult r =
        rig_run(x.s, {[](Rig &rig, Pe &pe) {
                    const auto other =
                        static_cast<uint16_t>(rig.world.vms[0].hyp.vmid ^ 1);
                    pe.sleep_until(T - ISSUE);
                    rig.world.dvm.tlbi(0, arch_tlbi_vmalls12e1(ARCH_ISH, other));
                    rig.world.dvm.dsb(0, ARCH_DSB_ISH);
                    rig.note(0, pe.now_ps() - T);
                }});
    assert_int_equal(r.note[0], LOCAL);
}

/* ---- other requesters ---- */

/* A TLBI from outside at T - e is delivered at T - e + 110 and occupies the ports for
 * its service, 200 or 50; ours arrives there at T + 110. Its acknowledgements are in a
 * hop of 100 after its service, and the Sync of its DSB arrives 110 later, at T - e +
 * 520, for 20; at e = 411 that Sync holds the interconnect up to T + 59, too. */
void a_tlbi_from_outside_delays_by_exactly_its_service(void **)
{
    static const struct {
        uint64_t early_ns;
        uint64_t more_ns;
        arch_tlbi_op op;
    } rows[] = {
        {0, 200, ARCH_TLBI_VMALLS12},  {50, 150, ARCH_TLBI_VMALLS12},
        {199, 1, ARCH_TLBI_VMALLS12},  {200, 0, ARCH_TLBI_VMALLS12},
        {300, 0, ARCH_TLBI_VMALLS12},  {0, 50, ARCH_TLBI_VA},
        {49, 1, ARCH_TLBI_IPAS2},      {50, 0, ARCH_TLBI_IPAS2},
        {411, 19, ARCH_TLBI_VMALLS12}, {420, 10, ARCH_TLBI_VMALLS12},
        {430, 0, ARCH_TLBI_VMALLS12},
    };
    const RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r =
            rig_run(x.s, {[=](Rig &rig, Pe &pe) {
                              pe.sleep_until(T - row.early_ns * NS);
                              arch_tlbi op = vmid_op(rig, ARCH_ISH);
                              op.vmid ^= 1;
                              op.op = row.op;
                              rig.world.dvm.from_outside(op);
                          },
                          [](Rig &rig, Pe &pe) {
                              pe.sleep_until(T - ISSUE);
                              rig.world.dvm.tlbi(1, vmid_op(rig, ARCH_ISH));
                              rig.world.dvm.dsb(1, ARCH_DSB_ISH);
                              rig.note(0, pe.now_ps() - T);
                          }});
        check_row(i, r.note[0], ACK + SYNC + row.more_ns * NS);
        check_row(i, r.messages, 2 * 4 + 2 * 3);
    }
}

/* A served TLBI takes look-up time from an access that is under way, and from none
 * else.
 */
void a_served_tlbi_costs_a_running_access_its_look_up(void **)
{
    static const struct {
        uint64_t served;
        uint64_t end_ns; /* of a cold access at T: 5 + 3 x 100 + 100 */
    } rows[] = {{T - 1, 405},
                {T, 405},
                {T + 1, 412},
                {T + 305 * NS, 412},     /* with the last descriptor */
                {T + 305 * NS + 1, 405}, /* its data is on the way */
                {T + 500 * NS, 405}};
    const RigScenario x("rig.yaml");

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const auto row = rows[i];
        const RigResult r =
            rig_run(x.s, {[](Rig &rig, Pe &pe) {
                              pe.sleep_until(T);
                              rig.note(0, pe.access({0x40000000}, ARCH_READ) - T);
                          },
                          [=](Rig &rig, Pe &pe) {
                              arch_tlbi op = vmid_op(rig, ARCH_ISH);
                              op.vmid ^= 1;
                              rig.tlbi_served_at(pe, row.served, op);
                          }});
        check_row(i, r.note[0], row.end_ns * NS);
    }
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dsb_waits_for_the_tlbis_of_its_domain_and_narrower_ones),
        cmocka_unit_test(each_tlbi_is_completed_once),
        cmocka_unit_test(domains_are_told_apart_among_several_tlbis),
        cmocka_unit_test(a_tlbi_removes_entries_of_the_pes_of_its_domain),
        cmocka_unit_test(each_parameter_moves_the_end_by_what_it_is_worth),
        cmocka_unit_test(
            a_dsb_hides_behind_the_acknowledgements_exactly_as_long_as_they_take),
        cmocka_unit_test(each_kind_of_tlbi_takes_its_own_service),
        cmocka_unit_test(the_limit_of_outstanding_tlbis_delays_the_next),
        cmocka_unit_test(room_is_free_with_the_first_that_is_done),
        cmocka_unit_test(concurrent_issuers_queue_at_every_pe),
        cmocka_unit_test(messages_pass_the_interconnect_one_after_the_other),
        cmocka_unit_test(a_workaround_repeats_what_it_says),
        cmocka_unit_test(with_scope_vm_others_than_those_of_the_vm_hear_nothing),
        cmocka_unit_test(with_scope_vm_a_tlbi_of_another_vm_costs_no_message_time),
        cmocka_unit_test(a_tlbi_from_outside_delays_by_exactly_its_service),
        cmocka_unit_test(a_served_tlbi_costs_a_running_access_its_look_up),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
