/* Bengali. Men's names often begin with Md, which stands for Mohammad; women's with Mst; surnames are loose. */
#include "tests/generator/culture.h"

static const char *const men[] = {
    "Abdul|আব্দুল|Abdool|Abdur", "Rafiqul|রফিকুল|Rafikul|Rofiqul", "Shahidul|শহিদুল|Shohidul|Sahidul",
    "Kamal|কামাল|Kamaal", "Jahangir|জাহাঙ্গীর|Jahangeer|Zahangir", "Nazrul|নজরুল|Nozrul|Nazrool",
    "Mizanur|মিজানুর|Mijanur|Mizan", "Habibur|হাবিবুর|Hobibur|Habib", "Anwar|আনোয়ার|Anowar|Anwer",
    "Faruk|ফারুক|Farooq|Faruque", "Sohel|সোহেল|Suhel|Sohail", "Tariq|তারিক|Tarek|Tareq|Tarik",
    "Zahid|জাহিদ|Jahid|Zahed", "Rashed|রাশেদ|Rashid|Rased", "Monir|মনির|Munir|Moneer", "Saiful|সাইফুল|Saifool|Syful",
    "Ariful|আরিফুল|Areful|Arif", "Ashraful|আশরাফুল|Asraful|Ashraf", "Aminul|আমিনুল|Ameenul|Amin",
    "Azizul|আজিজুল|Ajijul|Azizool", "Delwar|দেলোয়ার|Delowar|Dilwar", "Emdadul|এমদাদুল|Imdadul",
    "Golam|গোলাম|Ghulam|Gulam", "Imran|ইমরান|Emran", "Jamal|জামাল|Zamal", "Kabir|কবির|Kobir|Kabeer",
    "Liton|লিটন|Litan", "Mahbub|মাহবুব|Mahbubur|Mahboob", "Masud|মাসুদ|Masood|Masudur", "Mamun|মামুন|Mamoon",
    "Mostafa|মোস্তফা|Mustafa|Mostofa", "Nasir|নাসির|Naser|Nasiruddin", "Nurul|নুরুল|Noorul|Nurool",
    "Parvez|পারভেজ|Pervez|Parvej", "Quamrul|কামরুল|Kamrul|Qamrul", "Rahim|রহিম|Raheem|Rohim",
    "Razzak|রাজ্জাক|Razzaq|Rajjak", "Ripon|রিপন|Repon", "Rubel|রুবেল|Robel", "Sabbir|সাব্বির|Shabbir|Sabir",
    "Sajid|সাজিদ|Sajeed|Shajid", "Selim|সেলিম|Salim|Saleem", "Shafiqul|শফিকুল|Shofiqul|Safikul",
    "Shamim|শামীম|Samim|Shameem", "Sumon|সুমন|Suman", "Tanvir|তানভীর|Tanveer|Tanbir", "Wahid|ওয়াহিদ|Waheed|Oahid",
    "Yousuf|ইউসুফ|Yusuf|Eusuf", "Zakir|জাকির|Jakir|Zakeer", "Ziaur|জিয়াউর|Jiaur|Ziaul", "Bashir|বশির|Basir|Bosir",
    "Dulal|দুলাল|Dulaal", "Enamul|এনামুল|Inamul", "Fazlul|ফজলুল|Fozlul|Fazlur", "Hafizur|হাফিজুর|Hafijur|Hafizul",
    "Iqbal|ইকবাল|Ekbal|Iqbaal", "Khalilur|খলিলুর|Kholilur|Khalil", "Lutfor|লুৎফর|Lutfur|Lotfor",
    "Motiur|মতিউর|Matiur|Motior", "Obaidul|ওবায়দুল|Obaydul|Ubaidul", "Rezaul|রেজাউল|Rejaul|Rezaool",
    "Sirajul|সিরাজুল|Serajul|Shirajul", "Tofazzal|তোফাজ্জল|Tofazzol|Tofajjal", "Bikash|বিকাশ|Bikas",
    "Sanjoy|সঞ্জয়|Sanjay|Shonjoy", "Ratan|রতন|Roton", "Gopal|গোপাল|Gopaal", "Subrata|সুব্রত|Subroto|Shubrata",
    "Uttam|উত্তম|Uttom", "Ali|আলী|Aly|Alee", NULL};
