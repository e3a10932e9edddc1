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

static void
assert_slice (slice_t got, const char *want)
{
    if (!slice_is (got, want))
        print_error ("got \"%.*s\", want \"%s\"\n", SLICE_ARGS (got), want);
    assert_true (slice_is (got, want));
}

//  --- what the model says

static const char complaint[] = "ĐƠN KHIẾU NẠI\nKính gửi: Chủ tịch UBND phường Hà Tu.\nTôi là Vũ "
                                "Thị Mận, tổ 5 khu 3, phường Hà "
                                "Tu. Tôi khiếu nại Quyết định số 77/QĐ-UBND của UBND phường Hà Tu "
                                "về việc thu hồi 40 m2 đất vườn "
                                "nhà tôi, vì phương án bồi thường tính thiếu diện tích so với sổ "
                                "đỏ. Đề nghị hủy quyết định, đo "
                                "lại đất và bồi thường đúng giá đất ở.";

static void
a_complaint_about_land (void **state)
{
    (void)state;
    labels_t labels = labels_of_text (complaint);
    assert_slice (labels.type.value, "khieu_nai");
    assert_slice (labels.field.guesses[0].value, "land");
    assert_slice (labels.place.value, "ha-tu");
    assert_slice (labels.respondent.value, "ha-tu");
    assert_int_equal (labels.instance, 1);
    assert_int_equal (labels.flags, 0);
    assert_slice (labels.model, classifier_version (classifier));
}

static void
the_same_without_diacritics (void **state)
{
    (void)state;
    labels_t labels = labels_of_text (
        "Kinh gui Chu tich UBND phuong Ha Tu. Toi la Vu Thi Man. Toi khieu nai Quyet dinh so 77 "
        "cua "
        "UBND phuong Ha Tu ve viec thu hoi 40 m2 dat vuon nha toi, phuong an boi thuong tinh thieu "
        "dien tich so voi so do. De nghi huy quyet dinh, do lai dat va boi thuong dung gia dat o.");
    assert_slice (labels.type.value, "khieu_nai");
    assert_slice (labels.field.guesses[0].value, "land");
    assert_slice (labels.place.value, "ha-tu");
}

static void
a_report (void **state)
{
    (void)state;
    labels_t labels = labels_of_text (
        "Cột đèn đường trước cổng trường mầm non ở phường Cửa Ông hỏng cả tuần nay, "
        "tối om, nhờ các bác cho người đến sửa.");
    assert_slice (labels.type.value, "phan_anh");
    assert_slice (labels.place.value, "cua-ong");
    assert_int_equal (labels.instance, 0);
    assert_slice (labels.respondent.value, "");
}

//  Confidence and guesses agree with each other, whatever the text.
static void
labels_hold_together (void **state)
{
    (void)state;
    const char *const texts[] = {complaint, "a", "🙂🙂🙂", "Please help with my visa.",
        "      ", "Cộng hòa xã hội chủ nghĩa Việt Nam\nĐộc lập - Tự do - Hạnh phúc"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        labels_t labels = labels_of_text (texts[i]);
        const label_t *all[] = {&labels.type, &labels.field, &labels.place, &labels.respondent};
        for (size_t l = 0; l < 4; l++) {
            assert_true (all[l]->confidence >= 0 && all[l]->confidence <= 1000);
            assert_int_equal (all[l]->confidence, all[l]->guesses[0].confidence);
            assert_true (all[l]->reason.size > 0);
            if (all[l]->value.size)
                assert_true (slice_equals (all[l]->value, all[l]->guesses[0].value));
            for (size_t g = 1; g < LABEL_GUESSES; g++)
                assert_true (all[l]->guesses[g].confidence <= all[l]->guesses[g - 1].confidence);
        }
    }
}

static void
texts_that_say_nothing_stay_unsure (void **state)
{
    (void)state;
    char *big = mem_new (65537);
    memset (big, 'a', 65536);
    const char *const texts[] = {
        "x", "🙂🙂🙂 🙂", "\x01\x02\x03", big, "qwe rty uio", ".....", "Đơn khiếu nại"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        labels_t labels = labels_of_text (texts[i]);
        assert_slice (labels.type.value, "");
        assert_slice (labels.field.value, "");
        assert_slice (labels.place.value, "");
    }
    free (big);
    labels_t labels = labels_of ((petition_t){.text = SLICE ("\xC3(\xFF")});
    assert_slice (labels.type.value, "");
    assert_slice (labels.type.reason, "the text is not UTF-8");
}

//  --- what the desk states

