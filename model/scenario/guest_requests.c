/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest_requests.c - the keys of an open-loop request stream. */
#include "model/scenario/guest_priv.h"

#define S UINT64_C(1000000000000)

const char *scn_arrival_word(unsigned i)
{
    static const char *const words[] = {
        [GUEST_ARRIVAL_FIXED] = "fixed", [GUEST_ARRIVAL_POISSON] = "poisson"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

enum {
    R_KIND,
    R_ARRIVAL,
    R_LOAD,
    R_INTERVAL,
    R_ACCESSES,
    R_THINK,
    R_REGION,
    R_HOT,
    R_WRITES,
    R_FETCHES,
    R_KEYS_N
};

static const struct scn_key requests_keys[R_KEYS_N] = {
    [R_KIND] = SCN_GUEST_KIND,
    [R_ARRIVAL] = {.name = "arrival",
                   .type = SCN_T_WORD,
                   .word = scn_arrival_word,
                   .def = GUEST_ARRIVAL_POISSON},
    [R_LOAD] = {.name = "load", .type = SCN_T_PERCENT, .min = 1000, .max = 2000000},
    [R_INTERVAL] = {.name = "interval", .type = SCN_T_TIME, .min = 1000, .max = S},
    [R_ACCESSES] =
        {.name = "accesses", .type = SCN_T_COUNT, .min = 1, .max = 1000, .def = 4},
    [R_THINK] = {.name = "think", .type = SCN_T_TIME, .min = 0, .max = S},
    [R_REGION] = {.name = "region", .type = SCN_T_MAP},
    [R_HOT] = {.name = "hot", .type = SCN_T_MAP},
    [R_WRITES] = {.name = "writes",
                  .type = SCN_T_PERCENT,
                  .min = 0,
                  .max = SCN_PPM_ALL},
    [R_FETCHES] = {.name = "fetches",
                   .type = SCN_T_PERCENT,
                   .min = 0,
                   .max = SCN_PPM_ALL},
};

static bool read_hot(const struct scn_reader *r, const struct scn_node *n,
                     struct guest_requests *q)
{
    enum { SIZE, SHARE };
    static const struct scn_key keys[] = {
        [SIZE] = {.name = "size",
                  .type = SCN_T_SIZE,
                  .need = SCN_REQUIRED,
                  .min = 4096,
                  .max = UINT64_C(1) << 48},
        [SHARE] = {.name = "share",
                   .type = SCN_T_PERCENT,
                   .need = SCN_REQUIRED,
                   .min = 0,
                   .max = SCN_PPM_ALL},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (v[SIZE].u % 4096 != 0) {
        scn_err(r->diags, v[SIZE].node, SCN_E_ALIGN, "", "%s is not aligned to 4K",
                v[SIZE].node->text);
        return false;
    }
    if (v[SIZE].u > q->region_bytes) {
        scn_err(r->diags, v[SIZE].node, SCN_E_HOT, "", "%s is larger than the region",
                v[SIZE].node->text);
        return false;
    }
    q->hot_bytes = v[SIZE].u;
    q->hot_ppm = (guest_ppm)v[SHARE].u;
    return true;
}

static bool check_rate(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_val *v)
{
    if (!v[R_LOAD].node == !v[R_INTERVAL].node) {
        const struct scn_node *at = v[R_INTERVAL].node ? v[R_INTERVAL].node : map;
        scn_err(r->diags, at, SCN_E_EXCLUSIVE, "give load or interval", "%s",
                v[R_LOAD].node ? "and load exclude each other"
                               : "needs a rate of requests");
        return false;
    }
    return true;
}

bool scn_read_requests(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_vm *vm, struct guest_requests *q)
{
    struct scn_val v[R_KEYS_N];
    bool ok = scn_read_map(r, map, requests_keys, R_KEYS_N, v) && check_rate(r, map, v);
    *q = (struct guest_requests){.arrival = (enum guest_arrival)v[R_ARRIVAL].u,
                                 .load_ppm = (guest_ppm)v[R_LOAD].u,
                                 .interval_ps = v[R_INTERVAL].u,
                                 .accesses_n = (uint32_t)v[R_ACCESSES].u,
                                 .think_ps = v[R_THINK].u,
                                 .region_ipa = vm->memory[0].ipa,
                                 .region_bytes = vm->memory[0].bytes,
                                 .write_ppm = (guest_ppm)v[R_WRITES].u,
                                 .fetch_ppm = (guest_ppm)v[R_FETCHES].u};
    if (v[R_REGION].node && v[R_REGION].ok)
        ok = scn_read_region(r, v[R_REGION].node, vm, &q->region_ipa,
                             &q->region_bytes) &&
             ok;
    if (v[R_HOT].node && v[R_HOT].ok && ok)
        ok = read_hot(r, v[R_HOT].node, q);
    return ok && scn_check_shares(r, &v[R_WRITES], &v[R_FETCHES], vm, q->region_ipa);
}
