/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/record.h - one record of a recording of any format, exactly.
 *
 * Behind its event name a line is a shape, the text with its numbers taken out, and the
 * numbers. A recording has few shapes, so what a line means is worked out once for each
 * of them (forms.c), and a record is its numbers. Shape and numbers give the text back
 * character by character. */
#ifndef MODEL_TRACE_RECORD_H
#define MODEL_TRACE_RECORD_H

#include "model/trace/bytes.h"

#define TRACE_VALUES_MAX 24
#define TRACE_TASK_BYTES 64  /* with its NUL */
#define TRACE_NAME_BYTES 128 /* with its NUL */
#define TRACE_SHAPE_BYTES 4096
#define TRACE_FIELDS_MAX 8

/* In the text of a shape each number is one of these and a byte with its least number
 * of digits: 1 unless it has leading zeros. */
enum trace_code {
    TRACE_CODE_END = 0,
    TRACE_CODE_DEC = 1,    /* 20 */
    TRACE_CODE_NEG = 2,    /* -11 */
    TRACE_CODE_HEX = 3,    /* 0x1f */
    TRACE_CODE_BARE = 4,   /* 1f */
    TRACE_CODE_ESCAPE = 5, /* the next byte is text */
};

/* The event that an access of a lackey recording becomes. */
#define TRACE_ACCESS_NAME "guest_access"

struct trace_thread {
    struct trace_thread *next; /* of the same bucket */
    uint32_t tid;
    uint32_t tgid; /* 0: not recorded */
    char task[TRACE_TASK_BYTES];
    uint32_t mark, mark_id; /* of the block writer */
};

/* Where the numbers of an event lie in a block of a .s2t. */
struct trace_streams {
    uint32_t mark; /* of the block; else they are of another one */
    unsigned n;
    uint16_t id[TRACE_VALUES_MAX];
};

enum trace_name_use {
    TRACE_NAME_FORM,    /* has a row in forms.c */
    TRACE_NAME_PASSIVE, /* a KVM event that says nothing on stage 2 */
    TRACE_NAME_KVM,     /* a KVM event that is not known */
    TRACE_NAME_OTHER,   /* any other subsystem */
};

struct trace_name {
    struct trace_name *next;     /* of the same bucket */
    struct trace_shape *shapes;  /* last used first */
    char text[TRACE_NAME_BYTES]; /* EVENT or SYSTEM:EVENT */
    const char *event;           /* into text, behind SYSTEM: */
    size_t len;                  /* of text */
    uint32_t index;              /* in the order of first appearance */
    enum trace_name_use use;
    int form; /* FORM: row of forms.c */
    uint64_t count;
    uint64_t not_understood;            /* of count */
    uint64_t first_line;                /* of those */
    char example[80];                   /* the fields there, quoted */
    struct trace_streams written, read; /* of a block of a .s2t */
};

/* The text before a number, and the number. */
struct trace_op {
    const char *text;
    uint32_t len;
    uint8_t code; /* END: no number follows */
    uint8_t digits;
};

enum trace_field_type {
    FIELD_END,
    FIELD_U64,
    FIELD_U32,
    FIELD_LOW32,
    FIELD_S32,
    FIELD_ANY
};

/* Value number column goes to offset of struct trace_event. */
struct trace_bound {
    enum trace_field_type type;
    uint16_t column;
    uint16_t offset;
    const char *key;
};

struct trace_shape {
    struct trace_shape *next;        /* of the same name */
    struct trace_shape *bucket_next; /* of the same bucket */
    uint32_t hash;
    struct trace_name *name;
    char *code; /* [code_len], ends in END */
    size_t code_len;
    char *plain;          /* what ops[].text points into */
    struct trace_op *ops; /* [columns_n + 1] */
    unsigned columns_n;
    uint8_t kind; /* of enum trace_kind */
    bool understood;
    char access; /* of a GUEST_ACCESS: 'I', 'L', 'S' or 'M' */
    struct trace_bound bound[TRACE_FIELDS_MAX];
    uint32_t mark, mark_id; /* of the block writer */
};

struct trace_record {
    uint64_t time_ns;
    uint64_t line;   /* from 1; in trace.dat the number of the record */
    uint64_t offset; /* of the line in the uncompressed text; 0: no text */
    uint64_t flags;  /* up to 8 characters, the first in the low byte */
    const struct trace_thread *thread; /* NULL in a lost mark */
    const struct trace_shape *shape;   /* NULL: a lost mark, values[0] events (0: the
                                          source does not know how many) */
    uint16_t cpu;
    uint64_t values[TRACE_VALUES_MAX]; /* [shape->columns_n] */
};

/* tables.c: what the records point to. All of it lives until trace_tables_free() but
 * threads and shapes, which trace_tables_trim() drops between two records. */

#define TRACE_BUCKETS 4096u

struct trace_tables {
    struct trace_name *names[TRACE_BUCKETS];
    struct trace_name **name_list; /* [names_n], in the order of first appearance */
    uint32_t names_n, names_room;
    struct trace_thread *threads[TRACE_BUCKETS];
    uint32_t threads_n;
    struct trace_shape *shapes[TRACE_BUCKETS];
    size_t shape_bytes;
    uint32_t marks; /* the last mark that a block took */
};

void trace_tables_init(struct trace_tables *t);
void trace_tables_free(struct trace_tables *t);
/* Drops threads and shapes if they are so many that memory would grow without bound;
 * true if it did. */
bool trace_tables_trim(struct trace_tables *t);

/* name is EVENT or SYSTEM:EVENT. NULL after an error. */
struct trace_name *trace_name_of(struct trace_tables *t, const char *name, size_t len,
                                 struct trace_error *err);
struct trace_thread *trace_thread_of(struct trace_tables *t, uint32_t tid,
                                     uint32_t tgid, const char *task, size_t len,
                                     struct trace_error *err);

/* shape.c */

/* Takes the numbers out of fields, which a NUL must follow, and finds or makes the
 * shape. NULL after an error: no memory, or a damaged field of a known event. */
struct trace_shape *trace_shape_of(struct trace_tables *t, struct trace_name *name,
                                   const char *fields, size_t len, uint64_t *values,
                                   struct trace_error *err);

/* The shape with this code, as a .s2t has it; code[len - 1] is END. */
struct trace_shape *trace_shape_of_code(struct trace_tables *t, struct trace_name *name,
                                        const char *code, size_t len,
                                        struct trace_error *err);

/* The fields as text; returns the length, < room. */
size_t trace_shape_print(const struct trace_shape *shape, const uint64_t *values,
                         char *text, size_t room);

/* forms.c */

/* Sets use and form of a new name. */
void trace_name_classify(struct trace_name *name);
/* Sets kind, understood and bound of a new shape. false: a damaged field, with err. */
bool trace_shape_bind(struct trace_shape *shape, struct trace_error *err);
/* The event of a record with a shape. false: a value out of range, with err. */
bool trace_record_event(const struct trace_record *r, struct trace_event *event,
                        struct trace_error *err);

/* sink: who gets the records */

struct trace_sink {
    void *ctx;
    /* Pointers in r hold until the call returns. false ends the reading, with err. */
    bool (*record)(void *ctx, const struct trace_record *r, struct trace_error *err);
};

#endif
