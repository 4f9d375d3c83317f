package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// counted gives how often a track was played, once what was listened to is written.
func (p *person) counted(track wire.Track, want uint64) {
	p.h.t.Helper()
	p.h.written()
	var got wire.Track
	p.get("/api/tracks/" + track.ID).want(200).into(&got)
	if got.Counts.Plays != want {
		p.h.t.Errorf("plays: got %d, want %d", got.Counts.Plays, want)
	}
}

// TestSubsonicMarks: what a program marks, rates, plays and queues is there in
// the browser, and the other way round; of what is hidden it hears nothing.
func TestSubsonicMarks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	jun, mina := h.member("jun"), h.member("mina")
	var tracks []wire.Track
	var ids []string
	for i := range 3 {
		tr := jun.upload(fmt.Sprintf("part-%d.mp3", i+1), tone(2000+i), "public")
		tracks, ids = append(tracks, tr), append(ids, "tr-"+tr.ID)
	}
	hidden := jun.upload("hidden.mp3", tone(2100), "private")
	album := wire.Playlist{}
	jun.post("/api/playlists", map[string]any{"title": "Parts", "kind": "album", "visibility": "public", "tracks": []string{tracks[0].ID, tracks[1].ID}}).want(201).into(&album)
	p := mina.phone()

	// A like, of a track and an album, and a follow.
	p.ask("star", "id", ids[0], "albumId", "al-"+album.ID, "artistId", "ar-"+jun.me.ID).ok("", nil)
	var seen wire.Track
	mina.get("/api/tracks/" + tracks[0].ID).want(200).into(&seen)
	var who wire.User
	mina.get("/api/users/" + jun.me.ID).want(200).into(&who)
	if !seen.Liked || !who.Relation.Following {
		t.Errorf("starred: the track is liked: %v, its artist followed: %v", seen.Liked, who.Relation.Following)
	}
	var song struct {
		Starred    *time.Time
		UserRating int
		PlayCount  int
	}
	p.ask("getSong", "id", ids[0]).ok("song", &song)
	if song.Starred == nil {
		t.Error("the song is not starred")
	}
	p.ask("unstar", "id", ids[0], "artistId", "ar-"+jun.me.ID).ok("", nil)
	mina.get("/api/tracks/" + tracks[0].ID).want(200).into(&seen)
	if seen.Liked {
		t.Error("unstarred, the track is still liked")
	}
	p.ask("star").fails(10)
	p.ask("star", "id", "tr-"+hidden.ID).fails(70)
	p.ask("star", "id", "tr-"+hidden.ID, "id", ids[1]).fails(70) // and the other one is starred all the same
	if mina.get("/api/tracks/" + tracks[1].ID).want(200).into(&seen); !seen.Liked {
		t.Error("what is there was not starred because of what is not")
	}

	p.ask("setRating", "id", ids[0], "rating", "4").ok("", nil)
	if p.ask("getSong", "id", ids[0]).ok("song", &song); song.UserRating != 4 {
		t.Errorf("rated 4: got %d stars", song.UserRating)
	}
	p.ask("setRating", "id", ids[0], "rating", "0").ok("", nil)
	p.ask("setRating", "id", ids[0], "rating", "6").fails(0)
	p.ask("setRating", "id", ids[0], "rating", "-1").fails(0)
	p.ask("setRating", "id", ids[0]).fails(10)
	p.ask("setRating", "id", "tr-"+hidden.ID, "rating", "5").fails(70)

	// A scrobble is a play; that something begins is none.
	p.ask("scrobble", "id", ids[2], "submission", "false").ok("", nil)
	jun.counted(tracks[2], 0)
	var now struct {
		Entry []struct{ ID, Username, PlayerName string }
	}
	if p.ask("getNowPlaying").ok("nowPlaying", &now); len(now.Entry) != 1 || now.Entry[0].ID != ids[2] || now.Entry[0].Username != "mina" || now.Entry[0].PlayerName != "earshot-test" {
		t.Errorf("now playing: %+v", now)
	}
	if jun.phone().ask("getNowPlaying").ok("nowPlaying", &now); len(now.Entry) != 0 {
		t.Errorf("another hears what is played: %+v", now)
	}
	p.ask("scrobble", "id", ids[2], "time", strconv.FormatInt(time.Now().UnixMilli(), 10)).ok("", nil)
	jun.counted(tracks[2], 1)
	p.ask("scrobble", "id", "tr-"+hidden.ID).fails(70)
	// What is gone of several keeps none of the others from being told.
	p.ask("scrobble", "id", "tr-"+hidden.ID, "id", ids[1], "time", "0", "time", "0").ok("", nil)
	jun.counted(tracks[1], 1)

	// A queue goes from the program to the browser, and back.
	p.ask("savePlayQueue", "id", ids[2], "id", ids[0], "id", ids[1], "current", ids[0], "position", "1500").ok("", nil)
	var queue wire.PlayQueue
	mina.get("/api/me/queue").want(200).into(&queue)
	if len(queue.Tracks) != 3 || queue.Current != 1 || queue.PositionMS != 1500 || queue.Device != "earshot-test" {
		t.Errorf("the queue in the browser: %d tracks, %+v", len(queue.Tracks), queue)
	}
	var back struct {
		Current      string
		CurrentIndex int
		Position     int
		ChangedBy    string
		Entry        []struct{ ID, Album string }
	}
	if p.ask("getPlayQueue").ok("playQueue", &back); back.Current != ids[0] || back.Position != 1500 || back.ChangedBy != "earshot-test" || len(back.Entry) != 3 || back.Entry[1].Album != "Parts" {
		t.Errorf("the queue in the program: %+v", back)
	}
	p.ask("savePlayQueueByIndex", "id", ids[0], "id", ids[1], "currentIndex", "1").ok("", nil)
	if p.ask("getPlayQueueByIndex").ok("playQueueByIndex", &back); back.CurrentIndex != 1 || len(back.Entry) != 2 {
		t.Errorf("the queue by index: %+v", back)
	}
	p.ask("savePlayQueueByIndex", "id", ids[0], "id", ids[1], "id", ids[0], "currentIndex", "2").ok("", nil)
	if p.ask("getPlayQueueByIndex").ok("playQueueByIndex", &back); back.CurrentIndex != 2 || len(back.Entry) != 3 {
		t.Errorf("a song that is in the queue twice: %+v", back)
	}
	p.ask("savePlayQueueByIndex", "id", ids[0], "currentIndex", "1").fails(10)
	p.ask("savePlayQueueByIndex", "id", ids[0]).fails(10)
	p.ask("savePlayQueue", "id", "tr-"+hidden.ID).fails(70)
	p.ask("savePlayQueue").ok("", nil)
	if got := p.ask("getPlayQueue").ok("", nil); got.of["playQueue"] != nil {
		t.Errorf("a queue that was let go of is there: %v", got.of)
	}

	p.ask("createBookmark", "id", ids[1], "position", "2000", "comment", "the bell").ok("", nil)
	p.ask("createBookmark", "id", "tr-"+hidden.ID, "position", "0").fails(70)
	p.ask("createBookmark", "id", ids[1], "position", "900000000").fails(0)
	var marks struct {
		Bookmark []struct {
			Position          int
			Comment, Username string
			Entry             struct{ ID string }
		}
	}
	p.ask("getBookmarks").ok("bookmarks", &marks)
	if len(marks.Bookmark) != 1 || marks.Bookmark[0].Position != 2000 || marks.Bookmark[0].Comment != "the bell" || marks.Bookmark[0].Entry.ID != ids[1] {
		t.Errorf("bookmarks: %+v", marks)
	}
	jun.patch("/api/tracks/"+tracks[1].ID, map[string]any{"visibility": "private"}).want(200)
	if p.ask("getBookmarks").ok("bookmarks", &marks); len(marks.Bookmark) != 0 {
		t.Errorf("a bookmark in what is private now: %+v", marks)
	}
	p.ask("deleteBookmark", "id", ids[1]).ok("", nil)
}

