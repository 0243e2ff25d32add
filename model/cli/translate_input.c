/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_input.c - a YAML file with registers, descriptors and a query
 * (docs/translate.md). */
#include "model/cli/translate_priv.h"
#include "model/scenario/units.h"
#include "model/translate/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REGS_MAX 16

/* ---- registers ---- */

static bool read_regs(const struct scn_reader *r, const struct scn_node *map,
                      struct walk_regs *regs)
{
    struct scn_key keys[REGS_MAX] = {0};
    struct scn_val v[REGS_MAX];
    unsigned n = 0;

    for (; n < REGS_MAX && vectors_reg_name(n); n++)
        keys[n] = (struct scn_key){.name = vectors_reg_name(n), .type = SCN_T_ADDRESS};
    if (!scn_read_map(r, map, keys, n, v))
        return false;
    for (unsigned i = 0; i < n; i++)
        *vectors_reg(regs, keys[i].name, strlen(keys[i].name)) = v[i].u;
    return true;
}

/* ---- memory ---- */

struct placed {
    uint64_t pa;
    struct scn_node at; /* where the diagnostic points */
};

static bool read_word(const struct scn_reader *r, const struct scn_node *n, uint64_t *u)
{
    static const struct scn_key key = {.type = SCN_T_ADDRESS};
    struct scn_val v;

    if (!scn_read_value(r, n, &key, &v))
        return false;
    *u = v.u;
    return true;
}

/* The key of a map as an address. */
static bool read_key(const struct scn_reader *r, const struct scn_node *child,
                     struct placed *p)
{
    p->at = *child;
    p->at.pos = child->key->pos;
    p->at.width = child->key->width;
    if (scn_parse_address(child->key->text, &p->pa) == SCN_UNIT_OK)
        return true;
    scn_err(r->diags, &p->at, SCN_E_NUMBER, "accepted: a physical address, e.g. 0x4000",
            "is not an address");
    return false;
}

static bool read_pair(const struct scn_reader *r, const struct scn_node *pair,
                      struct placed *p, uint64_t *value)
{
    p->at = *pair;
    if (pair->kind != SCN_NODE_LIST || scn_node_children_n(pair) != 2) {
        scn_err(r->diags, pair, SCN_E_TYPE, "accepted: [ADDRESS, DESCRIPTOR]",
                "is not a pair");
        return false;
    }
    p->at = *pair->children;
    return read_word(r, pair->children, &p->pa) &&
           read_word(r, pair->children->next, value);
}

static bool read_entry(const struct scn_reader *r, const struct scn_node *child,
                       struct placed *p, struct vectors_words *words)
{
    uint64_t value = 0;

    if (!(child->key ? read_key(r, child, p) && read_word(r, child, &value)
                     : read_pair(r, child, p, &value)))
        return false;
    if (p->pa % ARCH_DESC_BYTES != 0) {
        scn_err(r->diags, &p->at, SCN_E_ALIGN, "descriptors have 8 bytes",
                "0x%" PRIx64 " is not aligned", p->pa);
        return false;
    }
    if (!vectors_words_add(words, p->pa, value))
        abort();
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;

    if (p->pa != q->pa)
        return p->pa < q->pa ? -1 : 1;
    return p->at.index < q->at.index ? -1 : 1;
}

static bool no_address_twice(const struct scn_reader *r, struct placed *all, size_t n)
{
    bool ok = true;

    qsort(all, n, sizeof(*all), by_address);
    for (size_t i = 1; i < n; i++) {
        if (all[i].pa != all[i - 1].pa)
            continue;
        scn_err(r->diags, &all[i].at, SCN_E_DUPLICATE_KEY, "",
                "address 0x%" PRIx64 " is given twice, first in line %u", all[i].pa,
                all[i - 1].at.pos.line);
        ok = false;
    }
    return ok;
}

bool translate_read_words(const struct scn_reader *r, const struct scn_node *node,
                          struct vectors_words *words)
{
    bool ok = true;
    size_t n = 0;

    if (!node)
        return true;
    if (node->kind == SCN_NODE_SCALAR) {
        scn_err(r->diags, node, SCN_E_TYPE,
                "accepted: {ADDRESS: DESCRIPTOR, ...} or [[ADDRESS, DESCRIPTOR], ...]",
                "must be a map or a list of pairs");
        return false;
    }
    struct placed *all = calloc(scn_node_children_n(node) + 1, sizeof(*all));
    if (!all)
        abort();
    for (const struct scn_node *c = node->children; c; c = c->next)
        ok = read_entry(r, c, &all[n++], words) && ok;
    ok = ok && no_address_twice(r, all, n);
    free(all);
    return ok;
}

/* ---- query ---- */

static const char *how_word(unsigned i)
{
    return i < vectors_hows_n ? vectors_hows[i].name : NULL;
}

static const char *access_word(unsigned i)
{
    return i < 3 ? vectors_access_name((enum arch_access)i) : NULL;
}

enum { QUERY_VA, QUERY_IPA, QUERY_EL, QUERY_ACCESS, QUERY_HOW, QUERY_PAN };

