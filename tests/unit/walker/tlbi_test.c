/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/tlbi_test.c - what each TLBI register value names. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/tlbi.h"

#include <string.h>

#define VMID 0x1234

static const struct arch_tlbi_state plain = {.vmid = VMID, .asid16 = true, .ttl = true};
static const struct arch_tlbi_state large = {
    .vmid = VMID, .asid16 = true, .ttl = true, .large_base = true};

static struct arch_tlbi decoded(enum arch_tlbi_insn insn, uint64_t xt,
                                const struct arch_tlbi_state *s)
{
    struct arch_tlbi op;

    memset(&op, 0xa5, sizeof(op));
    assert_true(arch_tlbi_decode(insn, ARCH_ISH, xt, s, &op));
    return op;
}

/* Xt has ASID 0x57 and address 0x5000 where there are such fields. */
static void each_instruction_has_its_operation_and_form(void **state)
{
    static const struct {
        const char *name;
        enum arch_tlbi_insn insn;
        enum arch_tlbi_op op;
        bool last_level, range, has_vmid, has_asid;
    } rows[] = {
        {"VMALLE1", ARCH_TLBI_VMALLE1, ARCH_TLBI_VMALL, 0, 0, 1, 0},
        {"VAE1", ARCH_TLBI_VAE1, ARCH_TLBI_VA, 0, 0, 1, 1},
        {"ASIDE1", ARCH_TLBI_ASIDE1, ARCH_TLBI_ASID, 0, 0, 1, 1},
        {"VAAE1", ARCH_TLBI_VAAE1, ARCH_TLBI_VAA, 0, 0, 1, 0},
        {"VALE1", ARCH_TLBI_VALE1, ARCH_TLBI_VA, 1, 0, 1, 1},
        {"VAALE1", ARCH_TLBI_VAALE1, ARCH_TLBI_VAA, 1, 0, 1, 0},
        {"RVAE1", ARCH_TLBI_RVAE1, ARCH_TLBI_VA, 0, 1, 1, 1},
        {"RVAAE1", ARCH_TLBI_RVAAE1, ARCH_TLBI_VAA, 0, 1, 1, 0},
        {"RVALE1", ARCH_TLBI_RVALE1, ARCH_TLBI_VA, 1, 1, 1, 1},
        {"RVAALE1", ARCH_TLBI_RVAALE1, ARCH_TLBI_VAA, 1, 1, 1, 0},
        {"VMALLS12E1", ARCH_TLBI_VMALLS12E1, ARCH_TLBI_VMALLS12, 0, 0, 1, 0},
        {"ALLE1", ARCH_TLBI_ALLE1, ARCH_TLBI_ALL, 0, 0, 0, 0},
        {"IPAS2E1", ARCH_TLBI_IPAS2E1, ARCH_TLBI_IPAS2, 0, 0, 1, 0},
        {"IPAS2LE1", ARCH_TLBI_IPAS2LE1, ARCH_TLBI_IPAS2, 1, 0, 1, 0},
        {"RIPAS2E1", ARCH_TLBI_RIPAS2E1, ARCH_TLBI_IPAS2, 0, 1, 1, 0},
        {"RIPAS2LE1", ARCH_TLBI_RIPAS2LE1, ARCH_TLBI_IPAS2, 1, 1, 1, 0},
        {"ALLE2", ARCH_TLBI_ALLE2, ARCH_TLBI_ALL, 0, 0, 0, 0},
        {"VAE2", ARCH_TLBI_VAE2, ARCH_TLBI_VA, 0, 0, 0, 0},
        {"VALE2", ARCH_TLBI_VALE2, ARCH_TLBI_VA, 1, 0, 0, 0},
        {"RVAE2", ARCH_TLBI_RVAE2, ARCH_TLBI_VA, 0, 1, 0, 0},
        {"RVALE2", ARCH_TLBI_RVALE2, ARCH_TLBI_VA, 1, 1, 0, 0},
    };

    (void)state;
    assert_int_equal(ROWS_N(rows), ARCH_TLBI_INSNS_N);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const bool by_address = rows[i].op == ARCH_TLBI_VA ||
                                rows[i].op == ARCH_TLBI_VAA ||
                                rows[i].op == ARCH_TLBI_IPAS2;
        const struct arch_tlbi op =
            decoded(rows[i].insn, UINT64_C(0x0057400000000005), &plain);

        check_row(i, rows[i].name, op.op, rows[i].op);
        check_row(i, rows[i].name, op.domain, ARCH_ISH);
        check_row(i, rows[i].name, op.last_level, rows[i].last_level);
        check_row(i, rows[i].name, op.range, rows[i].range);
        check_row(i, rows[i].name, op.vmid, rows[i].has_vmid ? VMID : 0);
        check_row(i, rows[i].name, op.asid, rows[i].has_asid ? 0x57 : 0);
        check_row(i, rows[i].name, op.first, by_address ? 0x5000 : 0);
        assert_string_equal(arch_tlbi_name(rows[i].insn), rows[i].name);
    }
}

