/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/access.h - one memory access of a vCPU. */
#ifndef MODEL_GUEST_ACCESS_H
#define MODEL_GUEST_ACCESS_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"

struct guest_access {
    struct arch_ipa ipa;
    enum arch_access access;
};

#endif
