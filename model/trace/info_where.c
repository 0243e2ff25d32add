/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/info_where.c - where in memory and when faults are many. */
#include "model/trace/info.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX ((size_t)1 << 18)
#define NS_PER_S 1e9

/* A slot of the table for this block: its own, or a free one. */
static struct info_block *find(struct info_block *blocks, size_t room, uint64_t ipa,
                               uint32_t owner)
{
    uint64_t h = (ipa >> 12) * UINT64_C(0x9e3779b97f4a7c15) + owner;

    h ^= h >> 29;
    for (size_t i = h % room;; i = (i + 1) % room) {
        struct info_block *b = &blocks[i];

        if ((b->faults == 0 && b->eagain == 0) || (b->ipa == ipa && b->owner == owner))
            return b;
    }
}

/* The same counts in a table of another size or of larger blocks. */
static bool rebuild(struct trace_info *info, size_t room, uint64_t block_bytes)
{
    struct info_block *blocks = calloc(room, sizeof(*blocks));

    if (blocks == NULL)
        return false;
    info->blocks_n = 0;
    for (size_t i = 0; i < info->blocks_room; i++) {
        const struct info_block *from = &info->blocks[i];
        const uint64_t ipa = from->ipa & ~(block_bytes - 1);
        struct info_block *to;

        if (from->faults == 0 && from->eagain == 0)
            continue;
        to = find(blocks, room, ipa, from->owner);
        info->blocks_n += to->faults == 0 && to->eagain == 0;
        to->ipa = ipa;
        to->owner = from->owner;
        to->faults += from->faults;
        to->eagain += from->eagain;
    }
    free(info->blocks);
    info->blocks = blocks;
    info->blocks_room = room;
    info->block_bytes = block_bytes;
    return true;
}

bool info_count_block(struct trace_info *info, uint64_t ipa, uint32_t owner, bool fault,
                      bool eagain)
{
    struct info_block *b;

    while (2 * info->blocks_n >= info->blocks_room) {
        if (info->blocks_room < 2 * BLOCKS_MAX
                ? !rebuild(info, 2 * info->blocks_room, info->block_bytes)
                : !rebuild(info, info->blocks_room, 2 * info->block_bytes))
            return false;
    }
    ipa &= ~(info->block_bytes - 1);
    b = find(info->blocks, info->blocks_room, ipa, owner);
    info->blocks_n += b->faults == 0 && b->eagain == 0;
    b->ipa = ipa;
    b->owner = owner;
    b->faults += fault;
    b->eagain += eagain;
    return true;
}

static bool before(const struct info_block *a, const struct info_block *b)
{
    if (a->faults != b->faults)
        return a->faults > b->faults;
    return a->ipa != b->ipa ? a->ipa < b->ipa : a->owner < b->owner;
}

size_t info_top_blocks(const struct trace_info *info, struct info_block *top, size_t n)
{
    size_t top_n = 0;

    for (size_t i = 0; i < info->blocks_room; i++) {
        const struct info_block *b = &info->blocks[i];
        size_t at = top_n;

        if (b->faults == 0)
            continue;
        while (at > 0 && before(b, &top[at - 1]))
            at--;
        if (at == n)
            continue;
        top_n += top_n < n;
        memmove(&top[at + 1], &top[at], (top_n - at - 1) * sizeof(*top));
        top[at] = *b;
    }
    return top_n;
}

static void halve(struct trace_info *info)
{
    for (unsigned i = 0; i < INFO_SLICES / 2; i++) {
        const struct info_slice a = info->slices[2 * i];
        const struct info_slice b = info->slices[2 * i + 1];

        info->slices[i] = (struct info_slice){a.faults + b.faults, a.eagain + b.eagain,
                                              a.vcpus | b.vcpus};
    }
    memset(&info->slices[INFO_SLICES / 2], 0, sizeof(info->slices) / 2);
    info->slice_ns *= 2;
}

void info_count_slice(struct trace_info *info, uint64_t time_ns, size_t thread,
                      bool eagain)
{
    struct info_slice *slice;

    if (!info->slices_begun) {
        info->slices_begun = true;
        info->slices_from_ns = time_ns;
    }
    /* Lines of two CPUs may be swapped, by little. */
    if (time_ns < info->slices_from_ns)
        time_ns = info->slices_from_ns;
    while ((time_ns - info->slices_from_ns) / info->slice_ns >= INFO_SLICES)
        halve(info);
    slice = &info->slices[(time_ns - info->slices_from_ns) / info->slice_ns];
    slice->faults += !eagain;
    slice->eagain += eagain;
    slice->vcpus |= UINT64_C(1) << thread % 64;
}

/* The storm that begins at slice *at or later; false: there is none. */
static bool next_storm(const struct trace_info *info, double least, unsigned *at,
                       struct info_storm *storm)
{
    unsigned i = *at;
    uint64_t vcpus = 0;

    while (i < INFO_SLICES && info->slices[i].faults < least)
        i++;
    if (i == INFO_SLICES)
        return false;
    memset(storm, 0, sizeof(*storm));
    storm->begin_ns = info->slices_from_ns + i * info->slice_ns;
    for (; i < INFO_SLICES && info->slices[i].faults >= least; i++) {
        const double rate = info->slices[i].faults * NS_PER_S / (double)info->slice_ns;

        storm->faults += info->slices[i].faults;
        storm->eagain += info->slices[i].eagain;
        storm->peak_per_s = rate > storm->peak_per_s ? rate : storm->peak_per_s;
        vcpus |= info->slices[i].vcpus;
    }
    storm->end_ns = info->slices_from_ns + i * info->slice_ns;
    storm->vcpus_n = (unsigned)__builtin_popcountll(vcpus);
    *at = i;
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct info_storm *x = a;
    const struct info_storm *y = b;

    return x->begin_ns < y->begin_ns ? -1 : x->begin_ns > y->begin_ns;
}

size_t info_storms(const struct trace_info *info, const struct trace_origin *o,
                   struct info_storm *storms, size_t n)
{
    const double duration = (double)(o->last_ns - o->first_ns) + 1;
    const double mean =
        (double)info->faults * (double)info->slice_ns / duration; /* of a slice */
    const double least = mean * INFO_STORM_FACTOR > INFO_STORM_FAULTS
                             ? mean * INFO_STORM_FACTOR
                             : INFO_STORM_FAULTS;
    size_t storms_n = 0;
    struct info_storm storm;

    for (unsigned at = 0; n > 0 && next_storm(info, least, &at, &storm);) {
        size_t least_at = 0;

        if (storms_n < n) {
            storms[storms_n++] = storm;
            continue;
        }
        for (size_t i = 1; i < n; i++)
            least_at = storms[i].faults < storms[least_at].faults ? i : least_at;
        if (storm.faults > storms[least_at].faults)
            storms[least_at] = storm;
    }
    qsort(storms, storms_n, sizeof(*storms), by_time);
    return storms_n;
}