static void e2h_and_tge_choose_the_regime(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn first, last;
        enum arch_regime want[4]; /* [e2h << 1 | tge] */
    } rows[] = {
        {"E1 forms of stage 1",
         ARCH_TLBI_VMALLE1,
         ARCH_TLBI_RVAALE1,
         {ARCH_REGIME_EL10, ARCH_REGIME_EL10, ARCH_REGIME_EL10, ARCH_REGIME_EL20}},
        {"forms of stage 2 and ALLE1",
         ARCH_TLBI_VMALLS12E1,
         ARCH_TLBI_RIPAS2LE1,
         {ARCH_REGIME_EL10, ARCH_REGIME_EL10, ARCH_REGIME_EL10, ARCH_REGIME_EL10}},
        {"E2 forms",
         ARCH_TLBI_ALLE2,
         ARCH_TLBI_RVALE2,
         {ARCH_REGIME_EL2, ARCH_REGIME_EL2, ARCH_REGIME_EL20, ARCH_REGIME_EL20}},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        for (unsigned insn = rows[i].first; insn <= (unsigned)rows[i].last; insn++) {
            for (unsigned hcr = 0; hcr < 4; hcr++) {
                struct arch_tlbi_state s = plain;

                s.e2h = hcr >> 1;
                s.tge = hcr & 1;
                const struct arch_tlbi op = decoded((enum arch_tlbi_insn)insn,
                                                    UINT64_C(0x0057400000000005), &s);

                check_row(i, rows[i].rule, op.regime, rows[i].want[hcr]);
                if (op.regime != ARCH_REGIME_EL10) /* VMID_NONE */
                    check_row(i, rows[i].rule, op.vmid, 0);
                if (op.op == ARCH_TLBI_VA) /* EL2 has no ASIDs */
                    check_row(i, rows[i].rule, op.asid,
                              op.regime == ARCH_REGIME_EL2 ? 0 : 0x57);
            }
        }
    }
}

static void an_asid_has_8_or_16_bits(void **state)
{
    struct arch_tlbi_state s = plain;
    const uint64_t xt = UINT64_C(0xabcd400000000005);

    (void)state;
    assert_int_equal(decoded(ARCH_TLBI_ASIDE1, xt, &s).asid, 0xabcd);
    assert_int_equal(decoded(ARCH_TLBI_RVAE1, xt, &s).asid, 0xabcd);
    s.asid16 = false;
    assert_int_equal(decoded(ARCH_TLBI_ASIDE1, xt, &s).asid, 0xcd);
    assert_int_equal(decoded(ARCH_TLBI_RVAE1, xt, &s).asid, 0xcd);
}

