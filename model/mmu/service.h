/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/service.h - how long a PE takes to serve one TLBI. */
#ifndef MODEL_MMU_SERVICE_H
#define MODEL_MMU_SERVICE_H

#include "model/scenario/platform.h"
#include "walker/arch/tlbi.h"

/**
 * mmu_service_ps() - time in ps from the start of the service to its effect.
 *
 * The term of the kind of operation (dvm.service_*), and the longest of what the
 * structures of the PE take, which work side by side: tlbi_probe for each page that an
 * operation by address names (of the granule of a range; else one), tlbi_scan for the
 * others; a range takes no longer than a scan where tlbi_scan is not 0.
 */
uint64_t mmu_service_ps(const struct scn_platform *p, const struct arch_tlbi *op);

#endif
