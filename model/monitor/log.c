/* SPDX-License-Identifier: Apache-2.0 */
#include "model/monitor/log.h"

#include "model/monitor/monitor_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define HCR_VM_RW UINT64_C(0x80000001) /* stage 2 on, EL1 is AArch64 */
#define PAGE_BYTES UINT64_C(0x1000)
#define NO_TID UINT32_MAX
#define NO_PE UINT32_MAX
#define FILE_MAX 80 /* casemate holds 255 characters of a line */

struct log_root {
    struct mon_root root;
    uint32_t holder; /* PE that holds the lock, or NO_PE */
};

struct log_pe {
    uint32_t tid; /* NO_TID: has not done anything */
    uint16_t vmid, vmid_in_force;
    uint64_t vtcr;
};

struct mon_log {
    FILE *out;
    char file[FILE_MAX];
    uint64_t (*read)(void *ctx, struct arch_pa pa);
    void *ctx;
    uint64_t id;
    uint32_t tids_n;
    struct mon_map tables; /* 4 KiB pages that are part of a table */
    struct log_root *roots;
    size_t roots_n, roots_cap;
    struct log_pe *pes;
    size_t pes_n, pes_cap;
};

struct mon_log *mon_log_new(FILE *out, const char *file,
                            uint64_t (*read)(void *ctx, struct arch_pa pa), void *ctx)
{
    const char *slash = strrchr(file, '/');
    size_t cap = 0;
    struct mon_log *l = mon_grow(NULL, &cap, 1, sizeof *l);

    *l = (struct mon_log){.out = out, .read = read, .ctx = ctx};
    snprintf(l->file, sizeof l->file, "%s", slash ? slash + 1 : file);
    for (char *c = l->file; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            *c = '_';
    }
    return l;
}

void mon_log_delete(struct mon_log *l)
{
    if (!l)
        return;
    mon_map_free(&l->tables);
    free(l->roots);
    free(l->pes);
    free(l);
}

static struct log_pe *pe_of(struct mon_log *l, uint32_t pe)
{
    l->pes = mon_grow(l->pes, &l->pes_cap, (size_t)pe + 1, sizeof *l->pes);
    while (l->pes_n <= pe)
        l->pes[l->pes_n++] = (struct log_pe){.tid = NO_TID};
    return &l->pes[pe];
}

/* NULL: no such VM. */
static struct log_root *root_of(const struct mon_log *l, uint16_t vmid)
{
    for (size_t i = 0; i < l->roots_n; i++) {
        if (l->roots[i].root.vmid == vmid)
            return &l->roots[i];
    }
    return NULL;
}

/* Any address that is no memory of the VM: casemate takes it as a name. */
static uint64_t lock_of(const struct log_root *r)
{
    return UINT64_C(0xffff000000000000) | (uint64_t)r->root.vmid << 12;
}

