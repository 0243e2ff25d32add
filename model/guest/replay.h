/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay.h - the recorded order of a fault trace, as a turnstile.
 *
 * An attempt is one recorded run of the fault handler: kvm_guest_fault, s2_map or
 * s2_relax_perms, perhaps s2_break and s2_make, the return. Its steps form, with those
 * of all other attempts and with what the host did to the slot, one global order. A
 * vCPU of the model passes a step when all steps before it are over; what it finds
 * then, done or EAGAIN, is the model's decision.
 *
 * A probe prints at the entry of its function, so a line only bounds the moment:
 *  - the access that faulted came after the thread's last kvm_entry and before its
 *    kvm_exit;
 *  - an entry was read before s2_break (without one: before the thread's next line);
 *  - the compare-and-swap came after s2_break and before the thread's next line;
 *  - the store that ends it came after s2_make and before the thread's next line, the
 *    one that adds permissions after s2_relax_perms and before the thread's next line;
 *  - what has no line of its own (level 3, and all of it without the probes) happened
 *    between s2_map and its return, without these between kvm_guest_fault and
 * kvm_entry. Each is placed at the end of its interval, the access at the first moment
 * of its interval at which it meets the recorded fault. Where intervals overlap the
 * order of lines does not tell which came first: what the recording shows to have been
 * broken, or made, is then placed before the first line that shows it. breaks_inferred
 * counts those: their agreement with the recording is no evidence for the model. */
#ifndef MODEL_GUEST_REPLAY_H
#define MODEL_GUEST_REPLAY_H

#include "model/trace/trace.h"
#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a walker does to one entry. */
enum replay_act { REPLAY_LOOK, REPLAY_BREAK, REPLAY_MAKE, REPLAY_ACTS_N };

#define REPLAY_LEVELS_N 4

enum replay_step {
    REPLAY_ENTRY,  /* the guest runs from here on */
    REPLAY_EXIT,   /* the fault has been taken by now */
    REPLAY_MAP,    /* mmu_lock is taken for s2_map or s2_relax_perms */
    REPLAY_WALK_0, /* LOOK at level 0; BREAK, MAKE, LOOK at level 1, ... follow */
    REPLAY_RETURN = REPLAY_WALK_0 + REPLAY_LEVELS_N * REPLAY_ACTS_N,
    REPLAY_STEPS_N
};

/* The step in which a walker does this to the entry of a level. */
static inline enum replay_step replay_step_of(enum replay_act act, int level)
{
    return (enum replay_step)(REPLAY_WALK_0 + level * REPLAY_ACTS_N + (int)act);
}

/* How a recorded attempt ended. */
enum replay_how {
    REPLAY_WON,     /* broke a live entry and made the new one */
    REPLAY_LOCKED,  /* s2_break read the locked value */
    REPLAY_LOST,    /* s2_break read a live entry, another walker was first */
    REPLAY_FOUND,   /* EAGAIN without s2_break: nothing was left to do */
    REPLAY_MAPPED,  /* done without replacing a live entry */
    REPLAY_RELAXED, /* s2_relax_perms */
    REPLAY_NO_CALL, /* the handler returned before either, as after an MMU notifier */
    REPLAY_UNKNOWN, /* the recording has no such probes */
};

/* What happened in the handler; of a recording what its probes show. */
struct replay_deeds {
    uint8_t breaks, makes, frees, relaxations; /* makes: level < 3 */
    uint8_t tlbi_vmid, tlbi_ipa, tlbi_ipa_local;
};

struct replay_attempt {
    uint32_t line; /* of kvm_guest_fault */
    uint32_t vcpu;
    struct arch_ipa ipa;  /* of the page */
    struct arch_ipa leaf; /* first address of the leaf to install */
    uint64_t leaf_bytes;  /* 0: not recorded */
    bool writable;        /* the host lets the leaf be written; if leaf_bytes */
    uint8_t phase;        /* slot created 0, each change of its flags one more */
    enum arch_access access;
    struct arch_fault fault; /* as recorded */
    bool eagain;
    enum replay_how how;
    struct replay_deeds did;
    int8_t locked_level; /* of the entry that it read as locked, or -1 */
    bool order_inferred; /* one of its BREAKs was placed by the recorded outcome */
    bool last_of_access; /* the vCPU's next attempt is another page, or there is none */
    size_t next;         /* the same vCPU's next attempt, or SIZE_MAX */
    size_t make_line[REPLAY_LEVELS_N]; /* s2_make; event number, or SIZE_MAX */
    /* Index in the order. A step without a line of its own has that of the next one. */
    size_t step_at[REPLAY_STEPS_N];
};

enum replay_host_kind {
    REPLAY_LOG_ON,
    REPLAY_LOG_OFF,
    REPLAY_PROTECT, /* [ipa, ipa + bytes), then flush */
    REPLAY_CLEAR,   /* the pages of the masks, then flush */
    REPLAY_UNMAP,   /* [ipa, ipa + bytes) */
};

struct replay_mask {
    uint64_t first; /* page of the slot */
    uint64_t mask;
};

/* What the host did to the slot. */
struct replay_host_op {
    enum replay_host_kind kind;
    uint32_t line;
    uint32_t tid;
    struct arch_ipa ipa;
    uint64_t bytes;
    size_t mask_first, masks_n; /* of replay.masks */
    size_t step_at;
};

struct replay {
    struct replay_attempt *attempts; /* [attempts_n], in the order of kvm_guest_fault */
    size_t attempts_n;
    struct replay_host_op *host; /* [host_n], in order */
    size_t host_n;
    struct replay_mask *masks; /* [masks_n] */
    size_t masks_n;
    size_t *first; /* [vcpus_n] first attempt of a vCPU, or SIZE_MAX */
    uint32_t vcpus_n;
    struct arch_ipa ipa; /* of the slot */
    uint64_t bytes;
    uint64_t block_bytes;   /* of the largest leaf; the largest page if none is known */
    bool *over;             /* [steps_n] */
    size_t steps_n, cursor; /* all steps before cursor are over */
    uint64_t breaks_won, makes, tables_freed, relaxations; /* recorded */
    uint64_t tlbi_vmid, tlbi_ipa, tlbi_ipa_local;
    /* What the recording has probes for; the counts of the others are 0. */
    bool has_results, has_breaks, has_makes, has_frees, has_relaxations, has_tlbis;
    bool has_leaves;          /* s2_map: leaf_bytes and writable are as recorded */
    uint64_t left_out;        /* kvm_guest_fault outside the slot */
    uint64_t cut_off;         /* attempts without an end at the end of the recording */
    uint64_t breaks_inferred; /* order taken from the recorded outcome */
};

struct replay_error {
    uint32_t line; /* of the recording; 0: as a whole */
    char text[300];
};

/* What the recording alone does not say. */
struct replay_cfg {
    uint32_t slot; /* as memslot_commit numbers it */
    uint32_t vcpus_n;
    bool exclusive; /* one handler at a time holds mmu_lock */
    /* The slot, for a recording without memslot_commit. */
    struct arch_ipa ipa;
    uint64_t bytes;
};

/**
 * replay_init() - the attempts of one memslot.
 *
 * The replay begins at the first line and ends where the slot is deleted
 * (memslot_flush_shadow of it; without that probe the first memslot_commit with
 * change=1). Without vcpu_run a thread is the vCPU of its number in the order of
 * kvm_entry. False, with @err, if the slot never appears or never faults, if faults and
 * their ends do not match, or if there are more vCPUs than @cfg says.
 */
ARCH_MUST_USE bool replay_init(struct replay *r, const struct trace *t,
                               const struct replay_cfg *cfg, struct replay_error *err);
void replay_free(struct replay *r);

/* True if every step before this one is over. */
bool replay_may_pass(const struct replay *r, size_t attempt, enum replay_step step);
bool replay_host_may_pass(const struct replay *r, size_t op);

/* The attempt has passed step: it and the attempt's earlier steps are over; one that
 * has the place of a later step is over with that. Returns true if the cursor moved. */
bool replay_pass(struct replay *r, size_t attempt, enum replay_step step);
bool replay_host_pass(struct replay *r, size_t op);

#endif
