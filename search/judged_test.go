package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/search"

	"golang.org/x/text/unicode/norm"
)

// wanted are the documents that the judged queries are after. All titles and
// names are made up for this test.
var wanted = []struct {
	id    uint64
	kind  search.Kind
	title string
	names []string
	tags  []string
}{
	{1, search.Track, "Velvet Thunder", []string{"Marlow Finch", "Paper Weather"}, []string{"indie", "rock"}},
	{2, search.Track, "Glass River", []string{"Ada Quill", "Slow Machines"}, []string{"folk"}},
	{3, search.Track, "Don't Wake the Moon", []string{"The Copper Wolves", "Tin Hours"}, []string{"rock"}},
	{4, search.Track, "Étude for a Broken Radio", []string{"Étoile Noire"}, []string{"ambient"}},
	{5, search.Track, "Señorita Electric", []string{"Señor Mañana", "Fiesta Azul"}, []string{"electronic"}},
	{6, search.Track, "Hip-Hop Kitchen", []string{"DJ Papercut", "Cuts Vol. 2"}, []string{"hip-hop"}},
	{7, search.Track, "Kestrelsong", []string{"Ivy Parade"}, []string{"folk"}},
	{8, search.Track, "Nightingale Machine", []string{"Jonas Verhoeven", "Slow Machines"}, []string{"jazz"}},
	{9, search.Track, "I'm Only Rain", []string{"Mira Solberg"}, []string{"acoustic"}},
	{10, search.Track, "Saltwater Cathedral", []string{"Sixpence Choir", "Tidal Hymns"}, []string{"ambient"}},
	{11, search.Track, "04_quiet_engine_final", []string{"Old Tin Roof"}, []string{"lo-fi"}},
	{12, search.Track, "Love", []string{"Cassius Bell"}, []string{"jazz"}},
	{13, search.Track, "Love Is a Lonely Highway", []string{"Cassius Bell", "Motel Songs"}, []string{"rock"}},
	{14, search.Track, "Zanzibar Express", []string{"Röyksund", "Polar"}, []string{"electronic"}},
	{15, search.Track, "Twenty-Two Lanterns", []string{"Lune & Co"}, []string{"indie"}},
	{16, search.Track, "봄날의 유리창", []string{"서도윤", "느린 계절"}, []string{"발라드"}},
	{17, search.Track, "고래가 사는 골목", []string{"달과 고래", "심해"}, []string{"인디"}},
	{18, search.Track, "은하수", []string{"은하수다방"}, []string{"인디", "록"}},
	{19, search.Track, "은하수를 건너는 버스", []string{"한여울", "막차"}, []string{"포크"}},
	{20, search.Track, "첫눈 오는 날", []string{"김바다솔"}, []string{"발라드"}},
	{21, search.Track, "새벽 네시의 라디오", []string{"오후세시", "채널"}, []string{"lo-fi"}},
	{22, search.Track, "돌멩이", []string{"박하늘찬", "강변"}, []string{"록"}},
	{23, search.Track, "초록 대문 앞에서", []string{"초록대문"}, []string{"인디"}},
	{24, search.Track, "HAEUN (하은) - Starfall Boulevard", []string{"HAEUN (하은)"}, []string{"k-pop"}},
	{25, search.Track, "푸른 밤 Blue Hour", []string{"Blue Tiger (푸른호랑이)"}, []string{"k-pop"}},
	{26, search.Track, "Seoul Station 막차", []string{"Mono Seoul", "환승"}, []string{"electronic"}},
	{27, search.Track, "닭강정 블루스", []string{"윤슬기람"}, []string{"블루스"}},
	{28, search.Track, "너와 나의 우산", []string{"북쪽창문", "장마"}, []string{"acoustic"}},
	{29, search.Track, "사과나무 아래", []string{"서도윤", "느린 계절"}, []string{"포크"}},
	{30, search.Track, "ライブハウスの夜", []string{"夜汽車"}, []string{"rock"}},
	{31, search.Person, "서도윤", []string{"doyun"}, nil},
	{32, search.Person, "Marlow Finch", []string{"marlow"}, nil},
	{33, search.Person, "Röyksund", []string{"royksund_official"}, nil},
	{34, search.Playlist, "비 오는 날 듣는 노래", []string{"doyun"}, nil},
	{35, search.Playlist, "Late Night Driving", []string{"marlow"}, nil},
	{36, search.Tag, "shoegaze", nil, nil},
	{37, search.Track, "The The Theremin", []string{"Old Tin Roof", "Tin Roof II"}, []string{"ambient"}},
	{38, search.Track, "Ягода", []string{"Мария Клён"}, []string{"folk"}},
	{39, search.Track, "Winter Is a Word (Live at Harbour Hall)", []string{"Neon Harbour", "Harbour Hall"}, []string{"rock"}},
	{40, search.Track, "Café at the End of the Line", []string{"Café Lumière"}, []string{"jazz"}},
}

