/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/sequencer.h - the order of everything that happens in simulated time.
 *
 * What is due at one moment runs in the order (time, PE id, messages before programs,
 * order of request), never in the order of the SystemC scheduler. Exactly one activity
 * runs at a time. A PE whose own next activity is the next of all goes on without a
 * kernel switch; everything else is a timed notification of the SystemC kernel. */
#ifndef MODEL_MACHINE_SEQUENCER_H
#define MODEL_MACHINE_SEQUENCER_H

#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <vector>

class Sequencer : public sc_core::sc_module
{
  public:
    using Callback = void (*)(void *ctx, uint64_t arg);

    Sequencer(const sc_core::sc_module_name &name, unsigned pes_n);

    uint64_t now_ps() const { return m_now; }

    /* For the program thread of pe. */
    void begin(unsigned pe);                   /* first call: waits for time 0 */
    void sleep_until(unsigned pe, uint64_t t); /* t >= now */
    void block(unsigned pe);                   /* until wake() */
    void finish(unsigned pe);                  /* last call before the thread returns */

    /* A blocked program goes on at t. */
    void wake(unsigned pe, uint64_t t);

    /* fn(ctx, arg) runs at t, before the program of pe. It must not sleep. */
    void call_at(uint64_t t, unsigned pe, Callback fn, void *ctx, uint64_t arg);

    /* " 3 17": the PEs whose program has begun and not finished. When nothing is due
     * any more and there are some, the model is in a deadlock. */
    std::string unfinished() const;

  private:
    struct Entry {
        uint64_t t, order; /* order: PE id, rank */
        uint64_t seq;
        Callback fn; /* nullptr: the program of PE order >> 1 */
        void *ctx;
        uint64_t arg;
    };
    struct Later {
        bool operator()(const Entry &a, const Entry &b) const;
    };

    void start();
    void push(const Entry &entry);
    bool advance(unsigned pe);
    void yield(unsigned pe);

    uint64_t m_now = 0, m_seq = 0;
    std::vector<bool> m_running;            /* [pe] */
    std::vector<Entry> m_due;               /* heap */
    std::deque<sc_core::sc_event> m_resume; /* [pe] */
};

#endif
