/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/vmid_test.c - no two live VMs share a VMID, whatever rolls over.
 *
 * A naive machine stands behind the allocator: for each PE it knows which VM its TLB
 * holds entries of under each VMID. */
#include "model/hyp/vmid.h"
#include "tests/unit/walker/rows.h"

#include <string.h>

#define PES_N 7
#define VMS_N 400
#define BITS_MAX 8
#define NOBODY (-1)

struct pe {
    int vm; /* whose vCPU is loaded, or NOBODY */
    bool in_guest;
    uint16_t vttbr_vmid;
    int owner[1 << BITS_MAX]; /* [VMID] whose entries the TLB holds */
};

struct machine {
    struct hyp_vmids vmids;
    struct hyp_vmid vms[VMS_N];
    struct pe pes[PES_N];
    bool locked;
    unsigned locks_n, flushes_n, kicks_n;
    uint64_t seed;
    uint64_t mem[(1 << BITS_MAX) / 64 + 2 * PES_N];
};

static uint64_t next_random(uint64_t *s)
{
    uint64_t x = *s += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* The guest on pe accesses memory: its TLB holds entries of the VM. */
static void access_memory(struct machine *m, unsigned pe)
{
    struct pe *p = &m->pes[pe];

    if (!p->in_guest)
        return;
    if (p->owner[p->vttbr_vmid] != NOBODY && p->owner[p->vttbr_vmid] != p->vm)
        fail_msg("seed 0x%llx: PE %u, VM %d uses entries of VM %d (VMID %u)",
                 (unsigned long long)m->seed, pe, p->vm, p->owner[p->vttbr_vmid],
                 p->vttbr_vmid);
    p->owner[p->vttbr_vmid] = p->vm;
}

static void op_lock(void *ctx)
{
    struct machine *m = ctx;

    assert_false(m->locked);
    m->locked = true;
    m->locks_n++;
    for (unsigned pe = 0; pe < PES_N; pe++)
        access_memory(m, pe);
}

static void op_unlock(void *ctx)
{
    struct machine *m = ctx;

    assert_true(m->locked);
    m->locked = false;
}

/* While the flush goes on guests still run, but none can be entered. */
static void op_flush_all(void *ctx)
{
    struct machine *m = ctx;

    assert_true(m->locked);
    m->flushes_n++;
    for (unsigned pe = 0; pe < PES_N; pe++) {
        for (unsigned vm = 0; vm < VMS_N; vm++)
            assert_false(hyp_vmid_is_current(&m->vmids, pe, &m->vms[vm]));
        access_memory(m, pe);
        for (unsigned n = 0; n < 1u << BITS_MAX; n++)
            m->pes[pe].owner[n] = NOBODY;
        access_memory(m, pe);
        assert_false(m->vmids.kind == HYP_VMID_SPIN && m->pes[pe].in_guest);
    }
}

static void op_exit_guests(void *ctx)
{
    struct machine *m = ctx;

    assert_true(m->locked);
    assert_int_equal(m->vmids.kind, HYP_VMID_SPIN);
    m->kicks_n++;
    for (unsigned pe = 0; pe < PES_N; pe++)
        m->pes[pe].in_guest = false;
}

static const struct hyp_vmid_ops ops = {op_lock, op_unlock, op_flush_all,
                                        op_exit_guests};

static void machine_init(struct machine *m, enum hyp_vmid_kind kind, unsigned bits,
                         uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    assert_true(hyp_vmids_bytes(bits, PES_N) <= sizeof m->mem);
    hyp_vmids_init(&m->vmids, m->mem, kind, bits, PES_N, &ops, m);
    for (unsigned pe = 0; pe < PES_N; pe++) {
        m->pes[pe].vm = NOBODY;
        for (unsigned n = 0; n < 1u << BITS_MAX; n++)
            m->pes[pe].owner[n] = NOBODY;
    }
}

static void enter(struct machine *m, unsigned pe, int vm)
{
    struct pe *p = &m->pes[pe];
    const uint16_t before = hyp_vmid_number(&m->vmids, &m->vms[vm]);
    const bool loaded = p->vm == vm;
    bool changed;

    p->in_guest = false;
    changed = hyp_vmid_enter(&m->vmids, pe, &m->vms[vm]);
    assert_true(hyp_vmid_is_current(&m->vmids, pe, &m->vms[vm]));
    const uint16_t now = hyp_vmid_number(&m->vmids, &m->vms[vm]);
    assert_in_range(now, 1, (1u << m->vmids.bits) - 1);
    assert_int_equal(changed, now != before);
    if (loaded && m->vmids.kind == HYP_VMID_PER_PE)
        assert_int_equal(p->vttbr_vmid, now);
    p->vm = vm;
    p->vttbr_vmid = now;
    p->in_guest = true;
    access_memory(m, pe);
}

static void put(struct machine *m, unsigned pe)
{
    m->pes[pe].in_guest = false;
    m->pes[pe].vm = NOBODY;
    hyp_vmid_put(&m->vmids, pe);
}

/* Of all guests that run, and of all VMs that could be entered without the lock. */
static void no_vmid_is_shared(const struct machine *m)
{
    int user[1 << BITS_MAX];

    for (unsigned n = 0; n < 1u << BITS_MAX; n++)
        user[n] = NOBODY;
    for (unsigned pe = 0; pe < PES_N; pe++) {
        const struct pe *p = &m->pes[pe];

        if (!p->in_guest)
            continue;
        if (user[p->vttbr_vmid] != NOBODY && user[p->vttbr_vmid] != p->vm)
            fail_msg("seed 0x%llx: VMs %d and %d run with VMID %u",
                     (unsigned long long)m->seed, user[p->vttbr_vmid], p->vm,
                     p->vttbr_vmid);
        user[p->vttbr_vmid] = p->vm;
        /* Else a TLBI by VMID of this VM would miss the PE. */
        assert_int_equal(p->vttbr_vmid, hyp_vmid_number(&m->vmids, &m->vms[p->vm]));
    }
    for (int vm = 0; vm < VMS_N; vm++) {
        const uint16_t n = hyp_vmid_number(&m->vmids, &m->vms[vm]);

        if (m->vms[vm].id >> m->vmids.bits != m->vmids.generation >> m->vmids.bits)
            continue;
        if (user[n] != NOBODY && user[n] != vm)
            fail_msg("seed 0x%llx: VMs %d and %d have VMID %u",
                     (unsigned long long)m->seed, user[n], vm, n);
        user[n] = vm;
    }
}

/* One PE does something: enters again, is scheduled to another VM, or runs on. PE 4 and
 * above run their guests for long; an eighth of the choices is among few VMs, so that
 * some run on several PEs. */
static void step(struct machine *m, unsigned vms_n)
{
    unsigned pe = (unsigned)(next_random(&m->seed) % PES_N);
    const uint64_t what = next_random(&m->seed) % 8;
    const unsigned among = next_random(&m->seed) % 8 ? vms_n : 5;

    if (next_random(&m->seed) % 64)
        pe %= 4;
    if (m->pes[pe].vm == NOBODY)
        enter(m, pe, (int)(next_random(&m->seed) % among));
    else if (what == 0)
        access_memory(m, pe);
    else if (what < 3)
        enter(m, pe, m->pes[pe].vm);
    else
        put(m, pe);
}

static void no_two_live_vms_share_a_vmid(void **state)
{
    static const struct {
        unsigned bits, vms_n;
        bool rolls;
    } rows[] = {{6, 400, true}, {6, 70, true}, {6, 63, false}, {8, 400, true}};
    static struct machine m;

    (void)state;
    for (unsigned kind = 0; kind < HYP_VMID_KINDS_N; kind++) {
        for (size_t i = 0; i < ROWS_N(rows) * 8; i++) {
            const size_t row = i / 8;

            machine_init(&m, kind, rows[row].bits, 1000 * kind + i);
            for (unsigned n = 0; n < 6000; n++) {
                step(&m, rows[row].vms_n);
                no_vmid_is_shared(&m);
            }
            check_row(row, "rolls over", m.vmids.rolls_n > 0, rows[row].rolls);
            check_row(row, "a flush each", m.flushes_n, m.vmids.rolls_n);
            check_row(row, "guests exit", m.kicks_n,
                      kind == HYP_VMID_SPIN ? m.vmids.rolls_n : 0);
        }
    }
}

/* VMs take turns on PE 0, scheduled out in between. */
static void take_turns(struct machine *m, unsigned vms_n, unsigned turns_n)
{
    for (unsigned i = 0; i < turns_n * vms_n; i++) {
        enter(m, 0, (int)(i % vms_n));
        put(m, 0);
    }
}

static void as_many_vms_as_vmids_never_roll_over(void **state)
{
    static struct machine m;

    (void)state;
    for (unsigned kind = 0; kind < HYP_VMID_KINDS_N; kind++) {
        machine_init(&m, kind, 8, 0);
        take_turns(&m, 255, 5);
        assert_int_equal(m.vmids.rolls_n, 0);
        take_turns(&m, 256, 1);
        assert_int_equal(m.vmids.rolls_n, 1);
    }
}

static void op_nothing(void *ctx)
{
    (void)ctx;
}

static void sixteen_bits_are_65535_vmids(void **state)
{
    static const struct hyp_vmid_ops none = {op_nothing, op_nothing, op_nothing,
                                             op_nothing};
    static struct hyp_vmid vms[65536];
    static uint64_t mem[65536 / 64 + 2];
    struct hyp_vmids v;

    (void)state;
    for (unsigned kind = 0; kind < HYP_VMID_KINDS_N; kind++) {
        memset(vms, 0, sizeof vms);
        assert_int_equal(hyp_vmids_bytes(16, 1), sizeof mem);
        hyp_vmids_init(&v, mem, kind, 16, 1, &none, NULL);
        for (unsigned i = 0; i < 65535; i++) {
            hyp_vmid_enter(&v, 0, &vms[i]);
            hyp_vmid_put(&v, 0);
            assert_int_equal(hyp_vmid_number(&v, &vms[i]), i + 1);
        }
        assert_int_equal(v.rolls_n, 0);
        hyp_vmid_enter(&v, 0, &vms[65535]);
        assert_int_equal(v.rolls_n, 1);
        assert_int_equal(hyp_vmid_number(&v, &vms[65535]), 1);
    }
}

/* Each turn of 300 VMs gives every one a new number, 255 to a generation. */
static void more_vms_than_vmids_roll_over_once_for_255_entries(void **state)
{
    static struct machine m;

    (void)state;
    machine_init(&m, HYP_VMID_SPIN, 8, 0);
    take_turns(&m, 300, 17);
    assert_int_equal(m.vmids.rolls_n, (17 * 300 - 1) / 255);
    assert_int_equal(m.locks_n, 17 * 300);
}

static void a_vmid_in_use_outlives_a_roll_over(void **state)
{
    static struct machine m;

    (void)state;
    machine_init(&m, HYP_VMID_PER_PE, 6, 0);
    for (unsigned pe = 1; pe < 4; pe++)
        enter(&m, pe, (int)(VMS_N - pe));
    for (unsigned rolls = 1; rolls <= 3; rolls++) {
        for (int vm = 0; m.vmids.rolls_n < rolls; vm++) {
            enter(&m, 0, vm % 100);
            put(&m, 0);
        }
        for (unsigned pe = 1; pe < 4; pe++) {
            assert_true(m.pes[pe].in_guest);
            assert_int_equal(m.pes[pe].vttbr_vmid, pe);
        }
    }
    enter(&m, 1, VMS_N - 1);
    assert_int_equal(m.pes[1].vttbr_vmid, 1);
    enter(&m, 4, VMS_N - 2);
    assert_int_equal(m.pes[4].vttbr_vmid, 2);
}

static void a_vm_on_two_pes_has_one_vmid_over_many_roll_overs(void **state)
{
    static struct machine m;

    (void)state;
    machine_init(&m, HYP_VMID_PER_PE, 6, 0);
    enter(&m, 1, 399);
    for (unsigned rolls = 1; rolls <= 4; rolls++) {
        for (int vm = 0; m.vmids.rolls_n < rolls; vm++) {
            enter(&m, 0, vm % 100);
            put(&m, 0);
        }
        enter(&m, 2, 399);
        assert_int_equal(m.pes[2].vttbr_vmid, m.pes[1].vttbr_vmid);
        put(&m, 2);
        no_vmid_is_shared(&m);
    }
}

static void each_pe_takes_the_lock_once_after_a_roll_over(void **state)
{
    static struct machine m;

    (void)state;
    machine_init(&m, HYP_VMID_PER_PE, 6, 0);
    take_turns(&m, 64, 1);
    assert_int_equal(m.vmids.rolls_n, 1);
    for (unsigned pe = 1; pe < PES_N; pe++) {
        const unsigned locks_n = m.locks_n;

        assert_false(hyp_vmid_is_current(&m.vmids, pe, &m.vms[63]));
        enter(&m, pe, 63);
        enter(&m, pe, 63);
        assert_int_equal(m.locks_n, locks_n + 1);
    }
}

static void a_vm_that_is_scheduled_out_keeps_no_vmid_over_a_roll_over(void **state)
{
    static struct machine m;

    (void)state;
    machine_init(&m, HYP_VMID_PER_PE, 6, 0);
    enter(&m, 1, 399);
    enter(&m, 2, 398);
    put(&m, 1);
    take_turns(&m, 63, 1);
    assert_int_equal(m.vmids.rolls_n, 1);
    assert_int_equal(hyp_vmid_number(&m.vmids, &m.vms[61]), 1);
    assert_int_equal(hyp_vmid_number(&m.vmids, &m.vms[62]), 3);
}

static void a_vm_whose_vmid_is_free_after_a_roll_over_keeps_it(void **state)
{
    static struct machine m;

    (void)state;
    machine_init(&m, HYP_VMID_PER_PE, 6, 0);
    take_turns(&m, 63, 1);
    enter(&m, 0, 99);
    put(&m, 0);
    assert_int_equal(m.vmids.rolls_n, 1);
    assert_int_equal(hyp_vmid_number(&m.vmids, &m.vms[99]), 1);
    enter(&m, 0, 40);
    assert_int_equal(m.pes[0].vttbr_vmid, 41);
    enter(&m, 1, 0);
    assert_int_equal(m.pes[1].vttbr_vmid, 2);
}

static void a_current_vm_is_entered_without_the_lock(void **state)
{
    static struct machine m;

    (void)state;
    for (unsigned kind = 0; kind < HYP_VMID_KINDS_N; kind++) {
        machine_init(&m, kind, 8, 0);
        enter(&m, 0, 0);
        assert_int_equal(m.locks_n, 1);
        enter(&m, 0, 0);
        put(&m, 0);
        enter(&m, 0, 0);
        assert_int_equal(m.locks_n, 1);
        assert_false(hyp_vmid_is_current(&m.vmids, 0, &m.vms[1]));
    }
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(hyp_vmid_kind_name(HYP_VMID_SPIN), "spin");
    assert_string_equal(hyp_vmid_kind_name(HYP_VMID_PER_PE), "per-pe");
    assert_null(hyp_vmid_kind_name(HYP_VMID_KINDS_N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_live_vms_share_a_vmid),
        cmocka_unit_test(as_many_vms_as_vmids_never_roll_over),
        cmocka_unit_test(sixteen_bits_are_65535_vmids),
        cmocka_unit_test(more_vms_than_vmids_roll_over_once_for_255_entries),
        cmocka_unit_test(a_vmid_in_use_outlives_a_roll_over),
        cmocka_unit_test(a_vm_on_two_pes_has_one_vmid_over_many_roll_overs),
        cmocka_unit_test(each_pe_takes_the_lock_once_after_a_roll_over),
        cmocka_unit_test(a_vm_that_is_scheduled_out_keeps_no_vmid_over_a_roll_over),
        cmocka_unit_test(a_vm_whose_vmid_is_free_after_a_roll_over_keeps_it),
        cmocka_unit_test(a_current_vm_is_entered_without_the_lock),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
