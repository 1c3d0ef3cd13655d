/* Burmese, Rohingya, Khmer and Vietnamese. */
#include "tests/generator/culture.h"

/* --- Burmese: no family names; two to four syllables, none of which stands for another generation --- */

static const char *const burmese_men[] = {
    "Aung|အောင်|Awng|Ong", "Kyaw|ကျော်|Kyaww|Kyo", "Zaw|ဇော်|Saw|Zor", "Htun|ထွန်း|Tun|Htoon", "Min|မင်း|Minn|Min",
    "Soe|စိုး|So|Sow", "Win|ဝင်း|Wynn|Winn", "Thein|သိန်း|Thain|Theinn", "Naing|နိုင်|Nine|Nain", "Lwin|လွင်|Lynn|Lwyn",
    "Myint|မြင့်|Mint|Mying", "Ye|ရဲ|Yay|Yeh", "Htet|ထက်|Het|Tet", "Phyo|ဖြိုး|Pyo|Phyoe", "Hlaing|လှိုင်|Hline|Hlain",
    "Moe|မိုး|Mo|Moh", "Ko|ကို|Koh", "Thu|သူ|Thoo", "Zin|ဇင်|Zinn", "Tin|တင်|Tinn", "Maung|မောင်|Mg|Moung",
    "Than|သန်း|Thann", "Nay|နေ|Ne|Nei", "Linn|လင်း|Lin|Lynn", "Khant|ခန့်|Kant|Khan", "Oo|ဦး|U|Ou", "Thant|သန့်|Tant",
    "Thura|သူရ|Thuya", "Wai|ဝေ|Way", "Yan|ရန်|Yann", "Chit|ချစ်|Chitt", "Sein|စိန်|Sain", "Toe|တိုး|To", "Swe|ဆွေ|Sway",
    "Nyunt|ညွန့်|Nyun", "Shwe|ရွှေ|Shway", "Hein|ဟိန်း|Hain|Heinn", "Paing|ပိုင်|Pine|Pai", "Bo|ဗိုလ်|Boh",
    "Kaung|ကောင်း|Kong|Gaung", "San|စံ|Sann", "Mya|မြ|Mia", "Tint|တင့်|Tin", "Zaya|ဇေယျာ|Zeyar|Zayar",
    "Arkar|အာကာ|Akar|Arka", "Sithu|စည်သူ|Sithoo", "Ba|ဘ|Bah", "Pe|ဖေ|Pay|Phay", "Nyan|ဉာဏ်|Nyann", "Khin|ခင်|Kin",
    "Than|သန်|Thann", "Thet|သက်|Thett", "Hla|လှ|Hlah", "Thiha|သီဟ|Thi Ha", "Wunna|ဝဏ္ဏ|Wanna", "Kyi|ကြည်|Kyee|Kyii",
    "Ohn|အုန်း|Own|On", "Khaing|ခိုင်|Khine|Khain", "Chan|ချမ်း|Chann", "Dana|ဓန|Dhana", "Eain|အိမ်|Ein",
    "Hla Myint|လှမြင့်|Hla Mint", "Htoo|ထူး|Htu|Too", "Kan|ကံ|Kann", "Khaung|ခေါင်|Khong", "Kyaing|ကြိုင်|Kyine",
    "Kyu|ကြူ|Kyuu", "Lay|လေး|Lei", "Lu|လူ|Loo", "Mon|မွန်|Mun", "Myat|မြတ်|Myatt", "Myo|မျိုး|Myoe", "Nanda|နန္ဒ|Nandar",
    "Nyein|ငြိမ်း|Nyain", "Pyae|ပြည့်|Pye|Pyay", "Sai|စိုင်း|Sae", "Saw|စော|Sor", "Shein|ရှိန်|Shain", "Si|စည်|See",
    "Tayza|တေဇ|Tay Za|Teza", "Thaung|သောင်း|Thong|Taung", "Thaw|သော်|Thor", "Theik|သိပ်|Theikh", "Thit|သစ်|Thitt",
    "Toke|တုတ်|Toak", "Wai Yan|ဝေယံ|Wai Yann", "Wana|ဝဏ|Wanna", "Yarzar|ရာဇာ|Yaza|Yazar", "Ye Yint|ရဲရင့်|Yay Yint",
    "Zayar|ဇေယျ|Zaya", "Zeya|ဇေယျာ|Zayya", NULL};
