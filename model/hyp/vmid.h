/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/vmid.h - which VMID a VM has, and what happens when they run out.
 *
 * A VMID belongs to a generation. When none is left a new generation begins: every TLB
 * of the domain is flushed, and each VM gets a VMID anew when it is entered next. */
#ifndef MODEL_HYP_VMID_H
#define MODEL_HYP_VMID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hyp_vmid_kind {
    HYP_VMID_SPIN,   /* "spin": the next number under one lock; a roll-over makes every
                      * guest exit. Linux before 5.18: update_vmid() */
    HYP_VMID_PER_PE, /* "per-pe": VMIDs in use on a PE outlive a roll-over, so that no
                      * guest exits. Linux 5.18: kvm_arm_vmid_update() */
    HYP_VMID_KINDS_N
};

const char *hyp_vmid_kind_name(enum hyp_vmid_kind k);

/* ctx is handed to every operation. All of them may take simulated time. */
struct hyp_vmid_ops {
    /* One spin lock for all PEs. */
    void (*lock)(void *ctx);
    void (*unlock)(void *ctx);
    /* TLBI ALLE1IS; IC IALLUIS; DSB ISH; ISB. Linux: __kvm_flush_vm_context(). */
    void (*flush_all)(void *ctx);
    /* HYP_VMID_SPIN only: returns when every PE has left its guest. A PE enters again
     * by hyp_vmid_enter(), so not before unlock(). Linux: force_vm_exit(). */
    void (*exit_guests)(void *ctx);
};

/* The VMID of one VM; all 0 at first. Shared by its vCPUs. */
struct hyp_vmid {
    uint64_t id; /* generation | VMID; 0: none yet */
};

/* All members are private but rolls_n. */
struct hyp_vmids {
    enum hyp_vmid_kind kind;
    unsigned bits, pes_n;
    const struct hyp_vmid_ops *ops;
    void *ctx;
    uint64_t rolls_n;    /* roll-overs so far */
    uint64_t generation; /* a multiple of 1 << bits */
    uint32_t next;       /* VMID to try next */
    uint64_t *map;       /* [(1 << bits) / 64] VMIDs taken in this generation */
    uint64_t *active;    /* [pes_n] id in use; 0: a roll-over took it away */
    uint64_t *reserved;  /* [pes_n] id in use when the last roll-over came */
};

/* Bytes of memory, aligned for uint64_t, that hyp_vmids_init() needs. */
size_t hyp_vmids_bytes(unsigned bits, unsigned pes_n);

/**
 * hyp_vmids_init() - no VM has a VMID yet.
 * @mem:   hyp_vmids_bytes(bits, pes_n); must outlive v.
 * @bits:  6..16; architecture: 8, or 16 with VTCR_EL2.VS. VMID 0 is the host's.
 * @pes_n: less than 2^bits - 1.
 * @ops:   must outlive v.
 */
void hyp_vmids_init(struct hyp_vmids *v, void *mem, enum hyp_vmid_kind kind,
                    unsigned bits, unsigned pes_n, const struct hyp_vmid_ops *ops,
                    void *ctx);

/**
 * hyp_vmid_enter() - before pe enters a guest of vm.
 *
 * True if vm has another VMID than before. Other PEs learn of it by
 * hyp_vmid_number() alone: whenever that is not what their VTTBR_EL2 holds, they write
 * it anew. Takes the lock unless vm is current. If time passes between the return and
 * the guest's first instruction, hyp_vmid_is_current() must still hold then, else it is
 * called again. HYP_VMID_PER_PE: the VMID stays as it is while vm is on any PE, until
 * hyp_vmid_put().
 */
bool hyp_vmid_enter(struct hyp_vmids *v, unsigned pe, struct hyp_vmid *vm);

/* True if hyp_vmid_enter() would find nothing to do. Takes no time. */
bool hyp_vmid_is_current(const struct hyp_vmids *v, unsigned pe,
                         const struct hyp_vmid *vm);

/* The vCPU on pe is scheduled out (an exit alone is none): its VMID need not outlive a
 * roll-over any more. Linux: kvm_arm_vmid_clear_active(). */
void hyp_vmid_put(struct hyp_vmids *v, unsigned pe);

/* VTTBR_EL2.VMID; 0 before the first hyp_vmid_enter(). */
uint16_t hyp_vmid_number(const struct hyp_vmids *v, const struct hyp_vmid *vm);

#endif
