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
static const char *const korean_rules[] = {
    "eo=u", "oo=u", "g=k", "j=ch", "d=t", "b=p", "r=l", "yeo=you", "ee=i", "sh=s", NULL};

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
    "Adachi|足立|Adati", "Akiyama|秋山", "Amano|天野", "Aoyama|青山", "Araki|荒木", "Asano|浅野", "Azuma|東",
    "Baba|馬場", "Doi|土井", "Eguchi|江口|Eguti", "Fujikawa|藤川|Fuzikawa", "Fujimura|藤村|Fuzimura",
    "Fujisawa|藤沢|Fuzisawa", "Fukuhara|福原|Hukuhara", "Fukui|福井|Hukui", "Fukushima|福島|Hukusima",
    "Furukawa|古川|Hurukawa", "Furuta|古田|Huruta", "Hamada|浜田", "Hattori|服部", "Hayakawa|早川",
    "Higuchi|樋口|Higuti", "Hirai|平井", "Hirata|平田", "Hirose|広瀬", "Homma|本間|Honma", "Honda|本田", "Hori|堀",
    "Horie|堀江", "Hoshino|星野|Hosino", "Hosokawa|細川", "Ichikawa|市川|Itikawa", "Iida|飯田",
    "Ishibashi|石橋|Isibasi", "Ishihara|石原|Isihara", "Iwata|岩田", "Iwamoto|岩本", "Izumi|和泉", "Kamata|鎌田",
    "Kamiya|神谷", "Kaneda|金田", "Katayama|片山", "Kawaguchi|川口|Kawaguti", "Kawai|河合", "Kawakami|川上",
    "Kawamura|川村", "Kawasaki|川崎", "Kawata|川田|Kawada", "Kimoto|木本", "Kishi|岸|Kisi", "Kitagawa|北川",
    "Kitamura|北村", "Koike|小池", "Koizumi|小泉", "Komatsu|小松|Komatu", "Koyama|小山|Oyama", "Kubota|久保田",
    "Kuroda|黒田", "Kurihara|栗原", "Matsuoka|松岡|Matuoka", "Matsumura|松村|Matumura", "Matsunaga|松永|Matunaga",
    "Matsushita|松下|Matusita", "Minami|南", "Mizuno|水野", "Mochizuki|望月|Motizuki", "Morimoto|森本",
    "Morishita|森下|Morisita", "Motoyama|本山", "Mukai|向井", "Murai|村井", "Nagai|永井", "Nagano|長野",
    "Nagata|永田", "Naito|内藤|Naitou", "Nakai|中井", "Nakao|中尾", "Nakata|中田|Nakada", "Nakazawa|中沢",
    "Naruse|成瀬", "Nishida|西田|Nisida", "Nishikawa|西川|Nisikawa", "Nishiyama|西山|Nisiyama", "Noda|野田",
    "Ogasawara|小笠原", "Ogura|小倉", "Oishi|大石|Ohishi", "Okazaki|岡崎", "Okubo|大久保|Ohkubo", "Okumura|奥村",
    "Okuda|奥田", "Oshima|大島|Ohshima|Oosima", "Otani|大谷|Ohtani|Ootani", "Ozaki|尾崎", "Ozawa|小沢",
    "Sakata|坂田", "Sakuma|佐久間", "Sawada|沢田", "Seki|関", "Shimada|島田|Simada", "Shimura|志村|Simura",
    "Shinohara|篠原|Sinohara", "Sugita|杉田", "Sudo|須藤|Sudou", "Tabata|田端", "Tada|多田", "Taguchi|田口|Taguti",
    "Takano|高野", "Takayama|高山", "Takizawa|滝沢", "Tamaki|玉城", "Tani|谷", "Terada|寺田",
    "Tsuchiya|土屋|Tutiya", "Tsuda|津田|Tuda", "Tsuji|辻|Tuzi", "Uemura|上村", "Wakabayashi|若林", "Yabe|矢部",
    "Yagi|八木", "Yamanaka|山中", "Yamane|山根", "Yano|矢野", "Yasuda|安田", "Yokota|横田",
    "Yoshikawa|吉川|Yosikawa", "Yoshimura|吉村|Yosimura", NULL};
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
    "Kosuke|康介|Kousuke", "Tomohiro|智弘", "Yasuhiro|康弘", "Nobuyuki|信行", "Akihiko|明彦", "Akihiro|昭博",
    "Atsushi|淳史|Atusi", "Daichi|大地|Daiti", "Eiji|英二|Eizi", "Fumio|文雄|Humio", "Haruki|春樹", "Hayato|隼人",
    "Hideki|秀樹", "Hidetoshi|秀俊|Hidetosi", "Hiroaki|博明", "Hirofumi|博文|Hirohumi", "Hiroyuki|博之",
    "Hisashi|久|Hisasi", "Ichiro|一郎|Itiro|Ichirou", "Jiro|二郎|Jirou|Ziro", "Jotaro|丈太郎|Joutarou",
    "Katsumi|克己|Katumi", "Kazuhiro|和博", "Kazuki|一樹", "Keiichi|恵一|Keiiti", "Kenjiro|健次郎|Kenjirou|Kenziro",
    "Kohei|浩平|Kouhei", "Koichi|浩一|Kouichi|Koiti", "Kunihiko|邦彦", "Kyohei|恭平|Kyouhei", "Makio|牧夫",
    "Masaki|正樹", "Masao|正雄", "Masaru|勝", "Masato|正人", "Masayuki|正之", "Michio|道夫|Mitio",
    "Mitsuo|光男|Mituo", "Morio|守男", "Motoki|元気", "Naoto|直人", "Norio|紀夫", "Riku|陸",
    "Ryosuke|亮介|Ryousuke", "Ryuji|竜二|Ryuuji|Ryuzi", "Saburo|三郎|Saburou", "Satoru|悟", "Seiji|誠司|Seizi",
    "Shinya|慎也|Sinya", "Shoji|昭二|Shouji|Syozi", "Shuichi|修一|Shuuichi|Syuiti", "Shun|駿|Syun",
    "Sosuke|颯介|Sousuke", "Tadao|忠雄", "Takahiro|貴弘", "Takao|孝夫", "Takeo|武夫", "Takeshi|武|Takesi",
    "Taro|太郎|Tarou", "Tatsuo|達夫|Tatuo", "Teruo|輝夫", "Tetsuo|哲夫|Tetuo", "Tomoya|智也", "Toru|徹|Tooru|Tohru",
    "Toshiaki|敏明|Tosiaki", "Toshiyuki|敏行|Tosiyuki", "Tsutomu|勉|Tutomu", "Yasuo|康夫",
    "Yoichi|洋一|Youichi|Yoiti", "Yoji|洋二|Youji", "Yoshiaki|義明|Yosiaki", "Yoshihiro|義弘|Yosihiro",
    "Yukio|幸夫", "Yutaka|豊", "Yuya|祐也|Yuuya", NULL};
