/* Hindi, Nepali, Tamil and Sinhala. */
#include "tests/generator/culture.h"

static const char *const hindi_men[] = {
    "Raj|राज|Raaj", "Rajesh|राजेश|Rajeesh|Raajesh", "Sanjay|संजय|Sanjai|Sunjay", "Ramesh|रमेश|Rameesh",
    "Suresh|सुरेश|Sureesh", "Amit|अमित|Ameet|Amith", "Vijay|विजय|Vijai|Bijay", "Anil|अनिल|Aneel",
    "Sunil|सुनील|Suneel|Sunill", "Manoj|मनोज|Manuj", "Ashok|अशोक|Asok|Ashoka", "Vinod|विनोद|Binod|Vinodh",
    "Rakesh|राकेश|Rakeesh", "Mukesh|मुकेश|Mukeesh", "Dinesh|दिनेश|Dineesh", "Mahesh|महेश|Maheesh",
    "Deepak|दीपक|Dipak|Deepack", "Rahul|राहुल|Raahul", "Ravi|रवि|Ravee|Rabi", "Ajay|अजय|Ajai", "Arun|अरुण|Aroon",
    "Pradeep|प्रदीप|Pradip|Prdeep", "Sandeep|संदीप|Sandip", "Santosh|संतोष|Santhosh|Santos", "Pankaj|पंकज|Pankaz",
    "Naresh|नरेश|Nareesh", "Krishna|कृष्ण|Krishan|Kishan", "Ram|राम|Raam", "Mohan|मोहन|Mohun", "Gopal|गोपाल|Gopaal",
    "Arjun|अर्जुन|Arjoon", "Vikas|विकास|Vikash|Bikash", "Vikram|विक्रम|Bikram|Vickram", "Rohit|रोहित|Rohith",
    "Ankit|अंकित|Ankith", "Nitin|नितिन|Nithin", "Sachin|सचिन|Sachinn", "Gaurav|गौरव|Gourav|Gorav",
    "Saurabh|सौरभ|Sourabh|Sourav", "Abhishek|अभिषेक|Abhisek|Abishek", "Alok|आलोक|Aalok", "Anand|आनंद|Aanand|Anandh",
    "Bharat|भरत|Bharath|Barat", "Brijesh|बृजेश|Brajesh", "Chandra|चंद्र|Chander|Chandar",
    "Dharmendra|धर्मेंद्र|Dharmender|Dharamendra", "Gagan|गगन|Gagann", "Ganesh|गणेश|Ganeesh", "Girish|गिरीश|Gireesh",
    "Hari|हरि|Haree", "Harish|हरीश|Hareesh", "Hemant|हेमंत|Hemanth", "Jagdish|जगदीश|Jagadish|Jagdeesh",
    "Jitendra|जितेंद्र|Jitender|Jeetendra", "Kailash|कैलाश|Kailas", "Kamal|कमल|Kamall", "Kapil|कपिल|Kapeel",
    "Kuldeep|कुलदीप|Kuldip", "Lalit|ललित|Lalith", "Mahendra|महेंद्र|Mahender|Mahindra",
    "Narendra|नरेंद्र|Narender|Narinder", "Om|ओम|Aum", "Prakash|प्रकाश|Parkash|Prakas", "Prem|प्रेम|Prema",
    "Rajendra|राजेंद्र|Rajender|Rajinder", "Rajiv|राजीव|Rajeev|Rajeew", "Satish|सतीश|Sateesh|Satis",
    "Shankar|शंकर|Sankar|Shanker", "Shyam|श्याम|Sham|Syam", "Subhash|सुभाष|Subash|Subhas",
    "Surendra|सुरेंद्र|Surender|Surinder", "Uday|उदय|Udai", "Umesh|उमेश|Umeesh", "Vishal|विशाल|Visal|Bishal",
    "Yogesh|योगेश|Yogeesh", "Gurpreet|गुरप्रीत|Gurprit", "Harpreet|हरप्रीत|Harprit", "Manpreet|मनप्रीत|Manprit",
    "Jaswinder|जसविंदर|Jasvinder", "Balwinder|बलविंदर|Balvinder", "Sukhwinder|सुखविंदर|Sukhvinder", NULL};
