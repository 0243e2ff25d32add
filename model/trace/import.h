/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/import.h - a recording of any format to a .s2t or to text. */
#ifndef MODEL_TRACE_IMPORT_H
#define MODEL_TRACE_IMPORT_H

#include "model/trace/filter.h"

/* choice: reads in twice if it does not choose all. kept: records that out has.
 * r: overwritten; tells what was read. End with trace_reader_end() in either case. */
ARCH_MUST_USE bool trace_to_s2t(const char *in, const char *out,
                                const struct trace_choice *choice, uint64_t *kept,
                                struct trace_reader *r, struct trace_error *err);

/* The same as text, after a first reading that gives the header. */
ARCH_MUST_USE bool trace_to_text(const char *in, FILE *out,
                                 const struct trace_choice *choice, uint64_t *kept,
                                 struct trace_reader *r, struct trace_error *err);

#endif