static const char *const japanese_women[] = {
    "Yoko|陽子|Youko|Yohko", "Keiko|恵子", "Kazuko|和子", "Yumiko|由美子", "Akiko|明子", "Tomoko|智子",
    "Naomi|ナオミ", "Mayumi|真由美", "Kumiko|久美子", "Hiroko|裕子", "Michiko|美智子|Mitiko", "Emi|エミ", "Megumi|めぐみ",
    "Ayumi|歩", "Mika|美香", "Yuko|優子|Yuuko", "Kyoko|京子|Kyouko", "Noriko|典子", "Junko|純子|Zyunko",
    "Sachiko|幸子|Satiko", "Miki|美樹", "Ai|愛", "Yui|結衣", "Misaki|美咲", "Sakura|さくら", "Hina|ひな", "Aoi|葵",
    "Rin|凛", "Haruka|遥", "Nanami|七海", "Mio|澪", "Miyu|美優|Miyuu", "Riko|莉子", "Rina|里奈", "Saki|咲",
    "Chiharu|千春|Tiharu", "Chieko|千恵子|Tieko", "Fumiko|文子|Humiko", "Hanako|花子", "Harumi|春美", "Hisako|久子",
    "Kaori|香織", "Kayoko|佳代子", "Kimiko|君子", "Machiko|真知子|Matiko", "Mariko|真理子", "Masako|雅子",
    "Nobuko|信子", "Reiko|玲子", "Satomi|里美", "Setsuko|節子|Setuko", "Shizuka|静香|Sizuka",
    "Shoko|祥子|Shouko|Syoko", "Takako|貴子", "Yasuko|康子", "Yoshiko|芳子|Yosiko", "Yuka|由佳", "Yukiko|由紀子",
    "Kana|カナ", "Mari|マリ", "Erika|エリカ", "Momoko|ももこ", "Sayaka|さやか", "Hikari|ひかり", "Akane|茜",
    "Aki|亜紀", "Akemi|明美", "Arisa|有紗", "Asami|麻美", "Asuka|明日香", "Atsuko|敦子|Atuko", "Aya|彩",
    "Ayaka|彩香", "Ayako|綾子", "Ayano|綾乃", "Chika|千佳|Tika", "Chinatsu|千夏|Tinatu", "Chiyoko|千代子|Tiyoko",
    "Chizuko|千鶴子|Tizuko", "Eiko|栄子", "Emiko|恵美子", "Eri|絵里", "Etsuko|悦子|Etuko", "Fumi|文|Humi",
    "Haruko|春子", "Hatsue|初枝|Hatue", "Hideko|秀子", "Hiromi|裕美", "Hitomi|瞳", "Honoka|ほのか", "Izumi|泉",
    "Kanako|加奈子", "Kaoru|薫", "Kasumi|霞", "Katsuko|勝子|Katuko", "Kazue|和枝", "Kazumi|和美", "Kiyoko|清子",
    "Kotone|琴音", "Kyoka|京香|Kyouka", "Mai|舞", "Maiko|麻衣子", "Maki|真紀", "Mami|真美", "Mana|愛菜",
    "Manami|愛美", "Masami|雅美", "Masayo|雅代", "Mei|芽衣", "Mieko|美恵子", "Miho|美穂", "Minako|美奈子",
    "Misako|美佐子", "Mitsuko|光子|Mituko", "Miwa|美和", "Miyoko|美代子", "Miyuki|美幸", "Moe|萌", "Nana|奈々",
    "Nao|奈緒", "Naoko|直子", "Natsuki|夏希|Natuki", "Natsumi|夏美|Natumi", "Nozomi|希", "Rie|理恵", "Rika|里香",
    "Risa|理沙", "Rumi|留美", "Ryoko|涼子|Ryouko", "Sayuri|小百合", "Shigeko|茂子|Sigeko", "Shiori|詩織|Siori",
    "Sumiko|澄子", "Tamiko|民子", "Teruko|照子", "Tomomi|智美", "Toshiko|敏子|Tosiko", "Tsuneko|常子|Tuneko",
    "Wakana|若菜", "Yukari|由香里", "Yumi|ゆみ", "Yurika|百合香", NULL};
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
    "Tserendorj|Цэрэндорж|Cerendorj", "Zorig|Зориг|Zorigt", "Altankhuyag|Алтанхуяг|Altanhuyag",
    "Amarsaikhan|Амарсайхан|Amarsaihan", "Ankhbayar|Анхбаяр|Anhbayar", "Ariunbold|Ариунболд|Ariunboldt",
    "Baatar|Баатар|Batar", "Baatarsukh|Баатарсүх|Batarsukh", "Badral|Бадрал|Badrall",
    "Batchuluun|Батчулуун|Batchulun", "Batdorj|Батдорж|Batdorzh", "Battulga|Баттулга|Batulga",
    "Battur|Баттөр|Battor", "Batzorig|Батзориг|Batsorig", "Bayarsaikhan|Баярсайхан|Bayarsaihan",
    "Boldbaatar|Болдбаатар|Boldbatar", "Buyan|Буян|Buyann", "Byambadorj|Бямбадорж|Biambadorj",
    "Chinbat|Чинбат|Chinbatt", "Davaadorj|Даваадорж|Davadorj", "Dashdorj|Дашдорж|Dashdorzh",
    "Enkhbat|Энхбат|Enhbat", "Enkhbayar|Энхбаяр|Enhbayar", "Enkhtaivan|Энхтайван|Enhtaivan",
    "Erdenebat|Эрдэнэбат|Erdenebatt", "Erdenebileg|Эрдэнэбилэг|Erdenbileg", "Galbadrakh|Галбадрах|Galbadrah",
    "Gankhuyag|Ганхуяг|Ganhuyag", "Gansukh|Гансүх|Gansuh", "Gantulga|Гантулга|Gan Tulga",
    "Khurelbaatar|Хүрэлбаатар|Hurelbaatar", "Lkhagva|Лхагва|Lhagva", "Mandakh|Мандах|Mandah",
    "Mungunbaatar|Мөнгөнбаатар|Mongonbaatar", "Munkhbayar|Мөнхбаяр|Monkhbayar",
    "Munkhjargal|Мөнхжаргал|Monkhjargal", "Narmandakh|Нармандах|Narmandah", "Nergui|Нэргүй|Nergii",
    "Nyambayar|Нямбаяр|Niambayar", "Ochir|Очир|Otchir", "Otgon|Отгон|Otgonn", "Purevdorj|Пүрэвдорж|Purevdorzh",
    "Sainbayar|Сайнбаяр|Sainbayr", "Sharav|Шарав|Sharaw", "Tsogt|Цогт|Cogt", "Tumurbaatar|Төмөрбаатар|Tomorbaatar",
    "Uuganbayar|Ууганбаяр|Uganbayar", "Zolbayar|Золбаяр|Zolbayr", NULL};
