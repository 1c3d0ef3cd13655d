/* Korean, Japanese and Mongolian. */
#include "tests/generator/culture.h"

static const char *const korean_family[] = {
    "Kim|김|Gim", "Lee|이|Yi|Rhee|I|Li", "Park|박|Pak|Bak", "Choi|최|Choe|Choy", "Jung|정|Jeong|Chung|Chong",
    "Kang|강|Gang", "Cho|조|Jo|Joe", "Yoon|윤|Yun|Youn", "Jang|장|Chang", "Lim|임|Im|Yim|Rim", "Han|한|Hahn",
    "Oh|오|O", "Seo|서|Suh|So", "Shin|신|Sin|Shinn", "Kwon|권|Gwon|Kweon", "Hwang|황|Whang", "Ahn|안|An",
    "Song|송|Soong", "Ryu|류|Yoo|Ryoo|Lyu", "Jeon|전|Jun|Chun", "Hong|홍|Hoong", "Ko|고|Go|Koh", "Moon|문|Mun",
    "Yang|양|Ryang", "Son|손|Sohn", "Bae|배|Pae", "Baek|백|Paik|Paek", "Heo|허|Hur|Huh", "Nam|남|Nahm",
    "Shim|심|Sim", "Noh|노|Roh|No", "Ha|하|Hah", "Kwak|곽|Gwak", "Sung|성|Seong", "Cha|차|Char", "Joo|주|Ju|Choo",
    "Woo|우|Wu|U", "Koo|구|Gu|Ku", "Min|민|Minn", "Na|나|Ra", "Jin|진|Chin", "Um|엄|Eom", "Chae|채|Chai",
    "Won|원|Weon", "Cheon|천|Chun", "Bang|방|Pang", "Kong|공|Gong", "Hyun|현|Hyeon", "Ham|함|Hahm",
    "Byun|변|Byeon|Pyun", "Yeom|염|Yum", "Yeo|여|Yuh", "Choo|추|Chu", "Do|도|Doh", "So|소|Soh", "Seok|석|Suk",
    "Sun|선|Seon", "Seol|설|Sul", "Ma|마|Mah", "Gil|길|Kil", NULL};
static const char *const korean_men_1[] = {
    "Min|민", "Ji|지|Jee", "Sung|성|Seong", "Young|영|Yeong|Yong", "Hyun|현|Hyeon", "Jae|재|Jai", "Sang|상",
    "Dong|동|Tong", "Jun|준|Joon|Chun", "Jung|정|Jeong|Chung", "Seung|승", "Kyung|경|Gyeong|Kyeong", "Tae|태|Tai",
    "Woo|우|U|Wu", "Jin|진|Chin", "Ki|기|Gi", "Chang|창", "In|인", "Do|도", "Seo|서|Suh", "Kwang|광|Gwang",
    "Byung|병|Byeong", "Yong|용|Ryong", "Won|원", "Hee|희|Hui", "Chul|철|Cheol", "Myung|명|Myeong", "Joo|주|Ju",
    "Hae|해", "Gun|건|Geon|Kun", "Eun|은|Un", "Ho|호", "Nam|남", "Duk|덕|Deok", "Keun|근|Geun", "Si|시|Shi",
    "Ye|예", "Ha|하", NULL};
static const char *const korean_men_2[] = {
    "Jun|준|Joon", "Ho|호", "Soo|수|Su", "Hyun|현|Hyeon", "Woo|우|U|Wu", "Jin|진|Chin", "Min|민", "Hoon|훈|Hun",
    "Sik|식|Shik", "Seok|석|Suk|Sok", "Chul|철|Cheol", "Young|영|Yeong", "Ki|기|Gi", "Hwan|환", "Il|일",
    "Kyu|규|Gyu", "Sung|성|Seong", "Won|원", "Bae|배", "Yong|용", "Gun|건|Geon", "Kwon|권|Gwon", "Tae|태", "Bin|빈",
    "Hyuk|혁|Hyeok", "Wook|욱|Uk", "Gyun|균|Kyun", "Bum|범|Beom", "Chan|찬", "Seop|섭|Sub", NULL};
static const char *const korean_women_1[] = {
    "Ji|지|Jee", "Eun|은|Un", "Mi|미|Mee", "Soo|수|Su", "Hye|혜|Hae", "Young|영|Yeong", "Sun|선|Seon", "Min|민",
    "Jung|정|Jeong", "Yoo|유|Yu", "Hyun|현|Hyeon", "Seo|서|Suh", "Kyung|경|Gyeong", "Yeon|연|Yun", "In|인",
    "Hee|희|Hui", "Ha|하", "Na|나", "Soon|순|Sun", "Myung|명|Myeong", "Joo|주|Ju", "Ye|예", "Bo|보", "Da|다",
    "Chae|채", "Su|수|Soo", "Kum|금|Geum", "So|소|Soh", "Ae|애", "Ok|옥", NULL};
