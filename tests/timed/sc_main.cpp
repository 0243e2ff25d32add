/* SPDX-License-Identifier: Apache-2.0 */
/* tests/timed/sc_main.cpp - libsystemc wants this symbol; the tests have a main(). */
#include <systemc>

int sc_main(int, char **)
{
    return 0;
}
