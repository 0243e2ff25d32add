/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/naive.c - one loop for both stages, memory at hand. */
#include "tests/unit/walker/naive.h"

struct run {
    const struct walk_regs *r;
    struct walk_query q;
    naive_at *at;
    struct naive_memory *m;
    bool s2_on; /* for the regime of q */
    bool el0_exists;
    struct naive_answer a;
};

/* What a stage is programmed to. */
struct stage {
    int n; /* 1 or 2 */
    int granule, input_bits, start, output_bits;
    bool ds, ha, hd;
    uint64_t base, ia;
};

struct leaf {
    uint64_t desc, oa, tables;
    uint64_t desc_at; /* in the output space of the stage */
    uint64_t *word;
};

/* What stage 2 is asked for: reads, writes, fetches, of whom; sets dirty state or not.
 */
struct need {
    bool r, w, x, walk, dirty;
    int el;
};

static uint64_t get(uint64_t v, int hi, int lo)
{
    return v << (63 - hi) >> (63 - hi) >> lo;
}

static int size_of_code(uint64_t code)
{
    static const int bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    return bits[code];
}

static bool fail(struct run *u, enum arch_fault_type type, int stage, int level)
{
    u->a = (struct naive_answer){.type = type, .stage = stage, .level = level};
    return false;
}

static int shift_of(const struct stage *s, int level)
{
    return s->granule + (3 - level) * (s->granule - 3);
}

static uint64_t wide_address(const struct stage *s, uint64_t desc, int low)
{
    uint64_t a = get(desc, 47, low) << low;

    if (s->granule == 16)
        a |= get(desc, 15, 12) << 48;
    else if (s->ds)
        a |= get(desc, 49, 48) << 48 | get(desc, 9, 8) << 50;
    return a;
}

static bool block_exists(const struct stage *s, int level)
{
    if (s->granule == 12)
        return level == 1 || level == 2 || (level == 0 && s->ds);
    if (s->granule == 14)
        return level == 2 || (level == 1 && s->ds);
    return level == 1 || level == 2;
}

static bool s2_translate(struct run *u, uint64_t ipa, struct need need, uint64_t *pa);

/* The word of a descriptor at address a of the output space of s. */
static bool reach(struct run *u, const struct stage *s, uint64_t a, bool write,
                  uint64_t **word)
{
    uint64_t pa = a;

    if (s->n == 1 && u->s2_on) {
        const struct need need = {.r = true, .w = write, .walk = true, .dirty = write};
        if (!s2_translate(u, a, need, &pa)) {
            u->a.s1ptw = true;
            return false;
        }
    }
    *word = u->at(u->m, pa);
    return true;
}

static bool walk_tables(struct run *u, const struct stage *s, struct leaf *leaf)
{
    uint64_t table = s->base;

    for (int level = s->start;; level++) {
        const int shift = shift_of(s, level);
        const int top =
            level == s->start ? s->input_bits - 1 : shift + s->granule - 3 - 1;
        leaf->desc_at = table + get(s->ia, top, shift) * 8;
        if (leaf->desc_at >> s->output_bits)
            return fail(u, ARCH_FAULT_ADDRESS_SIZE, s->n,
                        level == s->start ? 0 : level - 1);
        if (!reach(u, s, leaf->desc_at, false, &leaf->word))
            return false;
        const uint64_t d = leaf->desc = *leaf->word;
        if (!(d & 1) || (level == 3 && !(d & 2)) ||
            (level < 3 && !(d & 2) && !block_exists(s, level)))
            return fail(u, ARCH_FAULT_TRANSLATION, s->n, level);
        if (level < 3 && (d & 2)) {
            table = wide_address(s, d, s->granule);
            leaf->tables |= d;
            continue;
        }
        leaf->oa = wide_address(s, d, shift) | get(s->ia, shift - 1, 0);
        u->a.level = level;
        if (leaf->oa >> s->output_bits)
            return fail(u, ARCH_FAULT_ADDRESS_SIZE, s->n, level);
        if (!(d & 1 << 10) && !s->ha)
            return fail(u, ARCH_FAULT_ACCESS_FLAG, s->n, level);
        return true;
    }
}

