/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/forms.c - what the shapes of known events mean: a table row for each. */
#include "model/trace/record.h"

#include <inttypes.h>
#include <string.h>

struct field {
    const char *key;
    enum trace_field_type type;
    uint16_t offset; /* in struct trace_event */
};

struct form {
    const char *name;
    /* A trace point: its text, with # for each number, in the order of fields, @ for a
     * word, ? for a letter, and a comma that may be absent. NULL for a probe: "(PLACE)
     * key=number ...", in any order, other keys ignored. */
    const char *text;
    struct field fields[TRACE_FIELDS_MAX];
};

#define AT(member) offsetof(struct trace_event, u.member)
#define U64(key, member)                                                               \
    {                                                                                  \
        key, FIELD_U64, AT(member)                                                     \
    }
#define U32(key, member)                                                               \
    {                                                                                  \
        key, FIELD_U32, AT(member)                                                     \
    }
/* Means nothing in some lines, or has bits above 31 that say nothing here. */
#define LOW32(key, member)                                                             \
    {                                                                                  \
        key, FIELD_LOW32, AT(member)                                                   \
    }
#define S32(key, member)                                                               \
    {                                                                                  \
        key, FIELD_S32, AT(member)                                                     \
    }
#define UNUSED(key)                                                                    \
    {                                                                                  \
        key, FIELD_ANY, 0                                                              \
    }
#define MEMSLOT_RANGE U64("base_gfn", memslot.base_gfn), U64("npages", memslot.npages)

/* Linux: arch/arm64/kvm/trace_arm.h, include/trace/events/kvm.h. */
static const struct form forms[TRACE_KINDS_N] = {
    [TRACE_KVM_ENTRY] = {"kvm_entry", "PC: #", {U64("PC", vcpu.pc)}},
    [TRACE_KVM_EXIT] = {"kvm_exit",
                        "@: ?SR_EC: # (@), PC: #",
                        {U32("HSR_EC", vcpu.ec), U64("PC", vcpu.pc)}},
    [TRACE_GUEST_FAULT] = {"kvm_guest_fault",
                           "ipa #, ?sr #, hxfar #, pc #",
                           {U64("ipa", guest_fault.ipa), U64("hsr", guest_fault.esr),
                            U64("hxfar", guest_fault.hxfar),
                            U64("pc", guest_fault.pc)}},
    [TRACE_USERSPACE_EXIT] = {"kvm_userspace_exit", "reason @ (#)", {UNUSED("reason")}},
    [TRACE_MMIO] = {"kvm_mmio",
                    "mmio @ len # gpa # val #",
                    {UNUSED("len"), U64("gpa", mmio.gpa), UNUSED("val")}},
    [TRACE_UNMAP_HVA] = {"kvm_unmap_hva_range",
                         "mmu notifier unmap range: # -- #",
                         {U64("start", hva.start), U64("end", hva.end)}},
    [TRACE_VCPU_RUN] = {"vcpu_run", NULL, {U32("vcpu", vcpu_run.vcpu)}},
    [TRACE_MEMSLOT_COMMIT] = {"memslot_commit",
                              NULL,
                              {LOW32("slot", memslot.slot), MEMSLOT_RANGE,
                               LOW32("old_flags", memslot.old_flags),
                               LOW32("new_flags", memslot.new_flags),
                               U32("change", memslot.change)}},
    [TRACE_MEMSLOT_FLUSH] = {"memslot_flush_shadow", NULL, {MEMSLOT_RANGE}},
    [TRACE_S2_MAP] = {"s2_map",
                      NULL,
                      {U64("ipa", s2_map.ipa), U64("size", s2_map.size),
                       U64("pa", s2_map.pa), LOW32("prot", s2_map.prot)}},
    [TRACE_S2_MAP_RET] = {"s2_map_ret", NULL, {S32("ret", ret.ret)}},
    [TRACE_S2_BREAK] = {"s2_break",
                        NULL,
                        {U64("ipa", entry.ipa), S32("level", entry.level),
                         U64("old", entry.desc)}},
    [TRACE_S2_MAKE] = {"s2_make",
                       NULL,
                       {U64("ipa", entry.ipa), S32("level", entry.level),
                        U64("new", entry.desc)}},
    [TRACE_S2_FREE_TABLE] = {"s2_free_table", NULL, {{0}}},
    [TRACE_S2_FREE_TABLE_RCU] = {"s2_free_table_rcu", NULL, {{0}}},
    [TRACE_S2_UNMAP] = {"s2_unmap",
                        NULL,
                        {U64("ipa", range.ipa), U64("size", range.size)}},
    [TRACE_S2_UNMAP_RET] = {"s2_unmap_ret", NULL, {S32("ret", ret.ret)}},
    [TRACE_TLBI_VMID] = {"tlbi_vmid", NULL, {U64("mmu", tlbi_vmid.mmu)}},
    [TRACE_TLBI_VMID_IPA] = {"tlbi_vmid_ipa",
                             NULL,
                             {U64("ipa", tlbi.ipa), S32("level", tlbi.level)}},
    [TRACE_TLBI_VMID_IPA_NSH] = {"tlbi_vmid_ipa_nsh",
                                 NULL,
                                 {U64("ipa", tlbi.ipa), S32("level", tlbi.level)}},
    [TRACE_S2_RELAX_PERMS] = {"s2_relax_perms",
                              NULL,
                              {U64("ipa", relax.ipa), LOW32("prot", relax.prot)}},
    [TRACE_S2_RELAX_PERMS_RET] = {"s2_relax_perms_ret", NULL, {S32("ret", ret.ret)}},
    [TRACE_S2_WRPROTECT] = {"s2_wrprotect",
                            NULL,
                            {U64("ipa", range.ipa), U64("size", range.size)}},
    [TRACE_S2_WRPROTECT_RET] = {"s2_wrprotect_ret", NULL, {S32("ret", ret.ret)}},
    [TRACE_FLUSH_REMOTE_MEMSLOT] = {"flush_remote_memslot", NULL, {MEMSLOT_RANGE}},
    [TRACE_DIRTY_LOG_SYNC] = {"dirty_log_sync", NULL, {MEMSLOT_RANGE}},
    [TRACE_DIRTY_LOG_MASKED] = {"dirty_log_masked",
                                NULL,
                                {U64("base_gfn", dirty_masked.base_gfn),
                                 U64("gfn_offset", dirty_masked.gfn_offset),
                                 U64("mask", dirty_masked.mask)}},
    [TRACE_GUEST_ACCESS] = {TRACE_ACCESS_NAME,
                            "@ va # size #",
                            {U64("va", access.va), U32("size", access.size)}},
    [TRACE_OTHER] = {"other", "", {{0}}},
};

