/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/yaml.c - a YAML file as a tree of nodes that know their position.
 *
 * libfyaml gives the events; aliases, anchors, tags and further documents are refused,
 * so every value stands in the line that a diagnostic names. */
#include "model/scenario/scn_priv.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (4u << 20)
#define DEPTH_MAX 32
#define MAP_KEYS_MAX 1024 /* duplicates are looked for one by one */

void *scn_calloc(size_t n, size_t bytes)
{
    void *p = calloc(n ? n : 1, bytes ? bytes : 1);
    if (!p)
        abort();
    return p;
}

char *scn_strdup(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}

/* ---- the file ---- */

/* The bytes of the file, ended by NUL; NULL with errno set. */
static char *read_all(const char *file, size_t *len)
{
    FILE *f = fopen(file, "rb");
    if (!f)
        return NULL;
    char *text = scn_calloc(FILE_BYTES_MAX + 1, 1);
    *len = fread(text, 1, FILE_BYTES_MAX + 1, f);
    int error = ferror(f) ? (errno ? errno : EIO) : 0;
    fclose(f);
    if (!error && *len > FILE_BYTES_MAX)
        error = EFBIG;
    if (error) {
        free(text);
        errno = error;
        return NULL;
    }
    char *fitted = realloc(text, *len + 1);
    if (!fitted)
        abort();
    fitted[*len] = '\0';
    return fitted;
}

/* ---- nodes ---- */

void scn_node_free(struct scn_node *n)
{
    while (n) {
        struct scn_node *next = n->next;
        scn_node_free(n->children);
        if (n->key)
            scn_node_free(n->key);
        free(n->text);
        free(n);
        n = next;
    }
}

void scn_doc_free(struct scn_doc *doc)
{
    scn_node_free(doc->root);
    free(doc->text);
    free(doc->file);
    *doc = (struct scn_doc){.file = NULL};
}

struct scn_node *scn_node_make(const struct scn_node *place, enum scn_node_kind kind,
                               const char *text)
{
    struct scn_node *n = scn_calloc(1, sizeof(*n));
    n->doc = place->doc;
    n->pos = place->pos;
    n->width = place->width;
    n->kind = kind;
    n->text = text ? scn_strdup(text) : NULL;
    return n;
}

struct scn_node *scn_node_get(const struct scn_node *map, const char *key)
{
    if (map->kind != SCN_NODE_MAP)
        return NULL;
    for (struct scn_node *n = map->children; n; n = n->next)
        if (strcmp(n->key->text, key) == 0)
            return n;
    return NULL;
}

size_t scn_node_children_n(const struct scn_node *n)
{
    size_t count = 0;
    for (const struct scn_node *c = n->children; c; c = c->next)
        count++;
    return count;
}

/* ---- events to nodes ---- */

/* The collection being filled, and the key that waits for its value. */
struct level {
    struct scn_node *node;
    struct scn_node **tail;
    struct scn_node *key;
    uint32_t children_n;
};

struct builder {
    struct scn_doc *doc;
    struct scn_diags *diags;
    struct level levels[DEPTH_MAX];
    unsigned depth; /* levels in use */
    unsigned documents_n;
    bool failed;
};

static struct scn_pos mark_pos(const struct scn_doc *doc, const struct fy_mark *m)
{
    return (struct scn_pos){doc->file, m ? (uint32_t)m->line + 1 : 1,
                            m ? (uint32_t)m->column + 1 : 1};
}

static void refuse(struct builder *b, struct fy_event *e, const char *what)
{
    scn_err_at(b->diags, b->doc, mark_pos(b->doc, fy_event_start_mark(e)), 1,
               SCN_E_YAML_FEATURE, "%s not accepted here", what);
    b->failed = true;
}

