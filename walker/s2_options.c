/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s2_options.c - the search over DS, SL2 and SL0, by walk_s2_geometry_of(). */
#include "walker/s2_options.h"

#include "walker/arch/desc.h"

#include <assert.h>

static bool legal(const struct arch_vtcr *vtcr, unsigned pa_bits, bool ttst)
{
    struct walk_s2_geometry g;

    return walk_s2_geometry_of(vtcr, pa_bits, ttst, &g) == ARCH_OK;
}

static uint64_t block_shifts(const struct arch_vtcr *vtcr, int start_level,
                             unsigned pa_bits)
{
    uint64_t mask = 0;

    for (int level = start_level; level < 3; level++) {
        if (arch_desc_kind(ARCH_DESC_VALID, level, vtcr->tg, arch_vtcr_lpa2(vtcr),
                           pa_bits) == ARCH_DESC_KIND_LEAF)
            mask |= UINT64_C(1) << arch_level_shift(vtcr->tg, level);
    }
    return mask;
}

/* With FEAT_TTST: that it may be needed is told apart. */
static uint8_t pa_bits_min(const struct arch_vtcr *vtcr)
{
    uint8_t ps = 0;

    while (ps < 6 && !legal(vtcr, arch_pa_bits(ps), true))
        ps++;
    return (uint8_t)arch_pa_bits(ps);
}

static bool is_kvm_choice(const struct arch_vtcr *vtcr, unsigned pa_bits)
{
    const unsigned ipa_bits = 64u - vtcr->t0sz;
    struct arch_vtcr kvm;
    enum arch_status status;

    if (ipa_bits < WALK_KVM_IPA_BITS_MIN)
        return false;
    status = vtcr->ds ? walk_s2_choose_lpa2(vtcr->tg, ipa_bits, pa_bits, &kvm)
                      : walk_s2_choose(vtcr->tg, ipa_bits, pa_bits, &kvm);
    return status == ARCH_OK && kvm.sl0 == vtcr->sl0 && kvm.sl2 == vtcr->sl2;
}

/* Keeps [0, n) of one format ordered from the fewest levels to the most. */
static void insert(struct walk_s2_option *first, size_t n, struct walk_s2_option o)
{
    size_t at = n;

    for (; at > 0 && first[at - 1].geometry.start_level < o.geometry.start_level; at--)
        first[at] = first[at - 1];
    first[at] = o;
}

/* The options with one format of descriptors. */
static size_t options_of(struct arch_vtcr vtcr, const struct walk_s2_impl *impl,
                         struct walk_s2_option *out)
{
    const unsigned codes_n = vtcr.ds && vtcr.tg == ARCH_TG_4K ? 8 : 4; /* SL2:SL0 */
    size_t n = 0;

    for (unsigned code = 0; code < codes_n; code++) {
        struct walk_s2_geometry g;

        vtcr.sl0 = code & 3;
        vtcr.sl2 = code >> 2;
        if (walk_s2_geometry_of(&vtcr, impl->pa_bits, impl->ttst, &g) != ARCH_OK)
            continue;
        insert(out, n++,
               (struct walk_s2_option){
                   .vtcr = vtcr,
                   .geometry = g,
                   .block_shifts = block_shifts(&vtcr, g.start_level, impl->pa_bits),
                   .pa_bits_min = pa_bits_min(&vtcr),
                   .needs_ttst = !legal(&vtcr, impl->pa_bits, false),
                   .kvm = is_kvm_choice(&vtcr, impl->pa_bits),
               });
    }
    return n;
}

size_t walk_s2_options(enum arch_tg tg, unsigned ipa_bits,
                       const struct walk_s2_impl *impl, struct walk_s2_option *out)
{
    struct arch_vtcr vtcr = {
        .tg = tg, .t0sz = (uint8_t)(64 - ipa_bits), .ps = 0, .vs = true};
    size_t n;

    if (ipa_bits < 1 || ipa_bits > 64)
        return 0;
    while (vtcr.ps < 6 && arch_pa_bits(vtcr.ps) < impl->pa_bits)
        vtcr.ps++;
    n = options_of(vtcr, impl, out);
    if (impl->lpa2 && tg != ARCH_TG_64K) {
        vtcr.ds = true;
        n += options_of(vtcr, impl, out + n);
    }
    assert(n <= WALK_S2_OPTIONS_MAX);
    return n;
}

unsigned walk_s1_levels(enum arch_tg tg, unsigned va_bits)
{
    const struct arch_features features = {.pa_bits = 52, .lva = true};
    const struct arch_tcr tcr = {
        .txsz = (uint8_t)(64 - va_bits), .tg = tg, .ps = 6, .ds = va_bits > 48};
    struct walk_s1_geometry g;

    if (va_bits < 1 || va_bits > 64 ||
        walk_s1_geometry_of(&tcr, &features, &g) != ARCH_OK)
        return 0;
    return walk_levels(g.start_level);
}

int walk_fake_levels(unsigned host_levels, unsigned s2_levels)
{
    return s2_levels > host_levels ? WALK_FAKE_UNSUPPORTED
                                   : (int)(host_levels - s2_levels);
}

uint64_t walk_s2_table_bytes(enum arch_tg tg, const struct walk_s2_geometry *g,
                             uint64_t bytes)
{
    uint64_t sum = (uint64_t)g->start_entries * ARCH_DESC_BYTES;

    assert(bytes > 0 && bytes <= UINT64_C(1) << g->input_bits);
    for (int level = g->start_level + 1; level <= 3; level++) {
        const unsigned table_shift = arch_level_shift(tg, level - 1);
        const uint64_t tables_n = ((bytes - 1) >> table_shift) + 1;

        sum += tables_n << tg;
    }
    return sum;
}
