/* Pakistani and Afghan (Arabic script), and the Turkic peoples (Cyrillic). */
#include "tests/generator/culture.h"

static const char *const men[] = {
    "Muhammad|محمد|Mohammad|Mohammed|Mohamed|Muhammed|Mohd", "Ahmad|احمد|Ahmed|Ahmet|Ahmadd", "Ali|علی|Aly|Alee",
    "Hussain|حسین|Hussein|Husain|Hossein|Hosain", "Hassan|حسن|Hasan|Hasaan",
    "Abdullah|عبداللہ|Abdulla|Abd Allah|Abdollah", "Usman|عثمان|Othman|Osman|Uthman", "Umar|عمر|Omar|Umer|Omer",
    "Bilal|بلال|Belal|Bilaal", "Imran|عمران|Emran|Imraan", "Asif|آصف|Aasif|Asef", "Tariq|طارق|Tarek|Tareq|Tarik",
    "Khalid|خالد|Khaled|Khalede", "Rashid|رشید|Rasheed|Rachid", "Saeed|سعید|Said|Sayeed|Saiid",
    "Yousaf|یوسف|Yusuf|Yousuf|Yusof", "Ibrahim|ابراہیم|Ebrahim|Ibraheem", "Ismail|اسماعیل|Esmail|Ismael",
    "Iqbal|اقبال|Eqbal|Iqbaal", "Javed|جاوید|Javaid|Jawed|Jawad", "Kashif|کاشف|Kashef|Kaashif",
    "Majid|ماجد|Majed|Majeed", "Nadeem|ندیم|Nadim|Nadiim", "Naveed|نوید|Navid|Nawid", "Nasir|ناصر|Naser|Nassir",
    "Omid|امید|Umid|Omeed", "Parwez|پرویز|Pervez|Parviz|Pervaiz", "Qasim|قاسم|Qasem|Kasim|Ghasem",
    "Rahim|رحیم|Raheem|Rahem", "Rehman|رحمان|Rahman|Rahmaan", "Sajjad|سجاد|Sajad|Sejad",
    "Salman|سلمان|Selman|Salmaan", "Shahid|شاہد|Shahed|Shaheed", "Shakeel|شکیل|Shakil|Shakiel",
    "Tahir|طاہر|Taher|Tahere", "Waqar|وقار|Wakar|Vaqar", "Waseem|وسیم|Wasim|Vaseem", "Yasir|یاسر|Yaser|Yasser",
    "Younas|یونس|Yunus|Younis|Yunas", "Zahid|زاہد|Zahed|Zaheed", "Zubair|زبیر|Zubayr|Zobair", "Adnan|عدنان|Adnaan",
    "Amir|عامر|Aamir|Amer|Ameer", "Arshad|ارشد|Arshed", "Aziz|عزیز|Azeez|Aziez", "Babar|بابر|Baber|Babur",
    "Faisal|فیصل|Faysal|Feisal", "Farhan|فرحان|Farhaan", "Farid|فرید|Fareed|Farede",
    "Farooq|فاروق|Faruk|Farouk|Faruq", "Ghulam|غلام|Gholam|Ghulaam", "Habib|حبیب|Habeeb|Habibe",
    "Hamid|حمید|Hameed|Hamed", "Haroon|ہارون|Harun|Haroun", "Idrees|ادریس|Idris|Edris", "Jamil|جمیل|Jameel|Djamil",
    "Junaid|جنید|Junayd|Joneyd", "Karim|کریم|Kareem|Kerim", "Mahmood|محمود|Mahmud|Mehmood",
    "Mansoor|منصور|Mansur|Mansour", "Masood|مسعود|Masud|Massoud", "Mirwais|میرویس|Mir Wais|Merwais",
    "Mustafa|مصطفی|Mostafa|Moustafa|Mustapha", "Najib|نجیب|Najeeb|Nadjib", "Noor|نور|Nur|Nour",
    "Rafiq|رفیق|Rafik|Rafeeq", "Ramazan|رمضان|Ramadan|Ramzan", "Reza|رضا|Raza|Rida", "Sami|سمیع|Samee|Samiullah",
    "Shafiq|شفیق|Shafik|Shafeeq", "Sher|شیر|Shir|Sheer", "Sultan|سلطان|Soltan", "Wali|ولی|Vali|Walee",
    "Yaqoob|یعقوب|Yaqub|Yakub|Jacob", "Zalmay|زلمی|Zalmai", "Zia|ضیاء|Ziya|Ziaa", "Gul|گل|Gull|Gol",
    "Esmatullah|عصمت اللہ|Ismatullah|Esmat", NULL};
