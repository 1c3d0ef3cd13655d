/*
 * Chinese: "pinyin|native|Taiwan (Wade-Giles)|Hong Kong (Cantonese)|Nanyang (Hokkien, Teochew)". The spelling that
 * passports use depends on where they are issued.
 */
#include "tests/generator/culture.h"

#define TAIWAN 2
#define HONG_KONG 3
#define NANYANG 4

static const char *const family[] = {
    "Wang|王|Wang|Wong|Ong", "Li|李|Li|Lee|Lee", "Zhang|张/張|Chang|Cheung|Teo", "Liu|刘/劉|Liu|Lau|Low",
    "Chen|陈/陳|Chen|Chan|Tan", "Yang|杨/楊|Yang|Yeung|Yeo", "Huang|黄/黃|Huang|Wong|Ng",
    "Zhao|赵/趙|Chao|Chiu|Teoh", "Wu|吴/吳|Wu|Ng|Goh", "Zhou|周|Chou|Chow|Chew", "Xu|徐|Hsu|Tsui|Chee",
    "Sun|孙/孫|Sun|Suen|Soon", "Ma|马/馬|Ma|Ma|Beh", "Zhu|朱|Chu|Chu|Choo", "Hu|胡|Hu|Wu|Oh",
    "Guo|郭|Kuo|Kwok|Quek", "He|何|Ho|Ho|Hoe", "Lin|林|Lin|Lam|Lim", "Gao|高|Kao|Ko|Koh", "Luo|罗/羅|Lo|Law|Loh",
    "Zheng|郑/鄭|Cheng|Cheng|Tay", "Liang|梁|Liang|Leung|Neo", "Xie|谢/謝|Hsieh|Tse|Cheah",
    "Song|宋|Sung|Sung|Song", "Tang|唐|Tang|Tong|Tng", "Xu|许/許|Hsu|Hui|Koh", "Han|韩/韓|Han|Hon|Hang",
    "Deng|邓/鄧|Teng|Tang|Teng", "Feng|冯/馮|Feng|Fung|Pang", "Cao|曹|Tsao|Cho|Chou", "Peng|彭|Peng|Pang|Phee",
    "Zeng|曾|Tseng|Tsang|Chan", "Xiao|萧/蕭|Hsiao|Siu|Seow", "Tian|田|Tien|Tin|Chan", "Dong|董|Tung|Tung|Tang",
    "Pan|潘|Pan|Poon|Phua", "Yuan|袁|Yuan|Yuen|Wan", "Cai|蔡|Tsai|Choi|Chua", "Jiang|蒋/蔣|Chiang|Cheung|Chio",
    "Yu|余|Yu|Yu|Ee", "Yu|于|Yu|Yu|Oo", "Du|杜|Tu|To|Toh", "Ye|叶/葉|Yeh|Yip|Yap", "Cheng|程|Cheng|Ching|Thia",
    "Wei|魏|Wei|Ngai|Gwee", "Su|苏/蘇|Su|So|Soh", "Lu|吕/呂|Lu|Lui|Loo", "Ding|丁|Ting|Ting|Teng",
    "Ren|任|Jen|Yam|Lim", "Lu|卢/盧|Lu|Lo|Loh", "Yao|姚|Yao|Yiu|Eow", "Shen|沈|Shen|Sham|Sim",
    "Zhong|钟/鍾|Chung|Chung|Cheong", "Jiang|姜|Chiang|Keung|Kang", "Cui|崔|Tsui|Chui|Chwee",
    "Tan|谭/譚|Tan|Tam|Tham", "Lu|陆/陸|Lu|Luk|Lek", "Fan|范|Fan|Fan|Huan", "Shi|石|Shih|Shek|Chioh",
    "Liao|廖|Liao|Liu|Leow", "Jia|贾/賈|Chia|Ka|Keh", "Xia|夏|Hsia|Ha|Hay", "Fu|付|Fu|Fu|Hu",
    "Fang|方|Fang|Fong|Png", "Zou|邹/鄒|Tsou|Chau|Chew", "Xiong|熊|Hsiung|Hung|Him", "Bai|白|Pai|Pak|Peh",
    "Meng|孟|Meng|Mang|Beng", "Qin|秦|Chin|Chun|Chin", "Qiu|邱|Chiu|Yau|Khoo", "Hou|侯|Hou|Hau|Hau",
    "Jiang|江|Chiang|Kong|Kang", "Yin|尹|Yin|Wan|Oon", "Xue|薛|Hsueh|Sit|See", "Yan|阎/閻|Yen|Yim|Giam",
    "Duan|段|Tuan|Tuen|Tuan", "Lei|雷|Lei|Lui|Looi", "Long|龙/龍|Lung|Lung|Leong", "Tao|陶|Tao|To|Toh",
    "He|贺/賀|Ho|Ho|Ho", "Mao|毛|Mao|Mo|Moh", "Hao|郝|Hao|Kok|Hor", "Gong|龚/龔|Kung|Kung|Kiong",
    "Shao|邵|Shao|Siu|Seow", "Wan|万/萬|Wan|Man|Ban", "Qian|钱/錢|Chien|Chin|Chee", "Dai|戴|Tai|Tai|Tay",
    "Mo|莫|Mo|Mok|Mok", "Kong|孔|Kung|Hung|Khong", "Xiang|向|Hsiang|Heung|Hiong", "Zhuang|庄/莊|Chuang|Chong|Chng",
    "Ke|柯|Ko|Or|Kua", "Weng|翁|Weng|Yung|Ang", "Hong|洪|Hung|Hung|Ang", "Ou|区/區|Ou|Au|Auw",
    "Guan|关/關|Kuan|Kwan|Kuan", "Ouyang|欧阳/歐陽|Ouyang|Au Yeung|Auyong", "Situ|司徒|Szutu|Szeto|Seetoh", NULL};
