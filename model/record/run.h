/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/run.h - what one run (one variant, one seed) has measured.
 *
 * The machine calls the rec_* functions while it runs, with times in ps since the
 * start; the result writers read the finished struct. */
#ifndef MODEL_RECORD_RUN_H
#define MODEL_RECORD_RUN_H

#include "model/monitor/rule.h"
#include "model/record/fault_class.h"
#include "model/record/fault_log.h"
#include "model/record/histogram.h"
#include "model/record/replay_closed.h"
#include "model/record/storm.h"
#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REC_NEVER UINT64_MAX
#define REC_VIOLATIONS_MAX 1000        /* that a run keeps; all are counted */
#define REC_SLOT_PS UINT64_C(10000000) /* progress slots: 10 us */

struct rec_cfg {
    uint32_t vcpus_n;
    uint64_t duration_ps; /* arrivals end */
    uint64_t
        measure_from_ps;     /* requests that arrive earlier are not in the histogram */
    uint64_t slo_ps;         /* 0: none */
    uint64_t bin_ps;         /* timeline */
    uint64_t event_ps;       /* first event of the scenario; REC_NEVER if none */
    struct rec_spool *spool; /* gets the rows of faults.csv; NULL: they are not kept */
    bool keep_faults;        /* each in memory, for runs that have few */
};

/* Where the time between trap and re-entry goes. */
enum rec_spent {
    REC_SPENT_ENTRY_EXIT, /* exception entry and return */
    REC_SPENT_HANDLER,    /* before mmu_lock */
    REC_SPENT_HOST,       /* find the host's memory and zero it */
    REC_SPENT_LOCK,       /* take, wait for and drop mmu_lock */
    REC_SPENT_TABLES,     /* visit, read and write table entries */
    REC_SPENT_CLEAN,      /* clean the data cache */
    REC_SPENT_TLBI,       /* TLBI, DSB, ISB */
    REC_SPENT_TEARDOWN,   /* free a detached table */
    REC_SPENT_N
};

struct rec_counters {
    uint64_t accesses, requests;
    uint64_t by_class[REC_FAULT_CLASSES_N];
    uint64_t eagain;
    uint64_t s1ptw;      /* faults on the fetch or update of a stage 1 descriptor */
    uint64_t hw_updates; /* descriptors that a walk has changed (Access flag, dirty) */
    uint64_t measured_requests, slo_missed;
    uint64_t tlb_lookups, tlb_l1_misses, tlb_misses;
    uint64_t walks, walk_reads, dvm_messages;
    uint64_t walks_merged;      /* misses that another's walk has answered */
    uint64_t walks_speculative; /* for the next page; not in walks */
    /* walks of a stage that went on behind a cached table, or that read nothing */
    uint64_t s1_table_hits, s2_table_hits, s1_leaf_hits, s2_leaf_hits;
    uint64_t tlbis; /* instructions executed, of guests and the hypervisor */
    /* entries removed by TLBIs; by those that name no address; beyond the operation */
    uint64_t tlb_removed, tlb_removed_wide, tlb_removed_extra;
    uint64_t tlb_conflicts; /* look-ups that met entries of two leaves */
    uint64_t tlb_unfilled;  /* not filled, since a TLBI came during the walk */
    uint64_t tables_freed, breaks_won, makes, tlbi_vmid, tlbi_ipa, tlbi_ipa_local;
    uint64_t switches;              /* a vCPU was put on a PE */
    uint64_t switch_ps;             /* time of PEs to take vCPUs off and put them on */
    uint64_t vmid_rolls;            /* roll-overs of VMIDs that its PEs have begun */
    uint64_t spent_ps[REC_SPENT_N]; /* of all vCPUs in all faults */
    uint64_t violations[MON_CODES_N];
};

/* Violations of all codes. */
uint64_t rec_violations(const struct rec_counters *n);

enum rec_change_kind {
    REC_COALESCE, /* a table became a block */
    REC_SPLIT,    /* a block became a table */
    REC_REMAP,    /* a block was made again */
};

/* An entry above the last level that was replaced. Times REC_NEVER where it did not
 * happen. */
struct rec_change {
    enum rec_change_kind kind;
    struct arch_ipa ipa;
    uint64_t bytes;
    uint64_t first_store_ps, broken_ps, mended_ps, done_ps;
    uint64_t window_ps; /* time in which a walk through the entry would fault */
    int32_t vcpu;       /* -1: the host thread */
};

struct rec_bin {
    uint64_t accesses, requests, faults, redundant;
    uint64_t in_handler_ps, window_ps;
    uint64_t latency_max_ps; /* of requests completed in the bin; 0: none */
};

/* One recorded attempt of an ordered replay. */
enum rec_how {
    REC_HOW_WON,
    REC_HOW_LOCKED,
    REC_HOW_LOST,
    REC_HOW_FOUND,
    REC_HOW_MAPPED,
    REC_HOW_RELAXED, /* permissions were added */
    REC_HOW_NO_CALL, /* the handler returned before it changed anything */
    REC_HOW_UNKNOWN, /* not recorded */
    REC_HOWS_N
};