static void one_page_is_named_by_va_or_ipa(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        uint64_t xt, want;
    } rows[] = {
        {"VA 0", ARCH_TLBI_VAE1, 0, 0},
        {"Xt[43:0] is VA[55:12]", ARCH_TLBI_VAE1, UINT64_C(0x0000000012345678),
         UINT64_C(0x0000012345678000)},
        {"the top of the lower half", ARCH_TLBI_VAE1, UINT64_C(0x000007ffffffffff),
         UINT64_C(0x007ffffffffff000)},
        {"VA[55] is copied to VA[63:56]", ARCH_TLBI_VAE1, UINT64_C(0x0000080000000000),
         UINT64_C(0xff80000000000000)},
        {"a kernel address", ARCH_TLBI_VALE1, UINT64_C(0x00420ff800010001),
         UINT64_C(0xffff800010001000)},
        {"the last page", ARCH_TLBI_VAAE1, UINT64_C(0x00000fffffffffff),
         UINT64_C(0xfffffffffffff000)},
        {"ASID and TTL are no address", ARCH_TLBI_VAE1, UINT64_C(0xffff700000000001),
         UINT64_C(0x1000)},
        {"EL2 too", ARCH_TLBI_VAE2, UINT64_C(0x00000ff800010001),
         UINT64_C(0xffff800010001000)},
        {"Xt[39:0] is IPA[51:12]", ARCH_TLBI_IPAS2E1, UINT64_C(0x00000012345678),
         UINT64_C(0x0000012345678000)},
        {"an IPA has no sign", ARCH_TLBI_IPAS2LE1, UINT64_C(0x000000ffffffffff),
         UINT64_C(0x000ffffffffff000)},
        {"Xt[43:40] are no IPA", ARCH_TLBI_IPAS2E1, UINT64_C(0x80000f0000000001),
         UINT64_C(0x1000)},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_tlbi op = decoded(rows[i].insn, rows[i].xt, &plain);

        check_row(i, rows[i].rule, op.first, rows[i].want);
        check_row(i, rows[i].rule, op.last, rows[i].want);
    }
}

static void ttl_names_a_leaf_size_where_its_level_has_leaves(void **state)
{
    static const unsigned want[2][16] = {
        /* none, 4K levels 0 to 3, 16K, 64K */
        {0, 0, 0, 0, 0, 30, 21, 12, 0, 0, 25, 14, 0, 42, 29, 16},
        /* with 52-bit addresses also 4K level 0 and 16K level 1 */
        {0, 0, 0, 0, 39, 30, 21, 12, 0, 36, 25, 14, 0, 42, 29, 16},
    };
    static const enum arch_tlbi_insn insns[] = {ARCH_TLBI_VAE1,  ARCH_TLBI_VALE1,
                                                ARCH_TLBI_VAAE1, ARCH_TLBI_VAALE1,
                                                ARCH_TLBI_VAE2,  ARCH_TLBI_IPAS2LE1};
    struct arch_tlbi_state no_ttl = large;

    (void)state;
    no_ttl.ttl = false;
    for (uint64_t ttl = 0; ttl < 16; ttl++) {
        for (size_t i = 0; i < ROWS_N(insns); i++) {
            const uint64_t xt = ttl << 44 | 5;
            const enum arch_tlbi_insn n = insns[i];

            check_row(ttl, "TTL", decoded(n, xt, &plain).hint_shift, want[0][ttl]);
            check_row(ttl, "TTL, DS", decoded(n, xt, &large).hint_shift, want[1][ttl]);
            check_row(ttl, "no FEAT_TTL", decoded(n, xt, &no_ttl).hint_shift, 0);
            check_row(ttl, "address", decoded(n, xt, &plain).first, 0x5000);
        }
    }
    assert_int_equal(decoded(ARCH_TLBI_ASIDE1, UINT64_C(7) << 44, &plain).hint_shift,
                     0);
}

