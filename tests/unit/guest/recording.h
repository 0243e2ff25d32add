/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/recording.h - small recordings, one macro per line. */
#ifndef TESTS_UNIT_GUEST_RECORDING_H
#define TESTS_UNIT_GUEST_RECORDING_H

#include "model/guest/replay.h"
#include "tests/unit/walker/rows.h"

#include <errno.h>

#define SLOT_IPA UINT64_C(0x40000000)
#define SLOT_BYTES UINT64_C(0x400000)
#define PAGE_AT(n) (SLOT_IPA + UINT64_C(0x1000) * (n))

/* ESR_EL2 of a data abort: DFSC 0x07 translation level 3, 0x0e permission level 2. */
#define ESR_READ_T3 0x93c48007u
#define ESR_READ_T2 0x93c48006u
#define ESR_WRITE_P2 0x93c4804eu

#define TABLE_ENTRY UINT64_C(0x1529ea003)
#define LOCKED_ENTRY UINT64_C(0x400)

/* Lines of a recording; tid names the thread. */
#define SLOT_LINE(n, change_)                                                          \
    {                                                                                  \
        .kind = TRACE_MEMSLOT_COMMIT, .u.memslot = {                                   \
            .slot = (n),                                                               \
            .base_gfn = SLOT_IPA >> 12,                                                \
            .npages = SLOT_BYTES >> 12,                                                \
            .change = (change_)                                                        \
        }                                                                              \
    }
#define SLOT_CREATED(n) SLOT_LINE(n, 0)
#define SLOT_DELETED SLOT_LINE(0, 1)
#define RUN(tid_, vcpu_)                                                               \
    {                                                                                  \
        .kind = TRACE_VCPU_RUN, .tid = (tid_), .u.vcpu_run.vcpu = (vcpu_)              \
    }
#define ENTRY(tid_)                                                                    \
    {                                                                                  \
        .kind = TRACE_KVM_ENTRY, .tid = (tid_)                                         \
    }
#define EXIT(tid_)                                                                     \
    {                                                                                  \
        .kind = TRACE_KVM_EXIT, .tid = (tid_)                                          \
    }
#define FAULT(tid_, ipa_, esr_)                                                        \
    {                                                                                  \
        .kind = TRACE_GUEST_FAULT, .tid = (tid_), .u.guest_fault = {                   \
            .ipa = (ipa_),                                                             \
            .esr = (esr_)                                                              \
        }                                                                              \
    }
#define MAP(tid_)                                                                      \
    {                                                                                  \
        .kind = TRACE_S2_MAP, .tid = (tid_), .u.s2_map = {                             \
            .ipa = SLOT_IPA,                                                           \
            .size = 0x200000                                                           \
        }                                                                              \
    }
#define BREAK(tid_, old_)                                                              \
    {                                                                                  \
        .kind = TRACE_S2_BREAK, .tid = (tid_), .u.entry = {                            \
            .desc = (old_),                                                            \
            .level = 2                                                                 \
        }                                                                              \
    }
#define MAKE(tid_)                                                                     \
    {                                                                                  \
        .kind = TRACE_S2_MAKE, .tid = (tid_), .u.entry = {.level = 2 }                 \
    }
#define TLBI(tid_)                                                                     \
    {                                                                                  \
        .kind = TRACE_TLBI_VMID, .tid = (tid_)                                         \
    }
#define TLBI_IPA(tid_)                                                                 \
    {                                                                                  \
        .kind = TRACE_TLBI_VMID_IPA, .tid = (tid_)                                     \
    }
#define FREE_TABLE(tid_)                                                               \
    {                                                                                  \
        .kind = TRACE_S2_FREE_TABLE, .tid = (tid_)                                     \
    }
#define RET(tid_, ret_)                                                                \
    {                                                                                  \
        .kind = TRACE_S2_MAP_RET, .tid = (tid_), .u.ret.ret = (ret_)                   \
    }

/* What the host does; its thread is 9. */
#define HOST 9u
#define LOGGING_OF(slot_, flags_)                                                      \
    {                                                                                  \
        .kind = TRACE_MEMSLOT_COMMIT, .tid = HOST, .u.memslot = {                      \
            .slot = (slot_),                                                           \
            .base_gfn = SLOT_IPA >> 12,                                                \
            .npages = SLOT_BYTES >> 12,                                                \
            .new_flags = (flags_),                                                     \
            .change = 3                                                                \
        }                                                                              \
    }
#define LOGGING(flags_) LOGGING_OF(1, flags_)
#define RANGE_LINE(kind_, ipa_, size_)                                                 \
    {                                                                                  \
        .kind = (kind_), .tid = HOST, .u.range = {.ipa = (ipa_), .size = (size_) }     \
    }
#define PROTECT(ipa_, size_) RANGE_LINE(TRACE_S2_WRPROTECT, ipa_, size_)
#define UNMAP(ipa_, size_) RANGE_LINE(TRACE_S2_UNMAP, ipa_, size_)
#define MASKED(offset_, mask_)                                                         \
    {                                                                                  \
        .kind = TRACE_DIRTY_LOG_MASKED, .tid = HOST, .u.dirty_masked = {               \
            .base_gfn = SLOT_IPA >> 12,                                                \
            .gfn_offset = (offset_),                                                   \
            .mask = (mask_)                                                            \
        }                                                                              \
    }
#define SYNC                                                                           \
    {                                                                                  \
        .kind = TRACE_DIRTY_LOG_SYNC, .tid = HOST                                      \
    }
#define SLOT_FLUSHED                                                                   \
    {                                                                                  \
        .kind = TRACE_MEMSLOT_FLUSH, .tid = HOST, .u.memslot = {                       \
            .base_gfn = SLOT_IPA >> 12,                                                \
            .npages = SLOT_BYTES >> 12                                                 \
        }                                                                              \
    }

/* One attempt of a running vCPU, from its entry to the end of its handler. */
#define ATTEMPT(tid_, ipa_, esr_, size_, prot_, ret_)                                  \
    ENTRY(tid_), EXIT(tid_), FAULT(tid_, ipa_, esr_),                                  \
        {.kind = TRACE_S2_MAP,                                                         \
         .tid = (tid_),                                                                \
         .u.s2_map = {.ipa = (ipa_), .size = (size_), .prot = (prot_)}},               \
        RET(tid_, ret_)

/* replay_init() over the first n lines, numbered from 1. */
bool recording_replay(const struct trace_event *lines, size_t n, uint32_t slot,
                      uint32_t vcpus_n, struct replay *r, struct replay_error *err);

/* The same where it must succeed. */
void recording_replay_ok(const struct trace_event *lines, size_t n, uint32_t vcpus_n,
                         struct replay *r);

#endif