static void
the_desk_wins_where_it_names_a_thing (void **state)
{
    (void)state;
    labels_t labels = labels_of ((petition_t){.text = slice_from (complaint),
        .type = SLICE ("kien_nghi"),
        .field = SLICE ("health"),
        .place = SLICE ("phường Bãi Cháy"),
        .respondent = SLICE ("Phó Chủ tịch UBND phường Bãi Cháy")});
    assert_slice (labels.type.value, "kien_nghi");
    assert_int_equal (labels.type.confidence, 1000);
    assert_slice (labels.type.reason, "stated by the desk");
    assert_slice (labels.field.value, "health");
    assert_slice (labels.place.value, "bai-chay");
    assert_slice (labels.respondent.value, "bai-chay/deputy");
    assert_int_equal (labels.instance, 0);
    labels = labels_of ((petition_t){.text = slice_from (complaint),
        .type = SLICE ("no-such-type"),
        .field = SLICE ("no-such-field"),
        .place = SLICE ("Trên mây")});
    assert_slice (labels.type.value, "khieu_nai");
    assert_slice (labels.place.value, "ha-tu");
}

//  --- places

static void
assert_place (const char *text, const char *want)
{
    labels_t labels = labels_of_text (text);
    if (!slice_is (labels.place.value, want))
        print_error ("\"%s\": got \"%.*s\"\n", text, SLICE_ARGS (labels.place.value));
    assert_slice (labels.place.value, want);
}

static void
places_by_name (void **state)
{
    (void)state;
    assert_place ("Rác đầy ở phường Hà Lầm.", "ha-lam");
    assert_place ("Rác đầy ở P. Hà Lầm.", "ha-lam");
    assert_place ("rac day o phuong ha lam", "ha-lam");
    assert_place ("Rác đầy ở Hà Lầm mấy hôm nay.", "ha-lam");
    assert_place ("Đường vào đặc khu Cô Tô sạt lở.", "co-to");
    assert_place ("Chợ ở phường Móng Cái 2 không có chỗ đỗ xe.", "mong-cai-2");
    assert_place ("xã Hải Hoà và xã Hải Hòa là một", "hai-hoa");
    //  Another name, though it reads the same without diacritics.
    assert_place ("Chúng tôi thống nhất đề nghị sửa đường.", "");
    assert_place ("Em tôi ở xã Hải Lăng, Quảng Trị.", "");
    //  Something else that bears the name.
    assert_place ("Nhà máy của công ty Hà Tu xả khói.", "");
    //  The ward or the former city?
    assert_place ("Nhà tôi ở Hạ Long, đường hỏng.", "");
}

static void
old_names_lead_to_new_ones (void **state)
{
    (void)state;
    assert_place ("Cống tắc ở phường Hà Phong cũ.", "ha-tu");
    assert_place ("Cống tắc ở phường Hà Phong.", "ha-tu");
    assert_place ("Cong tac o phuong ha phong cu", "ha-tu");
    assert_place ("Chợ thị trấn Cái Rồng không có chỗ đỗ xe.", "van-don");
    assert_place ("Chợ TT Cái Rồng không có chỗ đỗ xe.", "van-don");
    //  One that was split.
    assert_place ("Đường ở xã Yên Than hỏng.", "");
}

static void
several_places_are_never_guessed (void **state)
{
    (void)state;
    labels_t labels =
        labels_of_text ("Xe tải chạy từ phường Hà Tu sang phường Cao Xanh làm vỡ đường.");
    assert_slice (labels.place.value, "");
    assert_true (labels.place.guesses[0].value.size > 0);
    assert_true (labels.place.guesses[1].value.size > 0);
    //  A former city of many wards.
    labels = labels_of_text ("Tôi ở thành phố Hạ Long, đường hỏng nhiều.");
    assert_slice (labels.place.value, "");
}

static void
the_desks_place_is_a_fallback (void **state)
{
    (void)state;
    labels_t labels =
        labels_of ((petition_t){.text = SLICE ("Đường trước nhà tôi hỏng đã lâu, đề nghị sửa."),
            .desk = SLICE ("tcd-ha-tu")});
    assert_slice (labels.place.value, "ha-tu");
    assert_true (labels.place.confidence < 700);
    labels = labels_of ((petition_t){
        .text = SLICE ("Đường ở phường Cửa Ông hỏng, đề nghị sửa."), .desk = SLICE ("tcd-ha-tu")});
    assert_slice (labels.place.value, "cua-ong");
}

//  --- respondents

