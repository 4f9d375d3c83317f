package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
	"earshot/db/dbtest"
	"earshot/media"
)

// crowd is a house with very many people in a folder that is made once. The
// benchmarks work on copies.
//
// EARSHOT_BENCH_DATA names a folder in which it is kept for the next run.
// Remove that when what is filled in changes. Making it takes minutes.
type crowd struct {
	once sync.Once
	dir  string
	err  error
}

var people crowd

var crowdSpec = dbtest.Spec{
	Users: 10_000, Tracks: 100_000, Follows: 500_000, Playlists: 20_000, Comments: 1_000_000, Likes: 1_000_000,
	Reposts: 100_000, Plays: 300_000, Messages: 100_000, Notifications: 200_000, Seed: 1,
}

// The people who ask. Their numbers are the order in which they came.
//
//	first     follows 5,000, is followed by most, has most tracks, and is the keeper
//	known     is followed by many, has 1,000 notifications and 1,000 conversations
//	typical   ten members: 50 followed, 30 conversations, 200 listens each
//	newcomer  follows nobody
const (
	numberFirst   = 0
	numberKnown   = 1
	numberTypical = 5000
	typicals      = 10
)

// make fills a folder beside the one that is wanted, so that half of it is
// never taken for all.
func (c *crowd) make() error {
	base := os.Getenv("EARSHOT_BENCH_DATA")
	c.dir = filepath.Join(base, "crowd")
	if base == "" {
		var err error
		if c.dir, err = os.MkdirTemp("", "earshot-crowd-"); err != nil {
			return err
		}
	} else if _, err := os.Stat(filepath.Join(c.dir, "earshot.db")); err == nil {
		return nil
	}
	half := filepath.Join(c.dir, "half")
	if err := errors.Join(os.RemoveAll(half), os.MkdirAll(half, 0o700)); err != nil {
		return err
	}
	d, err := db.Open(filepath.Join(half, "earshot.db"), db.Options{})
	if err != nil {
		return err
	}
	filled, err := dbtest.Fill(context.Background(), d, crowdSpec)
	if err == nil {
		err = d.Update(context.Background(), func(tx *db.Tx) error { return furnish(tx, filled) })
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(half, "earshot.db"), filepath.Join(c.dir, "earshot.db")); err != nil {
		return err
	}
	return os.RemoveAll(half)
}

// drop removes what is not to be kept.
func (c *crowd) drop() {
	if os.Getenv("EARSHOT_BENCH_DATA") == "" && c.dir != "" {
		os.RemoveAll(c.dir)
	}
}

// copied gives a data folder of the benchmark's own.
func (c *crowd) copied(b *testing.B) string {
	b.Helper()
	c.once.Do(func() { c.err = c.make() })
	if c.err != nil {
		b.Fatal(c.err)
	}
	dir := b.TempDir()
	from, err := os.Open(filepath.Join(c.dir, "earshot.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(dir, "earshot.db"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(to, from)
	// Synced, so that it is not written back while something is measured.
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		b.Fatal(err)
	}
	return dir
}

// furnish gives those who ask what a filled database lacks: passwords,
// notifications of what was really done, many conversations, listens, and the
// long playlist.
func furnish(tx *db.Tx, f dbtest.Filled) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	f.Tracks = slices.DeleteFunc(f.Tracks, func(id db.ID) bool {
		t, err := tx.Track(id)
		return err != nil || t.Visibility != db.Public
	})
	some := rand.New(rand.NewPCG(1, 2))
	newcomer := db.User{ID: tx.NewID(), Username: "newcomer", Name: "Newcomer", Email: "newcomer@example.org", Created: time.Now()}
	err = errors.Join(tx.SetHouse(db.House{Name: "Crowd", SignUp: db.SignUpOpen, Visitors: true}), tx.AddUser(newcomer))
	if err != nil {
		return err
	}
	for n, id := range append(cast(f.Users), newcomer.ID) {
		u, err := tx.User(id)
		if err != nil {
			return err
		}
		u.PasswordHash = hash
		if err := tx.SetUser(u); err != nil {
			return err
		}
		if id == newcomer.ID {
			break
		}
		others := 30
		if n == 1 { // known
			others = 1000
		}
		if err := errors.Join(tell(tx, id), listen(tx, some, f, id), talk(tx, some, f, id, others)); err != nil {
			return err
		}
	}
	list := db.Playlist{ID: tx.NewID(), User: f.Users[numberKnown], Title: "Long", Slug: "long", Visibility: db.Public, Published: tx.NewID(), Created: time.Now()}
	list.Updated = list.Created
	var tracks []db.ID
	for _, i := range some.Perm(len(f.Tracks))[:500] {
		tracks = append(tracks, f.Tracks[i])
	}
	return errors.Join(tx.AddPlaylist(list), tx.SetPlaylistTracks(list.ID, tracks))
}

