/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/sweep.c - a sweep file, and the points that it asks for. */
#include "model/scenario/sweep.h"
#include "model/scenario/sweep_priv.h"

#include <stdlib.h>
#include <string.h>

enum {
    W_VERSION,
    W_NAME,
    W_TITLE,
    W_SCENARIO,
    W_SEEDS,
    W_SET,
    W_AXES,
    W_ONLY,
    W_SKIP,
    W_COLUMNS,
    W_KEYS_N
};

static const struct scn_key sweep_keys[W_KEYS_N] = {
    [W_VERSION] = {.name = "sweep", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    [W_NAME] = {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [W_TITLE] = {.name = "title", .type = SCN_T_TEXT},
    [W_SCENARIO] = {.name = "scenario", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    [W_SEEDS] = {.name = "seeds", .type = SCN_T_MAP},
    [W_SET] = {.name = "set", .type = SCN_T_MAP},
    [W_AXES] = {.name = "axes", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    [W_ONLY] = {.name = "only", .type = SCN_T_LIST},
    [W_SKIP] = {.name = "skip", .type = SCN_T_LIST},
    [W_COLUMNS] = {.name = "columns", .type = SCN_T_LIST},
};

bool scn_is_sweep(const char *file)
{
    struct scn_diags diags = {.n = 0};
    struct scn_doc doc;
    bool is = scn_doc_load(&doc, file, NULL, &diags) && scn_node_get(doc.root, "sweep");
    scn_doc_free(&doc);
    scn_diags_free(&diags);
    return is;
}

/* `seeds` of the sweep as sets of "seeds.count" and "seeds.first", behind those that
 * s has. */
static void add_seeds(const struct scn_node *map, struct scn_sweep *s)
{
    size_t n = s->sets_n + scn_node_children_n(map);
    struct scn_set *sets = scn_calloc(n, sizeof(*sets));
    if (s->sets_n)
        memcpy(sets, s->sets, s->sets_n * sizeof(*sets));
    free(s->sets);
    s->sets = sets;
    for (const struct scn_node *c = map->children; c; c = c->next) {
        char path[SCN_NAME_MAX + 8];
        snprintf(path, sizeof(path), "seeds.%.*s", SCN_NAME_MAX, c->key->text);
        struct scn_node *made = scn_node_make(c->key, SCN_NODE_SCALAR, path);
        made->next = s->made;
        s->made = made;
        sets[s->sets_n++] = (struct scn_set){made, c};
    }
}

static bool read_seeds(const struct scn_reader *r, const struct scn_node *map,
                       struct scn_sweep *s)
{
    static const struct scn_key keys[] = {{.name = "count", .type = SCN_T_TEXT},
                                          {.name = "first", .type = SCN_T_TEXT}};
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    add_seeds(map, s);
    return true;
}

static bool read_axes(const struct scn_reader *r, const struct scn_node *list,
                      struct scn_sweep *s)
{
    bool ok = true;
    s->combinations_n = 1;
    for (const struct scn_node *n = list->children; n; n = n->next) {
        if (s->axes_n == SCN_AXES_MAX) {
            scn_err(r->diags, n, SCN_E_AXIS, "",
                    "is one axis more than the %d accepted", SCN_AXES_MAX);
            return false;
        }
        struct scn_axis *axis = &s->axes[s->axes_n++];
        ok = scn_read_axis(r, n, axis) && ok;
        for (size_t i = 0; ok && i + 1 < s->axes_n; i++) {
            if (strcmp(s->axes[i].name, axis->name) != 0)
                continue;
            scn_err(r->diags, axis->at, SCN_E_DUPLICATE_NAME, "",
                    "'%s' is taken by line %u", axis->name, s->axes[i].at->pos.line);
            ok = false;
        }
        if (ok)
            s->combinations_n *= axis->values_n;
        if (s->combinations_n > SCN_POINTS_MAX) {
            scn_err(r->diags, n, SCN_E_POINTS, "",
                    "makes more than %d combinations of values", SCN_POINTS_MAX);
            return false;
        }
    }
    return ok;
}

/* The rest of the file once its keys are known to be right. */
static bool read_parts(const struct scn_reader *r, const struct scn_val *v,
                       struct scn_sweep *s)
{
    static const struct scn_key column_key = {.type = SCN_T_TEXT};
    struct scn_val column;
    bool ok = true;
    s->name = v[W_NAME].s;
    s->title = v[W_TITLE].node ? v[W_TITLE].s : "";
    s->columns = v[W_COLUMNS].node ? v[W_COLUMNS].node->children : NULL;
    for (const struct scn_node *n = s->columns; n; n = n->next)
        ok = scn_read_value(r, n, &column_key, &column) && ok;
    if (v[W_SET].node)
        ok = scn_read_sets(r, v[W_SET].node, &s->sets, &s->sets_n) && ok;
    if (v[W_SEEDS].node)
        ok = read_seeds(r, v[W_SEEDS].node, s) && ok;
    if (!read_axes(r, v[W_AXES].node, s))
        return false;
    if (v[W_ONLY].node)
        ok = scn_read_rules(r, v[W_ONLY].node, s, &s->only, &s->only_n) && ok;
    if (v[W_SKIP].node)
        ok = scn_read_rules(r, v[W_SKIP].node, s, &s->skip, &s->skip_n) && ok;
    return ok;
}

static bool check_points(const struct scn_reader *r, const struct scn_node *root,
                         const struct scn_sweep *s)
{
    size_t choice[SCN_AXES_MAX];
    for (uint64_t i = 0; i < s->combinations_n; i++)
        if (scn_sweep_choose(s, i, choice))
            return true;
    scn_err(r->diags, root, SCN_E_POINTS, "", "`only` and `skip` leave no point");
    return false;
}

bool scn_sweep_load(const char *file, const char *platform_dir, struct scn_sweep *out,
                    struct scn_diags *diags)
{
    const struct scn_reader r = {.diags = diags};
    struct scn_val v[W_KEYS_N];
    memset(out, 0, sizeof(*out));
    *diags = (struct scn_diags){.n = 0};
    out->platform_dir = scn_strdup(platform_dir);
    if (!scn_doc_load(&out->doc, file, NULL, diags) ||
        !scn_read_map(&r, out->doc.root, sweep_keys, W_KEYS_N, v))
        return false;
    if (strcmp(v[W_VERSION].s, "1") != 0) {
        scn_err(diags, v[W_VERSION].node, SCN_E_VERSION, "accepted: 1",
                "'%s' is not a format version that this program reads", v[W_VERSION].s);
        return false;
    }
    char *path = scn_path_beside(file, v[W_SCENARIO].s);
    bool ok = scn_doc_load(&out->base, path, v[W_SCENARIO].node, diags);
    free(path);
    return read_parts(&r, v, out) && ok && check_points(&r, out->doc.root, out);
}

static void free_rules(struct scn_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < SCN_AXES_MAX; a++)
            free(rules[i].has[a]);
    free(rules);
}

void scn_sweep_free(struct scn_sweep *s)
{
    for (size_t i = 0; i < s->axes_n; i++)
        scn_axis_free(&s->axes[i]);
    free_rules(s->only, s->only_n);
    free_rules(s->skip, s->skip_n);
    free(s->sets);
    scn_node_free(s->made);
    scn_doc_free(&s->doc);
    scn_doc_free(&s->base);
    scn_doc_free(&s->platform);
    free(s->platform_dir);
    memset(s, 0, sizeof(*s));
}

/* ---- points ---- */

static bool matches(const struct scn_rule *rule, const size_t *choice, size_t axes_n)
{
    for (size_t a = 0; a < axes_n; a++)
        if (rule->has[a] && !rule->has[a][choice[a]])
            return false;
    return true;
}

bool scn_sweep_choose(const struct scn_sweep *s, uint64_t combination, size_t *choice)
{
    bool kept = s->only_n == 0;
    for (size_t a = s->axes_n; a-- > 0;) {
        choice[a] = combination % s->axes[a].values_n;
        combination /= s->axes[a].values_n;
    }
    for (size_t i = 0; i < s->only_n; i++)
        kept = kept || matches(&s->only[i], choice, s->axes_n);
    for (size_t i = 0; i < s->skip_n; i++)
        kept = kept && !matches(&s->skip[i], choice, s->axes_n);
    return kept;
}

size_t scn_sweep_sets_max(const struct scn_sweep *s)
{
    size_t n = s->sets_n;
    for (size_t a = 0; a < s->axes_n; a++) {
        size_t most = 0;
        for (size_t i = 0; i < s->axes[a].values_n; i++)
            if (s->axes[a].values[i].sets_n > most)
                most = s->axes[a].values[i].sets_n;
        n += most;
    }
    return n;
}

size_t scn_sweep_sets(const struct scn_sweep *s, const size_t *choice,
                      struct scn_set *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s->sets_n; i++)
        out[n++] = s->sets[i];
    for (size_t a = 0; a < s->axes_n; a++) {
        const struct scn_axis_value *value = &s->axes[a].values[choice[a]];
        for (size_t i = 0; i < value->sets_n; i++)
            out[n++] = value->sets[i];
    }
    return n;
}

enum scn_status scn_sweep_point(struct scn_sweep *s, const size_t *choice,
                                struct scn *out, struct scn_diags *diags)
{
    struct scn_set *sets = scn_calloc(scn_sweep_sets_max(s), sizeof(*sets));
    size_t n = scn_sweep_sets(s, choice, sets);
    enum scn_status status = SCN_INVALID;
    struct scn_doc doc;
    memset(out, 0, sizeof(*out));
    *diags = (struct scn_diags){.n = 0};
    scn_doc_copy(&doc, &s->base);
    if (scn_set_apply(&doc, sets, n, diags))
        status = scn_read_doc(&doc, s->platform_dir, &s->platform, out, diags);
    scn_doc_free(&doc);
    free(sets);
    return status;
}
