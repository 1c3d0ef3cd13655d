/* Malay, Indonesian and Filipino: Latin script. */
#include "tests/generator/culture.h"

static const char *const malay_men[] = {
    "Ahmad||Ahmed|Achmad|Amad", "Ismail||Esmail|Ismael", "Abdul Rahman||Abdurrahman|Abd Rahman|Abdulrahman",
    "Abdullah||Abdulla|Abd Allah", "Hassan||Hasan|Hasaan", "Ibrahim||Ebrahim|Ibraheem",
    "Yusof||Yusuf|Yousuf|Yusoff", "Zulkifli||Zulkefli|Dzulkifli|Zulkiflee", "Azman||Aziman|Azmann",
    "Faizal||Faisal|Feisal|Faizzal", "Hafiz||Hafidz|Hapiz|Hafeez", "Khairul||Kairul|Chairul|Khayrul",
    "Mustafa||Mustapha|Mustaffa|Mostafa", "Razak||Razaq|Razzak", "Shahrul||Sharul|Syahrul", "Nizam||Nidzam|Nizzam",
    "Rosli||Rusli|Roslee", "Amirul||Amerul|Amiroul", "Aziz||Azis|Azeez", "Ali||Aly|Alee",
    "Osman||Othman|Usman|Uthman", "Omar||Umar|Umaar", "Hussin||Hussein|Hussain|Husin", "Idris||Edris|Idrus",
    "Ramli||Ramly|Ramlee", "Salleh||Saleh|Solleh", "Mat||Mad|Matt", "Yaacob||Yakub|Yaakub|Yaakob",
    "Zakaria||Zakariah|Zakariya", "Zainal||Zainol|Zaynal", "Jamaludin||Jamaluddin|Djamaludin",
    "Kamarudin||Kamaruddin|Qamaruddin", "Shamsudin||Shamsuddin|Samsudin|Syamsudin",
    "Baharudin||Baharuddin|Bahruddin", "Hamzah||Hamza|Hamsah", "Harun||Haron|Haroun", "Jaafar||Jafar|Jaffar",
    "Johari||Juhari|Johary", "Kassim||Kasim|Qasim", "Latif||Latip|Lateef", "Mahmud||Mahmood|Mahamud",
    "Majid||Majeed|Madjid", "Mansor||Mansur|Mansour", "Musa||Moosa|Mosa", "Nasir||Naser|Nassir",
    "Nordin||Nurdin|Noordin", "Rahim||Raheem|Rahem", "Rashid||Rasyid|Rasheed", "Sulaiman||Sulaeman|Suleiman",
    "Talib||Taleb|Thalib", "Wahab||Wahhab|Wahap", "Yahya||Yahaya|Jahja", "Zaki||Zakki|Zakee", "Adam||Adham",
    "Afiq||Afik|Afeeq", "Aiman||Ayman|Aimann", "Akmal||Aqmal", "Anuar||Anwar|Anwer", "Arif||Ariff|Areef",
    "Azhar||Azahar|Adzhar", "Azlan||Adzlan|Azlann", "Danial||Daniel|Daniyal", "Fadzil||Fadhil|Fazil|Fadil",
    "Farid||Fareed|Parid", "Fauzi||Fauzy|Fawzi", "Firdaus||Firdaws|Ferdaus", "Haikal||Haykal|Haiqal",
    "Hakim||Hakeem|Haqim", "Haziq||Hazik|Hadziq", "Helmi||Hilmi|Helmy", "Irfan||Erfan|Irpan", "Izzat||Izat|Ezzat",
    "Kamal||Kamaal|Qamal", "Luqman||Lukman|Loqman", "Najib||Najeeb|Nadjib", "Nazri||Nadzri|Nazry",
    "Ridzuan||Ridhwan|Ridwan|Redzuan", "Saiful||Syaiful|Sayful", "Shafiq||Syafiq|Shafik", "Syed||Said|Sayed",
    "Taufik||Taufiq|Tawfik", "Tengku||Tunku|Tuanku", "Wan||Wann", "Zamri||Zamry|Dzamri", NULL};