static const char *const korean_women_2[] = {
    "Young|영|Yeong", "Hee|희|Hui", "Jung|정|Jeong", "Sook|숙|Suk", "Eun|은", "Ah|아|A", "Yeon|연|Yun", "Min|민",
    "Ja|자", "Kyung|경|Gyeong", "Jin|진", "Mi|미|Mee", "Won|원", "Joo|주|Ju", "Rim|림|Lim", "Ran|란|Lan",
    "Soon|순|Sun", "Hyun|현|Hyeon", "Ok|옥|Ock", "Na|나", "Yoon|윤|Yun", "Ji|지|Jee", "Sun|선|Seon", "Bin|빈",
    "Hye|혜", "Seo|서", "In|인", "Im|임", "Ae|애", NULL};
static const char *const korean_rules[] = {"eo=u", "oo=u", "g=k", "j=ch", "d=t", "b=p", "r=l", "yeo=you", "ee=i", "sh=s", NULL};

struct culture culture_korean = {
    .order = NAME_FAMILY_FIRST, .native = NATIVE_UNSPACED, .given_least = 1, .given_most = 1, .keeps_name = true,
    .men = {.first = korean_men_1, .second = korean_men_2, .compound = 970, .offset = 150, .joint = " "},
    .women = {.first = korean_women_1, .second = korean_women_2, .compound = 970, .offset = 120, .joint = " "},
    .family = {.first = korean_family, .offset = 8}, .rules = korean_rules};

static const char *const japanese_family[] = {
    "Sato|佐藤|Satou|Satoh", "Suzuki|鈴木|Suzuky", "Takahashi|高橋|Takahasi", "Tanaka|田中", "Watanabe|渡辺",
    "Ito|伊藤|Itou|Itoh", "Yamamoto|山本", "Nakamura|中村", "Kobayashi|小林|Kobayasi", "Kato|加藤|Katou|Katoh",
    "Yoshida|吉田|Yosida", "Yamada|山田", "Sasaki|佐々木", "Yamaguchi|山口|Yamaguti", "Matsumoto|松本|Matumoto",
    "Inoue|井上|Inouye", "Kimura|木村", "Hayashi|林|Hayasi", "Saito|斎藤|Saitou|Saitoh", "Shimizu|清水|Simizu",
    "Yamazaki|山崎|Yamasaki", "Mori|森|Mohri", "Abe|阿部", "Ikeda|池田", "Hashimoto|橋本|Hasimoto",
    "Yamashita|山下|Yamasita", "Ishikawa|石川|Isikawa", "Nakajima|中島|Nakashima", "Maeda|前田",
    "Fujita|藤田|Fuzita|Hujita", "Ogawa|小川", "Goto|後藤|Gotou|Gotoh", "Okada|岡田", "Hasegawa|長谷川",
    "Murakami|村上", "Kondo|近藤|Kondou|Kondoh", "Ishii|石井|Ishi", "Sakamoto|坂本", "Endo|遠藤|Endou|Endoh",
    "Aoki|青木", "Fujii|藤井|Fuzii", "Nishimura|西村|Nisimura", "Fukuda|福田|Hukuda", "Ota|太田|Oota|Ohta",
    "Miura|三浦", "Okamoto|岡本", "Matsuda|松田|Matuda", "Nakagawa|中川", "Nakano|中野", "Harada|原田",
    "Ono|小野|Oono", "Fujiwara|藤原|Fuziwara", "Tamura|田村", "Takeuchi|竹内|Takeuti", "Kaneko|金子", "Wada|和田",
    "Nakayama|中山", "Ishida|石田|Isida", "Ueda|上田|Uyeda", "Morita|森田", "Hara|原", "Shibata|柴田|Sibata",
    "Sakai|酒井", "Kudo|工藤|Kudou|Kudoh", "Yokoyama|横山", "Miyazaki|宮崎|Miyasaki", "Miyamoto|宮本",
    "Uchida|内田|Utida", "Takagi|高木|Takaki", "Ando|安藤|Andou|Andoh", "Taniguchi|谷口|Taniguti",
    "Ohno|大野|Ono|Oono", "Maruyama|丸山", "Imai|今井", "Kono|河野|Kouno|Kawano", "Fujimoto|藤本|Fuzimoto",
    "Murata|村田", "Takeda|武田", "Ueno|上野|Uyeno", "Sugiyama|杉山", "Masuda|増田", "Sugawara|菅原", "Hirano|平野",
    "Kojima|小島|Kozima", "Otsuka|大塚|Ohtsuka|Ootuka", "Chiba|千葉|Tiba", "Kubo|久保", "Matsui|松井|Matui",
    "Iwasaki|岩崎", "Sakurai|桜井", "Kinoshita|木下|Kinosita", "Noguchi|野口|Noguti", "Matsuo|松尾|Matuo",
    "Nomura|野村", "Kikuchi|菊地|Kikuti", "Sano|佐野", "Onishi|大西|Ohnishi|Oonishi", "Sugimoto|杉本", "Arai|新井",
    NULL};