static struct scn_node *node_new(struct builder *b, struct fy_event *e,
                                 enum scn_node_kind kind)
{
    const struct fy_mark *start = fy_event_start_mark(e), *end = fy_event_end_mark(e);
    struct scn_node *n = scn_calloc(1, sizeof(*n));
    n->doc = b->doc;
    n->kind = kind;
    n->pos = mark_pos(b->doc, start);
    n->width = 1;
    if (kind == SCN_NODE_SCALAR && start && end && start->line == end->line &&
        end->column > start->column)
        n->width = (uint32_t)(end->column - start->column);
    return n;
}

/* A key whose value has begun; complains about one that the map already has. */
static void take_key(struct builder *b, struct level *top, struct scn_node *n)
{
    const struct scn_node *twin = scn_node_get(top->node, top->key->text);
    n->key = top->key;
    top->key = NULL;
    if (!twin)
        return;
    scn_err_at(b->diags, b->doc, n->key->pos, n->key->width, SCN_E_DUPLICATE_KEY,
               "key '%s' is given twice, first in line %u", n->key->text,
               twin->key->pos.line);
    b->failed = true;
}

/* Hangs n below the collection that is open, as key or value. */
static void attach(struct builder *b, struct scn_node *n)
{
    if (b->depth == 0) {
        b->doc->root = n;
        return;
    }
    struct level *top = &b->levels[b->depth - 1];
    n->parent = top->node;
    if (top->node->kind == SCN_NODE_MAP)
        take_key(b, top, n);
    n->index = top->children_n++;
    *top->tail = n;
    top->tail = &n->next;
}

static void on_scalar(struct builder *b, struct fy_event *e)
{
    struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
    size_t len = 0;
    const char *text =
        e->scalar.value ? fy_token_get_text(e->scalar.value, &len) : NULL;
    struct scn_node *n = node_new(b, e, SCN_NODE_SCALAR);
    n->text = scn_calloc(len + 1, 1);
    if (text)
        memcpy(n->text, text, len);
    n->empty = len == 0 && (!e->scalar.value ||
                            fy_token_scalar_style(e->scalar.value) == FYSS_PLAIN);
    if (top && top->node->kind == SCN_NODE_MAP && !top->key) {
        top->key = n;
        if (top->children_n == MAP_KEYS_MAX)
            refuse(b, e, "a map of this many keys is");
        return;
    }
    if (n->empty && top) { /* nothing to point at but the key or the list */
        n->pos = top->key ? top->key->pos : top->node->pos;
        n->width = top->key ? top->key->width : 1;
    }
    attach(b, n);
}

static void on_collection(struct builder *b, struct fy_event *e,
                          enum scn_node_kind kind)
{
    struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
    if (top && top->node->kind == SCN_NODE_MAP && !top->key) {
        refuse(b, e, "a map or list as a key is");
        return;
    }
    if (b->depth == DEPTH_MAX) {
        refuse(b, e, "nesting this deep is");
        return;
    }
    struct scn_node *n = node_new(b, e, kind);
    attach(b, n);
    b->levels[b->depth++] = (struct level){n, &n->children, NULL, 0};
}

static bool has_anchor_or_tag(struct fy_event *e)
{
    switch (e->type) {
    case FYET_SCALAR:
        return e->scalar.anchor || e->scalar.tag;
    case FYET_MAPPING_START:
        return e->mapping_start.anchor || e->mapping_start.tag;
    case FYET_SEQUENCE_START:
        return e->sequence_start.anchor || e->sequence_start.tag;
    default:
        return false;
    }
}

static void on_event(struct builder *b, struct fy_event *e)
{
    if (has_anchor_or_tag(e)) {
        refuse(b, e, "an anchor or tag is");
        return;
    }
    switch (e->type) {
    case FYET_DOCUMENT_START:
        if (b->documents_n++ > 0)
            refuse(b, e, "a second document is");
        break;
    case FYET_ALIAS:
        refuse(b, e, "an alias is");
        break;
    case FYET_SCALAR:
        on_scalar(b, e);
        break;
    case FYET_MAPPING_START:
        on_collection(b, e, SCN_NODE_MAP);
        break;
    case FYET_SEQUENCE_START:
        on_collection(b, e, SCN_NODE_LIST);
        break;
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        b->depth--;
        break;
    default:
        break;
    }
}