static const char *const malay_women[] = {
    "Aisyah||Aishah|Aisha|Aisya", "Fatimah||Fatima|Patimah|Fatimmah", "Zainab||Zaynab|Zaenab|Zainap",
    "Noraini||Nuraini|Norainy|Noorani", "Rohani||Ruhani|Rohany", "Salmah||Salma|Selamah", "Hasnah||Husnah|Hasna",
    "Khadijah||Khatijah|Kadija|Hadijah", "Maimunah||Maimoonah|Maimuna", "Rosnah||Rusnah|Rosna",
    "Suraya||Soraya|Suraiya", "Zaleha||Zaliha|Zulaikha|Zalehah", "Azizah||Aziza|Azeezah",
    "Mariam||Maryam|Meriam|Mariyam", "Aminah||Amina|Ameenah", "Halimah||Halima|Haleemah",
    "Hamidah||Hamida|Hameedah", "Jamilah||Jamila|Djamilah", "Kalsom||Kalsum|Kulsum", "Latifah||Latifa|Latipah",
    "Mahani||Mahany", "Nor Azlina||Norazlina|Nur Azlina", "Norhayati||Nurhayati|Nor Hayati",
    "Norizan||Norizann|Nurizan", "Norlela||Norlaila|Nurlela", "Normah||Norma|Nurmah",
    "Nurul Huda||Nurulhuda|Noorul Huda", "Rahmah||Rahma|Rohmah", "Ramlah||Ramla", "Rokiah||Rokiyah|Ruqayyah",
    "Rubiah||Rubiyah|Robiah", "Sabariah||Sabaria|Sabariyah", "Safiah||Safia|Sapiah", "Sarah||Sara|Saarah",
    "Sharifah||Syarifah|Sharifa", "Shuhada||Syuhada|Suhada", "Umi||Ummi|Umie", "Wahidah||Wahida|Waheedah",
    "Yasmin||Jasmin|Yasmine", "Zaharah||Zahara|Zahrah", "Zarina||Zarinah|Zareena", "Zubaidah||Zubaida|Jubaidah",
    "Adibah||Adiba|Adeebah", "Afiqah||Afikah|Afeeqah", "Aina||Ayna|Ainaa", "Alia||Aliya|Aliah",
    "Amira||Amirah|Ameera", "Atikah||Atiqah|Atika", "Azlina||Adzlina|Azlinah", "Balqis||Balkis|Bilqis",
    "Dayang||Dayangg", "Farah||Fara|Farrah", "Faridah||Farida|Paridah", "Hanis||Hannis|Anis", "Husna||Hosna|Husnaa",
    "Intan||Entan", "Izzati||Izati|Ezzati", "Liyana||Liana|Leeyana", "Nabila||Nabilah|Nabeela",
    "Nadia||Nadiah|Nadya", "Najwa||Najwah|Nadjwa", "Natasha||Natasya|Natassha", "Puteri||Putri|Puteree",
    "Syafiqah||Shafiqah|Syafikah", "Syazwani||Shazwani|Syazwany", NULL};
static const char *const malay_prefix_men[] = {
    "Muhammad||Mohd|Mohamad|Muhamad|Mohammad|Md|Mohamed", "Mohd||Muhammad|Mohamad|Md|Mohammed",
    "Ahmad||Ahmed|Achmad", "Abdul||Abd|Abdoel", "Mohamad||Mohd|Muhammad|Mohamed", NULL};
static const char *const malay_prefix_women[] = {
    "Nur||Noor|Nor|Nurul", "Siti||Sity|Citi", "Nurul||Noorul|Norul|Nur", "Nor||Nur|Noor", "Noor||Nur|Nor",
    "Wan||Wann", "Che||Cik", NULL};
static const char *const malay_rules[] = {
    "sh=sy", "z=dz", "f=p", "q=k", "oo=u", "o=u", "ah=a", "ee=i", "dd=d", "ss=s", "kh=k", "y=j", "ai=ay", "h=", NULL};
static const char *const malay_mr[] = {"Haji", "Hj", "Encik", "Tuan", "Dato", NULL};
static const char *const malay_ms[] = {"Hajah", "Hjh", "Puan", "Cik", NULL};