// TestSubsonicReportsPlayback: what a player reports counts as a play once enough
// of it was heard, however it is moved about.
func TestSubsonicReportsPlayback(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina := h.member("mina")
	tr := mina.upload("long.mp3", tone(4000), "public") // about 104 s
	p := h.member("jun").phone()
	report := func(state string, ms int, extra ...string) {
		t.Helper()
		p.ask("reportPlayback", append([]string{"mediaId", "tr-" + tr.ID, "mediaType", "song", "positionMs", strconv.Itoa(ms), "state", state}, extra...)...).ok("", nil)
	}
	report("starting", 0)
	report("playing", 0)
	report("playing", 90_000) // a jump is not listening
	mina.counted(tr, 0)
	c.jump(20 * time.Second)
	report("paused", 20_000+90_000-90_000)
	c.jump(time.Hour)
	report("playing", 20_000)
	mina.counted(tr, 0)
	c.jump(35 * time.Second)
	report("stopped", 55_000)
	mina.counted(tr, 1)
	for _, bad := range [][]string{{"state", "dancing"}, {"mediaType", "film"}, {"playbackRate", "NaN"}, {"positionMs", "-3"}} {
		v := map[string]string{"mediaId": "tr-" + tr.ID, "mediaType": "song", "positionMs": "0", "state": "playing"}
		v[bad[0]] = bad[1]
		var extra []string
		for name, value := range v {
			extra = append(extra, name, value)
		}
		p.ask("reportPlayback", extra...).fails(0)
	}
}