static const char *const japanese_men[] = {
    "Hiroshi|浩|Hirosi", "Takashi|隆|Takasi", "Kenji|健二|Kenzi", "Yuki|勇気|Yuuki", "Daisuke|大輔", "Takuya|拓也",
    "Kenta|健太", "Shota|翔太|Shouta|Syota", "Makoto|誠", "Akira|明", "Satoshi|聡|Satosi", "Kazuya|和也",
    "Yusuke|祐介|Yuusuke", "Naoki|直樹", "Tatsuya|達也|Tatuya", "Ryo|亮|Ryou", "Hiroki|大樹", "Tetsuya|哲也|Tetuya",
    "Masahiro|正博", "Shinji|真司|Sinzi", "Kazuo|和夫", "Koji|浩二|Kouji|Kohji", "Yuta|雄太|Yuuta", "Minoru|実",
    "Susumu|進", "Isamu|勇", "Osamu|修", "Mamoru|守", "Manabu|学", "Noboru|昇", "Ryota|涼太|Ryouta",
    "Sho|翔|Shou|Syo", "Haruto|陽翔", "Sota|蒼太|Souta", "Ren|蓮", "Yuto|悠斗|Yuuto", "Daiki|大輝", "Kaito|海斗",
    "Tsubasa|翼|Tubasa", "Masashi|雅史|Masasi", "Toshio|敏夫|Tosio", "Yoshio|義男|Yosio", "Hideo|秀夫",
    "Shigeru|茂|Sigeru", "Kiyoshi|清|Kiyosi", "Tadashi|正|Tadasi", "Jun|淳", "Junichi|純一|Jun'ichi|Zyuniti",
    "Shinichi|真一|Shin'ichi", "Kenichi|健一|Ken'ichi", "Ryuichi|隆一|Ryuuichi", "Keisuke|圭介",
    "Kosuke|康介|Kousuke", "Tomohiro|智弘", "Yasuhiro|康弘", "Nobuyuki|信行", NULL};
static const char *const japanese_women[] = {
    "Yoko|陽子|Youko|Yohko", "Keiko|恵子", "Kazuko|和子", "Yumiko|由美子", "Akiko|明子", "Tomoko|智子",
    "Naomi|直美", "Mayumi|真由美", "Kumiko|久美子", "Hiroko|裕子", "Michiko|美智子|Mitiko", "Emi|恵美", "Megumi|恵",
    "Ayumi|歩", "Mika|美香", "Yuko|優子|Yuuko", "Kyoko|京子|Kyouko", "Noriko|典子", "Junko|純子|Zyunko",
    "Sachiko|幸子|Satiko", "Miki|美樹", "Ai|愛", "Yui|結衣", "Misaki|美咲", "Sakura|桜", "Hina|陽菜", "Aoi|葵",
    "Rin|凛", "Haruka|遥", "Nanami|七海", "Mio|澪", "Miyu|美優|Miyuu", "Riko|莉子", "Rina|里奈", "Saki|咲",
    "Chiharu|千春|Tiharu", "Chieko|千恵子|Tieko", "Fumiko|文子|Humiko", "Hanako|花子", "Harumi|春美", "Hisako|久子",
    "Kaori|香織", "Kayoko|佳代子", "Kimiko|君子", "Machiko|真知子|Matiko", "Mariko|真理子", "Masako|雅子",
    "Nobuko|信子", "Reiko|玲子", "Satomi|里美", "Setsuko|節子|Setuko", "Shizuka|静香|Sizuka",
    "Shoko|祥子|Shouko|Syoko", "Takako|貴子", "Yasuko|康子", "Yoshiko|芳子|Yosiko", "Yuka|由佳", "Yukiko|由紀子",
    "Kana|カナ", "Mari|マリ", "Erika|エリカ", "Momoko|ももこ", "Sayaka|さやか", "Hikari|ひかり", NULL};