/* The other events of the group kvm, Linux 5.4 to 6.12, and a probe: nothing that a
 * replay needs. */
static const char *const passive[] = {
    "flush_remote_tlbs",
    "kvm_access_fault",
    "kvm_ack_irq",
    "kvm_age_hva",
    "kvm_age_page",
    "kvm_arm_clear_debug",
    "kvm_arm_set_dreg32",
    "kvm_arm_set_regset",
    "kvm_arm_setup_debug",
    "kvm_async_pf_completed",
    "kvm_async_pf_doublefault",
    "kvm_async_pf_not_present",
    "kvm_async_pf_ready",
    "kvm_async_pf_repeated_fault",
    "kvm_dirty_ring_exit",
    "kvm_dirty_ring_push",
    "kvm_dirty_ring_reset",
    "kvm_forward_sysreg_trap",
    "kvm_fpu",
    "kvm_get_timer_map",
    "kvm_halt_poll_ns",
    "kvm_handle_sys_reg",
    "kvm_hvc_arm64",
    "kvm_inject_nested_exception",
    "kvm_irq_line",
    "kvm_mmio_emulate",
    "kvm_mmio_nisv",
    "kvm_msi_set_irq",
    "kvm_nested_eret",
    "kvm_set_guest_debug",
    "kvm_set_irq",
    "kvm_set_spte_hva",
    "kvm_set_way_flush",
    "kvm_sys_access",
    "kvm_test_age_hva",
    "kvm_timer_emulate",
    "kvm_timer_hrtimer_expire",
    "kvm_timer_restore_state",
    "kvm_timer_save_state",
    "kvm_timer_update_irq",
    "kvm_toggle_cache",
    "kvm_try_async_get_page",
    "kvm_vcpu_wakeup",
    "kvm_wfx_arm64",
    "trap_reg",
    "vgic_update_irq_pending",
};

const char *trace_kind_name(enum trace_kind kind)
{
    return forms[kind].name;
}

void trace_name_classify(struct trace_name *name)
{
    static const char *const groups[] = {"kvm:", "kvmx:", "kvm_", "vgic_"};

    for (int form = 0; form < TRACE_OTHER; form++) {
        if (strcmp(forms[form].name, name->event) == 0) {
            name->use = TRACE_NAME_FORM;
            name->form = form;
            return;
        }
    }
    name->use = TRACE_NAME_OTHER;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        const size_t len = strlen(groups[i]);

        if (strncmp(name->text, groups[i], len) == 0 ||
            strncmp(name->event, groups[i], len) == 0)
            name->use = TRACE_NAME_KVM;
    }
    for (size_t i = 0; i < sizeof(passive) / sizeof(passive[0]); i++) {
        if (strcmp(passive[i], name->event) == 0)
            name->use = TRACE_NAME_PASSIVE;
    }
}

