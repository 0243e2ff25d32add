/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/cli/sha256_test.c - digests that FIPS 180-4 and its examples give. */
#include "model/cli/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MILLION 1000000

static void digests_are_those_of_the_examples(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", /* 56 bytes */
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[SHA256_HEX_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sha256 h;
        sha256_begin(&h);
        sha256_add(&h, rows[i].text, strlen(rows[i].text));
        sha256_end(&h, hex);
        assert_string_equal(hex, rows[i].want);
    }
}

static void pieces_of_any_size_give_the_digest_of_the_whole(void **state)
{
    char *text = malloc(MILLION), hex[SHA256_HEX_MAX];
    (void)state;
    memset(text, 'a', MILLION);
    for (size_t piece = 1; piece < 200; piece += 7) {
        struct sha256 h;
        sha256_begin(&h);
        for (size_t at = 0; at < MILLION; at += piece)
            sha256_add(&h, text + at, at + piece <= MILLION ? piece : MILLION - at);
        sha256_end(&h, hex);
        assert_string_equal(
            hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_examples),
        cmocka_unit_test(pieces_of_any_size_give_the_digest_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
