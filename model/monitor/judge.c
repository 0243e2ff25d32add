/* SPDX-License-Identifier: Apache-2.0 */
#include "model/monitor/judge.h"

#include "model/memory/physmem.h"
#include "model/monitor/monitor_priv.h"
#include "walker/arch/tcr.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TID_MAX 4095
#define SIZE_MAX_BYTES (UINT64_C(1) << 28) /* of one mem-init, mem-set or mem-free */
#define PA_BITS 48
#define PAGE_BYTES UINT64_C(0x1000)
#define T0SZ_DEFAULT 16 /* casemate's own */

/* The registers of a thread. */
struct thread {
    uint64_t vtcr, tcr, vttbr;
};

struct judge {
    struct mon *mon;
    struct physmem *mem;
    struct thread *threads; /* [TID_MAX + 1] */
    struct mon_root *roots; /* [roots_n] known to the monitor */
    size_t roots_n, roots_cap;
    struct mon_verdict *verdict;
    struct mon_input_error *err;

    /* The record under way. */
    const struct mon_record *r;
    size_t next; /* field */
    struct mon_at at;
};

/* ---- fields ---- */

static bool fail(struct judge *j, const struct mon_field *f, const char *expected)
{
    if (f)
        mon_input_fail(j->err, f->line, f->col, "%s%s'%s': expected %s", f->key,
                       f->key[0] ? " " : "", f->value, expected);
    else
        mon_input_fail(j->err, j->r->line, j->r->col, "%s ends early: expected %s",
                       j->r->kind, expected);
    return false;
}

/* The next field, which must be called key if it has a name; NULL if it is another. */
static const struct mon_field *field(struct judge *j, const char *key)
{
    const struct mon_field *f = &j->r->fields[j->next];

    if (j->next == j->r->n) {
        (void)fail(j, NULL, key);
        return NULL;
    }
    if (f->key[0] && strcmp(f->key, key) != 0) {
        mon_input_fail(j->err, f->line, f->col, "found field %s, expected %s", f->key,
                       key);
        return NULL;
    }
    j->next++;
    return f;
}

static bool number(struct judge *j, const char *key, int base, uint64_t *out)
{
    const struct mon_field *f = field(j, key);
    char *end;

    if (!f)
        return false;
    errno = 0;
    *out = strtoull(f->value, &end, base);
    if (!isxdigit((unsigned char)f->value[0]) || *end || errno)
        return fail(j, f,
                    base == 16 ? "a hexadecimal number of 64 bits"
                               : "a decimal number of 64 bits");
    return true;
}

static bool hex(struct judge *j, const char *key, uint64_t *out)
{
    return number(j, key, 16, out);
}

/* An address of memory, a multiple of unit. */
static bool address(struct judge *j, const char *key, uint64_t unit, uint64_t *out)
{
    if (!hex(j, key, out))
        return false;
    if (*out % unit == 0 && *out >> PA_BITS == 0)
        return true;
    return fail(j, &j->r->fields[j->next - 1],
                unit == 8 ? "a multiple of 8 below 2^48" : "a page below 2^48");
}

static bool size(struct judge *j, uint64_t *out)
{
    if (!hex(j, "size", out))
        return false;
    if (*out % PAGE_BYTES == 0 && *out <= SIZE_MAX_BYTES)
        return true;
    return fail(j, &j->r->fields[j->next - 1], "a multiple of 0x1000 up to 0x10000000");
}

/* One of n words; their list is expected. */
static bool word(struct judge *j, const char *key, const char *const *words, unsigned n,
                 const char *expected, unsigned *out)
{
    const struct mon_field *f = field(j, key);

    if (!f)
        return false;
    for (*out = 0; *out < n; (*out)++) {
        if (strcmp(f->value, words[*out]) == 0)
            return true;
    }
    return fail(j, f, expected);
}

#define WORDS_N(words) (sizeof(words) / sizeof *(words))

/* ---- roots ---- */

static uint64_t mem_read(void *ctx, struct arch_pa pa)
{
    return physmem_read(ctx, pa);
}

static struct thread *thread(struct judge *j)
{
    return &j->threads[j->at.pe];
}

