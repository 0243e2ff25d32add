/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/storm.h"

void rec_storm_begin(struct rec_storm *s, uint64_t first_store_ps)
{
    if (s->coalesces_n == 0 || first_store_ps < s->begin_ps)
        s->begin_ps = first_store_ps;
    s->coalesces_n++;
    s->open_n++;
    s->inside.storm_ps += s->after.storm_ps;
    s->inside.all_ps += s->after.all_ps;
    s->after.storm_ps = s->after.all_ps = 0;
}

void rec_storm_done(struct rec_storm *s, uint64_t now_ps)
{
    s->open_n--;
    if (now_ps > s->end_ps)
        s->end_ps = now_ps;
}

static uint64_t length(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

void rec_storm_add(struct rec_storm *s, const struct rec_stall *x)
{
    const uint64_t from = x->taken_ps > s->begin_ps ? x->taken_ps : s->begin_ps;
    uint64_t inside, all;

    if (s->coalesces_n == 0)
        return; /* over before the first begins */
    all = length(from, x->reentry_ps);
    inside = all;
    if (s->open_n == 0 && s->end_ps < x->reentry_ps)
        inside = length(from, s->end_ps);
    s->inside.all_ps += inside;
    s->after.all_ps += all - inside;
    if (!x->storm)
        return;
    s->inside.storm_ps += inside;
    s->after.storm_ps += all - inside;
}