static const char *const burmese_women[] = {
    "Khin|ခင်|Kin", "Aye|အေး|Ay|Aung", "Su|စု|Soo", "Thida|သီတာ|Thidar|Thitar", "Hnin|နှင်း|Hninn|Nhin", "Mya|မြ|Mia",
    "Nwe|နွယ်|New|Nway", "Yin|ယဉ်|Yinn", "Sandar|စန္ဒာ|Sanda", "Wai|ဝေ|Way", "Phyu|ဖြူ|Pyu|Phyuu", "Ei|အိ|Ey|Eii",
    "Thiri|သီရိ|Thiry", "Zin|ဇင်|Zinn", "Thin|သင်း|Thinn", "Moe|မိုး|Mo", "Nilar|နီလာ|Nila", "Htay|ဌေး|Htey|Tay",
    "Tin|တင်|Tinn", "Myint|မြင့်|Mint", "Lay|လေး|Ley|Lei", "May|မေ|Mei", "Thandar|သန္တာ|Thanda", "Cho|ချို|Choe",
    "Hla|လှ|Hlah", "Than|သန်း|Thann", "Mon|မွန်|Mun", "Yu|ယု|Yuu", "Nandar|နန္ဒာ|Nanda", "Swe|ဆွေ|Sway",
    "Win|ဝင်း|Wynn|Winn", "Ohn|အုန်း|Own", "Kyi|ကြည်|Kyee", "Khaing|ခိုင်|Khine", "Pan|ပန်း|Pann", "Ni|နီ|Nee",
    "San|စန်း|Sann", "Marlar|မာလာ|Mala", "Yadanar|ရတနာ|Yadana", "Shwe|ရွှေ|Shway", "Thet|သက်|Thett", "Nu|နု|Nuu",
    "Thuzar|သူဇာ|Thuza", "Eaindray|အိန္ဒြေ|Aindray", "Wutt|ဝတ်|Wut", "Yee|ရီ|Yi", "Zar|ဇာ|Za", "Chaw|ချော|Chor",
    "Pyae|ပြည့်|Pye", "Lwin|လွင်|Lynn", "Myat|မြတ်|Myatt", "Nge|ငယ်|Ngae", "Kay|ကေ|Kei", "Thazin|သဇင်|Tha Zin",
    "Sabai|စံပယ်|Sabe", "Oo|ဦး|U", "Chan|ချမ်း|Chann", "Chit|ချစ်|Chitt", "Eaint|အိမ့်|Eint", "Hay|ဟေ|Hei", "Hsu|ဆု|Su",
    "Htar|ထား|Hta", "Kalyar|ကလျာ|Kalya", "Kathy|ကေသီ|Kaythi|Kay Thi", "Khattar|ခတ္တာ|Khatta", "Khet|ခက်|Khett",
    "Lin|လင်း|Linn", "Mar|မာ|Ma", "Maw|မော်|Mor", "Meiktila|မိတ္ထီလာ|Meikhtila", "Myaing|မြိုင်|Myine", "Naw|နော်|Nor",
    "Nyo|ညို|Nyoe", "Ohmar|ဥမ္မာ|Ohnmar", "Ohnmar|အုန်းမာ|Ohn Mar", "Phoo|ဖူး|Phu|Pu", "Po|ပို|Poe", "Sein|စိန်|Sain",
    "Shun|ရွှန်း|Shunn", "Shwe Yee|ရွှေရည်|Shwe Yi", "Thanda|သန္တာ|Thandar", "Theingi|သိင်္ဂီ|Theingyi",
    "Thinzar|သဉ္ဇာ|Thin Zar|Thinza", "Thwe|သွယ်|Thwel", "Tun|ထွန်း|Htun", "Wint|ဝင့်|Wintt", "Yadana|ရတနာ|Yadanar",
    "Yamin|ယမင်း|Yameen", "Yati|ရတီ|Yadee", "Yoon|ယွန်း|Yun", NULL};
static const char *const burmese_rules[] = {
    "aung=awng", "ky=gy", "ht=t", "th=t", "ph=p", "w=wh", "ay=e", "ar=a", "oe=o", "ei=ay", "nn=n", "hl=l", NULL};
static const char *const burmese_mr[] = {"U", "Ko", "Maung", "Mg", NULL};
static const char *const burmese_ms[] = {"Daw", "Ma", NULL};

struct culture culture_burmese = {
    .order = NAME_NO_FAMILY, .given_least = 2, .given_most = 4, .new_year = 60,
    .men = {.first = burmese_men, .offset = 60}, .women = {.first = burmese_women, .offset = 60},
    .rules = burmese_rules, .titles_men = burmese_mr, .titles_women = burmese_ms};

