package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// TestManyTracks changes many tracks at once: each by the rules of one, and
// what is refused of one leaves the others changed.
func TestManyTracks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	var ids []string
	for i := range 4 {
		ids = append(ids, mina.upload(fmt.Sprintf("0%d-song.mp3", i), tone(3+i), "private").ID)
	}
	foreign, secret := jun.upload("theirs.mp3", tone(9), "public").ID, jun.upload("secret.mp3", tone(10), "private").ID
	str := func(s string) *string { return &s }
	year := 1999

	// What is in common, and a title for each.
	var got wire.TracksPatched
	mina.patch("/api/me/tracks", wire.TracksPatch{
		IDs: ids, Titles: []string{"One", "Two", "Three", "Four"},
		Changes: wire.TracksPatchChanges{Artist: str(" Mina  Trio "), Album: str("Nights"), Year: &year, AddTags: []string{"#Ambient", "night"}, Visibility: str("public")},
	}).want(200).into(&got)
	if len(got.Items) != 4 || len(got.Failed) != 0 {
		t.Fatalf("%d changed, %v failed", len(got.Items), got.Failed)
	}
	for i, title := range []string{"One", "Two", "Three", "Four"} {
		one := as[wire.Track](mina.get("/api/tracks/" + ids[i]))
		if one.Title != title || one.Artist != "Mina Trio" || one.Album != "Nights" || one.Year != 1999 || one.Visibility != "public" || one.Draft || !slices.Equal(one.Tags, []string{"Ambient", "night"}) {
			t.Errorf("got %+v", one)
		}
	}
	if list := as[wire.List[wire.Track]](h.visitor().get("/api/tags/ambient/tracks")); len(list.Items) != 4 {
		t.Errorf("%d tracks carry the tag", len(list.Items))
	}

	// Tags go however they are written, and come only once.
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{ids[0], ids[0]}, Changes: wire.TracksPatchChanges{DropTags: []string{"#AMBIENT"}, AddTags: []string{"Night", "dub"}}}).want(200).into(&got)
	if len(got.Items) != 1 || !slices.Equal(got.Items[0].Tags, []string{"night", "dub"}) {
		t.Errorf("got %+v", got.Items)
	}

	// One of others, one that is hidden, one that never was and one without a
	// title stay as they are; the rest is changed.
	mina.patch("/api/me/tracks", wire.TracksPatch{
		IDs: []string{ids[0], foreign, secret, "nothing", ids[1]}, Titles: []string{"Uno", "Mine", "Mine", "Mine", "  "},
		Changes: wire.TracksPatchChanges{Album: str("Days")},
	}).want(200).into(&got)
	why := map[string]string{}
	for _, f := range got.Failed {
		why[f.ID] = f.Error.Code
	}
	if len(got.Items) != 1 || got.Items[0].Title != "Uno" || got.Items[0].Album != "Days" ||
		why[foreign] != "forbidden" || why[secret] != "not_found" || why["nothing"] != "not_found" || why[ids[1]] != "title.empty" || len(why) != 4 {
		t.Errorf("changed %+v, failed %v", got.Items, why)
	}
	if one := as[wire.Track](mina.get("/api/tracks/" + ids[1])); one.Title != "Two" || one.Album != "Nights" {
		t.Errorf("what was refused is changed: %+v", one)
	}
	if one := as[wire.Track](jun.get("/api/tracks/" + foreign)); one.Title == "Mine" || one.Album != "" {
		t.Errorf("the track of another is changed: %+v", one)
	}

	// A release that one of them can't have is refused for that one, which is
	// not even announced by the way.
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{ids[2]}, Changes: wire.TracksPatchChanges{Visibility: str("private")}}).want(200)
	mina.patch("/api/me/tracks", map[string]any{"ids": ids[2:], "changes": map[string]any{"release": map[string]any{"at": time.Now().Add(48 * time.Hour), "as": "public"}}}).want(200).into(&got)
	if len(got.Items) != 1 || got.Items[0].ID != ids[2] || got.Items[0].Release == nil || len(got.Failed) != 1 || got.Failed[0].Error.Code != "release.published" {
		t.Errorf("got %+v", got)
	}
}

