/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/litmus_program.h"

extern "C" {
#include "walker/arch/desc.h"
}

#include <stdexcept>

namespace
{
/* Between rounds, and before the steps of one: what walkers and TLBIs still do ends. */
constexpr uint64_t PAUSE_PS = 5000000;
constexpr uint64_t OA_BITS = UINT64_C(0xfffffffff000); /* 4K granule, 48-bit */

std::string fault_text(const arch_fault &f)
{
    if (f.type == ARCH_FAULT_TLB_CONFLICT)
        return "conflict";
    return "fault-s" + std::to_string(f.stage) + "-l" + std::to_string(f.level);
}
} // namespace

/* ---- the board ---- */

LitmusBoard::LitmusBoard(World &world, Vm &vm)
    : test(vm.cfg.guest.litmus), rounds_n(litmus_rounds_n(&test)), m_world(world),
      m_vm(vm), m_values(test.steps_n)
{
    for (size_t i = 0; i < test.steps_n; i++)
        m_steps.push_back(test.steps[i].kind == LITMUS_WRITE ? find(test.steps[i].entry)
                                                             : Place{});
    for (size_t i = 0; i < test.init_n; i++)
        m_init.push_back(find(test.init[i]));
}

/* The entry of that stage and level on the way of a walk of the tables as they were
 * built. */
LitmusBoard::Place LitmusBoard::find(const litmus_entry &e)
{
    const physmem *words = m_world.mem.words();
    walk_query query{};
    walk w;

    query.va.v = e.ia;
    query.how = WALK_ACCESS;
    query.el = 1;
    walk_next next = walk_begin(&w, &m_vm.walk, &query);
    while (next == WALK_NEED_DESC) {
        const uint64_t desc = physmem_read(words, w.desc_pa);
        if (w.stage == e.stage && w.level == e.level && !w.for_s1)
            return {w.desc_pa, desc};
        next = walk_feed(&w, desc);
    }
    throw std::runtime_error("litmus: no walk of " + std::to_string(e.ia) +
                             " reads a descriptor of stage " + std::to_string(e.stage) +
                             ", level " + std::to_string(e.level));
}

namespace
{
uint64_t value_of(const litmus_entry &e, uint64_t original)
{
    switch (e.set) {
    case LITMUS_ORIGINAL:
        return original;
    case LITMUS_LEAF:
        return (original & ~OA_BITS) | e.oa;
    case LITMUS_INVALID:
        break;
    }
    return 0;
}
} // namespace

uint64_t LitmusBoard::desc_of(size_t step) const
{
    return value_of(test.steps[step].entry, m_steps[step].original);
}

/* Memory as at the start, nothing in any TLB. */
void LitmusBoard::reset()
{
    physmem *words = m_world.mem.words();
    const arch_tlbi all = [] {
        arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_NSH, 0);
        op.op = ARCH_TLBI_ALL;
        return op;
    }();

    for (size_t i = 0; i < test.steps_n; i++) {
        const litmus_step &s = test.steps[i];
        if (s.kind == LITMUS_WRITE)
            physmem_write(words, m_steps[i].pa, m_steps[i].original);
        if (s.kind == LITMUS_LOAD || s.kind == LITMUS_STORE)
            physmem_write(words, m_vm.pa_of({s.va}), 0);
    }
    for (size_t i = 0; i < test.data_n; i++)
        physmem_write(words, m_vm.pa_of({test.data[i].va}), test.data[i].value);
    for (size_t i = 0; i < test.init_n; i++)
        physmem_write(words, m_init[i].pa, value_of(test.init[i], m_init[i].original));
    for (Pe *pe : m_world.pes)
        pe->serve_tlbi(all);
}

void LitmusBoard::collect()
{
    std::string text;

    for (size_t i = 0; i < test.steps_n; i++) {
        const litmus_step &s = test.steps[i];
        if (s.kind == LITMUS_LOAD)
            text += (text.empty() ? "" : " ") + std::to_string(s.vcpu) + ":" + s.to +
                    "=" + m_values[i];
    }
    for (size_t i = 0; i < test.final_n; i++) {
        char at[40];
        std::snprintf(at, sizeof at, "%smem:0x%llx=", text.empty() ? "" : " ",
                      static_cast<unsigned long long>(test.final[i].va));
        text += at + std::to_string(physmem_read(m_world.mem.words(),
                                                 m_vm.pa_of({test.final[i].va})));
    }
    rec_add_outcome(m_vm.rec, text.c_str(), m_round);
    m_round++;
}