static const char *const rohingya_men[] = {
    "Mohammed||Mohammad|Muhammad|Mohamed|Md|Mohamad", "Nur||Noor|Nor|Nurul", "Abdul||Abdu|Abdool",
    "Hossain||Hussein|Hussain|Hossein|Hosson", "Ahmed||Ahmad|Ahamed|Amed", "Kamal||Komal|Kamaal",
    "Rahim||Raheem|Rohim", "Karim||Kareem|Korim", "Alam||Alom|Aalam", "Salim||Selim|Saleem", "Rafique||Rafiq|Rofik",
    "Ayub||Ayoub|Aiyub", "Yunus||Younus|Yunos", "Ismail||Esmail|Ismael", "Ibrahim||Ebrahim", "Jamal||Jomal|Zamal",
    "Anwar||Anowar|Anuar", "Shafi||Shofi|Sofi", "Zahid||Jahid|Zahed", "Habib||Hobib", "Faruk||Farouk|Farooq",
    "Idris||Idrish|Edris", "Osman||Usman|Othman", "Syed||Sayed|Said", "Hasan||Hassan|Hason",
    "Rashid||Roshid|Rasheed", "Aziz||Azeez|Ajij", "Sadek||Sadeq|Sadik", "Mujib||Mojib", "Zafar||Jafar|Jafor",
    "Ali||Aly", "Amin||Ameen", "Ullah||Olla|Ulla", "Iqbal||Ekbal", "Abu||Aboo", "Akter||Aktar|Akhter",
    "Amir||Ameer|Amer", "Anis||Anees", "Azim||Azeem|Ajim", "Bashir||Basir|Bosir", "Dil||Deel",
    "Elias||Ilyas|Eliyas", "Enayet||Inayat|Enayat", "Foyas||Fayaz|Foyaz", "Ghulam||Golam|Gulam",
    "Hamid||Hameed|Homid", "Hafez||Hafiz|Hafej", "Hashim||Hasim|Hashem", "Imam||Emam", "Jafar||Zafar|Jafor",
    "Jahangir||Jahangeer|Zahangir", "Jubair||Zubair|Jobair", "Kader||Qader|Kadir", "Khaled||Khalid|Haled",
    "Lal||Laal", "Mahmud||Mahmood|Mamud", "Manzur||Monzur|Manjur", "Mustafa||Mostafa|Mustapha", "Nabi||Nobi|Nabee",
    "Nazir||Nojir|Nazeer", "Nizam||Nijam", "Rahman||Rohman|Rahaman", "Rezaul||Rejaul", "Sabbir||Sobbir|Shabbir",
    "Saiful||Sayful", "Salam||Salaam|Solam", "Sayedul||Saidul|Saydul", "Shah||Sha", "Shamsul||Samsul|Shamshul",
    "Siraj||Seraj|Siraz", "Sultan||Soltan", "Taher||Tahir", "Yasin||Yaseen|Easin", "Zakaria||Jakaria|Zakariya",
    "Zaber||Jabir|Jaber", "Ziaur||Jiaur", NULL};
static const char *const rohingya_women[] = {
    "Begum||Begom|Bagum", "Khatun||Khatoon|Hatun", "Fatema||Fatima|Fatimah", "Noor||Nur|Nor",
    "Ayesha||Aisha|Ayasha", "Rashida||Rasheda|Roshida", "Senwara||Sonuara|Sanwara", "Minara||Menara",
    "Hasina||Hosina", "Jahan||Zahan", "Rokeya||Rokiya|Ruqayya", "Amina||Amena", "Halima||Halema", "Sajida||Sajeda",
    "Yasmin||Yasmine|Jesmin", "Setara||Sitara", "Dildar||Deldar", "Anowara||Anwara", "Rahima||Rohima",
    "Kulsum||Kulsuma", "Shamima||Samima", "Nasima||Nosima", "Toyoba||Tayeba", "Ramida||Romida", "Zahida||Jahida",
    "Marium||Mariam|Maryam", "Sabekun||Sabikun", "Tasmin||Tasmina", "Mumtaz||Momtaz", "Laila||Layla",
    "Arafa||Arefa", "Asma||Asmah", "Azida||Ajida|Aziza", "Bibi||Beebee", "Dilara||Delara", "Fatima||Fatema",
    "Formina||Formin", "Gul||Gol", "Habiba||Hobiba", "Hamida||Homida|Hameda", "Hazera||Hajera|Hajra",
    "Jannat||Zannat", "Jamila||Jomila", "Johura||Zohra|Johora", "Khaleda||Khalida", "Khurshida||Korshida",
    "Lalu||Laloo", "Majeda||Mazeda|Majida", "Mabia||Mobia", "Molluma||Mollima", "Morium||Mariam|Moriom",
    "Nur Jahan||Noor Jahan|Nurjahan", "Nurunnahar||Nurun Nahar", "Parmin||Parmeen", "Rehana||Rihana",
    "Robiza||Robija", "Romana||Rumana", "Roshida||Rashida", "Saleha||Soleha", "Salima||Selima", "Samira||Somira",
    "Shofika||Shafika|Sofika", "Shahida||Sahida", "Shukutara||Sukutara", "Sobura||Sabura", "Tahera||Tahira",
    "Tosmin||Tasmin", "Umme||Ume", "Yasmin Ara||Jesmin Ara", "Zaheda||Jaheda|Zahida", "Zubaida||Jobaida", NULL};