static const char *const women[] = {
    "Fatima|فاطمہ|Fatema|Fatimah|Fatma", "Ayesha|عائشہ|Aisha|Aysha|Ayeshah", "Maryam|مریم|Mariam|Maryum|Mariyam",
    "Zainab|زینب|Zaynab|Zeinab", "Khadija|خدیجہ|Khadijah|Khadeeja", "Amina|آمنہ|Aminah|Aamina|Ameena",
    "Sara|سارہ|Sarah|Saara", "Hina|حنا|Hinna", "Sana|ثنا|Sanaa", "Saima|صائمہ|Sayma|Saimah",
    "Asma|اسماء|Asmaa|Esma", "Bushra|بشری|Boshra|Bushraa", "Farah|فرح|Farrah", "Farzana|فرزانہ|Farzaneh|Ferzana",
    "Fozia|فوزیہ|Fauzia|Fawzia", "Ghazala|غزالہ|Gazala|Ghazaala", "Huma|ہما|Homa|Humaa",
    "Humaira|حمیرا|Humera|Homaira", "Iram|ارم|Erum|Irum", "Kausar|کوثر|Kawsar|Kousar|Kosar", "Kiran|کرن|Kirran",
    "Lubna|لبنی|Lobna", "Mehwish|مہوش|Mahwish|Mehvish", "Naila|نائلہ|Nayla|Nailah", "Naseem|نسیم|Nasim|Nassim",
    "Nasreen|نسرین|Nasrin|Nesrin", "Nazia|نازیہ|Naziya|Nazya", "Nida|ندا|Nidaa",
    "Parveen|پروین|Parvin|Perveen|Parwin", "Rabia|رابعہ|Rabiya|Rabea", "Rehana|ریحانہ|Raihana|Reyhaneh",
    "Robina|روبینہ|Rubina|Robeena", "Rukhsana|رخسانہ|Roxana|Rokhsana", "Sadia|سعدیہ|Sadiya|Saadia",
    "Safia|صفیہ|Safiya|Safiyya", "Sajida|ساجدہ|Sajeda|Sajidah", "Salma|سلمی|Salmaa", "Samina|ثمینہ|Sameena|Samena",
    "Shabana|شبانہ|Shabaneh|Shabaana", "Shagufta|شگفتہ|Shagofta", "Shaista|شائستہ|Shayesta",
    "Shazia|شازیہ|Shaziya|Shazya", "Sidra|سدرہ|Sidrah", "Sumaira|سمیرا|Sumera|Somaira",
    "Tahira|طاہرہ|Tahera|Tahereh", "Tasneem|تسنیم|Tasnim|Tesnim", "Uzma|عظمی|Ozma|Uzmaa",
    "Yasmeen|یاسمین|Yasmin|Jasmin", "Zahra|زہرا|Zehra|Zahraa", "Zakia|ذکیہ|Zakiya|Zakieh", "Bibi|بی بی|Beebi|Bebe",
    "Gulalai|گلالئی|Golalai|Gulali", "Laila|لیلا|Layla|Leila", "Malalai|ملالئی|Malala|Malalay",
    "Nargis|نرگس|Narges|Nergis", "Palwasha|پلوشہ|Palwashah", "Roya|رویا|Royaa", "Shakila|شکیلہ|Shakeela|Shakilah",
    "Soraya|ثریا|Suraya|Thuraya", "Wazhma|وژمہ|Wajma|Vazhma", NULL};
