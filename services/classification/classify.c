#include "classify_inner.h"

#include "text.h"

enum {
    BOTH_LEAST = 250,    // per mille for complaint and denunciation alike: maybe both
    ACCUSED_LEAST = 150, // per mille that there is a respondent to be looked for
    SECRET_LEAST = 200,  // per mille that it is a denunciation: treat it as one until decided
    DESK_PLACE = 600,
    ADDRESS_PLACE = 500,
    WORDS_LEAST = 4 // below, the text says too little
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
    free (self);
    *self_p = NULL;
}

const char *
classifier_version (const classifier_t *self)
{
    return self->scorer->version;
}

//  --- labels

static void
label_state (label_t *label, slice_t value)
{
    *label = (label_t){.value = value, .confidence = 1000, .reason = SLICE ("stated by the desk")};
    label->guesses[0].value = value;
    label->guesses[0].confidence = 1000;
}

static void
label_unsure (label_t *label, const char *reason)
{
    label->value = SLICE ("");
    label->reason = slice_from (reason);
}

//  The best guesses of a head; decided when the best is above its threshold.
static void
label_score (const scorer_t *scorer, const evidence_t *evidence, size_t h, label_t *label)
{
    const scores_t *scores = &evidence->scores;
    const scorer_head_t *head = &scorer->heads[h];
    size_t order[LABEL_GUESSES] = {0}, found = 0;
    for (; found < LABEL_GUESSES && found < head->count; found++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < head->count; i++) {
            bool taken = false;
            for (size_t u = 0; u < found; u++)
                taken |= order[u] == i;
            if (!taken &&
                (best == SIZE_MAX || scores->probability[h][i] > scores->probability[h][best]))
                best = i;
        }
        order[found] = best;
        label->guesses[found].value = slice_from (head->classes[best].code);
        label->guesses[found].confidence = (int64_t)(scores->probability[h][best] * 1000.0f + 0.5f);
    }
    label->confidence = label->guesses[0].confidence;
    bool sure = scores->probability[h][order[0]] >= head->classes[order[0]].threshold;
    label->value = sure ? label->guesses[0].value : SLICE ("");
    label->reason = sure ? SLICE ("words of the text") : SLICE ("below the threshold");
    if (evidence->reading.count < WORDS_LEAST)
        label_unsure (label, "the text is too short");
}

static int64_t
guessed (const label_t *label, const char *value)
{
    for (size_t i = 0; i < LABEL_GUESSES; i++)
        if (slice_is (label->guesses[i].value, value))
            return label->guesses[i].confidence;
    return 0;
}

//  A guess put before the others.
static void
guess_first (label_t *label, slice_t value, int64_t confidence)
{
    for (size_t i = LABEL_GUESSES - 1; i > 0; i--)
        label->guesses[i] = label->guesses[i - 1];
    label->guesses[0].value = value;
    label->guesses[0].confidence = label->confidence = confidence;
}

//  A denunciation is made in writing or in person (LTC 22); what comes by phone or online is
//  information with denunciation content (LTC 25).
static void
type_by_channel (const petition_t *petition, label_t *label)
{
    channel_t channel = channel_from (petition->channel);
    if (channel != CHANNEL_ONLINE && channel != CHANNEL_PHONE)
        return;
    slice_t information = slice_from (type_code (TYPE_THONG_TIN_TO_CAO));
    for (size_t i = 0; i < LABEL_GUESSES; i++)
        if (slice_is (label->guesses[i].value, type_code (TYPE_TO_CAO)))
            label->guesses[i].value = information;
    if (slice_is (label->value, type_code (TYPE_TO_CAO))) {
        label->value = information;
        label->reason = SLICE ("a denunciation by phone or online (LTC 22, 25)");
    }
}

static void
label_type (const classifier_t *self, const petition_t *petition, const evidence_t *evidence,
    label_t *label)
{
    petition_type_t stated = type_from (petition->type);
    if (stated != TYPE_UNKNOWN && stated != TYPE_COUNT) {
        label_state (label, slice_from (type_code (stated)));
        return;
    }
    label_score (self->scorer, evidence, HEAD_TYPE, label);
    if (evidence->findings.two_matters) {
        guess_first (label, slice_from (type_code (TYPE_NHIEU_NOI_DUNG)), 500);
        label_unsure (label, "it says that it both complains and denounces: split it");
    } else if (guessed (label, type_code (TYPE_KHIEU_NAI)) >= BOTH_LEAST &&
               guessed (label, type_code (TYPE_TO_CAO)) >= BOTH_LEAST) {
        label_unsure (label, "between complaint and denunciation, or both");
    }
    type_by_channel (petition, label);
}

static void
label_field (const classifier_t *self, const petition_t *petition, const evidence_t *evidence,
    label_t *label)
{
    const profile_field_t *stated = profile_field (self->profile, petition->field);
    if (stated) {
        label_state (label, stated->code);
        return;
    }
    label_score (self->scorer, evidence, HEAD_FIELD, label);
    if (label->value.size && !profile_field (self->profile, label->value))
        label_unsure (label, "the profile has no such field");
}

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
        guess_first (label, desk->place, DESK_PLACE);
        label->value = desk->place;
        label->reason = SLICE ("the text names no place; the desk's own");
        return;
    }
    const place_t *home =
        petition->petitioner.address.size
            ? gazetteer_named (self->gazetteer, petition->petitioner.address, arena)
            : NULL;
    if (home) {
        guess_first (label, home->code, ADDRESS_PLACE);
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
    return guessed (type, type_code (TYPE_KHIEU_NAI)) + guessed (type, type_code (TYPE_TO_CAO)) +
               guessed (type, type_code (TYPE_THONG_TIN_TO_CAO)) +
               guessed (type, type_code (TYPE_NHIEU_NOI_DUNG)) >=
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
    bool complaint = guessed (&labels->type, type_code (TYPE_KHIEU_NAI)) >= 500;
    bool accuses = guessed (&labels->type, type_code (TYPE_TO_CAO)) >= SECRET_LEAST ||
                   guessed (&labels->type, type_code (TYPE_THONG_TIN_TO_CAO)) >= SECRET_LEAST;
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
    label_type (self, petition, evidence, &labels->type);
    label_field (self, petition, evidence, &labels->field);
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
