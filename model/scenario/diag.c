/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/diag.c - diagnostics with position, source line and caret. */
#include "model/scenario/scn_priv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_COLS_MAX 160 /* a longer line is shown without its source */

const struct scn_code_doc scn_code_docs[] = {
    {SCN_E_FILE, "the file cannot be read"},
    {SCN_E_YAML, "not YAML"},
    {SCN_E_DUPLICATE_KEY, "a key is given twice"},
    {SCN_E_UNKNOWN_KEY, "unknown key"},
    {SCN_E_MISSING_KEY, "a required key is missing"},
    {SCN_E_TYPE, "a map, list or single value stands where another is needed"},
    {SCN_E_VERSION, "not a format version that this program reads"},
    {SCN_E_YAML_FEATURE,
     "a YAML feature that is not accepted: anchor, alias, tag, second document, map as "
     "key, more than 32 levels or 1024 keys"},
    {SCN_E_NUMBER, "not a number"},
    {SCN_E_UNIT, "unit missing, or not a unit of this quantity"},
    {SCN_E_RANGE, "value out of range"},
    {SCN_E_WORD, "not one of the accepted words"},
    {SCN_E_NAME, "a name has other characters than a-z, 0-9 and -"},
    {SCN_E_EXCLUSIVE, "of two keys exactly one (or at least one) must be given"},
    {SCN_E_ALIGN, "an address or size is not aligned"},
    {SCN_E_OVERLAP, "two ranges overlap"},
    {SCN_E_IPA_SPACE, "a range ends beyond the IPA space"},
    {SCN_E_OUTSIDE_MEMORY, "a range is not inside one memory region"},
    {SCN_E_BLOCK_SIZE, "mapping, block and backing size contradict each other"},
    {SCN_E_PES, "too few PEs"},
    {SCN_E_DUPLICATE_NAME, "two variants, or two VMs, have one name"},
    {SCN_E_AFTER_END, "a time is not before the end of the run"},
    {SCN_E_HOT, "the hot part is larger than its region"},
    {SCN_E_HOLES, "the host thread cannot coalesce a region that has `pages`"},
    {SCN_E_NO_VARIANT, "no variant has this name"},
    {SCN_E_VCPU, "no such vCPU"},
    {SCN_E_PA_SPACE, "a range ends beyond the PA space"},
    {SCN_E_REPLAY, "not possible together with a trace replay"},
    {SCN_E_IPA_BITS, "the platform has no stage 2 for this IPA size"},
    {SCN_E_UNSUPPORTED, "legal, but this version of the simulator cannot run it"},
    {SCN_E_READ_ONLY, "a write to a region that can only be read"},
    {SCN_E_FEATURE, "the choice needs a feature that the platform lacks"},
    {SCN_E_NO_PLATFORM, "no such platform"},
    {SCN_E_NO_TRACE, "the trace cannot be read"},
    {SCN_E_NO_SOURCE, "a platform parameter has no source"},
    {SCN_E_UNKNOWN_PARAM, "unknown platform parameter"},
    {SCN_E_MISSING_PARAM, "the platform file lacks a parameter"},
    {SCN_E_GEOMETRY, "impossible TLB or cache geometry"},
    {SCN_E_NO_EFFECT, "a key that has no effect here"},
    {SCN_E_GROUP, "the sequence cannot make contiguous groups"},
    {SCN_E_SWITCHES, "two switches of a fault path contradict each other"},
    {SCN_E_ORDER, "an event lacks the one that must come before or after it"},
    {SCN_E_NO_VM, "no VM has this name"},
    {SCN_E_PATH, "a path names no parameter of the scenario"},
    {SCN_E_AXIS, "an axis of a sweep gives no values, or a rule names none of them"},
    {SCN_E_POINTS, "a sweep has no points, or too many"},
    {SCN_E_NO_ABORT, "a conflict abort at a FEAT_BBM level that rules it out"},
};
const size_t scn_code_docs_n = SCN_ARRAY_N(scn_code_docs);

const struct scn_code_doc scn_warning_docs[] = {
    {SCN_W_TLBI_IPA, "a flush by IPA that is not gentle"},
    {SCN_W_MIXED_CLEAN, "variants differ in clean"},
    {SCN_W_BBM_LEVEL, "a sequence that is not legal at the platform's FEAT_BBM level"},
    {SCN_W_LOST_PAGES, "a TLB that can hold nothing of a VM's pages"},
};
const size_t scn_warning_docs_n = SCN_ARRAY_N(scn_warning_docs);