static const char *const hindi_women[] = {
    "Sunita|सुनीता|Suneeta|Sunitha", "Anita|अनीता|Aneeta|Anitha", "Geeta|गीता|Gita|Geetha", "Sita|सीता|Seeta|Sitha",
    "Rekha|रेखा|Reka", "Meena|मीना|Mina", "Kavita|कविता|Kavitha|Kabita", "Savita|सविता|Savitha", "Pooja|पूजा|Puja",
    "Priya|प्रिया|Priyaa", "Neha|नेहा|Neeha", "Asha|आशा|Aasha", "Usha|उषा|Oosha", "Radha|राधा|Raadha",
    "Lakshmi|लक्ष्मी|Laxmi|Lakshmee", "Manju|मंजू|Manjoo", "Mamta|ममता|Mamata|Mamtha", "Seema|सीमा|Sima",
    "Suman|सुमन|Sumann", "Kiran|किरण|Kirann", "Poonam|पूनम|Punam", "Jyoti|ज्योति|Jyothi|Joti",
    "Shanti|शांति|Shanthi|Santi", "Kamla|कमला|Kamala", "Vimla|विमला|Vimala|Bimla", "Pushpa|पुष्पा|Puspa",
    "Saroj|सरोज|Sarooj", "Nirmala|निर्मला|Nirmla", "Urmila|उर्मिला|Urmilla", "Sushila|सुशीला|Susheela|Susila",
    "Rani|रानी|Ranee", "Renu|रेणु|Renuka", "Ritu|ऋतु|Reetu|Ritoo", "Shobha|शोभा|Sobha|Shoba", "Sarita|सरिता|Saritha",
    "Sangeeta|संगीता|Sangita|Sangeetha", "Sapna|सपना|Swapna", "Sudha|सुधा|Sudhaa", "Maya|माया|Maaya",
    "Madhu|मधु|Madhoo", "Lata|लता|Latha", "Kusum|कुसुम|Kusoom", "Kalpana|कल्पना|Kalpna", "Indira|इंदिरा|Indra",
    "Hema|हेमा|Hemaa", "Deepa|दीपा|Dipa", "Chanda|चंदा|Chandaa", "Bhavna|भावना|Bhawna|Bhavana",
    "Babita|बबीता|Babeeta|Babitha", "Archana|अर्चना|Archna", "Anjali|अंजलि|Anjaly|Anjalee", "Anju|अंजू|Anjoo",
    "Aarti|आरती|Arti|Aarthi", "Nisha|निशा|Neesha", "Preeti|प्रीति|Priti|Preethi", "Rashmi|रश्मि|Rasmi",
    "Shalini|शालिनी|Salini", "Swati|स्वाति|Swathi", "Vandana|वंदना|Bandana", "Sonia|सोनिया|Soniya",
    "Simran|सिमरन|Simrann", "Harjeet|हरजीत|Harjit", "Amandeep|अमनदीप|Amandip", "Divya|दिव्या|Dibya", NULL};
