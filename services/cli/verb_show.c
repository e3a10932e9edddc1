//  daumoi show CODE: the case, by the six clears.

#include "case_view.h"
#include "clock.h"
#include "store.h"

#include <stdio.h>

//  The six clears: who, what, under which duty, by which procedure, by when, with which result.
typedef struct {
    const cli_t *cli;
    const case_t *record;
    view_t view;
    int64_t now_ms;
} shown_t;

static void
show_who (const shown_t *self)
{
    char since[24];
    const profile_t *profile = self->cli->profile;
    slice_t unit = view_unit_name (profile, self->record->owner);
    slice_t officer = view_officer (profile, self->record);
    printf ("  Rõ người      (who)        %.*s\n", SLICE_ARGS (unit));
    printf ("                             %.*s, từ · since %s\n", SLICE_ARGS (officer),
        time_text (self->record->since_ms, since));
}

static void
show_name (const char *what, slice_t code, slice_t name)
{
    if (code.size)
        printf ("                             %s: %.*s (%.*s)\n", what,
            SLICE_ARGS (name.size ? name : code), SLICE_ARGS (code));
}

static void
show_what (const shown_t *self)
{
    const case_t *record = self->record;
    const profile_t *profile = self->cli->profile;
    if (self->view == VIEW_SEALED) {
        slice_t name = view_sealed_name (record, self->cli->arena);
        printf ("  Rõ việc       (what)       %.*s · sealed\n", SLICE_ARGS (name));
        return;
    }
    if (self->view == VIEW_UNDECIDED) {
        printf ("  Rõ việc       (what)       chưa phân loại · type not decided yet\n");
        return;
    }
    petition_type_t type = type_from (record->type);
    printf ("  Rõ việc       (what)       %s · %s\n",
        type == TYPE_COUNT ? "?" : type_name (type, false),
        type == TYPE_COUNT ? "?" : type_name (type, true));
    const profile_field_t *field = profile_field (profile, record->field);
    const place_t *place = profile_place (profile, record->place);
    show_name ("lĩnh vực · field", record->field, field ? field->name : record->field);
    show_name ("nơi · place", record->place, place ? place->name : record->place);
}

static void
show_duty (const shown_t *self)
{
    const case_t *record = self->record;
    slice_t desk = record->desk;
    const desk_t *found = profile_desk (self->cli->profile, desk);
    printf ("  Rõ trách nhiệm (duty)      ");
    if (self->view == VIEW_OPEN && record->person.size)
        printf ("%.*s%s%.*s\n                             ", SLICE_ARGS (record->person),
            record->basis.size ? ", " : "", SLICE_ARGS (record->basis));
    printf ("nơi tiếp nhận · desk: %.*s\n", SLICE_ARGS (found ? found->name : desk));
    if (record->hops)
        printf ("                             đã chuyển · hops: %lld (%.*s)\n",
            (long long)record->hops, SLICE_ARGS (record->past_owners));
}

//  "phản ánh 96 %, môi trường 84 %, Phường Hà Tu 95 %": the best guesses of the machine.
static void
show_guess (const char *before, const label_t *label, slice_t name)
{
    bool sure = label->value.size > 0;
    int64_t confidence = sure ? label->confidence : label->guesses[0].confidence;
    if (name.size)
        printf ("%s%.*s %lld %%%s", before, SLICE_ARGS (name), (long long)(confidence + 5) / 10,
            sure ? "" : " (chưa chắc · unsure)");
}

static slice_t
best_of (const label_t *label)
{
    return label->value.size ? label->value : label->guesses[0].value;
}

static void
show_guesses (const shown_t *self)
{
    labels_t labels;
    const profile_t *profile = self->cli->profile;
    if (!view_labels (self->record, &labels, self->cli->arena))
        return;
    petition_type_t type = type_from (best_of (&labels.type));
    const profile_field_t *field = profile_field (profile, best_of (&labels.field));
    const place_t *place = profile_place (profile, best_of (&labels.place));
    if (type == TYPE_UNKNOWN || type == TYPE_COUNT)
        return;
    show_guess ("                             máy đoán · guesses: ", &labels.type,
        slice_from (type_name (type, false)));
    show_guess (", ", &labels.field, field ? field->name : (slice_t){NULL, 0});
    show_guess (", ", &labels.place, place ? place->name : (slice_t){NULL, 0});
    printf ("\n");
}