static const char *const men[] = {
    "Wei|伟/偉|Wei|Wai|Wee", "Jian|建|Chien|Kin|Kian", "Zhi|志|Chih|Chi|Chee", "Ming|明|Ming|Ming|Beng",
    "Jun|军/軍|Chun|Kwan|Koon", "Guo|国/國|Kuo|Kwok|Kok", "Wen|文|Wen|Man|Boon", "Hua|华/華|Hua|Wah|Hwa",
    "Xiao|小|Hsiao|Siu|Sio", "Yong|勇|Yung|Yung|Yong", "Hao|浩|Hao|Ho|Hao", "Zi|子|Tzu|Tsz|Choo", "Yu|宇|Yu|Yu|Yu",
    "Jia|家|Chia|Ka|Ka", "Chen|晨|Chen|San|Sin", "Jie|杰/傑|Chieh|Kit|Kiat", "Lei|磊|Lei|Lui|Lui",
    "Tao|涛/濤|Tao|To|Tow", "Qiang|强/強|Chiang|Keung|Kiong", "Bo|波|Po|Bo|Poh", "Gang|刚/剛|Kang|Kong|Kang",
    "Peng|鹏/鵬|Peng|Pang|Peng", "Hui|辉/輝|Hui|Fai|Hui", "Bin|斌|Pin|Pan|Pin", "Chao|超|Chao|Chiu|Chiau",
    "Long|龙/龍|Lung|Lung|Leong", "Xiang|祥|Hsiang|Cheung|Siang", "Ping|平|Ping|Ping|Peng",
    "Dong|东/東|Tung|Tung|Tong", "Hai|海|Hai|Hoi|Hai", "Liang|亮|Liang|Leung|Liang", "Cheng|成|Cheng|Shing|Seng",
    "Jin|金|Chin|Kam|Kim", "Sheng|生|Sheng|Sang|Seng", "De|德|Te|Tak|Teck", "Yi|一|I|Yat|It",
    "Tian|天|Tien|Tin|Thian", "Feng|峰|Feng|Fung|Hong", "Xin|新|Hsin|San|Sin", "Rong|荣/榮|Jung|Wing|Eng",
    "Fu|福|Fu|Fuk|Hock", "Qing|庆/慶|Ching|Hing|Kheng", "Lin|林|Lin|Lam|Lim", "Guang|光|Kuang|Kwong|Kong",
    "Zhong|忠|Chung|Chung|Tiong", "Hong|宏|Hung|Wang|Hong", "Zhen|振|Chen|Chun|Chin", "Xue|学/學|Hsueh|Hok|Hak",
    "Yang|阳/陽|Yang|Yeung|Yong", "Ze|泽/澤|Tse|Chak|Tek", "Rui|瑞|Jui|Sui|Swee", "Kai|凯/凱|Kai|Hoi|Kai",
    "Shan|山|Shan|Shan|San", "Yuan|元|Yuan|Yuen|Guan", "Zhao|兆|Chao|Siu|Tiau", "Chang|昌|Chang|Cheung|Chiang",
    "Quan|全|Chuan|Chuen|Chuan", "Xing|兴/興|Hsing|Hing|Heng", "Yao|耀|Yao|Yiu|Yew", "Run|润/潤|Jun|Yun|Joon",
    "Bao|宝/寶|Pao|Po|Poh", "Li|立|Li|Lap|Lip", "Han|汉/漢|Han|Hon|Han", "Shi|世|Shih|Sai|See", "Ke|克|Ko|Hak|Kek",
    "Mu|木|Mu|Muk|Bok", NULL};
