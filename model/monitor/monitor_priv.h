/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/monitor_priv.h - the state of the monitor.
 *
 * Time is counted in events (clock). An old value of an entry is gone from all TLBs
 * ("clean") once the PE that stored over it has executed, in this order: a DSB, a
 * broadcast TLBI of both stages that covers the entry, a DSB ISH; or a DSB, a TLBI by
 * IPA, a DSB ISH, a TLBI of stage 1, a DSB ISH. What a TLBI of a whole VMID does is
 * kept per PE as the youngest store that it covers, so it costs nothing per entry. */
#ifndef MODEL_MONITOR_MONITOR_PRIV_H
#define MODEL_MONITOR_MONITOR_PRIV_H

#include "model/monitor/change.h"
#include "model/monitor/map.h"
#include "model/monitor/monitor.h"
#include "model/monitor/pages.h"
#include "walker/arch/desc.h"

#define MON_NO_INDEX UINT32_MAX

/* What one PE has done to the entries of one root. Clock values; 0: never. */
struct mon_flush {
    uint64_t full_at, full_guard; /* last TLBI of both stages; last DSB before it */
    uint64_t full_clean;          /* completed: covers stores before */
    uint64_t s1_at, s1_guard;     /* last TLBI of stage 1; last DSB ISH before it */
    uint64_t s1_clean;            /* completed: covers TLBIs by IPA before */
    uint64_t local_at;            /* last TLBI without IS */
    bool full_open, s1_open;      /* not complete */
};

struct mon_space {
    struct mon_root root;
    struct mon_flush *by_pe; /* [pes_n] */
};

/* Who had a VMID last. */
struct mon_owner {
    uint64_t at; /* clock: entries may have been made until then; 0: nobody had it */
    uint32_t space;
};

#define MON_VMIDS_N 65536

struct mon_pe {
    uint64_t dsb_at;     /* last DSB that completes stores */
    uint64_t dsb_ish_at; /* last DSB that completes broadcast TLBIs */
    uint64_t tlbi_at;    /* last TLBI of EL1&0 ... */
    uint16_t tlbi_vmid;  /* ... and its VMID */
    uint64_t all_at;     /* TLBI ALLE1IS that is not complete; 0: none */
    bool in_guest;       /* of the VM with guest_vmid */
    uint16_t guest_vmid;
    bool vtcr_known;
    bool vtcr_reported; /* since it was loaded */
    uint64_t vtcr;
    uint64_t *open; /* entries changed lately: those that a range may cover */
    size_t open_n, open_cap;
};

/* A change of an entry, and what has been done about it. */
struct mon_change {
    uint64_t at;      /* clock; 0: nothing to be done */
    uint64_t ipa_at;  /* clock of the TLBI by IPA that completed the coverage, or 0 */
    uint64_t covered; /* IPAs below are covered, ascending from the entry's first */
    uint32_t pe;
    bool unguarded; /* a TLBI came before the DSB */
    bool local;     /* a TLBI without IS came */
    bool partly;    /* a TLBI came that covers a part */
    uint32_t told;  /* rules reported, one bit each */
};

/* An entry that TLBs may hold old values of. */
struct mon_entry {
    uint64_t pa;
    uint64_t ipa;   /* first address that it maps */
    uint64_t old;   /* what TLBs may hold of it, or of below it */
    uint64_t child; /* the table that was detached, UINT64_MAX: none */
    struct mon_change change;
    struct mon_change detach;    /* of child */
    const struct mon_page *page; /* where it lies */
    uint32_t space;
    uint16_t generation; /* of the page; another one: void, the table has been freed */
    int8_t level;
};

struct mon {
    struct mon_cfg cfg;
    uint64_t clock;
    uint64_t all_clean;       /* clock of the last TLBI ALLE1IS that is complete */
    struct mon_owner *owners; /* [MON_VMIDS_N]; NULL: VMIDs never change */
    struct mon_space *spaces;
    size_t spaces_n;
    struct mon_pe *pes;
    size_t pes_n;
    struct mon_pages pages;             /* that tables lie in, or did */
    uint64_t tables_first, tables_last; /* addresses: no table lies outside */
    struct mon_entry *entries;
    size_t entries_n, entries_cap;
    struct mon_map entry_of; /* address -> index into entries */
    struct mon_violation *kept;
    size_t kept_n, kept_cap;
    uint64_t counts[MON_CODES_N];
};