// TestManyTracksAreNotTooMany tries the bounds of a change of many tracks.
func TestManyTracksAreNotTooMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	id := mina.upload("song.mp3", tone(3), "private").ID
	bad := 20_000
	long := strings.Repeat("x", 201)
	for name, patch := range map[string]wire.TracksPatch{
		"none":          {IDs: []string{}},
		"too many":      {IDs: slices.Repeat([]string{id}, 501)},
		"a bad year":    {IDs: []string{id}, Changes: wire.TracksPatchChanges{Year: &bad}},
		"a long artist": {IDs: []string{id}, Changes: wire.TracksPatchChanges{Artist: &long}},
	} {
		if res := mina.patch("/api/me/tracks", patch); res.status != http.StatusBadRequest {
			t.Errorf("%s: got status %d", name, res.status)
		}
	}
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{id}, Titles: []string{"A", "B"}}).fails(400, "batch.titles")
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{id}, Titles: []string{strings.Repeat("x", 2<<20)}}).want(413)
	var got wire.TracksPatched
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{id}, Titles: []string{long}}).want(200).into(&got)
	if len(got.Failed) != 1 || len(got.Items) != 0 {
		t.Errorf("a long title: %+v", got)
	}
	many := make([]string, 31)
	for i := range many {
		many[i] = fmt.Sprintf("tag %d", i)
	}
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{id}, Changes: wire.TracksPatchChanges{AddTags: many[:30]}}).want(200).into(&got)
	if len(got.Items) != 1 {
		t.Errorf("thirty tags: %+v", got.Failed)
	}
	mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{id}, Changes: wire.TracksPatchChanges{AddTags: many[30:]}}).want(200).into(&got)
	if len(got.Failed) != 1 || got.Failed[0].Error.Code != "tag.many" {
		t.Errorf("one tag more: %+v", got)
	}
	// What no tag can be is refused before each track is held against it.
	for _, tags := range []wire.TracksPatchChanges{{AddTags: []string{strings.Repeat("x", 50_000)}}, {DropTags: []string{"fine", strings.Repeat("x", 50_000)}}} {
		mina.patch("/api/me/tracks", wire.TracksPatch{IDs: []string{id}, Changes: tags}).fails(400, "tag.long")
	}
}

// TestDrafts follows a track from its upload to its publication and back: it is
// a draft until it was published, or waits for that.
func TestDrafts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	song, other := mina.upload("song.mp3", tone(3), "private"), mina.upload("other.mp3", tone(4), "public")
	list := func(query string) (ids []string) {
		for _, one := range as[wire.List[wire.Track]](mina.get("/api/me/tracks" + query)).Items {
			ids = append(ids, one.ID)
		}
		return ids
	}
	same := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	if !as[wire.Track](mina.get("/api/tracks/" + song.ID)).Draft {
		t.Error("a new private track is no draft")
	}
	same("drafts", list("?of=draft"), song.ID)
	same("public", list("?of=public"), other.ID)
	same("private", list("?of=private"), song.ID)
	same("all", list(""), other.ID, song.ID)
	same("by words", list("?q=OTHE"), other.ID)
	same("draft by words", list("?of=draft&q=othe"))
	same("of another", func() (ids []string) {
		for _, one := range as[wire.List[wire.Track]](jun.get("/api/me/tracks?of=draft")).Items {
			ids = append(ids, one.ID)
		}
		return ids
	}())

	mina.patch("/api/tracks/"+song.ID, map[string]any{"title": "Song for nobody yet"}).want(200)
	same("typed", list("?of=draft"), song.ID)
	mina.patch("/api/tracks/"+song.ID, map[string]any{"release": map[string]any{"at": time.Now().Add(48 * time.Hour), "as": "public"}}).want(200)
	same("planned", list("?of=draft"))
	mina.patch("/api/tracks/"+song.ID, map[string]any{"release": nil, "visibility": "public"}).want(200)
	same("published", list("?of=draft"))
	mina.patch("/api/tracks/"+song.ID, map[string]any{"visibility": "private"}).want(200)
	same("taken back", list("?of=draft"))
	if as[wire.Track](h.visitor().get("/api/tracks/" + other.ID)).Draft {
		t.Error("others are told of drafts")
	}

	// Pages go on within a filter, and a cursor is of its filter alone.
	for i := range 3 {
		mina.upload(fmt.Sprintf("draft-%d.mp3", i), tone(20+i), "private")
	}
	page := as[wire.List[wire.Track]](mina.get("/api/me/tracks?of=draft&limit=2"))
	if len(page.Items) != 2 || page.Next == "" {
		t.Fatalf("got %d of three drafts, next %q", len(page.Items), page.Next)
	}
	if rest := as[wire.List[wire.Track]](mina.get("/api/me/tracks?of=draft&limit=2&cursor=" + page.Next)); len(rest.Items) != 1 || rest.Next != "" {
		t.Errorf("got %d of one more, next %q", len(rest.Items), rest.Next)
	}
	mina.get("/api/me/tracks?cursor="+page.Next).fails(400, "cursor.invalid")
	mina.get("/api/me/tracks?of=lost").want(400)
}