struct culture culture_malay = {
    .order = NAME_PATRONYMIC, .given_least = 1, .given_most = 2, .prefixed = 520,
    .men = {.first = malay_men, .offset = 120}, .women = {.first = malay_women, .offset = 120},
    .family = {.first = malay_men, .offset = 80}, .prefix_men = {.first = malay_prefix_men, .offset = 5},
    .prefix_women = {.first = malay_prefix_women, .offset = 10}, .particle_men = "bin|Bin|B|b.|bn|ibn",
    .particle_women = "binti|Binti|bt|bte|Bt.|binte", .rules = malay_rules, .titles_men = malay_mr,
    .titles_women = malay_ms};

static const char *const indonesian_men[] = {
    "Budi||Boedi|Budy", "Agus||Agoes|Agous", "Slamet||Selamet|Slamat", "Sutrisno||Soetrisno|Sutresno",
    "Bambang||Bambank", "Dedi||Dedy|Deddy", "Eko||Eco", "Hendra||Hendera|Endra", "Joko||Djoko|Jaka",
    "Rizki||Rizky|Riski|Rizqi", "Suharto||Soeharto", "Wahyu||Wahju|Wahyoe", "Yanto||Janto|Yantho",
    "Iwan||Ivan|Irwan", "Fajar||Fadjar|Pajar", "Gunawan||Goenawan|Gunawann", "Surya||Suria|Soerya",
    "Ahmad||Achmad|Akhmad|Ahmed", "Abdul||Abdoel|Abd", "Andi||Andy|Andie", "Ari||Ary|Arie", "Arif||Arief|Aripin",
    "Asep||Acep", "Bayu||Bajoe", "Cahya||Tjahya|Cahyo", "Dadang||Dadank", "Dani||Danny|Dany", "Didik||Didiek",
    "Dimas||Dimass", "Dwi||Dwie", "Edi||Edy|Eddy", "Endang||Endank", "Faisal||Faizal|Feisal", "Fauzi||Fauzy|Fawzi",
    "Firman||Virman", "Hadi||Hady", "Hari||Hary|Harry", "Haryanto||Harjanto|Hariyanto", "Hasan||Hassan",
    "Heri||Hery|Herry", "Hidayat||Hidajat|Hidayah", "Imam||Emam", "Indra||Endra", "Irfan||Irvan|Irpan",
    "Jaya||Djaja|Djaya", "Kurnia||Kurniawan|Koernia", "Lukman||Luqman|Loekman", "Mulyadi||Muljadi|Moelyadi",
    "Mulyono||Muljono|Moelyono", "Nanang||Nanank", "Nugroho||Noegroho", "Nur||Noer|Noor", "Parman||Suparman",
    "Purwanto||Poerwanto", "Putra||Poetra|Putera", "Rahmat||Rachmat|Rakhmat", "Ridwan||Ridhwan|Riduan",
    "Rudi||Rudy|Roedi", "Samsul||Syamsul|Shamsul", "Sigit||Sigid", "Sugeng||Soegeng", "Suparno||Soeparno",
    "Supriyadi||Soeprijadi|Supriadi", "Suryanto||Soerjanto|Surianto", "Sutarno||Soetarno",
    "Syahrul||Sahrul|Shahrul", "Taufik||Taufiq|Topik", "Teguh||Tegoeh", "Toni||Tony|Tonny", "Tri||Trie",
    "Udin||Uddin|Oedin", "Ujang||Oedjang", "Umar||Omar|Oemar", "Usman||Oesman|Osman", "Wawan||Wawann",
    "Yudi||Yudhi|Joedi", "Yusuf||Jusuf|Yusup|Joesoef", "Zainal||Zaenal|Jaenal", NULL};
