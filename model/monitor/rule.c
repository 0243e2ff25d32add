/* SPDX-License-Identifier: Apache-2.0 */
#include "model/monitor/rule.h"

#include <assert.h>

static const char *const codes[MON_CODES_N] = {
    [MON_MISSING_BREAK] = "bbm.missing-break",
    [MON_MISSING_TLBI] = "bbm.missing-tlbi",
    [MON_MISSING_DSB] = "bbm.missing-dsb",
    [MON_WRONG_VMID] = "bbm.wrong-vmid",
    [MON_WRONG_VTCR] = "bbm.wrong-vtcr",
    [MON_WRONG_ORDER] = "bbm.wrong-order",
    [MON_NT_UNSUPPORTED] = "bbm.nt-unsupported",
    [MON_ATTR_CHANGE] = "bbm.attr-change",
    [MON_STALE_USE] = "tlb.stale-use",
    [MON_FREED_TABLE] = "walk.freed-table",
    [MON_CONFLICT] = "tlb.conflict",
    [MON_HW_UPDATE_LOST] = "hw-update-lost",
    [MON_WRONG_MEMORY] = "access.wrong-memory",
};

static const struct {
    enum mon_code code;
    const char *text;
} rules[MON_RULES_N] = {
    [MON_RULE_RESIZE] =
        {MON_MISSING_BREAK,
         "A table and a block may replace each other without a break only from "
         "FEAT_BBM "
         "level 2 on, and at level 1 if the block has nT = 1 (R_WHZWS, R_KFLJB)."},
    [MON_RULE_RETABLE] = {MON_MISSING_BREAK,
                          "A live table descriptor needs a break before it may name "
                          "another table (R_WHZWS)."},
    [MON_RULE_LEAF] = {MON_MISSING_BREAK,
                       "Output address, memory type and shareability of a live leaf "
                       "may not change without a break (R_WHZWS)."},
    [MON_RULE_CONTIGUOUS] = {MON_MISSING_BREAK,
                             "The Contiguous bit of a live leaf may change without a "
                             "break only from FEAT_BBM level 2 on (R_KHRBC)."},
    [MON_RULE_NO_TLBI] = {MON_MISSING_TLBI,
                          "What TLBs hold of the old entry must be removed by a "
                          "broadcast TLBI first (R_DDMVT)."},
    [MON_RULE_LOCAL_TLBI] = {MON_MISSING_TLBI,
                             "A TLBI without IS reaches the TLBs of one PE only: the "
                             "others keep the old entry (R_DDMVT)."},
    [MON_RULE_PART_TLBI] = {MON_MISSING_TLBI,
                            "The TLBI did not name all of what TLBs may hold of the "
                            "old entry (R_DDMVT, R_RVJDB)."},
    [MON_RULE_NO_S1_TLBI] = {MON_MISSING_TLBI,
                             "A TLBI by IPA leaves entries that combine both stages: "
                             "one of stage 1 must follow (TLBI IPAS2E1)."},
    [MON_RULE_DSB_BEFORE] = {MON_MISSING_DSB,
                             "A DSB must complete the store before the TLBI, else a "
                             "walk refills the old entry (R_DDMVT)."},
    [MON_RULE_DSB_BETWEEN] =
        {MON_MISSING_DSB, "A DSB must complete the stage 2 TLBI before that of "
                          "stage 1, else a walk refills a combined entry (R_DDMVT)."},
    [MON_RULE_DSB_AFTER] = {MON_MISSING_DSB,
                            "A TLBI is complete only behind a DSB ISH or SY of its PE; "
                            "DSB ISHST does not wait for it (R_DDMVT)."},
    [MON_RULE_VMID] = {MON_WRONG_VMID,
                       "A TLBI removes entries of the VMID in force only, and that was "
                       "another one (R_NWYRD)."},
    [MON_RULE_VTCR] =
        {MON_WRONG_VTCR,
         "TLB maintenance of a VM needs the VTCR_EL2 of that VM in force: "
         "it decides what an entry is (TLBI IPAS2E1)."},
    [MON_RULE_ENTER_VMID] = {MON_WRONG_VMID,
                             "A guest runs with the VMID of its own VM: with that of "
                             "another they use each other's TLB entries (R_NWYRD)."},
    [MON_RULE_ENTER_VTCR] =
        {MON_WRONG_VTCR, "VTTBR_EL2 and VTCR_EL2 must be of one VM when its guest is "
                         "entered: its tables are read by both (AArch64.S2Walk)."},
    [MON_RULE_ORDER] =
        {MON_WRONG_ORDER,
         "The stage 2 TLBI must be complete before that of stage 1, else "
         "a walk refills a combined entry (TLBI IPAS2E1)."},
    [MON_RULE_NT] = {MON_NT_UNSUPPORTED,
                     "At FEAT_BBM level 0 there is no nT bit: such a block is like any "
                     "other (R_KFLJB, R_MRRPW)."},
    [MON_RULE_ATTRS] =
        {MON_ATTR_CHANGE,
         "nT and FEAT_BBM level 2 relax the size condition only: address "
         "and attributes of every live leaf must stay (R_PVTFW)."},
    [MON_RULE_STALE] = {MON_STALE_USE,
                        "No access may use a translation that a completed TLBI covers "
                        "(R_GPPYH)."},
    [MON_RULE_FREED_LINKED] = {MON_FREED_TABLE,
                               "A table may not be freed while an entry names it "
                               "(R_RVJDB)."},
    [MON_RULE_FREED_EARLY] = {MON_FREED_TABLE,
                              "A table may be freed only when the TLBI that covers it "
                              "is complete: walks still reach it (R_RVJDB)."},
    [MON_RULE_FREED_READ] = {MON_FREED_TABLE,
                             "A walk may not read a table that has been freed "
                             "(R_RVJDB)."},
    [MON_RULE_CONFLICT] = {MON_CONFLICT,
                           "Two TLB entries may match one address only while FEAT_BBM "
                           "allows the change that made them (R_FVQCK, R_KFLJB)."},
    [MON_RULE_HW_UPDATE] = {MON_HW_UPDATE_LOST,
                            "Access flag or dirty state was set in a table that has "
                            "been replaced: nobody will see it (R_RVJDB)."},
    [MON_RULE_VMID_REUSED] = {MON_WRONG_VMID,
                              "A VMID may go on to another VM only when a broadcast "
                              "TLBI of all VMIDs is complete: TLBs hold entries of the "
                              "VM before (R_NWYRD)."},
    [MON_RULE_MEMORY] = {MON_WRONG_MEMORY,
                         "The access reached memory that its VM does not have at that "
                         "IPA: it was translated by entries or tables that are not its "
                         "own (R_NWYRD, AArch64.S2Walk)."},
};

const char *mon_code_name(enum mon_code code)
{
    return codes[code];
}

enum mon_code mon_rule_code(enum mon_rule rule)
{
    assert(rule != MON_RULE_NONE);
    return rules[rule].code;
}

const char *mon_rule_text(enum mon_rule rule)
{
    assert(rule != MON_RULE_NONE);
    return rules[rule].text;
}
