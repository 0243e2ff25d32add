/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/axis.c - the axes of a sweep, and the rules that leave points out. */
#include "model/scenario/sweep_priv.h"

#include <stdlib.h>
#include <string.h>

static const struct scn_key text_key = {.type = SCN_T_TEXT};

/* ---- what a value sets ---- */

bool scn_read_sets(const struct scn_reader *r, const struct scn_node *map,
                   struct scn_set **sets, size_t *sets_n)
{
    struct scn_val v;
    bool ok = true;
    *sets = scn_calloc(scn_node_children_n(map), sizeof(**sets));
    for (const struct scn_node *n = map->children; n; n = n->next) {
        ok = scn_read_value(r, n, &text_key, &v) && ok;
        (*sets)[(*sets_n)++] = (struct scn_set){n->key, n};
    }
    return ok;
}

/* ---- values ---- */

/* Labels are cells of a table without quoting. */
static bool check_label(const struct scn_reader *r, const struct scn_node *at,
                        const struct scn_axis *axis)
{
    if (at->text[strcspn(at->text, ",\"\r\n")]) {
        scn_err(r->diags, at, SCN_E_AXIS, "give the value a label with `choices`",
                "'%s' has a character that no label has: , \" or a line end", at->text);
        return false;
    }
    for (size_t i = 0; i < axis->values_n; i++) {
        if (strcmp(axis->values[i].label, at->text) != 0)
            continue;
        scn_err(r->diags, at, SCN_E_AXIS, "", "'%s' is a value of this axis already",
                at->text);
        return false;
    }
    return true;
}

/* The scalars of list as values of every path. paths: one scalar, or a list. */
static bool take_values(const struct scn_reader *r, const struct scn_node *list,
                        const struct scn_node *paths, struct scn_axis *axis)
{
    const bool several = paths->kind == SCN_NODE_LIST;
    const struct scn_node *first = several ? paths->children : paths;
    size_t paths_n = several ? scn_node_children_n(paths) : 1;
    struct scn_val v;
    bool ok = true;
    for (const struct scn_node *n = paths->children; several && n; n = n->next)
        if (!scn_read_value(r, n, &text_key, &v))
            return false;
    axis->values = scn_calloc(scn_node_children_n(list), sizeof(*axis->values));
    for (const struct scn_node *n = list->children; n; n = n->next) {
        struct scn_axis_value *value = &axis->values[axis->values_n];
        const struct scn_node *path = first;
        if (!scn_read_value(r, n, &text_key, &v) || !check_label(r, n, axis)) {
            ok = false;
            continue;
        }
        *value = (struct scn_axis_value){.label = n->text, .at = n};
        value->sets = scn_calloc(paths_n, sizeof(*value->sets));
        for (; value->sets_n < paths_n; path = path->next)
            value->sets[value->sets_n++] = (struct scn_set){path, n};
        axis->values_n++;
    }
    return ok;
}

