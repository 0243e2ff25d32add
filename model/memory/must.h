/* SPDX-License-Identifier: Apache-2.0 */
/* model/memory/must.h - memory of the host, or the end of the program. */
#ifndef MODEL_MEMORY_MUST_H
#define MODEL_MEMORY_MUST_H

#include <stdlib.h>

/* p, what an allocation gave. */
static inline void *must(void *p)
{
    if (!p)
        abort(); /* the host has no memory left: nothing sensible can follow */
    return p;
}

#endif
