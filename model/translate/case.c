/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/case.c - from a line of a vectors file to a case. */
#include "model/translate/case.h"

#include <stdlib.h>
#include <string.h>

static uint64_t *reg_named(struct walk_regs *regs, struct json_text name)
{
    static const struct {
        const char *name;
        size_t offset;
    } all[] = {
        {"HCR_EL2", offsetof(struct walk_regs, hcr_el2)},
        {"SCTLR_EL1", offsetof(struct walk_regs, sctlr_el1)},
        {"TCR_EL1", offsetof(struct walk_regs, tcr_el1)},
        {"TTBR0_EL1", offsetof(struct walk_regs, ttbr0_el1)},
        {"TTBR1_EL1", offsetof(struct walk_regs, ttbr1_el1)},
        {"SCTLR_EL2", offsetof(struct walk_regs, sctlr_el2)},
        {"TCR_EL2", offsetof(struct walk_regs, tcr_el2)},
        {"TTBR0_EL2", offsetof(struct walk_regs, ttbr0_el2)},
        {"TTBR1_EL2", offsetof(struct walk_regs, ttbr1_el2)},
        {"VTCR_EL2", offsetof(struct walk_regs, vtcr_el2)},
        {"VTTBR_EL2", offsetof(struct walk_regs, vttbr_el2)},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (json_text_is(name, all[i].name))
            return (uint64_t *)((char *)regs + all[i].offset);
    }
    return NULL;
}

/* A register that is unknown here must not be left out silently. */
static void read_regs(struct json *j, struct walk_regs *regs)
{
    struct json_text key;

    for (json_open(j, '{'); json_key(j, &key);) {
        uint64_t *reg = reg_named(regs, key);
        if (reg)
            *reg = json_hex(j);
        else
            j->failed = true;
    }
}

static void read_words(struct json *j, struct vectors_words *words)
{
    words->n = 0;
    for (json_open(j, '['); json_element(j);) {
        json_open(j, '[');
        const uint64_t pa = json_element(j) ? json_hex(j) : 0;
        const uint64_t value = json_element(j) ? json_hex(j) : 0;
        if (json_element(j) || !vectors_words_add(words, pa, value))
            j->failed = true;
    }
}

static enum walk_how how_of(struct json *j, struct json_text name)
{
    static const char s12[] = "AT S12";
    static const char s1[] = "AT S1E";

    if (json_text_is(name, "ldr") || json_text_is(name, "str") ||
        json_text_is(name, "fetch"))
        return WALK_ACCESS;
    if (name.bytes > 6 && memcmp(name.at, s12, 6) == 0)
        return WALK_AT_S12;
    if (name.bytes < 8 || memcmp(name.at, s1, 6) != 0)
        j->failed = true;
    return !j->failed && name.at[name.bytes - 1] == 'P' ? WALK_AT_S1_PAN : WALK_AT_S1;
}

static enum arch_access access_of(struct json *j, struct json_text name)
{
    if (json_text_is(name, "w"))
        return ARCH_WRITE;
    if (json_text_is(name, "x"))
        return ARCH_EXECUTE;
    if (!json_text_is(name, "r"))
        j->failed = true;
    return ARCH_READ;
}

static void read_query(struct json *j, struct walk_query *q)
{
    struct json_text key;

    for (json_open(j, '{'); json_key(j, &key);) {
        if (json_text_is(key, "va") || json_text_is(key, "ipa")) {
            q->va.v = json_hex(j);
        } else if (json_text_is(key, "el")) {
            const long el = json_int(j);
            j->failed = j->failed || el < 0 || el > 2;
            q->el = (uint8_t)el;
        } else if (json_text_is(key, "access")) {
            q->access = access_of(j, json_string(j));
        } else if (json_text_is(key, "how")) {
            q->how = how_of(j, json_string(j));
        } else if (json_text_is(key, "pan")) {
            q->pan = json_bool(j);
        } else {
            json_skip(j);
        }
    }
}

static enum arch_fault_type fault_named(struct json *j, struct json_text name)
{
    static const enum arch_fault_type all[] = {
        ARCH_FAULT_TRANSLATION, ARCH_FAULT_ADDRESS_SIZE, ARCH_FAULT_ACCESS_FLAG,
        ARCH_FAULT_PERMISSION};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (json_text_is(name, arch_fault_name(all[i])))
            return all[i];
    }
    j->failed = true;
    return ARCH_FAULT_NONE;
}

static bool read_fault_key(struct json *j, struct json_text key, struct arch_fault *f)
{
    if (json_text_is(key, "fault")) {
        f->type = fault_named(j, json_string(j));
    } else if (json_text_is(key, "stage")) {
        f->stage = (uint8_t)json_int(j);
    } else if (json_text_is(key, "level")) {
        const long level = json_int(j);
        j->failed = j->failed || level < -1 || level > 3;
        f->level = (int8_t)level;
    } else if (json_text_is(key, "s1ptw")) {
        f->s1ptw = json_bool(j);
    } else {
        return false;
    }
    return true;
}

