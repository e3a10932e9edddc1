#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "classification/field_words.h"

#define PROFILE "deploy/profiles/quang-ninh"

static profile_t *profile;
static field_words_t *words;
static arena_t *arena;

static int
setup (void **state)
{
    (void)state;
    refusal_t refusal = {0};
    profile = profile_load (PROFILE, NULL, &refusal);
    if (!profile)
        print_error ("%s: %s\n", refusal.field, refusal.text);
    words = profile ? field_words_new (profile) : NULL;
    arena = arena_new ();
    return words ? 0 : -1;
}

static int
teardown (void **state)
{
    (void)state;
    field_words_destroy (&words);
    assert_null (words);
    field_words_destroy (&words);
    profile_destroy (&profile);
    arena_destroy (&arena);
    return 0;
}

//  Folded, so that a text can be searched for them as it is read.
static void
words_are_folded (void **state)
{
    (void)state;
    const profile_field_t *price = profile_field (profile, SLICE ("land.price"));
    assert_non_null (strstr (price->words.ptr, "gia dat|dau gia dat|"));
    size_t count, with = 0;
    const profile_field_t *fields = profile_fields (profile, &count);
    for (size_t i = 0; i < count; i++) {
        with += fields[i].words.size > 0;
        for (size_t c = 0; c < fields[i].words.size; c++) {
            char letter = fields[i].words.ptr[c];
            assert_true ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                         letter == ' ' || letter == '|');
        }
        if (!fields[i].parent.size)
            assert_int_equal (fields[i].words.size, 0);
    }
    assert_true (with > 60);
}

static named_fields_t
find (const char *text)
{
    reading_t reading;
    reading_read (slice_from (text), arena, &reading);
    return field_words_find (words, &reading, arena);
}

//  What is named within the top level of `want`; "" = nothing certain.
static void
assert_named (const char *text, const char *top, const char *want)
{
    named_fields_t named = find (text);
    const profile_field_t *finer = NULL;
    bool any = named_within (&named, slice_from (top), &finer);
    const char *got = finer ? finer->code.ptr : "";
    if (strcmp (got, want) != 0)
        fail_msg ("\"%s\": within %s \"%s\" was expected, not \"%s\"", text, top, want, got);
    assert_true (any || !finer);
}