// TestSubsonicPlaylists: a program makes, fills, changes and deletes playlists;
// those of others, and what is hidden, it can't touch.
func TestSubsonicPlaylists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	jun, mina := h.member("jun"), h.member("mina")
	var ids []string
	var own []wire.Track
	for i := range 3 {
		tr := jun.upload(fmt.Sprintf("part-%d.mp3", i+1), tone(500+i), "public")
		own, ids = append(own, tr), append(ids, "tr-"+tr.ID)
	}
	hidden := jun.upload("hidden.mp3", tone(600), "private")
	p := mina.phone()
	var list struct {
		ID, Name, Comment string
		Public            bool
		Entry             []struct{ ID string }
	}
	order := func() string {
		var got []string
		for _, e := range list.Entry {
			for i, id := range ids {
				if e.ID == id {
					got = append(got, strconv.Itoa(i))
				}
			}
		}
		return strings.Join(got, " ")
	}
	p.ask("createPlaylist", "name", "Evening", "songId", ids[0], "songId", ids[2]).ok("playlist", &list)
	if list.Name != "Evening" || list.Public || order() != "0 2" {
		t.Fatalf("made: %+v", list)
	}
	id := list.ID
	show := func() { t.Helper(); p.ask("getPlaylist", "id", id).ok("playlist", &list) }
	p.ask("updatePlaylist", "playlistId", id, "name", "Night", "comment", "late", "public", "true", "songIdToAdd", ids[1], "songIndexToRemove", "0").ok("", nil)
	if show(); list.Name != "Night" || list.Comment != "late" || !list.Public || order() != "2 1" {
		t.Errorf("changed: %+v", list)
	}
	p.ask("createPlaylist", "playlistId", id, "songId", ids[0], "songId", ids[1], "songId", ids[2]).ok("playlist", &list)
	if order() != "0 1 2" {
		t.Errorf("filled anew: %+v", list)
	}
	// What became hidden stays where it is, and places are counted without it.
	jun.patch("/api/tracks/"+own[0].ID, map[string]any{"visibility": "private"}).want(200)
	p.ask("updatePlaylist", "playlistId", id, "songIndexToRemove", "0").ok("", nil)
	jun.patch("/api/tracks/"+own[0].ID, map[string]any{"visibility": "public"}).want(200)
	if show(); order() != "0 2" {
		t.Errorf("taken out by its place: %+v", list)
	}
	p.ask("updatePlaylist", "playlistId", id, "songIndexToRemove", "7").fails(70)
	p.ask("updatePlaylist", "playlistId", id, "songIdToAdd", "tr-"+hidden.ID).fails(70)
	// A call that fails on the songs has not shown the playlist to all.
	p.ask("updatePlaylist", "playlistId", id, "public", "false").ok("", nil)
	p.ask("updatePlaylist", "playlistId", id, "public", "true", "songIdToAdd", "tr-"+hidden.ID).fails(70)
	if show(); list.Public {
		t.Error("a call that failed made the playlist public")
	}
	p.ask("updatePlaylist", "playlistId", id, "public", "true").ok("", nil)
	p.ask("createPlaylist").fails(10)
	p.ask("createPlaylist", "name", "x", "songId", "tr-"+hidden.ID).fails(70)
	other := jun.phone()
	other.ask("updatePlaylist", "playlistId", id, "name", "Mine").fails(50)
	other.ask("deletePlaylist", "id", id).fails(50)
	p.ask("updatePlaylist", "playlistId", id, "public", "false").ok("", nil)
	other.ask("deletePlaylist", "id", id).fails(70)
	p.ask("deletePlaylist", "id", id).ok("", nil)
	p.ask("getPlaylist", "id", id).fails(70)
}

