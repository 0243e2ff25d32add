/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/s2_case.c - from a vector's JSON to a walk and back. */
#include "tests/conformance/s2_case.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool hex(const json_t *value, uint64_t *out)
{
    const char *s = json_string_value(value);
    char *end;

    if (!s || strncmp(s, "0x", 2) != 0)
        return false;
    *out = strtoull(s, &end, 16);
    return end != s && *end == '\0';
}

static bool hex_key(const json_t *object, const char *key, uint64_t *out)
{
    return hex(json_object_get(object, key), out);
}

static unsigned id_field(uint64_t id, unsigned lsb)
{
    return (unsigned)(id >> lsb & 0xf);
}

bool s2_cpu_from_header(const json_t *header, struct s2_cpu *cpu)
{
    uint64_t mmfr0, mmfr1, mmfr2;

    if (!hex_key(header, "ID_AA64MMFR0_EL1", &mmfr0) ||
        !hex_key(header, "ID_AA64MMFR1_EL1", &mmfr1) ||
        !hex_key(header, "ID_AA64MMFR2_EL1", &mmfr2))
        return false;
    *cpu = (struct s2_cpu){
        .pa_bits =
            (uint8_t)arch_pa_bits((uint8_t)(id_field(mmfr0, 0) & 7)), /* PARange */
        .xnx = id_field(mmfr1, 28) != 0,
        .ttst = id_field(mmfr2, 28) != 0, /* ST */
        .bbm_level = (uint8_t)id_field(mmfr2, 52),
    };
    return true;
}

static bool read_cfg(const json_t *regs, const struct s2_cpu *cpu,
                     struct walk_s2_cfg *cfg)
{
    uint64_t vtcr_el2, vttbr_el2;

    if (!hex_key(regs, "VTCR_EL2", &vtcr_el2) ||
        !hex_key(regs, "VTTBR_EL2", &vttbr_el2))
        return false;
    *cfg = (struct walk_s2_cfg){
        .vtcr = arch_vtcr_decode(vtcr_el2),
        .pa_bits = cpu->pa_bits,
        .ttst = cpu->ttst,
        .xnx = cpu->xnx,
        .bbm_level = cpu->bbm_level,
        .nt_response = WALK_NT_TRANSLATE,
    };
    cfg->baddr = arch_vttbr_baddr(vttbr_el2, &cfg->vtcr, cpu->pa_bits);
    return true;
}

static bool read_mem(const json_t *mem, struct s2_case *out)
{
    const size_t n = json_array_size(mem);

    if (!json_is_array(mem) || n > S2_CASE_DESCS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *pair = json_array_get(mem, i);
        if (!hex(json_array_get(pair, 0), &out->mem[i].pa) ||
            !hex(json_array_get(pair, 1), &out->mem[i].desc))
            return false;
    }
    out->mem_n = n;
    return true;
}

static bool read_query(const json_t *query, struct s2_case *out)
{
    static const char letters[] = {
        [ARCH_READ] = 'r', [ARCH_WRITE] = 'w', [ARCH_EXECUTE] = 'x'};
    const char *access = json_string_value(json_object_get(query, "access"));
    const char *letter = access ? memchr(letters, access[0], sizeof(letters)) : NULL;
    const json_t *el = json_object_get(query, "el");

    if (!letter || !json_is_integer(el) || !hex_key(query, "ipa", &out->ipa.v))
        return false;
    out->access = (enum arch_access)(letter - letters);
    out->el = (unsigned)json_integer_value(el);
    return out->el <= 1;
}

static bool fault_from_name(const char *name, enum arch_fault_type *out)
{
    static const enum arch_fault_type types[] = {
        ARCH_FAULT_TRANSLATION, ARCH_FAULT_ADDRESS_SIZE, ARCH_FAULT_ACCESS_FLAG,
        ARCH_FAULT_PERMISSION};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (strcmp(name, arch_fault_name(types[i])) == 0) {
            *out = types[i];
            return true;
        }
    }
    return false;
}

static bool read_answer(const json_t *expect, struct s2_answer *out)
{
    const char *name = json_string_value(json_object_get(expect, "fault"));
    uint64_t syndrome;

    memset(out, 0, sizeof(*out));
    if (!name)
        return hex_key(expect, "pa", &out->pa);
    if (!fault_from_name(name, &out->fault.type))
        return false;
    out->fault.stage = (uint8_t)json_integer_value(json_object_get(expect, "stage"));
    out->fault.level = (int8_t)json_integer_value(json_object_get(expect, "level"));
    out->fault.s1ptw = json_is_true(json_object_get(expect, "s1ptw"));
    if (hex_key(expect, "par", &syndrome))
        out->status_code = syndrome >> 1 & 0x3f; /* PAR_EL1.FST */
    else if (hex_key(expect, "esr", &syndrome))
        out->status_code = syndrome & 0x3f;
    else
        return false;
    return true;
}

bool s2_case_from_json(const json_t *line, const struct s2_cpu *cpu,
                       struct s2_case *out)
{
    memset(out, 0, sizeof(*out));
    out->id = json_string_value(json_object_get(line, "id"));
    out->cat = json_string_value(json_object_get(line, "cat"));
    out->writes_descs = json_array_size(json_object_get(line, "mem_after")) != 0;
    return out->id && out->cat &&
           read_cfg(json_object_get(line, "regs"), cpu, &out->cfg) &&
           read_mem(json_object_get(line, "mem"), out) &&
           read_query(json_object_get(line, "query"), out) &&
           read_answer(json_object_get(line, "expect"), &out->want);
}

static uint64_t read_desc(const struct s2_case *c, struct arch_pa pa)
{
    for (size_t i = 0; i < c->mem_n; i++) {
        if (c->mem[i].pa == pa.v)
            return c->mem[i].desc;
    }
    return 0;
}

static struct s2_answer answer_fault(struct arch_fault fault)
{
    return (struct s2_answer){.fault = fault,
                              .status_code = arch_fault_status_code(&fault)};
}

struct s2_answer s2_case_run(const struct s2_case *c)
{
    /* Stage 1 is off: an input beyond the implemented PA size is its own fault and
     * never gets to stage 2. ArmARM: AArch64.S1DisabledOutput. */
    if (c->ipa.v >> c->cfg.pa_bits)
        return answer_fault(
            (struct arch_fault){.type = ARCH_FAULT_ADDRESS_SIZE, .stage = 1});

    struct walk_s2 w;
    enum walk_next next = walk_s2_begin_el(&w, &c->cfg, c->ipa, c->access, c->el);
    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, read_desc(c, w.desc_pa));
    return next == WALK_DONE ? (struct s2_answer){.pa = w.oa.v} : answer_fault(w.fault);
}

bool s2_answer_equal(const struct s2_answer *a, const struct s2_answer *b)
{
    if (a->fault.type != b->fault.type)
        return false;
    if (a->fault.type == ARCH_FAULT_NONE)
        return a->pa == b->pa;
    return a->fault.stage == b->fault.stage && a->fault.level == b->fault.level &&
           a->fault.s1ptw == b->fault.s1ptw && a->status_code == b->status_code;
}

const char *s2_answer_text(const struct s2_answer *a, char *text, size_t text_bytes)
{
    if (a->fault.type == ARCH_FAULT_NONE)
        snprintf(text, text_bytes, "pa 0x%" PRIx64, a->pa);
    else
        snprintf(text, text_bytes, "%s stage %u level %d%s (status 0x%02x)",
                 arch_fault_name(a->fault.type), a->fault.stage, a->fault.level,
                 a->fault.s1ptw ? " s1ptw" : "", a->status_code);
    return text;
}
