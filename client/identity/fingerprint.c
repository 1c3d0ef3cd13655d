/* The golden corpus: names as the region writes them. What becomes of them is the normaliser's fingerprint. */
#include "client/identity/normalise.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    "สมชาย ใจดี", "กาญจนา ศรีสุวรรณ", "ณัฐพงษ์ อินทรกำแหง", "Nguyễn Thị Hồng Nhung", "Trần Đức Lương", "Phạm Ngọc Ánh",
    "សុខ ចាន់ដារ៉ា", "គឹម សុភា", "ສົມສັກ ແກ້ວມະນີ", "အောင်ဆန်းစုကြည်", "မောင်မောင်", "মোহাম্মদ রহিম উদ্দিন", "ফাতেমা খাতুন",
    "शर्मा राज कुमार", "सुनीता देवी", "محمد علي خان", "فاطمة الزهراء", "عبد الرحمن بن يوسف", "محمّد إقبال", "王小明", "李娜",
    "陳大文", "張偉", "김민수", "박지영", "山田太郎", "サトウ ハナコ", "Siti Nurhaliza binti Tarudin", "Ahmad bin Abdullah",
    "Muhammad Yusuf", "Md. Abdul Karim", "MOHD. FAIZAL", "Suharto", "I Gusti Ngurah Rai", "Dela Cruz, Juan", "Peña Ñusta",
    "O'Brien", "Jean-Luc", "Søren Kierkegård", "Straße", "ﬁona", "Ｆｕｌｌｗｉｄｔｈ", "İpek Işık", "Łukasz Żółć", "Æther Œuvre",
    "Дмитрий Чайковский", "Юлия Щербакова", "Γιώργος Παπαδόπουλος", "გიორგი", "Արմեն", "יוסף לוי", "தமிழ் செல்வன்",
    "සුනිල් පෙරේරා", "ތާނަ", "བསྟན་འཛིན", "Монгол Баяр", "Dr. Ali al-Hasan", "Mrs Ma Thida", "  spaced   out  ", "X Æ A-12",
};
static const char *const documents[] = {"AB 123456", "ab-123456", "O1I0", "П123", "", "A0000001<2"};

int normaliser_fingerprint(uint8_t out[32], struct err *err)
{
    char name[NORMALISED_MAX], other[NORMALISED_MAX];
    struct normaliser *n = NULL;
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    int rc = normaliser_new(&n, err);
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof names[0]; i++) {
        rc = normalise_name(n, name, names[i], err);
        if (rc != 0)
            break;
        crypto_hash_sha256_update(&hash, (const uint8_t *)name, strlen(name) + 1);
        normalise_unordered(other, name);
        crypto_hash_sha256_update(&hash, (const uint8_t *)other, strlen(other) + 1);
        normalise_phonetic(other, name);
        crypto_hash_sha256_update(&hash, (const uint8_t *)other, strlen(other) + 1);
    }
    for (size_t i = 0; rc == 0 && i < sizeof documents / sizeof documents[0]; i++) {
        normalise_document(other, documents[i]);
        crypto_hash_sha256_update(&hash, (const uint8_t *)other, strlen(other) + 1);
    }
    crypto_hash_sha256_final(&hash, out);
    normaliser_free(n);
    return rc;
}
