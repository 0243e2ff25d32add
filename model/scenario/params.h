/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/params.h - the parameters of a platform: one table that the reader of
 * platform files, the overrides of a scenario, run.json and `stage2sim info` share. */
#ifndef MODEL_SCENARIO_PARAMS_H
#define MODEL_SCENARIO_PARAMS_H

#include "model/scenario/scn.h"

enum scn_param_kind {
    SCN_PARAM_TIME,  /* uint64_t, ps */
    SCN_PARAM_SIZE,  /* uint64_t, bytes */
    SCN_PARAM_FREQ,  /* uint64_t, kHz */
    SCN_PARAM_COUNT, /* any unsigned integer */
    SCN_PARAM_BOOL,
    SCN_PARAM_WORD,  /* one of words */
    SCN_PARAM_WAYS,  /* uint32_t; `full`: as many as entries */
    SCN_PARAM_PAGES, /* page sizes of one kind of entries of a struct tlb_cfg */
};

struct scn_param {
    const char *name; /* dotted, as in overrides: "hyp.teardown_leaf" */
    const char *what; /* one line */
    enum scn_param_kind kind;
    uint64_t min, max; /* of the value in its base unit; SCN_PARAM_PAGES: a mask of the
                        * log2 of the accepted sizes, and the enum tlb_kind */
    size_t offset, bytes;            /* of the member in struct scn_platform */
    const char *(*word)(unsigned i); /* SCN_PARAM_WORD: NULL after the last */
    /* A platform file may leave it out: its value is def, written as in a file, or that
     * of the earlier row same_as. Both NULL: it must be given. */
    const char *def, *same_as;
    const char *entries; /* row of the entries of its structure: nothing that is given
                          * counts, and nothing need be given, while they are 0 */
};

#define SCN_PARAMS_MAX 160

extern const struct scn_param scn_params[];
extern const size_t scn_params_n; /* at most SCN_PARAMS_MAX */

const struct scn_param *scn_param_find(const char *dotted);

/* False: it belongs to a structure that the platform does not have. */
bool scn_param_counts(const struct scn_platform *p, const struct scn_param *param);

/* The value as an integer of the base unit; SCN_PARAM_PAGES: a mask of log2 sizes. */
uint64_t scn_param_get(const struct scn_platform *p, const struct scn_param *param);
void scn_param_set(struct scn_platform *p, const struct scn_param *param,
                   uint64_t value);

#define SCN_PARAM_TEXT_MAX 96

/* As it would stand in a platform file: "150ns", "48", "4K, 2M", "none". */
void scn_param_text(const struct scn_platform *p, const struct scn_param *param,
                    char buf[SCN_PARAM_TEXT_MAX]);

/* The unit of a value in result files: "ns", "B", "kHz" or "". */
const char *scn_param_unit(const struct scn_param *param);

/* What a platform file says about its numbers. */
struct scn_platform_doc {
    char *title;
    char *sources[SCN_PARAMS_MAX]; /* [scn_params_n]; "assumed", a reference,
                                      "scenario" for an override, or "default" */
};

const char *scn_param_source(const struct scn_platform_doc *doc,
                             const struct scn_param *param);

/**
 * scn_platform_load() - read one platform file without a scenario.
 * @file:  its path.
 * @out, @doc: filled on SCN_OK; end with scn_platform_free().
 * @diags: up to SCN_DIAGS_MAX messages otherwise; end with scn_diags_free().
 */
ARCH_MUST_USE enum scn_status scn_platform_load(const char *file,
                                                struct scn_platform *out,
                                                struct scn_platform_doc **doc,
                                                struct scn_diags *diags);
void scn_platform_free(struct scn_platform *p, struct scn_platform_doc *doc);

/* Words of the choices that scenario and platform files share; NULL past the last. */
const char *scn_nt_response_word(unsigned i); /* index: enum walk_nt_response */
const char *scn_nt_cache_word(unsigned i);    /* "none", "page-fragment" */
const char *scn_conflict_word(unsigned i);    /* index: enum tlb_conflict */
const char *scn_repeat_word(unsigned i);      /* index: enum hyp_repeat */

#endif
