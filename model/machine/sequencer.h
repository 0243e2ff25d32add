/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/sequencer.h - the order of everything that happens in simulated time.
 *
 * What is due at one moment runs in the order (time, PE id, messages before walks
 * before programs, order of request), never in the order of the SystemC scheduler.
 * Exactly one activity runs at a time. A PE whose own next activity is the next of all
 * goes on without a kernel switch; everything else is a timed notification of the
 * SystemC kernel.
 *
 * A program may run ahead of that order, up to the moment before which nothing that is
 * due can reach its PE: docs/performance.md, "Running ahead". now_ps() is then the
 * time of that program. */
#ifndef MODEL_MACHINE_SEQUENCER_H
#define MODEL_MACHINE_SEQUENCER_H

#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <vector>

constexpr uint64_t SEQ_NEVER = UINT64_MAX;

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

    /* From now on programs may run ahead. Without a PE's doing, the earliest effect on
     * another one that an activity can have after it: guest_ps of one of a PE in its
     * guest, other_ps of anything else. */
    void let_run_ahead(uint64_t guest_ps, uint64_t other_ps);
    /* The same anew, while programs run. */
    void set_guest_lead(uint64_t guest_ps) { m_lead[GUEST] = guest_ps; }

    /* What becomes due for the program and the walks of pe from now on belongs to a PE
     * in its guest, or does not. */
    void set_in_guest(unsigned pe, bool in_guest) { m_in_guest[pe] = in_guest; }

    /* Nobody runs ahead between them. */
    void hold() { m_holds_n++; }
    void release() { m_holds_n--; }

    /* For the program of pe: true if it has run ahead to t, else it must sleep or nap.
     */
    bool run_ahead(unsigned pe, uint64_t t);
    /* For the program of pe: all that is due before its time happens. */
    void catch_up(unsigned pe);
    /* The program that runs is ahead: it may touch nothing that others can see. */
    bool is_ahead() const { return m_now != m_front; }

    /* For the program thread of pe. */
    void begin(unsigned pe);                   /* first call: waits for time 0 */
    void sleep_until(unsigned pe, uint64_t t); /* t >= now */
    void block(unsigned pe);                   /* until wake() */
    void nap_until(unsigned pe, uint64_t t);   /* or interrupt(); t may be SEQ_NEVER */
    void finish(unsigned pe);                  /* last call before the thread returns */

    /* For threads that take turns as the program of a PE. leave(): the PE has none;
     * join(): this is the program of pe, from now on, when it has its turn; pass_on():
     * this is no program of any PE, and about to wait for something else. */
    void leave(unsigned pe) { m_running[pe] = false; }
    void join(unsigned pe);
    void wait_for_turn(unsigned pe) { wait(m_resume[pe]); }
    void wait_own_turn(unsigned pe) { yield(pe); }
    void pass_on();

    /* A blocked program goes on at t. */
    void wake(unsigned pe, uint64_t t);

    /* Ends the nap of pe, now; nothing happens if it does not nap. */
    void interrupt(unsigned pe);

    /* fn(ctx, arg) runs at t, before the walks and the program of pe. It must not
     * sleep. pe may be the number of PEs: what comes from outside the machine. */
    void call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg);

    /* The same for a step of a look-up or walk of pe. */
    void step_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg);

    /* Some program has begun and not finished. */
    bool is_running() const;

    /* " 3 17": the PEs whose program has begun and not finished. When nothing is due
     * any more and there are some, the model is in a deadlock. */
    std::string unfinished() const;

  private:
    struct Call {
        Callback fn; /* nullptr: the program of the PE */
        void *ctx;
        uint64_t arg; /* of a program: its m_turn then; else it is out of date */
    };
    struct Entry {
        uint64_t t;
        uint64_t order; /* PE id, rank, order of request */
        uint32_t call;  /* of m_calls */
    };
    struct Later {
        bool operator()(const Entry &a, const Entry &b) const
        {
            return a.t != b.t ? a.t > b.t : a.order > b.order;
        }
    };

    enum Heap { GUEST, OTHER, HEAPS_N };

    void start();
    void push(uint64_t t, unsigned pe, unsigned rank, const Call &call, Heap heap);
    Entry pop(Call *call);
    uint64_t first_of(unsigned pe) const;
    uint64_t bound_of(unsigned pe) const;
    void push_program(unsigned pe, uint64_t t);
    bool advance(unsigned pe);
    void yield(unsigned pe);

    uint64_t m_now = 0, m_seq = 0;
    uint64_t m_front = 0; /* when the activity that runs was due; m_now: or ahead */
    uint64_t m_bound = 0; /* it may run ahead to before that; 0: not known */
    uint64_t m_lead[HEAPS_N] = {};
    bool m_may_run_ahead = false, m_abandoned = false;
    unsigned m_holds_n = 0;
    std::vector<bool> m_running;       /* [pe] */
    std::vector<bool> m_napping;       /* [pe] */
    std::vector<bool> m_halted;        /* [pe] */
    std::vector<uint64_t> m_turn;      /* [pe] how often its program went on */
    std::vector<bool> m_in_guest;      /* [pe] */
    std::vector<uint32_t> m_calls_n;   /* [pe] messages and walk steps due */
    std::vector<Entry> m_due[HEAPS_N]; /* heaps */
    std::vector<Call> m_calls;         /* of the entries of both */
    std::vector<uint32_t> m_free_calls;
    std::deque<sc_core::sc_event> m_resume; /* [pe] */
};

#endif
