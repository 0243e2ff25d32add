/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/group_changes.h - the contiguous groups that are being replaced right
 * now. A group is one change: its entries are broken and made one by one, and its
 * window lasts while a leaf of it that was mapped before is not. */
#ifndef MODEL_MACHINE_GROUP_CHANGES_H
#define MODEL_MACHINE_GROUP_CHANGES_H

extern "C" {
#include "model/hyp/ops.h"
#include "model/memory/physmem.h"
#include "model/record/run.h"
#include "walker/s2_walk.h"
}

#include <vector>

class GroupChanges
{
  public:
    GroupChanges(rec_run *rec, physmem *words, const walk_s2_cfg &walk)
        : m_rec(rec), m_words(words), m_walk(walk)
    {
    }

    /* A walker is about to replace the group whose first entry is first; vcpu -1: the
     * host thread. */
    void announce(const hyp_event &first, int vcpu);

    /* That walker is replacing the group that the entry is of. */
    bool replaces(arch_pa entry, int vcpu) const;

    /* A store by the hypervisor, on the PE of vcpu, has become visible. */
    void on_store(arch_pa entry, int vcpu, uint64_t desc, uint64_t now_ps);

    /* That walker is through: the group is replaced, or as it was. */
    void over(const hyp_event &first, int vcpu, uint64_t now_ps);

    /* The mapping that a group in change held before allows the access
     * to a PE with that VTCR_EL2. */
    bool old_allows(arch_ipa ipa, arch_access access, const arch_vtcr &vtcr) const;

    /* leaf is valid and allows the access. */
    static bool allows(uint64_t leaf, arch_access access, const arch_vtcr &vtcr);

  private:
    struct Group {
        hyp_event first;
        int vcpu;
        std::vector<uint64_t> old; /* [entry] */
        std::vector<bool> broken;  /* [entry] mapped before, and not now */
        unsigned broken_n;
        bool begun;
        size_t index; /* in the record, once begun */
    };

    void begin(Group &g, uint64_t now_ps);
    void set_broken(Group &g, size_t entry, bool broken, uint64_t now_ps);
    bool was_contiguous(const Group &g) const;
    static bool holds(const Group &g, arch_pa entry, int vcpu);
    unsigned leaf_shift(const Group &g) const
    {
        return arch_level_shift(m_walk.vtcr.tg, g.first.level);
    }

    rec_run *m_rec;
    physmem *m_words;
    const walk_s2_cfg &m_walk;
    std::vector<Group> m_open;
};

#endif
