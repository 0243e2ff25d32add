/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/switches.c - the switches of a fault path, by the names of their keys.
 */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <assert.h>
#include <string.h>

#define WORDS(what, n)                                                                 \
    static const char *what##_word(unsigned i)                                         \
    {                                                                                  \
        return i < (n) ? hyp_##what##_name(i) : NULL;                                  \
    }

WORDS(path, HYP_PATHS_N)
WORDS(sequence, HYP_SEQUENCES_N)
WORDS(lock, HYP_LOCKS_N)
WORDS(identical, HYP_IDENTICALS_N)
WORDS(relax, HYP_RELAXES_N)
WORDS(clean, HYP_CLEANS_N)
WORDS(icache, HYP_ICACHES_N)
WORDS(tear_down, HYP_TEAR_DOWNS_N)
WORDS(tlbi, HYP_TLBIS_N)
WORDS(unmap, HYP_UNMAPS_N)
WORDS(split, HYP_SPLITS_N)
WORDS(af, HYP_AFS_N)
WORDS(dirty, HYP_DIRTIES_N)
WORDS(conflict, HYP_CONFLICTS_N)
WORDS(vtcr_policy, HYP_VTCR_POLICIES_N)
WORDS(vmid_kind, HYP_VMID_KINDS_N)
WORDS(defect, HYP_DEFECTS_N)

#define MEMBER(m) offsetof(struct hyp_cfg, m)

/* clang-format off */
const struct scn_switch scn_switches[SCN_SWITCHES_N] = {
    [SCN_SWITCH_PATH] = {"path", path_word, MEMBER(path)},
    [SCN_SWITCH_SEQUENCE] = {"sequence", sequence_word, MEMBER(sequence)},
    [SCN_SWITCH_LOCK] = {"lock", lock_word, MEMBER(lock)},
    [SCN_SWITCH_IDENTICAL] = {"identical", identical_word, MEMBER(identical)},
    [SCN_SWITCH_RELAX] = {"relax", relax_word, MEMBER(relax)},
    [SCN_SWITCH_CLEAN] = {"clean", clean_word, MEMBER(clean)},
    [SCN_SWITCH_ICACHE] = {"icache", icache_word, MEMBER(icache)},
    [SCN_SWITCH_TEAR_DOWN] = {"tear_down", tear_down_word, MEMBER(tear_down)},
    [SCN_SWITCH_TLBI] = {"tlbi", tlbi_word, MEMBER(tlbi)},
    [SCN_SWITCH_UNMAP] = {"unmap", unmap_word, MEMBER(unmap)},
    [SCN_SWITCH_SPLIT] = {"split", split_word, MEMBER(split)},
    [SCN_SWITCH_AF] = {"af", af_word, MEMBER(af)},
    [SCN_SWITCH_DIRTY] = {"dirty", dirty_word, MEMBER(dirty)},
    [SCN_SWITCH_REPEAT] = {"repeat_tlbi", scn_repeat_word, MEMBER(repeat)},
    [SCN_SWITCH_CONFLICT] = {"conflict_handler", conflict_word, MEMBER(conflict)},
    [SCN_SWITCH_VTCR] = {"vtcr_policy", vtcr_policy_word, MEMBER(vtcr)},
    [SCN_SWITCH_VMIDS] = {"vmids", vmid_kind_word, MEMBER(vmids)},
    [SCN_SWITCH_DEFECT] = {"defect", defect_word, MEMBER(defect)},
};
/* clang-format on */

static_assert(sizeof(enum hyp_sequence) == sizeof(unsigned), "scn_switch_get()");

unsigned scn_switch_get(const struct hyp_cfg *cfg, enum scn_switch_id id)
{
    unsigned value;
    memcpy(&value, (const char *)cfg + scn_switches[id].offset, sizeof(value));
    return value;
}

void scn_switch_set(struct hyp_cfg *cfg, enum scn_switch_id id, unsigned value)
{
    memcpy((char *)cfg + scn_switches[id].offset, &value, sizeof(value));
}

const char *scn_switch_word(const struct hyp_cfg *cfg, enum scn_switch_id id)
{
    return scn_switches[id].word(scn_switch_get(cfg, id));
}
