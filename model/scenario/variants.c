/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/variants.c - the choices that a scenario compares. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <stdlib.h>
#include <string.h>

#define SURVIVORS_MAX 120

static const char *sequence_word(unsigned i)
{
    return i < HYP_SEQUENCES_N ? hyp_sequence_name((enum hyp_sequence)i) : NULL;
}

static const char *path_word(unsigned i)
{
    return i < HYP_PATHS_N ? hyp_path_name((enum hyp_path)i) : NULL;
}

static const char *lock_word(unsigned i)
{
    return i < HYP_LOCKS_N ? hyp_lock_name((enum hyp_lock)i) : NULL;
}

static const char *clean_word(unsigned i)
{
    return i < HYP_CLEANS_N ? hyp_clean_name((enum hyp_clean)i) : NULL;
}

const char *scn_tlbi_word(unsigned i)
{
    static const char *const words[] = {
        [HYP_TLBI_VMID] = "vmid", [HYP_TLBI_IPA] = "ipa", [HYP_TLBI_RANGE] = "range"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

/* `hypervisor` has the keys up to H_NAME, a variant has all. */
enum {
    H_PATH,
    H_SEQUENCE,
    H_LOCK,
    H_CLEAN,
    H_TLBI,
    H_REPEAT,
    H_NAME,
    H_NT_RESPONSE,
    H_NT_CACHE,
    H_KEYS_N
};

static const struct scn_key keys[H_KEYS_N] = {
    [H_PATH] = {.name = "path", .type = SCN_T_WORD, .word = path_word},
    [H_SEQUENCE] = {.name = "sequence", .type = SCN_T_WORD, .word = sequence_word},
    [H_LOCK] = {.name = "lock", .type = SCN_T_WORD, .word = lock_word},
    [H_CLEAN] = {.name = "clean", .type = SCN_T_WORD, .word = clean_word},
    [H_TLBI] = {.name = "tlbi", .type = SCN_T_WORD, .word = scn_tlbi_word},
    [H_REPEAT] = {.name = "repeat_tlbi", .type = SCN_T_WORD, .word = scn_repeat_word},
    [H_NAME] = {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [H_NT_RESPONSE] = {.name = "nt_response",
                       .type = SCN_T_WORD,
                       .word = scn_nt_response_word},
    [H_NT_CACHE] = {.name = "nt_cache", .type = SCN_T_WORD, .word = scn_nt_cache_word},
};

/* The variant's own value, else that of `hypervisor`, else def. */
static unsigned choose(const struct scn_val *own, const struct scn_val *common,
                       unsigned def)
{
    if (own->node)
        return (unsigned)own->u;
    return common->node ? (unsigned)common->u : def;
}

static struct hyp_cfg resolve(const struct scn_val *v, const struct scn_val *common,
                              const struct scn_platform *p)
{
    unsigned path = choose(&v[H_PATH], &common[H_PATH], HYP_PATH_KVM_6_2);
    const struct hyp_cpu cpu = {.s2fwb = p->feat.s2fwb,
                                .dic = p->feat.dic,
                                .tlbirange = p->feat.tlbirange,
                                .ttl = p->feat.ttl};
    struct hyp_cfg cfg = hyp_path_defaults((enum hyp_path)path, &cpu);
    cfg.sequence =
        (enum hyp_sequence)choose(&v[H_SEQUENCE], &common[H_SEQUENCE], cfg.sequence);
    cfg.lock = (enum hyp_lock)choose(&v[H_LOCK], &common[H_LOCK], cfg.lock);
    cfg.clean = (enum hyp_clean)choose(&v[H_CLEAN], &common[H_CLEAN], cfg.clean);
    cfg.tlbi = (enum hyp_tlbi)choose(&v[H_TLBI], &common[H_TLBI], cfg.tlbi);
    cfg.repeat =
        (enum hyp_repeat)choose(&v[H_REPEAT], &common[H_REPEAT], p->feat.repeat_tlbi);
    cfg.ttl = p->feat.ttl;
    return cfg;
}

static bool check_unique(const struct scn_reader *r, const struct scn_node *at,
                         const struct scn_variant *variant, const struct scn *s)
{
    for (const struct scn_variant *v = s->variants; v < variant; v++) {
        if (!v->name || strcmp(v->name, variant->name) != 0)
            continue;
        scn_err(r->diags, at, SCN_E_DUPLICATE_NAME, "", "'%s' is taken by line %u",
                v->name, v->pos.line);
        return false;
    }
    return true;
}

static bool check_sequence(const struct scn_reader *r, const struct scn_node *at,
                           const struct scn_variant *variant, const struct scn *s)
{
    enum hyp_sequence sequence = variant->hyp.sequence;
    if (hyp_sequence_bbm_level(sequence) > s->platform.feat.bbm_level) {
        const unsigned needed = hyp_sequence_bbm_level(sequence);

        scn_err(r->diags, at, SCN_E_BBM_LEVEL,
                needed == 1
                    ? "use another sequence, or a platform with feat.bbm_level 1 or 2"
                    : "use another sequence, or a platform with feat.bbm_level 2",
                "%s needs FEAT_BBM level %u: %s has level %u",
                hyp_sequence_name(sequence), needed, s->platform.name,
                s->platform.feat.bbm_level);
        return false;
    }
    if (s->vm.guest.kind == GUEST_REPLAY && sequence != HYP_SEQ_BBM &&
        sequence != HYP_SEQ_BBM_EARLY) {
        scn_err(r->diags, at, SCN_E_REPLAY, "accepted in a replay: bbm, bbm-early",
                "%s cannot replay recorded attempts", hyp_sequence_name(sequence));
        return false;
    }
    if (s->vm.guest.kind == GUEST_REPLAY && variant->hyp.lock != HYP_LOCK_SHARED) {
        scn_err(r->diags, at, SCN_E_REPLAY, "set lock: shared",
                "replays the order of handlers that ran at the same time, which an "
                "exclusive lock rules out");
        return false;
    }
    return true;
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

static bool check_tlbi(const struct scn_reader *r, const struct scn_val *tlbi,
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

/* True if a variant has the switch `tlbi` of `hypervisor`. */
static bool is_inherited(const struct scn_node *variants)
{
    for (const struct scn_node *n = variants->children; n; n = n->next)
        if (!scn_node_get(n, keys[H_TLBI].name))
            return true;
    return false;
}

static bool read_variant(const struct scn_reader *r, const struct scn_node *n,
                         const struct scn_val *common, const struct scn *s,
                         struct scn_variant *out)
{
    struct scn_val v[H_KEYS_N];
    if (!scn_read_map(r, n, keys, H_KEYS_N, v))
        return false;
    out->pos = n->pos;
    out->name = scn_strdup(v[H_NAME].s);
    out->hyp = resolve(v, common, &s->platform);
    out->nt_response = v[H_NT_RESPONSE].node ? (enum walk_nt_response)v[H_NT_RESPONSE].u
                                             : s->platform.feat.nt_response;
    out->nt_cache_fragment =
        v[H_NT_CACHE].node ? v[H_NT_CACHE].u != 0 : s->platform.feat.nt_cache_fragment;
    return check_tlbi(r, &v[H_TLBI], &s->platform) &&
           check_unique(r, v[H_NAME].node, out, s) &&
           check_sequence(r, v[H_SEQUENCE].node ? v[H_SEQUENCE].node : n, out, s);
}

bool scn_read_variants(const struct scn_reader *r, const struct scn_node *hypervisor,
                       const struct scn_node *list, struct scn *s)
{
    struct scn_val common[H_NAME] = {{.node = NULL}};
    bool ok = !hypervisor || scn_read_map(r, hypervisor, keys, H_NAME, common);
    if (is_inherited(list))
        ok = check_tlbi(r, &common[H_TLBI], &s->platform) && ok;
    s->variants = scn_calloc(scn_node_children_n(list), sizeof(*s->variants));
    for (const struct scn_node *n = list->children; n; n = n->next)
        ok = read_variant(r, n, common, s, &s->variants[s->variants_n++]) && ok;
    return ok;
}
