/* SPDX-License-Identifier: Apache-2.0 */
/* A handler that acts before the moment that it has told ends the run: others may have
 * run ahead of it. Acts are stores to tables, TLBIs and freed tables. */
#include "tests/timed/rig.h"

#include <cstring>

namespace
{
constexpr uint64_t T = 10000 * NS, LEAD = 50 * NS;
constexpr uint64_t PAGE = 0x80000000;

enum class Act { STORE, SWAP, TLBI, FREE };

const Act acts[] = {Act::STORE, Act::SWAP, Act::TLBI, Act::FREE};

void do_it(Rig &rig, Pe &pe, Act act)
{
    const hyp_vm &hyp = rig.hyp(pe.id());
    const arch_pa entry = rig.entry(PAGE, 2);
    const uint64_t desc = rig.desc(PAGE, 2);
    const arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_ISH, hyp.vmid);

    switch (act) {
    case Act::STORE:
        return hyp.ops->write(hyp.ctx, entry, desc);
    case Act::SWAP:
        return (void)hyp.ops->cmpxchg(hyp.ctx, entry, desc, desc);
    case Act::TLBI:
        hyp.ops->dsb(hyp.ctx, ARCH_DSB_ISHST);
        return hyp.ops->tlbi(hyp.ctx, &op);
    case Act::FREE:
        return hyp.ops->table_free(hyp.ctx, hyp.ops->table_alloc(hyp.ctx));
    }
}

/* PE 0 tells at T - 100 that it acts LEAD after T, and does so at T + after; its next
 * word is at T if it has the turn between. */
Rig::Program tells(Act act, uint64_t after)
{
    return [=](Rig &rig, Pe &pe) {
        Sequencer &seq = rig.world.seq;

        pe.sleep_until(T - 100 * NS);
        seq.leave_guest(pe.id());
        seq.sleep_until(pe.id(), T, LEAD);
        seq.sleep_until(pe.id(), T + after);
        do_it(rig, pe, act);
    };
}

RigResult try_it(Act act, uint64_t after)
{
    const RigScenario x("rig.yaml");

    return rig_try(x.s, {tells(act, after)});
}

void an_act_before_the_moment_told_ends_the_run(void **)
{
    for (size_t i = 0; i < ROWS_N(acts); i++) {
        for (uint64_t after : {uint64_t{0}, LEAD / 2}) {
            const RigResult r = try_it(acts[i], after);
            check_row(i,
                      std::strstr(r.error, "which nobody expected before") != nullptr,
                      acts[i] != Act::TLBI || after + 8 * NS < LEAD);
        }
    }
}

void an_act_at_the_moment_told_is_one_like_others(void **)
{
    for (size_t i = 0; i < ROWS_N(acts); i++)
        check_row(i, try_it(acts[i], LEAD).error[0], 0);
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act_before_the_moment_told_ends_the_run),
        cmocka_unit_test(an_act_at_the_moment_told_is_one_like_others),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
