/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/read.c - one map against its table of keys, one value against its
 * rule. */
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <string.h>

#define HINT_MAX 400

/* Appends ", text" (without the comma at first); silently stops where buf is full. */
static void list_add(char buf[HINT_MAX], const char *text)
{
    size_t at = strlen(buf);
    snprintf(buf + at, HINT_MAX - at, "%s%s", at && buf[at - 1] != ' ' ? ", " : "",
             text);
}

static void hint_meant(char buf[HINT_MAX], const struct scn_nearest *near)
{
    buf[0] = '\0';
    if (near->word)
        snprintf(buf, HINT_MAX, "did you mean '%s'? ", near->word);
    size_t at = strlen(buf);
    snprintf(buf + at, HINT_MAX - at, "accepted: ");
}

/* ---- scalars ---- */

static const char *kind_name(enum scn_node_kind kind)
{
    static const char *const names[] = {"a single value", "a map", "a list"};
    return names[kind];
}

static bool expect_kind(const struct scn_reader *r, const struct scn_node *n,
                        enum scn_node_kind want)
{
    if (n->kind == want && !n->empty)
        return true;
    scn_err(r->diags, n, SCN_E_TYPE, "", "must be %s, not %s", kind_name(want),
            n->empty ? "empty" : kind_name(n->kind));
    return false;
}

static void format_value(enum scn_type type, uint64_t u,
                         char buf[SCN_QUANTITY_TEXT_MAX])
{
    switch (type) {
    case SCN_T_TIME:
        scn_format_quantity(SCN_Q_TIME, u, buf);
        break;
    case SCN_T_SIZE:
        scn_format_quantity(SCN_Q_SIZE, u, buf);
        break;
    case SCN_T_PERCENT:
        scn_format_quantity(SCN_Q_PERCENT, u, buf);
        break;
    case SCN_T_FREQ:
        scn_format_quantity(SCN_Q_FREQ, u, buf);
        break;
    case SCN_T_ADDRESS:
        snprintf(buf, SCN_QUANTITY_TEXT_MAX, "0x%" PRIx64, u);
        break;
    default:
        snprintf(buf, SCN_QUANTITY_TEXT_MAX, "%" PRIu64, u);
        break;
    }
}

static bool check_range(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_key *key, uint64_t u)
{
    char min[SCN_QUANTITY_TEXT_MAX], max[SCN_QUANTITY_TEXT_MAX], hint[HINT_MAX];
    if ((key->min == 0 && key->max == 0) || (u >= key->min && u <= key->max))
        return true;
    format_value(key->type, key->min, min);
    format_value(key->type, key->max, max);
    snprintf(hint, sizeof(hint), "accepted: %s to %s", min, max);
    scn_err(r->diags, n, SCN_E_RANGE, hint, "%s is out of range", n->text);
    return false;
}

/* A failed scn_parse_*() as a diagnostic; units: of the quantity, "" for none. */
static bool report_number(const struct scn_reader *r, const struct scn_node *n,
                          enum scn_unit_status status, const char *what,
                          const char *units)
{
    char hint[HINT_MAX];
    switch (status) {
    case SCN_UNIT_MISSING:
        snprintf(hint, sizeof(hint), "add %s", units);
        scn_err(r->diags, n, SCN_E_UNIT, hint, "'%s' has no unit", n->text);
        break;
    case SCN_UNIT_UNKNOWN:
        snprintf(hint, sizeof(hint), "accepted: %s", units);
        scn_err(r->diags, n, SCN_E_UNIT, hint, "'%s' has no known unit for %s", n->text,
                what);
        break;
    case SCN_UNIT_TOO_FINE:
        scn_err(r->diags, n, SCN_E_RANGE, "", "'%s' is finer than the model resolves",
                n->text);
        break;
    case SCN_UNIT_TOO_LARGE:
        scn_err(r->diags, n, SCN_E_RANGE, "", "'%s' is too large", n->text);
        break;
    default:
        snprintf(hint, sizeof(hint), "%s%s", *units ? "a number and " : "", units);
        scn_err(r->diags, n, SCN_E_NUMBER, hint, "'%s' is not %s", n->text, what);
        break;
    }
    return false;
}

