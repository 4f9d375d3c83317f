package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"Café", "cafe"}, {"CAFE\u0301", "cafe"}, {"ｃａｆé", "cafe"}, {"하현우", "하현우"},
		{"\u1112\u1161\u1112\u1167\u11ab\u110b\u116e", "하현우"}, {"Ärger", "arger"}, {"ガ", "ガ"}, {"カ\u3099", "ガ"}, {"ΆΛΦΑ", "αλφα"}, {"Й", "и"}, {"", ""},
	} {
		if got := db.Alike(c.text); got != c.want || db.Alike(got) != got {
			t.Errorf("%q: got %q, again %q, want %q", c.text, got, db.Alike(got), c.want)
		}
	}
}

// tagsNow writes down all tags: how they are written, and how many tracks they
// count.
func tagsNow(t *testing.T, d *db.DB) string {
	t.Helper()
	var list []string
	view(t, d, func(tx *db.Tx) error {
		for tag, err := range tx.PopularTags(0, 0) {
			if err != nil {
				return err
			}
			list = append(list, fmt.Sprintf("%s %d", tag.Name, tag.Tracks))
		}
		return nil
	})
	return strings.Join(list, ", ")
}

// TestTags follows tags through what happens to the tracks that carry them and
// to their owners, and what search is told of it.
func TestTags(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	ids := map[string]db.ID{}
	track := func(owner db.ID, slug string, v db.Visibility, tags ...string) (tr db.Track) {
		update(t, d, func(tx *db.Tx) error {
			tr = newTrack(tx, owner, slug, v)
			tr.Tags = tags
			return tx.AddTrack(tr)
		})
		return tr
	}
	change := func(tr *db.Track, v db.Visibility, tags ...string) {
		update(t, d, func(tx *db.Tx) error {
			if tr.Visibility != v {
				if tr.Visibility, tr.Published = v, 0; v == db.Public {
					tr.Published = tx.NewID()
				}
			}
			tr.Tags = tags
			return tx.SetTrack(*tr)
		})
	}
	suspend := func(u *db.User, disabled bool) {
		update(t, d, func(tx *db.Tx) error {
			u.Disabled = disabled
			return tx.SetUser(*u)
		})
	}
	var a, b, c db.Track
	for _, step := range []struct {
		what string
		do   func()
		want string
		told string // the tags of which search is told
	}{
		{"a private track", func() { a = track(mina.ID, "a", db.Private, "Rock", "live") }, "", ""},
		{"a public track", func() { b = track(jun.ID, "b", db.Public, "rock", "Jazz", "JAZZ") }, "Jazz 1, rock 1", "jazz rock"},
		{"it is shown", func() { change(&a, db.Public, "Rock", "live") }, "Rock 2, live 1, Jazz 1", "live rock"},
		{"another spelling", func() { change(&b, db.Public, "ROCK", "Jazz") }, "ROCK 2, live 1, Jazz 1", "rock"},
		{"another title", func() { b.Title = "x"; change(&b, db.Public, "ROCK", "Jazz") }, "ROCK 2, live 1, Jazz 1", ""},
		{"a tag more", func() { c = track(mina.ID, "c", db.Public, "rock") }, "rock 3, live 1, Jazz 1", "rock"},
		{"a suspension", func() { suspend(&mina, true) }, "Jazz 1, rock 1", "live"},
		{"what the suspended write", func() { change(&c, db.Public, "RoCk", "LIVE") }, "Jazz 1, rock 1", ""},
		{"let back", func() { suspend(&mina, false) }, "rock 3, live 2, Jazz 1", "live"},
		{"a track is dropped", func() { update(t, d, func(tx *db.Tx) error { return tx.DropTrack(b.ID) }) }, "live 2, rock 2", "jazz"},
		{"hidden", func() { change(&a, db.Private, "Rock", "live") }, "live 1, rock 1", ""},
		{"the last of all", func() { update(t, d, func(tx *db.Tx) error { return tx.DropTrack(c.ID) }) }, "", "live rock"},
	} {
		before := map[string]db.ID{}
		view(t, d, func(tx *db.Tx) error {
			for tag, err := range tx.Tags(0) {
				if err != nil {
					return err
				}
				before[db.Alike(tag.Name)] = tag.ID
			}
			return nil
		})
		update(t, d, func(tx *db.Tx) error { // search has followed
			changes, err := tx.Outbox(0, 1000)
			return errors.Join(err, tx.ClearOutbox(changes))
		})
		step.do()
		if got := tagsNow(t, d); got != step.want {
			t.Errorf("%s: got %q, want %q", step.what, got, step.want)
		}
		var told []string
		view(t, d, func(tx *db.Tx) error {
			changes, err := tx.Outbox(0, 1000)
			for _, change := range changes {
				if change.Kind != db.KindTag {
					continue
				}
				for name, id := range before {
					if id == change.ID {
						told = append(told, name)
					}
				}
				if tag, err := tx.TagByID(change.ID); err == nil && before[db.Alike(tag.Name)] == 0 {
					told = append(told, db.Alike(tag.Name))
				} else if err != nil && !errors.Is(err, db.ErrNotFound) {
					return err
				}
			}
			return err
		})
		slices.Sort(told)
		if got := strings.Join(told, " "); got != step.told {
			t.Errorf("%s: search is told of %q, want %q", step.what, got, step.told)
		}
		if err := d.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", step.what, err)
		}
		for name, id := range before {
			if ids[name] == 0 {
				ids[name] = id
			}
			if name == "live" && ids[name] != id {
				t.Errorf("%s: the tag got another id through a suspension", step.what)
			}
		}
	}
}

