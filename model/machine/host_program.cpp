/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/host_work.h"
#include "model/machine/programs.h"

#include <algorithm>

namespace
{
void act(World &world, HostWork &work, const scn_event &e)
{
    switch (e.kind) {
    case SCN_EVENT_COALESCE:
        return work.coalesce(e.ipa, e.bytes, e.block_shift);
    case SCN_EVENT_SPLIT:
        return work.split(e.ipa, e.bytes);
    case SCN_EVENT_LOG_START:
        return work.log_start(world.slots.at(e.ipa), e.manual);
    case SCN_EVENT_LOG_GET:
        return work.log_get(world.slots.at(e.ipa));
    case SCN_EVENT_LOG_CLEAR:
        return work.log_clear(world.slots.at(e.ipa));
    case SCN_EVENT_LOG_STOP:
        return work.log_stop(world.slots.at(e.ipa));
    case SCN_EVENT_UNMAP:
        return work.unmap(e.ipa, e.bytes);
    case SCN_EVENT_PROTECT:
        return work.protect(e.ipa, e.bytes, e.writable);
    case SCN_EVENT_AGE:
        return work.age(e.ipa, e.bytes);
    case SCN_EVENT_SLOT_DELETE:
        return work.slot_delete(world.slots.at(e.ipa));
    case SCN_EVENT_SLOT_CREATE:
        return work.slot_create(world.slots.at(e.ipa));
    case SCN_EVENT_PREEMPT:
        break; /* not done by the thread: see preempt_later() */
    }
}

void on_preempt(void *ctx, uint64_t ps)
{
    static_cast<World *>(ctx)->lock.preempt(ps);
}

/* A preemption comes at its time, whatever the thread does then. */
void preempt_later(World &world, unsigned pe)
{
    for (size_t i = 0; i < world.scenario.events_n; i++) {
        const scn_event &e = world.scenario.events[i];
        if (e.kind == SCN_EVENT_PREEMPT)
            world.seq.call_at(e.at_ps, pe, on_preempt, &world, e.hold_ps);
    }
}
} // namespace

void HostProgram::run(Pe &pe)
{
    const scn &s = m_world.scenario;
    HypEnv env(m_world, pe.id(), -1);

    preempt_later(m_world, pe.id());
    for (size_t i = 0; i < s.events_n; i++) {
        const scn_event &e = s.events[i];
        pe.sleep_until(std::max(e.at_ps, pe.now_ps()));
        m_world.wait_for_accesses(pe.id(), e.after_accesses);
        HostWork work(m_world, env);
        act(m_world, work, e);
    }
}
