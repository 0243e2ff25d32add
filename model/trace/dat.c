/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/dat.c - trace.dat of trace-cmd. */
#include "model/trace/reader.h"

bool trace_read_dat(struct trace_reader *r, struct trace_bytes *bytes)
{
    (void)bytes;
    return trace_fail(r->err, "a binary recording of trace-cmd (trace.dat); accepted: "
                              "the output of trace-cmd report");
}
