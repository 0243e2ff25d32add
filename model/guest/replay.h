/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay.h - the recorded order of a fault trace, as a turnstile.
 *
 * An attempt is one recorded run of the fault handler: kvm_guest_fault, s2_map, perhaps
 * s2_break and s2_make, s2_map_ret. Its steps form, with those of all other attempts,
 * one global order. A vCPU of the model passes a step when all steps before it are
 * over; what it finds then, done or EAGAIN, is the model's decision.
 *
 * A probe prints at the entry of its function, so a line only bounds the moment:
 *  - the access that faulted came after the thread's last kvm_entry and before its
 *    kvm_exit;
 *  - the entry was read before s2_break (without one: before s2_map_ret);
 *  - the compare-and-swap came after s2_break and before the thread's next line.
 * The read and the compare-and-swap are placed at the end of their interval, the access
 * at the first moment of its interval at which it meets the recorded fault. Where the
 * intervals of two compare-and-swaps on one entry overlap, the order of lines does not
 * tell which came first: the one that the recording shows to have won (a TLBI follows)
 * is placed before the first line that shows its effect. breaks_inferred counts those:
 * their agreement with the recording is no evidence for the model. */
#ifndef MODEL_GUEST_REPLAY_H
#define MODEL_GUEST_REPLAY_H

#include "model/trace/trace.h"
#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum replay_step {
    REPLAY_ENTRY, /* the guest runs from here on */
    REPLAY_EXIT,  /* the fault has been taken by now */
    REPLAY_MAP,
    REPLAY_LOOK,
    REPLAY_BREAK,
    REPLAY_MAKE,
    REPLAY_RETURN,
    REPLAY_STEPS_N
};

/* How a recorded attempt ended. */
enum replay_how {
    REPLAY_WON,    /* broke a live entry and made the new one */
    REPLAY_LOCKED, /* s2_break read the locked value */
    REPLAY_LOST,   /* s2_break read a live entry, another walker was first */
    REPLAY_FOUND,  /* EAGAIN without s2_break: nothing was left to do */
    REPLAY_MAPPED, /* done without replacing a live entry */
};

struct replay_attempt {
    uint32_t line; /* of kvm_guest_fault */
    uint32_t vcpu;
    struct arch_ipa ipa;  /* of the page */
    struct arch_ipa leaf; /* s2_map: first address of the leaf to install */
    enum arch_access access;
    struct arch_fault fault; /* as recorded */
    bool eagain;
    enum replay_how how;
    bool order_inferred; /* its BREAK was placed by the recorded outcome */
    bool last_of_access; /* the vCPU's next attempt is another page, or there is none */
    size_t next;         /* the same vCPU's next attempt, or SIZE_MAX */
    size_t step_at[REPLAY_STEPS_N]; /* index in the order, or SIZE_MAX: no such line */
};

struct replay {
    struct replay_attempt *attempts; /* [attempts_n], in the order of kvm_guest_fault */
    size_t attempts_n;
    size_t *first; /* [vcpus_n] first attempt of a vCPU, or SIZE_MAX */
    uint32_t vcpus_n;
    bool *over;             /* [steps_n] */
    size_t steps_n, cursor; /* all steps before cursor are over */
    uint64_t breaks_won, makes, tables_freed, tlbi_vmid, tlbi_ipa; /* recorded */
    uint64_t left_out;        /* kvm_guest_fault outside the slot */
    uint64_t breaks_inferred; /* order taken from the recorded outcome */
};

struct replay_error {
    uint32_t line; /* of the recording; 0: as a whole */
    char text[300];
};

/**
 * replay_init() - the attempts of one memslot.
 * @slot: the slot as memslot_commit numbers it. The replay begins at the first line and
 *        ends at the first memslot_commit with change=1 (deleted).
 *
 * False, with @err, if a fault has no s2_map and s2_map_ret, a thread has no vcpu_run,
 * the vCPU number is not below @vcpus_n, or the slot never appears.
 */
ARCH_MUST_USE bool replay_init(struct replay *r, const struct trace *t, uint32_t slot,
                               uint32_t vcpus_n, struct replay_error *err);
void replay_free(struct replay *r);

/* True if every step before this one is over. A step without a line is never in the
 * way: true. */
bool replay_may_pass(const struct replay *r, size_t attempt, enum replay_step step);

/* The attempt has passed step: it and the attempt's earlier steps are over. Returns
 * true if the cursor moved. */
bool replay_pass(struct replay *r, size_t attempt, enum replay_step step);

#endif
