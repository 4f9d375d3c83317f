package core

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestUrgent: patient readers rest while there is urgent work, all of it, and
// go on when it is over; their context ends that too.
func TestUrgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var u urgent
		ctx, cancel := context.WithCancel(t.Context())
		if err := u.wait(ctx); err != nil {
			t.Errorf("with nothing urgent: got %v", err)
		}
		u.enter()
		u.enter()
		read := make(chan time.Time)
		began := time.Now()
		for range 2 {
			go func() {
				if err := u.wait(ctx); err != nil {
					t.Errorf("got %v", err)
				}
				read <- time.Now()
			}()
		}
		time.Sleep(time.Second)
		u.leave()
		time.Sleep(time.Second)
		u.leave()
		for range 2 {
			if waited := (<-read).Sub(began); waited != 2*time.Second {
				t.Errorf("it waited %v, want 2s", waited)
			}
		}
		u.enter()
		go func() { time.Sleep(time.Second); cancel() }()
		if err := u.wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("when its context ends: got %v", err)
		}
		u.leave()
	})
}

func TestPeaksAreMadeToFit(t *testing.T) {
	t.Parallel()
	level := func(n int, v byte) []byte { return bytes.Repeat([]byte{0, v}, n) }
	of := func(rate int, samples int64, columns, fine int) NewPeaks {
		return NewPeaks{
			SampleRate: rate, Samples: samples, Levels: level(columns, 64), Fine: level(fine, 64),
			Min: bytes.Repeat([]byte{0x90}, columns), Max: bytes.Repeat([]byte{0x70}, columns),
		}
	}
	for _, test := range []struct {
		name    string
		sent    NewPeaks
		columns int // that have sound; -1: refused
		whole   int
	}{
		{"as long", of(44100, 90_000, 1800, 21), 1800, 1800},
		{"another rate", of(48000, 98_000, 1782, 21), 1800, 1800},
		{"shorter", of(44100, 54_000, 1688, 13), 1080, 1800},
		{"longer", of(44100, 129_600, 1800, 30), 1800, 1800},
		{"a second shorter", of(44100, 45_900, 1766, 11), -1, 0},
		{"a second longer", of(44100, 134_100, 1788, 31), -1, 0},
		{"a column too few", of(44100, 90_000, 1799, 21), -1, 0},
		{"a fine one too many", of(44100, 90_000, 1800, 22), -1, 0},
		{"no rate", of(0, 90_000, 1800, 21), -1, 0},
	} {
		whole, fine, err := test.sent.fit(44100, 90_000)
		if test.columns < 0 {
			if err == nil {
				t.Errorf("%s: it is taken", test.name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		loud := 0
		for i, v := range whole.RMS {
			if v > 0 && whole.Max[i] == 0x70 {
				loud++
			}
		}
		if loud != test.columns || len(whole.RMS) != test.whole || whole.Samples != 90_000 || whole.SampleRate != 44100 || len(fine.RMS) != 21 || fine.Samples != 90_000 {
			t.Errorf("%s: %d of %d columns have sound, want %d of %d; %d fine ones", test.name, loud, len(whole.RMS), test.columns, test.whole, len(fine.RMS))
		}
	}
}
