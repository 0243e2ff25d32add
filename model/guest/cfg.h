/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/cfg.h - what the vCPUs of a VM do. */
#ifndef MODEL_GUEST_CFG_H
#define MODEL_GUEST_CFG_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guest_kind {
    GUEST_REQUESTS, /* "requests": open-loop request stream */
    GUEST_STEPS,    /* "steps": an explicit list of accesses */
    GUEST_REPLAY,   /* "replay": ordered replay of a fault trace */
    GUEST_STREAM,   /* "stream": a closed loop of accesses by address pattern */
    GUEST_FLUSH,    /* "flush": a guest kernel that flushes TLBs in a loop */
    GUEST_IDLE,     /* "idle": the vCPUs do nothing */
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

struct guest_step {
    uint32_t vcpu;
    uint64_t at_ps; /* earliest time */
    enum arch_access access;
    struct arch_ipa ipa;
};

struct guest_cfg {
    enum guest_kind kind;
    struct guest_requests requests;
    struct guest_stream stream;
    struct guest_flush flush;
    struct guest_step *steps; /* [steps_n]; those of one vCPU run in list order */
    size_t steps_n;
    char *trace_path;    /* replay: the recording, resolved against the scenario */
    uint32_t trace_slot; /* replay: the memslot whose faults are replayed */
};

#endif
