/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/sequencer.h - the order of everything that happens in simulated time.
 *
 * What is due at one moment runs in the order (time, PE id, messages before walks
 * before programs, order of request), never in the order of the SystemC scheduler.
 * Exactly one activity runs at a time. A PE whose own next activity is the next of all
 * goes on without a kernel switch.
 *
 * What concerns its PE alone may run ahead of that order: programs of guests up to the
 * moment before which nothing that is due elsewhere can reach their PE, steps of walks
 * up to the one before which nobody can store (docs/performance.md, "Running ahead").
 * What is due for one PE always happens in order. now_ps() is then the time of what
 * runs. The kernel's clock follows at some distance. */
#ifndef MODEL_MACHINE_SEQUENCER_H
#define MODEL_MACHINE_SEQUENCER_H

#include "model/machine/due.h"

#include <climits>
#include <string>
#include <systemc>

class Sequencer : public sc_core::sc_module
{
  public:
    using Callback = void (*)(void *ctx, uint64_t arg);

    Sequencer(const sc_core::sc_module_name &name, unsigned pes_n);

    uint64_t now_ps() const { return m_now; }

    /* Nothing that is due for the program of pe happens any more, and nobody waits for
     * it. Not for the one that calls. */
    void halt(unsigned pe);

    /* The run has failed: nothing that is due happens any more. */
    void abandon();

    /* The earliest after what is due for a PE that it can reach the TLBs of another
     * one, and that it can act: begin to store to a table, free one or send a TLBI. A
     * PE in its guest first has to take an exception; a step of a walk acts only if
     * walks update descriptors, or what ends lets a DSB of another PE end; what a PE
     * sends takes message_ps. */
    struct Leads {
        uint64_t guest_reach_ps, guest_store_ps, walk_reach_ps, walk_store_ps,
            message_ps;
    };
    void set_leads(const Leads &leads);
    /* PEs run ahead that far even where others may reach them: what follows is not
     * exact. */
    void set_quantum(uint64_t ps) { m_quantum_ps = ps; }
    /* From now on programs and walks may run ahead. */
    void let_run_ahead() { release(); }

    /* pe is in its guest, which makes nobody act, itself neither, until lead_ps after
     * what is due for it, but by an exception. Called by its program. */
    void enter_guest(unsigned pe, uint64_t lead_ps)
    {
        m_pes[pe].in_guest = true;
        m_pes[pe].guest_ps = lead_ps;
    }
    /* pe handles an exception: it acts when its program does. */
    void leave_guest(unsigned pe) { m_pes[pe].in_guest = false; }

    /* The program of pe is about to act: to store to a table, to free one or to send a
     * TLBI. Throws if that comes before the moment that it has told, or others have run
     * ahead of it. */
    void acts(unsigned pe);

    /* Nobody runs ahead between them. */
    void hold();
    void release();

    /* For the program of pe: true if it has run ahead to t, else it must sleep or nap.
     */
    bool run_ahead(unsigned pe, uint64_t t)
    {
        if (t >= m_bound)
            return may_run_ahead(pe, t);
        m_now = t;
        return true;
    }
    /* For the program that runs: it can run ahead to any moment before, maybe further.
     */
    uint64_t sure_ps() const { return m_bound; }
    /* For the program of pe: all that is due before its time happens. */
    void catch_up(unsigned pe);
    /* What runs is ahead: it may touch nothing that others can see. */
    bool is_ahead() const { return m_now != m_front; }

    /* For the program thread of pe. */
    void begin(unsigned pe); /* first call: waits for time 0 */
    /* t >= now; in a handler: pe acts lead_ps after that or later. */
    void sleep_until(unsigned pe, uint64_t t, uint64_t lead_ps = 0);
    void block(unsigned pe);                 /* until wake() */
    void nap_until(unsigned pe, uint64_t t); /* or interrupt(); t may be SEQ_NEVER */
    void finish(unsigned pe);                /* last call before the thread returns */

    /* The same for a guest, which may be ahead when they return. */
    void compute_until(unsigned pe, uint64_t t)
    {
        if (!run_ahead(pe, t))
            sleep_ahead_until(pe, t);
    }
    void guest_nap_until(unsigned pe, uint64_t t);

    /* For threads that take turns as the program of a PE. take_over(): this is the
     * program of pe, which has its turn, from now on; leave(): the PE has none; join():
     * this is the program of pe, from now on, when it has its turn; pass_on(): this is
     * no program of any PE, and about to wait for something else. */
    void take_over(unsigned pe)
    {
        m_threads[pe] = sc_core::sc_get_current_process_handle();
    }
    void leave(unsigned pe) { m_pes[pe].running = false; }
    void join(unsigned pe);
    void wait_for_turn(unsigned pe) { m_threads[pe].suspend(); }
    void wait_own_turn(unsigned pe) { yield(pe); }
    void pass_on();

    /* A blocked program goes on at t. */
    void wake(unsigned pe, uint64_t t);

    /* Ends the nap of pe, now; nothing happens if it does not nap. */
    void interrupt(unsigned pe) { end_nap(pe, false); }
    /* The same, where pe would catch up at once. */
    void interrupt_in_order(unsigned pe) { end_nap(pe, true); }