// judged are queries, and the wanted documents that people who type them are
// after; any of them will do.
var judged = []struct {
	text   string
	typing bool
	want   []uint64
}{
	// English, whole and in part.
	{"velvet thunder", false, []uint64{1}},
	{"thunder velvet", false, []uint64{1}},
	{"Glass River", false, []uint64{2}},
	{"ada quill glass", false, []uint64{2}},
	{"glass river ada quill", false, []uint64{2}},
	{"marlow finch", false, []uint64{32, 1}},
	{"don't wake the moon", false, []uint64{3}},
	{"dont wake", false, []uint64{3}},
	{"copper wolves moon", false, []uint64{3}},
	{"etude broken radio", false, []uint64{4}},
	{"senorita electric", false, []uint64{5}},
	{"senor manana senorita", false, []uint64{5}},
	{"hiphop kitchen", false, []uint64{6}},
	{"hip hop kitchen", false, []uint64{6}},
	{"kestrel song", false, []uint64{7}},
	{"im only rain", false, []uint64{9}},
	{"I’m only rain", false, []uint64{9}},
	{"salt water cathedral", false, []uint64{10}},
	{"quiet engine final", false, []uint64{11}},
	{"love", false, []uint64{12}},
	{"love is a lonely", false, []uint64{13}},
	{"love cassius bell", false, []uint64{12}},
	{"royksund", false, []uint64{33}},
	{"royksund zanzibar", false, []uint64{14}},
	{"twenty two lanterns", false, []uint64{15}},
	{"late night driving", false, []uint64{35}},
	{"shoegaze", false, []uint64{36}},
	{"theremin", false, []uint64{37}},
	{"harbour hall winter", false, []uint64{39}},
	{"cafe end of the line", false, []uint64{40}},
	{"ягода", false, []uint64{38}},
	{"ЯГОДА мария", false, []uint64{38}},
	// Typos.
	{"velevt thunder", false, []uint64{1}},
	{"velvet thnuder", false, []uint64{1}},
	{"nightingle machine", false, []uint64{8}},
	{"saltwatter cathedral", false, []uint64{10}},
	{"zanzibat", false, []uint64{14}},
	{"marlow fynch", false, []uint64{32, 1}},
	{"kesterlsong", false, []uint64{7}},
	{"shoegase", false, []uint64{36}},
	// While typing.
	{"vel", true, []uint64{1}},
	{"velvet th", true, []uint64{1}},
	{"zan", true, []uint64{14}},
	{"kest", true, []uint64{7}},
	{"late ni", true, []uint64{35}},
	{"nightin", true, []uint64{8}},
	{"starf", true, []uint64{24}},
	{"saltwatre", true, []uint64{10}},
	{"cathe", true, []uint64{10}},
	{"shoeg", true, []uint64{36}},
	// Korean.
	{"은하수", false, []uint64{18}},
	{"은하수 버스", false, []uint64{19}},
	{"은하수를 건너는", false, []uint64{19}},
	{"봄날의 유리창", false, []uint64{16}},
	{"봄날의유리창", false, []uint64{16}},
	{"유리창", false, []uint64{16}},
	{"서도윤", false, []uint64{31}},
	{"서도윤 사과나무", false, []uint64{29}},
	{"사과 나무 아래", false, []uint64{29}},
	{"고래가 사는", false, []uint64{17}},
	{"첫눈오는날", false, []uint64{20}},
	{"네시의 라디오", false, []uint64{21}},
	{"초록대문 앞에서", false, []uint64{23}},
	{"돌멩", false, []uint64{22}},
	{"닭강정", false, []uint64{27}},
	{"우산", false, []uint64{28}},
	{"비오는 날 듣는", false, []uint64{34}},
	{norm.NFD.String("돌멩이"), false, []uint64{22}},
	{norm.NFD.String("너와 나의"), false, []uint64{28}},
	{"はうすの夜", false, []uint64{30}},
	{"夜汽車", false, []uint64{30}},
	// Korean while typing.
	{"은하ㅅ", true, []uint64{18, 19}},
	{"돌메", true, []uint64{22}},
	{"돌멩ㅇ", true, []uint64{22}},
	{"닭가", true, []uint64{27}},
	{"닭강ㅈ", true, []uint64{27}},
	{"초록댐", true, []uint64{23}},
	{"사고", true, []uint64{29}},
	// Initial consonants.
	{"ㄷㅁㅇ", false, []uint64{22}},
	{"ㅇㅎㅅ", false, []uint64{18, 19}},
	{"ㅅㄷㅇ", false, []uint64{31, 16, 29}},
	{"ㄱㄹㄱㅅㄴ", false, []uint64{17}},
	{"ㄷㄱㅈ", true, []uint64{27}},
	// Both.
	{"하은 starfall", false, []uint64{24}},
	{"haeun 하은", false, []uint64{24}},
	{"푸른 밤 blue hour", false, []uint64{25}},
	{"푸른호랑이 blue hour", false, []uint64{25}},
	{"seoul station 막차", false, []uint64{26}},
	{"mono seoul 막차", false, []uint64{26}},
	// The other keyboard.
	{"dmsgktn", false, []uint64{18, 19}},
	{"ehfapddl", false, []uint64{22}},
	{"tjehdbs", false, []uint64{31}},
	{"ekfrrkdwjd", false, []uint64{27}},
	{"ㅍ딮ㄷㅅ 소ㅕㅜㅇㄷㄱ", false, []uint64{1}},
	{"ㅋ무ㅋㅑㅠㅁㄱ", false, []uint64{14}},
	{"ehfap", true, []uint64{22}},
}

