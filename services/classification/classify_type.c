#include "classify_inner.h"

enum { BOTH_LEAST = 250 }; // per mille for complaint and denunciation alike: maybe both

//  Proposals and reports are routed and reported together: their sum decides that it is one of the
//  two, and the likelier says which.
static void
label_pair (const scorer_head_t *head, const evidence_t *evidence, label_t *label)
{
    const float *probability = evidence->scores.probability[HEAD_TYPE];
    size_t one = 0;
    while (one < head->count && scorer_partner (head, one) == one)
        one++;
    if (one == head->count)
        return;
    size_t other = scorer_partner (head, one);
    float sum = probability[one] + probability[other];
    for (size_t i = 0; i < head->count; i++)
        if (i != one && i != other && probability[i] >= sum)
            return;
    size_t likelier = probability[one] >= probability[other] ? one : other;
    bool sure = sum >= head->classes[likelier].threshold;
    label_put_first (label, slice_from (head->classes[likelier].code),
        sum >= 1 ? 1000 : (int64_t)(sum * 1000.0f + 0.5f));
    label->value = sure ? label->guesses[0].value : SLICE ("");
    label->reason = sure ? SLICE ("words of the text: proposal or report, the likelier")
                         : SLICE ("below the threshold");
    if (evidence->reading.count < WORDS_LEAST)
        label_unsure (label, "the text is too short");
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

void
label_type (const classifier_t *self, const petition_t *petition, const evidence_t *evidence,
    label_t *label)
{
    petition_type_t stated = type_from (petition->type);
    if (stated != TYPE_UNKNOWN && stated != TYPE_COUNT) {
        label_state (label, slice_from (type_code (stated)));
        return;
    }
    label_score (self->scorer, evidence, HEAD_TYPE, label);
    label_pair (&self->scorer->heads[HEAD_TYPE], evidence, label);
    if (evidence->findings.two_matters) {
        label_put_first (label, slice_from (type_code (TYPE_NHIEU_NOI_DUNG)), 500);
        label_unsure (label, "it says that it both complains and denounces: split it");
    } else if (label_guessed (label, type_code (TYPE_KHIEU_NAI)) >= BOTH_LEAST &&
               label_guessed (label, type_code (TYPE_TO_CAO)) >= BOTH_LEAST) {
        label_unsure (label, "between complaint and denunciation, or both");
    }
    type_by_channel (petition, label);
}
