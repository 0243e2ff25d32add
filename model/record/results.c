/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/results_priv.h"
#include "model/record/row_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct rec_run *run_of(const struct rec_results *r, size_t variant,
                                    size_t seed)
{
    return &r->runs[variant * r->seeds_n + seed];
}

void rec_put_number(FILE *f, double v)
{
    char text[REC_NUMBER_MAX];

    if (!isnan(v))
        fwrite(text, 1, rec_text_number(text, v), f);
}

void rec_put_ns(FILE *f, uint64_t ps)
{
    char text[REC_NUMBER_MAX];

    if (ps != REC_NEVER)
        fwrite(text, 1, rec_text_ns(text, ps), f);
}

struct rec_spread rec_results_spread(const struct rec_results *r, size_t variant,
                                     size_t column)
{
    /* Of the runs that stopped, however few they are. */
    const bool some = strcmp(rec_column_name(column), "stopped_at_ns") == 0;
    double *values = calloc(r->seeds_n, sizeof *values);
    struct rec_spread s = {NAN, NAN, NAN};
    size_t n = 0;

    if (!values)
        return s;
    for (size_t i = 0; i < r->seeds_n; i++) {
        struct rec_metrics m;

        rec_metrics(run_of(r, variant, i), &m);
        values[n] = m.v[column];
        n += !some || !isnan(m.v[column]);
    }
    s = rec_spread(values, n);
    free(values);
    return s;
}

static void write_summary_csv(const struct rec_results *r, FILE *f)
{
    fputs("variant,seeds", f);
    for (size_t c = 0; c < rec_columns_n(); c++) {
        const char *name = rec_column_name(c);

        fprintf(f, ",%s,%s_lo,%s_hi", name, name, name);
    }
    fputc('\n', f);
    for (size_t v = 0; v < r->variants_n; v++) {
        fprintf(f, "%s,%zu", r->variants[v], r->seeds_n);
        for (size_t c = 0; c < rec_columns_n(); c++) {
            struct rec_spread s = rec_results_spread(r, v, c);

            fputc(',', f);
            rec_put_number(f, s.median);
            fputc(',', f);
            rec_put_number(f, s.lo);
            fputc(',', f);
            rec_put_number(f, s.hi);
        }
        fputc('\n', f);
    }
}

static void put_json_number(FILE *f, double v)
{
    if (isnan(v))
        fputs("null", f);
    else
        rec_put_number(f, v);
}

static void write_summary_json(const struct rec_results *r, FILE *f)
{
    fprintf(f, "{\"seeds\": %zu, \"variants\": [", r->seeds_n);
    for (size_t v = 0; v < r->variants_n; v++) {
        fprintf(f, "%s\n  {\"variant\": \"%s\"", v ? "," : "", r->variants[v]);
        for (size_t c = 0; c < rec_columns_n(); c++) {
            struct rec_spread s = rec_results_spread(r, v, c);

            fprintf(f, ",\n   \"%s\": {\"median\": ", rec_column_name(c));
            put_json_number(f, s.median);
            fputs(", \"lo\": ", f);
            put_json_number(f, s.lo);
            fputs(", \"hi\": ", f);
            put_json_number(f, s.hi);
            fputc('}', f);
        }
        fputc('}', f);
    }
    fputs("\n]}\n", f);
}

static void write_seeds_csv(const struct rec_results *r, FILE *f)
{
    fputs("variant,seed", f);
    for (size_t c = 0; c < rec_columns_n(); c++)
        fprintf(f, ",%s", rec_column_name(c));
    fputc('\n', f);
    for (size_t v = 0; v < r->variants_n; v++) {
        for (size_t s = 0; s < r->seeds_n; s++) {
            struct rec_metrics m;

            rec_metrics(run_of(r, v, s), &m);
            fprintf(f, "%s,%" PRIu64, r->variants[v], r->seed_first + s);
            for (size_t c = 0; c < rec_columns_n(); c++) {
                fputc(',', f);
                rec_put_number(f, m.v[c]);
            }
            fputc('\n', f);
        }
    }
}

static void timeline_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    for (size_t i = 0; i < r->bins_n; i++) {
        const struct rec_bin *b = &r->bins[i];

        fputs(prefix, f);
        rec_put_ns(f, i * r->cfg.bin_ps);
        fprintf(f, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", b->accesses,
                b->requests, b->faults, b->redundant);
        rec_put_ns(f, b->in_handler_ps);
        fputc(',', f);
        rec_put_ns(f, b->window_ps);
        fputc(',', f);
        if (b->requests)
            rec_put_ns(f, b->latency_max_ps);
        fputc('\n', f);
    }
}

