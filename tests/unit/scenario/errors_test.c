/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/errors_test.c - each mistake has its code, line and column. */
#include "model/scenario/codes.h"
#include "tests/unit/scenario/scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* clang-format off */
static const char requests[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "overrides: {hyp.teardown_leaf: 10ns}\n"
/* 5*/ "pes: 4\n"
/* 6*/ "vms:\n"
/* 7*/ "  - name: guest\n"
/* 8*/ "    vcpus: 2\n"
/* 9*/ "    ipa_bits: 40\n"
/*10*/ "    granule: 4K\n"
/*11*/ "    memory:\n"
/*12*/ "      - {ipa: 0x40000000, size: 4MiB, backing: 2M}\n"
/*13*/ "      - {ipa: 0x80000000, size: 2MiB, backing: 2M, pages: [{first: 0, last: 7}]}\n"
/*14*/ "    guest:\n"
/*15*/ "      kind: requests\n"
/*16*/ "      interval: 2us\n"
/*17*/ "      region: {ipa: 0x40000000, size: 2MiB}\n"
/*18*/ "      hot: {size: 64KiB, share: 90%}\n"
/*19*/ "hypervisor: {lock: exclusive}\n"
/*20*/ "events:\n"
/*21*/ "  - {at: 100us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}\n"
/*22*/ "variants:\n"
/*23*/ "  - {name: bbm, sequence: bbm}\n"
/*24*/ "  - {name: nt, sequence: nt}\n"
/*25*/ "seeds: {count: 2}\n"
/*26*/ "run: {duration: 500us, measure_from: 10us}\n"
/*27*/ "expect:\n"
/*28*/ "  - {variant: bbm, column: faults, min: 1}\n";

static const char steps[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 1\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 4KiB}]\n"
/* 8*/ "    guest:\n"
/* 9*/ "      kind: steps\n"
/*10*/ "      steps:\n"
/*11*/ "        - {vcpu: 0, at: 1ns, access: r, ipa: 0x40000008}\n"
/*12*/ "variants:\n"
/*13*/ "  - {name: keep, sequence: keep}\n";

