package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// This file reads the pages of a bbolt file by itself, by ReadAt and with every
// number checked, so that no damage can make it fault or run for ever. The
// format is that of go.etcd.io/bbolt, internal/common (page.go, meta.go,
// bucket.go): native byte order, a 16-byte header a page (id 8, flags 2,
// count 2, overflow 4), then elements of 16 bytes that point at keys and values
// behind them.

const (
	pageHeader  = 16
	pageElement = 16
	metaSize    = 64
	bucketHead  = 16 // root page 8, sequence 8; an inline page follows if root is 0

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketLeaf   = 0x01

	metaMagic   = 0xED0CDAED
	metaVersion = 2

	maxDepth = 64
	maxPage  = 64 << 20 // bytes of one page with its overflow: a very long freelist
)

// head is what a valid meta page says.
type head struct {
	pageSize int64
	root     uint64
	freelist uint64
	high     uint64 // pages in use have ids below
	txid     uint64
	alone    bool // the other meta page is not valid
}

var order = binary.NativeEndian

// readHead gives the newest valid head of a file, as bbolt would choose it,
// and makes sure that the file is as long as it says.
func readHead(f *os.File) (head, error) {
	info, err := f.Stat()
	if err != nil {
		return head{}, err
	}
	heads, err := readHeads(f, info.Size())
	if err != nil {
		return head{}, err
	}
	h := heads[0]
	if len(heads) > 1 && heads[1].txid > h.txid {
		h = heads[1]
	}
	h.alone = len(heads) == 1
	switch pages := uint64(info.Size() / h.pageSize); {
	case pages < h.high:
		return h, fmt.Errorf("%w: it is cut off: %d bytes of %d are there", ErrDamaged, info.Size(), h.high*uint64(h.pageSize))
	case h.root < 2 || h.root >= h.high || h.freelist < 2 || h.freelist >= h.high:
		return h, fmt.Errorf("%w: its meta page points outside of it", ErrDamaged)
	}
	return h, nil
}

// readHeads gives the valid ones of a file's two heads, at least one.
func readHeads(f io.ReaderAt, size int64) ([]head, error) {
	if size == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	var heads []head
	first, err := readMeta(f, 0)
	if err != nil {
		return nil, err
	}
	if first != nil {
		heads = append(heads, *first)
	}
	// The second page is a page's size into the file; without the first, all
	// sizes are tried that bbolt tries.
	for at := int64(1024); at <= 16<<20 && at < size; at *= 2 {
		if first != nil && at != first.pageSize {
			continue
		}
		second, err := readMeta(f, at)
		if err != nil {
			return nil, err
		}
		if second != nil && second.pageSize == at {
			heads = append(heads, *second)
			break
		}
	}
	if len(heads) == 0 {
		return nil, fmt.Errorf("%w: it is not an Earshot database, or both its meta pages are damaged", ErrDamaged)
	}
	return heads, nil
}