/* "vms[0].memory[0].ipa"; nothing for the root. */
static void put_path(FILE *f, const struct scn_node *n)
{
    if (!n->parent)
        return;
    put_path(f, n->parent);
    if (n->key)
        fprintf(f, "%s%s", n->parent->parent ? "." : "", n->key->text);
    else
        fprintf(f, "[%u]", n->index);
}

/* The start of line `line` (from 1) of text, or NULL. */
static const char *find_line(const char *text, uint32_t line)
{
    for (; text && line > 1; line--) {
        text = strchr(text, '\n');
        if (text)
            text++;
    }
    return text;
}

static bool is_utf8_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The source line; returns false if there is none to show. */
static bool put_source_line(FILE *f, const char *line)
{
    size_t len = strcspn(line, "\r\n");
    if (len == 0 || len > SOURCE_COLS_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        fputc((unsigned char)line[i] < ' ' && line[i] != '\t' ? '?' : line[i], f);
    fputc('\n', f);
    return true;
}

/* Spaces, with the line's own tabs, up to column col (from 1, in characters). */
static void put_indent(FILE *f, const char *line, uint32_t col)
{
    for (uint32_t at = 1; at < col; at++) {
        bool end = *line == '\0' || *line == '\n';
        fputc(!end && *line == '\t' ? '\t' : ' ', f);
        if (!end)
            line++;
        while (is_utf8_tail(*line))
            line++;
    }
}

static void put_source(FILE *f, const struct scn_doc *doc, struct scn_pos pos,
                       uint32_t width, const char *hint)
{
    const char *line = doc ? find_line(doc->text, pos.line) : NULL;
    if (!line || width == 0 || !put_source_line(f, line)) {
        if (*hint)
            fprintf(f, "      %s\n", hint);
        return;
    }
    put_indent(f, line, pos.col);
    fputc('^', f);
    for (uint32_t i = 1; i < width && i < SOURCE_COLS_MAX; i++)
        fputc('~', f);
    fprintf(f, "%s%s\n", *hint ? " " : "", hint);
}

static void put_head(FILE *f, struct scn_pos pos, const char *severity, char letter,
                     unsigned code)
{
    fputs(pos.file, f);
    if (pos.line > 0)
        fprintf(f, ":%u:%u", pos.line, pos.col);
    fprintf(f, ": %s[%c%03u]: ", severity, letter, code);
}

/* Head, path of the node, message, source line and caret. */
static char *format_at_node(const struct scn_node *at, const char *severity,
                            char letter, unsigned code, const char *hint,
                            const char *fmt, va_list args)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        abort();
    put_head(f, at->pos, severity, letter, code);
    put_path(f, at);
    if (at->parent)
        fputc(' ', f);
    vfprintf(f, fmt, args);
    fputc('\n', f);
    put_source(f, at->doc, at->pos, at->width, hint);
    if (fclose(f) != 0 || !text)
        abort();
    return text;
}

void scn_err(struct scn_diags *d, const struct scn_node *at, enum scn_code code,
             const char *hint, const char *fmt, ...)
{
    if (d->n == SCN_DIAGS_MAX)
        return;
    va_list args;
    va_start(args, fmt);
    d->text[d->n++] = format_at_node(at, "error", 'S', code, hint, fmt, args);
    va_end(args);
}

void scn_warn(struct scn_diags *d, const struct scn_node *at, enum scn_warning code,
              const char *hint, const char *fmt, ...)
{
    if (d->warnings_n == SCN_DIAGS_MAX)
        return;
    va_list args;
    va_start(args, fmt);
    d->warning[d->warnings_n++] =
        format_at_node(at, "warning", 'W', code, hint, fmt, args);
    va_end(args);
}

void scn_err_at(struct scn_diags *d, const struct scn_doc *doc, struct scn_pos pos,
                uint32_t width, enum scn_code code, const char *fmt, ...)
{
    char *text = NULL;
    size_t len;
    if (d->n == SCN_DIAGS_MAX)
        return;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        abort();
    put_head(f, pos, "error", 'S', code);
    va_list args;
    va_start(args, fmt);
    vfprintf(f, fmt, args);
    va_end(args);
    fputc('\n', f);
    put_source(f, doc, pos, width, "");
    if (fclose(f) != 0 || !text)
        abort();
    d->text[d->n++] = text;
}

void scn_diags_free(struct scn_diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->text[i]);
    for (size_t i = 0; i < d->warnings_n; i++)
        free(d->warning[i]);
    *d = (struct scn_diags){.n = 0};
}
