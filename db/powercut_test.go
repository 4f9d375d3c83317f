package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"earshot/db"
)

// sectorSize is what a disk writes whole or not at all.
const sectorSize = 512

// image is what a database file was at one moment.
type image struct {
	pages []byte // as far as it is in use
	size  int64
	sum   [32]byte // of all that it holds
}

// picture takes an image of an open database.
func picture(t *testing.T, d *db.DB) image {
	t.Helper()
	used, err := db.UsedBytes(d)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	i := image{pages: make([]byte, used)}
	if _, err := f.ReadAt(i.pages, 0); err != nil {
		t.Fatal(err)
	}
	if i.size, err = d.Size(); err != nil {
		t.Fatal(err)
	}
	view(t, d, func(tx *db.Tx) (err error) {
		i.sum, err = db.Everything(tx)
		return err
	})
	return i
}

// commit is what one transaction wrote: pages of data, then the disk is waited
// for, then one of the two meta pages, and the disk is waited for again.
// TestOrderOfWrites holds it to that order.
type commit struct {
	before, after image
	data          []int // pages that changed, but for the metas
	meta          int   // the meta page that changed, -1 when none did
}

func between(before, after image, pageSize int) commit {
	c := commit{before: before, after: after, meta: -1}
	for p := 0; p*pageSize < len(after.pages); p++ {
		from, to := p*pageSize, min((p+1)*pageSize, len(after.pages))
		if to <= len(before.pages) && bytes.Equal(before.pages[from:to], after.pages[from:to]) {
			continue
		}
		if p < 2 {
			c.meta = p
			continue
		}
		c.data = append(c.data, p)
	}
	return c
}

// moment is where in a commit the power is cut.
type moment int

const (
	growing moment = iota // the file was made longer at most
	writing               // some of the data is on the disk, in no order, some of it in part
	waiting               // the data is there, and of the meta page what may be
	ended                 // everything is there
	moments
)

// cut gives the file that is left of a commit when the power is cut.
func (c commit) cut(r *rand.Rand, at moment, pageSize int) image {
	left := image{pages: bytes.Clone(c.before.pages), size: c.before.size}
	if at > growing || r.IntN(2) == 0 {
		left.size = c.after.size
	}
	if longer := len(c.after.pages) - len(left.pages); longer > 0 {
		left.pages = append(left.pages, make([]byte, longer)...)
	}
	// One way is chosen for each cut: how much of a page's sectors made it.
	kept := r.Float64()
	page := func(p int) {
		from, to := p*pageSize, min((p+1)*pageSize, len(c.after.pages))
		switch r.IntN(4) {
		case 0: // not at all
			return
		case 1: // whole
			copy(left.pages[from:to], c.after.pages[from:to])
			return
		}
		for s := from; s < to; s += sectorSize {
			end := min(s+sectorSize, to)
			switch {
			case r.Float64() < kept:
				copy(left.pages[s:end], c.after.pages[s:end])
			case r.IntN(20) == 0: // a disk that lost its power while it wrote this one
				for i := s; i < end; i++ {
					left.pages[i] = byte(r.Uint32())
				}
			}
		}
	}
	switch at {
	case writing:
		for _, p := range c.data {
			page(p)
		}
	case waiting, ended:
		for _, p := range c.data {
			copy(left.pages[p*pageSize:], c.after.pages[p*pageSize:min((p+1)*pageSize, len(c.after.pages))])
		}
		if c.meta >= 0 && at == ended {
			copy(left.pages[c.meta*pageSize:(c.meta+1)*pageSize], c.after.pages[c.meta*pageSize:])
		} else if c.meta >= 0 {
			page(c.meta)
		}
	}
	if left.size < int64(len(left.pages)) {
		left.pages = left.pages[:left.size]
	}
	return left
}