/* Where an entry is. */
struct mon_place {
    uint32_t space;
    int level;
    uint64_t ipa;
    bool live;               /* the chain of tables above it is in force */
    struct mon_entry *above; /* else: the entry that has let go of it, or NULL */
};

/* Room for n of size bytes, growing by doubling. Ends the program without memory. */
void *mon_grow(void *array, size_t *cap, size_t n, size_t size);

void mon_report(struct mon *m, const struct mon_at *at, enum mon_rule rule,
                uint64_t ipa, uint64_t old, uint64_t desc);

/* The same, once per change: c is one of e's. */
void mon_report_change(struct mon *m, const struct mon_at *at, struct mon_entry *e,
                       const struct mon_change *c, enum mon_rule rule, uint64_t desc);

struct mon_pe *mon_pe_of(struct mon *m, uint32_t pe);

/* ---- tables ---- */

bool mon_is_table(const struct mon *m, uint64_t pa);

/* The pages from pa on are one table, or a start table; what it was told of them before
 * is void. A table that is no start table is aligned to its granule. */
void mon_table_add(struct mon *m, struct arch_pa pa, uint64_t bytes, enum arch_tg tg);
/* They are the start table of that space. */
void mon_table_root(struct mon *m, struct arch_pa pa, uint64_t bytes, uint32_t space);
/* The table that pa lies in is one no more. */
void mon_table_remove(struct mon *m, uint64_t pa);

/* MON_NO_INDEX if pa lies in no start table. */
uint32_t mon_table_space(const struct mon *m, uint64_t pa);
/* The entry that named the table last in which pa lies; UINT64_MAX: none. */
uint64_t mon_table_parent(const struct mon *m, uint64_t pa);
/* An entry is now desc: if it names a known table, that hangs there. */
void mon_link(struct mon *m, uint64_t entry, uint64_t desc);

/* False if the entry lies in no table that ever hung below a root. */
bool mon_locate(struct mon *m, uint64_t entry, struct mon_place *out);

/* The entry of a live table, level by level, that maps ipa; false behind the last. */
struct mon_path {
    uint64_t entry;
    int level;
};
void mon_path_begin(const struct mon *m, uint32_t space, uint64_t ipa,
                    struct mon_path *p);
bool mon_path_next(const struct mon *m, uint32_t space, uint64_t ipa,
                   struct mon_path *p);

enum arch_desc_kind mon_kind(const struct mon *m, const struct mon_root *root,
                             uint64_t desc, int level);
uint64_t mon_read(const struct mon *m, uint64_t pa);

/* ---- entries ---- */

/* NULL if no TLB can hold an old value of it. Entries move when one is added. */
struct mon_entry *mon_entry_find(struct mon *m, uint64_t pa);
/* The entry, made if it is not there. */
struct mon_entry *mon_entry_at(struct mon *m, uint64_t pa, const struct mon_place *p);

/* Drops the entries that are void or clean: pointers to entries are, too. */
void mon_entries_purge(struct mon *m);

/* The PE has changed the entry: a TLBI of a range looks there. */
void mon_open(struct mon *m, struct mon_pe *pe, uint64_t pa);
/* Forget those of pe->open that are clean. */
void mon_open_prune(struct mon *m, struct mon_pe *pe);

/* ---- what lies below a table descriptor ---- */

/* The first address at or behind from that a valid leaf below the table maps; end if
 * there is none. base: first address that the table maps, level: of its entries. */
uint64_t mon_first_leaf(const struct mon *m, const struct mon_root *root,
                        struct arch_pa table, int level, uint64_t base, uint64_t from,
                        uint64_t end);

/* A leaf, or a block that stands for a table. */
struct mon_leaf {
    uint64_t ipa, desc;
};
/* True if a valid leaf below the table does not map what block does: *odd is the first
 * such one. base: first address that the table maps, level: of its entries. */
bool mon_odd_leaf(const struct mon *m, const struct mon_root *root,
                  struct arch_pa table, int level, uint64_t base, struct mon_leaf block,
                  struct mon_leaf *odd);

/* ---- maintenance ---- */

/* Two values of VTCR_EL2 agree in what decides what an entry is; HA, HD and PS may
 * differ from PE to PE. */
bool mon_same_entries(uint64_t a, uint64_t b);

/* No TLB holds what the change replaced. */
bool mon_is_clean(const struct mon *m, const struct mon_entry *e,
                  const struct mon_change *c);

/* What c lacks to be clean. */
enum mon_rule mon_missing(const struct mon *m, const struct mon_entry *e,
                          const struct mon_change *c);

#endif
