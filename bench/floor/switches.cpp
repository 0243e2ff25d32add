/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/floor/floor.h"

#include <memory>
#include <systemc>
#include <vector>

namespace
{
class Sleeper : public sc_core::sc_module
{
  public:
    Sleeper(const sc_core::sc_module_name &name, unsigned number, unsigned threads,
            uint64_t turns)
        : sc_module(name), m_number(number), m_threads(threads), m_turns(turns)
    {
        SC_HAS_PROCESS(Sleeper);
        SC_THREAD(run);
    }

  private:
    void run()
    {
        wait(sc_core::sc_time::from_value(m_number + 1));
        for (uint64_t i = 0; i < m_turns; i++)
            wait(sc_core::sc_time::from_value(m_threads));
    }
    const unsigned m_number, m_threads;
    const uint64_t m_turns;
};
} // namespace

double floor_switches(unsigned threads_n, uint64_t n)
{
    std::vector<std::unique_ptr<Sleeper>> threads;

    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    for (unsigned i = 0; i < threads_n; i++)
        threads.push_back(std::make_unique<Sleeper>(("t" + std::to_string(i)).c_str(),
                                                    i, threads_n, n / threads_n));
    const double began = floor_seconds();
    sc_core::sc_start();
    return static_cast<double>(n) / (floor_seconds() - began);
}
