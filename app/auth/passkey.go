package auth

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// ErrPasskey means that what a browser brought is no passkey, or does not prove
// what it should. The rest of the error is for the log.
var ErrPasskey = errors.New("passkey is not valid")

// ErrPasskeyCount means that an authenticator has counted less than it had: a
// copy of it may be about (Web Authentication Level 3, section 6.1.1).
var ErrPasskeyCount = errors.New("the authenticator counts backwards")

// PasskeyAlgorithms are the signatures that are taken, by their numbers in COSE
// (RFC 9053), the most wanted first: EdDSA, ES256, RS256.
var PasskeyAlgorithms = []int64{int64(webauthncose.AlgEdDSA), int64(webauthncose.AlgES256), int64(webauthncose.AlgRS256)}

// Site is where people reach the house, as Web Authentication calls it: the
// relying party's id and the one origin that is believed.
type Site struct {
	ID     string // "music.example.org"
	Origin string // "https://music.example.org"
}

// Made is what a browser brings when a passkey was made.
type Made struct {
	ID          []byte // of the credential
	ClientData  []byte // JSON
	Attestation []byte // CBOR
	Transports  []string
}

// Shown is what a browser brings when a passkey was shown.
type Shown struct {
	ID                []byte // of the credential
	ClientData        []byte // JSON
	AuthenticatorData []byte
	Signature         []byte
	User              []byte // the handle that it was made with
}

// Credential is what is kept of a passkey.
type Credential struct {
	ID         []byte
	Key        []byte // COSE
	Count      uint32
	Syncs      bool
	Model      []byte // AAGUID
	Transports []string
}

const (
	maxCredential = 1023 // bytes of an id (section 7.1 step 25)
	maxTransports = 8
)

// challengeText writes a challenge as clients do.
func challengeText(challenge []byte) string { return base64.RawURLEncoding.EncodeToString(challenge) }

// MakePasskey checks a passkey that was made for a challenge (section 7.1). The
// person has to have been verified. What made it is not asked for, so it is not
// believed either. Every failure is ErrPasskey.
func MakePasskey(site Site, challenge []byte, m Made) (Credential, error) {
	response := protocol.CredentialCreationResponse{PublicKeyCredential: publicKey(m.ID)}
	response.AttestationResponse.ClientDataJSON = m.ClientData
	response.AttestationResponse.AttestationObject = m.Attestation
	parsed, err := response.Parse()
	if err != nil {
		return Credential{}, fmt.Errorf("%w: %w", ErrPasskey, explain(err))
	}
	var wanted []protocol.CredentialParameter
	for _, alg := range PasskeyAlgorithms {
		wanted = append(wanted, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(alg)})
	}
	_, err = parsed.Verify(challengeText(challenge), site.ID, []string{site.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, true, true, nil, wanted, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return Credential{}, fmt.Errorf("%w: %w", ErrPasskey, explain(err))
	}
	data := parsed.Response.AttestationObject.AuthData
	if len(data.AttData.CredentialID) > maxCredential {
		return Credential{}, fmt.Errorf("%w: its id has %d bytes", ErrPasskey, len(data.AttData.CredentialID))
	}
	if !data.Flags.HasBackupEligible() && data.Flags.HasBackupState() {
		return Credential{}, fmt.Errorf("%w: it is kept elsewhere and can't be", ErrPasskey)
	}
	c := Credential{
		ID: data.AttData.CredentialID, Key: data.AttData.CredentialPublicKey, Count: data.Counter,
		Syncs: data.Flags.HasBackupEligible(), Model: data.AttData.AAGUID,
	}
	for _, transport := range m.Transports {
		switch transport { // section 5.8.4
		case "usb", "nfc", "ble", "smart-card", "hybrid", "internal":
			if len(c.Transports) < maxTransports {
				c.Transports = append(c.Transports, transport)
			}
		}
	}
	return c, nil
}

// CheckPasskey checks that a passkey was shown for a challenge (section 7.2),
// by the person themselves. It gives the authenticator's new count; when that
// is not beyond the last one it is ErrPasskeyCount. Every other failure is
// ErrPasskey.
func CheckPasskey(site Site, challenge []byte, c Credential, s Shown) (count uint32, err error) {
	response := protocol.CredentialAssertionResponse{PublicKeyCredential: publicKey(s.ID)}
	response.AssertionResponse.ClientDataJSON = s.ClientData
	response.AssertionResponse.AuthenticatorData = s.AuthenticatorData
	response.AssertionResponse.Signature = s.Signature
	response.AssertionResponse.UserHandle = s.User
	parsed, err := response.Parse()
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrPasskey, explain(err))
	}
	if string(s.ID) != string(c.ID) {
		return 0, fmt.Errorf("%w: it is another", ErrPasskey)
	}
	err = parsed.Verify(challengeText(challenge), site.ID, "", []string{site.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, true, true, c.Key, protocol.SignaturePolicy{})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrPasskey, explain(err))
	}
	data := parsed.Response.AuthenticatorData
	if data.Flags.HasBackupEligible() != c.Syncs || !c.Syncs && data.Flags.HasBackupState() {
		return 0, fmt.Errorf("%w: whether it may be kept elsewhere has changed", ErrPasskey)
	}
	if count = data.Counter; (count != 0 || c.Count != 0) && count <= c.Count {
		return 0, fmt.Errorf("%w: %d after %d", ErrPasskeyCount, count, c.Count)
	}
	return count, nil
}

func publicKey(id []byte) (p protocol.PublicKeyCredential) {
	p.ID, p.RawID, p.Type = base64.RawURLEncoding.EncodeToString(id), id, string(protocol.PublicKeyCredentialType)
	return p
}

// explain adds what the library tells apart from its errors.
func explain(err error) error {
	var p *protocol.Error
	if errors.As(err, &p) && p.DevInfo != "" {
		return fmt.Errorf("%s: %s", p.Details, p.DevInfo)
	}
	return err
}