static const char *const pakistani_family[] = {
    "Khan|خان|Khaan|Han", "Ahmed|احمد|Ahmad|Ahmet", "Ali|علی|Aly", "Hussain|حسین|Hussein|Husain|Hosain",
    "Malik|ملک|Malek|Mallik", "Butt|بٹ|But", "Shah|شاہ|Sha|Schah", "Iqbal|اقبال|Eqbal", "Bibi|بی بی|Bebe|Bebi",
    "Akhtar|اختر|Akhter|Aktar", "Qureshi|قریشی|Quraishi|Koreshi|Kureshi",
    "Chaudhry|چوہدری|Chaudhary|Choudhry|Chowdhry", "Mahmood|محمود|Mahmud|Mehmood", "Raza|رضا|Reza",
    "Siddiqui|صدیقی|Siddiqi|Sidiqi|Siddiqe", "Sheikh|شیخ|Shaikh|Shaykh", "Abbasi|عباسی|Abasi|Abbassi",
    "Afridi|آفریدی|Afreedi", "Ansari|انصاری|Ansary", "Anwar|انور|Anwer|Anvar", "Arshad|ارشد|Arshed",
    "Aslam|اسلم|Aslem", "Awan|اعوان|Awaan", "Aziz|عزیز|Azeez", "Baig|بیگ|Beg|Baigh", "Baloch|بلوچ|Baluch|Balouch",
    "Bhatti|بھٹی|Bhatty|Batti", "Bukhari|بخاری|Bokhari", "Dar|ڈار|Daar", "Farooqi|فاروقی|Faruqi|Farouki",
    "Gilani|گیلانی|Geelani|Jilani", "Gondal|گوندل|Gondel", "Hashmi|ہاشمی|Hashemi|Hashimi", "Hassan|حسن|Hasan",
    "Jamil|جمیل|Jameel", "Javed|جاوید|Javaid|Jawed", "Karim|کریم|Kareem", "Kazmi|کاظمی|Kazimi|Kazemi",
    "Khattak|خٹک|Khatak", "Lodhi|لودھی|Lodi", "Mirza|مرزا|Meerza", "Mughal|مغل|Moghal|Moghul",
    "Naqvi|نقوی|Naqwi|Nakvi", "Nawaz|نواز|Navaz", "Niazi|نیازی|Niyazi", "Parveen|پروین|Parvin",
    "Qadri|قادری|Qadiri|Kadri", "Rana|رانا|Raana", "Rasool|رسول|Rasul|Rasoul", "Rauf|رؤف|Raouf|Rawoof",
    "Rehman|رحمان|Rahman", "Rizvi|رضوی|Razvi|Rizwi", "Saleem|سلیم|Salim|Selim", "Satti|ستی|Sati",
    "Shabbir|شبیر|Shabir|Shabeer", "Sharif|شریف|Shareef|Sherif", "Soomro|سومرو|Sumro", "Sultan|سلطان|Soltan",
    "Tabassum|تبسم|Tabasum", "Tahir|طاہر|Taher", "Usmani|عثمانی|Osmani", "Wattoo|وٹو|Watto",
    "Yousafzai|یوسفزئی|Yusufzai|Yousufzai", "Zafar|ظفر|Zafer", "Zaidi|زیدی|Zaydi", "Zaman|زمان|Zamaan", NULL};
