/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/sequence_test.c - sequences of events, and the codes that they
 * lead to at each level of FEAT_BBM. */
#include "tests/unit/monitor/script.h"

#include <stdio.h>
#include <string.h>

#define OK ""
#define BREAK(at) "bbm.missing-break@" #at
#define TLBI(at) "bbm.missing-tlbi@" #at
#define DSB(at) "bbm.missing-dsb@" #at
#define VMID(at) "bbm.wrong-vmid@" #at
#define ORDER(at) "bbm.wrong-order@" #at
#define NT(at) "bbm.nt-unsupported@" #at
#define ATTR(at) "bbm.attr-change@" #at
#define FREED(at) "walk.freed-table@" #at
#define LOST(at) "hw-update-lost@" #at
#define STALE(at) "tlb.stale-use@" #at
#define CONFLICT(at) "tlb.conflict@" #at

struct row {
    const char *rule;
    const char *words;
    const char *want[4]; /* by FEAT_BBM level; NULL: as the level before */
};

/* E is T, a table, at first. */
static const struct row breaks[] = {
    {"R_DDMVT: invalid; DSB; TLBI; DSB; new", "inv st s12 ish B", {OK}},
    {"the same, and the table freed behind it", "lock st s12 ish B free", {OK}},
    {"the table may be freed inside the window", "lock st s12 ish free B", {OK}},
    {"to a table again", "inv st s12 ish U free", {OK}},
    {"DSB SY and ALLE1IS will do", "inv sy all sy B free", {OK}},
    {"by IPA: stage 2, DSB, stage 1, DSB", "inv st pages ish s1 ish B free", {OK}},
    {"by range", "inv st range ish s1 ish B free", {OK}},
    {"a block needs but one of its addresses",
     "inv st s12 ish B inv st ipa ish s1 ish Boa",
     {OK}},
    {"a level hint that fits", "inv st s12 ish B inv st hint2 ish s1 ish Boa", {OK}},
    {"more maintenance does no harm", "inv st s12 ish s12 ish st B free", {OK}},
    {"the old value comes back: nothing has changed", "inv T", {OK}},
    {"R_KFLJB: table and block at once from level 2 on", "B", {BREAK(1), BREAK(1), OK}},
    {"R_WHZWS: a table may not become another table", "U", {BREAK(1)}},
    {"R_DDMVT: no TLBI", "inv st ish B", {TLBI(4), TLBI(4), OK}},
    {"R_DDMVT: no TLBI, and the table is freed", "inv st ish free B", {TLBI(4)}},
    {"no TLBI, and another table", "inv st ish U", {TLBI(4)}},
    {"R_DDMVT: no DSB before the TLBI", "inv s12 ish U", {DSB(4)}},
    {"R_DDMVT: no DSB behind the TLBI", "inv st s12 U", {DSB(4)}},
    {"DSB ISHST does not complete a TLBI", "inv st s12 st U", {DSB(5)}},
    {"nor does DSB NSH a broadcast one", "inv st s12 nsh U", {DSB(5)}},
    {"nor does DSB NSH make a store visible to others", "inv nsh s12 ish U", {DSB(5)}},
    {"nothing at all", "inv U", {TLBI(2)}},
    {"R_NWYRD: the TLBI names another VMID", "inv st 8:s12 ish U", {VMID(5)}},
    {"the same by IPA", "inv st 8:pages ish 8:s1 ish U", {VMID(7)}},
    {"a TLBI of EL2 has nothing to do with it", "inv st el2 ish U", {TLBI(5)}},
    {"the TLBI stays on its PE", "inv st l:s12 ish U", {TLBI(5)}},
    {"the same by IPA", "inv st l:pages ish l:s1 ish U", {TLBI(7)}},
    {"by IPA, without stage 1: combined entries stay", "inv st pages ish U", {TLBI(5)}},
    {"stage 1 before stage 2", "inv st s1 ish pages ish U", {ORDER(7)}},
    {"stage 1 alone", "inv st s1 ish U", {TLBI(5)}},
    {"by IPA, no DSB between the two", "inv st pages s1 ish U", {DSB(6)}},
    {"only DSB ISHST between the two", "inv st pages st s1 ish U", {DSB(7)}},
    {"by IPA, no DSB at the end", "inv st pages ish s1 U", {DSB(6)}},
    {"by IPA, no DSB at the begin", "inv pages ish s1 ish U", {DSB(6)}},
    {"one page of a table is not the table", "inv st ipa ish s1 ish U", {TLBI(7)}},
    {"nor is half of it", "inv st half ish s1 ish U", {TLBI(7)}},
    {"another address", "inv st far ish s1 ish U", {TLBI(7)}},
    {"the last-level form leaves the table in walk caches",
     "inv st s12 ish V inv st last ish s1 ish U",
     {TLBI(12)}},
    {"an empty table goes by any address",
     "inv st s12 ish V inv st ipa ish s1 ish U",
     {OK}},
    {"a level hint names leaves of another size",
     "inv st s12 ish B inv st hint3 ish s1 ish Boa",
     {TLBI(12)}},
    {"another PE's TLBI does not count", "inv st @1 s12 ish @0 U", {TLBI(7)}},
    {"nor do its TLBIs by IPA", "inv st @1 st pages ish @0 ish s1 ish U", {TLBI(11)}},
    {"another PE's DSB does not complete it", "inv st s12 @1 ish @0 U", {DSB(7)}},
    {"each make is told once", "inv st inv U", {TLBI(4)}},
    {"a second break begins anew", "inv st s12 ish B inv st ish Boa", {TLBI(9)}},
};

