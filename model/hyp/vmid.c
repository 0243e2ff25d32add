/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/vmid.h"

#include <assert.h>

#define WORD_BITS 64u

const char *hyp_vmid_kind_name(enum hyp_vmid_kind k)
{
    static const char *const names[] = {"spin", "per-pe"};

    return (unsigned)k < HYP_VMID_KINDS_N ? names[k] : NULL;
}

static uint32_t vmids_n(const struct hyp_vmids *v)
{
    return UINT32_C(1) << v->bits;
}

/* What is active on a PE that runs no vCPU: VMID 0 of the first generation.
 * Linux: VMID_ACTIVE_INVALID. */
static uint64_t none_active(const struct hyp_vmids *v)
{
    return vmids_n(v);
}

static uint32_t number_of(const struct hyp_vmids *v, uint64_t id)
{
    return (uint32_t)(id & (vmids_n(v) - 1));
}

static bool is_of_generation(const struct hyp_vmids *v, uint64_t id)
{
    return (id ^ v->generation) >> v->bits == 0;
}

static bool taken(const struct hyp_vmids *v, uint32_t n)
{
    return v->map[n / WORD_BITS] >> n % WORD_BITS & 1;
}

static void take(struct hyp_vmids *v, uint32_t n)
{
    v->map[n / WORD_BITS] |= UINT64_C(1) << n % WORD_BITS;
}

static void clear_map(struct hyp_vmids *v)
{
    for (uint32_t i = 0; i < vmids_n(v) / WORD_BITS; i++)
        v->map[i] = 0;
}

size_t hyp_vmids_bytes(unsigned bits, unsigned pes_n)
{
    return ((size_t)(UINT32_C(1) << bits) / WORD_BITS + 2 * (size_t)pes_n) *
           sizeof(uint64_t);
}

void hyp_vmids_init(struct hyp_vmids *v, void *mem, enum hyp_vmid_kind kind,
                    unsigned bits, unsigned pes_n, const struct hyp_vmid_ops *ops,
                    void *ctx)
{
    assert(bits >= 6 && bits <= 16 && pes_n < (1u << bits) - 1);
    *v = (struct hyp_vmids){.kind = kind,
                            .bits = bits,
                            .pes_n = pes_n,
                            .ops = ops,
                            .ctx = ctx,
                            .generation = UINT64_C(1) << bits,
                            .next = 1,
                            .map = mem};
    v->active = v->map + vmids_n(v) / WORD_BITS;
    v->reserved = v->active + pes_n;
    clear_map(v);
    for (unsigned i = 0; i < pes_n; i++)
        v->active[i] = v->reserved[i] = 0;
}

/* Linux: flush_context(). What is active stays taken in the new generation. */
static void keep_active(struct hyp_vmids *v)
{
    for (unsigned i = 0; i < v->pes_n; i++) {
        if (v->active[i] != 0)
            v->reserved[i] = v->active[i];
        v->active[i] = 0;
        take(v, number_of(v, v->reserved[i]));
    }
}

static void roll_over(struct hyp_vmids *v)
{
    v->generation += vmids_n(v);
    v->rolls_n++;
    clear_map(v);
    v->next = 1;
    if (v->kind == HYP_VMID_PER_PE)
        keep_active(v);
    else
        v->ops->exit_guests(v->ctx);
    v->ops->flush_all(v->ctx);
}

/* The first free VMID from v->next, at least 1, on; vmids_n() if there is none. */
static uint32_t find_free(const struct hyp_vmids *v)
{
    uint32_t n = v->next;

    while (n < vmids_n(v) && taken(v, n))
        n++;
    return n;
}

/* True if a PE kept id over the last roll-over: it is now_id from here on.
 * Linux: check_update_reserved_vmid(). */
static bool update_reserved(struct hyp_vmids *v, uint64_t id, uint64_t now_id)
{
    bool found = false;

    for (unsigned i = 0; i < v->pes_n; i++) {
        if (v->reserved[i] == id) {
            v->reserved[i] = now_id;
            found = true;
        }
    }
    return found;
}

/* Linux: new_vmid(). */
static uint64_t new_id(struct hyp_vmids *v, uint64_t id)
{
    uint32_t n = number_of(v, id);

    if (id != 0 && v->kind == HYP_VMID_PER_PE) {
        if (update_reserved(v, id, v->generation | n))
            return v->generation | n;
        if (!taken(v, n)) {
            take(v, n);
            return v->generation | n;
        }
    }
    n = find_free(v);
    if (n == vmids_n(v)) {
        roll_over(v);
        n = find_free(v);
    }
    take(v, n);
    v->next = n;
    return v->generation | n;
}

bool hyp_vmid_is_current(const struct hyp_vmids *v, unsigned pe,
                         const struct hyp_vmid *vm)
{
    return is_of_generation(v, vm->id) &&
           (v->kind == HYP_VMID_SPIN || v->active[pe] != 0);
}

bool hyp_vmid_enter(struct hyp_vmids *v, unsigned pe, struct hyp_vmid *vm)
{
    uint32_t before;

    assert(pe < v->pes_n);
    if (hyp_vmid_is_current(v, pe, vm)) {
        v->active[pe] = vm->id;
        return false;
    }
    v->ops->lock(v->ctx);
    before = number_of(v, vm->id);
    if (!is_of_generation(v, vm->id))
        vm->id = new_id(v, vm->id);
    v->active[pe] = vm->id;
    v->ops->unlock(v->ctx);
    return number_of(v, vm->id) != before;
}

void hyp_vmid_put(struct hyp_vmids *v, unsigned pe)
{
    assert(pe < v->pes_n);
    v->active[pe] = none_active(v);
}

uint16_t hyp_vmid_number(const struct hyp_vmids *v, const struct hyp_vmid *vm)
{
    return (uint16_t)number_of(v, vm->id);
}
