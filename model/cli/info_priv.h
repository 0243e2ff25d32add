/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/info_priv.h - what the topics of the command info share. */
#ifndef MODEL_CLI_INFO_PRIV_H
#define MODEL_CLI_INFO_PRIV_H

#include "model/cli/cli_priv.h"

#include <jansson.h>

enum info_format { INFO_TEXT, INFO_CSV, INFO_JSON };

/* argv[0] is the topic's name. */
int info_geometry(int argc, char **argv);
int info_hyp_va(int argc, char **argv);
int info_platform(int argc, char **argv);

/* Read the value of an option. False after a message that names the topic ("info
 * geometry"), the option, the value and what is accepted. */
bool info_read_count(const char *topic, const char *option, const char *text,
                     uint64_t min, uint64_t max, uint64_t *out);
bool info_read_address(const char *topic, const char *option, const char *text,
                       uint64_t *out);
bool info_read_granule(const char *topic, const char *text, enum arch_tg *out);

/* "4K", "16K" or "64K". */
const char *info_granule_name(enum arch_tg tg);

#define INFO_SIZE_TEXT_MAX 24

/* 1 << shift bytes as "16B", "2M", "64G"; shift is below 60. */
const char *info_size_text(unsigned shift, char text[INFO_SIZE_TEXT_MAX]);

/* An address as JSON: hexadecimal text, since JSON numbers lose bits above 2^53. */
json_t *info_hex(uint64_t u);

/* Prints doc on stdout and releases it. */
void info_print_json(json_t *doc);

#endif
