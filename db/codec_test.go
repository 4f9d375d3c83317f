package db

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var moment = time.Date(2026, 7, 1, 21, 4, 5, 678_901_000, time.UTC)

func fullTrack() Track {
	return Track{
		ID: 7, User: 3, Slug: "밤기차", Title: "밤기차 (live)", Description: "비 오는 날에", Artist: "Mina", Album: "Night",
		Year: 2026, Tags: []string{"indie", "인디"}, Visibility: Public, Downloadable: true, Picture: 2,
		Audio: Audio{Codec: "mp3", Size: 1 << 40, SHA256: []byte{1, 2, 3}, Duration: 212_000_001, SampleRate: 44100,
			Channels: 2, Bitrate: 320000, Variable: true, FileName: "bad \xff name.mp3"},
		Waveform: WaveformFailed, Published: 1<<64 - 1, Created: moment, Updated: moment.Add(time.Microsecond),
	}
}

func TestRecordsComeBackWhole(t *testing.T) {
	t.Parallel()
	user := User{ID: 1, Username: "mina", Name: "미나", Email: "mina@example.org", PasswordHash: []byte("$2a$10$x"),
		Role: Keeper, Bio: "b", Age: 30, Gender: "g", Picture: 9, Tracks: 1, PublicTracks: 2, Disabled: true,
		Created: moment, Bytes: 1 << 50}
	session := Session{ID: 2, User: 1, Secret: []byte{0, 255}, Device: "Firefox", Created: moment, Seen: moment,
		Expires: moment.AddDate(0, 1, 0), Until: moment.AddDate(1, 0, 0)}
	track := fullTrack()
	job := Job{ID: 5, Kind: "analyse", Subject: 7, Attempts: 2, After: moment, Error: "e", Created: moment}
	factor := Factor{User: 1, Secret: []byte{1}, Confirmed: true, Step: 60, Recovery: [][]byte{{2}}, Created: moment}
	passkey := Passkey{ID: 8, User: 1, Name: "Phone", Credential: []byte{1}, Key: []byte{2}, Created: moment, Used: moment, Count: 3,
		Syncs: true, Model: []byte{4}, Transports: []string{"usb"}}
	link := Link{ID: 9, User: 1, Thing: Thing{KindTrack, 7}, Name: "n", Code: "c", Password: []byte{5}, Expires: moment, MostPlays: 6,
		Plays: 5, Download: true, Comments: true, Created: moment, Used: moment}
	house := House{Name: "집", SignUp: SignUpOpen, Visitors: true}
	for _, c := range []struct {
		name      string
		record    any
		got, zero any
	}{
		{"user", &user, &User{}, &User{}},
		{"session", &session, &Session{}, &Session{}},
		{"track", &track, &Track{}, &Track{}},
		{"job", &job, &Job{}, &Job{}},
		{"second factor", &factor, &Factor{}, &Factor{}},
		{"passkey", &passkey, &Passkey{}, &Passkey{}},
		{"secret link", &link, &Link{}, &Link{}},
		{"house", &house, &House{}, &House{}},
	} {
		b, err := encode(c.record)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := decode(b, c.got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.record, c.got); diff != "" {
			t.Errorf("%s came back changed (-want +got):\n%s", c.name, diff)
		}
		again, err := encode(c.got)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: encoded again it differs: %x, want %x (%v)", c.name, again, b, err)
		}
		// The zero record too.
		if b, err = encode(c.zero); err == nil {
			err = decode(b, c.zero)
		}
		if err != nil {
			t.Errorf("zero %s: %v", c.name, err)
		}
	}
}

func TestTimesToTheMicrosecond(t *testing.T) {
	t.Parallel()
	seoul := time.FixedZone("KST", 9*3600)
	for at := time.Date(1970, 1, 1, 0, 0, 0, 1000, time.UTC); at.Year() < 2100; at = at.Add(937*time.Hour + 123_457*time.Microsecond) {
		j := Job{ID: 1, Created: at.In(seoul)}
		b, err := encode(&j)
		if err != nil {
			t.Fatal(err)
		}
		var got Job
		if err := decode(b, &got); err != nil {
			t.Fatal(err)
		}
		if got.Created != at {
			t.Fatalf("got %s, want %s", got.Created, at)
		}
	}
}

