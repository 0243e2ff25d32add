/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/trace_info_priv.h - what the sources of the command trace-info share. */
#ifndef MODEL_CLI_TRACE_INFO_PRIV_H
#define MODEL_CLI_TRACE_INFO_PRIV_H

#include "model/trace/info.h"

#define TRACE_INFO_TOP 10
#define TRACE_INFO_STORMS 20

/* Everything the command tells, each on stdout. */
void trace_info_print(const char *file, const struct trace_reader *r,
                      const struct trace_info *info);
void trace_info_print_json(const char *file, const struct trace_reader *r,
                           const struct trace_info *info);

#endif