static bool read_quantity(const struct scn_reader *r, const struct scn_node *n,
                          const struct scn_key *key, enum scn_quantity q,
                          const char *what, struct scn_val *out)
{
    uint64_t clock_khz = r->clock_khz ? r->clock_khz : 1;
    enum scn_unit_status status = scn_parse_quantity(n->text, q, clock_khz, &out->u);
    if (status != SCN_UNIT_OK)
        return report_number(r, n, status, what, scn_unit_names(q));
    return check_range(r, n, key, out->u);
}

static bool read_integer(const struct scn_reader *r, const struct scn_node *n,
                         const struct scn_key *key, struct scn_val *out)
{
    bool address = key->type == SCN_T_ADDRESS;
    enum scn_unit_status status = address ? scn_parse_address(n->text, &out->u)
                                          : scn_parse_count(n->text, &out->u);
    if (status != SCN_UNIT_OK)
        return report_number(r, n, status,
                             address ? "an address (hexadecimal with 0x, or decimal)"
                                     : "a whole number without unit",
                             "");
    return check_range(r, n, key, out->u);
}

static bool read_number(const struct scn_reader *r, const struct scn_node *n,
                        struct scn_val *out)
{
    enum scn_unit_status status = scn_parse_number(n->text, &out->d);
    if (status != SCN_UNIT_OK)
        return report_number(r, n, status, "a number", "");
    return true;
}

/* key->min: the accepted sizes as a mask of their log2; max not 0: `none` as well. */
static bool read_page(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_key *key, struct scn_val *out)
{
    char hint[HINT_MAX] = "accepted: ", text[SCN_QUANTITY_TEXT_MAX];
    uint64_t bytes = 0;
    enum scn_unit_status status = scn_parse_quantity(n->text, SCN_Q_SIZE, 1, &bytes);
    out->u = 0;
    if (key->max && strcmp(n->text, "none") == 0)
        return true;
    for (unsigned shift = 0; shift < 64; shift++) {
        if (!(key->min >> shift & 1))
            continue;
        if (status == SCN_UNIT_OK && bytes == UINT64_C(1) << shift) {
            out->u = shift;
            return true;
        }
        scn_format_page(shift, text);
        list_add(hint, text);
    }
    if (key->max)
        list_add(hint, "none");
    if (status == SCN_UNIT_OK)
        scn_err(r->diags, n, SCN_E_RANGE, hint, "%s is not a page size accepted here",
                n->text);
    else
        report_number(r, n, status, "a page size", hint + strlen("accepted: "));
    return false;
}

static bool read_word(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_key *key, struct scn_val *out)
{
    struct scn_nearest near = {NULL, 0};
    char hint[HINT_MAX];
    const char *word;
    for (unsigned i = 0; (word = key->word(i)); i++) {
        if (strcmp(word, n->text) == 0) {
            out->u = i;
            return true;
        }
        scn_nearest_add(&near, n->text, word);
    }
    hint_meant(hint, &near);
    for (unsigned i = 0; (word = key->word(i)); i++)
        list_add(hint, word);
    scn_err(r->diags, n, SCN_E_WORD, hint, "'%s' is not accepted", n->text);
    return false;
}

static bool read_bool(const struct scn_reader *r, const struct scn_node *n,
                      struct scn_val *out)
{
    out->u = strcmp(n->text, "true") == 0;
    if (out->u || strcmp(n->text, "false") == 0)
        return true;
    scn_err(r->diags, n, SCN_E_WORD, "accepted: true, false", "'%s' is not accepted",
            n->text);
    return false;
}

