package app_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
)

// checkOf gives one check of the house's health.
func checkOf(t *testing.T, h wire.Health, name string) wire.HealthCheck {
	t.Helper()
	i := slices.IndexFunc(h.Checks, func(c wire.HealthCheck) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("nobody looked at %s: %+v", name, h.Checks)
	}
	return h.Checks[i]
}

// health asks how the house is.
func (p *person) health() wire.Health {
	p.h.t.Helper()
	return as[wire.Health](p.get("/api/health"))
}

func TestHealthOfAHouse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Backups.Every = 24 * time.Hour })
	keeper := h.keeper()
	keeper.upload("song.mp3", tagged(t, "Song"), "public")
	keeper.settled()
	got := keeper.health()
	for _, name := range strings.Fields("database media index clock jobs memory backups") {
		if c := checkOf(t, got, name); c.State != "ok" && c.Code != "jobs.failing" || c.Message == "" || !strings.HasPrefix(c.Code, name+".") {
			t.Errorf("a house in order: %+v", c)
		}
	}
	if got.Version != "test" || got.Users != 1 || got.Tracks != 1 || got.Memory <= 0 || got.Schema == 0 || got.System == "" {
		t.Errorf("got %+v", got)
	}
	if len(got.Addresses) == 0 || !strings.HasPrefix(h.url, "http://127.0.0.1") || got.QR == nil || got.QR.Size == 0 {
		t.Errorf("the addresses are %v, their code %v", got.Addresses, got.QR)
	}
}

// TestHealthSaysWhatIsWrong breaks one thing after the other.
func TestHealthSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	var quiet atomic.Int64
	h := (&house{cost: 4, now: c.now, pace: func() time.Duration { return time.Duration(quiet.Load()) }}).begin(t)
	keeper := h.keeper()
	keeper.upload("song.mp3", tagged(t, "Song"), "public")
	want := func(name, state, code string) {
		t.Helper()
		if c := checkOf(t, keeper.health(), name); c.State != state || c.Code != code || c.Message == "" {
			t.Errorf("got %+v, want %s %s", c, state, code)
		}
	}
	troubles := func() int { return as[wire.State](keeper.get("/api/me/state")).Troubles }
	if n := troubles(); n != 0 {
		t.Errorf("a house in order has %d troubles", n)
	}
	want("backups", "warn", "backups.off")
	every := int64(24 * time.Hour / time.Millisecond)
	keeper.patch("/api/house", wire.HousePatch{BackupEveryMS: &every}).want(200)
	want("backups", "ok", "backups.soon")

	c.jump(3 * time.Hour)
	want("backups", "bad", "backups.none")
	backups := filepath.Join(h.dir, "backups")
	if err := os.MkdirAll(backups, 0o700); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(backups, "earshot-20261101-030000.db")
	if err := os.WriteFile(copied, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(copied, today.Add(-20*day), today.Add(-20*day)); err != nil {
		t.Fatal(err)
	}
	want("backups", "bad", "backups.old")

	// The disk of the audio is not mounted.
	tracks := filepath.Join(h.dir, "media", "tracks")
	if err := os.Rename(tracks, tracks+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(tracks, 0o700); err != nil {
		t.Fatal(err)
	}
	want("media", "bad", "media.missing")
	quiet.Store(int64(2 * time.Minute))
	if n := troubles(); n != 2 {
		t.Errorf("the keeper's menu tells of %d troubles, want 2", n)
	}
	if n := as[wire.State](h.member("mina").get("/api/me/state")).Troubles; n != 0 {
		t.Errorf("a member is told of %d troubles", n)
	}
	if err := os.Remove(tracks); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tracks+".away", tracks); err != nil {
		t.Fatal(err)
	}
	want("media", "ok", "media.ok")

	// A clock that was set back is told from what was written before.
	c.jump(-30 * day)
	keeper.become(h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "keeper@home.example", Password: password}), 200)
	want("clock", "warn", "clock.behind")
	c.set(time.Unix(12, 0))
	keeper.become(h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "keeper@home.example", Password: password}), 200)
	want("clock", "bad", "clock.unset")
}