static const struct row changes[] = {
    {"R_WHZWS: permissions need no break", "inv st s12 ish B Bro B", {OK}},
    {"R_WHZWS: an address does", "inv st s12 ish B Boa", {BREAK(6)}},
    {"R_WHZWS: a memory type does", "inv st s12 ish B Bdev", {BREAK(6)}},
    {"R_KHRBC: the Contiguous bit from level 2 on",
     "inv st s12 ish B Bc",
     {BREAK(6), BREAK(6), OK}},
    {"I_WZCBG: without Access flag nothing was cached",
     "inv st s12 ish Bold Boa",
     {OK}},
    {"but what was cached before it was cleared",
     "inv st s12 ish B Bold inv st ish Boa",
     {TLBI(10)}},
    {"pages follow the same rules", "p3=oa", {BREAK(1)}},
    {"a page: break, flush, make", "p3=inv st ipa ish s1 ish p3=oa", {TLBI(7)}},
    {"a page: all of it", "p3=inv st s12 ish p3=oa", {OK}},
    {"a page may lose its permissions", "p3=ro st s12 ish p3=page", {OK}},
    {"the Contiguous bit of a page", "p0=c", {BREAK(1), BREAK(1), OK}},
};

static const struct row levels[] = {
    {"nt merge: nT block; TLBI; block; TLBI",
     "Bnt st s12 ish B st s12 ish free",
     {NT(1), OK}},
    {"nt-rfc: no TLBI behind the second store", "Bnt st s12 ish B free", {NT(1), OK}},
    {"R_MRRPW: at level 1 nT may not go before the TLBI",
     "Bnt B",
     {NT(1), TLBI(2), OK}},
    {"the same without the last DSB", "Bnt st s12 B", {NT(1), DSB(4), OK}},
    {"the table is freed before the TLBI", "Bnt st free", {NT(1) " " TLBI(3), TLBI(3)}},
    {"or before it is complete", "Bnt st s12 free", {NT(1) " " FREED(4), FREED(4)}},
    {"nt split: nT; TLBI; table; TLBI",
     "inv st s12 ish B Bnt st s12 ish T st s12 ish",
     {NT(6) " " NT(10), OK}},
    {"nt split without the TLBI between",
     "inv st s12 ish B Bnt st T",
     {NT(6) " " NT(8), TLBI(8), OK}},
    {"level 2 merge: block; TLBI; free", "B st s12 ish free", {BREAK(1), BREAK(1), OK}},
    {"level 2 merge without a TLBI",
     "B st ish free",
     {BREAK(1) " " TLBI(4), BREAK(1) " " TLBI(4), TLBI(4)}},
    {"level 2 merge, freed too early",
     "B st s12 free",
     {BREAK(1) " " FREED(4), BREAK(1) " " FREED(4), FREED(4)}},
    {"level 2 split", "inv st s12 ish B T st s12 ish", {BREAK(6), BREAK(6), OK}},
    {"R_PVTFW: one page maps another address",
     "p7=inv st s12 ish p7=oa Bnt",
     {NT(6), ATTR(6)}},
    {"R_PVTFW: one page is Device",
     "p7=inv st s12 ish p7=dev B",
     {BREAK(6), BREAK(6), ATTR(6)}},
    {"a read-only page is no reason", "p7=ro B", {BREAK(2), BREAK(2), OK}},
    {"nor is a hole", "p7=inv B", {BREAK(2), BREAK(2), OK}},
    {"in a split the new pages count",
     "p7=inv st s12 ish p7=oa B T",
     {BREAK(6) " " BREAK(7), BREAK(6) " " BREAK(7), ATTR(6) " " ATTR(7)}},
    {"R_KFLJB: nT in a new block", "inv st s12 ish Bnt", {NT(5), OK}},
};

