package db_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"earshot/db"
)

// TestSpillGivesItsEntriesInOrder sorts entries that fit into memory at once, in
// few pieces and in very many, of several buckets.
func TestSpillGivesItsEntriesInOrder(t *testing.T) {
	t.Parallel()
	for _, piece := range []int{1 << 20, 50_000, 1000, 1} {
		dir := t.TempDir()
		random := rand.New(rand.NewPCG(1, uint64(piece)))
		var keys []uint64
		for range 3000 {
			keys = append(keys, random.Uint64())
		}
		var got [2][]uint64
		err := db.Spill(dir, piece, func(add func(which int, key, payload []byte)) {
			for i, key := range keys {
				payload := make([]byte, random.IntN(200))
				if len(payload) > 0 {
					payload[0] = byte(key)
				}
				add(i%2, binary.BigEndian.AppendUint64(nil, key), payload)
			}
		}, func(which int, key, payload []byte) {
			if len(payload) > 0 && payload[0] != key[7] {
				t.Errorf("piece %d: a key has the payload of another", piece)
			}
			got[which] = append(got[which], binary.BigEndian.Uint64(key))
		})
		if err != nil {
			t.Fatal(err)
		}
		for which, list := range got {
			var want []uint64
			for i, key := range keys {
				if i%2 == which {
					want = append(want, key)
				}
			}
			slices.Sort(want)
			if !slices.Equal(list, want) {
				t.Errorf("piece %d, bucket %d: %d entries come, not the %d in order", piece, which, len(list), len(want))
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("piece %d: files are left: %v, %v", piece, left, err)
		}
	}
}
