/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/tables.h - the translation tables as they are before the run. */
#ifndef MODEL_MACHINE_TABLES_H
#define MODEL_MACHINE_TABLES_H

#include "model/machine/vm.h"

/* Maps the memory of the VM as its scenario says, and lets the guest build its stage 1
 * tables in it, all in no time. */
void build_initial_tables(Vm &vm, physmem *mem);

#endif
