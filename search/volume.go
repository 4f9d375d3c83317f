package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// Files beside what scorch writes into the folder of a volume.
const (
	openingFile  = "opening"   // there while it is being opened: found at a start, it killed the process
	buildingFile = "building"  // there until a Rebuild has finished
	seqFile      = "seq"       // the sequence that callers were told is on the disk
	historyFile  = "history"   // the database that it was made from
	rootFile     = "root.bolt" // is scorch's own: without it there is no index
)

// The library calls these by name: they are told which folder they are about.
const callback = "earshot"

func init() {
	scorch.RegistryAsyncErrorCallbacks[callback] = func(err error, path string) {
		if v, ok := volumes.Load(path); ok {
			v.(*volume).trouble(err)
		}
	}
	// It is called in the goroutines that write and merge, which read the
	// mapped files too: a fault becomes a panic there, which scorch catches.
	scorch.RegistryEventCallbacks[callback] = func(e scorch.Event) bool {
		switch e.Kind {
		case scorch.EventKindPreMergeCheck, scorch.EventKindPurgerCheck, scorch.EventKindPersisterProgress:
			debug.SetPanicOnFault(true)
		}
		of, ok := writers.Load(e.Scorch)
		if !ok {
			return true
		}
		switch v := of.(*volume); e.Kind {
		case scorch.EventKindPersisterProgress:
			v.rest()
		case scorch.EventKindPurgerCheck:
			return v.mayPurge()
		}
		return true
	}
}

// volumes are the open ones, by their folder; writers are they by what the
// library calls its index.
var volumes, writers sync.Map

var seqKey = []byte("seq")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// volume is one folder with an index in it.
type volume struct {
	dir    string
	log    *slog.Logger
	scorch *scorch.Scorch
	told   *os.File // seqFile
	files  []string // those of the segments that it was opened with
	pause  time.Duration
	signal func()       // seq has risen, or the volume is broken
	mu     sync.RWMutex // held for reading while it is used, for writing to close it
	closed bool
	done   chan struct{} // closed with it

	reason atomic.Uint32
	seq    atomic.Uint64
	writer sync.Mutex // one batch at a time
	newest uint64     // the sequence of the last batch that had one, under writer
	broken chan struct{}
	once   sync.Once
	ill    atomic.Bool // the last attempt to write failed

	filling atomic.Bool // by a Rebuild, which waits for the disk
	purged  time.Time   // when old files were last removed; only the goroutine that persists looks
	failed  chan error  // why it did, for whoever waits for it
}

// openVolume opens the index in a folder, and makes one if the folder is not
// there.
func openVolume(dir string, log *slog.Logger, queue *index.AnalysisQueue, signal func(), rest time.Duration) (*volume, error) {
	v := &volume{dir: dir, pause: rest, log: log, signal: signal, broken: make(chan struct{}), done: make(chan struct{}), failed: make(chan error, 1)}
	volumes.Store(dir, v)
	err := v.open(queue)
	if err != nil {
		volumes.Delete(dir)
		writers.Delete(v.scorch)
		if v.told != nil {
			_ = v.told.Close()
		}
		return nil, err
	}
	return v, nil
}

