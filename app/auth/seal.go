package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrSeal means that a sealed text was not made here, was made for something
// else, or was changed.
var ErrSeal = errors.New("sealed text is not valid")

// MaxSealBytes is the length over which a sealed text is refused unread.
const MaxSealBytes = 4 << 10

// Sealer makes texts that only this house can read and make, such as the
// cursors of lists: AES-256-GCM with a random nonce (NIST SP 800-38D section
// 8.2.2), the key derived by HKDF (RFC 5869). It is safe for concurrent use.
type Sealer struct {
	aead cipher.AEAD
}

// NewSealer makes a sealer from a random key of at least 32 bytes; a shorter
// one is ErrKeyShort. The key may serve other purposes too.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) < 32 {
		return nil, ErrKeyShort
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "earshot seal 1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &Sealer{aead: aead}, nil
}

// Seal gives b as text of letters, digits, "-" and "_" (RFC 4648 section 5)
// that only Open with the same kind reads. Sealing the same twice gives
// different texts. Text longer than MaxSealBytes, from about 3 000 bytes on,
// cannot be opened.
func (s *Sealer) Seal(kind string, b []byte) string {
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, b, []byte(kind)))
}

// Open gives back what was sealed for a kind. Anything else is ErrSeal.
func (s *Sealer) Open(kind, text string) ([]byte, error) {
	if len(text) > MaxSealBytes || strings.ContainsAny(text, "\r\n") { // the decoder would skip line ends
		return nil, ErrSeal
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, ErrSeal
	}
	b, err := s.aead.Open(nil, nil, sealed, []byte(kind))
	if err != nil {
		return nil, ErrSeal
	}
	return b, nil
}
