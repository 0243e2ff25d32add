/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/hyp_world.h - the hypervisor's software on one VM, untimed, with
 * the monitor behind its operations.
 *
 * A slot of 8 blocks at IPA 1 GiB (4K), or of 4 larger ones. */
#ifndef TESTS_UNIT_MONITOR_HYP_WORLD_H
#define TESTS_UNIT_MONITOR_HYP_WORLD_H

#include "model/hyp/defect.h"
#include "model/hyp/host.h"
#include "model/memory/physmem.h"
#include "model/monitor/monitor.h"
#include "tests/unit/walker/rows.h"

#define WORLD_IPA (UINT64_C(1) << 30)
#define WORLD_PA (UINT64_C(1) << 33)
#define WORLD_VMID 7

struct hyp_world {
    struct hyp_vm vm;
    struct hyp_ops ops; /* the right ones */
    struct hyp_defective defective;
    struct hyp_slot slot;
    struct physmem *mem;
    struct mon *mon;
    uint32_t pe; /* that runs */
    uint64_t time_ps;
};

void world_init(struct hyp_world *w, struct hyp_cfg cfg, enum arch_tg tg,
                unsigned bbm_level, enum hyp_defect defect);
void world_free(struct hyp_world *w);

/* A guest access by the PE that runs: its fault, if it takes one, is handled. */
void world_access(struct hyp_world *w, uint64_t ipa, enum arch_access access);

uint64_t world_block_bytes(const struct hyp_world *w);

#endif
