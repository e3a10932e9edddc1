#include "profile_inner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

//  --- errors

//  Has this been said already? While templates are filled in for every commune, another id in the
//  same sentence about the same line is no news.
static bool
error_is_old (loader_t *loader, const char *where, const char *format, const char *text)
{
    arena_t *arena = loader->profile->arena;
    slice_t key = arena_printf (arena, "%s %s", where, loader->expanding ? format : text);
    return !name_index_put (&loader->told, key, loader);
}

static void __attribute__ ((format (printf, 4, 0)))
error_add (loader_t *loader, const char *file, int line, const char *format, va_list args)
{
    char text[384], where[64];
    vsnprintf (text, sizeof text, format, args);
    snprintf (where, sizeof where, "%s:%d", file, line);
    if (error_is_old (loader, where, format, text))
        return;
    if (loader->error_count++ == 0)
        refuse (loader->refusal, REFUSAL_INVALID, where, "%s", text);
    if (loader->error_count <= PROFILE_ERRORS_MAX)
        buffer_printf (&loader->errors, "%s: %s\n", where, text);
}

void
profile_error (loader_t *loader, const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    error_add (loader, file, line, format, args);
    va_end (args);
}

int
spot_line (spot_t spot)
{
    return spot.node ? (int)spot.node->start_mark.line + 1 : 1;
}

void
spot_error (spot_t spot, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    error_add (spot.loader, spot.file->name, spot_line (spot), format, args);
    va_end (args);
}

//  --- files

static int
file_bytes (loader_t *loader, profile_file_t *file, FILE *stream)
{
    char chunk[16384];
    size_t got;
    while ((got = fread (chunk, 1, sizeof chunk, stream)) > 0) {
        buffer_append (&file->bytes, chunk, got);
        if (file->bytes.size > PROFILE_FILE_MAX) {
            profile_error (loader, file->name, 1,
                "the file is larger than %d bytes: split what does not belong here away",
                PROFILE_FILE_MAX);
            return -1;
        }
    }
    if (!ferror (stream))
        return 0;
    profile_error (loader, file->name, 1, "cannot be read: %s", strerror (errno));
    return -1;
}

static void
parser_open (yaml_parser_t *parser, const profile_file_t *file)
{
    if (!yaml_parser_initialize (parser))
        die ("out of memory for a YAML parser");
    yaml_parser_set_input_string (parser,
        (const unsigned char *)(file->bytes.data ? file->bytes.data : ""), file->bytes.size);
}

//  The reader (bad UTF-8, control characters) knows the offset, the parser knows the line.
static int
parser_line (const profile_file_t *file, const yaml_parser_t *parser)
{
    if (parser->error != YAML_READER_ERROR)
        return (int)parser->problem_mark.line + 1;
    int line = 1;
    for (size_t i = 0; i < parser->problem_offset && i < file->bytes.size; i++)
        line += file->bytes.data[i] == '\n';
    return line;
}

static void
parser_error (loader_t *loader, const profile_file_t *file, const yaml_parser_t *parser)
{
    profile_error (loader, file->name, parser_line (file, parser), "not YAML: %s",
        parser->problem ? parser->problem : "cannot be parsed");
}

typedef struct {
    size_t depth, nodes, documents;
} scan_t;

//  What an event says against the file before a document is built from it; NULL when nothing.
static const char *
event_problem (const yaml_event_t *event, scan_t *scan)
{
    yaml_event_type_t type = event->type;
    bool opens = type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
    bool closes = type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
    const void *anchor = type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                         : type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                         : type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                                             : NULL;
    scan->depth += opens;
    scan->depth -= closes;
    scan->nodes += opens || type == YAML_SCALAR_EVENT;
    scan->documents += type == YAML_DOCUMENT_START_EVENT;
    if (scan->documents > 1)
        return "a second document begins here: one file holds one";
    if (anchor || type == YAML_ALIAS_EVENT)
        return "anchors (&x) and aliases (*x) are not allowed: write the value out";
    if (scan->depth > PROFILE_DEPTH_MAX)
        return "nested too deeply: no entry of a profile is";
    return scan->nodes > PROFILE_NODES_MAX ? "too many entries: the file is not read further"
                                           : NULL;
}

//  Bounds depth, size and repetition before memory is spent on a document.
static int
file_scan (loader_t *loader, const profile_file_t *file)
{
    yaml_parser_t parser;
    parser_open (&parser, file);
    scan_t scan = {0};
    const char *problem = NULL;
    bool parsed = true, end = false;
    while (!end && !problem) {
        yaml_event_t event;
        parsed = yaml_parser_parse (&parser, &event);
        if (!parsed)
            break;
        problem = event_problem (&event, &scan);
        if (problem)
            profile_error (loader, file->name, (int)event.start_mark.line + 1, "%s", problem);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete (&event);
    }
    if (!parsed)
        parser_error (loader, file, &parser);
    yaml_parser_delete (&parser);
    return parsed && !problem ? 0 : -1;
}

static int
file_parse (loader_t *loader, profile_file_t *file)
{
    yaml_parser_t parser;
    if (file_scan (loader, file) != 0)
        return -1;
    parser_open (&parser, file);
    file->parsed = yaml_parser_load (&parser, &file->document);
    if (!file->parsed)
        parser_error (loader, file, &parser);
    yaml_parser_delete (&parser);
    if (!file->parsed || yaml_document_get_root_node (&file->document))
        return file->parsed ? 0 : -1;
    profile_error (loader, file->name, 1, "the file is empty");
    return -1;
}

int
profile_file_read (loader_t *loader, int number, const char *folder)
{
    profile_file_t *file = &loader->files[number];
    char path[4096];
    snprintf (path, sizeof path, "%s/%s", folder, file->name);
    FILE *stream = fopen (path, "re");
    if (!stream) {
        profile_error (
            loader, file->name, 1, "cannot be opened in %s: %s", folder, strerror (errno));
        return -1;
    }
    int rc = file_bytes (loader, file, stream);
    fclose (stream);
    return rc == 0 ? file_parse (loader, file) : -1;
}