// TestSubsonicShares: a share is a secret link, which opens what it is for.
func TestSubsonicShares(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	jun := h.member("jun")
	tr := jun.upload("secret.mp3", tone(500), "private")
	p := jun.phone()
	var made struct {
		Share []struct {
			ID, URL, Description, Username string
			VisitCount                     int
			Expires                        *time.Time
			Entry                          []struct{ ID string }
		}
	}
	p.ask("createShare", "id", "tr-"+tr.ID, "description", "for Ada").ok("shares", &made)
	if len(made.Share) != 1 || made.Share[0].Description != "for Ada" || len(made.Share[0].Entry) != 1 || made.Share[0].Entry[0].ID != "tr-"+tr.ID {
		t.Fatalf("made: %+v", made)
	}
	_, code, ok := strings.Cut(made.Share[0].URL, "/link#")
	if !ok {
		t.Fatalf("its address is %s", made.Share[0].URL)
	}
	h.visitor().post("/api/links/open", map[string]any{"code": code}).want(http.StatusOK)
	id := made.Share[0].ID
	until := time.Now().Add(time.Hour).UnixMilli()
	p.ask("updateShare", "id", id, "description", "for Bo", "expires", strconv.FormatInt(until, 10)).ok("", nil)
	p.ask("getShares").ok("shares", &made)
	if len(made.Share) != 1 || made.Share[0].Description != "for Bo" || made.Share[0].Expires == nil || made.Share[0].Expires.UnixMilli() != until {
		t.Errorf("changed: %+v", made)
	}
	other := h.member("mina").phone()
	other.ask("updateShare", "id", id, "description", "mine").fails(70)
	other.ask("deleteShare", "id", id).fails(70)
	other.ask("createShare", "id", "tr-"+tr.ID).fails(70)
	p.ask("deleteShare", "id", id).ok("", nil)
	h.visitor().post("/api/links/open", map[string]any{"code": code}).want(http.StatusNotFound)
	made.Share = nil
	two := jun.upload("other.mp3", tone(510), "private")
	p.ask("createShare", "id", "tr-"+tr.ID, "id", "tr-"+two.ID, "expires", "1").fails(0)
	if lists := as[wire.List[wire.Playlist]](jun.get("/api/me/playlists")); len(lists.Items) != 0 {
		t.Errorf("a share that failed left %d playlists", len(lists.Items))
	}
	p.ask("createShare", "id", "tr-"+tr.ID, "id", "tr-"+two.ID, "expires", "0").ok("shares", &made)
	if len(made.Share) != 1 || made.Share[0].Expires != nil || len(made.Share[0].Entry) != 2 {
		t.Errorf("a share of two: %+v", made)
	}
	p.ask("deleteShare", "id", made.Share[0].ID).ok("", nil)
	made.Share = nil
	if b, _ := json.Marshal(p.ask("getShares").ok("shares", &made).of["shares"]); len(made.Share) != 0 {
		t.Errorf("revoked: %s", b)
	}
}