static const struct row others[] = {
    {"a table that an entry names is freed", "free", {FREED(1)}},
    {"a break, and no TLBI yet", "inv st free", {TLBI(3)}},
    {"freed before the DSB", "inv st s12 free", {FREED(4)}},
    {"freed and made before the DSB", "inv st s12 free U", {FREED(4) " " DSB(5)}},
    {"the Access flag of a live page", "p3=old hw3", {OK}},
    {"in the window software still sees it", "p3=old inv hw3", {OK}},
    {"behind the block nobody does", "p3=old Bnt hw3", {NT(2) " " LOST(3), LOST(3)}},
    {"an access uses what is in force", "inv st s12 ish B use", {OK}},
    {"or what a TLBI is still to remove", "inv st s12 ish B inv st s12 use", {OK}},
    {"but not when that is complete",
     "inv st s12 ish B inv st s12 ish use",
     {STALE(10)}},
    {"nor a translation that never was", "inv st s12 ish Boa use", {STALE(6)}},
    {"R_FVQCK: a conflict while level 2 changes sizes",
     "B conflict",
     {BREAK(1) " " CONFLICT(2), BREAK(1) " " CONFLICT(2), OK, CONFLICT(2)}},
    {"while nT holds them apart",
     "Bnt conflict",
     {NT(1) " " CONFLICT(2), OK, OK, CONFLICT(2)}},
    {"with nothing under way", "conflict", {CONFLICT(1)}},
    {"when the TLBI is complete",
     "B st s12 ish conflict",
     {BREAK(1) " " CONFLICT(5), BREAK(1) " " CONFLICT(5), CONFLICT(5)}},
};

static void run_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *want = OK;

        for (unsigned level = 0; level <= 3; level++) {
            struct script s = {0};

            if (rows[i].want[level])
                want = rows[i].want[level];
            script_init(&s, level);
            script_run(&s, rows[i].words);
            if (strcmp(script_codes(&s), want) != 0)
                fail_msg("row %zu (%s), level %u: %s: got \"%s\", want \"%s\"", i,
                         rows[i].rule, level, rows[i].words, script_codes(&s), want);
            script_free(&s);
        }
    }
}

static void a_break_is_closed_by_dsb_tlbi_and_dsb(void **state)
{
    (void)state;
    run_rows(breaks, ROWS_N(breaks));
}

static void a_live_leaf_changes_only_what_the_level_allows(void **state)
{
    (void)state;
    run_rows(changes, ROWS_N(changes));
}

static void levels_1_and_2_relax_the_size_condition_and_no_other(void **state)
{
    (void)state;
    run_rows(levels, ROWS_N(levels));
}

static void tables_accesses_and_hardware_updates_are_watched(void **state)
{
    (void)state;
    run_rows(others, ROWS_N(others));
}

/* With VTCR_EL2.HA the hardware may set it at any time. */
static void without_access_flag_an_entry_is_cached_if_hardware_sets_it(void **state)
{
    struct script s = {.ha = true};

    (void)state;
    script_init(&s, 0);
    script_run(&s, "inv st s12 ish Bold Boa");
    assert_string_equal(script_codes(&s), BREAK(6));
    script_free(&s);
}

static void a_record_names_what_tlbs_hold_and_what_came(void **state)
{
    struct script s = {0};
    const struct mon_violation *v;
    size_t n;

    (void)state;
    script_init(&s, 0);
    script_run(&s, "@5 lock st ish B");
    v = mon_violations(s.mon, &n);
    assert_int_equal(n, 1);
    assert_int_equal(v->pe, 5);
    assert_int_equal(v->time_ps, 5000);
    assert_int_equal(v->line, 5);
    assert_int_equal(v->ipa.v, SCRIPT_IPA);
    assert_int_equal(v->old, s.t.v | 3);
    assert_int_equal(v->desc, SCRIPT_PA | SCRIPT_ATTRS | 1);
    assert_int_equal(mon_count(s.mon, MON_MISSING_TLBI), 1);
    script_free(&s);
}

/* More than are kept at first. */
static void many_entries_are_remembered_at_a_time(void **state)
{
    struct script s = {0};
    char word[16];

    (void)state;
    script_init(&s, 0);
    for (unsigned page = 0; page < 500; page++) {
        snprintf(word, sizeof word, "p%u=inv", page);
        script_run(&s, word);
        if (page == 249)
            script_run(&s, "st s12 ish");
    }
    for (unsigned page = 0; page < 500; page++) {
        snprintf(word, sizeof word, "p%u=oa", page);
        script_run(&s, word);
    }
    assert_int_equal(mon_count(s.mon, MON_MISSING_TLBI), 250);
    script_free(&s);
}

static void each_rule_has_a_code_and_one_sentence_that_cites(void **state)
{
    (void)state;
    for (unsigned r = MON_RULE_NONE + 1; r < MON_RULES_N; r++) {
        const char *text = mon_rule_text((enum mon_rule)r);
        const size_t n = strlen(text);

        assert_non_null(mon_code_name(mon_rule_code((enum mon_rule)r)));
        assert_string_equal(text + n - 2, ").");
        assert_non_null(strstr(text, "("));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_break_is_closed_by_dsb_tlbi_and_dsb),
        cmocka_unit_test(a_live_leaf_changes_only_what_the_level_allows),
        cmocka_unit_test(levels_1_and_2_relax_the_size_condition_and_no_other),
        cmocka_unit_test(tables_accesses_and_hardware_updates_are_watched),
        cmocka_unit_test(without_access_flag_an_entry_is_cached_if_hardware_sets_it),
        cmocka_unit_test(a_record_names_what_tlbs_hold_and_what_came),
        cmocka_unit_test(many_entries_are_remembered_at_a_time),
        cmocka_unit_test(each_rule_has_a_code_and_one_sentence_that_cites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
