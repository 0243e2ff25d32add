/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest_replay.c - the keys of a replay of a recorded fault trace. */
#include "model/scenario/guest_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NS UINT64_C(1000)
#define US (1000 * NS)
#define S (1000000 * US)

const char *scn_replay_mode_word(unsigned i)
{
    static const char *const words[] = {[GUEST_REPLAY_ORDERED] = "ordered",
                                        [GUEST_REPLAY_CLOSED_LOOP] = "closed-loop",
                                        [GUEST_REPLAY_WORKING_SET] =
                                            "closed-loop+working-set"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

const char *scn_think_model_word(unsigned i)
{
    static const char *const words[] = {[GUEST_THINK_FIXED] = "fixed",
                                        [GUEST_THINK_UNIFORM] = "uniform",
                                        [GUEST_THINK_EXPONENTIAL] = "exponential"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static bool check_trace(const struct scn_reader *r, const struct scn_node *n,
                        const char *path)
{
    struct stat st;
    const char *why = NULL;
    if (stat(path, &st) != 0 || access(path, R_OK) != 0)
        why = strerror(errno);
    else if (!S_ISREG(st.st_mode))
        why = "not a regular file";
    if (why)
        scn_err(r->diags, n, SCN_E_NO_TRACE,
                "the path is relative to the folder of the scenario",
                "'%s' cannot be read: %s", path, why);
    return !why;
}

static char *source_of(const struct scn_val *v)
{
    return scn_strdup(v->node ? v->s : "assumed");
}

static bool read_think(const struct scn_reader *r, const struct scn_node *n,
                       struct guest_think *think)
{
    enum { MODEL, TIME, SPREAD, PHASE, SOURCE };
    static const struct scn_key keys[] = {
        [MODEL] = {.name = "model",
                   .type = SCN_T_WORD,
                   .word = scn_think_model_word,
                   .def = GUEST_THINK_EXPONENTIAL},
        [TIME] = {.name = "time", .type = SCN_T_TIME, .max = S, .def = 100 * NS},
        [SPREAD] = {.name = "spread",
                    .type = SCN_T_PERCENT,
                    .max = SCN_PPM_ALL,
                    .def = SCN_PPM_ALL / 2},
        [PHASE] = {.name = "phase", .type = SCN_T_TIME, .max = S, .def = 20 * US},
        [SOURCE] = {.name = "source", .type = SCN_T_TEXT},
    };
    static const struct scn_node none = {.kind = SCN_NODE_MAP};
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n ? n : &none, keys, SCN_ARRAY_N(keys), v))
        return false;
    *think = (struct guest_think){.model = (enum guest_think_model)v[MODEL].u,
                                  .time_ps = v[TIME].u,
                                  .spread_ppm = (guest_ppm)v[SPREAD].u,
                                  .phase_ps = v[PHASE].u,
                                  .source = source_of(&v[SOURCE])};
    if (!v[SPREAD].node || think->model == GUEST_THINK_UNIFORM)
        return true;
    scn_err(r->diags, v[SPREAD].node, SCN_E_EXCLUSIVE,
            "leave it out, or model: uniform", "belongs to model: uniform");
    return false;
}

static bool read_working_set(const struct scn_reader *r, const struct scn_node *n,
                             struct guest_working_set *w)
{
    enum { ARRIVAL, INTERVAL, ACCESSES, REQUESTS, SOURCE };
    static const struct scn_key keys[] = {
        [ARRIVAL] = {.name = "arrival",
                     .type = SCN_T_WORD,
                     .word = scn_arrival_word,
                     .def = GUEST_ARRIVAL_POISSON},
        [INTERVAL] = {.name = "interval",
                      .type = SCN_T_TIME,
                      .min = NS,
                      .max = S,
                      .def = 2 * US},
        [ACCESSES] =
            {.name = "accesses", .type = SCN_T_COUNT, .min = 1, .max = 1000, .def = 4},
        [REQUESTS] = {.name = "requests",
                      .type = SCN_T_COUNT,
                      .max = UINT64_C(1000000000000)},
        [SOURCE] = {.name = "source", .type = SCN_T_TEXT},
    };
    static const struct scn_node none = {.kind = SCN_NODE_MAP};
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n ? n : &none, keys, SCN_ARRAY_N(keys), v))
        return false;
    *w = (struct guest_working_set){.arrival = (enum guest_arrival)v[ARRIVAL].u,
                                    .interval_ps = v[INTERVAL].u,
                                    .accesses_n = (uint32_t)v[ACCESSES].u,
                                    .requests_n = v[REQUESTS].u,
                                    .source = source_of(&v[SOURCE])};
    return true;
}

enum { TRACE = 1, SLOT, MODE, THINK, WORKING_SET };

/* What a mode has no use for must not be there. */
static bool read_mode(const struct scn_reader *r, const struct scn_val *v,
                      struct guest_replay *g)
{
    g->mode = (enum guest_replay_mode)v[MODE].u;
    if (v[THINK].node && !guest_replay_is_closed(g)) {
        scn_err(r->diags, v[THINK].node, SCN_E_EXCLUSIVE,
                "set mode: closed-loop, or closed-loop+working-set",
                "belongs to a closed loop: the mode is %s",
                scn_replay_mode_word(g->mode));
        return false;
    }
    if (v[WORKING_SET].node && g->mode != GUEST_REPLAY_WORKING_SET) {
        scn_err(r->diags, v[WORKING_SET].node, SCN_E_EXCLUSIVE,
                "set mode: closed-loop+working-set",
                "belongs to mode: closed-loop+working-set, not %s",
                scn_replay_mode_word(g->mode));
        return false;
    }
    if (guest_replay_is_closed(g) && !read_think(r, v[THINK].node, &g->think))
        return false;
    return g->mode != GUEST_REPLAY_WORKING_SET ||
           read_working_set(r, v[WORKING_SET].node, &g->working_set);
}

bool scn_read_replay(const struct scn_reader *r, const struct scn_node *map,
                     struct guest_cfg *g)
{
    static const struct scn_key keys[] = {
        SCN_GUEST_KIND,
        [TRACE] = {.name = "trace", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [SLOT] = {.name = "slot",
                  .type = SCN_T_COUNT,
                  .need = SCN_REQUIRED,
                  .min = 0,
                  .max = 32767},
        [MODE] = {.name = "mode",
                  .type = SCN_T_WORD,
                  .word = scn_replay_mode_word,
                  .def = GUEST_REPLAY_ORDERED},
        [THINK] = {.name = "think", .type = SCN_T_MAP},
        [WORKING_SET] = {.name = "working_set", .type = SCN_T_MAP},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    g->trace_path = scn_path_beside(map->pos.file, v[TRACE].s);
    g->trace_slot = (uint32_t)v[SLOT].u;
    return check_trace(r, v[TRACE].node, g->trace_path) && read_mode(r, v, &g->replay);
}
