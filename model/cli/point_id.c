/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/point_id.c - results named by what they come from. */
#include "model/cli/point_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_file(struct sha256 *h, const char *path)
{
    static char buffer[1 << 16];
    FILE *f = fopen(path, "rb");
    bool ok;

    if (!f)
        return false;
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        sha256_add(h, buffer, n);
    ok = !ferror(f);
    fclose(f);
    return ok;
}

/* The JSON without the lines of the file at which its parts stand: a comment more does
 * not change what a scenario is. */
static void add_json(struct sha256 *h, const char *text)
{
    static const char position[] = "\"line\": ";

    for (size_t n; *text; text += n) {
        n = strcspn(text, "\n");
        n += text[n] == '\n';
        if (strncmp(text + strspn(text, " "), position, sizeof position - 1) != 0)
            sha256_add(h, text, n);
    }
}

bool point_id_begin(struct sha256 *common)
{
    sha256_begin(common);
    sha256_add(common, STAGE2SIM_VERSION, sizeof STAGE2SIM_VERSION);
    return add_file(common, "/proc/self/exe");
}

/* What the JSON names only: a recording, the steps of a litmus test. */
static bool add_named(struct sha256 *h, const struct scn *s, const struct scn_set *sets,
                      size_t sets_n)
{
    const struct guest_cfg *g = &s->vms[0].guest;

    if (g->kind == GUEST_REPLAY)
        return add_file(h, g->trace_path);
    if (g->kind != GUEST_LITMUS)
        return true;
    for (size_t i = 0; i < sets_n; i++) {
        sha256_add(h, sets[i].path->text, strlen(sets[i].path->text) + 1);
        sha256_add(h, sets[i].value->text, strlen(sets[i].value->text) + 1);
    }
    return add_file(h, s->file);
}

bool point_id(const struct sha256 *common, const struct scn *s,
              const struct scn_set *sets, size_t sets_n, char id[POINT_ID_MAX])
{
    struct sha256 h = *common;
    char hex[SHA256_HEX_MAX];
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        abort();
    scn_write_json(s, f, 0);
    if (fclose(f) != 0)
        abort();
    add_json(&h, text);
    free(text);
    if (!add_named(&h, s, sets, sets_n))
        return false;
    sha256_end(&h, hex);
    memcpy(id, hex, POINT_ID_MAX - 1);
    id[POINT_ID_MAX - 1] = '\0';
    return true;
}
