/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/fields.c - one table row for each event: its name and its fields. */
#include "model/trace/trace_priv.h"

#include <string.h>

#define FIELDS_MAX 6

enum field_type { FIELD_END, FIELD_U64, FIELD_U32, FIELD_S32, FIELD_UNUSED };

struct field {
    const char *key;
    enum field_type type;
    size_t offset; /* in struct trace_event */
};

struct event_form {
    const char *name;
    /* A trace point: its text, with # for each number, in the order of fields, @ for a
     * word, and a comma that may be absent. NULL for a probe: "(PLACE) key=number ...",
     * in any order, other keys ignored. */
    const char *text;
    struct field fields[FIELDS_MAX + 1];
};

#define U64(key, member)                                                               \
    {                                                                                  \
        key, FIELD_U64, offsetof(struct trace_event, u.member)                         \
    }
#define U32(key, member)                                                               \
    {                                                                                  \
        key, FIELD_U32, offsetof(struct trace_event, u.member)                         \
    }
#define S32(key, member)                                                               \
    {                                                                                  \
        key, FIELD_S32, offsetof(struct trace_event, u.member)                         \
    }
#define UNUSED(key)                                                                    \
    {                                                                                  \
        key, FIELD_UNUSED, 0                                                           \
    }

#define MEMSLOT_RANGE U64("base_gfn", memslot.base_gfn), U64("npages", memslot.npages)

/* Linux: arch/arm64/kvm/trace_arm.h, include/trace/events/kvm.h. */
static const struct event_form forms[TRACE_KINDS_N] = {
    [TRACE_KVM_ENTRY] = {"kvm_entry", "PC: #", {U64("PC", vcpu.pc)}},
    [TRACE_KVM_EXIT] = {"kvm_exit",
                        "@: HSR_EC: # (@), PC: #",
                        {U32("HSR_EC", vcpu.ec), U64("PC", vcpu.pc)}},
    [TRACE_GUEST_FAULT] = {"kvm_guest_fault",
                           "ipa #, hsr #, hxfar #, pc #",
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
                              {U32("slot", memslot.slot), MEMSLOT_RANGE,
                               U32("old_flags", memslot.old_flags),
                               U32("new_flags", memslot.new_flags),
                               U32("change", memslot.change)}},
    [TRACE_MEMSLOT_FLUSH] = {"memslot_flush_shadow", NULL, {MEMSLOT_RANGE}},
    [TRACE_S2_MAP] = {"s2_map",
                      NULL,
                      {U64("ipa", s2_map.ipa), U64("size", s2_map.size),
                       U64("pa", s2_map.pa), U32("prot", s2_map.prot)}},
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
                              {U64("ipa", relax.ipa), U32("prot", relax.prot)}},
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
    [TRACE_OTHER] = {"other", "", {{0}}},
};

const char *trace_kind_name(enum trace_kind kind)
{
    return forms[kind].name;
}

enum trace_kind trace_kind_of(const char *name, size_t len)
{
    for (unsigned kind = 0; kind < TRACE_OTHER; kind++) {
        if (strncmp(forms[kind].name, name, len) == 0 && forms[kind].name[len] == '\0')
            return (enum trace_kind)kind;
    }
    return TRACE_OTHER;
}

static unsigned fields_n(const struct event_form *form)
{
    unsigned n = 0;

    while (form->fields[n].type != FIELD_END)
        n++;
    return n;
}

static bool store(const struct field *field, const char *text, size_t len,
                  struct trace_event *event)
{
    unsigned char *at = (unsigned char *)event + field->offset;
    uint64_t u64;
    uint32_t u32;
    int32_t s32;

    switch (field->type) {
    case FIELD_U64:
        if (!trace_u64(text, len, &u64))
            return false;
        memcpy(at, &u64, sizeof(u64));
        return true;
    case FIELD_U32:
        if (!trace_u32(text, len, &u32))
            return false;
        memcpy(at, &u32, sizeof(u32));
        return true;
    case FIELD_S32:
        if (!trace_s32(text, len, &s32))
            return false;
        memcpy(at, &s32, sizeof(s32));
        return true;
    default:
        return trace_u64(text, len, &u64);
    }
}

