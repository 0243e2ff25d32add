/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/sha256.h - SHA-256 (FIPS 180-4), to name results by what they come from. */
#ifndef MODEL_CLI_SHA256_H
#define MODEL_CLI_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX_MAX (2 * SHA256_BYTES + 1)

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
};

void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t n);

/* The digest in hexadecimal; h is used up. */
void sha256_end(struct sha256 *h, char hex[SHA256_HEX_MAX]);

#endif
