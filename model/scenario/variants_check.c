/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/variants_check.c - what the switches of a variant must hold together,
 * and which comparisons of variants say less than they seem to. */
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <stdlib.h>
#include <string.h>

#define SURVIVORS_MAX 120

/* ---- sequence, lock and unmap ---- */

static bool check_sequence(const struct scn_reader *r, const struct scn_node *at,
                           const struct scn_variant *variant, const struct scn *s)
{
    enum hyp_sequence sequence = variant->hyp.sequence;
    const struct guest_cfg *g = &s->vms[0].guest;
    if (g->kind != GUEST_REPLAY || guest_replay_is_closed(&g->replay))
        return true;
    if (sequence != HYP_SEQ_BBM && sequence != HYP_SEQ_BBM_EARLY) {
        scn_err(r->diags, at, SCN_E_REPLAY,
                "accepted in an ordered replay: bbm, bbm-early",
                "%s cannot replay recorded attempts", hyp_sequence_name(sequence));
        return false;
    }
    if (variant->hyp.lock == HYP_LOCK_ENTRY) {
        scn_err(r->diags, at, SCN_E_REPLAY, "set lock: shared, or exclusive",
                "replays handlers in the order in which they took mmu_lock: %s has "
                "none",
                hyp_lock_name(variant->hyp.lock));
        return false;
    }
    return true;
}

/* It runs all the same, to show what it does there. ArmARM: R_KFLJB. */
static void warn_of_bbm_level(const struct scn_reader *r, const struct scn_node *at,
                              const struct scn_variant *variant, const struct scn *s)
{
    const unsigned needed = hyp_sequence_bbm_level(variant->hyp.sequence);
    if (needed > s->platform.feat.bbm_level)
        scn_warn(r->diags, at, SCN_W_BBM_LEVEL, "",
                 "%s needs FEAT_BBM level %u, %s has level %u: it runs, but a "
                 "comparison with it is not legal there",
                 hyp_sequence_name(variant->hyp.sequence), needed, s->platform.name,
                 s->platform.feat.bbm_level);
}

static bool refuse_groups(const struct scn_reader *r, const struct scn_node *at,
                          const struct scn_variant *variant, unsigned shift,
                          const struct scn_pos *of)
{
    char page[SCN_QUANTITY_TEXT_MAX];
    scn_format_page(shift, page);
    scn_err(r->diags, at, SCN_E_GROUP, "accepted: keep, bbm, bbm-early, bbml2",
            "%s cannot make the contiguous groups of %s of line %u",
            hyp_sequence_name(variant->hyp.sequence), page, of->line);
    return false;
}

/* Only block descriptors carry nT, and each of them its own.
 * ArmARM: D8.3 Translation table descriptor formats. */
static bool check_groups(const struct scn_reader *r, const struct scn_node *at,
                         const struct scn_variant *variant, const struct scn *s)
{
    if (hyp_sequence_can_group(variant->hyp.sequence))
        return true;
    for (size_t i = 0; i < s->events_n; i++) {
        const struct scn_event *e = &s->events[i];
        if (e->kind == SCN_EVENT_COALESCE &&
            scn_is_group(&s->vms[e->vm], e->block_shift))
            return refuse_groups(r, at, variant, e->block_shift, &e->pos);
    }
    for (uint32_t i = 0; i < s->vms_n; i++) {
        for (size_t k = 0; k < s->vms[i].memory_n; k++) {
            const struct scn_memory *m = &s->vms[i].memory[k];
            if (scn_is_group(&s->vms[i], m->backing_shift))
                return refuse_groups(r, at, variant, m->backing_shift, &m->pos);
        }
    }
    return true;
}

/* A fault that takes no mmu_lock would map again what is not flushed yet. */
static bool check_unmap(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_val *switches, const struct hyp_cfg *cfg)
{
    const struct scn_node *at = switches[SCN_SWITCH_UNMAP].node;
    if (cfg->unmap != HYP_UNMAP_DEFERRED || cfg->lock != HYP_LOCK_ENTRY)
        return true;
    if (!at)
        at = switches[SCN_SWITCH_LOCK].node;
    scn_err(r->diags, at ? at : map, SCN_E_SWITCHES,
            "use unmap: each-leaf, or another lock",
            "combines unmap: deferred with lock: per-entry, under which a fault would "
            "map again what is not flushed yet");
    return false;
}

static bool some_pe_has_hd(const struct scn *s)
{
    for (uint32_t pe = 0; pe < s->pes_n; pe++)
        if (scn_pe_limits(s, pe).hafdbs >= 2)
            return true;
    return false;
}