    /* fn(ctx, arg) runs at t, before the walks and the program of pe. It must not
     * sleep. pe may be the number of PEs: what comes from outside the machine. */
    void call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg);

    /* The same for a step of a look-up or walk of pe, asked for by pe itself. It may
     * run ahead. */
    void step_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg);

    /* ---- walks of one PE, which have a queue of their own ---- */

    /* The place in the order of a step that is asked for now, and of the one that runs.
     */
    uint64_t next_order() { return uint64_t{WALK} << RANK_SHIFT | m_seq++; }
    uint64_t step_order() const { return m_step_order; }

    /* The first of all steps of walks of pe, in place of what was said before; t
     * SEQ_NEVER: there is none. It is asked for by pe itself, as step_at(). */
    void walk_at(unsigned pe, const DueCall &first);

    /* For a step of a walk, at its end: true if the first of the others, due at t in
     * that order, may follow at once, and t is now. Else it takes walk_at(). */
    bool follow(uint64_t t, uint64_t order, bool in_order)
    {
        if (t >= m_walk_bound || t == m_front || in_order)
            return may_follow(t, order, in_order);
        step_to(t, order);
        return true;
    }

    /* For a step that runs ahead and would touch what others see: fn runs in its place,
     * when all that is due before has happened. */
    void when_in_order(Callback fn, void *ctx, uint64_t arg);

    /* Some program has begun and not finished. */
    bool is_running() const;

    /* " 3 17": the PEs whose program has begun and not finished. When nothing is due
     * any more and there are some, the model is in a deadlock. */
    std::string unfinished() const;

  private:
    static constexpr unsigned NOBODY = UINT_MAX;
    /* The order at one moment: the rank, then the number of the request. */
    static constexpr unsigned RANK_SHIFT = 60;
    enum Rank { MESSAGE, WALK };

    struct Due {
        DueCalls calls;
        uint64_t program_ps = SEQ_NEVER;
        bool program_in_order = true; /* as DueCall.in_order */
        bool program_first = false;   /* it has its turn, and waits for other PEs */
        bool running = false, napping = false, nap_in_order = true, halted = false;
        bool in_guest = true;
        uint64_t guest_ps = 0;   /* in_guest: the lead that it has told */
        uint64_t lead_ps = 0;    /* of the program of a handler that sleeps */
        uint64_t told_ps = 0;    /* when it acts at the earliest, by its program, ... */
        uint64_t promise_ps = 0; /* ... and by what was due when others got the turn */
        uint64_t ran_to_ps = 0;  /* ahead of others */
        unsigned messages_n = 0; /* of calls */

        bool call_is_first() const
        {
            const uint64_t t = calls.first_ps();

            return t < program_ps || (t == program_ps && !program_first);
        }
        uint64_t first_ps() const { return std::min(calls.first_ps(), program_ps); }
    };

    void start();
    void end_nap(unsigned pe, bool in_order);
    void on_clock();
    void sleep_ahead_until(unsigned pe, uint64_t t);
    void call_of(unsigned pe, Rank rank, DueCall call);
    void push_program(unsigned pe, uint64_t t, bool in_order);
    void announce(unsigned pe, uint64_t t);
    void changes(unsigned pe);
    DueBounds bounds_of(const Due &due, uint64_t t) const;
    void expect_not_before(unsigned pe, uint64_t earliest, uint64_t t) const;
    DueBounds in_handler(const Due &due, uint64_t t) const;
    uint64_t any_reach_ps() const;
    void tell_others(unsigned pe);
    bool take_turns();
    bool go_on(const Due &due);
    bool go_on_beside_others(const Due &due, uint64_t t);
    void do_call(Due &due);
    bool advance(unsigned pe);
    void resume(unsigned pe);
    void yield(unsigned pe);
    void learn_bounds();
    uint64_t reach_bound();
    uint64_t store_bound();
    bool may_run_ahead(unsigned pe, uint64_t t);
    bool may_follow(uint64_t t, uint64_t order, bool in_order);
    /* Of a walk of the active PE. */
    void step_to(uint64_t t, uint64_t order)
    {
        if (t < m_others_ps)
            m_front = t;
        else
            m_stepped_to_ps = std::max(m_stepped_to_ps, t);
        m_now = t;
        m_step_order = order;
    }
    void forget_bounds()
    {
        m_bound = m_walk_bound = 0;
        m_bounds_known = false;
    }

    uint64_t m_now = 0, m_seq = 0;
    uint64_t m_kernel = 0; /* the kernel's clock */
    uint64_t m_front = 0;  /* when the activity that runs was due; m_now: or ahead */
    uint64_t m_bound = 0;  /* the program that runs may go on to before that, if not
                            * further */
    uint64_t m_walk_bound = 0; /* the same of the walks of the active PE */
    uint64_t m_quantum_ps = 0;
    uint64_t m_step_order = 0;  /* DueCall.order of the step that runs */
    unsigned m_active = NOBODY; /* the PE that runs: m_due has what was due before */
    uint64_t m_others_ps = SEQ_NEVER; /* what is due first for all others */
    bool m_bounds_known = false;
    uint64_t m_reach_bound = 0, m_store_bound = 0;
    Leads m_leads{0, 0, 0, 0, 0};
    uint64_t m_stepped_to_ps = 0; /* where nobody could act before */
    bool m_abandoned = false;
    unsigned m_holds_n = 1; /* until let_run_ahead() */
    std::vector<Due> m_pes; /* [pe], and what comes from outside */
    Tournament m_due;       /* of them */
    /* [pe] of the program, suspended unless it has its turn */
    std::vector<sc_core::sc_process_handle> m_threads;
    sc_core::sc_event m_clock; /* resumes the thread of m_on_clock */
    unsigned m_on_clock = NOBODY;
};

#endif