static const char *const hindi_family[] = {
    "Kumar|कुमार|Kumaar|Kummar", "Singh|सिंह|Sing|Sinh", "Devi|देवी|Devee|Debi", "Sharma|शर्मा|Sarma|Sharmaa",
    "Kaur|कौर|Kour|Cor", "Gupta|गुप्ता|Guptha", "Verma|वर्मा|Varma", "Yadav|यादव|Jadav|Yadaw",
    "Prasad|प्रसाद|Parshad|Prasaad", "Lal|लाल|Laal", "Patel|पटेल|Pattel", "Mishra|मिश्रा|Misra",
    "Pandey|पांडेय|Pande|Panday", "Jha|झा|Jhaa", "Tiwari|तिवारी|Tewari|Tivari", "Chauhan|चौहान|Chohan|Chouhan",
    "Thakur|ठाकुर|Thakor|Thakoor", "Rai|राय|Ray", "Das|दास|Dass", "Shah|शाह|Sah", "Joshi|जोशी|Joshee",
    "Mehta|मेहता|Mehtha", "Chaudhary|चौधरी|Choudhary|Chowdhary", "Dubey|दुबे|Dube", "Saxena|सक्सेना|Sakshena|Saksena",
    "Srivastava|श्रीवास्तव|Shrivastava|Srivastav", "Agarwal|अग्रवाल|Aggarwal|Agrawal", "Bansal|बंसल|Bansall",
    "Jain|जैन|Jainn", "Rathore|राठौर|Rathor|Rathod", "Rajput|राजपूत|Rajpoot", "Solanki|सोलंकी|Solankee",
    "Malik|मलिक|Mallik", "Rawat|रावत|Ravat", "Bisht|बिष्ट|Bist", "Negi|नेगी|Negee", "Saini|सैनी|Sainee",
    "Sethi|सेठी|Sethy", "Kapoor|कपूर|Kapur", "Khanna|खन्ना|Khana", "Malhotra|मल्होत्रा|Malhotraa", "Arora|अरोड़ा|Aroda",
    "Bhatia|भाटिया|Bhatiya", "Gill|गिल|Gil", "Sandhu|संधू|Sandhoo", "Dhillon|ढिल्लों|Dhilon", "Sidhu|सिद्धू|Siddhu",
    "Grewal|ग्रेवाल|Garewal", "Brar|बराड़|Brarr", "Pawar|पवार|Powar", "Jadhav|जाधव|Jadav", "Patil|पाटिल|Pateel",
    "Desai|देसाई|Desay", "Kulkarni|कुलकर्णी|Kulkarnee", "Deshmukh|देशमुख|Deshmuk", "More|मोरे|Moray",
    "Gaikwad|गायकवाड़|Gaikwaad", "Chavan|चव्हाण|Chawan", "Nair|नायर|Nayar", "Menon|मेनन|Menan", "Reddy|रेड्डी|Reddi",
    "Rao|राव|Row", "Naidu|नायडू|Naydu", "Sahu|साहू|Sahoo", "Behera|बेहरा|Bahera", "Nayak|नायक|Naik",
    "Mahato|महतो|Mahto", "Paswan|पासवान|Pasvan", NULL};
static const char *const hindi_rules[] = {
    "ee=i", "oo=u", "sh=s", "v=w", "v=b", "th=t", "aa=a", "ksh=x", "au=ou", "ph=f", "dh=d", "y=i", "z=j", NULL};
static const char *const hindi_mr[] = {"Shri", "Sri", "Mr", NULL};
static const char *const hindi_ms[] = {"Smt", "Kumari", "Km", "Mrs", NULL};
static const char *const hindi_middle[] = {
    "Kumar|कुमार|Kr|Kumaar", "Lal|लाल|Laal", "Chand|चंद|Chandra", "Prasad|प्रसाद|Pd|Parsad", "Nath|नाथ|Natha",
    "Bahadur|बहादुर|Bdr", NULL};

struct culture culture_hindi = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .mononym = 60, .new_year = 50, .initials = 3,
    .men = {.first = hindi_men, .second = hindi_middle, .compound = 300, .offset = 120, .joint = " "},
    .women = {.first = hindi_women, .offset = 90}, .family = {.first = hindi_family, .offset = 20},
    .rules = hindi_rules, .titles_men = hindi_mr, .titles_women = hindi_ms};

