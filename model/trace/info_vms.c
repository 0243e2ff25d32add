/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/info_vms.c - which vCPUs are of one VM.
 *
 * No KVM event names its VM. Threads of one process, or with one kernel address of
 * their tables, are of one VM; two threads with one vCPU number are of two. Where none
 * of that was recorded, a vCPU belongs with those whose thread numbers are next to its
 * own. */
#include "model/trace/info.h"

#include <stdlib.h>
#include <string.h>

/* Task names without their numbers: "CPU 0/KVM" and "CPU 1/KVM" are alike. */
static bool names_alike(const char *a, const char *b)
{
    static const char digits[] = "0123456789";

    for (;;) {
        a += strspn(a, digits);
        b += strspn(b, digits);
        if (*a != *b)
            return false;
        if (*a++ == '\0')
            return true;
        b++;
    }
}

static bool fit_together(const struct info_thread *a, const struct info_thread *b)
{
    if (a->vcpu >= 0 && a->vcpu == b->vcpu)
        return false;
    if (a->tgid != 0 && b->tgid != 0)
        return a->tgid == b->tgid;
    return names_alike(a->task, b->task) &&
           (a->mmu == 0 || b->mmu == 0 || a->mmu == b->mmu);
}

/* The VM below vms_n that t fits and whose threads are nearest; vms_n if none. */
static int vm_for(const struct trace_info *info, const struct info_thread *t, int vms_n)
{
    int best = vms_n;
    uint32_t best_distance = UINT32_MAX;

    for (int vm = 0; vm < vms_n; vm++) {
        uint32_t distance = UINT32_MAX;
        bool fits = true;

        for (size_t i = 0; i < info->threads_n && fits; i++) {
            const struct info_thread *other = &info->threads[i];
            const uint32_t gap = t->tid - other->tid;

            if (other->vm != vm || !other->is_vcpu)
                continue;
            fits = fit_together(t, other);
            distance = gap < distance ? gap : distance;
        }
        if (fits && distance < best_distance) {
            best = vm;
            best_distance = distance;
        }
    }
    return best;
}

/* The vCPU without VM and with the least thread number. */
static struct info_thread *next_vcpu(struct trace_info *info)
{
    struct info_thread *next = NULL;

    for (size_t i = 0; i < info->threads_n; i++) {
        struct info_thread *t = &info->threads[i];

        if (t->is_vcpu && t->vm < 0 && (next == NULL || t->tid < next->tid))
            next = t;
    }
    return next;
}

static void number_by_time(struct trace_info *info)
{
    int next = 0;

    for (uint32_t n = 0; n < info->vms_n; n++) {
        const struct info_thread *first = NULL;
        int vm;

        for (size_t i = 0; i < info->threads_n; i++) {
            const struct info_thread *t = &info->threads[i];

            if (t->vm >= (int)info->vms_n &&
                (first == NULL || t->first_ns < first->first_ns))
                first = t;
        }
        if (first == NULL)
            return;
        vm = first->vm;
        for (size_t i = 0; i < info->threads_n; i++) {
            if (info->threads[i].vm == vm)
                info->threads[i].vm = next;
        }
        next++;
    }
}

/* The VM of a thread that is no vCPU but commits memslots: of its process, else the one
 * whose vCPUs were created next. */
static int vm_of_owner(const struct trace_info *info, const struct info_thread *owner)
{
    int best = -1;
    uint32_t best_gap = UINT32_MAX;

    for (size_t i = 0; i < info->threads_n; i++) {
        const struct info_thread *t = &info->threads[i];
        const uint32_t gap = t->tid - owner->tid;

        if (!t->is_vcpu)
            continue;
        if (t->tgid != 0 && t->tgid == owner->tgid)
            return t->vm;
        if (gap < best_gap) {
            best_gap = gap;
            best = t->vm;
        }
    }
    return best;
}

void info_group_vms(struct trace_info *info)
{
    struct info_thread *t;

    while ((t = next_vcpu(info)) != NULL) {
        t->vm = vm_for(info, t, (int)info->vms_n);
        info->vms_n += t->vm == (int)info->vms_n;
    }
    for (size_t i = 0; i < info->threads_n; i++) {
        if (info->threads[i].vm >= 0)
            info->threads[i].vm += (int)info->vms_n;
    }
    number_by_time(info);
    for (size_t i = 0; i < info->slots_n; i++) {
        struct info_thread *owner = &info->threads[info->slots[i].owner];

        if (!owner->is_vcpu && owner->vm < 0)
            owner->vm = vm_of_owner(info, owner);
    }
}
