#include "flags.h"

//  Phrases without diacritics. TWO stands behind the last flag: a letter with two kinds of matter.
enum { TWO = FLAG_COUNT };

static const struct {
    const char *phrase;
    int bit;
} phrases[] = {
    {"tap the ho dan", FLAG_BIT_MASS},
    {"tap the cong nhan", FLAG_BIT_MASS},
    {"tap the nguoi lao dong", FLAG_BIT_MASS},
    {"tap the phu huynh", FLAG_BIT_MASS},
    {"tap the tieu thuong", FLAG_BIT_MASS},
    {"danh sach ky ten kem theo", FLAG_BIT_MASS},
    {"danh sach chu ky kem theo", FLAG_BIT_MASS},
    {"co danh sach ky", FLAG_BIT_MASS},
    {"kem chu ky cua", FLAG_BIT_MASS},
    {"da gui don nhieu lan", FLAG_BIT_REPEATED},
    {"gui don nhieu lan", FLAG_BIT_REPEATED},
    {"da gui nhieu don", FLAG_BIT_REPEATED},
    {"gui nhieu don", FLAG_BIT_REPEATED},
    {"nhieu lan gui don", FLAG_BIT_REPEATED},
    {"da nhieu lan", FLAG_BIT_REPEATED},
    {"phan anh nhieu lan", FLAG_BIT_REPEATED},
    {"kien nghi nhieu lan", FLAG_BIT_REPEATED},
    {"phan anh lan nua", FLAG_BIT_REPEATED},
    {"phan anh lai", FLAG_BIT_REPEATED},
    {"gui lai don", FLAG_BIT_REPEATED},
    {"toi gui lai", FLAG_BIT_REPEATED},
    {"don lan hai", FLAG_BIT_REPEATED},
    {"don lan thu", FLAG_BIT_REPEATED},
    {"don thu hai", FLAG_BIT_REPEATED},
    {"lan thu hai toi", FLAG_BIT_REPEATED},
    {"lan thu ba", FLAG_BIT_REPEATED},
    {"lan thu tu", FLAG_BIT_REPEATED},
    {"lan thu nam", FLAG_BIT_REPEATED},
    {"to cao lan hai", FLAG_BIT_REPEATED},
    {"da lam don", FLAG_BIT_REPEATED},
    {"don truoc", FLAG_BIT_REPEATED},
    {"khieu nai lan hai", FLAG_BIT_SECOND},
    {"khieu nai lan 2", FLAG_BIT_SECOND},
    {"khieu nai lan ii", FLAG_BIT_SECOND},
    {"khieu nai tiep", FLAG_BIT_SECOND},
    {"tiep tuc khieu nai", FLAG_BIT_SECOND},
    {"giai quyet khieu nai lan dau", FLAG_BIT_SECOND},
    {"giai quyet khieu nai lan 1", FLAG_BIT_SECOND},
    {"giai quyet khieu nai lan mot", FLAG_BIT_SECOND},
    {"giai quyet lan dau", FLAG_BIT_SECOND},
    {"khong dong y voi quyet dinh giai quyet khieu nai", FLAG_BIT_SECOND},
    {"khong dong y quyet dinh giai quyet khieu nai", FLAG_BIT_SECOND},
    {"khong dong y voi ket qua giai quyet khieu nai", FLAG_BIT_SECOND},
    {"nguy hiem tinh mang", FLAG_BIT_URGENT},
    {"nguy hiem den tinh mang", FLAG_BIT_URGENT},
    {"de doa tinh mang", FLAG_BIT_URGENT},
    {"de doa den tinh mang", FLAG_BIT_URGENT},
    {"nguy co sap", FLAG_BIT_URGENT},
    {"sap sap", FLAG_BIT_URGENT},
    {"sap do", FLAG_BIT_URGENT},
    {"khan cap", FLAG_BIT_URGENT},
    {"chet nguoi", FLAG_BIT_URGENT},
    {"dien giat", FLAG_BIT_URGENT},
    {"nguy co chay", FLAG_BIT_URGENT},
    {"chay no", FLAG_BIT_URGENT},
    {"ro ri gas", FLAG_BIT_URGENT},
    {"dang cap cuu", FLAG_BIT_URGENT},
    {"doa giet", FLAG_BIT_URGENT},
    {"ngo doc", FLAG_BIT_URGENT},
    {"bao gap", FLAG_BIT_URGENT},
    {"hoi lo", FLAG_BIT_CRIME},
    {"tham o", FLAG_BIT_CRIME},
    {"lua dao", FLAG_BIT_CRIME},
    {"chiem doat", FLAG_BIT_CRIME},
    {"ma tuy", FLAG_BIT_CRIME},
    {"danh bac", FLAG_BIT_CRIME},
    {"co bac", FLAG_BIT_CRIME},
    {"ca do", FLAG_BIT_CRIME},
    {"so de", FLAG_BIT_CRIME},
    {"cuop", FLAG_BIT_CRIME},
    {"trom cap", FLAG_BIT_CRIME},
    {"cuong doat", FLAG_BIT_CRIME},
    {"bao ke", FLAG_BIT_CRIME},
    {"giet nguoi", FLAG_BIT_CRIME},
    {"hiep dam", FLAG_BIT_CRIME},
    {"xam hai", FLAG_BIT_CRIME},
    {"dam o", FLAG_BIT_CRIME},
    {"buon lau", FLAG_BIT_CRIME},
    {"rua tien", FLAG_BIT_CRIME},
    {"tin dung den", FLAG_BIT_CRIME},
    {"khai khong", FLAG_BIT_CRIME},
    {"lap khong", FLAG_BIT_CRIME},
    {"chung tu khong", FLAG_BIT_CRIME},
    {"gia mao chu ky", FLAG_BIT_CRIME},
    {"dua nguoi vuot bien", FLAG_BIT_CRIME},
    {"giu bi mat", FLAG_BIT_CONFIDENTIAL},
    {"bao mat danh tinh", FLAG_BIT_CONFIDENTIAL},
    {"bao mat thong tin", FLAG_BIT_CONFIDENTIAL},
    {"giau ten", FLAG_BIT_CONFIDENTIAL},
    {"khong neu ten", FLAG_BIT_CONFIDENTIAL},
    {"so bi tra thu", FLAG_BIT_CONFIDENTIAL},
    {"so bi tru dap", FLAG_BIT_CONFIDENTIAL},
    {"khong neu ten", FLAG_BIT_ANONYMOUS},
    {"khong ghi ten", FLAG_BIT_ANONYMOUS},
    {"khong ky ten", FLAG_BIT_ANONYMOUS},
    {"khong tien noi ten", FLAG_BIT_ANONYMOUS},
    {"khong tien neu ten", FLAG_BIT_ANONYMOUS},
    {"khong noi ten", FLAG_BIT_ANONYMOUS},
    {"khong dam ghi ten", FLAG_BIT_ANONYMOUS},
    {"khong dam neu ten", FLAG_BIT_ANONYMOUS},
    {"khong dam ky ten", FLAG_BIT_ANONYMOUS},
    {"xin giau ten", FLAG_BIT_ANONYMOUS},
    {"xin duoc giau ten", FLAG_BIT_ANONYMOUS},
    {"giau ten", FLAG_BIT_ANONYMOUS},
    {"thu khong ten", FLAG_BIT_ANONYMOUS},
    {"thu nay khong ten", FLAG_BIT_ANONYMOUS},
    {"vua khieu nai vua to cao", TWO},
    {"khieu nai va to cao", TWO},
    {"to cao va khieu nai", TWO},
    {"khieu nai dong thoi to cao", TWO},
    {"khieu nai dong thoi toi to cao", TWO},
};
enum { PHRASES = sizeof phrases / sizeof *phrases };