static const char *const nepali_family[] = {
    "Shrestha|श्रेष्ठ|Shresth|Srestha", "Tamang|तामाङ|Tamangg|Taman", "Thapa|थापा|Thappa", "Magar|मगर|Mager",
    "Rai|राई|Raee", "Gurung|गुरुङ|Gurun|Gurang", "Chaudhary|चौधरी|Chaudhari|Choudhary", "Limbu|लिम्बू|Limboo",
    "Adhikari|अधिकारी|Adhikaree", "Karki|कार्की|Karkee", "Basnet|बस्नेत|Basnyat", "Bhandari|भण्डारी|Bhandaree",
    "Khadka|खड्का|Khatka", "Poudel|पौडेल|Paudel|Paudyal", "Sharma|शर्मा|Sarma", "Acharya|आचार्य|Acharja",
    "Bhattarai|भट्टराई|Bhatarai", "Dahal|दाहाल|Dahall", "Ghimire|घिमिरे|Ghimere", "Giri|गिरी|Giree",
    "Joshi|जोशी|Joshee", "KC|केसी|K C|Khatri Chhetri", "Koirala|कोइराला|Koirala", "Lama|लामा|Lamaa",
    "Maharjan|महर्जन|Maharjann", "Nepal|नेपाल|Nepall", "Neupane|न्यौपाने|Nyaupane", "Oli|ओली|Olee", "Pandey|पाण्डे|Pande",
    "Pariyar|परियार|Pariar", "Pun|पुन|Poon", "Rana|राना|Raana", "Regmi|रेग्मी|Regmee", "Sherpa|शेर्पा|Serpa",
    "Subedi|सुवेदी|Suvedi", "Sunuwar|सुनुवार|Sunwar", "Tharu|थारू|Tharoo", "Yadav|यादव|Jadav", "BK|विक|B K|Bishwakarma",
    "Bohara|बोहरा|Bohora", "Chhetri|क्षेत्री|Chetri|Kshetri", "Devkota|देवकोटा|Devkot", "Gautam|गौतम|Goutam",
    "Kafle|काफ्ले|Kaphle", "Lamichhane|लामिछाने|Lamichane", "Mahato|महतो|Mahto", "Parajuli|पराजुली|Parajulee",
    "Rijal|रिजाल|Rizal", "Sapkota|सापकोटा|Sapkot", "Tiwari|तिवारी|Tiwaree", NULL};
struct culture culture_nepali = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 1, .new_year = 40,
    .men = {.first = hindi_men, .second = hindi_middle, .compound = 500, .offset = 150, .joint = " "},
    .women = {.first = hindi_women, .offset = 90}, .family = {.first = nepali_family, .offset = 40},
    .rules = hindi_rules, .titles_men = hindi_mr, .titles_women = hindi_ms};

/* --- Tamil: the father's name, often only its initial, stands for a family name --- */

