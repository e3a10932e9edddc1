#include "flags.h"

//  Phrases without diacritics. Behind the last flag stand what is not a flag itself: a letter with
//  two kinds of matter, one that says who writes.
enum { TWO = FLAG_COUNT, WRITER };

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
    {"nhac lai", FLAG_BIT_REPEATED},
    {"lan nua", FLAG_BIT_REPEATED},
    {"gui lan", FLAG_BIT_REPEATED},
    {"gui don lan", FLAG_BIT_REPEATED},
    {"phan anh lan", FLAG_BIT_REPEATED},
    {"kien nghi lan", FLAG_BIT_REPEATED},
    {"don lan truoc", FLAG_BIT_REPEATED},
    {"lan truoc toi", FLAG_BIT_REPEATED},
    {"hai lan truoc", FLAG_BIT_REPEATED},
    {"ba lan truoc", FLAG_BIT_REPEATED},
    {"phan anh hai lan", FLAG_BIT_REPEATED},
    {"phan anh ba lan", FLAG_BIT_REPEATED},
    {"gui hai lan", FLAG_BIT_REPEATED},
    {"gui ba lan", FLAG_BIT_REPEATED},
    {"hai lan gui don", FLAG_BIT_REPEATED},
    {"ba lan gui don", FLAG_BIT_REPEATED},
    {"da gui don", FLAG_BIT_REPEATED},
    {"da co don", FLAG_BIT_REPEATED},
    {"da phan anh", FLAG_BIT_REPEATED},
    {"da kien nghi", FLAG_BIT_REPEATED},
    {"da viet don", FLAG_BIT_REPEATED},
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
    {"toi la", WRITER},
    {"toi ten", WRITER},
    {"ten toi", WRITER},
    {"chung toi la", WRITER},
    {"nguoi viet don", WRITER},
    {"em la", WRITER},
    {"chau la", WRITER},
    {"con la", WRITER},
    {"ho ten", WRITER},
    {"ho va ten", WRITER},
    {"ten la", WRITER},
};
enum { PHRASES = sizeof phrases / sizeof *phrases };

//  Words for numbers, as far as they cannot be read as anything else ("nam" is also the year).
static const struct {
    const char *words;
    int64_t number;
} number_words[] = {{"muoi", 10}, {"hai muoi", 20}, {"ba muoi", 30}, {"bon muoi", 40},
    {"nam muoi", 50}, {"sau muoi", 60}, {"bay muoi", 70}, {"tam muoi", 80}, {"chin muoi", 90},
    {"hai chuc", 20}, {"ba chuc", 30}, {"bon chuc", 40}, {"nam chuc", 50}, {"tram", 100},
    {"nam ho", 5}, {"sau ho", 6}, {"bay ho", 7}, {"tam ho", 8}, {"chin ho", 9}, {"nam nguoi", 5},
    {"sau nguoi", 6}, {"bay nguoi", 7}, {"tam nguoi", 8}, {"chin nguoi", 9}, {"bay phu huynh", 7},
    {"tam phu huynh", 8}, {"chin phu huynh", 9}, {"bay gia dinh", 7}, {"tam gia dinh", 8},
    {"chin gia dinh", 9}};
enum { NUMBERS = sizeof number_words / sizeof *number_words };

struct flag_rules {
    lexicon_t *lexicon; // value: row of `phrases`, then of `number_words`
};

