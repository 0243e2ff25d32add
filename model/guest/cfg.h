/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/cfg.h - what the vCPUs of a VM do. */
#ifndef MODEL_GUEST_CFG_H
#define MODEL_GUEST_CFG_H

#include "model/guest/litmus.h"
#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/tlbi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guest_kind {
    GUEST_REQUESTS, /* "requests": open-loop request stream */
    GUEST_STEPS,    /* "steps": an explicit list of accesses */
    GUEST_REPLAY,   /* "replay": of a fault trace */
    GUEST_STREAM,   /* "stream": a closed loop of accesses by address pattern */
    GUEST_FLUSH,    /* "flush": a guest kernel that flushes TLBs in a loop */
    /* In stages, with barriers between (model/guest/plan.h): */
    GUEST_PAGE_TABLE_TEST, /* "kvm_page_table_test" */
    GUEST_DIRTY_LOG_TEST,  /* "dirty_log_perf_test" */
    GUEST_STAGES,          /* "stages": streams one after the other */
    GUEST_LITMUS,          /* "litmus": a litmus test (model/guest/litmus.h) */
    GUEST_IDLE,            /* "idle": the vCPUs do nothing */
};

enum guest_arrival { GUEST_ARRIVAL_FIXED, GUEST_ARRIVAL_POISSON };

/* Share out of 1,000,000. */
typedef uint32_t guest_ppm;

/* Open-loop request stream. Each request does accesses_n dependent accesses, each
 * after think_ps of computation; its latency counts from its intended arrival. */
struct guest_requests {
    enum guest_arrival arrival;
    guest_ppm load_ppm;   /* of the measured capacity; 0: interval_ps is given */
    uint64_t interval_ps; /* mean time between arrivals of one vCPU; 0: load is given */
    uint32_t accesses_n;  /* 1..1000 */
    uint64_t think_ps;
    struct arch_ipa region_ipa; /* accesses fall inside [region, region + bytes) */
    uint64_t region_bytes;
    uint64_t hot_bytes; /* the first hot_bytes of the region ... */
    guest_ppm hot_ppm;  /* ... receive this share, the rest is uniform over all of it */
    guest_ppm write_ppm; /* share of writes */
    guest_ppm fetch_ppm; /* share of instruction fetches; with writes at most 100 % */
};

enum guest_pattern {
    GUEST_SEQUENTIAL, /* the next stride_bytes each time, round the region */
    GUEST_UNIFORM,    /* a random multiple of stride_bytes */
    GUEST_ZIPF,       /* the same, the k-th with probability ~ 1/k^zipf */
    GUEST_CHASE,      /* a random cycle over all multiples, each access dependent */
};

/* Closed loop: as fast as the PE goes. All but GUEST_CHASE are independent, so misses
 * overlap as far as the PE allows. */
struct guest_stream {
    enum guest_pattern pattern;
    struct arch_ipa region_ipa;
    uint64_t region_bytes; /* a multiple of stride_bytes */
    uint64_t stride_bytes;
    uint64_t accesses_n; /* per vCPU */
    uint64_t think_ps;   /* before each access */
    uint32_t zipf_milli; /* exponent in thousandths */
    guest_ppm write_ppm; /* share of writes */
    guest_ppm fetch_ppm; /* share of instruction fetches */
};

/* A guest kernel unmaps ranges: DSB ISHST; TLBIs; DSB ISH, as Linux
 * __flush_tlb_range(). Each call counts as one request. */
struct guest_flush {
    uint32_t issuers_n;         /* vCPUs 0..issuers_n - 1 call, the others are idle */
    uint64_t calls_n;           /* of each */
    uint64_t pages_n;           /* of 1 << granule, per call */
    uint64_t whole_asid_pages;  /* from so many pages on, one TLBI ASIDE1IS; 0: never */
    bool range;                 /* use FEAT_TLBIRANGE operations */
    uint64_t think_ps;          /* between calls */
    struct arch_ipa region_ipa; /* the VAs named, round the region */
    uint64_t region_bytes;
};

/* What the host does to the memslot of a guest in stages. */
enum guest_host_action {
    GUEST_HOST_LOG_ON,    /* KVM_SET_USER_MEMORY_REGION with KVM_MEM_LOG_DIRTY_PAGES */
    GUEST_HOST_LOG_OFF,   /* the same without */
    GUEST_HOST_LOG_GET,   /* KVM_GET_DIRTY_LOG */
    GUEST_HOST_LOG_CLEAR, /* KVM_CLEAR_DIRTY_LOG of all that the last get has shown */
    GUEST_HOST_COALESCE,  /* a host thread makes blocks of the slot's tables */
};

enum { GUEST_HOST_ACTIONS_MAX = 4 };

struct guest_host_actions {
    enum guest_host_action list[GUEST_HOST_ACTIONS_MAX]; /* one after the other */
    uint32_t n;
};

