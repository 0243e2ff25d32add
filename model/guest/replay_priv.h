/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay_priv.h - what the parts of replay_init() share. Until
 * replay_place_steps() has run, step_at holds event numbers, of own lines only. */
#ifndef MODEL_GUEST_REPLAY_PRIV_H
#define MODEL_GUEST_REPLAY_PRIV_H

#include "model/guest/replay.h"

#define NONE SIZE_MAX
#define PAGE_SHIFT 12u
#define PAGE_BYTES (UINT64_C(1) << PAGE_SHIFT)
/* What s2_break prints of a locked entry. Linux: KVM_INVALID_PTE_LOCKED. */
#define LOCKED_ENTRY UINT64_C(0x400)

/* One thread of the recording, and the attempt that it is in the middle of. */
struct replay_thread {
    uint32_t tid, vcpu;
    bool is_vcpu;
    bool faulted, replaced; /* in the slot; another thread has faulted as vcpu since */
    size_t entry, exit;     /* event index of the last kvm_entry and kvm_exit */
    size_t attempt;         /* open attempt, or NONE */
    bool called;            /* s2_map or s2_relax_perms was seen */
    int break_level; /* the thread's next line bounds this compare-and-swap, ... */
    int make_level;  /* ... and this store; or -1 */
    size_t host_op;  /* its last, or NONE */
    bool op_is_open; /* its next lines may belong to it */
};

struct replay_builder {
    struct replay *r;
    const struct trace *t;
    const struct replay_cfg *cfg;
    struct replay_error *err;
    struct replay_thread *threads; /* [threads_n] */
    size_t threads_n, threads_cap, attempts_cap, host_cap, masks_cap;
    uint32_t vcpus_seen_n;
    bool slot_seen, logging, ended;
};

bool replay_fail(struct replay_builder *b, uint32_t line, const char *text);
bool replay_grow(void **array, size_t *cap, size_t n, size_t size);

static inline bool replay_in_slot(const struct replay_builder *b, uint64_t ipa)
{
    return b->slot_seen && ipa - b->r->ipa.v < b->r->bytes;
}

/* Bytes that an entry of level maps; 4K pages. */
static inline uint64_t replay_level_bytes(int level)
{
    return UINT64_C(1) << (PAGE_SHIFT + 9 * (unsigned)(3 - level));
}

/* Level of a leaf of bytes. */
static inline int replay_level_of(uint64_t bytes)
{
    int level = 3;

    while (level > 0 && replay_level_bytes(level) < bytes)
        level--;
    return level;
}

/* replay_host.c: a line that is not of an attempt. false: no memory. */
bool replay_host_line(struct replay_builder *b, struct replay_thread *th, size_t at);
/* A new slot is in force before its memslot_commit is printed, and the host holds
 * mmu_lock for writing: places its operations where attempts show them. */
void replay_place_host(struct replay_builder *b);

/* replay_order.c: turns event numbers into places in one order of all steps. */
bool replay_place_steps(struct replay_builder *b);

#endif
