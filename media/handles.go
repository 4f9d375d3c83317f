package media

import (
	"io/fs"
	"os"
	"sync"
	"time"
)

// A listener's player asks for ranges one after the other, so the file of a
// track stays open for a moment after each answer. An open file is the one
// that was verified, whatever takes its place on the disk meanwhile.
const (
	idleFor   = 2 * time.Second
	idleFiles = 64 // at most, of all tracks together
)

// handles are open files of tracks that nobody is using.
type handles struct {
	mu    sync.Mutex
	idle  map[*track][]*handle
	count int
}

type handle struct {
	file  *os.File
	info  fs.FileInfo
	timer *time.Timer
}

// take gives an open file of a track, or nil when there is none. A file that
// was removed or written to meanwhile is closed instead.
func (h *handles) take(t *track) (*os.File, fs.FileInfo) {
	for {
		k := h.pop(t)
		if k == nil {
			return nil, nil
		}
		info, err := k.file.Stat()
		if err == nil && linked(info) && info.Size() == k.info.Size() && info.ModTime().Equal(k.info.ModTime()) {
			return k.file, info
		}
		k.file.Close()
	}
}

func (h *handles) pop(t *track) *handle {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.idle[t]
	if len(list) == 0 {
		return nil
	}
	k := list[len(list)-1]
	h.set(t, list[:len(list)-1])
	k.timer.Stop()
	return k
}

// give keeps an open file of a track for a moment, or closes it.
func (h *handles) give(t *track, f *os.File, info fs.FileInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.idle == nil || h.count >= idleFiles || t.dropped.Load() {
		f.Close()
		return
	}
	k := &handle{file: f, info: info}
	k.timer = time.AfterFunc(idleFor, func() { h.expire(t, k) })
	h.set(t, append(h.idle[t], k))
}

// expire closes a file that nobody took.
func (h *handles) expire(t *track, k *handle) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, other := range h.idle[t] {
		if other == k {
			h.set(t, append(h.idle[t][:i:i], h.idle[t][i+1:]...))
			k.file.Close()
		}
	}
}

// drop closes the files of a track that is removed.
func (h *handles) drop(t *track) {
	t.dropped.Store(true)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.idle[t] {
		k.timer.Stop()
		k.file.Close()
	}
	h.set(t, nil)
}

// empty closes all. With last it takes no more.
func (h *handles) empty(last bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, list := range h.idle {
		for _, k := range list {
			k.timer.Stop()
			k.file.Close()
		}
	}
	clear(h.idle)
	h.count = 0
	if last {
		h.idle = nil
	}
}

func (h *handles) set(t *track, list []*handle) {
	if h.idle == nil {
		return
	}
	h.count += len(list) - len(h.idle[t])
	if len(list) == 0 {
		delete(h.idle, t)
	} else {
		h.idle[t] = list
	}
}