struct guest_host_work {
    struct guest_host_actions before; /* while no vCPU runs */
    struct guest_host_actions during; /* from the stage's start; the vCPUs repeat their
                                       * accesses for as long as it takes */
};

/* tools/testing/selftests/kvm/kvm_page_table_test.c: all vCPUs access the same region
 * in order. Its stages are the same in all releases of Linux that have it. */
struct guest_page_table_test {
    struct arch_ipa region_ipa; /* aligned to block_bytes */
    uint64_t region_bytes;      /* -b: a multiple of block_bytes */
    uint64_t block_bytes;       /* -s: page size of the backing; page_bytes means
                                 * anonymous memory, else at least 2 page_bytes */
    uint64_t page_bytes;        /* of the host */
    uint64_t think_ps;          /* before each access */
};

/* tools/testing/selftests/kvm/dirty_log_perf_test.c. The guest code is that of
 * perf_test_util.c (to Linux 6.1) or of memstress.c (from 6.2 on). */
struct guest_dirty_log_test {
    struct arch_ipa region_ipa; /* one memslot, vCPU 0's part first */
    uint64_t vcpu_bytes;        /* -b, of each vCPU: a multiple of page_bytes */
    uint64_t page_bytes;        /* of the guest */
    uint32_t iterations_n;      /* -i: rounds with dirty logging, at least 1 */
    uint32_t write_every;     /* -f, to 6.1: pages 0, n, 2n, ... of a part are written,
                               * the others read, in populate too; 0: write_ppm */
    guest_ppm write_ppm;      /* -w, from 6.2 on: share of writes, by chance; populate
                               * writes every page */
    bool overlap;             /* -o: each vCPU accesses the parts of all */
    bool random;              /* -a, from 6.2 on: but for populate, as many accesses as
                               * pages, each to any page */
    bool manual_protect;      /* false is -g */
    bool run_while_disabling; /* -e */
    uint64_t think_ps;        /* before each access */
};

/* Streams with barriers between. Each vCPU runs the streams in order. */
struct guest_stages {
    struct guest_stream *streams; /* [stages_n] */
    struct guest_host_work *host; /* [stages_n], or NULL: the host does nothing */
    size_t stages_n;
    bool manual_protect; /* KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 with both flags */
};

enum guest_step_kind {
    GUEST_STEP_ACCESS,
    GUEST_STEP_TLBI,
    GUEST_STEP_DSB,
    GUEST_STEP_ISB
};

struct guest_step {
    enum guest_step_kind kind;
    uint32_t vcpu;
    uint64_t at_ps; /* earliest time */
    enum arch_access access;
    struct arch_ipa ipa;
    enum arch_tlbi_insn tlbi;
    enum arch_shareability domain; /* of the TLBI */
    uint64_t value;                /* of its register */
    enum arch_dsb dsb;
};

enum guest_replay_mode {
    GUEST_REPLAY_ORDERED,     /* "ordered" (model/guest/replay.h) */
    GUEST_REPLAY_CLOSED_LOOP, /* "closed-loop" (model/guest/replay_closed.h) */
    GUEST_REPLAY_WORKING_SET, /* "closed-loop+working-set" */
};

enum guest_think_model {
    GUEST_THINK_FIXED,       /* time */
    GUEST_THINK_UNIFORM,     /* uniform in time * (1 - spread) .. time * (1 + spread) */
    GUEST_THINK_EXPONENTIAL, /* exponential with the mean time */
};

/* What a vCPU computes between the end of one access of a closed-loop replay and the
 * beginning of the next. */
struct guest_think {
    enum guest_think_model model;
    uint64_t time_ps;
    guest_ppm spread_ppm;
    uint64_t phase_ps; /* after the host a vCPU goes on within this time, at random */
    char *source;      /* of these numbers */
};

/* Requests of accesses to the pages in use, beside the recorded accesses. */
struct guest_working_set {
    enum guest_arrival arrival;
    uint64_t interval_ps; /* mean, of one vCPU */
    uint32_t accesses_n;  /* of a request, dependent */
    uint64_t requests_n;  /* of each vCPU, at least */
    char *source;
};

struct guest_replay {
    enum guest_replay_mode mode;
    struct guest_think think;
    struct guest_working_set working_set;
};

static inline bool guest_replay_is_closed(const struct guest_replay *r)
{
    return r->mode != GUEST_REPLAY_ORDERED;
}

struct guest_cfg {
    enum guest_kind kind;
    struct guest_requests requests;
    struct guest_stream stream;
    struct guest_flush flush;
    struct guest_page_table_test page_table_test;
    struct guest_dirty_log_test dirty_log_test;
    struct guest_stages stages;
    struct guest_litmus litmus;
    struct guest_step *steps; /* [steps_n]; those of one vCPU run in list order */
    size_t steps_n;
    char *trace_path;    /* replay: the recording, resolved against the scenario */
    uint32_t trace_slot; /* replay: the memslot whose faults are replayed */
    struct guest_replay replay;
};

#endif