static const char replay[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-n1-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - name: guest\n"
/* 6*/ "    vcpus: 4\n"
/* 7*/ "    memory: [{ipa: 0x40000000, size: 2MiB, backing: 2M}]\n"
/* 8*/ "    guest: {kind: replay, trace: trace.txt, slot: 1}\n"
/* 9*/ "variants:\n"
/*10*/ "  - {name: bbm, sequence: bbm}\n";

static const char idle[] =
/* 1*/ "stage2sim: 1\n"
/* 2*/ "name: test\n"
/* 3*/ "platform: neoverse-v2-like\n"
/* 4*/ "vms:\n"
/* 5*/ "  - {name: guest, vcpus: 1, memory: [{ipa: 0, size: 2MiB}], guest: {kind: idle}}\n"
/* 6*/ "variants:\n"
/* 7*/ "  - {name: keep, sequence: keep}\n";

/* The base with one replacement gives exactly this one error. */
static const struct row {
    const char *base, *from, *to;
    enum scn_code code;
    unsigned line, col;
} rows[] = {
    {idle, "name: test", "name: [test", SCN_E_YAML, 4, 4},
    {idle, "name: test", "name: test\nname: best", SCN_E_DUPLICATE_KEY, 3, 1},
    {requests, "  ipa_bits: 40", "  vcpus: 3", SCN_E_DUPLICATE_KEY, 9, 5},
    {idle, "name: test", "name: test\ntitel: x", SCN_E_UNKNOWN_KEY, 3, 1},
    {requests, "vcpus: 2", "vcpus: 2\n    cpu: 2", SCN_E_UNKNOWN_KEY, 9, 5},
    {requests, "backing: 2M}", "backing: 2M, acces: r}", SCN_E_UNKNOWN_KEY, 12, 52},
    {requests, "last: 7}", "last: 7, perm: r}", SCN_E_UNKNOWN_KEY, 13, 80},
    {requests, "interval: 2us", "interval: 2us\n      steps: []", SCN_E_UNKNOWN_KEY, 17, 7},
    {requests, "2MiB}\n      hot", "2MiB, x: 1}\n      hot", SCN_E_UNKNOWN_KEY, 17, 45},
    {requests, "share: 90%", "share: 90%, x: 1", SCN_E_UNKNOWN_KEY, 18, 38},
    {requests, "lock: exclusive", "lock: exclusive, name: a", SCN_E_UNKNOWN_KEY, 19, 31},
    {requests, "at: 100us", "at: 100us, do: x", SCN_E_UNKNOWN_KEY, 21, 17},
    {requests, "block: 2M}", "block: 2M, x: 1}", SCN_E_UNKNOWN_KEY, 21, 68},
    {requests, "sequence: bbm}", "sequence: bbm, loc: shared}", SCN_E_UNKNOWN_KEY, 23, 32},
    {requests, "count: 2", "count: 2, last: 3", SCN_E_UNKNOWN_KEY, 25, 19},
    {requests, "measure_from: 10us", "measurefrom: 10us", SCN_E_UNKNOWN_KEY, 26, 24},
    {requests, "min: 1", "min: 1, mean: 1", SCN_E_UNKNOWN_KEY, 28, 44},
    {steps, "ipa: 0x40000008", "ipa: 0x40000008, n: 1", SCN_E_UNKNOWN_KEY, 11, 58},
    {replay, "slot: 1", "slot: 1, load: 60%", SCN_E_UNKNOWN_KEY, 8, 54},
    {idle, "kind: idle", "kind: idle, load: 60%", SCN_E_UNKNOWN_KEY, 5, 81},
    {idle, "name: test\n", "", SCN_E_MISSING_KEY, 1, 1},
    {idle, "vcpus: 1, ", "", SCN_E_MISSING_KEY, 5, 5},
    {idle, "kind: idle", "", SCN_E_MISSING_KEY, 5, 68},
    {steps, ", access: r", "", SCN_E_MISSING_KEY, 11, 11},
    {requests, "duration: 500us, ", "", SCN_E_MISSING_KEY, 26, 6},
    {requests, "run: {duration: 500us, measure_from: 10us}\n", "", SCN_E_MISSING_KEY, 1, 1},
    {idle, "vms:\n  - ", "vms:\n    ", SCN_E_TYPE, 5, 5},
    {idle, "vcpus: 1", "vcpus: [1]", SCN_E_TYPE, 5, 26},
    {idle, "vcpus: 1", "vcpus:", SCN_E_TYPE, 5, 19},
    {idle, "{kind: idle}", "idle", SCN_E_TYPE, 5, 68},
    {idle, "[{ipa: 0, size: 2MiB}]", "[]", SCN_E_TYPE, 5, 37},
    {idle, "stage2sim: 1", "stage2sim: 2", SCN_E_VERSION, 1, 12},
    {idle, "name: test", "name: &n test", SCN_E_YAML_FEATURE, 2, 10},
    {idle, "name: test", "name: !x test", SCN_E_YAML_FEATURE, 2, 10},
    {idle, "name: test", "[a]: test", SCN_E_YAML_FEATURE, 2, 1},
    {idle, "name: test", "name: *n", SCN_E_YAML_FEATURE, 2, 8},
    {idle, "name: test", "x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", SCN_E_YAML_FEATURE, 2, 35},
    {idle, "sequence: keep}\n", "sequence: keep}\n---\nname: x\n", SCN_E_YAML_FEATURE, 8, 1},
    {idle, "vcpus: 1", "vcpus: one", SCN_E_NUMBER, 5, 26},
    {idle, "vcpus: 1", "vcpus: 1KiB", SCN_E_NUMBER, 5, 26},
    {idle, "ipa: 0,", "ipa: 4K,", SCN_E_NUMBER, 5, 44},
    {requests, "min: 1", "min: many", SCN_E_NUMBER, 28, 41},
    {requests, "interval: 2us", "interval: 300", SCN_E_UNIT, 16, 17},
    {requests, "interval: 2us", "interval: 300 parsec", SCN_E_UNIT, 16, 17},
    {requests, "size: 4MiB", "size: 4194304", SCN_E_UNIT, 12, 33},
    {requests, "share: 90%", "share: 0.9", SCN_E_UNIT, 18, 33},
    {requests, "granule: 4K", "granule: 4", SCN_E_UNIT, 10, 14},
    {idle, "vcpus: 1", "vcpus: 0", SCN_E_RANGE, 5, 26},
    {idle, "vcpus: 1", "vcpus: 1025", SCN_E_RANGE, 5, 26},
    {requests, "ipa_bits: 40", "ipa_bits: 31", SCN_E_RANGE, 9, 15},
    {requests, "ipa_bits: 40", "ipa_bits: 49", SCN_E_RANGE, 9, 15},
    {requests, "granule: 4K", "granule: 8K", SCN_E_RANGE, 10, 14},
    {requests, "share: 90%", "share: 100.0001%", SCN_E_RANGE, 18, 33},
    {requests, "last: 7", "last: 512", SCN_E_RANGE, 13, 77},
    {requests, "first: 0, last: 7", "first: 8, last: 7", SCN_E_RANGE, 13, 77},
    {requests, "min: 1", "min: 1, max: 0", SCN_E_RANGE, 28, 49},
    {requests, "count: 2", "count: 0", SCN_E_RANGE, 25, 16},
    {requests, "count: 2", "count: 1001", SCN_E_RANGE, 25, 16},
    {requests, "duration: 500us", "duration: 11s", SCN_E_RANGE, 26, 17},
    {requests, "interval: 2us", "interval: 0.5ps", SCN_E_RANGE, 16, 17},
    {requests, "leaf: 10ns", "leaf: 2ms", SCN_E_RANGE, 4, 32},
    {idle, "kind: idle", "kind: idel", SCN_E_WORD, 5, 75},
    {idle, "sequence: keep", "sequence: bmb", SCN_E_WORD, 7, 28},
    {idle, "name: test", "name: Test", SCN_E_NAME, 2, 7},
    {idle, "name: keep", "name: ''", SCN_E_NAME, 7, 13},
    {requests, "interval: 2us", "accesses: 2", SCN_E_EXCLUSIVE, 15, 7},
    {requests, "interval: 2us", "interval: 2us\n      load: 60%", SCN_E_EXCLUSIVE, 16, 17},
    {requests, ", min: 1", "", SCN_E_EXCLUSIVE, 28, 5},
    {idle, "ipa: 0,", "ipa: 0x800,", SCN_E_ALIGN, 5, 44},
    {idle, "size: 2MiB", "size: 4097B", SCN_E_ALIGN, 5, 53},
    {requests, "{ipa: 0x40000000, size: 4M", "{ipa: 0x40100000, size: 4M", SCN_E_ALIGN, 12, 15},
    {requests, "size: 4MiB", "size: 3MiB", SCN_E_ALIGN, 12, 33},
    {requests, "size: 4MiB", "size: 4MiB, pa: 0x1000", SCN_E_ALIGN, 12, 43},
    {requests, "region: {ipa: 0x40000000", "region: {ipa: 0x40000001", SCN_E_ALIGN, 17, 21},
    {requests, "size: 64KiB", "size: 5000B", SCN_E_ALIGN, 18, 19},
    {requests, "coalesce: {ipa: 0x40000000", "coalesce: {ipa: 0x40001000", SCN_E_ALIGN, 21, 33},
    {requests, "size: 2MiB, block", "size: 1MiB, block", SCN_E_ALIGN, 21, 51},
    {requests, "0x80000000", "0x40200000", SCN_E_OVERLAP, 13, 9},
    {requests, "0x80000000,", "0x80000000, pa: 0x40200000,", SCN_E_OVERLAP, 13, 9},
    {requests, "last: 7}", "last: 7}, {first: 7, last: 9}", SCN_E_OVERLAP, 13, 89},
    {idle, "ipa: 0,", "ipa: 0x10000000000,", SCN_E_IPA_SPACE, 5, 44},
    {idle, "ipa: 0,", "ipa: 0xffffff000,", 0, 0, 0},
    {idle, "ipa: 0,", "ipa: 0xfffffff000,", SCN_E_IPA_SPACE, 5, 44},
    {requests, "region: {ipa: 0x40000000", "region: {ipa: 0x40300000", SCN_E_OUTSIDE_MEMORY, 17, 15},
    {requests, "size: 2MiB, block", "size: 6MiB, block", SCN_E_OUTSIDE_MEMORY, 21, 27},
    {steps, "0x40000008", "0x40000ff8", 0, 0, 0},
    {steps, "0x40000008", "0x40001000", SCN_E_OUTSIDE_MEMORY, 11, 46},
    {requests, "4MiB, backing: 2M", "4MiB, map: 2M, backing: 4K", SCN_E_BLOCK_SIZE, 12, 57},
    {requests, "4MiB, backing: 2M", "4MiB", SCN_E_BLOCK_SIZE, 21, 64},
    {requests, "4MiB, backing: 2M", "4MiB, map: 2M", SCN_E_BLOCK_SIZE, 21, 64},
    {requests, "2MiB, backing: 2M", "2MiB", SCN_E_BLOCK_SIZE, 13, 46},
    {requests, "vcpus: 2", "vcpus: 4", SCN_E_PES, 21, 3},
    {steps, "name: test", "name: test\npes: 1", 0, 0, 0},
    {requests, "vcpus: 2", "vcpus: 5", SCN_E_PES, 8, 12},
    {requests, "name: nt", "name: bbm", SCN_E_DUPLICATE_NAME, 24, 12},
    {requests, "leaf: 10ns", "leaf: 10ns, feat.bbm_level: 0", SCN_E_BBM_LEVEL, 24, 26},
    {requests, "leaf: 10ns", "leaf: 10ns, feat.bbm_level: 1", 0, 0, 0},
    {requests, "at: 100us", "at: 500us", SCN_E_AFTER_END, 21, 10},
    {requests, "at: 100us", "at: 499.999999us", 0, 0, 0},
    {requests, "from: 10us", "from: 500us", SCN_E_AFTER_END, 26, 38},
    {requests, "size: 64KiB", "size: 2MiB", 0, 0, 0},
    {requests, "size: 64KiB", "size: 2052KiB", SCN_E_HOT, 18, 19},
    {requests, "coalesce: {ipa: 0x4", "coalesce: {ipa: 0x8", SCN_E_HOLES, 21, 27},
    {requests, "variant: bbm", "variant: bbn", SCN_E_NO_VARIANT, 28, 15},
    {steps, "vcpu: 0", "vcpu: 1", SCN_E_VCPU, 11, 18},
    {idle, "ipa: 0,", "ipa: 0, pa: 0x1000000000000,", SCN_E_PA_SPACE, 5, 51},
    {replay, "sequence: bbm", "sequence: keep", SCN_E_REPLAY, 10, 27},
    {replay, "sequence: bbm", "lock: exclusive, sequence: bbm", SCN_E_REPLAY, 10, 44},
    {steps, "size: 4KiB", "size: 4KiB, access: r", 0, 0, 0},
    {steps, "access: r,", "access: w,", 0, 0, 0},
    {steps, "size: 4KiB}]\n    guest:\n      kind: steps\n      steps:\n        - {vcpu: 0, at: 1ns, access: r", "size: 4KiB, access: r}]\n    guest:\n      kind: steps\n      steps:\n        - {vcpu: 0, at: 1ns, access: w", SCN_E_READ_ONLY, 11, 38},
    {requests, "interval: 2us", "interval: 2us\n      writes: 10%", 0, 0, 0},
    {requests, "interval: 2us", "interval: 2us\n      writes: 10%\n      fetches: 90%", 0, 0, 0},
    {requests, "interval: 2us", "interval: 2us\n      writes: 10%\n      fetches: 90.0001%", SCN_E_RANGE, 18, 16},
    {steps, "    guest:\n", "    stage1: {tables: 0x40000000}\n    guest:\n", SCN_E_OUTSIDE_MEMORY, 8, 22}, /* 4 tables */
    {steps, "4KiB}]\n    guest:\n", "16KiB}]\n    stage1: {tables: 0x40000000}\n    guest:\n", 0, 0, 0},
    {steps, "4KiB}]\n    guest:\n", "32KiB}]\n    stage1: {tables: 0x40000008}\n    guest:\n", SCN_E_ALIGN, 8, 22},
    {steps, "4KiB}]\n    guest:\n", "16KiB}]\n    stage1: {map: 2M, tables: 0x40000000}\n    guest:\n", SCN_E_ALIGN, 8, 19},
    {steps, "4KiB}]\n    guest:\n", "16KiB}]\n    stage1: {map: 1G, tables: 0x40000000}\n    guest:\n", SCN_E_RANGE, 8, 19},
    {steps, "vcpus: 1\n    memory: [{ipa: 0x40000000, size: 4KiB}]\n", "vcpus: 1\n    ipa_bits: 47\n    memory: [{ipa: 0x40000000, size: 64TiB, map: 1G}]\n    stage1: {tables: 0x40000000}\n", SCN_E_RANGE, 9, 22},
    {steps, "4KiB}]\n    guest:\n", "16KiB, access: r}]\n    stage1: {tables: 0x40000000, accessed: false}\n    guest:\n", SCN_E_READ_ONLY, 8, 22},
    {idle, "ipa: 0,", "ipa: 0, pa: 0x7fffffe00000,", 0, 0, 0},
    {idle, "ipa: 0,", "ipa: 0, pa: 0x800000000000,", SCN_E_PA_SPACE, 5, 51},
    {replay, "variants:\n", "events: [{at: 1us, coalesce: {ipa: 0x40000000, size: 2MiB, block: 2M}}]\nvariants:\n", SCN_E_REPLAY, 9, 9},
    {requests, "leaf: 10ns", "leaf: 10ns, feat.pa_bits: 39", SCN_E_IPA_BITS, 9, 15},
    {requests, "granule: 4K", "granule: 64K", SCN_E_UNSUPPORTED, 10, 14},
    {idle, "variants:", "  - {name: b}\nvariants:", SCN_E_UNSUPPORTED, 6, 5},
    {idle, "neoverse-v2-like", "cray-1", SCN_E_NO_PLATFORM, 3, 11},
    {idle, "neoverse-v2-like", "no/such.yaml", SCN_E_NO_PLATFORM, 3, 11},
    {replay, "trace.txt", "no-such.txt", SCN_E_NO_TRACE, 8, 34},
    {replay, "trace.txt", ".", SCN_E_NO_TRACE, 8, 34},
    {requests, "hyp.teardown_leaf", "hyp.teardown", SCN_E_UNKNOWN_PARAM, 4, 13},
    {requests, "hyp.teardown_leaf: 10ns", "tlb.l2.ways: 7", SCN_E_GEOMETRY, 4, 26},
    {requests, "hyp.teardown_leaf: 10ns", "mem.l2.ways: 7", SCN_E_GEOMETRY, 4, 26},
};

/* The shipped platform file with one replacement. */
static const struct row platform_rows[] = {
    {NULL, "stage2sim-platform: 1", "stage2sim-platform: 2", SCN_E_VERSION, 1, 21},
    {NULL, "vmid_bits: {value: 16, source: assumed}", "vmid_bits: {value: 16}", SCN_E_NO_SOURCE, 12, 16},
    {NULL, "vmid_bits: {value: 16, source: assumed}", "vmid_bits: {source: assumed}", SCN_E_MISSING_KEY, 12, 16},
    {NULL, "vmid_bits: {value: 16, source: assumed}", "vmid_bits: 16", SCN_E_TYPE, 12, 16},
    {NULL, "vmid_bits: {value: 16,", "vmid_bits: {value: 12,", SCN_E_RANGE, 12, 24},
    {NULL, "vmid_bits: {value", "vmid_bit: {value", SCN_E_UNKNOWN_PARAM, 12, 5},
    {NULL, "    vmid_bits: {value: 16, source: assumed}\n", "", SCN_E_MISSING_PARAM, 5, 3},
    {NULL, "[4K, 16K, 64K, 2M, 512M]", "[4K, 8K]", SCN_E_RANGE, 27, 27},
};
/* clang-format on */

/* "/path/test.yaml:7:12: error[S021]: " of a diagnostic. */
static void parse_head(const char *text, const char *file, unsigned *line,
                       unsigned *col, unsigned *code)
{
    size_t len = strlen(file);
    *line = *col = *code = 0;
    if (strncmp(text, file, len) != 0 ||
        sscanf(text + len, ":%u:%u: error[S%u]: ", line, col, code) != 3)
        fail_msg("not a diagnostic of %s: %s", file, text);
}

/* Says what is wrong and returns 1 unless the row holds. */
static int check_error(const struct row *row, const char *load, const char *file)
{
    struct scn s;
    struct scn_diags d;
    unsigned line = 0, col = 0, code = 0;
    int bad;
    if (scn_load(load, PLATFORM_DIR, &s, &d) == SCN_OK) {
        scn_free(&s);
        bad = row->code != 0;
    } else {
        parse_head(d.text[0], file, &line, &col, &code);
        bad = code != row->code || line != row->line || col != row->col || d.n != 1;
    }
    if (bad)
        print_error("'%s': got %zu errors, S%03u at %u:%u, want S%03d at %u:%u\n%s",
                    row->to, d.n, code, line, col, (int)row->code, row->line, row->col,
                    d.n ? d.text[0] : "");
    scn_diags_free(&d);
    return bad;
}

static void each_mistake_gives_its_code_at_its_place(void **state)
{
    (void)state;
    scratch_write("trace.txt", "# tracer: nop\n");
    char *path = strdup(scratch_path("test.yaml"));
    int bad = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = scratch_replace(rows[i].base, rows[i].from, rows[i].to);
        scratch_write("test.yaml", text);
        bad += check_error(&rows[i], path, path);
        free(text);
    }
    free(path);
    assert_int_equal(bad, 0);
}