func TestImpossibleTimeIsRefusedWhenWritten(t *testing.T) {
	t.Parallel()
	if _, err := encode(&Job{ID: 1, After: time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC)}); !errors.Is(err, errTime) {
		t.Errorf("got %v, want %v", err, errTime)
	}
}

func TestUnknownFieldIsRefused(t *testing.T) {
	t.Parallel()
	b, err := encoding.Marshal(map[int]any{1: "house", 99: "of a newer version"})
	if err != nil {
		t.Fatal(err)
	}
	var h House
	if err := decode(b, &h); err == nil {
		t.Errorf("decoded %+v, want an error: writing it again would lose a field", h)
	}
}

func TestSealBindsAValueToItsPlace(t *testing.T) {
	t.Parallel()
	key, payload := []byte("key"), []byte("payload")
	sealed := seal(inUsers, key, payload)
	if p, err := unseal(inUsers, key, sealed); err != nil || !bytes.Equal(p, payload) {
		t.Errorf("unseal = %q, %v; want %q", p, err, payload)
	}
	for bit := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[bit/8] ^= 1 << (bit % 8)
		if _, err := unseal(inUsers, key, bad); !errors.Is(err, ErrCorrupt) {
			t.Errorf("bit %d flipped: got %v, want %v", bit, err, ErrCorrupt)
		}
	}
	for _, c := range []struct {
		name  string
		b     bucket
		key   string
		value []byte
	}{
		{"another bucket", inTracks, "key", sealed},
		{"another key", inUsers, "kez", sealed},
		{"the key grown", inUsers, "key" + string(sealed[:1]), sealed[1:]},
		{"the key shrunk", inUsers, "ke", append([]byte("y"), sealed...)},
		{"the value cut", inUsers, "key", sealed[:len(sealed)-1]},
		{"nothing", inUsers, "key", nil},
	} {
		if _, err := unseal(c.b, []byte(c.key), c.value); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want %v", c.name, err, ErrCorrupt)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"mina", "mina"}, {"Mina", "mina"}, {"밤기차", "밤기차"},
		{"\u1107\u1161\u11b7", "밤"}, // decomposed, as some file systems write it
		{"CAFE\u0301", "caf\u00e9"}, {"", ""}, {"\xff", "\ufffd"},
	} {
		if got := fold(c.in); got != c.want {
			t.Errorf("fold(%q) = %q, want %q", c.in, got, c.want)
		}
		if again := fold(fold(c.in)); again != fold(c.in) {
			t.Errorf("fold of folded %q = %q", c.in, again)
		}
	}
}

func FuzzDecode(f *testing.F) {
	track := fullTrack()
	for _, r := range []any{&track, &User{ID: 1, Username: "mina", Created: moment}, &Session{ID: 1}, &Job{ID: 9, After: moment}, &House{Name: "x"}} {
		b, err := encode(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(strings.Repeat("\x81", 100)))
	f.Add([]byte("\xa1\x0e\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, fresh := range []func() any{
			func() any { return new(User) }, func() any { return new(Session) }, func() any { return new(Track) },
			func() any { return new(Job) }, func() any { return new(House) },
		} {
			first := fresh()
			if decode(b, first) != nil {
				continue
			}
			written, err := encode(first)
			if err != nil {
				t.Fatalf("what was read can't be written: %v", err)
			}
			second := fresh()
			if err := decode(written, second); err != nil {
				t.Fatalf("what was written can't be read: %v", err)
			}
			again, err := encode(second)
			if err != nil || !bytes.Equal(written, again) {
				t.Fatalf("written twice, it differs: %x, %x (%v)", written, again, err)
			}
		}
	})
}
