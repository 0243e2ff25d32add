/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/events.c - what the host does to the guest's memory, and when. */
#include "model/scenario/events_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <stdlib.h>

#define HINT_MAX 200
#define S UINT64_C(1000000000000)
#define TIMES_MAX UINT64_C(1000000000000)

static const char *log_word(unsigned i)
{
    static const char *const words[] = {"start", "get", "clear", "stop"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *memslot_word(unsigned i)
{
    static const char *const words[] = {"delete", "create"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *migration_word(unsigned i)
{
    return i == 0 ? "cancelled" : NULL;
}

/* The keys of an event. Of E_COALESCE to E_MOVE it has one, its kind. */
enum {
    E_AT,
    E_AFTER,
    E_VM,
    E_COALESCE,
    E_SPLIT,
    E_DIRTY_LOG,
    E_UNMAP,
    E_PROTECT,
    E_AGE,
    E_MEMSLOT,
    E_MIGRATION,
    E_PREEMPT,
    E_MOVE,
    E_IPA,
    E_MANUAL,
    E_KEYS_N
};

static const struct scn_key event_keys[E_KEYS_N] = {
    [E_AT] = {.name = "at", .type = SCN_T_TIME, .max = 1000 * S},
    [E_AFTER] = {.name = "after_accesses",
                 .type = SCN_T_COUNT,
                 .min = 1,
                 .max = TIMES_MAX},
    [E_VM] = {.name = "vm", .type = SCN_T_NAME},
    [E_COALESCE] = {.name = "coalesce", .type = SCN_T_MAP},
    [E_SPLIT] = {.name = "split", .type = SCN_T_MAP},
    [E_DIRTY_LOG] = {.name = "dirty_log", .type = SCN_T_WORD, .word = log_word},
    [E_UNMAP] = {.name = "unmap", .type = SCN_T_MAP},
    [E_PROTECT] = {.name = "protect", .type = SCN_T_MAP},
    [E_AGE] = {.name = "age", .type = SCN_T_MAP},
    [E_MEMSLOT] = {.name = "memslot", .type = SCN_T_WORD, .word = memslot_word},
    [E_MIGRATION] = {.name = "migration", .type = SCN_T_WORD, .word = migration_word},
    [E_PREEMPT] = {.name = "preempt", .type = SCN_T_TIME, .min = 1000, .max = S},
    [E_MOVE] = {.name = "move", .type = SCN_T_MAP},
    [E_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS},
    [E_MANUAL] = {.name = "manual", .type = SCN_T_BOOL},
};

/* ---- kinds with a range: coalesce, split, unmap, protect, age ---- */

enum { R_IPA, R_SIZE, R_EXTRA, R_KEYS_N };

static const struct scn_key range_keys[R_EXTRA] = {
    [R_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
    [R_SIZE] = {.name = "size",
                .type = SCN_T_SIZE,
                .need = SCN_REQUIRED,
                .min = 4096,
                .max = UINT64_C(1) << 48},
};
static const struct scn_key access_key = {.name = "access",
                                          .type = SCN_T_WORD,
                                          .need = SCN_REQUIRED,
                                          .word = scn_memory_access_word};

static bool check_aligned(const struct scn_reader *r, const struct scn_node *n,
                          uint64_t u, unsigned shift, const struct scn_vm *vm)
{
    char hint[HINT_MAX], page[SCN_QUANTITY_TEXT_MAX];
    uint64_t block = UINT64_C(1) << shift, down = u & ~(block - 1);
    if (u == down)
        return true;
    scn_format_page(shift, page);
    snprintf(hint, sizeof(hint), "use 0x%" PRIx64 " or 0x%" PRIx64, down, down + block);
    scn_err(r->diags, n, SCN_E_ALIGN, hint, "%s is not aligned to %s%s", n->text,
            shift > (unsigned)vm->vtcr.tg ? "block " : "", page);
    return false;
}

/* A block is one page of the host, or of a larger one; a group is any such that lie one
 * after the other, at the same distance from a multiple of its size. */
static bool check_backing(const struct scn_reader *r, const struct scn_val *v,
                          const struct scn_vm *vm, const struct scn_memory *m)
{
    char page[SCN_QUANTITY_TEXT_MAX];
    const unsigned shift = (unsigned)v[R_EXTRA].u;
    unsigned leaf = shift;
    if (scn_is_group(vm, shift)) {
        leaf = arch_level_shift(vm->vtcr.tg, arch_level_of_shift(vm->vtcr.tg, shift));
        scn_format_page(shift, page);
        if ((m->pa.v - m->ipa.v) % (UINT64_C(1) << shift) != 0) {
            scn_err(r->diags, v[R_EXTRA].node, SCN_E_ALIGN,
                    "change the region's pa, or leave it out",
                    "%s groups need memory whose IPA and PA are alike in the last %s",
                    page, page);
            return false;
        }
    }
    if (leaf <= m->backing_shift)
        return true;
    scn_format_page(m->backing_shift, page);
    scn_err(r->diags, v[R_EXTRA].node, SCN_E_BLOCK_SIZE,
            "a coalesce needs map < block <= backing",
            "%s is larger than the region's backing %s", v[R_EXTRA].node->text, page);
    return false;
}

/* Whether the host can do that to a memory region. */
static bool check_region(const struct scn_reader *r, const struct scn_node *map,
                         const struct scn_val *v, const struct scn_vm *vm,
                         enum scn_event_kind kind)
{
    const struct scn_memory *m = scn_memory_find(vm, v[R_IPA].u, v[R_SIZE].u);
    if (!m) {
        scn_err(r->diags, map, SCN_E_OUTSIDE_MEMORY, "",
                "is not inside one memory region of the VM");
        return false;
    }
    if (kind == SCN_EVENT_COALESCE && m->pages_n) {
        scn_err(r->diags, map, SCN_E_HOLES,
                "map the whole region, or let faults of the guest coalesce it",
                "covers a region that has `pages`");
        return false;
    }
    if (kind == SCN_EVENT_PROTECT && v[R_EXTRA].u != 0 && !m->writable) {
        scn_err(
            r->diags, v[R_EXTRA].node, SCN_E_READ_ONLY, "give that region access: rw",
            "would let the guest write to 0x%" PRIx64 ", which has access r", m->ipa.v);
        return false;
    }
    return kind != SCN_EVENT_COALESCE || check_backing(r, v, vm, m);
}

static bool read_range(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_vm *vm, enum scn_event_kind kind,
                       struct scn_event *e)
{
    const uint64_t page = UINT64_C(1) << vm->vtcr.tg;
    const struct scn_key block_key = {.name = "block",
                                      .type = SCN_T_PAGE,
                                      .need = SCN_REQUIRED,
                                      .min =
                                          (vm->leaf_sizes & ~page) | vm->group_sizes};
    struct scn_key keys[R_KEYS_N] = {range_keys[R_IPA], range_keys[R_SIZE]};
    struct scn_val v[R_KEYS_N] = {{.node = NULL}};
    const bool has_extra = kind == SCN_EVENT_COALESCE || kind == SCN_EVENT_PROTECT;
    keys[R_EXTRA] = kind == SCN_EVENT_COALESCE ? block_key : access_key;
    if (!scn_read_map(r, map, keys, has_extra ? R_KEYS_N : R_EXTRA, v))
        return false;
    const unsigned shift =
        kind == SCN_EVENT_COALESCE ? (unsigned)v[R_EXTRA].u : (unsigned)vm->vtcr.tg;
    e->ipa = arch_ipa(v[R_IPA].u);
    e->bytes = v[R_SIZE].u;
    e->block_shift = (uint8_t)(kind == SCN_EVENT_COALESCE ? shift : 0);
    e->writable = kind == SCN_EVENT_PROTECT && v[R_EXTRA].u != 0;
    return check_aligned(r, v[R_IPA].node, v[R_IPA].u, shift, vm) &&
           check_aligned(r, v[R_SIZE].node, v[R_SIZE].u, shift, vm) &&
           check_region(r, map, v, vm, kind);
}

/* ---- kinds of a whole region: dirty_log, memslot ---- */

static bool read_slot(const struct scn_reader *r, const struct scn_node *kind,
                      const struct scn_val *ipa, const struct scn_vm *vm,
                      struct scn_event *e)
{
    const struct scn_memory *m = &vm->memory[0];
    if (!ipa->node && vm->memory_n > 1) {
        scn_err(r->diags, kind, SCN_E_EXCLUSIVE, "add ipa: the start of a region",
                "does not say which of the %zu memory regions it is for", vm->memory_n);
        return false;
    }
    if (ipa->node)
        m = scn_memory_find(vm, ipa->u, 1);
    if (!m || (ipa->node && m->ipa.v != ipa->u)) {
        scn_err(r->diags, ipa->node, SCN_E_OUTSIDE_MEMORY, "",
                "%s is not the start of a memory region of the VM", ipa->node->text);
        return false;
    }
    e->ipa = m->ipa;
    e->bytes = m->bytes;
    return true;
}

/* ---- move ---- */

static bool read_move(const struct scn_reader *r, const struct scn_node *map,
                      const struct scn *s, const struct scn_vm *vm, struct scn_event *e)
{
    enum { VCPU, TO, KEYS_N };
    const struct scn_key keys[KEYS_N] = {
        [VCPU] = {.name = "vcpu",
                  .type = SCN_T_COUNT,
                  .need = SCN_REQUIRED,
                  .max = vm->vcpus_n - 1},
        [TO] = {.name = "to",
                .type = SCN_T_COUNT,
                .need = SCN_REQUIRED,
                .max = (s->pes_n ? s->pes_n : SCN_PES_MAX) - 1}};
    struct scn_val v[KEYS_N];
    if (!scn_read_map(r, map, keys, KEYS_N, v))
        return false;
    e->vcpu = (uint32_t)v[VCPU].u;
    e->to = (uint32_t)v[TO].u;
    return true;
}

/* ---- one event ---- */

/* The index of the key that is its kind, or 0 after an error. */
static unsigned find_kind(const struct scn_reader *r, const struct scn_node *n,
                          const struct scn_val *v)
{
    unsigned found = 0;
    for (unsigned i = E_COALESCE; i <= E_MOVE; i++) {
        if (!v[i].node)
            continue;
        if (found) {
            scn_err(r->diags, v[i].node, SCN_E_EXCLUSIVE, "make it an event of its own",
                    "and %s exclude each other", event_keys[found].name);
            return 0;
        }
        found = i;
    }
    if (!found)
        scn_err(r->diags, n, SCN_E_EXCLUSIVE,
                "accepted: coalesce, split, dirty_log, unmap, protect, age, memslot, "
                "migration, preempt, move",
                "does not say what happens");
    return found;
}

static bool check_keys(const struct scn_reader *r, const struct scn_val *v,
                       unsigned kind)
{
    const struct scn_node *ipa = v[E_IPA].node, *manual = v[E_MANUAL].node;
    if (ipa && kind != E_DIRTY_LOG && kind != E_MEMSLOT) {
        scn_err(r->diags, ipa, SCN_E_NO_EFFECT, "", "is of dirty_log and memslot only");
        return false;
    }
    if (manual && (kind != E_DIRTY_LOG || v[E_DIRTY_LOG].u != 0)) {
        scn_err(r->diags, manual, SCN_E_NO_EFFECT, "", "is of dirty_log: start only");
        return false;
    }
    return true;
}

/* How many accesses the guest makes in all, if that is known. */
static bool known_accesses(const struct scn_vm *vm, uint64_t *n)
{
    const struct guest_cfg *g = &vm->guest;
    *n = g->kind == GUEST_STEPS    ? g->steps_n
         : g->kind == GUEST_STREAM ? g->stream.accesses_n * vm->vcpus_n
                                   : 0;
    return g->kind == GUEST_STEPS || g->kind == GUEST_STREAM ||
           g->kind == GUEST_FLUSH || g->kind == GUEST_LITMUS || g->kind == GUEST_IDLE;
}

static bool check_when(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn_val *v, const struct scn *s,
                       const struct scn_vm *vm)
{
    uint64_t accesses;
    if (!v[E_AT].node && !v[E_AFTER].node) {
        scn_err(r->diags, n, SCN_E_EXCLUSIVE, "give at, after_accesses or both",
                "does not say when it happens");
        return false;
    }
    if (s->duration_ps && v[E_AT].u >= s->duration_ps) {
        scn_err(r->diags, v[E_AT].node, SCN_E_AFTER_END, "",
                "%s is not before run.duration", v[E_AT].node->text);
        return false;
    }
    if (v[E_AFTER].node && known_accesses(vm, &accesses) && v[E_AFTER].u > accesses) {
        scn_err(r->diags, v[E_AFTER].node, SCN_E_RANGE, "",
                "%s are more than the %" PRIu64 " accesses of the guest",
                v[E_AFTER].node->text, accesses);
        return false;
    }
    return true;
}

/* Its host thread is busy with the stages. */
static bool check_guest(const struct scn_reader *r, const struct scn_node *kind,
                        const struct scn_vm *vm, const struct scn_event *e)
{
    if (!scn_guest_has_stages(vm->guest.kind) || e->kind == SCN_EVENT_PREEMPT ||
        e->kind == SCN_EVENT_MOVE)
        return true;
    scn_err(r->diags, kind, SCN_E_UNSUPPORTED, "use the key host of kind: stages",
            "cannot be combined with kind: %s, whose host follows the stages",
            scn_guest_kind_word(vm->guest.kind));
    return false;
}

static bool read_kind(const struct scn_reader *r, const struct scn_val *v,
                      unsigned kind, const struct scn *s, const struct scn_vm *vm,
                      struct scn_event_item *item)
{
    static const enum scn_event_kind ranges[] = {[E_COALESCE] = SCN_EVENT_COALESCE,
                                                 [E_SPLIT] = SCN_EVENT_SPLIT,
                                                 [E_UNMAP] = SCN_EVENT_UNMAP,
                                                 [E_PROTECT] = SCN_EVENT_PROTECT,
                                                 [E_AGE] = SCN_EVENT_AGE};
    struct scn_event *e = &item->event;
    switch (kind) {
    case E_DIRTY_LOG:
        e->kind = (enum scn_event_kind)(SCN_EVENT_LOG_START + v[kind].u);
        e->manual = v[E_MANUAL].u != 0;
        return read_slot(r, v[kind].node, &v[E_IPA], vm, e);
    case E_MEMSLOT:
        e->kind = (enum scn_event_kind)(SCN_EVENT_SLOT_DELETE + v[kind].u);
        return read_slot(r, v[kind].node, &v[E_IPA], vm, e);
    case E_MIGRATION:
        e->kind = SCN_EVENT_LOG_STOP;
        item->every_region = true;
        return true;
    case E_PREEMPT:
        e->kind = SCN_EVENT_PREEMPT;
        e->hold_ps = v[kind].u;
        return true;
    case E_MOVE:
        e->kind = SCN_EVENT_MOVE;
        return read_move(r, v[kind].node, s, vm, e);
    default:
        e->kind = ranges[kind];
        return read_range(r, v[kind].node, vm, e->kind, e);
    }
}

static bool read_event(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn *s, struct scn_event_item *item)
{
    struct scn_val v[E_KEYS_N];
    if (!scn_read_map(r, n, event_keys, E_KEYS_N, v))
        return false;
    const unsigned kind = find_kind(r, n, v);
    int32_t vm = 0;
    if (!kind || !check_keys(r, v, kind) || !scn_find_vm(r, v[E_VM].node, s, &vm) ||
        !check_when(r, n, v, s, &s->vms[vm]))
        return false;
    item->node = v[kind].node;
    item->event = (struct scn_event){.pos = n->pos,
                                     .vm = (uint32_t)vm,
                                     .at_ps = v[E_AT].u,
                                     .after_accesses = v[E_AFTER].u};
    return read_kind(r, v, kind, s, &s->vms[vm], item) &&
           check_guest(r, item->node, &s->vms[vm], &item->event);
}

/* ---- all events ---- */

int scn_event_order(const void *a, const void *b)
{
    const struct scn_event *x = a, *y = b;
    if (x->at_ps != y->at_ps)
        return x->at_ps < y->at_ps ? -1 : 1;
    if (x->pos.line != y->pos.line)
        return x->pos.line < y->pos.line ? -1 : 1;
    if (x->pos.col != y->pos.col)
        return x->pos.col < y->pos.col ? -1 : 1;
    return (x->ipa.v > y->ipa.v) - (x->ipa.v < y->ipa.v);
}

static int item_order(const void *a, const void *b)
{
    return scn_event_order(&((const struct scn_event_item *)a)->event,
                           &((const struct scn_event_item *)b)->event);
}

bool scn_read_events(const struct scn_reader *r, const struct scn_node *list,
                     struct scn *s)
{
    bool ok = true;
    size_t n = 0;
    if (s->vms[0].guest.kind == GUEST_REPLAY) { /* the only VM */
        scn_err(r->diags, list, SCN_E_REPLAY, "",
                "cannot be combined with a replay: the recording says what happens");
        return false;
    }
    struct scn_event_item *items =
        scn_calloc(scn_node_children_n(list), sizeof(*items));
    for (const struct scn_node *child = list->children; child; child = child->next)
        ok = read_event(r, child, s, &items[n++]) && ok;
    qsort(items, n, sizeof(*items), item_order);
    ok = ok && scn_order_events(r, items, n, s);
    free(items);
    return ok;
}