static void a_mistake_in_a_platform_file_is_shown_there(void **state)
{
    (void)state;
    char *shipped = scratch_read(PLATFORM_DIR "/neoverse-v2-like.yaml");
    char *scenario = scratch_replace(idle, "neoverse-v2-like", "platform.yaml");
    char *load = strdup(scratch_path("test.yaml"));
    char *path = strdup(scratch_path("platform.yaml"));
    int bad = 0;
    scratch_write("test.yaml", scenario);
    for (size_t i = 0; i < sizeof(platform_rows) / sizeof(platform_rows[0]); i++) {
        const struct row *row = &platform_rows[i];
        char *text = scratch_replace(shipped, row->from, row->to);
        scratch_write("platform.yaml", text);
        bad += check_error(row, load, path);
        free(text);
    }
    free(shipped);
    free(scenario);
    free(load);
    free(path);
    assert_int_equal(bad, 0);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct scn s;
    struct scn_diags d;
    (void)state;
    assert_int_equal(scn_load("/no/such.yaml", PLATFORM_DIR, &s, &d), SCN_INVALID);
    assert_int_equal(d.n, 1);
    assert_string_equal(
        d.text[0],
        "/no/such.yaml: error[S001]: cannot be read: No such file or directory\n");
    scn_diags_free(&d);
}

