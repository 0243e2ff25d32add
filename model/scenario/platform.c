/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/platform.c - a platform file, and the overrides of a scenario. */
#include "model/scenario/scn_priv.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HINT_MAX 400
#define DOTTED_MAX 128
#define DEFAULT_MAX 32

/* ---- parameters by name ---- */

static void report_unknown(const struct scn_reader *r, const struct scn_node *n,
                           const char *dotted)
{
    struct scn_nearest near = {NULL, 0};
    char hint[HINT_MAX] = "docs/scenario-format.md lists them";
    struct scn_node at = *n;
    at.pos = n->key->pos;
    at.width = n->key->width;
    for (size_t i = 0; i < scn_params_n; i++)
        scn_nearest_add(&near, dotted, scn_params[i].name);
    if (near.word)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near.word);
    scn_err(r->diags, &at, SCN_E_UNKNOWN_PARAM, hint, "is not a platform parameter");
}

static void take_leaf(const struct scn_reader *r, const struct scn_node *leaf,
                      struct scn_given *given)
{
    static const struct scn_key keys[] = {
        {.name = "value", .type = SCN_T_ANY, .need = SCN_REQUIRED},
        {.name = "source", .type = SCN_T_TEXT},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, leaf, keys, SCN_ARRAY_N(keys), v))
        return;
    if (!v[1].node || *v[1].s == '\0') {
        scn_err(r->diags, leaf, SCN_E_NO_SOURCE, "add source: assumed, or a reference",
                "has no source");
        return;
    }
    *given = (struct scn_given){v[0].node, v[1].node};
}

static bool is_group(const char *dotted)
{
    size_t len = strlen(dotted);
    for (size_t i = 0; i < scn_params_n; i++)
        if (strncmp(scn_params[i].name, dotted, len) == 0 &&
            scn_params[i].name[len] == '.')
            return true;
    return false;
}

/* Collects the leaves of `parameters`; prefix: the dotted name of the map with a dot
 * behind it, or "". */
static void collect(const struct scn_reader *r, const struct scn_node *map,
                    const char *prefix, struct scn_given *given)
{
    for (const struct scn_node *n = map->children; n; n = n->next) {
        char dotted[DOTTED_MAX];
        int len = snprintf(dotted, sizeof(dotted) - 1, "%s%s", prefix, n->key->text);
        const struct scn_param *param = scn_param_find(dotted);
        if (param) {
            take_leaf(r, n, &given[param - scn_params]);
        } else if (len < (int)sizeof(dotted) - 1 && is_group(dotted) &&
                   n->kind == SCN_NODE_MAP) {
            memcpy(dotted + len, ".", 2);
            collect(r, n, dotted, given);
        } else {
            report_unknown(r, n, dotted);
        }
    }
}

static void collect_overrides(const struct scn_reader *r, const struct scn_node *map,
                              struct scn_given *given)
{
    for (const struct scn_node *n = map->children; n; n = n->next) {
        const struct scn_param *param = scn_param_find(n->key->text);
        if (param)
            given[param - scn_params] = (struct scn_given){n, NULL};
        else
            report_unknown(r, n, n->key->text);
    }
}

/* ---- values ---- */

/* Of a row with a default `none` is accepted, too. */
static bool read_pages(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn_param *param, uint64_t *mask)
{
    static const struct scn_key list = {.type = SCN_T_LIST};
    const struct scn_key page = {.type = SCN_T_PAGE, .min = param->min};
    struct scn_val v;
    *mask = 0;
    if (param->def && n->kind == SCN_NODE_SCALAR && strcmp(n->text, "none") == 0)
        return true;
    if (!scn_read_value(r, n, &list, &v))
        return false;
    for (const struct scn_node *c = n->children; c; c = c->next) {
        if (!scn_read_value(r, c, &page, &v))
            return false;
        *mask |= UINT64_C(1) << v.u;
    }
    return true;
}

