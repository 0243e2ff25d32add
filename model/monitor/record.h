/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/record.h - one record of a trace, as its fields.
 *
 * A record is an S-expression: its kind, then fields, each (KEY VALUE) or VALUE alone.
 * Records may span lines. */
#ifndef MODEL_MONITOR_RECORD_H
#define MODEL_MONITOR_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MON_FIELDS_MAX 8
#define MON_WORD_MAX 128

/* Where input is wrong, and how. */
struct mon_input_error {
    uint32_t line, col; /* from 1 */
    char text[200];
};

struct mon_field {
    char key[16]; /* "" for a value alone */
    char value[MON_WORD_MAX];
    uint32_t line, col;
};

struct mon_record {
    char kind[16];
    uint32_t line, col;
    struct mon_field fields[MON_FIELDS_MAX];
    size_t n;
};

/* The input and the place in it. */
struct mon_source {
    FILE *in;
    uint32_t line, col; /* of the next character */
    int ahead;          /* it, or EOF */
};

void mon_source_init(struct mon_source *s, FILE *in);

enum mon_read { MON_READ_RECORD, MON_READ_END, MON_READ_ERROR };

/* The next record. A line that begins with ! ends the trace: its checker's verdict. */
enum mon_read mon_record_read(struct mon_source *s, struct mon_record *out,
                              struct mon_input_error *err);

void mon_input_fail(struct mon_input_error *err, uint32_t line, uint32_t col,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
