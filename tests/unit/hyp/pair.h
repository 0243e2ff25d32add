/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/pair.h - two actors on one VM's tables, interleaved at every
 * operation.
 *
 * Each actor is a coroutine with a stack of its own; before each operation of struct
 * hyp_ops a seeded generator decides who goes on. The world watches meanwhile: what is
 * freed is not touched, a live entry changes only as FEAT_BBM allows, and a leaf takes
 * the place of other memory or another size only behind a complete flush. The first
 * breach is kept in error. */
#ifndef TESTS_UNIT_HYP_PAIR_H
#define TESTS_UNIT_HYP_PAIR_H

#include "model/hyp/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

#define PAIR_TABLES_N 4096
#define PAIR_PENDING_N 16384
#define PAIR_STACK_BYTES (256 * 1024)
#define PAIR_VMID 7

struct pair_table {
    uint64_t *words; /* NULL: not handed out */
    bool freed;
    int level; /* INT_MIN until a table that is known links it */
    struct arch_ipa ipa;
};

/* A translation that TLBs may hold although its entry has changed. */
struct pair_pending {
    struct arch_pa entry;
    uint64_t ipa, bytes, covered; /* bytes that TLBIs named */
    uint64_t old;
    bool one_ipa; /* one IPA names all: a leaf, or the entry of an empty table */
    bool issued, complete; /* all is named; and a DSB ISH followed, VMALLE1 too */
    bool ipa_done;         /* by IPA only: waits for VMALLE1 */
};

struct pair_actor {
    ucontext_t context;
    struct hyp_vm vm; /* ctx is this actor */
    struct pair *pair;
    void (*run)(struct pair_actor *self);
    void *arg;
    bool running;
    unsigned read_locks;
    char stack[PAIR_STACK_BYTES];
};

struct pair {
    struct hyp_vm vm;
    struct pair_table tables[PAIR_TABLES_N];
    size_t tables_n, table_bytes;
    struct pair_pending pending[PAIR_PENDING_N];
    size_t pending_n;
    struct {
        struct arch_ipa first;
        uint64_t *bits;          /* one per page from first on; NULL: nobody logs */
    } log;                       /* of was_dirty() */
    struct hyp_event later[256]; /* handed to free_later() */
    size_t later_n;
    struct pair_actor actors[2], *now;
    ucontext_t main;
    unsigned bbm_level;
    unsigned readers;
    bool writer;
    uint64_t seed;
    unsigned long ops_n, switches_n, idle_n, lost_n;
    char error[200];
};

/* An empty VM: cfg, granule, and entries_n start entries at start_level. */
void pair_init(struct pair *p, struct hyp_cfg cfg, enum arch_tg tg, int start_level,
               uint32_t entries_n, uint64_t seed);
void pair_free(struct pair *p);

/* Runs both to their end, b may be NULL; then what free_later() was given. False if
 * p->error says something. */
bool pair_run(struct pair *p, void (*a)(struct pair_actor *self), void *a_arg,
              void (*b)(struct pair_actor *self), void *b_arg);

/* Let the other actor go on, perhaps. */
void pair_yield(struct pair_actor *self);

uint64_t pair_random(struct pair *p);

/* The entry at the end of the walk for ipa, without time. */
struct hyp_event pair_walk(const struct pair *p, uint64_t ipa);

/* desc goes into the entry of level that maps ipa; missing tables are built. For the
 * state before a run, and what hardware writes during it. */
void pair_put(struct pair *p, uint64_t ipa, int level, uint64_t desc);

/* Every table that is not freed can be reached, once, and none that is freed; no entry
 * is locked; no flush is due. Else says so in p->error. */
bool pair_is_tidy(struct pair *p);

#endif
