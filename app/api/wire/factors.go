package wire

import "time"

// Code answers the question for a second factor at a sign-in.
type Code struct {
	Ticket string `json:"ticket" maxLength:"1024" doc:"What the sign-in gave."`
	Code   string `json:"code" maxLength:"64" doc:"Of the authenticator app, or a recovery code."`
}

// Proof is the own password, given again.
type Proof struct {
	Password string `json:"password,omitempty" maxLength:"1024" doc:"Absent where the account has none: then the session has to be fresh."`
}

// CodeProof is the own password, given again, and a code.
type CodeProof struct {
	Proof
	Code string `json:"code" maxLength:"64" doc:"Of the authenticator app, or a recovery code."`
}

// FirstCode is what the authenticator app shows once it has the key.
type FirstCode struct {
	Code string `json:"code" maxLength:"64"`
}

// FactorSetup is what an authenticator app has to know.
type FactorSetup struct {
	Key string `json:"key" doc:"In base32, as it is typed into an app."`
	URI string `json:"uri" doc:"An otpauth address, as apps scan it."`
	QR  QR     `json:"qr" doc:"The address as a QR code."`
}

// RecoveryCodes let somebody in who lost what makes the codes. They are told
// this once.
type RecoveryCodes struct {
	Codes []string `json:"codes" nullable:"false"`
}

// Security says how the own account is kept.
type Security struct {
	Password      bool      `json:"password" doc:"The account has a password."`
	Factor        Factor    `json:"factor"`
	Passkeys      []Passkey `json:"passkeys" nullable:"false"`
	PasskeyOrigin string    `json:"passkey_origin,omitempty" doc:"Where passkeys work: https, or this machine; absent where they don't."`
}

// Factor says whether a code is asked for after the password.
type Factor struct {
	On    bool      `json:"on"`
	Since time.Time `json:"since,omitzero"`
	Left  int       `json:"left" doc:"Recovery codes that were not used."`
}

// Passkey is a key on a device that signs in without a password.
type Passkey struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero" doc:"The last sign-in by it; absent before the first."`
	Synced  bool      `json:"synced" doc:"It may be on several devices of its owner."`
}

// PasskeyPatch changes an own passkey.
type PasskeyPatch struct {
	Name string `json:"name" maxLength:"60"`
}

// PasskeyAsk is what the browser needs to make or to show a passkey. Bytes are
// in base64url. A person has to be verified by the device.
type PasskeyAsk struct {
	Paper     string   `json:"paper" doc:"To be sent back with what the browser gives; good once, for five minutes."`
	Challenge string   `json:"challenge"`
	Site      string   `json:"site" doc:"Id of the relying party."`
	House     string   `json:"house,omitempty"`
	User      string   `json:"user,omitempty" doc:"The handle that the passkey is made with."`
	Account   string   `json:"account,omitempty"`
	Name      string   `json:"name,omitempty"`
	Kinds     []int64  `json:"kinds,omitempty" doc:"COSE numbers of the signatures that are taken, the most wanted first."`
	Have      []string `json:"have,omitempty" doc:"Ids of the credentials that there are already."`
}

// NewPasskey is a passkey that the browser made. Bytes are in base64url.
type NewPasskey struct {
	Paper       string   `json:"paper" maxLength:"1024"`
	Name        string   `json:"name,omitempty" maxLength:"60" doc:"How its owner calls it; the browser's name when absent."`
	ID          string   `json:"id" maxLength:"1400"`
	ClientData  string   `json:"client_data" maxLength:"8192"`
	Attestation string   `json:"attestation" maxLength:"32768"`
	Transports  []string `json:"transports,omitempty" maxItems:"16" nullable:"false"`
}

// ShownPasskey is a passkey that the browser showed. Bytes are in base64url.
type ShownPasskey struct {
	Paper      string `json:"paper" maxLength:"1024"`
	ID         string `json:"id" maxLength:"1400"`
	ClientData string `json:"client_data" maxLength:"8192"`
	Data       string `json:"data" maxLength:"8192" doc:"The authenticator data."`
	Signature  string `json:"signature" maxLength:"2048"`
	User       string `json:"user" maxLength:"128" doc:"The handle that it was made with."`
}
