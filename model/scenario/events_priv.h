/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/events_priv.h - events between their reading and the check of their
 * order. */
#ifndef MODEL_SCENARIO_EVENTS_PRIV_H
#define MODEL_SCENARIO_EVENTS_PRIV_H

#include "model/scenario/scn_priv.h"

struct scn_event_item {
    struct scn_event event;
    const struct scn_node *node; /* of its kind: where it is wrong in its place */
    bool every_region;           /* "migration": an event for each region that logs */
};

/**
 * scn_order_events() - check what each event needs of those before and after it.
 * @items: [n], sorted by time.
 * @s:     its events get the result, those of every_region as one for each region.
 *
 * Fills in what an event has of an earlier one: manual.
 */
bool scn_order_events(const struct scn_reader *r, const struct scn_event_item *items,
                      size_t n, struct scn *s);

/* For qsort() of struct scn_event: by time; of one time in file order, which positions
 * tell, and by region where one position made several. */
int scn_event_order(const void *a, const void *b);

#endif
