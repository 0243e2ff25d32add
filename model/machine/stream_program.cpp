/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

void StreamProgram::run(Task &task)
{
    const guest_stream &cfg = task.vm().cfg.guest.stream;
    guest_stream_state stream;
    guest_access a;
    uint64_t end = 0;

    task.guest_is_quiet();
    guest_stream_init(&stream, &cfg, m_job.seed, task.stream());
    while (guest_stream_next(&stream, &a)) {
        if (stream.dependent) {
            task.compute_until(end + cfg.think_ps);
            end = task.access({a.ipa.v}, a.access);
        } else {
            if (cfg.think_ps)
                task.run_until(task.now_ps() + cfg.think_ps);
            task.issue({a.ipa.v}, a.access);
        }
    }
    if (!stream.dependent)
        end = task.drain();
    rec_vcpu_end(task.vm().rec, task.vcpu(), end);
}