/* The last one to come acts for all; then they go on together. */
template <typename Action> void LitmusBoard::wait_for_all(Pe &pe, Action action)
{
    Sequencer &seq = m_world.seq;

    if (m_waiting.size() + 1 < m_vm.cfg.vcpus_n) {
        m_waiting.push_back(pe.id());
        seq.block(pe.id());
        return;
    }
    action();
    const uint64_t t = seq.now_ps() + PAUSE_PS;
    for (unsigned id : m_waiting)
        seq.wake(id, t);
    m_waiting.clear();
    seq.sleep_until(pe.id(), t);
}

void LitmusBoard::begin_round(Pe &pe)
{
    wait_for_all(pe, [this] { reset(); });
}

void LitmusBoard::begin_steps(Pe &pe)
{
    wait_for_all(pe, [] {});
}

void LitmusBoard::end_round(Pe &pe)
{
    wait_for_all(pe, [this] { collect(); });
}

/* ---- a vCPU ---- */

void LitmusProgram::warm_up(Pe &pe)
{
    if (!litmus_is_warm(&m_board.test, m_board.round()))
        return;
    for (size_t i = 0; i < m_board.test.warm_n; i++) {
        const litmus_warm &warm = m_board.test.warm[i];
        Translation t{};
        if (warm.vcpu == pe.vcpu())
            pe.sleep_until(pe.attempt({warm.va}, ARCH_READ, t));
    }
}

/* The data is read or written when the access ends. An exception costs its entry and
 * return, and the next step follows. */
void LitmusProgram::access(Pe &pe, const litmus_step &s, size_t index)
{
    const auto &hyp = m_world.scenario.platform.hyp;
    const bool load = s.kind == LITMUS_LOAD;
    Translation t{};
    const uint64_t end = pe.attempt({s.va}, load ? ARCH_READ : ARCH_WRITE, t);

    if (t.fault.type != ARCH_FAULT_NONE) {
        m_board.read(index, fault_text(t.fault));
        return pe.sleep_for(hyp.exit_ps + hyp.entry_ps);
    }
    pe.sleep_until(end);
    if (load)
        m_board.read(index, std::to_string(physmem_read(m_world.mem.words(), t.oa)));
    else
        physmem_write(m_world.mem.words(), t.oa, s.value);
}

void LitmusProgram::write(Pe &pe, size_t index)
{
    const arch_pa pa = m_board.entry_of(index);

    pe.sleep_for(m_world.mem.store_ps(pe.id(), pa, pe.now_ps()));
    physmem_write(m_world.mem.words(), pa, m_board.desc_of(index));
}

void LitmusProgram::tlbi(Pe &pe, const litmus_step &s)
{
    const walk_context &walk = pe.vm().walk;
    const uint64_t page = s.va >> ARCH_TG_4K | uint64_t{walk.el10.asid} << 48;
    const bool by_ipa = s.tlbi >= ARCH_TLBI_IPAS2E1 && s.tlbi <= ARCH_TLBI_RIPAS2LE1;
    arch_tlbi_state state{};
    arch_tlbi op;

    state.vmid = walk.vmid;
    state.asid16 = true;
    const uint64_t xt = !s.by_page ? s.value : by_ipa ? s.va >> ARCH_TG_4K : page;
    if (arch_tlbi_decode(s.tlbi, s.domain, xt, &state, &op))
        m_world.dvm.tlbi(pe.id(), op);
}

void LitmusProgram::step(Pe &pe, const litmus_step &s, size_t index)
{
    const scn_platform &p = m_world.scenario.platform;

    switch (s.kind) {
    case LITMUS_LOAD:
    case LITMUS_STORE:
        return access(pe, s, index);
    case LITMUS_WRITE:
        return write(pe, index);
    case LITMUS_TLBI:
        return tlbi(pe, s);
    case LITMUS_DSB:
        return m_world.dvm.dsb(pe.id(), s.dsb);
    case LITMUS_ISB:
        return pe.sleep_for(p.dvm.isb_ps);
    case LITMUS_ERET:
        return pe.sleep_for(p.hyp.entry_ps);
    }
}

void LitmusProgram::run(Pe &pe)
{
    const guest_litmus &test = m_board.test;

    pe.let_stage1_fault();
    for (uint64_t round = 0; round < m_board.rounds_n; round++) {
        m_board.begin_round(pe);
        warm_up(pe);
        m_board.begin_steps(pe);
        for (size_t i = 0; i < test.steps_n; i++) {
            const litmus_step &s = test.steps[i];
            if (s.vcpu != pe.vcpu())
                continue;
            pe.sleep_for(s.after_ps + litmus_delay_ps(&test, round, i));
            step(pe, s, i);
        }
        m_board.end_round(pe);
    }
    pe.guest_ends(pe.now_ps());
}
