/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/dat_print.c - what libtraceevent would print of a record.
 *
 * The print format of an event has numbers that are fields, and other arguments, such
 * as names looked up in a table. Two records whose other fields are equal, and whose
 * numbers have equal signs and numbers of digits, print the same shape. So one of each
 * such variant is printed, and the shapes of the others are known. */
#include "model/trace/dat.h"

#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 12
#define KEYS_MAX 16
#define EVENTS_MAX 65536
#define BUCKETS 4096u
#define VARIANTS_MAX 16384u

/* A field of the binary record. */
struct raw_field {
    uint16_t offset;
    uint8_t size;
    bool is_signed;
};

/* Numbers that are printed as they are, in order; and fields that decide on text. */
struct layout {
    struct trace_name *name;
    bool by_text; /* print each record */
    unsigned numbers_n, selectors_n;
    struct raw_field numbers[ARGS_MAX];
    bool hexadecimal[ARGS_MAX];
    struct raw_field selectors[ARGS_MAX];
};

struct variant {
    struct variant *next;
    const struct layout *layout;
    uint64_t key[KEYS_MAX];
    struct trace_shape *shape; /* NULL: print each record */
    uint64_t values[TRACE_VALUES_MAX];
    int8_t column[ARGS_MAX]; /* of each number, -1: none */
};

struct dat_printer {
    struct trace_tables *tables;
    struct tep_handle *tep;
    bool swapped; /* the file has the other byte order */
    struct trace_seq seq;
    uint32_t variants_n;
    struct variant *variants[BUCKETS];
    struct layout *layouts[EVENTS_MAX];
};

struct dat_printer *dat_printer_new(struct trace_tables *tables, struct tep_handle *tep)
{
    struct dat_printer *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return NULL;
    p->tables = tables;
    p->tep = tep;
    p->swapped = tep_is_file_bigendian(tep) != tep_is_local_bigendian(tep);
    trace_seq_init(&p->seq);
    return p;
}

void dat_printer_forget(struct dat_printer *p)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct variant *v = p->variants[i], *next; v != NULL; v = next) {
            next = v->next;
            free(v);
        }
        p->variants[i] = NULL;
    }
    p->variants_n = 0;
}

/* The field called name, if it is a number. */
static bool number_field(struct tep_event *event, const char *name,
                         struct raw_field *field)
{
    const unsigned long no_number = TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_STRING |
                                    TEP_FIELD_IS_DYNAMIC | TEP_FIELD_IS_RELATIVE;
    const struct tep_format_field *f = tep_find_any_field(event, name);

    if (f == NULL || (f->flags & no_number) != 0 || f->offset < 0 ||
        f->offset > UINT16_MAX ||
        (f->size != 1 && f->size != 2 && f->size != 4 && f->size != 8))
        return false;
    field->offset = (uint16_t)f->offset;
    field->size = (uint8_t)f->size;
    field->is_signed = (f->flags & TEP_FIELD_IS_SIGNED) != 0;
    return true;
}

/* All fields in arg become selectors; false: it has parts that are no numbers. */
static bool select_fields(struct layout *l, struct tep_event *event,
                          const struct tep_print_arg *arg)
{
    switch (arg->type) {
    case TEP_PRINT_NULL:
    case TEP_PRINT_ATOM:
        return true;
    case TEP_PRINT_FIELD:
        return l->selectors_n < ARGS_MAX - 1 &&
               number_field(event, arg->field.name, &l->selectors[l->selectors_n++]);
    case TEP_PRINT_TYPE:
        return select_fields(l, event, arg->typecast.item);
    case TEP_PRINT_FLAGS:
        return select_fields(l, event, arg->flags.field);
    case TEP_PRINT_SYMBOL:
        return select_fields(l, event, arg->symbol.field);
    case TEP_PRINT_OP:
        return (arg->op.left == NULL || select_fields(l, event, arg->op.left)) &&
               (arg->op.right == NULL || select_fields(l, event, arg->op.right));
    default:
        return false;
    }
}

/* The conversion behind a %: skips it; 0 if it takes more than one argument. */
static char conversion(const char **at)
{
    *at += strspn(*at, "-+ #0123456789.hljztqL");
    return **at != '\0' && **at != '*' ? *(*at)++ : '\0';
}

