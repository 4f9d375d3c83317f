package db

import (
	"crypto/sha256"
	"encoding/binary"
)

// Everything gives a sum of all entries of all buckets, as they stand in the
// file.
func Everything(tx *Tx) (sum [32]byte, err error) {
	h := sha256.New()
	part := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		h.Write(b)
	}
	for b := range bucketCount {
		part([]byte(b.String()))
		err := tx.bucket(b).ForEach(func(k, v []byte) error {
			part(k)
			part(v)
			return nil
		})
		if err != nil {
			return sum, err
		}
	}
	return [32]byte(h.Sum(nil)), nil
}

// PageSize gives the bytes of a page of an open file.
func PageSize(d *DB) int { return d.bolt.Info().PageSize }

// SetMost sets how long a file may become, as it is on machines that can't map
// more.
func SetMost(d *DB, bytes int) { d.bolt.MaxSize = bytes }