static enum scn_type type_of(enum scn_param_kind kind)
{
    static const enum scn_type types[] = {
        [SCN_PARAM_TIME] = SCN_T_TIME, [SCN_PARAM_SIZE] = SCN_T_SIZE,
        [SCN_PARAM_FREQ] = SCN_T_FREQ, [SCN_PARAM_COUNT] = SCN_T_COUNT,
        [SCN_PARAM_BOOL] = SCN_T_BOOL, [SCN_PARAM_WORD] = SCN_T_WORD,
        [SCN_PARAM_WAYS] = SCN_T_COUNT};
    return types[kind];
}

static bool set_param(const struct scn_reader *r, const struct scn_param *param,
                      const struct scn_node *n, struct scn_platform *p)
{
    struct scn_key key = {.type = SCN_T_COUNT};
    struct scn_val v = {.ok = true};
    if (param->kind == SCN_PARAM_PAGES) {
        if (!read_pages(r, n, param, &v.u))
            return false;
    } else if (param->kind != SCN_PARAM_WAYS || n->kind != SCN_NODE_SCALAR ||
               strcmp(n->text, "full") != 0) {
        key.type = type_of(param->kind);
        key.min = param->min;
        key.max = param->max;
        key.word = param->word;
        if (!scn_read_value(r, n, &key, &v))
            return false;
    } /* full: 0 until every parameter is set */
    scn_param_set(p, param, v.u);
    return true;
}

/* What stands for a parameter that is not given. */
static bool set_default(const struct scn_reader *r, const struct scn_param *param,
                        struct scn_platform *p)
{
    char text[DEFAULT_MAX];
    if (param->same_as) {
        scn_param_set(p, param, scn_param_get(p, scn_param_find(param->same_as)));
        return true;
    }
    snprintf(text, sizeof(text), "%s", param->def);
    const struct scn_node n = {.kind = SCN_NODE_SCALAR, .text = text};
    return set_param(r, param, &n, p);
}

/* Names a parameter that must be given: where the structure that needs it is asked for,
 * or where it should stand. */
static void report_missing(const struct scn_reader *r, const struct scn_param *param,
                           const struct scn_node *parameters,
                           const struct scn_given *given)
{
    const struct scn_node *entries =
        param->entries ? given[scn_param_find(param->entries) - scn_params].value
                       : NULL;
    scn_err(r->diags, entries ? entries : parameters, SCN_E_MISSING_PARAM, "",
            "%s %s (%s)", entries ? "needs" : "lacks", param->name, param->what);
}

/* clock is the first row, so cycles of the other rows can be converted; the entries of
 * a structure come before what they need. */
static bool set_params(struct scn_reader *r, const struct scn_node *parameters,
                       const struct scn_given *given, struct scn_platform *p)
{
    bool ok = true;
    for (size_t i = 0; i < scn_params_n; i++) {
        const struct scn_param *param = &scn_params[i];
        if (given[i].value) {
            ok = set_param(r, param, given[i].value, p) && ok;
        } else if (param->def || param->same_as) {
            ok = set_default(r, param, p) && ok;
        } else if (ok && scn_param_counts(p, param)) {
            report_missing(r, param, parameters, given);
            ok = false;
        }
        if (i == 0)
            r->clock_khz = p->clock_khz;
    }
    return ok;
}

/* ---- the file ---- */

static const char *source_of(const struct scn_given *given)
{
    if (!given->value)
        return "default";
    return given->source ? given->source->text : "scenario";
}