static const char *const rohingya_rules[] = {
    "ee=i", "oo=u", "o=a", "q=k", "z=j", "ou=u", "ss=s", "mm=m", "e=i", "h=", NULL};

struct culture culture_rohingya = {
    .order = NAME_NO_FAMILY, .given_least = 2, .given_most = 2, .new_year = 250,
    .men = {.first = rohingya_men, .offset = 20}, .women = {.first = rohingya_women, .offset = 20},
    .rules = rohingya_rules};

/* --- Khmer --- */

static const char *const khmer_men[] = {
    "Sokha|សុខា|Sokkha|Suka", "Dara|ដារ៉ា|Darra|Tara", "Vuthy|វុទ្ធី|Vuthi|Wuthy", "Sophal|សុផល|Sopal|Sophol",
    "Visal|វិសាល|Visarl|Wisal", "Rithy|រិទ្ធី|Rithi|Rithey", "Samnang|សំណាង|Somnang|Samneang",
    "Bunthoeun|ប៊ុនធឿន|Bunthoeurn|Bunthen", "Chantha|ចន្ថា|Chanta", "Kosal|កុសល|Kosol", "Makara|មករា|Makra",
    "Narith|ណារិទ្ធ|Narit", "Pheakdey|ភក្តី|Pheakdei|Phakdey", "Piseth|ពិសិដ្ឋ|Piset|Pisith",
    "Ratanak|រតនៈ|Rattanak|Rotanak", "Sambath|សម្បត្តិ|Sombath|Sambat", "Seyha|សីហា|Seiha|Siha",
    "Sopheap|សុភាព|Sophiep|Sopheab", "Sothea|សុធា|Sotha|Sothear", "Tola|តុលា|Tula", "Veasna|វាសនា|Veassna|Vesna",
    "Vannak|វណ្ណៈ|Vanna|Vannack", "Borey|បូរី|Borei|Bory", "Chamroeun|ចម្រើន|Chamreun|Chomroeun", "Davuth|ដាវុធ|Davut",
    "Heng|ហេង|Haeng", "Kimleng|គឹមឡេង|Kim Leng", "Mengly|ម៉េងលី|Meng Ly", "Nimol|និមល|Nimul", "Phirun|ភិរុណ|Phirum|Pirun",
    "Sarath|សារ៉ាត់|Sarat", "Sovann|សុវណ្ណ|Sovan|Suvan", "Theara|ធារ៉ា|Thera|Teara", "Vichet|វិចិត្រ|Vicheth|Wichet",
    "Bora|បូរ៉ា|Borah", "Chea|ជា|Chear", "Khemara|ខេមរា|Khemra", "Panha|បញ្ញា|Panya|Pagna", "Rotha|រដ្ឋា|Ratha",
    "Sok|សុខ|Sokh", "Thy|ធី|Thi", "Vibol|វិបុល|Viboul", "Bros|ប្រុស|Bross", "Bunna|ប៊ុណ្ណា|Bunnah", "Chhaya|ឆាយា|Chaya",
    "Chanthy|ចាន់ធី|Chanthi", "Chenda|ចិន្តា|Chinda", "Darith|ដារិទ្ធ|Darit", "Kakada|កក្កដា|Kakda",
    "Kimhong|គឹមហុង|Kim Hong", "Kimsan|គឹមសាន|Kim San", "Leng|ឡេង|Laeng", "Lyhour|លីហួរ|Ly Hour", "Mony|មុនី|Muni",
    "Nara|ណារ៉ា|Narra", "Nimith|និមិត្ត|Nimit", "Oudom|ឧត្តម|Udom", "Phalla|ផល្លា|Palla", "Phally|ផល្លី|Phalli",
    "Pich|ពេជ្រ|Pech", "Rathana|រតនា|Ratana", "Reaksa|រក្សា|Raksa", "Samedy|សាមេឌី|Samedi", "Samol|សាមល|Samul",
    "Saroeun|សារឿន|Saroeurn|Saren", "Savuth|សាវុធ|Savut", "Seyla|សីលា|Seila", "Sim|ស៊ីម|Seam", "Socheat|សុជាតិ|Sochet",
    "Sokhom|សុខុម|Sokom", "Sokleng|សុខឡេង|Sok Leng", "Sokunthy|សុគន្ធី|Sokunthi", "Sophat|សុផាត|Sopat",
    "Sopheak|សុភ័ក្ត្រ|Sopheakh", "Sopheara|សុភារ៉ា|Sophara", "Sovanna|សុវណ្ណា|Sovana", "Sovannarith|សុវណ្ណារិទ្ធ|Sovanarith",
    "Synoun|ស៊ីនួន|Sinoun", "Thavy|ថាវី|Thavi", "Thearith|ធារិទ្ធ|Thearit", "Vantha|វ៉ាន់ថា|Vanta", "Vanny|វណ្ណី|Vanni",
    "Viseth|វិសេស|Vises", "Vireak|វីរៈ|Virak", "Vutha|វុត្ថា|Vuthea", NULL};