static bool exactly_one(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_val *a, const struct scn_val *b,
                        const char *names)
{
    if (!a->node != !b->node)
        return true;
    scn_err(r->diags, map, SCN_E_EXCLUSIVE, "", "needs exactly one of %s", names);
    return false;
}

/* el and access, where how says them already. */
static bool agrees_with_how(const struct scn_reader *r, const struct scn_val *v,
                            const struct vectors_how *how)
{
    char hint[64];
    bool ok = true;

    if (how->how != WALK_ACCESS && v[QUERY_EL].node && v[QUERY_EL].u != how->el) {
        snprintf(hint, sizeof(hint), "accepted: %u, or leave it out", how->el);
        scn_err(r->diags, v[QUERY_EL].node, SCN_E_RANGE, hint,
                "%" PRIu64 " contradicts how: %s", v[QUERY_EL].u, how->name);
        ok = false;
    }
    if (v[QUERY_ACCESS].node && v[QUERY_ACCESS].u != how->access) {
        snprintf(hint, sizeof(hint), "accepted: %s, or leave it out",
                 vectors_access_name(how->access));
        scn_err(r->diags, v[QUERY_ACCESS].node, SCN_E_WORD, hint,
                "'%s' contradicts how: %s", v[QUERY_ACCESS].node->text, how->name);
        ok = false;
    }
    return ok;
}

static bool read_query(const struct scn_reader *r, const struct scn_node *map,
                       struct walk_query *q)
{
    static const struct scn_key keys[] = {
        {.name = "va", .type = SCN_T_ADDRESS},
        {.name = "ipa", .type = SCN_T_ADDRESS},
        {.name = "el", .type = SCN_T_COUNT, .min = 0, .max = 2, .def = 1},
        {.name = "access", .type = SCN_T_WORD, .word = access_word},
        {.name = "how", .type = SCN_T_WORD, .word = how_word},
        {.name = "pan", .type = SCN_T_BOOL},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];

    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v) ||
        !exactly_one(r, map, &v[QUERY_VA], &v[QUERY_IPA], "va and ipa"))
        return false;
    if (!v[QUERY_HOW].node && !v[QUERY_ACCESS].node) {
        scn_err(r->diags, map, SCN_E_EXCLUSIVE, "", "needs how or access");
        return false;
    }
    /* The first three ways are load, store and fetch. */
    const struct vectors_how *how =
        &vectors_hows[v[QUERY_HOW].node ? v[QUERY_HOW].u : v[QUERY_ACCESS].u];
    if (!agrees_with_how(r, v, how))
        return false;
    *q = (struct walk_query){
        .va = {v[QUERY_VA].node ? v[QUERY_VA].u : v[QUERY_IPA].u},
        .access = how->access,
        .how = how->how,
        .el = how->how == WALK_ACCESS ? (uint8_t)v[QUERY_EL].u : how->el,
        .pan = v[QUERY_PAN].u,
    };
    return true;
}

/* ---- the file ---- */

enum { TOP_TITLE, TOP_REGISTERS, TOP_CPU, TOP_MEMORY, TOP_QUERY, TOP_EXPECT };

static bool read_top(const struct scn_reader *r, struct translate_input *in)
{
    static const struct scn_key keys[] = {
        {.name = "title", .type = SCN_T_TEXT},
        {.name = "registers", .type = SCN_T_MAP, .need = SCN_REQUIRED},
        {.name = "cpu", .type = SCN_T_MAP},
        {.name = "memory", .type = SCN_T_ANY},
        {.name = "query", .type = SCN_T_MAP, .need = SCN_REQUIRED},
        {.name = "expect", .type = SCN_T_MAP},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    bool ok = scn_read_map(r, in->doc.root, keys, SCN_ARRAY_N(keys), v);

    in->title = v[TOP_TITLE].s ? v[TOP_TITLE].s : "";
    if (v[TOP_REGISTERS].ok)
        ok = read_regs(r, v[TOP_REGISTERS].node, &in->regs) && ok;
    if (v[TOP_CPU].ok)
        ok = translate_read_cpu(r, v[TOP_CPU].node, &in->cpu) && ok;
    ok = translate_read_words(r, v[TOP_MEMORY].node, &in->mem) && ok;
    if (v[TOP_QUERY].ok)
        ok = read_query(r, v[TOP_QUERY].node, &in->query) && ok;
    if (v[TOP_EXPECT].ok && v[TOP_EXPECT].node)
        ok = translate_read_expect(r, v[TOP_EXPECT].node, &in->expect) && ok;
    return ok;
}

bool translate_input_load(struct translate_input *in, const char *file,
                          struct scn_diags *diags)
{
    const struct scn_reader r = {.diags = diags};

    *in = (struct translate_input){.title = ""};
    return scn_doc_load(&in->doc, file, NULL, diags) && read_top(&r, in);
}

void translate_input_free(struct translate_input *in)
{
    free(in->mem.at);
    free(in->expect.after.at);
    scn_doc_free(&in->doc);
}