static void change_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    static const char *const kinds[] = {
        [REC_COALESCE] = "coalesce", [REC_SPLIT] = "split", [REC_REMAP] = "remap"};

    for (size_t i = 0; i < r->changes_n; i++) {
        const struct rec_change *c = &r->changes[i];

        fprintf(f, "%s%zu,%s,0x%" PRIx64 ",%" PRIu64 ",", prefix, i, kinds[c->kind],
                c->ipa.v, c->bytes);
        if (c->vcpu < 0)
            fputs("host,", f);
        else
            fprintf(f, "vcpu%d,", (int)c->vcpu);
        rec_put_ns(f, c->first_store_ps);
        fputc(',', f);
        rec_put_ns(f, c->broken_ps);
        fputc(',', f);
        rec_put_ns(f, c->mended_ps);
        fputc(',', f);
        rec_put_ns(f, c->window_ps);
        fputc(',', f);
        rec_put_ns(f, c->done_ps);
        fputc('\n', f);
    }
}

/* One file of rows per run: a header, then what rows prints for every run. */
static void write_rows(const struct rec_results *r, FILE *f, const char *header,
                       void (*rows)(const struct rec_run *, const char *, FILE *))
{
    char prefix[300];

    fprintf(f, "variant,seed,%s\n", header);
    for (size_t v = 0; v < r->variants_n; v++) {
        for (size_t s = 0; s < r->seeds_n; s++) {
            snprintf(prefix, sizeof prefix, "%s,%" PRIu64 ",", r->variants[v],
                     r->seed_first + s);
            rows(run_of(r, v, s), prefix, f);
        }
    }
}

static void write_timeline(const struct rec_results *r, FILE *f)
{
    write_rows(r, f,
               "t_ns,accesses,requests,faults,faults_redundant,in_handler_ns,window_ns,"
               "request_latency_max_ns",
               timeline_rows);
}

static bool write_faults(const struct rec_results *r, FILE *f)
{
    char prefix[300];
    bool ok = true;

    fprintf(f, "variant,seed,%s\n", REC_FAULT_COLUMNS);
    for (size_t v = 0; v < r->variants_n; v++) {
        for (size_t s = 0; s < r->seeds_n && ok && !ferror(f); s++) {
            snprintf(prefix, sizeof prefix, "%s,%" PRIu64 ",", r->variants[v],
                     r->seed_first + s);
            ok = rec_fault_rows(run_of(r, v, s), r->faults, prefix, f);
        }
    }
    return ok;
}

static void write_changes(const struct rec_results *r, FILE *f)
{
    write_rows(
        r, f,
        "change,kind,ipa,bytes,by,first_store_ns,broken_ns,mended_ns,window_ns,done_ns",
        change_rows);
}

static void vcpu_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    for (uint32_t i = 0; i < r->cfg.vcpus_n; i++) {
        fprintf(f, "%s%" PRIu32 ",", prefix, i);
        rec_put_ns(f, r->vcpus[i].stall_ps);
        fputc(',', f);
        rec_put_ns(f, r->vcpus[i].end_ps);
        fputc('\n', f);
    }
}

static void write_vcpus(const struct rec_results *r, FILE *f)
{
    write_rows(r, f, "vcpu,stall_ns,end_ns", vcpu_rows);
}

static void stage_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    for (size_t i = 0; i < r->stages_n; i++) {
        const struct rec_stage *s = &r->stages[i];

        fprintf(f, "%s%s,%" PRIu32 ",", prefix, s->name, s->iteration);
        rec_put_ns(f, s->begin_ps);
        fputc(',', f);
        rec_put_ns(f, s->end_ps - s->begin_ps);
        fprintf(f,
                ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                ",%" PRIu64 "\n",
                s->accesses, s->faults, s->eagain, s->breaks, s->makes, s->tables_freed,
                s->tlbis);
    }
}

static void write_violations(const struct rec_results *r, FILE *f)
{
    write_rows(r, f, "t_ns,pe,code,ipa,old,new,line,rule", rec_violation_rows);
}

