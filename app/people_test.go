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
