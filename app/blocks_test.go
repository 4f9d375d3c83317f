package app_test

import (
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/db"
)

// TestBlock has mina block jun: to jun she and all that is hers are gone; to
// her only his page is left, with nothing on it.
func TestBlock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	hers := mina.upload("hers.mp3", tagged(t, "Hers"), "public")
	his := jun.upload("his.mp3", tagged(t, "His"), "public")
	jun.put(user(mina, "follow"), nil).want(200)
	mina.put(user(jun, "follow"), nil).want(200)
	jun.put(user(sora, "follow"), nil).want(200)
	mina.put(user(sora, "follow"), nil).want(200)

	mina.put(user(mina, "block"), nil).fails(400, "block.self")
	mina.put(user(jun, "block"), nil).want(204)
	mina.put(user(jun, "block"), nil).want(204)

	// For jun there is no mina.
	hidden := []string{user(mina), user(mina, "tracks"), user(mina, "followers"), user(mina, "following"),
		"/api/tracks/" + hers.ID, "/api/tracks/" + hers.ID + "/stream.mp3", "/api/tracks/" + hers.ID + "/picture/100",
		"/api/resolve?path=/mina", "/api/resolve?path=" + hers.URL}
	for _, path := range hidden {
		got := jun.get(path).fails(404, "not_found")
		absent := jun.get(strings.NewReplacer(mina.me.ID, "0000000000001", hers.ID, "0000000000001", "/mina", "/nobody").Replace(path))
		if string(got.body) != string(absent.body) {
			t.Errorf("%s: got %s, and for what never was %s", path, got.body, absent.body)
		}
	}
	jun.get("/mina").want(404)
	jun.put(user(mina, "follow"), nil).fails(404, "not_found")
	jun.put(user(mina, "block"), nil).fails(404, "not_found")
	jun.delete(user(mina, "block")).fails(404, "not_found")
	if s := string(jun.get("/api/stream").want(200).body); strings.Contains(s, hers.ID) {
		t.Error("the stream shows jun a track of who blocks him")
	}
	if got := usernames(list[wire.User](jun, user(sora, "followers"), "50")); !slices.Equal(got, []string{"jun"}) {
		t.Errorf("followers of sora, as jun sees them: %v", got)
	}

	// For mina there is his page, and nothing on it.
	u := as[wire.User](mina.get(user(jun)))
	if want := (wire.Relation{Blocked: true}); u.Relation != want {
		t.Errorf("jun, as mina sees him: got %+v, want %+v", u.Relation, want)
	}
	mina.get("/api/resolve?path=/jun").want(200)
	mina.get("/jun").want(200)
	for _, path := range []string{user(jun, "tracks"), user(jun, "followers"), "/api/tracks/" + his.ID, "/api/resolve?path=" + his.URL} {
		mina.get(path).fails(404, "not_found")
	}
	mina.put(user(jun, "follow"), nil).fails(403, "follow.blocked")
	if s := string(mina.get("/api/stream").want(200).body); strings.Contains(s, his.ID) {
		t.Error("the stream shows mina a track of whom she blocks")
	}
	if got := usernames(list[wire.User](mina, user(sora, "followers"), "50")); !slices.Equal(got, []string{"mina"}) {
		t.Errorf("followers of sora, as mina sees them: %v", got)
	}

	// The follows between them ended, and only those.
	for p, want := range map[*person][2]uint64{mina: {0, 1}, jun: {0, 1}} {
		u = as[wire.User](k.get(user(p)))
		if got := [2]uint64{u.Followers, u.Following}; got != want {
			t.Errorf("%s: got followers and followed %v, want %v", p.name, got, want)
		}
	}
	// Others see both.
	for _, path := range append(hidden, user(jun), "/api/tracks/"+his.ID) {
		sora.get(path).want(200)
	}

	blocked := list[wire.User](mina, "/api/me/blocks", "50")
	if got := usernames(blocked); !slices.Equal(got, []string{"jun"}) || !blocked[0].Relation.Blocked || blocked[0].Since.IsZero() {
		t.Errorf("mina blocks %+v", blocked)
	}
	if got := list[wire.User](jun, "/api/me/blocks", "50"); len(got) != 0 {
		t.Errorf("jun blocks %v", usernames(got))
	}

	mina.delete(user(jun, "block")).want(204)
	mina.delete(user(jun, "block")).want(204)
	for _, path := range hidden {
		jun.get(path).want(200)
	}
	u = as[wire.User](mina.get(user(jun)))
	if u.Relation != (wire.Relation{}) {
		t.Errorf("after the block, jun is to mina: %+v", u.Relation)
	}
}

