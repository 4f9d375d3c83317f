package auth

import (
	"net/url"
	"testing"
	"time"
)

// The codes of RFC 6238 appendix B, cut to six digits.
func TestFactorCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := FactorCode(secret, time.Unix(at, 0)); got != want || err != nil {
			t.Errorf("at %d: got %s, %v, want %s", at, got, err, want)
		}
	}
}

func TestFactorSteps(t *testing.T) {
	t.Parallel()
	secret := NewFactorSecret()
	now := time.Unix(1_800_000_000, 0)
	step := now.Unix() / 30
	code := func(d time.Duration) string {
		c, err := FactorCode(secret, now.Add(d))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		name, code string
		last, want int64
	}{
		{"now", code(0), 0, step},
		{"half a minute slow", code(-30 * time.Second), 0, step - 1},
		{"half a minute fast", code(30 * time.Second), 0, step + 1},
		{"written in two groups", code(0)[:3] + " " + code(0)[3:], 0, step},
		{"a minute slow", code(-time.Minute), 0, 0},
		{"a minute fast", code(time.Minute), 0, 0},
		{"taken before", code(0), step, 0},
		{"older than one that was taken", code(-30 * time.Second), step, 0},
		{"newer than one that was taken", code(30 * time.Second), step, step + 1},
		{"empty", "", 0, 0},
		{"too long", code(0) + "0", 0, 0},
		{"other digits", "１２３４５６", 0, 0},
	} {
		if got := FactorStep(secret, c.code, now, c.last); got != c.want {
			t.Errorf("%s: step %d, want %d", c.name, got, c.want)
		}
	}
	if got := FactorStep(secret, "000000", time.Unix(-5, 0), 0); got > 1 {
		t.Errorf("before 1970: step %d", got)
	}
}

func TestFactorURI(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(FactorURI([]byte("12345678901234567890"), "Our house: 우리 집", "mina@home.example"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Our house  우리 집:mina@home.example" {
		t.Errorf("address %s", u)
	}
	if q := u.Query(); q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || q.Get("issuer") != "Our house  우리 집" {
		t.Errorf("query %v", q)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	codes, stored := NewRecoveryCodes()
	seen := map[string]bool{}
	for _, code := range codes {
		seen[code] = true
		if len(code) != 19 {
			t.Errorf("code %q", code)
		}
	}
	if len(seen) != RecoveryCodes || len(stored) != RecoveryCodes {
		t.Errorf("%d different codes, %d stored", len(seen), len(stored))
	}
	for i, written := range []string{codes[3], " " + upper(codes[4]) + " "} {
		left, ok := TakeRecovery(stored, written)
		if !ok || len(left) != RecoveryCodes-1-i {
			t.Fatalf("%q: %t, %d left", written, ok, len(left))
		}
		if _, ok := TakeRecovery(left, written); ok {
			t.Errorf("%q works twice", written)
		}
		stored = left
	}
	for _, wrong := range []string{"", "-", codes[0][:18], codes[0] + "a", "aaaa-aaaa-aaaa-aaaa"} {
		if left, ok := TakeRecovery(stored, wrong); ok || len(left) != len(stored) {
			t.Errorf("%q: %t, %d left", wrong, ok, len(left))
		}
	}
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		if c == '-' {
			b[i] = ' '
		}
	}
	return string(b)
}
