/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/info.h - what a recording holds: vCPUs, faults, memslots, storms.
 *
 * Filled while the records pass; memory does not grow with the recording but with its
 * vCPUs, memslots and blocks, each up to a limit. */
#ifndef MODEL_TRACE_INFO_H
#define MODEL_TRACE_INFO_H

#include "model/trace/reader.h"

#define INFO_LEVELS 5 /* -1 to 3 */
#define INFO_VCPUS_MAX 4096
#define INFO_SLOTS_MAX 4096
#define INFO_SLICES 16384u

/* As far as the events tell: a fault whose outcome no probe shows is unknown. */
enum info_class {
    INFO_NEEDED,  /* it was mapped, or got its permission */
    INFO_WINDOW,  /* EAGAIN: it met the locked entry of a break */
    INFO_RACE,    /* EAGAIN: another vCPU had done the work or was at it */
    INFO_RETRY,   /* the same vCPU, page and access again after EAGAIN */
    INFO_MMIO,    /* no memslot: the access is emulated */
    INFO_FAILED,  /* another error than EAGAIN */
    INFO_UNKNOWN, /* no probe tells */
    INFO_CLASSES_N,
};

enum info_type {
    INFO_TRANSLATION,
    INFO_ACCESS_FLAG,
    INFO_PERMISSION,
    INFO_ADDRESS_SIZE,
    INFO_OTHER_TYPE, /* no level: column 0 */
    INFO_TYPES_N,
};

enum info_access {
    INFO_READ,
    INFO_WRITE,
    INFO_EXECUTE,
    INFO_TABLE_WALK, /* S1PTW */
    INFO_ACCESSES_N,
};

/* A thread with vCPU events; others only if they commit memslots. */
struct info_thread {
    uint32_t tid, tgid;
    char task[TRACE_TASK_BYTES];
    bool is_vcpu;
    int vcpu;     /* -1: not known */
    int vm;       /* after info_finish(): from 0; -1: none */
    uint64_t mmu; /* 0: not seen */
    uint64_t entries, exits, faults, eagain;
    uint64_t first_ns, last_ns;
    /* The fault that is being handled, and the one before. */
    bool open, locked, mmio, has_ret;
    int32_t ret;
    uint64_t page, last_page;
    enum info_access access, last_access;
    bool last_again;
};

struct info_slot {
    uint32_t owner; /* index of the thread that committed it */
    uint32_t slot;
    uint64_t base_gfn, npages;
    uint32_t flags;
    bool live;
    uint64_t created_ns, ended_ns;
    uint64_t faults, eagain;
};

struct info_block {
    uint64_t ipa; /* aligned to block_bytes */
    uint32_t owner;
    uint64_t faults, eagain;
};

/* Some time with its faults. */
struct info_slice {
    uint32_t faults, eagain;
    uint64_t vcpus; /* bit: index of the vCPU's thread, modulo 64 */
};

struct info_storm {
    uint64_t begin_ns, end_ns;
    uint64_t faults, eagain;
    unsigned vcpus_n;
    double peak_per_s;
};

struct trace_info {
    struct info_thread *threads; /* [threads_n] */
    size_t threads_n, threads_room;
    uint32_t thread_index[TRACE_BUCKETS]; /* by tid: index + 1 */
    uint32_t vcpus_n, vms_n;
    uint64_t faults; /* that were understood */
    uint64_t classes[INFO_CLASSES_N];
    uint64_t levels[INFO_TYPES_N][INFO_LEVELS];
    uint64_t accesses[INFO_ACCESSES_N];
    uint64_t attempts, eagain;  /* returns of s2_map and s2_relax_perms */
    uint64_t guest_accesses[4]; /* I, L, S, M of lackey */
    struct info_slot *slots;    /* [slots_n], also those that ended */
    size_t slots_n, slots_room;
    uint64_t left_out; /* events of threads, and memslots, past the limits */
    uint64_t no_slot_faults;
    struct info_block *blocks; /* [blocks_room], a hash table */
    size_t blocks_n, blocks_room;
    uint64_t block_bytes; /* 2 MiB, or more where blocks are many */
    struct info_slice slices[INFO_SLICES];
    uint64_t slice_ns, slices_from_ns;
    bool slices_begun;
};

ARCH_MUST_USE bool info_init(struct trace_info *info);
void info_free(struct trace_info *info);

/* The record() of a sink; ctx is a struct trace_info. */
bool info_record(void *ctx, const struct trace_record *r, struct trace_error *err);

/* After the last record: ends what is open and groups the vCPUs into VMs. */
void info_finish(struct trace_info *info);

/* The n blocks with most faults, most first; returns how many there are, <= n. */
size_t info_top_blocks(const struct trace_info *info, struct info_block *top, size_t n);

/* Slices in a row whose rate of faults is at least INFO_STORM_FACTOR times the mean of
 * the recording: the n with most faults, in order of time. */
#define INFO_STORM_FACTOR 4
#define INFO_STORM_FAULTS 16
size_t info_storms(const struct trace_info *info, const struct trace_origin *o,
                   struct info_storm *storms, size_t n);

const char *info_class_name(enum info_class c);
const char *info_type_name(enum info_type t);
const char *info_access_name(enum info_access a);

/* For the parts of info. */

/* Numbers vm of the threads, in the order in which VMs appear. */
void info_group_vms(struct trace_info *info);
void info_count_slice(struct trace_info *info, uint64_t time_ns, size_t thread,
                      bool eagain);
bool info_count_block(struct trace_info *info, uint64_t ipa, uint32_t owner, bool fault,
                      bool eagain);

#endif
