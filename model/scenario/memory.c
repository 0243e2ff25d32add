/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/memory.c - the memory regions of a VM. */
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HINT_MAX 200

enum access { ACCESS_R, ACCESS_RW };

const char *scn_memory_access_word(unsigned i)
{
    static const char *const words[] = {[ACCESS_R] = "r", [ACCESS_RW] = "rw"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

enum { M_IPA, M_SIZE, M_PA, M_MAP, M_BACKING, M_ACCESS, M_PAGES, M_ZEROED, M_KEYS_N };

/* Of map and backing, what is accepted depends on the VM. */
static const struct scn_key memory_keys[M_KEYS_N] = {
    [M_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
    [M_SIZE] = {.name = "size",
                .type = SCN_T_SIZE,
                .need = SCN_REQUIRED,
                .min = 4096,
                .max = UINT64_C(1) << 48},
    [M_PA] = {.name = "pa", .type = SCN_T_ADDRESS},
    [M_MAP] = {.name = "map", .type = SCN_T_PAGE, .max = 1},
    [M_BACKING] = {.name = "backing", .type = SCN_T_PAGE},
    [M_ACCESS] = {.name = "access",
                  .type = SCN_T_WORD,
                  .word = scn_memory_access_word,
                  .def = ACCESS_RW},
    [M_PAGES] = {.name = "pages", .type = SCN_T_LIST},
    [M_ZEROED] = {.name = "zeroed", .type = SCN_T_BOOL},
};

/* ---- one region ---- */

static bool check_aligned(const struct scn_reader *r, const struct scn_vm *vm,
                          const struct scn_node *n, uint64_t u, unsigned shift,
                          const char *to)
{
    char hint[HINT_MAX], page[SCN_QUANTITY_TEXT_MAX];
    uint64_t block = UINT64_C(1) << shift, down = u & ~(block - 1);
    if (u == down)
        return true;
    scn_format_page(shift, page);
    const bool page_is_meant = shift == (unsigned)vm->vtcr.tg;
    snprintf(hint, sizeof(hint), "use 0x%" PRIx64 " or 0x%" PRIx64 "%s%s", down,
             down + block, page_is_meant ? "" : ", or a smaller ",
             page_is_meant ? "" : to);
    scn_err(r->diags, n, SCN_E_ALIGN, hint, "%s is not aligned to %s %s", n->text, to,
            page);
    return false;
}

/* Everything that memory of `shift` blocks needs of its ends. */
static bool check_region_aligned(const struct scn_reader *r, const struct scn_vm *vm,
                                 const struct scn_val *v, unsigned shift,
                                 const char *to)
{
    return check_aligned(r, vm, v[M_IPA].node, v[M_IPA].u, shift, to) &&
           check_aligned(r, vm, v[M_SIZE].node, v[M_SIZE].u, shift, to) &&
           (!v[M_PA].node || check_aligned(r, vm, v[M_PA].node, v[M_PA].u, shift, to));
}

static bool check_space(const struct scn_reader *r, const struct scn_node *n,
                        uint64_t start, uint64_t bytes, unsigned bits,
                        enum scn_code code, const char *space)
{
    uint64_t limit = UINT64_C(1) << bits;
    if (start < limit && bytes <= limit - start)
        return true;
    scn_err(r->diags, n, code, "",
            "0x%" PRIx64 " + 0x%" PRIx64 " ends beyond the %u-bit %s space", start,
            bytes, bits, space);
    return false;
}

static bool read_one_pages(const struct scn_reader *r, const struct scn_node *n,
                           uint64_t block_pages, bool writable, uint64_t *next,
                           struct scn_pages *out)
{
    enum { FIRST, LAST, ACCESS };
    const struct scn_key keys[] = {
        [FIRST] = {"first", SCN_T_COUNT, SCN_REQUIRED, 0, block_pages - 1, 0, NULL},
        [LAST] = {"last", SCN_T_COUNT, SCN_REQUIRED, 0, block_pages - 1, 0, NULL},
        [ACCESS] = {"access", SCN_T_WORD, SCN_OPTIONAL, 0, 0, writable,
                    scn_memory_access_word},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (v[FIRST].u < *next) {
        scn_err(r->diags, v[FIRST].node, SCN_E_OVERLAP, "list them upwards",
                "%s is not above the pages before it", v[FIRST].node->text);
        return false;
    }
    if (v[LAST].u < v[FIRST].u) {
        scn_err(r->diags, v[LAST].node, SCN_E_RANGE, "", "%s is below first",
                v[LAST].node->text);
        return false;
    }
    *next = v[LAST].u + 1;
    *out = (struct scn_pages){(uint32_t)v[FIRST].u, (uint32_t)v[LAST].u,
                              v[ACCESS].u == ACCESS_RW};
    return true;
}

static bool read_pages(const struct scn_reader *r, const struct scn_node *list,
                       struct scn_memory *m)
{
    uint64_t next = 0, block_pages = UINT64_C(1) << (m->backing_shift - m->map_shift);
    if (block_pages == 1) {
        scn_err(r->diags, list, SCN_E_BLOCK_SIZE, "pages needs map < backing",
                "has no meaning: a block of the backing is one page");
        return false;
    }
    m->pages = scn_calloc(scn_node_children_n(list), sizeof(*m->pages));
    for (const struct scn_node *n = list->children; n; n = n->next)
        if (!read_one_pages(r, n, block_pages, m->writable, &next,
                            &m->pages[m->pages_n++]))
            return false;
    return true;
}

/* Keys that do nothing where all, or nothing, is mapped before the run. */
static bool check_unmapped(const struct scn_reader *r, const struct scn_val *v,
                           const struct scn_memory *m)
{
    if (!m->mapped && v[M_PAGES].node) {
        scn_err(r->diags, v[M_PAGES].node, SCN_E_NO_EFFECT, "give a page size to map",
                "has no meaning with map: none");
        return false;
    }
    if (m->mapped && m->zeroed && !v[M_PAGES].node) {
        scn_err(r->diags, v[M_ZEROED].node, SCN_E_NO_EFFECT,
                "use map: none, or list the pages that are mapped",
                "has no effect: every page is mapped, so it has been touched");
        return false;
    }
    return true;
}

/* The keys, with the sizes that the tables of vm can map. */
static bool read_keys(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, struct scn_val v[M_KEYS_N])
{
    struct scn_key keys[M_KEYS_N];
    memcpy(keys, memory_keys, sizeof(keys));
    keys[M_MAP].min = keys[M_BACKING].min = vm->leaf_sizes | vm->group_sizes;
    keys[M_MAP].def = vm->vtcr.tg;
    return scn_read_map(r, n, keys, M_KEYS_N, v);
}

static bool read_region(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_vm *vm, unsigned pa_bits, struct scn_memory *m)
{
    struct scn_val v[M_KEYS_N];
    if (!read_keys(r, n, vm, v))
        return false;
    bool mapped = v[M_MAP].u != 0;
    unsigned map = mapped ? (unsigned)v[M_MAP].u : (unsigned)vm->vtcr.tg;
    unsigned backing = v[M_BACKING].node ? (unsigned)v[M_BACKING].u : map;
    uint64_t pa = v[M_PA].node ? v[M_PA].u : v[M_IPA].u;
    const struct scn_node *pa_node = v[v[M_PA].node ? M_PA : M_IPA].node;
    if (backing < map) {
        scn_err(r->diags, v[M_BACKING].node, SCN_E_BLOCK_SIZE, "backing must be >= map",
                "is smaller than map");
        return false;
    }
    if (!check_region_aligned(r, vm, v, map, "map") ||
        !check_region_aligned(r, vm, v, backing, "backing") ||
        !check_space(r, v[M_IPA].node, v[M_IPA].u, v[M_SIZE].u, vm->ipa_bits,
                     SCN_E_IPA_SPACE, "IPA") ||
        !check_space(r, pa_node, pa, v[M_SIZE].u, pa_bits - 1, SCN_E_PA_SPACE,
                     "lower half of the PA"))
        return false;
    *m = (struct scn_memory){.pos = n->pos,
                             .ipa = arch_ipa(v[M_IPA].u),
                             .bytes = v[M_SIZE].u,
                             .pa = arch_pa(pa),
                             .map_shift = (uint8_t)map,
                             .mapped = mapped,
                             .zeroed = v[M_ZEROED].node ? v[M_ZEROED].u != 0 : !mapped,
                             .backing_shift = (uint8_t)backing,
                             .writable = v[M_ACCESS].u == ACCESS_RW};
    return check_unmapped(r, v, m) &&
           (!v[M_PAGES].node || read_pages(r, v[M_PAGES].node, m));
}

/* ---- all regions ---- */

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return a < b + b_bytes && b < a + a_bytes;
}

/* The region that the i-th node gave, against those of the nodes before it. */
static bool check_overlaps(const struct scn_reader *r, const struct scn_node *n,
                           const struct scn_memory *all, size_t i)
{
    const struct scn_memory *m = &all[i];
    for (size_t k = 0; k < i; k++) {
        bool ipa = overlap(m->ipa.v, m->bytes, all[k].ipa.v, all[k].bytes);
        if (!ipa && !overlap(m->pa.v, m->bytes, all[k].pa.v, all[k].bytes))
            continue;
        scn_err(r->diags, n, SCN_E_OVERLAP, "", "overlaps memory[%zu] in %s space", k,
                ipa ? "IPA" : "PA");
        return false;
    }
    return true;
}

static int by_ipa(const void *a, const void *b)
{
    const struct scn_memory *x = a, *y = b;
    return (x->ipa.v > y->ipa.v) - (x->ipa.v < y->ipa.v);
}

bool scn_read_memory(const struct scn_reader *r, const struct scn_node *list,
                     struct scn_vm *vm, unsigned pa_bits)
{
    bool ok = true;
    vm->memory = scn_calloc(scn_node_children_n(list), sizeof(*vm->memory));
    for (const struct scn_node *n = list->children; n; n = n->next) {
        struct scn_memory *m = &vm->memory[vm->memory_n++];
        ok = read_region(r, n, vm, pa_bits, m) &&
             check_overlaps(r, n, vm->memory, vm->memory_n - 1) && ok;
    }
    qsort(vm->memory, vm->memory_n, sizeof(*vm->memory), by_ipa);
    return ok;
}

const struct scn_memory *scn_memory_find(const struct scn_vm *vm, uint64_t ipa,
                                         uint64_t bytes)
{
    for (size_t i = 0; i < vm->memory_n; i++) {
        const struct scn_memory *m = &vm->memory[i];
        if (ipa >= m->ipa.v && ipa - m->ipa.v <= m->bytes &&
            bytes <= m->bytes - (ipa - m->ipa.v))
            return m;
    }
    return NULL;
}