static const char *const women[] = {
    "Fatema|ফাতেমা|Fatima|Fatemah", "Ayesha|আয়েশা|Aisha|Ayasha|Aysha", "Nasrin|নাসরিন|Nasreen|Nasrine",
    "Shirin|শিরিন|Shireen|Sirin", "Rokeya|রোকেয়া|Rokiya|Rukaiya", "Salma|সালমা|Salmah",
    "Tahmina|তাহমিনা|Tahmeena|Tamina", "Sultana|সুলতানা|Soltana|Sultanah", "Jahanara|জাহানারা|Jahanaara|Zahanara",
    "Momtaz|মমতাজ|Mumtaz|Momotaz", "Parvin|পারভীন|Parveen|Pervin", "Rahima|রহিমা|Raheema|Rohima",
    "Taslima|তসলিমা|Tasleema|Toslima", "Hasina|হাসিনা|Haseena|Hachina", "Amena|আমেনা|Amina|Aminah",
    "Anowara|আনোয়ারা|Anwara|Anoara", "Asma|আসমা|Asmah|Ashma", "Bilkis|বিলকিস|Bilquis|Bilkish", "Champa|চম্পা|Chompa",
    "Dilara|দিলারা|Delara", "Farhana|ফারহানা|Forhana", "Farida|ফরিদা|Forida|Fareeda",
    "Ferdousi|ফেরদৌসী|Ferdowsi|Firdausi", "Halima|হালিমা|Haleema|Halema", "Jannatul|জান্নাতুল|Jannat|Zannatul",
    "Josna|জোসনা|Jyotsna|Joshna", "Kohinoor|কোহিনুর|Kohinur", "Laily|লাইলী|Laila|Layli", "Lipi|লিপি|Lippi",
    "Lucky|লাকি|Laki", "Mahmuda|মাহমুদা|Mahmooda", "Marium|মরিয়ম|Mariam|Maryam", "Maksuda|মাকসুদা|Maqsuda",
    "Morzina|মর্জিনা|Marjina|Morjina", "Nahida|নাহিদা|Naheeda|Naheda", "Nargis|নার্গিস|Nargish|Nargees",
    "Nazma|নাজমা|Najma|Nasma", "Nilufa|নিলুফা|Nilufar|Neelufa", "Rabeya|রাবেয়া|Rabia|Rabiya",
    "Rehana|রেহানা|Rihana|Raihana", "Rina|রিনা|Reena", "Rozina|রোজিনা|Rosina|Rojina", "Ruma|রুমা|Rooma",
    "Sabina|সাবিনা|Sabeena", "Sabrina|সাবরিনা|Sabreena", "Sajeda|সাজেদা|Sajida", "Shahana|শাহানা|Sahana",
    "Shahnaz|শাহনাজ|Shahnaj|Sahnaz", "Shamima|শামীমা|Samima|Shameema", "Sharmin|শারমিন|Sharmeen|Sarmin",
    "Shefali|শেফালী|Sefali|Shephali", "Sufia|সুফিয়া|Sofia|Sufiya", "Yasmin|ইয়াসমিন|Yesmin|Jasmin",
    "Zohra|জোহরা|Johora|Zohora", "Kulsum|কুলসুম|Kulsoom|Kolsum", "Mousumi|মৌসুমী|Moushumi|Mausumi",
    "Papia|পাপিয়া|Papiya", "Purnima|পূর্ণিমা|Poornima", NULL};
