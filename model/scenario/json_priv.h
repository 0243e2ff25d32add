/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/json_priv.h - the writer of the resolved scenario. */
#ifndef MODEL_SCENARIO_JSON_PRIV_H
#define MODEL_SCENARIO_JSON_PRIV_H

#include "model/scenario/scn_priv.h"

/* A writer that knows whether the next member needs a comma. */
struct scn_json {
    FILE *f;
    int indent;
    bool first;
};

/* Begins a member (name) or an element (NULL). */
void scn_json_begin(struct scn_json *j, const char *name);
void scn_json_open(struct scn_json *j, const char *name, char bracket);
void scn_json_close(struct scn_json *j, char bracket);
void scn_json_text(struct scn_json *j, const char *name, const char *text);
void scn_json_count(struct scn_json *j, const char *name, uint64_t u);
void scn_json_bool(struct scn_json *j, const char *name, bool b);
void scn_json_address(struct scn_json *j, const char *name, uint64_t u);
/* u / 10^digits, without trailing zeros. */
void scn_json_decimal(struct scn_json *j, const char *name, uint64_t u,
                      unsigned digits);
void scn_json_ns(struct scn_json *j, const char *name, uint64_t ps);
void scn_json_share(struct scn_json *j, const char *name, uint64_t ppm);
void scn_json_page(struct scn_json *j, const char *name, unsigned shift);

void scn_json_event(struct scn_json *j, const struct scn_event *e, const char *vm);
void scn_json_guest(struct scn_json *j, const struct guest_cfg *g);

#endif
