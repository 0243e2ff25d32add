/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/cfg.h - the choices of the hypervisor's stage 2 software. */
#ifndef MODEL_HYP_CFG_H
#define MODEL_HYP_CFG_H

#include <stdbool.h>

/* How a table of small mappings becomes one block (docs/architecture.md). */
enum hyp_sequence {
    HYP_SEQ_KEEP,      /* "keep": do not coalesce */
    HYP_SEQ_BBM,       /* "bbm": break, tear down inside the window, make */
    HYP_SEQ_BBM_EARLY, /* "bbm-early": break, make, tear down afterwards */
    HYP_SEQ_NT, /* "nt": block with nT=1, TLBI, block with nT=0, TLBI, tear down */
    HYP_SEQUENCES_N
};

/* The behaviour of a Linux release's fault path; the switches below start from it. */
enum hyp_path {
    HYP_PATH_KVM_6_2, /* "kvm-6.2" */
    HYP_PATHS_N
};

enum hyp_lock {
    HYP_LOCK_EXCLUSIVE, /* "exclusive": one FIFO spin lock */
    HYP_LOCK_SHARED,    /* "shared": reader-writer lock; faults read-lock, entries are
                           locked with a marker value */
};

/* Where the data cache is cleaned to the PoC when a leaf is installed. */
enum hyp_clean {
    HYP_CLEAN_NONE,      /* "none" */
    HYP_CLEAN_BEFORE,    /* "before": before the break */
    HYP_CLEAN_IN_WINDOW, /* "in-window": between break and make */
};

/* What the flush of a changed entry names. */
enum hyp_tlbi {
    HYP_TLBI_VMID,  /* "vmid": VMALLS12E1IS for a table, IPAS2E1IS for a leaf */
    HYP_TLBI_IPA,   /* "ipa": IPAS2E1IS for each page that a table entry maps */
    HYP_TLBI_RANGE, /* "range": RIPAS2E1IS over it, FEAT_TLBIRANGE */
};

/* Erratum 4118414: some accesses might not be completed by a broadcast TLBI. */
enum hyp_repeat {
    HYP_REPEAT_NONE, /* "none" */
    HYP_REPEAT_EACH, /* "each": each TLBI becomes TLBI; DSB ISH; the same TLBI */
    HYP_REPEAT_SYNC, /* "sync": the last DSB ISH is followed by TLBI VALE2IS; DSB ISH */
};

struct hyp_cfg {
    enum hyp_path path;
    enum hyp_sequence sequence;
    enum hyp_lock lock;
    enum hyp_clean clean;
    enum hyp_tlbi tlbi;
    enum hyp_repeat repeat; /* of the platform, unless a variant chooses */
    bool ttl;               /* FEAT_TTL: pass level hints */
};

const char *hyp_sequence_name(enum hyp_sequence s);
const char *hyp_path_name(enum hyp_path p);
const char *hyp_lock_name(enum hyp_lock l);
const char *hyp_clean_name(enum hyp_clean c);
const char *hyp_tlbi_name(enum hyp_tlbi t);
const char *hyp_repeat_name(enum hyp_repeat r);

/* The switches of a path before a scenario changes any. s2fwb: with FEAT_S2FWB KVM
 * cleans nothing (stage2_has_fwb()). sequence becomes HYP_SEQ_BBM_EARLY, the order that
 * Linux 6.2 has, and tlbi HYP_TLBI_VMID. repeat and ttl are those of the platform: none
 * and false until the caller sets them. */
struct hyp_cfg hyp_path_defaults(enum hyp_path path, bool s2fwb);

#endif
