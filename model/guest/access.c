/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/access.h"

#include "model/guest/random.h"

#include <assert.h>

#define PPM UINT64_C(1000000)

struct guest_kinds guest_kinds_of(uint32_t write_ppm, uint32_t fetch_ppm)
{
    const uint64_t both_ppm = (uint64_t)write_ppm + fetch_ppm;
    struct guest_kinds k = {0, 0, ARCH_READ, ARCH_READ};

    assert(both_ppm <= PPM);
    if (both_ppm == 0)
        return k;
    k.second = fetch_ppm ? ARCH_EXECUTE : ARCH_WRITE;
    k.second_last = guest_last_below(both_ppm, PPM);
    k.first = write_ppm ? ARCH_WRITE : ARCH_EXECUTE;
    k.first_last = write_ppm ? guest_last_below(write_ppm, PPM) : k.second_last;
    return k;
}