struct flag_rules {
    lexicon_t *lexicon; // value: row of `phrases`
};

flag_rules_t *
flag_rules_new (void)
{
    flag_rules_t *self = mem_new (sizeof *self);
    self->lexicon = lexicon_new ();
    for (size_t i = 0; i < PHRASES; i++)
        lexicon_add (self->lexicon, slice_from (phrases[i].phrase), i);
    lexicon_close (self->lexicon);
    return self;
}

void
flag_rules_destroy (flag_rules_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    lexicon_destroy (&(*self_p)->lexicon);
    free (*self_p);
    *self_p = NULL;
}

//  --- how many people sign: "chúng tôi 34 hộ", "27 hộ dân", "mười hai hộ"

enum { MASS_LEAST = 5, NUMBER_MOST = 5000, NUMBER_NEAR = 4, OPENING = 60 };

static const char *const groups[] = {"chung toi", "chung em", "chung chau", "bon toi", "bon em",
    "tap the", "ba con", "dai dien cho", "dai dien", "thay mat"};
static const char *const people[] = {"ho", "nguoi", "cong nhan", "gia dinh", "phu huynh",
    "lao dong", "tieu thuong", "ngu dan", "giao vien", "chu", "anh em", "chi em", "ba con",
    "hoc sinh", "xa vien", "can bo", "ke toan"};