/* What the handler of an attempt did. */
struct rec_deeds {
    uint8_t breaks, makes, frees, relaxations;
};

struct rec_attempt {
    uint32_t line, vcpu;
    uint32_t block; /* number in the slot, by its largest leaf */
    uint8_t phase;  /* of the slot: created 0, each change of its flags one more */
    bool s1ptw;
    struct rec_deeds want, got;
    struct arch_ipa ipa;
    struct arch_ipa leaf; /* first address of the leaf that the handler installs */
    bool order_inferred;  /* its win was placed by the recorded outcome */
    uint8_t want_type, got_type; /* enum arch_fault_type; got NONE: no fault met */
    int8_t want_level, got_level;
    bool want_eagain, got_eagain;
    uint8_t want_how, got_how; /* enum rec_how */
};

/* The model's access met a fault, and its handler ended as the recorded one did. */
bool rec_attempt_agrees(const struct rec_attempt *a);

/* Quantities of a recording, for the comparison with the simulated ones. */
struct rec_recorded {
    uint64_t breaks_won, makes, tables_freed, relaxations;
    uint64_t tlbi_vmid, tlbi_ipa, tlbi_ipa_local;
    /* What there were probes for; of the others nothing is known. */
    bool has_results, has_breaks, has_makes, has_frees, has_relaxations, has_tlbis;
    struct arch_ipa ipa;      /* of the slot */
    uint64_t block_bytes;     /* of its largest leaf */
    uint64_t left_out;        /* fault events outside the replayed slot */
    uint64_t cut_off;         /* attempts that the recording does not show the end of */
    uint64_t breaks_inferred; /* breaks whose order was taken from the outcome */
};

/* One stage of a guest in stages: its time and what was counted meanwhile. */
struct rec_stage {
    char name[24];
    uint32_t iteration; /* from 1; 0: the stage has none */
    uint64_t begin_ps, end_ps;
    uint64_t accesses, faults, eagain, breaks, makes, tables_freed, tlbis;
};

/* Rounds of a litmus test that ended in the same way. */
struct rec_outcome {
    char text[128];
    uint64_t rounds_n, first; /* the number of the first round */
};

struct rec_vcpu {
    uint64_t stall_ps;       /* trap to re-entry, all faults but needed ones */
    uint64_t queue_empty_ps; /* first empty request queue after coalescing ended */
    uint64_t end_ps;         /* its last request was served; REC_NEVER before */
    uint64_t closed_n;       /* closed loop: requests begun in the measured time ... */
    uint64_t closed_ps;      /* ... and the time that they took */
    struct rec_stall last;   /* its last fault, which no struct rec_storm has yet */
};

/* Where the accesses are counted that end in [from_ps, from_ps + ps): they are in one
 * bin and one slot. */
struct rec_window {
    uint64_t from_ps, ps; /* ps: 0 until the first access */
    struct rec_bin *bin;
    uint64_t *in_slot; /* a counter */
    uint64_t nowhere;  /* the slot of those that end after the arrivals */
};

struct rec_run {
    struct rec_cfg cfg;
    struct rec_window window;
    struct rec_counters n;
    struct rec_histogram request, access;
    struct rec_vcpu *vcpus; /* [cfg.vcpus_n] */
    struct rec_bin *bins;   /* [bins_n] */
    size_t bins_n, bins_cap;
    uint64_t
        *slots; /* [slots_n] accesses completed per REC_SLOT_PS while requests arrive */
    size_t slots_n, slots_cap;
    struct rec_fault *faults; /* [faults_n], by time of re-entry, if they are kept */
    size_t faults_n, faults_cap;
    struct rec_fault_log *fault_log;    /* until rec_close(); NULL without a spool */
    struct rec_fault_list *fault_lists; /* [fault_lists_n], one per VM */
    size_t fault_lists_n, fault_lists_cap;
    struct rec_change *changes; /* [changes_n], by first store */
    size_t changes_n, changes_cap;
    struct rec_storm storm;       /* by the changes of kind REC_COALESCE */
    struct rec_storm together;    /* the same of all VMs, in the record of the first */
    struct rec_storm *all;        /* where that is, while they run; NULL: one VM */
    struct rec_attempt *attempts; /* [attempts_n], in recorded order */
    size_t attempts_n, attempts_cap;
    struct rec_stage *stages; /* [stages_n], in order */
    size_t stages_n, stages_cap;
    /* [violations_n], by time: the first REC_VIOLATIONS_MAX */
    struct mon_violation *violations;
    size_t violations_n, violations_cap;
    struct rec_outcome *outcomes; /* [outcomes_n], by first round */
    size_t outcomes_n, outcomes_cap;
    struct rec_recorded recorded;
    struct rec_closed *closed; /* of a closed-loop replay; else NULL */
    uint64_t extra_faults;     /* replay: faults of the model that were not recorded */
    uint64_t end_ps;           /* last completion */
    uint64_t stopped_ps;       /* the VM stopped; REC_NEVER: it did not */
    char *error; /* the simulator broke an invariant of its own; else NULL */
};

