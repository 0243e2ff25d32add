/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/held_sizes.c - warns of TLBs that hold nothing of a VM's pages. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64

/* The smallest leaf of both stages. */
static unsigned page_shift(const struct scn_vm *vm)
{
    const bool smaller = vm->stage1.on && vm->stage1.map_shift < vm->vtcr.tg;

    return smaller ? vm->stage1.map_shift : vm->vtcr.tg;
}

/* An entry is of the largest size that fits into the page: tlb/fill.c. */
static void add_if_lost(char *names, const struct scn_tlb *t, enum tlb_kind kind,
                        unsigned page, const char *name)
{
    const uint64_t sizes = scn_tlb_sizes(&t->cfg, kind);
    const size_t used = strlen(names);

    if (t->cfg.entries_n && sizes && !(sizes & ((UINT64_C(2) << page) - 1)))
        snprintf(names + used, NAMES_MAX - used, "%s%s", used ? ", " : "", name);
}

void scn_warn_of_lost_pages(const struct scn_reader *r, const struct scn_node *at,
                            const struct scn_platform *p, const struct scn_vm *vm)
{
    const enum tlb_kind l2 =
        scn_tlb_sizes(&p->l2.cfg, TLB_COMBINED) ? TLB_COMBINED : TLB_S1_ONLY;
    const unsigned page = page_shift(vm);
    char names[NAMES_MAX] = "";

    add_if_lost(names, &p->l1i, TLB_COMBINED, page, "tlb.l1i");
    add_if_lost(names, &p->l1d, TLB_COMBINED, page, "tlb.l1d");
    add_if_lost(names, &p->l2, l2, page, "tlb.l2");
    if (names[0])
        scn_warn(r->diags, at, SCN_W_LOST_PAGES, "",
                 "makes pages of %uK, of which %s of %s can hold nothing: all sizes "
                 "there are larger",
                 1u << (page - 10), names, p->name);
}
