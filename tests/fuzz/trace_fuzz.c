/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/trace_fuzz.c - the libFuzzer target of one importer. */
#include "tests/fuzz/trace_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    trace_input_run(TRACE_FUZZ_KIND, bytes, n);
    return 0;
}
