/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/cfg.h"

#include <assert.h>

const char *hyp_sequence_name(enum hyp_sequence s)
{
    static const char *const names[HYP_SEQUENCES_N] = {"keep", "bbm", "bbm-early",
                                                       "nt"};

    assert(s < HYP_SEQUENCES_N);
    return names[s];
}

const char *hyp_path_name(enum hyp_path p)
{
    static const char *const names[HYP_PATHS_N] = {"kvm-6.2"};

    assert(p < HYP_PATHS_N);
    return names[p];
}

const char *hyp_lock_name(enum hyp_lock l)
{
    return l == HYP_LOCK_EXCLUSIVE ? "exclusive" : "shared";
}

const char *hyp_clean_name(enum hyp_clean c)
{
    static const char *const names[] = {"none", "before", "in-window"};

    return names[c];
}

const char *hyp_tlbi_name(enum hyp_tlbi t)
{
    static const char *const names[] = {"vmid", "ipa", "range"};

    return names[t];
}

const char *hyp_repeat_name(enum hyp_repeat r)
{
    static const char *const names[] = {"none", "each", "sync"};

    return names[r];
}

struct hyp_cfg hyp_path_defaults(enum hyp_path path, bool s2fwb)
{
    return (struct hyp_cfg){
        .path = path,
        .sequence = HYP_SEQ_BBM_EARLY,
        .lock = HYP_LOCK_SHARED,
        .clean = s2fwb ? HYP_CLEAN_NONE : HYP_CLEAN_IN_WINDOW,
        .tlbi = HYP_TLBI_VMID,
        .repeat = HYP_REPEAT_NONE,
        .ttl = false,
    };
}