static bool read_register_key(struct json *j, struct json_text key,
                              struct vectors_answer *want)
{
    if (json_text_is(key, "par")) {
        want->has_par = true;
        want->par = json_hex(j);
    } else if (json_text_is(key, "esr")) {
        want->has_abort = true;
        want->abort.esr = json_hex(j);
    } else if (json_text_is(key, "far")) {
        want->abort.far = json_hex(j);
    } else if (json_text_is(key, "hpfar")) {
        want->abort.hpfar_valid = true;
        want->abort.hpfar = json_hex(j);
    } else if (json_text_is(key, "target_el")) {
        want->abort.target_el = (uint8_t)json_int(j);
    } else if (json_text_is(key, "wnr")) {
        want->has_wnr = true;
        want->wnr = json_int(j) != 0;
    } else {
        return false;
    }
    return true;
}

static void read_expect(struct json *j, struct vectors_answer *want)
{
    struct json_text key;

    for (json_open(j, '{'); json_key(j, &key);) {
        if (json_text_is(key, "pa"))
            want->pa = json_hex(j);
        else if (json_text_is(key, "ipa"))
            want->ipa = json_hex(j);
        else if (!read_fault_key(j, key, &want->fault) &&
                 !read_register_key(j, key, want))
            json_skip(j);
    }
}

static enum arch_regime regime_named(struct json *j, struct json_text name)
{
    if (json_text_is(name, "EL2"))
        return ARCH_REGIME_EL2;
    if (json_text_is(name, "EL20"))
        return ARCH_REGIME_EL20;
    if (!json_text_is(name, "EL10"))
        j->failed = true;
    return ARCH_REGIME_EL10;
}

static void read_key(struct json *j, struct json_text key, struct vectors_case *c)
{
    if (json_text_is(key, "id"))
        c->id = json_string(j);
    else if (json_text_is(key, "cat"))
        c->cat = json_string(j);
    else if (json_text_is(key, "regime"))
        c->regime = regime_named(j, json_string(j));
    else if (json_text_is(key, "regs"))
        read_regs(j, &c->regs);
    else if (json_text_is(key, "mem"))
        read_words(j, &c->mem);
    else if (json_text_is(key, "query"))
        read_query(j, &c->query);
    else if (json_text_is(key, "expect"))
        read_expect(j, &c->want);
    else if (json_text_is(key, "mem_after"))
        read_words(j, &c->want.after);
    else
        json_skip(j);
}

bool vectors_case_read(const char *line, size_t line_bytes, struct vectors_case *c)
{
    const struct vectors_words mem = c->mem;
    const struct vectors_words after = c->want.after;
    struct json j = json_of(line, line_bytes);
    struct json_text key;

    *c = (struct vectors_case){.mem = mem, .want.after = after};
    c->mem.n = 0;
    c->want.after.n = 0;
    for (json_open(&j, '{'); json_key(&j, &key);)
        read_key(&j, key, c);
    if (!json_at_end(&j) || c->id.bytes == 0)
        return false;
    const bool el2_in_el10 = c->query.el == 2 && c->query.how == WALK_AT_S12;
    const bool bad_fault = c->want.fault.type != ARCH_FAULT_NONE &&
                           (c->want.fault.stage < 1 || c->want.fault.stage > 2);
    const bool bad_level =
        c->want.fault.level < 0 && (c->want.fault.type == ARCH_FAULT_ACCESS_FLAG ||
                                    c->want.fault.type == ARCH_FAULT_PERMISSION);
    if (el2_in_el10 || bad_fault || bad_level)
        return false;
    vectors_answer_normalise(&c->want);
    return true;
}

void vectors_case_free(struct vectors_case *c)
{
    free(c->mem.at);
    free(c->want.after.at);
    *c = (struct vectors_case){.mem.at = NULL};
}

static uint64_t *id_named(struct arch_id_regs *id, struct json_text name)
{
    if (json_text_is(name, "ID_AA64MMFR0_EL1"))
        return &id->mmfr0;
    if (json_text_is(name, "ID_AA64MMFR1_EL1"))
        return &id->mmfr1;
    if (json_text_is(name, "ID_AA64MMFR2_EL1"))
        return &id->mmfr2;
    return json_text_is(name, "ID_AA64ISAR1_EL1") ? &id->isar1 : NULL;
}

bool vectors_header_read(const char *line, size_t line_bytes, struct walk_cpu *cpu,
                         unsigned long *cases_n)
{
    /* The format leaves ID_AA64ISAR1_EL1 out; its tags section uses TBID. */
    struct arch_id_regs id = {.isar1 = 1 << 4};
    struct json j = json_of(line, line_bytes);
    struct json_text key;
    bool is_header = false;

    *cases_n = 0;
    for (json_open(&j, '{'); json_key(&j, &key);) {
        uint64_t *reg = id_named(&id, key);
        if (reg)
            *reg = json_hex(&j);
        else if (json_text_is(key, "header"))
            is_header = json_bool(&j);
        else if (json_text_is(key, "cases"))
            *cases_n = (unsigned long)json_int(&j);
        else
            json_skip(&j);
    }
    *cpu = (struct walk_cpu){.features = arch_features_decode(&id)};
    return is_header && json_at_end(&j);
}
