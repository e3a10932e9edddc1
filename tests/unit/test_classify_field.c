#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "classification/classify.h"

#define MODEL "services/classification/model.bin"
#define PROFILE "deploy/profiles/quang-ninh"

static profile_t *profile;
static classifier_t *classifier;
static arena_t *arena;

static int
setup (void **state)
{
    (void)state;
    refusal_t refusal = {0};
    profile = profile_load (PROFILE, NULL, &refusal);
    classifier = profile ? classifier_new (MODEL, profile, &refusal) : NULL;
    if (!classifier)
        print_error ("%s: %s\n", refusal.field, refusal.text);
    arena = arena_new ();
    return classifier ? 0 : -1;
}

static int
teardown (void **state)
{
    (void)state;
    classifier_destroy (&classifier);
    profile_destroy (&profile);
    arena_destroy (&arena);
    return 0;
}

static labels_t
labels_of (petition_t petition)
{
    labels_t labels;
    classify (classifier, &petition, arena, &labels);
    return labels;
}

static labels_t
labels_of_text (const char *text)
{
    return labels_of ((petition_t){.text = slice_from (text)});
}

#define TEXT(literal) ((petition_t){.text = SLICE (literal)})

static void
assert_slice (slice_t got, const char *want)
{
    if (!slice_is (got, want))
        print_error ("got \"%.*s\", want \"%s\"\n", SLICE_ARGS (got), want);
    assert_true (slice_is (got, want));
}

//  Together they are sure where neither is: their sum decides, the likelier says which.
static void
a_proposal_or_a_report (void **state)
{
    (void)state;
    labels_t labels = labels_of_text (
        "Ổ gà trên quốc lộ 18 đoạn qua phường Mạo Khê rất nguy hiểm, xe máy ngã nhiều lần, đề nghị "
        "sửa mặt đường.");
    const label_t *type = &labels.type;
    assert_slice (type->value, "kien_nghi");
    assert_slice (type->guesses[1].value, "phan_anh");
    assert_slice (type->reason, "words of the text: proposal or report, the likelier");
    //  What the sum is made of.
    assert_true (type->guesses[1].confidence > 200);
    assert_true (type->confidence >= 2 * type->guesses[1].confidence);
    assert_true (type->confidence > 900);
    //  A denunciation is no part of it.
    labels = labels_of_text ("Tôi tố cáo ông Phó Chủ tịch UBND phường Hà Tu nhận tiền của dân.");
    assert_slice (labels.type.guesses[0].value, "to_cao");
}

static void
assert_field (petition_t petition, const char *value, const char *reason)
{
    labels_t labels = labels_of (petition);
    if (!slice_is (labels.field.value, value) || !slice_is (labels.field.reason, reason))
        print_error ("\"%.*s\"\n", SLICE_ARGS (petition.text));
    assert_slice (labels.field.value, value);
    assert_slice (labels.field.reason, reason);
}

static void
finer_fields_by_the_words_of_the_profile (void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"environment.waste", "Rác thải ở phường Hà Lầm ba hôm nay chưa ai thu gom, ruồi nhặng bâu "
                              "đầy, đề nghị phường cho xe đến chở."},
        {"transport.main_road", "Ổ gà trên quốc lộ 18 đoạn qua phường Mạo Khê rất nguy hiểm, xe "
                                "máy ngã nhiều lần, đề nghị sửa mặt đường."},
        {"transport.local_road", "Đường thôn ở xã Quảng La lầy lội, ổ gà nhiều, đề nghị xã đổ bê "
                                 "tông cho bà con đi lại."},
        {"health.station", "Tram y te xa Dam Ha het thuoc huyet ap, bac si bao ra ngoai mua."},
        {"utilities.power", "Điện lực cắt điện liên tục ở xã Ba Chẽ, mất điện cả ngày không báo."},
        {"land.compensation", "Tôi khiếu nại quyết định thu hồi đất số 5 của UBND phường Hà Tu vì "
                              "phương án bồi thường tính thiếu."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_field (
            (petition_t){.text = slice_from (rows[i][1])}, rows[i][0], "words of the profile");
    //  Two that differ: the field above them.
    assert_field (TEXT ("Nước thải, rác và tiếng ồn của khu công nghiệp Cái Lân ảnh hưởng đến dân "
                        "phường Bãi Cháy, mùi hôi, ô nhiễm môi trường."),
        "environment", "words of the text");
    //  What a human stated is not made finer.
    petition_t stated = TEXT ("Ổ gà trên quốc lộ 18, đề nghị sửa mặt đường.");
    stated.field = SLICE ("transport");
    assert_field (stated, "transport", "stated by the desk");
}

//  Two witnesses suffice for proposals and reports; with a third against them, or for another type,
//  they do not.
static void
two_witnesses_suffice_for_proposals (void **state)
{
    (void)state;
    petition_t petition = TEXT ("Tiểu thương bị đuổi ra khỏi quầy.");
    petition.type = SLICE ("phan_anh");
    assert_field (petition, "market.marketplace", "words of the profile");
    assert_true (labels_of (petition).field.confidence < 955);
    petition.type = SLICE ("khieu_nai");
    assert_field (petition, "", "below the threshold");
    assert_true (labels_of (petition).field.confidence > 750);
    petition = TEXT ("Tiểu thương bị đuổi ra khỏi quầy vì hàng rào của công trình thi công.");
    petition.type = SLICE ("phan_anh");
    assert_field (petition, "", "below the threshold");
    assert_true (labels_of (petition).field.confidence > 750);
}

//  However sure the field is.
static void
letters_about_bribes_wait_for_a_human (void **state)
{
    (void)state;
    petition_t petition = TEXT ("Tiểu thương bị đuổi ra khỏi quầy hàng ở chợ vì phong bì.");
    petition.type = SLICE ("phan_anh");
    assert_field (petition, "market", "words of the text");
}

//  The phrases and their fields are told, and nothing else of the letter.
static void
explanations_name_the_phrases (void **state)
{
    (void)state;
    petition_t petition = TEXT ("Qwghlm ở cạnh quốc lộ 18 có ổ gà, đề nghị sửa mặt đường.");
    json_t *why = classify_explain (classifier, &petition, arena);
    json_t *phrases = json_object_get (why, "phrases");
    assert_int_equal (json_array_size (phrases), 1);
    json_t *phrase = json_array_get (phrases, 0);
    assert_string_equal (
        json_string_value (json_object_get (phrase, "field")), "transport.main_road");
    assert_string_equal (json_string_value (json_object_get (phrase, "phrase")), "quoc lo");
    char *all = json_dumps (why, 0);
    assert_null (strstr (all, "qwghlm"));
    free (all);
    json_decref (why);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_proposal_or_a_report),
        cmocka_unit_test (finer_fields_by_the_words_of_the_profile),
        cmocka_unit_test (two_witnesses_suffice_for_proposals),
        cmocka_unit_test (letters_about_bribes_wait_for_a_human),
        cmocka_unit_test (explanations_name_the_phrases),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
