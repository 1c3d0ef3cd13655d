/* Thai and Lao. Family names are compounds, made up since 1913, and almost one for each family. */
#include "tests/generator/culture.h"

static const char *const men[] = {
    "Somchai|สมชาย|Somchay|Somchaj", "Somsak|สมศักดิ์|Somsakdi|Somsack", "Prasert|ประเสริฐ|Prasoet|Prasirt",
    "Sombat|สมบัติ|Sombut", "Wichai|วิชัย|Vichai|Wichay", "Anan|อนันต์|Anant|Anun", "Surachai|สุรชัย|Surachay",
    "Narong|ณรงค์|Narongk", "Kittisak|กิตติศักดิ์|Kitisak|Kittisack", "Pongsak|พงศ์ศักดิ์|Phongsak",
    "Boonmee|บุญมี|Bunmi|Boonmi", "Thanakorn|ธนากร|Thanakon|Tanakorn", "Wirat|วิรัตน์|Virat",
    "Chaiyaporn|ไชยพร|Chaiyaphon", "Somkiat|สมเกียรติ|Somkiet", "Decha|เดชา|Deja", "Manop|มานพ|Manob|Manope",
    "Nattapong|ณัฐพงศ์|Natthaphong|Nattaphong|Natapong", "Sunthorn|สุนทร|Soonthorn|Sunton",
    "Jakkrit|จักรกฤษณ์|Chakkrit|Jakrit", "Suthep|สุเทพ|Sutep", "Prayut|ประยุทธ์|Prayuth", "Thaksin|ทักษิณ|Taksin",
    "Apichart|อภิชาติ|Aphichat|Apichat", "Piyawat|ปิยวัฒน์|Piyavat", "Wanchai|วันชัย|Vanchai", "Preecha|ปรีชา|Pricha",
    "Chatchai|ชาติชาย|Chartchai", "Weerachai|วีรชัย|Virachai|Wirachai", "Adisak|อดิศักดิ์|Adisack",
    "Arthit|อาทิตย์|Athit|Artit", "Bancha|บัญชา|Buncha", "Chalerm|เฉลิม|Chaloem", "Charoen|เจริญ|Jaroen|Charern",
    "Chavalit|ชวลิต|Chawalit", "Itthipol|อิทธิพล|Ittipol|Itthiphon", "Kamol|กมล|Kamon", "Kraisorn|ไกรสร|Kraison",
    "Komsan|คมสัน|Khomsan", "Mongkol|มงคล|Mongkhon", "Niran|นิรันดร์|Nirun", "Nopporn|นพพร|Nopphon",
    "Paisan|ไพศาล|Phaisan", "Panya|ปัญญา|Punya", "Phichit|พิชิต|Pichit", "Pramote|ปราโมทย์|Pramot",
    "Prawit|ประวิทย์|Pravit|Prawit", "Ratchapol|รัชพล|Ratchaphon", "Sakda|ศักดา|Sakdar", "Samart|สามารถ|Samat",
    "Sanan|สนั่น|Sanun", "Sarawut|สราวุธ|Sarawuth|Saravut", "Siriwat|สิริวัฒน์|Sirivat", "Songkran|สงกรานต์|Songkrant",
    "Sutin|สุทิน|Suthin", "Tawan|ตะวัน|Tavan", "Thawee|ทวี|Thawi|Tawee", "Thongchai|ธงชัย|Tongchai", "Udom|อุดม|Oudom",
    "Veera|วีระ|Wira|Weera", "Winai|วินัย|Vinai", "Worawut|วรวุฒิ|Worawuth|Voravut", "Yongyut|ยงยุทธ|Yongyuth",
    "Krit|กฤษณ์|Grit", "Tanawat|ธนวัฒน์|Thanawat|Tanavat", "Phumiphat|ภูมิพัฒน์|Poomipat",
    "Natthawut|ณัฐวุฒิ|Nattawut|Nuttawut", "Anucha|อนุชา|Anuchar", "Ekachai|เอกชัย|Ekkachai|Aekachai",
    "Rungrot|รุ่งโรจน์|Rungroj", NULL};
