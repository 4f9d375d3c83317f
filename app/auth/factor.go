package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
)

// Time-based codes as every authenticator app makes them (RFC 6238): SHA-1, six
// digits, a new one each half a minute.
const (
	codePeriod = 30 // seconds
	codeDrift  = 1  // steps that a clock may be off, to either side (RFC 6238 section 5.2)

	// RecoveryCodes is how many recovery codes somebody gets.
	RecoveryCodes = 10
)

// NewFactorSecret makes the 160 random bits that time-based codes are made of
// (RFC 4226 section 4, R6).
func NewFactorSecret() []byte {
	secret := make([]byte, 20)
	rand.Read(secret)
	return secret
}

// FactorText writes a secret as it is typed into an app (RFC 4648 section 6).
func FactorText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// FactorURI gives the address by which an app takes a secret over: house and
// account are what it shows.
func FactorURI(secret []byte, house, account string) string {
	house = strings.ReplaceAll(house, ":", " ")                            // which parts the two
	query := url.Values{"secret": {FactorText(secret)}, "issuer": {house}} // the rest is what apps take for granted
	return "otpauth://totp/" + url.PathEscape(house) + ":" + url.PathEscape(account) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// FactorCode gives the code of a secret at a moment.
func FactorCode(secret []byte, at time.Time) (string, error) {
	return hotp.GenerateCode(FactorText(secret), uint64(stepOf(at)))
}

// stepOf counts the steps since 1970; before it there are none.
func stepOf(at time.Time) int64 { return max(0, at.Unix()/codePeriod) }

// FactorStep gives the time step that a code is of, around a moment. Only steps
// behind the last that was taken count, so that nobody takes a code that was
// seen. It is 0 when the code is wrong.
func FactorStep(secret []byte, code string, now time.Time, last int64) int64 {
	code = strings.Join(strings.Fields(code), "")
	found := int64(0)
	for step := max(1, stepOf(now)-codeDrift); step <= stepOf(now)+codeDrift; step++ {
		want, err := hotp.GenerateCode(FactorText(secret), uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	return found
}

// NewRecoveryCodes makes codes of 80 random bits for whoever lost what makes
// the others, and what is stored of them.
func NewRecoveryCodes() (codes []string, hashes [][]byte) {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	for range RecoveryCodes {
		var b [16]byte
		rand.Read(b[:])
		var code strings.Builder
		for i, c := range b {
			if i > 0 && i%4 == 0 {
				code.WriteByte('-')
			}
			code.WriteByte(letters[c&31])
		}
		codes = append(codes, code.String())
		hashes = append(hashes, hashRecovery(code.String()))
	}
	return codes, hashes
}

// hashRecovery gives the SHA-256 of a recovery code, however it is written. A
// plain hash is enough: 80 bits can't be guessed.
func hashRecovery(code string) []byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-':
			return -1
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, code)
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// TakeRecovery gives what is left of the stored codes when one was used. ok is
// false when it is none of them.
func TakeRecovery(stored [][]byte, code string) (left [][]byte, ok bool) {
	hash := hashRecovery(code)
	for _, one := range stored {
		if subtle.ConstantTimeCompare(one, hash) == 1 {
			ok = true
			continue
		}
		left = append(left, one)
	}
	return left, ok
}
