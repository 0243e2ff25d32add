/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/json_guest.c - what the vCPUs do, as JSON. */
#include "model/scenario/json_priv.h"

#include <string.h>

static void put_requests(struct scn_json *j, const struct guest_requests *q)
{
    scn_json_text(j, "arrival", scn_arrival_word(q->arrival));
    if (q->load_ppm)
        scn_json_share(j, "load", q->load_ppm);
    else
        scn_json_ns(j, "interval_ns", q->interval_ps);
    scn_json_count(j, "accesses", q->accesses_n);
    scn_json_ns(j, "think_ns", q->think_ps);
    scn_json_address(j, "region_ipa", q->region_ipa.v);
    scn_json_count(j, "region_bytes", q->region_bytes);
    scn_json_count(j, "hot_bytes", q->hot_bytes);
    scn_json_share(j, "hot_share", q->hot_ppm);
    scn_json_share(j, "writes_share", q->write_ppm);
    scn_json_share(j, "fetches_share", q->fetch_ppm);
}

static void put_what(struct scn_json *j, const struct guest_step *s)
{
    static const char *const access[] = {
        [ARCH_READ] = "r", [ARCH_WRITE] = "w", [ARCH_EXECUTE] = "x"};
    static const char *const domains[] = {
        [ARCH_NSH] = "", [ARCH_ISH] = "IS", [ARCH_OSH] = "OS"};
    char tlbi[32];
    switch (s->kind) {
    case GUEST_STEP_ACCESS:
        scn_json_text(j, "access", access[s->access]);
        scn_json_address(j, "ipa", s->ipa.v);
        break;
    case GUEST_STEP_TLBI:
        snprintf(tlbi, sizeof(tlbi), "%s%s", arch_tlbi_name(s->tlbi),
                 domains[s->domain]);
        scn_json_text(j, "tlbi", tlbi);
        scn_json_address(j, "value", s->value);
        break;
    case GUEST_STEP_DSB:
        scn_json_text(j, "barrier", scn_barrier_word(s->dsb));
        break;
    case GUEST_STEP_ISB:
        scn_json_text(j, "barrier", "isb");
        break;
    }
}

static void put_steps(struct scn_json *j, const struct guest_cfg *g)
{
    scn_json_open(j, "steps", '[');
    for (size_t i = 0; i < g->steps_n; i++) {
        scn_json_open(j, NULL, '{');
        scn_json_count(j, "vcpu", g->steps[i].vcpu);
        scn_json_ns(j, "at_ns", g->steps[i].at_ps);
        put_what(j, &g->steps[i]);
        scn_json_close(j, '}');
    }
    scn_json_close(j, ']');
}

static void put_think(struct scn_json *j, const struct guest_think *t)
{
    scn_json_open(j, "think", '{');
    scn_json_text(j, "model", scn_think_model_word(t->model));
    scn_json_ns(j, "time_ns", t->time_ps);
    if (t->model == GUEST_THINK_UNIFORM)
        scn_json_share(j, "spread_share", t->spread_ppm);
    scn_json_ns(j, "phase_ns", t->phase_ps);
    scn_json_text(j, "source", t->source);
    scn_json_close(j, '}');
}

static void put_working_set(struct scn_json *j, const struct guest_working_set *w)
{
    scn_json_open(j, "working_set", '{');
    scn_json_text(j, "arrival", scn_arrival_word(w->arrival));
    scn_json_ns(j, "interval_ns", w->interval_ps);
    scn_json_count(j, "accesses", w->accesses_n);
    scn_json_count(j, "requests", w->requests_n);
    scn_json_text(j, "source", w->source);
    scn_json_close(j, '}');
}

/* An ordered replay has no other mode's keys. */
static void put_replay(struct scn_json *j, const struct guest_cfg *g)
{
    const char *slash = strrchr(g->trace_path, '/');
    scn_json_text(j, "trace", slash ? slash + 1 : g->trace_path);
    scn_json_count(j, "slot", g->trace_slot);
    if (!guest_replay_is_closed(&g->replay))
        return;
    scn_json_text(j, "mode", scn_replay_mode_word(g->replay.mode));
    put_think(j, &g->replay.think);
    if (g->replay.mode == GUEST_REPLAY_WORKING_SET)
        put_working_set(j, &g->replay.working_set);
}

static void put_stream(struct scn_json *j, const struct guest_stream *g)
{
    scn_json_text(j, "pattern", scn_pattern_word(g->pattern));
    scn_json_address(j, "region_ipa", g->region_ipa.v);
    scn_json_count(j, "region_bytes", g->region_bytes);
    scn_json_count(j, "stride_bytes", g->stride_bytes);
    scn_json_count(j, "accesses", g->accesses_n);
    scn_json_ns(j, "think_ns", g->think_ps);
    if (g->pattern == GUEST_ZIPF)
        scn_json_decimal(j, "zipf", g->zipf_milli, 3);
    scn_json_share(j, "writes_share", g->write_ppm);
    scn_json_share(j, "fetches_share", g->fetch_ppm);
}

