/* SPDX-License-Identifier: Apache-2.0 */
/* bench/floor/main.cpp - floor lookups SCENARIO N, floor walks SCENARIO N, floor
 * switches THREADS N: prints how many it did per second. */
#include "bench/floor/floor.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <systemc>

double floor_seconds()
{
    timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

namespace
{
int of_scenario(const std::string &what, const char *file, uint64_t n)
{
    scn_diags diags{};
    scn s;
    double per_s = 0;

    if (scn_load(file, FLOOR_PLATFORMS, &s, &diags) != SCN_OK) {
        for (size_t i = 0; i < diags.n; i++)
            std::fputs(diags.text[i], stderr);
        return 2;
    }
    per_s = what == "lookups" ? floor_lookups(&s, n) : floor_walks(&s, n);
    std::printf("%.0f\n", per_s);
    scn_free(&s);
    scn_diags_free(&diags);
    return 0;
}
} // namespace

int sc_main(int argc, char **argv)
{
    const std::string what = argc == 4 ? argv[1] : "";

    if (what == "lookups" || what == "walks")
        return of_scenario(what, argv[2], std::strtoull(argv[3], nullptr, 10));
    if (what == "switches") {
        const auto threads = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
        if (threads) {
            std::printf("%.0f\n",
                        floor_switches(threads, std::strtoull(argv[3], nullptr, 10)));
            return 0;
        }
    }
    std::fputs("usage: floor lookups|walks SCENARIO N, floor switches THREADS N\n",
               stderr);
    return 2;
}