static const char *const indonesian_women[] = {
    "Sri||Sry|Srie", "Dewi||Devi|Dewie", "Sari||Sary|Sarie", "Ratna||Retna|Ratnah", "Wati||Waty|Watie",
    "Lestari||Lestary", "Ningsih||Ningseh|Ningsi", "Fitri||Fitry|Pitri", "Indah||Inda|Endah", "Kartika||Cartika",
    "Yuliana||Juliana|Yulianna", "Endang||Endank", "Nurhayati||Noerhayati|Nur Hayati", "Rahayu||Rahaju|Rahayoe",
    "Utami||Oetami", "Wulandari||Wulandary|Woelandari", "Siti||Sitti|Sity", "Nur||Noer|Noor", "Ani||Anny|Any",
    "Ayu||Ajoe|Ayoe", "Dian||Diyan", "Eka||Ekka", "Eni||Enny|Eny", "Fatimah||Fatima|Patimah", "Ida||Idah",
    "Ika||Ikka", "Lia||Liya|Liah", "Lilis||Lilies", "Lina||Linna", "Maria||Mariah", "Maya||Maja", "Mega||Megah",
    "Nia||Niya", "Nining||Ninink", "Novi||Novy|Nopi", "Nurul||Noerul|Nurrul", "Puji||Pudji|Poedji",
    "Puspita||Poespita", "Putri||Poetri|Puteri", "Rina||Rinna", "Rini||Rinny", "Rita||Ritha",
    "Rosmawati||Rosmawaty", "Rukmini||Roekmini", "Rumiyati||Rumiati", "Sulastri||Soelastri",
    "Sumarni||Soemarni|Sumarny", "Sunarti||Soenarti", "Supriyati||Supriati|Soepriyati", "Suryani||Soerjani|Suriani",
    "Susanti||Susanty|Soesanti", "Titin||Titien", "Tri||Trie", "Tuti||Tuti|Toeti", "Umi||Ummi|Oemi",
    "Wahyuni||Wahjuni|Wahyoeni", "Yanti||Yanty|Janti", "Yuni||Juni|Yunie", "Aisyah||Aisah|Aisha", "Aminah||Amina",
    "Halimah||Halima", "Khotimah||Chotimah|Kotimah", "Maryati||Mariati|Marjati", "Mulyani||Muljani",
    "Romlah||Ramlah", "Suminah||Soeminah", NULL};
static const char *const indonesian_family[] = {
    "Santoso||Santosa|Santozo", "Wijaya||Widjaja|Wijaja|Widjaya", "Saputra||Syaputra|Saputera",
    "Hidayat||Hidajat|Hidayah", "Setiawan||Setyawan|Setiawann", "Nugroho||Noegroho",
    "Kurniawan||Kurnyawan|Koerniawan", "Siregar||Siregarr", "Simanjuntak||Simandjuntak|Simanjutak",
    "Nasution||Nasoetion", "Pratama||Pratamma", "Susanto||Soesanto|Susantho", "Harahap||Harahab",
    "Purnomo||Poernomo", "Suryadi||Soeryadi|Suriadi", "Hakim||Hakiem", "Maulana||Maolana|Mawlana",
    "Firmansyah||Firmansah|Firmanshah", "Ramadhan||Ramadan|Ramadhon", "Lubis||Loebis", "Sitompul||Sitompoel",
    "Hutapea||Hoetapea", "Sihombing||Sihombink", "Panjaitan||Pandjaitan", "Situmorang||Situmorank",
    "Tampubolon||Tampoebolon", "Sinaga||Sinagah", "Manurung||Manoeroeng", "Ginting||Gintink", "Tarigan||Tarigann",
    "Sembiring||Sembirink", "Batubara||Batoebara", "Daulay||Daulai", "Pane||Panne", "Rangkuti||Rangkoeti",
    "Permana||Permanna", "Prasetyo||Prasetio|Prasetya", "Haryono||Harjono", "Hartono||Hartonno",
    "Hermawan||Hermavan", "Irawan||Erawan", "Kusuma||Koesoema|Kusumah", "Lestari||Lestary", "Mahendra||Mahendera",
    "Nasir||Nashir", "Nugraha||Noegraha", "Pangestu||Pangestoe", "Prabowo||Prabawa", "Rahman||Rachman|Rohman",
    "Riyadi||Riadi|Rijadi", "Rosadi||Rosyadi", "Sasongko||Sasangka", "Sudirman||Soedirman", "Sukarno||Soekarno",
    "Sulistyo||Soelistyo|Sulistio", "Sumarno||Soemarno", "Suprapto||Soeprapto", "Suwarno||Soewarno",
    "Syahputra||Sahputra|Shahputra", "Tanjung||Tandjung|Tanjoeng", "Utomo||Oetomo|Utama",
    "Wahyudi||Wahjudi|Wahyoedi", "Wibowo||Wibawa", "Widodo||Widhodo", "Yulianto||Julianto", "Tan||Than",
    "Halim||Haliem", "Salim||Saliem", "Gunadi||Goenadi", "Effendi||Efendi|Effendy", NULL};