static void outcome_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    for (size_t i = 0; i < r->outcomes_n; i++) {
        const struct rec_outcome *o = &r->outcomes[i];

        fprintf(f, "%s%s,%" PRIu64 ",%" PRIu64 "\n", prefix, o->text, o->rounds_n,
                o->first);
    }
}

static void write_stages(const struct rec_results *r, FILE *f)
{
    write_rows(r, f,
               "stage,iteration,begin_ns,time_ns,accesses,faults,faults_eagain,breaks,"
               "makes,tables_freed,tlbis",
               stage_rows);
}

static void put_histogram(FILE *f, const char *variant, const char *kind,
                          const struct rec_histogram *h)
{
    for (uint32_t i = 0; i < REC_BUCKETS_N; i++) {
        if (h->counts[i] == 0)
            continue;
        fprintf(f, "%s,%s,", variant, kind);
        rec_put_ns(f, i ? rec_bucket_edge_ps(i - 1) : 0);
        fputc(',', f);
        rec_put_ns(f, rec_bucket_edge_ps(i));
        fprintf(f, ",%" PRIu64 "\n", h->counts[i]);
    }
}

static void write_latency(const struct rec_results *r, FILE *f)
{
    struct rec_histogram *sum = calloc(2, sizeof *sum);

    fputs("variant,kind,lo_ns,hi_ns,count\n", f);
    for (size_t v = 0; sum && v < r->variants_n; v++) {
        memset(sum, 0, 2 * sizeof *sum);
        for (size_t s = 0; s < r->seeds_n; s++) {
            rec_histogram_merge(&sum[0], &run_of(r, v, s)->request);
            rec_histogram_merge(&sum[1], &run_of(r, v, s)->access);
        }
        put_histogram(f, r->variants[v], "request", &sum[0]);
        put_histogram(f, r->variants[v], "access", &sum[1]);
    }
    free(sum);
}

static void attempt_row(const struct rec_attempt *a, FILE *f)
{
    char want[24], got[24];

    rec_fault_text(a->want_type, a->want_level, want, sizeof want);
    rec_fault_text(a->got_type, a->got_level, got, sizeof got);
    fprintf(f, "%" PRIu32 ",%" PRIu32 ",0x%" PRIx64 ",%s,%s,%s,%s,%s,%s,%d\n", a->line,
            a->vcpu, a->ipa.v, want, got, a->want_eagain ? "eagain" : "done",
            a->got_eagain ? "eagain" : "done", rec_how_name(a->want_how),
            rec_how_name(a->got_how), rec_attempt_agrees(a));
}

static void write_replay(const struct rec_results *r, FILE *f)
{
    fputs("variant,attempt,line,vcpu,ipa,recorded_fault,simulated_fault,"
          "recorded_result,simulated_result,recorded_how,simulated_how,agrees\n",
          f);
    for (size_t v = 0; v < r->variants_n; v++) {
        const struct rec_run *run = run_of(r, v, 0);

        for (size_t i = 0; i < run->attempts_n; i++) {
            fprintf(f, "%s,%zu,", r->variants[v], i);
            attempt_row(&run->attempts[i], f);
        }
    }
}

static void write_replay_counts(const struct rec_results *r, FILE *f)
{
    fputs("variant,quantity,recorded,simulated\n", f);
    for (size_t v = 0; v < r->variants_n; v++) {
        const struct rec_run *run = run_of(r, v, 0);
        size_t max = rec_replay_counts_max(run);
        struct rec_replay_count *counts = calloc(max, sizeof *counts);
        size_t n = counts ? rec_replay_counts(run, counts, max) : 0;

        for (size_t i = 0; i < n; i++) {
            fprintf(f, "%s,%s,", r->variants[v], counts[i].quantity);
            rec_put_number(f, counts[i].recorded);
            fputc(',', f);
            rec_put_number(f, counts[i].simulated);
            fputc('\n', f);
        }
        free(counts);
    }
}

