/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/monitor/script.h"

#include "walker/arch/desc.h"
#include "walker/geometry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_N 512
#define PAGE UINT64_C(0x1000)
#define BLOCK (SCRIPT_PA | SCRIPT_ATTRS | ARCH_DESC_VALID)
#define OTHER_OA UINT64_C(0x40000000) /* flips an address bit */
#define DEVICE UINT64_C(0x3c)         /* MemAttr 0b1111 to 0b0000 */

static uint64_t mem_read(void *ctx, struct arch_pa pa)
{
    return physmem_read(ctx, pa);
}

static struct arch_pa new_table(struct script *s)
{
    const struct arch_pa table = physmem_table_alloc(s->mem, PAGE);

    mon_table_alloc(s->mon, table, ARCH_TG_4K);
    return table;
}

/* Start table and level 2 table of a VM; returns the entry for SCRIPT_IPA. */
static struct arch_pa add_vm(struct script *s, const struct arch_vtcr *vtcr,
                             uint16_t vmid, uint64_t desc)
{
    const struct arch_pa start = new_table(s), l2 = new_table(s);
    struct mon_root root;

    physmem_write(s->mem, arch_pa(start.v + 8), arch_desc_make_table(l2));
    physmem_write(s->mem, l2, desc);
    assert_true(mon_s2_root(vtcr, 48, false, start, vmid, &root));
    mon_root_add(s->mon, &root);
    return l2;
}

void script_init(struct script *s, unsigned bbm_level)
{
    struct mon_cfg cfg = {
        .bbm_level = bbm_level, .pa_bits = 48, .keep_n = 100, .read = mem_read};
    const bool ha = s->ha;

    *s = (struct script){.ha = ha};
    s->mem = physmem_new(arch_pa(UINT64_C(0x1000000000)));
    assert_non_null(s->mem);
    cfg.ctx = s->mem;
    s->mon = mon_new(&cfg);
    s->t = new_table(s);
    s->u = new_table(s);
    s->v = new_table(s);
    for (unsigned i = 0; i < PAGES_N; i++) {
        const uint64_t page = (BLOCK + i * PAGE) | ARCH_DESC_TABLE;

        physmem_write(s->mem, arch_pa(s->t.v + i * 8), page);
        physmem_write(s->mem, arch_pa(s->u.v + i * 8), page);
    }
    assert_int_equal(walk_s2_choose(ARCH_TG_4K, 39, 48, &s->vtcr), ARCH_OK);
    assert_int_equal(walk_s2_choose(ARCH_TG_4K, 38, 48, &s->vtcr8), ARCH_OK);
    s->vtcr.ha = ha;
    s->entry = add_vm(s, &s->vtcr, 7, arch_desc_make_table(s->t));
    s->entry8 = add_vm(s, &s->vtcr8, 8, BLOCK + OTHER_OA);
}

void script_free(struct script *s)
{
    mon_delete(s->mon);
    physmem_delete(s->mem);
}

static void store(struct script *s, const struct mon_at *at, struct arch_pa pa,
                  uint64_t desc)
{
    const uint64_t old = physmem_read(s->mem, pa);

    physmem_write(s->mem, pa, desc);
    mon_store(s->mon, at, pa, old, desc);
}

static bool is_word(const char *word, const char *want)
{
    return strcmp(word, want) == 0;
}

static bool store_word(struct script *s, const struct mon_at *at, const char *word)
{
    const struct {
        const char *word;
        uint64_t desc;
    } values[] = {
        {"inv", 0},
        {"lock", 0x400},
        {"T", arch_desc_make_table(s->t)},
        {"U", arch_desc_make_table(s->u)},
        {"V", arch_desc_make_table(s->v)},
        {"B", BLOCK},
        {"Bnt", BLOCK | ARCH_DESC_NT},
        {"Bro", BLOCK & ~ARCH_DESC_S2AP_W},
        {"Bold", BLOCK & ~ARCH_DESC_AF},
        {"Boa", BLOCK ^ OTHER_OA},
        {"Bdev", BLOCK ^ DEVICE},
        {"Bc", BLOCK | ARCH_DESC_CONTIGUOUS},
    };

    for (size_t i = 0; i < ROWS_N(values); i++) {
        if (is_word(word, values[i].word)) {
            store(s, at, s->entry, values[i].desc);
            return true;
        }
    }
    return false;
}

static bool page_word(struct script *s, const struct mon_at *at, const char *word)
{
    unsigned page;
    char value[8];

    if (sscanf(word, "p%u=%7s", &page, value) != 2)
        return false;

    const uint64_t desc = (BLOCK + page * PAGE) | ARCH_DESC_TABLE;
    const struct {
        const char *word;
        uint64_t desc;
    } values[] = {
        {"inv", 0},
        {"page", desc},
        {"oa", desc ^ OTHER_OA},
        {"dev", desc ^ DEVICE},
        {"ro", desc & ~ARCH_DESC_S2AP_W},
        {"old", desc & ~ARCH_DESC_AF},
        {"c", desc | ARCH_DESC_CONTIGUOUS},
    };

    for (size_t i = 0; i < ROWS_N(values); i++) {
        if (is_word(value, values[i].word)) {
            store(s, at, arch_pa(s->t.v + page * 8), values[i].desc);
            return true;
        }
    }
    return false;
}

