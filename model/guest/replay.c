/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/replay.h"

#include <stdlib.h>
#include <string.h>

void replay_free(struct replay *r)
{
    free(r->attempts);
    free(r->host);
    free(r->masks);
    free(r->first);
    free(r->over);
    memset(r, 0, sizeof *r);
}

bool replay_may_pass(const struct replay *r, size_t attempt, enum replay_step step)
{
    return r->attempts[attempt].step_at[step] <= r->cursor;
}

bool replay_host_may_pass(const struct replay *r, size_t op)
{
    return r->host[op].step_at <= r->cursor;
}

static bool advance(struct replay *r)
{
    const size_t before = r->cursor;

    while (r->cursor < r->steps_n && r->over[r->cursor])
        r->cursor++;
    return r->cursor != before;
}

bool replay_pass(struct replay *r, size_t attempt, enum replay_step step)
{
    const size_t *at = r->attempts[attempt].step_at;

    for (int s = 0; s <= (int)step; s++) {
        if (s == REPLAY_RETURN || at[s] != at[s + 1])
            r->over[at[s]] = true;
    }
    return advance(r);
}

bool replay_host_pass(struct replay *r, size_t op)
{
    r->over[r->host[op].step_at] = true;
    return advance(r);
}
