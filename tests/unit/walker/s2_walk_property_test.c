/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s2_walk_property_test.c - random walks against a naive recursion.
 *
 * The reference cuts the IPA by division, looks geometry up in text-book terms and
 * shares no code with the walker but its types. Memory holds a hash of seed and
 * address, so every table a descriptor points to exists. */
#include "tests/unit/walker/rows.h"
#include "walker/s2_walk.h"

#include <inttypes.h>
#include <stdbool.h>

#define WALKS_N 1000000u
#define SEED UINT64_C(0x5354414745325349)
#define DESCS_MAX 5

struct outcome {
    enum arch_fault_type type;
    int level;
    uint64_t oa; /* only without a fault */
    uint64_t read_pa[DESCS_MAX];
    unsigned reads_n;
};

struct trial {
    struct walk_s2_cfg cfg;
    struct arch_ipa ipa;
    enum arch_access access;
    unsigned el;
    uint64_t memory_seed;
};

static uint64_t mix(uint64_t x) /* splitmix64 */
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static bool once_in(uint64_t *random, unsigned n)
{
    *random = mix(*random);
    return *random % n == 0;
}

static uint64_t memory_read(const struct trial *t, uint64_t pa)
{
    uint64_t random = mix(t->memory_seed ^ pa);
    uint64_t desc = random;

    if (!once_in(&random, 16))
        desc |= 1;
    if (!once_in(&random, 4))
        desc |= 2;
    if (!once_in(&random, 4))
        desc |= ARCH_DESC_AF;
    if (!once_in(&random, 4))
        desc |= ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W;
    if (!once_in(&random, 8)) /* an address that is in range more often than not */
        desc &= ~(UINT64_C(0x30fff0000f000) | (random & 1 ? 0 : UINT64_C(0x300)));
    return desc;
}

/* ---- the reference ---- */

static struct outcome end_with(struct outcome o, enum arch_fault_type type, int level)
{
    o.type = type;
    o.level = level;
    return o;
}

static unsigned output_bits(const struct walk_s2_cfg *cfg)
{
    static const unsigned ps_bits[] = {32, 36, 40, 42, 44, 48, 52, 52};

    return ps_bits[cfg->vtcr.ps] < cfg->pa_bits ? ps_bits[cfg->vtcr.ps] : cfg->pa_bits;
}

static bool lpa2(const struct walk_s2_cfg *cfg)
{
    return cfg->vtcr.ds && cfg->vtcr.tg != ARCH_TG_64K;
}

static bool bit(uint64_t desc, unsigned n)
{
    return desc / (UINT64_C(1) << n) % 2 == 1;
}

/* Collects OA bits one by one from where the format keeps them. */
static uint64_t desc_address(const struct walk_s2_cfg *cfg, uint64_t desc,
                             unsigned low_bit)
{
    uint64_t address = 0;

    for (unsigned n = low_bit; n < 48; n++)
        address += bit(desc, n) ? UINT64_C(1) << n : 0;
    for (unsigned n = 48; n < 52; n++) {
        unsigned from = 64;
        if (cfg->vtcr.tg == ARCH_TG_64K && cfg->pa_bits == 52)
            from = n - 48 + 12;
        else if (lpa2(cfg))
            from = n < 50 ? n : n - 50 + 8;
        address += from < 64 && bit(desc, from) ? UINT64_C(1) << n : 0;
    }
    return address;
}

static bool permitted(const struct trial *t, uint64_t desc)
{
    static const bool xnx_allows[4][2] = {/* [XN][EL] */
                                          {1, 1},
                                          {1, 0},
                                          {0, 0},
                                          {0, 1}};
    const bool dirty_managed = t->cfg.vtcr.ha && t->cfg.vtcr.hd && bit(desc, 51);

    if (t->access == ARCH_READ)
        return bit(desc, 6);
    if (t->access == ARCH_WRITE)
        return bit(desc, 7) || dirty_managed;
    if (!t->cfg.xnx)
        return !bit(desc, 54);
    return xnx_allows[desc / (UINT64_C(1) << 53) % 4][t->el];
}

static struct outcome leaf(const struct trial *t, struct outcome o, uint64_t desc,
                           int level, unsigned size_bits, uint64_t offset)
{
    const struct walk_s2_cfg *cfg = &t->cfg;
    const bool may_nt_fault = cfg->bbm_level == 1 || cfg->bbm_level == 2;

    o.oa = desc_address(cfg, desc, size_bits) + offset;
    if (level < 3 && bit(desc, 16) && may_nt_fault && cfg->nt_response == WALK_NT_FAULT)
        return end_with(o, ARCH_FAULT_TRANSLATION, level);
    if (o.oa >= UINT64_C(1) << output_bits(cfg))
        return end_with(o, ARCH_FAULT_ADDRESS_SIZE, level);
    if (!bit(desc, 10) && !cfg->vtcr.ha)
        return end_with(o, ARCH_FAULT_ACCESS_FLAG, level);
    if (!permitted(t, desc))
        return end_with(o, ARCH_FAULT_PERMISSION, level);
    return end_with(o, ARCH_FAULT_NONE, level);
}

