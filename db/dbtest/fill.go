package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"earshot/db"
)

func isClosed(err error) bool { return errors.Is(err, db.ErrClosed) }

// Spec says how large a database Fill makes.
type Spec struct {
	Users         int
	Tracks        int
	Follows       int
	Playlists     int
	Comments      int // replies too
	Likes         int // of tracks
	Reposts       int
	Plays         int // by members, in the last weeks
	Messages      int
	Notifications int
	Queues        int    // what people listen to; of several of one the last is kept
	Seed          uint64 // the same seed makes the same records
}

// Filled is what Fill has made, oldest first.
type Filled struct {
	Users         []db.ID
	Tracks        []db.ID
	Playlists     []db.ID
	Comments      []db.ID
	Conversations []db.ID
}

const (
	batch     = 2000 // things a transaction
	evening   = 250  // users who do something in one transaction, and tracks that they hear
	mostFirst = 5000 // whom the first user follows
	keep      = 1000 // notifications a user
)

// began is when the first record of a filled database was made.
var began = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Fill adds users and their tracks, with Korean and English names, and what
// they do with each other, to a database that no other Fill has added to. Nine
// tracks of ten are public. A few users have very many tracks, most have few;
// a few tracks, the oldest, are liked and spoken of very much; a few users, the
// oldest, are followed by very many. The first user follows up to 5,000
// others. Nobody can sign in: there are no passwords. The marks of pairs, such
// as likes, are made by the database as always, from its own clock, and so all
// likes are of today.
func Fill(ctx context.Context, d *db.DB, spec Spec) (Filled, error) {
	f := &filler{rand: rand.New(rand.NewPCG(spec.Seed, 0x6561727368)), talks: map[[2]db.ID]db.ID{}}
	others := spec.Follows + spec.Playlists + spec.Comments + spec.Likes + spec.Reposts + spec.Plays + spec.Messages + spec.Notifications + spec.Queues
	if spec.Users == 0 && spec.Tracks+others > 0 {
		return f.made, errors.New("fill: all but users needs users")
	}
	for _, part := range []struct {
		what string
		n    int
		add  func(*db.Tx) (added bool, err error)
	}{
		{"users", spec.Users, f.addUser},
		{"tracks", spec.Tracks, f.addTrack},
		{"follows", spec.Follows, f.follow},
		{"playlists", spec.Playlists, f.addPlaylist},
		{"comments", spec.Comments, f.comment},
		{"likes", spec.Likes, f.like},
		{"reposts", spec.Reposts, f.repost},
		{"plays", spec.Plays, f.play},
		{"messages", spec.Messages, f.message},
		{"notifications", spec.Notifications, f.notify},
		{"queues", spec.Queues, f.queue},
	} {
		if err := f.fill(ctx, d, part.n, part.add); err != nil {
			return f.made, fmt.Errorf("fill with %s: %w", part.what, err)
		}
	}
	return f.made, nil
}

var errNoMore = errors.New("there can't be so many")