static const char *const japanese_rules[] = {
    "shi=si", "tsu=tu", "chi=ti", "ji=zi", "fu=hu", "o=ou", "u=uu", "o=oh", "sho=syo", "ei=e", NULL};

struct culture culture_japanese = {
    .order = NAME_FAMILY_FIRST, .native = NATIVE_UNSPACED, .given_least = 1, .given_most = 1,
    .men = {.first = japanese_men, .offset = 200}, .women = {.first = japanese_women, .offset = 200},
    .family = {.first = japanese_family, .offset = 400}, .rules = japanese_rules};

static const char *const mongolian_men[] = {
    "Bat|Бат|Batt", "Bold|Болд|Boldt", "Ganbold|Ганболд|Gan Bold", "Batbayar|Батбаяр|Bat-Bayar|Batbayr",
    "Otgonbayar|Отгонбаяр|Otgonbayr", "Enkhbold|Энхболд|Enhbold", "Ganzorig|Ганзориг|Ganzorigt",
    "Munkhbat|Мөнхбат|Monkhbat", "Temuulen|Тэмүүлэн|Temulen", "Tumur|Төмөр|Tomor|Tumor", "Dorj|Дорж|Dorzh",
    "Batsaikhan|Батсайхан|Batsaihan", "Erdene|Эрдэнэ|Erdenee", "Ganbaatar|Ганбаатар|Ganbatar",
    "Sukhbaatar|Сүхбаатар|Suhbaatar|Sukhbatar", "Naranbaatar|Наранбаатар|Naranbatar", "Chuluun|Чулуун|Chulun",
    "Davaa|Даваа|Dava", "Myagmar|Мягмар|Miagmar", "Purev|Пүрэв|Purevee", "Baasan|Баасан|Basan",
    "Tuvshin|Түвшин|Tuvshinn", "Altangerel|Алтангэрэл|Altangerell", "Amarbayasgalan|Амарбаясгалан|Amarbaysgalan",
    "Bilguun|Билгүүн|Bilgun", "Khulan|Хулан|Hulan", "Nyamdorj|Нямдорж|Niamdorj", "Sandag|Сандаг|Sandagg",
    "Tserendorj|Цэрэндорж|Cerendorj", "Zorig|Зориг|Zorigt", NULL};
static const char *const mongolian_women[] = {
    "Oyuun|Оюун|Oyun", "Oyunchimeg|Оюунчимэг|Oyuunchimeg", "Altantsetseg|Алтанцэцэг|Altancetseg",
    "Bolormaa|Болормаа|Bolorma", "Enkhtuya|Энхтуяа|Enhtuya", "Narantsetseg|Наранцэцэг|Narancetseg",
    "Sarangerel|Сарангэрэл|Saran Gerel", "Solongo|Солонго|Solongoo", "Tsetsegmaa|Цэцэгмаа|Cecegmaa",
    "Uranchimeg|Уранчимэг|Oranchimeg", "Munkhtsetseg|Мөнхцэцэг|Monkhtsetseg", "Otgontsetseg|Отгонцэцэг|Otgoncetseg",
    "Ganchimeg|Ганчимэг|Gan Chimeg", "Khongorzul|Хонгорзул|Hongorzul", "Nomin|Номин|Nominn",
    "Anujin|Анужин|Anuujin", "Ariunaa|Ариунаа|Ariuna", "Byambasuren|Бямбасүрэн|Biambasuren",
    "Delgermaa|Дэлгэрмаа|Delgerma", "Erdenechimeg|Эрдэнэчимэг|Erdenchimeg", "Gerelmaa|Гэрэлмаа|Gerelma",
    "Nergui|Нэргүй|Nerguii", "Odgerel|Одгэрэл|Od Gerel", "Sarnai|Сарнай|Saranai", "Tuya|Туяа|Tuyaa",
    "Zaya|Заяа|Zayaa", NULL};
static const char *const mongolian_rules[] = {"kh=h", "ts=c", "aa=a", "uu=u", "ee=e", "j=zh", "ya=ia", "u=o", NULL};

struct culture culture_mongolian = {
    .order = NAME_PATRONYMIC, .given_least = 1, .given_most = 1, .men = {.first = mongolian_men, .offset = 100},
    .women = {.first = mongolian_women, .offset = 100}, .family = {.first = mongolian_men, .offset = 100},
    .rules = mongolian_rules, .initials = 8};