static bool read_name(const struct scn_reader *r, const struct scn_node *n,
                      struct scn_val *out)
{
    size_t len = strlen(n->text);
    out->s = n->text;
    if (len > 0 && len <= SCN_NAME_MAX &&
        strspn(n->text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len)
        return true;
    scn_err(r->diags, n, SCN_E_NAME, "accepted: 1 to 63 of a-z, 0-9 and -",
            "'%s' is not a name", n->text);
    return false;
}

static bool read_scalar(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_key *key, struct scn_val *out)
{
    switch (key->type) {
    case SCN_T_NAME:
        return read_name(r, n, out);
    case SCN_T_COUNT:
    case SCN_T_ADDRESS:
        return read_integer(r, n, key, out);
    case SCN_T_BOOL:
        return read_bool(r, n, out);
    case SCN_T_TIME:
        return read_quantity(r, n, key, SCN_Q_TIME, "a time", out);
    case SCN_T_SIZE:
        return read_quantity(r, n, key, SCN_Q_SIZE, "a size", out);
    case SCN_T_PERCENT:
        return read_quantity(r, n, key, SCN_Q_PERCENT, "a percentage", out);
    case SCN_T_FREQ:
        return read_quantity(r, n, key, SCN_Q_FREQ, "a frequency", out);
    case SCN_T_PAGE:
        return read_page(r, n, key, out);
    case SCN_T_NUMBER:
        return read_number(r, n, out);
    case SCN_T_WORD:
        return read_word(r, n, key, out);
    default:
        out->s = n->text;
        return true;
    }
}

static bool read_list(const struct scn_reader *r, const struct scn_node *n)
{
    if (!expect_kind(r, n, SCN_NODE_LIST))
        return false;
    if (n->children)
        return true;
    scn_err(r->diags, n, SCN_E_TYPE, "", "is an empty list");
    return false;
}

bool scn_read_value(const struct scn_reader *r, const struct scn_node *n,
                    const struct scn_key *key, struct scn_val *out)
{
    out->node = n;
    out->ok = false;
    if (key->type == SCN_T_ANY)
        out->ok = true;
    else if (key->type == SCN_T_MAP)
        out->ok = expect_kind(r, n, SCN_NODE_MAP);
    else if (key->type == SCN_T_LIST)
        out->ok = read_list(r, n);
    else
        out->ok = expect_kind(r, n, SCN_NODE_SCALAR) && read_scalar(r, n, key, out);
    return out->ok;
}

/* ---- maps ---- */

static void report_unknown_key(const struct scn_reader *r, const struct scn_node *child,
                               const struct scn_key *keys, size_t keys_n)
{
    struct scn_nearest near = {NULL, 0};
    char hint[HINT_MAX];
    struct scn_node at = *child; /* the caret belongs to the key */
    at.pos = child->key->pos;
    at.width = child->key->width;
    for (size_t i = 0; i < keys_n; i++)
        scn_nearest_add(&near, child->key->text, keys[i].name);
    hint_meant(hint, &near);
    for (size_t i = 0; i < keys_n; i++)
        list_add(hint, keys[i].name);
    scn_err(r->diags, &at, SCN_E_UNKNOWN_KEY, hint, "is an unknown key");
}

static bool check_known(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_key *keys, size_t keys_n)
{
    bool ok = true;
    for (const struct scn_node *c = map->children; c; c = c->next) {
        size_t i = 0;
        while (i < keys_n && strcmp(keys[i].name, c->key->text) != 0)
            i++;
        if (i == keys_n) {
            report_unknown_key(r, c, keys, keys_n);
            ok = false;
        }
    }
    return ok;
}

bool scn_read_map(const struct scn_reader *r, const struct scn_node *map,
                  const struct scn_key *keys, size_t keys_n, struct scn_val *out)
{
    memset(out, 0, keys_n * sizeof(*out));
    if (!expect_kind(r, map, SCN_NODE_MAP))
        return false;
    bool ok = check_known(r, map, keys, keys_n);
    for (size_t i = 0; i < keys_n; i++) {
        const struct scn_node *n = scn_node_get(map, keys[i].name);
        if (n) {
            ok = scn_read_value(r, n, &keys[i], &out[i]) && ok;
            continue;
        }
        out[i].u = keys[i].def;
        out[i].ok = keys[i].need == SCN_OPTIONAL;
        if (!out[i].ok)
            scn_err(r->diags, map, SCN_E_MISSING_KEY, "", "lacks the required key '%s'",
                    keys[i].name);
        ok = ok && out[i].ok;
    }
    return ok;
}