// readMeta gives the head in the page at an offset; nil when it is not valid.
func readMeta(f io.ReaderAt, at int64) (*head, error) {
	var page [pageHeader + metaSize]byte
	if n, err := f.ReadAt(page[:], at); n < len(page) {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	m := page[pageHeader:]
	sum := fnv.New64a()
	sum.Write(m[:56])
	if order.Uint32(m) != metaMagic || order.Uint32(m[4:]) != metaVersion || order.Uint64(m[56:]) != sum.Sum64() {
		return nil, nil
	}
	h := &head{
		pageSize: int64(order.Uint32(m[8:])),
		root:     order.Uint64(m[16:]),
		freelist: order.Uint64(m[32:]),
		high:     order.Uint64(m[40:]),
		txid:     order.Uint64(m[48:]),
	}
	if h.pageSize < 1024 || h.pageSize > 16<<20 || h.pageSize&(h.pageSize-1) != 0 {
		return nil, nil
	}
	return h, nil
}

// pageWalk goes through the pages that a head leads to.
type pageWalk struct {
	ctx  context.Context
	f    io.ReaderAt
	h    head
	full bool   // leaves and the freelist too, not only the branches
	only string // the one bucket to look at, when not all
	// each is given every key and value outside of the list of buckets, when
	// the walk is full; they are good during the call.
	each func(bucket string, key, value []byte) error
	seen []uint64 // one bit a page
	buf  [][]byte // one page a level
}

func (w *pageWalk) damaged(id uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d: %s", ErrDamaged, id, fmt.Sprintf(format, args...))
}

// run walks the whole file.
func (w *pageWalk) run() error {
	w.seen = make([]uint64, w.h.high/64+1)
	if err := w.see(0, 2); err != nil {
		return err
	}
	if err := w.freelist(); err != nil {
		return err
	}
	if err := w.see(w.h.root, 1); err != nil {
		return err
	}
	if err := w.page("", w.h.root, nil, nil, 0); err != nil {
		return err
	}
	if !w.full {
		return nil
	}
	for id := range w.h.high {
		if w.seen[id/64]&(1<<(id%64)) == 0 {
			return w.damaged(id, "it is neither used nor free")
		}
	}
	return nil
}

// see notes pages as used; none may be used twice.
func (w *pageWalk) see(id, count uint64) error {
	if id > w.h.high || count > w.h.high-id {
		return w.damaged(id, "it lies outside of the file")
	}
	for ; count > 0; id, count = id+1, count-1 {
		bit := uint64(1) << (id % 64)
		if w.seen[id/64]&bit != 0 {
			return w.damaged(id, "it is used twice")
		}
		w.seen[id/64] |= bit
	}
	return nil
}

// read gives a page with its overflow, in the buffer of a level.
func (w *pageWalk) read(id uint64, level int) ([]byte, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	for len(w.buf) <= level {
		w.buf = append(w.buf, nil)
	}
	size := w.h.pageSize
	p := grown(w.buf[level], int(size))
	at := int64(id) * size
	if _, err := w.f.ReadAt(p, at); err != nil {
		return nil, w.damaged(id, "%v", err)
	}
	if got := order.Uint64(p); got != id {
		return nil, w.damaged(id, "it calls itself %d", got)
	}
	if overflow := uint64(order.Uint32(p[12:])); overflow > 0 {
		if overflow >= w.h.high-id || overflow >= uint64(maxPage/size) {
			return nil, w.damaged(id, "it has %d more pages", overflow)
		}
		p = grown(p, int(size)*int(overflow+1))
		if _, err := w.f.ReadAt(p[size:], at+size); err != nil {
			return nil, w.damaged(id, "%v", err)
		}
	}
	w.buf[level] = p
	return p, nil
}

// grown gives a slice of a size that begins as b does.
func grown(b []byte, size int) []byte {
	if cap(b) >= size {
		return b[:size]
	}
	return append(make([]byte, 0, size), b...)[:size]
}

// overflow gives how many pages follow the first of a page that was read.
func overflow(p []byte) uint64 { return uint64(order.Uint32(p[12:])) }

// freelist notes the free pages as seen, when the walk is full; else it only
// makes sure that they can be told.
func (w *pageWalk) freelist() error {
	id := w.h.freelist
	p, err := w.read(id, 0)
	if err != nil {
		return err
	}
	if order.Uint16(p[8:]) != freelistPage {
		return w.damaged(id, "it is not the freelist")
	}
	if err := w.see(id, overflow(p)+1); err != nil {
		return err
	}
	list := p[pageHeader:]
	count := uint64(order.Uint16(p[10:]))
	if count == 0xFFFF { // more than fits: the first entry counts them
		count, list = order.Uint64(list), list[8:]
	}
	if count > uint64(len(list)/8) {
		return w.damaged(id, "it lists %d free pages", count)
	}
	last := uint64(1)
	for i := range count {
		free := order.Uint64(list[8*i:])
		if free <= last || free >= w.h.high {
			return w.damaged(id, "its list of free pages is wrong")
		}
		last = free
		if err := w.see(free, 1); err != nil {
			return err
		}
	}
	return nil
}

// page walks a page that was seen, and those below it. Its keys are at least
// low and below high, where those are given.
func (w *pageWalk) page(bucket string, id uint64, low, high []byte, level int) error {
	if level > maxDepth {
		return w.damaged(id, "the tree is too deep")
	}
	p, err := w.read(id, level)
	if err != nil {
		return err
	}
	if w.full {
		if err := w.see(id+1, overflow(p)); err != nil {
			return err
		}
	}
	switch order.Uint16(p[8:]) {
	case branchPage:
		return w.branch(bucket, id, p, low, high, level)
	case leafPage:
		if !w.full && bucket != "" {
			return nil
		}
		return w.leaf(bucket, id, p, low, high, level)
	}
	return w.damaged(id, "it is neither a branch nor a leaf")
}

// elements calls fn with every element of a page: its key, and where that
// begins in the page. Keys must rise within the bounds.
func (w *pageWalk) elements(id uint64, p, low, high []byte, size func(e []byte) (pos, key, value uint64), fn func(e, key, value []byte) error) error {
	count := uint64(order.Uint16(p[10:]))
	start := pageHeader + count*pageElement // keys and values are packed behind the elements
	if start > uint64(len(p)) {
		return w.damaged(id, "it has %d entries", count)
	}
	var last []byte
	for i := range count {
		at := pageHeader + i*pageElement
		e := p[at : at+pageElement]
		pos, keySize, valueSize := size(e)
		if at+pos != start || keySize == 0 || keySize+valueSize > uint64(len(p))-start {
			return w.damaged(id, "entry %d lies outside of it", i)
		}
		key := p[start : start+keySize]
		start += keySize + valueSize
		if i == 0 && low != nil && bytes.Compare(key, low) < 0 || i > 0 && bytes.Compare(key, last) <= 0 ||
			high != nil && bytes.Compare(key, high) >= 0 {
			return w.damaged(id, "entry %d is out of order", i)
		}
		last = key
		if err := fn(e, key, p[start-valueSize:start]); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) branch(bucket string, id uint64, p, low, high []byte, level int) error {
	type child struct {
		id  uint64
		key []byte
	}
	var children []child
	size := func(e []byte) (pos, key, value uint64) {
		return uint64(order.Uint32(e)), uint64(order.Uint32(e[4:])), 0
	}
	err := w.elements(id, p, low, high, size, func(e, key, _ []byte) error {
		c := child{id: order.Uint64(e[8:]), key: key}
		children = append(children, c)
		return w.see(c.id, 1)
	})
	if err != nil {
		return err
	}
	if len(children) == 0 {
		return w.damaged(id, "it is a branch without children")
	}
	for i, c := range children {
		bound := high
		if i+1 < len(children) {
			bound = children[i+1].key
		}
		if err := w.page(bucket, c.id, c.key, bound, level+1); err != nil {
			return err
		}
		// All leaves lie at the same depth: if this is one, so are the others.
		if !w.full && bucket != "" && order.Uint16(w.buf[level+1][8:]) == leafPage {
			return nil
		}
	}
	return nil
}

func (w *pageWalk) leaf(bucket string, id uint64, p, low, high []byte, level int) error {
	size := func(e []byte) (pos, key, value uint64) {
		return uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
	}
	return w.elements(id, p, low, high, size, func(e, key, value []byte) error {
		isBucket := order.Uint32(e)&bucketLeaf != 0
		switch {
		case isBucket != (bucket == ""):
			return w.damaged(id, "a bucket and a value are mixed up")
		case isBucket:
			return w.root(string(key), id, value, level)
		case w.each != nil:
			return w.each(bucket, key, value)
		}
		return nil
	})
}

// root walks a bucket from its entry in the list of buckets.
func (w *pageWalk) root(name string, id uint64, value []byte, level int) error {
	if w.only != "" && name != w.only {
		return nil
	}
	if len(value) < bucketHead {
		return w.damaged(id, "the entry of bucket %s is too short", name)
	}
	if root := order.Uint64(value); root != 0 {
		if err := w.see(root, 1); err != nil {
			return err
		}
		return w.page(name, root, nil, nil, level+1)
	}
	inline := value[bucketHead:]
	if len(inline) < pageHeader || order.Uint16(inline[8:]) != leafPage {
		return w.damaged(id, "bucket %s has no page", name)
	}
	if !w.full {
		return nil
	}
	return w.leaf(name, id, inline, nil, nil, level)
}
