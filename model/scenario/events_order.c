/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/events_order.c - what an event needs of the events before and after
 * it: logs that were started, slots that are there, blocks that can be. */
#include "model/scenario/events_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <stdlib.h>

/* A memory region between two events. */
struct region {
    const struct scn_memory *m;
    const struct scn_node *deleted; /* by that event; NULL: it is there */
    bool logging, manual;
    bool got;          /* the log, since it was started */
    bool small;        /* leaves may be smaller than m->map_shift */
    bool blocks;       /* there may be blocks or groups */
    bool blocks_fault; /* a fault may make them */
};

struct order {
    const struct scn_reader *r;
    const struct scn_vm *vm;
    struct region *regions; /* [vm->memory_n] */
    struct scn *s;
};

static void init_region(struct region *at, const struct scn_memory *m,
                        unsigned page_shift)
{
    const bool faults = !m->mapped || m->pages_n;
    const bool backed = m->backing_shift > page_shift;
    *at = (struct region){.m = m,
                          .small = faults,
                          .blocks_fault = backed,
                          .blocks = m->map_shift > page_shift || (faults && backed)};
}

/* Faults map again, in whatever size fits. */
static void set_faulting(struct region *at)
{
    at->small = true;
    at->blocks = at->blocks || at->blocks_fault;
}

static bool refuse(const struct order *o, const struct scn_node *n, const char *hint,
                   const char *why)
{
    scn_err(o->r->diags, n, SCN_E_ORDER, hint, "%s", why);
    return false;
}

static bool order_log(const struct order *o, const struct scn_event_item *item,
                      struct region *at, struct scn_event *e)
{
    const bool start = e->kind == SCN_EVENT_LOG_START;
    if (start == at->logging)
        return refuse(o, item->node, start ? "stop it first" : "start it before",
                      start ? "logs a region that logs already"
                            : "needs a dirty_log: start of the region before it");
    if (e->kind == SCN_EVENT_LOG_CLEAR && !at->manual)
        return refuse(o, item->node, "add manual: true to dirty_log: start",
                      "needs a log with manual protection: without it, get protects");
    if (e->kind == SCN_EVENT_LOG_CLEAR && !at->got)
        return refuse(o, item->node, "",
                      "needs a dirty_log: get before it: it protects what that shows");
    if (start) {
        at->manual = e->manual;
        at->got = false;
    }
    at->got = at->got || e->kind == SCN_EVENT_LOG_GET;
    at->logging = e->kind != SCN_EVENT_LOG_STOP;
    e->manual = at->manual;
    set_faulting(at);
    return true;
}

static bool order_coalesce(const struct order *o, const struct scn_event_item *item,
                           struct region *at)
{
    char page[SCN_QUANTITY_TEXT_MAX];
    const struct scn_node *block = scn_node_get(item->node, "block");
    if (!at->small && item->event.block_shift <= at->m->map_shift) {
        scn_format_page(at->m->map_shift, page);
        scn_err(o->r->diags, block, SCN_E_BLOCK_SIZE,
                "a coalesce needs map < block <= backing",
                "%s is not larger than the region's map %s", block->text, page);
        return false;
    }
    at->blocks = true;
    return true;
}

static bool order_split(const struct order *o, const struct scn_event_item *item,
                        struct region *at)
{
    char page[SCN_QUANTITY_TEXT_MAX];
    if (!at->blocks) {
        scn_format_page(at->m->map_shift, page);
        scn_err(o->r->diags, item->node, SCN_E_BLOCK_SIZE,
                "a split needs a larger map, or a coalesce before it",
                "is of a region without blocks: its map is %s", page);
        return false;
    }
    at->small = true;
    return true;
}

static bool order_slot(const struct order *o, const struct scn_event_item *item,
                       struct region *at)
{
    if (item->event.kind == SCN_EVENT_SLOT_CREATE) {
        if (!at->deleted)
            return refuse(o, item->node, "",
                          "needs a memslot: delete of the region before it");
        at->deleted = NULL;
        return true;
    }
    at->deleted = item->node;
    at->logging = false;
    set_faulting(at);
    return true;
}