// TestBlockEachOther has both block: neither page is there any more, but each
// can still let the other go.
func TestBlockEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	h.change(blocking(t, mina, jun)) // at the same moment, as it were
	h.change(blocking(t, jun, mina))
	mina.get(user(jun)).fails(404, "not_found")
	jun.get(user(mina)).fails(404, "not_found")
	if got := usernames(list[wire.User](mina, "/api/me/blocks", "50")); !slices.Equal(got, []string{"jun"}) {
		t.Errorf("mina blocks %v", got)
	}
	mina.delete(user(jun, "block")).want(204)
	mina.get(user(jun)).fails(404, "not_found")
	jun.get(user(mina)).want(200)
	jun.delete(user(mina, "block")).want(204)
	mina.get(user(jun)).want(200)
}

// blocking makes one block another, whatever the other thinks of it.
func blocking(t *testing.T, who, whom *person) func(tx *db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Block(id(t, who.me.ID), id(t, whom.me.ID))
		return err
	}
}

// TestBlockKeeper has jun block the keeper, who keeps seeing everything, and
// does nothing to him but what keepers do.
func TestBlockKeeper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	jun := h.member("jun")
	his := jun.upload("his.mp3", tagged(t, "His"), "public")
	k.put(user(jun, "follow"), nil).want(200)
	jun.put(user(k, "block"), nil).want(204)
	k.get(user(jun)).want(200)
	k.get("/api/tracks/" + his.ID).want(200)
	k.get("/api/tracks/" + his.ID + "/stream.mp3").want(200)
	k.put(user(jun, "follow"), nil).fails(403, "follow.blocked")
	if u := as[wire.User](k.get(user(jun))); u.Followers != 0 {
		t.Errorf("the keeper's follow is still there")
	}
	var track wire.Track
	if k.get("/api/tracks/" + his.ID).want(200).into(&track); track.Can.Comment {
		t.Error("the keeper may comment although blocked")
	}
	if u := as[wire.User](jun.get(user(k))); !u.Relation.Blocked {
		t.Error("jun does not see that he blocks the keeper")
	}
	jun.get("/api/house").want(200)
}

// TestBlockMany holds the greatest number of people that one may block.
func TestBlockMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	h.change(func(tx *db.Tx) error {
		for i := range 999 {
			u := extra(tx, i)
			if err := tx.AddUser(u); err != nil {
				return err
			}
			if _, err := tx.Block(id(t, mina.me.ID), u.ID); err != nil {
				return err
			}
		}
		return nil
	})
	mina.put(user(jun, "block"), nil).want(204)
	mina.put(user(sora, "block"), nil).fails(409, "block.many")
	mina.put(user(jun, "block"), nil).want(204)
	sora.get(user(mina)).want(200)
	if got := len(list[wire.User](mina, "/api/me/blocks", "100")); got != 1000 {
		t.Errorf("mina blocks %d people, want 1000", got)
	}
	mina.delete(user(jun, "block")).want(204)
	mina.put(user(sora, "block"), nil).want(204)
}

// TestOwnerReadsWhatIsWrittenOnTheTrack: who comments on a track and then
// blocks its owner can't speak to others there behind the owner's back.
func TestOwnerReadsWhatIsWrittenOnTheTrack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	rude := made[wire.Comment](jun.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: "Something rude"}))
	ruder := made[wire.Comment](jun.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: "Something ruder", Parent: rude.ID}))
	jun.put("/api/users/"+mina.me.ID+"/block", nil).want(204)

	for _, p := range []*person{mina, sora} {
		var c wire.Comment
		p.get("/api/comments/" + rude.ID).want(200).into(&c)
		if c.User == nil || c.Text != rude.Text || len(c.First) != 1 || c.CanDelete != (p == mina) {
			t.Errorf("%s reads %+v", p.name, c)
		}
	}
	mina.get("/api/users/"+jun.me.ID).fails(404, "not_found")
	mina.post("/api/reports", wire.NewReport{Kind: "comment", ID: rude.ID, Reason: "abuse"}).want(204)
	mina.delete("/api/comments/" + ruder.ID).want(204)
	// Elsewhere the two do not meet.
	other := sora.upload("other.mp3", tagged(t, "Other"), "public")
	said := made[wire.Comment](jun.post("/api/tracks/"+other.ID+"/comments", wire.NewComment{Text: "Hello"}))
	mina.get("/api/comments/"+said.ID).fails(404, "not_found")
	// A suspended account is not there for anybody but the keeper.
	keeper.put("/api/users/"+jun.me.ID+"/suspension", nil).want(200)
	mina.get("/api/comments/"+rude.ID).fails(404, "not_found")
	keeper.get("/api/comments/" + rude.ID).want(200)
}