// cast picks those who ask: the first, the known one, the typical ones.
func cast[T any](users []T) []T {
	return append([]T{users[numberFirst], users[numberKnown]}, users[numberTypical:numberTypical+typicals]...)
}

// tell notifies a user of the newest thousand follows, likes, reposts and
// comments that concern them, as if they had come over two weeks. The newest
// forty are unseen.
func tell(tx *db.Tx, user db.ID) error {
	const kept = 1000
	var told []db.Notification
	note := func(n db.Notification) bool {
		if n.User = user; n.Actor != user {
			told = append(told, n)
		}
		return len(told)%kept != 0
	}
	for e, err := range tx.Followers(user, 0) {
		if err != nil {
			return err
		}
		if !note(db.Notification{Kind: db.NoticeFollow, Actor: e.From, Mark: e.Mark}) || len(told) == 300 {
			break
		}
	}
	for t, err := range tx.PublicTracksOf(user, 0) {
		if err != nil {
			return err
		}
		about := db.Thing{Kind: db.KindTrack, ID: t.ID}
		for e, err := range tx.Likers(t.ID, 0) {
			if err != nil {
				return err
			}
			if !note(db.Notification{Kind: db.NoticeLike, Actor: e.From, Thing: about, Mark: e.Mark}) {
				break
			}
		}
		for e, err := range tx.Reposters(t.ID, 0) {
			if err != nil {
				return err
			}
			if !note(db.Notification{Kind: db.NoticeRepost, Actor: e.From, Thing: about, Mark: e.Mark}) {
				break
			}
		}
		for c, err := range tx.NewestComments(t.ID, 0) {
			if err != nil {
				return err
			}
			if !note(db.Notification{Kind: db.NoticeComment, Actor: c.User, Thing: about, Comment: c.ID}) {
				break
			}
		}
		if len(told) >= kept {
			break
		}
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
	at := time.Now().Add(-time.Duration(len(told)) * 20 * time.Minute)
	for i, n := range told {
		n.ID, n.Created = tx.NewID(), at.Add(time.Duration(i)*20*time.Minute)
		if err := tx.AddNotification(n, kept); err != nil {
			return err
		}
		if i == len(told)-40 {
			if err := tx.SeeNotices(user, n.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// listen has a user hear 200 tracks.
func listen(tx *db.Tx, some *rand.Rand, f dbtest.Filled, user db.ID) error {
	for range 200 {
		if err := tx.Listen(user, f.Tracks[some.IntN(len(f.Tracks))], 1000); err != nil {
			return err
		}
	}
	return nil
}

// talk has a user and so many others write three messages each, of which one
// of three has a track attached; with the last of them a thousand. A few stay
// unread.
func talk(tx *db.Tx, some *rand.Rand, f dbtest.Filled, user db.ID, others int) error {
	for n := range others {
		other := f.Users[100+(numberTypical+n*7)%9000]
		if other == user {
			continue
		}
		messages := 3
		if n == others-1 {
			messages = 1000
		}
		for i := range messages {
			m := db.Message{ID: tx.NewID(), User: other, Text: "Listen to this one, and tell me what you think of the ending.", Created: time.Now()}
			to := user
			if i%2 == 1 {
				m.User, to = user, other
			}
			if (n+i)%3 == 0 {
				m.Attached = db.Thing{Kind: db.KindTrack, ID: f.Tracks[some.IntN(len(f.Tracks))]}
			}
			m, c, err := tx.AddMessage(m, to)
			if err != nil {
				return err
			}
			if n < others-5 {
				if _, err := tx.ReadMessages(c.ID, user, m.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// crowded is a house full of people that answers.
type crowded struct {
	*house
	b     *testing.B
	store *media.Store

	first, known, newcomer *person
	typical                []*person

	tracks []db.Track // public ones, oldest first
	spoken db.Track   // the most commented one
	users  []db.User
}

// openCrowd opens a copy of the house, and signs in those who ask.
func openCrowd(b *testing.B) *crowded {
	b.Helper()
	return openCrowdIn(b, people.copied(b))
}

func openCrowdIn(b *testing.B, dir string) *crowded {
	b.Helper()
	c := &crowded{b: b}
	c.look(filepath.Join(dir, "earshot.db"))
	var minutes atomic.Int64 // how often somebody may do things is not measured here
	c.house = (&house{cost: bcrypt.MinCost, pace: func() time.Duration { return time.Duration(minutes.Add(1)) * time.Minute }}).
		begin(b, func(c *config.Config) { c.Data, c.Log.Level = dir, "error" })
	var err error
	if c.store, err = media.OpenStore(filepath.Join(dir, "media"), media.StoreOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.store.Close() })
	c.signIn()
	c.first.settled() // the index of what was filled in is made first
	return c
}

// look finds the tracks and users in the file.
func (c *crowded) look(path string) {
	c.b.Helper()
	d, err := db.Open(path, db.Options{})
	if err != nil {
		c.b.Fatal(err)
	}
	err = d.View(context.Background(), func(tx *db.Tx) error {
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			c.users = append(c.users, u)
		}
		most := uint64(0)
		for t, err := range tx.PublicTracks(0) {
			if err != nil {
				return err
			}
			counts, err := tx.TrackCounts(t.ID)
			if err != nil {
				return err
			}
			if counts.Comments > most {
				most, c.spoken = counts.Comments, t
			}
			c.tracks = append(c.tracks, t)
		}
		slices.Reverse(c.tracks)
		first, err := tx.UserCounts(c.users[numberFirst].ID)
		c.b.Logf("%d users, the first follows %d and is followed by %d; %d public tracks, the most commented one has %d comments",
			len(c.users), first.Following, first.Followers, len(c.tracks), most)
		return err
	})
	if err := errors.Join(err, d.Close()); err != nil {
		c.b.Fatal(err)
	}
}

func (c *crowded) signIn() {
	c.b.Helper()
	var in []*person
	for _, u := range append(cast(c.users), c.users[len(c.users)-1]) {
		p := c.visitor()
		p.name, p.http = u.Username, http.DefaultClient
		p.become(p.post("/api/auth/sign-in", wire.SignIn{Email: u.Email, Password: password}), 200)
		in = append(in, p)
	}
	c.first, c.known, c.typical, c.newcomer = in[0], in[1], in[2:len(in)-1], in[len(in)-1]
}

// page is what one person's browser asks for to show a page.
type page struct {
	who   *person
	paths []string
}

func (p page) ask() {
	p.who.h.t.Helper()
	for _, path := range p.paths {
		p.who.get(path).want(200)
	}
}

// pages gives the cases that only read.
func (c *crowded) pages() (cases []pageCase) {
	add := func(name string, pages ...page) { cases = append(cases, pageCase{name, pages}) }
	all := func(paths ...string) (pages []page) {
		for _, p := range c.typical {
			pages = append(pages, page{p, paths})
		}
		return pages
	}
	// next gives the cursor so many pages of 100 down.
	next := func(p *person, path string, pages int) string {
		var list struct{ Next string }
		for range pages {
			cursor := list.Next
			if p.get(path + "?limit=100&cursor=" + cursor).want(200).into(&list); list.Next == "" {
				return "?cursor=" + cursor
			}
		}
		return "?cursor=" + list.Next
	}
	trackPage := func(t db.Track) []string {
		path := "/api/tracks/" + t.ID.String()
		return []string{path, path + "/comments", path + "/comments/marks"}
	}
	add("stream/typical", all("/api/stream")...)
	add("stream/follows-5000", page{c.first, []string{"/api/stream"}})
	add("stream/newcomer", page{c.newcomer, []string{"/api/stream"}})
	var deep []page
	for _, p := range c.typical {
		deep = append(deep, page{p, []string{"/api/stream" + next(p, "/api/stream", 5)}})
	}
	add("stream/typical-deep", deep...)
	add("stream/follows-5000-deep", page{c.first, []string{"/api/stream" + next(c.first, "/api/stream", 50)}})
	add("stream/newcomer-deep", page{c.newcomer, []string{"/api/stream" + next(c.newcomer, "/api/stream", 400)}})
	var tracks []page
	for i, p := range c.typical {
		tracks = append(tracks, page{p, trackPage(c.tracks[(i+3)*7919%len(c.tracks)])})
	}
	add("track/typical", tracks...)
	add("track/most-commented", page{c.typical[0], trackPage(c.spoken)})
	add("marks/most-commented", page{c.typical[0], trackPage(c.spoken)[2:]})
	add("comments/most-commented", page{c.typical[0], trackPage(c.spoken)[1:2]})
	add("notifications/typical", all("/api/me/notifications")...)
	add("notifications/1000", page{c.known, []string{"/api/me/notifications"}})
	add("state/typical", all("/api/me/state")...)
	add("state/1000", page{c.known, []string{"/api/me/state"}})
	add("conversations/30", all("/api/conversations")...)
	add("conversations/1000", page{c.known, []string{"/api/conversations"}})
	var list wire.List[wire.Conversation]
	c.known.get("/api/conversations").want(200).into(&list)
	add("messages/1000", page{c.known, []string{"/api/conversations/" + list.Items[0].ID + "/messages"}})
	add("followers/most-followed", page{c.typical[0], []string{"/api/users/" + c.first.me.ID + "/followers"}})
	add("likes", all("/api/me/likes")...)
	var found wire.Resolved
	c.known.get("/api/resolve?path=" + c.known.me.URL + "/playlists/long").want(200).into(&found)
	long := "/api/playlists/" + found.Playlist.ID
	add("playlist/500", page{c.typical[0], []string{long, long + "/tracks"}})
	add("charts/week", all("/api/charts")...)
	add("charts/all", all("/api/charts?period=all")...)
	add("charts/week-deep", page{c.typical[0], []string{"/api/charts" + next(c.typical[0], "/api/charts", 100)}})
	add("numbers/most-commented", page{c.first, []string{"/api/tracks/" + c.own(c.first).ID.String() + "/numbers"}})
	add("numbers/typical", all("/api/me/numbers")...)
	add("numbers/most-tracks", page{c.first, []string{"/api/me/numbers"}})
	add("numbers/most-tracks-400", page{c.first, []string{"/api/me/numbers?days=400"}})
	add("recommendations/typical", all("/api/recommendations/users")...)
	add("recommendations/follows-5000", page{c.first, []string{"/api/recommendations/users"}})
	add("recommendations/newcomer", page{c.newcomer, []string{"/api/recommendations/users"}})
	add("home/visitor", page{c.visitor(), []string{"/api/home"}})
	add("home/typical", all("/api/home")...)
	add("home/follows-5000", page{c.first, []string{"/api/home"}})
	add("tags", all("/api/tags")...)
	add("tags-deep", page{c.typical[0], []string{"/api/tags" + next(c.typical[0], "/api/tags", 20)}})
	add("tag/crowded", all("/api/tags/indie", "/api/tags/indie/tracks")...)
	add("tag/crowded-popular", all("/api/tags/indie/tracks?order=popular")...)
	crowded := "/api/tracks/" + c.tracks[0].ID.String()
	add("similar/crowded", all(crowded+"/similar")...)
	var likes []page
	for i, p := range c.typical {
		likes = append(likes, page{p, []string{"/api/tracks/" + c.tracks[(i+3)*7919%len(c.tracks)].ID.String() + "/similar"}})
	}
	add("similar/typical", likes...)
	// A session's second page is the same whenever it is asked for, and has the
	// work of a first one when that had one track.
	second := func(path string) string {
		var list struct{ Next string }
		c.typical[0].get(path + "?limit=1").want(200).into(&list)
		return path + "?cursor=" + list.Next
	}
	station := "/api/stations/tracks/" + c.tracks[0].ID.String()
	add("station/crowded", all(second(station))...)
	add("station/crowded-deep", page{c.typical[0], []string{station + next(c.typical[0], station, 3)}})
	add("station/tag", all(second("/api/stations/tags/indie"))...)
	return cases
}

// own gives the oldest public track of somebody: it is heard and spoken of most.
func (c *crowded) own(p *person) db.Track {
	for _, t := range c.tracks {
		if t.User.String() == p.me.ID {
			return t
		}
	}
	c.b.Fatalf("%s has no track", p.name)
	return db.Track{}
}

type pageCase struct {
	name  string
	pages []page
}

// draw puts the waveforms of all tracks on a page in their place.
func (c *crowded) draw(p page) {
	c.b.Helper()
	var seek func(v any) (drawn int)
	seek = func(v any) (drawn int) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				drawn += seek(item)
			}
		case map[string]any:
			if id, ok := v["id"].(string); ok && v["waveform"] != nil && v["peaks"] == nil {
				drawWaveform(c.b, c.store, c.dir, id)
				drawn++
			}
			for _, field := range v {
				drawn += seek(field)
			}
		}
		return drawn
	}
	for _, path := range p.paths {
		var v any
		for i := 0; ; i++ {
			if p.who.get(path).want(200).into(&v); seek(v) == 0 {
				break
			}
			if i == 3 {
				c.b.Fatalf("%s: the waveforms do not come", path)
			}
		}
	}
}

// timed measures how long a thing takes, at least 300 times, one after the
// other.
func timed(b *testing.B, do func(i int)) {
	b.Helper()
	b.ReportAllocs()
	var took []time.Duration
	once := func() {
		at := time.Now()
		do(len(took))
		took = append(took, time.Since(at))
	}
	for b.Loop() {
		once()
	}
	for len(took) < 300 {
		once()
	}
	slices.Sort(took)
	percentile := func(p int) float64 {
		return float64(took[(len(took)*p+99)/100-1].Microseconds()) / 1000
	}
	b.ReportMetric(percentile(50), "p50-ms")
	b.ReportMetric(percentile(99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSocial asks a house of 10,000 people, 100,000 tracks, a million
// comments, a million likes and half a million follows for what pages are made
// of, through HTTP, as members who are signed in. Where a page takes several
// requests, one operation is all of them. The tracks have their waveforms on
// the disk, as in any house. Allocations are those of the whole process, and
// so of the server and the client together.
func BenchmarkSocial(b *testing.B) {
	c := openCrowd(b)
	for _, p := range c.pages() {
		b.Run(p.name, func(b *testing.B) {
			for _, page := range p.pages {
				c.draw(page)
			}
			timed(b, func(i int) { p.pages[i%len(p.pages)].ask() })
		})
	}
	// Writes are timed with what makes them safe: the disk has them.
	write := 0
	b.Run("comment-written", func(b *testing.B) {
		timed(b, func(int) {
			write++
			t := c.tracks[write*7919%len(c.tracks)]
			c.typical[write%typicals].post("/api/tracks/"+t.ID.String()+"/comments", wire.NewComment{Text: "이 부분!"}).want(201)
		})
	})
	b.Run("comment-written/most-commented", func(b *testing.B) {
		timed(b, func(int) {
			write++
			c.typical[write%typicals].post("/api/tracks/"+c.spoken.ID.String()+"/comments", wire.NewComment{Text: "이 부분!"}).want(201)
		})
	})
	b.Run("like-set", func(b *testing.B) {
		timed(b, func(int) {
			write++
			t := c.tracks[write*104_729%len(c.tracks)]
			c.typical[write%typicals].put("/api/tracks/"+t.ID.String()+"/like", nil).want(200)
		})
	})
	b.Run("start", func(b *testing.B) { startCrowd(b, c) })
}

// startCrowd starts the real program on the house five times, takes the time until it has
// answered a page of the stream, and gives the private memory it then has, and
// what it has when it was asked for each page 20 times.
func startCrowd(b *testing.B, c *crowded) {
	path, err := executable()
	if err != nil {
		b.Fatal(err)
	}
	built.Store(true)
	dir := people.copied(b)
	var fresh, used float64
	var took []time.Duration
	var out safeBuffer
	for b.Loop() {
		i := len(took)
		if i == 5 {
			continue // whatever -benchtime says
		}
		address := fmt.Sprintf("127.0.0.1:%d", 20000+os.Getpid()%20000+i%1000)
		cmd := exec.Command(path, "-data", dir, "-listen", address)
		cmd.Dir, cmd.Stderr = dir, &out
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "EARSHOT_") })
		cmd.Env = append(cmd.Env, "EARSHOT_BACKUPS_EVERY=0")
		began := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for {
			res, err := http.Get("http://" + address + "/api/stream")
			if err == nil {
				res.Body.Close()
				if res.StatusCode == 200 {
					break
				}
			}
			if time.Sleep(time.Millisecond); time.Since(began) > time.Minute {
				cmd.Process.Kill()
				b.Fatalf("it does not answer: %v\n%s", err, out.String())
			}
		}
		took = append(took, time.Since(began))
		if fresh = privateMemory(cmd.Process.Pid); used == 0 {
			there := &crowded{b: b, house: &house{t: b, url: "http://" + address}, users: c.users, tracks: c.tracks, spoken: c.spoken}
			there.signIn()
			for _, p := range there.pages() {
				for i := range 20 {
					p.pages[i%len(p.pages)].ask()
				}
			}
			used = privateMemory(cmd.Process.Pid)
		}
		cmd.Process.Kill()
		cmd.Wait()
		http.DefaultClient.CloseIdleConnections()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "start-ms")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(fresh, "private-MB")
	b.ReportMetric(used, "private-MB-used")
}

// BenchmarkPlaysThroughHTTP has eight players at a time tell of plays for five seconds.
// Few tracks are heard by most. Commits are those of the database.
func BenchmarkPlaysThroughHTTP(b *testing.B) {
	c := openCrowd(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	for _, p := range c.typical {
		p.http = client
	}
	var plays, counted int64
	var commits uint64
	var took time.Duration
	for b.Loop() {
		if took > 0 {
			continue // whatever -benchtime says
		}
		before, began := transactions(b, c.dir), time.Now()
		var wait sync.WaitGroup
		var n, yes atomic.Int64
		for player := range 8 {
			wait.Go(func() {
				some := rand.New(rand.NewPCG(uint64(began.UnixNano()), uint64(player)))
				for time.Since(began) < 5*time.Second {
					x := some.Float64()
					t := c.tracks[int(x*x*x*float64(len(c.tracks)))]
					p := c.typical[some.IntN(typicals)]
					a := p.do("POST", "/api/tracks/"+t.ID.String()+"/plays", wire.Listen{ListenedMS: 300_000})
					if a.status != 200 {
						b.Errorf("%s: status %d", a.what, a.status)
						return
					}
					if n.Add(1); strings.Contains(string(a.body), "true") {
						yes.Add(1)
					}
				}
			})
		}
		wait.Wait()
		took, commits = time.Since(began), transactions(b, c.dir)-before
		plays, counted = n.Load(), yes.Load()
	}
	b.ReportMetric(float64(plays)/took.Seconds(), "plays/s")
	b.ReportMetric(float64(counted)/took.Seconds(), "counted/s")
	b.ReportMetric(float64(commits)/took.Seconds(), "commits/s")
	b.ReportMetric(0, "ns/op")
}