static const char *const mongolian_women[] = {
    "Oyuun|Оюун|Oyun", "Oyunchimeg|Оюунчимэг|Oyuunchimeg", "Altantsetseg|Алтанцэцэг|Altancetseg",
    "Bolormaa|Болормаа|Bolorma", "Enkhtuya|Энхтуяа|Enhtuya", "Narantsetseg|Наранцэцэг|Narancetseg",
    "Sarangerel|Сарангэрэл|Saran Gerel", "Solongo|Солонго|Solongoo", "Tsetsegmaa|Цэцэгмаа|Cecegmaa",
    "Uranchimeg|Уранчимэг|Oranchimeg", "Munkhtsetseg|Мөнхцэцэг|Monkhtsetseg", "Otgontsetseg|Отгонцэцэг|Otgoncetseg",
    "Ganchimeg|Ганчимэг|Gan Chimeg", "Khongorzul|Хонгорзул|Hongorzul", "Nomin|Номин|Nominn",
    "Anujin|Анужин|Anuujin", "Ariunaa|Ариунаа|Ariuna", "Byambasuren|Бямбасүрэн|Biambasuren",
    "Delgermaa|Дэлгэрмаа|Delgerma", "Erdenechimeg|Эрдэнэчимэг|Erdenchimeg", "Gerelmaa|Гэрэлмаа|Gerelma",
    "Nergui|Нэргүй|Nerguii", "Odgerel|Одгэрэл|Od Gerel", "Sarnai|Сарнай|Saranai", "Tuya|Туяа|Tuyaa",
    "Zaya|Заяа|Zayaa", "Amarjargal|Амаржаргал|Amarzhargal", "Ankhtuya|Анхтуяа|Anhtuya",
    "Badamtsetseg|Бадамцэцэг|Badamcetseg", "Batchimeg|Батчимэг|Bat Chimeg", "Batsetseg|Батцэцэг|Batcetseg",
    "Bayarmaa|Баярмаа|Bayarma", "Bulgan|Булган|Bulgann", "Chimgee|Чимгээ|Chimge", "Davaasuren|Даваасүрэн|Davasuren",
    "Delgertsetseg|Дэлгэрцэцэг|Delgercetseg", "Dolgor|Долгор|Dolgorr", "Dulamsuren|Дуламсүрэн|Dulmasuren",
    "Enkhjargal|Энхжаргал|Enhjargal", "Enkhzul|Энхзул|Enhzul", "Erdenetsetseg|Эрдэнэцэцэг|Erdenecetseg",
    "Gantsetseg|Ганцэцэг|Gancetseg", "Gerel|Гэрэл|Gerell", "Javzmaa|Жавзмаа|Zhavzmaa", "Khandmaa|Хандмаа|Handmaa",
    "Khishigjargal|Хишигжаргал|Hishigjargal", "Lkhagvasuren|Лхагвасүрэн|Lhagvasuren",
    "Munkhtuya|Мөнхтуяа|Monkhtuya", "Myadagmaa|Мядагмаа|Miadagmaa", "Naran|Наран|Narann",
    "Narangerel|Нарангэрэл|Narangerell", "Nyamaa|Нямаа|Niamaa", "Odontuya|Одонтуяа|Odontuyaa",
    "Oyungerel|Оюунгэрэл|Oyuungerel", "Oyuntsetseg|Оюунцэцэг|Oyuncetseg", "Purevsuren|Пүрэвсүрэн|Purevsurenn",
    "Sarantuya|Сарантуяа|Sarantuyaa", "Selenge|Сэлэнгэ|Selenga", "Sukhee|Сүхээ|Suhee",
    "Tserenkhand|Цэрэнханд|Cerenhand", "Tungalag|Тунгалаг|Tungalagg", "Tuul|Туул|Tuull", "Undral|Ундрал|Undrall",
    "Urtnasan|Уртнасан|Urtnasann", "Yanjmaa|Янжмаа|Ianjmaa", NULL};
static const char *const mongolian_rules[] = {
    "kh=h", "ts=c", "aa=a", "uu=u", "ee=e", "j=zh", "ya=ia", "u=o", NULL};

struct culture culture_mongolian = {
    .order = NAME_PATRONYMIC, .given_least = 1, .given_most = 1, .men = {.first = mongolian_men, .offset = 100},
    .women = {.first = mongolian_women, .offset = 100}, .family = {.first = mongolian_men, .offset = 100},
    .rules = mongolian_rules, .initials = 8};