// rivals are documents that have the same words as the wanted ones, in worse
// places, or most of their words.
func rivals() []search.Doc {
	var docs []search.Doc
	add := func(title, text string, names ...string) {
		d := track(uint64(10_000+len(docs)), title, names...)
		d.Text = text
		docs = append(docs, d)
	}
	for i, w := range wanted {
		words := strings.Fields(w.title)
		other := wanted[(i+11)%len(wanted)]
		add("Untitled "+fmt.Sprint(i), "After "+w.title+", by "+strings.Join(w.names, " and "))
		add(fmt.Sprintf("My cover of %s for you all", w.title), "", "listener"+fmt.Sprint(i))
		add(words[0]+" "+strings.Fields(other.title)[0], "", other.title)
		add(words[len(words)-1]+" and other stories", w.title, "somebody")
		if len(w.names) > 0 {
			add(strings.Fields(other.title)[0]+" session", "", w.names[0], "Rarities")
			add("Interview", "", w.names[0])
		}
	}
	return docs
}

func judgedDocs() []search.Doc {
	var docs []search.Doc
	for _, w := range wanted {
		docs = append(docs, search.Doc{
			Ref: search.Ref{Kind: w.kind, ID: w.id}, Owner: 1, Public: true, Title: w.title, Names: w.names, Tags: w.tags,
			Created: time.Unix(1_700_000_000, 0),
		})
	}
	for _, d := range library(2400, 3) {
		d.Public = true
		docs = append(docs, d)
	}
	return append(docs, rivals()...)
}

// TestJudged wants what people are after among the first five.
func TestJudged(t *testing.T) {
	t.Parallel()
	if len(judged) < 60 {
		t.Fatalf("only %d queries", len(judged))
	}
	ix := open(t, t.TempDir())
	docs := judgedDocs()
	build(t, ix, 1, docs)
	first, five := 0, 0
	for _, c := range judged {
		got := ids(t, ix, search.Query{Text: c.text, Typing: c.typing, Most: 5})
		at := slices.IndexFunc(got, func(id uint64) bool { return slices.Contains(c.want, id) })
		switch {
		case at == 0:
			first++
			five++
		case at > 0:
			five++
			t.Logf("%q (typing %v): %v is at place %d of %v", c.text, c.typing, c.want, at+1, got)
		default:
			t.Logf("%q (typing %v): %v is not among %v", c.text, c.typing, c.want, got)
		}
	}
	share := func(n int) float64 { return 100 * float64(n) / float64(len(judged)) }
	t.Logf("%d documents, %d queries: %.1f %% first, %.1f %% among the first five", len(docs), len(judged), share(first), share(five))
	if share(five) < 95 || share(first) < 75 {
		t.Errorf("that is too few")
	}
}
