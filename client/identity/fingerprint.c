/* The golden corpus: names as the region writes them. What becomes of them is the normaliser's fingerprint. */
#include "client/identity/person.h"
#include "client/identity/rules.h"
#include "protocol/base/bytes.h"

#include <sodium.h>
#include <string.h>

static const char *const names[] = {
    "สมชาย ใจดี",
    "กาญจนา ศรีสุวรรณ",
    "ณัฐพงษ์ อินทรกำแหง",
    "เพ็ญศรี แก้วมณี",
    "Nguyễn Thị Hồng Nhung",
    "Trần Đức Lương",
    "Phạm Ngọc Ánh",
    "សុខ ចាន់ដារ៉ា",
    "គឹម សុភា",
    "ស្រី ពេជ្រ",
    "ສົມສັກ ແກ້ວມະນີ",
    "ທອງລຸນ ສີສຸລິດ",
    "အောင်ဆန်းစုကြည်",
    "မောင်မောင်",
    "ဒေါ်ခင်ခင်ဝင်း",
    "မင်းအောင်လှိုင်",
    "মোহাম্মদ রহিম উদ্দিন",
    "ফাতেমা খাতুন",
    "শেখ হাসিনা",
    "আব্দুল করিম চৌধুরী",
    "शर्मा राज कुमार",
    "सुनीता देवी",
    "प्रचण्ड थापा",
    "محمد علي خان",
    "فاطمة الزهراء",
    "عبد الرحمن بن يوسف",
    "محمّد إقبال",
    "غلام حیدر",
    "ملالہ یوسفزئی",
    "王小明",
    "李娜",
    "陳大文",
    "張偉",
    "欧阳娜娜",
    "司馬 相如",
    "曾國藩",
    "김민수",
    "박지영",
    "이영희",
    "남궁 민",
    "山田太郎",
    "サトウ ハナコ",
    "さとう はなこ",
    "ｻﾄｳ",
    "Siti Nurhaliza binti Tarudin",
    "Ahmad bin Abdullah",
    "Muniandy a/l Raju",
    "Letchumi A/P Muthu",
    "Muhammad Yusuf",
    "Md. Abdul Karim",
    "MOHD. FAIZAL",
    "Abdurrahman Wahid",
    "Abdel Rahman",
    "Suharto",
    "Soekarno",
    "I Gusti Ngurah Rai",
    "Dela Cruz, Juan",
    "Peña Ñusta",
    "Ma. Teresa de los Santos",
    "Tan Ah Kow @ Tan Kok",
    "Hsiao Ming-Hsiung",
    "O'Brien",
    "Jean-Luc",
    "Søren Kierkegård",
    "Müller",
    "Straße",
    "ﬁona",
    "Ｆｕｌｌｗｉｄｔｈ",
    "İpek Işık",
    "Łukasz Żółć",
    "Æther Œuvre",
    "Дмитрий Чайковский",
    "Юлия Щербакова",
    "Өлзий Батбаяр",
    "Нұрсұлтан Әбішұлы",
    "Γιώργος Παπαδόπουλος",
    "გიორგი",
    "Արմեն",
    "יוסף לוי",
    "தமிழ் செல்வன்",
    "முருகன்",
    "సీత",
    "ಕೃಷ್ಣ",
    "മോഹൻ",
    "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "ગાંધી",
    "සුනිල් පෙරේරා",
    "ජයවර්ධන",
    "ތާނަ",
    "བསྟན་འཛིན",
    "Монгол Баяр",
    "Dr. Ali al-Hasan",
    "Mrs Ma Thida",
    "U Thant",
    "  spaced   out  ",
    "X Æ A-12",
    "FNU",
    "-",
    "",
};