static const char *const afghan_family[] = {
    "Ahmadi|احمدی|Ahmady|Ahmedi", "Mohammadi|محمدی|Mohammady|Muhammadi|Mohamadi", "Rahimi|رحیمی|Rahimy|Raheemi",
    "Hussaini|حسینی|Hosseini|Husseini|Hossaini", "Karimi|کریمی|Karimy|Kareemi", "Rezai|رضایی|Rezayee|Rezaee|Razai",
    "Haidari|حیدری|Heidari|Hydari", "Akbari|اکبری|Akbary", "Amiri|امیری|Amiry|Ameeri", "Azizi|عزیزی|Azizy|Azeezi",
    "Noori|نوری|Nuri|Nouri", "Sharifi|شریفی|Sharify|Shareefi", "Sultani|سلطانی|Soltani|Sultany",
    "Hashimi|هاشمی|Hashemi|Hashmi", "Popal|پوپل|Popel", "Stanekzai|ستانکزی|Stanikzai|Stanakzai",
    "Zadran|ځدراڼ|Jadran", "Wardak|وردک|Vardak", "Yousufzai|یوسفزی|Yusufzai", "Barakzai|بارکزی|Barekzai",
    "Safi|صافی|Saafi", "Hotak|هوتک|Hotaki", "Nazari|نظری|Nazary", "Nabizada|نبی زاده|Nabizadah|Nabi Zada",
    "Qaderi|قادری|Qadiri|Kaderi", "Rasuli|رسولی|Rasooli|Rasouli", "Sadat|سادات|Sadaat", "Samadi|صمدی|Samady",
    "Yaqubi|یعقوبی|Yaqoobi|Yakubi", "Zahiri|ظاهری|Zaheri", "Faqiri|فقیری|Faqeeri", "Hakimi|حکیمی|Hakimy|Hakeemi",
    "Ibrahimi|ابراهیمی|Ebrahimi|Ibrahimy", "Jafari|جعفری|Jafary|Djafari", "Kakar|کاکړ|Kakarr",
    "Mangal|منگل|Mangall", "Naseri|ناصری|Nasiri|Nasery", "Omari|عمری|Umari|Omary", "Sarwari|سروری|Sarwary|Sarvari",
    "Tajik|تاجک|Tajek", NULL};
static const char *const rules[] = {
    "ee=i", "oo=u", "ou=u", "q=k", "y=i", "w=v", "ei=ai", "ah=a", "h=", "ss=s", "mm=m", "e=i", "o=u", "dj=j",
    "sh=ch", NULL};
static const char *const titles_men[] = {"Haji", "Mr", "Syed", "Mullah", NULL};
static const char *const titles_women[] = {"Mrs", "Bibi", "Begum", NULL};
static const char *const prefix_men[] = {
    "Muhammad|محمد|Mohammad|Mohammed|M|Mohd|Mohamed", "Syed|سید|Sayed|Said|Sayyid", "Abdul|عبدال|Abd ul|Abdel",
    "Ghulam|غلام|Gholam", "Mir|میر|Meer", NULL};
static const char *const prefix_women[] = {"Bibi|بی بی|Bebi", "Syeda|سیدہ|Sayeda|Saida", "Gul|گل|Gol", NULL};

struct culture culture_pakistani = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .prefixed = 330, .mononym = 60, .new_year = 80,
    .keeps_name = true, .men = {.first = men, .offset = 60}, .women = {.first = women, .offset = 70},
    .family = {.first = pakistani_family, .offset = 30}, .prefix_men = {.first = prefix_men},
    .prefix_women = {.first = prefix_women}, .rules = rules, .titles_men = titles_men, .titles_women = titles_women};
struct culture culture_afghan = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .prefixed = 330, .mononym = 200, .new_year = 300,
    .keeps_name = true, .men = {.first = men, .offset = 60}, .women = {.first = women, .offset = 70},
    .family = {.first = afghan_family, .offset = 30}, .prefix_men = {.first = prefix_men},
    .prefix_women = {.first = prefix_women}, .rules = rules, .titles_men = titles_men, .titles_women = titles_women};

/* --- Turkic: family names end in -ov, -ova --- */

