package browsertest

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

func body(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// music is a file of so many seconds whose loudness rises and falls as songs
// do, different for each seed.
func music(seconds float64, seed int) []byte {
	format := mp3test.Format{SampleRate: 44100, Bitrate: 64, Mode: mp3test.Mono}
	n := int(seconds * 44100 / 1152)
	frames := make([]mp3test.Frame, 0, n)
	for i := range n {
		at, s := float64(i)/float64(n), float64(seed)
		phrase := math.Abs(math.Sin(math.Pi * at * (6 + float64(seed%4))))
		beat := math.Abs(math.Sin(float64(i)*(0.35+0.02*s) + s))
		whole := math.Sqrt(math.Sin(math.Pi * (0.04 + 0.92*at)))
		gain := 172 + int(22*whole*(0.45+0.55*phrase)+9*beat)
		frames = append(frames, mp3test.Frame{Tone: mp3test.Tone{Line: 12 + (i/40*7+seed)%50, Gain: gain}})
	}
	return format.Build(frames...)
}

// picture is a JPEG of two colours that run into each other.
func picture(t testing.TB, from, to color.RGBA) []byte {
	t.Helper()
	const side = 640
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	mix := func(a, b uint8, share float64) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share) }
	for y := range side {
		for x := range side {
			share := float64(x+y) / (2 * side)
			if far := math.Hypot(float64(x)-400, float64(y)-260); far < 150 {
				share = 1 - share
			}
			img.SetRGBA(x, y, color.RGBA{mix(from.R, to.R, share), mix(from.G, to.G, share), mix(from.B, to.B, share), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A recording is a track to be made.
type recording struct {
	file    string
	sound   []byte
	patch   map[string]any
	picture []byte
}

// add uploads a piece and says what it is. Its waveform is waited for by drawn.
func (h *house) add(p recording) wire.Track {
	h.t.Helper()
	var track wire.Track
	h.do("POST", "/api/tracks?visibility=public&name="+url.QueryEscape(p.file), p.sound, "application/octet-stream", http.StatusCreated, &track)
	path := "/api/tracks/" + track.ID
	if p.patch != nil {
		h.do("PATCH", path, body(h.t, p.patch), "application/json", http.StatusOK, &track)
	}
	if p.picture != nil {
		h.do("PUT", path+"/picture", p.picture, "image/jpeg", http.StatusOK, &track)
	}
	return track
}

// drawn waits until the waveforms of tracks are there.
func (h *house) drawn(tracks ...wire.Track) {
	h.t.Helper()
	end := time.Now().Add(2 * time.Minute)
	for _, track := range tracks {
		for track.Waveform == "pending" {
			if time.Now().After(end) {
				h.t.Fatalf("the waveform of %q takes longer than two minutes", track.Title)
			}
			time.Sleep(20 * time.Millisecond)
			h.do("GET", "/api/tracks/"+track.ID, nil, "", http.StatusOK, &track)
		}
		if track.Waveform != "ready" {
			h.t.Errorf("the waveform of %q is %s", track.Title, track.Waveform)
		}
	}
}

// titles are those of the seeded stream, the newest last: long and short, in
// both languages, with and without places to break a line at.
var titles = []string{
	"Hallway, 4 a.m.",
	"간이역",
	"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftslied",
	"새벽두시의고속도로휴게소에서혼자먹는우동한그릇과라디오에서흘러나오던이름모를노래",
	"A short letter to everybody who ever waited on the wrong platform (with strings), Part 2: The letter is answered",
	"Slow tide",
	"아무도 기다리지 않는 간이역에 밤기차가 남기고 간 아주 길고도 조용한 인사 (밤 버전, 2024년 리마스터)",
	"The very long goodbye that a train says to a station nobody has waited at since the summer of 1987 (extended night version)",
}

const story = `Recorded in one take on the last night before the line was closed.

0:12 the first bell, 0:41 the rain begins, 1:02 the answer.
Thanks to 미나, who held the microphone out of the window the whole way: https://example.com/night-trains/the-long-goodbye?take=4&side=b#the-second-verse (and see http://example.com/a_(b)).

비 오는 날 창문을 열고 들어 주세요. 마지막 기차가 떠난 뒤에도 플랫폼에는 한동안 불이 켜져 있었습니다.`

// A place is a house with people and music in it.
type place struct {
	keeper, member *house
	own, foreign   wire.Track // of the member, of the keeper
}

// seed fills a house: a keeper and a member with tracks of theirs, the
// member's newest one private.
func seed(t testing.TB, keeper *house) place {
	t.Helper()
	keeper.do("PATCH", "/api/house", body(t, map[string]any{"name": "The blue house at the far end of the pier"}), "application/json", http.StatusOK, nil)
	keeper.do("PATCH", "/api/me", body(t, map[string]any{
		"name": "Wilhelmina Aurora Featherstonehaugh-Montgomery of the Pier", "username": "keeper-kim",
		"bio": "I keep the house, the keys and the tape machine.\nField recordings from night trains: https://example.com/trains",
	}), "application/json", http.StatusOK, nil)
	keeper.do("PUT", "/api/me/picture", picture(t, color.RGBA{40, 60, 140, 255}, color.RGBA{240, 180, 90, 255}), "image/jpeg", http.StatusOK, nil)
	member := keeper.signUp("mina@home.example", "미나")
	member.do("PATCH", "/api/me", body(t, map[string]any{"bio": "밤에 녹음하고 낮에 잠듭니다. 기차 소리를 모읍니다."}), "application/json", http.StatusOK, nil)

	pictures := [][]byte{
		nil, picture(t, color.RGBA{20, 20, 40, 255}, color.RGBA{200, 70, 60, 255}), nil,
		picture(t, color.RGBA{245, 245, 235, 255}, color.RGBA{120, 160, 130, 255}), picture(t, color.RGBA{128, 128, 128, 255}, color.RGBA{90, 90, 90, 255}),
		nil, nil, picture(t, color.RGBA{30, 70, 90, 255}, color.RGBA{250, 200, 120, 255}),
	}
	p := place{keeper: keeper, member: member}
	var all []wire.Track
	for i, title := range titles {
		by := keeper
		if i%2 == 0 {
			by = member
		}
		track := by.add(recording{
			file: "take_" + strconv.Itoa(i+1) + ".mp3", sound: music(64+float64(9*i), i), picture: pictures[i],
			patch: map[string]any{
				"title": title, "downloadable": i%3 != 1,
				"tags": []string{"ambient", "field recording", "밤기차", "a tag that is nearly forty characters lo", "rain"}[:i%6],
			},
		})
		all = append(all, track)
	}
	p.foreign, p.own = all[7], all[6]
	keeper.do("PATCH", "/api/tracks/"+p.foreign.ID, body(t, map[string]any{
		"description": story, "artist": "Wilhelmina Featherstonehaugh and the Orchestra of the Closed Line", "album": "밤기차 모음집 — Night trains, collected", "year": 2024,
	}), "application/json", http.StatusOK, &p.foreign)
	member.do("PATCH", "/api/tracks/"+p.own.ID, body(t, map[string]any{"description": story}), "application/json", http.StatusOK, &p.own)
	member.do("PATCH", "/api/tracks/"+all[0].ID, body(t, map[string]any{"visibility": "private"}), "application/json", http.StatusOK, nil)
	keeper.drawn(p.foreign, all[5], all[3], all[1])
	member.drawn(p.own, all[4], all[2], all[0])
	return p
}
