/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/about.h - what a .s2t says on its source: lines "KEY VALUE". */
#ifndef MODEL_TRACE_ABOUT_H
#define MODEL_TRACE_ABOUT_H

#include "model/trace/info.h"

/* Lines on the origin into text; returns the length, < room. */
size_t about_print(const struct trace_origin *o, char *text, size_t room);

/* Lines on vCPUs and memslots; info is finished. *text is to be freed. NULL: no memory.
 */
char *about_print_all(const struct trace_origin *o, const struct trace_info *info,
                      size_t *len);

/* Fills o; lines with unknown keys are left to others. false: a line is damaged or one
 * of the counts is missing. */
ARCH_MUST_USE bool about_parse(struct trace_origin *o, const char *text, size_t len);

#endif