// A tag whose owner is suspended keeps its place for others, and for the return.
func TestTagsOfTheSuspended(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	add := func(owner db.ID, slug string, tags ...string) {
		update(t, d, func(tx *db.Tx) error {
			tr := newTrack(tx, owner, slug, db.Public)
			tr.Tags = tags
			return tx.AddTrack(tr)
		})
	}
	suspend := func(disabled bool) {
		update(t, d, func(tx *db.Tx) error {
			mina.Disabled = disabled
			return tx.SetUser(mina)
		})
	}
	add(mina.ID, "a", "Rock", "live")
	suspend(true)
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.Tag("rock"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the tag of a suspended owner: %v", err)
		}
		return nil
	})
	add(jun.ID, "b", "ROCK")
	if got, want := tagsNow(t, d), "ROCK 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	suspend(false)
	if got, want := tagsNow(t, d), "ROCK 2, live 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Search holds the names of an owner, and whether others may find what is
// theirs: when these change, it is told of everything.
func TestOwnersChangeWhatSearchHolds(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	public, private := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Private)
	list := addPlaylist(t, d, mina.ID, "list", db.Private)
	addTrack(t, d, jun.ID, "other", db.Public)
	for _, c := range []struct {
		what   string
		change func(*db.User)
		all    bool
	}{
		{"bio", func(u *db.User) { u.Bio = "x" }, false},
		{"name", func(u *db.User) { u.Name = "Mina Kim" }, true},
		{"username", func(u *db.User) { u.Username = "minakim" }, true},
		{"suspension", func(u *db.User) { u.Disabled = true }, true},
		{"its end", func(u *db.User) { u.Disabled = false }, true},
	} {
		update(t, d, func(tx *db.Tx) error {
			changes, err := tx.Outbox(0, 1000)
			return errors.Join(err, tx.ClearOutbox(changes))
		})
		update(t, d, func(tx *db.Tx) error { c.change(&mina); return tx.SetUser(mina) })
		want := []db.Thing{{Kind: db.KindUser, ID: mina.ID}}
		if c.all {
			want = []db.Thing{{Kind: db.KindTrack, ID: public.ID}, {Kind: db.KindTrack, ID: private.ID}, {Kind: db.KindPlaylist, ID: list.ID}, want[0]}
		}
		var got []db.Thing
		view(t, d, func(tx *db.Tx) error {
			changes, err := tx.Outbox(0, 1000)
			for _, change := range changes {
				got = append(got, db.Thing{Kind: change.Kind, ID: change.ID})
			}
			return err
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: search is told of %v, want %v", c.what, got, want)
		}
	}
}

func TestCheckFindsSpoiltTags(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		tr := newTrack(tx, mina.ID, "one", db.Public)
		tr.Tags = []string{"Rock"}
		return tx.AddTrack(tr)
	})
	spoilIndexes(t, d, "tags", "tagnames", "populartags", "tagtracks", "usertags")
	var tag db.Tag
	var key, record []byte
	view(t, d, func(tx *db.Tx) (err error) {
		if tag, err = tx.Tag("rock"); err != nil {
			return err
		}
		key, record, err = db.First(tx, "tags")
		return err
	})
	for _, c := range []struct {
		what  string
		spoil func(*db.Tag)
	}{
		{"too many tracks", func(t *db.Tag) { t.Tracks++ }},
		{"none", func(t *db.Tag) { t.Tracks = 0 }},
		{"another name", func(t *db.Tag) { t.Name = "Jazz" }},
	} {
		spoilt := tag
		c.spoil(&spoilt)
		unsound(t, d, c.what,
			func(tx *db.Tx) error { return db.PutTag(tx, "rock", spoilt) },
			func(tx *db.Tx) error { return db.Put(tx, "tags", key, record) })
	}
}

