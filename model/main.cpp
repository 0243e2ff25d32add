/* SPDX-License-Identifier: Apache-2.0 */
/* model/main.cpp - the program's entry, and the map of the code behind it.
 *
 *   walker/          the architecture: words (arch/), geometry, walks of every regime
 *   tlb/             what a TLB holds and what a TLBI removes
 *   model/cli/       commands: run, check, list, translate, info; processes; run
 *                    directories
 *   model/scenario/  YAML to a resolved, checked struct scn
 *   model/translate/ vectors: read, answer, compare; a walk explained in words
 *   model/trace/     recorded KVM events
 *   model/guest/     who accesses what next: request streams, replay order; the guest's
 *                    stage 1 tables
 *   model/mmu/       the translation caches of a PE between walker and tlb
 *   model/hyp/       KVM's stage 2 software: sequences, fault path, break rules
 *   model/memory/    simulated physical memory and cache tags
 *   model/record/    counters, histograms, metrics, result files
 *   model/machine/   the only folder with SystemC and time: machine.cpp builds and
 *                    runs; sequencer.cpp orders; pe.cpp, walk_unit.cpp, dvm.cpp,
 *                    mmu_lock.cpp, memory.cpp take time; hyp_env.cpp gives model/hyp
 * its operations
 *
 * A command reads a scenario, each run goes to machine_run() in a process of its own,
 * the records come back and become result files. reports/ reads those. */
#include "model/cli/cli.h"

#include <cstdlib>
#include <systemc>

int sc_main(int argc, char **argv)
{
    return cli_main(argc, argv);
}

int main(int argc, char **argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