// try opens what a power cut left. It wants what was acknowledged before, and
// of the transaction under way all or nothing; and that it goes on from there.
func (c commit) try(t *testing.T, path string, left image, at moment) (outcome string, err error) {
	t.Helper()
	if err := os.WriteFile(path, left.pages, 0o600); err != nil {
		return "", err
	}
	if err := os.Truncate(path, left.size); err != nil {
		return "", err
	}
	d, err := db.Open(path, db.Options{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var sum [32]byte
	err = d.View(context.Background(), func(tx *db.Tx) (err error) {
		sum, err = db.Everything(tx)
		return err
	})
	if err != nil {
		return "", err
	}
	switch {
	case sum == c.after.sum:
		outcome = "all of it"
	case sum == c.before.sum:
		outcome = "nothing of it"
	default:
		return "", errors.New("it holds neither what was there before nor what came")
	}
	if at < waiting && sum != c.before.sum || at == ended && sum != c.after.sum {
		return "", fmt.Errorf("it holds %s", outcome)
	}
	if err := d.Check(context.Background()); err != nil {
		return "", err
	}
	err = d.Update(context.Background(), func(tx *db.Tx) error { return tx.AddUser(newUser(tx, "after-the-cut")) })
	return outcome, errors.Join(err, d.Check(context.Background()))
}

// TestPowerCuts does random things and cuts the power while they are written,
// EARSHOT_CUTS times (SAFETY 2.6, F41): writes that were not waited for are
// dropped, torn at sectors, or come in another order. What was acknowledged is
// there, what was under way is there wholly or not at all, and the file opens
// by itself.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	cuts := 500
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_CUTS")); err == nil {
		cuts = n
	} else if testing.Short() {
		cuts = 60
	}
	sums := map[string]int{}
	pages := 0
	for house, left := uint64(0), cuts; left > 0; house++ {
		pages += cutHouse(t, rand.New(rand.NewPCG(house, 41)), min(left, 600), sums)
		left -= 600
	}
	t.Logf("%d cuts, commits of %d pages in all: %v", cuts, pages, sums)
	if !testing.Short() && (sums["at the meta page: all of it"] == 0 || sums["at the meta page: nothing of it"] == 0) {
		t.Error("the meta page was never torn in both ways")
	}
}

// cutHouse cuts the power so often in the life of one new file. It counts what
// came of it, and gives how many pages were written.
func cutHouse(t *testing.T, r *rand.Rand, cuts int, sums map[string]int) (pages int) {
	t.Helper()
	dir := quickDir(t)
	d, err := db.OpenForgetful(filepath.Join(dir, "earshot.db"), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { d.Close() }()
	m := newModel(r)
	db.SetClock(d, m.clock.now)
	pageSize := db.PageSize(d)
	tried := 0
	base := picture(t, d)
	for round := 0; tried < cuts; round++ {
		m.clock.move(r.IntN(2) * r.IntN(4))
		length := 1 + r.IntN(25)
		update(t, d, func(tx *db.Tx) error {
			for range length {
				if err := m.step(tx); err != nil {
					return err
				}
			}
			return nil
		})
		now := picture(t, d)
		c := between(base, now, pageSize)
		if base = now; c.before.sum == c.after.sum {
			continue
		}
		if c.meta < 0 || len(c.data) == 0 {
			t.Fatalf("round %d: a transaction changed the pages %v and the meta page %d", round, c.data, c.meta)
		}
		pages += len(c.data)
		for range min(6, cuts-tried) {
			at := []moment{growing, writing, writing, writing, writing, waiting, waiting, waiting, ended}[r.IntN(9)]
			left := c.cut(r, at, pageSize)
			outcome, err := c.try(t, filepath.Join(dir, "cut.db"), left, at)
			if err != nil {
				kept := filepath.Join(os.TempDir(), fmt.Sprintf("earshot-cut-%d.db", tried))
				os.WriteFile(kept, left.pages, 0o600)
				t.Fatalf("cut %d, in round %d at moment %d of a commit of %d pages: %v; the file is kept as %s", tried, round, at, len(c.data), err, kept)
			}
			sums[fmt.Sprint([]string{"before it wrote: ", "while it wrote: ", "at the meta page: ", "afterwards: "}[at], outcome)]++
			tried++
		}
		if round%7 == 6 {
			forgetAll(t, d, 20)
			base = picture(t, d)
		}
		if round%60 == 59 { // a file that is opened anew may free other pages
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if d, err = db.OpenForgetful(filepath.Join(dir, "earshot.db"), 3); err != nil {
				t.Fatal(err)
			}
			db.SetClock(d, m.clock.now)
			base = picture(t, d)
		}
	}
	forgetAll(t, d, 20)
	view(t, d, m.compare)
	return pages
}