flag_rules_t *
flag_rules_new (void)
{
    flag_rules_t *self = mem_new (sizeof *self);
    self->lexicon = lexicon_new ();
    for (size_t i = 0; i < PHRASES; i++)
        lexicon_add (self->lexicon, slice_from (phrases[i].phrase), i);
    for (size_t i = 0; i < NUMBERS; i++)
        lexicon_add (self->lexicon, slice_from (number_words[i].words), PHRASES + i);
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

enum {
    MASS_LEAST = 5,
    NUMBER_MOST = 5000,
    GROUP_NEAR = 6,
    PEOPLE_NEAR = 3,
    VERB_NEAR = 16,
    OPENING = 60
};

static const char *const groups[] = {"chung toi", "chung em", "chung chau", "bon toi", "bon em",
    "tap the", "ba con", "dai dien cho", "dai dien", "thay mat"};
static const char *const people[] = {"ho", "nguoi", "cong nhan", "gia dinh", "phu huynh",
    "lao dong", "tieu thuong", "ngu dan", "giao vien", "chu", "anh em", "chi em", "ba con",
    "hoc sinh", "xa vien", "can bo", "ke toan", "me", "nha", "cu dan", "lai xe", "chu tau",
    "nha thau", "khach san"};
//  What those people do with the letter.
static const char *const verbs[] = {"kien nghi", "phan anh", "khieu nai", "to cao", "de nghi",
    "ky ten", "cung ky", "xin kien nghi", "mong", "chung toi", "chung em"};
static int64_t
number_at (const reading_t *reading, size_t word)
{
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
phrase_within (
    const reading_t *reading, size_t from, size_t to, const char *const *list, size_t count)
{
    for (size_t word = from; word < to && word < reading->count; word++)
        for (size_t i = 0; i < count; i++)
            if (reading_phrase_at (reading, word, slice_from (list[i])))
                return true;
    return false;
}
#define PHRASE_WITHIN(reading, from, to, list)                                                     \
    phrase_within (reading, from, to, (list), sizeof (list) / sizeof *(list))

//  Does a number speak of those who sign: people right behind it, and a group close before, or what
//  they ask for in the same sentence at the letter's beginning?
static bool
counts_signers (const reading_t *reading, size_t word)
{
    if (!PHRASE_WITHIN (reading, word, word + PEOPLE_NEAR, people))
        return false;
    if (word < OPENING && slice_is (reading_words (reading, word + 1, 2), "ho dan"))
        return true;
    if (PHRASE_WITHIN (reading, word < GROUP_NEAR ? 0 : word - GROUP_NEAR, word, groups))
        return true;
    size_t end = word + 1;
    while (end < reading->count && end < word + VERB_NEAR && !reading->words[end].after_break)
        end++;
    return word < OPENING && PHRASE_WITHIN (reading, word, end, verbs);
}

static int64_t
signers_of (const reading_t *reading)
{
    int64_t most = 0;
    for (size_t word = 0; word < reading->count; word++) {
        char first = reading->folded.ptr[reading->words[word].at];
        int64_t number = first >= '0' && first <= '9' ? number_at (reading, word) : 0;
        if (number > most && counts_signers (reading, word))
            most = number;
    }
    return most;
}

static void
take_number (const reading_t *reading, const lexicon_hit_t *hit, flag_findings_t *out)
{
    int64_t number = number_words[hit->value - PHRASES].number;
    if (number > out->signers && counts_signers (reading, hit->word))
        out->signers = number;
}

void
flag_rules_apply (
    const flag_rules_t *self, const reading_t *reading, arena_t *arena, flag_findings_t *out)
{
    size_t count;
    const lexicon_hit_t *hits = lexicon_find (self->lexicon, reading, arena, &count);
    *out = (flag_findings_t){.signers = signers_of (reading)};
    for (size_t i = 0; i < count; i++) {
        if (hits[i].value >= PHRASES)
            take_number (reading, &hits[i], out);
        else if (phrases[hits[i].value].bit == TWO)
            out->two_matters = true;
        else if (phrases[hits[i].value].bit == WRITER)
            out->writer = true;
        else
            out->flags |= 1 << phrases[hits[i].value].bit;
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
        if (hits[i].value < PHRASES && phrases[hits[i].value].bit < FLAG_COUNT)
            seen (context, (flag_bit_t)phrases[hits[i].value].bit,
                slice_from (phrases[hits[i].value].phrase));
}
