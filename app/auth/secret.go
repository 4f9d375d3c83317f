package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// NewSecret makes the 256 random bits that a session's token carries.
func NewSecret() [32]byte {
	var s [32]byte
	rand.Read(s[:]) // never fails: the program ends if the system has no randomness
	return s
}

// HashSecret gives what is stored of a secret: its SHA-256. A plain hash is
// enough because a secret cannot be guessed, unlike a password.
func HashSecret(secret [32]byte) []byte {
	sum := sha256.Sum256(secret[:])
	return sum[:]
}

// SecretMatches reports whether a stored hash is that of a secret, in a time
// that does not depend on where they differ.
func SecretMatches(stored []byte, secret [32]byte) bool {
	return subtle.ConstantTimeCompare(stored, HashSecret(secret)) == 1
}

// NewCode makes a random text of 26 lower-case letters and digits (at least
// 128 bits) for links that work once, such as the one that sets up the house.
func NewCode() string {
	const digits = "abcdefghijklmnopqrstuvwxyz234567"
	var b [26]byte
	rand.Read(b[:])
	for i, c := range b {
		b[i] = digits[c&31]
	}
	return string(b[:])
}

// HashCode gives what is stored of a code: its SHA-256, as of a secret.
func HashCode(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// CodeMatches reports whether two codes are the same, in a time that does not
// depend on where they differ. An empty code matches nothing.
func CodeMatches(want, got string) bool {
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}