static const char *const women[] = {
    "Malee|มาลี|Mali|Maly", "Siriporn|ศิริพร|Siriphon", "Somjai|สมใจ|Somchai", "Kanya|กัญญา|Kanja|Kunya",
    "Ratana|รัตนา|Rattana", "Supaporn|สุภาพร|Suphaphon|Supapon", "Wanida|วนิดา|Vanida", "Nittaya|นิตยา|Nitaya",
    "Pimchanok|พิมพ์ชนก|Phimchanok", "Sukanya|สุกัญญา|Sukunya", "Orawan|อรวรรณ|Oravan|Orawun", "Chanida|ชนิดา|Chanidar",
    "Duangjai|ดวงใจ|Duangchai", "Jintana|จินตนา|Chintana|Jinthana", "Lamai|ละไม|Lamay",
    "Nongnuch|นงนุช|Nongnut|Nongnooch", "Patcharee|พัชรี|Phatchari|Patchari", "Somporn|สมพร|Somphon|Sompon",
    "Boonsri|บุญศรี|Bunsi|Boonsi", "Areerat|อารีรัตน์|Arirat", "Arunee|อรุณี|Aruni", "Benjamas|เบญจมาศ|Benchamat",
    "Busaba|บุษบา|Butsaba", "Chantana|ฉันทนา|Chanthana", "Chutima|ชุติมา|Chutimar", "Daranee|ดารณี|Darani",
    "Jiraporn|จิราภรณ์|Chiraphon|Jirapon", "Kamonwan|กมลวรรณ|Kamolwan|Gamonwan", "Kanokwan|กนกวรรณ|Kanokvan",
    "Kesorn|เกสร|Keson", "Ladda|ลัดดา|Ludda", "Laddawan|ลัดดาวัลย์|Laddavan", "Manee|มณี|Mani", "Nanthana|นันทนา|Nantana",
    "Narumon|นฤมล|Naruemon", "Natcha|ณัชชา|Nutcha", "Nipaporn|นิภาพร|Niphaphon", "Onanong|อรอนงค์|Ornanong",
    "Pannee|พรรณี|Phanni|Panni", "Parichat|ปาริชาติ|Parichart", "Penpak|เพ็ญพักตร์|Phenphak",
    "Phonthip|พรทิพย์|Porntip|Pornthip", "Pranee|ปราณี|Prani", "Prapaporn|ประภาพร|Praphaphon",
    "Rachanee|รัชนี|Ratchanee|Ratchani", "Rungnapa|รุ่งนภา|Rungnapha", "Saowalak|เสาวลักษณ์|Saovalak",
    "Sasithorn|ศศิธร|Sasiton", "Sirikit|สิริกิติ์|Sirikitt", "Somsri|สมศรี|Somsi", "Suda|สุดา|Sudar",
    "Sudarat|สุดารัตน์|Sudarut", "Sunisa|สุนิสา|Sunisar", "Supatra|สุพัตรา|Suphatra", "Suwanna|สุวรรณา|Suvanna",
    "Tassanee|ทัศนีย์|Thatsani|Tasanee", "Thanyarat|ธัญญารัตน์|Tanyarat", "Thidarat|ธิดารัตน์|Tidarat", "Urai|อุไร|Uray",
    "Usa|อุษา|Utsa", "Wilawan|วิลาวัลย์|Vilavan", "Wilai|วิไล|Vilai", "Wipa|วิภา|Wipha|Vipa", "Yupin|ยุพิน|Yuphin",
    "Yuwadee|ยุวดี|Yuwadi", "Apinya|อภิญญา|Aphinya", "Kanchana|กาญจนา|Ganjana|Karnchana",
    "Anchalee|อัญชลี|Anchali|Unchalee", NULL};
static const char *const family[] = {
    "Sri|ศรี|Si|Sree", "Chai|ไชย|Chaiya", "Thong|ทอง|Tong", "Wong|วงศ์|Vong|Wongs", "Boon|บุญ|Bun", "Suk|สุข|Sook|Sukh",
    "Rat|รัตน|Rattana", "Kaew|แก้ว|Kaeo|Keaw", "Phon|พร|Porn|Pon", "Intha|อินทร|Inta", "Chan|จันทร์|Jan|Chun",
    "Saeng|แสง|Seang|Sang", "Thep|เทพ|Tep", "Phrom|พรหม|Prom", "Khun|ขุน|Koon", "Nak|นาค|Nark", "Sing|สิงห์|Singh",
    "Phet|เพชร|Pet|Petch", "Mali|มาลี|Malee", "Sai|สาย|Sail", "Thana|ธนะ|Tana", "Charoen|เจริญ|Jaroen",
    "Maha|มหา|Mahar", "Non|นนท์|Nont", "Pracha|ประชา|Praja", "Som|สม|Sohm", "Yot|ยอด|Yod", "Uthai|อุทัย|Utai",
    "Wat|วัฒน|Wattana", "Phu|ภู|Poo", "Kitti|กิตติ|Gitti", "Ruang|เรือง|Rueang", "Suwan|สุวรรณ|Suvan",
    "Amnuai|อำนวย|Amnuay", "Phan|พันธ์|Pan|Pun", "Kham|คำ|Kam", "Nuan|นวล|Nual", "Lek|เล็ก|Leg", "Dam|ดำ|Dum",
    "Hom|หอม|Horm", "Klin|กลิ่น|Glin", "Mi|มี|Mee", "Ngam|งาม|Ngarm", "Pan|ปาน|Parn", "Phak|ภักดิ์|Pak",
    "Sawat|สวัสดิ์|Sawasd", "Thip|ทิพย์|Tip", "Watthana|วัฒนา|Wattana", "Yim|ยิ้ม|Yimm", "Ket|เกตุ|Gate|Kate", NULL};
