/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "tests/unit/record/scratch_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool scratch_dir_make(struct scratch_dir *dir)
{
    const char *tmp = getenv("TMPDIR");
    const int n = snprintf(dir->path, sizeof dir->path, "%s/record_test.XXXXXX",
                           tmp && *tmp ? tmp : "/tmp");

    return n > 0 && (size_t)n < sizeof dir->path && mkdtemp(dir->path);
}

/* Calls rm (if it is not NULL) for each file; returns how many there are. */
static size_t each_file(const struct scratch_dir *dir, int (*rm)(const char *path))
{
    DIR *d = opendir(dir->path);
    struct dirent *e;
    size_t n = 0;

    while (d && (e = readdir(d))) {
        char path[600];

        if (e->d_name[0] == '.')
            continue;
        n++;
        snprintf(path, sizeof path, "%s/%s", dir->path, e->d_name);
        if (rm)
            (void)rm(path);
    }
    if (d)
        closedir(d);
    return n;
}

void scratch_dir_remove(struct scratch_dir *dir)
{
    (void)each_file(dir, unlink);
    (void)rmdir(dir->path);
}

size_t scratch_dir_files(const struct scratch_dir *dir)
{
    return each_file(dir, NULL);
}

bool scratch_dir_read(const struct scratch_dir *dir, const char *name, char *out,
                      size_t out_n)
{
    char path[600];
    size_t n;
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir->path, name);
    f = fopen(path, "r");
    if (!f)
        return false;
    n = fread(out, 1, out_n, f);
    fclose(f);
    if (n == out_n)
        return false;
    out[n] = '\0';
    return true;
}