func (v *volume) open(queue *index.AnalysisQueue) error {
	if err := v.readable(); err != nil {
		return err
	}
	var err error
	if v.told, err = os.OpenFile(filepath.Join(v.dir, seqFile), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	return guard("open", func() error {
		made, err := scorch.NewScorch(scorch.Name, map[string]any{
			"path":                   v.dir,
			"unsafe_batch":           true, // Seq tells what is on the disk
			"bolt_timeout":           "1s",
			"eventCallbackName":      callback,
			"asyncErrorCallbackName": callback,
			// A nap lets changes gather that follow closely, and keeps a full
			// disk from being tried without a pause.
			"scorchPersisterOptions": map[string]any{"PersisterNapTimeMSec": napTime.Milliseconds()},
		}, queue)
		if err != nil {
			return err
		}
		v.scorch = made.(*scorch.Scorch)
		writers.Store(v.scorch, v)
		return v.scorch.Open()
	})
}

// Each writing costs half a dozen syncs, which an SD card feels. What is applied
// is found before it is on the disk, and whoever applies it keeps it until Seq
// tells that it is: so there is a rest between two. Old files are removed once
// in a while, since that costs as much again.
const (
	napTime    = 100 * time.Millisecond
	restTime   = 5 * time.Second
	purgeEvery = time.Minute
)

// rest is called where one writing has ended and the next may begin.
func (v *volume) rest() {
	if v.filling.Load() {
		return
	}
	t := time.NewTimer(v.pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-v.done:
	case <-v.broken:
	}
}

// mayPurge says whether this is the time to remove old files.
func (v *volume) mayPurge() bool {
	if !v.filling.Load() && time.Since(v.purged) < purgeEvery {
		return false
	}
	v.purged = time.Now()
	return true
}

// readable makes sure that every file can be read and written: scorch does not
// tell such errors from damage.
func (v *volume) readable() error {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		how := os.O_RDONLY
		if e.Name() == rootFile {
			how = os.O_RDWR
		}
		f, err := os.OpenFile(filepath.Join(v.dir, e.Name()), how, 0)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// probe asks the index a first question, and reads how far it has come.
func (v *volume) probe() error {
	err := v.read(func(s snapshot) error {
		q := Query{Text: "a 가 ㅎㅎ aaaa", Typing: true, Most: 10}
		if _, err := find(noContext, s, &q); err != nil {
			return err
		}
		value, err := s.GetInternal(seqKey)
		if err != nil {
			return err
		}
		seq, err := parseSeq(value)
		if err != nil {
			return err
		}
		v.seq.Store(seq)
		v.newest = seq
		for _, one := range s.Segments() {
			if f, ok := one.Segment().(segment.PersistedSegment); ok {
				v.files = append(v.files, f.Path())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var b [12]byte
	if _, err := v.told.ReadAt(b[:], 0); errors.Is(err, io.EOF) {
		return nil // never told
	} else if err != nil {
		return err
	}
	if told, err := parseSeq(b[:]); err == nil && told > v.seq.Load() {
		return fmt.Errorf("%w: it was told to be at %d, and is at %d", ErrDamaged, told, v.seq.Load())
	}
	return nil
}

// sealSeq writes a sequence with a checksum.
func sealSeq(seq uint64) []byte {
	b := binary.BigEndian.AppendUint64(nil, seq)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func parseSeq(b []byte) (uint64, error) {
	if len(b) != 12 || crc32.Checksum(b[:8], castagnoli) != binary.BigEndian.Uint32(b[8:]) {
		return 0, fmt.Errorf("%w: it does not say how far it has come", ErrDamaged)
	}
	return binary.BigEndian.Uint64(b), nil
}

// use keeps the volume open until leave.
func (v *volume) use() error {
	v.mu.RLock()
	if v.closed {
		v.mu.RUnlock()
		return ErrClosed
	}
	return nil
}

func (v *volume) leave() { v.mu.RUnlock() }

// read runs fn on what the index holds now. The caller uses the volume.
func (v *volume) read(fn func(snapshot) error) error {
	return guard("read", func() error {
		reader, err := v.scorch.Reader()
		if err != nil {
			return err
		}
		s, ok := reader.(snapshot)
		if !ok || s == nil {
			return ErrClosed
		}
		defer s.Close()
		return fn(s)
	})
}

// apply writes a batch of changes up to a sequence. Changes may come in another
// order than they were numbered in: what is there stays the highest.
func (v *volume) apply(b *index.Batch, seq uint64) error {
	v.writer.Lock()
	defer v.writer.Unlock()
	seq = max(seq, v.newest)
	return v.writeSeq(b, seq, func() { v.rise(seq) })
}

// write applies one batch; it can be found when write returns. When it is on
// the disk, persisted runs. The caller uses the volume.
func (v *volume) write(b *index.Batch, persisted func()) error {
	v.writer.Lock()
	defer v.writer.Unlock()
	return v.batch(b, persisted)
}

// end writes the last batch of a Rebuild, which has everything up to a
// sequence. That may be lower than what was applied meanwhile, since the
// documents may be older.
func (v *volume) end(b *index.Batch, seq uint64, persisted func()) error {
	v.writer.Lock()
	defer v.writer.Unlock()
	return v.writeSeq(b, seq, func() { v.tell(seq); persisted() })
}

// writeSeq writes a batch with the sequence that it comes to. The caller is the
// writer.
func (v *volume) writeSeq(b *index.Batch, seq uint64, persisted func()) error {
	b.SetInternal(seqKey, sealSeq(seq))
	err := v.batch(b, persisted)
	if err == nil {
		v.newest = seq
	}
	return err
}

func (v *volume) batch(b *index.Batch, persisted func()) error {
	select {
	case <-v.broken:
		return ErrDamaged
	default:
	}
	b.SetPersistedCallback(func(err error) {
		if err != nil {
			return
		}
		v.ill.Store(false)
		persisted()
	})
	// scorch never answers when its own goroutine has died meanwhile.
	done := make(chan error, 1)
	go func() {
		done <- guard("write", func() error { return v.scorch.Batch(b) })
	}()
	select {
	case err := <-done:
		if errors.Is(err, ErrDamaged) {
			v.breaks(err)
		}
		return err
	case <-v.broken:
		return ErrDamaged
	}
}

// rise notes that everything up to a sequence is on the disk, unless more is.
func (v *volume) rise(seq uint64) {
	if seq > v.seq.Load() { // only the goroutine that persists changes it
		v.tell(seq)
	}
}

// tell notes up to which sequence everything is on the disk.
func (v *volume) tell(seq uint64) {
	if _, err := v.told.WriteAt(sealSeq(seq), 0); err != nil {
		v.log.Warn("the search index could not note how far it has come", "cause", err)
		return
	}
	v.seq.Store(seq)
	v.signal()
}

// trouble hears of what goes wrong in the background.
func (v *volume) trouble(err error) {
	if errors.Is(err, scorch.ErrAsyncPanic) {
		v.breaks(fmt.Errorf("%w: %w", ErrDamaged, err))
		return
	}
	err = plain(err)
	if !v.ill.Swap(true) {
		v.log.Warn("the search index could not be written; it is tried again", "folder", v.dir, "cause", err)
	}
	select {
	case v.failed <- err:
	default:
	}
	// It is called where the next attempt is made.
	select {
	case <-v.done:
	case <-time.After(time.Second):
	}
}

// breaks notes that the index is damaged.
func (v *volume) breaks(cause error) {
	v.reason.Store(uint32(Damaged))
	v.once.Do(func() {
		close(v.broken)
		v.log.Error("the search index is damaged and has to be made anew", "folder", v.dir, "cause", cause)
		v.signal()
	})
}

// why says why it has to be made anew. What is broken never becomes Fine, even
// where a Rebuild ends while the damage is told of.
func (v *volume) why() Reason {
	if v.isBroken() {
		return Damaged
	}
	return Reason(v.reason.Load())
}

// isBroken says whether the index is known to be damaged.
func (v *volume) isBroken() bool {
	select {
	case <-v.broken:
		return true
	default:
		return false
	}
}

// close waits for those who use the volume, and closes it.
func (v *volume) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil
	}
	v.closed = true
	close(v.done)
	err := v.closeScorch()
	volumes.Delete(v.dir)
	writers.Delete(v.scorch)
	if e := v.told.Close(); err == nil {
		err = e
	}
	if v.isBroken() {
		return nil // there is nothing left to lose
	}
	return err
}

// How long closing an index may take. One that is damaged may never end: a fault
// in the middle of a transaction leaves the lock of its file taken for ever.
const (
	closeWithin  = 30 * time.Second
	brokenWithin = time.Second
)

// closeScorch closes the index, or leaves it to itself when that does not end.
func (v *volume) closeScorch() error {
	closed := make(chan error, 1)
	go func() { closed <- guard("close", v.scorch.Close) }()
	within := closeWithin
	if v.isBroken() {
		within = brokenWithin
	}
	select {
	case err := <-closed:
		return err
	case <-time.After(within):
		return fmt.Errorf("%w: it can't be closed", ErrDamaged)
	}
}

// verify reads the files that the index was opened with through and holds them
// against their checksums, which scorch writes but does not read.
func (v *volume) verify(stop <-chan struct{}) error {
	buf := make([]byte, 256<<10)
	for _, path := range v.files {
		err := whole(path, buf, stop)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // it may be merged into another meanwhile
			return err
		}
	}
	return nil
}

// whole holds one file against the checksum at its end.
func whole(path string, buf []byte, stop <-chan struct{}) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	left := info.Size() - 4
	if left < 0 {
		return fmt.Errorf("%w: %s is cut", ErrDamaged, filepath.Base(path))
	}
	var sum uint32
	for left > 0 {
		select {
		case <-stop:
			return nil
		default:
		}
		n, err := io.ReadFull(f, buf[:min(left, int64(len(buf)))])
		if err != nil {
			return err
		}
		sum = crc32.Update(sum, crc32.IEEETable, buf[:n])
		left -= int64(n)
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(want[:]) != sum {
		return fmt.Errorf("%w: %s is not what was written", ErrDamaged, filepath.Base(path))
	}
	return nil
}
