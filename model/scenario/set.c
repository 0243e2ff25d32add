/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/set.c - parameters of a scenario given from outside, by path.
 *
 * The tree is changed before it is read, so what is set obeys the same rules, and gets
 * the same diagnostics, as what stands in the file. */
#include "model/scenario/set.h"
#include "model/scenario/scn_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define OVERRIDES "overrides."

/* ---- the nodes of a value ---- */

/* Every node below, and n itself, stands where the value does. */
static void move_to(struct scn_node *n, const struct scn_node *place)
{
    for (; n; n = n->next) {
        n->doc = place->doc;
        n->pos = place->pos;
        n->width = place->width;
        if (n->key)
            move_to(n->key, place);
        move_to(n->children, place);
    }
}

/* The value as a tree of its own; NULL after diagnostics. */
static struct scn_node *value_tree(const struct scn_node *value,
                                   struct scn_diags *diags)
{
    struct scn_doc doc;
    if (*value->text != '[' && *value->text != '{') {
        struct scn_node *n = scn_node_make(value, SCN_NODE_SCALAR, value->text);
        n->empty = value->empty;
        return n;
    }
    struct scn_diags own = {.n = 0};
    struct scn_node *root = NULL;
    if (scn_doc_parse(&doc, value->pos.file, value->text, &own)) {
        root = doc.root;
        doc.root = NULL;
        move_to(root, value);
    } else {
        scn_err(diags, value, SCN_E_YAML, "", "'%s' is not YAML", value->text);
    }
    scn_diags_free(&own);
    scn_doc_free(&doc);
    return root;
}

/* What n holds becomes what tree holds; n keeps its place in its map or list. */
static void become(struct scn_node *n, struct scn_node *tree)
{
    scn_node_free(n->children);
    free(n->text);
    n->doc = tree->doc;
    n->pos = tree->pos;
    n->width = tree->width;
    n->kind = tree->kind;
    n->empty = tree->empty;
    n->text = tree->text;
    n->children = tree->children;
    for (struct scn_node *c = n->children; c; c = c->next)
        c->parent = n;
    free(tree);
}

/* ---- the way to a parameter ---- */

/* What is left of a path; at: the node that has it, for diagnostics. */
struct way {
    const char *rest;
    const struct scn_node *at;
    struct scn_diags *diags;
};

static struct scn_node *lost(const struct way *w, const char *why)
{
    const char *path = w->at->text;
    scn_err_at(w->diags, w->at->doc, w->at->pos, w->at->width, SCN_E_PATH,
               "'%s' names no parameter: '%.*s' %s", path, (int)(w->rest - path), path,
               why);
    return NULL;
}

/* The child of a map with the next key, made if it is absent. */
static struct scn_node *step_key(struct way *w, struct scn_node *map, size_t key_n)
{
    struct scn_node **tail = &map->children;
    uint32_t index = 0;
    for (; *tail; tail = &(*tail)->next, index++) {
        const char *key = (*tail)->key->text;
        if (strlen(key) == key_n && strncmp(key, w->rest, key_n) == 0)
            return *tail;
    }
    bool last = w->rest[key_n] == '\0';
    if (w->rest[key_n] == '[') {
        w->rest += key_n;
        return lost(w, "is not in the scenario");
    }
    struct scn_node *n =
        scn_node_make(w->at, last ? SCN_NODE_SCALAR : SCN_NODE_MAP, NULL);
    n->key = scn_node_make(w->at, SCN_NODE_SCALAR, w->rest);
    n->key->text[key_n] = '\0';
    n->parent = map;
    n->index = index;
    *tail = n;
    return n;
}

/* The child of a list that "[n]" names. */
static struct scn_node *step_index(struct way *w, struct scn_node *list)
{
    char *end;
    unsigned long index = strtoul(w->rest + 1, &end, 10);
    char why[80];
    if (w->rest[1] < '0' || w->rest[1] > '9' || *end != ']')
        return lost(w, "is not followed by an index such as [0]");
    if (list->kind != SCN_NODE_LIST)
        return lost(w, "is not a list");
    struct scn_node *n = list->children;
    for (unsigned long i = 0; n && i < index; i++)
        n = n->next;
    if (!n) {
        snprintf(why, sizeof(why), "has %zu elements, counted from 0",
                 scn_node_children_n(list));
        return lost(w, why);
    }
    w->rest = end + 1;
    return n;
}

static struct scn_node *step(struct way *w, struct scn_node *n)
{
    if (*w->rest == '[')
        return step_index(w, n);
    if (w->rest != w->at->text) {
        if (*w->rest != '.')
            return lost(w, "must be followed by . or [");
        if (n->kind != SCN_NODE_MAP)
            return lost(w, "is not a map");
        w->rest++;
    }
    /* The names of platform parameters have dots. */
    size_t prefix_n = strlen(OVERRIDES);
    bool override = strncmp(w->at->text, OVERRIDES, prefix_n) == 0 &&
                    w->rest == w->at->text + prefix_n;
    size_t key_n = override ? strlen(w->rest) : strcspn(w->rest, ".[");
    if (key_n == 0)
        return lost(w, "is not followed by a key");
    struct scn_node *child = step_key(w, n, key_n);
    if (child)
        w->rest += key_n;
    return child;
}

static bool apply(struct scn_doc *doc, const struct scn_set *set,
                  struct scn_diags *diags)
{
    struct way w = {.rest = set->path->text, .at = set->path, .diags = diags};
    struct scn_node *n = doc->root, *tree;
    if (n->kind != SCN_NODE_MAP)
        return true; /* reading it gives the diagnostic */
    do
        n = step(&w, n);
    while (n && *w.rest);
    tree = n ? value_tree(set->value, diags) : NULL;
    if (!tree)
        return false;
    become(n, tree);
    return true;
}

bool scn_set_apply(struct scn_doc *doc, const struct scn_set *sets, size_t sets_n,
                   struct scn_diags *diags)
{
    bool ok = true;
    for (size_t i = 0; i < sets_n; i++)
        ok = apply(doc, &sets[i], diags) && ok;
    return ok;
}

/* ---- the command line ---- */

bool scn_set_arg_parse(const char *arg, struct scn_set_arg *out,
                       struct scn_diags *diags)
{
    const char *equals = strchr(arg, '=');
    size_t path_n = equals ? (size_t)(equals - arg) : 0;
    *out = (struct scn_set_arg){.doc.file = scn_strdup("--set")};
    out->doc.text = scn_strdup(arg);
    out->path = (struct scn_node){.doc = &out->doc,
                                  .pos = {out->doc.file, 1, 1},
                                  .width = path_n ? (uint32_t)path_n : 1};
    if (path_n == 0) {
        scn_err(diags, &out->path, SCN_E_PATH, "such as vms[0].vcpus=4",
                "'%s' is not PATH=VALUE", arg);
        return false;
    }
    out->path.text = scn_strdup(arg);
    out->path.text[path_n] = '\0';
    out->value = out->path;
    out->value.pos.col = (uint32_t)path_n + 2;
    out->value.text = scn_strdup(equals + 1);
    out->value.empty = equals[1] == '\0';
    out->value.width = equals[1] ? (uint32_t)strlen(equals + 1) : 1;
    return true;
}

void scn_set_arg_free(struct scn_set_arg *a)
{
    free(a->path.text);
    free(a->value.text);
    free(a->doc.text);
    free(a->doc.file);
    memset(a, 0, sizeof(*a));
}