static bool order_one(const struct order *o, const struct scn_event_item *item,
                      struct region *at, struct scn_event *e)
{
    if (at->deleted && e->kind != SCN_EVENT_SLOT_CREATE)
        return refuse(o, item->node, "put it before the delete or after the create",
                      "is of a region whose slot is deleted at that time");
    switch (e->kind) {
    case SCN_EVENT_LOG_START:
    case SCN_EVENT_LOG_GET:
    case SCN_EVENT_LOG_CLEAR:
    case SCN_EVENT_LOG_STOP:
        return order_log(o, item, at, e);
    case SCN_EVENT_COALESCE:
        return order_coalesce(o, item, at);
    case SCN_EVENT_SPLIT:
        return order_split(o, item, at);
    case SCN_EVENT_SLOT_DELETE:
    case SCN_EVENT_SLOT_CREATE:
        return order_slot(o, item, at);
    case SCN_EVENT_UNMAP:
        set_faulting(at);
        return true;
    default:
        return true;
    }
}

static bool add(const struct order *o, const struct scn_event_item *item, size_t region)
{
    struct scn_event *e = &o->s->events[o->s->events_n++];
    *e = item->event;
    return order_one(o, item, &o->regions[region], e);
}

/* Ends the log of each region that logs. */
static bool add_every(const struct order *o, const struct scn_event_item *item)
{
    bool found = false;
    for (size_t i = 0; i < o->vm->memory_n; i++) {
        struct scn_event_item one = *item;
        if (!o->regions[i].logging)
            continue;
        one.event.ipa = o->regions[i].m->ipa;
        one.event.bytes = o->regions[i].m->bytes;
        found = add(o, &one, i);
    }
    return found || refuse(o, item->node, "start it before",
                           "needs a dirty_log: start before it");
}

static bool add_item(const struct order *o, const struct scn_event_item *item)
{
    const struct scn_event *e = &item->event;
    if (item->every_region)
        return add_every(o, item);
    if (e->kind == SCN_EVENT_PREEMPT || e->kind == SCN_EVENT_MOVE) {
        o->s->events[o->s->events_n++] = *e;
        return true;
    }
    return add(o, item,
               (size_t)(scn_memory_find(o->vm, e->ipa.v, e->bytes) - o->vm->memory));
}

/* vCPUs that fault on a deleted slot wait for its creation. */
static bool check_created(const struct order *o)
{
    for (size_t i = 0; i < o->vm->memory_n; i++)
        if (o->regions[i].deleted)
            return refuse(o, o->regions[i].deleted, "create it again",
                          "needs a memslot: create of the region after it");
    return true;
}

static bool order_vm(const struct scn_reader *r, const struct scn_event_item *items,
                     size_t n, struct scn *s, uint32_t vm)
{
    const struct scn_vm *at = &s->vms[vm];
    const struct order o = {.r = r,
                            .vm = at,
                            .regions = scn_calloc(at->memory_n, sizeof(*o.regions)),
                            .s = s};
    bool ok = true;
    for (size_t i = 0; i < at->memory_n; i++)
        init_region(&o.regions[i], &at->memory[i], at->vtcr.tg);
    for (size_t i = 0; i < n && ok; i++)
        ok = items[i].event.vm != vm || add_item(&o, &items[i]);
    ok = ok && check_created(&o);
    free(o.regions);
    return ok;
}

bool scn_order_events(const struct scn_reader *r, const struct scn_event_item *items,
                      size_t n, struct scn *s)
{
    bool ok = true;
    /* each event of every_region ends a log that another has started */
    s->events = scn_calloc(2 * n, sizeof(*s->events));
    for (uint32_t vm = 0; vm < s->vms_n && ok; vm++)
        ok = order_vm(r, items, n, s, vm);
    qsort(s->events, s->events_n, sizeof(*s->events), scn_event_order);
    return ok;
}
