package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"

	"earshot/app/api/wire"
)

func TestQuotas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	song := tone(200)
	size := uint64(len(song))
	k.patch("/api/house", wire.HousePatch{QuotaBytes: ptr(2*size + 10), QuotaTracks: ptr(uint64(3))}).want(200)
	first := mina.upload("a.mp3", song, "private")
	me := as[wire.Me](mina.get("/api/me"))
	if me.UsedBytes != size || me.Quota.Bytes != 2*size+10 || me.Quota.Tracks != 3 {
		t.Errorf("got %d used of %+v", me.UsedBytes, me.Quota)
	}
	second := mina.upload("b.mp3", song, "private")
	mina.drawn(first.ID) // what belongs to them is written by then
	mina.drawn(second.ID)
	before := len(h.files())
	// What is announced too large is refused unread: the body never ends.
	full := mina.post("/api/tracks?name=c.mp3", song).fails(413, "quota.bytes")
	if got := full.message(); !strings.Contains(got, "0.1 MB of your 0.1 MB") {
		t.Errorf("got %q", got)
	}
	// So is what says nothing of its size, as soon as it is too much.
	mina.post("/api/tracks?name=c.mp3", io.MultiReader(bytes.NewReader(song))).fails(413, "quota.bytes")
	if after := len(h.files()); after != before {
		t.Errorf("%d files are there, want %d", after, before)
	}
	// A person's own quota goes before the house's, in both directions.
	quota := func(bytes, tracks int64) wire.Account {
		t.Helper()
		return as[wire.Account](k.put(user(mina, "quota"), wire.QuotaChange{MostBytes: bytes, MostTracks: tracks}))
	}
	if got := quota(-1, 0); got.MostBytes != -1 || got.Quota.Bytes != 0 || got.Quota.Tracks != 3 || got.UsedBytes != 2*size || got.UsedTracks != 2 {
		t.Errorf("got %+v", got)
	}
	mina.upload("c.mp3", song, "private")
	tracks := mina.post("/api/tracks?name=d.mp3", song).fails(403, "quota.tracks")
	if got := tracks.message(); !strings.Contains(got, "3 of the 3 tracks") {
		t.Errorf("got %q", got)
	}
	quota(int64(size), -1) // less than there is: nothing is deleted, nothing comes
	mina.get("/api/tracks/" + first.ID).want(200)
	mina.post("/api/tracks?name=d.mp3", song).fails(413, "quota.bytes")
	quota(0, 0)
	mina.delete("/api/tracks/" + first.ID).want(204)
	mina.post("/api/tracks?name=d.mp3", song).fails(413, "quota.bytes")
	k.put(user(mina, "quota"), wire.QuotaChange{MostBytes: -2}).want(400)

	// Two at once don't get past it together.
	k.put(user(jun, "quota"), wire.QuotaChange{MostTracks: 1}).want(200)
	var wg sync.WaitGroup
	status := make([]int, 4)
	for i := range status {
		wg.Go(func() { status[i] = jun.post("/api/tracks?name=x.mp3", song).status })
	}
	wg.Wait()
	if got := as[wire.Me](jun.get("/api/me")); got.Tracks != 1 {
		t.Errorf("jun has %d tracks; got %v", got.Tracks, status)
	}
	// Only the person and the keeper see it.
	for _, p := range []*person{jun, h.visitor()} {
		for _, path := range []string{user(mina), "/api/resolve?path=/mina"} {
			if a := p.get(path).want(200); bytes.Contains(a.body, []byte("quota")) || bytes.Contains(a.body, []byte("used_")) || bytes.Contains(a.body, []byte("@home")) {
				t.Errorf("%s sees %s", p.name, a.body)
			}
		}
	}
}

// message gives the sentence of an error.
func (a answer) message() string {
	var e wire.Error
	json.Unmarshal(a.body, &e)
	return e.Error.Message
}