static bool take_choices(const struct scn_reader *r, const struct scn_node *list,
                         struct scn_axis *axis)
{
    enum { LABEL, SET };
    static const struct scn_key keys[] = {
        [LABEL] = {.name = "label", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [SET] = {.name = "set", .type = SCN_T_MAP, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    bool ok = true;
    axis->values = scn_calloc(scn_node_children_n(list), sizeof(*axis->values));
    for (const struct scn_node *n = list->children; n; n = n->next) {
        struct scn_axis_value *value = &axis->values[axis->values_n];
        if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v) ||
            !check_label(r, v[LABEL].node, axis)) {
            ok = false;
            continue;
        }
        *value = (struct scn_axis_value){.label = v[LABEL].s, .at = v[LABEL].node};
        axis->values_n++;
        ok = scn_read_sets(r, v[SET].node, &value->sets, &value->sets_n) && ok;
    }
    return ok;
}

/* ---- an axis ---- */

enum { A_NAME, A_PATH, A_PATHS, A_VALUES, A_RANGE, A_LOG, A_CHOICES, A_KEYS_N };

static const struct scn_key axis_keys[A_KEYS_N] = {
    [A_NAME] = {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [A_PATH] = {.name = "path", .type = SCN_T_TEXT},
    [A_PATHS] = {.name = "paths", .type = SCN_T_LIST},
    [A_VALUES] = {.name = "values", .type = SCN_T_LIST},
    [A_RANGE] = {.name = "range", .type = SCN_T_MAP},
    [A_LOG] = {.name = "log", .type = SCN_T_MAP},
    [A_CHOICES] = {.name = "choices", .type = SCN_T_LIST},
};

/* How many of the keys from first to last are given. */
static unsigned given_n(const struct scn_val *v, unsigned first, unsigned last)
{
    unsigned n = 0;
    for (unsigned i = first; i <= last; i++)
        n += v[i].node != NULL;
    return n;
}

static bool check_keys(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_val *v)
{
    unsigned paths_n = given_n(v, A_PATH, A_PATHS);
    if (given_n(v, A_VALUES, A_CHOICES) != 1) {
        scn_err(r->diags, map, SCN_E_EXCLUSIVE, "",
                "needs one of the keys 'values', 'range', 'log' and 'choices'");
        return false;
    }
    if (v[A_CHOICES].node && paths_n > 0) {
        scn_err(r->diags, map, SCN_E_EXCLUSIVE, "each of `choices` has its own paths",
                "has 'choices' beside 'path' or 'paths'");
        return false;
    }
    if (!v[A_CHOICES].node && paths_n != 1) {
        scn_err(r->diags, map, SCN_E_EXCLUSIVE, "",
                "needs one of the keys 'path' and 'paths'");
        return false;
    }
    return true;
}

bool scn_read_axis(const struct scn_reader *r, const struct scn_node *map,
                   struct scn_axis *axis)
{
    struct scn_val v[A_KEYS_N];
    const struct scn_node *list, *paths;
    if (!scn_read_map(r, map, axis_keys, A_KEYS_N, v) || !check_keys(r, map, v))
        return false;
    axis->at = v[A_NAME].node;
    axis->name = v[A_NAME].s;
    if (v[A_CHOICES].node)
        return take_choices(r, v[A_CHOICES].node, axis);
    if (v[A_RANGE].node)
        axis->made = scn_read_range(r, v[A_RANGE].node);
    if (v[A_LOG].node)
        axis->made = scn_read_log(r, v[A_LOG].node);
    list = v[A_VALUES].node ? v[A_VALUES].node : axis->made;
    paths = v[A_PATH].node ? v[A_PATH].node : v[A_PATHS].node;
    return list && take_values(r, list, paths, axis);
}

void scn_axis_free(struct scn_axis *axis)
{
    for (size_t i = 0; i < axis->values_n; i++)
        free(axis->values[i].sets);
    free(axis->values);
    scn_node_free(axis->made);
}

/* ---- rules ---- */

/* The index of the value that n names; SIZE_MAX after a diagnostic. */
static size_t value_index(const struct scn_reader *r, const struct scn_node *n,
                          const struct scn_axis *axis)
{
    struct scn_val v;
    if (!scn_read_value(r, n, &text_key, &v))
        return SIZE_MAX;
    for (size_t i = 0; i < axis->values_n; i++)
        if (strcmp(axis->values[i].label, n->text) == 0)
            return i;
    scn_err(r->diags, n, SCN_E_AXIS, "", "'%s' is not a value of axis %s", n->text,
            axis->name);
    return SIZE_MAX;
}

/* {from, to}: values in the order of the axis, both ends included. */
static bool read_span(const struct scn_reader *r, const struct scn_node *map,
                      const struct scn_axis *axis, bool *has)
{
    static const struct scn_key keys[] = {{.name = "from", .type = SCN_T_TEXT},
                                          {.name = "to", .type = SCN_T_TEXT}};
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    size_t from = v[0].node ? value_index(r, v[0].node, axis) : 0;
    size_t to = v[1].node ? value_index(r, v[1].node, axis) : axis->values_n - 1;
    if (from == SIZE_MAX || to == SIZE_MAX)
        return false;
    for (size_t i = from; i <= to; i++)
        has[i] = true;
    return true;
}

/* One value, a list of values, or a span. */
static bool read_condition(const struct scn_reader *r, const struct scn_node *n,
                           const struct scn_axis *axis, bool *has)
{
    const struct scn_node *first = n->kind == SCN_NODE_LIST ? n->children : n;
    if (n->kind == SCN_NODE_MAP)
        return read_span(r, n, axis, has);
    for (const struct scn_node *c = first; c; c = n == first ? NULL : c->next) {
        size_t index = value_index(r, c, axis);
        if (index == SIZE_MAX)
            return false;
        has[index] = true;
    }
    return true;
}

static bool read_rule(const struct scn_reader *r, const struct scn_node *map,
                      const struct scn_sweep *s, struct scn_rule *rule)
{
    struct scn_key keys[SCN_AXES_MAX];
    struct scn_val v[SCN_AXES_MAX];
    bool ok = true;
    for (size_t i = 0; i < s->axes_n; i++)
        keys[i] = (struct scn_key){.name = s->axes[i].name, .type = SCN_T_ANY};
    if (!scn_read_map(r, map, keys, s->axes_n, v))
        return false;
    for (size_t i = 0; i < s->axes_n; i++) {
        if (!v[i].node)
            continue;
        rule->has[i] = scn_calloc(s->axes[i].values_n, sizeof(*rule->has[i]));
        ok = read_condition(r, v[i].node, &s->axes[i], rule->has[i]) && ok;
    }
    return ok;
}

bool scn_read_rules(const struct scn_reader *r, const struct scn_node *list,
                    const struct scn_sweep *s, struct scn_rule **rules, size_t *n)
{
    bool ok = true;
    *rules = scn_calloc(scn_node_children_n(list), sizeof(**rules));
    for (const struct scn_node *map = list->children; map; map = map->next)
        ok = read_rule(r, map, s, &(*rules)[(*n)++]) && ok;
    return ok;
}