// fill adds things of one sort until there are so many, a batch a transaction.
func (f *filler) fill(ctx context.Context, d *db.DB, n int, add func(*db.Tx) (added bool, err error)) error {
	for done := 0; done < n; {
		f.gather()
		before := done
		err := d.Update(ctx, func(tx *db.Tx) error {
			for range min(batch, n-done) {
				added, err := add(tx)
				if err != nil {
					return err
				}
				if added {
					done++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if f.vain++; done > before {
			f.vain = 0
		}
		if f.vain == 20 {
			return errNoMore
		}
	}
	return nil
}

type filler struct {
	rand   *rand.Rand
	now    time.Duration // since began
	made   Filled
	public []db.Track // of which only the id, the user and the duration are kept
	talks  map[[2]db.ID]db.ID
	vain   int // transactions in a row that added nothing

	// Who is there in this batch, and what they hear. Few at a time, so that
	// a transaction changes few pages; and people do come in evenings.
	users    []db.ID
	tracks   []db.Track
	threads  []db.Comment
	couples  [][2]db.ID
	followed int // by the first user
	day      db.Day
}

// gather has another evening begin.
func (f *filler) gather() {
	f.users, f.tracks, f.threads, f.couples = f.users[:0], f.tracks[:0], f.threads[:0], f.couples[:0]
	f.day = db.DayOf(time.Now()) - db.Day(f.rand.IntN(40))
	if len(f.made.Users) == 0 {
		return
	}
	for range evening {
		f.users = append(f.users, pick(f, f.made.Users))
		if len(f.public) > 0 {
			f.tracks = append(f.tracks, early(f, f.public))
		}
	}
	for range evening / 5 {
		a, b := pick(f, f.users), pick(f, f.users)
		if a != b {
			f.couples = append(f.couples, [2]db.ID{a, b})
		}
	}
}

// early picks one of a list; the cube makes the first ones likely.
func early[T any](f *filler, from []T) T {
	x := f.rand.Float64()
	return from[int(x*x*x*float64(len(from)))]
}

// id gives ids as the database would at the moment of the filler's own clock,
// which goes on by a few minutes.
func (f *filler) id() db.ID { return f.idWithin(400 * time.Second) }

func (f *filler) idWithin(longest time.Duration) db.ID {
	f.now += time.Duration(1+f.rand.Int64N(longest.Milliseconds())) * time.Millisecond
	since2020 := began.Add(f.now).Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	return db.ID(since2020.Milliseconds())<<22 | db.ID(f.rand.Uint32()>>10)
}

func (f *filler) moment() time.Time { return began.Add(f.now) }

func pick[T any](f *filler, from []T) T { return from[f.rand.IntN(len(from))] }

func (f *filler) addUser(tx *db.Tx) (bool, error) {
	u := f.user(len(f.made.Users))
	f.made.Users = append(f.made.Users, u.ID)
	return true, tx.AddUser(u)
}

func (f *filler) user(n int) db.User {
	id := f.id()
	var name, stem string
	if f.rand.IntN(2) == 0 {
		family, given := pick(f, families), pick(f, givens)
		name, stem = family.hangul+given.hangul, given.latin+"-"+family.latin
	} else {
		first, last := pick(f, firsts), pick(f, lasts)
		name, stem = first+" "+last, strings.ToLower(first+"-"+last)
	}
	u := db.User{
		ID:       id,
		Username: fmt.Sprintf("%s-%d", stem, n+1),
		Name:     name,
		Email:    fmt.Sprintf("%s.%d@example.org", strings.ReplaceAll(stem, "-", "."), n+1),
		Created:  f.moment(),
	}
	if f.rand.IntN(3) == 0 {
		u.Bio = pick(f, bios)
	}
	if n == 0 {
		u.Role = db.Keeper
	}
	return u
}

func (f *filler) addTrack(tx *db.Tx) (bool, error) {
	t := f.track(len(f.made.Tracks))
	f.made.Tracks = append(f.made.Tracks, t.ID)
	if t.Visibility == db.Public {
		f.public = append(f.public, db.Track{ID: t.ID, User: t.User, Audio: db.Audio{Duration: t.Audio.Duration}})
	}
	return true, tx.AddTrack(t)
}

func (f *filler) track(n int) db.Track {
	owner := early(f, f.made.Users)
	id := f.id()
	t := db.Track{
		ID:       id,
		User:     owner,
		Artist:   pick(f, bands),
		Year:     1970 + f.rand.IntN(56),
		Waveform: db.WaveformReady,
		Created:  f.moment(),
		Updated:  f.moment(),
	}
	korean := f.rand.IntN(2) == 0
	if korean {
		t.Title = pick(f, adjectives).hangul + " " + pick(f, nouns).hangul
	} else {
		t.Title = pick(f, adjectives).latin + " " + pick(f, nouns).latin
	}
	if f.rand.IntN(4) == 0 {
		t.Title += pick(f, versions)
	}
	t.Slug = fmt.Sprintf("%s-%d", strings.ToLower(strings.NewReplacer(" ", "-", "(", "", ")", "", "'", "").Replace(t.Title)), n+1)
	if f.rand.IntN(2) == 0 {
		t.Album = pick(f, nouns).latin
	}
	if f.rand.IntN(3) == 0 {
		t.Description = pick(f, bios) + "\n\n" + pick(f, bios)
	}
	for range f.rand.IntN(4) {
		t.Tags = append(t.Tags, pick(f, tags))
	}
	if n%4 == 0 { // one that few have
		t.Tags = append(t.Tags, fmt.Sprint(nouns[n/4%len(nouns)].latin, " ", n/4%2999))
	}
	if f.rand.IntN(10) > 0 {
		t.Visibility = db.Public
		t.Published = f.id()
	} else if n%2 == 0 {
		t.Visibility = db.Followers
		t.Published = f.id()
	}
	seconds := 90 + f.rand.Int64N(400)
	bitrate := pick(f, []int{128_000, 192_000, 256_000, 320_000})
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(id)))
	t.Audio = db.Audio{
		Codec:      "mp3",
		Size:       seconds * int64(bitrate) / 8,
		SHA256:     sum[:],
		Duration:   seconds * 1_000_000,
		SampleRate: 44_100,
		Channels:   2,
		Bitrate:    bitrate,
		Variable:   f.rand.IntN(3) == 0,
		FileName:   t.Title + ".mp3",
	}
	return t
}

// follow makes the first user follow others first, the newest first, and then
// others one another.
func (f *filler) follow(tx *db.Tx) (bool, error) {
	who, whom := pick(f, f.users), early(f, f.made.Users)
	if f.followed < min(mostFirst, len(f.made.Users)-1) {
		f.followed++
		who, whom = f.made.Users[0], f.made.Users[len(f.made.Users)-f.followed]
	}
	if who == whom {
		return false, nil
	}
	_, added, err := tx.Follow(who, whom)
	return added, err
}

func (f *filler) addPlaylist(tx *db.Tx) (bool, error) {
	title := pick(f, nouns)
	id := f.id()
	p := db.Playlist{
		ID:      id,
		User:    pick(f, f.users),
		Title:   title.hangul,
		Slug:    fmt.Sprintf("%s-%d", strings.ToLower(strings.ReplaceAll(title.latin, " ", "-")), len(f.made.Playlists)+1),
		Created: f.moment(),
		Updated: f.moment(),
	}
	if f.rand.IntN(2) == 0 {
		p.Title = title.latin
	}
	if f.rand.IntN(4) == 0 {
		p.Kind = db.Album
	}
	if f.rand.IntN(3) == 0 {
		p.Description = pick(f, bios)
		p.Tags = []string{pick(f, tags)}
	}
	if f.rand.IntN(5) > 0 {
		p.Visibility = db.Public
		p.Published = f.id()
	}
	var tracks []db.ID
	in := map[db.ID]bool{}
	for range 2 + f.rand.IntN(25) {
		if len(f.tracks) == 0 {
			break
		}
		if t := pick(f, f.tracks); !in[t.ID] {
			in[t.ID] = true
			tracks = append(tracks, t.ID)
		}
	}
	f.made.Playlists = append(f.made.Playlists, id)
	return true, errors.Join(tx.AddPlaylist(p), tx.SetPlaylistTracks(id, tracks))
}

// comment says something about a moment of a track; every fourth time it
// replies to something that was said this evening.
func (f *filler) comment(tx *db.Tx) (bool, error) {
	if len(f.tracks) == 0 {
		return false, nil
	}
	t := pick(f, f.tracks)
	c := db.Comment{
		ID:       f.idWithin(10 * time.Second),
		Track:    t.ID,
		User:     pick(f, f.users),
		Position: f.rand.Int64N(t.Audio.Duration),
		Text:     pick(f, remarks),
		Created:  f.moment(),
	}
	if len(f.threads) > 0 && f.rand.IntN(4) == 0 {
		to := pick(f, f.threads)
		c.Track, c.Parent, c.Position = to.Track, to.ID, to.Position
	} else {
		f.threads = append(f.threads, c)
	}
	f.made.Comments = append(f.made.Comments, c.ID)
	return true, tx.AddComment(c)
}

func (f *filler) like(tx *db.Tx) (bool, error) {
	if len(f.tracks) == 0 {
		return false, nil
	}
	_, added, err := tx.Like(pick(f, f.users), pick(f, f.tracks).ID)
	return added, err
}

func (f *filler) repost(tx *db.Tx) (bool, error) {
	if len(f.tracks) == 0 {
		return false, nil
	}
	_, added, err := tx.Repost(pick(f, f.users), pick(f, f.tracks).ID)
	return added, err
}

// play has somebody listen on this evening's day, which is one of the last 40.
// Those of the last week have points in its chart.
func (f *filler) play(tx *db.Tx) (bool, error) {
	if len(f.tracks) == 0 {
		return false, nil
	}
	track := pick(f, f.tracks).ID
	if err := tx.AddPlays(track, f.day, db.Plays{Plays: 1, Members: []db.ID{pick(f, f.users)}}); err != nil {
		return false, err
	}
	if f.rand.IntN(3) == 0 {
		if err := tx.AddStops(track, f.rand.IntN(db.Columns), 1); err != nil {
			return false, err
		}
	}
	today := db.DayOf(time.Now())
	if f.day >= today-1 {
		return true, nil
	}
	// What a house does when days are over.
	if _, err := tx.RollWeek(today-db.WeekDays+1, today, batch); err != nil {
		return false, err
	}
	if _, err := tx.DropHeard(today-1, today, batch); err != nil {
		return false, err
	}
	return true, nil
}

// message has two people talk. Half of what is said is read at once.
func (f *filler) message(tx *db.Tx) (bool, error) {
	if len(f.couples) == 0 {
		return false, nil
	}
	couple := pick(f, f.couples)
	from := f.rand.IntN(2)
	m := db.Message{ID: f.idWithin(10 * time.Second), User: couple[from], Text: pick(f, remarks), Created: f.moment()}
	m, c, err := tx.AddMessage(m, couple[1-from])
	if err != nil {
		return false, err
	}
	if f.talks[c.Users] == 0 {
		f.talks[c.Users] = c.ID
		f.made.Conversations = append(f.made.Conversations, c.ID)
	}
	if f.rand.IntN(2) == 0 {
		_, err = tx.ReadMessages(c.ID, couple[1-from], m.ID)
	}
	return true, err
}

func (f *filler) notify(tx *db.Tx) (bool, error) {
	n := db.Notification{ID: f.idWithin(10 * time.Second), User: pick(f, f.users), Kind: db.NoticeFollow, Actor: pick(f, f.users), Created: f.moment()}
	if len(f.tracks) > 0 && f.rand.IntN(3) > 0 {
		t := pick(f, f.tracks)
		n.User, n.Thing = t.User, db.Thing{Kind: db.KindTrack, ID: t.ID}
		n.Kind = pick(f, []db.Notice{db.NoticeLike, db.NoticeRepost})
	}
	if n.Actor == n.User {
		return false, nil
	}
	return true, tx.AddNotification(n, keep)
}

// queue has somebody listen to some tracks.
func (f *filler) queue(tx *db.Tx) (bool, error) {
	if len(f.tracks) == 0 {
		return false, nil
	}
	q := db.Queue{User: pick(f, f.users), Device: "Firefox on Linux", Changed: f.moment()}
	for range 1 + f.rand.IntN(40) {
		q.Tracks = append(q.Tracks, pick(f, f.tracks).ID)
	}
	q.Current = f.rand.IntN(len(q.Tracks))
	return true, tx.SetQueue(q)
}
