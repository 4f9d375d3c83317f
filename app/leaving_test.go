package app_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// deleted waits until nothing is left of a deleted account: its record, its jobs
// and its files.
func deleted(t *testing.T, h *house, who *person) {
	t.Helper()
	left := ""
	for range 400 {
		left = ""
		for _, f := range h.files() {
			if strings.Contains(f, who.me.ID) || strings.Contains(f, "changing") {
				left += f + " "
			}
		}
		if left == "" && strings.Contains(h.log.String(), `msg="an account was deleted" user=`+who.me.ID) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s is not gone; files: %s", who.name, left)
}

// check closes the house and holds its data against itself.
func (h *house) check() {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer d.Close()
	if err := d.Check(context.Background()); err != nil {
		h.t.Errorf("the data is not sound: %v", err)
	}
}

// TestDeleteMe deletes an account with everything that is theirs.
func TestDeleteMe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	var hers []wire.Track
	for i := range 3 {
		hers = append(hers, mina.upload(fmt.Sprintf("song%d.mp3", i), tagged(t, "Song"), []string{"public", "private"}[i%2]))
	}
	his := jun.upload("his.mp3", tagged(t, "His"), "public")
	mina.put("/api/me/picture", artwork(t)).want(200)
	remark(mina, his.ID, "Well")
	remark(jun, hers[0].ID, "Well well")
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "A list", Visibility: "public", Tracks: []string{his.ID}}))
	mina.put("/api/playlists/"+list.ID+"/picture", artwork(t)).want(200)
	mine := made[wire.Playlist](jun.post("/api/playlists", wire.NewPlaylist{Title: "Mine", Visibility: "public", Tracks: []string{hers[0].ID, his.ID}}))
	for _, p := range []*person{mina, jun} {
		other := map[*person]*person{mina: jun, jun: mina}[p]
		p.put(user(other, "follow"), nil).want(200)
	}
	mina.put("/api/tracks/"+his.ID+"/like", nil).want(200)
	mina.put("/api/tracks/"+his.ID+"/repost", nil).want(200)
	jun.put("/api/tracks/"+hers[0].ID+"/like", nil).want(200)

	mina.post(user(jun, "messages"), wire.NewMessage{Text: "From her"}).want(201)
	reply := made[wire.Message](jun.post(user(mina, "messages"), wire.NewMessage{Text: "From him"}))
	conversation := "/api/conversations/" + reply.Conversation

	h.visitor().post("/api/me/delete", wire.AccountDeletion{Password: password}).fails(401, "signin.needed")
	mina.post("/api/me/delete", wire.AccountDeletion{Password: "wrong"}).fails(400, "password.wrong")
	k.post("/api/me/delete", wire.AccountDeletion{Password: password}).fails(409, "delete.keeper")
	mina.get("/api/me").want(200)

	live := mina.listen("/api/events")
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	// At once, whatever is still to be done:
	mina.get("/api/me").fails(401, "signin.needed")
	if got := live.has(); got != "end" {
		t.Errorf("the stream of a deleted account gives %q, want its end", got)
	}
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(401, "signin.wrong")
	for _, p := range []*person{jun, k, h.visitor()} {
		for _, path := range []string{user(mina), user(mina, "picture", "100"), user(mina, "followers"), "/api/tracks/" + hers[0].ID, "/api/tracks/" + hers[1].ID,
			"/api/playlists/" + list.ID, "/api/resolve?path=/mina", "/api/resolve?path=" + hers[0].URL} {
			p.get(path).fails(404, "not_found")
		}
		for _, path := range []string{"/api/stream", user(jun, "followers"), user(jun, "following"), "/api/tracks/" + his.ID + "/comments",
			"/api/tracks/" + his.ID + "/likers", "/api/playlists/" + mine.ID + "/tracks"} {
			if body := string(p.get(path).want(200).body); strings.Contains(body, mina.me.ID) {
				t.Errorf("%s: %s shows a deleted person: %s", p.name, path, body)
			}
		}
	}
	k.put(user(mina, "suspension"), nil).fails(404, "not_found")
	k.delete(user(mina)).fails(404, "not_found")

	deleted(t, h, mina)
	for _, tr := range hers {
		if files := h.files(); slices.ContainsFunc(files, func(f string) bool { return strings.Contains(f, tr.ID) || strings.Contains(f, list.ID) }) {
			t.Errorf("files are left: %v", files)
		}
	}
	if c := as[wire.Conversation](jun.get(conversation)); c.With != nil || c.CanWrite || c.Last == nil || c.Last.Text != "From him" {
		t.Errorf("what is left of the conversation: %+v", c)
	}
	if body := string(jun.get(conversation + "/messages").want(200).body); strings.Contains(body, "From her") || !strings.Contains(body, "From him") {
		t.Errorf("the messages that are left: %s", body)
	}
	jun.post(user(mina, "messages"), wire.NewMessage{Text: "Hello?"}).fails(404, "not_found")
	if u := as[wire.User](jun.get(user(jun))); u.Followers != 0 || u.Following != 0 {
		t.Errorf("jun has %d followers and follows %d", u.Followers, u.Following)
	}
	if tr := as[wire.Track](jun.get("/api/tracks/" + his.ID)); tr.Counts != (wire.Counts{}) {
		t.Errorf("his track counts %+v", tr.Counts)
	}
	if l := as[wire.Playlist](jun.get("/api/playlists/" + mine.ID)); l.Tracks != 1 {
		t.Errorf("his playlist counts %d tracks", l.Tracks)
	}
	// The names are free again.
	again := h.member("mina")
	if again.me.Username != "mina" || again.me.ID == mina.me.ID {
		t.Errorf("the next mina: %+v", again.me)
	}
	again.get("/api/me").want(200)
	h.check()
}

