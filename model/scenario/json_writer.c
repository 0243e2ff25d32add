/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/json_writer.c - JSON text, member by member. */
#include "model/scenario/json_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>

static void put_string(struct scn_json *j, const char *text)
{
    fputc('"', j->f);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(j->f, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            fprintf(j->f, "\\u%04x", c);
        else
            fputc(c, j->f);
    }
    fputc('"', j->f);
}

void scn_json_begin(struct scn_json *j, const char *name)
{
    fprintf(j->f, "%s\n%*s", j->first ? "" : ",", j->indent, "");
    j->first = false;
    if (name) {
        put_string(j, name);
        fputs(": ", j->f);
    }
}

void scn_json_open(struct scn_json *j, const char *name, char bracket)
{
    scn_json_begin(j, name);
    fputc(bracket, j->f);
    j->indent += 2;
    j->first = true;
}

void scn_json_close(struct scn_json *j, char bracket)
{
    j->indent -= 2;
    if (!j->first)
        fprintf(j->f, "\n%*s", j->indent, "");
    fputc(bracket, j->f);
    j->first = false;
}

void scn_json_text(struct scn_json *j, const char *name, const char *text)
{
    scn_json_begin(j, name);
    put_string(j, text);
}

void scn_json_count(struct scn_json *j, const char *name, uint64_t u)
{
    scn_json_begin(j, name);
    fprintf(j->f, "%" PRIu64, u);
}

void scn_json_bool(struct scn_json *j, const char *name, bool b)
{
    scn_json_begin(j, name);
    fputs(b ? "true" : "false", j->f);
}

void scn_json_address(struct scn_json *j, const char *name, uint64_t u)
{
    scn_json_begin(j, name);
    fprintf(j->f, "\"0x%" PRIx64 "\"", u);
}

void scn_json_decimal(struct scn_json *j, const char *name, uint64_t u, unsigned digits)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    uint64_t fraction = u % scale;
    scn_json_begin(j, name);
    fprintf(j->f, "%" PRIu64, u / scale);
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; fraction /= 10)
        digits--;
    fprintf(j->f, ".%0*" PRIu64, (int)digits, fraction);
}

void scn_json_ns(struct scn_json *j, const char *name, uint64_t ps)
{
    scn_json_decimal(j, name, ps, 3);
}

void scn_json_share(struct scn_json *j, const char *name, uint64_t ppm)
{
    scn_json_decimal(j, name, ppm, 6);
}

void scn_json_page(struct scn_json *j, const char *name, unsigned shift)
{
    char text[SCN_QUANTITY_TEXT_MAX];
    scn_format_page(shift, text);
    scn_json_text(j, name, text);
}