/* Without concatenation. */
static void plain_geometry(struct mon_root *root, unsigned input_bits)
{
    const unsigned stride = arch_stride_bits(root->tg);
    const unsigned bits = input_bits > root->tg ? input_bits - root->tg : 1;
    const unsigned levels = (bits + stride - 1) / stride;

    root->start_level = 4 - (int)(levels > 4 ? 4 : levels);
    root->start_entries = arch_table_entries(root->tg);
}

static bool is_known(const struct judge *j, const struct mon_root *root)
{
    for (size_t i = 0; i < j->roots_n; i++) {
        if (j->roots[i].regime == root->regime && j->roots[i].vmid == root->vmid &&
            j->roots[i].baddr.v == root->baddr.v)
            return true;
    }
    return false;
}

static void add_root(struct judge *j, const struct mon_root *root)
{
    if (is_known(j, root))
        return;
    j->roots = mon_grow(j->roots, &j->roots_cap, j->roots_n + 1, sizeof *j->roots);
    j->roots[j->roots_n++] = *root;
    mon_root_add(j->mon, root);
}

static void write_vttbr(struct judge *j, uint64_t value)
{
    const struct arch_vtcr vtcr = arch_vtcr_decode(thread(j)->vtcr);
    const uint16_t vmid = (uint16_t)(value >> 48);
    const struct arch_pa baddr = {arch_vttbr_baddr(value, &vtcr, PA_BITS).v &
                                  ~(PAGE_BYTES - 1)};
    struct mon_root root;

    thread(j)->vttbr = value;
    if (!mon_s2_root(&vtcr, PA_BITS, false, baddr, vmid, &root)) {
        root = (struct mon_root){.regime = ARCH_REGIME_EL10,
                                 .vmid = vmid,
                                 .tg = vtcr.tg,
                                 .ha = vtcr.ha,
                                 .baddr = baddr};
        plain_geometry(&root, 64 - vtcr.t0sz);
    }
    root.tcr = thread(j)->vtcr;
    add_root(j, &root);
}

static void write_ttbr0(struct judge *j, uint64_t value)
{
    struct mon_root root = {.regime = ARCH_REGIME_EL2,
                            .tcr = thread(j)->tcr,
                            .tg = ARCH_TG_4K,
                            .baddr = {value & UINT64_C(0xfffffffff000)}};

    plain_geometry(&root, 64 - (unsigned)(thread(j)->tcr & 0x3f));
    add_root(j, &root);
}

static bool on_sysreg(struct judge *j)
{
    static const char *const names[] = {"vttbr_el2", "ttbr0_el2", "vtcr_el2", "tcr_el2",
                                        "mair_el2",  "hcr_el2",   "sctlr_el2"};
    unsigned which;
    uint64_t value;

    if (!word(j, "sysreg", names, WORDS_N(names),
              "vttbr_el2, ttbr0_el2, vtcr_el2, tcr_el2, mair_el2, hcr_el2 or sctlr_el2",
              &which) ||
        !hex(j, "value", &value))
        return false;
    if (which == 0) {
        write_vttbr(j, value);
    } else if (which == 1) {
        write_ttbr0(j, value);
    } else if (which == 2) {
        thread(j)->vtcr = value;
        mon_vtcr(j->mon, &j->at, value);
    } else if (which == 3) {
        thread(j)->tcr = value;
    }
    return true;
}

/* ---- memory ---- */

static void store(struct judge *j, uint64_t pa, uint64_t desc)
{
    const uint64_t old = physmem_read(j->mem, arch_pa(pa));

    physmem_write(j->mem, arch_pa(pa), desc);
    mon_store(j->mon, &j->at, arch_pa(pa), old, desc);
}

/* One table, or so many pages. */
static bool on_init(struct judge *j)
{
    const enum arch_tg tg = arch_vtcr_decode(thread(j)->vtcr).tg;
    uint64_t pa, bytes;

    if (!address(j, "address", PAGE_BYTES, &pa) || !size(j, &bytes))
        return false;

    const enum arch_tg unit = (pa | bytes) % (UINT64_C(1) << tg) ? ARCH_TG_4K : tg;

    for (uint64_t at = pa; at < pa + bytes; at += UINT64_C(1) << unit)
        mon_table_alloc(j->mon, arch_pa(at), unit);
    for (uint64_t at = pa; at < pa + bytes; at += ARCH_DESC_BYTES) {
        if (physmem_read(j->mem, arch_pa(at)))
            store(j, at, 0);
    }
    return true;
}