static bool hw_word(struct script *s, const struct mon_at *at, const char *word)
{
    struct arch_pa pa = s->entry;
    unsigned page;
    uint64_t old;

    if (sscanf(word, "hw%u", &page) == 1)
        pa = arch_pa(s->t.v + page * 8);
    else if (!is_word(word, "hwE"))
        return false;
    old = physmem_read(s->mem, pa);
    physmem_write(s->mem, pa, old | ARCH_DESC_AF);
    mon_hw_update(s->mon, at, pa, old, old | ARCH_DESC_AF);
    return true;
}

static bool dsb_word(struct script *s, const struct mon_at *at, const char *word)
{
    static const char *const names[] = {[ARCH_DSB_ISHST] = "st",
                                        [ARCH_DSB_NSH] = "nsh",
                                        [ARCH_DSB_ISH] = "ish",
                                        [ARCH_DSB_SY] = "sy"};

    for (unsigned i = 0; i < ROWS_N(names); i++) {
        if (is_word(word, names[i])) {
            mon_dsb(s->mon, at, (enum arch_dsb)i);
            return true;
        }
    }
    return false;
}

static void pages(struct script *s, const struct mon_at *at, struct arch_tlbi op,
                  unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        op.first = op.last = SCRIPT_IPA + i * PAGE;
        mon_tlbi(s->mon, at, &op);
    }
}

static bool tlbi_word(struct script *s, const struct mon_at *at, const char *word)
{
    const bool local = strncmp(word, "l:", 2) == 0;
    const bool other = strncmp(word, "8:", 2) == 0;
    const enum arch_shareability domain = local ? ARCH_NSH : ARCH_ISH;
    const uint16_t vmid = other ? 8 : 7;
    struct arch_tlbi op = arch_tlbi_ipas2e1(domain, vmid, arch_ipa(SCRIPT_IPA));

    word += local || other ? 2 : 0;
    if (is_word(word, "s12")) {
        op = arch_tlbi_vmalls12e1(domain, vmid);
    } else if (is_word(word, "s1")) {
        op = arch_tlbi_vmalle1(domain, vmid);
    } else if (is_word(word, "all") || is_word(word, "el2")) {
        op = arch_tlbi_vmalls12e1(domain, 0);
        op.op = ARCH_TLBI_ALL;
        op.regime = is_word(word, "el2") ? ARCH_REGIME_EL2 : ARCH_REGIME_EL10;
    } else if (is_word(word, "pages") || is_word(word, "half")) {
        pages(s, at, op, is_word(word, "half") ? PAGES_N / 2 : PAGES_N);
        return true;
    } else if (is_word(word, "range")) {
        op.range = true;
        op.tg = ARCH_TG_4K;
        op.last = SCRIPT_IPA + PAGES_N * PAGE - 1;
    } else if (is_word(word, "far")) {
        op.first = op.last = SCRIPT_IPA + PAGES_N * PAGE;
    } else if (is_word(word, "last")) {
        op.last_level = true;
    } else if (is_word(word, "hint2") || is_word(word, "hint3")) {
        op.hint_shift = is_word(word, "hint2") ? 21 : 12;
    } else if (!is_word(word, "ipa")) {
        return false;
    }
    mon_tlbi(s->mon, at, &op);
    return true;
}

static bool other_word(struct script *s, const struct mon_at *at, const char *word)
{
    const struct arch_ipa ipa = {SCRIPT_IPA};

    if (is_word(word, "free"))
        mon_table_free(s->mon, at, s->t);
    else if (is_word(word, "vtcr"))
        mon_vtcr(s->mon, at, arch_vtcr_encode(&s->vtcr));
    else if (is_word(word, "8vtcr"))
        mon_vtcr(s->mon, at, arch_vtcr_encode(&s->vtcr8));
    else if (is_word(word, "use"))
        mon_use(s->mon, at, 7, ipa, BLOCK);
    else if (is_word(word, "use8"))
        mon_use(s->mon, at, 8, ipa, BLOCK + OTHER_OA);
    else if (is_word(word, "conflict"))
        mon_conflict(s->mon, at, 7, ipa);
    else
        return false;
    return true;
}

void script_run(struct script *s, const char *words)
{
    struct mon_at at = {0};
    char copy[400], *rest = copy;

    assert_true(strlen(words) < sizeof copy);
    strcpy(copy, words);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
        at.time_ps += 1000;
        at.line++;
        if (sscanf(word, "@%u", &at.pe) == 1)
            continue;
        if (!store_word(s, &at, word) && !page_word(s, &at, word) &&
            !hw_word(s, &at, word) && !dsb_word(s, &at, word) &&
            !tlbi_word(s, &at, word) && !other_word(s, &at, word))
            fail_msg("no such word: %s", word);
    }
}

const char *script_codes(const struct script *s)
{
    static char text[1000];
    size_t n, used = 0;
    const struct mon_violation *v = mon_violations(s->mon, &n);

    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s@%u", i ? " " : "",
                             mon_code_name(mon_rule_code(v[i].rule)), v[i].line);
    return text;
}