static bool read_file(struct scn_reader *r, const struct scn_doc *doc,
                      const struct scn_node *overrides, struct scn_platform *p,
                      struct scn_platform_doc *info)
{
    static const struct scn_key keys[] = {
        {.name = "stage2sim-platform", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
        {.name = "title", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        {.name = "parameters", .type = SCN_T_MAP, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    struct scn_given given[SCN_PARAMS_MAX] = {{NULL, NULL}};
    size_t before = r->diags->n;
    if (!scn_read_map(r, doc->root, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (strcmp(v[0].s, "1") != 0) {
        scn_err(r->diags, v[0].node, SCN_E_VERSION, "accepted: 1",
                "'%s' is not a known version", v[0].s);
        return false;
    }
    p->name = scn_strdup(v[1].s);
    info->title = scn_strdup(v[2].s);
    collect(r, v[3].node, "", given);
    if (overrides)
        collect_overrides(r, overrides, given);
    if (r->diags->n != before || !set_params(r, v[3].node, given, p))
        return false;
    for (size_t i = 0; i < scn_params_n; i++)
        info->sources[i] = scn_strdup(source_of(&given[i]));
    return scn_resolve_platform(r, given, p);
}

char *scn_path_beside(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    size_t folder_n = path[0] != '/' && slash ? (size_t)(slash - file) + 1 : 0;
    char *joined = scn_calloc(folder_n + strlen(path) + 1, 1);
    memcpy(joined, file, folder_n);
    strcpy(joined + folder_n, path);
    return joined;
}

static bool ends_in_yaml(const char *text)
{
    size_t len = strlen(text);
    return len > 5 && strcmp(text + len - 5, ".yaml") == 0;
}

static int is_platform_file(const struct dirent *e)
{
    return ends_in_yaml(e->d_name);
}

static bool report_no_platform(const struct scn_reader *r, const struct scn_node *n,
                               const char *platform_dir)
{
    struct dirent **entries = NULL;
    struct scn_nearest near = {NULL, 0};
    char known[HINT_MAX] = "", hint[2 * HINT_MAX];
    size_t at = 0;
    int entries_n = scandir(platform_dir, &entries, is_platform_file, alphasort);
    for (int i = 0; i < entries_n; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 5] = '\0';
        scn_nearest_add(&near, n->text, entries[i]->d_name);
        if (at < sizeof(known))
            at += (size_t)snprintf(known + at, sizeof(known) - at, "%s, ",
                                   entries[i]->d_name);
    }
    snprintf(hint, sizeof(hint), "%s%s%saccepted: %sor a path ending in .yaml",
             near.word ? "did you mean '" : "", near.word ? near.word : "",
             near.word ? "'? " : "", known);
    for (int i = 0; i < entries_n; i++)
        free(entries[i]);
    free(entries);
    scn_err(r->diags, n, SCN_E_NO_PLATFORM, hint, "'%s' is not a platform", n->text);
    return false;
}

/* The path of the platform file that n names; free() it. */
static char *platform_path(const struct scn_node *n, const char *platform_dir)
{
    if (ends_in_yaml(n->text))
        return scn_path_beside(n->pos.file, n->text);
    size_t bytes = strlen(platform_dir) + strlen(n->text) + sizeof("/.yaml");
    char *path = scn_calloc(bytes, 1);
    snprintf(path, bytes, "%s/%s.yaml", platform_dir, n->text);
    return path;
}

bool scn_read_platform(struct scn_reader *r, const struct scn_node *platform,
                       const struct scn_node *overrides, const char *platform_dir,
                       struct scn *s, struct scn_doc *doc)
{
    char *path = platform_path(platform, platform_dir);
    bool ok = access(path, R_OK) == 0;
    if (!ok)
        report_no_platform(r, platform, platform_dir);
    if (!doc->root || strcmp(doc->file, path) != 0) {
        scn_doc_free(doc);
        ok = ok && scn_doc_load(doc, path, platform, r->diags);
    }
    free(path);
    s->platform_doc = scn_calloc(1, sizeof(*s->platform_doc));
    return ok && read_file(r, doc, overrides, &s->platform, s->platform_doc);
}

enum scn_status scn_platform_load(const char *file, struct scn_platform *out,
                                  struct scn_platform_doc **doc,
                                  struct scn_diags *diags)
{
    struct scn_doc yaml = {.file = NULL};
    struct scn_reader r = {.diags = diags};
    memset(out, 0, sizeof(*out));
    *diags = (struct scn_diags){.n = 0};
    *doc = scn_calloc(1, sizeof(**doc));
    bool ok =
        scn_doc_load(&yaml, file, NULL, diags) && read_file(&r, &yaml, NULL, out, *doc);
    scn_doc_free(&yaml);
    if (ok)
        return SCN_OK;
    scn_platform_free(out, *doc);
    *doc = NULL;
    return SCN_INVALID;
}

void scn_platform_free(struct scn_platform *p, struct scn_platform_doc *doc)
{
    free(p->name);
    memset(p, 0, sizeof(*p));
    if (!doc)
        return;
    free(doc->title);
    for (size_t i = 0; i < scn_params_n; i++)
        free(doc->sources[i]);
    free(doc);
}