static void put(struct mon_log *l, const struct mon_at *at, const char *what,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static void put(struct mon_log *l, const struct mon_at *at, const char *what,
                const char *format, ...)
{
    va_list args;

    fprintf(l->out, "(%s (id %" PRIu64 ") (tid %" PRIu32 ") ", what, l->id++,
            pe_of(l, at->pe)->tid);
    va_start(args, format);
    vfprintf(l->out, format, args);
    va_end(args);
    fprintf(l->out, " (src \"%s:%" PRIu32 "\"))\n", l->file, at->line);
}

/* ---- a PE comes in ---- */

static void put_register(struct mon_log *l, const struct mon_at *at, const char *name,
                         uint64_t value)
{
    put(l, at, "sysreg-write", "(sysreg %s) (value 0x%" PRIx64 ")", name, value);
}

static void put_vttbr(struct mon_log *l, const struct mon_at *at, uint16_t vmid)
{
    const struct log_root *r = root_of(l, vmid);
    const uint64_t baddr = r ? r->root.baddr.v : 0;

    put_register(l, at, "vttbr_el2", (uint64_t)vmid << 48 | baddr);
    pe_of(l, at->pe)->vmid_in_force = vmid;
}

static void come_in(struct mon_log *l, const struct mon_at *at)
{
    struct log_pe *pe = pe_of(l, at->pe);

    if (pe->tid != NO_TID)
        return;
    pe->tid = l->tids_n++;
    put_register(l, at, "vtcr_el2", pe->vtcr);
    put_vttbr(l, at, pe->vmid);
    put_register(l, at, "hcr_el2", HCR_VM_RW);
}

void mon_log_enter(struct mon_log *l, const struct mon_at *at, uint16_t vmid,
                   uint64_t vtcr)
{
    struct log_pe *pe = pe_of(l, at->pe);

    pe->vmid = vmid;
    pe->vtcr = vtcr;
}

/* ---- locks ---- */

/* The lock for one line; NULL if the PE holds it already, or another one does. */
static const struct log_root *begin(struct mon_log *l, const struct mon_at *at)
{
    const struct log_root *r;

    come_in(l, at);
    r = root_of(l, pe_of(l, at->pe)->vmid);
    if (!r || r->holder != NO_PE)
        return NULL;
    put(l, at, "lock", "(address 0x%" PRIx64 ")", lock_of(r));
    return r;
}

static void end(struct mon_log *l, const struct mon_at *at, const struct log_root *r)
{
    if (r)
        put(l, at, "unlock", "(address 0x%" PRIx64 ")", lock_of(r));
}

void mon_log_lock(struct mon_log *l, const struct mon_at *at)
{
    struct log_root *r;

    come_in(l, at);
    r = root_of(l, pe_of(l, at->pe)->vmid);
    if (!r)
        return;
    put(l, at, "lock", "(address 0x%" PRIx64 ")", lock_of(r));
    r->holder = at->pe;
}

void mon_log_unlock(struct mon_log *l, const struct mon_at *at)
{
    struct log_root *r = root_of(l, pe_of(l, at->pe)->vmid);

    if (!r || r->holder != at->pe)
        return;
    put(l, at, "unlock", "(address 0x%" PRIx64 ")", lock_of(r));
    r->holder = NO_PE;
}

/* ---- memory ---- */

static void init(struct mon_log *l, const struct mon_at *at,
                 const struct mon_root *root, uint64_t pa, uint64_t bytes)
{
    put(l, at, "mem-init", "(address 0x%" PRIx64 ") (size 0x%" PRIx64 ")", pa, bytes);
    if (pa != root->baddr.v)
        put(l, at, "hint",
            "(kind set_owner_root) (location 0x%" PRIx64 ") (value 0x%" PRIx64 ")", pa,
            root->baddr.v);
    for (uint64_t page = 0; page < bytes; page += PAGE_BYTES)
        mon_map_put(&l->tables, (pa + page) / PAGE_BYTES, 1);
}

static void write_entry(struct mon_log *l, const struct mon_at *at, uint64_t pa,
                        uint64_t desc, enum mon_order order)
{
    put(l, at, "mem-write",
        "(mem-order %s) (address 0x%" PRIx64 ") (value 0x%" PRIx64 ")",
        order == MON_RELEASE ? "release" : "plain", pa, desc);
}

/* The table's entries, those of the tables below first. */
static void dump(struct mon_log *l, const struct mon_at *at,
                 const struct mon_root *root, uint64_t table, int level, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t pa = table + i * ARCH_DESC_BYTES;
        const uint64_t desc = l->read(l->ctx, arch_pa(pa));

        if (arch_desc_kind(desc, level, root->tg, root->ds, 48) ==
            ARCH_DESC_KIND_TABLE) {
            const uint64_t below = arch_desc_table_pa(desc, root->tg, root->ds).v;

            init(l, at, root, below, UINT64_C(1) << root->tg);
            dump(l, at, root, below, level + 1, arch_table_entries(root->tg));
        }
        if (desc)
            write_entry(l, at, pa, desc, MON_PLAIN);
    }
}

/* The start table fills whole pages. casemate begins to watch when VTTBR_EL2 names it,
 * so what it holds comes before. */
void mon_log_root(struct mon_log *l, const struct mon_at *at,
                  const struct mon_root *root)
{
    const uint64_t used = (uint64_t)root->start_entries * ARCH_DESC_BYTES;
    const uint64_t bytes = used < PAGE_BYTES ? PAGE_BYTES : used;
    struct log_pe *pe = pe_of(l, at->pe);
    struct log_root *r;

    l->roots = mon_grow(l->roots, &l->roots_cap, l->roots_n + 1, sizeof *l->roots);
    r = &l->roots[l->roots_n++];
    *r = (struct log_root){.root = *root, .holder = NO_PE};
    pe->vmid = root->vmid;
    pe->vtcr = root->tcr;
    if (pe->tid == NO_TID)
        pe->tid = l->tids_n++;
    put_register(l, at, "vtcr_el2", pe->vtcr);
    init(l, at, root, root->baddr.v, bytes);
    put(l, at, "hint",
        "(kind set_root_lock) (location 0x%" PRIx64 ") (value 0x%" PRIx64 ")",
        root->baddr.v, lock_of(r));
    dump(l, at, root, root->baddr.v, root->start_level, root->start_entries);
    put_vttbr(l, at, pe->vmid);
    put_register(l, at, "hcr_el2", HCR_VM_RW);
}

void mon_log_store(struct mon_log *l, const struct mon_at *at, struct arch_pa pa,
                   uint64_t desc, enum mon_order order)
{
    const uint32_t *known = mon_map_get(&l->tables, pa.v / PAGE_BYTES);
    const struct log_root *lock;

    if (!known || !*known)
        return;
    lock = begin(l, at);
    write_entry(l, at, pa.v, desc, order);
    end(l, at, lock);
}

