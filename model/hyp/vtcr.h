/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/vtcr.h - the VTCR_EL2 of a VM on PEs that are not all alike. */
#ifndef MODEL_HYP_VTCR_H
#define MODEL_HYP_VTCR_H

#include "walker/arch/features.h"
#include "walker/arch/status.h"
#include "walker/arch/vtcr.h"

/* Linux: KVM_PHYS_SHIFT, the IPA size of a VM that asks for none. */
#define HYP_IPA_BITS_DEFAULT 40u

/* Where HA, HD and PS come from. */
enum hyp_vtcr_policy {
    HYP_VTCR_PER_CPU, /* "per-cpu": each PE has what it implements. Linux 4.5 to 4.20:
                       * __init_stage2_translation(). From then on HA is set on every
                       * CPU, and one without it ignores it: kvm_get_vtcr() */
    HYP_VTCR_SYSTEM,  /* "system": each PE has what all implement: the sanitised ID
                       * registers. Linux from 4.20 on for PS alone */
    HYP_VTCR_POLICIES_N
};

const char *hyp_vtcr_policy_name(enum hyp_vtcr_policy p);

/* What of a PE limits HA, HD and PS. */
struct hyp_vtcr_limits {
    uint8_t pa_bits; /* PARange in bits */
    uint8_t hafdbs;  /* FEAT_HAFDBS: 0 none, 1 Access flag, 2 and dirty state */
};

struct hyp_vtcr_limits hyp_vtcr_limits_of(const struct arch_features *f);

/* What both have; folded over all PEs the value that is safe for the system. */
struct hyp_vtcr_limits hyp_vtcr_safe(struct hyp_vtcr_limits a,
                                     struct hyp_vtcr_limits b);

/* VTCR_EL2 of a VM within limits: HA and HD, as far as vm asks for them (HD needs HA),
 * and PS. vm: all other fields, which are the same on every PE. */
struct arch_vtcr hyp_vtcr_within(const struct arch_vtcr *vm,
                                 struct hyp_vtcr_limits limits);

/**
 * hyp_vtcr_on() - what PE number pe loads when it enters vm.
 * @pes: [pes_n], all PEs of the system.
 */
struct arch_vtcr hyp_vtcr_on(const struct arch_vtcr *vm, enum hyp_vtcr_policy policy,
                             const struct hyp_vtcr_limits *pes, unsigned pes_n,
                             unsigned pe);

/**
 * hyp_ipa_limit() - the largest IPA size of a VM, in bits.
 * @safe: of all PEs, whatever the policy.
 * @lpa2: FEAT_LPA2 is in use; with 4K and 16K 48 bits are the most without it.
 *
 * A VM above it is refused, one of HYP_IPA_BITS_DEFAULT too. Linux: kvm_ipa_limit.
 */
unsigned hyp_ipa_limit(struct hyp_vtcr_limits safe, enum arch_tg tg, bool lpa2);

#endif
