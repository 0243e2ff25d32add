/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest_loops.c - the keys of the closed loops: a stream of accesses,
 * and a guest kernel that flushes TLBs. */
#include "model/scenario/guest_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define S UINT64_C(1000000000000)
#define SIZE_MAX_48 (UINT64_C(1) << 48)
#define TIMES_MAX UINT64_C(1000000000000)
#define ZIPF_MAX 5
#define PAGE_BYTES 4096

/* Pages from which Linux flushes the whole ASID, without and with FEAT_TLBIRANGE.
 * Linux: MAX_DVM_OPS, MAX_TLBI_RANGE_PAGES. */
#define WHOLE_ASID_PAGES 512
#define WHOLE_ASID_RANGE_PAGES (UINT64_C(1) << 21)

/* ---- stream ---- */

const char *scn_pattern_word(unsigned i)
{
    static const char *const words[] = {[GUEST_SEQUENTIAL] = "sequential",
                                        [GUEST_UNIFORM] = "uniform",
                                        [GUEST_ZIPF] = "zipf",
                                        [GUEST_CHASE] = "chase"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

/* A_OWN is `kind` of a guest, and `host` of a stage. */
enum {
    A_OWN,
    A_PATTERN,
    A_REGION,
    A_STRIDE,
    A_ACCESSES,
    A_THINK,
    A_ZIPF,
    A_WRITES,
    A_FETCHES,
    A_KEYS_N
};

static const struct scn_key stream_keys[A_KEYS_N] = {
    [A_OWN] = SCN_GUEST_KIND,
    [A_PATTERN] = {.name = "pattern",
                   .type = SCN_T_WORD,
                   .word = scn_pattern_word,
                   .def = GUEST_SEQUENTIAL},
    [A_REGION] = {.name = "region", .type = SCN_T_MAP},
    [A_STRIDE] = {.name = "stride",
                  .type = SCN_T_SIZE,
                  .min = 64,
                  .max = SIZE_MAX_48,
                  .def = PAGE_BYTES},
    [A_ACCESSES] = {.name = "accesses",
                    .type = SCN_T_COUNT,
                    .need = SCN_REQUIRED,
                    .min = 1,
                    .max = TIMES_MAX},
    [A_THINK] = {.name = "think", .type = SCN_T_TIME, .max = S},
    [A_ZIPF] = {.name = "zipf", .type = SCN_T_NUMBER},
    [A_WRITES] = {.name = "writes",
                  .type = SCN_T_PERCENT,
                  .min = 0,
                  .max = SCN_PPM_ALL},
    [A_FETCHES] = {.name = "fetches",
                   .type = SCN_T_PERCENT,
                   .min = 0,
                   .max = SCN_PPM_ALL},
};

static bool check_stride(const struct scn_reader *r, const struct scn_node *map,
                         const struct scn_val *v, const struct guest_stream *g)
{
    const struct scn_node *stride = v[A_STRIDE].node;
    if ((g->stride_bytes & (g->stride_bytes - 1)) != 0) {
        scn_err(r->diags, stride, SCN_E_RANGE, "", "%s is not a power of two",
                stride->text);
        return false;
    }
    if (g->region_bytes % g->stride_bytes == 0)
        return true;
    scn_err(r->diags,
            v[A_REGION].node ? v[A_REGION].node
            : stride         ? stride
                             : map,
            SCN_E_ALIGN, "", "the region is not a multiple of the stride");
    return false;
}

/* The exponent counts in thousandths. */
static bool read_zipf(const struct scn_reader *r, const struct scn_val *v,
                      struct guest_stream *g)
{
    const struct scn_node *n = v[A_ZIPF].node;
    double milli = v[A_ZIPF].d * 1000;
    if (!n)
        return true;
    if (g->pattern != GUEST_ZIPF) {
        scn_err(r->diags, n, SCN_E_NO_EFFECT, "remove it, or use pattern: zipf",
                "is of pattern zipf only");
        return false;
    }
    if (!(milli >= 0 && milli <= ZIPF_MAX * 1000) ||
        fabs(milli - nearbyint(milli)) > 1e-6) {
        scn_err(r->diags, n, SCN_E_RANGE, "accepted: 0 to 5, up to three decimals",
                "%s is out of range", n->text);
        return false;
    }
    g->zipf_milli = (uint32_t)nearbyint(milli);
    return true;
}

static bool read_stream(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_key keys[A_KEYS_N], const struct scn_vm *vm,
                        struct scn_val v[A_KEYS_N], struct guest_stream *g)
{
    if (!scn_read_map(r, map, keys, A_KEYS_N, v))
        return false;
    *g = (struct guest_stream){.pattern = (enum guest_pattern)v[A_PATTERN].u,
                               .region_ipa = vm->memory[0].ipa,
                               .region_bytes = vm->memory[0].bytes,
                               .stride_bytes = v[A_STRIDE].u,
                               .accesses_n = v[A_ACCESSES].u,
                               .think_ps = v[A_THINK].u,
                               .zipf_milli = 1000,
                               .write_ppm = (guest_ppm)v[A_WRITES].u,
                               .fetch_ppm = (guest_ppm)v[A_FETCHES].u};
    if (v[A_REGION].node &&
        !scn_read_region(r, v[A_REGION].node, vm, &g->region_ipa, &g->region_bytes))
        return false;
    return check_stride(r, map, v, g) && read_zipf(r, v, g) &&
           scn_check_shares(r, &v[A_WRITES], &v[A_FETCHES], vm, g->region_ipa);
}

bool scn_read_stream(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_vm *vm, struct guest_stream *g)
{
    struct scn_val v[A_KEYS_N];
    return read_stream(r, map, stream_keys, vm, v, g);
}

bool scn_read_stage(const struct scn_reader *r, const struct scn_node *map,
                    const struct scn_vm *vm, struct guest_stream *g,
                    const struct scn_node **host)
{
    struct scn_key keys[A_KEYS_N];
    struct scn_val v[A_KEYS_N];
    memcpy(keys, stream_keys, sizeof(keys));
    keys[A_OWN] = (struct scn_key){.name = "host", .type = SCN_T_MAP};
    keys[A_ACCESSES].min = 0; /* a stage of the host alone */
    if (!read_stream(r, map, keys, vm, v, g))
        return false;
    *host = v[A_OWN].node;
    return true;
}

/* ---- flush ---- */

enum {
    F_KIND,
    F_ISSUERS,
    F_CALLS,
    F_PAGES,
    F_WHOLE_ASID,
    F_RANGE,
    F_THINK,
    F_REGION,
    F_KEYS_N
};

static const struct scn_key flush_keys[F_KEYS_N] = {
    [F_KIND] = SCN_GUEST_KIND,
    [F_ISSUERS] = {.name = "issuers", .type = SCN_T_COUNT, .min = 1, .max = UINT32_MAX},
    [F_CALLS] = {.name = "calls",
                 .type = SCN_T_COUNT,
                 .need = SCN_REQUIRED,
                 .min = 1,
                 .max = TIMES_MAX},
    [F_PAGES] = {.name = "pages",
                 .type = SCN_T_COUNT,
                 .min = 1,
                 .max = SIZE_MAX_48 / PAGE_BYTES,
                 .def = 1},
    [F_WHOLE_ASID] = {.name = "whole_asid_pages",
                      .type = SCN_T_COUNT,
                      .max = SIZE_MAX_48 / PAGE_BYTES},
    [F_RANGE] = {.name = "range", .type = SCN_T_BOOL},
    [F_THINK] = {.name = "think", .type = SCN_T_TIME, .max = S},
    [F_REGION] = {.name = "region", .type = SCN_T_MAP},
};

static bool check_flush(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_val *v, const struct scn_vm *vm,
                        const struct guest_flush *g)
{
    bool ok = true;
    if (g->issuers_n > vm->vcpus_n) {
        scn_err(r->diags, v[F_ISSUERS].node, SCN_E_VCPU, "",
                "%" PRIu32 " are more than vcpus %" PRIu32, g->issuers_n, vm->vcpus_n);
        ok = false;
    }
    if (g->pages_n > g->region_bytes / PAGE_BYTES) {
        scn_err(r->diags, v[F_PAGES].node ? v[F_PAGES].node : map, SCN_E_RANGE,
                "a call must fit into the region",
                "%" PRIu64 " are more than the %" PRIu64 " pages of the region",
                g->pages_n, g->region_bytes / PAGE_BYTES);
        ok = false;
    }
    return ok;
}

bool scn_read_flush(const struct scn_reader *r, const struct scn_node *map,
                    const struct scn_vm *vm, const struct scn_platform *platform,
                    struct guest_flush *g)
{
    struct scn_val v[F_KEYS_N];
    if (!scn_read_map(r, map, flush_keys, F_KEYS_N, v))
        return false;
    bool range = v[F_RANGE].node ? v[F_RANGE].u != 0 : platform->feat.tlbirange;
    *g = (struct guest_flush){
        .issuers_n = v[F_ISSUERS].node ? (uint32_t)v[F_ISSUERS].u : vm->vcpus_n,
        .calls_n = v[F_CALLS].u,
        .pages_n = v[F_PAGES].u,
        .whole_asid_pages = range ? WHOLE_ASID_RANGE_PAGES : WHOLE_ASID_PAGES,
        .range = range,
        .think_ps = v[F_THINK].u,
        .region_ipa = vm->memory[0].ipa,
        .region_bytes = vm->memory[0].bytes};
    if (v[F_WHOLE_ASID].node)
        g->whole_asid_pages = v[F_WHOLE_ASID].u;
    if (v[F_REGION].node &&
        !scn_read_region(r, v[F_REGION].node, vm, &g->region_ipa, &g->region_bytes))
        return false;
    return scn_check_feature(r, v[F_RANGE].node, !range || platform->feat.tlbirange,
                             "feat.tlbirange", platform) &&
           check_flush(r, map, v, vm, g);
}
