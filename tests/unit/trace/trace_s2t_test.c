/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_s2t_test.c - a .s2t gives back what went in, or an error. */
#include "tests/unit/trace/trace_fixture.h"

#include "model/trace/import.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS_N 300u

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t below(uint64_t *random, uint64_t n)
{
    return next_random(random) % n;
}

/* Of any length, as addresses and counts are. */
static uint64_t any_number(uint64_t *random)
{
    return next_random(random) >> below(random, 64);
}

static int print_event(uint64_t *random, char *at, size_t room)
{
    const uint64_t a = any_number(random);
    const uint64_t b = any_number(random);

    switch (below(random, 10)) {
    case 0:
        return snprintf(at, room, "kvm_entry: PC: 0x%016" PRIx64, a);
    case 1:
        return snprintf(at, room,
                        "kvm_exit: IRQ: HSR_EC: 0x%04x (UNKNOWN), PC: 0x%" PRIx64,
                        (unsigned)(a & 0x3f), b);
    case 2:
        return snprintf(at, room,
                        "kvm_guest_fault: ipa %#" PRIx64 ", hsr %#08" PRIx64
                        ", hxfar %#08" PRIx64 ", pc %#016" PRIx64,
                        a, b, a ^ b, a + b);
    case 3:
        return snprintf(at, room, "s2_map_ret: (f+0x%x/0x%x <- g) ret=%d",
                        (unsigned)below(random, 3) * 16, 64u,
                        (int)below(random, 25) - 12);
    case 4:
        return snprintf(at, room,
                        "s2_break: (f) ipa=0x%" PRIx64 " level=%d old=0x%" PRIx64, a,
                        (int)below(random, 5) - 1, b);
    case 5:
        return snprintf(
            at, room, "kvm:kvm_new: %" PRIu64 " %" PRIx64 " -%" PRIu64 " x%s", a, b,
            b >> 1, below(random, 2) ? " \x01\x02\x03\x04\x05\x7f\xff" : "");
    case 6:
        return snprintf(at, room,
                        "sched_switch: prev_comm=t%" PRIu64 " ==> 1.%03" PRIu64
                        " 0x 00 007 0xAB 0x00ff -0 1e5 dead beef1 _1",
                        below(random, 40), below(random, 1000));
    case 7:
        return snprintf(at, room, "n%" PRIu64 ":", below(random, 50));
    case 8:
        return snprintf(at, room, "p: (unclosed %" PRIu64 " %" PRIu64 " - ", a, b);
    default:
        return snprintf(at, room,
                        "memslot_commit: (f) slot=-%" PRIu64 " base_gfn=0x%" PRIx64
                        " npages=%" PRIu64 " old_flags=0x0 new_flags=0x0 change=1",
                        below(random, 30000), a, b);
    }
}

/* Lines in the form in which the export prints them. */
static size_t make_text(uint64_t *random, char *text, size_t room)
{
    static const char *const tasks[] = {"kvm_page_table_", "CPU 0/KVM", "a-1 [2] b",
                                        "x"};
    static const char *const flags[] = {"", "..... ", "d..2. ", "dNs1. "};
    const unsigned lines_n = 1 + (unsigned)below(random, 60);
    const bool nanoseconds = below(random, 2) == 0;
    uint64_t time = below(random, 1000000);
    size_t n = 0;

    for (unsigned i = 0; i < lines_n && n + 600 < room; i++) {
        time += below(random, 3) == 0 ? any_number(random) >> 24 : below(random, 2000);
        if (below(random, 20) == 0) {
            n += (size_t)snprintf(text + n, room - n, "CPU:%u [LOST %u EVENTS]\n",
                                  (unsigned)below(random, 9),
                                  1 + (unsigned)below(random, 99));
            continue;
        }
        n += (size_t)snprintf(
            text + n, room - n, "%16s-%-7u [%03u] %s", tasks[below(random, 4)],
            (unsigned)below(random, 40) * 111111, (unsigned)below(random, 5) * 300,
            flags[below(random, 4)]);
        n += nanoseconds
                 ? (size_t)snprintf(text + n, room - n, "%5" PRIu64 ".%09" PRIu64 ": ",
                                    time / 1000000000, time % 1000000000)
                 : (size_t)snprintf(text + n, room - n, "%5" PRIu64 ".%06" PRIu64 ": ",
                                    time / 1000000, time % 1000000);
        n += (size_t)print_event(random, text + n, room - n);
        if (text[n - 1] == ':')
            text[n++] = ' ';
        text[n++] = '\n';
    }
    return n;
}

