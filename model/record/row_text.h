/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/row_text.h - numbers as text, for files of many rows. */
#ifndef MODEL_RECORD_ROW_TEXT_H
#define MODEL_RECORD_ROW_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define REC_NUMBER_MAX 340 /* bytes of any number; no text ends in a zero byte */

/* Each writes to out and returns how many bytes. */

/* A number with at most three decimals (below 1: six) and no trailing zeros. */
size_t rec_text_number(char *out, double v);

/* The same of ps / 1000. */
size_t rec_text_ns(char *out, uint64_t ps);

size_t rec_text_count(char *out, uint64_t n);
size_t rec_text_hex(char *out, uint64_t v); /* with 0x */
size_t rec_text_word(char *out, const char *word);

#endif
