#include "competence_inner.h"

//  Units that every profile names so, where it has them.
static const slice_t INSPECTORATE = {"thanh-tra", 9};

static const struct {
    const char *basis, *reason;
} OPEN[] = {
    [OPEN_TYPE] = {"TT05/2021", "Chưa rõ loại đơn"},
    [OPEN_SEVERAL] = {"LTCD 25.3; NĐ154 14.4",
        "Đơn có nhiều nội dung: hướng dẫn tách riêng từng nội dung theo nơi có thẩm quyền"},
    [OPEN_OTHER] = {"TT05/2021",
        "Không phải khiếu nại, tố cáo, kiến nghị, phản ánh: cán bộ xem xét"},
    [OPEN_DISPUTE] = {"NĐ151/2025 5.2",
        "Có thể là tranh chấp đất đai, không phải khiếu nại: hòa giải ở cấp xã trước"},
    [OPEN_AUTHOR] = {"LKN 7", "Chưa rõ người có quyết định, hành vi bị khiếu nại"},
    [OPEN_AUTHOR_LAND] = {"LKN 7; NĐ151/2025 5.2",
        "Chưa rõ người có quyết định, hành vi bị khiếu nại; nếu là tranh chấp đất đai thì hòa giải "
        "ở cấp xã trước; nếu là quyết định của cấp huyện cũ thì xác định cơ quan kế thừa"},
    [OPEN_AUTHOR_JUSTICE] = {"LKN 7; TT05/2021",
        "Chưa rõ người bị khiếu nại; việc của tòa án, kiểm sát, thi hành án thì hướng dẫn đến cơ "
        "quan đó"},
    [OPEN_ADDRESSEE] = {"LKN 7",
        "Chỉ thấy tên nơi nhận đơn, chưa rõ người có quyết định, hành vi bị khiếu nại"},
    [OPEN_POST] = {"LTC 12.1", "Chưa rõ chức vụ người bị tố cáo"},
    [OPEN_ACCUSED] = {"LTC 12", "Chưa rõ người bị tố cáo hoặc cơ quan quản lý người đó"},
    [OPEN_SUPERIOR] = {"LKN 7; LTC 12",
        "Thuộc người đứng đầu cơ quan cấp trên trực tiếp, chưa có trong danh mục đơn vị"},
    [OPEN_NAMELESS] = {"LKN 7; LTC 12", "Chưa rõ tên trường, trung tâm: xác định tên rồi giao"},
    [OPEN_FIELD] = {"LTCD 26.2", "Chưa rõ lĩnh vực"},
    [OPEN_PLACE] = {"LTCD 26.2", "Lĩnh vực do cấp xã xử lý nhưng chưa rõ địa bàn"},
    [OPEN_EARLIER_LAW] = {"NĐ141/2025",
        "Nhận trước 01/7/2025, khi còn cấp huyện: xác định cơ quan kế thừa"},
};

//  What follows when the desk's own body is not the competent one.
static const char *const FOLLOWS[TYPE_COUNT] = {
    [TYPE_KHIEU_NAI] = "hướng dẫn một lần, hoặc chuyển đơn và báo người gửi (LTCD 26.1b)",
    [TYPE_TO_CAO] = "chuyển trong 5 ngày làm việc, một lần (LTC 24.2)",
    [TYPE_THONG_TIN_TO_CAO] = "chuyển trong 5 ngày làm việc, một lần (LTC 24.2, 25)",
    [TYPE_KIEN_NGHI] = "chuyển đơn (LTCD 26.2)",
    [TYPE_PHAN_ANH] = "chuyển đơn (LTCD 26.2)",
};

void
competence_open (question_t *self, open_t why)
{
    *self->out = (competent_t){.verdict = COMPETENT_UNSURE,
        .basis = slice_from (OPEN[why].basis),
        .reason = slice_from (OPEN[why].reason)};
}

static const unit_t *
desk_body (const question_t *self)
{
    const desk_t *desk = self->matter->desk;
    const place_t *place = desk ? profile_place (self->profile, desk->place) : NULL;
    return place ? place->unit : profile_top (self->profile);
}

const unit_t *
competence_worker (const question_t *self, const unit_t *body, const unit_t *settled_first)
{
    const unit_t *adviser = profile_unit (self->profile, INSPECTORATE);
    if (body != profile_top (self->profile) || !adviser || adviser == settled_first)
        return body;
    return party_implicates (self->matter->type, self->party, adviser) ? body : adviser;
}

bool
competence_within (slice_t field, slice_t parent)
{
    return parent.size && field.size >= parent.size &&
           memcmp (field.ptr, parent.ptr, parent.size) == 0 &&
           (field.size == parent.size || field.ptr[parent.size] == '.');
}

static slice_t
reason_line (const question_t *self, const char *rule, const unit_t *body, slice_t person)
{
    const char *follows = FOLLOWS[self->matter->type];
    if (body == desk_body (self) || !follows)
        return arena_printf (self->arena, "%s: %.*s", rule, SLICE_ARGS (person));
    return arena_printf (self->arena, "%s: %.*s; nơi nhận đơn không có thẩm quyền: %s", rule,
        SLICE_ARGS (person), follows);
}

//  "Trường THPT công lập (chưa rõ tên)" stands for all of its kind: its superior is known, but
//  nobody sits there who could own a case.
static bool
is_nameless (const unit_t *unit)
{
    static const char MARK[] = "(chưa rõ tên)";
    const size_t size = sizeof MARK - 1;
    return unit->name.size > size &&
           memcmp (unit->name.ptr + unit->name.size - size, MARK, size) == 0;
}

void
competence_decide (
    question_t *self, const unit_t *body, const unit_t *unit, const char *basis, const char *rule)
{
    slice_t person = body->head.size ? body->head : body->name;
    if (is_nameless (unit) || party_implicates (self->matter->type, self->party, unit)) {
        competence_open (self, is_nameless (unit) ? OPEN_NAMELESS : OPEN_SUPERIOR);
        return;
    }
    *self->out = (competent_t){
        .verdict = unit->kind == UNIT_TREE ? COMPETENT_HERE : COMPETENT_OUT,
        .unit = unit,
        .person = person,
        .basis = slice_from (basis),
        .reason = reason_line (self, rule, body, person),
    };
}