/* A place in a shape: a character of its text, or a number. */
struct cursor {
    const struct trace_shape *shape;
    unsigned op;
    uint32_t at; /* in ops[op].text */
};

enum { CURSOR_NUMBER = 256, CURSOR_END = 257 };

static int peek(const struct cursor *c)
{
    const struct trace_op *op = &c->shape->ops[c->op];

    if (c->at < op->len)
        return (uint8_t)op->text[c->at];
    return op->code != TRACE_CODE_END ? CURSOR_NUMBER : CURSOR_END;
}

static void step(struct cursor *c)
{
    if (peek(c) == CURSOR_NUMBER) {
        c->op++;
        c->at = 0;
    } else {
        c->at++;
    }
}

static bool ends_word(int c)
{
    return c == CURSOR_END || (c < 256 && strchr(" ,:()", c) != NULL);
}

static bool skip_word(struct cursor *c)
{
    const struct cursor from = *c;

    while (!ends_word(peek(c)))
        step(c);
    return c->op != from.op || c->at != from.at;
}

/* The rest of the word at c, numbers as #. */
static struct trace_quoted rest_of_word(struct cursor c)
{
    char text[80];
    size_t n = 0;

    for (; !ends_word(peek(&c)) && n < sizeof(text); step(&c))
        text[n++] = peek(&c) == CURSOR_NUMBER ? '#' : (char)peek(&c);
    return trace_quote(text, n);
}

static bool bad_number(const struct form *form, const struct field *field,
                       const char *found, struct trace_error *err)
{
    return trace_fail(err,
                      "%s: field '%s' is '%s'; accepted: a decimal or 0x number, %s",
                      form->name, field->key, found,
                      field->type == FIELD_U32   ? "32 bits"
                      : field->type == FIELD_S32 ? "32 bits, signed"
                                                 : "64 bits");
}

/* A number at c that is one alone becomes bound[n]. */
static bool bind_number(struct trace_shape *s, const struct form *form,
                        const struct field *field, struct cursor *c, unsigned n,
                        struct trace_error *err)
{
    const struct cursor from = *c;

    if (peek(c) != CURSOR_NUMBER || s->ops[c->op].code == TRACE_CODE_BARE)
        return bad_number(form, field, rest_of_word(from).text, err);
    s->bound[n] =
        (struct trace_bound){field->type, (uint16_t)c->op, field->offset, field->key};
    step(c);
    return ends_word(peek(c)) || bad_number(form, field, rest_of_word(from).text, err);
}

static bool bind_point(struct trace_shape *s, const struct form *form,
                       struct trace_error *err)
{
    struct cursor c = {s, 0, 0};
    unsigned n = 0;

    for (const char *want = form->text; *want != '\0'; want++) {
        const int found = peek(&c);
        bool fits = true;

        if (found == CURSOR_END && *want != '#')
            return trace_fail(
                err, "%s: the line ends early; accepted: '%s', # a number, @ a word",
                form->name, form->text);
        if (*want == '#') {
            if (!bind_number(s, form, &form->fields[n], &c, n, err))
                return false;
            n++;
        } else if (*want == '@') {
            s->access = (char)found;
            fits = skip_word(&c);
        } else if (*want == found || (*want == '?' && found < 256)) {
            step(&c);
        } else {
            fits = *want == ',';
        }
        if (!fits) {
            memset(s->bound, 0, sizeof(s->bound));
            return true;
        }
    }
    while (peek(&c) == ' ')
        step(&c);
    s->kind = (uint8_t)(form - forms);
    s->understood = peek(&c) == CURSOR_END;
    return true;
}

/* The field called like the text from c to the next =; advances c to behind it. */
static const struct field *field_at(const struct form *form, struct cursor *c)
{
    char key[32];
    size_t n = 0;

    for (; peek(c) != '='; step(c)) {
        if (ends_word(peek(c)) || n == sizeof(key) - 1)
            return NULL;
        key[n++] = peek(c) == CURSOR_NUMBER ? '#' : (char)peek(c);
    }
    step(c);
    key[n] = '\0';
    for (const struct field *f = form->fields; f->type != FIELD_END; f++) {
        if (strcmp(f->key, key) == 0)
            return f;
    }
    return NULL;
}

/* Past "(PLACE)"; false if it does not close. */
static bool skip_place(struct cursor *c)
{
    if (peek(c) != '(')
        return true;
    while (peek(c) != ')' && peek(c) != CURSOR_END)
        step(c);
    if (peek(c) == CURSOR_END)
        return false;
    step(c);
    return true;
}