static void
who_is_complained_of (void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"Tôi tố cáo ông Phó Chủ tịch UBND phường Hà Tu nhận tiền của dân để làm sổ đỏ.",
            "ha-tu/deputy"},
        {"Tôi tố cáo Chủ tịch UBND xã Quảng La chi sai tiền, đề nghị xác minh, xử lý.",
            "quang-la/head"},
        {"Tôi tố cáo cán bộ địa chính xã ở xã Quảng La vòi tiền, đề nghị xử lý nghiêm.",
            "quang-la/staff"},
        {"Tôi tố cáo Giám đốc Sở Xây dựng nhận hối lộ khi cấp phép, đề nghị điều tra.",
            "so-xd/head"},
        //  The address is no charge.
        {"Kính gửi: Chủ tịch UBND phường Hà Tu.\nTôi tố cáo Chủ tịch UBND xã Quảng La chi sai "
         "tiền.",
            "quang-la/head"},
        //  A body that stands far from any charge is only mentioned.
        {"Tôi tố cáo Chủ tịch UBND xã Quảng La chi sai tiền. Năm ngoái bà con chúng tôi đi làm xa "
         "cả, "
         "nhà cửa vắng vẻ, chỉ còn người già với trẻ nhỏ trông nhau, có lần gặp đoàn của Sở Xây "
         "dựng.",
            "quang-la/head"},
        //  Two that differ.
        {"Tôi tố cáo Chủ tịch UBND xã Quảng La và tố cáo Giám đốc Sở Xây dựng chia nhau tiền.", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        labels_t labels =
            labels_of ((petition_t){.text = slice_from (rows[i].text), .type = SLICE ("to_cao")});
        if (!slice_is (labels.respondent.value, rows[i].want))
            print_error ("%s\n", rows[i].text);
        assert_slice (labels.respondent.value, rows[i].want);
    }
}

static void
the_contested_author_goes_first (void **state)
{
    (void)state;
    petition_t petition = {.text = slice_from (complaint)};
    petition.contested.author = SLICE ("Giám đốc Sở Xây dựng");
    petition.contested.instance = 2;
    labels_t labels = labels_of (petition);
    assert_slice (labels.respondent.value, "so-xd/head");
    assert_int_equal (labels.instance, 2);
    assert_true (labels.flags & FLAG_SECOND);
}

//  --- flags

static void
assert_flag (petition_t petition, int64_t flag, bool want)
{
    labels_t labels = labels_of (petition);
    if (((labels.flags & flag) != 0) != want)
        print_error ("%.*s\n", SLICE_ARGS (petition.text));
    assert_int_equal ((labels.flags & flag) != 0, want);
}
#define TEXT(literal) ((petition_t){.text = SLICE (literal)})

static void
mass_letters (void **state)
{
    (void)state;
    assert_flag (TEXT ("Chúng tôi 27 hộ dân khu 2 đề nghị mở lối đi."), FLAG_MASS, true);
    assert_flag (TEXT ("Chúng tôi gồm 5 người cùng ký tên."), FLAG_MASS, true);
    assert_flag (TEXT ("Chúng tôi, ba mươi hộ nuôi hàu, xin được hỗ trợ."), FLAG_MASS, true);
    assert_flag (TEXT ("Chúng tôi gồm 4 người cùng ký tên."), FLAG_MASS, false);
    assert_flag (TEXT ("Nhà tôi cách đường 27 mét, có 2 người già."), FLAG_MASS, false);
    petition_t petition = TEXT ("Đề nghị mở lối đi.");
    petition.signatories = 5;
    assert_flag (petition, FLAG_MASS, true);
    petition = TEXT ("Chúng tôi 27 hộ dân khu 2 đề nghị mở lối đi.");
    petition.signatories = 1;
    assert_flag (petition, FLAG_MASS, false);
}

static void
other_flags (void **state)
{
    (void)state;
    petition_t second =
        TEXT ("Tôi không đồng ý với quyết định giải quyết khiếu nại lần đầu số 12.");
    second.type = SLICE ("khieu_nai");
    assert_flag (second, FLAG_SECOND, true);
    assert_int_equal (labels_of (second).instance, 2);
    second.type = SLICE ("kien_nghi");
    assert_flag (second, FLAG_SECOND, false);
    assert_flag (TEXT ("Tôi đã gửi đơn nhiều lần mà chưa ai trả lời."), FLAG_REPEATED, true);
    assert_flag (TEXT ("Tường sắp đổ, nguy hiểm đến tính mạng các cháu."), FLAG_URGENT, true);
    assert_flag (TEXT ("Họ lừa đảo chiếm đoạt của tôi 30 triệu."), FLAG_CRIME, true);
    assert_flag (TEXT ("Đường xấu, đề nghị sửa."),
        FLAG_REPEATED | FLAG_URGENT | FLAG_CRIME | FLAG_ANONYMOUS | FLAG_CONFIDENTIAL, false);
}