static const char *const turkic_men[] = {
    "Aziz|Азиз|Azizz|Aziz", "Bobur|Бобур|Babur|Bobir", "Rustam|Рустам|Rustem|Rostam", "Jasur|Жасур|Zhasur|Dzhasur",
    "Sherzod|Шерзод|Sherzad|Scherzod", "Alisher|Алишер|Alischer", "Otabek|Отабек|Atabek",
    "Ulugbek|Улугбек|Ulughbek", "Timur|Тимур|Temur|Timour", "Farrukh|Фаррух|Farruh|Farukh",
    "Dilshod|Дилшод|Dilshad|Dilschod", "Sardor|Сардор|Sardar", "Akmal|Акмал|Akmall", "Anvar|Анвар|Anwar",
    "Bakhtiyor|Бахтиёр|Bakhtiyar|Bahtiyor", "Davron|Даврон|Davran", "Eldor|Элдор|Eldar",
    "Ibrohim|Иброҳим|Ibragim|Ibrahim", "Islom|Ислом|Islam", "Jahongir|Жаҳонгир|Jahangir|Dzhakhongir",
    "Kamol|Камол|Kamal", "Mansur|Мансур|Mansour", "Mirzo|Мирзо|Mirza", "Murod|Мурод|Murad", "Nodir|Нодир|Nadir",
    "Oybek|Ойбек|Aibek", "Ravshan|Равшан|Rawshan", "Shavkat|Шавкат|Shawkat", "Shukhrat|Шухрат|Shuhrat",
    "Umid|Умид|Omid", "Yusuf|Юсуф|Iusuf|Yusup", "Zafar|Зафар|Zafer", "Nursultan|Нурсултан|Nursoltan",
    "Yerlan|Ерлан|Erlan", "Daulet|Даулет|Dauletbek|Davlet", "Arman|Арман|Armann", "Askar|Аскар|Asqar",
    "Bolat|Болат|Bulat", "Daniyar|Данияр|Daniar", "Kairat|Кайрат|Qairat|Kayrat", "Marat|Марат|Maratt",
    "Nurlan|Нурлан|Nourlan", "Ruslan|Руслан|Rouslan", "Sanzhar|Санжар|Sanjar", "Serik|Серик|Serick",
    "Talgat|Талгат|Talghat", "Yerbol|Ербол|Erbol", "Zhandos|Жандос|Jandos", "Azamat|Азамат|Azamatt",
    "Bakyt|Бакыт|Bakit", "Almaz|Алмаз|Almas", "Mirlan|Мирлан|Merlan", "Ulan|Улан|Ulaan", "Aibek|Айбек|Aybek", NULL};
static const char *const turkic_women[] = {
    "Dilnoza|Дилноза|Dilnoz|Dilnosa", "Gulnora|Гулнора|Gulnara|Gulnor", "Nargiza|Наргиза|Nargisa|Nargiz",
    "Madina|Мадина|Medina", "Zarina|Зарина|Zareena", "Feruza|Феруза|Firuza", "Aziza|Азиза|Azisa",
    "Barno|Барно|Barna", "Dilfuza|Дилфуза|Dilfusa", "Dilorom|Дилором|Dilaram",
    "Gulbahor|Гулбаҳор|Gulbahar|Gulbakhor", "Kamola|Камола|Kamala", "Lola|Лола|Lolla", "Malika|Малика|Maliqa",
    "Mukhabbat|Мухаббат|Muhabbat", "Nigora|Нигора|Nigara", "Nilufar|Нилуфар|Nilufer", "Oydin|Ойдин|Aidin",
    "Sevara|Севара|Sevarra", "Shahnoza|Шаҳноза|Shakhnoza|Shahnaza", "Umida|Умида|Omida",
    "Yulduz|Юлдуз|Iulduz|Yildiz", "Zulfiya|Зулфия|Zulfia|Zulfiia", "Aigerim|Айгерим|Aygerim",
    "Aizhan|Айжан|Aijan|Ayzhan", "Aliya|Алия|Aliia|Alia", "Asel|Асель|Assel|Asyl", "Botagoz|Ботагоз|Botakoz",
    "Dana|Дана|Danna", "Dinara|Динара|Dinarra", "Gulnaz|Гульназ|Gulnas", "Gulmira|Гульмира|Gulmyra",
    "Kamila|Камила|Kamilla", "Karlygash|Карлыгаш|Karligash", "Nazgul|Назгуль|Nazgull",
    "Saltanat|Салтанат|Saltanatt", "Saule|Сауле|Sauleh", "Zhanar|Жанар|Janar", "Zhanna|Жанна|Janna",
    "Aida|Аида|Ayda", "Ainura|Айнура|Aynura", "Begimai|Бегимай|Begimay", "Cholpon|Чолпон|Cholponn",
    "Jyldyz|Жылдыз|Zhyldyz|Jildiz", NULL};
