/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/cfg.h - what the vCPUs of a VM do. */
#ifndef MODEL_GUEST_CFG_H
#define MODEL_GUEST_CFG_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"

#include <stddef.h>
#include <stdint.h>

enum guest_kind {
    GUEST_REQUESTS, /* "requests": open-loop request stream */
    GUEST_STEPS,    /* "steps": an explicit list of accesses */
    GUEST_REPLAY,   /* "replay": ordered replay of a fault trace */
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

struct guest_step {
    uint32_t vcpu;
    uint64_t at_ps; /* earliest time */
    enum arch_access access;
    struct arch_ipa ipa;
};

struct guest_cfg {
    enum guest_kind kind;
    struct guest_requests requests;
    struct guest_step *steps; /* [steps_n]; those of one vCPU run in list order */
    size_t steps_n;
    char *trace_path;    /* replay: the recording, resolved against the scenario */
    uint32_t trace_slot; /* replay: the memslot whose faults are replayed */
};

#endif
