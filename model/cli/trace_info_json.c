/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/trace_info_json.c - trace-info --json. */
#include "model/cli/trace_info_priv.h"

#include <jansson.h>
#include <string.h>

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* kvm:EVENT and EVENT are one. */
static void add_to(json_t *object, const char *key, uint64_t n)
{
    const json_int_t before = json_integer_value(json_object_get(object, key));

    json_object_set_new(object, key, json_integer(before + (json_int_t)n));
}

static json_t *events(const struct trace_reader *r)
{
    json_t *all = json_object();

    for (uint32_t i = 0; i < r->tables.names_n; i++)
        add_to(all, r->tables.name_list[i]->event, r->tables.name_list[i]->count);
    return all;
}

static json_t *not_understood(const struct trace_reader *r)
{
    json_t *all = json_array();

    for (uint32_t i = 0; i < r->tables.names_n; i++) {
        const struct trace_name *name = r->tables.name_list[i];

        if (name->not_understood > 0)
            json_array_append_new(
                all, json_pack("{s:s, s:o, s:o, s:s}", "event", name->text, "count",
                               count(name->not_understood), "first_line",
                               count(name->first_line), "first", name->example));
    }
    return all;
}

static json_t *vcpus(const struct trace_info *info)
{
    json_t *all = json_array();

    for (size_t i = 0; i < info->threads_n; i++) {
        const struct info_thread *t = &info->threads[i];
        json_t *one;

        if (!t->is_vcpu)
            continue;
        one = json_pack("{s:i, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "vm", t->vm, "vcpu",
                        t->vcpu >= 0 ? json_integer(t->vcpu) : json_null(), "tid",
                        count(t->tid), "task", t->task, "entries", count(t->entries),
                        "exits", count(t->exits), "faults", count(t->faults), "eagain",
                        count(t->eagain));
        json_array_append_new(all, one);
    }
    return all;
}

static json_t *by_class(const struct trace_info *info)
{
    json_t *all = json_object();

    for (int c = 0; c < INFO_CLASSES_N; c++)
        json_object_set_new(all, info_class_name(c), count(info->classes[c]));
    return all;
}

static json_t *by_access(const struct trace_info *info)
{
    json_t *all = json_object();

    for (int a = 0; a < INFO_ACCESSES_N; a++)
        json_object_set_new(all, info_access_name(a), count(info->accesses[a]));
    return all;
}

static json_t *by_type(const struct trace_info *info)
{
    json_t *all = json_object();

    for (int t = 0; t < INFO_TYPES_N; t++) {
        json_t *levels = json_object();

        for (int l = 0; l < INFO_LEVELS; l++) {
            char key[16];

            snprintf(key, sizeof(key), "%d", l - 1);
            if (info->levels[t][l] > 0)
                json_object_set_new(levels, t == INFO_OTHER_TYPE ? "none" : key,
                                    count(info->levels[t][l]));
        }
        json_object_set_new(all, info_type_name(t), levels);
    }
    return all;
}

static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
    return json_string(text);
}

static json_t *slots(const struct trace_info *info)
{
    json_t *all = json_array();

    for (size_t i = 0; i < info->slots_n; i++) {
        const struct info_slot *s = &info->slots[i];

        json_array_append_new(
            all, json_pack("{s:i, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "vm",
                           info->threads[s->owner].vm, "slot", count(s->slot), "ipa",
                           hex(s->base_gfn << 12), "bytes", count(s->npages << 12),
                           "flags", count(s->flags), "live_at_end", s->live, "faults",
                           count(s->faults), "eagain", count(s->eagain)));
    }
    return all;
}

static json_t *top_blocks(const struct trace_info *info)
{
    struct info_block top[TRACE_INFO_TOP];
    const size_t n = info_top_blocks(info, top, TRACE_INFO_TOP);
    json_t *all = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, json_pack("{s:o, s:o, s:o}", "ipa", hex(top[i].ipa),
                                             "faults", count(top[i].faults), "eagain",
                                             count(top[i].eagain)));
    return all;
}