//  One letter for every finer field that has words, as somebody might write it.
static const struct {
    const char *field, *text;
} letters[] = {
    {"land.compensation", "Nhà tôi chưa nhận tiền bồi thường, xin kiểm đếm lại cây trên vườn."},
    {"land.certificate", "Xin xã cấp sổ đỏ lần đầu cho mảnh vườn ông bà để lại."},
    {"land.registration", "nop ho so sang ten tu thang truoc ma chua ai goi"},
    {"land.dispute", "Hàng xóm xây tường lấn đất nhà tôi, đã nói mà không nghe."},
    {"land.price", "Đề nghị công bố bảng giá đất mới của phường."},
    {"land.use", "Khu ruộng thu hồi xong bỏ hoang cỏ mọc lút đầu."},
    {"environment.mining", "Xe chở than chạy cả ngày, bụi mỏ phủ kín mái nhà."},
    {"environment.waste", "Đống RÁC cạnh cổng chợ ba hôm chưa ai dọn."},
    {"environment.noise", "Nhà bên cạnh hát karaoke đến nửa đêm, loa thùng rung cả cửa kính."},
    {"environment.bay", "Phao xốp trôi đầy mặt vịnh mấy hôm nay."},
    {"environment.industrial_park", "Ống xả của khu công nghiệp chảy thẳng ra kênh."},
    {"environment.minerals", "Đêm nào cũng có tàu hút cát ở khúc sông sau nhà."},
    {"environment.industry", "Khói nhà máy phủ kín xóm từ sáng."},
    {"environment.livestock", "Chuồng lợn nhà bên xả thẳng ra mương, mùi không chịu được."},
    {"environment.smoke", "Xưởng gỗ phun sơn cả ngày, trẻ con ho suốt."},
    {"construction.order", "Có nhà đang xây sai phép ba tầng ngay mép suối."},
    {"construction.planning", "Xin cho dân xem bản đồ quy hoạch khu này."},
    {"construction.housing", "Thang máy tòa chung cư hỏng hai tháng nay."},
    {"construction.drainage", "Mưa một lúc là phố ngập úng, hố ga đầy bùn."},
    {"construction.pavement", "Quán nước kê bàn kín vỉa hè, người già phải đi xuống lòng đường."},
    {"construction.greenery", "Cây xanh trước trường nghiêng hẳn, xin cắt tỉa cây trước mùa mưa."},
    {"construction.works", "Giàn giáo dựng sát lối đi mà không có lưới che."},
    {"transport.local_road", "Đường thôn đầy ổ gà, mưa xuống là lầy."},
    {"transport.main_road", "Nắp hố trên QL18 bị mất, xe máy ngã mấy vụ."},
    {"transport.public", "Xe buýt bỏ chuyến cuối, khách đứng chờ cả tiếng."},
    {"transport.licence", "Tôi xin đổi bằng lái mà hẹn mãi chưa có."},
    {"transport.traffic", "Thanh niên lạng lách, đua xe trước cổng trường."},
    {"social_policy.merit", "Bố tôi là thương binh, xin hướng dẫn chế độ."},
    {"social_policy.protection", "Mẹ tôi khuyết tật nặng mà chưa có trợ cấp hàng tháng."},
    {"social_policy.insurance", "Lương hưu tháng này của tôi chưa thấy về."},
    {"health.hospital", "Bệnh viện bắt chờ từ sáng đến trưa mới được khám."},
    {"health.food_safety", "Quán ăn cạnh trường dùng thịt ôi thiu."},
    {"health.station", "Trạm y tế đóng cửa giờ hành chính."},
    {"education.upper_secondary", "Xin thêm chỉ tiêu vào lớp 10 cho các xã đảo."},
    {"education.school", "Trường mầm non thiếu chăn cho các cháu mùa rét."},
    {"education.centre", "Trung tâm tiếng Anh thu tiền xong đóng cửa."},
    {"security_order.border", "Gần cột mốc có người lạ qua lại biên giới ban đêm."},
    {"security_order.fire", "Bình chữa cháy ở khu trọ hết hạn, lối thoát hiểm bị khóa."},
    {"security_order.public_order", "Đêm nào cũng có đám đánh nhau ở đầu cầu."},
    {"justice.court", "Tòa án hẹn ba lần mà chưa mở phiên tòa."},
    {"justice.enforcement", "Cơ quan thi hành án chưa kê biên theo bản án."},
    {"justice.notary", "Phòng công chứng bắt đi lại nhiều lần."},
    {"justice.mediation", "Xin cấp tủ sách pháp luật cho tổ hòa giải."},
    {"utilities.power", "Khu tôi mất điện ba lần một tuần."},
    {"utilities.water", "Nước máy đục ngầu, không dám nấu ăn."},
    {"utilities.lighting", "Đèn đường trước nhà văn hóa tắt đã nửa tháng."},
    {"administration.one_stop", "Bộ phận một cửa mở muộn, dân chờ ngoài sân."},
    {"administration.civil_status", "Giấy khai sinh của cháu ghi sai tên đệm."},
    {"administration.identity", "Căn cước của tôi làm hai tháng chưa có."},
    {"administration.personnel", "Người trực quầy hách dịch, quát mắng các cụ."},
    {"administration.boundaries", "Xin giữ tên thôn cũ khi sáp nhập thôn."},
    {"labour.wages", "Công ty nợ lương ba tháng."},
    {"labour.safety", "Thợ leo cao không có dây an toàn."},
    {"labour.employment", "Xin mở lớp học nghề cho thanh niên bản."},
    {"market.fraud", "Cửa hàng bán hàng giả, hàng nhái đầy kệ."},
    {"market.fuel", "Cây xăng đầu cầu đóng cửa lúc sáu giờ tối."},
    {"market.marketplace", "Ban quản lý chợ xếp quầy không theo bốc thăm."},
    {"culture_tourism.bay", "Giá vé tham quan vịnh niêm yết một đằng thu một nẻo."},
    {"culture_tourism.travel", "Khách sạn thu thêm tiền phòng không báo trước."},
    {"culture_tourism.religion", "Có nhóm truyền đạo lạ vào từng nhà."},
    {"culture_tourism.community", "Sân bóng của khu xuống cấp, thư viện không có sách."},
    {"telecom.fraud", "Có kẻ giả danh cán bộ gọi điện lừa đảo các cụ."},
    {"telecom.network", "Cả bản mất sóng, nhà mạng không ai trả lời."},
    {"agriculture.forest", "Có nhóm người phá rừng đầu nguồn, xin báo kiểm lâm."},
    {"agriculture.fishery", "Tàu giã cào vào sát bờ, dùng cả kích điện."},
    {"agriculture.irrigation", "Trạm bơm hỏng, kênh mương cạn khô."},
    {"agriculture.dykes", "Thân đê biển có chỗ thấm, nước rỉ thành dòng."},
    {"agriculture.livestock", "Lợn chết hàng loạt, nghi dịch tả lợn, xin thú y đến xem."},
    {"agriculture.crops", "Lúa giống cấp về không nảy mầm, sâu bệnh nhiều."},
    {"finance_tax.tax", "Cơ quan thuế tính sai thuế khoán của quán tôi."},
    {"finance_tax.customs", "Tờ khai hải quan bị giữ mười ngày."},
    {"finance_tax.enterprise", "Hồ sơ đăng ký doanh nghiệp bị trả lại ba lần."},
    {"finance_tax.fees", "Thôn thu các khoản đóng góp mà không có sổ."},
    {"corruption.bribery", "Họ đòi phong bì mới làm, không biên lai gì."},
    {"corruption.public_money", "Công trình bị rút ruột, lãng phí tiền của dân."},
};
enum { LETTERS = sizeof letters / sizeof *letters };