static const char *const khmer_women[] = {
    "Sreymom|ស្រីមុំ|Srey Mom|Sreimom", "Bopha|បុប្ផា|Bopa|Buppha", "Chanthou|ចាន់ធូ|Chanthu", "Channary|ចន្ទនារី|Chanary",
    "Kunthea|គន្ធា|Kuntea|Kunthear", "Leakhena|លក្ខិណា|Leakena|Lakhena", "Malis|ម្លិះ|Mlis|Maliss", "Mealea|មាលា|Malea",
    "Nary|នារី|Neary", "Phalla|ផល្លា|Palla", "Pisey|ពិសី|Pisei|Peysey", "Rachana|រចនា|Rachna", "Romdoul|រំដួល|Rumdul",
    "Samphors|សំផស្ស|Samphos", "Sokunthea|សុគន្ធា|Sokuntea", "Sophea|សុភា|Sopheah|Sofia", "Sreyleak|ស្រីល័ក្ខ|Srey Leak",
    "Sreyneang|ស្រីនាង|Srey Neang", "Sreypov|ស្រីពៅ|Srey Pov", "Thida|ធីតា|Thyda|Tida", "Vanna|វណ្ណា|Vannah",
    "Chenda|ចិន្តា|Chinda", "Dany|ដានី|Dani", "Kalyan|កល្យាណ|Kalyane", "Kolap|កុលាប|Kulap", "Maly|ម៉ាលី|Mali",
    "Monika|មុនីកា|Monica", "Navy|ណាវី|Navi", "Pheap|ភាព|Pheab", "Ratha|រដ្ឋា|Rotha", "Reaksmey|រស្មី|Raksmey|Reaksmei",
    "Sokha|សុខា|Sokkha", "Sophy|សុភី|Sophi", "Sotheavy|សុធាវី|Sothavy", "Srey|ស្រី|Srei", "Tevy|ទេវី|Devi",
    "Vatey|វត្តី|Vattey", "Visna|វិស្នា|Visnah", "Sina|ស៊ីណា|Seyna", "Socheata|សុជាតា|Sochetra", "Amara|អមរា|Amra",
    "Botum|បុទុម|Bothum", "Champei|ចំប៉ី|Champey", "Chanda|ចន្ដា|Chandah", "Chanmony|ចាន់មុនី|Chan Mony",
    "Channa|ចាន់ណា|Chana", "Chantrea|ចន្ទ្រា|Chantria", "Dalin|ដាលីន|Daline", "Devi|ទេវី|Tevy", "Eang|អៀង|Ieng",
    "Kalianey|កល្យាណី|Kalyaney", "Kannitha|កន្និដ្ឋា|Kanitha", "Kimheang|គឹមហៀង|Kim Heang", "Kosoma|កុសុមា|Kosuma",
    "Lina|លីណា|Leena", "Mala|មាលា|Malea", "Mey|ម៉ី|Mei", "Mony|មុន្នី|Monny", "Nita|នីតា|Nitta", "Phally|ផាលី|Phaly",
    "Phary|ផារី|Phari", "Pheakdey|ភក្តី|Pheakdei", "Puthea|ពុទ្ធា|Putheara", "Ratana|រតនា|Rattana", "Rany|រ៉ានី|Rani",
    "Romany|រ៉ូម៉ានី|Romani", "Saory|សៅរី|Saori", "Saren|សារ៉េន|Sarenn", "Savann|សាវ៉ាន់|Savan",
    "Sereyroth|សិរីរដ្ឋ|Serey Roth", "Sokhom|សុខុម|Sokom", "Sokny|សុខនី|Sokni", "Soma|សោមា|Somar", "Sopheap|សុភាព|Sopheab",
    "Sorya|សូរិយា|Soriya", "Sothy|សុធី|Sothi", "Srey Pich|ស្រីពេជ្រ|Sreypich", "Sreyroth|ស្រីរ័ត្ន|Srey Roth",
    "Sreytouch|ស្រីតូច|Srey Touch", "Theary|ធារី", "Thavy|ថាវី|Thavi", "Vannary|វណ្ណារី|Vanary", "Veasna|វាសនា|Vesna",
    "Vichara|វិចារ៉ា|Vicheara", NULL};