static uint64_t align_base(const struct stage *s, uint64_t ttbr, bool wide)
{
    int shift = s->input_bits - shift_of(s, s->start) + 3;
    const uint64_t base =
        wide ? get(ttbr, 47, 6) << 6 | get(ttbr, 5, 2) << 48 : get(ttbr, 47, 1) << 1;

    if (wide && shift < 6)
        shift = 6;
    return base >> shift << shift;
}

static bool s2_start(const struct stage *s, uint64_t vtcr, int *start)
{
    const int sl0 = (int)get(vtcr, 7, 6);

    if (s->granule == 12 && s->ds && get(vtcr, 33, 33)) {
        *start = -1;
        return sl0 == 0;
    }
    if (s->granule == 12)
        *start = sl0 == 3 ? 3 : 2 - sl0;
    else
        *start = 3 - sl0;
    return !(s->granule == 14 && sl0 == 3 && !s->ds) && !(s->granule == 16 && sl0 == 3);
}

/* False if VTCR_EL2 is illegal or has no room for ipa. */
static bool s2_stage(const struct run *u, uint64_t ipa, struct stage *s)
{
    static const int granules[4] = {12, 16, 14, 12};
    const uint64_t vtcr = u->r->vtcr_el2;

    *s = (struct stage){.n = 2, .granule = granules[get(vtcr, 15, 14)], .ia = ipa};
    s->ds = s->granule != 16 && get(vtcr, 32, 32);
    s->ha = get(vtcr, 21, 21);
    s->hd = s->ha && get(vtcr, 22, 22);
    s->input_bits = 64 - (int)get(vtcr, 5, 0);
    s->output_bits = size_of_code(get(vtcr, 18, 16));
    const int most = s->granule == 16 || s->ds ? 52 : 48;
    const int least = s->granule == 16 ? 17 : 16;
    if (s->input_bits > most || s->input_bits < least ||
        !s2_start(s, vtcr, &s->start) || s->input_bits <= shift_of(s, s->start) ||
        s->input_bits > shift_of(s, s->start) + s->granule - 3 + 4 ||
        ipa >> s->input_bits)
        return false;
    s->base = align_base(s, u->r->vttbr_el2,
                         s->ds || (s->granule == 16 && s->output_bits == 52));
    return true;
}

static bool s2_allows(const struct run *u, const struct stage *s, uint64_t d,
                      struct need need)
{
    const bool dbm = s->hd && get(d, 51, 51);
    const int xn = (int)get(d, 54, 53);
    const bool x = need.el == 0 ? xn < 2 : xn == 0 || xn == 3;
    const bool device = get(u->r->hcr_el2, 46, 46) ? !get(d, 4, 4) : !get(d, 5, 4);
    const bool no_device = get(u->r->hcr_el2, 2, 2) && !get(u->r->hcr_el2, 27, 27);

    return (!need.r || get(d, 6, 6)) && (!need.w || get(d, 7, 7) || dbm) &&
           (!need.x || x) && !(need.walk && device && no_device);
}

static bool s2_translate(struct run *u, uint64_t ipa, struct need need, uint64_t *pa)
{
    struct stage s;
    struct leaf leaf = {.tables = 0};
    bool ok = s2_stage(u, ipa, &s);

    if (!ok)
        fail(u, ARCH_FAULT_TRANSLATION, 2, 0);
    else if ((ok = walk_tables(u, &s, &leaf)) && !s2_allows(u, &s, leaf.desc, need))
        ok = fail(u, ARCH_FAULT_PERMISSION, 2, u->a.level);
    u->a.fault_ipa = ipa;
    if (!ok)
        return false;
    if (s.ha)
        *leaf.word |= 1 << 10;
    if (s.hd && get(leaf.desc, 51, 51) && need.w && need.dirty)
        *leaf.word |= 1 << 7;
    *pa = leaf.oa;
    return true;
}

