/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/guest/recording.h"

#include <string.h>

bool recording_replay(const struct trace_event *lines, size_t n, uint32_t slot,
                      uint32_t vcpus_n, struct replay *r, struct replay_error *err)
{
    struct trace_event events[64];
    const struct replay_cfg cfg = {.slot = slot, .vcpus_n = vcpus_n};
    struct trace t = {.events = events, .events_n = n};

    assert_in_range(n, 0, ROWS_N(events));
    memset(err, 0, sizeof *err);
    for (size_t i = 0; i < n; i++) {
        events[i] = lines[i];
        events[i].line = (uint32_t)i + 1;
        t.counts[events[i].kind]++;
    }
    return replay_init(r, &t, &cfg, err);
}

void recording_replay_ok(const struct trace_event *lines, size_t n, uint32_t vcpus_n,
                         struct replay *r)
{
    struct replay_error err;

    if (!recording_replay(lines, n, 1, vcpus_n, r, &err))
        fail_msg("line %u: %s", (unsigned)err.line, err.text);
}
