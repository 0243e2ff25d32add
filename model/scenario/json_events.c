/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/json_events.c - what the host does to the memory, as JSON. */
#include "model/scenario/json_priv.h"

static const struct {
    const char *name, *word; /* word NULL: a map of a range */
} kinds[] = {
    [SCN_EVENT_COALESCE] = {"coalesce", NULL},
    [SCN_EVENT_SPLIT] = {"split", NULL},
    [SCN_EVENT_LOG_START] = {"dirty_log", "start"},
    [SCN_EVENT_LOG_GET] = {"dirty_log", "get"},
    [SCN_EVENT_LOG_CLEAR] = {"dirty_log", "clear"},
    [SCN_EVENT_LOG_STOP] = {"dirty_log", "stop"},
    [SCN_EVENT_UNMAP] = {"unmap", NULL},
    [SCN_EVENT_PROTECT] = {"protect", NULL},
    [SCN_EVENT_AGE] = {"age", NULL},
    [SCN_EVENT_SLOT_DELETE] = {"memslot", "delete"},
    [SCN_EVENT_SLOT_CREATE] = {"memslot", "create"},
    [SCN_EVENT_PREEMPT] = {"preempt_ns", NULL},
    [SCN_EVENT_MOVE] = {"move", NULL},
};

static void put_range(struct scn_json *j, const struct scn_event *e)
{
    scn_json_address(j, "ipa", e->ipa.v);
    scn_json_count(j, "size_bytes", e->bytes);
}

static void put_kind(struct scn_json *j, const struct scn_event *e)
{
    const char *name = kinds[e->kind].name;
    if (e->kind == SCN_EVENT_PREEMPT) {
        scn_json_ns(j, name, e->hold_ps);
        return;
    }
    if (kinds[e->kind].word) {
        scn_json_text(j, name, kinds[e->kind].word);
        put_range(j, e);
        return;
    }
    scn_json_open(j, name, '{');
    if (e->kind == SCN_EVENT_MOVE) {
        scn_json_count(j, "vcpu", e->vcpu);
        scn_json_count(j, "to", e->to);
        scn_json_close(j, '}');
        return;
    }
    put_range(j, e);
    if (e->kind == SCN_EVENT_COALESCE)
        scn_json_page(j, "block", e->block_shift);
    if (e->kind == SCN_EVENT_PROTECT)
        scn_json_text(j, "access", scn_memory_access_word(e->writable));
    scn_json_close(j, '}');
}

void scn_json_event(struct scn_json *j, const struct scn_event *e, const char *vm)
{
    scn_json_open(j, NULL, '{');
    scn_json_count(j, "line", e->pos.line);
    scn_json_text(j, "vm", vm);
    scn_json_ns(j, "at_ns", e->at_ps);
    scn_json_count(j, "after_accesses", e->after_accesses);
    put_kind(j, e);
    if (e->kind >= SCN_EVENT_LOG_START && e->kind <= SCN_EVENT_LOG_STOP)
        scn_json_bool(j, "manual", e->manual);
    scn_json_close(j, '}');
}