static bool on_free(struct judge *j)
{
    uint64_t pa, bytes;

    if (!address(j, "address", PAGE_BYTES, &pa) || !size(j, &bytes))
        return false;
    for (uint64_t at = pa; at < pa + bytes; at += PAGE_BYTES)
        mon_table_free(j->mon, &j->at, arch_pa(at));
    return true;
}

static bool on_write(struct judge *j)
{
    static const char *const orders[] = {"plain", "release"};
    unsigned order;
    uint64_t pa, value;

    if (!word(j, "mem-order", orders, WORDS_N(orders), "plain or release", &order) ||
        !address(j, "address", ARCH_DESC_BYTES, &pa) || !hex(j, "value", &value))
        return false;
    store(j, pa, value);
    return true;
}

static bool on_read(struct judge *j)
{
    uint64_t pa, value;

    return address(j, "address", ARCH_DESC_BYTES, &pa) && hex(j, "value", &value);
}

static bool on_set(struct judge *j)
{
    uint64_t pa, bytes, value;

    if (!address(j, "address", PAGE_BYTES, &pa) || !size(j, &bytes) ||
        !hex(j, "value", &value))
        return false;
    for (uint64_t at = pa; at < pa + bytes; at += ARCH_DESC_BYTES)
        store(j, at, (value & 0xff) * UINT64_C(0x0101010101010101));
    return true;
}

/* ---- maintenance ---- */

static bool on_barrier(struct judge *j)
{
    static const char *const kinds[] = {"dsb", "isb"};
    static const char *const dsbs[] = {[ARCH_DSB_ISHST] = "ishst",
                                       [ARCH_DSB_NSH] = "nsh",
                                       [ARCH_DSB_ISH] = "ish",
                                       [ARCH_DSB_SY] = "sy"};
    unsigned kind, dsb;

    if (!word(j, "barrier", kinds, WORDS_N(kinds), "dsb or isb", &kind))
        return false;
    if (kind == 1)
        return true;
    if (!word(j, "kind", dsbs, WORDS_N(dsbs), "ish, ishst, nsh or sy", &dsb))
        return false;
    mon_dsb(j->mon, &j->at, (enum arch_dsb)dsb);
    return true;
}

static bool instruction(struct judge *j, enum arch_tlbi_insn *insn,
                        enum arch_shareability *domain)
{
    const struct mon_field *f = field(j, "the TLBI operation");
    char upper[MON_WORD_MAX];
    size_t i = 0;

    if (!f)
        return false;
    for (; f->value[i]; i++)
        upper[i] = (char)toupper((unsigned char)f->value[i]);
    upper[i] = '\0';
    return arch_tlbi_by_name(upper, insn, domain) ||
           fail(j, f, "a TLBI operation such as vmalls12e1is, vmalle1is or ipas2e1is");
}

static bool has_value(enum arch_tlbi_insn insn)
{
    switch (insn) {
    case ARCH_TLBI_VMALLE1:
    case ARCH_TLBI_VMALLS12E1:
    case ARCH_TLBI_ALLE1:
    case ARCH_TLBI_ALLE2:
        return false;
    default:
        return true;
    }
}

static bool on_tlbi(struct judge *j)
{
    struct arch_tlbi_state state = {.asid16 = true, .ttl = true};
    enum arch_tlbi_insn insn;
    enum arch_shareability domain;
    struct arch_tlbi op;
    uint64_t value = 0;

    if (!instruction(j, &insn, &domain) ||
        (has_value(insn) && !hex(j, "value", &value)))
        return false;
    state.vmid = (uint16_t)(thread(j)->vttbr >> 48);
    if (arch_tlbi_decode(insn, domain, value, &state, &op))
        mon_tlbi(j->mon, &j->at, &op);
    return true;
}

/* ---- what is read only ---- */