/* One of TCR_ELx's fields that come in pairs, at lo and lo + 1 (or + apart). */
static uint64_t pair(uint64_t tcr, int lo, int apart, bool upper)
{
    return get(tcr, lo + (upper ? apart : 0), lo + (upper ? apart : 0));
}

/* The highest bit that counts, without a tag. */
static int va_top(const struct run *u, uint64_t tcr, bool upper)
{
    const bool two = u->el0_exists;
    const bool tbi = two ? pair(tcr, 37, 1, upper) : get(tcr, 20, 20);
    const bool tbid = two ? pair(tcr, 51, 1, upper) : get(tcr, 29, 29);

    return tbi && !(tbid && u->q.access == ARCH_EXECUTE) ? 55 : 63;
}

static bool s1_allows(const struct run *u, const struct stage *s,
                      const struct leaf *leaf, uint64_t sctlr, bool hpd)
{
    const uint64_t t = hpd ? 0 : leaf->tables;
    const uint64_t d = leaf->desc;
    const bool ro = (get(d, 7, 7) && !(s->hd && get(d, 51, 51))) || get(t, 62, 62);
    const bool el0 = u->el0_exists && get(d, 6, 6) && !get(t, 61, 61);
    const bool for_el0 = u->q.el == 0;
    const bool w = !ro && (!for_el0 || el0);
    const bool uxn = get(d, 54, 54) || get(t, 60, 60);
    const bool pxn = get(d, 53, 53) || get(t, 59, 59) || (el0 && !ro);
    bool x = for_el0 || !u->el0_exists ? !uxn : !pxn;

    if (get(sctlr, 19, 19) && w)
        x = false;
    if (u->q.access == ARCH_EXECUTE)
        return x;
    const bool pan = u->q.pan && el0 && !for_el0 &&
                     (u->q.how == WALK_ACCESS || u->q.how == WALK_AT_S1_PAN);
    if (pan || (for_el0 && !el0))
        return false;
    return u->q.access == ARCH_READ || w;
}

/* The stage that va asks for; false if no half has va or EL0 may not use it. */
static bool s1_stage(const struct run *u, uint64_t tcr, uint64_t va, struct stage *s)
{
    static const int tg0[4] = {12, 16, 14, 12};
    static const int tg1[4] = {12, 14, 12, 16};
    const bool two = u->el0_exists;
    const bool upper = two && get(va, 55, 55);

    *s = (struct stage){.n = 1};
    s->granule = upper ? tg1[get(tcr, 31, 30)] : tg0[get(tcr, 15, 14)];
    s->input_bits = 64 - (int)(upper ? get(tcr, 21, 16) : get(tcr, 5, 0));
    s->ds = s->granule != 16 && (two ? get(tcr, 59, 59) : get(tcr, 32, 32));
    s->ha = two ? get(tcr, 39, 39) : get(tcr, 21, 21);
    s->hd = s->ha && (two ? get(tcr, 40, 40) : get(tcr, 22, 22));
    s->output_bits = size_of_code(two ? get(tcr, 34, 32) : get(tcr, 18, 16));
    const bool e0pd = two && u->q.el == 0 && pair(tcr, 55, 1, upper);
    const bool epd = two && pair(tcr, 7, 16, upper);
    const uint64_t flipped = get(upper ? ~va : va, va_top(u, tcr, upper), 0);
    if (s->input_bits > (s->granule == 16 || s->ds ? 52 : 48) ||
        s->input_bits < (s->granule == 16 ? 17 : 16) || flipped >> s->input_bits ||
        e0pd || epd)
        return false;
    s->ia = get(va, s->input_bits - 1, 0);
    s->start = 3;
    while (shift_of(s, s->start) + s->granule - 3 < s->input_bits)
        s->start--;
    return true;
}

