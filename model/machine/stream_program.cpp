/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

void StreamProgram::run(Pe &pe)
{
    const guest_stream &cfg = pe.vm().cfg.guest.stream;
    guest_stream_state stream;
    guest_access a;
    uint64_t end = 0;

    pe.guest_is_quiet();
    guest_stream_init(&stream, &cfg, m_job.seed, pe.id());
    while (guest_stream_next(&stream, &a)) {
        if (stream.dependent) {
            pe.compute_until(end + cfg.think_ps);
            end = pe.access({a.ipa.v}, a.access);
        } else {
            if (cfg.think_ps)
                pe.run_until(pe.now_ps() + cfg.think_ps);
            pe.issue({a.ipa.v}, a.access);
        }
    }
    if (!stream.dependent)
        end = pe.drain();
    rec_vcpu_end(pe.vm().rec, pe.vcpu(), end);
}