/* A number that is printed as it is: a field, perhaps behind a cast. */
static bool is_number(struct layout *l, struct tep_event *event,
                      const struct tep_print_arg *arg, char conv)
{
    while (arg->type == TEP_PRINT_TYPE)
        arg = arg->typecast.item;
    if (strchr("dixu", conv) == NULL || arg->type != TEP_PRINT_FIELD ||
        l->numbers_n == ARGS_MAX ||
        !number_field(event, arg->field.name, &l->numbers[l->numbers_n]))
        return false;
    l->hexadecimal[l->numbers_n++] = conv == 'x';
    return true;
}

/* False: the event has to be printed each time. */
static bool learn_layout(struct layout *l, struct tep_event *event)
{
    const struct tep_print_arg *arg = event->print_fmt.args;
    const char *at = event->print_fmt.format;
    /* The numbers of the place of a probe are part of the text. */
    const char *place_end = at != NULL && *at == '(' ? strchr(at, ')') : NULL;

    if (at == NULL || (event->flags & (TEP_EVENT_FL_FAILED | TEP_EVENT_FL_ISFTRACE |
                                       TEP_EVENT_FL_PRINTRAW)) != 0)
        return false;
    while ((at = strchr(at, '%')) != NULL) {
        const bool in_place = place_end != NULL && at < place_end;
        char conv;

        at++;
        if (*at == '%') {
            at++;
            continue;
        }
        conv = conversion(&at);
        if (conv == '\0' || arg == NULL)
            return false;
        if ((in_place || !is_number(l, event, arg, conv)) &&
            !select_fields(l, event, arg))
            return false;
        arg = arg->next;
    }
    return arg == NULL && l->numbers_n + l->selectors_n < KEYS_MAX;
}

static struct trace_name *name_of(struct dat_printer *p, const struct tep_event *event,
                                  struct trace_error *err)
{
    char full[TRACE_NAME_BYTES];
    struct trace_name *name =
        trace_name_of(p->tables, event->name, strlen(event->name), err);

    /* The group tells that it is a KVM event where the name does not. */
    if (name == NULL || name->use != TRACE_NAME_OTHER ||
        (strcmp(event->system, "kvm") != 0 && strcmp(event->system, "kvmx") != 0))
        return name;
    snprintf(full, sizeof(full), "%s:%s", event->system, event->name);
    return trace_name_of(p->tables, full, strlen(full), err);
}

static struct layout *layout_of(struct dat_printer *p, struct tep_event *event,
                                struct trace_error *err)
{
    struct layout **l = &p->layouts[event->id & (EVENTS_MAX - 1)];

    if (*l != NULL)
        return *l;
    *l = calloc(1, sizeof(**l));
    if (*l == NULL) {
        trace_fail(err, "no memory for the format of %s", event->name);
        return NULL;
    }
    (*l)->name = name_of(p, event, err);
    if ((*l)->name == NULL)
        return NULL;
    (*l)->by_text = !learn_layout(*l, event);
    return *l;
}

static bool read_raw(const struct raw_field *f, const struct tep_record *record,
                     uint64_t *value)
{
    const char *at = (const char *)record->data + f->offset;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;

    if (f->offset + f->size > record->size)
        return false;
    switch (f->size) {
    case 1:
        memcpy(&u8, at, 1);
        *value = f->is_signed ? (uint64_t)(int64_t)(int8_t)u8 : u8;
        return true;
    case 2:
        memcpy(&u16, at, 2);
        *value = f->is_signed ? (uint64_t)(int64_t)(int16_t)u16 : u16;
        return true;
    case 4:
        memcpy(&u32, at, 4);
        *value = f->is_signed ? (uint64_t)(int64_t)(int32_t)u32 : u32;
        return true;
    default:
        memcpy(value, at, 8);
        return true;
    }
}

static unsigned digits_of(uint64_t value, bool hexadecimal)
{
    unsigned n = 0;

    if (hexadecimal)
        return value == 0 ? 0 : (67u - (unsigned)__builtin_clzll(value)) / 4;
    for (; value > 0; value /= 10)
        n++;
    return n;
}

/* As it is printed: the sign of a decimal number counts, of a hexadecimal one the bits.
 */
static uint64_t printed(const struct layout *l, unsigned i, uint64_t raw)
{
    if (!l->hexadecimal[i] || l->numbers[i].size == 8)
        return raw;
    return raw & ((UINT64_C(1) << 8 * l->numbers[i].size) - 1);
}

