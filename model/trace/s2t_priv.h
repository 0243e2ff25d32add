/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/s2t_priv.h - what writer and reader of .s2t share. */
#ifndef MODEL_TRACE_S2T_PRIV_H
#define MODEL_TRACE_S2T_PRIV_H

#include "model/trace/s2t.h"

#define S2T_MAGIC "S2T\r\n\x1a\n"
#define S2T_MAGIC_BYTES 8u /* with the version */
#define S2T_CHUNK_BYTES 20u
#define S2T_RECORDS_MAX 65536u
/* A block ends after the record that passes this. */
#define S2T_RAW_BYTES (2u << 20)
#define S2T_RAW_BYTES_MAX (16u << 20)
#define S2T_IDS_MAX 32768u
#define S2T_FLAGS_MAX 4096u
#define S2T_STREAMS_MAX 32768u
#define S2T_PREVIOUS 65536u

enum s2t_stream_id {
    S2T_SHAPE,
    S2T_THREAD,
    S2T_CPU,
    S2T_FLAGS,
    S2T_TIME,
    S2T_LINE,
    S2T_LOST,
    S2T_FIXED_N,
};

struct s2t_chunk {
    char tag[4];
    uint32_t stored_bytes, raw_bytes, records;
    uint32_t crc;
};

/* What both sides remember within a block, to code the next record against it. Equal
 * keys of two places only cost bytes: both sides make the same mistake. */
struct s2t_model {
    uint64_t time; /* in units */
    uint64_t line;
    uint32_t thread;
    uint64_t values[S2T_PREVIOUS]; /* by thread and stream */
    uint16_t next[S2T_PREVIOUS];   /* shape, by thread and the shape before */
    uint16_t shape[S2T_IDS_MAX];   /* the last, by thread */
    uint16_t cpu[S2T_IDS_MAX];     /* by thread */
};

static inline uint64_t *s2t_previous(struct s2t_model *m, uint32_t thread,
                                     uint32_t stream)
{
    return &m->values[(thread * 509u + stream) % S2T_PREVIOUS];
}

static inline uint16_t *s2t_next(struct s2t_model *m, uint32_t thread)
{
    return &m->next[(thread * 509u + m->shape[thread]) % S2T_PREVIOUS];
}

static inline uint64_t s2t_zigzag(uint64_t delta)
{
    return delta << 1 ^ (0 - (delta >> 63));
}

static inline uint64_t s2t_unzigzag(uint64_t z)
{
    return z >> 1 ^ (0 - (z & 1));
}

/* The streams of the numbers of an event name in the block with this mark: the next
 * free ones for numbers that have none yet. false: there are too many. */
static inline bool s2t_give_streams(struct trace_streams *streams, uint32_t mark,
                                    unsigned columns_n, uint32_t *streams_n)
{
    if (streams->mark != mark) {
        streams->mark = mark;
        streams->n = 0;
    }
    for (; streams->n < columns_n; streams->n++) {
        if (*streams_n == S2T_STREAMS_MAX)
            return false;
        streams->id[streams->n] = (uint16_t)(*streams_n)++;
    }
    return true;
}

static inline void s2t_put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static inline uint32_t s2t_get_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Bytes that grow. */
struct s2t_buffer {
    uint8_t *bytes;
    size_t n, room;
};

/* Room for more bytes; false: no memory. */
bool s2t_reserve(struct s2t_buffer *b, size_t more);

/* s2t_block.c: records to the raw bytes of a block. */

struct s2t_block;

struct s2t_block *s2t_block_new(struct trace_tables *tables);
void s2t_block_free(struct s2t_block *b);
/* false: no memory. */
bool s2t_block_add(struct s2t_block *b, const struct trace_record *r);
/* The record does not go in: write the block and begin another one. */
bool s2t_block_full(const struct s2t_block *b, const struct trace_record *r);
uint32_t s2t_block_records(const struct s2t_block *b);
/* The raw bytes, then the block is empty; false: no memory. */
bool s2t_block_take(struct s2t_block *b, struct s2t_buffer *raw);

/* s2t_decode.c */

struct s2t_decoder;

struct s2t_decoder *s2t_decoder_new(void);
void s2t_decoder_free(struct s2t_decoder *d);
/* Gives the records of a block to the reader. */
bool s2t_decode(struct s2t_decoder *d, struct trace_reader *r, const uint8_t *raw,
                size_t raw_n, uint32_t records);

#endif