static const char *const women[] = {
    "Fang|芳|Fang|Fong|Hong", "Xiu|秀|Hsiu|Sau|Siew", "Li|丽/麗|Li|Lai|Lay", "Yan|艳/艷|Yen|Yim|Yam",
    "Juan|娟|Chuan|Kuen|Kuan", "Min|敏|Min|Man|Bin", "Jing|静/靜|Ching|Ching|Cheng", "Mei|美|Mei|Mei|Bee",
    "Xue|雪|Hsueh|Suet|Soat", "Yu|玉|Yu|Yuk|Geok", "Hui|慧|Hui|Wai|Hui", "Na|娜|Na|Na|Na", "Ying|英|Ying|Ying|Eng",
    "Ling|玲|Ling|Ling|Leng", "Hong|红/紅|Hung|Hung|Ang", "Yun|云/雲|Yun|Wan|Hoon", "Lan|兰/蘭|Lan|Lan|Lan",
    "Xia|霞|Hsia|Ha|Hay", "Ping|萍|Ping|Ping|Peng", "Qin|琴|Chin|Kam|Khim", "Zhen|珍|Chen|Chun|Tin",
    "Shu|淑|Shu|Suk|Siok", "Hua|花|Hua|Fa|Hua", "Gui|桂|Kuei|Kwai|Kwee", "Feng|凤/鳳|Feng|Fung|Hong",
    "Xin|欣|Hsin|Yan|Hin", "Yi|怡|I|Yee|Yi", "Jia|佳|Chia|Kai|Kay", "Ting|婷|Ting|Ting|Teng",
    "Qian|倩|Chien|Sin|Chin", "Yue|月|Yueh|Yuet|Goat", "Ai|爱/愛|Ai|Oi|Ai", "Chun|春|Chun|Chun|Choon",
    "Qiu|秋|Chiu|Chau|Chiu", "Dan|丹|Tan|Tan|Tan", "Lian|莲/蓮|Lien|Lin|Lian", "Rui|蕊|Jui|Yui|Lui",
    "Meng|梦/夢|Meng|Mung|Bang", "Han|涵|Han|Ham|Ham", "Zi|紫|Tzu|Tsz|Chee", "Qi|琪|Chi|Kei|Kee",
    "Yao|瑶/瑤|Yao|Yiu|Yeow", "Xuan|萱|Hsuan|Huen|Suan", "Bi|碧|Pi|Pik|Pek", "Qiong|琼/瓊|Chiung|King|Keng",
    "Su|素|Su|So|Soh", "Cui|翠|Tsui|Chui|Chwee", "Rong|蓉|Jung|Yung|Yong", "Wen|雯|Wen|Man|Boon",
    "Hai|海|Hai|Hoi|Hai", "Bao|宝/寶|Pao|Po|Poh", "Jin|锦/錦|Chin|Kam|Kim", "Zhu|珠|Chu|Chu|Choo",
    "Ju|菊|Chu|Kuk|Kiok", "Xiang|香|Hsiang|Heung|Heong", "Rou|柔|Jou|Yau|Joo", "Jie|洁/潔|Chieh|Kit|Kiat",
    "Lu|璐|Lu|Lo|Loh", "Shan|珊|Shan|Shan|San", "Xiao|晓/曉|Hsiao|Hiu|Hiau", NULL};
static const char *const rules[] = {
    "zh=ch", "x=hs", "q=ch", "j=ch", "ng=n", "ong=ung", "ou=ow", "ian=ien", "g=k", "d=t", "b=p", "z=ts", NULL};

#define HAN(column, between)                                                                                           \
    {                                                                                                                  \
        .order = NAME_FAMILY_FIRST, .native = NATIVE_UNSPACED, .given_least = 1, .given_most = 1,                      \
        .romanisation = column, .keeps_name = true,                                                                    \
        .men = {.first = men, .second = men, .compound = 820, .offset = 250, .joint = between},                        \
        .women = {.first = women, .second = women, .compound = 820, .offset = 250, .joint = between},                  \
        .family = {.first = family, .offset = 90}, .rules = rules                                                      \
    }

struct culture culture_han = HAN(0, NULL);
struct culture culture_han_taiwan = HAN(TAIWAN, "-");
struct culture culture_han_hongkong = HAN(HONG_KONG, " ");
struct culture culture_han_nanyang = HAN(NANYANG, " ");
