/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/trace.h - recorded KVM events, in the order of the recording.
 *
 * An importer turns a text into one array of trace_event; nothing here interprets
 * them (see model/guest/replay.h for that). */
#ifndef MODEL_TRACE_TRACE_H
#define MODEL_TRACE_TRACE_H

#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum trace_kind {
    TRACE_KVM_ENTRY,
    TRACE_KVM_EXIT,
    TRACE_GUEST_FAULT,
    TRACE_USERSPACE_EXIT,
    TRACE_MMIO,
    TRACE_UNMAP_HVA,
    TRACE_VCPU_RUN,
    TRACE_MEMSLOT_COMMIT,
    TRACE_MEMSLOT_FLUSH,
    TRACE_S2_MAP,
    TRACE_S2_MAP_RET,
    TRACE_S2_BREAK,
    TRACE_S2_MAKE,
    TRACE_S2_FREE_TABLE,
    TRACE_S2_FREE_TABLE_RCU,
    TRACE_S2_UNMAP,
    TRACE_S2_UNMAP_RET,
    TRACE_TLBI_VMID,
    TRACE_TLBI_VMID_IPA,
    TRACE_TLBI_VMID_IPA_NSH,
    TRACE_S2_RELAX_PERMS,
    TRACE_S2_RELAX_PERMS_RET,
    TRACE_S2_WRPROTECT,
    TRACE_S2_WRPROTECT_RET,
    TRACE_FLUSH_REMOTE_MEMSLOT,
    TRACE_DIRTY_LOG_SYNC,
    TRACE_DIRTY_LOG_MASKED,
    TRACE_GUEST_ACCESS, /* of Valgrind lackey */
    TRACE_OTHER, /* a well-formed event line of a name that is not in this list */
    TRACE_KINDS_N
};

/* Fields that an event does not have are 0. */
struct trace_event {
    uint64_t time_ns; /* of the recording clock */
    uint64_t offset;  /* byte offset of the line in the (uncompressed) text */
    uint32_t line;    /* from 1 */
    uint32_t tid;
    uint16_t cpu;
    uint8_t kind; /* of enum trace_kind */
    union {
        struct {
            uint64_t ipa, hxfar, pc;
            uint64_t esr; /* printed as hsr; ISS2 lies above bit 31 */
        } guest_fault;
        struct {
            uint64_t pc;
            uint32_t ec; /* KVM_EXIT: ESR_EL2.EC, 0 for an interrupt */
        } vcpu;          /* KVM_ENTRY, KVM_EXIT */
        struct {
            uint64_t ipa, size, pa;
            uint32_t prot; /* bit 0 execute, 1 write, 2 read */
        } s2_map;
        struct {
            uint64_t ipa;
            uint32_t prot; /* as in s2_map */
        } relax;           /* S2_RELAX_PERMS */
        struct {
            int32_t ret;
        } ret; /* every kind whose name ends in _RET */
        struct {
            uint64_t ipa, desc; /* old of s2_break, new of s2_make */
            int32_t level;
        } entry; /* S2_BREAK, S2_MAKE */
        struct {
            uint64_t ipa;
            int32_t level;
        } tlbi; /* TLBI_VMID_IPA, TLBI_VMID_IPA_NSH */
        struct {
            uint64_t mmu; /* a kernel address: tells VMs apart, no more */
        } tlbi_vmid;
        struct {
            uint64_t base_gfn, npages;
            /* slot is UINT32_MAX in MEMSLOT_COMMIT with change 1, a deletion: the
             * kernel has no new slot to print. */
            uint32_t slot, old_flags, new_flags, change;
        } memslot; /* MEMSLOT_COMMIT; MEMSLOT_FLUSH, FLUSH_REMOTE_MEMSLOT and
                      DIRTY_LOG_SYNC have base_gfn and npages only */
        struct {
            uint64_t base_gfn, gfn_offset;
            uint64_t mask; /* bit i: page base_gfn + gfn_offset + i */
        } dirty_masked;    /* DIRTY_LOG_MASKED */
        struct {
            uint32_t vcpu;
        } vcpu_run;
        struct {
            uint64_t gpa;
        } mmio;
        struct {
            uint64_t start, end; /* host virtual, end excluded */
        } hva;                   /* UNMAP_HVA */
        struct {
            uint64_t ipa, size;
        } range; /* S2_UNMAP, S2_WRPROTECT */
        struct {
            uint64_t va;
            uint32_t size; /* bytes */
            uint8_t type;  /* 'I' fetch, 'L' load, 'S' store, 'M' load and store */
        } access;          /* GUEST_ACCESS */
    } u;
};

struct trace {
    struct trace_event *events; /* [events_n], in file order */
    size_t events_n;
    uint64_t counts[TRACE_KINDS_N];
    /* Written minus still in the buffer, by the header, plus lost marks; a mark that
     * gives no number counts 1. */
    uint64_t lost_events;
    /* KVM events of an unknown name or form; such an event has kind OTHER, or its kind
     * if only its end is unknown. */
    uint64_t not_understood;
};

struct trace_error {
    char file[256];
    uint32_t line;   /* 0: the file as a whole; else from 1 */
    uint64_t offset; /* of the line in the uncompressed text */
    char text[400];  /* what was found and what is accepted */
};

/* The event's name as Linux prints it, e.g. "kvm_guest_fault"; "other" for OTHER. */
const char *trace_kind_name(enum trace_kind kind);

/**
 * trace_import_file() - read a recording of any format of docs/recording.md.
 * @path: the format is told by content, not by name.
 * @out:  filled on success; end with trace_free().
 * @err:  filled on failure.
 *
 * Returns true on success. A line that is neither a comment nor an event, a known
 * event with a damaged number or cut off, a last line that does not end, and a
 * truncated or damaged file are errors. See model/trace/reader.h to read without
 * holding all events in memory.
 */
ARCH_MUST_USE bool trace_import_file(const char *path, struct trace *out,
                                     struct trace_error *err);

/* The same from an open stream, read from where it stands to its end and left open;
 * name stands for the path in err. */
ARCH_MUST_USE bool trace_import_stream(FILE *in, const char *name, struct trace *out,
                                       struct trace_error *err);

void trace_free(struct trace *t);

#endif
