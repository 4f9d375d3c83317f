package app_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// user is the address of somebody.
func user(p *person, parts ...string) string {
	return "/api/users/" + p.me.ID + strings.Join(append([]string{""}, parts...), "/")
}

// list reads a list whole, in pages of so many.
func list[T any](p *person, path string, limit string) []T {
	p.h.t.Helper()
	var all []T
	sep := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
	at := path + sep + "limit=" + limit
	for range 1000 {
		var page wire.List[T]
		p.get(at).want(200).into(&page)
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		at = path + sep + "limit=" + limit + "&cursor=" + page.Next
	}
	p.h.t.Fatalf("%s has no end", path)
	return nil
}

// as decodes an answer anew: what it does not say is empty.
func as[T any](a answer) T {
	a.t.Helper()
	var v T
	a.want(200).into(&v)
	return v
}

// usernames names the people of a list.
func usernames(list []wire.User) []string {
	names := []string{}
	for _, u := range list {
		names = append(names, u.Username)
	}
	return names
}

// change works on the data of a house that is closed for the while.
func (h *house) change(fn func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err == nil {
		err = d.Update(context.Background(), fn)
		if e := d.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

// extra is one of many who were never signed up.
func extra(tx *db.Tx, n int) db.User {
	name := fmt.Sprintf("extra%d", n)
	return db.User{ID: tx.NewID(), Username: name, Name: name, Email: name + "@home.example", Created: time.Now()}
}

// id reads an id of the API.
func id(t testing.TB, text string) db.ID {
	t.Helper()
	id, err := db.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestFollow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")

	follows := func(a answer, following bool, followers uint64) {
		t.Helper()
		var f wire.Following
		a.want(200).into(&f)
		if f.Following != following || f.Followers != followers {
			t.Errorf("%s: got %+v, want %v and %d followers", a.what, f, following, followers)
		}
	}
	follows(jun.put(user(mina, "follow"), nil), true, 1)
	follows(jun.put(user(mina, "follow"), nil), true, 1)
	follows(sora.post(user(mina, "follow", "toggle"), nil), true, 2)
	follows(mina.put(user(jun, "follow"), nil), true, 1)

	u := as[wire.User](jun.get(user(mina)))
	if want := (wire.Relation{Following: true, FollowsMe: true}); u.Relation != want || u.Followers != 2 || u.Following != 1 {
		t.Errorf("mina, as jun sees her: got %+v, %d followers, %d followed", u.Relation, u.Followers, u.Following)
	}
	u = as[wire.User](sora.get(user(mina)))
	if want := (wire.Relation{Following: true}); u.Relation != want {
		t.Errorf("mina, as sora sees her: got %+v, want %+v", u.Relation, want)
	}
	u = as[wire.User](h.visitor().get(user(mina)))
	if u.Relation != (wire.Relation{}) {
		t.Errorf("mina, as a visitor sees her: got %+v", u.Relation)
	}
	followers := list[wire.User](jun, user(mina, "followers"), "1")
	if got := usernames(followers); !slices.Equal(got, []string{"sora", "jun"}) {
		t.Errorf("followers of mina: got %v, want the newest first", got)
	}
	if age := time.Since(followers[0].Since); age < 0 || age > time.Minute {
		t.Errorf("sora follows since %v", followers[0].Since)
	}
	if !followers[1].Relation.Me {
		t.Error("jun does not find himself in the list")
	}
	if got := usernames(list[wire.User](h.visitor(), user(mina, "following"), "50")); !slices.Equal(got, []string{"jun"}) {
		t.Errorf("mina follows %v", got)
	}

	follows(sora.post(user(mina, "follow", "toggle"), nil), false, 1)
	follows(sora.delete(user(mina, "follow")), false, 1)
	follows(sora.put(user(mina, "follow"), nil), true, 2)
	if got := usernames(list[wire.User](jun, user(mina, "followers"), "1")); !slices.Equal(got, []string{"sora", "jun"}) {
		t.Errorf("followers of mina: got %v", got)
	}

	mina.put(user(mina, "follow"), nil).fails(400, "follow.self")
	mina.post(user(mina, "follow", "toggle"), nil).fails(400, "follow.self")
	mina.delete(user(mina, "follow")).fails(400, "follow.self")
	for _, absent := range []string{"0000000000001", "x", "..%2f.."} {
		jun.put("/api/users/"+absent+"/follow", nil).fails(404, "not_found")
		jun.get("/api/users/"+absent+"/followers").fails(404, "not_found")
	}
	h.visitor().put(user(mina, "follow"), nil).fails(401, "signin.needed")

	page := list[wire.User](mina, user(mina, "followers"), "1")
	if len(page) != 2 {
		t.Fatalf("got %d followers", len(page))
	}
	var first wire.List[wire.User]
	mina.get(user(mina, "followers") + "?limit=1").want(200).into(&first)
	mina.get(user(mina, "following")+"?cursor="+first.Next).fails(400, "cursor.invalid")
	mina.get(user(jun, "followers")+"?cursor="+first.Next).fails(400, "cursor.invalid")
}

// TestFollowMany holds the greatest number of people that one may follow.
func TestFollowMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	const most = 10_000
	h.change(func(tx *db.Tx) error {
		for i := range most - 1 {
			u := extra(tx, i)
			if err := tx.AddUser(u); err != nil {
				return err
			}
			if _, _, err := tx.Follow(id(t, jun.me.ID), u.ID); err != nil {
				return err
			}
		}
		return nil
	})
	jun.put(user(mina, "follow"), nil).want(200)
	jun.put(user(sora, "follow"), nil).fails(409, "follow.many")
	jun.post(user(sora, "follow", "toggle"), nil).fails(409, "follow.many")
	jun.put(user(mina, "follow"), nil).want(200)
	u := as[wire.User](jun.get(user(sora)))
	if u.Followers != 0 || u.Relation.Following {
		t.Errorf("a follow that was refused counts: %+v", u)
	}
	jun.delete(user(mina, "follow")).want(200)
	jun.put(user(sora, "follow"), nil).want(200)
}

// TestRecommendations has each reason in its place, and nobody who is not to
// be recommended.
func TestRecommendations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	me := h.member("me")
	people := map[string]*person{}
	for _, name := range []string{"mina", "jun", "sora", "twice", "once", "already", "blocked", "blocker", "suspended", "liked", "hidden", "lately", "earlier"} {
		people[name] = h.member(name)
	}
	follow := func(who *person, whom ...string) {
		t.Helper()
		for _, name := range whom {
			who.put(user(people[name], "follow"), nil).want(200)
		}
	}
	recommended := func(limit string) []wire.Recommendation {
		t.Helper()
		return as[wire.List[wire.Recommendation]](me.get("/api/recommendations/users" + limit)).Items
	}
	names := func(list []wire.Recommendation) []string {
		names := []string{}
		for _, r := range list {
			names = append(names, r.User.Username+" "+r.Reason)
		}
		return names
	}
	if got := recommended(""); len(got) != 0 {
		t.Fatalf("in a house without sound: got %v", names(got))
	}

	file := tagged(t, "Song")
	people["earlier"].upload("a.mp3", file, "public")
	people["lately"].upload("b.mp3", file, "public")
	newest := people["lately"].upload("c.mp3", file, "public")
	people["hidden"].upload("d.mp3", file, "private")
	me.upload("e.mp3", file, "public")
	got := recommended("")
	if want := []string{"lately active", "earlier active"}; !slices.Equal(names(got), want) {
		t.Fatalf("for somebody who did nothing yet: got %v, want %v", names(got), want)
	}
	if tr := got[0].Track; tr == nil || tr.ID != newest.ID || len(got[0].By) != 0 || got[0].N != 0 {
		t.Errorf("the active one: got %+v", got[0])
	}

	liked, taken := people["liked"].upload("f.mp3", file, "public"), people["hidden"].upload("g.mp3", file, "public")
	me.put("/api/tracks/"+liked.ID+"/like", nil).want(200)
	me.put("/api/tracks/"+taken.ID+"/like", nil).want(200)
	people["hidden"].patch("/api/tracks/"+taken.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)

	follow(people["mina"], "once", "twice", "already", "blocked", "blocker", "suspended")
	follow(people["jun"], "twice")
	follow(people["sora"], "twice")
	people["mina"].put(user(me, "follow"), nil).want(200)
	follow(me, "sora", "mina", "jun", "already")
	me.put(user(people["blocked"], "block"), nil).want(204)
	people["blocker"].put(user(me, "block"), nil).want(204)
	k.put(user(people["suspended"], "suspension"), nil).want(200)

	got = recommended("")
	if want := []string{"twice followed_by", "once followed_by", "liked listened", "lately active", "earlier active"}; !slices.Equal(names(got), want) {
		t.Fatalf("got %v, want %v", names(got), want)
	}
	if by := []string{got[0].By[0].Username, got[0].By[1].Username}; !slices.Equal(by, []string{"jun", "mina"}) || len(got[0].By) != 2 || got[0].N != 3 {
		t.Errorf("who follows twice: got %v and %d in all, want jun, mina and 3", by, got[0].N)
	}
	if got[0].User.Followers != 3 || got[0].Track != nil {
		t.Errorf("twice: got %+v", got[0])
	}
	if by := got[1].By; len(by) != 1 || by[0].Username != "mina" || got[1].N != 1 {
		t.Errorf("who follows once: got %+v", got[1])
	}
	if tr := got[2].Track; tr == nil || tr.ID != liked.ID || len(got[2].By) != 0 {
		t.Errorf("the liked one: got %+v", got[2])
	}
	if again := recommended(""); !slices.Equal(names(again), names(got)) {
		t.Errorf("asked again: got %v, then %v", names(got), names(again))
	}
	if some := recommended("?limit=3"); !slices.Equal(names(some), names(got)[:3]) {
		t.Errorf("three: got %v", names(some))
	}
	recommended("?limit=1000000")
	me.get("/api/recommendations/users?limit=x").want(400)

	// A follow who is suspended recommends nobody.
	k.put(user(people["mina"], "suspension"), nil).want(200)
	for _, r := range recommended("") {
		if r.User.Username == "once" {
			t.Errorf("recommended because a suspended person follows: %+v", r)
		}
		if r.User.Username == "twice" && (r.N != 2 || r.By[1].Username != "sora") {
			t.Errorf("twice, without mina: got %+v", r)
		}
	}

	// The keeper sees suspended people and those behind blocks, but is to
	// follow none of them.
	k.delete(user(people["mina"], "suspension")).want(200)
	people["blocker"].put(user(k, "block"), nil).want(204)
	follow(k, "mina")
	var keepers []string
	for _, r := range as[wire.List[wire.Recommendation]](k.get("/api/recommendations/users")).Items {
		if r.Reason == "followed_by" {
			keepers = append(keepers, r.User.Username)
		}
	}
	slices.Sort(keepers)
	if want := []string{"already", "blocked", me.me.Username, "once", "twice"}; !slices.Equal(keepers, want) {
		t.Errorf("for the keeper: got %v, want %v", keepers, want)
	}
}
