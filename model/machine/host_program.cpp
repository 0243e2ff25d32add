/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/host_work.h"
#include "model/machine/programs.h"

#include <algorithm>

namespace
{
void act(Vm &vm, HostWork &work, const scn_event &e)
{
    switch (e.kind) {
    case SCN_EVENT_COALESCE:
        return work.coalesce(e.ipa, e.bytes, e.block_shift);
    case SCN_EVENT_SPLIT:
        return work.split(e.ipa, e.bytes);
    case SCN_EVENT_LOG_START:
        return work.log_start(vm.slots.at(e.ipa), e.manual);
    case SCN_EVENT_LOG_GET:
        return work.log_get(vm.slots.at(e.ipa));
    case SCN_EVENT_LOG_CLEAR:
        return work.log_clear(vm.slots.at(e.ipa));
    case SCN_EVENT_LOG_STOP:
        return work.log_stop(vm.slots.at(e.ipa));
    case SCN_EVENT_UNMAP:
        return work.unmap(e.ipa, e.bytes);
    case SCN_EVENT_PROTECT:
        return work.protect(e.ipa, e.bytes, e.writable);
    case SCN_EVENT_AGE:
        return work.age(e.ipa, e.bytes);
    case SCN_EVENT_SLOT_DELETE:
        return work.slot_delete(vm.slots.at(e.ipa));
    case SCN_EVENT_SLOT_CREATE:
        return work.slot_create(vm.slots.at(e.ipa));
    case SCN_EVENT_PREEMPT:
    case SCN_EVENT_MOVE:
        break; /* happens at its time, whatever the thread does */
    }
}

} // namespace

void HostProgram::run(Pe &pe)
{
    const scn &s = m_world.scenario;
    HypEnv env(m_world, pe.id(), -1);

    for (size_t i = 0; i < s.events_n; i++) {
        const scn_event &e = s.events[i];
        if (e.vm != pe.vm().index)
            continue;
        pe.sleep_until(std::max(e.at_ps, pe.now_ps()));
        pe.vm().wait_for_accesses(pe.id(), e.after_accesses);
        m_world.watch.led_by(e.vm, e.pos);
        HostWork work(m_world, env);
        act(pe.vm(), work, e);
    }
}
