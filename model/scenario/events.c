/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/events.c - what the host does to the guest's memory, and when. */
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <stdlib.h>

#define HINT_MAX 200
#define S UINT64_C(1000000000000)

enum { C_IPA, C_SIZE, C_BLOCK, C_KEYS_N };

static const struct scn_key coalesce_keys[C_KEYS_N] = {
    [C_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
    [C_SIZE] = {.name = "size",
                .type = SCN_T_SIZE,
                .need = SCN_REQUIRED,
                .min = 4096,
                .max = UINT64_C(1) << 48},
    [C_BLOCK] = {.name = "block",
                 .type = SCN_T_PAGE,
                 .need = SCN_REQUIRED,
                 .min = UINT64_C(1) << 21 | UINT64_C(1) << 30},
};

static bool check_aligned(const struct scn_reader *r, const struct scn_node *n,
                          uint64_t u, unsigned shift)
{
    char hint[HINT_MAX], page[SCN_QUANTITY_TEXT_MAX];
    uint64_t block = UINT64_C(1) << shift, down = u & ~(block - 1);
    if (u == down)
        return true;
    scn_format_page(shift, page);
    snprintf(hint, sizeof(hint), "use 0x%" PRIx64 " or 0x%" PRIx64, down, down + block);
    scn_err(r->diags, n, SCN_E_ALIGN, hint, "%s is not aligned to block %s", n->text,
            page);
    return false;
}

/* Whether the host thread can make blocks of a memory region. */
static bool check_memory(const struct scn_reader *r, const struct scn_node *map,
                         const struct scn_val *v, const struct scn_vm *vm)
{
    const struct scn_memory *m = scn_memory_find(vm, v[C_IPA].u, v[C_SIZE].u);
    char page[SCN_QUANTITY_TEXT_MAX];
    if (!m) {
        scn_err(r->diags, map, SCN_E_OUTSIDE_MEMORY, "",
                "is not inside one memory region of the VM");
        return false;
    }
    if (m->pages_n) {
        scn_err(r->diags, map, SCN_E_HOLES,
                "map the whole region, or let faults of the guest coalesce it",
                "covers a region that has `pages`");
        return false;
    }
    if (v[C_BLOCK].u > m->backing_shift || v[C_BLOCK].u <= m->map_shift) {
        bool large = v[C_BLOCK].u > m->backing_shift;
        scn_format_page(large ? m->backing_shift : m->map_shift, page);
        scn_err(r->diags, v[C_BLOCK].node, SCN_E_BLOCK_SIZE,
                "a coalesce needs map < block <= backing", "%s is %s %s",
                v[C_BLOCK].node->text,
                large ? "larger than the region's backing"
                      : "not larger than the region's map",
                page);
        return false;
    }
    return true;
}

static bool read_coalesce(const struct scn_reader *r, const struct scn_node *map,
                          const struct scn_vm *vm, struct scn_event *e)
{
    struct scn_val v[C_KEYS_N];
    if (!scn_read_map(r, map, coalesce_keys, C_KEYS_N, v) ||
        !check_aligned(r, v[C_IPA].node, v[C_IPA].u, (unsigned)v[C_BLOCK].u) ||
        !check_aligned(r, v[C_SIZE].node, v[C_SIZE].u, (unsigned)v[C_BLOCK].u) ||
        !check_memory(r, map, v, vm))
        return false;
    e->ipa = arch_ipa(v[C_IPA].u);
    e->bytes = v[C_SIZE].u;
    e->block_shift = (uint8_t)v[C_BLOCK].u;
    return true;
}

static bool read_event(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn *s, struct scn_event *e)
{
    enum { AT, COALESCE };
    static const struct scn_key keys[] = {
        [AT] = {.name = "at",
                .type = SCN_T_TIME,
                .need = SCN_REQUIRED,
                .max = 1000 * S},
        [COALESCE] = {.name = "coalesce", .type = SCN_T_MAP, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (s->duration_ps && v[AT].u >= s->duration_ps) {
        scn_err(r->diags, v[AT].node, SCN_E_AFTER_END, "",
                "%s is not before run.duration", v[AT].node->text);
        return false;
    }
    *e =
        (struct scn_event){.pos = n->pos, .kind = SCN_EVENT_COALESCE, .at_ps = v[AT].u};
    return read_coalesce(r, v[COALESCE].node, &s->vm, e);
}

/* By time; of one time in file order, which positions tell. */
static int by_time(const void *a, const void *b)
{
    const struct scn_event *x = a, *y = b;
    if (x->at_ps != y->at_ps)
        return x->at_ps < y->at_ps ? -1 : 1;
    if (x->pos.line != y->pos.line)
        return x->pos.line < y->pos.line ? -1 : 1;
    return (x->pos.col > y->pos.col) - (x->pos.col < y->pos.col);
}

bool scn_read_events(const struct scn_reader *r, const struct scn_node *list,
                     struct scn *s)
{
    bool ok = true;
    if (s->vm.guest.kind == GUEST_REPLAY) {
        scn_err(r->diags, list, SCN_E_REPLAY, "",
                "cannot be combined with a replay: the recording says what happens");
        return false;
    }
    if (s->pes_n <= s->vm.vcpus_n) {
        scn_err(r->diags, list, SCN_E_PES, "raise pes",
                "needs a PE for the host thread: pes %" PRIu32 " is not above vcpus "
                "%" PRIu32,
                s->pes_n, s->vm.vcpus_n);
        ok = false;
    }
    s->events = scn_calloc(scn_node_children_n(list), sizeof(*s->events));
    for (const struct scn_node *n = list->children; n; n = n->next)
        ok = read_event(r, n, s, &s->events[s->events_n++]) && ok;
    qsort(s->events, s->events_n, sizeof(*s->events), by_time);
    return ok;
}
