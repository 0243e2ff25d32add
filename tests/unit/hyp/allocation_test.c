/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/allocation_test.c - the hypervisor's software brings no memory.
 *
 * Linked with --wrap, so that every malloc family call of its objects lands here. The
 * environment below lives in static arrays for that reason. */
#include "model/hyp/stage2.h"
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

static const struct hyp_ops ops = {
    op_read, op_write, op_cmpxchg, op_tlbi,        op_dsb,  op_isb, op_lock,
    op_lock, op_clean, op_spend,   op_table_alloc, op_free, op_at,
};

/* Map 512 pages, coalesce them, by fault and by the host; a second coalesce, a relax.
 */
static void live_through(struct hyp_vm *vm, enum hyp_sequence sequence)
{
    const struct hyp_slot pages = {{0}, {0x80000000}, 0x400000, 3, false};
    const struct hyp_slot blocks = {{0}, {0x80000000}, 0x400000, 2, true};
    const struct arch_fault translation = {ARCH_FAULT_TRANSLATION, 2, 3, false, false};
    const struct arch_fault permission = {ARCH_FAULT_PERMISSION, 2, 3, false, false};

    for (uint64_t ipa = 0; ipa < 0x400000; ipa += 0x1000)
        (void)hyp_handle_fault(vm, &pages, arch_ipa(ipa), &translation);
    (void)hyp_handle_fault(vm, &pages, arch_ipa(0), &permission);
    vm->cfg.sequence = sequence;
    (void)hyp_handle_fault(vm, &blocks, arch_ipa(0), &permission);
    hyp_coalesce_range(vm, &blocks, arch_ipa(0), 0x400000, 2);
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
