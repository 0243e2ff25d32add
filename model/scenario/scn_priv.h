/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/scn_priv.h - what the sources of this folder share. */
#ifndef MODEL_SCENARIO_SCN_PRIV_H
#define MODEL_SCENARIO_SCN_PRIV_H

#include "model/scenario/params.h"
#include "model/scenario/scn.h"
#include "model/scenario/yaml.h"

/* log2 of the page and block sizes of the three granules. */
#define SCN_TLB_PAGES                                                                  \
    (UINT64_C(1) << 12 | UINT64_C(1) << 14 | UINT64_C(1) << 16 | UINT64_C(1) << 21 |   \
     UINT64_C(1) << 25 | UINT64_C(1) << 29 | UINT64_C(1) << 30)

/* Memory; these abort() when there is none. */
void *scn_calloc(size_t n, size_t bytes);
char *scn_strdup(const char *text);

/* ---- parts of a scenario; each returns false after diagnostics ---- */

bool scn_read_memory(const struct scn_reader *r, const struct scn_node *list,
                     struct scn_vm *vm, unsigned pa_bits);
bool scn_read_stage1(const struct scn_reader *r, const struct scn_node *map,
                     struct scn_vm *vm);
bool scn_read_guest(const struct scn_reader *r, const struct scn_node *map,
                    const struct scn_platform *platform, struct scn_vm *vm);
void scn_free_litmus(struct guest_litmus *g);
bool scn_read_background(const struct scn_reader *r, const struct scn_node *map,
                         struct scn_background *b);
bool scn_read_events(const struct scn_reader *r, const struct scn_node *list,
                     struct scn *s);
bool scn_read_variants(const struct scn_reader *r, const struct scn_node *hypervisor,
                       const struct scn_node *list, struct scn *s);
bool scn_read_expects(const struct scn_reader *r, const struct scn_node *list,
                      struct scn *s);

/* Reads the tree of a scenario. platform_file: empty at first, ended by the caller;
 * given again, it spares reading the same platform file twice. */
ARCH_MUST_USE enum scn_status scn_read_doc(const struct scn_doc *doc,
                                           const char *platform_dir,
                                           struct scn_doc *platform_file,
                                           struct scn *out, struct scn_diags *diags);

/* Reads the platform file that the value of `platform` names, then the overrides;
 * r->clock_khz is set to its clock. overrides may be NULL; doc keeps the nodes, and
 * may have those of the same file already. */
bool scn_read_platform(struct scn_reader *r, const struct scn_node *platform,
                       const struct scn_node *overrides, const char *platform_dir,
                       struct scn *s, struct scn_doc *doc);

/* The VM that the node names into *vm, which stays as it is without a node; an error if
 * there is none of that name. */
bool scn_find_vm(const struct scn_reader *r, const struct scn_node *name,
                 const struct scn *s, int32_t *vm);

/* The VMs, which share the machine. */
bool scn_read_vms(const struct scn_reader *r, const struct scn_node *list,
                  struct scn *s);

/* sizes.c: fills in leaf_sizes and group_sizes by vm->vtcr.tg, for tables that begin
 * at start_level. */
void scn_set_sizes(struct scn_vm *vm, int start_level);
/* 1 << shift bytes are a contiguous group, not a page or block. */
bool scn_is_group(const struct scn_vm *vm, unsigned shift);

/* ---- placement.c, in the order of the calls ---- */

#define SCN_PES_MAX 1024

/* PEs that are not as the platform says. */
bool scn_read_mixed(const struct scn_reader *r, const struct scn_node *list,
                    struct scn *s);
/* The PEs that the vCPUs of a VM begin on. map: the key `pes`, or NULL. */
bool scn_read_vm_pes(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_node *vcpus, const struct scn *s,
                     struct scn_vm *vm);
/* When the events are known, the PEs of the host threads. */
bool scn_place_hosts(const struct scn_reader *r, const struct scn_node *vms,
                     const struct scn_node *events, struct scn *s);
/* Who shares PEs can do so, and has VMIDs enough. mixed: as above, or NULL. */
bool scn_check_sharing(const struct scn_reader *r, const struct scn_node *vms,
                       const struct scn_node *mixed, struct scn *s);

/* The guest's stages have barriers, at which the host thread acts. */
bool scn_guest_has_stages(enum guest_kind kind);