static const char *const khmer_family[] = {
    "Sok|សុខ|Sokh|Suk", "Chea|ជា|Chia|Chear", "Kim|គឹម|Kem", "Heng|ហេង|Haeng", "Chan|ចាន់|Chann", "Keo|កែវ|Keov|Kaev",
    "Ly|លី|Li|Lee", "Lim|លឹម|Lem", "Meas|មាស|Mea|Mease", "Nhem|ញ៉ែម|Nhiem", "Ouk|អ៊ុក|Uk|Ok", "Pen|ប៉ែន|Penn",
    "Prak|ប្រាក់|Prac", "Ros|រស់|Rous", "Sam|សំ|Som", "Seng|សេង|Saeng", "Sim|ស៊ឹម|Sem", "So|សូ|Sor", "Tep|ទេព|Tepp",
    "Touch|ទូច|Tuch", "Uch|អ៊ុច|Ouch", "Yim|យឹម|Yem", "Chhim|ឈឹម|Chim", "Chhay|ឆាយ|Chay", "Chum|ជុំ|Choum", "Hem|ហែម|Haem",
    "Hun|ហ៊ុន|Hoon", "Im|អ៊ឹម|Em", "Khiev|ខៀវ|Kheav", "Khim|ឃឹម|Khem", "Kong|គង់|Kung", "Long|ឡុង|Lung", "Mao|ម៉ៅ|Mau",
    "Men|ម៉ែន|Menn", "Mom|ម៉ុម|Mum", "Neang|នាង|Nean", "Nou|នូ|Nu", "Oum|អ៊ុំ|Um", "Phan|ផាន|Phann", "Phon|ផុន|Phorn",
    "Pich|ពេជ្រ|Pech", "Rath|រ័ត្ន|Rat", "Sao|សៅ|Sau", "Sar|ស|Sor", "Sarun|សារុន|Saroun", "Som|សោម|Soam", "Soun|ស៊ុន|Sun",
    "Suon|សួន|Soun", "Svay|ស្វាយ|Svai", "Tan|តាន់|Tann", "Thach|ថាច់|Thak", "Tith|ទិត្យ|Tit", "Un|អ៊ុន|Oun", "Var|វ៉ា|Va",
    "Von|វ៉ុន|Vonn", "Yon|យន់|Yorn", "Am|អំ|Om", "Bin|ប៊ិន|Ben", "Bou|ប៊ូ|Bu", "Buth|ប៊ុត|But", "Chap|ចាប|Chapp",
    "Chau|ចៅ|Chao", "Chhoeun|ឈឿន|Chhoeurn", "Chhun|ឈុន|Chun", "Chin|ជិន|Chhin", "Chhon|ឆន|Chon", "Dith|ឌិត|Dit",
    "Doung|ឌួង|Duong", "Em|ឯម|Aem", "Eng|អេង|Ang", "Ham|ហាំ|Hamm", "Hing|ហ៊ីង|Heng", "Hok|ហុក|Hokk", "Hor|ហរ|Ho",
    "Hout|ហួត|Huot", "Huy|ហ៊ុយ|Hui", "Iv|អ៊ីវ|Eav", "Kan|កាន|Kann", "Kao|កៅ|Kau", "Keat|កៀត|Kiet", "Ken|កែន|Kaen",
    "Khat|ខាត់|Khatt", "Khem|ខែម|Khaem", "Khin|ឃីន|Khinn", "Khun|ឃុន|Khoun", "Koy|កុយ|Koi", "Kun|គុន|Koun", "Lao|ឡៅ|Lau",
    "Lay|ឡាយ|Lai", "Leang|លាង|Liang", "Lon|លន់|Lonn", "Ma|ម៉ា|Mar", "Mam|ម៉ម|Mom", "Meach|មាច|Meas", "Meng|ម៉េង|Maeng",
    "Mok|ម៉ុក|Muk", "Morn|មន|Mon", "Moul|មូល|Mul", "Net|ណេត|Neth", "Ngin|ង៉ិន|Nguon", "Ny|នី|Ni", "Orn|អន|On",
    "Pan|ប៉ាន|Pann", "Pheng|ផេង|Pheang", "Pol|ប៉ុល|Pul", "Pov|ពៅ|Pou", "Rin|រិន|Ren", "Ry|រី|Ri", "San|សាន|Sann",
    "Say|សាយ|Sai", "Sem|សែម|Saem", "Sin|ស៊ិន|Sen", "Sun|ស៊ុន|Soun", "Ta|តា|Tar", "Tang|តាំង|Taing",
    "Tep Sok|ទេពសុខ|Tepsok", "Thon|ធន|Thorn", "Thou|ធូ|Thu", "Tum|ទុំ|Toum", "Ty|ទី|Ti", "Ung|អ៊ុង|Oung", "Uy|អ៊ុយ|Ui",
    "Vann|វ៉ាន់|Van", "Vong|វង្ស|Wong", "Vuth|វុធ|Vut", "Yin|យិន|Yen", "Yos|យស|Yous", NULL};
