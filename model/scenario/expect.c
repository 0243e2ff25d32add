/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/expect.c - what the author of a scenario expects of its results. */
#include "model/monitor/rule.h"
#include "model/scenario/scn_priv.h"

#include <math.h>
#include <string.h>

enum { E_VARIANT, E_VM, E_COLUMN, E_MIN, E_MAX, E_VIOLATION, E_AT, E_KEYS_N };

#define AT_MAX 1000000

static const char *code_word(unsigned i)
{
    return i < MON_CODES_N ? mon_code_name((enum mon_code)i) : NULL;
}

static const struct scn_key keys[E_KEYS_N] = {
    [E_VARIANT] = {.name = "variant", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [E_VM] = {.name = "vm", .type = SCN_T_NAME},
    [E_COLUMN] = {.name = "column", .type = SCN_T_TEXT},
    [E_MIN] = {.name = "min", .type = SCN_T_NUMBER},
    [E_MAX] = {.name = "max", .type = SCN_T_NUMBER},
    [E_VIOLATION] = {.name = "violation", .type = SCN_T_WORD, .word = code_word},
    [E_AT] = {.name = "at", .type = SCN_T_COUNT, .min = 1, .max = AT_MAX},
};

static bool has_variant(const struct scn *s, const char *name)
{
    for (size_t i = 0; i < s->variants_n; i++)
        if (s->variants[i].name && strcmp(s->variants[i].name, name) == 0)
            return true;
    return false;
}

/* A column with its limits. */
static bool read_limits(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_val *v, struct scn_expect *out)
{
    if (!v[E_MIN].node && !v[E_MAX].node) {
        scn_err(r->diags, n, SCN_E_EXCLUSIVE, "give min, max or both", "sets no limit");
        return false;
    }
    if (v[E_AT].node) {
        scn_err(r->diags, v[E_AT].node, SCN_E_NO_EFFECT, "", "is of violation only");
        return false;
    }
    out->column = scn_strdup(v[E_COLUMN].s);
    out->min = v[E_MIN].node ? v[E_MIN].d : -INFINITY;
    out->max = v[E_MAX].node ? v[E_MAX].d : INFINITY;
    if (out->min <= out->max)
        return true;
    scn_err(r->diags, v[E_MAX].node, SCN_E_RANGE, "", "%s is below min",
            v[E_MAX].node->text);
    return false;
}

static bool read_violation(const struct scn_reader *r, const struct scn_val *v,
                           struct scn_expect *out)
{
    const struct scn_node *limit = v[E_MIN].node ? v[E_MIN].node : v[E_MAX].node;
    if (limit) {
        scn_err(r->diags, limit, SCN_E_NO_EFFECT, "", "is of column only");
        return false;
    }
    out->violation = mon_code_name((enum mon_code)v[E_VIOLATION].u);
    out->at = (uint32_t)v[E_AT].u;
    return true;
}

static bool read_expect(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn *s, struct scn_expect *out)
{
    struct scn_val v[E_KEYS_N];
    int32_t vm = -1;
    if (!scn_read_map(r, n, keys, E_KEYS_N, v))
        return false;
    if (!has_variant(s, v[E_VARIANT].s)) {
        scn_err(r->diags, v[E_VARIANT].node, SCN_E_NO_VARIANT, "",
                "'%s' is not a variant of this scenario", v[E_VARIANT].s);
        return false;
    }
    if (!scn_find_vm(r, v[E_VM].node, s, &vm))
        return false;
    if (!v[E_COLUMN].node == !v[E_VIOLATION].node) {
        scn_err(r->diags, n, SCN_E_EXCLUSIVE, "give one of them",
                "gives %s of column and violation", v[E_COLUMN].node ? "both" : "none");
        return false;
    }
    *out = (struct scn_expect){
        .pos = n->pos, .vm = vm, .variant = scn_strdup(v[E_VARIANT].s)};
    return v[E_COLUMN].node ? read_limits(r, n, v, out) : read_violation(r, v, out);
}

bool scn_read_expects(const struct scn_reader *r, const struct scn_node *list,
                      struct scn *s)
{
    bool ok = true;
    s->expects = scn_calloc(scn_node_children_n(list), sizeof(*s->expects));
    for (const struct scn_node *n = list->children; n; n = n->next)
        ok = read_expect(r, n, s, &s->expects[s->expects_n++]) && ok;
    return ok;
}