/* The text behind its header. */
static const char *body_of(const char *text)
{
    while (*text == '#')
        text = strchr(text, '\n') + 1;
    return text;
}

/* Nothing but the digits of the time may differ, where a text has none of its own. */
static void text_to_s2t_to_text_is_the_same_text(void **state)
{
    static char text[1 << 16];
    const char *source = fixture_path("source.txt");
    const char *stored = fixture_path("stored.s2t");

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS_N; seed++) {
        uint64_t random = seed;
        const size_t n = make_text(&random, text, sizeof(text));
        size_t back_n;
        char *back;

        fixture_write(source, text, n);
        fixture_to_s2t(source, stored);
        back = fixture_to_text(stored, &back_n);
        text[n] = '\0';
        if (strcmp(body_of(back), text) != 0) {
            size_t at = 0;

            while (body_of(back)[at] == text[at])
                at++;
            fail_msg("seed %" PRIu64 ", byte %zu:\n%.300s\nbecame\n%.300s", seed, at,
                     text + (at > 80 ? at - 80 : 0),
                     body_of(back) + (at > 80 ? at - 80 : 0));
        }
        free(back);
    }
}

static void expect_same_events(const char *a, const char *b)
{
    struct trace x;
    struct trace y;
    struct trace_error err;

    if (!trace_import_file(a, &x, &err) || !trace_import_file(b, &y, &err))
        fail_msg("%s: %s", err.file, err.text);
    assert_int_equal(x.events_n, y.events_n);
    assert_int_equal(x.lost_events, y.lost_events);
    assert_int_equal(x.not_understood, y.not_understood);
    assert_memory_equal(x.counts, y.counts, sizeof(x.counts));
    for (size_t i = 0; i < x.events_n; i++) {
        x.events[i].offset = y.events[i].offset; /* of a text */
        assert_memory_equal(&x.events[i], &y.events[i], sizeof(x.events[i]));
    }
    trace_free(&x);
    trace_free(&y);
}

static void a_real_recording_keeps_every_event_line_in_a_15th_of_its_bytes(void **state)
{
    const char *stored = fixture_path("shipped.s2t");
    size_t xz_len;
    size_t len;
    size_t back_len;
    size_t stored_len;
    unsigned char *xz = fixture_read(FIXTURE_SHIPPED, &xz_len);
    char *text = fixture_unxz(xz, xz_len, &len);
    char *back;

    (void)state;
    fixture_to_s2t(FIXTURE_SHIPPED, stored);
    expect_same_events(FIXTURE_SHIPPED, stored);
    back = fixture_to_text(stored, &back_len);
    text[len] = '\0';
    assert_string_equal(body_of(text), body_of(back));
    free(fixture_read(stored, &stored_len));
    assert_true(stored_len * 15 <= len);
    free(back);
    free(text);
    free(xz);
}

static void a_s2t_of_a_s2t_holds_the_same_events(void **state)
{
    const char *stored = fixture_path("shipped.s2t");
    const char *again = fixture_path("again.s2t");

    (void)state;
    fixture_to_s2t(FIXTURE_SHIPPED, stored);
    fixture_to_s2t(stored, again);
    expect_same_events(stored, again);
}

static unsigned char *small_s2t(size_t *len)
{
    static const char text[] =
        "# entries-in-buffer/entries-written: 3/5   #P:2\n"
        " kvm_page_table_-381     [001] d....    73.001267: kvm_entry: PC: 0x1\n"
        "CPU:1 [LOST 4 EVENTS]\n"
        "       CPU 0/KVM-382     [000] d....    73.001268: kvm_new: x 1\n"
        " kvm_page_table_-381     [001] d....    73.001269: s2_map_ret: (f <- g) "
        "ret=-11\n";
    const char *source = fixture_path("small.txt");
    const char *stored = fixture_path("small.s2t");

    fixture_write(source, text, strlen(text));
    fixture_to_s2t(source, stored);
    return fixture_read(stored, len);
}