static const char *const khmer_rules[] = {
    "ph=p", "th=t", "ey=y", "ou=u", "ea=a", "oeu=eu", "v=w", "kh=k", "nn=n", "aa=a", "ck=k", NULL};
static const char *const khmer_mr[] = {"Lok", "Mr", NULL};
static const char *const khmer_ms[] = {"Lok Srey", "Neang", "Ms", NULL};

struct culture culture_khmer = {
    .order = NAME_FAMILY_FIRST, .given_least = 1, .given_most = 1, .new_year = 40, .keeps_name = true,
    .men = {.first = khmer_men, .second = khmer_men, .compound = 150, .offset = 90, .joint = " "},
    .women = {.first = khmer_women, .second = khmer_women, .compound = 100, .offset = 90, .joint = " "},
    .family = {.first = khmer_family, .offset = 50}, .rules = khmer_rules, .titles_men = khmer_mr,
    .titles_women = khmer_ms};

/* --- Vietnamese: the native spelling is Latin, and its own people are often written with the marks --- */

static const char *const viet_family[] = {
    "Nguyen|Nguyễn|Nguyenn|Nguyeng", "Tran|Trần|Tranh", "Le|Lê", "Pham|Phạm|Phan", "Hoang|Hoàng|Huynh", "Phan|Phan",
    "Vu|Vũ|Vo", "Vo|Võ|Vu", "Dang|Đặng|Djang", "Bui|Bùi|Buoi", "Do|Đỗ|Djo", "Ho|Hồ|Hoo", "Ngo|Ngô",
    "Duong|Dương|Zuong", "Ly|Lý|Li", "Huynh|Huỳnh|Hoang", "Dinh|Đinh|Din", "Trinh|Trịnh", "Doan|Đoàn",
    "Truong|Trương|Truon", "Mai|Mai", "Dao|Đào", "Lam|Lâm", "Phung|Phùng", "Luong|Lương", "Vuong|Vương", "Ha|Hà",
    "To|Tô", "Ta|Tạ", "Cao|Cao", "Chu|Chu|Chau", "Luu|Lưu", "Thai|Thái", "Quach|Quách", "Tang|Tăng", "Kieu|Kiều",
    "La|La", "Nghiem|Nghiêm", "Thach|Thạch", "Quan|Quan", "Ton|Tôn", "Khuat|Khuất", "Giang|Giang", "Mac|Mạc",
    "Van|Văn", NULL};
static const char *const viet_middle_men[] = {
    "Van|Văn", "Duc|Đức", "Minh|Minh", "Huu|Hữu", "Quang|Quang", "Dinh|Đình", "Xuan|Xuân", "Thanh|Thanh",
    "Ngoc|Ngọc", "Cong|Công", "Quoc|Quốc", "Hoang|Hoàng", "Trong|Trọng", "Anh|Anh", "Duy|Duy", "Tuan|Tuấn",
    "Viet|Việt", "Nhat|Nhật", "Gia|Gia", "Khac|Khắc", "The|Thế", "Manh|Mạnh", "Ba|Bá", "Tien|Tiến", NULL};