/* numbers[] and the key of the variant. false: the record is too short. */
static bool read_record(const struct layout *l, const struct tep_record *record,
                        uint64_t *numbers, uint64_t *key)
{
    memset(key, 0, KEYS_MAX * sizeof(*key));
    for (unsigned i = 0; i < l->selectors_n; i++) {
        if (!read_raw(&l->selectors[i], record, &key[i]))
            return false;
    }
    for (unsigned i = 0; i < l->numbers_n; i++) {
        uint64_t raw;
        bool minus;

        if (!read_raw(&l->numbers[i], record, &raw))
            return false;
        minus = !l->hexadecimal[i] && l->numbers[i].is_signed && (int64_t)raw < 0;
        numbers[i] = printed(l, i, raw);
        key[l->selectors_n + i] =
            digits_of(minus ? 0 - raw : numbers[i], l->hexadecimal[i]) + 64u * minus;
    }
    return true;
}

static struct variant **bucket_of(struct dat_printer *p, const struct layout *l,
                                  const uint64_t *key)
{
    uint64_t h = (uintptr_t)l;

    for (unsigned i = 0; i < l->selectors_n + l->numbers_n; i++)
        h = (h ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return &p->variants[(h >> 40) % BUCKETS];
}

/* Prints the record. */
static bool print_text(struct dat_printer *p, struct trace_name *name,
                       struct tep_record *record, struct trace_record *r,
                       struct trace_error *err)
{
    char *text;
    size_t len;

    trace_seq_reset(&p->seq);
    tep_print_event(p->tep, &p->seq, record, "%s", TEP_PRINT_INFO);
    trace_seq_terminate(&p->seq);
    text = p->seq.buffer + strspn(p->seq.buffer, " ");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
        text[--len] = '\0';
    for (char *at = text; (at = strpbrk(at, "\n\r")) != NULL; at++)
        *at = ' ';
    r->shape = trace_shape_of(p->tables, name, text, len, r->values, err);
    return r->shape != NULL;
}

/* Which column of the printed record is which number; false: one is missing. */
static bool find_columns(struct variant *v, const struct layout *l,
                         const struct trace_record *r, const uint64_t *numbers)
{
    unsigned column = 0;

    for (unsigned i = 0; i < l->numbers_n; i++) {
        while (column < r->shape->columns_n && r->values[column] != numbers[i])
            column++;
        if (column == r->shape->columns_n)
            return false;
        v->column[i] = (int8_t)column++;
    }
    return true;
}

static bool print_variant(struct dat_printer *p, struct layout *l, const uint64_t *key,
                          const uint64_t *numbers, struct tep_record *record,
                          struct trace_record *r, struct trace_error *err)
{
    struct variant **bucket = bucket_of(p, l, key);
    struct variant *v;

    if (!print_text(p, l->name, record, r, err))
        return false;
    if (p->variants_n == VARIANTS_MAX || (v = calloc(1, sizeof(*v))) == NULL)
        return true;
    v->layout = l;
    memcpy(v->key, key, sizeof(v->key));
    memcpy(v->values, r->values, sizeof(v->values));
    if (find_columns(v, l, r, numbers))
        v->shape = (struct trace_shape *)(uintptr_t)r->shape;
    v->next = *bucket;
    *bucket = v;
    p->variants_n++;
    return true;
}

bool dat_print(struct dat_printer *p, struct tep_event *event,
               struct tep_record *record, struct trace_record *r,
               struct trace_error *err)
{
    struct layout *l = layout_of(p, event, err);
    uint64_t numbers[ARGS_MAX];
    uint64_t key[KEYS_MAX];
    const struct variant *v;

    if (l == NULL)
        return false;
    if (l->by_text || p->swapped || !read_record(l, record, numbers, key))
        return print_text(p, l->name, record, r, err);
    v = *bucket_of(p, l, key);
    while (v != NULL && (v->layout != l || memcmp(v->key, key, sizeof(key)) != 0))
        v = v->next;
    if (v == NULL)
        return print_variant(p, l, key, numbers, record, r, err);
    if (v->shape == NULL)
        return print_text(p, l->name, record, r, err);
    r->shape = v->shape;
    memcpy(r->values, v->values, v->shape->columns_n * sizeof(*r->values));
    for (unsigned i = 0; i < l->numbers_n; i++)
        r->values[v->column[i]] = numbers[i];
    return true;
}
