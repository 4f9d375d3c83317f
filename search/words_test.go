package search_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"earshot/search"
)

// The words that made-up music is made of.
var (
	english = strings.Fields(`night train river glass summer winter velvet thunder paper moon golden heart city lights
silver lonely highway dream ocean fire shadow dancing broken mirror morning coffee midnight radio neon garden
falling stars electric blue whisper storm crystal sunday yellow window distant island wooden ghost quiet engine
marble forest burning letters hollow kingdom gentle machine secret harbor frozen lantern wild horses empty rooms`)
	korean = strings.Fields(`봄날 바람 여름 밤하늘 편지 고양이 노을 골목 새벽 버스 너에게 기억 비오는 거리 첫눈 마음 그림자 우주 여행
바다 꿈속 사랑 이별 안녕 나무 별빛 커피 라디오 창문 시간 약속 눈물 강변 산책 토요일 오후 겨울 정원 파도 소리
달빛 춤추는 불꽃 조용한 아침 낡은 사진 무지개 언덕 작은 방 그대 없는 하루 다시 만나 오늘도 천천히 걷는`)
	artists = []string{
		"Marlow Finch", "The Copper Wolves", "Ada Quill", "Jonas Verhoeven", "Étoile Noire", "Neon Harbour", "Sixpence Choir",
		"Mira Solberg", "DJ Papercut", "Cassius Bell", "Lune & Co", "Old Tin Roof", "Señor Mañana", "Kestrel", "Ivy Parade",
		"서도윤", "한여울", "달과 고래", "김바다솔", "오후세시", "은하수다방", "박하늘찬", "초록대문", "윤슬기람", "북쪽창문",
		"HAEUN (하은)", "Blue Tiger (푸른호랑이)", "Mono Seoul", "Café Lumière", "Röyksund",
	}
	genres = []string{"indie", "rock", "k-pop", "hip-hop", "lo-fi", "jazz", "발라드", "인디", "재즈", "electronic", "acoustic", "록", "folk", "ambient"}
	shapes = []string{"%s", "%s (Live)", "%s - Remix", "%s (Acoustic Version)", "%s [Demo]", "%s pt. 2", "%s (Instrumental)", "%s 라이브", "%s (MR)"}
)

// library makes up as many tracks, always the same. Half of them are English,
// a third Korean, the rest both.
func library(n int, seed uint64) []search.Doc {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(words []string) string { return words[r.IntN(len(words))] }
	docs := make([]search.Doc, n)
	for i := range docs {
		var words []string
		for range 1 + r.IntN(3) {
			from := english
			if k := i % 6; k == 3 || k == 4 || k == 5 && r.IntN(2) == 0 {
				from = korean
			}
			words = append(words, pick(from))
		}
		title := strings.Join(words, " ")
		if title[0] < 0x80 {
			title = capital(title)
		}
		if r.IntN(3) == 0 {
			title = fmt.Sprintf(pick(shapes), title)
		}
		owner := uint64(r.IntN(200) + 1)
		docs[i] = search.Doc{
			Ref: search.Ref{Kind: search.Track, ID: uint64(1_000_000 + i)}, Owner: owner, Public: r.IntN(20) > 0,
			Title: title,
			Names: []string{pick(artists), capital(pick(english) + " " + pick(english)), fmt.Sprint("listener", owner)},
			Text:  fmt.Sprintf("Recorded in %s, for %s. %s %s", pick(english), pick(english), pick(korean), pick(korean)),
			Tags:  []string{pick(genres), pick(genres)}, Created: time.Unix(1_600_000_000+int64(r.IntN(150_000_000)), 0),
			Duration: time.Duration(60+r.IntN(600)) * time.Second, Downloadable: r.IntN(3) == 0,
		}
	}
	return docs
}

func capital(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
