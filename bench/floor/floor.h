/* SPDX-License-Identifier: Apache-2.0 */
/* bench/floor/floor.h - what the host allows: the bare loops beside which the simulator
 * is measured. Each returns what it did per second. */
#ifndef BENCH_FLOOR_FLOOR_H
#define BENCH_FLOOR_FLOOR_H

#ifdef __cplusplus
extern "C" {
#endif

#include "model/scenario/scn.h"

double floor_seconds(void);

/* Look-ups of the L1 data TLB of s in the addresses of its first VM's requests: a plain
 * scan of the ways; a miss takes the next way in turn. */
double floor_lookups(const struct scn *s, uint64_t n);

/* Walks for random pages of the first VM's region, through tables of 4K pages in both
 * stages, each descriptor of stage 1 through stage 2. */
double floor_walks(const struct scn *s, uint64_t n);

/* Threads of SystemC that wake at distinct times, one after the other. */
double floor_switches(unsigned threads_n, uint64_t n);

#ifdef __cplusplus
}
#endif

#endif
