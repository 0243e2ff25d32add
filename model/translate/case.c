/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/case.c - from a line of a vectors file to a case. */
#include "model/translate/case.h"

#include "model/translate/names.h"

#include <stdlib.h>
#include <string.h>

static struct vectors_error error_of(const struct jread *j, const char *line)
{
    return (struct vectors_error){.column = (unsigned long)(j->token - line) + 1,
                                  .why = j->why};
}

/* Registers that decide attributes and security, not an address or a fault. */
static bool decides_nothing(struct jread_text name)
{
    static const char *const names[] = {"MAIR_EL1",  "MAIR_EL2", "AMAIR_EL1",
                                        "AMAIR_EL2", "SCR_EL3",  "CONTEXTIDR_EL1"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (jread_text_is(name, names[i]))
            return true;
    }
    return false;
}

/* A register that is unknown here must not be left out silently. */
static void read_regs(struct jread *j, struct walk_regs *regs)
{
    struct jread_text key;

    for (jread_open(j, '{'); jread_key(j, &key);) {
        uint64_t *reg = vectors_reg(regs, key.at, key.bytes);
        if (reg)
            *reg = jread_hex(j);
        else if (decides_nothing(key))
            jread_skip(j);
        else
            jread_fail_key(j, key, "no register that a walk reads");
    }
}

static void read_words(struct jread *j, struct vectors_words *words)
{
    words->n = 0;
    for (jread_open(j, '['); jread_element(j);) {
        jread_open(j, '[');
        const uint64_t pa = jread_element(j) ? jread_hex(j) : 0;
        const uint64_t value = jread_element(j) ? jread_hex(j) : 0;
        if (jread_element(j) || !vectors_words_add(words, pa, value))
            jread_fail(j, "not a pair of address and value");
    }
}

static enum walk_how how_of(struct jread *j, struct jread_text name)
{
    for (unsigned i = 0; i < vectors_hows_n; i++) {
        if (jread_text_is(name, vectors_hows[i].name))
            return vectors_hows[i].how;
    }
    jread_fail(j, "neither ldr, str, fetch nor an AT instruction");
    return WALK_ACCESS;
}

static enum arch_access access_of(struct jread *j, struct jread_text name)
{
    if (jread_text_is(name, "w"))
        return ARCH_WRITE;
    if (jread_text_is(name, "x"))
        return ARCH_EXECUTE;
    if (!jread_text_is(name, "r"))
        jread_fail(j, "not r, w or x");
    return ARCH_READ;
}

static void read_query(struct jread *j, struct walk_query *q)
{
    struct jread_text key;

    for (jread_open(j, '{'); jread_key(j, &key);) {
        if (jread_text_is(key, "va") || jread_text_is(key, "ipa")) {
            q->va.v = jread_hex(j);
        } else if (jread_text_is(key, "el")) {
            const long el = jread_int(j);
            if (el < 0 || el > 2)
                jread_fail(j, "not an exception level from 0 to 2");
            q->el = (uint8_t)el;
        } else if (jread_text_is(key, "access")) {
            q->access = access_of(j, jread_string(j));
        } else if (jread_text_is(key, "how")) {
            q->how = how_of(j, jread_string(j));
        } else if (jread_text_is(key, "pan")) {
            q->pan = jread_bool(j);
        } else {
            jread_skip(j);
        }
    }
}

static enum arch_fault_type fault_named(struct jread *j, struct jread_text name)
{
    static const enum arch_fault_type all[] = {
        ARCH_FAULT_TRANSLATION, ARCH_FAULT_ADDRESS_SIZE, ARCH_FAULT_ACCESS_FLAG,
        ARCH_FAULT_PERMISSION};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (jread_text_is(name, arch_fault_name(all[i])))
            return all[i];
    }
    jread_fail(j, "not translation, address_size, access_flag or permission");
    return ARCH_FAULT_NONE;
}

static long int_within(struct jread *j, long min, long max, const char *else_why)
{
    const long value = jread_int(j);

    if (value < min || value > max)
        jread_fail(j, else_why);
    return value;
}

static bool read_fault_key(struct jread *j, struct jread_text key, struct arch_fault *f)
{
    if (jread_text_is(key, "fault")) {
        f->type = fault_named(j, jread_string(j));
    } else if (jread_text_is(key, "stage")) {
        f->stage = (uint8_t)int_within(j, 1, 2, "neither stage 1 nor 2");
    } else if (jread_text_is(key, "level")) {
        f->level = (int8_t)int_within(j, -1, 3, "not a level from -1 to 3");
    } else if (jread_text_is(key, "s1ptw")) {
        f->s1ptw = jread_bool(j);
    } else {
        return false;
    }
    return true;
}

static bool read_register_key(struct jread *j, struct jread_text key,
                              struct vectors_answer *want)
{
    if (jread_text_is(key, "par")) {
        want->has_par = true;
        want->par = jread_hex(j);
    } else if (jread_text_is(key, "esr")) {
        want->has_abort = true;
        want->abort.esr = jread_hex(j);
    } else if (jread_text_is(key, "far")) {
        want->abort.far = jread_hex(j);
    } else if (jread_text_is(key, "hpfar")) {
        want->abort.hpfar_valid = true;
        want->abort.hpfar = jread_hex(j);
    } else if (jread_text_is(key, "target_el")) {
        want->abort.target_el = (uint8_t)int_within(j, 1, 2, "neither EL1 nor EL2");
    } else if (jread_text_is(key, "wnr")) {
        want->has_wnr = true;
        want->wnr = jread_int(j) != 0;
    } else {
        return false;
    }
    return true;
}