/* Rows: family name, given names, date of birth, calendar, nationality, document number, zone. */
static const char *const rows[][7] = {
    {"WANG", "XIAO MING", "1984-01-01", "", "CHN", "E1234567", ""},
    {"Nguyen", "Van Hung", "02/03/1990", "", "VNM", "B 12345-67", ""},
    {"", "Daw Khin Win", "1964", "", "MMR", "12/OUKAMA(N)123456", ""},
    {"Suharto", "Suharto", "19450817", "", "IDN", "A0000001<2", ""},
    {"ใจดี", "สมชาย", "๒๕๔๐-๐๒-๒๙", "", "THA", "", ""},
    {"ใจดี", "สมชาย", "2540-02-28", "buddhist", "THA", "O1I0S5B8", ""},
    {"Thapa", "Ram", "2047-01-01", "bikram-sambat", "NPL", "১২৩৪৫", ""},
    {"Ahmadi", "Zahra", "1370-12-30", "persian", "AFG", "P00123", ""},
    {"Khan", "Ali", "1410-09-30", "hijri", "PAK", "AB1234567", ""},
    {"陳", "大文", "86-10-31", "minguo", "TWN", "L898902C36", ""},
    {"", "", "", "", "", "",
     "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
    {"", "", "", "", "", "",
     "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
};

static void hash_text(crypto_hash_sha256_state *hash, const char *text)
{
    crypto_hash_sha256_update(hash, (const uint8_t *)text, strlen(text) + 1);
}

static void hash_number(crypto_hash_sha256_state *hash, unsigned number)
{
    uint8_t bytes[4];
    bytes_put_u32be(bytes, number);
    crypto_hash_sha256_update(hash, bytes, sizeof bytes);
}

static void hash_person(crypto_hash_sha256_state *hash, const struct person *p)
{
    hash_number(hash, p->names << 16 | p->dates << 12 | p->nationalities << 8 | p->documents << 4 |
                          (p->sex == 'F' ? 2 : p->sex != 0));
    for (unsigned i = 0; i < p->names; i++) {
        hash_number(hash, p->name[i].tokens << 16 | p->name[i].family << 8 | p->name[i].source);
        for (unsigned j = 0; j < p->name[i].tokens; j++) {
            hash_text(hash, p->name[i].token[j].text);
            hash_text(hash, p->name[i].token[j].root);
            hash_text(hash, p->name[i].token[j].sound);
            hash_text(hash, p->name[i].token[j].skeleton);
        }
    }
    for (unsigned i = 0; i < p->dates; i++)
        hash_number(hash, p->date[i].year << 16 | p->date[i].month << 8 | p->date[i].day << 1 | p->date[i].assumed);
    for (unsigned i = 0; i < p->nationalities; i++)
        hash_text(hash, p->nationality[i]);
    for (unsigned i = 0; i < p->documents; i++) {
        hash_text(hash, p->document[i].type);
        hash_text(hash, p->document[i].issuer);
        hash_text(hash, p->document[i].number);
        hash_text(hash, p->document[i].folded);
    }
}

static int hash_row(crypto_hash_sha256_state *hash, struct normaliser *n, const char *const row[7], const char *native,
                    struct person *p, struct err *err)
{
    struct record r = {.line = 0};
    for (int f = 0; f < FIELDS; f++)
        r.field[f] = "";
    static const enum field fields[] = {FIELD_FAMILY_NAME, FIELD_GIVEN_NAMES, FIELD_DATE_OF_BIRTH,
                                        FIELD_CALENDAR,    FIELD_NATIONALITY, FIELD_DOC_NUMBER,
                                        FIELD_MRZ};
    for (size_t i = 0; row != NULL && i < sizeof fields / sizeof fields[0]; i++)
        r.field[fields[i]] = row[i];
    r.field[FIELD_NAME_NATIVE] = native;
    int rc = person_from_record(n, &r, p, err);
    if (rc == 0)
        hash_person(hash, p);
    return rc;
}

int normaliser_fingerprint(uint8_t out[32], struct err *err)
{
    struct normaliser *n = NULL;
    struct person person;
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    for (size_t i = 0; i < RULE_FILES; i++)
        hash_text(&hash, rule_files[i].text);
    int rc = normaliser_new(&n, err);
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof names[0]; i++)
        rc = hash_row(&hash, n, NULL, names[i], &person, err);
    for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof rows[0]; i++)
        rc = hash_row(&hash, n, rows[i], "", &person, err);
    crypto_hash_sha256_final(&hash, out);
    normaliser_free(n);
    return rc;
}
