/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest_litmus.c - a litmus test. */
#include "model/scenario/guest_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MAX UINT64_C(1000000000) /* 1 ms */
#define ROUNDS_MAX 1000000u

static const char *verdict_word(unsigned i)
{
    static const char *const words[] = {"allowed", "forbidden", "undecided"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *stage_word(unsigned i)
{
    static const char *const words[] = {"stage-1", "stage-2"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *set_word(unsigned i)
{
    static const char *const words[] = {[LITMUS_INVALID] = "invalid",
                                        [LITMUS_ORIGINAL] = "original",
                                        [LITMUS_LEAF] = "leaf"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *barrier_word(unsigned i)
{
    return i == ARCH_DSB_SY + 2 ? "eret" : scn_barrier_word(i);
}

static bool is_in_memory(const struct scn_reader *r, const struct scn_val *v,
                         const struct scn_vm *vm)
{
    if (scn_memory_find(vm, v->u, 8) && v->u % 8 == 0)
        return true;
    scn_err(r->diags, v->node, SCN_E_OUTSIDE_MEMORY, "",
            "%s is no aligned 64-bit word in a memory region of the VM", v->node->text);
    return false;
}

static bool is_vcpu(const struct scn_reader *r, const struct scn_val *v,
                    const struct scn_vm *vm)
{
    if (v->u < vm->vcpus_n)
        return true;
    scn_err(r->diags, v->node, SCN_E_VCPU, "",
            "%" PRIu64 " does not exist: the VM has vCPUs 0 to %" PRIu32, v->u,
            vm->vcpus_n - 1);
    return false;
}

static bool is_missing(const struct scn_reader *r, const struct scn_node *at,
                       const struct scn_val *v, const char *key)
{
    if (!v->node)
        scn_err(r->diags, at, SCN_E_MISSING_KEY, "",
                "lacks the required key '%s' beside it", key);
    return !v->node;
}

/* ---- steps ---- */

enum {
    VCPU,
    AFTER,
    LOAD,
    TO,
    STORE,
    VALUE,
    WRITE,
    IA,
    LEVEL,
    SET,
    OA,
    TLBI,
    PAGE,
    BARRIER,
    STEP_KEYS_N
};

/* The leaf of that stage that maps ia before the run. */
static int leaf_level(const struct scn_vm *vm, unsigned stage, uint64_t ia)
{
    const unsigned shift =
        stage == 1 ? vm->stage1.map_shift : scn_memory_find(vm, ia, 1)->map_shift;
    return arch_level_of_shift(ARCH_TG_4K, shift);
}

/* The tables as they are built have the entry, and a leaf at it if it is to be one. */
static bool check_entry(const struct scn_reader *r, const struct scn_node *at,
                        const struct scn_val *v, const struct scn_vm *vm,
                        const struct litmus_entry *e)
{
    const struct scn_memory *m = scn_memory_find(vm, e->ia, 1);
    if (!m || !m->mapped || m->pages_n) {
        scn_err(r->diags, v[IA].node, SCN_E_OUTSIDE_MEMORY, "",
                "%s is in no memory region that is all mapped before the run",
                v[IA].node->text);
        return false;
    }
    if (e->stage == 1 && !vm->stage1.on) {
        scn_err(r->diags, at, SCN_E_MISSING_KEY, "",
                "needs the key 'stage1' of the VM");
        return false;
    }
    const int leaf = leaf_level(vm, e->stage, e->ia);
    const int start = e->stage == 1 ? 0 : 2 - vm->vtcr.sl0; /* of the 4K granule */
    if (e->level < start || e->level > leaf ||
        (e->set == LITMUS_LEAF && e->level != leaf)) {
        scn_err(r->diags, v[LEVEL].node ? v[LEVEL].node : at, SCN_E_RANGE, "",
                "level %d has no such entry: the tables begin at level %d, the leaves "
                "are at level %d",
                e->level, start, leaf);
        return false;
    }
    if (e->oa % (UINT64_C(1) << arch_level_shift(ARCH_TG_4K, e->level)) == 0)
        return true;
    scn_err(r->diags, v[OA].node, SCN_E_ALIGN, "", "%s is not aligned to the leaf",
            v[OA].node->text);
    return false;
}

/* The entry that IA, LEVEL, SET and OA tell. */
static bool read_entry(const struct scn_reader *r, const struct scn_node *at,
                       const struct scn_val *v, const struct scn_vm *vm, unsigned stage,
                       struct litmus_entry *out)
{
    if (is_missing(r, at, &v[IA], "ia") || is_missing(r, at, &v[SET], "set") ||
        (v[SET].u == LITMUS_LEAF && is_missing(r, v[SET].node, &v[OA], "oa")))
        return false;
    *out = (struct litmus_entry){(uint8_t)(stage + 1), (int8_t)v[LEVEL].u, v[IA].u,
                                 (enum litmus_set)v[SET].u, v[OA].u};
    return check_entry(r, at, v, vm, out);
}

static bool read_tlbi(const struct scn_reader *r, const struct scn_val *v,
                      struct litmus_step *s)
{
    s->kind = LITMUS_TLBI;
    s->by_page = v[PAGE].node != NULL;
    s->va = v[PAGE].u;
    s->value = v[VALUE].u;
    if (arch_tlbi_by_name(v[TLBI].node->text, &s->tlbi, &s->domain))
        return true;
    scn_err(r->diags, v[TLBI].node, SCN_E_WORD,
            "accepted: an instruction as the assembler names it, such as VALE1IS",
            "'%s' is no TLBI instruction that this version has", v[TLBI].node->text);
    return false;
}

static bool read_load(const struct scn_reader *r, const struct scn_val *v,
                      const struct scn_vm *vm, struct litmus_step *s)
{
    s->kind = LITMUS_LOAD;
    s->va = v[LOAD].u;
    if (is_missing(r, v[LOAD].node, &v[TO], "to") || !is_in_memory(r, &v[LOAD], vm))
        return false;
    if (strlen(v[TO].s) < sizeof(s->to)) {
        strcpy(s->to, v[TO].s);
        return true;
    }
    scn_err(r->diags, v[TO].node, SCN_E_NAME, "", "'%s' is longer than %zu characters",
            v[TO].s, sizeof(s->to) - 1);
    return false;
}

static bool read_store(const struct scn_reader *r, const struct scn_val *v,
                       const struct scn_vm *vm, struct litmus_step *s)
{
    s->kind = LITMUS_STORE;
    s->va = v[STORE].u;
    s->value = v[VALUE].u;
    return is_in_memory(r, &v[STORE], vm);
}

static bool read_kind(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_val *v, const struct scn_vm *vm,
                      struct litmus_step *s)
{
    if (v[LOAD].node)
        return read_load(r, v, vm, s);
    if (v[STORE].node)
        return read_store(r, v, vm, s);
    if (v[TLBI].node)
        return read_tlbi(r, v, s);
    if (v[WRITE].node) {
        s->kind = LITMUS_WRITE;
        return read_entry(r, v[WRITE].node, v, vm, (unsigned)v[WRITE].u, &s->entry);
    }
    if (!v[BARRIER].node) {
        scn_err(r->diags, n, SCN_E_MISSING_KEY, "",
                "lacks the required key 'load', 'store', 'write', 'tlbi' or 'barrier'");
        return false;
    }
    s->kind = v[BARRIER].u <= ARCH_DSB_SY       ? LITMUS_DSB
              : v[BARRIER].u == ARCH_DSB_SY + 1 ? LITMUS_ISB
                                                : LITMUS_ERET;
    s->dsb = (enum arch_dsb)v[BARRIER].u;
    return true;
}

static bool read_step(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, struct litmus_step *s)
{
    static const struct scn_key keys[STEP_KEYS_N] = {
        [VCPU] = {.name = "vcpu", .type = SCN_T_COUNT, .max = UINT32_MAX},
        [AFTER] = {.name = "after", .type = SCN_T_TIME, .max = DELAY_MAX},
        [LOAD] = {.name = "load", .type = SCN_T_ADDRESS},
        [TO] = {.name = "to", .type = SCN_T_NAME},
        [STORE] = {.name = "store", .type = SCN_T_ADDRESS},
        [VALUE] = {.name = "value", .type = SCN_T_ADDRESS},
        [WRITE] = {.name = "write", .type = SCN_T_WORD, .word = stage_word},
        [IA] = {.name = "ia", .type = SCN_T_ADDRESS},
        [LEVEL] = {.name = "level", .type = SCN_T_COUNT, .min = 1, .max = 3, .def = 3},
        [SET] = {.name = "set", .type = SCN_T_WORD, .word = set_word},
        [OA] = {.name = "oa", .type = SCN_T_ADDRESS},
        [TLBI] = {.name = "tlbi", .type = SCN_T_TEXT},
        [PAGE] = {.name = "page", .type = SCN_T_ADDRESS},
        [BARRIER] = {.name = "barrier", .type = SCN_T_WORD, .word = barrier_word},
    };
    struct scn_val v[STEP_KEYS_N];
    if (!scn_read_map(r, n, keys, STEP_KEYS_N, v) || !is_vcpu(r, &v[VCPU], vm))
        return false;
    s->vcpu = (uint32_t)v[VCPU].u;
    s->after_ps = v[AFTER].u;
    return read_kind(r, n, v, vm, s);
}

/* ---- what surrounds them ---- */

static bool read_init(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, struct litmus_entry *out)
{
    static const struct scn_key keys[] = {
        {.name = "write", .type = SCN_T_WORD, .need = SCN_REQUIRED, .word = stage_word},
        {.name = "ia", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
        {.name = "level", .type = SCN_T_COUNT, .min = 1, .max = 3, .def = 3},
        {.name = "set", .type = SCN_T_WORD, .need = SCN_REQUIRED, .word = set_word},
        {.name = "oa", .type = SCN_T_ADDRESS},
    };
    struct scn_val v[SCN_ARRAY_N(keys)], step[STEP_KEYS_N] = {{.node = NULL}};
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    step[IA] = v[1];
    step[LEVEL] = v[2];
    step[SET] = v[3];
    step[OA] = v[4];
    return read_entry(r, v[0].node, step, vm, (unsigned)v[0].u, out);
}

static bool read_word(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, struct litmus_word *out)
{
    static const struct scn_key keys[] = {
        {.name = "at", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
        {.name = "value", .type = SCN_T_ADDRESS},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v) || !is_in_memory(r, &v[0], vm))
        return false;
    *out = (struct litmus_word){v[0].u, v[1].u};
    return true;
}

static bool read_warm(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, struct litmus_warm *out)
{
    static const struct scn_key keys[] = {
        {.name = "vcpu", .type = SCN_T_COUNT, .max = UINT32_MAX},
        {.name = "load", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v) || !is_vcpu(r, &v[0], vm) ||
        !is_in_memory(r, &v[1], vm))
        return false;
    *out = (struct litmus_warm){(uint32_t)v[0].u, v[1].u};
    return true;
}

static bool read_sweep(const struct scn_reader *r, const struct scn_node *n,
                       size_t steps_n, struct litmus_sweep *out)
{
    enum { STEP, FROM, UP_TO, BY };
    static const struct scn_key keys[] = {
        [STEP] = {.name = "step", .type = SCN_T_COUNT, .need = SCN_REQUIRED},
        [FROM] = {.name = "from", .type = SCN_T_TIME, .max = DELAY_MAX},
        [UP_TO] = {.name = "to",
                   .type = SCN_T_TIME,
                   .need = SCN_REQUIRED,
                   .max = DELAY_MAX},
        [BY] = {.name = "by",
                .type = SCN_T_TIME,
                .need = SCN_REQUIRED,
                .min = 1,
                .max = DELAY_MAX},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    *out = (struct litmus_sweep){(uint32_t)v[STEP].u, v[FROM].u, v[UP_TO].u, v[BY].u};
    if (v[STEP].u < steps_n && v[FROM].u <= v[UP_TO].u)
        return true;
    scn_err(r->diags, v[STEP].u < steps_n ? v[UP_TO].node : v[STEP].node, SCN_E_RANGE,
            "steps count from 0, and from is at most to", "is out of range");
    return false;
}

/* ---- the test ---- */

enum {
    SHAPE = 1,
    VERDICT,
    ASKS,
    WHY,
    NOT_MODELLED,
    STEPS,
    DATA,
    INIT,
    WARM,
    FINAL,
    SWEEP,
    LITMUS_KEYS_N
};

/* Room for the children of a list in one array of the test. */
#define LIST_OF(member, val)                                                           \
    (g->member = (val)->node ? scn_calloc(scn_node_children_n((val)->node),            \
                                          sizeof(*g->member))                          \
                             : NULL)

#define EACH(n, val)                                                                   \
    (const struct scn_node *n = (val)->node ? (val)->node->children : NULL; n;         \
     n = n->next)

static bool read_lists(const struct scn_reader *r, const struct scn_val *v,
                       const struct scn_vm *vm, struct guest_litmus *g)
{
    bool ok = true;
    LIST_OF(steps, &v[STEPS]);
    LIST_OF(data, &v[DATA]);
    LIST_OF(init, &v[INIT]);
    LIST_OF(warm, &v[WARM]);
    LIST_OF(final, &v[FINAL]);
    LIST_OF(sweeps, &v[SWEEP]);
    for
        EACH(n, &v[STEPS])
    ok = read_step(r, n, vm, &g->steps[g->steps_n++]) && ok;
    for
        EACH(n, &v[DATA])
    ok = read_word(r, n, vm, &g->data[g->data_n++]) && ok;
    for
        EACH(n, &v[INIT])
    ok = read_init(r, n, vm, &g->init[g->init_n++]) && ok;
    for
        EACH(n, &v[WARM])
    ok = read_warm(r, n, vm, &g->warm[g->warm_n++]) && ok;
    for
        EACH(n, &v[FINAL])
    ok = read_word(r, n, vm, &g->final[g->final_n++]) && ok;
    for
        EACH(n, &v[SWEEP])
    ok = read_sweep(r, n, g->steps_n, &g->sweeps[g->sweeps_n++]) && ok;
    return ok;
}

static bool check_test(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_val *v, const struct guest_litmus *g)
{
    char word[LITMUS_OUTCOME_MAX];
    if (g->not_modelled)
        return true;
    if (is_missing(r, map, &v[STEPS], "steps"))
        return false;
    if (litmus_unknown_word(g, word)) {
        scn_err(r->diags, v[ASKS].node, SCN_E_WORD,
                "accepted: VCPU:REGISTER=VALUE of a load, mem:ADDRESS=VALUE of final, "
                "joined by 'and' and 'or'",
                "asks for '%s', which no outcome has", word);
        return false;
    }
    if (litmus_rounds_n(g) <= ROUNDS_MAX)
        return true;
    scn_err(r->diags, v[SWEEP].node, SCN_E_RANGE, "", "makes more than %u rounds",
            ROUNDS_MAX);
    return false;
}

bool scn_read_litmus(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_vm *vm, struct guest_litmus *g)
{
    static const struct scn_key keys[LITMUS_KEYS_N] = {
        SCN_GUEST_KIND,
        [SHAPE] = {.name = "shape", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [VERDICT] = {.name = "verdict",
                     .type = SCN_T_WORD,
                     .need = SCN_REQUIRED,
                     .word = verdict_word},
        [ASKS] = {.name = "asks", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [WHY] = {.name = "why", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [NOT_MODELLED] = {.name = "not_modelled", .type = SCN_T_TEXT},
        [STEPS] = {.name = "steps", .type = SCN_T_LIST},
        [DATA] = {.name = "data", .type = SCN_T_LIST},
        [INIT] = {.name = "init", .type = SCN_T_LIST},
        [WARM] = {.name = "warm", .type = SCN_T_LIST},
        [FINAL] = {.name = "final", .type = SCN_T_LIST},
        [SWEEP] = {.name = "sweep", .type = SCN_T_LIST},
    };
    struct scn_val v[LITMUS_KEYS_N];
    if (!scn_read_map(r, map, keys, LITMUS_KEYS_N, v))
        return false;
    if (vm->vtcr.tg != ARCH_TG_4K) {
        scn_err(r->diags, map, SCN_E_UNSUPPORTED, "",
                "writes descriptors of the 4K granule only");
        return false;
    }
    g->shape = scn_strdup(v[SHAPE].s);
    g->verdict = scn_strdup(verdict_word((unsigned)v[VERDICT].u));
    g->asks = scn_strdup(v[ASKS].s);
    g->why = scn_strdup(v[WHY].s);
    if (v[NOT_MODELLED].node)
        g->not_modelled = scn_strdup(v[NOT_MODELLED].s);
    return read_lists(r, v, vm, g) && check_test(r, map, v, g);
}

void scn_free_litmus(struct guest_litmus *g)
{
    free(g->shape);
    free(g->verdict);
    free(g->asks);
    free(g->why);
    free(g->not_modelled);
    free(g->steps);
    free(g->data);
    free(g->init);
    free(g->warm);
    free(g->final);
    free(g->sweeps);
}