static const char *const turkic_stem[] = {
    "Karim|Карим|Kerim", "Rahim|Рахим|Rakhim", "Yusup|Юсуп|Yusuf|Iusup", "Abdulla|Абдулла|Abdullah",
    "Umar|Умар|Omar", "Usman|Усман|Osman", "Ismail|Исмаил|Ismoil", "Mahmud|Махмуд|Makhmud", "Hamid|Хамид|Khamid",
    "Rashid|Рашид|Rashit", "Saidakhmed|Саидахмед|Saidahmed", "Tursun|Турсун|Toursun", "Ergash|Эргаш|Irgash",
    "Sultan|Султан|Sulton", "Mirza|Мирза|Mirzo", "Nazar|Назар|Nasar", "Kurban|Курбан|Qurbon|Kurbon",
    "Safar|Сафар|Saphar", "Normat|Нормат|Narmat", "Kholmat|Холмат|Holmat", "Juma|Жума|Dzhuma|Zhuma",
    "Mamat|Мамат|Mamut", "Islam|Ислам|Islom", "Ibragim|Ибрагим|Ibrohim", "Aliyar|Алияр|Aliar",
    "Bekmurat|Бекмурат|Bekmurod", "Dzhaksybek|Джаксыбек|Zhaksybek", "Esen|Есен|Yesen", "Iskak|Искак|Iskhak|Ishak",
    "Kasym|Касым|Qosim|Kasim", "Kenzhebek|Кенжебек|Kenjebek", "Nurpeis|Нурпеис|Nurpeyis", "Omarbek|Омарбек|Umarbek",
    "Ospan|Оспан|Uspan", "Sadyk|Садык|Sadik|Sodiq", "Seit|Сеит|Sait", "Temirbek|Темирбек|Timurbek",
    "Toktar|Токтар|Tokhtar", "Toktogul|Токтогул|Toktagul", "Zhumabek|Жумабек|Jumabek", "Asan|Асан|Hasan",
    "Bayram|Байрам|Bairam", "Dosmat|Досмат|Dusmat", "Egamberdi|Эгамберди|Egamberdy", "Fayzulla|Файзулла|Faizulla",
    "Gafur|Гафур|Gofur", "Haydar|Хайдар|Khaidar", "Jalil|Жалил|Djalil|Zhalil", "Latip|Латип|Latif",
    "Mansur|Мансур|Mansour", NULL};
static const char *const turkic_ov[] = {"ov|ов|ow|off", "aev|аев|ayev|aeff", NULL};
static const char *const turkic_ova[] = {"ova|ова|owa", "aeva|аева|ayeva", NULL};
static const char *const turkic_rules[] = {
    "kh=h", "zh=j", "dzh=j", "y=i", "ya=ia", "yu=iu", "ev=yev", "q=k", "sh=sch", "o=a", "iy=y", "v=w", "ts=c", NULL};

struct culture culture_turkic = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .men = {.first = turkic_men, .offset = 150},
    .women = {.first = turkic_women, .offset = 130},
    .family = {.first = turkic_stem, .second = turkic_ov, .compound = 970, .offset = 80},
    .family_women = {.first = turkic_stem, .second = turkic_ova, .compound = 970, .offset = 80},
    .rules = turkic_rules};
