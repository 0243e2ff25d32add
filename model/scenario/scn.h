/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/scn.h - a scenario file, read, checked and resolved.
 *
 * docs/scenario-format.md describes every key. A struct scn that scn_load() gave is
 * complete: every default is filled in and every value is inside its range. */
#ifndef MODEL_SCENARIO_SCN_H
#define MODEL_SCENARIO_SCN_H

#include "model/guest/cfg.h"
#include "model/guest/stage1.h"
#include "model/hyp/cfg.h"
#include "model/hyp/vtcr.h"
#include "model/scenario/platform.h"
#include "walker/arch/status.h"
#include "walker/arch/tlbi.h"
#include "walker/arch/vtcr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SCN_FORMAT_VERSION 1

struct scn_pos {
    const char *file;
    uint32_t line, col; /* from 1 */
};

/* Pages [first, last] of each block of `backing` bytes, mapped before the run. */
struct scn_pages {
    uint32_t first, last;
    bool writable;
};

/* One region of guest memory. PA = IPA - ipa + pa. */
struct scn_memory {
    struct scn_pos pos;
    struct arch_ipa ipa;
    uint64_t bytes;
    struct arch_pa pa;
    uint8_t map_shift; /* log2 of the initial mapping size: of leaf_ or group_sizes */
    bool mapped; /* false: nothing is mapped before the run, map_shift is a page */
    bool zeroed; /* the host zeroes a page when the guest first touches it */
    uint8_t backing_shift; /* log2 of the largest block or group of the fault path */
    bool writable;
    struct scn_pages *pages; /* [pages_n]; none: everything is mapped */
    size_t pages_n;
};

struct scn_vm {
    struct scn_pos pos;
    char *name;
    uint32_t vcpus_n;
    uint32_t first_pe; /* vCPU i begins on PE first_pe + i % pes_n */
    uint32_t pes_n;
    uint32_t host_pe; /* of the thread that does the VM's events and stages */
    bool has_host;    /* there is such a thread */
    uint16_t vmid;    /* that it begins with, where nothing is shared */
    uint8_t ipa_bits;
    struct arch_vtcr vtcr;     /* resolved from granule and ipa_bits, as KVM chooses */
    uint64_t leaf_sizes;       /* mask of log2 of its pages and blocks ... */
    uint64_t group_sizes;      /* ... and of its contiguous groups, of stage 2 */
    struct scn_memory *memory; /* [memory_n], ascending, not overlapping */
    size_t memory_n;
    struct guest_stage1 stage1; /* off unless given */
    struct guest_cfg guest;
};

/* TLBIs, each with its DSB, that other VMs and hosts of the machine broadcast. They
 * name another VMID, so they cost time only; ARCH_TLBI_ALL names none. */
struct scn_background {
    uint64_t interval_ps; /* mean; 0: none */
    bool poisson;
    enum arch_tlbi_op op;
};

enum scn_event_kind {
    SCN_EVENT_COALESCE,  /* "coalesce": tables of a range to blocks */
    SCN_EVENT_SPLIT,     /* "split": blocks of a range to pages, eagerly */
    SCN_EVENT_LOG_START, /* "dirty_log: start" */
    SCN_EVENT_LOG_GET,   /* "dirty_log: get": collect the dirty pages, protect them */
    SCN_EVENT_LOG_CLEAR, /* "dirty_log: clear": protect those of the last get */
    SCN_EVENT_LOG_STOP,  /* "dirty_log: stop", as when a migration is cancelled: blocks
                          * come back when a fault meets their tables */
    SCN_EVENT_UNMAP,     /* "unmap": an MMU notifier */
    SCN_EVENT_PROTECT,   /* "protect": change permissions */
    SCN_EVENT_AGE,       /* "age": clear the Access flags */
    SCN_EVENT_SLOT_DELETE, /* "memslot: delete": unmapped; who faults waits for create
                            */
    SCN_EVENT_SLOT_CREATE, /* "memslot: create" */
    SCN_EVENT_PREEMPT,     /* "preempt": the next holder of mmu_lock loses its PE */
    SCN_EVENT_MOVE,        /* "move": a vCPU goes on on another PE */
};

/* Done by the host thread of the VM, one after the other, in the order of at_ps and of
 * the file; SCN_EVENT_PREEMPT and SCN_EVENT_MOVE happen at their time whatever the
 * thread does. */
struct scn_event {
    struct scn_pos pos;
    enum scn_event_kind kind;
    uint32_t vm; /* index of the VM that it happens to */
    uint64_t at_ps;
    uint64_t after_accesses; /* and not before so many of its accesses have completed */
    struct arch_ipa ipa;
    uint64_t bytes;
    uint8_t block_shift; /* COALESCE: log2 of the block or contiguous group */
    bool writable;       /* PROTECT: to read and write; else to read only */
    bool manual;         /* LOG_*: KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, INITIALLY_SET */
    uint64_t hold_ps;    /* PREEMPT: for so long */
    uint32_t vcpu, to;   /* MOVE: and the PE */
};

