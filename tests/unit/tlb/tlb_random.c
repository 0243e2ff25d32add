/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_random.c - random configurations, entries and operations. */
#include "tests/unit/tlb/tlb_random.h"

#define COUNT(array) (unsigned)(sizeof(array) / sizeof(*(array)))

/* splitmix64 */
uint64_t next_random(uint64_t *random)
{
    uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned below(uint64_t *random, unsigned n)
{
    return (unsigned)((next_random(random) >> 32) * n >> 32);
}

static bool one_in(uint64_t *random, unsigned n)
{
    return below(random, n) == 0;
}

static void random_sizes(uint64_t *random, struct tlb_cfg *cfg)
{
    static const uint8_t shifts[] = {12, 14, 16, 21, 25, 29, 30, 36, 39, 42, 47, 48};
    const unsigned first = one_in(random, 2) ? 0 : below(random, 4);
    const unsigned sizes_max = one_in(random, 4) ? 1 : TLB_SIZES_MAX;
    unsigned all = 0;

    for (unsigned i = first; i < COUNT(shifts) && cfg->sizes_n < sizes_max; i++) {
        if (i == first || one_in(random, 2))
            cfg->size_shifts[cfg->sizes_n++] = shifts[i];
    }

    const unsigned every = (1u << cfg->sizes_n) - 1;

    for (unsigned kind = 0; kind < TLB_KINDS_N; kind++) {
        cfg->sizes_of[kind] =
            (uint8_t)(one_in(random, 3) ? next_random(random) & every : every);
        all |= cfg->sizes_of[kind];
    }
    if (all == 0)
        cfg->sizes_of[below(random, TLB_KINDS_N)] = (uint8_t)every;
}

struct tlb_cfg random_cfg(uint64_t *random)
{
    static const enum tlb_replacement replacements[] = {
        TLB_REPLACE_LRU, TLB_REPLACE_LRU, TLB_REPLACE_PLRU, TLB_REPLACE_RANDOM};
    struct tlb_cfg cfg = {.replacement = replacements[below(random, 4)],
                          .seed = next_random(random),
                          .ipa_takes_combined = one_in(random, 4),
                          .address_takes_tables = one_in(random, 4),
                          .conflict =
                              (enum tlb_conflict)below(random, TLB_CONFLICTS_N)};

    cfg.ways_n = cfg.replacement == TLB_REPLACE_PLRU ? 1u << below(random, 5)
                 : one_in(random, 3)                 ? 14 + below(random, 24)
                                                     : 1 + below(random, 9);
    cfg.entries_n = cfg.ways_n << below(random, cfg.ways_n > 9 ? 2 : 6);
    random_sizes(random, &cfg);
    return cfg;
}

/* 0x101 has the low bits of 1, 0x41 differs from it in one bit. */
uint16_t random_vmid(uint64_t *random)
{
    static const uint16_t vmids[] = {1, 1, 0x101, 0x41};

    return vmids[below(random, 4)];
}

uint16_t random_asid(uint64_t *random)
{
    static const uint16_t asids[] = {5, 5, 0x105, 0xffff};

    return asids[below(random, 4)];
}

struct tlb_tag random_tag(uint64_t *random)
{
    static const enum arch_regime regimes[] = {ARCH_REGIME_EL10, ARCH_REGIME_EL10,
                                               ARCH_REGIME_EL10, ARCH_REGIME_EL2,
                                               ARCH_REGIME_EL20};

    return (struct tlb_tag){random_vmid(random), random_asid(random),
                            (uint8_t)regimes[below(random, 5)]};
}

/* Pages in a row, blocks in a row, ends of the address space. */
static uint64_t random_ipa(uint64_t *random)
{
    static const uint64_t places[] = {0, 0, 0, UINT64_C(0x80000000),
                                      UINT64_C(0xffffffff0000)};
    static const uint8_t shifts[] = {12, 12, 12, 14, 16, 21, 30, 42};
    const uint64_t place = places[below(random, COUNT(places))];

    return (place + ((uint64_t)below(random, 8) << shifts[below(random, 8)]) +
            ((uint64_t)below(random, 4) << 12)) &
           UINT64_C(0xfffffffffffff);
}

/* Of the upper half the same from its end down: bits 63:48 are copies of one another.
 */
static uint64_t random_va(uint64_t *random)
{
    const uint64_t low = random_ipa(random) & UINT64_C(0xffffffffffff);

    return one_in(random, 3) ? ~low & ~UINT64_C(0xfff) : low;
}

static uint8_t random_shift(uint64_t *random)
{
    static const uint8_t shifts[] = {12, 12, 12, 14, 16, 21, 21, 25, 29, 30, 36, 39};

    return shifts[below(random, COUNT(shifts))];
}

struct tlb_entry random_entry(uint64_t *random)
{
    static const uint8_t tgs[] = {0, ARCH_TG_4K, ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
    struct tlb_entry e = {.oa = {next_random(random)},
                          .stamp = below(random, RANDOM_STAMPS_N),
                          .stamp_s2 = below(random, RANDOM_STAMPS_N),
                          .tag = random_tag(random),
                          .size_shift = (uint8_t)below(random, 64),
                          .span_shift = random_shift(random),
                          .tg = tgs[below(random, COUNT(tgs))],
                          .s2_level = (int8_t)below(random, 4),
                          .table_level = (int8_t)below(random, 4),
                          .perm_el0 = (uint8_t)below(random, 8),
                          .perm_priv = (uint8_t)below(random, 8),
                          .kind = (uint8_t)below(random, TLB_KINDS_N),
                          .table = one_in(random, 4),
                          .ng = one_in(random, 2),
                          .pan_denies = one_in(random, 2),
                          .write_clean = one_in(random, 2),
                          .via = next_random(random)};

    if (e.kind == TLB_S2_ONLY)
        e.tag.regime = ARCH_REGIME_EL10;
    e.ia = (e.kind == TLB_S2_ONLY ? random_ipa(random) : random_va(random)) +
           below(random, 4096);
    if (one_in(random, 16))
        e.span_shift = (uint8_t)(below(random, 5) + 44);
    e.tlbi_shift = one_in(random, 3) ? random_shift(random) : e.span_shift;
    e.leaf_shift = one_in(random, 4) ? 0 : random_shift(random);
    if (one_in(random, 2)) { /* as if all of these came from one leaf, more or less */
        e.oa.v = e.ia ^ (one_in(random, 8) ? UINT64_C(1) << 40 : 0);
        e.leaf_shift = one_in(random, 8) ? 12 : 21;
        e.s2_level = one_in(random, 8) ? 3 : 1;
    }
    return e;
}

static uint64_t random_range_fields(uint64_t *random, unsigned tg)
{
    const uint64_t ttl = one_in(random, 2) ? 0 : below(random, 4);
    const uint64_t scale = one_in(random, 2) ? 0 : below(random, 4);
    const uint64_t num = one_in(random, 2) ? 0 : below(random, 32);

    return (uint64_t)tg << 46 | scale << 44 | num << 39 | ttl << 37;
}

/* Fields of the register with what entries have. */
static uint64_t random_xt(uint64_t *random, bool range, bool large,
                          const struct tlb_entry *near)
{
    const uint64_t asid = one_in(random, 4) ? random_asid(random) : near->tag.asid;
    uint64_t address = near->ia;

    if (one_in(random, 8))
        address = near->kind == TLB_S2_ONLY ? random_ipa(random) : random_va(random);
    else if (one_in(random, 2)) /* elsewhere in the leaf, or just not */
        address ^= next_random(random) &
                   ((UINT64_C(2)
                     << (one_in(random, 2) ? near->tlbi_shift : near->size_shift)) -
                    1);
    if (!range) {
        const uint64_t ttl = one_in(random, 2) ? 0 : below(random, 16);

        return asid << 48 | ttl << 44 | (address >> 12 & UINT64_C(0xfffffffffff));
    }

    const unsigned tg = one_in(random, 3) ? below(random, 4) : 1;
    const unsigned unit = large ? 16 : 10 + 2 * (tg == 0 ? 1 : tg);

    return asid << 48 | random_range_fields(random, tg) |
           (address >> unit & UINT64_C(0x1fffffffff));
}

static bool is_wide(enum arch_tlbi_insn insn)
{
    return insn == ARCH_TLBI_VMALLE1 || insn == ARCH_TLBI_ASIDE1 ||
           insn == ARCH_TLBI_VMALLS12E1 || insn == ARCH_TLBI_ALLE1 ||
           insn == ARCH_TLBI_ALLE2;
}

/* Mostly by address, since the others leave little to go on with, and of the stage. */
static enum arch_tlbi_insn random_insn(uint64_t *random, const struct tlb_entry *near)
{
    const bool wide = one_in(random, 6);
    const bool any_stage = one_in(random, 4);
    enum arch_tlbi_insn insn;
    bool s2;

    do {
        insn = (enum arch_tlbi_insn)below(random, ARCH_TLBI_INSNS_N);
        s2 = insn >= ARCH_TLBI_IPAS2E1 && insn <= ARCH_TLBI_RIPAS2LE1;
    } while (wide != is_wide(insn) ||
             (!wide && !any_stage && s2 != (near->kind == TLB_S2_ONLY)));
    return insn;
}

bool random_tlbi(uint64_t *random, const struct tlb_entry *near, struct arch_tlbi *op)
{
    const enum arch_tlbi_insn insn = random_insn(random, near);
    const bool any = one_in(random, 4);
    const struct arch_tlbi_state state = {
        .vmid = any ? random_vmid(random) : near->tag.vmid,
        .e2h = any ? one_in(random, 2) : near->tag.regime == ARCH_REGIME_EL20,
        .tge = any ? one_in(random, 2) : near->tag.regime == ARCH_REGIME_EL20,
        .asid16 = !one_in(random, 4),
        .ttl = !one_in(random, 4),
        .large_base = one_in(random, 6)};
    const bool range = arch_tlbi_name(insn)[0] == 'R';
    const uint64_t xt = one_in(random, 32)
                            ? next_random(random)
                            : random_xt(random, range, state.large_base, near);

    return arch_tlbi_decode(insn, (enum arch_shareability)below(random, 3), xt, &state,
                            op);
}
