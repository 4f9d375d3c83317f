package dbtest

// word is one word in Korean and English letters.
type word struct{ hangul, latin string }

var families = []word{
	{"김", "kim"}, {"이", "lee"}, {"박", "park"}, {"최", "choi"}, {"정", "jung"}, {"강", "kang"},
	{"조", "cho"}, {"윤", "yoon"}, {"장", "jang"}, {"임", "lim"}, {"하", "ha"}, {"서", "seo"},
	{"신", "shin"}, {"권", "kwon"}, {"황", "hwang"}, {"안", "ahn"}, {"송", "song"}, {"류", "ryu"},
}

var givens = []word{
	{"민아", "mina"}, {"현우", "hyunwoo"}, {"서연", "seoyeon"}, {"지훈", "jihoon"}, {"수빈", "subin"},
	{"도윤", "doyun"}, {"하은", "haeun"}, {"준호", "junho"}, {"예린", "yerin"}, {"태민", "taemin"},
	{"소희", "sohee"}, {"건우", "gunwoo"}, {"다은", "daeun"}, {"유진", "yujin"}, {"은채", "eunchae"},
	{"시우", "siwoo"}, {"나래", "narae"}, {"보람", "boram"}, {"가람", "garam"}, {"한결", "hangyeol"},
}

var firsts = []string{
	"Ada", "Ben", "Clara", "Dylan", "Edith", "Finn", "Greta", "Hugo", "Iris", "Jonah", "Keira", "Liam",
	"Maya", "Noah", "Olive", "Priya", "Quinn", "Rosa", "Sami", "Tessa", "Umar", "Vera", "Wren", "Yara",
}

var lasts = []string{
	"Abbott", "Becker", "Castillo", "Dubois", "Eriksen", "Fraser", "Green", "Hansen", "Ivanov", "Jensen",
	"Kowalski", "Larsen", "Moreau", "Novak", "Okafor", "Petrov", "Quigley", "Rossi", "Silva", "Tanaka",
}

var adjectives = []word{
	{"푸른", "Blue"}, {"늦은", "Late"}, {"조용한", "Quiet"}, {"먼", "Distant"}, {"하얀", "White"},
	{"잊힌", "Forgotten"}, {"느린", "Slow"}, {"따뜻한", "Warm"}, {"부서진", "Broken"}, {"빛나는", "Shining"},
	{"오래된", "Old"}, {"낯선", "Strange"}, {"깊은", "Deep"}, {"마지막", "Last"}, {"작은", "Small"},
	{"차가운", "Cold"}, {"외로운", "Lonely"}, {"달콤한", "Sweet"}, {"젖은", "Rainy"}, {"숨은", "Hidden"},
}

var nouns = []word{
	{"밤기차", "Night train"}, {"바다", "Sea"}, {"골목", "Alley"}, {"여름", "Summer"}, {"별", "Stars"},
	{"편지", "Letter"}, {"그림자", "Shadow"}, {"노래", "Song"}, {"돌덩이", "Stone"}, {"겨울", "Winter"},
	{"창문", "Window"}, {"강", "River"}, {"약속", "Promise"}, {"우산", "Umbrella"}, {"고양이", "Cat"},
	{"섬", "Island"}, {"새벽", "Dawn"}, {"기억", "Memory"}, {"옥상", "Rooftop"}, {"정원", "Garden"},
	{"파도", "Waves"}, {"눈", "Snow"}, {"길", "Road"}, {"달", "Moon"}, {"집", "Home"},
}

var versions = []string{" (live)", " (demo)", " (acoustic)", " (remix)", " part 2", " (feat. Mina)"}

var bands = []string{
	"The Paper Lanterns", "하현우와 친구들", "Low Tide", "한강 야간열차", "Kite & Anchor", "오월의 정원",
	"Glass Harbour", "달빛 상회", "Northern Loop", "낮은 음자리", "Ada and the Owls", "새벽 네시",
	"Copper Field", "파란 지붕", "Slow Machines", "골목 악단",
}

var bios = []string{
	"Recorded at home on a winter night.", "집에서 혼자 녹음했습니다.", "Bass, drums and one old synthesizer.",
	"비 오는 날에 들어 주세요.", "Thanks for listening.", "서울에서 노래를 만듭니다.",
	"An early version; the words may still change.", "첫 번째 데모입니다.", "I play what I hear in trains.",
}

var tags = []string{
	"indie", "ambient", "lofi", "rock", "hiphop", "인디", "발라드", "재즈", "folk", "electronic", "demo",
	"live", "피아노", "guitar", "실험", "field-recording", "dance", "soundtrack",
}

var remarks = []string{
	"This part!", "여기 진짜 좋다", "That bass line", "소름", "On repeat all night", "어디서 녹음했어요?", "♥",
	"The drums come in at just the right moment.", "오늘 열 번째 듣는 중", "Reminds me of home", "와",
	"Is there a longer version of this somewhere? I would love to hear where it goes from here.",
	"가사가 너무 좋아서 한 줄씩 받아 적고 있어요. 다음 곡도 기다릴게요!", "Goosebumps", "다시 1:23부터",
}