static void a_diagnostic_shows_the_line_a_caret_and_a_hint(void **state)
{
    struct scn s;
    struct scn_diags d;
    char want[600];
    (void)state;
    char *text = scratch_replace(requests, "backing: 2M}", "bakcing: 2M}");
    scratch_write("test.yaml", text);
    free(text);
    const char *path = scratch_path("test.yaml");
    assert_int_equal(scn_load(path, PLATFORM_DIR, &s, &d), SCN_INVALID);
    snprintf(want, sizeof(want),
             "%s:12:39: error[S004]: vms[0].memory[0].bakcing is an unknown key\n"
             "      - {ipa: 0x40000000, size: 4MiB, bakcing: 2M}\n"
             "                                      ^~~~~~~ did you mean 'backing'? "
             "accepted: ipa, size, pa, map, backing, access, pages\n",
             path);
    assert_string_equal(d.text[0], want);
    scn_diags_free(&d);
}

static void tabs_and_wide_letters_do_not_move_the_caret(void **state)
{
    struct scn s;
    struct scn_diags d;
    (void)state;
    scratch_write("test.yaml",
                  "{stage2sim: 1, title: \"\xc3\xa4\xc3\xb6\",\tname: X}\n");
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    const char *source = strchr(d.text[0], '\n') + 1;
    assert_string_equal(source,
                        "{stage2sim: 1, title: \"\xc3\xa4\xc3\xb6\",\tname: X}\n"
                        "                           \t      "
                        "^ accepted: 1 to 63 of a-z, 0-9 and -\n");
    scn_diags_free(&d);
}

