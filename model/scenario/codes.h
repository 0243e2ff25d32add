/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/codes.h - the codes of diagnostics; a code keeps its meaning for ever.
 */
#ifndef MODEL_SCENARIO_CODES_H
#define MODEL_SCENARIO_CODES_H

#include <stddef.h>

enum scn_code {
    SCN_E_FILE = 1,
    SCN_E_YAML = 2,
    SCN_E_DUPLICATE_KEY = 3,
    SCN_E_UNKNOWN_KEY = 4,
    SCN_E_MISSING_KEY = 5,
    SCN_E_TYPE = 6,
    SCN_E_VERSION = 7,
    SCN_E_YAML_FEATURE = 8,
    SCN_E_NUMBER = 10,
    SCN_E_UNIT = 11,
    SCN_E_RANGE = 12,
    SCN_E_WORD = 13,
    SCN_E_NAME = 14,
    SCN_E_EXCLUSIVE = 20,
    SCN_E_ALIGN = 21,
    SCN_E_OVERLAP = 22,
    SCN_E_IPA_SPACE = 23,
    SCN_E_OUTSIDE_MEMORY = 24,
    SCN_E_BLOCK_SIZE = 25,
    SCN_E_PES = 26,
    SCN_E_DUPLICATE_NAME = 27,
    /* 28 is not given any more: see SCN_W_BBM_LEVEL */
    SCN_E_AFTER_END = 29,
    SCN_E_HOT = 30,
    SCN_E_HOLES = 31,
    SCN_E_NO_VARIANT = 32,
    SCN_E_VCPU = 33,
    SCN_E_PA_SPACE = 34,
    SCN_E_REPLAY = 35,
    SCN_E_IPA_BITS = 36,
    SCN_E_UNSUPPORTED = 37,
    SCN_E_READ_ONLY = 38,
    SCN_E_FEATURE = 39,
    SCN_E_NO_PLATFORM = 40,
    SCN_E_NO_TRACE = 41,
    SCN_E_NO_SOURCE = 42,
    SCN_E_UNKNOWN_PARAM = 43,
    SCN_E_MISSING_PARAM = 44,
    SCN_E_GEOMETRY = 45,
    SCN_E_NO_EFFECT = 46,
    SCN_E_GROUP = 47,
    SCN_E_SWITCHES = 48,
    SCN_E_ORDER = 49,
    SCN_E_NO_VM = 50,
    SCN_E_PATH = 54,
    SCN_E_AXIS = 55,
    SCN_E_POINTS = 56,
    SCN_E_NO_ABORT = 60,
};

/* Codes of warnings: what is asked for is done, but perhaps not what is meant. */
enum scn_warning {
    SCN_W_TLBI_IPA = 1,
    SCN_W_MIXED_CLEAN = 3,
    SCN_W_BBM_LEVEL = 4,
    SCN_W_LOST_PAGES = 5,
};

struct scn_code_doc {
    unsigned code;       /* enum scn_code, or enum scn_warning */
    const char *meaning; /* what was wrong, a few words */
};

extern const struct scn_code_doc scn_code_docs[];
extern const size_t scn_code_docs_n;
extern const struct scn_code_doc scn_warning_docs[];
extern const size_t scn_warning_docs_n;

#endif