void mon_log_table_alloc(struct mon_log *l, const struct mon_at *at,
                         struct arch_pa table, enum arch_tg tg)
{
    const struct log_root *r;

    come_in(l, at);
    r = root_of(l, pe_of(l, at->pe)->vmid);
    if (r)
        init(l, at, &r->root, table.v, UINT64_C(1) << tg);
}

void mon_log_table_free(struct mon_log *l, const struct mon_at *at,
                        struct arch_pa table, enum arch_tg tg)
{
    come_in(l, at);
    put(l, at, "mem-free", "(address 0x%" PRIx64 ") (size 0x%" PRIx64 ")", table.v,
        UINT64_C(1) << tg);
    for (uint64_t page = 0; page < UINT64_C(1) << tg; page += PAGE_BYTES)
        mon_map_put(&l->tables, (table.v + page) / PAGE_BYTES, 0);
}

/* ---- maintenance ---- */

void mon_log_dsb(struct mon_log *l, const struct mon_at *at, enum arch_dsb kind)
{
    static const char *const names[] = {[ARCH_DSB_ISHST] = "ishst",
                                        [ARCH_DSB_NSH] = "nsh",
                                        [ARCH_DSB_ISH] = "ish",
                                        [ARCH_DSB_SY] = "sy"};
    const struct log_root *lock = begin(l, at);

    put(l, at, "barrier", "dsb (kind %s)", names[kind]);
    end(l, at, lock);
}

void mon_log_isb(struct mon_log *l, const struct mon_at *at)
{
    come_in(l, at);
    put(l, at, "barrier", "isb");
}

/* False if it is no matter of the tables watched. */
static bool instruction_of(const struct arch_tlbi *op, enum arch_tlbi_insn *insn)
{
    const bool el1 = op->regime == ARCH_REGIME_EL10;

    switch (op->op) {
    case ARCH_TLBI_ALL:
        *insn = el1 ? ARCH_TLBI_ALLE1 : ARCH_TLBI_ALLE2;
        return true;
    case ARCH_TLBI_VMALLS12:
        *insn = ARCH_TLBI_VMALLS12E1;
        return true;
    case ARCH_TLBI_VMALL:
        *insn = ARCH_TLBI_VMALLE1;
        return el1;
    case ARCH_TLBI_VA:
        *insn = op->last_level ? ARCH_TLBI_VALE2 : ARCH_TLBI_VAE2;
        return op->regime == ARCH_REGIME_EL2 && !op->range;
    case ARCH_TLBI_IPAS2:
        if (op->range)
            *insn = op->last_level ? ARCH_TLBI_RIPAS2LE1 : ARCH_TLBI_RIPAS2E1;
        else
            *insn = op->last_level ? ARCH_TLBI_IPAS2LE1 : ARCH_TLBI_IPAS2E1;
        return true;
    default:
        return false;
    }
}

/* TTL, in bits 47:44: granule and level of a leaf of 1 << shift bytes. */
static uint64_t hint_of(const struct arch_tlbi *op, enum arch_tg tg)
{
    const uint64_t granule = tg == ARCH_TG_4K ? 1 : tg == ARCH_TG_16K ? 2 : 3;

    if (!op->hint_shift)
        return 0;
    return (granule << 2 | (uint64_t)arch_level_of_shift(tg, op->hint_shift)) << 44;
}

static uint64_t value_of(const struct arch_tlbi *op, enum arch_tg tg)
{
    uint64_t done;

    if (op->range)
        return arch_tlbi_range_xt(op->first, (op->last + 1 - op->first) >> op->tg,
                                  op->tg, 0, 0, &done);
    return hint_of(op, tg) | op->first >> 12;
}

void mon_log_tlbi(struct mon_log *l, const struct mon_at *at,
                  const struct arch_tlbi *op)
{
    const struct log_root *lock, *root;
    enum arch_tlbi_insn insn;
    char name[24];

    if (!instruction_of(op, &insn))
        return;
    come_in(l, at);
    if (op->regime == ARCH_REGIME_EL10 && op->op != ARCH_TLBI_ALL &&
        op->vmid != pe_of(l, at->pe)->vmid_in_force)
        put_vttbr(l, at, op->vmid);
    root = root_of(l, op->vmid);
    snprintf(name, sizeof name, "%s%s", arch_tlbi_name(insn),
             op->domain == ARCH_NSH   ? ""
             : op->domain == ARCH_ISH ? "IS"
                                      : "OS");
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    lock = begin(l, at);
    if (arch_tlbi_by_address(op))
        put(l, at, "tlbi", "%s (value 0x%" PRIx64 ")", name,
            value_of(op, root ? root->root.tg : ARCH_TG_4K));
    else
        put(l, at, "tlbi", "%s", name);
    end(l, at, lock);
}