static void no_more_than_20_diagnostics_are_kept(void **state)
{
    struct scn s;
    struct scn_diags d;
    char text[2000] = "stage2sim: 1\n";
    (void)state;
    for (int i = 0; i < 30; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "key-%d: 1\n", i);
    scratch_write("test.yaml", text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    assert_int_equal(d.n, SCN_DIAGS_MAX);
    scn_diags_free(&d);
    assert_int_equal(d.n, 0);
}

static bool has_row(enum scn_code code)
{
    if (code == SCN_E_FILE) /* a_file_that_is_not_there_is_named */
        return true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].code == code)
            return true;
    for (size_t i = 0; i < sizeof(platform_rows) / sizeof(platform_rows[0]); i++)
        if (platform_rows[i].code == code)
            return true;
    return false;
}

static void every_code_is_tested_and_documented(void **state)
{
    (void)state;
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    for (size_t i = 0; i < scn_code_docs_n; i++) {
        char cell[200];
        snprintf(cell, sizeof(cell), "| S%03d | %s |", (int)scn_code_docs[i].code,
                 scn_code_docs[i].meaning);
        if (!has_row(scn_code_docs[i].code))
            fail_msg("no row for %s", cell);
        if (!strstr(docs, cell))
            fail_msg("docs/scenario-format.md lacks %s", cell);
    }
    free(docs);
}

