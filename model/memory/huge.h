/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory/huge.h - memory of the host for much that is read at random. */
#ifndef MODEL_MEMORY_HUGE_H
#define MODEL_MEMORY_HUGE_H

#include <stddef.h>

/* Memory to be given back by free(), aligned to 64 bytes, with any content. From 2 MiB
 * on it lies in large pages, if the host has some, which its own TLBs cover better.
 * Ends the program if there is none. */
void *huge_new(size_t bytes);

#endif
