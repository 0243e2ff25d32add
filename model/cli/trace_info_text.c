/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/trace_info_text.c - trace-info for people. */
#include "model/cli/trace_info_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S 1e9

static double percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void print_origin(const char *file, const struct trace_origin *o)
{
    const bool has_unit = o->digits > 0;

    printf("%s\n", file);
    printf("  recording   %s", trace_format_name(o->format));
    if (o->packing != TRACE_PLAIN)
        printf(", %s", trace_packing_name(o->packing));
    if (o->stored)
        printf(", imported from %s", o->source);
    printf("\n  kernel      %s\n", o->kernel[0] ? o->kernel : "not recorded");
    printf("  clock       %s%s\n", o->clock[0] ? o->clock : "not recorded",
           has_unit || o->records == 0 ? "" : ", without unit: 1 is taken as 1 ns");
    if (o->cpus_n > 0)
        printf("  CPUs        %" PRIu64 "\n", o->cpus_n);
    printf("  duration    %.6f s\n", (double)(o->last_ns - o->first_ns) / NS_PER_S);
    printf("  events      %" PRIu64 " in %" PRIu64 " lines\n", o->records, o->lines);
    printf("  lost        %s%" PRIu64 "\n", o->lost_unknown > 0 ? "at least " : "",
           o->lost);
}

static void print_vcpus(const struct trace_info *info)
{
    printf("\nvCPUs: %" PRIu32 " in %" PRIu32 " VMs\n", info->vcpus_n, info->vms_n);
    if (info->vcpus_n > 0)
        printf(
            "  VM  vCPU      thread  task              entries    faults    EAGAIN\n");
    for (size_t i = 0; i < info->threads_n; i++) {
        const struct info_thread *t = &info->threads[i];
        char vcpu[12] = "-";

        if (!t->is_vcpu)
            continue;
        if (t->vcpu >= 0)
            snprintf(vcpu, sizeof(vcpu), "%d", t->vcpu);
        printf("  %2d  %4s  %10" PRIu32 "  %-15s %9" PRIu64 " %9" PRIu64 " %9" PRIu64
               "\n",
               t->vm, vcpu, t->tid, t->task, t->entries, t->faults, t->eagain);
    }
}

static void print_types(const struct trace_info *info)
{
    for (int t = 0; t < INFO_TYPES_N; t++) {
        for (int l = 0; l < INFO_LEVELS; l++) {
            if (info->levels[t][l] == 0)
                continue;
            if (t == INFO_OTHER_TYPE)
                printf("  %-24s %9" PRIu64 "\n", info_type_name(t), info->levels[t][l]);
            else
                printf("  %-15s level %2d %9" PRIu64 "\n", info_type_name(t), l - 1,
                       info->levels[t][l]);
        }
    }
}

static void print_faults(const struct trace_info *info)
{
    printf("\nFaults: %" PRIu64 "\n", info->faults);
    for (int c = 0; c < INFO_CLASSES_N; c++) {
        if (info->classes[c] > 0)
            printf("  %-24s %9" PRIu64 " %5.1f %%\n", info_class_name(c),
                   info->classes[c], percent(info->classes[c], info->faults));
    }
    for (int a = 0; a < INFO_ACCESSES_N; a++) {
        if (info->accesses[a] > 0)
            printf("  %-24s %9" PRIu64 " %5.1f %%\n", info_access_name(a),
                   info->accesses[a], percent(info->accesses[a], info->faults));
    }
    print_types(info);
    if (info->attempts > 0)
        printf("  EAGAIN: %" PRIu64 " of %" PRIu64 " attempts, %.1f %%\n", info->eagain,
               info->attempts, percent(info->eagain, info->attempts));
    else if (info->faults > 0)
        printf("  EAGAIN: not recorded (no s2_map_ret)\n");
}

static void print_slots(const struct trace_info *info)
{
    if (info->slots_n > 0)
        printf(
            "\nMemslots:\n  VM  slot              ipa     MiB    faults    EAGAIN\n");
    for (size_t i = 0; i < info->slots_n; i++) {
        const struct info_slot *s = &info->slots[i];

        printf("  %2d  %4" PRIu32 " %#16" PRIx64 " %7" PRIu64 " %9" PRIu64 " %9" PRIu64
               "%s\n",
               info->threads[s->owner].vm, s->slot, s->base_gfn << 12, s->npages >> 8,
               s->faults, s->eagain, s->live ? "" : "  deleted");
    }
    if (info->left_out > 0)
        printf("  %" PRIu64 " events are left out: too many threads or memslots\n",
               info->left_out);
    if (info->slots_n > 0 && info->no_slot_faults > 0)
        printf("  in no memslot: %" PRIu64 " faults\n", info->no_slot_faults);
}

static void print_where(const struct trace_reader *r, const struct trace_info *info)
{
    struct info_block top[TRACE_INFO_TOP];
    struct info_storm storms[TRACE_INFO_STORMS];
    const size_t top_n = info_top_blocks(info, top, TRACE_INFO_TOP);
    const size_t storms_n = info_storms(info, &r->origin, storms, TRACE_INFO_STORMS);

    if (top_n > 0)
        printf("\nBlocks of %" PRIu64 " KiB with most faults, of %zu:\n",
               info->block_bytes >> 10, info->blocks_n);
    for (size_t i = 0; i < top_n; i++)
        printf("  %#16" PRIx64 " %9" PRIu64 " faults %9" PRIu64 " EAGAIN\n", top[i].ipa,
               top[i].faults, top[i].eagain);
    if (storms_n > 0)
        printf("\nBursts, at least %d times the mean rate:\n", INFO_STORM_FACTOR);
    for (size_t i = 0; i < storms_n; i++)
        printf("  at %.6f s for %.3f ms: %" PRIu64 " faults, %" PRIu64
               " EAGAIN, %u vCPUs, up to %.0f/s\n",
               (double)storms[i].begin_ns / NS_PER_S,
               (double)(storms[i].end_ns - storms[i].begin_ns) / 1e6, storms[i].faults,
               storms[i].eagain, storms[i].vcpus_n, storms[i].peak_per_s);
}

static void print_events(const struct trace_reader *r, const struct trace_info *info)
{
    const uint64_t *a = info->guest_accesses;
    const uint64_t bad = trace_not_understood(r);

    if (a[0] + a[1] + a[2] + a[3] > 0)
        printf("\nGuest accesses: %" PRIu64 " fetches, %" PRIu64 " loads, %" PRIu64
               " stores, %" PRIu64 " loads and stores\n",
               a[0], a[1], a[2], a[3]);
    printf("\nEvents:\n");
    for (uint32_t i = 0; i < r->tables.names_n; i++) {
        const struct trace_name *name = r->tables.name_list[i];

        printf("  %-32s %10" PRIu64, name->text, name->count);
        if (name->not_understood > 0)
            printf("  not understood: %" PRIu64, name->not_understood);
        putchar('\n');
    }
    printf("KVM events not understood: %" PRIu64 "\n", bad);
}

void trace_info_print(const char *file, const struct trace_reader *r,
                      const struct trace_info *info)
{
    print_origin(file, &r->origin);
    print_vcpus(info);
    print_faults(info);
    print_slots(info);
    print_where(r, info);
    print_events(r, info);
}
