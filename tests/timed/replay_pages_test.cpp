/* SPDX-License-Identifier: Apache-2.0 */
/* Which pages a vCPU of a closed-loop replay takes for in use. */
#include "model/machine/replay_pages.h"

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <set>

extern "C" {
#include <cmocka.h>
}

namespace
{
constexpr int DRAWS = 2000;

arch_ipa page(uint64_t n)
{
    return {n << 12};
}

/* The numbers of all pages that DRAWS picks give; 0 is no page. */
std::set<uint64_t> picked(ReplayPages &pages, const std::set<uint64_t> &mapped)
{
    std::set<uint64_t> found;
    uint64_t seed = 1;

    for (int i = 0; i < DRAWS; i++) {
        arch_ipa ipa{};
        const bool there = pages.pick(
            [&seed] {
                return seed = seed * 6364136223846793005u + 1442695040888963407u;
            },
            [&mapped](arch_ipa p) { return mapped.count(p.v >> 12) != 0; }, &ipa);
        found.insert(there ? ipa.v >> 12 : 0);
    }
    return found;
}

void all_pages_in_use_are_picked_and_no_other(void **)
{
    const std::vector<arch_ipa> shared = {page(7), page(8)};
    ReplayPages pages(3, shared);

    pages.add(0, page(1));
    pages.add(2, page(3));
    assert_true(picked(pages, {1, 2, 3, 7, 8}) == (std::set<uint64_t>{1, 3, 7, 8}));
}

void without_a_page_there_is_no_pick(void **)
{
    const std::vector<arch_ipa> shared;
    ReplayPages pages(1, shared);

    assert_true(picked(pages, {1}) == std::set<uint64_t>{0});
    pages.add(0, page(1));
    assert_true(picked(pages, {}) == std::set<uint64_t>{0});
}

void a_page_that_was_unmapped_is_out_of_use_until_its_next_access(void **)
{
    const std::vector<arch_ipa> shared;
    ReplayPages pages(3, shared);

    for (uint32_t i = 0; i < 3; i++)
        pages.add(i, page(i + 1));
    assert_true(picked(pages, {1, 3}) == (std::set<uint64_t>{1, 3}));
    assert_true(picked(pages, {1, 2, 3}) == (std::set<uint64_t>{1, 3}));
    pages.add(1, page(2));
    assert_true(picked(pages, {1, 2, 3}) == (std::set<uint64_t>{1, 2, 3}));
}

void a_page_that_is_added_twice_weighs_once(void **)
{
    const std::vector<arch_ipa> shared;
    ReplayPages pages(2, shared);

    for (int i = 0; i < 5; i++)
        pages.add(0, page(1));
    pages.add(1, page(2));
    assert_true(picked(pages, {2}) == std::set<uint64_t>{2});
    assert_true(picked(pages, {1, 2}) ==
                std::set<uint64_t>{2}); /* it was dropped whole */
}
} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(all_pages_in_use_are_picked_and_no_other),
        cmocka_unit_test(without_a_page_there_is_no_pick),
        cmocka_unit_test(a_page_that_was_unmapped_is_out_of_use_until_its_next_access),
        cmocka_unit_test(a_page_that_is_added_twice_weighs_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
