/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/watch.h - tells the monitor, and the log of table updates, what the PEs
 * do; what the monitor finds goes into the record of the VM whose PE did it. */
#ifndef MODEL_MACHINE_WATCH_H
#define MODEL_MACHINE_WATCH_H

#include "model/machine/sequencer.h"

extern "C" {
#include "model/hyp/ops.h"
#include "model/monitor/log.h"
#include "model/record/run.h"
#include "model/scenario/scn.h"
}

#include <deque>
#include <memory>
#include <vector>

struct physmem;
struct Vm;

class Watch
{
  public:
    Watch(const scn &scenario, const scn_variant &v, Sequencer &seq, physmem *words,
          std::deque<Vm> &vms);
    ~Watch();
    Watch(const Watch &) = delete;

    /* The initial tables are built: watch from here on, unless off; and write updates
     * to log, unless NULL. */
    enum class Monitor { ON, OFF };
    void begin(Monitor monitor, FILE *log);

    /* The line of the scenario that the VM's PEs act on from now on. */
    void led_by(unsigned vm, const scn_pos &pos) { m_lines[vm] = pos.line; }

    /* What the PE does it does for that VM; at first for the one that begins there. */
    void runs(unsigned pe, const Vm &vm);

    /* The VM has another VMID, by the PE. */
    void has_vmid(unsigned pe, const Vm &vm);

    /* VTCR_EL2 of the PE, and VTTBR_EL2 but for its VMID, are those of the VM. The
     * second: for its guest, and what they are. */
    void enter(unsigned pe, const Vm &vm);
    void enter(unsigned pe, const Vm &vm, uint16_t vmid, const arch_vtcr &vtcr);

    /* That guest runs from now on; it stops. */
    void resumes(unsigned pe);
    void leaves(unsigned pe);

    /* The store takes effect now. */
    void store(unsigned pe, arch_pa pa, uint64_t old, uint64_t desc);
    void isb(unsigned pe);
    void lock(unsigned pe, hyp_lock_mode mode);   /* is taken */
    void unlock(unsigned pe, hyp_lock_mode mode); /* is about to be dropped */
    void tlbi(unsigned pe, const arch_tlbi &op);  /* is issued */
    void dsb(unsigned pe, arch_dsb kind);         /* has ended */
    void table_alloc(unsigned pe, arch_pa table, arch_tg tg);
    void table_free(unsigned pe, arch_pa table, arch_tg tg);
    void hw_update(unsigned pe, arch_pa pa, uint64_t old, uint64_t desc);

    /* A walk has read desc in a freed table; an access has used what a completed TLBI
     * covers, or reached memory that its VM does not have at ipa; two TLB entries
     * match. */
    void walk_freed(unsigned pe, arch_ipa ipa, uint64_t desc);
    void stale_use(unsigned pe, arch_ipa ipa);
    void wrong_memory(unsigned pe, arch_ipa ipa);
    void conflict(unsigned pe, arch_ipa ipa);

  private:
    static void tell(void *ctx, const mon_violation *v);
    void add_root(const Vm &vm);
    mon_at at(unsigned pe) const;
    Vm &vm_of(unsigned pe) const;
    void found(unsigned pe, mon_rule rule, arch_ipa ipa, uint64_t old);

    struct Delete {
        void operator()(mon *m) const { mon_delete(m); }
        void operator()(mon_log *l) const { mon_log_delete(l); }
    };

    const scn &m_scenario;
    Sequencer &m_seq;
    physmem *m_words;
    std::deque<Vm> &m_vms;
    std::vector<uint32_t> m_lines; /* [vm] */
    std::vector<unsigned> m_on;    /* [pe] VM that it runs */
    std::unique_ptr<mon, Delete> m_mon;
    std::unique_ptr<mon_log, Delete> m_log;
};

#endif
