/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/flush.h - TLB maintenance after a change of stage 2.
 *
 * A TLBI by IPA removes entries that hold stage 2 alone; an entry that combines both
 * stages may keep the old translation. So every flush by IPA ends with VMALLE1: the
 * combined entries of the whole VMID go too, however few IPAs were named.
 * ArmARM: TLBI IPAS2E1, TLBI IPAS2E1NXS. Linux: arch/arm64/kvm/hyp/nvhe/tlb.c.
 *
 * Each routine begins with a DSB that orders the store to the entry before the TLBI and
 * ends with DSB; ISB. vm->cfg.repeat adds what a CPU with erratum 4118414 needs:
 * HYP_REPEAT_EACH issues each TLBI twice with a DSB ISH in between (Linux:
 * __TLBI_0(), __TLBI_1()), HYP_REPEAT_SYNC one TLBI VALE2IS; DSB ISH behind the last
 * DSB ISH (Linux since 2026: __tlbi_sync_s1ish_hyp()). */
#ifndef MODEL_HYP_FLUSH_H
#define MODEL_HYP_FLUSH_H

#include "model/hyp/stage2.h"

/* Everything of the VMID. Linux: __kvm_tlb_flush_vmid(). */
void hyp_flush_vmid(const struct hyp_vm *vm);

/* The leaf of level that maps ipa, with vm->cfg.ttl by its level hint.
 * Linux: __kvm_tlb_flush_vmid_ipa(). */
void hyp_flush_ipa(const struct hyp_vm *vm, struct arch_ipa ipa, int level);

/* The same on this PE only: enough where a stale entry of another PE does no more than
 * fault once again. Linux: __kvm_tlb_flush_vmid_ipa_nsh(), from 6.5 on. */
void hyp_flush_ipa_nsh(const struct hyp_vm *vm, struct arch_ipa ipa, int level);

/* After a TLB conflict abort: everything of the VMID on this PE, or with all everything
 * of EL1&0. ArmARM: I_JCCRT. */
void hyp_flush_conflict(const struct hyp_vm *vm, bool all);

/**
 * hyp_flush_entry() - all that the table entry of level at ipa led to, and the entry.
 * @ipa: the first address that the entry maps.
 *
 * By vm->cfg.tlbi:
 * HYP_TLBI_VMID:  hyp_flush_vmid(). Linux 6.2: stage2_try_break_pte().
 * HYP_TLBI_IPA:   IPAS2E1IS for each page, whatever leaves were mapped.
 * HYP_TLBI_RANGE: RIPAS2E1IS over all pages. Linux 6.6: kvm_tlb_flush_vmid_range(),
 *                 __kvm_tlb_flush_vmid_range().
 * No operation carries a level hint or is last-level: the sizes of the leaves are not
 * known, and walk caches hold the table entry.
 */
void hyp_flush_entry(const struct hyp_vm *vm, struct arch_ipa ipa, int level);

/* The same for all that [ipa, ipa + bytes) led to; both in pages, bytes > 0.
 * Linux: kvm_flush_remote_tlbs_range(), kvm_tlb_flush_vmid_range(). */
void hyp_flush_span(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes);

#endif
