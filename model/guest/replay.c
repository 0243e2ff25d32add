/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/replay.h"

#include <stdlib.h>
#include <string.h>

void replay_free(struct replay *r)
{
    free(r->attempts);
    free(r->first);
    free(r->over);
    memset(r, 0, sizeof *r);
}

bool replay_may_pass(const struct replay *r, size_t attempt, enum replay_step step)
{
    size_t at = r->attempts[attempt].step_at[step];

    return at == SIZE_MAX || at <= r->cursor;
}

bool replay_pass(struct replay *r, size_t attempt, enum replay_step step)
{
    size_t before = r->cursor;

    for (int s = 0; s <= (int)step; s++) {
        size_t at = r->attempts[attempt].step_at[s];

        if (at != SIZE_MAX)
            r->over[at] = true;
    }
    while (r->cursor < r->steps_n && r->over[r->cursor])
        r->cursor++;
    return r->cursor != before;
}