static const char *const tamil_men[] = {
    "Rajan|ராஜன்|Raajan|Rasan", "Kumar|குமார்|Kumaar|Coomar", "Murugan|முருகன்|Muruhan|Moorugan",
    "Karthik|கார்த்திக்|Kartik|Karthick", "Suresh|சுரேஷ்|Sureish|Sures", "Ramesh|ரமேஷ்|Rames",
    "Senthil|செந்தில்|Sentil|Chenthil", "Saravanan|சரவணன்|Saravanann|Sharavanan", "Selvam|செல்வம்|Chelvam|Selvan",
    "Ganesan|கணேசன்|Ganeson|Kanesan", "Mani|மணி|Many", "Vijay|விஜய்|Vijai", "Anand|ஆனந்த்|Ananth|Aanand",
    "Arumugam|ஆறுமுகம்|Arumugham|Aarumugam", "Balasubramaniam|பாலசுப்பிரமணியம்|Balasubramanian|Balasubramanyam",
    "Chandran|சந்திரன்|Santhiran|Chandiran", "Dinesh|தினேஷ்|Thinesh", "Ezhil|எழில்|Elil", "Gopal|கோபால்|Kopal",
    "Hari|ஹரி|Hary", "Ilango|இளங்கோ|Elango|Ilangko", "Jeyakumar|ஜெயக்குமார்|Jayakumar|Jeyakumaar", "Kannan|கண்ணன்|Kanan",
    "Krishnan|கிருஷ்ணன்|Krishnen|Kirushnan", "Logan|லோகன்|Lohan|Logen", "Manikam|மாணிக்கம்|Manickam|Manikkam",
    "Maran|மாறன்|Maaran", "Muthu|முத்து|Muttu|Muthoo", "Nadarajah|நடராஜா|Nadaraja|Natarajah", "Nathan|நாதன்|Naathan",
    "Palani|பழனி|Pazhani|Palany", "Perumal|பெருமாள்|Perumaal", "Prabakaran|பிரபாகரன்|Prabhakaran|Prabaharan",
    "Raju|ராஜு|Rajoo", "Ravi|ரவி|Ravy|Ravee", "Sathish|சதீஷ்|Satish|Sathees", "Selvaraj|செல்வராஜ்|Selvarajah|Chelvaraj",
    "Shanmugam|சண்முகம்|Sanmugam|Shunmugam", "Siva|சிவா|Shiva|Sivaa", "Sivakumar|சிவகுமார்|Sivakumaar|Shivakumar",
    "Subramaniam|சுப்பிரமணியம்|Subramanian|Supramaniam", "Sundaram|சுந்தரம்|Suntharam|Sundram",
    "Thangavelu|தங்கவேலு|Thangavel|Tangavelu", "Thiyagarajah|தியாகராஜா|Thiagarajah|Tyagaraja", "Velu|வேலு|Vellu",
    "Vignesh|விக்னேஷ்|Vigneshwaran|Vicknesh", "Yogan|யோகன்|Yohan|Yogen", "Mohan|மோகன்|Mogan",
    "Prakash|பிரகாஷ்|Pragash|Prakas", "Sasikumar|சசிகுமார்|Sasikumaar|Shashikumar", NULL};
static const char *const tamil_women[] = {
    "Lakshmi|லட்சுமி|Letchumi|Laxmi|Letchimi", "Meena|மீனா|Mina", "Priya|பிரியா|Pria|Piriya",
    "Kavitha|கவிதா|Kavita|Kavithaa", "Selvi|செல்வி|Chelvi|Selvy", "Devi|தேவி|Thevi|Devy", "Anitha|அனிதா|Anita",
    "Geetha|கீதா|Gita|Geeta", "Kala|கலா|Kalah", "Malar|மலர்|Mallar", "Mala|மாலா|Maala", "Latha|லதா|Lata",
    "Saraswathy|சரஸ்வதி|Saraswati|Sarasvathi", "Parvathy|பார்வதி|Parvathi|Paravathy", "Radha|ராதா|Ratha",
    "Santhi|சாந்தி|Shanthi|Shanti", "Sumathi|சுமதி|Sumathy|Sumati", "Thilaga|திலகா|Thilagam|Tilaka", "Uma|உமா|Umah",
    "Vani|வாணி|Vaani|Vany", "Vasantha|வசந்தா|Vasanthi|Vasanta", "Vijaya|விஜயா|Vijiya", "Amutha|அமுதா|Amudha|Amuda",
    "Bhavani|பவானி|Bavani|Pavani", "Chitra|சித்ரா|Chithra|Sithra", "Deepa|தீபா|Theepa|Dipa",
    "Eswari|ஈஸ்வரி|Easwari|Iswary", "Gowri|கௌரி|Gauri|Kowri", "Indira|இந்திரா|Inthira", "Jaya|ஜெயா|Jeya",
    "Kamala|கமலா|Kamalah", "Kanaga|கனகா|Kanaka", "Krishnaveni|கிருஷ்ணவேணி|Krishnavani",
    "Logeswari|லோகேஸ்வரி|Logeswary|Lokeswari", "Maheswari|மகேஸ்வரி|Mageswari|Maheswary", "Nirmala|நிர்மலா|Nirmalah",
    "Puspa|புஷ்பா|Pushpa", "Rajeswari|ராஜேஸ்வரி|Rajeswary", "Sarojini|சரோஜினி|Sarojiny", "Sivagami|சிவகாமி|Sivakami",
    "Thenmozhi|தேன்மொழி|Thenmoli|Tenmozhi", "Yamuna|யமுனா|Jamuna", "Yogeswari|யோகேஸ்வரி|Yogeswary", NULL};
