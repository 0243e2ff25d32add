/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/variants.c - the choices that a scenario compares. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <stdlib.h>
#include <string.h>

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

/* `hypervisor` has the keys up to H_NAME, a variant has all. */
enum {
    H_PATH,
    H_SEQUENCE,
    H_LOCK,
    H_CLEAN,
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
    return check_unique(r, v[H_NAME].node, out, s) &&
           check_sequence(r, v[H_SEQUENCE].node ? v[H_SEQUENCE].node : n, out, s);
}

bool scn_read_variants(const struct scn_reader *r, const struct scn_node *hypervisor,
                       const struct scn_node *list, struct scn *s)
{
    struct scn_val common[H_NAME] = {{.node = NULL}};
    bool ok = !hypervisor || scn_read_map(r, hypervisor, keys, H_NAME, common);
    s->variants = scn_calloc(scn_node_children_n(list), sizeof(*s->variants));
    for (const struct scn_node *n = list->children; n; n = n->next)
        ok = read_variant(r, n, common, s, &s->variants[s->variants_n++]) && ok;
    return ok;
}