// What can't be read of tags keeps nobody from being suspended, and nobody from
// taking a track back.
func TestSpoiltTags(t *testing.T) {
	t.Parallel()
	for _, spoilt := range []string{"tags", "tagnames", "populartags", "tagtracks", "usertags"} {
		d, err := db.Open(quickDir(t)+"/earshot.db", db.Options{}) // not sound at its end
		if err != nil {
			t.Fatal(err)
		}
		mina := addUser(t, d, "mina")
		var tr db.Track
		update(t, d, func(tx *db.Tx) error {
			tr = newTrack(tx, mina.ID, "one", db.Public)
			tr.Tags = []string{"Rock", "Jazz"}
			if err := tx.AddTrack(tr); err != nil {
				return err
			}
			key, payload, err := db.First(tx, spoilt)
			return errors.Join(err, db.Put(tx, spoilt, key, append(payload, 0xFF)))
		})
		for _, do := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { mina.Disabled = true; return tx.SetUser(mina) },
			func(tx *db.Tx) error { mina.Disabled = false; return tx.SetUser(mina) },
			func(tx *db.Tx) error { return tx.DropTrack(tr.ID) },
			func(tx *db.Tx) error { return tx.DropUser(mina.ID) },
		} {
			update(t, d, do)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// migratedFrom2 opens a copy of the fixture of schema 2, changed before.
func migratedFrom2(t *testing.T, change func([]byte)) (d *db.DB, log string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "schema-2.db"))
	if err != nil {
		t.Fatal(err)
	}
	change(content)
	path := filepath.Join(t.TempDir(), "earshot.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	if d, err = db.Open(path, db.Options{Log: slog.New(slog.NewTextHandler(&lines, nil))}); err != nil {
		t.Fatal(err)
	}
	return d, lines.String()
}

// A file from before tags were listed lists what its public tracks carry.
func TestTagMigration(t *testing.T) {
	t.Parallel()
	d, _ := migratedFrom2(t, func([]byte) {})
	wantTags(t, d)
	sound(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// wantTags holds the tags of a file against all its public tracks.
func wantTags(t *testing.T, d *db.DB) {
	t.Helper()
	view(t, d, func(tx *db.Tx) error {
		want, written := map[string]uint64{}, map[string]string{}
		changed := map[db.ID]bool{}
		changes, err := tx.Outbox(0, 1000)
		for _, change := range changes {
			if change.Kind == db.KindTag {
				changed[change.ID] = true
			}
		}
		for tr, err2 := range tx.PublicTracks(0) {
			if errors.Is(err2, db.ErrCorrupt) {
				continue
			}
			if err = errors.Join(err, err2); err != nil {
				return err
			}
			own := map[string]bool{}
			for _, tag := range tr.Tags {
				if key := db.Alike(tag); !own[key] {
					own[key] = true
					want[key]++
					written[key] = tag
				}
			}
		}
		n := 0
		for tag, err := range tx.PopularTags(0, 0) {
			if err != nil {
				return err
			}
			n++
			if key := db.Alike(tag.Name); tag.Tracks != want[key] || !changed[tag.ID] {
				t.Errorf("the tag %+v: %d tracks carry it; search is told of it: %t", tag, want[key], changed[tag.ID])
			}
		}
		if n != len(want) || n < 5 {
			t.Errorf("%d tags are listed, want %d", n, len(want))
		}
		return err
	})
}

// A track that can't be read keeps no file from being migrated.
func TestTagMigrationPassesOverWhatIsRotten(t *testing.T) {
	t.Parallel()
	var rotten db.Track
	d, _ := migratedFrom2(t, func([]byte) {})
	view(t, d, func(tx *db.Tx) error {
		for tr, err := range tx.PublicTracks(0) {
			if err != nil {
				return err
			}
			if rotten = tr; len(tr.Tags) > 0 {
				break
			}
		}
		return nil
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d, log := migratedFrom2(t, func(content []byte) {
		at := bytes.Index(content, []byte(rotten.Slug+"\x04"))
		if at < 0 {
			t.Fatal("the record is not in the file")
		}
		for ; at >= 0; at = bytes.Index(content, []byte(rotten.Slug+"\x04")) {
			content[at] ^= 1
		}
	})
	if !strings.Contains(log, "passed over in the migration") {
		t.Errorf("it is not logged:\n%s", log)
	}
	wantTags(t, d)
	unsoundToTheEnd(t, d)
}