static void block_row(const char *variant, const struct rec_run *run, uint32_t block,
                      FILE *f)
{
    const struct rec_recorded *rec = &run->recorded;
    const bool has[4] = {rec->has_breaks, rec->has_makes, rec->has_frees,
                         rec->has_relaxations};
    unsigned want[4] = {0}, got[4] = {0}, attempts = 0;

    for (size_t i = 0; i < run->attempts_n; i++) {
        const struct rec_attempt *a = &run->attempts[i];
        const uint8_t w[4] = {a->want.breaks, a->want.makes, a->want.frees,
                              a->want.relaxations};
        const uint8_t g[4] = {a->got.breaks, a->got.makes, a->got.frees,
                              a->got.relaxations};

        for (int k = 0; a->block == block && k < 4; k++) {
            want[k] += w[k];
            got[k] += g[k];
        }
        attempts += a->block == block;
    }
    if (attempts == 0)
        return;
    fprintf(f, "%s,0x%" PRIx64 ",%u", variant, rec->ipa.v + block * rec->block_bytes,
            attempts);
    for (int k = 0; k < 4; k++) {
        fputc(',', f);
        if (has[k])
            fprintf(f, "%u", want[k]);
        fprintf(f, ",%u", got[k]);
    }
    fputc('\n', f);
}

static void write_replay_blocks(const struct rec_results *r, FILE *f)
{
    fputs("variant,block,attempts,recorded_breaks,simulated_breaks,recorded_makes,"
          "simulated_makes,recorded_frees,simulated_frees,recorded_relaxations,"
          "simulated_relaxations\n",
          f);
    for (size_t v = 0; v < r->variants_n; v++) {
        const struct rec_run *run = run_of(r, v, 0);
        uint32_t last = 0;

        for (size_t i = 0; i < run->attempts_n; i++)
            last = run->attempts[i].block > last ? run->attempts[i].block : last;
        for (uint32_t block = 0; block <= last; block++)
            block_row(r->variants[v], run, block, f);
    }
}

/* True if f was open, everything reached it, and it is closed now. */
static bool close_ok(FILE *f)
{
    const bool ok = f && !ferror(f);

    return f && fclose(f) == 0 && ok;
}

static bool write_file(const struct rec_results *r, const char *dir, const char *name,
                       void (*write)(const struct rec_results *, FILE *), char *err,
                       size_t err_n)
{
    char path[4096];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    if (f)
        write(r, f);
    if (close_ok(f))
        return true;
    snprintf(err, err_n, "%s", path);
    return false;
}

static bool write_faults_file(const struct rec_results *r, const char *dir, char *err,
                              size_t err_n)
{
    char path[4096];
    FILE *f;
    bool ok;

    snprintf(path, sizeof path, "%s/faults.csv", dir);
    f = fopen(path, "w");
    ok = f && write_faults(r, f);
    if (close_ok(f) && ok)
        return true;
    snprintf(err, err_n, "%s", path);
    return false;
}

static void write_outcomes(const struct rec_results *r, FILE *f)
{
    write_rows(r, f, "outcome,rounds,first_round", outcome_rows);
}

bool rec_results_write(const struct rec_results *r, const char *dir, char *err,
                       size_t err_n)
{
    static const struct {
        const char *name;
        void (*write)(const struct rec_results *, FILE *);
        enum { ALWAYS, STAGES, REPLAY, LITMUS, SENSITIVITY, CLOSED } when;
    } files[] = {
        {"summary.csv", write_summary_csv, ALWAYS},
        {"summary.json", write_summary_json, ALWAYS},
        {"seeds.csv", write_seeds_csv, ALWAYS},
        {"timeline.csv", write_timeline, ALWAYS},
        {"changes.csv", write_changes, ALWAYS},
        {"vcpus.csv", write_vcpus, ALWAYS},
        {"latency.csv", write_latency, ALWAYS},
        {"violations.csv", write_violations, ALWAYS},
        {"stages.csv", write_stages, STAGES},
        {"replay.csv", write_replay, REPLAY},
        {"replay_counts.csv", write_replay_counts, REPLAY},
        {"replay_blocks.csv", write_replay_blocks, REPLAY},
        {"outcomes.csv", write_outcomes, LITMUS},
        {"sensitivity.csv", rec_write_sensitivity, SENSITIVITY},
        {"closed_loop.csv", rec_write_closed_loop, CLOSED},
        {"closed_loop_blocks.csv", rec_write_closed_loop_blocks, CLOSED},
    };
    const bool there[] = {true,
                          r->runs[0].stages_n > 0,
                          r->runs[0].attempts_n > 0,
                          r->runs[0].outcomes_n > 0,
                          r->sensitivity != NULL,
                          r->runs[0].closed != NULL};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (there[files[i].when] &&
            !write_file(r, dir, files[i].name, files[i].write, err, err_n))
            return false;
    }
    return !r->faults || write_faults_file(r, dir, err, err_n);
}