static const char *const tamil_rules[] = {
    "th=t", "dh=th", "zh=l", "g=k", "ch=s", "sh=s", "j=y", "ee=i", "y=i", "aa=a", "ck=k", "h=g", NULL};
static const char *const tamil_mr[] = {"Thiru", "Mr", NULL};
static const char *const tamil_ms[] = {"Tmt", "Mrs", "Selvi", NULL};

struct culture culture_tamil = {
    .order = NAME_PATRONYMIC, .given_least = 1, .given_most = 1, .mononym = 80, .new_year = 30, .initials = 15,
    .men = {.first = tamil_men, .offset = 90}, .women = {.first = tamil_women, .offset = 90},
    .family = {.first = tamil_men, .offset = 90}, .rules = tamil_rules, .titles_men = tamil_mr,
    .titles_women = tamil_ms};
struct culture culture_tamil_malaysia = {
    .order = NAME_PATRONYMIC, .given_least = 1, .given_most = 1, .men = {.first = tamil_men, .offset = 90},
    .women = {.first = tamil_women, .offset = 90}, .family = {.first = tamil_men, .offset = 90},
    .particle_men = "a/l|A/L|s/o|anak lelaki|al", .particle_women = "a/p|A/P|d/o|anak perempuan|ap",
    .rules = tamil_rules};

/* --- Sinhala --- */

static const char *const sinhala_men[] = {
    "Kamal|කමල්|Kamall", "Nimal|නිමල්|Nimall", "Sunil|සුනිල්|Suneel", "Chaminda|චමින්ද|Chamindha|Chaminde",
    "Nuwan|නුවන්|Nuvan", "Kasun|කසුන්|Kasoon", "Lahiru|ලහිරු|Laheru", "Saman|සමන්|Samann", "Pradeep|ප්‍රදීප්|Pradip",
    "Ruwan|රුවන්|Ruvan", "Dinesh|දිනේෂ්|Dinesha", "Mahinda|මහින්ද|Mahindha", "Ajith|අජිත්|Ajit", "Asanka|අසංක|Asangka",
    "Buddhika|බුද්ධික|Budhika", "Chathura|චතුර|Chatura", "Dilshan|දිල්ෂාන්|Dilsan", "Gamini|ගාමිණී|Gaminie",
    "Gayan|ගයාන්|Gayaan", "Harsha|හර්ෂ|Harsa", "Indika|ඉන්දික|Indhika", "Isuru|ඉසුරු|Esuru", "Janaka|ජනක|Janake",
    "Jayantha|ජයන්ත|Jayanta", "Kumara|කුමාර|Kumar", "Lakmal|ලක්මාල්|Lakmall", "Lasantha|ලසන්ත|Lasanta",
    "Manjula|මංජුල|Manjoola", "Nalin|නලින්|Naleen", "Nihal|නිහාල්|Nihaal", "Priyantha|ප්‍රියන්ත|Priyanta|Priantha",
    "Ranil|රනිල්|Raneel", "Roshan|රොෂාන්|Rosan", "Sampath|සම්පත්|Sampat", "Sanath|සනත්|Sanat", "Sarath|සරත්|Sarat",
    "Thilina|තිලින|Tilina", "Tharanga|තරංග|Taranga", "Upul|උපුල්|Upool", "Wasantha|වසන්ත|Vasantha", NULL};
