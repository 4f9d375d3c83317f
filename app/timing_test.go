package app_test

import (
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

// BenchmarkSignInTiming asks whether the time of a refused sign-in tells that
// an address has an account: 300 interleaved pairs of a known address with a
// wrong password and an unknown address, at the real cost. The ratio of the
// medians is to be within 0.95 and 1.05, and the share of pairs in which the
// known address took longer within 0.42 and 0.58 (SAFETY 3.5). Once is enough:
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
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		for i := range pairs {
			name := fmt.Sprintf("known%04d", i)
			u := db.User{ID: tx.NewID(), Username: name, Name: name, Email: name + "@home.example", PasswordHash: hash, Created: time.Now()}
			if err := tx.AddUser(u); err != nil {
				return err
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
	for b.Loop() {
		var known, unknown []time.Duration
		longer := 0
		for i := range pairs {
			k, u := fmt.Sprintf("known%04d@home.example", i), fmt.Sprintf("nobody%03d@home.example", i)
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
		b.Logf("medians: known %v, unknown %v", known[pairs/2], unknown[pairs/2])
	}
}
