/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/dat.h - trace.dat, read by libtracecmd in a process of its own.
 *
 * libtracecmd trusts its input. So a child process reads the file and sends blocks of
 * records, as a .s2t has them, through a pipe; whatever a damaged file does to the
 * library ends as an error message here. */
#ifndef MODEL_TRACE_DAT_H
#define MODEL_TRACE_DAT_H

#include "model/trace/s2t.h"

#include <event-parse.h>

/* dat_child.c: reads the trace.dat in fd and writes chunks to out. Runs in the child;
 * returns its exit status. */
int dat_child(int fd, int out);

/* dat_print.c: the printed fields of a record as shape and numbers, without printing
 * them each time. */

struct dat_printer;

struct dat_printer *dat_printer_new(struct trace_tables *tables,
                                    struct tep_handle *tep);

/* The tables were trimmed: no shape is known any more. */
void dat_printer_forget(struct dat_printer *p);

/* Fills shape and values of r. false: err tells why. */
bool dat_print(struct dat_printer *p, struct tep_event *event,
               struct tep_record *record, struct trace_record *r,
               struct trace_error *err);

#endif
