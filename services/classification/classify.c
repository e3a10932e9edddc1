#include "classify_inner.h"

#include "text.h"

enum {
    ACCUSED_LEAST = 150, // per mille that there is a respondent to be looked for
    SECRET_LEAST = 200,  // per mille that it is a denunciation: treat it as one until decided
    DESK_PLACE = 600,
    ADDRESS_PLACE = 500
};

classifier_t *
classifier_new (const char *model_file, const profile_t *profile, refusal_t *refusal)
{
    scorer_t *scorer = scorer_load (model_file, refusal);
    if (!scorer)
        return NULL;
    classifier_t *self = mem_new (sizeof *self);
    self->profile = profile;
    self->scorer = scorer;
    self->gazetteer = gazetteer_new (profile);
    self->respondents = respondents_new (profile);
    self->flags = flag_rules_new ();
    self->words = field_words_new (profile);
    return self;
}

void
classifier_destroy (classifier_t **self_p)
{
    assert (self_p);
    classifier_t *self = *self_p;
    if (!self)
        return;
    scorer_destroy (&self->scorer);
    gazetteer_destroy (&self->gazetteer);
    respondents_destroy (&self->respondents);
    flag_rules_destroy (&self->flags);
    field_words_destroy (&self->words);
    free (self);
    *self_p = NULL;
}

const char *
classifier_version (const classifier_t *self)
{
    return self->scorer->version;
}

//  --- place and respondent

static void
label_place (const classifier_t *self, const petition_t *petition, const evidence_t *evidence,
    arena_t *arena, label_t *label)
{
    const place_t *stated =
        petition->place.size ? gazetteer_named (self->gazetteer, petition->place, arena) : NULL;
    if (stated) {
        label_state (label, stated->code);
        return;
    }
    gazetteer_find (self->gazetteer, &evidence->reading, arena, label);
    if (label->value.size || label->guesses[0].value.size)
        return;
    const desk_t *desk = profile_desk (self->profile, petition->desk);
    if (desk && desk->place.size) {
        label_put_first (label, desk->place, DESK_PLACE);
        label->value = desk->place;
        label->reason = SLICE ("the text names no place; the desk's own");
        return;
    }
    const place_t *home =
        petition->petitioner.address.size
            ? gazetteer_named (self->gazetteer, petition->petitioner.address, arena)
            : NULL;
    if (home) {
        label_put_first (label, home->code, ADDRESS_PLACE);
        label_unsure (label, "the text names no place; the petitioner's home");
    }
}

//  Places that may tell which "UBND xã" is meant: not the desk's, which may be any.
static const place_t *
sure_place (const classifier_t *self, const label_t *place)
{
    return place->confidence > DESK_PLACE ? profile_place (self->profile, place->value) : NULL;
}

static bool
may_accuse (const label_t *type)
{
    return label_guessed (type, type_code (TYPE_KHIEU_NAI)) +
               label_guessed (type, type_code (TYPE_TO_CAO)) +
               label_guessed (type, type_code (TYPE_THONG_TIN_TO_CAO)) +
               label_guessed (type, type_code (TYPE_NHIEU_NOI_DUNG)) >=
           ACCUSED_LEAST;
}

static void
label_respondent (const classifier_t *self, const petition_t *petition, const evidence_t *evidence,
    arena_t *arena, labels_t *labels)
{
    const place_t *place = sure_place (self, &labels->place);
    const slice_t stated[] = {petition->contested.author, petition->respondent};
    for (size_t i = 0; i < 2; i++)
        if (stated[i].size &&
            respondents_named (self->respondents, stated[i], place, arena, &labels->respondent))
            return;
    if (may_accuse (&labels->type))
        respondents_find (self->respondents, &evidence->reading, place, arena, &labels->respondent);
    else
        labels->respondent.reason = SLICE ("nobody is complained of");
}

//  --- flags and instance

static int64_t
flags_of (const petition_t *petition, const evidence_t *evidence, const labels_t *labels)
{
    int64_t flags = evidence->findings.flags;
    bool complaint = label_guessed (&labels->type, type_code (TYPE_KHIEU_NAI)) >= 500;
    bool accuses = label_guessed (&labels->type, type_code (TYPE_TO_CAO)) >= SECRET_LEAST ||
                   label_guessed (&labels->type, type_code (TYPE_THONG_TIN_TO_CAO)) >= SECRET_LEAST;
    if (petition->signatories)
        flags = petition->signatories >= 5 ? flags | FLAG_MASS : flags & ~FLAG_MASS;
    if (petition->contested.instance)
        flags = petition->contested.instance == 2 ? flags | FLAG_SECOND : flags & ~FLAG_SECOND;
    else if (!complaint)
        flags &= ~FLAG_SECOND;
    if (petition->petitioner.anonymous)
        flags |= FLAG_ANONYMOUS;
    else if (evidence->findings.writer || petition->petitioner.name.size ||
             petition->organisation.name.size)
        flags &= ~FLAG_ANONYMOUS;
    if (accuses)
        flags |= FLAG_CONFIDENTIAL;
    //  An anonymous letter is eligible only when it names the violator (LTC 25).
    if (((flags & FLAG_ANONYMOUS) && !labels->respondent.value.size) ||
        evidence->reading.count < WORDS_LEAST)
        flags |= FLAG_INELIGIBLE;
    return flags;
}

static int64_t
instance_of (const petition_t *petition, const labels_t *labels)
{
    if (!slice_is (labels->type.value, type_code (TYPE_KHIEU_NAI)))
        return 0;
    if (petition->contested.instance)
        return petition->contested.instance;
    return labels->flags & FLAG_SECOND ? 2 : 1;
}

static void
labels_refuse (labels_t *labels, const char *reason)
{
    label_t *all[] = {&labels->type, &labels->field, &labels->place, &labels->respondent};
    for (size_t i = 0; i < 4; i++)
        all[i]->reason = slice_from (reason);
}

void
classify_with (const classifier_t *self, const petition_t *petition, arena_t *arena,
    labels_t *labels, evidence_t *evidence)
{
    *labels = (labels_t){.model = slice_from (self->scorer->version)};
    *evidence = (evidence_t){0};
    if (!text_is_utf8 (petition->text)) {
        labels_refuse (labels, "the text is not UTF-8");
        return;
    }
    slice_t text = text_nfc (petition->text, arena);
    features_read (text, arena, &evidence->features);
    scorer_score (self->scorer, &evidence->features, &evidence->scores);
    reading_read (text, arena, &evidence->reading);
    flag_rules_apply (self->flags, &evidence->reading, arena, &evidence->findings);
    evidence->named = field_words_find (self->words, &evidence->reading, arena);
    label_type (self, petition, evidence, &labels->type);
    label_field (self, petition, labels, evidence, &labels->field);
    label_place (self, petition, evidence, arena, &labels->place);
    label_respondent (self, petition, evidence, arena, labels);
    labels->flags = flags_of (petition, evidence, labels);
    labels->instance = instance_of (petition, labels);
}

void
classify (const classifier_t *self, const petition_t *petition, arena_t *arena, labels_t *labels)
{
    evidence_t evidence;
    classify_with (self, petition, arena, labels, &evidence);
}
