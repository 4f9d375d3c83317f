package app_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/db"
)

// TestStations plays stations to their ends: everything that may be heard comes
// once, the seed first, and two of one owner follow each other only where there
// is nothing else.
func TestStations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	people := []*person{h.member("mina"), h.member("jun"), h.member("sora")}
	mina, jun := people[0], people[1]
	var all []string
	owner := map[string]string{}
	var seed wire.Track
	for i := range 21 {
		p := people[i%3]
		seed = p.sings("rock", fmt.Sprint("t", i%4))
		all = append(all, seed.ID)
		owner[seed.ID] = p.name
	}
	slices.Sort(all)
	own := mina.upload("hidden.mp3", tagged(t, "Hidden"), "private")
	mina.patch(track(own), wire.TrackPatch{Tags: ptr([]string{"rock"})}).want(200)
	v := h.visitor()
	orders := map[string]bool{}
	for _, p := range []*person{v, mina} {
		for _, path := range []string{"/api/stations/tracks/" + seed.ID, "/api/stations/tags/ROCK"} {
			for _, limit := range []string{"1", "4", "100"} {
				got := ids(list[wire.Track](p, path, limit))
				twice := 0
				for i := range got[1:] {
					if owner[got[i]] == owner[got[i+1]] {
						twice++
					}
				}
				if path != "/api/stations/tags/ROCK" && got[0] != seed.ID {
					t.Errorf("%s begins with %s", path, got[0])
				}
				orders[strings.Join(got, " ")] = true
				slices.Sort(got)
				if !slices.Equal(got, all) || twice > 6 {
					t.Errorf("%s, %s a page: %s is given %d tracks, want all %d once; %d times two of one owner", path, limit, p.name, len(got), len(all), twice)
				}
			}
		}
	}
	if len(orders) < 12 {
		t.Errorf("12 sessions have %d orders", len(orders))
	}

	// A page may be asked for again, and is the same.
	page := as[wire.List[wire.Track]](v.get("/api/stations/tracks/" + seed.ID + "?limit=4"))
	next := "/api/stations/tracks/" + seed.ID + "?limit=4&cursor=" + page.Next
	a, b := as[wire.List[wire.Track]](v.get(next)), as[wire.List[wire.Track]](v.get(next))
	if !slices.Equal(ids(a.Items), ids(b.Items)) {
		t.Errorf("the same page twice: %v and %v", ids(a.Items), ids(b.Items))
	}
	raw, _ := base64.RawURLEncoding.DecodeString(page.Next)
	if strings.Contains(string(raw), seed.ID) || strings.Contains(page.Next, seed.ID) {
		t.Error("the cursor has an id in clear")
	}
	for _, cursor := range []string{"x", page.Next[1:], flip(page.Next), page.Next + "A", strings.Repeat("A", 4000)} {
		v.get("/api/stations/tracks/"+seed.ID+"?cursor="+cursor).fails(400, "cursor.invalid")
	}
	v.get("/api/stations/tags/rock?cursor="+page.Next).fails(400, "cursor.invalid")
	v.get("/api/stations/tracks/" + seed.ID + "?cursor=" + strings.Repeat("A", 4097)).want(400)

	// What is hidden meanwhile does not come any more, and what is gone ends nothing.
	people[2].put(user(mina, "block"), nil).want(204)
	for _, id := range ids(page.Items) {
		if owner[id] == "jun" {
			jun.delete("/api/tracks/" + id).want(204)
		}
	}
	if owner[seed.ID] != "sora" {
		t.Fatal("the seed is not sora's")
	}
	mina.get(next).fails(404, "not_found")
	for _, tr := range list[wire.Track](mina, "/api/stations/tags/rock", "3") {
		if tr.User.Name == "sora" {
			t.Errorf("mina is given %s of sora, who blocks her", tr.ID)
		}
	}
	v.get(next).want(200)
	if got := list[wire.Track](mina, "/api/stations/tracks/"+own.ID, "5"); got[0].ID != own.ID || len(got) < 8 {
		t.Errorf("the station of an own private track: %v", ids(got))
	}
	v.get("/api/stations/tracks/"+own.ID).fails(404, "not_found")
}

