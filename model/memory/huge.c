/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* madvise */
#include "model/memory/huge.h"

#include "model/memory/must.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LINE_BYTES ((size_t)64)
#define PAGE_BYTES ((size_t)2 << 20)

void *huge_new(size_t bytes)
{
    const size_t unit = bytes < PAGE_BYTES ? LINE_BYTES : PAGE_BYTES;
    const size_t rounded = bytes ? (bytes + unit - 1) / unit * unit : unit;
    void *mem = must(aligned_alloc(unit, rounded));

#ifdef MADV_HUGEPAGE
    if (unit == PAGE_BYTES)
        (void)madvise(mem, rounded, MADV_HUGEPAGE); /* a wish */
#endif
    return mem;
}