static const char *const indonesian_prefix[] = {
    "Muhammad||Muhamad|Moh|Mochamad|Mohammad|M", "Ahmad||Achmad|Akhmad", "Moh||Mohamad|Muhammad|Mochammad", NULL};
static const char *const indonesian_prefix_women[] = {"Siti||Sitti|St", "Nur||Noer|Noor", "Sri||Sry", "Ni||Nih", NULL};
static const char *const indonesian_rules[] = {
    "oe=u", "dj=j", "tj=c", "j=y", "y=i", "f=p", "v=p", "kh=ch", "sy=s", "z=j", "k=q", "dh=d", NULL};
static const char *const indonesian_mr[] = {"Bapak", "Haji", "H", "Tn", NULL};
static const char *const indonesian_ms[] = {"Ibu", "Hajjah", "Hj", "Ny", NULL};

struct culture culture_indonesian = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 2, .prefixed = 150, .mononym = 280, .new_year = 15,
    .keeps_name = true, .men = {.first = indonesian_men, .offset = 200},
    .women = {.first = indonesian_women, .offset = 150}, .family = {.first = indonesian_family, .offset = 150},
    .prefix_men = {.first = indonesian_prefix}, .prefix_women = {.first = indonesian_prefix_women},
    .rules = indonesian_rules, .titles_men = indonesian_mr, .titles_women = indonesian_ms};

static const char *const filipino_men[] = {
    "Jose||Joseph|Hose", "Juan||Juanito|Jhuan", "Antonio||Antonyo|Antoni", "Ramon||Raymon|Ramun",
    "Eduardo||Edwardo|Eduard", "Rogelio||Rogelyo", "Danilo||Danillo", "Reynaldo||Reinaldo|Renaldo",
    "Ernesto||Ernisto", "Mark||Marc", "Jericho||Jerico|Jheriko", "Rodel||Rodell", "Michael||Mikael|Micheal|Maykel",
    "Christian||Kristian|Cristian", "John||Jhon|Jon", "Angelo||Anghelo", "Arnel||Arnell", "Alfredo||Alfrido",
    "Allan||Alan|Allen", "Benjamin||Benhamin", "Carlo||Karlo", "Carlos||Karlos", "Cesar||Sesar", "Dennis||Denis",
    "Dominador||Dominadur", "Edgar||Edgardo", "Edwin||Edween", "Efren||Ephren", "Emilio||Emelio",
    "Enrique||Enrike|Henrique", "Erwin||Irwin", "Felipe||Filipe|Philip", "Ferdinand||Ferdinan",
    "Fernando||Pernando", "Francisco||Fransisco|Francis", "Gabriel||Gabrial", "Gerald||Jerald", "Gilbert||Jilbert",
    "Gregorio||Grigorio", "Henry||Henri", "Jaime||Haime|Jayme", "James||Jaymes", "Jayson||Jason|Jaison",
    "Jerome||Gerome", "Jerry||Gerry|Jerrie", "Jesus||Hesus", "Joel||Juel", "Jomar||Jhomar",
    "Jonathan||Jonatan|Johnathan", "Joshua||Joshwa", "Julius||Hulius", "Kenneth||Keneth", "Leonardo||Lionardo",
    "Luis||Louis|Lues", "Manuel||Manwel", "Marcelo||Marselo", "Mario||Maryo", "Marlon||Marlun", "Melvin||Melbin",
    "Nestor||Nistor", "Noel||Nowel", "Norberto||Nurberto", "Orlando||Urlando", "Oscar||Oskar", "Pablo||Pavlo",
    "Paolo||Paulo", "Pedro||Pidro", "Rafael||Raphael", "Raul||Rawl", "Ricardo||Rikardo|Richard",
    "Richard||Ritchard", "Roberto||Robert", "Rodrigo||Rudrigo", "Roland||Rolando", "Romeo||Romio",
    "Ronald||Ronaldo", "Roy||Roi", "Ruben||Rubin", "Ryan||Rayan", "Salvador||Salbador", "Samuel||Samwel",
    "Santiago||Santyago", "Teodoro||Tiodoro", "Tomas||Thomas", "Vicente||Bicente|Vincent", "Victor||Viktor|Bictor",
    "Virgilio||Birgilio", "Wilfredo||Wilfrido", "William||Wiliam", NULL};
