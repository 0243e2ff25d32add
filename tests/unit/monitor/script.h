/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/script.h - events for the monitor, written as words.
 *
 * VM 7: 4K granule, 39-bit IPA, start table at level 1. The entry under test is E of
 * level 2, which maps the 2 MiB at IPA 0x40000000; it names the table T of 512 pages.
 * VM 8 exists too; its 2 MiB at the same IPA are a block.
 *
 * Stores to E: inv 0, lock a software value, T, U another table, V an empty one, B the
 * block that T maps, Bnt the same with nT, Bro read-only, Bold without Access flag, Boa
 * another address, Bdev Device, Bc with the Contiguous bit. Page stores: pN=X to entry
 * N of T, X one of inv, page, oa, dev, ro, old, c. hw N: a walk sets the Access flag of
 * page N of T. hwE: the same of E.
 * DSBs: st, nsh, ish, sy. TLBIs: s12 VMALLS12E1IS, s1 VMALLE1IS, ipa IPAS2E1IS of the
 * first page, pages: of each page in turn, half: of the first half, range RIPAS2E1IS of
 * all, last IPAS2LE1IS, hint2 and hint3 the first with a level hint, far of an address
 * outside, all ALLE1IS. A prefix l: makes it local, 8: of VM 8; el2 is ALLE2IS.
 * free frees T. vtcr and 8vtcr load VTCR_EL2 of VM 7 or VM 8. use and use8: an access
 * uses the block B, or VM 8's; conflict: two entries match.
 * @N says that PE N does what follows; it begins as 0. Line numbers count words. */
#ifndef TESTS_UNIT_MONITOR_SCRIPT_H
#define TESTS_UNIT_MONITOR_SCRIPT_H

#include "model/memory/physmem.h"
#include "model/monitor/monitor.h"
#include "tests/unit/walker/rows.h"

#include <stdbool.h>

struct script {
    struct mon *mon;
    struct physmem *mem;
    struct arch_pa entry, entry8; /* E of VM 7 and VM 8 */
    struct arch_pa t, u, v;
    struct arch_vtcr vtcr, vtcr8;
    bool ha; /* VTCR_EL2.HA of VM 7, before script_init() */
};

#define SCRIPT_IPA UINT64_C(0x40000000)
#define SCRIPT_PA UINT64_C(0x80000000)
#define SCRIPT_ATTRS UINT64_C(0x7fc) /* Write-Back, inner shareable, AF, read-write */

void script_init(struct script *s, unsigned bbm_level);
void script_free(struct script *s);
void script_run(struct script *s, const char *words);

/* The codes reported, with the number of the word that led to each:
 * "bbm.missing-tlbi@4" and so on, or "" for none. */
const char *script_codes(const struct script *s);

#endif
