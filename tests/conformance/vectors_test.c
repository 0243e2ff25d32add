/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/vectors_test.c - the walker against recorded answers of QEMU.
 *
 * usage: vectors_test [FILE]; without FILE the public set of the shared folder, and
 * exit code 77 (skipped) where that is absent. */
#include "model/translate/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PUBLIC_VECTORS STAGE2SIM_SHARED_DIR "/vectors/translation-public.jsonl.xz"
#define EXIT_SKIPPED 77

static void print_failure(void *user, const struct vectors_failure *f)
{
    (void)user;
    printf("%s:%lu: FAILED %s (%s)\n  expected %s\n  got      %s\n", f->path, f->line,
           f->id, f->field, f->want, f->got);
}

static void print_tally(const struct vectors_tally *t, double seconds)
{
    for (unsigned i = 0; i < t->categories_n; i++)
        printf("%-22s %5lu passed, %5lu failed\n", t->categories[i].name,
               t->categories[i].passed_n, t->categories[i].failed_n);
    printf("%.0f vectors a second\n",
           seconds > 0 ? (double)(t->passed_n + t->failed_n) / seconds : 0);
    printf("%lu passed, %lu failed\n", t->passed_n, t->failed_n);
}

int main(int argc, char **argv)
{
    static struct vectors_tally tally;
    const char *path = argc > 1 ? argv[1] : PUBLIC_VECTORS;
    unsigned long line;

    const clock_t begin = clock();
    const enum vectors_status status =
        vectors_check(path, print_failure, NULL, &tally, &line);
    if (status == VECTORS_ERR_OPEN && argc == 1) {
        printf("%s: cannot be opened: skipped\n", path);
        return EXIT_SKIPPED;
    }
    if (status != VECTORS_OK) {
        printf("%s:%lu: %s\n", path, line, vectors_status_text(status));
        return EXIT_FAILURE;
    }
    print_tally(&tally, (double)(clock() - begin) / CLOCKS_PER_SEC);
    return tally.passed_n > 0 && tally.failed_n == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
