/* SPDX-License-Identifier: Apache-2.0 */
/* walker/hyp_va.c - Linux: kvm_compute_layout(), and the idmap's own input size. */
#include "walker/hyp_va.h"

#include "walker/arch/bits.h"
#include "walker/s2_options.h"

/* Bits that x needs: the position of its highest 1, from 1. */
static unsigned bits_of(uint64_t x)
{
    unsigned n = 0;

    for (; x; x >>= 1)
        n++;
    return n;
}

static uint64_t bit(unsigned n)
{
    return UINT64_C(1) << n;
}

struct arch_pa walk_hyp_va_memstart(enum arch_tg tg, struct arch_pa dram)
{
    /* A PUD of 4K, a contiguous PMD of 16K, a PMD of 64K. */
    return arch_pa(dram.v - arch_low_bits(dram.v, tg == ARCH_TG_64K ? 29 : 30));
}

/* Linux: phys_to_virt(), with the linear map at the start of the kernel's space. */
static uint64_t linear_va(const struct walk_hyp_va_cfg *cfg, struct arch_pa pa)
{
    return (UINT64_MAX << cfg->va_bits) + (pa.v - cfg->memstart.v);
}

static enum arch_status check_memory(const struct walk_hyp_va_cfg *cfg)
{
    if (cfg->dram_last.v < cfg->dram.v || cfg->memstart.v > cfg->dram.v ||
        cfg->dram_last.v - cfg->dram.v < bit(cfg->tg) - 1 ||
        cfg->dram_last.v - cfg->memstart.v >= bit(cfg->va_bits - 1u))
        return ARCH_ERR_RANGE;
    return ARCH_OK;
}

enum arch_status walk_hyp_va_init(const struct walk_hyp_va_cfg *cfg,
                                  struct walk_hyp_va *out)
{
    const unsigned idmap_bits = bits_of(cfg->idmap.v);
    const unsigned el2_bits = idmap_bits > cfg->va_bits ? idmap_bits : cfg->va_bits;
    const unsigned kernel_levels = walk_s1_levels(cfg->tg, cfg->va_bits);
    const unsigned el2_levels = walk_s1_levels(cfg->tg, el2_bits);

    if (kernel_levels == 0 || el2_levels == 0)
        return ARCH_ERR_T0SZ;
    if (check_memory(cfg) != ARCH_OK)
        return ARCH_ERR_RANGE;

    const uint64_t half = bit(cfg->va_bits - 1u);
    const uint64_t msb = ~cfg->idmap.v & half;
    const uint64_t first = linear_va(cfg, cfg->dram);
    const uint64_t last = linear_va(cfg, cfg->dram_last);
    const unsigned tag_lsb = bits_of(first ^ last);
    const uint64_t free_bits = half - bit(tag_lsb); /* [va_bits-2:tag_lsb] */
    struct walk_hyp_va h = {
        .linear = first,
        .linear_last = last,
        .min = msb,
        .max = msb + half - 1,
        .va_mask = bit(tag_lsb) - 1,
        .tag = msb | (cfg->randomize ? cfg->random & free_bits : 0),
        .tag_lsb = (uint8_t)tag_lsb,
        .kernel_levels = (uint8_t)kernel_levels,
        .el2_bits = (uint8_t)el2_bits,
        .el2_levels = (uint8_t)el2_levels,
        .idmap_outside = idmap_bits > cfg->va_bits,
    };
    h.instructions_n = h.tag ? 5 : 1;
    h.first = walk_hyp_va_of(&h, (struct arch_va){first});
    h.last = walk_hyp_va_of(&h, (struct arch_va){last});
    *out = h;
    return ARCH_OK;
}