/* Access flag and dirty state of the leaf. */
static bool s1_update(struct run *u, const struct stage *s, struct leaf *leaf)
{
    uint64_t now = leaf->desc | (s->ha ? 1 << 10 : 0);

    if (s->hd && get(now, 51, 51) && u->q.access == ARCH_WRITE &&
        u->q.how == WALK_ACCESS)
        now &= ~(UINT64_C(1) << 7);
    if (now == leaf->desc)
        return true;
    if (!reach(u, s, leaf->desc_at, true, &leaf->word))
        return false;
    *leaf->word = now;
    return true;
}

/* Stage 1 while it is on. */
static bool s1_translate(struct run *u, bool host, uint64_t *ipa)
{
    const struct walk_regs *r = u->r;
    const uint64_t tcr = host ? r->tcr_el2 : r->tcr_el1;
    const bool upper = u->el0_exists && get(u->q.va.v, 55, 55);
    const uint64_t ttbr = host ? (upper ? r->ttbr1_el2 : r->ttbr0_el2)
                               : (upper ? r->ttbr1_el1 : r->ttbr0_el1);
    const bool hpd = u->el0_exists ? pair(tcr, 41, 1, upper) : get(tcr, 24, 24);
    struct stage s;
    struct leaf leaf = {.tables = 0};

    if (!s1_stage(u, tcr, u->q.va.v, &s))
        return fail(u, ARCH_FAULT_TRANSLATION, 1, 0);
    s.base = align_base(&s, ttbr, s.ds || (s.granule == 16 && s.output_bits == 52));
    if (!walk_tables(u, &s, &leaf))
        return false;
    if (!s1_allows(u, &s, &leaf, host ? r->sctlr_el2 : r->sctlr_el1, hpd))
        return fail(u, ARCH_FAULT_PERMISSION, 1, u->a.level);
    *ipa = leaf.oa;
    return s1_update(u, &s, &leaf);
}

/* Stage 1 while it is off. */
static bool s1_flat(struct run *u, bool host, uint64_t *ipa)
{
    const uint64_t tcr = host ? u->r->tcr_el2 : u->r->tcr_el1;
    const uint64_t va = u->q.va.v;

    *ipa = get(va, 55, 0);
    if (get(va, va_top(u, tcr, get(va, 55, 55)), 0) >> 52)
        return fail(u, ARCH_FAULT_ADDRESS_SIZE, 1, 0);
    return true;
}

struct naive_answer naive_translate(const struct walk_regs *regs,
                                    const struct walk_query *query, naive_at *at,
                                    struct naive_memory *m)
{
    struct run u = {.r = regs, .q = *query, .at = at, .m = m};
    const uint64_t hcr = regs->hcr_el2;
    const bool e2h = get(hcr, 34, 34), tge = get(hcr, 27, 27);

    if (u.q.how == WALK_AT_S12 && e2h && tge)
        u.q.how = WALK_AT_S1;
    const bool at_s1 = u.q.how == WALK_AT_S1 || u.q.how == WALK_AT_S1_PAN;
    if (at_s1 && query->el == 1 && e2h && tge)
        u.q.el = 2;
    const bool host =
        u.q.how != WALK_AT_S12 && (u.q.el == 2 || (u.q.el == 0 && e2h && tge));
    u.el0_exists = !host || e2h;
    u.s2_on = !host && get(hcr | hcr >> 12, 0, 0) && !(e2h && tge);
    const bool dc = get(hcr, 12, 12) && !(e2h && tge);
    const bool on =
        host ? get(regs->sctlr_el2, 0, 0) : get(regs->sctlr_el1, 0, 0) && !dc && !tge;
    uint64_t ipa, pa;
    if (!(on ? s1_translate(&u, host, &ipa) : s1_flat(&u, host, &ipa)))
        return u.a;
    pa = ipa;
    const struct need need = {.r = query->access == ARCH_READ,
                              .w = query->access == ARCH_WRITE,
                              .x = query->access == ARCH_EXECUTE,
                              .dirty = query->how == WALK_ACCESS,
                              .el = query->el};
    if (u.s2_on && !at_s1 && !s2_translate(&u, ipa, need, &pa))
        return u.a;
    return (struct naive_answer){.pa = pa};
}
