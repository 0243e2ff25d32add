/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest_priv.h - what the readers of the guest's kinds share. */
#ifndef MODEL_SCENARIO_GUEST_PRIV_H
#define MODEL_SCENARIO_GUEST_PRIV_H

#include "model/scenario/scn_priv.h"

#define SCN_PPM_ALL 1000000u

/* The row of `kind` in the keys of each kind: it has been read before. */
#define SCN_GUEST_KIND                                                                 \
    {                                                                                  \
        .name = "kind", .type = SCN_T_ANY, .need = SCN_REQUIRED                        \
    }

bool scn_read_requests(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_vm *vm, struct guest_requests *q);
bool scn_read_stream(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_vm *vm, struct guest_stream *g);
bool scn_read_flush(const struct scn_reader *r, const struct scn_node *map,
                    const struct scn_vm *vm, const struct scn_platform *platform,
                    struct guest_flush *g);

bool scn_read_page_table_test(const struct scn_reader *r, const struct scn_node *map,
                              const struct scn_vm *vm, struct guest_page_table_test *g);
bool scn_read_dirty_log_test(const struct scn_reader *r, const struct scn_node *map,
                             const struct scn_vm *vm, struct guest_dirty_log_test *g);
bool scn_read_stages(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_vm *vm, struct guest_stages *g);

bool scn_read_litmus(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_vm *vm, struct guest_litmus *g);

bool scn_read_replay(const struct scn_reader *r, const struct scn_node *map,
                     struct guest_cfg *g);

/* One stage: the keys of a stream but its kind, and *host, NULL if absent. */
bool scn_read_stage(const struct scn_reader *r, const struct scn_node *map,
                    const struct scn_vm *vm, struct guest_stream *g,
                    const struct scn_node **host);

/* A map of ipa and size inside one memory region. */
bool scn_read_region(const struct scn_reader *r, const struct scn_node *n,
                     const struct scn_vm *vm, struct arch_ipa *ipa, uint64_t *bytes);

/* A write to a read-only memslot leaves KVM to user space, which is not modelled. */
bool scn_check_writable(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_vm *vm, uint64_t ipa);

/* The shares of writes and fetches among accesses to the memory at ipa. */
bool scn_check_shares(const struct scn_reader *r, const struct scn_val *writes,
                      const struct scn_val *fetches, const struct scn_vm *vm,
                      struct arch_ipa ipa);

#endif