static void put_flush(struct scn_json *j, const struct guest_flush *g)
{
    scn_json_count(j, "issuers", g->issuers_n);
    scn_json_count(j, "calls", g->calls_n);
    scn_json_count(j, "pages", g->pages_n);
    scn_json_count(j, "whole_asid_pages", g->whole_asid_pages);
    scn_json_bool(j, "range", g->range);
    scn_json_ns(j, "think_ns", g->think_ps);
    scn_json_address(j, "region_ipa", g->region_ipa.v);
    scn_json_count(j, "region_bytes", g->region_bytes);
}

static void put_page_table_test(struct scn_json *j,
                                const struct guest_page_table_test *g)
{
    scn_json_address(j, "region_ipa", g->region_ipa.v);
    scn_json_count(j, "region_bytes", g->region_bytes);
    scn_json_count(j, "block_bytes", g->block_bytes);
    scn_json_count(j, "page_bytes", g->page_bytes);
    scn_json_ns(j, "think_ns", g->think_ps);
}

static void put_dirty_log_test(struct scn_json *j, const struct guest_dirty_log_test *g)
{
    scn_json_address(j, "region_ipa", g->region_ipa.v);
    scn_json_count(j, "vcpu_bytes", g->vcpu_bytes);
    scn_json_count(j, "page_bytes", g->page_bytes);
    scn_json_count(j, "iterations", g->iterations_n);
    if (g->write_every)
        scn_json_count(j, "write_every", g->write_every);
    else
        scn_json_share(j, "writes_share", g->write_ppm);
    scn_json_bool(j, "overlap", g->overlap);
    scn_json_bool(j, "random", g->random);
    scn_json_bool(j, "manual_protect", g->manual_protect);
    scn_json_bool(j, "run_while_disabling", g->run_while_disabling);
    scn_json_ns(j, "think_ns", g->think_ps);
}

static void put_actions(struct scn_json *j, const char *name,
                        const struct guest_host_actions *a)
{
    scn_json_open(j, name, '[');
    for (uint32_t i = 0; i < a->n; i++)
        scn_json_text(j, NULL, scn_host_action_word(a->list[i]));
    scn_json_close(j, ']');
}

static void put_stages(struct scn_json *j, const struct guest_stages *g)
{
    scn_json_bool(j, "manual_protect", g->manual_protect);
    scn_json_open(j, "stages", '[');
    for (size_t i = 0; i < g->stages_n; i++) {
        scn_json_open(j, NULL, '{');
        put_stream(j, &g->streams[i]);
        put_actions(j, "host_before", &g->host[i].before);
        put_actions(j, "host_during", &g->host[i].during);
        scn_json_close(j, '}');
    }
    scn_json_close(j, ']');
}

/* The steps are those of the file. */
static void put_litmus(struct scn_json *j, const struct guest_litmus *g)
{
    scn_json_text(j, "shape", g->shape);
    scn_json_text(j, "verdict", g->verdict);
    scn_json_text(j, "asks", g->asks);
    scn_json_text(j, "why", g->why);
    if (g->not_modelled)
        scn_json_text(j, "not_modelled", g->not_modelled);
    scn_json_count(j, "steps", g->steps_n);
    scn_json_count(j, "rounds", litmus_rounds_n(g));
}

void scn_json_guest(struct scn_json *j, const struct guest_cfg *g)
{
    scn_json_open(j, "guest", '{');
    scn_json_text(j, "kind", scn_guest_kind_word(g->kind));
    switch (g->kind) {
    case GUEST_REQUESTS:
        put_requests(j, &g->requests);
        break;
    case GUEST_STEPS:
        put_steps(j, g);
        break;
    case GUEST_REPLAY:
        put_replay(j, g);
        break;
    case GUEST_STREAM:
        put_stream(j, &g->stream);
        break;
    case GUEST_FLUSH:
        put_flush(j, &g->flush);
        break;
    case GUEST_PAGE_TABLE_TEST:
        put_page_table_test(j, &g->page_table_test);
        break;
    case GUEST_DIRTY_LOG_TEST:
        put_dirty_log_test(j, &g->dirty_log_test);
        break;
    case GUEST_STAGES:
        put_stages(j, &g->stages);
        break;
    case GUEST_LITMUS:
        put_litmus(j, &g->litmus);
        break;
    case GUEST_IDLE:
        break;
    }
    scn_json_close(j, '}');
}
