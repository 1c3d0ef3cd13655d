#include "tests/generator/names.h"

#include <string.h>

static const char *const thai_men[] = {
    "Somchai|สมชาย|Somchay|Somchaj", "Somsak|สมศักดิ์|Somsakdi", "Prasert|ประเสริฐ|Prasoet|Prasirt",
    "Wichai|วิชัย|Vichai|Wichay", "Anan|อนันต์|Anant|Anun", "Chaiyaporn|ไชยพร|Chaiyaphon", "Kittisak|กิตติศักดิ์|Kitisak",
    "Narong|ณรงค์|Narongk", "Pongsak|พงศ์ศักดิ์|Phongsak", "Surachai|สุรชัย|Surachay", "Thanakorn|ธนากร|Thanakon|Tanakorn",
    "Wirat|วิรัตน์|Virat", "Boonmee|บุญมี|Bunmi|Boonmi", "Decha|เดชา|Deycha", "Jakkrit|จักรกฤษณ์|Chakkrit|Jakrit",
    "Manop|มานพ|Manob", "Nattapong|ณัฐพงศ์|Natthaphong|Nattaphong", "Sunthorn|สุนทร|Soonthorn|Sunton", NULL};
static const char *const thai_women[] = {
    "Malee|มาลี|Mali|Maly", "Siriporn|ศิริพร|Siriphon", "Kanya|กัญญา|Kanja", "Ratana|รัตนา|Rattana",
    "Supaporn|สุภาพร|Suphaphon", "Wanida|วนิดา|Vanida", "Nittaya|นิตยา|Nitaya", "Pimchanok|พิมพ์ชนก|Phimchanok",
    "Sukanya|สุกัญญา|Sukanja", "Orawan|อรวรรณ|Oravan", "Chanida|ชนิดา|Chanidha", "Duangjai|ดวงใจ|Duangchai",
    "Jintana|จินตนา|Chintana", "Lamai|ละไม|Lamay", "Nongnuch|นงนุช|Nongnut", "Patcharee|พัชรี|Phatchari|Patchari", NULL};
static const char *const thai_family[] = {
    "Sri|ศรี|Si", "Chai|ไชย|Chaiy", "Thong|ทอง|Tong", "Wong|วงศ์|Vong", "Boon|บุญ|Bun", "Suk|สุข|Sook", "Rat|รัตน์|Rattana",
    "Kaew|แก้ว|Kaeo", "Phon|พร|Porn", "Inta|อินทร์|Intha", "Chan|จันทร์|Jan", "Saeng|แสง|Seang", NULL};
static const char *const thai_family_end[] = {
    "suwan|สุวรรณ|suvan", "charoen|เจริญ|jaroen", "mongkol|มงคล|mongkhon", "prasert|ประเสริฐ|prasoet", "sawat|สวัสดิ์|sawad",
    "kul|กุล|kun", "wattana|วัฒนา|vattana", "rungroj|รุ่งโรจน์|rungrot", "sombat|สมบัติ|sombut", "thep|เทพ|tep",
    "phan|พันธ์|pan", "anan|อนันต์|anant", NULL};

static const char *const malay_men[] = {
    "Muhammad||Mohd|Mohamad", "Ahmad||Ahmed|Achmad", "Ismail||Esmail", "Abdul Rahman||Abdurrahman|Abd Rahman",
    "Zulkifli||Zulkefli|Dzulkifli", "Hassan||Hasan", "Ibrahim||Ebrahim", "Yusof||Yusuf|Yousuf", "Azman||Aziman",
    "Faizal||Faisal|Feisal", "Hafiz||Hafidz|Hapiz", "Khairul||Kairul|Chairul", "Mustafa||Mustapha|Mustaffa", "Razak||Razaq",
    "Shahrul||Sharul|Syahrul", "Nizam||Nidzam", "Rosli||Rusli", "Amirul||Amerul", NULL};
static const char *const malay_women[] = {
    "Siti||Sity", "Nurul||Noorul|Norul", "Aisyah||Aishah|Aisha", "Fatimah||Fatima|Patimah", "Zainab||Zaynab|Zaenab",
    "Noraini||Nuraini|Norainy", "Rohani||Ruhani", "Salmah||Salma", "Hasnah||Husnah", "Khadijah||Khatijah|Kadija",
    "Maimunah||Maimoonah", "Rosnah||Rusnah", "Suraya||Soraya|Suraiya", "Zaleha||Zaliha|Zulaikha", "Azizah||Aziza",
    "Mariam||Maryam|Meriam", NULL};

