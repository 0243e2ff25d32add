/* SPDX-License-Identifier: Apache-2.0 */
/* A storm asks for no memory as it goes on: counted at operator new, in a short and a
 * long one. */
#include "tests/timed/rig.h"

#include <cstdlib>
#include <new>

namespace
{
uint64_t news_n;
}

void *operator new(size_t bytes)
{
    news_n++;
    if (void *p = std::malloc(bytes))
        return p;
    throw std::bad_alloc();
}

void operator delete(void *p) noexcept
{
    std::free(p);
}

void operator delete(void *p, size_t) noexcept
{
    std::free(p);
}

namespace
{
constexpr uint64_t BASE = 0x40000000, PAGE = 0x1000;
constexpr unsigned NEWS = 0;

struct Storm : RigScenario {
    Storm(uint32_t outstanding_n, uint32_t walks_n, hyp_lock lock)
        : RigScenario("sparse.yaml")
    {
        s.platform.pe.outstanding_n = outstanding_n;
        s.platform.pe.walks_n = walks_n;
        s.variants[0].hyp.lock = lock;
    }
};

/* All vCPUs read word after word of the same pages, each in an order of its own; the
 * first read of a page faults. */
Rig::Program reads(uint64_t pages_n)
{
    return [=](Rig &rig, Pe &pe) {
        news_n = 0;
        for (uint64_t i = 0; i < 2 * pages_n; i++)
            pe.issue({BASE + (i / 2 ^ pe.id()) * PAGE + i % 2 * 64}, ARCH_READ);
        pe.sleep_until(std::max(pe.drain(), pe.now_ps()));
        rig.note(NEWS, news_n);
    };
}

void a_storm_that_goes_on_asks_for_no_memory(void **)
{
    static const struct {
        uint32_t outstanding_n, walks_n;
        hyp_lock lock;
    } rows[] = {
        {1, 1, HYP_LOCK_SHARED},
        {8, 1, HYP_LOCK_SHARED}, /* accesses wait for the walker */
        {8, 4, HYP_LOCK_SHARED}, /* and for the walk of their page */
        {64, 4, HYP_LOCK_SHARED},
        {8, 4, HYP_LOCK_EXCLUSIVE}, /* vCPUs wait for each other */
    };

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        Storm x(rows[i].outstanding_n, rows[i].walks_n, rows[i].lock);
        const Rig::Program few = reads(512), many = reads(2048);
        const RigResult a = rig_run(x.s, {few, few, few});
        const RigResult b = rig_run(x.s, {many, many, many});

        check_row(i, a.faults >= 512, 1);
        check_row(i, b.faults >= a.faults + 1536, 1);
        check_row(i, b.note[NEWS], a.note[NEWS]);
    }
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_storm_that_goes_on_asks_for_no_memory),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
