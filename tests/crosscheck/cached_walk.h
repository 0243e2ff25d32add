/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/cached_walk.h - a walk that asks the caches of its core, and fills
 * them with what it reads. */
#ifndef TESTS_CROSSCHECK_CACHED_WALK_H
#define TESTS_CROSSCHECK_CACHED_WALK_H

#include "tests/crosscheck/caches.h"
#include "tests/crosscheck/front.h"

/* What leaves keep in attrs. */
#define ATTR_NT 1u
#define ATTR_DEVICE 2u

/* An access and what its walk has come to. */
struct cached_walk {
    struct walk walk;
    /* Descriptors that stage 1 follows from, with stage 2 of its own descriptors, and
     * those that the last walk of stage 2 follows from: read now, or when caches were
     * filled. */
    struct word_set s1_words, s2_words;
    struct world *world;
    struct caches *caches;
    struct software *software;
    const struct access *access;
    struct counts *counts;
};

/* The five pointers are given. Serves w->world's memory WITH_TLB. */
enum walk_next cached_walk(struct cached_walk *c);

#endif