static bool has_blocks(const struct walk_s2_cfg *cfg, int level)
{
    static const int first_level[3][2] = {/* [granule][larger blocks] */
                                          {1, 0},
                                          {2, 1},
                                          {2, 1}};
    const unsigned granule = ((unsigned)cfg->vtcr.tg - 12) / 2;
    const bool larger = cfg->vtcr.tg == ARCH_TG_64K ? cfg->pa_bits == 52 : lpa2(cfg);

    return level < 3 && level >= first_level[granule][larger];
}

/* rest: the part of the IPA that this look-up and those below it resolve. */
static struct outcome look_up(const struct trial *t, struct outcome o, uint64_t table,
                              int level, uint64_t rest)
{
    const unsigned page_bits = (unsigned)t->cfg.vtcr.tg;
    const unsigned size_bits = page_bits + (unsigned)(3 - level) * (page_bits - 3);
    const uint64_t size = UINT64_C(1) << size_bits;
    const uint64_t pa = table + rest / size * 8;
    const uint64_t desc = memory_read(t, pa);

    o.read_pa[o.reads_n++] = pa;
    if (!bit(desc, 0))
        return end_with(o, ARCH_FAULT_TRANSLATION, level);
    if (level == 3 && bit(desc, 1))
        return leaf(t, o, desc, level, size_bits, rest % size);
    if (!bit(desc, 1))
        return has_blocks(&t->cfg, level)
                   ? leaf(t, o, desc, level, size_bits, rest % size)
                   : end_with(o, ARCH_FAULT_TRANSLATION, level);
    const uint64_t next = desc_address(&t->cfg, desc, page_bits);
    if (next >= UINT64_C(1) << output_bits(&t->cfg))
        return end_with(o, ARCH_FAULT_ADDRESS_SIZE, level);
    return look_up(t, o, next, level + 1, rest % size);
}

/* Look-ups that SL0 asks for, 0 if it is reserved or not implemented. */
static unsigned look_ups(const struct walk_s2_cfg *cfg)
{
    static const unsigned n[3][4] = {
        {2, 3, 4, 1}, {1, 2, 3, 4}, {1, 2, 3, 0}}; /* [granule][SL0] */
    const struct arch_vtcr *v = &cfg->vtcr;

    if (v->tg == ARCH_TG_4K && v->ds && v->sl2)
        return v->sl0 == 0 ? 5 : 0;
    const unsigned want = n[((unsigned)v->tg - 12) / 2][v->sl0];
    if (v->tg == ARCH_TG_4K &&
        ((want == 4 && cfg->pa_bits < 44) || (want == 1 && !cfg->ttst)))
        return 0;
    if (v->tg == ARCH_TG_16K &&
        ((want == 3 && cfg->pa_bits < 42) || (want == 4 && !v->ds)))
        return 0;
    return v->tg == ARCH_TG_64K && want == 3 && cfg->pa_bits < 44 ? 0 : want;
}

static struct outcome reference(const struct trial *t)
{
    const struct walk_s2_cfg *cfg = &t->cfg;
    const struct outcome none = {.type = ARCH_FAULT_NONE};
    const int page_bits = (int)cfg->vtcr.tg;
    const int input_bits = 64 - cfg->vtcr.t0sz;
    const int larger = cfg->vtcr.tg == ARCH_TG_64K || cfg->vtcr.ds ? 52 : 48;
    const int input_max = cfg->pa_bits < larger ? cfg->pa_bits : larger;
    const int input_min = !cfg->ttst ? 25 : cfg->vtcr.tg == ARCH_TG_64K ? 17 : 16;
    const int n = (int)look_ups(cfg);
    /* What the lower look-ups leave for the first: at least a bit, at most 4 too many.
     */
    const int first_bits = input_bits - page_bits - (n - 1) * (page_bits - 3);

    if (cfg->vtcr.tg_reserved || input_bits > input_max || input_bits < input_min ||
        n == 0 || first_bits < 1 || first_bits > page_bits - 3 + 4 ||
        t->ipa.v >= UINT64_C(1) << input_bits)
        return end_with(none, ARCH_FAULT_TRANSLATION, 0);

    uint64_t align = UINT64_C(8) << first_bits;
    if (align < 64 && (lpa2(cfg) || (page_bits == 16 && output_bits(cfg) == 52)))
        align = 64;
    const uint64_t base = cfg->baddr.v / align * align;
    if (base >= UINT64_C(1) << output_bits(cfg))
        return end_with(none, ARCH_FAULT_ADDRESS_SIZE, 0);
    return look_up(t, none, base, 4 - n, t->ipa.v);
}

/* ---- the walker, and the comparison ---- */

static struct outcome walked(const struct trial *t)
{
    struct outcome o = {.type = ARCH_FAULT_NONE};
    struct walk_s2 w;
    enum walk_next next = walk_s2_begin_el(&w, &t->cfg, t->ipa, t->access, t->el);

