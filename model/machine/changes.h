/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/changes.h - the table entries that are being replaced right now.
 *
 * Watches the stores of the hypervisor to those entries in simulated memory, so that a
 * window is what the memory showed, not what a protocol says of itself. */
#ifndef MODEL_MACHINE_CHANGES_H
#define MODEL_MACHINE_CHANGES_H

#include "model/machine/group_changes.h"

#include <vector>

class Changes
{
  public:
    Changes(rec_run *rec, physmem *words, const walk_s2_cfg &walk)
        : groups(rec, words, walk), m_rec(rec), m_words(words), m_walk(walk)
    {
    }

    GroupChanges groups; /* of the last level; told of stores by on_store() */

    /* A walker is about to replace the table entry at; vcpu -1: the host thread. */
    void announce(const hyp_event &at, int vcpu);

    /* A store by the hypervisor, on the PE of vcpu, has become visible. Of several
     * walkers that announced one entry, the one that stores first has the change. */
    void on_store(arch_pa entry, int vcpu, uint64_t desc, uint64_t now_ps);

    /* Its compare-and-swap failed. */
    void withdraw(const hyp_event &at, int vcpu);

    /* The old table of the entry is torn down. The change is over when, besides, the
     * entry holds its final descriptor. */
    void torn_down(const hyp_event &at, uint64_t now_ps);

    /* The mapping that an entry in change held before allows the access
     * to a PE with that VTCR_EL2. */
    bool old_allows(arch_ipa ipa, arch_access access, const arch_vtcr &vtcr) const;

  private:
    struct Change {
        hyp_event at;
        int vcpu;
        uint64_t desc; /* what the entry holds now */
        bool begun, torn_down;
        size_t index; /* in the record, once begun */
    };

    bool faults(uint64_t desc) const;
    void begin(Change &c, uint64_t now_ps);
    void close_finished(uint64_t now_ps);
    uint64_t bytes(int level) const { return UINT64_C(1) << shift(level); }
    unsigned shift(int level) const { return arch_level_shift(m_walk.vtcr.tg, level); }

    rec_run *m_rec;
    physmem *m_words;
    const walk_s2_cfg &m_walk;
    std::vector<Change> m_open;
};

#endif