static void lost_events_and_those_not_understood_stay_counted(void **state)
{
    size_t len;
    unsigned char *bytes = small_s2t(&len);
    struct trace t;
    struct trace_error err;

    (void)state;
    assert_true(fixture_import(bytes, len, &t, &err));
    assert_int_equal(t.lost_events, 6);
    assert_int_equal(t.not_understood, 1);
    assert_int_equal(t.events_n, 3);
    assert_int_equal(t.events[2].line, 5);
    trace_free(&t);
    free(bytes);
}

static void a_cut_off_s2t_is_an_error_that_names_the_offset(void **state)
{
    size_t len;
    unsigned char *bytes = small_s2t(&len);

    (void)state;
    for (size_t cut = 8; cut < len; cut++) {
        char want[80];
        struct trace t;
        struct trace_error err;

        snprintf(want, sizeof(want), "cut off: it ends at byte %zu ", cut);
        if (fixture_import(bytes, cut, &t, &err))
            fail_msg("accepted %zu of %zu bytes", cut, len);
        if (strstr(err.text, want) == NULL)
            fail_msg("cut at %zu: %s", cut, err.text);
    }
    free(bytes);
}

static void every_damaged_bit_of_a_s2t_is_an_error_that_names_the_offset(void **state)
{
    size_t len;
    unsigned char *bytes = small_s2t(&len);

    (void)state;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        struct trace t;
        struct trace_error err;

        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (fixture_import(bytes, len, &t, &err))
            fail_msg("accepted with bit %zu of byte %zu flipped", bit % 8, bit / 8);
        if (bit >= 56 && strstr(err.text, "byte ") == NULL)
            fail_msg("bit %zu of byte %zu: %s", bit % 8, bit / 8, err.text);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(bytes);
}

static void bytes_behind_the_end_are_an_error(void **state)
{
    size_t len;
    unsigned char *bytes = small_s2t(&len);
    unsigned char *longer = malloc(len + 1);
    struct trace t;
    struct trace_error err;

    (void)state;
    assert_non_null(longer);
    memcpy(longer, bytes, len);
    longer[len] = 0;
    assert_false(fixture_import(longer, len + 1, &t, &err));
    assert_non_null(strstr(err.text, "goes on behind its TAIL"));
    free(longer);
    free(bytes);
}

static void a_failed_import_leaves_the_old_file_and_no_other(void **state)
{
    static const char good[] = " x-1 [000] 1.0: kvm_entry: PC: 0x1\n";
    static const char bad[] = " x-1 [000] 1.0: kvm_entry: PC: 0x1\nnonsense\n";
    const struct trace_choice all = {-1, -1};
    const char *source = fixture_path("source.txt");
    const char *stored = fixture_path("kept.s2t");
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;
    uint64_t kept;
    size_t before_n;
    size_t after_n;
    unsigned char *before;
    unsigned char *after;

    (void)state;
    assert_non_null(r);
    fixture_write(source, good, strlen(good));
    fixture_to_s2t(source, stored);
    before = fixture_read(stored, &before_n);
    fixture_write(source, bad, strlen(bad));
    assert_false(trace_to_s2t(source, stored, &all, &kept, r, &err));
    assert_int_equal(err.line, 2);
    after = fixture_read(stored, &after_n);
    assert_int_equal(before_n, after_n);
    assert_memory_equal(before, after, before_n);
    trace_reader_end(r);
    free(r);
    free(before);
    free(after);
}

/* Removes the folder too: it must hold nothing but the files that were named. */
static int clean(void **state)
{
    (void)state;
    fixture_clean();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_to_s2t_to_text_is_the_same_text),
        cmocka_unit_test(
            a_real_recording_keeps_every_event_line_in_a_15th_of_its_bytes),
        cmocka_unit_test(a_s2t_of_a_s2t_holds_the_same_events),
        cmocka_unit_test(lost_events_and_those_not_understood_stay_counted),
        cmocka_unit_test(a_cut_off_s2t_is_an_error_that_names_the_offset),
        cmocka_unit_test(every_damaged_bit_of_a_s2t_is_an_error_that_names_the_offset),
        cmocka_unit_test(bytes_behind_the_end_are_an_error),
        cmocka_unit_test(a_failed_import_leaves_the_old_file_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, clean);
}