// TestDeleteUser has the keeper delete an account, and only the keeper.
func TestDeleteUser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	mina.upload("song.mp3", tagged(t, "Song"), "public")
	h.visitor().delete(user(mina)).fails(401, "signin.needed")
	jun.delete(user(mina)).fails(403, "forbidden")
	mina.delete(user(mina)).fails(403, "forbidden")
	k.delete(user(k)).fails(409, "delete.keeper")
	k.delete("/api/users/0000000000001").fails(404, "not_found")
	k.put(user(mina, "suspension"), nil).want(200) // a suspended one can be deleted too
	k.delete(user(mina)).want(204)
	mina.get("/api/me").fails(401, "signin.needed")
	k.get(user(mina)).fails(404, "not_found")
	deleted(t, h, mina)
	jun.get("/api/me").want(200)
	h.check()
}

// TestDeleteMeGuessing limits the guessing of the password as at the door.
func TestDeleteMeGuessing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	for i := range 10 {
		a := mina.post("/api/me/delete", wire.AccountDeletion{Password: "wrong"})
		if a.status == 429 {
			if i < 3 {
				t.Errorf("refused after %d attempts", i)
			}
			mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).fails(429, "limited")
			mina.get("/api/me").want(200)
			return
		}
		a.fails(400, "password.wrong")
	}
	t.Error("ten guesses were let through")
}

// TestDeleteAfterRestart ends the house in the midst of a deletion: the next
// one goes on with it.
func TestDeleteAfterRestart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	his := jun.upload("his.mp3", tagged(t, "His"), "public")
	for i := range 5 {
		mina.upload(fmt.Sprintf("song%d.mp3", i), tagged(t, "Song"), "public")
	}
	const likers = 1200 // more than one step of forgetting
	h.change(func(tx *db.Tx) error {
		for i := range likers {
			u := extra(tx, i)
			if err := tx.AddUser(u); err != nil {
				return err
			}
			if _, _, err := tx.Follow(u.ID, id(t, mina.me.ID)); err != nil {
				return err
			}
			if _, _, err := tx.Follow(id(t, mina.me.ID), u.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if u := as[wire.User](k.get(user(mina))); u.Followers != likers {
		t.Fatalf("mina has %d followers", u.Followers)
	}
	mina.put("/api/tracks/"+his.ID+"/like", nil).want(200)
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	h.reopen()
	k.get(user(mina)).fails(404, "not_found")
	deleted(t, h, mina)
	going := true
	for range 100 { // each start goes on where the last one ended
		h.change(func(tx *db.Tx) (err error) {
			going = false
			for _, err = range tx.Likers(id(t, his.ID), 0) {
				going = true
			}
			return err
		})
		if !going {
			break
		}
	}
	if going {
		t.Error("there are still traces to be forgotten")
	}
	if got := list[wire.User](k, "/api/tracks/"+his.ID+"/likers", "50"); len(got) != 0 {
		t.Errorf("likers of his track: %v", usernames(got))
	}
	h.check()
}

// TestLeavingWithWhatCanNotBeRead spoils the record of a track: its owner's
// account goes all the same, with the files.
func TestLeavingWithWhatCanNotBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	whole, rotten := mina.sing("whole", "public"), mina.sing("Spoilt-record", "public")
	mina.drawn(whole.ID)
	mina.drawn(rotten.ID)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, "earshot.db")
	file, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, bytes.ReplaceAll(file, []byte(rotten.Title), []byte(strings.ToUpper(rotten.Title))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.open()
	if s := k.get(track(rotten)).status; s != 500 {
		t.Fatalf("the record is not spoilt: got %d", s)
	}
	k.delete(user(mina)).want(204)
	deleted(t, h, mina)
	for _, f := range h.files() {
		if strings.Contains(f, rotten.ID) || strings.Contains(f, whole.ID) {
			t.Errorf("%s is left", f)
		}
	}
	if n := strings.Count(h.log.String(), "can't be read went with its account"); n != 1 {
		t.Errorf("it is logged %d times", n)
	}
	h.check()
}
