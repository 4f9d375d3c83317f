package db

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
)

// scan reads what can be read of a damaged file. Unlike pageWalk it passes over
// what is wrong, and takes what nothing leads to any more: a value tells by its
// seal which bucket it is of. Pages that the file lists as free are never read:
// they hold what was deleted or changed since.
type scan struct {
	ctx   context.Context
	f     *os.File
	h     head
	pages uint64 // that are there
	// take is given every whole value once; stray ones come last, and count only
	// where nothing else stands under their key.
	take   func(b bucket, key, payload []byte, stray bool) error
	old    bool     // take strays also where free pages can't be told from them
	seen   []uint64 // one bit a page
	free   []uint64 // likewise; nil when it can't be told
	names  map[string]bucket
	broken []uint64          // pages that can't be read, or not all of them
	rotten map[bucket]uint64 // values that are not what was stored
	strays uint64            // values that were found where nothing led to
}

func bit(set []uint64, id uint64) bool { return set[id/64]&(1<<(id%64)) != 0 }
func mark(set []uint64, id uint64)     { set[id/64] |= 1 << (id % 64) }

// run reads the file. Only a file of which nothing can be told is an error.
func (s *scan) run() error {
	info, err := s.f.Stat()
	if err != nil {
		return err
	}
	heads, err := readHeads(s.f, info.Size())
	if err != nil {
		return err
	}
	s.h = slices.MaxFunc(heads, func(a, b head) int {
		if a.txid < b.txid {
			return -1
		}
		return 1
	})
	s.pages = min(s.h.high, uint64(info.Size()/s.h.pageSize))
	s.seen = make([]uint64, s.h.high/64+1)
	s.rotten = map[bucket]uint64{}
	s.names = make(map[string]bucket, bucketCount)
	for b := range bucketCount {
		s.names[b.String()] = b
	}
	s.readFree()
	if err := s.page(s.h.root, bucketCount, nil, nil, 0); err != nil {
		return err
	}
	if len(s.broken) == 0 && s.free != nil {
		return nil // nothing can be missing
	}
	return s.readStrays()
}

// readFree notes which pages are free, if that can be told.
func (s *scan) readFree() {
	w := &pageWalk{ctx: s.ctx, f: s.f, h: s.h, full: true, seen: make([]uint64, s.h.high/64+1)}
	if s.h.freelist < 2 || s.h.freelist >= s.pages || w.freelist() != nil {
		s.broken = append(s.broken, s.h.freelist)
		return
	}
	s.free = w.seen // its own pages too
}

// read gives a page with its overflow; nil when it is not whole.
func (s *scan) read(id uint64) []byte {
	size := s.h.pageSize
	if id < 2 || id >= s.pages {
		return nil
	}
	p := make([]byte, size)
	if _, err := s.f.ReadAt(p, int64(id)*size); err != nil || order.Uint64(p) != id {
		return nil
	}
	if over := overflow(p); over > 0 {
		if over >= s.pages-id || over >= uint64(maxPage/size) {
			return nil
		}
		p = append(p, make([]byte, int64(over)*size)...)
		if _, err := s.f.ReadAt(p[size:], int64(id+1)*size); err != nil {
			return nil
		}
	}
	return p
}

// page reads a page of a bucket (bucketCount: of the list of buckets), and those
// below it, whose keys lie within bounds.
func (s *scan) page(id uint64, b bucket, low, high []byte, level int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	p := s.read(id)
	if p == nil || level > maxDepth || bit(s.seen, id) || s.free != nil && bit(s.free, id) || !s.fits(p, b, low, high) {
		s.broken = append(s.broken, id)
		return nil
	}
	switch order.Uint16(p[8:]) {
	case branchPage:
		s.used(id, p)
		return s.branch(id, p, b, low, high, level)
	case leafPage:
		s.used(id, p)
		return s.leaf(id, p, b, low, high, level, false)
	}
	s.broken = append(s.broken, id)
	return nil
}

// fits tells whether a page can be the one that was looked for. One that was
// come to by a rotten number is left to where it belongs.
func (s *scan) fits(p []byte, b bucket, low, high []byte) bool {
	leaf := order.Uint16(p[8:]) == leafPage
	entries, fit := 0, 0
	s.elements(p, func(e []byte) (pos, key, value uint64) {
		if leaf {
			return leafElement(e)
		}
		return branchElement(e)
	}, low, high, func(e, key, value []byte) error {
		entries++
		if leaf && b < bucketCount {
			if _, err := unseal(b, key, value); err != nil {
				return nil
			}
		}
		fit++
		return nil
	})
	return fit > 0 || entries == 0 && order.Uint16(p[10:]) == 0
}

func branchElement(e []byte) (pos, key, value uint64) {
	return uint64(order.Uint32(e)), uint64(order.Uint32(e[4:])), 0
}

func leafElement(e []byte) (pos, key, value uint64) {
	return uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
}