static const char *const indonesian_men[] = {
    "Muhammad||Muhamad|Moh", "Budi||Boedi", "Agus||Agoes", "Slamet||Selamet", "Sutrisno||Soetrisno", "Bambang||Bambank",
    "Dedi||Dedy|Deddy", "Eko||Eka", "Hendra||Hendera", "Joko||Djoko", "Rizki||Rizky|Riski", "Suharto||Soeharto",
    "Wahyu||Wahju", "Yanto||Janto", "Iwan||Ivan", "Fajar||Fadjar", "Gunawan||Goenawan", "Surya||Suria|Soerya", NULL};
static const char *const indonesian_women[] = {
    "Sri||Sry", "Dewi||Devi", "Sari||Sary", "Ratna||Retna", "Wati||Waty", "Lestari||Lestary", "Ningsih||Ningseh",
    "Fitri||Fitry|Pitri", "Indah||Inda", "Kartika||Cartika", "Yuliana||Juliana", "Endang||Endank", "Nurhayati||Noerhayati",
    "Rahayu||Rahaju", "Utami||Oetami", "Wulandari||Wulandary", NULL};
static const char *const indonesian_family[] = {
    "Santoso||Santosa", "Wijaya||Widjaja|Wijaja", "Saputra||Syaputra", "Hidayat||Hidajat", "Setiawan||Setyawan",
    "Nugroho||Noegroho", "Kurniawan||Kurnyawan", "Siregar||Siregare", "Simanjuntak||Simandjuntak", "Nasution||Nasoetion",
    "Pratama||Pratamma", "Susanto||Soesanto", "Harahap||Harahab", "Purnomo||Poernomo", "Suryadi||Soeryadi|Suriadi",
    "Hakim||Hakiem", "Maulana||Maolana", "Firmansyah||Firmansah", NULL};

static const char *const bengali_men[] = {
    "Mohammad|মোহাম্মদ|Md|Muhammad", "Abdul|আব্দুল|Abdool", "Rafiqul|রফিকুল|Rafikul", "Shahidul|শহিদুল|Shohidul",
    "Kamal|কামাল|Kamaal", "Jahangir|জাহাঙ্গীর|Jahangeer", "Nazrul|নজরুল|Nozrul", "Mizanur|মিজানুর|Mijanur",
    "Habibur|হাবিবুর|Hobibur", "Anwar|আনোয়ার|Anowar", "Faruk|ফারুক|Farooq|Faruque", "Sohel|সোহেল|Suhel",
    "Tariq|তারিক|Tarek|Tareq", "Zahid|জাহিদ|Jahid", "Rashed|রাশেদ|Rashid", "Monir|মনির|Munir", NULL};
static const char *const bengali_women[] = {
    "Fatema|ফাতেমা|Fatima", "Ayesha|আয়েশা|Aisha|Ayasha", "Nasrin|নাসরিন|Nasreen", "Shirin|শিরিন|Shireen",
    "Rokeya|রোকেয়া|Rokeya Begum|Ruqayyah", "Salma|সালমা|Salmah", "Tahmina|তাহমিনা|Tahmeena", "Sultana|সুলতানা|Soltana",
    "Jahanara|জাহানারা|Jahanaara", "Momtaz|মমতাজ|Mumtaz", "Parvin|পারভীন|Parveen|Parvin", "Rahima|রহিমা|Raheema",
    "Taslima|তসলিমা|Tasleema", "Hasina|হাসিনা|Haseena", NULL};
static const char *const bengali_family[] = {
    "Hossain|হোসেন|Hussain|Hossein", "Rahman|রহমান|Rahaman", "Islam|ইসলাম|Eslam", "Uddin|উদ্দিন|Uddeen|Ud Din",
    "Chowdhury|চৌধুরী|Choudhury|Chaudhuri", "Ahmed|আহমেদ|Ahmad|Ahamed", "Khan|খান|Khaan", "Miah|মিয়া|Mia|Miya",
    "Sarkar|সরকার|Sarker", "Talukdar|তালুকদার|Talukder", "Bhuiyan|ভূঁইয়া|Bhuyan|Bhuiya", "Akter|আক্তার|Akhter|Aktar",
    "Haque|হক|Haq|Hoque", "Siddique|সিদ্দিক|Siddiqui|Siddik", "Mollah|মোল্লা|Molla", "Sikder|শিকদার|Sikdar", NULL};

