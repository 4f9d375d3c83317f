package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/auth"
	"earshot/app/config"
	"earshot/db"
)

// BenchmarkSignInTiming asks whether the time of a refused sign-in tells what
// kind of account an address has: known with a wrong password, suspended, or
// without a password because its owner comes in by another door. Each is asked
// in 300 interleaved pairs with an unknown address, at the real cost. The ratio
// of the medians is to be within 0.95 and 1.05, and the share of pairs in which
// the account took longer within 0.42 and 0.58 (SAFETY 3.5). Once is enough:
// go test ./app -run '^$' -bench SignInTiming -benchtime 1x
func BenchmarkSignInTiming(b *testing.B) {
	const pairs = 300
	h := (&house{}).begin(b, func(c *config.Config) {
		// Each attempt comes from an address of its own: the limits are not what is measured.
		c.TrustedProxies, c.Log.Level = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "error"
	})
	h.keeper()
	if err := h.close(); err != nil {
		b.Fatal(err)
	}
	hasher, err := auth.NewHasher(auth.HasherOptions{})
	if err != nil {
		b.Fatal(err)
	}
	hash, err := hasher.Hash(b.Context(), password)
	if err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	kinds := []string{"known", "suspended", "provider", "nobody"}
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		for _, kind := range kinds[:3] {
			for i := range pairs {
				name := fmt.Sprintf("%s%04d", kind, i)
				u := db.User{ID: tx.NewID(), Username: name, Name: name, Email: name + "@home.example", PasswordHash: hash, Created: time.Now(), Disabled: kind == "suspended"}
				if kind == "provider" {
					u.PasswordHash = nil
				}
				if err := tx.AddUser(u); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	h.open()
	v := h.visitor()
	n := 0
	refused := func(email string) time.Duration {
		n++
		from := fmt.Sprintf("10.%d.%d.7", n/250, n%250)
		began := time.Now()
		a := v.do("POST", "/api/auth/sign-in", wire.SignIn{Email: email, Password: "not the right one"}, "X-Forwarded-For", from)
		took := time.Since(began)
		a.fails(401, "signin.wrong")
		return took
	}
	for _, kind := range kinds { // the last against itself: what the machine does by itself
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				var known, unknown []time.Duration
				longer := 0
				for i := range pairs {
					k, u := fmt.Sprintf("%s%04d@home.example", kind, i), fmt.Sprintf("unknown%s%03d@home.example", kind, i)
					var tk, tu time.Duration
					if i%2 == 0 {
						tk, tu = refused(k), refused(u)
					} else {
						tu, tk = refused(u), refused(k)
					}
					known, unknown = append(known, tk), append(unknown, tu)
					if tk > tu {
						longer++
					}
				}
				slices.Sort(known)
				slices.Sort(unknown)
				b.ReportMetric(float64(known[pairs/2])/float64(unknown[pairs/2]), "ratio")
				b.ReportMetric(float64(longer)/pairs, "share")
				at := func(list []time.Duration) (q []time.Duration) {
					for _, p := range []int{5, 25, 50, 75, 95} {
						q = append(q, list[p*len(list)/100].Round(10*time.Microsecond))
					}
					return q
				}
				b.Logf("5, 25, 50, 75, 95 %%: %s %v, unknown %v", kind, at(known), at(unknown))
			}
		})
	}
}

// BenchmarkSignInFlood shows what 500 wrong sign-ins at once do to somebody who
// listens: how long a range of 64 KiB takes at the 50th and the 95th of a
// hundred, during the flood against before it (SAFETY 2b: the latter below 3).
// The clients share the cores with the server here.
// go test ./app -run '^$' -bench SignInFlood -benchtime 1x
func BenchmarkSignInFlood(b *testing.B) {
	h := (&house{}).begin(b, func(c *config.Config) {
		c.TrustedProxies, c.Log.Level = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "error"
	})
	k := h.keeper()
	file := bytes.Repeat(tone(2000), 8)
	track := k.upload("long.mp3", file, "public")
	k.drawn(track.ID)
	listen := func() []time.Duration {
		var list []time.Duration
		for i := range 100 {
			began := time.Now()
			k.get("/api/tracks/"+track.ID+"/stream.mp3", "Range", fmt.Sprintf("bytes=%d-%d", i*1000, i*1000+64<<10-1)).want(206)
			list = append(list, time.Since(began))
			time.Sleep(5 * time.Millisecond) // a listener's pace
		}
		slices.Sort(list)
		return list
	}
	round := 0
	for b.Loop() {
		round++
		listen()
		quiet := listen()
		statuses := make(chan int, 500)
		for i := range cap(statuses) {
			go func() {
				a := h.visitor().do("POST", "/api/auth/sign-in", wire.SignIn{Email: fmt.Sprintf("p%d-%d@home.example", round, i), Password: "not the right one"},
					"X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", round, i/250, i%250))
				statuses <- a.status
			}()
		}
		loud := listen()
		got := map[int]int{}
		for range cap(statuses) {
			got[<-statuses]++
		}
		b.ReportMetric(float64(loud[50])/float64(quiet[50]), "ratio-p50")
		b.ReportMetric(float64(loud[95])/float64(quiet[95]), "ratio-p95")
		b.Logf("quiet %v and %v, during the flood %v and %v; sign-ins answered %v", quiet[50], quiet[95], loud[50], loud[95], got)
	}
}