/* PEs [first, last] that are not as the platform says. */
struct scn_mixed {
    struct scn_pos pos;
    uint32_t first, last;
    struct hyp_vtcr_limits limits;
};

struct scn_variant {
    struct scn_pos pos;
    char *name;
    struct hyp_cfg hyp;
    enum walk_nt_response nt_response; /* platform default unless given */
    bool nt_cache_fragment;
    enum tlb_conflict conflict; /* the same; never ABORT at FEAT_BBM level 3 */
};

/* The median over the seeds of a summary.csv column must lie in [min, max]; or each run
 * must report that violation. */
struct scn_expect {
    struct scn_pos pos;
    int32_t vm; /* of that VM; -1: of the whole machine */
    char *variant;
    char *column;          /* NULL: violation is expected */
    double min, max;       /* -INFINITY, INFINITY where not given */
    const char *violation; /* its code; else NULL */
    uint32_t at;           /* line of the scenario that leads to it; 0: any */
};

struct scn {
    char *file, *name, *title;
    struct scn_platform platform;
    struct scn_platform_doc *platform_doc; /* sources of its numbers, see params.h */
    uint32_t pes_n;
    struct scn_vm *vms; /* [vms_n], at least one */
    uint32_t vms_n;
    struct scn_mixed *mixed; /* [mixed_n]; the first that names a PE counts */
    size_t mixed_n;
    bool shares_pes; /* vCPUs share PEs, or move between them */
    struct scn_background background;
    struct scn_event *events; /* [events_n], by time */
    size_t events_n;
    struct scn_variant *variants; /* [variants_n], at least one */
    size_t variants_n;
    uint32_t seeds_n;
    uint64_t seed_first;
    uint64_t duration_ps;     /* requests arrive during [0, duration) */
    uint64_t measure_from_ps; /* requests that arrive earlier warm up only */
    uint64_t slo_ps;          /* request latency bound; 0: none */
    uint64_t timeline_bin_ps;
    struct scn_expect *expects; /* [expects_n] */
    size_t expects_n;
    bool in_order; /* of the command line: no PE runs ahead; the results are the same */
    uint64_t quantum_ps; /* of the command line: PEs run ahead that far, whatever they
                          * miss: the results are not exact; 0: as far as is exact */
};

enum scn_status { SCN_OK = 0, SCN_INVALID };

#define SCN_DIAGS_MAX 20

/* Diagnostics, ready to print, "file:line:col: error[Snnn]: ..." with the offending
 * line and a caret below; warnings likewise, "file:line:col: warning[Wnnn]: ...". */
struct scn_diags {
    char *text[SCN_DIAGS_MAX];
    size_t n;
    char *warning[SCN_DIAGS_MAX];
    size_t warnings_n;
};

/**
 * scn_load() - read a scenario and the platform that it names.
 * @file:  path of the scenario; files it names are relative to its folder, platforms
 *         also by name from @platform_dir.
 * @platform_dir: folder of the platform files.
 * @out:   filled on SCN_OK; end with scn_free().
 * @diags: up to SCN_DIAGS_MAX messages otherwise, and warnings in either case; end with
 *         scn_diags_free().
 *
 * Aborts when there is no memory left.
 */
ARCH_MUST_USE enum scn_status scn_load(const char *file, const char *platform_dir,
                                       struct scn *out, struct scn_diags *diags);
void scn_free(struct scn *s);
void scn_diags_free(struct scn_diags *d);

/* A vCPU of the VM begins on the PE, or its host thread runs there. */
bool scn_vm_runs_on(const struct scn_vm *vm, uint32_t pe);

/* The PE that the vCPU begins on. */
uint32_t scn_vm_pe(const struct scn_vm *vm, uint32_t vcpu);

/* What of the PE limits VTCR_EL2. */
struct hyp_vtcr_limits scn_pe_limits(const struct scn *s, uint32_t pe);

/* What all PEs have. */
struct hyp_vtcr_limits scn_safe_limits(const struct scn *s);

/* The IPA ranges that the guest's stage 1 maps: all of its memory. Returns how many
 * were written to out [memory_n]. */
size_t scn_stage1_ranges(const struct scn_vm *vm, struct guest_range *out);

/* The scenario with all defaults resolved, as a JSON object for run.json: platform
 * parameters with value, unit and source. Deterministic, and free of paths. indent:
 * spaces before each line but the first; no line end after the last. */
void scn_write_json(const struct scn *s, FILE *out, int indent);

#endif