/* The keys that the hint of an unknown key lists all stand in the documentation. */
static void check_keys_documented(const char *diag, const char *docs)
{
    char key[64], cell[80];
    const char *at = strstr(diag, "accepted: ");
    assert_non_null(at);
    for (at += strlen("accepted: "); *at && *at != '\n';) {
        size_t len = strcspn(at, ",\n");
        snprintf(key, sizeof(key), "%.*s", (int)len, at);
        snprintf(cell, sizeof(cell), "`%s`", key);
        if (!strstr(docs, cell))
            fail_msg("docs/scenario-format.md lacks %s", cell);
        at += len;
        at += strspn(at, ", ");
    }
}

static void every_key_is_documented(void **state)
{
    (void)state;
    char *docs = scratch_read(STAGE2SIM_SOURCE_DIR "/docs/scenario-format.md");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scn s;
        struct scn_diags d;
        if (rows[i].code != SCN_E_UNKNOWN_KEY)
            continue;
        char *text = scratch_replace(rows[i].base, rows[i].from, rows[i].to);
        scratch_write("test.yaml", text);
        assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                         SCN_INVALID);
        check_keys_documented(d.text[0], docs);
        scn_diags_free(&d);
        free(text);
    }
    free(docs);
}

static void a_long_list_is_read_and_a_map_of_endless_keys_refused(void **state)
{
    enum { STEPS = 40000, KEYS = 1025 };
    struct scn s;
    struct scn_diags d;
    unsigned line, col, code;
    char *text = calloc(4 << 20, 1), *at = text;
    (void)state;
    at += sprintf(at, "%.*s", (int)(strstr(steps, "        - {") - steps), steps);
    for (int i = 0; i < STEPS; i++)
        at += sprintf(at, "        - {access: r, ipa: 0x40000008}\n");
    sprintf(at, "%s", strstr(steps, "variants:"));
    scratch_write("test.yaml", text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d), SCN_OK);
    assert_int_equal(s.vm.guest.steps_n, STEPS);
    scn_free(&s);
    at = text;
    for (int i = 0; i < KEYS; i++)
        at += sprintf(at, "k%d: 1\n", i);
    scratch_write("test.yaml", text);
    free(text);
    assert_int_equal(scn_load(scratch_path("test.yaml"), PLATFORM_DIR, &s, &d),
                     SCN_INVALID);
    parse_head(d.text[0], scratch_path("test.yaml"), &line, &col, &code);
    assert_int_equal(code, SCN_E_YAML_FEATURE);
    assert_int_equal(line, KEYS);
    scn_diags_free(&d);
}