static bool on_hint(struct judge *j)
{
    static const char *const kinds[] = {"set_root_lock", "set_owner_root",
                                        "release_table", "set_pte_thread_owner"};
    unsigned kind;
    uint64_t location, value;

    return word(j, "kind", kinds, WORDS_N(kinds),
                "set_root_lock, set_owner_root, release_table or set_pte_thread_owner",
                &kind) &&
           hex(j, "location", &location) && hex(j, "value", &value);
}

static bool on_lock(struct judge *j)
{
    uint64_t lock;

    return hex(j, "address", &lock);
}

/* ---- records ---- */

static bool begin_record(struct judge *j, const struct mon_record *r)
{
    uint64_t id, tid;

    j->r = r;
    j->next = 0;
    if (!number(j, "id", 10, &id) || !number(j, "tid", 10, &tid))
        return false;
    if (tid > TID_MAX)
        return fail(j, &r->fields[1], "at most 4095");
    j->at = (struct mon_at){.time_ps = id, .pe = (uint32_t)tid, .line = r->line};
    return true;
}

static bool end_record(struct judge *j)
{
    if (j->next < j->r->n && !field(j, "src"))
        return false;
    return j->next == j->r->n ||
           fail(j, &j->r->fields[j->next], "')': the record is complete");
}

static bool on_record(struct judge *j, const struct mon_record *r)
{
    static const struct {
        const char *kind;
        bool (*on)(struct judge *j);
    } kinds[] = {
        {"mem-write", on_write}, {"mem-read", on_read}, {"mem-init", on_init},
        {"mem-free", on_free},   {"mem-set", on_set},   {"barrier", on_barrier},
        {"tlbi", on_tlbi},       {"hint", on_hint},     {"sysreg-write", on_sysreg},
        {"lock", on_lock},       {"trylock", on_lock},  {"unlock", on_lock},
    };

    for (size_t i = 0; i < WORDS_N(kinds); i++) {
        if (strcmp(r->kind, kinds[i].kind) == 0)
            return begin_record(j, r) && kinds[i].on(j) && end_record(j);
    }
    mon_input_fail(
        j->err, r->line, r->col,
        "record '%s': expected mem-write, mem-read, mem-init, mem-free, "
        "mem-set, barrier, tlbi, sysreg-write, hint, lock, trylock or unlock",
        r->kind);
    return false;
}

static bool init(struct judge *j, const struct mon_judge_cfg *cfg)
{
    struct mon_cfg mon = {.bbm_level = cfg->bbm_level,
                          .pa_bits = PA_BITS,
                          .read = mem_read,
                          .tell = cfg->tell,
                          .tell_ctx = cfg->ctx};

    j->mem = physmem_new(arch_pa(0));
    j->threads = calloc(TID_MAX + 1, sizeof *j->threads);
    if (!j->mem || !j->threads)
        return false;
    for (unsigned i = 0; i <= TID_MAX; i++)
        j->threads[i] = (struct thread){.vtcr = T0SZ_DEFAULT, .tcr = T0SZ_DEFAULT};
    mon.ctx = j->mem;
    j->mon = mon_new(&mon);
    return true;
}

static bool judge_all(struct judge *j, FILE *in)
{
    struct mon_source source;
    struct mon_record r;

    mon_source_init(&source, in);
    for (;;) {
        switch (mon_record_read(&source, &r, j->err)) {
        case MON_READ_END:
            if (!ferror(in))
                return true;
            mon_input_fail(j->err, source.line, source.col, "cannot be read further");
            return false;
        case MON_READ_ERROR:
            return false;
        case MON_READ_RECORD:
            j->verdict->records_n++;
            if (!on_record(j, &r))
                return false;
            break;
        }
    }
}

bool mon_judge(FILE *in, const struct mon_judge_cfg *cfg, struct mon_verdict *out,
               struct mon_input_error *err)
{
    struct judge j = {.verdict = out, .err = err};
    bool ok = false;

    *out = (struct mon_verdict){0};
    if (init(&j, cfg))
        ok = judge_all(&j, in);
    else
        mon_input_fail(err, 1, 1, "out of memory");
    for (unsigned c = 0; j.mon && c < MON_CODES_N; c++)
        out->violations_n += mon_count(j.mon, (enum mon_code)c);
    mon_delete(j.mon);
    if (j.mem)
        physmem_delete(j.mem);
    free(j.threads);
    free(j.roots);
    return ok;
}
