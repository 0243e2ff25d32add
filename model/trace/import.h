/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/import.h - a recording of any format to a .s2t or to text. */
#ifndef MODEL_TRACE_IMPORT_H
#define MODEL_TRACE_IMPORT_H

#include "model/trace/reader.h"

/* r: overwritten; tells what was read. End with trace_reader_end() in either case. */
ARCH_MUST_USE bool trace_to_s2t(const char *in, const char *out, struct trace_reader *r,
                                struct trace_error *err);

/* Reads in twice. */
ARCH_MUST_USE bool trace_to_text(const char *in, FILE *out, struct trace_reader *r,
                                 struct trace_error *err);

#endif
