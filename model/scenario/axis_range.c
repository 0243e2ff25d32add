/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/axis_range.c - the values of an axis that is a range. */
#include "model/scenario/sweep_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 64
#define DIGITS 12         /* of a value */
#define LOG_STEP_DIGITS 3 /* of a value between the ends of a log range */

/* A number and the unit behind it, which may be none. */
struct amount {
    double number;
    const char *unit;
    bool whole;
};

static bool read_amount(const struct scn_reader *r, const struct scn_node *n,
                        struct amount *out)
{
    char *end = NULL;
    out->number = n->text[0] >= '0' && n->text[0] <= '9' ? strtod(n->text, &end) : NAN;
    if (!isfinite(out->number)) {
        scn_err(r->diags, n, SCN_E_NUMBER, "such as 4, 20% or 150ns",
                "'%s' does not begin with a number", n->text);
        return false;
    }
    out->unit = end;
    out->whole = strcspn(n->text, ".eExX") == strlen(n->text);
    return true;
}

static bool same_unit(const struct scn_reader *r, const struct scn_node *at,
                      const struct amount *a, const struct amount *b)
{
    if (strcmp(a->unit, b->unit) == 0)
        return true;
    scn_err(r->diags, at, SCN_E_UNIT, "one unit for the whole range",
            "'%s' is not in the unit of `from`", at->text);
    return false;
}

/* Appends a value behind the last one, unless that is the same; returns the last. */
static struct scn_node *add(struct scn_node *list, struct scn_node *last, double number,
                            const char *unit)
{
    char text[TEXT_MAX];
    snprintf(text, sizeof(text), "%.*g%s", DIGITS, number, unit);
    if (last && strcmp(last->text, text) == 0)
        return last;
    struct scn_node *n = scn_node_make(list, SCN_NODE_SCALAR, text);
    *(last ? &last->next : &list->children) = n;
    return n;
}

static bool check_ends(const struct scn_reader *r, const struct scn_val *from,
                       const struct scn_val *to, struct amount *a, struct amount *b)
{
    if (!read_amount(r, from->node, a) || !read_amount(r, to->node, b) ||
        !same_unit(r, to->node, a, b))
        return false;
    if (a->number < b->number)
        return true;
    scn_err(r->diags, to->node, SCN_E_AXIS, "", "%s is not above `from`", to->s);
    return false;
}

static bool check_n(const struct scn_reader *r, const struct scn_node *at, double n)
{
    if (n <= SCN_AXIS_VALUES_MAX)
        return true;
    scn_err(r->diags, at, SCN_E_AXIS, "", "gives more than %d values",
            SCN_AXIS_VALUES_MAX);
    return false;
}

struct scn_node *scn_read_range(const struct scn_reader *r, const struct scn_node *map)
{
    enum { FROM, TO, STEP };
    static const struct scn_key keys[] = {
        [FROM] = {.name = "from", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [TO] = {.name = "to", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [STEP] = {.name = "step", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    struct amount from, to, step;
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v) ||
        !check_ends(r, &v[FROM], &v[TO], &from, &to) ||
        !read_amount(r, v[STEP].node, &step) ||
        !same_unit(r, v[STEP].node, &from, &step))
        return NULL;
    if (step.number <= 0) {
        scn_err(r->diags, v[STEP].node, SCN_E_AXIS, "", "must be above 0");
        return NULL;
    }
    double n = floor((to.number - from.number) / step.number + 1e-9) + 1;
    if (!check_n(r, map, n))
        return NULL;
    struct scn_node *list = scn_node_make(map, SCN_NODE_LIST, NULL);
    struct scn_node *last = NULL;
    for (unsigned i = 0; i < (unsigned)n; i++)
        last = add(list, last, from.number + i * step.number, from.unit);
    return list;
}

/* number with three significant digits, or a whole number of at least that many. */
static double rounded(double number, bool whole)
{
    double unit = pow(10, floor(log10(number)) - (LOG_STEP_DIGITS - 1));
    if (whole && unit < 1)
        unit = 1;
    return round(number / unit) * unit;
}

enum { L_FROM, L_TO, L_FACTOR, L_COUNT, L_KEYS_N };

static const struct scn_key log_keys[L_KEYS_N] = {
    [L_FROM] = {.name = "from", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    [L_TO] = {.name = "to", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    [L_FACTOR] = {.name = "factor", .type = SCN_T_NUMBER},
    [L_COUNT] = {.name = "count",
                 .type = SCN_T_COUNT,
                 .min = 2,
                 .max = SCN_AXIS_VALUES_MAX},
};

static bool check_log(const struct scn_reader *r, const struct scn_node *map,
                      const struct scn_val *v, double from)
{
    const struct scn_node *factor = v[L_FACTOR].node;
    if (!factor == !v[L_COUNT].node) {
        scn_err(r->diags, map, SCN_E_EXCLUSIVE, "",
                "needs one of the keys 'factor' and 'count'");
        return false;
    }
    if (from <= 0) {
        scn_err(r->diags, v[L_FROM].node, SCN_E_AXIS, "", "must be above 0");
        return false;
    }
    if (factor && v[L_FACTOR].d <= 1) {
        scn_err(r->diags, factor, SCN_E_AXIS, "", "must be above 1");
        return false;
    }
    return true;
}

/* Value i of a log range from a on: powers of a whole factor are exact. */
static double log_value(const struct amount *a, double step, unsigned i, bool whole)
{
    double number = a->number * exp(i * step);
    if (fabs(number - round(number)) < 1e-9 * number)
        return round(number);
    return rounded(number, whole);
}

struct scn_node *scn_read_log(const struct scn_reader *r, const struct scn_node *map)
{
    struct scn_val v[L_KEYS_N];
    struct amount from, to;
    if (!scn_read_map(r, map, log_keys, L_KEYS_N, v) ||
        !check_ends(r, &v[L_FROM], &v[L_TO], &from, &to) ||
        !check_log(r, map, v, from.number))
        return NULL;
    const bool count = v[L_COUNT].node != NULL;
    double span = log(to.number / from.number);
    double n =
        count ? (double)v[L_COUNT].u : floor(span / log(v[L_FACTOR].d) + 1e-9) + 1;
    double step = count ? span / (n - 1) : log(v[L_FACTOR].d);
    if (!check_n(r, map, n))
        return NULL;
    struct scn_node *list = scn_node_make(map, SCN_NODE_LIST, NULL);
    struct scn_node *last = add(list, NULL, from.number, from.unit);
    for (unsigned i = 1; i < (unsigned)n; i++) {
        bool end = count && i + 1 == (unsigned)n;
        double number = log_value(&from, step, i, from.whole && to.whole);
        last = add(list, last, end ? to.number : number, from.unit);
    }
    return list;
}
