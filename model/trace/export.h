/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/export.h - records back to text, in the form of tracefs 'trace'. */
#ifndef MODEL_TRACE_EXPORT_H
#define MODEL_TRACE_EXPORT_H

#include "model/trace/reader.h"

#define TRACE_LINE_TEXT 8192

struct trace_export {
    FILE *out;
    unsigned digits; /* of a second's fraction, as in trace_origin */
};

/* The header; o is complete, so the recording was read once before. */
ARCH_MUST_USE bool trace_export_head(FILE *out, const struct trace_origin *o,
                                     struct trace_error *err);

/* The record() of a sink; ctx is a struct trace_export. */
bool trace_export_record(void *ctx, const struct trace_record *r,
                         struct trace_error *err);

#endif
