/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/violation_rows.c - violations.csv. */
#include "model/record/results_priv.h"

#include <inttypes.h>

/* Descriptors are 0 where there is none. */
void rec_violation_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    for (size_t i = 0; i < r->violations_n; i++) {
        const struct mon_violation *v = &r->violations[i];

        fputs(prefix, f);
        rec_put_ns(f, v->time_ps);
        fprintf(f,
                ",%" PRIu32 ",%s,0x%" PRIx64 ",0x%" PRIx64 ",0x%" PRIx64 ",%" PRIu32
                ",\"%s\"\n",
                v->pe, mon_code_name(mon_rule_code(v->rule)), v->ipa.v, v->old, v->desc,
                v->line, mon_rule_text(v->rule));
    }
}
