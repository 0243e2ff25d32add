/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/cfg.h"

#include <assert.h>
#include <stddef.h>

static const char *name_of(const char *const *names, size_t n, unsigned i)
{
    assert(i < n);
    return names[i];
}

#define NAME_OF(i, ...)                                                                \
    name_of((const char *const[]){__VA_ARGS__},                                        \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), i)

const char *hyp_sequence_name(enum hyp_sequence s)
{
    return NAME_OF(s, "keep", "bbm", "bbm-early", "nt", "nt-rfc", "bbml2");
}

const char *hyp_path_name(enum hyp_path p)
{
    return NAME_OF(p, "kvm-5.10", "kvm-5.11", "posted-2021-early", "kvm-5.14",
                   "kvm-6.2", "kvm-6.6");
}

const char *hyp_lock_name(enum hyp_lock l)
{
    return NAME_OF(l, "exclusive", "shared", "per-entry");
}

const char *hyp_identical_name(enum hyp_identical i)
{
    return NAME_OF(i, "skip", "skip-same", "remap");
}

const char *hyp_relax_name(enum hyp_relax r)
{
    return NAME_OF(r, "broadcast", "local", "none");
}

const char *hyp_clean_name(enum hyp_clean c)
{
    return NAME_OF(c, "none", "before", "in-window", "each-fault");
}

const char *hyp_icache_name(enum hyp_icache i)
{
    return NAME_OF(i, "none", "in-window", "each-fault");
}

const char *hyp_tear_down_name(enum hyp_tear_down_at t)
{
    return NAME_OF(t, "after-unlock", "under-lock");
}

const char *hyp_tlbi_name(enum hyp_tlbi t)
{
    return NAME_OF(t, "vmid", "ipa", "range");
}

const char *hyp_unmap_name(enum hyp_unmap u)
{
    return NAME_OF(u, "each-leaf", "deferred");
}

const char *hyp_split_name(enum hyp_split_when s)
{
    return NAME_OF(s, "lazy", "eager");
}

const char *hyp_af_name(enum hyp_af a)
{
    return NAME_OF(a, "hardware", "fault");
}

const char *hyp_dirty_name(enum hyp_dirty d)
{
    return NAME_OF(d, "fault", "hardware");
}

const char *hyp_repeat_name(enum hyp_repeat r)
{
    return NAME_OF(r, "none", "each", "sync");
}

const char *hyp_conflict_name(enum hyp_conflict c)
{
    return NAME_OF(c, "stop", "recover", "recover-all");
}

const char *hyp_defect_name(enum hyp_defect d)
{
    return NAME_OF(d, "none", "missing-break", "missing-tlbi", "missing-dsb-before",
                   "missing-dsb-after", "dsb-ishst", "wrong-vmid", "local-tlbi",
                   "free-before-dsb", "wrong-order", "forgotten-vtcr", "switch-vmid",
                   "switch-vtcr", "roll-over", "other-attributes");
}

/* On a CPU without S2FWB and DIC but with TLBIRANGE. What is not named is the first of
 * its enum. */
static const struct hyp_cfg paths[HYP_PATHS_N] = {
    /* stage2_map_walk_table_pre() and _post(), user_mem_abort().
     * Approx: v5.10 remaps only if the descriptor differs, in its permissions, say;
     * that is identical: skip-same (kvm_set_valid_leaf_pte()). */
    [HYP_PATH_KVM_5_10] = {.sequence = HYP_SEQ_BBM,
                           .identical = HYP_IDENTICAL_REMAP,
                           .clean = HYP_CLEAN_EACH_FAULT,
                           .icache = HYP_ICACHE_EACH_FAULT},
    /* stage2_map_walker_try_leaf() filters; clean_dcache_guest_page() in
     * user_mem_abort(). */
    [HYP_PATH_KVM_5_11] = {.sequence = HYP_SEQ_BBM,
                           .clean = HYP_CLEAN_EACH_FAULT,
                           .icache = HYP_ICACHE_EACH_FAULT},
    /* Message-ID 20210125141044.380156-1: the block before the unmapping of the pages,
     * and no clean on the way (20210326031654.3716-1). */
    [HYP_PATH_POSTED_2021_EARLY] = {.sequence = HYP_SEQ_BBM_EARLY,
                                    .icache = HYP_ICACHE_IN_WINDOW,
                                    .tear_down = HYP_TEAR_DOWN_UNDER_LOCK},
    /* stage2_map_walk_table_post() calls stage2_map_walker_try_leaf(), which cleans. */
    [HYP_PATH_KVM_5_14] = {.sequence = HYP_SEQ_BBM,
                           .clean = HYP_CLEAN_IN_WINDOW,
                           .icache = HYP_ICACHE_IN_WINDOW},
    /* stage2_try_break_pte(), stage2_make_pte(), stage2_free_unlinked_table(). */
    [HYP_PATH_KVM_6_2] = {.sequence = HYP_SEQ_BBM_EARLY,
                          .lock = HYP_LOCK_SHARED,
                          .clean = HYP_CLEAN_IN_WINDOW,
                          .icache = HYP_ICACHE_IN_WINDOW},
    /* kvm_tlb_flush_vmid_range(), stage2_unmap_defer_tlb_flush(),
     * __kvm_tlb_flush_vmid_ipa_nsh() in kvm_pgtable_stage2_relax_perms(). */
    [HYP_PATH_KVM_6_6] = {.sequence = HYP_SEQ_BBM_EARLY,
                          .lock = HYP_LOCK_SHARED,
                          .relax = HYP_RELAX_LOCAL,
                          .clean = HYP_CLEAN_IN_WINDOW,
                          .icache = HYP_ICACHE_IN_WINDOW,
                          .tlbi = HYP_TLBI_RANGE,
                          .unmap = HYP_UNMAP_DEFERRED},
};

struct hyp_cfg hyp_path_defaults(enum hyp_path path, const struct hyp_cpu *cpu)
{
    struct hyp_cfg cfg;

    assert(path < HYP_PATHS_N);
    cfg = paths[path];
    cfg.path = path;
    cfg.ttl = cpu->ttl;
    cfg.vtcr = HYP_VTCR_PER_CPU; /* as kvm_get_vtcr() for HA; PS limits nothing here */
    cfg.vmids = path < HYP_PATH_KVM_6_2 ? HYP_VMID_SPIN : HYP_VMID_PER_PE;
    if (cpu->s2fwb)
        cfg.clean = HYP_CLEAN_NONE;
    if (cpu->dic)
        cfg.icache = HYP_ICACHE_NONE;
    if (!cpu->tlbirange)
        cfg.tlbi = HYP_TLBI_VMID;
    if (!cpu->tlbirange || !cpu->s2fwb)
        cfg.unmap = HYP_UNMAP_EACH_LEAF;
    return cfg;
}

unsigned hyp_sequence_bbm_level(enum hyp_sequence s)
{
    if (s == HYP_SEQ_BBML2)
        return 2;
    return s == HYP_SEQ_NT || s == HYP_SEQ_NT_RFC;
}

bool hyp_sequence_can_group(enum hyp_sequence s)
{
    return s != HYP_SEQ_NT && s != HYP_SEQ_NT_RFC;
}