static const char *const sinhala_women[] = {
    "Nirosha|නිරෝෂා|Nirosa|Niroshaa", "Kumari|කුමාරි|Kumarie", "Sandya|සන්ධ්‍යා|Sandhya", "Chandrika|චන්ද්‍රිකා|Chandrica",
    "Dilhani|දිල්හානි|Dilani", "Nadeeka|නදීකා|Nadika", "Malani|මාලනී|Malanie|Malini", "Anusha|අනුෂා|Anusa",
    "Achini|අචිනි|Acini", "Ama|අමා|Amaa", "Chamari|චමරි|Chamary", "Damayanthi|දමයන්ති|Damayanti", "Deepika|දීපිකා|Dipika",
    "Dinusha|දිනුෂා|Dinusa", "Gayani|ගයනි|Gayanie", "Hansika|හංසිකා|Hansica", "Inoka|ඉනෝකා|Enoka", "Iresha|ඉරේෂා|Iresa",
    "Kanthi|කාන්ති|Kanti", "Lakshika|ලක්ෂිකා|Laksika", "Mallika|මල්ලිකා|Malika", "Nilanthi|නිලන්ති|Nilanti",
    "Nilmini|නිල්මිනි|Nilminie", "Oshadi|ඕෂධි|Oshadhi", "Padma|පද්මා|Padmaa", "Priyanka|ප්‍රියංකා|Prianka",
    "Ramani|රමණි|Ramanie", "Rasika|රසිකා|Rasica", "Renuka|රේණුකා|Renuca", "Ruvini|රුවිනි|Ruwini", "Sachini|සචිනි|Sachinie",
    "Sanduni|සඳුනි|Sandhuni", "Shanika|ෂානිකා|Sanika", "Sriyani|ශ්‍රියානි|Sriyanie", "Thilini|තිලිනි|Tilini",
    "Udeni|උදේනි|Udenie", "Vindya|වින්ද්‍යා|Vindhya", "Yamuna|යමුනා|Jamuna", NULL};
static const char *const sinhala_family[] = {
    "Wickrama|වික්‍රම|Wikrama|Vickrama", "Jaya|ජය|Jaye", "Guna|ගුණ|Goona", "Wijaya|විජය|Wije|Vijaya",
    "Ratna|රත්න|Rathna|Rathne", "Rana|රණ|Rane", "Sena|සේන|Sene", "Hera|හේර|Heera", "Dissa|දිස්ස|Disa",
    "Karuna|කරුණ|Karoona", "Abeya|අබේ|Abhaya|Abe", "Ama|අම|Amara", "Weera|වීර|Wira|Veera", "Samara|සමර|Samera",
    "Seneve|සෙනෙව්|Senavi", "Gama|ගම|Game", "Ila|ඉල|Illa", "Raja|රාජ|Raje", "Edi|ඒදි|Ediri", "Kula|කුල|Kule",
    "Pathi|පති|Pati", "Dharma|ධර්ම|Darma", "Siri|සිරි|Sri", "Liyana|ලියන|Liyane", "Nana|නාන|Nanay", NULL};
static const char *const sinhala_family_end[] = {
    "singhe|සිංහ|sinha|singha", "wardena|වර්ධන|wardana|vardhana", "sekara|සේකර|sekera|sekar", "tunga|තුංග|thunga",
    "ratne|රත්න|rathne|rathna", "tilaka|තිලක|thilake|tilleke", "suriya|සූරිය|sooriya", "weera|වීර|wira|vira",
    "nayake|නායක|naike|nayaka", "pala|පාල|paala", "dasa|දාස|dhasa", "koon|කෝන්|kone", "wansa|වංශ|vansa",
    "arachchi|ආරච්චි|arachi|aratchi", "gedara|ගෙදර|gedera", "bandara|බණ්ඩාර|bandera", "mudali|මුදලි|mudaly",
    "kara|කර|kare", "deera|ධීර|dheera", "nanda|නන්ද|nande", NULL};
static const char *const sinhala_rules[] = {"w=v", "th=t", "dh=d", "sh=s", "ie=i", "k=c", "oo=u", "ee=i", "j=y", "kk=k", NULL};

struct culture culture_sinhala = {
    .order = NAME_FAMILY_LAST, .given_least = 1, .given_most = 3, .initials = 12,
    .men = {.first = sinhala_men, .offset = 150}, .women = {.first = sinhala_women, .offset = 150},
    .family = {.first = sinhala_family, .second = sinhala_family_end, .compound = 1000, .offset = 70},
    .rules = sinhala_rules};
