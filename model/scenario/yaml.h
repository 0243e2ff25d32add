/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/yaml.h - YAML nodes with positions, diagnostics, and the reader that
 * checks one map against a table of keys. */
#ifndef MODEL_SCENARIO_YAML_H
#define MODEL_SCENARIO_YAML_H

#include "model/scenario/codes.h"
#include "model/scenario/scn.h"

#define SCN_ARRAY_N(a) (sizeof(a) / sizeof((a)[0]))
#define SCN_NAME_MAX 63

/* ---- YAML nodes (yaml.c) ---- */

enum scn_node_kind { SCN_NODE_SCALAR, SCN_NODE_MAP, SCN_NODE_LIST };

struct scn_doc {
    char *file;
    char *text;
    struct scn_node *root;
};

struct scn_node {
    const struct scn_doc *doc;
    struct scn_pos pos;
    uint32_t width; /* columns to underline, at least 1 */
    enum scn_node_kind kind;
    bool empty;                /* scalar: no value, not even quotes */
    char *text;                /* scalar: without quotes */
    struct scn_node *key;      /* of a map's child: the scalar node of its key */
    uint32_t index;            /* among its siblings, from 0 */
    struct scn_node *parent;   /* NULL: the root */
    struct scn_node *children; /* of a map or list: the first */
    struct scn_node *next;     /* sibling */
};

/* Reads a file into nodes; false after diagnostics. at: the node that names the file,
 * or NULL if the user did. End with scn_doc_free() in either case. */
ARCH_MUST_USE bool scn_doc_load(struct scn_doc *doc, const char *file,
                                const struct scn_node *at, struct scn_diags *diags);
void scn_doc_free(struct scn_doc *doc);

/* The same for a text; file: what positions name. */
ARCH_MUST_USE bool scn_doc_parse(struct scn_doc *doc, const char *file,
                                 const char *text, struct scn_diags *diags);

/* A copy of the nodes alone; it, and positions in it, live as long as from. */
void scn_doc_copy(struct scn_doc *to, const struct scn_doc *from);

/* A node of its own that stands where another does; text may be NULL. */
struct scn_node *scn_node_make(const struct scn_node *place, enum scn_node_kind kind,
                               const char *text);

/* n, its siblings behind it and everything below. */
void scn_node_free(struct scn_node *n);

/* The first child of a map with that key, or NULL. */
struct scn_node *scn_node_get(const struct scn_node *map, const char *key);
size_t scn_node_children_n(const struct scn_node *n);

/* ---- diagnostics (diag.c) ---- */

/* One diagnostic at a node; the message begins with the path of the node, as in
 * "vms[0].memory[0].ipa". hint: follows the caret; "" for none. Beyond
 * SCN_DIAGS_MAX nothing is kept. */
__attribute__((format(printf, 5, 6))) void scn_err(struct scn_diags *d,
                                                   const struct scn_node *at,
                                                   enum scn_code code, const char *hint,
                                                   const char *fmt, ...);

/* A warning: it does not make the file invalid. */
__attribute__((format(printf, 5, 6))) void scn_warn(struct scn_diags *d,
                                                    const struct scn_node *at,
                                                    enum scn_warning code,
                                                    const char *hint, const char *fmt,
                                                    ...);

/* An error where there is no node: width 0 leaves the source line out, line 0 the
 * position too. */
__attribute__((format(printf, 6, 7))) void scn_err_at(
    struct scn_diags *d, const struct scn_doc *doc, struct scn_pos pos, uint32_t width,
    enum scn_code code, const char *fmt, ...);

/* ---- values and maps (read.c) ---- */

enum scn_type {
    SCN_T_TEXT,    /* s */
    SCN_T_NAME,    /* s: [a-z0-9-]+, at most SCN_NAME_MAX characters */
    SCN_T_COUNT,   /* u */
    SCN_T_BOOL,    /* u: 0 or 1 */
    SCN_T_ADDRESS, /* u */
    SCN_T_TIME,    /* u: ps */
    SCN_T_SIZE,    /* u: bytes */
    SCN_T_PERCENT, /* u: ppm */
    SCN_T_FREQ,    /* u: kHz */
    SCN_T_PAGE, /* u: log2 of a page size; min: a mask of the accepted ones; max not 0:
                 * `none` is accepted, too, and gives 0 */
    SCN_T_NUMBER, /* d */
    SCN_T_WORD,   /* u: index of the word */
    SCN_T_MAP,    /* node */
    SCN_T_LIST,   /* node, of at least one child */
    SCN_T_ANY,    /* node */
};

/* The accepted words of a key: NULL after the last one. */
typedef const char *scn_word_fn(unsigned i);

struct scn_key {
    const char *name;
    enum scn_type type;
    enum { SCN_OPTIONAL, SCN_REQUIRED } need;
    uint64_t min, max; /* of u; both 0: any */
    uint64_t def;      /* u of a key that is absent */
    scn_word_fn *word;
};

struct scn_val {
    const struct scn_node *node; /* NULL: absent */
    bool ok;                     /* absent but optional, or read without error */
    uint64_t u;
    double d;
    const char *s;
};

struct scn_reader {
    struct scn_diags *diags;
    uint64_t clock_khz; /* what a time in cycles is converted with */
};

/* One value by the rules of key (its name and need are not looked at). */
bool scn_read_value(const struct scn_reader *r, const struct scn_node *n,
                    const struct scn_key *key, struct scn_val *out);

/**
 * scn_read_map() - check a map against its keys and read the values.
 * @map: any node; not a map is an error.
 * @out: [keys_n], in the order of keys.
 *
 * Returns true if the map has no error.
 */
bool scn_read_map(const struct scn_reader *r, const struct scn_node *map,
                  const struct scn_key *keys, size_t keys_n, struct scn_val *out);

/* ---- close words (edit_distance.c) ---- */

/* The word nearest to text, if it is near enough to be meant; else NULL. */
struct scn_nearest {
    const char *word;
    unsigned distance;
};
void scn_nearest_add(struct scn_nearest *best, const char *text, const char *word);

#endif
