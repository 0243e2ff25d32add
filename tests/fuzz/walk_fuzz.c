/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/walk_fuzz.c - the libFuzzer target: raw registers and descriptors. */
#include "tests/fuzz/walk_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_input_run(data, size);
    return 0;
}
