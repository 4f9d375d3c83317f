package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	index "github.com/blevesearch/bleve_index_api"
)

var noContext = context.Background()

// Options are what Open is told.
type Options struct {
	Dir string       // is made if it is not there; holds nothing but the index
	Log *slog.Logger // for what an owner should know; nothing is logged when nil

	// History names the database that the documents come from, with at most 64
	// bytes: an index of another one is left behind. Empty, it is not looked at.
	History string

	// Rest is how long after one writing to the disk the next may begin; what is
	// applied meanwhile is found, and not in Seq. 0 for five seconds.
	Rest time.Duration
}

const maxHistory = 64

// Index is an open index. Its methods may be used by many goroutines.
type Index struct {
	dir       string
	history   string
	rest      time.Duration
	log       *slog.Logger
	lock      *os.File
	queue     *index.AnalysisQueue
	persisted chan struct{}
	turns     chan struct{} // so many searches at a time
	building  chan struct{} // holds a token while a Rebuild runs
	stop      chan struct{} // closed by Close
	running   sync.WaitGroup

	mu     sync.Mutex
	now    *volume // the one that answers
	next   *volume // the one being made, if it is not the one that answers
	last   int     // the number of the newest folder
	closed atomic.Bool
}

// Open opens the index in a folder. What is there and can't be used is left
// behind: the index then begins empty, and Reason says why it has to be made
// anew. What is wrong with the machine rather than with the index is an error:
// ErrLocked when another process has it, a missing right, a full disk.
func Open(o Options) (*Index, error) {
	ix := &Index{
		dir: o.Dir, log: o.Log, history: o.History, rest: cmp.Or(o.Rest, restTime),
		persisted: make(chan struct{}, 1),
		turns:     make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
		building:  make(chan struct{}, 1),
		stop:      make(chan struct{}),
	}
	if ix.log == nil {
		ix.log = slog.New(slog.DiscardHandler)
	}
	if err := ix.open(); err != nil {
		return nil, fmt.Errorf("open the search index in %s: %w", o.Dir, plain(err))
	}
	return ix, nil
}

func (ix *Index) open() (err error) {
	if len(ix.history) > maxHistory {
		return fmt.Errorf("the name of the history has %d bytes, more than %d", len(ix.history), maxHistory)
	}
	if err := os.MkdirAll(ix.dir, 0o700); err != nil {
		return err
	}
	if ix.lock, err = lock(filepath.Join(ix.dir, "lock")); err != nil {
		return err
	}
	ix.queue = index.NewAnalysisQueue(1)
	defer func() {
		if err != nil {
			ix.queue.Close()
			_ = ix.lock.Close()
		}
	}()
	old, err := ix.folders()
	if err != nil {
		return err
	}
	reason := Missing
	for _, f := range old {
		ix.last = max(ix.last, f.number)
	}
	// The newest that is complete is the one; there is another only when a
	// Rebuild was cut short while it cleared away.
	for _, f := range slices.Backward(old) {
		if f.hash != version() {
			if reason == Missing {
				reason = Version
			}
			continue
		}
		there, err := lookFor(f.path, buildingFile, openingFile, rootFile)
		if err != nil {
			return err
		}
		if there[buildingFile] {
			continue
		}
		known, err := ix.knows(f.path)
		if err != nil {
			return err
		}
		if !known {
			ix.log.Warn("the search index is one of another database and has to be made anew", "folder", f.path)
			reason = Foreign
			continue
		}
		ix.now, err = ix.take(f.path, there)
		if err == nil {
			reason = Fine
			break
		}
		if circumstance(err) {
			return err
		}
		ix.log.Warn("the search index can't be used and has to be made anew", "folder", f.path, "cause", err)
		reason = Damaged
	}
	if ix.now == nil {
		if ix.now, err = ix.begin(); err != nil {
			return err
		}
	} else {
		ix.running.Go(ix.verify)
	}
	ix.now.reason.Store(uint32(reason))
	for _, f := range old {
		if f.path != ix.now.dir {
			ix.remove(f.path)
		}
	}
	return nil
}

// folder is one in which a volume is or was.
type folder struct {
	path   string
	hash   string
	number int
}

