/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/allocation_test.c - the hypervisor's software brings no memory.
 *
 * Linked with --wrap, so that every malloc family call of its objects lands here. The
 * environment below lives in static arrays for that reason. */
#include "model/hyp/host.h"
#include "tests/unit/walker/rows.h"
#include "walker/arch/desc.h"

#define TABLES_N 8

static unsigned allocations_n;
static uint64_t words[TABLES_N * 512];
static unsigned tables_n;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations_n++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    allocations_n++;
    return __real_calloc(n, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
    allocations_n++;
    return __real_realloc(p, bytes);
}

static uint64_t *word(struct arch_pa pa)
{
    assert_in_range(pa.v, 0, sizeof words - 8);
    return &words[pa.v / 8];
}

static uint64_t op_read(void *ctx, struct arch_pa pa)
{
    (void)ctx;
    return *word(pa);
}

static void op_write(void *ctx, struct arch_pa pa, uint64_t desc)
{
    (void)ctx;
    *word(pa) = desc;
}

static bool op_cmpxchg(void *ctx, struct arch_pa pa, uint64_t old, uint64_t desc)
{
    const bool same = op_read(ctx, pa) == old;

    if (same)
        op_write(ctx, pa, desc);
    return same;
}

static struct arch_pa op_table_alloc(void *ctx)
{
    (void)ctx;
    assert_in_range(tables_n, 0, TABLES_N - 1);
    return arch_pa(UINT64_C(0x1000) * tables_n++);
}

static void op_tlbi(void *ctx, const struct arch_tlbi *op)
{
    (void)ctx, (void)op;
}
static void op_dsb(void *ctx, enum arch_dsb kind)
{
    (void)ctx, (void)kind;
}
static void op_isb(void *ctx)
{
    (void)ctx;
}
static void op_lock(void *ctx, enum hyp_lock_mode mode)
{
    (void)ctx, (void)mode;
}
static void op_spend(void *ctx, enum hyp_cost what)
{
    (void)ctx, (void)what;
}
static void op_free(void *ctx, struct arch_pa table)
{
    (void)ctx, (void)table;
}
static void op_at(void *ctx, const struct hyp_event *event)
{
    (void)ctx, (void)event;
}

static void op_clean(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    (void)ctx, (void)pa, (void)bytes;
}

static bool op_table_empty(void *ctx, struct arch_pa table)
{
    for (uint64_t i = 0; i < 4096; i += 8) {
        if (op_read(ctx, arch_pa(table.v + i)))
            return false;
    }
    return true;
}

static const struct hyp_ops ops = {
    .read = op_read,
    .write = op_write,
    .cmpxchg = op_cmpxchg,
    .tlbi = op_tlbi,
    .dsb = op_dsb,
    .isb = op_isb,
    .lock = op_lock,
    .unlock = op_lock,
    .clean = op_clean,
    .icache = op_clean,
    .spend = op_spend,
    .table_alloc = op_table_alloc,
    .table_free = op_free,
    .table_empty = op_table_empty,
    .at = op_at,
};

/* Map 1024 pages, coalesce them, by fault and by the host; a relax; then all that the
 * host does to a range, and blocks once more. */
static void live_through(struct hyp_vm *vm, enum hyp_sequence sequence)
{
    static uint64_t dirty[16], log[16];
    const struct hyp_slot pages = {
        .pa = {0x80000000}, .bytes = 0x400000, .block_level = 3, .dirty = dirty};
    const struct hyp_slot blocks = {
        .pa = {0x80000000}, .bytes = 0x400000, .block_level = 2, .writable = true};
    const struct arch_fault translation = {ARCH_FAULT_TRANSLATION, 2, 3, false, false};
    const struct arch_fault permission = {ARCH_FAULT_PERMISSION, 2, 3, false, false};

    for (uint64_t ipa = 0; ipa < 0x400000; ipa += 0x1000)
        (void)hyp_handle_fault(vm, &pages, arch_ipa(ipa), ARCH_READ, &translation);
    (void)hyp_handle_fault(vm, &pages, arch_ipa(0), ARCH_WRITE, &permission);
    vm->cfg.sequence = sequence;
    (void)hyp_handle_fault(vm, &blocks, arch_ipa(0), ARCH_WRITE, &permission);
    hyp_coalesce_range(vm, &blocks, arch_ipa(0), 0x400000, 21);
    dirty[0] = 3;
    hyp_dirty_log_get(vm, &pages, log);
    hyp_split_range(vm, arch_ipa(0), 0x400000);
    if (hyp_sequence_can_group(sequence))
        hyp_coalesce_range(vm, &blocks, arch_ipa(0), 0x10000, 16);
    (void)hyp_test_clear_young(vm, arch_ipa(0), 0x400000, true);
    (void)hyp_make_young(vm, arch_ipa(0));
    hyp_unmap_range(vm, arch_ipa(0x3000), 0x1000);
    (void)hyp_handle_fault(vm, &blocks, arch_ipa(0), ARCH_WRITE, &translation);
    hyp_coalesce_range(vm, &blocks, arch_ipa(0), 0x400000, 21);
}

static void no_path_of_the_hypervisor_allocates(void **state)
{
    (void)state;
    for (enum hyp_sequence s = HYP_SEQ_BBM; s < HYP_SEQUENCES_N; s++) {
        struct hyp_vm vm = {
            .ops = &ops,
            .tg = ARCH_TG_4K,
            .cfg = {.lock = HYP_LOCK_SHARED, .clean = HYP_CLEAN_IN_WINDOW},
            .geom = {.input_bits = 39, .start_level = 1, .start_entries = 512},
        };

        for (size_t i = 0; i < ROWS_N(words); i++)
            words[i] = 0;
        tables_n = 1;
        allocations_n = 0;
        live_through(&vm, s);
        check_row(s, hyp_sequence_name(s), allocations_n, 0);
        /* Proof that the code ran: both blocks are there (the level 2 table is 1). */
        check_row(s, hyp_sequence_name(s), words[512], 0x800007fd);
        check_row(s, hyp_sequence_name(s), words[513], 0x802007fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_path_of_the_hypervisor_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