static const char *const viet_men[] = {
    "Van Hung|Văn Hùng|Vanhung", "Duc Anh|Đức Anh|Ducanh", "Minh Tuan|Minh Tuấn|Minhtuan", "Quoc Bao|Quốc Bảo|Quocbao",
    "Thanh Long|Thành Long|Thanhlong", "Van Nam|Văn Nam", "Huu Phuoc|Hữu Phước", "Xuan Truong|Xuân Trường",
    "Ngoc Son|Ngọc Sơn", "Van Dung|Văn Dũng", "Cong Vinh|Công Vinh", "Hoang Phuc|Hoàng Phúc", "Trong Nghia|Trọng Nghĩa", NULL};
static const char *const viet_women[] = {
    "Thi Lan|Thị Lan|Lan", "Thi Hoa|Thị Hoa|Hoa", "Thi Mai|Thị Mai|Mai", "Ngoc Anh|Ngọc Ánh", "Thu Huong|Thu Hương",
    "Thi Hanh|Thị Hạnh|Hanh", "Kim Ngan|Kim Ngân", "My Linh|Mỹ Linh", "Thuy Trang|Thùy Trang", "Bich Ngoc|Bích Ngọc",
    "Phuong Thao|Phương Thảo", "Thanh Tam|Thanh Tâm", NULL};
static const char *const viet_family[] = {
    "Nguyen|Nguyễn", "Tran|Trần", "Le|Lê", "Pham|Phạm", "Hoang|Hoàng|Huynh", "Phan|Phan", "Vu|Vũ|Vo", "Dang|Đặng",
    "Bui|Bùi", "Do|Đỗ", "Ho|Hồ", "Ngo|Ngô", "Duong|Dương", "Ly|Lý", NULL};

static const char *const burmese_men[] = {
    "Aung|အောင်|Awng", "Kyaw|ကျော်|Kyaww", "Zaw|ဇော်|Saw", "Htun|ထွန်း|Tun", "Min|မင်း|Minn", "Soe|စိုး|So",
    "Win|ဝင်း|Wynn", "Thein|သိန်း|Thain", "Naing|နိုင်|Nine", "Lwin|လွင်|Lynn", "Myint|မြင့်|Mint", "Ye|ရဲ|Yay",
    "Htet|ထက်|Het", "Phyo|ဖြိုး|Pyo", "Hlaing|လှိုင်|Hline", "Moe|မိုး|Mo", NULL};
static const char *const burmese_women[] = {
    "Khin|ခင်|Kin", "Aye|အေး|Ay", "Su|စု|Soo", "Thida|သီတာ|Thidar", "Hnin|နှင်း|Hninn", "Mya|မြ|Mia", "Nwe|နွယ်|New",
    "Yin|ယဉ်|Yinn", "Sandar|စန္ဒာ|Sanda", "Wai|ဝေ|Wei", "Phyu|ဖြူ|Pyu", "Ei|အိ|Ey", "Thiri|သီရိ|Thiry", "Zin|ဇင်|Zinn", NULL};

static const char *const han_men[] = {
    "Wei|伟|Wai", "Jianguo|建国|Chien Kuo", "Zhiqiang|志强|Chih Chiang", "Ming|明|Meng", "Jun|军|Chun", "Haoran|浩然|Hao Jan",
    "Yong|勇|Yung", "Guohua|国华|Kuo Hua", "Xiaoming|小明|Hsiao Ming", "Zhen|震|Chen", "Lei|磊|Lui", "Bo|波|Po", NULL};
static const char *const han_women[] = {
    "Fang|芳|Fong", "Xiuying|秀英|Hsiu Ying", "Li|丽|Lai", "Yan|艳|Yen", "Juan|娟|Chuan", "Min|敏|Man", "Jing|静|Ching",
    "Meiling|美玲|Mei Ling", "Xue|雪|Hsueh", "Yulan|玉兰|Yu Lan", "Hui|慧|Wai", "Na|娜|Nah", NULL};
