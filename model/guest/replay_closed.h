/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay_closed.h - closed-loop replay: what each vCPU of a recording
 * accesses, in its own order, and where all of them wait for the host.
 *
 * An access is a recorded attempt with its retries: attempts of one vCPU on the same
 * page by the same kind of access, each of which gave up but the last. Whose access
 * comes first is left to the simulation. What the host did to the slot parts the
 * accesses into segments: an operation begins when all accesses have completed that
 * the recording has before it, and those after it wait for its end. An access is
 * before a switch of dirty logging if its last attempt left the guest before it, and
 * before a change of the tables if that attempt's handler had mmu_lock before it.
 *
 * Approx: a vCPU that ran through such an operation waits there, too. */
#ifndef MODEL_GUEST_REPLAY_CLOSED_H
#define MODEL_GUEST_REPLAY_CLOSED_H

#include "model/guest/replay.h"

struct replay_access {
    uint32_t line; /* kvm_guest_fault of its first attempt */
    uint32_t vcpu;
    uint32_t attempts_n; /* recorded: 1 and the retries */
    uint32_t segment;
    struct arch_ipa ipa; /* of the page */
    enum arch_access access;
    int8_t leaf_level; /* of what the host had there; 0: not recorded */
    uint32_t page;     /* number among the vCPU's pages, see pages_n */
    size_t next;       /* the same vCPU's next access, or SIZE_MAX */
};

/* What comes before it, and what it is. */
struct replay_segment {
    size_t host_first, host_n; /* of replay.host */
    bool logging;              /* dirty logging is on in it */
};

/* What the recording shows of a block of replay.block_bytes. */
struct replay_block {
    uint32_t attempts_n;
    uint32_t breaks, makes, frees, relaxations; /* makes: of an entry of the block's
                                                 * level or below */
    /* The host's mapping was read-only until a write, as that of anonymous memory is
     * that a read touched first. Linux: hva_to_pfn() with writable. */
    bool read_only_first;
};

struct replay_closed {
    struct replay_access *accesses; /* [accesses_n], by first attempt */
    size_t accesses_n;
    struct replay_segment *segments; /* [segments_n]; the last may have no access */
    size_t segments_n;
    struct replay_block *blocks; /* [blocks_n] of the slot */
    size_t blocks_n;
    int block_level;
    uint64_t makes_above; /* of entries above the blocks */
    size_t *first;        /* [vcpus_n] first access, or SIZE_MAX */
    uint32_t *pages_n;    /* [vcpus_n] different pages that it accesses */
    uint32_t vcpus_n;
};

/**
 * replay_closed_init() - the accesses of a recording.
 * @c: filled on success; end with replay_closed_free().
 * @r: as replay_init() has left it; not needed afterwards but for its host and masks.
 *
 * False if there is no memory.
 */
ARCH_MUST_USE bool replay_closed_init(struct replay_closed *c, const struct replay *r);
void replay_closed_free(struct replay_closed *c);

/* Number of the block that holds ipa, which lies in the slot. */
static inline size_t replay_block_of(const struct replay *r, struct arch_ipa ipa)
{
    return (size_t)(ipa.v / r->block_bytes - r->ipa.v / r->block_bytes);
}

#endif
