/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/explain_fault.c - the reason of a fault in words. */
#include "model/translate/explain.h"

#include "walker/arch/bits.h"

#include <inttypes.h>
#include <stdio.h>

#define SAY(...) snprintf(text, EXPLAIN_REASON_BYTES, __VA_ARGS__)

const char *explain_fault_name(enum arch_fault_type type)
{
    switch (type) {
    case ARCH_FAULT_TRANSLATION:
        return "Translation";
    case ARCH_FAULT_ADDRESS_SIZE:
        return "Address size";
    case ARCH_FAULT_ACCESS_FLAG:
        return "Access flag";
    case ARCH_FAULT_PERMISSION:
        return "Permission";
    default:
        return "another";
    }
}

/* The last descriptor of the table walk that faulted; NULL if it asked for none. */
static const struct explain_step *last_step(const struct explanation *e)
{
    const struct explain_step *last = e->steps_n ? &e->steps[e->steps_n - 1] : NULL;

    if (!last)
        return NULL;
    if (e->fault.s1ptw)
        return last->nested_n ? last - 1 : NULL;
    return last->stage == e->fault.stage ? last : NULL;
}

/* ---- before the first descriptor ---- */

static void s1_start(const struct explanation *e, char text[EXPLAIN_REASON_BYTES])
{
    const struct walk_s1_cfg *cfg = explain_s1(e);
    const char *n = cfg->half == ARCH_VA_UPPER ? "1" : "0";
    struct explain_setup s;

    explain_setup(e, 1, &s);
    if (!e->s1_on)
        SAY("stage 1 is off, and the VA is beyond the PA size of %u bits",
            e->cpu.features.pa_bits);
    else if (!s.legal)
        SAY("%s", s.why_level);
    else if (walk_s1_va_out_of_range(cfg, e->query.va, e->query.access, s.input_bits))
        SAY("VA[%u:%u] are not all %s: the VA is outside the %u bits of %s%s",
            walk_s1_addr_top(&cfg->tcr, e->query.access), s.input_bits,
            cfg->half == ARCH_VA_UPPER && cfg->has_el0 ? "1" : "0", s.input_bits,
            s.base_name, cfg->has_el0 ? "" : ", which is alone in EL2");
    else if (e->fault.type == ARCH_FAULT_ADDRESS_SIZE)
        SAY("the start table at 0x%" PRIx64 " is beyond the output size of %u bits",
            s.base, s.output_bits);
    else if (e->query.el == 0 && cfg->tcr.e0pd)
        SAY("E0PD%s = 1 keeps EL0 out of this half", n);
    else
        SAY("EPD%s = 1 forbids walks with %s", n, s.base_name);
}

static void s2_start(const struct explanation *e, char text[EXPLAIN_REASON_BYTES])
{
    const uint64_t input = e->fault.s1ptw ? e->steps[e->steps_n - 1].at : e->s2_input;
    struct explain_setup s;

    explain_setup(e, 2, &s);
    if (!s.legal)
        SAY("%s", s.why_level);
    else if (e->fault.type == ARCH_FAULT_ADDRESS_SIZE)
        SAY("the start table at 0x%" PRIx64 " is beyond the output size of %u bits",
            s.base, s.output_bits);
    else
        SAY("IPA 0x%" PRIx64 " is outside the %u bits that VTCR_EL2.T0SZ gives", input,
            s.input_bits);
}

/* ---- at a descriptor ---- */

static void translation(const struct explanation *e, const struct explain_step *step,
                        char text[EXPLAIN_REASON_BYTES])
{
    struct explain_desc d;

    explain_desc(e, (size_t)(step - e->steps), &d);
    if (e->fault.nt)
        SAY("nT is set, and this CPU faults on it");
    else if (d.is_leaf)
        SAY("the contiguous group is larger than the input size, and this CPU faults "
            "on it");
    else if (!(step->value & ARCH_DESC_VALID))
        SAY("the descriptor is invalid: bit 0 is 0");
    else if (step->level == 3)
        SAY("the descriptor is reserved: bits [1:0] are 0b01 at level 3");
    else
        SAY("the descriptor is a block, and level %d has no blocks here", step->level);
}

static const char *verb(enum arch_access access)
{
    static const char *const verbs[] = {
        [ARCH_READ] = "read", [ARCH_WRITE] = "write", [ARCH_EXECUTE] = "execute"};

    return verbs[access];
}

static void permission(const struct explanation *e, const struct explain_step *step,
                       char text[EXPLAIN_REASON_BYTES])
{
    const char *update =
        e->steps[e->steps_n - 1].op == EXPLAIN_SWAP ? "update" : "read";
    const uint8_t needed = update[0] == 'u' ? WALK_PERM_R | WALK_PERM_W : WALK_PERM_R;
    struct explain_desc d;

    explain_desc(e, (size_t)(step - e->steps), &d);
    if (e->fault.s1ptw && (d.perms.priv & needed) == needed)
        SAY("the walk of stage 1 meets Device memory, and HCR_EL2.PTW = 1");
    else if (e->fault.s1ptw)
        SAY("the walk of stage 1 must %s its descriptor here; %s", update, d.effect);
    else if (walk_perms_allow(d.perms, e->query.access, e->query.el, false))
        SAY("PSTATE.PAN = 1 keeps EL%u from data that EL0 may access; %s", e->query.el,
            d.effect);
    else
        SAY("EL%u may not %s; %s", e->query.el, verb(e->query.access), d.effect);
}

void explain_fault(const struct explanation *e, char text[EXPLAIN_REASON_BYTES])
{
    const struct explain_step *step = last_step(e);
    struct explain_setup s;
    struct explain_desc d;

    if (!step) {
        if (e->fault.stage == 1)
            s1_start(e, text);
        else
            s2_start(e, text);
        return;
    }
    explain_setup(e, e->fault.stage, &s);
    switch (e->fault.type) {
    case ARCH_FAULT_TRANSLATION:
        translation(e, step, text);
        break;
    case ARCH_FAULT_ADDRESS_SIZE:
        explain_desc(e, (size_t)(step - e->steps), &d);
        SAY("%s 0x%" PRIx64 " is beyond the output size of %u bits",
            d.is_leaf ? "the output address" : "the next table at", d.address,
            s.output_bits);
        break;
    case ARCH_FAULT_ACCESS_FLAG:
        SAY("AF is 0, and hardware does not set it (%s.HA = 0)", s.control_name);
        break;
    case ARCH_FAULT_PERMISSION:
        permission(e, step, text);
        break;
    default:
        SAY("%s", arch_fault_name(e->fault.type));
        break;
    }
}