static const char *const family_end[] = {
    "Suwan|สุวรรณ|Suvan|Suwun", "Charoen|เจริญ|Jaroen", "Mongkol|มงคล|Mongkhon", "Prasert|ประเสริฐ|Prasoet",
    "Sawat|สวัสดิ์|Sawad", "Kul|กุล|Kun|Gul", "Wattana|วัฒนา|Vattana|Watthana", "Rungroj|รุ่งโรจน์|Rungrot",
    "Sombat|สมบัติ|Sombut", "Thep|เทพ|Tep", "Phan|พันธ์|Pan|Pun", "Anan|อนันต์|Anant", "Chai|ชัย|Jai",
    "Wong|วงศ์|Vong|Wongse", "Sri|ศรี|Si", "Sak|ศักดิ์|Sakdi|Sack", "Rat|รัตน์|Rattana|Rut", "Thong|ทอง|Tong",
    "Phong|พงษ์|Pong", "Kit|กิจ|Kij|Gij", "Da|ดา|Dar", "Mat|มาศ|Mas", "Ngam|งาม|Ngarm", "Di|ดี|Dee", "Suk|สุข|Sook",
    "Phol|พล|Phon|Pol", "Arun|อรุณ|Aroon", "Thawon|ถาวร|Thavorn|Tavorn", "Somboon|สมบูรณ์|Sombun",
    "Bamrung|บำรุง|Bumrung", "Saengthong|แสงทอง|Sangthong", "Inthorn|อินทร์|Inton", "Chot|โชติ|Chote|Choti",
    "Detch|เดช|Det|Dej", "Phaiboon|ไพบูลย์|Paiboon", "Sirikul|สิริกุล|Sirikun", "Wichit|วิจิตร|Vichit", "Kasem|เกษม|Gasem",
    "Nimit|นิมิตร|Nimitr", "Roj|โรจน์|Rot", "Sin|สิน|Sinn", "Man|มั่น|Mun", "Khong|คง|Kong", "Yu|อยู่|Yoo",
    "Phakdi|ภักดี|Pakdee|Phakdee", "Noi|น้อย|Noy", "Yai|ใหญ่|Yay", "Butr|บุตร|But|Boot", "Ma|มา|Mar", "Wan|วรรณ|Van",
    NULL};
static const char *const rules[] = {
    "ph=p", "th=t", "kh=k", "w=v", "ch=j", "ee=i", "oo=u", "porn=phon", "korn=kon", "ae=e", "ai=ay", "oe=er",
    "aow=ao", "rr=r", "k=g", NULL};
static const char *const titles_men[] = {"Nai", "Mr", "Khun", NULL};
static const char *const titles_women[] = {"Nang", "Nangsao", "Mrs", "Khun", NULL};

struct culture culture_thai = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .men = {.first = men, .offset = 200},
    .women = {.first = women, .offset = 200},
    .family = {.first = family, .second = family_end, .compound = 930, .offset = 300}, .rules = rules,
    .titles_men = titles_men, .titles_women = titles_women};

