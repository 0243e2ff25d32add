/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/stream.h"

#include "model/guest/random.h"

#include <assert.h>

enum { STREAM_PLACES, STREAM_KINDS };

void guest_stream_init(struct guest_stream_state *s, const struct guest_stream *cfg,
                       uint64_t seed, uint32_t vcpu)
{
    assert(cfg->stride_bytes > 0 && cfg->region_bytes >= cfg->stride_bytes);
    assert(cfg->region_bytes % cfg->stride_bytes == 0);
    *s = (struct guest_stream_state){
        .cfg = cfg,
        .dependent = cfg->pattern == GUEST_CHASE,
        .slots_n = cfg->region_bytes / cfg->stride_bytes,
        .places = guest_stream(seed, vcpu, STREAM_PLACES),
        .kinds = guest_stream(seed, vcpu, STREAM_KINDS),
        .by_kind = guest_kinds_of(cfg->write_ppm, cfg->fetch_ppm),
    };
    if (cfg->pattern == GUEST_ZIPF)
        guest_zipf_init(&s->zipf, s->slots_n, cfg->zipf_milli / 1000.0);
    if (cfg->pattern == GUEST_CHASE)
        guest_permutation_init(&s->cycle, s->slots_n, s->places);
}

static uint64_t slot_of(const struct guest_stream_state *s, uint64_t i)
{
    switch (s->cfg->pattern) {
    case GUEST_SEQUENTIAL:
        return i % s->slots_n;
    case GUEST_UNIFORM:
        return guest_below(guest_random(s->places, i), s->slots_n);
    case GUEST_ZIPF:
        return guest_zipf_rank(&s->zipf, s->places, i) - 1;
    case GUEST_CHASE:
        return guest_permute(&s->cycle, i % s->slots_n);
    }
    assert(!"a pattern");
    return 0;
}

struct guest_access guest_stream_at(const struct guest_stream_state *s, uint64_t i)
{
    const struct guest_stream *c = s->cfg;

    return (struct guest_access){
        .ipa = {c->region_ipa.v + slot_of(s, i) * c->stride_bytes},
        .access = guest_kind_of(&s->by_kind, guest_random(s->kinds, i)),
    };
}

bool guest_stream_next(struct guest_stream_state *s, struct guest_access *out)
{
    if (s->done_n == s->cfg->accesses_n)
        return false;
    *out = guest_stream_at(s, s->done_n++);
    return true;
}
