package app_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// entries writes a stream down: titles, and who brought them.
func entries(list []wire.Track) string {
	var all []string
	for _, t := range list {
		s := t.Title
		if t.RepostedBy != nil {
			s += "<" + t.RepostedBy.Username
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

// streams ends the test unless somebody's stream is just this.
func (p *person) streams(want string) {
	p.h.t.Helper()
	for _, limit := range []string{"1", "3", "100"} {
		if got := entries(list[wire.Track](p, "/api/stream", limit)); got != want {
			p.h.t.Errorf("%s: the stream by %s: got %q, want %q", p.name, limit, got, want)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora, ara := h.member("mina"), h.member("jun"), h.member("sora"), h.member("ara")
	v := h.visitor()
	m1 := mina.sing("m1", "public")
	jun.sing("j1", "public")
	s1 := sora.sing("s1", "public")
	mina.sing("m-shut", "private")
	for _, p := range []*person{v, mina, ara} { // who follows nobody gets all
		p.streams("s1 j1 m1")
	}
	if got := list[wire.Track](v, "/api/stream", "10"); got[0].Since.IsZero() {
		t.Error("an entry of the stream does not say since when")
	}
	mina.put(user(jun, "follow"), nil).want(200)
	mina.streams("j1 m1")
	jun.put(track(s1, "repost"), nil).want(200)
	mina.streams("s1<jun j1 m1")
	jun.streams("s1 j1 m1") // follows nobody, and the own repost is no news
	jun.put(user(sora, "follow"), nil).want(200)
	jun.streams("s1 j1")
	sora.put(track(m1, "repost"), nil).want(200)
	mina.put(user(sora, "follow"), nil).want(200)
	mina.streams("m1<sora s1<jun j1") // each once, where it is newest
	sora.delete(track(m1, "repost")).want(200)
	mina.streams("s1<jun j1 m1")
	jun.put(track(m1, "repost"), nil).want(200)
	mina.streams("m1<jun s1<jun j1")

	// What must not be known is not there.
	sora.patch(track(s1), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.streams("m1<jun j1")
	mina.patch(track(m1), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.streams("j1")
	mina.patch(track(m1), wire.TrackPatch{Visibility: ptr("public")}).want(200)
	mina.streams("m1 j1") // what becomes public again is news again
	sora.patch(track(s1), wire.TrackPatch{Visibility: ptr("public")}).want(200)
	mina.streams("s1 m1 j1")
	k.put(user(jun, "suspension"), nil).want(200)
	mina.streams("s1 m1")
	v.streams("s1 m1")
	k.delete(user(jun, "suspension")).want(200)
	mina.put(user(sora, "block"), nil).want(204)
	mina.streams("m1 j1")
	mina.delete(user(jun, "follow")).want(200)
	mina.streams("m1 j1")
	ara.put(user(mina, "follow"), nil).want(200)
	ara.streams("m1")
	mina.delete(track(m1)).want(204)
	ara.streams("")
	h.check()
}

// TestStreamOfAllOrOfTheFollowed asks for the one stream or the other.
func TestStreamOfAllOrOfTheFollowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, ara := h.member("mina"), h.member("jun"), h.member("ara")
	v := h.visitor()
	jun.sing("j1", "public")
	ara.sing("a1", "public")
	ara.sing("a-shut", "private")
	a2 := ara.sing("a2", "public")
	shows := func(p *person, of, want string) {
		t.Helper()
		for _, limit := range []string{"1", "100"} {
			if got := entries(list[wire.Track](p, "/api/stream?of="+of, limit)); got != want {
				t.Errorf("%s, of %s by %s: got %q, want %q", p.name, of, limit, got, want)
			}
		}
	}
	shows(v, "all", "a2 a1 j1")
	v.get("/api/stream?of=followed").fails(401, "signin.needed")
	shows(mina, "all", "a2 a1 j1")
	shows(mina, "followed", "") // of nobody
	mina.streams("a2 a1 j1")
	mina.sing("m1", "private")
	mina.sing("m2", "public")
	shows(mina, "followed", "m2")
	mina.put(user(jun, "follow"), nil).want(200)
	mina.streams("m2 j1")
	shows(mina, "followed", "m2 j1")
	shows(mina, "all", "m2 a2 a1 j1")
	jun.put(track(a2, "repost"), nil).want(200)
	shows(mina, "followed", "a2<jun m2 j1")
	shows(mina, "all", "m2 a2 a1 j1")
	mina.put(user(ara, "block"), nil).want(204)
	shows(mina, "all", "m2 j1")

	// The cursors of one are not those of the other.
	for of, other := range map[string]string{"all": "followed", "followed": "all"} {
		page := as[wire.List[wire.Track]](mina.get("/api/stream?limit=1&of=" + of))
		mina.get("/api/stream?of="+other+"&cursor="+page.Next).fails(400, "cursor.invalid")
		mina.get("/api/stream?cursor=" + page.Next).want(200)
	}
	mina.get("/api/stream?of=strange").want(400)
}

// TestStreamStaysWhereItIs reads a stream page by page while things are added:
// what was there at the first page comes once, and nothing else.
func TestStreamStaysWhereItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora, ara := h.member("mina"), h.member("jun"), h.member("sora"), h.member("ara")
	mina.put(user(jun, "follow"), nil).want(200)
	mina.put(user(sora, "follow"), nil).want(200)
	var songs []wire.Track
	for i := range 6 {
		songs = append(songs, ara.sing(fmt.Sprint("a", i), "public"))
	}
	jun.sing("j0", "public")
	for _, s := range songs {
		jun.put(track(s, "repost"), nil).want(200)
	}
	sora.put(track(songs[1], "repost"), nil).want(200)
	sora.put(track(songs[2], "repost"), nil).want(200)
	mina.streams("a2<sora a1<sora a5<jun a4<jun a3<jun a0<jun j0")

	var got []wire.Track
	page := as[wire.List[wire.Track]](mina.get("/api/stream?limit=2"))
	for n := 0; ; n++ {
		got = append(got, page.Items...)
		if page.Next == "" {
			break
		}
		switch n {
		case 0:
			jun.sing("new", "public")
			sora.put(track(songs[0], "repost"), nil).want(200) // comes all the same where it was
			jun.get("/api/stream?cursor="+page.Next).fails(400, "cursor.invalid")
			mina.get("/api/me/likes?cursor="+page.Next).fails(400, "cursor.invalid")
		case 1:
			sora.put(track(songs[3], "repost"), nil).want(200)
		case 2:
			mina.sing("mine", "public")
		}
		page = as[wire.List[wire.Track]](mina.get("/api/stream?limit=2&cursor=" + page.Next))
	}
	if want := "a2<sora a1<sora a5<jun a4<jun a3<jun a0<jun j0"; entries(got) != want {
		t.Errorf("read while things are added: got %q, want %q", entries(got), want)
	}
	mina.streams("mine a3<sora a0<sora new a2<sora a1<sora a5<jun a4<jun j0")

	// Who begins to follow somebody, or follows nobody any more, reads on.
	first := as[wire.List[wire.Track]](ara.get("/api/stream?limit=3"))
	ara.put(user(jun, "follow"), nil).want(200)
	rest := as[wire.List[wire.Track]](ara.get("/api/stream?limit=100&cursor=" + first.Next))
	if got := titles(append(first.Items, rest.Items...)); got != "mine new j0 a5 a4 a3 a2 a1 a0" {
		t.Errorf("all that is public, begun before a follow: got %q", got)
	}
	first = as[wire.List[wire.Track]](ara.get("/api/stream?limit=1"))
	ara.delete(user(jun, "follow")).want(200)
	rest = as[wire.List[wire.Track]](ara.get("/api/stream?limit=100&cursor=" + first.Next))
	if got := entries(append(first.Items, rest.Items...)); got != "new a5 a4 a3 a2 a1 a0" {
		t.Errorf("the own stream, read on after the follow ended: got %q", got)
	}
}

// TestStreamForgetsNoTrack has tracks with places above a page that were shown
// to nobody: they come at the place that is left, whether few reposted them or
// many.
func TestStreamForgetsNoTrack(t *testing.T) {
	t.Parallel()
	for _, many := range []bool{false, true} {
		h := newHouse(t)
		keeper := h.keeper()
		mina, jun, sora, ara := h.member("mina"), h.member("jun"), h.member("sora"), h.member("ara")
		mina.put(user(jun, "follow"), nil).want(200)
		mina.put(user(sora, "follow"), nil).want(200)
		song, again := ara.sing("song", "public"), jun.sing("again", "public")
		if many {
			keeper.put(track(song, "repost"), nil).want(200)
			keeper.put(track(again, "repost"), nil).want(200)
			ara.put(track(again, "repost"), nil).want(200)
			h.member("kai").put(track(song, "repost"), nil).want(200)
		}
		sora.put(track(again, "repost"), nil).want(200)
		jun.put(track(song, "repost"), nil).want(200)
		jun.sing("j0", "public")
		mina.put(track(song, "repost"), nil).want(200) // the own stream does not show that
		first := func() wire.List[wire.Track] {
			return as[wire.List[wire.Track]](mina.get("/api/stream?limit=2"))
		}
		rest := func(page wire.List[wire.Track], want string) {
			t.Helper()
			page = as[wire.List[wire.Track]](mina.get("/api/stream?limit=100&cursor=" + page.Next))
			if got := entries(page.Items); got != want {
				t.Errorf("reposted by many %t: got %q, want %q", many, got, want)
			}
		}
		jun.sing("j1", "public")
		rest(first(), "song<jun again<sora")

		// What is published anew while one reads stands above all that.
		page := first()
		for _, v := range []string{"private", "public"} {
			jun.patch("/api/tracks/"+again.ID, map[string]any{"visibility": v}).want(200)
		}
		rest(page, "song<jun again<sora")

		sora.put(track(song, "repost"), nil).want(200)
		jun.sing("j2", "public")
		jun.sing("j3", "public")
		page = as[wire.List[wire.Track]](mina.get("/api/stream?limit=3"))
		if got := entries(page.Items); got != "j3 j2 song<sora" {
			t.Errorf("reposted by many %t: got %q", many, got)
		}
		keeper.put(user(sora, "suspension"), nil).want(200)
		rest(page, "again j1 j0 song<jun")
	}
}

// TestStreamAmongMany has a member who follows few of very many: most of what
// happens is others' doing, and still the stream is exact.
func TestStreamAmongMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	me := id(t, mina.me.ID)
	type entry struct {
		track, by string
		mark      db.ID
	}
	var doings []entry // of those whom mina follows
	r := rand.New(rand.NewPCG(1, 2))
	h.change(func(tx *db.Tx) error {
		var people []db.User
		var tracks []db.Track
		for i := range 30 {
			u := extra(tx, i)
			if err := tx.AddUser(u); err != nil {
				return err
			}
			people = append(people, u)
		}
		for i := range 5 {
			if _, _, err := tx.Follow(me, people[i].ID); err != nil {
				return err
			}
		}
		for n := range 5000 {
			u := r.IntN(len(people))
			if n < 1500 { // at first everybody is busy, later nearly nobody whom mina follows
				u = r.IntN(8)
			} else if u < 5 && r.IntN(50) > 0 {
				u += 10
			}
			if r.IntN(10) == 0 {
				t := db.Track{
					ID: tx.NewID(), User: people[u].ID, Slug: fmt.Sprint("t", n), Title: fmt.Sprint("t", n),
					Visibility: db.Public, Published: tx.NewID(), Created: time.Now(),
				}
				if err := tx.AddTrack(t); err != nil {
					return err
				}
				tracks = append(tracks, t)
				if u < 5 {
					doings = append(doings, entry{t.Title, "", t.Published})
				}
				continue
			}
			if len(tracks) == 0 {
				continue
			}
			t := tracks[r.IntN(len(tracks))]
			if t.User == people[u].ID {
				continue
			}
			mark, added, err := tx.Repost(people[u].ID, t.ID)
			if err != nil {
				return err
			}
			if added && u < 5 {
				doings = append(doings, entry{t.Title, people[u].Username, mark})
			}
		}
		return nil
	})
	slices.SortFunc(doings, func(a, b entry) int { return cmp.Compare(b.mark, a.mark) })
	var want []string
	seen := map[string]bool{}
	for _, d := range doings {
		if seen[d.track] {
			continue
		}
		seen[d.track] = true
		if d.by != "" {
			d.track += "<" + d.by
		}
		want = append(want, d.track)
	}
	if len(want) < 100 {
		t.Fatalf("there are %d entries", len(want))
	}
	for _, limit := range []string{"7", "20", "100"} {
		if got := entries(list[wire.Track](mina, "/api/stream", limit)); got != strings.Join(want, " ") {
			t.Errorf("by %s: got\n%s\nwant\n%s", limit, got, strings.Join(want, " "))
		}
	}
}

// TestAnnounce tells followers of a new track, each once.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	jun.put(user(mina, "follow"), nil).want(200)
	sora.put(user(mina, "follow"), nil).want(200)
	sora.patch("/api/me", wire.MePatch{Notify: &wire.NotifyPatch{NewTrack: ptr(false)}}).want(200)

	one := mina.sing("one", "public")
	two := mina.sing("two", "private")
	mina.worked()
	jun.told("new_track:mina*")
	mina.patch(track(two), wire.TrackPatch{Visibility: ptr("public")}).want(200)
	mina.worked()
	mina.patch(track(two), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.patch(track(two), wire.TrackPatch{Visibility: ptr("public")}).want(200) // known already
	mina.worked()
	jun.told("new_track:mina* new_track:mina*")
	sora.told("")
	mina.patch(track(one), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	jun.told("new_track:mina*")

	// What was public before anything was announced is not new when it comes
	// back.
	old := mina.sing("old", "private")
	mina.worked()
	h.change(func(tx *db.Tx) error {
		s, err := tx.Track(id(t, old.ID))
		s.Visibility, s.Published, s.Announced = db.Public, tx.NewID(), false
		return errors.Join(err, tx.SetTrack(s))
	})
	for _, v := range []string{"private", "public"} {
		mina.patch(track(old), wire.TrackPatch{Visibility: &v}).want(200)
	}
	mina.worked()
	jun.told("new_track:mina*")

	// Nobody is told of the work of somebody who is suspended by then.
	kai := h.member("kai")
	jun.put(user(kai, "follow"), nil).want(200)
	song := kai.sing("song", "private")
	kai.worked()
	keeper.put(user(kai, "suspension"), nil).want(200)
	h.change(func(tx *db.Tx) error {
		s, err := tx.Track(id(t, song.ID))
		s.Visibility, s.Published, s.Announced = db.Public, tx.NewID(), true
		return errors.Join(err, tx.SetTrack(s), tx.AddJob(db.Job{ID: tx.NewID(), Kind: core.JobAnnounce, Subject: s.ID, Created: time.Now()}))
	})
	mina.worked()
	keeper.delete(user(kai, "suspension")).want(200)
	jun.told("new_track:mina*")
	h.check()
}

// worked waits until what was queued so far is done: work that comes later is
// done later.
func (p *person) worked() {
	p.h.t.Helper()
	later := p.sing("later", "private")
	p.drawn(later.ID)
	p.delete(track(later)).want(204)
}

// TestAnnounceIsNotSaidTwice tells very many followers while the house closes
// and opens, and a track that is private again to nobody.
func TestAnnounceIsNotSaidTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	me := id(t, mina.me.ID)
	song, secret := mina.sing("song", "private"), mina.sing("secret", "private")
	mina.worked()
	const many = 2600
	var fans []db.ID
	h.change(func(tx *db.Tx) error {
		for i := range many {
			u := extra(tx, i)
			if err := tx.AddUser(u); err != nil {
				return err
			}
			if _, _, err := tx.Follow(u.ID, me); err != nil {
				return err
			}
			fans = append(fans, u.ID)
		}
		// Half of them are told, as if the power went then; and a track waits
		// that was public for a moment only.
		s, err := tx.Track(id(t, song.ID))
		if err != nil {
			return err
		}
		s.Visibility, s.Published, s.Announced = db.Public, tx.NewID(), true
		job := db.Job{ID: tx.NewID(), Kind: "announce", Subject: s.ID, Created: time.Now()}
		for e, err := range tx.Followers(me, 0) {
			if err != nil {
				return err
			}
			if e.From < fans[many/2] {
				break
			}
			job.Done = e.Mark
			n := db.Notification{ID: tx.NewID(), User: e.From, Kind: db.NoticeNewTrack, Actor: me, Thing: db.Thing{Kind: db.KindTrack, ID: s.ID}, Created: time.Now()}
			if err := tx.AddNotification(n, 1000); err != nil {
				return err
			}
		}
		p, err := tx.Track(id(t, secret.ID))
		if err != nil {
			return err
		}
		p.Announced = true
		err = tx.AddJob(db.Job{ID: tx.NewID(), Kind: "announce", Subject: p.ID, Created: time.Now()})
		return errors.Join(err, tx.SetTrack(s), tx.AddJob(job), tx.SetTrack(p))
	})
	h.reopen() // most likely in the midst of it
	h.reopen()
	mina.worked()
	h.change(func(tx *db.Tx) error {
		for i, fan := range fans {
			n := 0
			for _, err := range tx.Notifications(fan, 0) {
				if n++; err != nil {
					return err
				}
			}
			if n != 1 {
				t.Errorf("follower %d of %d was told %d times", i, many, n)
			}
		}
		p, err := tx.Track(id(t, secret.ID))
		if p.Announced {
			t.Error("a track that nobody was told of counts as announced")
		}
		return err
	})
	h.check()
}
