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
	Users  int
	Tracks int
	Seed   uint64 // the same seed makes the same records
}

// Filled is what Fill has made, oldest first.
type Filled struct {
	Users  []db.ID
	Tracks []db.ID
}

const batch = 2000 // records a transaction

// began is when the first record of a filled database was made.
var began = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Fill adds users and their tracks, with Korean and English names, to a
// database that no other Fill has added to. Nine tracks of ten are public. A
// few users have very many tracks, most have few. Nobody can sign in: there
// are no passwords.
func Fill(ctx context.Context, d *db.DB, spec Spec) (Filled, error) {
	f := &filler{rand: rand.New(rand.NewPCG(spec.Seed, 0x6561727368))}
	made := Filled{Users: make([]db.ID, 0, spec.Users), Tracks: make([]db.ID, 0, spec.Tracks)}
	for len(made.Users) < spec.Users {
		err := d.Update(ctx, func(tx *db.Tx) error {
			for range min(batch, spec.Users-len(made.Users)) {
				u := f.user(len(made.Users))
				if err := tx.AddUser(u); err != nil {
					return err
				}
				made.Users = append(made.Users, u.ID)
			}
			return nil
		})
		if err != nil {
			return made, fmt.Errorf("fill with users: %w", err)
		}
	}
	if spec.Tracks > 0 && spec.Users == 0 {
		return made, errors.New("fill: tracks need users")
	}
	for len(made.Tracks) < spec.Tracks {
		err := d.Update(ctx, func(tx *db.Tx) error {
			for range min(batch, spec.Tracks-len(made.Tracks)) {
				t := f.track(made.Users, len(made.Tracks))
				if err := tx.AddTrack(t); err != nil {
					return err
				}
				made.Tracks = append(made.Tracks, t.ID)
			}
			return nil
		})
		if err != nil {
			return made, fmt.Errorf("fill with tracks: %w", err)
		}
	}
	return made, nil
}

type filler struct {
	rand *rand.Rand
	now  time.Duration // since began
}

// id gives ids as the database would at the moment of the filler's own clock.
func (f *filler) id() db.ID {
	f.now += time.Duration(1+f.rand.IntN(400_000)) * time.Millisecond
	since2020 := began.Add(f.now).Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	return db.ID(since2020.Milliseconds())<<22 | db.ID(f.rand.Uint32()>>10)
}

func (f *filler) moment() time.Time { return began.Add(f.now) }

func pick[T any](f *filler, from []T) T { return from[f.rand.IntN(len(from))] }

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

func (f *filler) track(users []db.ID, n int) db.Track {
	// The cube makes the first users prolific.
	x := f.rand.Float64()
	id := f.id()
	t := db.Track{
		ID:       id,
		User:     users[int(x*x*x*float64(len(users)))],
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
	if f.rand.IntN(10) > 0 {
		t.Visibility = db.Public
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