static const char *const family[] = {
    "Hossain|হোসেন|Hussain|Hossein|Hossen|Hussein", "Rahman|রহমান|Rahaman|Rohman", "Islam|ইসলাম|Eslam|Isalm",
    "Uddin|উদ্দিন|Uddeen|Ud Din", "Ahmed|আহমেদ|Ahmad|Ahamed|Ahammed", "Khan|খান|Khaan", "Miah|মিয়া|Mia|Miya",
    "Ali|আলী|Aly", "Akter|আক্তার|Akhter|Aktar|Akhtar", "Begum|বেগম|Begam|Bagum", "Khatun|খাতুন|Khatoon|Khatan",
    "Chowdhury|চৌধুরী|Choudhury|Chaudhuri|Chowdury", "Sarkar|সরকার|Sarker|Sorkar", "Talukdar|তালুকদার|Talukder",
    "Bhuiyan|ভূঁইয়া|Bhuyan|Bhuiya|Bhuian", "Haque|হক|Haq|Hoque|Huq", "Siddique|সিদ্দিক|Siddiqui|Siddik",
    "Mollah|মোল্লা|Molla|Mulla", "Sikder|শিকদার|Sikdar|Shikder", "Sheikh|শেখ|Shaikh|Sk|Shekh", "Alam|আলম|Alom",
    "Howlader|হাওলাদার|Hawlader|Haolader", "Mondal|মন্ডল|Mandal|Mandol", "Biswas|বিশ্বাস|Bishwas|Biswash",
    "Das|দাস|Dash", "Roy|রায়|Ray|Rai", "Paul|পাল|Pal", "Saha|সাহা|Shaha", "Dey|দে|De",
    "Majumder|মজুমদার|Mazumder|Majumdar", "Karim|করিম|Korim|Kareem", "Kabir|কবির|Kobir", "Hasan|হাসান|Hassan|Hasaan",
    "Mahmud|মাহমুদ|Mahmood|Mahamud", "Iqbal|ইকবাল|Ekbal", "Reza|রেজা|Raza|Reja", "Sultana|সুলতানা|Soltana",
    "Jahan|জাহান|Zahan|Jahaan", "Mridha|মৃধা|Mirdha", "Pramanik|প্রামানিক|Pramanick|Paramanik",
    "Gazi|গাজী|Gaji|Ghazi", "Bepari|বেপারী|Byapari", "Fakir|ফকির|Fokir|Faqir", "Kazi|কাজী|Kaji|Qazi",
    "Matubbar|মাতুব্বর|Matubber|Matbar", "Munshi|মুন্সী|Munsi|Monshi", "Patwary|পাটোয়ারী|Patwari|Patowary",
    "Prodhan|প্রধান|Pradhan|Prodan", "Shikder|শিকদার|Sikder", "Aziz|আজিজ|Ajij", "Faruque|ফারুক|Faruk|Farooq",
    "Mannan|মান্নান|Manan", "Quddus|কুদ্দুস|Kuddus|Quddush", "Barua|বড়ুয়া|Borua|Baruah", "Chakma|চাকমা|Chakmah",
    "Nath|নাথ|Noth", "Ghosh|ঘোষ|Ghose", "Dutta|দত্ত|Datta|Dutt", "Sen|সেন|Senn", "Banik|বণিক|Bonik", NULL};
static const char *const prefix_men[] = {
    "Md|মোঃ|Mohammad|Mohammed|Muhammad|Mohd|Md.", "Mohammad|মোহাম্মদ|Md|Mohammed|Muhammad", "Abu|আবু|Aboo",
    "Syed|সৈয়দ|Sayed|Saiyad", NULL};
static const char *const prefix_women[] = {
    "Mst|মোছাঃ|Mosammat|Most|Musammat|Mst.", "Mosammat|মোসাম্মৎ|Mst|Musammat", "Umme|উম্মে|Ummey", NULL};
static const char *const rules[] = {
    "ee=i", "oo=u", "o=a", "sh=s", "z=j", "q=k", "f=ph", "ou=ow", "ss=s", "mm=m", "w=ow", "y=i", "ai=oy", NULL};
static const char *const titles_men[] = {"Haji", "Alhaj", "Mr", "Janab", NULL};
static const char *const titles_women[] = {"Mrs", "Begum", "Hajjah", NULL};

struct culture culture_bengali = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 2, .prefixed = 450, .new_year = 70,
    .keeps_name = true, .men = {.first = men, .offset = 90}, .women = {.first = women, .offset = 90},
    .family = {.first = family, .offset = 25}, .prefix_men = {.first = prefix_men, .offset = 0},
    .prefix_women = {.first = prefix_women, .offset = 0}, .rules = rules, .titles_men = titles_men,
    .titles_women = titles_women};