// folders gives the folders of volumes of any version, the newest last.
func (ix *Index) folders() ([]folder, error) {
	entries, err := os.ReadDir(ix.dir)
	if err != nil {
		return nil, err
	}
	var list []folder
	for _, e := range entries {
		hash, number, ok := strings.Cut(e.Name(), "-")
		n, err := strconv.Atoi(number)
		if ok && err == nil && e.IsDir() && len(hash) == len(version()) {
			list = append(list, folder{filepath.Join(ix.dir, e.Name()), hash, n})
		}
	}
	slices.SortFunc(list, func(a, b folder) int { return a.number - b.number })
	return list, nil
}

// lookFor says which of some files a folder has. That one can't be asked for
// says nothing about the index.
func lookFor(dir string, names ...string) (map[string]bool, error) {
	there := make(map[string]bool, len(names))
	for _, name := range names {
		var err error
		if there[name], err = has(dir, name); err != nil {
			return nil, err
		}
	}
	return there, nil
}

func has(dir, name string) (bool, error) {
	_, err := os.Lstat(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// knows says whether the index in a folder is one of this history. One that
// does not say so is not.
func (ix *Index) knows(dir string) (bool, error) {
	if ix.history == "" {
		return true, nil
	}
	name, err := os.ReadFile(filepath.Join(dir, historyFile))
	if err != nil && circumstance(err) {
		return false, err
	}
	return err == nil && string(name) == ix.history, nil
}

// take opens a folder, in which some files are there. A damaged one may kill
// the process: the next start then finds the marker.
func (ix *Index) take(dir string, there map[string]bool) (*volume, error) {
	if there[openingFile] {
		return nil, fmt.Errorf("%w: it was last being opened when the process ended", ErrDamaged)
	}
	if !there[rootFile] {
		return nil, fmt.Errorf("%w: it has no root", ErrDamaged)
	}
	marker := filepath.Join(dir, openingFile)
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return nil, err
	}
	v, err := openVolume(dir, ix.log, ix.queue, ix.signal, ix.rest)
	if err == nil {
		if err = v.probe(); err != nil {
			_ = v.close()
		}
	}
	if e := os.Remove(marker); err == nil && e != nil {
		_ = v.close()
		err = e
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// begin makes a new empty volume, which counts as unfinished.
func (ix *Index) begin() (*volume, error) {
	ix.last++
	dir := filepath.Join(ix.dir, version()+"-"+strconv.Itoa(ix.last))
	err := os.Mkdir(dir, 0o700)
	if err != nil {
		return nil, err
	}
	var v *volume
	if err = os.WriteFile(filepath.Join(dir, buildingFile), nil, 0o600); err == nil && ix.history != "" {
		err = writeSynced(filepath.Join(dir, historyFile), ix.history)
	}
	if err == nil {
		v, err = openVolume(dir, ix.log, ix.queue, ix.signal, ix.rest)
	}
	if err != nil {
		ix.remove(dir)
		return nil, err
	}
	v.reason.Store(uint32(Missing))
	return v, nil
}

// writeSynced writes a file that outlasts a power cut, once its folder does.
func writeSynced(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// remove removes a folder. It may take more than one start.
func (ix *Index) remove(dir string) {
	// Without its root it is nothing any more, however far this comes.
	err := os.RemoveAll(filepath.Join(dir, rootFile))
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		ix.log.Warn("an old search index could not be removed", "folder", dir, "cause", err)
	}
}

func (ix *Index) signal() {
	select {
	case ix.persisted <- struct{}{}:
	default:
	}
}

// verify reads the index through once after the start, since neither a rotten
// bit nor a block of zeros shows when it is opened.
func (ix *Index) verify() {
	v := ix.now // nothing else has it yet
	if err := v.verify(ix.stop); errors.Is(err, ErrDamaged) {
		v.breaks(err)
	}
}

// version names the folder of an index: another way of making words of texts
// gives another name. It is a hash of what becomes of a few documents.
var version = sync.OnceValue(func() string {
	h := fnv.New64a()
	fmt.Fprint(h, layout)
	for _, d := range samples {
		t := termsOf(&d)
		for _, f := range fields {
			var list []string
			for term := range t[f] {
				list = append(list, term)
			}
			slices.Sort(list)
			fmt.Fprintf(h, "%s%q", f, list)
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
})

// layout is raised when an index has to be made anew for another reason than
// that samples become other terms.
const layout = 2

var samples = []Doc{
	{
		Ref: Ref{Track, 1}, Owner: 2, Public: true, Title: "Don't Stop Hip-Hop: Ｂｅｙｏｎｃé & 하현우의 돌 덩이 (ライブ) 東京_2024", Names: []string{"국카스텐", "The Straße", "AC/DC"},
		Text: "한 번 더 Æther, 닭과 의자", Tags: []string{"K-Pop", "인디 록"}, Created: time.Unix(1700000000, 0), Duration: 200 * time.Second, Downloadable: true,
	},
	{Ref: Ref{Person, 3}, Owner: 3, Title: "ㅋㅋㅋ Ёлка Ωmega", Names: []string{"ελληνικά"}},
}

// volume gives the one that answers, in use: leave has to follow. While
// another is being made, that one answers for one which can't.
func (ix *Index) volume() (*volume, error) {
	ix.mu.Lock()
	v := ix.now
	if ix.next != nil && v.isBroken() {
		v = ix.next
	}
	ix.mu.Unlock()
	if ix.closed.Load() {
		return nil, ErrClosed
	}
	err := v.use()
	if errors.Is(err, ErrClosed) && !ix.closed.Load() {
		return ix.volume() // another took its place just now
	}
	return v, err
}

// Reason says why the index has to be made anew.
func (ix *Index) Reason() Reason {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.now.why()
}

// Seq gives the sequence up to which everything that was applied is on the
// disk.
func (ix *Index) Seq() uint64 {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.now.seq.Load()
}

// Persisted gets a token when Seq has risen. Risings that nobody waited for
// are one.
func (ix *Index) Persisted() <-chan struct{} { return ix.persisted }

// Apply puts documents in, in place of those with the same name, and drops
// others. Searches that begin when it has returned see all of it, those before
// none. Seq rises to seq once it is on the disk, and never falls. Of a document
// that is both put and dropped nothing stays.
func (ix *Index) Apply(ctx context.Context, seq uint64, put []Doc, drop []Ref) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v, err := ix.volume()
	if err != nil {
		return err
	}
	defer v.leave()
	b := batch(put)
	for _, r := range drop {
		b.Delete(r.key())
	}
	if err := v.apply(b, seq); err != nil {
		return fmt.Errorf("apply changes to the search index: %w", plain(err))
	}
	return nil
}

func batch(put []Doc) *index.Batch {
	b := index.NewBatch()
	for i := range put {
		b.Update(put[i].document())
	}
	return b
}

// Search finds documents. Its work is bounded, whatever is asked. ErrDamaged
// when the index can't be read any further; Reason is Damaged then too.
func (ix *Index) Search(ctx context.Context, q Query) (Hits, error) {
	select {
	case ix.turns <- struct{}{}:
	case <-ctx.Done():
		return Hits{}, ctx.Err()
	}
	defer func() { <-ix.turns }()
	v, err := ix.volume()
	if err != nil {
		return Hits{}, err
	}
	defer v.leave()
	if v.isBroken() {
		return Hits{}, ErrDamaged
	}
	var hits Hits
	err = v.read(func(s snapshot) (err error) {
		hits, err = find(ctx, s, &q)
		return err
	})
	if err != nil {
		return Hits{}, v.failing(ctx, err)
	}
	return hits, nil
}

// failing decides what an error of reading means.
func (v *volume) failing(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrClosed), circumstance(err):
		return err
	case !errors.Is(err, ErrDamaged):
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	v.breaks(err)
	return err
}

// Count gives how many documents the index holds.
func (ix *Index) Count() (uint64, error) {
	v, err := ix.volume()
	if err != nil {
		return 0, err
	}
	defer v.leave()
	var n uint64
	err = v.read(func(s snapshot) (err error) {
		n, err = s.DocCount()
		return err
	})
	if err != nil {
		return 0, v.failing(noContext, err)
	}
	return n, nil
}

// Size gives the bytes that the index takes on the disk, with what a Rebuild
// has made so far.
func (ix *Index) Size() int64 {
	var n int64
	_ = filepath.WalkDir(ix.dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // it may be removed just now
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return nil
	})
	return n
}

// Close waits for what runs, ends a Rebuild, and closes the index. A second
// Close does nothing.
func (ix *Index) Close() error {
	if ix.closed.Swap(true) {
		return nil
	}
	close(ix.stop)
	ix.running.Wait()
	ix.building <- struct{}{} // a Rebuild has ended
	ix.mu.Lock()
	now, next := ix.now, ix.next
	ix.mu.Unlock()
	err := now.close()
	if next != nil {
		err = errors.Join(err, next.close())
	}
	ix.queue.Close()
	if e := ix.lock.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("close the search index: %w", err)
	}
	return nil
}
