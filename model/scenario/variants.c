/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/variants.c - the choices that a scenario compares. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <stdlib.h>
#include <string.h>

/* `hypervisor` has the switches, a variant has all keys. */
enum { H_NAME = SCN_SWITCHES_N, H_NT_RESPONSE, H_NT_CACHE, H_CONFLICT, H_KEYS_N };

static void list_keys(struct scn_key keys[H_KEYS_N])
{
    for (unsigned i = 0; i < SCN_SWITCHES_N; i++)
        keys[i] = (struct scn_key){.name = scn_switches[i].name,
                                   .type = SCN_T_WORD,
                                   .word = scn_switches[i].word};
    keys[H_NAME] =
        (struct scn_key){.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED};
    keys[H_NT_RESPONSE] = (struct scn_key){
        .name = "nt_response", .type = SCN_T_WORD, .word = scn_nt_response_word};
    keys[H_NT_CACHE] = (struct scn_key){
        .name = "nt_cache", .type = SCN_T_WORD, .word = scn_nt_cache_word};
    keys[H_CONFLICT] = (struct scn_key){
        .name = "conflict", .type = SCN_T_WORD, .word = scn_conflict_word};
}

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
    const struct hyp_cpu cpu = {.s2fwb = p->feat.s2fwb,
                                .dic = p->feat.dic,
                                .tlbirange = p->feat.tlbirange,
                                .ttl = p->feat.ttl};
    unsigned path =
        choose(&v[SCN_SWITCH_PATH], &common[SCN_SWITCH_PATH], HYP_PATH_KVM_6_2);
    struct hyp_cfg cfg = hyp_path_defaults((enum hyp_path)path, &cpu);
    cfg.repeat = p->feat.repeat_tlbi;
    for (unsigned i = 0; i < SCN_SWITCHES_N; i++)
        scn_switch_set(&cfg, i, choose(&v[i], &common[i], scn_switch_get(&cfg, i)));
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

/* True if a variant has the switch `tlbi` of `hypervisor`. */
static bool is_inherited(const struct scn_node *variants)
{
    for (const struct scn_node *n = variants->children; n; n = n->next)
        if (!scn_node_get(n, scn_switches[SCN_SWITCH_TLBI].name))
            return true;
    return false;
}

/* FEAT_BBML3 rules conflict aborts out: a platform's abort becomes a resolution. */
static bool read_conflict(const struct scn_reader *r, const struct scn_val *own,
                          const struct scn_platform *p, enum tlb_conflict *out)
{
    const bool no_aborts = p->feat.bbm_level >= 3;
    *out = own->node ? (enum tlb_conflict)own->u : p->feat.conflict;
    if (*out != TLB_CONFLICT_ABORT || !no_aborts)
        return true;
    *out = TLB_CONFLICT_RESOLVE;
    if (!own->node)
        return true;
    scn_err(r->diags, own->node, SCN_E_NO_ABORT,
            "accepted: older, newer, random, resolve",
            "%s is ruled out by FEAT_BBM level 3 of %s", own->node->text, p->name);
    return false;
}

static bool read_variant(const struct scn_reader *r, const struct scn_node *n,
                         const struct scn_val *common, const struct scn *s,
                         struct scn_variant *out)
{
    struct scn_key keys[H_KEYS_N];
    struct scn_val v[H_KEYS_N];
    list_keys(keys);
    if (!scn_read_map(r, n, keys, H_KEYS_N, v))
        return false;
    out->pos = n->pos;
    out->name = scn_strdup(v[H_NAME].s);
    out->hyp = resolve(v, common, &s->platform);
    out->nt_response = v[H_NT_RESPONSE].node ? (enum walk_nt_response)v[H_NT_RESPONSE].u
                                             : s->platform.feat.nt_response;
    out->nt_cache_fragment =
        v[H_NT_CACHE].node ? v[H_NT_CACHE].u != 0 : s->platform.feat.nt_cache_fragment;
    return read_conflict(r, &v[H_CONFLICT], &s->platform, &out->conflict) &&
           scn_check_tlbi(r, &v[SCN_SWITCH_TLBI], &s->platform) &&
           check_unique(r, v[H_NAME].node, out, s) &&
           scn_check_switches(r, n, v, out, s);
}

bool scn_read_variants(const struct scn_reader *r, const struct scn_node *hypervisor,
                       const struct scn_node *list, struct scn *s)
{
    struct scn_key keys[H_KEYS_N];
    struct scn_val common[SCN_SWITCHES_N] = {{.node = NULL}};
    list_keys(keys);
    bool ok = !hypervisor || scn_read_map(r, hypervisor, keys, SCN_SWITCHES_N, common);
    if (is_inherited(list))
        ok = scn_check_tlbi(r, &common[SCN_SWITCH_TLBI], &s->platform) && ok;
    s->variants = scn_calloc(scn_node_children_n(list), sizeof(*s->variants));
    for (const struct scn_node *n = list->children; n; n = n->next)
        ok = read_variant(r, n, common, s, &s->variants[s->variants_n++]) && ok;
    if (ok)
        scn_warn_of_mixed_clean(r, list, s);
    return ok;
}