/* Empty, all times from 0. Aborts if the host has no memory. */
void rec_init(struct rec_run *r, const struct rec_cfg *cfg);
void rec_free(struct rec_run *r);

/* The parts, [n] that were initialised, are the VMs of one machine, which run at the
 * same time. They stay where they are until they are closed. */
void rec_together(struct rec_run *parts, size_t n);

/* The run is over: what was held back of its faults goes to the spool. */
void rec_close(struct rec_run *r);

/* The window is the one of an access that ends then. */
void rec_move_window(struct rec_run *r, uint64_t end_ps);

/* The end of the window, if it is the one of an access that ends then; else 0. */
static inline uint64_t rec_window_end(const struct rec_run *r, uint64_t end_ps)
{
    const struct rec_window *w = &r->window;

    return end_ps - w->from_ps < w->ps ? w->from_ps + w->ps : 0;
}

/* n >= 1 accesses that took latency_ps each; they end in one window, the last at
 * end_ps. */
static inline void rec_add_accesses(struct rec_run *r, uint64_t n, uint64_t latency_ps,
                                    uint64_t end_ps)
{
    if (!rec_window_end(r, end_ps))
        rec_move_window(r, end_ps);
    r->window.bin->accesses += n;
    *r->window.in_slot += n;
    r->n.accesses += n;
    rec_histogram_add_n(&r->access, latency_ps, n);
    r->end_ps = end_ps > r->end_ps ? end_ps : r->end_ps;
}

static inline void rec_add_access(struct rec_run *r, uint64_t start_ps, uint64_t end_ps)
{
    rec_add_accesses(r, 1, end_ps - start_ps, end_ps);
}

void rec_add_request(struct rec_run *r, uint64_t arrival_ps, uint64_t end_ps);
/* A vCPU had no request waiting during [from, to); to is the present. */
void rec_idle(struct rec_run *r, uint32_t vcpu, uint64_t from_ps, uint64_t to_ps);
/* A vCPU has served its last request. */
void rec_vcpu_end(struct rec_run *r, uint32_t vcpu, uint64_t now_ps);
/* Of each vCPU in the order of time, when all changes until re-entry were reported. If
 * the spool cannot be written that is the error of the run, which then may end. */
void rec_add_fault(struct rec_run *r, const struct rec_fault *f);

/* A change begins: returns its index. */
size_t rec_change_begin(struct rec_run *r, const struct rec_change *c);
/* A walk through the changed entry faults from now / does so no more. */
void rec_change_broken(struct rec_run *r, size_t change, uint64_t now_ps);
void rec_change_mended(struct rec_run *r, size_t change, uint64_t now_ps);
void rec_change_done(struct rec_run *r, size_t change, uint64_t now_ps);

/**
 * rec_add_stage() - a stage has ended.
 * @before: the counters as they were when it began; those of now are its end.
 */
void rec_add_stage(struct rec_run *r, const char *name, uint32_t iteration,
                   uint64_t begin_ps, uint64_t end_ps,
                   const struct rec_counters *before);

/* A round of a litmus test has ended in text, which is cut off if it is too long. */
void rec_add_outcome(struct rec_run *r, const char *text, uint64_t round);

void rec_add_attempt(struct rec_run *r, const struct rec_attempt *a);

/* The monitor has found a rule broken. */
void rec_add_violation(struct rec_run *r, const struct mon_violation *v);

/* End of the last tear-down; REC_NEVER if nothing was coalesced. */
uint64_t rec_coalesce_end_ps(const struct rec_run *r);

/* The VM stops: its vCPUs do nothing any more, and a window that is open counts until
 * now. Of several calls the first counts. */
void rec_stop(struct rec_run *r, uint64_t now_ps);

/* Keep the first message: the run lost an access or broke its own rules. */
void rec_fail(struct rec_run *r, const char *what);

/**
 * rec_merge() - the records of the VMs of one machine, which ran at the same time, as
 * one.
 * @out:   overwritten; end with rec_free(). Its vCPUs are those of parts[0], then those
 *         of parts[1], ...
 * @parts: [n], n >= 1, of one scenario, that were together and are closed; no recorded
 *         attempts. Faults that are kept in memory stay theirs.
 */
void rec_merge(struct rec_run *out, const struct rec_run *parts, size_t n);

/* To and from the pipe between a run's process and the collector. rec_load gives false
 * if the stream ends early. */
void rec_save(const struct rec_run *r, FILE *f);
ARCH_MUST_USE bool rec_load(struct rec_run *r, FILE *f);

#endif
