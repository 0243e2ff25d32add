/* SPDX-License-Identifier: Apache-2.0 */
/* What is due or waits comes in its order: queues and trees against plain searches. */
#include "model/machine/due.h"
#include "model/machine/waiting.h"

#include "tests/timed/timed.h"

#include <algorithm>
#include <deque>
#include <random>

namespace
{
constexpr unsigned STEPS_N = 4000;

class Dice
{
  public:
    uint64_t below(uint64_t n) { return m_random() % n; }

  private:
    std::mt19937_64 m_random{1};
};

void a_ring_is_a_queue_with_two_ends(void **)
{
    Dice d;
    std::deque<uint64_t> want;
    Ring<uint64_t> ring(3);

    for (uint64_t i = 0; i < STEPS_N; i++) {
        const uint64_t what = d.below(want.size() < 40 ? 5 : 4);
        if (what == 0 && !want.empty()) {
            want.pop_back();
            ring.pop_back();
        } else if (what == 1 && !want.empty()) {
            want.pop_front();
            ring.pop_front();
        } else if (what == 2) {
            want.push_front(i);
            ring.push_front(i);
        } else {
            want.push_back(i);
            ring.push_back(i);
        }
        assert_int_equal(ring.size(), want.size());
        for (size_t k = 0; k < want.size(); k++)
            assert_int_equal(ring[k], want[k]);
        if (!want.empty()) {
            assert_int_equal(ring.front(), want.front());
            assert_int_equal(ring.back(), want.back());
        }
    }
}

/* Those of some are taken until it is empty, as at the end of a walk, and its places go
 * to the others. */
void lists_that_share_their_memory_keep_their_own_order(void **)
{
    constexpr unsigned LISTS_N = 3;
    Dice d;
    Waiting waiting;
    Waiting::List lists[LISTS_N];
    std::deque<uint64_t> want[LISTS_N];

    for (uint64_t i = 0; i < STEPS_N; i++) {
        const uint64_t k = d.below(LISTS_N);
        const uint64_t n = d.below(8) ? 0 : want[k].size();
        if (!n) {
            waiting.push(lists[k], i);
            want[k].push_back(i);
        }
        for (uint64_t taken = 0; taken < n; taken++) {
            assert_int_equal(waiting.pop(lists[k]), want[k].front());
            want[k].pop_front();
        }
        for (unsigned list = 0; list < LISTS_N; list++)
            assert_int_equal(lists[list].empty(), want[list].empty());
    }
}

bool is_earlier(const DueCall &a, const DueCall &b)
{
    return a.t != b.t ? a.t < b.t : a.order < b.order;
}

void check_first(const DueCalls &calls, const std::vector<DueCall> &want)
{
    if (want.empty()) {
        assert_int_equal(calls.first_ps(), SEQ_NEVER);
        return;
    }
    const DueCall &first = *std::min_element(want.begin(), want.end(), is_earlier);

    assert_int_equal(calls.first_ps(), first.t);
    assert_int_equal(calls.first().order, first.order);
    assert_true(calls.is_first(first.t, first.order - 1));
    assert_false(calls.is_first(first.t, first.order + 1));
}

/* Of walks only the one that was named last is due. */
void calls_come_by_time_then_by_request_with_the_walk_among_them(void **)
{
    Dice d;
    std::vector<DueCall> want;
    DueCalls calls;
    const auto is_walk = [](const DueCall &c) { return c.in_order; };

    for (uint64_t i = 1; i < STEPS_N; i++) {
        const DueCall call = {d.below(60), 2 * i, nullptr, nullptr, 0, d.below(4) == 0};

        if (d.below(want.size() < 30 ? 3 : 2) == 0 && !want.empty()) {
            want.erase(std::min_element(want.begin(), want.end(), is_earlier));
            calls.pop();
        } else if (call.in_order) {
            want.erase(std::remove_if(want.begin(), want.end(), is_walk), want.end());
            want.push_back(call);
            calls.set_walk(call.t, call.order, call.in_order);
        } else {
            want.push_back(call);
            calls.push(call);
        }
        check_first(calls, want);
    }
}

struct Row {
    uint64_t t = SEQ_NEVER;
    DueBounds bounds;
};

uint64_t some_moment(Dice &d)
{
    return d.below(5) ? d.below(20) : SEQ_NEVER;
}

/* What the trees tell about PE who, against a search through all. */
void check_others(const Tournament &trees, const std::vector<Row> &rows, unsigned who)
{
    Row first;
    uint64_t smaller_ps = SEQ_NEVER;

    for (unsigned i = 0; i < rows.size(); i++) {
        if (i == who)
            continue;
        if (i < who)
            smaller_ps = std::min(smaller_ps, rows[i].t);
        first.t = std::min(first.t, rows[i].t);
        first.bounds.reach_ps =
            std::min(first.bounds.reach_ps, rows[i].bounds.reach_ps);
        first.bounds.store_ps =
            std::min(first.bounds.store_ps, rows[i].bounds.store_ps);
    }
    const DueBounds bounds = trees.bounds_of_others(who);

    assert_int_equal(trees.first_of_others(who), first.t);
    assert_int_equal(bounds.reach_ps, first.bounds.reach_ps);
    assert_int_equal(bounds.store_ps, first.bounds.store_ps);
    for (uint64_t t = 0; t < 20; t++)
        assert_int_equal(trees.is_before(who, t), smaller_ps <= t);
}

void the_trees_name_the_first_and_what_is_due_for_all_others(void **)
{
    static const unsigned pes_n[] = {1, 2, 3, 22, 257};
    Dice d;

    for (unsigned n : pes_n) {
        std::vector<Row> rows(n);
        Tournament trees(n);

        for (unsigned i = 0; i < STEPS_N; i++) {
            const auto who = static_cast<unsigned>(d.below(n));
            rows[who] = {some_moment(d), {some_moment(d), some_moment(d)}};
            trees.set(who, rows[who].t, rows[who].bounds);
            const auto first =
                std::min_element(rows.begin(), rows.end(),
                                 [](const Row &a, const Row &b) { return a.t < b.t; });
            assert_int_equal(trees.first_ps(), first->t);
            check_others(trees, rows, static_cast<unsigned>(d.below(n)));
            if (first->t == SEQ_NEVER)
                continue;
            uint64_t others_ps;
            const unsigned winner = trees.winner(&others_ps);
            assert_int_equal(winner, first - rows.begin());
            assert_int_equal(others_ps, trees.first_of_others(winner));
        }
    }
}
} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_is_a_queue_with_two_ends),
        cmocka_unit_test(lists_that_share_their_memory_keep_their_own_order),
        cmocka_unit_test(calls_come_by_time_then_by_request_with_the_walk_among_them),
        cmocka_unit_test(the_trees_name_the_first_and_what_is_due_for_all_others),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