static const char *const viet_middle_women[] = {
    "Thi|Thị", "Ngoc|Ngọc", "Thu|Thu", "Kim|Kim", "Thanh|Thanh", "Phuong|Phương", "Bich|Bích", "Hong|Hồng", "My|Mỹ",
    "Thuy|Thùy", "Minh|Minh", "Khanh|Khánh", "Bao|Bảo", "Quynh|Quỳnh", "Mai|Mai", "Hoai|Hoài", "Tuyet|Tuyết",
    "Cam|Cẩm", "Dieu|Diệu", "Nhu|Như", NULL};
static const char *const viet_men[] = {
    "Hung|Hùng", "Dung|Dũng|Zung", "Anh|Anh", "Tuan|Tuấn|Tuan", "Minh|Minh", "Long|Long", "Nam|Nam", "Hai|Hải",
    "Son|Sơn", "Thang|Thắng", "Cuong|Cường|Kuong", "Huy|Huy", "Duc|Đức", "Hieu|Hiếu", "Phuc|Phúc", "Quan|Quân",
    "Khanh|Khánh", "Trung|Trung", "Tung|Tùng", "Kien|Kiên", "Dat|Đạt", "Bao|Bảo", "Khoa|Khoa", "Thanh|Thành",
    "Tien|Tiến", "Hoa|Hòa", "Binh|Bình", "Vinh|Vinh", "Phong|Phong", "Quang|Quang", "Tai|Tài", "Loc|Lộc",
    "Nghia|Nghĩa", "Tam|Tâm", "Tan|Tân", "Toan|Toàn", "Truong|Trường", "Viet|Việt", "Vu|Vũ", "Hoang|Hoàng",
    "Lam|Lâm", "Manh|Mạnh", "Khai|Khải", "Hau|Hậu", "Giang|Giang", "Duy|Duy", "Dong|Đông", "Chien|Chiến",
    "Canh|Cảnh", "An|An", "Phuoc|Phước", "Sang|Sang", "Thinh|Thịnh", "Thuan|Thuận", "Trieu|Triệu", "Tu|Tú",
    "Tri|Trí", "Y|Ý", "Luan|Luân", "Nhan|Nhân", "Hiep|Hiệp", NULL};
static const char *const viet_women[] = {
    "Huong|Hương", "Lan|Lan", "Hoa|Hoa", "Mai|Mai", "Linh|Linh", "Trang|Trang", "Hanh|Hạnh", "Thao|Thảo", "Anh|Ánh",
    "Nga|Nga", "Thuy|Thủy", "Hang|Hằng", "Ha|Hà", "Yen|Yến", "Phuong|Phượng", "Ngan|Ngân", "Tam|Tâm", "Hien|Hiền",
    "Loan|Loan", "Ly|Ly", "Van|Vân", "Thu|Thu", "Xuan|Xuân", "Dung|Dung", "Tuyet|Tuyết", "Nhung|Nhung", "Hong|Hồng",
    "Lien|Liên", "Chi|Chi", "Quynh|Quỳnh", "My|My", "Ngoc|Ngọc", "Oanh|Oanh", "Giang|Giang", "Diep|Diệp", "Nhi|Nhi",
    "Tram|Trâm", "Vy|Vy", "Uyen|Uyên", "Truc|Trúc", "Suong|Sương", "Thom|Thơm", "Thanh|Thanh", "Bich|Bích",
    "Duyen|Duyên", "Hue|Huệ", "Khanh|Khanh", "Kieu|Kiều", "Lam|Lam", "Luyen|Luyến", "Minh|Minh", "Na|Na",
    "Nguyet|Nguyệt", "Nhan|Nhàn", "Sen|Sen", "Tham|Thắm", "Tho|Thơ", "Tien|Tiên", "Tinh|Tình", "Chau|Châu", NULL};
static const char *const viet_rules[] = {
    "uo=u", "ph=f", "qu=kw", "ie=e", "ng=n", "nh=n", "d=z", "y=i", "c=k", "tr=ch", "x=s", "gi=z", NULL};

struct culture culture_vietnamese = {
    .order = NAME_FAMILY_FIRST, .native = NATIVE_IN_LATIN_FIELDS, .given_least = 1, .given_most = 1,
    .prefixed = 930, .keeps_name = true, .men = {.first = viet_men, .offset = 110},
    .women = {.first = viet_women, .offset = 110}, .family = {.first = viet_family, .offset = 5},
    .prefix_men = {.first = viet_middle_men, .offset = 10},
    .prefix_women = {.first = viet_middle_women, .offset = 0}, .rules = viet_rules};