static int is_yaml(const struct dirent *e)
{
    return strstr(e->d_name, ".yaml") != NULL;
}

static void shipped_invalid_scenarios_fail_as_their_first_line_says(void **state)
{
    struct dirent **files;
    int bad = 0;
    int n =
        scandir(STAGE2SIM_SOURCE_DIR "/scenarios/invalid", &files, is_yaml, alphasort);
    (void)state;
    assert_in_range(n, 12, 1000);
    for (int i = 0; i < n; i++) {
        char path[600];
        unsigned code, line, col;
        snprintf(path, sizeof(path), "%s/scenarios/invalid/%s", STAGE2SIM_SOURCE_DIR,
                 files[i]->d_name);
        char *text = scratch_read(path);
        if (sscanf(text, "# expect-error: S%u %u:%u\n", &code, &line, &col) != 3)
            fail_msg("%s: no expect-error in the first line", path);
        const struct row row = {NULL, NULL, path, (enum scn_code)code, line, col};
        bad += check_error(&row, path, path);
        free(text);
        free(files[i]);
    }
    free(files);
    assert_int_equal(bad, 0);
}

static int make(void **state)
{
    (void)state;
    scratch_make();
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_gives_its_code_at_its_place),
        cmocka_unit_test(a_mistake_in_a_platform_file_is_shown_there),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_diagnostic_shows_the_line_a_caret_and_a_hint),
        cmocka_unit_test(tabs_and_wide_letters_do_not_move_the_caret),
        cmocka_unit_test(no_more_than_20_diagnostics_are_kept),
        cmocka_unit_test(a_long_list_is_read_and_a_map_of_endless_keys_refused),
        cmocka_unit_test(every_code_is_tested_and_documented),
        cmocka_unit_test(every_key_is_documented),
        cmocka_unit_test(shipped_invalid_scenarios_fail_as_their_first_line_says),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