/* ArmARM: VTCR_EL2.HD has no effect while HA is 0. */
static bool check_dirty(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_val *switches, const struct hyp_cfg *cfg,
                        const struct scn *s)
{
    const struct scn_node *at = switches[SCN_SWITCH_DIRTY].node;
    if (cfg->dirty != HYP_DIRTY_HARDWARE)
        return true;
    if (!at)
        at = map;
    if (cfg->af != HYP_AF_HARDWARE) {
        scn_err(r->diags, at, SCN_E_SWITCHES, "use af: hardware",
                "combines dirty: hardware with af: fault: HD does nothing without HA");
        return false;
    }
    if (s->vms[0].guest.kind == GUEST_REPLAY) {
        scn_err(
            r->diags, at, SCN_E_REPLAY, "accepted in a replay: fault",
            "cannot replay with dirty: hardware: KVM has recorded each first write");
        return false;
    }
    return scn_check_feature(r, at, some_pe_has_hd(s), "feat.hafdbs 2", &s->platform);
}

static bool have_other_vtcrs(const struct scn *s)
{
    for (uint32_t i = 1; i < s->vms_n; i++) {
        if (s->vms[i].vtcr.t0sz != s->vms[0].vtcr.t0sz ||
            s->vms[i].vtcr.tg != s->vms[0].vtcr.tg)
            return true;
    }
    return false;
}

static bool have_stage1(const struct scn *s)
{
    for (uint32_t i = 0; i < s->vms_n; i++)
        if (s->vms[i].stage1.on)
            return true;
    return false;
}

/* One that is made where a PE goes from one VM to another. */
static bool is_of_switches(enum hyp_defect d)
{
    return d == HYP_DEFECT_SWITCH_VMID || d == HYP_DEFECT_SWITCH_VTCR ||
           d == HYP_DEFECT_ROLL_OVER;
}

static bool check_switch_defect(const struct scn_reader *r, const struct scn_node *at,
                                const struct hyp_cfg *cfg, const struct scn *s)
{
    if (cfg->defect == HYP_DEFECT_SWITCH_VTCR && !have_other_vtcrs(s)) {
        scn_err(r->diags, at, SCN_E_NO_EFFECT, "give VMs of different ipa_bits",
                "switch-vtcr needs VMs with different VTCR_EL2");
        return false;
    }
    if (is_of_switches(cfg->defect) && (!s->shares_pes || s->vms_n < 2)) {
        scn_err(r->diags, at, SCN_E_NO_EFFECT, "let VMs begin on one PE: vms[].pes",
                "%s needs VMs that share PEs", hyp_defect_name(cfg->defect));
        return false;
    }
    if (cfg->defect == HYP_DEFECT_SWITCH_VTCR && have_stage1(s)) {
        scn_err(r->diags, at, SCN_E_UNSUPPORTED, "leave stage1 out",
                "switch-vtcr cannot be combined with stage1: the guest would take "
                "stage 1 faults, which no guest here handles");
        return false;
    }
    return true;
}

/* A mistake that cannot be made would be missed in the results. */
static bool check_defect(const struct scn_reader *r, const struct scn_node *map,
                         const struct scn_val *switches, const struct hyp_cfg *cfg,
                         const struct scn *s)
{
    const struct scn_node *at = switches[SCN_SWITCH_DEFECT].node;
    if (!at)
        at = map;
    if (cfg->defect == HYP_DEFECT_WRONG_ORDER && cfg->tlbi == HYP_TLBI_VMID) {
        scn_err(r->diags, at, SCN_E_NO_EFFECT, "use tlbi: ipa or range",
                "wrong-order needs TLBIs by IPA: those by VMID are of both stages");
        return false;
    }
    if (cfg->defect == HYP_DEFECT_FORGOTTEN_VTCR && !have_other_vtcrs(s)) {
        scn_err(r->diags, at, SCN_E_NO_EFFECT, "give VMs of different ipa_bits",
                "forgotten-vtcr needs VMs with different VTCR_EL2");
        return false;
    }
    if (cfg->defect == HYP_DEFECT_OTHER_ATTRS &&
        hyp_sequence_bbm_level(cfg->sequence) == 0) {
        scn_err(r->diags, at, SCN_E_NO_EFFECT, "use sequence: nt, nt-rfc or bbml2",
                "other-attributes needs a block over a live table: "
                "break-before-make may change attributes");
        return false;
    }
    return check_switch_defect(r, at, cfg, s);
}

bool scn_check_switches(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_val *switches,
                        const struct scn_variant *variant, const struct scn *s)
{
    const struct scn_node *sequence = switches[SCN_SWITCH_SEQUENCE].node;
    if (!sequence)
        sequence = map;
    warn_of_bbm_level(r, sequence, variant, s);
    return check_sequence(r, sequence, variant, s) &&
           check_groups(r, sequence, variant, s) &&
           check_unmap(r, map, switches, &variant->hyp) &&
           check_dirty(r, map, switches, &variant->hyp, s) &&
           check_defect(r, map, switches, &variant->hyp, s);
}

/* ---- the clean of several variants ---- */

