package wire

import (
	"encoding/json"
	"time"
)

// Release says when something is published by itself, and for whom.
type Release struct {
	At time.Time `json:"at" maxLength:"40" doc:"To the minute; at most a year ahead."`
	As string    `json:"as" enum:"followers,public"`
}

// ReleasePatch sets a release; null, where it is allowed, cancels it.
type ReleasePatch struct {
	At    time.Time `json:"at" maxLength:"40" doc:"To the minute; at most a year ahead."`
	As    string    `json:"as" enum:"followers,public"`
	Given bool      `json:"-"` // the field was there, be it null
}

// UnmarshalJSON tells null from a field that is absent.
func (p *ReleasePatch) UnmarshalJSON(b []byte) error {
	type plain ReleasePatch
	*p = ReleasePatch{Given: true}
	return json.Unmarshal(b, (*plain)(p))
}