    while (next == WALK_NEED_DESC) {
        assert_true(o.reads_n < DESCS_MAX);
        o.read_pa[o.reads_n++] = w.desc_pa.v;
        next = walk_s2_feed(&w, memory_read(t, w.desc_pa.v));
    }
    assert_int_equal(w.descs_n, o.reads_n);
    o.type = next == WALK_DONE ? ARCH_FAULT_NONE : w.fault.type;
    o.level = next == WALK_DONE ? w.level : w.fault.level;
    o.oa = w.oa.v;
    return o;
}

/* DS only where it exists; input sizes that suit the start level, more often than not.
 */
static void suit_start_level(struct walk_s2_cfg *cfg, uint64_t random)
{
    cfg->vtcr.ds = cfg->vtcr.ds && cfg->pa_bits == 52;

    const unsigned stride = (unsigned)cfg->vtcr.tg - 3;
    const unsigned n = look_ups(cfg);
    if (n == 0 || (random & 3) == 0)
        return;
    const unsigned input_bits = (unsigned)cfg->vtcr.tg + (n - 1) * stride + 1 +
                                (random >> 4 & 0xff) % (stride + 4);
    if (input_bits <= 52)
        cfg->vtcr.t0sz = (uint8_t)(64 - input_bits);
}

static struct trial random_trial(uint64_t *random)
{
    static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
    static const uint8_t pa_bits[] = {36, 40, 42, 44, 48, 48, 52, 52};
    const uint64_t r = *random = mix(*random);
    const uint64_t s = *random = mix(*random);
    struct trial t = {
        .cfg = {.vtcr = {.t0sz = (uint8_t)(12 + (r & 0xff) % 40),
                         .sl0 = r >> 8 & 3,
                         .tg = tgs[(r >> 10 & 0xff) % 3],
                         .tg_reserved = (r >> 18 & 63) == 0,
                         .ps = r >> 24 & 7,
                         .ha = r >> 27 & 1,
                         .hd = r >> 28 & 1,
                         .ds = r >> 29 & 1,
                         .sl2 = (r >> 30 & 3) == 0},
                .baddr = {mix(r) >> (12 + (r >> 32 & 15) + (r >> 48 & 7))},
                .pa_bits = pa_bits[r >> 36 & 7],
                .ttst = r >> 39 & 1,
                .xnx = r >> 40 & 1,
                .bbm_level = r >> 41 & 3,
                .nt_response = r >> 43 & 1 ? WALK_NT_FAULT : WALK_NT_TRANSLATE},
        .access = (enum arch_access)((s & 0xff) % 3),
        .el = s >> 8 & 1,
        .memory_seed = mix(s),
    };

    suit_start_level(&t.cfg, s >> 20);
    /* Mostly in range, often near its end. */
    t.ipa.v = mix(s + 1) >> (t.cfg.vtcr.t0sz - ((s >> 9 & 15) == 0));
    if ((s >> 13 & 15) == 0)
        t.ipa.v |= UINT64_MAX >> t.cfg.vtcr.t0sz;
    return t;
}

static void compare(unsigned i, uint64_t seed, const struct outcome *got,
                    const struct outcome *want)
{
    bool same = got->type == want->type && got->level == want->level &&
                got->reads_n == want->reads_n &&
                (got->type != ARCH_FAULT_NONE || got->oa == want->oa);

    for (unsigned n = 0; same && n < want->reads_n; n++)
        same = got->read_pa[n] == want->read_pa[n];
    if (!same)
        fail_msg("seed 0x%" PRIx64 " walk %u: got %s level %d oa 0x%" PRIx64
                 " after %u reads, want %s level %d oa 0x%" PRIx64 " after %u",
                 seed, i, arch_fault_name(got->type), got->level, got->oa, got->reads_n,
                 arch_fault_name(want->type), want->level, want->oa, want->reads_n);
}

static void any_walk_reads_and_answers_as_the_naive_recursion(void **state)
{
    static unsigned seen[ARCH_FAULT_TLB_CONFLICT][5]; /* [type][level + 1] */
    uint64_t random = SEED;

    (void)state;
    for (unsigned i = 0; i < WALKS_N; i++) {
        const struct trial t = random_trial(&random);
        const struct outcome want = reference(&t);
        const struct outcome got = walked(&t);

        compare(i, SEED, &got, &want);
        seen[want.type][want.level + 1]++;
    }
    /* Every outcome at every level that can have it was met. */
    for (int level = -1; level <= 3; level++) {
        assert_true(seen[ARCH_FAULT_TRANSLATION][level + 1] > 0);
        assert_true(seen[ARCH_FAULT_ADDRESS_SIZE][level + 1] > 0);
        if (level < 0)
            continue;
        assert_true(seen[ARCH_FAULT_NONE][level + 1] > 0);
        assert_true(seen[ARCH_FAULT_ACCESS_FLAG][level + 1] > 0);
        assert_true(seen[ARCH_FAULT_PERMISSION][level + 1] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_walk_reads_and_answers_as_the_naive_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
