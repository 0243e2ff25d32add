/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/replay_closed.h"

#include "model/memory/must.h"

#include <stdlib.h>

struct rec_closed *rec_closed_new(uint32_t vcpus_n, size_t blocks_n)
{
    struct rec_closed *c = must(calloc(1, sizeof *c));

    c->vcpus_n = vcpus_n;
    c->blocks_n = blocks_n;
    c->vcpus = must(calloc(vcpus_n ? vcpus_n : 1, sizeof *c->vcpus));
    c->blocks = must(calloc(blocks_n ? blocks_n : 1, sizeof *c->blocks));
    return c;
}

void rec_closed_free(struct rec_closed *c)
{
    if (!c)
        return;
    free(c->vcpus);
    free(c->blocks);
    free(c);
}

static void add(struct rec_closed_tally *t, const struct arch_fault *fault, bool eagain)
{
    const int level = fault->level < 0 ? 0 : fault->level;

    t->attempts++;
    t->eagain += eagain;
    t->by_fault[fault->type][level < REC_CLOSED_LEVELS ? level : 0]++;
}

void rec_closed_attempt(struct rec_closed *c, enum rec_closed_side side, uint32_t phase,
                        uint32_t vcpu, const struct arch_fault *fault, bool eagain)
{
    const uint32_t p = phase < REC_CLOSED_PHASES ? phase : REC_CLOSED_PHASES - 1;

    if (p >= c->phases_n)
        c->phases_n = p + 1;
    add(&c->phases[side][p], fault, eagain);
    c->vcpus[vcpu].attempts[side][p]++;
}

void rec_closed_working_set(struct rec_closed *c, bool eagain)
{
    c->working_set_faults.attempts++;
    c->working_set_faults.eagain += eagain;
}

void rec_closed_save(const struct rec_closed *c, FILE *f)
{
    const uint8_t there = c != NULL;

    fwrite(&there, sizeof there, 1, f);
    if (!c)
        return;
    fwrite(c, sizeof *c, 1, f);
    fwrite(c->vcpus, sizeof *c->vcpus, c->vcpus_n, f);
    fwrite(c->blocks, sizeof *c->blocks, c->blocks_n, f);
}

bool rec_closed_load(struct rec_closed **out, FILE *f)
{
    struct rec_closed head, *c;
    uint8_t there;

    *out = NULL;
    if (fread(&there, sizeof there, 1, f) != 1)
        return false;
    if (!there)
        return true;
    if (fread(&head, sizeof head, 1, f) != 1)
        return false;
    c = rec_closed_new(head.vcpus_n, head.blocks_n);
    head.vcpus = c->vcpus;
    head.blocks = c->blocks;
    *c = head;
    *out = c;
    return fread(c->vcpus, sizeof *c->vcpus, c->vcpus_n, f) == c->vcpus_n &&
           fread(c->blocks, sizeof *c->blocks, c->blocks_n, f) == c->blocks_n;
}