//  Words for numbers, as far as they cannot be read as anything else ("nam" is also the year).
static const struct {
    const char *words;
    int64_t number;
} number_words[] = {{"muoi", 10}, {"hai muoi", 20}, {"ba muoi", 30}, {"bon muoi", 40},
    {"nam muoi", 50}, {"hai chuc", 20}, {"ba chuc", 30}, {"bon chuc", 40}, {"bay ho", 7},
    {"tam ho", 8}, {"chin ho", 9}, {"sau ho", 6}, {"tram ho", 100}, {"hon tram", 100}};

static int64_t
number_at (const reading_t *reading, size_t word)
{
    for (size_t i = 0; i < sizeof number_words / sizeof *number_words; i++)
        if (reading_phrase_at (reading, word, slice_from (number_words[i].words)))
            return number_words[i].number;
    slice_t digits = reading_words (reading, word, 1);
    int64_t number = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || number > NUMBER_MOST)
            return 0;
        number = number * 10 + (digits.ptr[i] - '0');
    }
    return number <= NUMBER_MOST ? number : 0;
}

static bool
phrase_of (const reading_t *reading, size_t word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (reading_phrase_at (reading, word, slice_from (list[i])))
            return true;
    return false;
}
#define PHRASE_OF(reading, word, list) phrase_of (reading, word, list, sizeof list / sizeof *list)

//  A group's own number stands close behind its name and before people.
static int64_t
signers_of (const reading_t *reading)
{
    int64_t most = 0;
    size_t group_at = SIZE_MAX;
    for (size_t word = 0; word < reading->count && word < 400; word++) {
        if (PHRASE_OF (reading, word, groups))
            group_at = word;
        int64_t number = number_at (reading, word);
        bool near = group_at != SIZE_MAX && word - group_at <= NUMBER_NEAR + 2;
        bool of_people = false;
        for (size_t i = 0; i <= 2 && !of_people; i++)
            of_people = PHRASE_OF (reading, word + i, people);
        bool signs = word < OPENING && slice_is (reading_words (reading, word + 1, 2), "ho dan");
        if (number > most && of_people && (near || signs))
            most = number;
    }
    return most;
}

void
flag_rules_apply (
    const flag_rules_t *self, const reading_t *reading, arena_t *arena, flag_findings_t *out)
{
    size_t count;
    const lexicon_hit_t *hits = lexicon_find (self->lexicon, reading, arena, &count);
    *out = (flag_findings_t){.signers = signers_of (reading)};
    for (size_t i = 0; i < count; i++) {
        int bit = phrases[hits[i].value].bit;
        if (bit == TWO)
            out->two_matters = true;
        else
            out->flags |= 1 << bit;
    }
    if (out->signers >= MASS_LEAST)
        out->flags |= FLAG_MASS;
}

void
flag_rules_tell (const flag_rules_t *self, const reading_t *reading, arena_t *arena,
    flag_seen_fn *seen, void *context)
{
    size_t count;
    const lexicon_hit_t *hits = lexicon_find (self->lexicon, reading, arena, &count);
    for (size_t i = 0; i < count; i++)
        if (phrases[hits[i].value].bit != TWO)
            seen (context, (flag_bit_t)phrases[hits[i].value].bit,
                slice_from (phrases[hits[i].value].phrase));
}