static const char *const filipino_women[] = {
    "Maria||Ma|Ma.|Mariah", "Rosario||Rosaryo", "Luzviminda||Luzbiminda|Luz", "Teresita||Terecita|Theresita",
    "Cristina||Christina|Kristina", "Marilou||Marilu|Marylou", "Jocelyn||Joselyn|Jocelin",
    "Angelica||Anjelica|Angelika", "Imelda||Emelda", "Lourdes||Lurdes", "Carmelita||Karmelita",
    "Josephine||Josefine|Josefina", "Rowena||Rowina", "Mary Grace||Marygrace|Mary Grase",
    "Mary Ann||Maryann|Marian", "Ana||Anna|Anah", "Analyn||Annalyn|Analin", "Aileen||Ailene|Aylin",
    "Amelia||Emelia", "Angela||Anghela", "April||Apryl", "Arlene||Arlin|Arleen", "Beatriz||Beatris",
    "Carmen||Karmen", "Catherine||Katherine|Cathrine", "Cecilia||Sesilia|Cecelia", "Charito||Tsarito",
    "Cherry||Cherie|Sherry", "Clarissa||Clarisa|Klarisa", "Concepcion||Consepcion|Conception", "Consuelo||Konsuelo",
    "Corazon||Corason|Korazon", "Daisy||Daisie|Deysi", "Divina||Devina", "Dolores||Doloris", "Editha||Edita",
    "Elena||Helena|Ilena", "Elizabeth||Elisabeth|Elizabet", "Emily||Emilie", "Erlinda||Irlinda",
    "Estrella||Estrela", "Evangeline||Ivangeline", "Evelyn||Evelin|Ebelyn", "Fe||Fee",
    "Flordeliza||Flor de Liza|Flordelisa", "Gemma||Jemma", "Geraldine||Jeraldine", "Gina||Jina", "Gloria||Glorya",
    "Grace||Grase", "Irene||Irine", "Isabel||Isabelle|Ysabel", "Jasmine||Jasmin|Yasmin",
    "Jennifer||Jenifer|Jhennifer", "Jenny||Jhenny|Jennie", "Jessica||Jesica|Jhessica", "Joy||Joi", "Judith||Judit",
    "Juliet||Julieta", "Karen||Caren", "Leonora||Lionora", "Leticia||Letisia", "Liza||Lisa", "Lorna||Lurna",
    "Lucia||Lusia", "Lydia||Lidia", "Mae||May|Mei", "Maricel||Marisel|Marycel", "Maricris||Marycris|Marikris",
    "Marites||Maritess|Marytes", "Melanie||Milanie", "Mercedes||Mersedes", "Michelle||Michele|Mitchell",
    "Milagros||Melagros", "Myrna||Mirna", "Nancy||Nansy", "Nenita||Ninita", "Norma||Nurma", "Perla||Pirla",
    "Princess||Prinses", "Remedios||Rimedios", "Rhea||Rea", "Rizalina||Risalina", "Rosalie||Rosali",
    "Rosalinda||Rosalynda", "Rose||Roze", "Ruby||Rubi", "Sheila||Shiela|Sheela", "Susan||Suzan", "Sylvia||Silvia",
    "Teresa||Theresa", "Vilma||Bilma", "Virginia||Birginia", "Vivian||Bibian", NULL};
