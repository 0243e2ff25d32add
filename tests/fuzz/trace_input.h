/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/trace_input.h - any bytes as a recording of one kind. */
#ifndef TESTS_FUZZ_TRACE_INPUT_H
#define TESTS_FUZZ_TRACE_INPUT_H

#include <stddef.h>
#include <stdint.h>

enum trace_input_kind {
    TRACE_INPUT_TEXT,   /* tracefs, trace-cmd report, perf script, lackey */
    TRACE_INPUT_PACKED, /* .gz, .xz, .zst */
    TRACE_INPUT_S2T,    /* the raw bytes of a block, put into a good file */
    TRACE_INPUT_DAT,    /* trace.dat */
    TRACE_INPUT_KINDS_N,
};

/* Reads the bytes and aborts if a contract is broken: a record that does not print as
 * it was read, or an error without text. Returns the number of records. */
uint64_t trace_input_run(enum trace_input_kind kind, const uint8_t *bytes, size_t n);

/* The raw bytes of the first block of the .s2t of a text; returns their number, or 0.
 */
size_t trace_input_block(const uint8_t *text, size_t n, uint8_t *raw, size_t room);

#endif