static void
every_field_with_words_is_named_by_a_letter (void **state)
{
    (void)state;
    size_t count;
    const profile_field_t *fields = profile_fields (profile, &count);
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t l = 0; l < LETTERS; l++)
            if (slice_is (fields[i].code, letters[l].field)) {
                assert_named (letters[l].text, fields[i].parent.ptr, letters[l].field);
                found++;
            }
        if (found != (fields[i].words.size > 0))
            fail_msg ("%s has words, but %zu letters", fields[i].code.ptr, found);
    }
}

static void
the_same_without_diacritics (void **state)
{
    (void)state;
    for (size_t l = 0; l < LETTERS; l++) {
        const char *top =
            arena_printf (arena, "%.*s", (int)strcspn (letters[l].field, "."), letters[l].field)
                .ptr;
        reading_t reading;
        reading_read (slice_from (letters[l].text), arena, &reading);
        assert_named (reading.folded.ptr, top, letters[l].field);
    }
}

static void
a_letter_that_names_nothing (void **state)
{
    (void)state;
    const char *const texts[] = {
        "", "x", "Kính gửi Ủy ban.", "Tôi cho anh ấy mượn xe.", "Đường trước nhà tôi hỏng."};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        named_fields_t named = find (texts[i]);
        assert_false (named_within (&named, SLICE ("transport"), NULL));
        assert_false (named_within (&named, SLICE ("market"), NULL));
    }
    assert_named ("Rác đầy đường thôn.", "no_such_field", "");
    named_fields_t none = {0};
    assert_false (named_within (&none, SLICE ("transport"), NULL));
}

//  Two that other units handle: neither.
static void
two_that_differ_leave_it_open (void **state)
{
    (void)state;
    assert_named ("Rác của khu công nghiệp đổ ra đường.", "environment", "");
    assert_named ("Từ quốc lộ rẽ vào đường thôn là ổ gà.", "transport", "");
    named_fields_t named = find ("Từ quốc lộ rẽ vào đường thôn là ổ gà.");
    assert_true (named_within (&named, SLICE ("transport"), NULL));
}

//  Two that the same unit handles everywhere: the one named more often.
static void
two_of_one_office_are_one (void **state)
{
    (void)state;
    assert_named (
        "Rác đầy ngõ, rác trôi xuống cống, lại thêm tiếng ồn.", "environment", "environment.waste");
    assert_named ("Tiếng ồn suốt đêm, karaoke, loa thùng, mà rác thì đầy.", "environment",
        "environment.noise");
    //  Merit and protection are one in a commune, but not at the province.
    assert_named ("Bố tôi là thương binh, mẹ tôi khuyết tật.", "social_policy", "");
}

//  "giá đất" stands in "bảng giá đất": that is one mention.
static void
a_longer_phrase_hides_what_it_holds (void **state)
{
    (void)state;
    named_fields_t named = find ("bảng giá đất");
    size_t count;
    const profile_field_t *fields = profile_fields (profile, &count);
    const profile_field_t *price = profile_field (profile, SLICE ("land.price"));
    uint32_t once = named.weights[price - fields];
    named = find ("bảng giá đất, giá đất");
    assert_int_equal (named.weights[price - fields], 2 * once);
}

static void
one_mention_far_behind_does_not_decide (void **state)
{
    (void)state;
    buffer_t text = {0};
    for (int i = 0; i < 80; i++)
        buffer_printf (&text, "chuyện ");
    buffer_printf (&text, "đường thôn");
    slice_t once = arena_copy (arena, buffer_slice (&text));
    buffer_printf (&text, " và đường xóm");
    slice_t twice = arena_copy (arena, buffer_slice (&text));
    buffer_free (&text);
    assert_named (once.ptr, "transport", "");
    named_fields_t named = find (once.ptr);
    assert_true (named_within (&named, SLICE ("transport"), NULL));
    assert_named (twice.ptr, "transport", "transport.local_road");
}

typedef struct {
    size_t count;
    slice_t field, phrase;
} seen_t;

static void
take (void *context, slice_t field, slice_t phrase)
{
    seen_t *seen = context;
    *seen = (seen_t){seen->count + 1, field, phrase};
}

static void
phrases_are_told (void **state)
{
    (void)state;
    seen_t seen = {0};
    reading_t reading;
    reading_read (SLICE ("Ông Tám ở cạnh Quốc   lộ."), arena, &reading);
    field_words_tell (words, &reading, arena, take, &seen);
    assert_int_equal (seen.count, 1);
    assert_true (slice_is (seen.field, "transport.main_road"));
    assert_true (slice_is (seen.phrase, "quoc lo"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_are_folded),
        cmocka_unit_test (every_field_with_words_is_named_by_a_letter),
        cmocka_unit_test (the_same_without_diacritics),
        cmocka_unit_test (a_letter_that_names_nothing),
        cmocka_unit_test (two_that_differ_leave_it_open),
        cmocka_unit_test (two_of_one_office_are_one),
        cmocka_unit_test (a_longer_phrase_hides_what_it_holds),
        cmocka_unit_test (one_mention_far_behind_does_not_decide),
        cmocka_unit_test (phrases_are_told),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
