/* SPDX-License-Identifier: Apache-2.0 */
/* tests/timed/timed.h - run a scenario of tests/timed/scenarios on the machine.
 *
 * Each run happens in a process of its own, since the SystemC kernel runs once. */
#ifndef TESTS_TIMED_TIMED_H
#define TESTS_TIMED_TIMED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/machine/machine.h"

#define NS UINT64_C(1000) /* ps */

/* Fails the test, with the diagnostics printed, if the scenario is not valid. */
void timed_load(const char *name, struct scn *s);

/* The variant of that name. */
size_t timed_variant(const struct scn *s, const char *name);

/* Fails the test if the run ends with an error. End with rec_free(). */
void timed_run(const struct scn *s, const char *variant, struct rec_run *out);

#endif