/* An error at a node whose choice needs a feature that the platform lacks. */
bool scn_check_feature(const struct scn_reader *r, const struct scn_node *at, bool has,
                       const char *feature, const struct scn_platform *platform);

/* The switches of a fault path (switches.c), in the order of their keys. */
enum scn_switch_id {
    SCN_SWITCH_PATH,
    SCN_SWITCH_SEQUENCE,
    SCN_SWITCH_LOCK,
    SCN_SWITCH_IDENTICAL,
    SCN_SWITCH_RELAX,
    SCN_SWITCH_CLEAN,
    SCN_SWITCH_ICACHE,
    SCN_SWITCH_TEAR_DOWN,
    SCN_SWITCH_TLBI,
    SCN_SWITCH_UNMAP,
    SCN_SWITCH_SPLIT,
    SCN_SWITCH_AF,
    SCN_SWITCH_DIRTY,
    SCN_SWITCH_REPEAT,
    SCN_SWITCH_CONFLICT,
    SCN_SWITCH_VTCR,
    SCN_SWITCH_VMIDS,
    SCN_SWITCH_DEFECT,
    SCN_SWITCHES_N
};

struct scn_switch {
    const char *name;
    scn_word_fn *word; /* index: the enum of the member */
    size_t offset;     /* of the member in struct hyp_cfg */
};

extern const struct scn_switch scn_switches[SCN_SWITCHES_N];
unsigned scn_switch_get(const struct hyp_cfg *cfg, enum scn_switch_id id);
void scn_switch_set(struct hyp_cfg *cfg, enum scn_switch_id id, unsigned value);
const char *scn_switch_word(const struct hyp_cfg *cfg, enum scn_switch_id id);

/* What the switches of one variant must hold together and with the rest of s.
 * switches: [SCN_SWITCHES_N], those that the variant itself gives; map: the variant. */
bool scn_check_switches(const struct scn_reader *r, const struct scn_node *map,
                        const struct scn_val *switches,
                        const struct scn_variant *variant, const struct scn *s);
/* The switch `tlbi` at the place where it is given, if it is. */
bool scn_check_tlbi(const struct scn_reader *r, const struct scn_val *tlbi,
                    const struct scn_platform *p);
/* Warns if variants of list mix placements of the clean with other switches. */
void scn_warn_of_mixed_clean(const struct scn_reader *r, const struct scn_node *list,
                             const struct scn *s);
/* Warns if no entry of a TLB is small enough for the pages of vm. */
void scn_warn_of_lost_pages(const struct scn_reader *r, const struct scn_node *at,
                            const struct scn_platform *p, const struct scn_vm *vm);

/* Words of choices that several files read or write; NULL past the last. */
const char *scn_replay_mode_word(unsigned i);   /* index: enum guest_replay_mode */
const char *scn_think_model_word(unsigned i);   /* index: enum guest_think_model */
const char *scn_arrival_word(unsigned i);       /* index: enum guest_arrival */
const char *scn_guest_kind_word(unsigned i);    /* index: enum guest_kind */
const char *scn_pattern_word(unsigned i);       /* index: enum guest_pattern */
const char *scn_host_action_word(unsigned i);   /* index: enum guest_host_action */
const char *scn_memory_access_word(unsigned i); /* "r", "rw" */
const char *scn_background_word(enum arch_tlbi_op op);

/* Where a parameter's value and source come from. */
struct scn_given {
    const struct scn_node *value;  /* NULL: not given, def or same_as counts */
    const struct scn_node *source; /* NULL: an override */
};

/* Fills in what follows from the parameters of p, and checks what several of them must
 * hold together. given: [scn_params_n]. */
bool scn_resolve_platform(const struct scn_reader *r, const struct scn_given *given,
                          struct scn_platform *p);

/* The page sizes that entries of a kind may have, as a mask of their log2. */
uint64_t scn_tlb_sizes(const struct tlb_cfg *cfg, enum tlb_kind kind);
void scn_tlb_set_sizes(struct tlb_cfg *cfg, enum tlb_kind kind, uint64_t mask);

/* The memory region that holds [ipa, ipa + bytes), or NULL. */
const struct scn_memory *scn_memory_find(const struct scn_vm *vm, uint64_t ipa,
                                         uint64_t bytes);

/* A path that a file names, relative to the folder of that file. */
char *scn_path_beside(const char *file, const char *path);

/* "dsb-ish", ...; index: enum arch_dsb, and "isb" behind those. */
const char *scn_barrier_word(unsigned i);

#endif