static void
show_procedure (const shown_t *self)
{
    const case_t *record = self->record;
    case_state_t state = state_from (record->state);
    printf ("  Rõ quy trình  (procedure)  %s · %s, lần · version %lld\n",
        state == STATE_COUNT ? "?" : state_name (state, false),
        state == STATE_COUNT ? "?" : state_name (state, true), (long long)record->version);
    if (self->view != VIEW_UNDECIDED)
        return;
    show_guesses (self);
    if (record->proposed.size)
        printf ("                             đề xuất · proposed: %.*s%s%.*s\n",
            SLICE_ARGS (view_unit_name (self->cli->profile, record->proposed)),
            record->basis.size ? ", " : "", SLICE_ARGS (record->basis));
    if (record->reason.size)
        printf ("                             lý do · reason: %.*s\n", SLICE_ARGS (record->reason));
}

static void
show_time (const shown_t *self)
{
    clock_view_t clocks[CASE_CLOCKS];
    char text[24];
    size_t count = view_clocks (
        self->cli->profile, self->record, self->view, self->now_ms, self->cli->arena, clocks);
    printf ("  Rõ thời gian  (time)       tiếp nhận · received %s\n",
        time_text (self->record->received_ms, text));
    for (size_t i = 0; i < count; i++) {
        const clock_view_t *view = &clocks[i];
        printf ("                             %.*s: đến · until %s%s\n",
            SLICE_ARGS (view->clock.step), time_text (view->clock.due_ms, text),
            view->overdue ? "  QUÁ HẠN · OVERDUE" : "");
        if (view->basis.size)
            printf ("                               %.*s\n", SLICE_ARGS (view->basis));
        if (view->arithmetic.size)
            printf ("                               %.*s\n", SLICE_ARGS (view->arithmetic));
    }
}

static void
show_result (const shown_t *self)
{
    case_state_t state = state_from (self->record->state);
    bool live = state == STATE_COUNT || state_is_live (state);
    char text[24];
    if (live)
        printf ("  Rõ hiệu quả   (result)     đang giải quyết · not settled yet\n");
    else
        printf ("  Rõ hiệu quả   (result)     %s · %s, %s\n", state_name (state, false),
            state_name (state, true), time_text (self->record->changed_ms, text));
    if (!live && self->view == VIEW_OPEN && self->record->reason.size)
        printf ("                             %.*s\n", SLICE_ARGS (self->record->reason));
}

static void
show (const cli_t *cli, const case_t *record, const char *code)
{
    labels_t labels;
    bool labelled = view_labels (record, &labels, cli->arena);
    shown_t shown = {.cli = cli,
        .record = record,
        .view = view_of (record, labelled ? &labels : NULL),
        .now_ms = cli_legal_ms (cli)};
    printf ("Hồ sơ · case %s\n\n", code);
    show_who (&shown);
    show_what (&shown);
    show_duty (&shown);
    show_procedure (&shown);
    show_time (&shown);
    show_result (&shown);
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    place_of_case_t place;
    case_t record;
    redisReply *reply;
    int none;
    if (!cli_options (&verb_show, argc, argv, &none, &words, 1, 1))
        return 2;
    if (cli_profile (cli, &refusal) != 0 ||
        store_case (cli, words.words[0], &place, &record, &reply, &refusal) != 0)
        return cli_refused (&verb_show, &refusal);
    if (cli->json)
        cli_print_json (
            view_json (cli->profile, &record, place.code, cli_legal_ms (cli), cli->arena));
    else
        show (cli, &record, place.code);
    freeReplyObject (reply);
    return 0;
}

const verb_t verb_show = {
    .name = "show",
    .words = "CODE",
    .vi = "xem hồ sơ: sáu rõ, thời hạn và cách tính",
    .en = "a case: the six clears, clocks with their arithmetic",
    .help = "  CODE is the number on the receipt; upper or lower case. The text of a petition and\n"
            "  personal data are never shown. Denunciations, and what may be one, are shown as "
            "sealed;\n"
            "  while the type is not decided, the state, the machine's guesses and the proposal.\n",
    .run = run,
};
