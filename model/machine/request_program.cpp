/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/programs.h"

extern "C" {
#include "model/guest/requests.h"
}

#include <algorithm>

namespace
{
/* So many accesses are foreseen at once. */
constexpr uint32_t AHEAD_MAX = 16;

uint32_t foresee(Task &task, const guest_arrivals &arrivals, uint32_t first,
                 guest_access out[AHEAD_MAX])
{
    const uint32_t n = std::min(AHEAD_MAX, arrivals.cfg->accesses_n - first);

    guest_request_accesses(&arrivals, first, n, out);
    task.foresee(out, n);
    return n;
}
} // namespace

/* Serves the request handed out last, not before from; returns its completion. */
uint64_t RequestProgram::serve(Task &task, const guest_arrivals &arrivals,
                               uint64_t from)
{
    const guest_requests &cfg = *arrivals.cfg;
    guest_access ahead[AHEAD_MAX];
    uint64_t t = from;

    for (uint32_t i = 0; i < cfg.accesses_n;) {
        const uint32_t n = foresee(task, arrivals, i, ahead);
        for (uint32_t done_n = 0; done_n < n;) {
            task.compute_until(t + cfg.think_ps);
            done_n += task.accesses(ahead + done_n, n - done_n, cfg.think_ps, &t);
        }
        i += n;
    }
    return t;
}

void RequestProgram::open_loop(Task &task, guest_arrivals &arrivals)
{
    uint64_t free = 0; /* the request before has completed */
    uint64_t arrival;

    while (guest_arrivals_next(&arrivals, &arrival)) {
        if (arrival > free) {
            task.idle_until(arrival);
            task.idle(free, arrival);
        }
        free = serve(task, arrivals, std::max(arrival, free));
        rec_add_request(task.vm().rec, arrival, free);
    }
    task.guest_ends(free);
}

/* The requests that begin in the measured time are counted whole. */
void RequestProgram::closed_loop(Task &task, guest_arrivals &arrivals)
{
    rec_vcpu &vcpu = task.vm().rec->vcpus[task.vcpu()];
    uint64_t t = 0;
    uint64_t ignored;

    while (t < m_job.duration_ps && guest_arrivals_next(&arrivals, &ignored)) {
        const uint64_t end = serve(task, arrivals, t);
        rec_add_request(task.vm().rec, t, end);
        if (t >= m_job.measure_from_ps) {
            vcpu.closed_n++;
            vcpu.closed_ps += end - t;
        }
        t = end;
    }
}

void RequestProgram::run(Task &task)
{
    const guest_requests &cfg = task.vm().cfg.guest.requests;
    task.guest_is_quiet();
    const bool closed = m_job.interval_ps == NULL;
    guest_arrivals arrivals;

    guest_arrivals_init(
        &arrivals, &cfg, closed ? 1 : m_job.interval_ps[task.vm().index],
        closed ? UINT64_MAX : m_job.duration_ps, m_job.seed, task.stream());
    if (closed)
        closed_loop(task, arrivals);
    else
        open_loop(task, arrivals);
}
