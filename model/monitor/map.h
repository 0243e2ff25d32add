/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/map.h - a hash map from 64-bit keys to 32-bit values.
 */
#ifndef MODEL_MONITOR_MAP_H
#define MODEL_MONITOR_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Empty if all zero. */
struct mon_map {
    uint64_t *keys; /* key + 1; 0: free */
    uint32_t *values;
    size_t n, cap;
};

/* NULL if key, which is not UINT64_MAX, is not there. Valid until the next put. */
uint32_t *mon_map_get(const struct mon_map *m, uint64_t key);

/* Adds or replaces. Ends the program without memory. */
void mon_map_put(struct mon_map *m, uint64_t key, uint32_t value);

void mon_map_clear(struct mon_map *m);
void mon_map_free(struct mon_map *m);

#endif
