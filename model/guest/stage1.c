/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/stage1.h"

#include "walker/arch/desc.h"
#include "walker/arch/granule.h"

#include <assert.h>

#define TABLE_BYTES UINT64_C(4096)
#define START_LEVEL 0

/* A stage 1 leaf that EL1 may read, write and execute and EL0 may not use: AP[2:1] =
 * 00, UXN; MAIR index 0, inner shareable, not global. ArmARM: D8.4 Memory access
 * control. */

#define S1_LEAF (ARCH_DESC_SH_INNER | ARCH_DESC_S1_NG | ARCH_DESC_S1_UXN)

/* TCR_EL1 and SCTLR_EL1 fields. */
#define TCR_T0SZ_48 UINT64_C(16)
#define TCR_EPD1 (UINT64_C(1) << 23)
#define TCR_IPS_SHIFT 32
#define TCR_HA (UINT64_C(1) << 39)
#define SCTLR_M UINT64_C(1)
#define TTBR_ASID_SHIFT 48

/* What is being built: tables are handed out one after the other. */
struct build {
    const struct guest_stage1 *s1;
    const struct guest_range *ranges;
    size_t n;
    uint64_t next; /* the next table */
    void (*write)(void *ctx, uint64_t ipa, uint64_t desc);
    void *ctx;
};

static bool is_used(const struct build *b, uint64_t va, uint64_t bytes)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->ranges[i].ipa < va + bytes && va < b->ranges[i].ipa + b->ranges[i].bytes)
            return true;
    }
    return false;
}

static uint64_t leaf(const struct build *b, uint64_t va, int level)
{
    return arch_desc_make_leaf(arch_pa(va), level,
                               S1_LEAF | (b->s1->accessed ? ARCH_DESC_AF : 0));
}

static uint64_t build_table(struct build *b, uint64_t va, int level)
{
    const uint64_t table = b->next;
    const unsigned shift = arch_level_shift(ARCH_TG_4K, level);

    b->next += TABLE_BYTES;
    for (uint32_t i = 0; i < arch_table_entries(ARCH_TG_4K); i++) {
        const uint64_t at = va + ((uint64_t)i << shift);
        uint64_t desc;

        if (!is_used(b, at, UINT64_C(1) << shift))
            continue;
        desc = shift == b->s1->map_shift
                   ? leaf(b, at, level)
                   : arch_desc_make_table(arch_pa(build_table(b, at, level + 1)));
        b->write(b->ctx, table + i * ARCH_DESC_BYTES, desc);
    }
    return table;
}

/* Spans of 1 << shift bytes that some range touches: one table each. */
static uint64_t spans(const struct guest_range *ranges, size_t n, unsigned shift)
{
    uint64_t sum = 0, next = 0; /* next: the first span not counted yet */

    for (size_t i = 0; i < n; i++) {
        uint64_t first = ranges[i].ipa >> shift;
        uint64_t end = ((ranges[i].ipa + ranges[i].bytes - 1) >> shift) + 1;

        first = first > next ? first : next;
        sum += end > first ? end - first : 0;
        next = end > next ? end : next;
    }
    return sum;
}

uint64_t guest_stage1_bytes(const struct guest_stage1 *s1,
                            const struct guest_range *ranges, size_t n)
{
    uint64_t tables = 1; /* of level 0 */

    for (int above = START_LEVEL; above < 3; above++) {
        unsigned shift = arch_level_shift(ARCH_TG_4K, above);

        if (shift > s1->map_shift)
            tables += spans(ranges, n, shift);
    }
    return tables * TABLE_BYTES;
}

void guest_stage1_build(const struct guest_stage1 *s1, const struct guest_range *ranges,
                        size_t n, void (*write)(void *ctx, uint64_t ipa, uint64_t desc),
                        void *ctx)
{
    struct build b = {.s1 = s1,
                      .ranges = ranges,
                      .n = n,
                      .next = s1->tables.v,
                      .write = write,
                      .ctx = ctx};

    assert((s1->tables.v & (TABLE_BYTES - 1)) == 0);
    build_table(&b, 0, START_LEVEL);
}

uint64_t guest_stage1_sctlr_el1(const struct guest_stage1 *s1)
{
    return s1->on ? SCTLR_M : 0;
}

uint64_t guest_stage1_tcr_el1(const struct guest_stage1 *s1, unsigned pa_bits)
{
    static const struct {
        unsigned bits, ips;
    } sizes[] = {{32, 0}, {36, 1}, {40, 2}, {42, 3}, {44, 4}};
    uint64_t ips = 5;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i].bits == pa_bits)
            ips = sizes[i].ips;
    }
    return s1->on ? TCR_T0SZ_48 | TCR_EPD1 | TCR_HA | ips << TCR_IPS_SHIFT : 0;
}

uint64_t guest_stage1_ttbr0_el1(const struct guest_stage1 *s1, uint16_t asid)
{
    return s1->on ? s1->tables.v | (uint64_t)asid << TTBR_ASID_SHIFT : 0;
}
