package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/text/unicode/norm"
)

const (
	sealSize = 4       // bytes of CRC-32C before every value
	maxValue = 1 << 20 // bytes of the largest record
	maxName  = 512     // bytes of the longest name in an index
	maxKey   = 1024    // bytes of the longest key
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	encoding   = encodingMode()
	decoding   = decodingMode()
)

func encodingMode() cbor.EncMode {
	opts := cbor.CoreDetEncOptions()
	opts.Time = cbor.TimeUnixMicro
	mode, err := opts.EncMode()
	if err != nil {
		panic(err) // the options are constants: a test would see it
	}
	return mode
}

// decodingMode is strict: a record with a field that this version does not
// know would lose it when it is written again.
func decodingMode() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   8,
		MaxArrayElements:  maxValue, // what could be stored can be read
		MaxMapPairs:       1 << 10,
		UTF8:              cbor.UTF8DecodeInvalid,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}

// encode gives the bytes of the record that a pointer leads to. Its times are
// tidied on the way.
func encode(record any) ([]byte, error) {
	if err := tidy(record); err != nil {
		return nil, err
	}
	return encoding.Marshal(record)
}

// decode reads the bytes of a record into what out points to.
func decode(b []byte, out any) error {
	if err := decoding.Unmarshal(b, out); err != nil {
		return err
	}
	return tidy(out)
}

// tidy gives the times of a record the form that they come back in.
func tidy(record any) error {
	switch r := record.(type) {
	case *User:
		return tidyTimes(&r.Created)
	case *Session:
		return tidyTimes(&r.Created, &r.Seen, &r.Expires, &r.Until)
	case *Identity:
		return tidyTimes(&r.Created, &r.Used)
	case *Track:
		return tidyTimes(&r.Created, &r.Updated, &r.Release.At)
	case *Job:
		return tidyTimes(&r.After, &r.Created)
	case *Comment:
		return tidyTimes(&r.Created, &r.Edited)
	case *Playlist:
		return tidyTimes(&r.Created, &r.Updated, &r.Release.At)
	case *Conversation:
		return tidyTimes(&r.Created)
	case *Message:
		return tidyTimes(&r.Created)
	case *Notification:
		return tidyTimes(&r.Created)
	case *Report:
		return tidyTimes(&r.Created, &r.Answered)
	case *Factor:
		return tidyTimes(&r.Created)
	case *Queue:
		return tidyTimes(&r.Changed)
	case *Key:
		return tidyTimes(&r.Created, &r.Used, &r.Expires)
	case *Bookmark:
		return tidyTimes(&r.Created, &r.Changed)
	case *Scrobbler:
		return tidyTimes(&r.Last, &r.Failed, &r.Created)
	case *Scrobble:
		return tidyTimes(&r.Heard)
	case *Passkey:
		return tidyTimes(&r.Created, &r.Used)
	case *Link:
		return tidyTimes(&r.Expires, &r.Created, &r.Used)
	case *Invite:
		return tidyTimes(&r.Expires, &r.Created)
	case *Reset:
		return tidyTimes(&r.Expires, &r.Created)
	}
	return nil
}

var errTime = errors.New("a time is out of range")

// tidyTimes takes off the local zone and what is below the microsecond, where
// the floating-point form adds some. Beyond the year 2106 that form is not
// exact enough, and whole seconds have to do.
func tidyTimes(times ...*time.Time) error {
	for _, t := range times {
		if t.IsZero() {
			*t = time.Time{}
			continue
		}
		precision := time.Microsecond
		if s := t.Unix(); s >= 1<<32-1 || s <= -1<<32 {
			precision = time.Second
		}
		*t = t.UTC().Round(precision)
		if t.Year() < 1 || t.Year() > 9999 {
			return errTime
		}
	}
	return nil
}

// seal gives the value to store: the checksum, then the payload.
func seal(b bucket, key, payload []byte) []byte {
	value := make([]byte, sealSize, sealSize+len(payload))
	binary.LittleEndian.PutUint32(value, checksum(b, key, payload))
	return append(value, payload...)
}

// unseal gives the payload of a stored value, or ErrCorrupt. The payload lies
// within the value.
func unseal(b bucket, key, value []byte) ([]byte, error) {
	if len(key) > maxKey || len(value) < sealSize || len(value) > sealSize+maxValue ||
		binary.LittleEndian.Uint32(value) != checksum(b, key, value[sealSize:]) {
		return nil, corrupt(b, key, nil)
	}
	return value[sealSize:], nil
}

// checksum binds a payload to the place that it is kept in, so that neither a
// rotten key nor a swapped page goes unnoticed.
func checksum(b bucket, key, payload []byte) uint32 {
	var sum uint32
	if len(key) < len(heads[b]) {
		sum = heads[b][len(key)]
	} else {
		sum = headSum(b, len(key))
	}
	sum = crc32.Update(sum, castagnoli, key)
	return crc32.Update(sum, castagnoli, payload)
}

// heads are the checksums of what stands before keys of the usual lengths:
// they are the same for very many entries of a list.
var heads = func() (sums [bucketCount][33]uint32) {
	for b := range bucketCount {
		for length := range sums[b] {
			sums[b][length] = headSum(b, length)
		}
	}
	return sums
}()

func headSum(b bucket, length int) uint32 {
	var head [24]byte
	n := copy(head[:20], b.String())
	binary.LittleEndian.PutUint32(head[n:], uint32(length))
	return crc32.Update(0, castagnoli, head[:n+4])
}

// corrupt names the place of a value that is not what was stored.
func corrupt(b bucket, key []byte, cause error) error {
	if len(key) > 64 {
		key = key[:64]
	}
	if cause != nil {
		return fmt.Errorf("%w: bucket %s, key %x: %w", ErrCorrupt, b, key, cause)
	}
	return fmt.Errorf("%w: bucket %s, key %x", ErrCorrupt, b, key)
}

// Alike gives the form that texts share which look the same: compatibility
// forms, case and the accents of Latin, Greek and Cyrillic letters go. Tags are
// kept under it.
func Alike(s string) string {
	s = norm.NFKD.String(strings.ToLower(norm.NFKC.String(s)))
	s = strings.Map(func(r rune) rune {
		if r >= 0x0300 && r <= 0x036F {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.ToLower(s))
}

// fold gives the form of a name that is compared.
func fold(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= 0x80 || c >= 'A' && c <= 'Z' {
			return norm.NFC.String(strings.ToLower(norm.NFC.String(name)))
		}
	}
	return name
}
