package app_test

import (
	"path/filepath"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// TestImportedCommentsWithoutAMoment: what was said elsewhere about a track, and
// about no moment of it, stands behind all moments in the list and nowhere on
// the waveform; so do its replies, and so it does after being taken elsewhere.
func TestImportedCommentsWithoutAMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "A set [x1].mp3", sounding(1, 1150))
	put(t, dir, "A set [x1].info.json", []byte(`{"id":"x1","title":"A set","comments":[
		{"id":"a","author":"Sora","text":"what a set","timestamp":1580000000},
		{"id":"b","parent":"a","author":"Jun","text":"yes","timestamp":1580000100},
		{"id":"c","author":"Haru","text":"0:12 this","timestamp":1580000200},
		{"id":"d","author":"Bora","text":"lovely","timestamp":1580000300}]}`))
	says(t, h.imports(dir), "1 added", "4 comments")
	set := k.mine()["A set"]
	k.say(set.ID, 3000, "early")
	if set.DurationMS < 13_000 {
		t.Fatalf("the track is %d ms long", set.DurationMS)
	}

	type line struct {
		text  string
		ms    int64
		whole bool
	}
	want := []line{{"early", 3000, false}, {"0:12 this", 12_000, false}, {"what a set", 0, true}, {"lovely", 0, true}}
	looks := func(what string, p *person, id string) {
		t.Helper()
		list := p.comments("/api/tracks/" + id + "/comments") // three a page
		if len(list) != len(want) {
			t.Fatalf("%s: %d comments: %+v", what, len(list), list)
		}
		for i, c := range list {
			if got := (line{c.Text, c.PositionMS, c.Whole}); got != want[i] {
				t.Errorf("%s: comment %d is %+v, want %+v", what, i, got, want[i])
			}
		}
		if first := list[2].First; len(first) != 1 || !first[0].Whole || first[0].PositionMS != 0 {
			t.Errorf("%s: the reply: %+v", what, first)
		}
		marks := as[wire.Marks](p.get("/api/tracks/" + id + "/comments/marks"))
		n := 0
		for _, m := range marks.Items {
			n += m.N
		}
		if n != 2 || marks.Comments != 5 {
			t.Errorf("%s: marks %+v", what, marks)
		}
		if late := p.comments("/api/tracks/" + id + "/comments?from_ms=5000"); len(late) != 3 {
			t.Errorf("%s: from 0:05 on: %+v", what, late)
		}
	}
	looks("after the import", k, set.ID)

	// The owner's numbers count where things are said: nothing is said at 0:00.
	numbers := as[wire.Numbers](k.get("/api/tracks/" + set.ID + "/numbers"))
	if numbers.Heat == nil || numbers.Heat.Comments[0] != 0 || numbers.Heat.Comments[len(numbers.Heat.Comments)-1] != 0 {
		t.Errorf("heat: %+v", numbers.Heat)
	}

	// Taken elsewhere, all stand there as they stood here.
	file := filepath.Join(t.TempDir(), "all.zip")
	earshotDone(t, h.dir, "export", k.me.Username, file)
	to := newHouse(t)
	there := to.keeper()
	earshotDone(t, to.dir, "load", file, "-as", there.me.Username)
	looks("in another house", there, there.mine()["A set"].ID)
	if again := earshotDone(t, to.dir, "load", file, "-as", there.me.Username); !strings.Contains(again, " 0 comments") {
		t.Errorf("the second load said %s", again)
	}

	// Answering and deleting keep it in order.
	list := k.comments("/api/tracks/" + set.ID + "/comments")
	answer := k.reply(list[3], "thank you")
	if !answer.Whole {
		t.Errorf("an answer to it: %+v", answer)
	}
	k.delete("/api/comments/" + answer.ID).want(204)
	k.delete("/api/comments/" + list[3].ID).want(204)
	h.whole()
}