/* In switches that do something: the path is a name for the others. */
static bool differ_beside_clean(const struct hyp_cfg *a, const struct hyp_cfg *b)
{
    for (unsigned i = 0; i < SCN_SWITCHES_N; i++)
        if (i != SCN_SWITCH_PATH && i != SCN_SWITCH_VMIDS && i != SCN_SWITCH_CLEAN &&
            scn_switch_get(a, i) != scn_switch_get(b, i))
            return true;
    return false;
}

/* Variants that differ in the clean alone compare just that. */
static bool mixes_clean(const struct scn *s)
{
    for (size_t i = 0; i < s->variants_n; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct hyp_cfg *a = &s->variants[i].hyp, *b = &s->variants[k].hyp;
            if (a->clean != b->clean && differ_beside_clean(a, b))
                return true;
        }
    }
    return false;
}

/* "in-window in a (line 10), b (line 11)" */
static void put_cleaners(FILE *f, const struct scn *s, enum hyp_clean clean)
{
    bool first = true;
    for (size_t i = 0; i < s->variants_n; i++) {
        const struct scn_variant *v = &s->variants[i];
        if (v->hyp.clean != clean)
            continue;
        if (first)
            fprintf(f, "%s %s in", ftell(f) ? ";" : ":", hyp_clean_name(clean));
        fprintf(f, "%s %s (line %u)", first ? "" : ",", v->name, v->pos.line);
        first = false;
    }
}

void scn_warn_of_mixed_clean(const struct scn_reader *r, const struct scn_node *list,
                             const struct scn *s)
{
    char *text = NULL;
    size_t len;
    if (!mixes_clean(s))
        return;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        abort();
    for (unsigned i = 0; i < HYP_CLEANS_N; i++)
        put_cleaners(f, s, i);
    if (fclose(f) != 0 || !text)
        abort();
    scn_warn(r->diags, list, SCN_W_MIXED_CLEAN, "",
             "differ in clean: the comparison mixes cache maintenance with the "
             "sequence%s",
             text);
    free(text);
}

/* ---- what a flush by IPA leaves ---- */

static void add_survivors(char buf[SURVIVORS_MAX], const struct scn_tlb *t,
                          const char *name)
{
    size_t at = strlen(buf);
    if (t->cfg.entries_n != 0 && t->cfg.sizes_of[TLB_S2_ONLY] != 0)
        snprintf(buf + at, SURVIVORS_MAX - at, "%s%s", at ? ", " : "", name);
}

/* The structures that hold stage-2-only entries; empty if there are none. */
static void find_survivors(const struct scn_platform *p, char buf[SURVIVORS_MAX])
{
    static const char *const walk[] = {"tlb.walk.s2l0", "tlb.walk.s2l1",
                                       "tlb.walk.s2l2"};
    buf[0] = '\0';
    add_survivors(buf, &p->l2, "tlb.l2");
    add_survivors(buf, &p->s2, "tlb.s2");
    for (unsigned level = 0; level < SCN_ARRAY_N(walk); level++)
        add_survivors(buf, &p->walk_cache[1][level], walk[level]);
}

/* Linux: __kvm_tlb_flush_vmid_ipa() and __kvm_tlb_flush_vmid_range() end with
 * VMALLE1IS, because a combined entry may have been made of the old translation.
 * ArmARM: TLBIMatch; IPAS2E1IS itself leaves combined entries alone. */
static void warn_of_flush_by_ipa(const struct scn_reader *r, const struct scn_node *at,
                                 const struct scn_platform *p)
{
    char survivors[SURVIVORS_MAX], rest[2 * SURVIVORS_MAX];
    find_survivors(p, survivors);
    if (p->tlbi_ipa_combined)
        snprintf(rest, sizeof(rest),
                 "with tlb.tlbi_ipa combined each operation takes them already");
    else
        snprintf(rest, sizeof(rest), "%s%s%s", survivors[0] ? "only" : "nothing",
                 survivors[0] ? " stage-2-only entries of other IPAs survive, in "
                              : " survives, since there is no structure of "
                                "stage-2-only entries on ",
                 survivors[0] ? survivors : p->name);
    scn_warn(r->diags, at, SCN_W_TLBI_IPA, "",
             "%s is not gentle: KVM's flush by IPA ends with VMALLE1IS, so that all "
             "combined and stage 1 entries of the VM go too; %s",
             at->text, rest);
}

bool scn_check_tlbi(const struct scn_reader *r, const struct scn_val *tlbi,
                    const struct scn_platform *p)
{
    if (!tlbi->node || tlbi->u == HYP_TLBI_VMID)
        return true;
    if (!scn_check_feature(r, tlbi->node,
                           tlbi->u != HYP_TLBI_RANGE || p->feat.tlbirange,
                           "feat.tlbirange", p))
        return false;
    warn_of_flush_by_ipa(r, tlbi->node, p);
    return true;
}