static void read_expect(struct jread *j, struct vectors_answer *want)
{
    struct jread_text key;

    for (jread_open(j, '{'); jread_key(j, &key);) {
        if (jread_text_is(key, "pa"))
            want->pa = jread_hex(j);
        else if (jread_text_is(key, "ipa"))
            want->ipa = jread_hex(j);
        else if (!read_fault_key(j, key, &want->fault) &&
                 !read_register_key(j, key, want))
            jread_skip(j);
    }
}

static enum arch_regime regime_named(struct jread *j, struct jread_text name)
{
    if (jread_text_is(name, "EL2"))
        return ARCH_REGIME_EL2;
    if (jread_text_is(name, "EL20"))
        return ARCH_REGIME_EL20;
    if (!jread_text_is(name, "EL10"))
        jread_fail(j, "not EL10, EL2 or EL20");
    return ARCH_REGIME_EL10;
}

static void read_key(struct jread *j, struct jread_text key, struct vectors_case *c)
{
    if (jread_text_is(key, "id"))
        c->id = jread_string(j);
    else if (jread_text_is(key, "cat"))
        c->cat = jread_string(j);
    else if (jread_text_is(key, "regime"))
        c->regime = regime_named(j, jread_string(j));
    else if (jread_text_is(key, "regs"))
        read_regs(j, &c->regs);
    else if (jread_text_is(key, "mem"))
        read_words(j, &c->mem);
    else if (jread_text_is(key, "query"))
        read_query(j, &c->query);
    else if (jread_text_is(key, "expect"))
        read_expect(j, &c->want);
    else if (jread_text_is(key, "mem_after"))
        read_words(j, &c->want.after);
    else
        jread_skip(j);
}

/* What only the whole case shows. */
static const char *wrong_with(const struct vectors_case *c)
{
    const struct arch_fault *f = &c->want.fault;

    if (c->id.bytes == 0)
        return "a case without an id";
    if (c->query.el == 2 && c->query.how == WALK_AT_S12)
        return "AT S12E* with el 2";
    if (f->type != ARCH_FAULT_NONE && (f->stage < 1 || f->stage > 2))
        return "a fault whose stage is not 1 or 2";
    if (f->level < 0 &&
        (f->type == ARCH_FAULT_ACCESS_FLAG || f->type == ARCH_FAULT_PERMISSION))
        return "a fault that level -1 cannot have";
    return NULL;
}

bool vectors_case_read(const char *line, size_t line_bytes, struct vectors_case *c,
                       struct vectors_error *error)
{
    const struct vectors_words mem = c->mem;
    const struct vectors_words after = c->want.after;
    struct jread j = jread_of(line, line_bytes);
    struct jread_text key;

    *c = (struct vectors_case){.mem = mem, .want.after = after};
    c->mem.n = 0;
    c->want.after.n = 0;
    for (jread_open(&j, '{'); jread_key(&j, &key);)
        read_key(&j, key, c);
    if (jread_at_end(&j) && wrong_with(c)) {
        j.token = line;
        jread_fail(&j, wrong_with(c));
    }
    if (j.failed) {
        *error = error_of(&j, line);
        return false;
    }
    vectors_answer_normalise(&c->want);
    return true;
}

void vectors_case_free(struct vectors_case *c)
{
    free(c->mem.at);
    free(c->want.after.at);
    *c = (struct vectors_case){.mem.at = NULL};
}

static uint64_t *id_named(struct arch_id_regs *id, struct jread_text name)
{
    if (jread_text_is(name, "ID_AA64MMFR0_EL1"))
        return &id->mmfr0;
    if (jread_text_is(name, "ID_AA64MMFR1_EL1"))
        return &id->mmfr1;
    if (jread_text_is(name, "ID_AA64MMFR2_EL1"))
        return &id->mmfr2;
    return jread_text_is(name, "ID_AA64ISAR1_EL1") ? &id->isar1 : NULL;
}

bool vectors_header_read(const char *line, size_t line_bytes, struct walk_cpu *cpu,
                         unsigned long *cases_n, struct vectors_error *error)
{
    /* The format leaves ID_AA64ISAR1_EL1 out; its tags section uses TBID. */
    struct arch_id_regs id = {.isar1 = 1 << 4};
    struct jread j = jread_of(line, line_bytes);
    struct jread_text key;
    bool is_header = false;

    *cases_n = VECTORS_ANY_N;
    for (jread_open(&j, '{'); jread_key(&j, &key);) {
        uint64_t *reg = id_named(&id, key);
        if (reg)
            *reg = jread_hex(&j);
        else if (jread_text_is(key, "header"))
            is_header = jread_bool(&j);
        else if (jread_text_is(key, "cases"))
            *cases_n = (unsigned long)jread_int(&j);
        else
            jread_skip(&j);
    }
    *cpu = (struct walk_cpu){.features = arch_features_decode(&id)};
    if (jread_at_end(&j) && !is_header) {
        j.token = line;
        jread_fail(&j, "the first line lacks \"header\":true");
    }
    if (j.failed)
        *error = error_of(&j, line);
    return !j.failed;
}