static const char *const filipino_family[] = {
    "Santos||De Los Santos|Delos Santos", "Reyes||Reyez|Reies", "Cruz||Dela Cruz|De la Cruz|Kruz",
    "Dela Cruz||De la Cruz|Delacruz|Cruz", "Bautista||Bawtista|Bautizta", "Garcia||Garsia", "Ocampo||Okampo",
    "Mendoza||Mendosa", "Torres||Torrez", "Gonzales||Gonzalez|Gonsales", "Ramos||Ramoz", "Fernandez||Fernandes",
    "Aquino||Akino", "Castillo||Castilio|Kastillo", "Flores||Florez", "Villanueva||Vilanueva", "Rivera||Ribera",
    "Diaz||Dias", "Castro||Kastro", "Perez||Peres", "Mercado||Merkado", "De Guzman||Deguzman|Guzman",
    "De Leon||Deleon", "Del Rosario||Delrosario|Rosario", "Domingo||Dumingo", "Francisco||Fransisco",
    "Salazar||Salasar", "Soriano||Suriano", "Tolentino||Tulentino", "Valdez||Valdes|Baldez", "Velasco||Belasco",
    "Dimaculangan||Dimakulangan", "Macaraeg||Makaraeg", "Pangilinan||Pangelinan", "Magsaysay||Magsaisai",
    "Manalo||Manallo", "Macapagal||Makapagal", "Lacson||Laxon|Lakson", "Cojuangco||Cohuangco", "Tan||Than",
    "Lim||Lym", "Sy||See|Si", "Go||Goh", "Chua||Chuah", "Ong||Ung", "Abad||Abadd", "Abella||Abela",
    "Agustin||Augustin", "Alcantara||Alkantara", "Almario||Almaryo", "Alvarez||Albarez|Alvares", "Andres||Andrez",
    "Angeles||Anghelis", "Aguilar||Agilar", "Arellano||Arelano", "Austria||Ustria", "Balagtas||Balagtaz",
    "Basilio||Bacilio", "Beltran||Biltran", "Bernardo||Birnardo", "Bonifacio||Bonifasio", "Borja||Borha",
    "Buenaventura||Buenabentura", "Cabrera||Kabrera", "Calderon||Kalderon", "Camacho||Kamacho", "Carpio||Karpio",
    "Concepcion||Consepcion", "Corpuz||Corpus", "Cortez||Cortes", "David||Dabid", "De Jesus||Dejesus",
    "De Vera||Devera|De Bera", "Dizon||Dison", "Enriquez||Henriquez|Enrikez", "Espino||Ispino",
    "Espinosa||Espinoza", "Estrada||Istrada", "Evangelista||Ivangelista", "Fajardo||Pajardo", "Ferrer||Ferer",
    "Galang||Galangg", "Gutierrez||Gutierez", "Hernandez||Ernandez", "Ignacio||Ignasio", "Javier||Xavier|Habier",
    "Jimenez||Himenez|Ximenez", "Lazaro||Lasaro", "Legaspi||Legazpi", "Lopez||Lopes", "Luna||Lunna",
    "Magbanua||Magbanwa", "Malabanan||Malabannan", "Manansala||Manansalla", "Marasigan||Maracigan",
    "Marquez||Marques|Markez", "Martinez||Martines", "Mateo||Matio", "Medina||Midina", "Miranda||Meranda",
    "Morales||Moralez", "Moreno||Murino", "Natividad||Natibidad", "Navarro||Nabarro", "Nicolas||Nikolas",
    "Nunez||Nunes", "Ortega||Urtega", "Ortiz||Ortis", "Padilla||Padilia", "Panganiban||Pangoniban",
    "Pascual||Paskual|Pasqual", "Pineda||Peneda", "Ponce||Ponse", "Quinto||Kinto", "Ramirez||Ramires",
    "Robles||Roblez", "Rodriguez||Rodrigues", "Romero||Rumero", "Rosales||Rosalez", "Roxas||Rojas", "Ruiz||Ruis",
    "Salvador||Salbador", "Samson||Sampson", "Sanchez||Sanches", "San Jose||Sanjose", "Santiago||Santyago",
    "Santa Maria||Sta Maria|Santamaria", "Sarmiento||Sarmyento", "Serrano||Serano", "Sison||Cison",
    "Suarez||Suares", "Tiongson||Tiongzon", "Trinidad||Trinedad", "Umali||Umaly", "Valencia||Valensia|Balencia",
    "Vargas||Bargas", "Vasquez||Vazquez|Basquez", "Vergara||Bergara", "Villamor||Billamor", "Yap||Yapp",
    "Zamora||Samora", NULL};
static const char *const filipino_rules[] = {
    "c=k", "v=b", "z=s", "f=p", "i=e", "o=u", "qu=k", "ph=f", "y=i", "ll=l", "rr=r", "th=t", "j=h", NULL};

struct culture culture_filipino = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 2, .initials = 2,
    .men = {.first = filipino_men, .offset = 150}, .women = {.first = filipino_women, .offset = 130},
    .family = {.first = filipino_family, .offset = 120}, .rules = filipino_rules};