func (s *scan) used(id uint64, p []byte) {
	for i := range overflow(p) + 1 {
		mark(s.seen, id+i)
	}
}

func (s *scan) branch(id uint64, p []byte, b bucket, low, high []byte, level int) error {
	type child struct {
		id  uint64
		key []byte
	}
	var children []child
	whole := s.elements(p, branchElement, low, high, func(e, key, _ []byte) error {
		children = append(children, child{order.Uint64(e[8:]), key})
		return nil
	})
	if whole != nil || len(children) == 0 {
		s.broken = append(s.broken, id)
	}
	for i, c := range children {
		bound := high
		if i+1 < len(children) {
			bound = children[i+1].key
		}
		if err := s.page(c.id, b, c.key, bound, level+1); err != nil {
			return err
		}
	}
	return nil
}

// errPartly says that not all entries of a page can be read.
var errPartly = fmt.Errorf("%w: not all of a page can be read", ErrDamaged)

// elements calls fn with the elements of a page that lie within it and whose
// keys rise within the bounds; errPartly when there are others.
func (s *scan) elements(p []byte, size func(e []byte) (pos, key, value uint64), low, high []byte, fn func(e, key, value []byte) error) error {
	count := uint64(order.Uint16(p[10:]))
	room := uint64(len(p)-pageHeader) / pageElement
	var partly error
	if count > room {
		count, partly = room, errPartly
	}
	var last []byte
	for i := range count {
		at := pageHeader + i*pageElement
		e := p[at : at+pageElement]
		pos, keySize, valueSize := size(e)
		start := at + pos
		if keySize == 0 || start > uint64(len(p)) || keySize > uint64(len(p))-start || valueSize > uint64(len(p))-start-keySize {
			partly = errPartly
			continue
		}
		key := p[start : start+keySize]
		if low != nil && bytes.Compare(key, low) < 0 || high != nil && bytes.Compare(key, high) >= 0 || last != nil && bytes.Compare(key, last) <= 0 {
			partly = errPartly
			continue
		}
		if err := fn(e, key, p[start+keySize:start+keySize+valueSize]); err != nil {
			return err
		}
		last = key
	}
	return partly
}

func (s *scan) leaf(id uint64, p []byte, b bucket, low, high []byte, level int, stray bool) error {
	err := s.elements(p, leafElement, low, high, func(e, key, value []byte) error {
		isBucket := order.Uint32(e)&bucketLeaf != 0
		if isBucket && (b == bucketCount || stray) {
			return s.root(string(key), id, value, level, stray)
		}
		if b == bucketCount && !stray || isBucket {
			s.broken = append(s.broken, id)
			return nil
		}
		if stray {
			var ok bool
			if b, ok = s.whose(b, key, value); !ok {
				return nil
			}
			s.strays++
		}
		payload, err := unseal(b, key, value)
		if err != nil {
			s.rotten[b]++
			return nil
		}
		return s.take(b, key, payload, stray)
	})
	if err == errPartly {
		s.broken = append(s.broken, id)
		return nil
	}
	return err
}

// root reads a bucket from its entry in the list of buckets.
func (s *scan) root(name string, id uint64, value []byte, level int, stray bool) error {
	b, known := s.names[name]
	if !known || len(value) < bucketHead {
		s.broken = append(s.broken, id)
		return nil
	}
	if root := order.Uint64(value); root != 0 {
		if stray {
			return nil // what is below it is astray too
		}
		return s.page(root, b, nil, nil, level+1)
	}
	inline := value[bucketHead:]
	if len(inline) < pageHeader || order.Uint16(inline[8:]) != leafPage {
		s.broken = append(s.broken, id)
		return nil
	}
	return s.leaf(id, inline, b, nil, nil, level, false)
}

// whose tells which bucket a value is of, by its seal; the last one is tried
// first.
func (s *scan) whose(last bucket, key, value []byte) (bucket, bool) {
	if last < bucketCount {
		if _, err := unseal(last, key, value); err == nil {
			return last, true
		}
	}
	for b := range bucketCount {
		if _, err := unseal(b, key, value); err == nil {
			return b, true
		}
	}
	return last, false
}

// readStrays reads the leaves that nothing leads to, if free pages can be told
// from them, or what they hold is welcome too. Later pages were mostly written
// later: they go first.
func (s *scan) readStrays() error {
	if s.free == nil && !s.old {
		return nil
	}
	for id := s.pages - 1; id >= 2; id-- {
		if bit(s.seen, id) || s.free != nil && bit(s.free, id) {
			continue
		}
		if err := s.ctx.Err(); err != nil {
			return err
		}
		p := s.read(id)
		if p == nil || order.Uint16(p[8:]) != leafPage {
			continue
		}
		if err := s.leaf(id, p, bucketCount, nil, nil, 0, true); err != nil {
			return err
		}
	}
	return nil
}
