package db

import "path/filepath"

// OpenWithSteps opens a file with migrations of a test's own behind the real
// ones.
func OpenWithSteps(path string, steps ...func(*Tx) error) (*DB, error) {
	own := migrations()
	for _, s := range steps {
		own = append(own, s)
	}
	return Open(path, Options{steps: own})
}

// PutSecret stores a secret's bytes as they are.
func PutSecret(tx *Tx, name string, b []byte) error {
	return tx.put(inSecrets, []byte(name), b)
}

// Newest gives the version that a new file has.
func Newest() int { return len(migrations()) + 1 }

// Schema gives the version that an open file has.
func Schema(d *DB) int { return int(d.schema) }

// UsedBytes gives how much of the file is in use.
func UsedBytes(d *DB) (int64, error) {
	h, err := readHead(d.file)
	return int64(h.high) * h.pageSize, err
}

// ReservePath gives where the reserve of a database is.
func ReservePath(path string) string { return filepath.Clean(path) + ".reserve" }