static json_t *bursts(const struct trace_reader *r, const struct trace_info *info)
{
    struct info_storm found[TRACE_INFO_STORMS];
    const size_t n = info_storms(info, &r->origin, found, TRACE_INFO_STORMS);
    json_t *all = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            all, json_pack("{s:o, s:o, s:o, s:o, s:i, s:f}", "begin_ns",
                           count(found[i].begin_ns), "end_ns", count(found[i].end_ns),
                           "faults", count(found[i].faults), "eagain",
                           count(found[i].eagain), "vcpus", (int)found[i].vcpus_n,
                           "peak_per_s", found[i].peak_per_s));
    return all;
}

static json_t *text_or_null(const char *text)
{
    return *text != '\0' ? json_string(text) : json_null();
}

static void add_origin(json_t *all, const struct trace_origin *o)
{
    json_object_set_new(all, "stored", json_boolean(o->stored));
    json_object_set_new(all, "source", json_string(o->source));
    json_object_set_new(all, "format", json_string(trace_format_name(o->format)));
    json_object_set_new(all, "packing", json_string(trace_packing_name(o->packing)));
    json_object_set_new(all, "kernel", text_or_null(o->kernel));
    json_object_set_new(all, "clock", text_or_null(o->clock));
    json_object_set_new(all, "cpus", o->cpus_n > 0 ? count(o->cpus_n) : json_null());
    json_object_set_new(all, "lines", count(o->lines));
    json_object_set_new(all, "continuation_lines", count(o->continuation_lines));
    json_object_set_new(all, "records", count(o->records));
    json_object_set_new(all, "first_ns", count(o->first_ns));
    json_object_set_new(all, "duration_ns", count(o->last_ns - o->first_ns));
    json_object_set_new(all, "lost", count(o->lost));
    json_object_set_new(all, "lost_marks", count(o->lost_marks));
    json_object_set_new(all, "lost_at_least", json_boolean(o->lost_unknown > 0));
}

void trace_info_print_json(const char *file, const struct trace_reader *r,
                           const struct trace_info *info)
{
    static const char *const accesses[] = {"fetch", "load", "store", "modify"};
    json_t *all = json_object();
    json_t *names = events(r);
    json_t *stream = json_object();

    json_object_set_new(all, "file", json_string(file));
    add_origin(all, &r->origin);
    json_object_set_new(all, "vms", json_integer(info->vms_n));
    json_object_set_new(all, "vcpus", json_integer(info->vcpus_n));
    json_object_set_new(all, "vcpu_list", vcpus(info));
    json_object_set_new(
        all, "faults",
        count((uint64_t)json_integer_value(json_object_get(names, "kvm_guest_fault"))));
    json_object_set_new(all, "faults_by_class", by_class(info));
    json_object_set_new(all, "faults_by_access", by_access(info));
    json_object_set_new(all, "faults_by_type", by_type(info));
    json_object_set_new(all, "attempts", count(info->attempts));
    json_object_set_new(all, "eagain", count(info->eagain));
    json_object_set_new(all, "eagain_share",
                        info->attempts > 0
                            ? json_real((double)info->eagain / (double)info->attempts)
                            : json_null());
    json_object_set_new(all, "slots", slots(info));
    json_object_set_new(all, "faults_in_no_slot", count(info->no_slot_faults));
    json_object_set_new(all, "left_out", count(info->left_out));
    json_object_set_new(all, "block_bytes", count(info->block_bytes));
    json_object_set_new(all, "blocks", count(info->blocks_n));
    json_object_set_new(all, "top_blocks", top_blocks(info));
    json_object_set_new(all, "bursts", bursts(r, info));
    for (int i = 0; i < 4; i++)
        json_object_set_new(stream, accesses[i], count(info->guest_accesses[i]));
    json_object_set_new(all, "guest_accesses", stream);
    json_object_set_new(all, "events", names);
    json_object_set_new(all, "not_understood", count(trace_not_understood(r)));
    json_object_set_new(all, "not_understood_list", not_understood(r));
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}