static void
anonymous_letters (void **state)
{
    (void)state;
    const petition_t unsigned_one = TEXT ("Tôi xin không nêu tên. Họ đổ rác trộm ban đêm ở suối.");
    assert_flag (unsigned_one, FLAG_ANONYMOUS, true);
    assert_flag (unsigned_one, FLAG_INELIGIBLE, true);
    petition_t named = unsigned_one;
    named.petitioner.name = SLICE ("Trần Thị Bưởi");
    assert_flag (named, FLAG_ANONYMOUS, false);
    //  It names the violator (LTC 25): it may be handled.
    petition_t accuses = TEXT ("Tôi tố cáo Giám đốc Sở Xây dựng nhận hối lộ, xin không nêu tên.");
    accuses.type = SLICE ("to_cao");
    assert_flag (accuses, FLAG_INELIGIBLE, false);
    assert_flag (accuses, FLAG_CONFIDENTIAL, true);
}

//  LTC 22, 25.
static void
a_denunciation_by_phone_is_information (void **state)
{
    (void)state;
    petition_t petition = TEXT (
        "Tôi là Hoàng Văn Sung. Tôi viết đơn tố cáo ông Trần Văn Lãm, cán bộ địa chính xã, đã nhận "
        "của tôi 20 triệu đồng tiền chạy sổ đỏ rồi không làm. Tôi có giấy biên nhận và người làm "
        "chứng. Đề nghị xác minh, xử lý nghiêm ông Lãm theo pháp luật và thu hồi tiền.");
    petition.channel = SLICE ("post");
    assert_slice (labels_of (petition).type.value, "to_cao");
    petition.channel = SLICE ("phone");
    assert_slice (labels_of (petition).type.value, "thong_tin_to_cao");
    assert_flag (petition, FLAG_CONFIDENTIAL, true);
}

static void
two_matters_are_left_to_a_human (void **state)
{
    (void)state;
    labels_t labels = labels_of_text (
        "Tôi làm đơn này vừa khiếu nại vừa tố cáo: khiếu nại quyết định thu hồi đất số 5 của UBND "
        "phường Hà Tu, tố cáo cán bộ địa chính nhận tiền.");
    assert_slice (labels.type.value, "");
    assert_slice (labels.type.guesses[0].value, "nhieu_noi_dung");
}

//  --- explanations

static void
explanations_show_words_of_the_model_only (void **state)
{
    (void)state;
    petition_t petition = {.text = slice_from (complaint)};
    json_t *why = classify_explain (classifier, &petition, arena);
    assert_string_equal (
        json_string_value (json_object_get (why, "model")), classifier_version (classifier));
    json_t *type = json_object_get (why, "type");
    assert_string_equal (json_string_value (json_object_get (type, "value")), "khieu_nai");
    json_t *words = json_object_get (type, "for");
    assert_true (json_array_size (words) > 0);
    bool found = false;
    for (size_t i = 0; i < json_array_size (words); i++) {
        json_t *word = json_array_get (words, i);
        found |= strstr (json_string_value (json_object_get (word, "words")), "khiếu nại") != NULL;
        assert_true (json_real_value (json_object_get (word, "weight")) > 0);
    }
    assert_true (found);
    char *all = json_dumps (why, 0);
    assert_null (strstr (all, "vũ thị mận"));
    assert_null (strstr (all, "77"));
    free (all);
    json_decref (why);
    petition.text = SLICE ("Qwghlm xin khiếu nại quyết định thu hồi đất");
    why = classify_explain (classifier, &petition, arena);
    all = json_dumps (why, 0);
    assert_null (strstr (all, "qwghlm"));
    assert_non_null (strstr (all, "thu hồi"));
    free (all);
    json_decref (why);
}

static void
a_missing_model_is_refused (void **state)
{
    (void)state;
    refusal_t refusal = {0};
    assert_null (classifier_new ("no/such/file", profile, &refusal));
    assert_int_equal (refusal.code, REFUSAL_NOT_FOUND);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_complaint_about_land),
        cmocka_unit_test (the_same_without_diacritics),
        cmocka_unit_test (a_report),
        cmocka_unit_test (labels_hold_together),
        cmocka_unit_test (texts_that_say_nothing_stay_unsure),
        cmocka_unit_test (the_desk_wins_where_it_names_a_thing),
        cmocka_unit_test (places_by_name),
        cmocka_unit_test (old_names_lead_to_new_ones),
        cmocka_unit_test (several_places_are_never_guessed),
        cmocka_unit_test (the_desks_place_is_a_fallback),
        cmocka_unit_test (who_is_complained_of),
        cmocka_unit_test (the_contested_author_goes_first),
        cmocka_unit_test (mass_letters),
        cmocka_unit_test (other_flags),
        cmocka_unit_test (anonymous_letters),
        cmocka_unit_test (a_denunciation_by_phone_is_information),
        cmocka_unit_test (two_matters_are_left_to_a_human),
        cmocka_unit_test (explanations_show_words_of_the_model_only),
        cmocka_unit_test (a_missing_model_is_refused),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