static void run_parser(struct builder *b, struct fy_parser *parser)
{
    struct fy_event *e;
    while (!b->failed && (e = fy_parser_parse(parser))) {
        on_event(b, e);
        fy_parser_event_free(parser, e);
    }
    if (b->depth > 0)
        scn_node_free(b->levels[b->depth - 1].key);
}

/* libfyaml's first error, with its position. */
static void report_yaml_error(struct builder *b, struct fy_diag *diag)
{
    void *prev = NULL;
    struct fy_diag_error *err = fy_diag_errors_iterate(diag, &prev);
    struct scn_pos pos = {b->doc->file, 1, 1};
    if (err && err->line >= 0 && err->column >= 0) {
        pos.line = (uint32_t)err->line;
        pos.col = (uint32_t)err->column;
    }
    scn_err_at(b->diags, b->doc, pos, 1, SCN_E_YAML, "not YAML: %s",
               err && err->msg ? err->msg : "the parser gave no reason");
    b->failed = true;
}

static bool parse(struct scn_doc *doc, size_t len, struct scn_diags *diags)
{
    struct builder b = {.doc = doc, .diags = diags};
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag)
        abort();
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_ALLOW_DUPLICATE_KEYS,
                               .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    if (!parser || fy_parser_set_string(parser, doc->text, len) != 0)
        abort();
    run_parser(&b, parser);
    if (!b.failed && fy_diag_got_error(diag))
        report_yaml_error(&b, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return !b.failed;
}

/* doc->text, of len bytes, to nodes. */
static bool parse_text(struct scn_doc *doc, size_t len, struct scn_diags *diags)
{
    struct scn_pos start = {doc->file, 1, 1};
    if (strlen(doc->text) != len) {
        scn_err_at(diags, NULL, start, 0, SCN_E_YAML, "not YAML: it holds a NUL byte");
        return false;
    }
    if (!parse(doc, len, diags))
        return false;
    if (!doc->root) {
        scn_err_at(diags, NULL, start, 0, SCN_E_YAML, "the file is empty");
        return false;
    }
    return true;
}

bool scn_doc_load(struct scn_doc *doc, const char *file, const struct scn_node *at,
                  struct scn_diags *diags)
{
    size_t len = 0;
    *doc = (struct scn_doc){.file = scn_strdup(file)};
    doc->text = read_all(file, &len);
    if (!doc->text) {
        if (at)
            scn_err(diags, at, SCN_E_FILE, "", "'%s' cannot be read: %s", file,
                    strerror(errno));
        else
            scn_err_at(diags, NULL, (struct scn_pos){doc->file, 0, 0}, 0, SCN_E_FILE,
                       "cannot be read: %s", strerror(errno));
        return false;
    }
    return parse_text(doc, len, diags);
}

bool scn_doc_parse(struct scn_doc *doc, const char *file, const char *text,
                   struct scn_diags *diags)
{
    *doc = (struct scn_doc){.file = scn_strdup(file), .text = scn_strdup(text)};
    return parse_text(doc, strlen(text), diags);
}

static struct scn_node *copy_node(const struct scn_node *n, struct scn_node *parent)
{
    struct scn_node *copy = scn_calloc(1, sizeof(*copy));
    struct scn_node **tail = &copy->children;
    *copy = *n;
    copy->parent = parent;
    copy->children = copy->next = NULL;
    copy->text = n->text ? scn_strdup(n->text) : NULL;
    copy->key = n->key ? copy_node(n->key, NULL) : NULL;
    for (const struct scn_node *c = n->children; c; c = c->next) {
        *tail = copy_node(c, copy);
        tail = &(*tail)->next;
    }
    return copy;
}

void scn_doc_copy(struct scn_doc *to, const struct scn_doc *from)
{
    *to = (struct scn_doc){.file = scn_strdup(from->file),
                           .root = copy_node(from->root, NULL)};
}
