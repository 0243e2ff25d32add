/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/s2t.h - the binary trace .s2t (docs/trace-format.md): its writer. */
#ifndef MODEL_TRACE_S2T_H
#define MODEL_TRACE_S2T_H

#include "model/trace/reader.h"

#define S2T_VERSION 1

struct s2t_writer;

/* Begins OUT.s2t under another name in the same folder; NULL after an error. */
struct s2t_writer *s2t_create(const char *path, struct trace_tables *tables,
                              struct trace_error *err);

/* The record() of a sink; writer is its ctx. */
bool s2t_write(void *writer, const struct trace_record *r, struct trace_error *err);

/* Writes what is left, and about (lines "key value" on the recording), and gives the
 * file its name. The writer is gone in either case; after a failure so is the file. */
ARCH_MUST_USE bool s2t_finish(struct s2t_writer *writer, const char *about, size_t len,
                              struct trace_error *err);

/* Gives up: no file stays. */
void s2t_abandon(struct s2t_writer *writer);

#endif
