/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cli/scratch.h"

#include "model/record/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_scratch_dir(void)
{
    const char *dir = getenv("TMPDIR");

    return dir && *dir ? dir : P_tmpdir;
}

FILE *cli_scratch_open(void)
{
    const int fd = rec_open_unnamed(cli_scratch_dir());
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w+b");

    if (f)
        return f;
    fprintf(stderr,
            "stage2sim: cannot make a temporary file in %s: %s; accepted: TMPDIR names "
            "a folder that can be written\n",
            cli_scratch_dir(), strerror(errno));
    if (fd >= 0)
        close(fd);
    return NULL;
}