/* Xt[47:46] TG, [45:44] scale, [43:39] num, [38:37] TTL, [36:0] base. */
static const struct {
    const char *rule;
    uint64_t xt;
    bool ds;
    uint64_t first, last;
} ranges[] = {
    {"4K, scale 0: 2 pages", 0x400000080000, 0, 0x80000000, 0x80001fff},
    {"4K, scale 1: 64 pages", 0x500000080000, 0, 0x80000000, 0x8003ffff},
    {"4K, scale 2: 2048 pages", 0x600000080000, 0, 0x80000000, 0x807fffff},
    {"4K, scale 3: 65536 pages", 0x700000080000, 0, 0x80000000, 0x8fffffff},
    {"scale 0, num 1: 4 pages", 0x408000080000, 0, 0x80000000, 0x80003fff},
    {"scale 0, num 31: 64 pages", 0x4f8000080000, 0, 0x80000000, 0x8003ffff},
    {"scale 3, num 31: 8G", 0x7f8000080000, 0, 0x80000000, 0x27fffffff},
    {"16K, scale 0: 2 pages", 0x800000020000, 0, 0x80000000, 0x80007fff},
    {"16K, scale 3, num 31: 32G", 0xbf8000020000, 0, 0x80000000, 0x87fffffff},
    {"64K, scale 0: 2 pages", 0xc00000008000, 0, 0x80000000, 0x8001ffff},
    {"64K, scale 3, num 31: 128G", 0xff8000008000, 0, 0x80000000, 0x207fffffff},
    {"TTL is no address", 0x406000080000, 0, 0x80000000, 0x80001fff},
    {"ASID is no address", 0xffff400000080000, 0, 0x80000000, 0x80001fff},
    {"4K: bit 36 is VA[48] and above", 0x401800000000, 0, 0xffff800000000000,
     0xffff800000001fff},
    {"16K: bit 36 is VA[50] and above", 0x801000000000, 0, 0xfffc000000000000,
     0xfffc000000007fff},
    {"64K: bit 36 is VA[52] and above", 0xc01000000000, 0, 0xfff0000000000000,
     0xfff000000001ffff},
    {"the last 2 pages", 0x401ffffffffe, 0, 0xffffffffffffe000, 0xffffffffffffffff},
    {"beyond the last page", 0x401fffffffff, 0, 0xfffffffffffff000, 0xffffffffffffffff},
    {"far beyond it", 0x7f9fffffffff, 0, 0xfffffffffffff000, 0xffffffffffffffff},
    {"64K beyond the lower half", 0xc00fffffffff, 0, 0x000fffffffff0000,
     0x000fffffffffffff},
    {"64K up to its end", 0xc00ffffffffe, 0, 0x000ffffffffe0000, 0x000fffffffffffff},
    {"only bit 52 tells the halves", 0x400fffffffff, 0, 0x0000fffffffff000,
     0x0001000000000fff},
    {"DS, 4K: the base is in 64K", 0x400000008000, 1, 0x80000000, 0x80001fff},
    {"DS, 16K: the base is in 64K", 0x800000008000, 1, 0x80000000, 0x80007fff},
    {"DS, 64K: as ever", 0xc00000008000, 1, 0x80000000, 0x8001ffff},
    {"DS, 4K: bit 36 is VA[52]", 0x401000000000, 1, 0xfff0000000000000,
     0xfff0000000001fff},
    {"DS, 4K in the last 64K", 0x401fffffffff, 1, 0xffffffffffff0000,
     0xffffffffffff1fff},
    {"DS, 4K beyond the lower half", 0x508fffffffff, 1, 0x000fffffffff0000,
     0x000fffffffffffff},
    {"DS, 16K beyond the upper half", 0x901fffffffff, 1, 0xffffffffffff0000,
     0xffffffffffffffff},
};