func TestStorageTellsWhoKeepsWhat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper, mina := h.keeper(), h.member("mina")
	song := tagged(t, "Song")
	mina.drawn(mina.upload("a.mp3", song, "private").ID)
	mina.drawn(mina.upload("b.mp3", tagged(t, "Other"), "public").ID)
	keeper.drawn(keeper.upload("c.mp3", tagged(t, "Third"), "public").ID)
	h.member("jun") // keeps nothing
	got := as[wire.Storage](keeper.get("/api/storage"))
	if len(got.People) != 2 || got.People[0].User.Name != "mina" || got.People[0].Tracks != 2 || got.People[0].Bytes <= got.People[1].Bytes {
		t.Errorf("who keeps most: %+v", got.People)
	}
	if got.Originals != int64(got.People[0].Bytes+got.People[1].Bytes) || got.Database <= 0 || got.Free <= 0 || got.Total < got.Free {
		t.Errorf("got %+v", got)
	}
	for end := time.Now().Add(20 * time.Second); got.Derived < 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what is derived is never measured")
		}
		got = as[wire.Storage](keeper.get("/api/storage"))
	}
	if got.Derived == 0 || got.Libraries != 0 {
		t.Errorf("derived are %d bytes, elsewhere %d", got.Derived, got.Libraries)
	}
}

// TestKeeperTriesWorkAgain puts work that failed into the queue.
func TestKeeperTriesWorkAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	track := keeper.upload("song.mp3", tagged(t, "Night train"), "private")
	keeper.drawn(track.ID)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	id, err := db.ParseID(track.ID)
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: "analyse", Subject: id, Attempts: 2, After: now.Add(50 * time.Minute), Error: "the disk gave up", Created: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	h.open()
	queue := as[wire.Jobs](keeper.get("/api/jobs"))
	i := slices.IndexFunc(queue.Items, func(j wire.Job) bool { return j.Error == "the disk gave up" })
	if i < 0 {
		t.Fatalf("the queue is %+v", queue)
	}
	if j := queue.Items[i]; j.State != "failing" || j.Kind != "analyse" || j.Title != "Night train" || j.Attempts != 2 || j.After.IsZero() {
		t.Errorf("got %+v", j)
	}
	if c := checkOf(t, keeper.health(), "jobs"); c.State != "warn" || c.Number != 1 {
		t.Errorf("the health says %+v", c)
	}
	keeper.post("/api/jobs/"+queue.Items[i].ID+"/retry", nil).want(204)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left := as[wire.Jobs](keeper.get("/api/jobs"))
		if !slices.ContainsFunc(left.Items, func(j wire.Job) bool { return j.ID == queue.Items[i].ID }) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("what was asked to be tried again is not: %+v", left)
		}
	}
	keeper.post("/api/jobs/"+queue.Items[i].ID+"/retry", nil).fails(404, "not_found")
}

func TestKeeperChangesWhatNeedsNoRestart(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Backups.Every, c.Backups.Keep, c.SMTP.Password = 36*time.Hour, 5, "a secret" })
	keeper := h.keeper()
	set := func() wire.Settings { return as[wire.Settings](keeper.get("/api/house/settings")) }
	if s := set(); s.BackupEveryMS != 129_600_000 || s.BackupKeep != 5 || s.Chosen != (wire.Chosen{}) {
		t.Errorf("at first: %+v", s)
	}
	change := func(every int64, keep int) answer {
		return keeper.patch("/api/house", wire.HousePatch{BackupEveryMS: &every, BackupKeep: &keep, ScanEveryMS: &every})
	}
	change(7_200_000, 3).want(200)
	if s := set(); s.BackupEveryMS != 7_200_000 || s.BackupKeep != 3 || s.ScanEveryMS != 7_200_000 || s.Chosen != (wire.Chosen{BackupEvery: true, BackupKeep: true, ScanEvery: true}) {
		t.Errorf("changed: %+v", s)
	}
	change(-1, 3).want(200)
	if s := set(); s.BackupEveryMS != 0 || s.ScanEveryMS != 0 {
		t.Errorf("switched off: %+v", s)
	}
	change(30_000, 3).fails(400, "house.often")
	change(0, 0).want(200)
	if s := set(); s.BackupEveryMS != 129_600_000 || s.BackupKeep != 5 || s.Chosen != (wire.Chosen{}) {
		t.Errorf("as the file says again: %+v", s)
	}
	if a := keeper.get("/api/house/settings"); strings.Contains(string(a.body), "a secret") {
		t.Errorf("a password is told: %s", a.body)
	}
}