static bool bad_number(const struct event_form *form, const struct field *field,
                       const char *text, size_t len, struct trace_error *err)
{
    return trace_fail(err,
                      "%s: field '%s' is '%s'; accepted: a decimal or 0x number, %s",
                      form->name, field->key, trace_quote(text, len).text,
                      field->type == FIELD_U32   ? "32 bits"
                      : field->type == FIELD_S32 ? "32 bits, signed"
                                                 : "64 bits");
}

static bool parse_point(const struct event_form *form, const char *at,
                        struct trace_event *event, struct trace_error *err)
{
    const struct field *field = form->fields;

    for (const char *want = form->text; *want != '\0'; want++) {
        const size_t len = strcspn(at, " ,:()");

        if (*want == '#') {
            if (!store(field, at, len, event))
                return bad_number(form, field, at, len, err);
            field++;
            at += len;
        } else if (*want == '@' && len > 0) {
            at += len;
        } else if (*want == *at) {
            at++;
        } else if (*want != ',') {
            break;
        }
        if (want[1] == '\0' && at[strspn(at, " ")] == '\0')
            return true;
    }
    return trace_fail(err, "%s: unexpected '%s'; accepted: '%s', # a number, @ a word",
                      form->name, trace_quote(at, strlen(at)).text, form->text);
}

/* "key=value" of len bytes; sets the bit of its field in *seen. */
static bool parse_pair(const struct event_form *form, const char *pair, size_t len,
                       struct trace_event *event, unsigned *seen,
                       struct trace_error *err)
{
    const char *equals = memchr(pair, '=', len);
    const size_t key_len = equals != NULL ? (size_t)(equals - pair) : 0;

    if (key_len == 0)
        return trace_fail(err,
                          "%s: unexpected '%s'; accepted: '(PLACE) key=number ...'",
                          form->name, trace_quote(pair, len).text);
    for (unsigned i = 0; form->fields[i].type != FIELD_END; i++) {
        const struct field *field = &form->fields[i];

        if (strncmp(field->key, pair, key_len) != 0 || field->key[key_len] != '\0')
            continue;
        if ((*seen & 1u << i) != 0)
            return trace_fail(err, "%s: field '%s' twice; accepted: once", form->name,
                              field->key);
        *seen |= 1u << i;
        if (!store(field, equals + 1, len - key_len - 1, event))
            return bad_number(form, field, equals + 1, len - key_len - 1, err);
    }
    return true;
}

static bool all_seen(const struct event_form *form, unsigned seen,
                     struct trace_error *err)
{
    const unsigned missing = ~seen & ((1u << fields_n(form)) - 1);

    if (missing == 0)
        return true;

    char accepted[128] = "(PLACE)";

    for (const struct field *field = form->fields; field->type != FIELD_END; field++) {
        const size_t n = strlen(accepted);

        snprintf(accepted + n, sizeof(accepted) - n, " %s=#", field->key);
    }
    return trace_fail(err, "%s: field '%s' is missing; accepted: '%s', # a number",
                      form->name, form->fields[__builtin_ctz(missing)].key, accepted);
}

static bool parse_probe(const struct event_form *form, const char *at,
                        struct trace_event *event, struct trace_error *err)
{
    const char *close = strchr(at, ')');
    unsigned seen = 0;

    if (*at != '(' || close == NULL)
        return trace_fail(err,
                          "%s: unexpected '%s'; accepted: '(PLACE) key=number ...'",
                          form->name, trace_quote(at, strlen(at)).text);
    for (at = close + 1 + strspn(close + 1, " "); *at != '\0'; at += strspn(at, " ")) {
        const size_t len = strcspn(at, " ");

        if (!parse_pair(form, at, len, event, &seen, err))
            return false;
        at += len;
    }
    return all_seen(form, seen, err);
}

bool trace_parse_fields(const char *fields, struct trace_event *event,
                        struct trace_error *err)
{
    const struct event_form *form = &forms[event->kind];

    if (event->kind == TRACE_OTHER)
        return true;
    return form->text != NULL ? parse_point(form, fields, event, err)
                              : parse_probe(form, fields, event, err);
}