// TestHome looks at the shelves.
func TestHome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	v := h.visitor()
	home := func(p *person) wire.Home { return as[wire.Home](p.get("/api/home")) }
	if empty := home(v); len(empty.Tags)+len(empty.Newest)+len(empty.People)+len(empty.Follow)+len(empty.Because) != 0 {
		t.Errorf("an empty house has %+v", empty)
	}
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	var newest []string
	for i := range 12 {
		tr := mina.sings("all", fmt.Sprint("tag ", i%7))
		newest = append([]string{tr.ID}, newest...)
		if i < 3 {
			for _, p := range []*person{jun, k} {
				p.put(track(tr, "like"), nil).want(200)
			}
		}
	}
	last := jun.sings("all")
	newest = append([]string{last.ID}, newest...)
	for _, p := range []*person{v, sora, jun} {
		got := home(p)
		if !slices.Equal(ids(got.Newest), newest[:10]) {
			t.Errorf("%s: the newest are %v, want %v", p.name, ids(got.Newest), newest[:10])
		}
		if len(got.Tags) != 6 || got.Tags[0].Tag.Name != "all" || got.Tags[0].Tag.Tracks != 13 || !slices.Equal(ids(got.Tags[0].Tracks), newest[:6]) {
			t.Errorf("%s: the tags are %+v", p.name, got.Tags)
		}
		var names []string
		for _, u := range got.People {
			names = append(names, u.Name)
		}
		want := map[*person]string{v: "jun mina", sora: "jun mina", jun: "mina"}[p]
		if strings.Join(names, " ") != want {
			t.Errorf("%s: the new people are %v, want %s", p.name, names, want)
		}
		follow, because := map[*person]int{sora: 2, jun: 1}[p], map[*person]int{jun: 3}[p]
		if len(got.Follow) != follow || len(got.Because) != because {
			t.Errorf("%s: %d are recommended and %d tracks have something like them, want %d and %d", p.name, len(got.Follow), len(got.Because), follow, because)
		}
		for _, b := range got.Because {
			if !b.Track.Liked || len(b.Tracks) != 6 {
				t.Errorf("%s: because of %s there are %d tracks", p.name, b.Track.Title, len(b.Tracks))
			}
		}
	}
}

// TestFindingBesideWhatIsDamaged spoils what is counted of a track and of a
// member: they are left out where there is something to find, and the others
// are found.
func TestFindingBesideWhatIsDamaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	var songs []wire.Track
	for range 6 {
		songs = append(songs, mina.sings("rock"))
	}
	sora.sings("jazz")
	for _, song := range songs {
		jun.put(track(song, "like"), nil).want(200)
		if !sora.hear(song, 60_000) {
			t.Fatal("a play does not count")
		}
	}
	h.written()
	rotten := songs[2].ID
	h.rots(rotten, sora.me.ID)
	for _, p := range []*person{jun, mina, h.visitor()} {
		if got := ids(list[wire.Track](p, "/api/stations/tracks/"+songs[0].ID, "3")); len(got) != 6 || slices.Contains(got, rotten) {
			t.Errorf("%s: the station of a track gives %v", p.name, got)
		}
		list[wire.Track](p, "/api/stations/tags/rock", "3")
		p.get(track(songs[0], "similar")).want(200)
		home := as[wire.Home](p.get("/api/home"))
		if len(home.Newest) != 6 || len(home.Week) != 5 || slices.Contains(usernames(home.People), "sora") {
			t.Errorf("%s: there are %d newest, %d of the week, and %v", p.name, len(home.Newest), len(home.Week), usernames(home.People))
		}
		if p == jun && len(home.Because) == 0 {
			t.Error("nothing is like what jun likes")
		}
	}
	if top := as[wire.Numbers](mina.get("/api/me/numbers")).Top; len(top) != 5 {
		t.Errorf("the top has %d tracks, want 5", len(top))
	}
}

// TestTagStationBeginsWithItsTag gives the tracks of a tag first, in any order.
func TestTagStationBeginsWithItsTag(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	for i, p := range []*person{mina, jun, mina, jun, mina, jun, mina, jun} {
		song := p.sing(fmt.Sprintf("song %d", i), "public")
		if i < 4 {
			p.patch(track(song), wire.TrackPatch{Tags: ptr([]string{"sea"})}).want(200)
		}
	}
	for range 10 {
		for i, song := range as[wire.List[wire.Track]](h.visitor().get("/api/stations/tags/sea")).Items {
			if (i < 4) != (len(song.Tags) == 1) {
				t.Fatalf("place %d has %q with tags %v, want the four of the tag first", i, song.Title, song.Tags)
			}
		}
	}
}

// TestHomeBehindMany: neither the many tracks of somebody who is suspended nor
// many people without a track hide what is new behind them.
func TestHomeBehindMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, spam := h.member("mina"), h.member("spam")
	song := mina.sing("song", "public")
	h.change(func(tx *db.Tx) error {
		var errs []error
		for i := range 510 {
			tr := db.Track{ID: tx.NewID(), User: id(t, spam.me.ID), Slug: fmt.Sprint("t", i), Title: "Spam", Visibility: db.Public, Published: tx.NewID()}
			name := fmt.Sprint("silent", i)
			errs = append(errs, tx.AddTrack(tr), tx.AddUser(db.User{ID: tx.NewID(), Username: name, Email: name + "@home.example"}))
		}
		return errors.Join(errs...)
	})
	k.put(user(spam, "suspension"), nil).want(200)
	home := as[wire.Home](h.visitor().get("/api/home"))
	if !slices.Equal(ids(home.Newest), []string{song.ID}) || !slices.Equal(usernames(home.People), []string{"mina"}) {
		t.Errorf("the newest are %v, and of people %v; want song and mina", ids(home.Newest), usernames(home.People))
	}
}