static bool bind_probe(struct trace_shape *s, const struct form *form,
                       struct trace_error *err)
{
    struct cursor c = {s, 0, 0};
    unsigned seen = 0;
    unsigned n = 0;
    unsigned all = 0;

    while (form->fields[all].type != FIELD_END)
        all++;
    if (!skip_place(&c))
        return trace_fail(err, "%s: the line ends early; accepted: '(PLACE) key=# ...'",
                          form->name);
    while (peek(&c) != CURSOR_END) {
        const struct field *field;

        if (peek(&c) == ' ') {
            step(&c);
            continue;
        }
        field = field_at(form, &c);
        if (field == NULL) {
            skip_word(&c);
            if (peek(&c) != ' ' && peek(&c) != CURSOR_END)
                step(&c);
            continue;
        }
        if ((seen & 1u << (field - form->fields)) != 0)
            return trace_fail(err, "%s: field '%s' twice; accepted: once", form->name,
                              field->key);
        seen |= 1u << (field - form->fields);
        if (!bind_number(s, form, field, &c, n++, err))
            return false;
    }
    s->understood = n == all;
    if (s->understood)
        s->kind = (uint8_t)(form - forms);
    else
        memset(s->bound, 0, sizeof(s->bound));
    return true;
}

bool trace_shape_bind(struct trace_shape *s, struct trace_error *err)
{
    s->kind = TRACE_OTHER;
    s->understood = s->name->use != TRACE_NAME_KVM;
    if (s->name->use != TRACE_NAME_FORM)
        return true;

    const struct form *form = &forms[s->name->form];

    s->understood = false;
    return form->text != NULL ? bind_point(s, form, err) : bind_probe(s, form, err);
}

/* The value as the field's type has it; hexadecimal is the two's complement in 32 or in
 * 64 bits. */
static bool store(const struct trace_bound *b, unsigned code, uint64_t value,
                  struct trace_event *event)
{
    unsigned char *at = (unsigned char *)event + b->offset;
    const uint32_t low = (uint32_t)value;
    const bool minus_32 = value >= UINT64_C(0xffffffff80000000);

    switch (b->type) {
    case FIELD_U64:
        memcpy(at, &value, sizeof(value));
        return true;
    case FIELD_U32:
        memcpy(at, &low, sizeof(low));
        return value <= UINT32_MAX || (minus_32 && code != TRACE_CODE_DEC);
    case FIELD_LOW32:
        memcpy(at, &low, sizeof(low));
        return true;
    case FIELD_S32:
        memcpy(at, &low, sizeof(low));
        if (code == TRACE_CODE_DEC)
            return value <= INT32_MAX;
        return minus_32 || (value <= UINT32_MAX && code == TRACE_CODE_HEX);
    default:
        return true;
    }
}

static bool out_of_range(const struct trace_record *r, const struct trace_bound *b,
                         struct trace_error *err)
{
    const struct field field = {b->key, b->type, 0};
    const bool neg = r->shape->ops[b->column].code == TRACE_CODE_NEG;
    char text[32];

    snprintf(text, sizeof(text),
             neg                                               ? "%" PRId64
             : r->shape->ops[b->column].code == TRACE_CODE_HEX ? "0x%" PRIx64
                                                               : "%" PRIu64,
             r->values[b->column]);
    return bad_number(&forms[r->shape->name->form], &field, text, err);
}

bool trace_record_event(const struct trace_record *r, struct trace_event *event,
                        struct trace_error *err)
{
    const struct trace_shape *s = r->shape;

    memset(event, 0, sizeof(*event));
    event->time_ns = r->time_ns;
    event->offset = r->offset;
    event->line = r->line < UINT32_MAX ? (uint32_t)r->line : UINT32_MAX;
    event->tid = r->thread->tid;
    event->cpu = r->cpu;
    event->kind = s->kind;
    for (const struct trace_bound *b = s->bound; b->type != FIELD_END; b++) {
        if (!store(b, s->ops[b->column].code, r->values[b->column], event))
            return out_of_range(r, b, err);
    }
    if (s->kind == TRACE_GUEST_ACCESS)
        event->u.access.type = (uint8_t)s->access;
    /* Where there is no new slot, KVM's slot pointer is to nothing. */
    if (s->kind == TRACE_MEMSLOT_COMMIT && event->u.memslot.change == 1) {
        event->u.memslot.slot = UINT32_MAX;
        event->u.memslot.base_gfn = 0;
        event->u.memslot.npages = 0;
    }
    return true;
}