static const char *const lao_given[] = {
    "Bounmy|ບຸນມີ|Bounmi|Bunmy", "Khamphone|ຄຳພອນ|Khamphon|Kamphone", "Somphone|ສົມພອນ|Somphon|Somphorn",
    "Bounthanh|ບຸນທັນ|Bounthan", "Khamla|ຄຳຫຼ້າ|Kamla", "Sisavath|ສີສະຫວາດ|Sisavat", "Vilay|ວິໄລ|Vilai|Wilay",
    "Thongchanh|ທອງຈັນ|Thongchan", "Phonesavanh|ໂພນສະຫວັນ|Phonsavan", "Keo|ແກ້ວ|Kaew|Keoh",
    "Bounleuth|ບຸນເລີດ|Bounlert|Bounleut", "Souliya|ສຸລິຍາ|Suliya", "Viengkham|ວຽງຄຳ|Vieng Kham",
    "Somchith|ສົມຈິດ|Somchit", "Chanthavong|ຈັນທະວົງ|Chantavong", "Daovone|ດາວວອນ|Daovon", "Souk|ສຸກ|Suk",
    "Phouvong|ພູວົງ|Phuvong", "Khamsing|ຄຳສິງ|Kamsing", "Anousone|ອະນຸສອນ|Anouson|Anusone", "Bounkong|ບຸນກອງ|Bunkong",
    "Inthava|ອິນທະວາ|Intava", "Kongkeo|ກອງແກ້ວ|Kongkaew", "Latsamy|ລັດສະໝີ|Ratsamy", "Manivanh|ມະນີວັນ|Manivan",
    "Noy|ນ້ອຍ|Noi", "Oudone|ອຸດອນ|Oudon", "Phetsamone|ເພັດສະໝອນ|Phetsamon", "Sengdao|ແສງດາວ|Saengdao",
    "Sithong|ສີທອງ|Srithong", "Thavone|ຖາວອນ|Thavon|Tavone", "Vanhsy|ວັນສີ|Vansy", "Vongphet|ວົງເພັດ|Vongphed",
    "Xay|ໄຊ|Say|Sai", "Ammone|ອຳມອນ|Amone", "Boualy|ບົວລີ|Bualy", "Chansy|ຈັນສີ|Chansi", "Davanh|ດາວັນ|Davan",
    "Khonesavanh|ຄອນສະຫວັນ|Khonsavan", "Malaythong|ມະໄລທອງ|Malaitong", NULL};
static const char *const lao_family[] = {
    "Phom|ພົມ|Prom", "Siha|ສີຫາ|Sihar", "Souvanna|ສຸວັນນະ|Suvanna", "Keo|ແກ້ວ|Kaew", "Inthi|ອິນທິ|Inti", "Vong|ວົງ|Wong",
    "Sisou|ສີສຸ|Sisu", "Phan|ພັນ|Pan", "Chantha|ຈັນທະ|Chanta", "Thamma|ທຳມະ|Tamma", "Xaya|ໄຊຍະ|Saya|Chaiya",
    "Boun|ບຸນ|Bun", "Sen|ແສນ|Saen", "Luang|ຫຼວງ|Louang", "Douang|ດວງ|Duang", "Khoun|ຂຸນ|Khun", "Latha|ລັດທະ|Ratta",
    "Oun|ອຸ່ນ|Un", "Noras|ນໍຣະ|Nora", "Maly|ມາລີ|Mali", NULL};
static const char *const lao_family_end[] = {
    "Vong|ວົງ|Wong", "Savath|ສະຫວາດ|Savat", "Chanh|ຈັນ|Chan", "Sack|ສັກ|Sak", "Phone|ພອນ|Phon", "Xay|ໄຊ|Say",
    "Phachanh|ພະຈັນ|Phachan", "Keo|ແກ້ວ|Kaew", "Phommy|ພົມມີ|Phommi", "Thone|ທອນ|Thon", "Sing|ສິງ|Singh",
    "Vilay|ວິໄລ|Vilai", "Khoune|ຄູນ|Khoun", "Ratsamy|ລັດສະໝີ|Latsamy", "Sanith|ສະນິດ|Sanit", "Dala|ດາລາ|Dara",
    "Khamphanh|ຄຳພັນ|Khamphan", "Sombath|ສົມບັດ|Sombat", "Mixay|ມີໄຊ|Misay", "Panya|ປັນຍາ|Panyah", NULL};
static const char *const lao_rules[] = {"ou=u", "ph=p", "kh=k", "th=t", "x=s", "v=w", "one=on", "anh=an", "y=i", "eo=aew", NULL};
static const char *const lao_men[] = {"Thao", "Mr", "Nai", NULL};
static const char *const lao_women[] = {"Nang", "Mrs", NULL};

struct culture culture_lao = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .new_year = 40, .keeps_name = true,
    .men = {.first = lao_given, .second = lao_family_end, .compound = 250, .offset = 120},
    .women = {.first = lao_given, .second = lao_family_end, .compound = 250, .offset = 120},
    .family = {.first = lao_family, .second = lao_family_end, .compound = 900, .offset = 150}, .rules = lao_rules,
    .titles_men = lao_men, .titles_women = lao_women};