static const char *const han_family[] = {
    "Wang|王|Wong", "Li|李|Lee", "Zhang|张|Chang|Cheung", "Liu|刘|Lau|Liew", "Chen|陈|Chan|Tan", "Yang|杨|Yeung|Yong",
    "Huang|黄|Wong|Ng", "Zhao|赵|Chao|Chiu", "Wu|吴|Ng|Goh", "Zhou|周|Chow|Chew", "Xu|徐|Hsu|Tsui", "Sun|孙|Suen",
    "Zhu|朱|Chu", "Lin|林|Lam|Lim", "Guo|郭|Kwok|Quek", "He|何|Ho", "Gao|高|Kao|Ko", "Xie|谢|Hsieh|Tse", NULL};

static const char *const filipino_men[] = {
    "Jose||Joseph", "Juan||Juanito", "Antonio||Antonyo", "Ramon||Raymon", "Eduardo||Edwardo", "Rogelio||Rogelyo",
    "Danilo||Danillo", "Reynaldo||Reinaldo", "Ernesto||Ernisto", "Mark||Marc", "Jericho||Jerico", "Rodel||Rodell",
    "Michael||Mikael|Micheal", "Christian||Kristian|Cristian", NULL};
static const char *const filipino_women[] = {
    "Maria||Ma", "Rosario||Rosaryo", "Luzviminda||Luzbiminda", "Teresita||Terecita", "Cristina||Christina|Kristina",
    "Marilou||Marilu", "Jocelyn||Joselyn|Jocelin", "Angelica||Anjelica", "Imelda||Emelda", "Lourdes||Lurdes",
    "Carmelita||Karmelita", "Josephine||Josefine", "Rowena||Rowina", NULL};
static const char *const filipino_family[] = {
    "Santos||De Los Santos", "Reyes||Reyez", "Cruz||Dela Cruz|De la Cruz", "Bautista||Bawtista", "Ocampo||Okampo",
    "Garcia||Garsia", "Mendoza||Mendosa", "Torres||Torrez", "Castillo||Castilio", "Villanueva||Vilanueva",
    "Dimaculangan||Dimakulangan", "Macaraeg||Makaraeg", "Pangilinan||Pangelinan", "Salazar||Salasar", "Aquino||Akino",
    "Magsaysay||Magsaisai", NULL};

static const struct culture cultures[] = {
    {"THA", NAME_FAMILY, 1, false, thai_men, thai_women, thai_family, thai_family_end},
    {"IDN", NAME_FAMILY, 2, false, indonesian_men, indonesian_women, indonesian_family, NULL},
    {"BGD", NAME_FAMILY, 2, false, bengali_men, bengali_women, bengali_family, NULL},
    {"MYS", NAME_PATRONYMIC, 2, false, malay_men, malay_women, malay_men, NULL},
    {"VNM", NAME_FAMILY, 2, false, viet_men, viet_women, viet_family, NULL},
    {"MMR", NAME_MONONYM, 3, false, burmese_men, burmese_women, NULL, NULL},
    {"CHN", NAME_FAMILY, 1, true, han_men, han_women, han_family, NULL},
    {"PHL", NAME_FAMILY, 2, false, filipino_men, filipino_women, filipino_family, NULL},
};
#define CULTURES (sizeof(cultures) / sizeof(cultures[0]))

const struct culture *culture_of(const char *country)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < CULTURES; i++)
        if (strcmp(cultures[i].country, country) == 0)
            return &cultures[i];
    for (const char *c = country; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
    return &cultures[sum % CULTURES];
}

const struct culture *culture_any(struct random *r)
{
    return &cultures[random_below(r, CULTURES)];
}

const char *name_choose(const char *const *list, struct random *r)
{
    uint32_t n = 0;

    while (list[n])
        n++;
    return list[random_skewed(r, n)];
}

uint32_t name_variants(const char *name)
{
    uint32_t bars = 0;

    for (; *name; name++)
        bars += *name == '|';
    return bars > 1 ? bars - 1 : 0;
}

void name_spelling(char out[NAME_SIZE], const char *name, uint32_t which)
{
    size_t len;

    for (; which > 0; which--)
        name = strchr(name, '|') + 1;
    len = strcspn(name, "|");
    if (len >= NAME_SIZE)
        len = NAME_SIZE - 1;
    memcpy(out, name, len);
    out[len] = 0;
}
