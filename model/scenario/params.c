/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/params.c - the value of a platform parameter by its row. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

const struct scn_param *scn_param_find(const char *dotted)
{
    for (size_t i = 0; i < scn_params_n; i++)
        if (strcmp(scn_params[i].name, dotted) == 0)
            return &scn_params[i];
    return NULL;
}

bool scn_param_counts(const struct scn_platform *p, const struct scn_param *param)
{
    return !param->entries || scn_param_get(p, scn_param_find(param->entries)) != 0;
}

uint64_t scn_tlb_sizes(const struct tlb_cfg *cfg, enum tlb_kind kind)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < cfg->sizes_n; i++)
        if (cfg->sizes_of[kind] >> i & 1)
            mask |= UINT64_C(1) << cfg->size_shifts[i];
    return mask;
}

void scn_tlb_set_sizes(struct tlb_cfg *cfg, enum tlb_kind kind, uint64_t mask)
{
    uint64_t of[TLB_KINDS_N], any = 0;
    for (unsigned k = 0; k < TLB_KINDS_N; k++) {
        of[k] = k == kind ? mask : scn_tlb_sizes(cfg, (enum tlb_kind)k);
        any |= of[k];
        cfg->sizes_of[k] = 0;
    }
    cfg->sizes_n = 0;
    memset(cfg->size_shifts, 0, sizeof(cfg->size_shifts));
    for (uint8_t shift = 0; shift < 64; shift++) {
        if (!(any >> shift & 1))
            continue;
        assert(cfg->sizes_n < TLB_SIZES_MAX);
        for (unsigned k = 0; k < TLB_KINDS_N; k++)
            cfg->sizes_of[k] |= (uint8_t)((of[k] >> shift & 1) << cfg->sizes_n);
        cfg->size_shifts[cfg->sizes_n++] = shift;
    }
}

uint64_t scn_param_get(const struct scn_platform *p, const struct scn_param *param)
{
    const char *member = (const char *)p + param->offset;
    uint64_t u64;
    uint32_t u32;
    if (param->kind == SCN_PARAM_PAGES)
        return scn_tlb_sizes((const struct tlb_cfg *)(const void *)member,
                             (enum tlb_kind)param->max);
    switch (param->bytes) {
    case sizeof(u64):
        memcpy(&u64, member, sizeof(u64));
        return u64;
    case sizeof(u32):
        memcpy(&u32, member, sizeof(u32));
        return u32;
    default:
        assert(param->bytes == 1);
        return (uint8_t)*member;
    }
}

void scn_param_set(struct scn_platform *p, const struct scn_param *param,
                   uint64_t value)
{
    char *member = (char *)p + param->offset;
    uint32_t u32 = (uint32_t)value;
    if (param->kind == SCN_PARAM_PAGES)
        scn_tlb_set_sizes((struct tlb_cfg *)(void *)member, (enum tlb_kind)param->max,
                          value);
    else if (param->bytes == sizeof(value))
        memcpy(member, &value, sizeof(value));
    else if (param->bytes == sizeof(u32))
        memcpy(member, &u32, sizeof(u32));
    else
        *member = (char)(uint8_t)value;
}

static void pages_text(uint64_t mask, char buf[SCN_PARAM_TEXT_MAX])
{
    char page[SCN_QUANTITY_TEXT_MAX];
    size_t at = 0;
    snprintf(buf, SCN_PARAM_TEXT_MAX, "none");
    for (unsigned shift = 0; shift < 64; shift++) {
        if (!(mask >> shift & 1))
            continue;
        scn_format_page(shift, page);
        at += (size_t)snprintf(buf + at, SCN_PARAM_TEXT_MAX - at, "%s%s",
                               at ? ", " : "", page);
        assert(at < SCN_PARAM_TEXT_MAX);
    }
}

void scn_param_text(const struct scn_platform *p, const struct scn_param *param,
                    char buf[SCN_PARAM_TEXT_MAX])
{
    uint64_t u = scn_param_get(p, param);
    switch (param->kind) {
    case SCN_PARAM_TIME:
        scn_format_quantity(SCN_Q_TIME, u, buf);
        break;
    case SCN_PARAM_SIZE:
        scn_format_quantity(SCN_Q_SIZE, u, buf);
        break;
    case SCN_PARAM_FREQ:
        scn_format_quantity(SCN_Q_FREQ, u, buf);
        break;
    case SCN_PARAM_BOOL:
        snprintf(buf, SCN_PARAM_TEXT_MAX, "%s", u ? "true" : "false");
        break;
    case SCN_PARAM_WORD:
        snprintf(buf, SCN_PARAM_TEXT_MAX, "%s", param->word((unsigned)u));
        break;
    case SCN_PARAM_PAGES:
        pages_text(u, buf);
        break;
    default:
        snprintf(buf, SCN_PARAM_TEXT_MAX, "%" PRIu64, u);
        break;
    }
}

const char *scn_param_unit(const struct scn_param *param)
{
    switch (param->kind) {
    case SCN_PARAM_TIME:
        return "ns";
    case SCN_PARAM_SIZE:
        return "B";
    case SCN_PARAM_FREQ:
        return "kHz";
    default:
        return "";
    }
}

const char *scn_param_source(const struct scn_platform_doc *doc,
                             const struct scn_param *param)
{
    return doc->sources[param - scn_params];
}
