package media

import (
	"container/list"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"earshot/media/audio"
	"earshot/media/mp3"
	"earshot/media/mp4"
)

// Content types of streams.
const (
	TypeMP3  = "audio/mpeg"
	TypeMP4  = "audio/mp4"
	TypeJPEG = "image/jpeg"
)

// rawType is the content type of an original as it stands in a header.
func rawType(c Content) string {
	kind, _, _ := strings.Cut(c.Type(), ";")
	return kind
}

// Types lists the content types of originals.
func Types() []string {
	var list []string
	for _, c := range codecs {
		if t := rawType(Content{Info: audio.Info{Codec: c}}); !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// mp4Form is part of the ETag of an MP4 stream. It counts up whenever
// mp4.Header makes other bytes of the same index.
const mp4Form = 1

// track is what is known of one track: fixed once loaded, except for what is
// found out about its file.
type track struct {
	record
	at   Place // of the original
	load sync.Once
	err  error

	mp4Once sync.Once
	head    []byte
	body    []mp4.Span
	mp4Err  error

	mu       sync.Mutex
	verified fs.FileInfo // the file whose fingerprint was found right

	dropped atomic.Bool // no longer in memory
}

// tag is an ETag of the track in one of its forms.
func (t *track) tag(form string) string {
	return `"` + hex.EncodeToString(t.sum[:10]) + form + `"`
}

// frames gives a track with a frame index. ErrNoStream when it has none.
func (s *Store) frames(id string) (*track, error) {
	t, err := s.track(id)
	if err == nil && t.content.Index == nil {
		err = fmt.Errorf("%s is %s: %w", id, t.content.Codec, ErrNoStream)
	}
	return t, err
}

// track gives what is known of a track, from memory when possible.
func (s *Store) track(id string) (*track, error) {
	if !validID(id) {
		return nil, fmt.Errorf("track %q: %w", id, ErrMissing)
	}
	t := s.tracks.get(id)
	t.load.Do(func() {
		if t.at, t.err = s.place(id); t.err != nil {
			return
		}
		if t.record, t.err = s.record(id, t.at); t.err == nil {
			s.tracks.charge(id, t, indexCost(t.content.Index))
		}
	})
	if t.err != nil {
		s.tracks.forget(id, t) // it may be back the next time
		return nil, t.err
	}
	return t, nil
}

// sound opens a stream of the file of a track, without anything in it yet.
func (s *Store) sound(t *track, kind, form string) (*Stream, error) {
	f, info := s.files.take(t)
	if f == nil {
		var err error
		if f, info, err = s.openAudio(t); err != nil {
			return nil, err
		}
	}
	return &Stream{
		ContentType: kind,
		ETag:        t.tag(form),
		Mod:         info.ModTime(),
		file:        f,
		done:        func(f *os.File) { s.files.give(t, f, info) },
	}, nil
}

// openAudio opens the file of a track and makes sure that it is the one that
// was kept.
func (s *Store) openAudio(t *track) (*os.File, fs.FileInfo, error) {
	f, info, err := s.openOriginal(t.at, tracksDir+"/"+t.id, t.ext)
	if err != nil {
		return nil, nil, err
	}
	if err := t.verify(f, info); err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// openOriginal opens what may be the original of a track, here or elsewhere.
func (s *Store) openOriginal(at Place, dir, ext string) (*os.File, fs.FileInfo, error) {
	if at.away() {
		return s.OpenAt(at)
	}
	return s.open(dir, audioName(ext))
}

// verify holds an open file against what was kept. The fingerprint is read
// once for each file that turns up under the name.
func (t *track) verify(f *os.File, info fs.FileInfo) error {
	if info.Size() != t.size {
		return fmt.Errorf("audio of %s has %d bytes, had %d: %w", t.id, info.Size(), t.size, ErrMissing)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.verified != nil && os.SameFile(t.verified, info) && t.verified.ModTime().Equal(info.ModTime()) {
		return nil
	}
	print, err := fingerprint(f, t.size)
	if err != nil {
		return err
	}
	if print != t.print {
		return fmt.Errorf("audio of %s is another file: %w", t.id, ErrMissing)
	}
	t.verified = info
	return nil
}

// StreamRaw gives the original bytes of a track.
func (s *Store) StreamRaw(id string) (*Stream, error) {
	t, err := s.track(id)
	if err != nil {
		return nil, err
	}
	return s.streamRaw(t)
}

// Original has a look at the original of a track, of size bytes.
func (s *Store) Original(id string, look func(file io.ReaderAt, size int64) error) error {
	st, err := s.StreamRaw(id)
	if err != nil {
		return err
	}
	defer st.Close()
	return look(st.file, st.Size)
}

// StreamMP3 is StreamRaw of an mp3. ErrNoStream of others.
func (s *Store) StreamMP3(id string) (*Stream, error) {
	t, err := s.frames(id)
	if err != nil {
		return nil, err
	}
	return s.streamRaw(t)
}

func (s *Store) streamRaw(t *track) (*Stream, error) {
	st, err := s.sound(t, rawType(t.content), "")
	if err != nil {
		return nil, err
	}
	st.addFile(0, t.size)
	return st, nil
}

// StreamMP4 gives the frames of an mp3 as an MP4 that seeks exactly.
// ErrNoStream of others.
func (s *Store) StreamMP4(id string) (*Stream, error) {
	t, err := s.frames(id)
	if err != nil {
		return nil, err
	}
	t.mp4Once.Do(func() {
		if t.head, t.body, t.mp4Err = mp4.Header(t.content.Index); t.mp4Err == nil {
			s.tracks.charge(id, t, indexCost(t.content.Index)+int64(len(t.head)))
		}
	})
	if t.mp4Err != nil {
		return nil, fmt.Errorf("describe %s as MP4: %w", id, t.mp4Err)
	}
	st, err := s.sound(t, TypeMP4, "-m"+strconv.Itoa(mp4Form))
	if err != nil {
		return nil, err
	}
	st.parts = make([]part, 0, 1+len(t.body))
	st.addBytes(t.head)
	for _, span := range t.body {
		st.addFile(span.Offset, span.Length)
	}
	return st, nil
}

// indexCost is about how much memory an index takes.
func indexCost(x *mp3.Index) int64 {
	if x == nil {
		return newCost
	}
	return 4096 + int64(x.Frames())*2 + int64(len(x.Runs()))*64
}

// trackCache keeps the tracks used last within a bound of memory.
type trackCache struct {
	mu    sync.Mutex
	max   int64
	used  int64
	order list.List // of *cached; the latest in front
	byID  map[string]*list.Element
	gone  func(*track) // hears of each track that leaves
}

type cached struct {
	id    string
	track *track
	cost  int64
}

// newCost is charged for a track that is not loaded yet.
const newCost = 4096

func newTrackCache(limit int64, gone func(*track)) *trackCache {
	return &trackCache{max: limit, byID: make(map[string]*list.Element), gone: gone}
}

// get gives the track of an id, a new one when it is not here.
func (c *trackCache) get(id string) *track {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[id]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*cached).track
	}
	t := new(track)
	c.byID[id] = c.order.PushFront(&cached{id: id, track: t, cost: newCost})
	c.used += newCost
	c.trim()
	return t
}

// charge sets what a track costs, if it is still here.
func (c *trackCache) charge(id string, t *track, cost int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[id]; ok && e.Value.(*cached).track == t {
		c.used += cost - e.Value.(*cached).cost
		e.Value.(*cached).cost = cost
		c.trim()
	}
}

// forget drops a track unless another one has taken its place.
func (c *trackCache) forget(id string, t *track) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[id]; ok && e.Value.(*cached).track == t {
		c.remove(e)
	}
}

func (c *trackCache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[id]; ok {
		c.remove(e)
	}
}

// trim drops the longest unused while there is too much, but never the latest.
func (c *trackCache) trim() {
	for c.used > c.max && c.order.Len() > 1 {
		c.remove(c.order.Back())
	}
}

func (c *trackCache) remove(e *list.Element) {
	k := c.order.Remove(e).(*cached)
	delete(c.byID, k.id)
	c.used -= k.cost
	c.gone(k.track)
}