static void a_range_is_named_by_base_scale_and_num(void **state)
{
    static const enum arch_tlbi_insn insns[] = {
        ARCH_TLBI_RVAE1,    ARCH_TLBI_RVAAE1,    ARCH_TLBI_RVALE1, ARCH_TLBI_RVAALE1,
        ARCH_TLBI_RIPAS2E1, ARCH_TLBI_RIPAS2LE1, ARCH_TLBI_RVAE2,  ARCH_TLBI_RVALE2};
    static const enum arch_tg tgs[] = {0, ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

    (void)state;
    for (size_t i = 0; i < ROWS_N(ranges); i++) {
        for (size_t k = 0; k < ROWS_N(insns); k++) {
            const struct arch_tlbi op =
                decoded(insns[k], ranges[i].xt, ranges[i].ds ? &large : &plain);

            check_row(i, ranges[i].rule, op.first, ranges[i].first);
            check_row(i, ranges[i].rule, op.last, ranges[i].last);
            check_row(i, ranges[i].rule, op.tg, tgs[ranges[i].xt >> 46 & 3]);
            check_row(i, ranges[i].rule, op.range, true);
        }
    }
}

static void a_range_may_name_the_level_of_its_leaves(void **state)
{
    static const unsigned want[2][3][4] = {
        /* [DS][4K, 16K, 64K][TTL] */
        {{0, 30, 21, 12}, {0, 0, 25, 14}, {0, 42, 29, 16}},
        {{0, 30, 21, 12}, {0, 36, 25, 14}, {0, 42, 29, 16}},
    };

    (void)state;
    for (uint64_t tg = 1; tg <= 3; tg++) {
        for (uint64_t ttl = 0; ttl < 4; ttl++) {
            const uint64_t xt = tg << 46 | ttl << 37 | 8;
            struct arch_tlbi_state no_ttl = plain;

            check_row(tg, "TTL", decoded(ARCH_TLBI_RVAE1, xt, &plain).hint_shift,
                      want[0][tg - 1][ttl]);
            check_row(tg, "DS", decoded(ARCH_TLBI_RIPAS2LE1, xt, &large).hint_shift,
                      want[1][tg - 1][ttl]);
            no_ttl.ttl = false; /* FEAT_TLBIRANGE brings its own */
            check_row(tg, "TTL", decoded(ARCH_TLBI_RVAE1, xt, &no_ttl).hint_shift,
                      want[0][tg - 1][ttl]);
        }
    }
}

static void a_range_of_the_reserved_granule_does_nothing(void **state)
{
    struct arch_tlbi op, before;

    (void)state;
    memset(&op, 0xa5, sizeof(op));
    before = op;
    for (unsigned insn = 0; insn < ARCH_TLBI_INSNS_N; insn++) {
        const bool range = arch_tlbi_name((enum arch_tlbi_insn)insn)[0] == 'R';

        if (range) {
            assert_false(arch_tlbi_decode((enum arch_tlbi_insn)insn, ARCH_OSH,
                                          UINT64_C(0xffff3fffffffffff), &plain, &op));
            assert_memory_equal(&op, &before, sizeof(op));
        }
    }
}

static void the_widest_range_that_fits_is_composed(void **state)
{
    static const struct {
        const char *rule;
        uint64_t base, pages;
        enum arch_tg tg;
        uint16_t asid;
        unsigned ttl;
        uint64_t xt, done;
    } rows[] = {
        {"no range of no page", 0x80000000, 0, ARCH_TG_4K, 7, 0, 0, 0},
        {"no range of one page", 0x80000000, 1, ARCH_TG_4K, 7, 0, 0, 0},
        {"2", 0x80000000, 2, ARCH_TG_4K, 0, 0, 0x400000080000, 2},
        {"odd: one is left", 0x80000000, 3, ARCH_TG_4K, 0, 0, 0x400000080000, 2},
        {"62: num 30", 0x80000000, 62, ARCH_TG_4K, 0, 0, 0x4f0000080000, 62},
        {"64: scale 1, num 0", 0x80000000, 64, ARCH_TG_4K, 0, 0, 0x500000080000, 64},
        {"127", 0x80000000, 127, ARCH_TG_4K, 0, 0, 0x500000080000, 64},
        {"2047: num 30", 0x80000000, 2047, ARCH_TG_4K, 0, 0, 0x5f0000080000, 1984},
        {"2048", 0x80000000, 2048, ARCH_TG_4K, 0, 0, 0x600000080000, 2048},
        {"65536", 0x80000000, 65536, ARCH_TG_4K, 0, 0, 0x700000080000, 65536},
        {"2M pages: num 31", 0x80000000, 2097152, ARCH_TG_4K, 0, 0, 0x7f8000080000,
         2097152},
        {"more", 0x80000000, 1 << 30, ARCH_TG_4K, 0, 0, 0x7f8000080000, 2097152},
        {"16K", 0x80000000, 2, ARCH_TG_16K, 0, 0, 0x800000020000, 2},
        {"64K", 0x80000000, 2, ARCH_TG_64K, 0, 0, 0xc00000008000, 2},
        {"ASID", 0x80000000, 2, ARCH_TG_4K, 0xabcd, 0, 0xabcd400000080000, 2},
        {"TTL 3", 0x80000000, 2, ARCH_TG_4K, 0, 3, 0x406000080000, 2},
        {"a kernel address", 0xffff800000000fff, 2, ARCH_TG_4K, 0, 0, 0x401800000000,
         2},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        uint64_t done = 99;
        const uint64_t xt = arch_tlbi_range_xt(rows[i].base, rows[i].pages, rows[i].tg,
                                               rows[i].asid, rows[i].ttl, &done);

        check_row(i, rows[i].rule, xt, rows[i].xt);
        check_row(i, rows[i].rule, done, rows[i].done);
    }
}

static void a_composed_range_decodes_to_the_pages_it_says(void **state)
{
    (void)state;
    for (uint64_t pages = 2; pages < 70000; pages = pages * 9 / 8 + 1) {
        uint64_t done;
        const uint64_t base = UINT64_C(0xffff900000000000) + (pages << 14);
        const struct arch_tlbi op =
            decoded(ARCH_TLBI_RVALE1,
                    arch_tlbi_range_xt(base, pages, ARCH_TG_16K, 9, 3, &done), &plain);

        assert_true(done <= pages && done >= 2);
        assert_true(op.first == base && op.last == base + (done << 14) - 1);
        assert_int_equal(op.asid, 9);
        assert_int_equal(op.hint_shift, 14);
        assert_int_equal(op.tg, ARCH_TG_16K);
    }
}

static void a_name_has_an_instruction_and_a_domain(void **state)
{
    static const struct {
        const char *name;
        bool known;
        enum arch_tlbi_insn insn;
        enum arch_shareability domain;
    } rows[] = {
        {"VMALLE1", true, ARCH_TLBI_VMALLE1, ARCH_NSH},
        {"VMALLE1IS", true, ARCH_TLBI_VMALLE1, ARCH_ISH},
        {"VALE1OS", true, ARCH_TLBI_VALE1, ARCH_OSH},
        {"VMALLS12E1IS", true, ARCH_TLBI_VMALLS12E1, ARCH_ISH},
        {"RIPAS2LE1OS", true, ARCH_TLBI_RIPAS2LE1, ARCH_OSH},
        {"IPAS2E1IS", true, ARCH_TLBI_IPAS2E1, ARCH_ISH},
        {"RVALE2", true, ARCH_TLBI_RVALE2, ARCH_NSH},
        {"", false, 0, 0},
        {"IS", false, 0, 0},
        {"VAE", false, 0, 0},
        {"VAE1NS", false, 0, 0},
        {"VAE1ISX", false, 0, 0},
        {"VAE1 IS", false, 0, 0},
        {"vae1is", false, 0, 0},
        {"ASIDE2", false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        enum arch_tlbi_insn insn = ARCH_TLBI_INSNS_N;
        enum arch_shareability domain = (enum arch_shareability)77;
        const bool known = arch_tlbi_by_name(rows[i].name, &insn, &domain);

        check_row(i, rows[i].name, known, rows[i].known);
        check_row(i, rows[i].name, insn, known ? rows[i].insn : ARCH_TLBI_INSNS_N);
        check_row(i, rows[i].name, domain, known ? rows[i].domain : 77);
    }
}

static void every_name_leads_back_to_its_instruction(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARCH_TLBI_INSNS_N; i++) {
        enum arch_tlbi_insn insn;
        enum arch_shareability domain;

        assert_true(
            arch_tlbi_by_name(arch_tlbi_name((enum arch_tlbi_insn)i), &insn, &domain));
        assert_int_equal(insn, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_instruction_has_its_operation_and_form),
        cmocka_unit_test(e2h_and_tge_choose_the_regime),
        cmocka_unit_test(an_asid_has_8_or_16_bits),
        cmocka_unit_test(one_page_is_named_by_va_or_ipa),
        cmocka_unit_test(ttl_names_a_leaf_size_where_its_level_has_leaves),
        cmocka_unit_test(a_range_is_named_by_base_scale_and_num),
        cmocka_unit_test(a_range_may_name_the_level_of_its_leaves),
        cmocka_unit_test(a_range_of_the_reserved_granule_does_nothing),
        cmocka_unit_test(the_widest_range_that_fits_is_composed),
        cmocka_unit_test(a_composed_range_decodes_to_the_pages_it_says),
        cmocka_unit_test(a_name_has_an_instruction_and_a_domain),
        cmocka_unit_test(every_name_leads_back_to_its_instruction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
