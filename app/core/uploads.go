package core

import (
	"context"
	"errors"
	"io"
	"maps"
	"strconv"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
)

// The bounds of uploads in pieces.
const (
	mostUploads   = 20                 // of one member, unfinished ones
	uploadStays   = 3 * 24 * time.Hour // how long what came waits for more
	outcomeStays  = 24 * time.Hour     // how long is told what became of an upload
	promisedFor   = 15 * time.Minute   // how long after a piece room is kept for the rest
	uploadsLinger = time.Hour          // how long a house must have been open to believe its clock in this
	pieceWaits    = 10 * time.Second   // for the end of another request for the same upload
)

// PartialView is a file that comes in pieces, as far as it came.
type PartialView struct {
	db.Upload
	Expires time.Time
	Sum     []byte       // SHA-256 of what is there; nil where nothing is
	Became  *TrackView   // also nil when the track is gone again
	Fault   *fault.Fault // why it became none
}

// Ended tells whether the file is no longer waited for.
func (v PartialView) Ended() bool { return v.Track != 0 || v.Fault != nil }

// NewPartial announces a file that comes in pieces.
type NewPartial struct {
	Name       string // what the uploader calls the file; never becomes a path
	Size       int64  // bytes
	Visibility db.Visibility
}

// Piece is some of a file.
type Piece struct {
	Offset int64 // where in the file it begins
	Size   int64 // bytes announced, -1 when not known
	Body   io.Reader
	Stop   func() // makes Body fail soon; called from another goroutine
}

// pieces are the uploads that something of comes now, each with who holds it.
type pieces struct {
	mu   sync.Mutex
	held map[db.ID]*holder
	seen map[db.ID]time.Duration // by pace: when something came last
}

type holder struct {
	stop func()
	done chan struct{}
	came int64 // bytes that are there, written or not; -1 while not known. Under pieces.mu
}

// came gives how much of an upload is there while a piece of it comes, else -1.
func (p *pieces) came(id db.ID) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.held[id]; h != nil {
		return h.came
	}
	return -1
}

// hold makes the caller the one who adds to an upload. Whoever does so already
// is asked to end: a client that comes again has lost the connection before,
// which may look open here for long.
func (c *Core) hold(ctx context.Context, id db.ID, stop func()) (*holder, func(), error) {
	h := &holder{stop: stop, done: make(chan struct{}), came: -1}
	late := time.NewTimer(pieceWaits)
	defer late.Stop()
	for {
		c.pieces.mu.Lock()
		other := c.pieces.held[id]
		if other == nil {
			if c.pieces.held == nil {
				c.pieces.held, c.pieces.seen = map[db.ID]*holder{}, map[db.ID]time.Duration{}
			}
			c.pieces.held[id] = h
		}
		c.pieces.mu.Unlock()
		if other == nil {
			return h, func() {
				c.pieces.mu.Lock()
				delete(c.pieces.held, id)
				c.pieces.mu.Unlock()
				close(h.done)
			}, nil
		}
		other.stop()
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, nil, c.uploadFault(ctx.Err())
		case <-late.C:
			return nil, nil, fault.New(fault.Conflict, "upload.busy", "This file is being looked at. Ask again in a few seconds.").After(5 * time.Second)
		}
	}
}

// ownUpload finds an upload in pieces of the asker's.
func (c *Core) ownUpload(tx *db.Tx, me, id db.ID) (asker, db.Upload, error) {
	a, err := c.member(tx, me)
	if err != nil {
		return a, db.Upload{}, err
	}
	u, err := tx.Upload(id)
	if err == nil && u.User != me {
		err = ErrNotFound
	}
	return a, u, err
}

// StartPartial announces a file that will come in pieces. What can't become a
// track is refused at once.
func (c *Core) StartPartial(ctx context.Context, me db.ID, up NewPartial) (PartialView, error) {
	switch _, err := c.Account(ctx, me); {
	case err != nil:
		return PartialView{}, err
	case up.Size == 0:
		return PartialView{}, fault.New(fault.Invalid, "upload.empty", "This file is empty.")
	case up.Size > c.limits.Upload:
		return PartialView{}, tooLarge(c.limits.Upload)
	}
	if wait := c.uploads.AllowID(uint64(me)); wait > 0 {
		return PartialView{}, tooOften(wait)
	}
	now := c.now()
	u := db.Upload{User: me, Size: up.Size, Name: cut(line(up.Name), maxFileName), Visibility: up.Visibility, Created: now, Touched: now}
	err := c.update(ctx, func(tx *db.Tx) error {
		promised, err := c.roomFor(tx, me, up.Size)
		if err != nil {
			return err
		}
		u.ID = tx.NewID()
		// Before the record: a file without one is swept at the next start.
		if err := c.media.StartPartial(u.ID.String(), up.Size, promised); err != nil {
			return err
		}
		return tx.AddUpload(u)
	})
	if err != nil {
		if u.ID != 0 {
			c.dropPartial(u.ID)
		}
		return PartialView{}, err
	}
	c.touched(u.ID)
	return c.viewUpload(u), nil
}

// roomFor refuses a file that the asker has no room for beside those that are
// under way, and gives how many bytes of the disk are promised already.
func (c *Core) roomFor(tx *db.Tx, me db.ID, size int64) (promised int64, err error) {
	a, err := c.member(tx, me)
	if err != nil {
		return 0, err
	}
	quota, err := quotaOf(tx, a.user)
	if err != nil {
		return 0, err
	}
	mine, coming := 0, int64(0)
	rest := map[db.ID]int64{} // of others, by whom
	for u, err := range tx.Uploads() {
		if c.unreadable(err, "upload", 0) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if u.Track != 0 || u.Refusal != "" {
			continue
		}
		if u.User == me {
			mine++
			coming += u.Size
		}
		if age := c.now().Sub(u.Touched); age >= promisedFor {
			continue
		}
		if u.User == me {
			promised += u.Size - u.Offset
		} else {
			rest[u.User] = max(rest[u.User], u.Size-u.Offset)
		}
	}
	for _, n := range rest { // of each one file: they come one after the other, or are announced to keep others out
		promised += n
	}
	if mine >= mostUploads {
		return 0, fault.New(fault.Conflict, "upload.many", "You have "+strconv.Itoa(mine)+" files that are not uploaded to their end. Go on with one of them, or cancel one.")
	}
	if err := quota.room(a.user, size); err != nil {
		return 0, err
	}
	with := a.user
	with.Tracks += uint64(mine)
	with.Bytes += uint64(coming)
	if quota.room(with, size) != nil {
		return 0, fault.New(fault.TooLarge, "quota.coming", "There is no room for this file beside those that you are uploading already. "+
			"Cancel one of them, delete something, or ask the keeper for more.")
	}
	return promised, nil
}

// AddPiece adds to a file that comes in pieces. With its last piece it becomes a
// track, or the answer says why not. What the answer, or Partial, tells to be
// there is on the disk to stay, also when the piece broke off.
func (c *Core) AddPiece(ctx context.Context, me, id db.ID, p Piece) (PartialView, error) {
	own := func() (u db.Upload, err error) {
		err = c.view(ctx, func(tx *db.Tx) error {
			_, u, err = c.ownUpload(tx, me, id)
			return err
		})
		return u, err
	}
	if _, err := own(); err != nil { // before another request is ended
		return PartialView{}, err
	}
	h, release, err := c.hold(ctx, id, p.Stop)
	if err != nil {
		return PartialView{}, err
	}
	defer release()
	u, err := own()
	if err != nil {
		return PartialView{}, err
	}
	switch v := c.viewUpload(u); {
	case p.Offset != u.Offset:
		return PartialView{}, fault.New(fault.Conflict, "upload.offset", "Of this file "+strconv.FormatInt(u.Offset, 10)+" bytes are here. Go on from there.")
	case v.Fault != nil:
		return PartialView{}, v.Fault
	case p.Size > u.Size-u.Offset:
		return PartialView{}, pastEnd(u)
	case u.Track != 0:
		return v, nil
	}
	file, err := c.media.OpenPartial(id.String(), u.Offset, u.State)
	if errors.Is(err, media.ErrMissing) {
		c.log.Warn("what came of an upload is gone", "upload", id, "user", me, "error", err)
		return PartialView{}, errors.Join(ErrNotFound, c.forgetUpload(context.WithoutCancel(ctx), id))
	}
	if err != nil {
		return PartialView{}, translate(err)
	}
	whole := false
	defer func() {
		if !whole {
			file.Close()
		}
	}()
	came := func(n int64) {
		c.pieces.mu.Lock()
		h.came = n
		c.pieces.mu.Unlock()
	}
	came(u.Offset)
	// What came is noted also for somebody who has gone.
	err = file.Receive(ctx, p.Body, u.Size-u.Offset, came, func(offset int64, state []byte) error {
		c.touched(id)
		return c.update(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) {
			if _, u, err = c.ownUpload(tx, me, id); err != nil { // suspended meanwhile, or deleted
				return err
			}
			u.Offset, u.State, u.Touched = offset, state, c.now()
			return tx.SetUpload(u)
		})
	})
	switch {
	case errors.Is(err, media.ErrTooLarge):
		return PartialView{}, pastEnd(u)
	case errors.Is(err, media.ErrRead), errors.Is(err, context.Canceled):
		return PartialView{}, fault.New(fault.Conflict, "upload.interrupted", "The upload broke off. Ask how much of it is here, and go on from there.").Because(err)
	case err != nil:
		return PartialView{}, translate(err)
	case u.Offset < u.Size:
		return c.viewUpload(u), nil
	}
	whole = true
	return c.finishUpload(context.WithoutCancel(ctx), u, file)
}

func pastEnd(u db.Upload) error {
	return fault.New(fault.TooLarge, "upload.past_end", "This file was announced with "+strconv.FormatInt(u.Size, 10)+" bytes, and more are sent.")
}

// finishUpload makes a track of a file that came whole. What can never be one is
// noted as refused; anything else may be tried again.
func (c *Core) finishUpload(ctx context.Context, u db.Upload, file *media.Partial) (PartialView, error) {
	in := file.Incoming()
	defer in.Discard()
	_, err := c.finish(ctx, in, arrival{user: u.User, name: u.Name, visibility: u.Visibility, also: func(tx *db.Tx, t db.Track) (err error) {
		if u, err = tx.Upload(u.ID); err != nil { // cancelled meanwhile
			return err
		}
		u.Track, u.Touched, u.State = t.ID, c.now(), nil
		return tx.SetUpload(u)
	}})
	if err == nil {
		c.dropPartial(u.ID)
		return c.viewUpload(u), nil
	}
	f := fault.Of(err)
	switch f.Kind {
	case fault.Invalid, fault.Unsupported, fault.TooLarge, fault.Forbidden:
	default:
		return PartialView{}, err
	}
	noted := c.free(ctx, func(tx *db.Tx) (err error) {
		if u, err = tx.Upload(u.ID); err != nil {
			return err
		}
		u.Refusal, u.Why, u.About, u.Kind, u.Touched, u.State = f.Code, f.Message, f.About, uint8(f.Kind), c.now(), nil
		return tx.SetUpload(u)
	})
	if noted != nil && !errors.Is(noted, ErrNotFound) {
		return PartialView{}, noted
	}
	c.dropPartial(u.ID)
	return PartialView{}, err
}

// FinishUploads makes tracks of the files that came whole before the house
// closed or died.
func (c *Core) FinishUploads(ctx context.Context) error {
	var whole []db.Upload
	err := c.view(ctx, func(tx *db.Tx) error {
		for u, err := range tx.Uploads() {
			if c.unreadable(err, "upload", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if u.Offset == u.Size && u.Track == 0 && u.Refusal == "" {
				whole = append(whole, u)
			}
		}
		return nil
	})
	for _, u := range whole {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, wrong := c.AddPiece(ctx, u.User, u.ID, Piece{Offset: u.Size, Body: eof{}, Stop: func() {}})
		if wrong != nil {
			c.log.Info("an upload that came whole became no track", "upload", u.ID, "user", u.User, "cause", wrong)
		}
	}
	return err
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// viewUpload gives what is known of an upload, but for its track.
func (c *Core) viewUpload(u db.Upload) PartialView {
	v := PartialView{Upload: u, Expires: u.Touched.Add(uploadStays)}
	if u.Track != 0 || u.Refusal != "" {
		v.Expires = u.Touched.Add(outcomeStays)
	}
	if u.Refusal != "" {
		v.Fault = fault.New(fault.Kind(u.Kind), u.Refusal, u.Why).Naming(u.About)
	}
	return v
}

// Partial gives an upload in pieces of the asker's, with what became of it. While
// a piece comes it tells how far that is.
func (c *Core) Partial(ctx context.Context, me, id db.ID) (PartialView, error) {
	var v PartialView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, u, err := c.ownUpload(tx, me, id)
		if err == nil {
			v, err = c.withTrack(tx, a, u)
		}
		return err
	})
	if v.Became != nil {
		v.Became = &c.draw(*v.Became)[0]
	}
	return v, err
}

func (c *Core) withTrack(tx *db.Tx, a asker, u db.Upload) (PartialView, error) {
	v := c.viewUpload(u)
	if !v.Ended() {
		v.Offset = max(v.Offset, c.pieces.came(u.ID))
	}
	if u.Offset > 0 && v.Offset == u.Offset {
		v.Sum = media.PartialSum(u.State)
	}
	if u.Track == 0 {
		return v, nil
	}
	t, err := c.viewOf(tx, a, u.Track)
	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, ErrNotFound), c.unreadable(err, "track", u.Track):
		return v, nil
	case err != nil:
		return v, err
	}
	v.Became = &t
	return v, nil
}

// Partials gives the asker's unfinished uploads in pieces, the newest first.
func (c *Core) Partials(ctx context.Context, me db.ID) (list []PartialView, err error) {
	err = c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		for u, err := range tx.UploadsOf(me) {
			if c.unreadable(err, "upload", 0) {
				continue
			}
			if err != nil {
				return err
			}
			v, err := c.withTrack(tx, a, u)
			if err != nil {
				return err
			}
			if !v.Ended() {
				list = append(list, v)
			}
		}
		return nil
	})
	return list, err
}

// PartialOffset tells where a client that lost its connection goes on: a piece
// that still seems to come is ended before, and what came whole becomes a track.
func (c *Core) PartialOffset(ctx context.Context, me, id db.ID) (PartialView, error) {
	v, err := c.Partial(ctx, me, id)
	if err != nil || v.Ended() {
		return v, err
	}
	_, release, err := c.hold(ctx, id, func() {})
	if err != nil {
		return v, err
	}
	release()
	if v, err = c.Partial(ctx, me, id); err != nil || v.Ended() || v.Offset < v.Size {
		return v, err
	}
	// All of it is here, and is no track yet: whoever hears so goes away.
	return c.AddPiece(ctx, me, id, Piece{Offset: v.Size, Body: eof{}, Stop: func() {}})
}

// DropPartial ends an upload in pieces of the asker's and forgets it. A track
// that it became stays.
func (c *Core) DropPartial(ctx context.Context, me, id db.ID) error {
	err := c.view(ctx, func(tx *db.Tx) error {
		_, _, err := c.ownUpload(tx, me, id)
		return err
	})
	if err != nil {
		return err
	}
	_, release, err := c.hold(ctx, id, func() {})
	if err != nil {
		return err
	}
	defer release()
	return c.forgetUpload(ctx, id)
}

// forgetUpload removes an upload's record and what came of it.
func (c *Core) forgetUpload(ctx context.Context, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error { return tx.DropUpload(id) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	c.dropPartial(id)
	return nil
}

func (c *Core) dropPartial(id db.ID) {
	c.pieces.mu.Lock()
	delete(c.pieces.seen, id)
	c.pieces.mu.Unlock()
	if err := c.media.DropPartial(id.String()); err != nil {
		c.log.Warn("what came of an upload is left until the next start", "upload", id, "error", err)
	}
}

// touched notes by the steady clock that something of an upload came.
func (c *Core) touched(id db.ID) {
	c.pieces.mu.Lock()
	defer c.pieces.mu.Unlock()
	if c.pieces.seen == nil {
		c.pieces.held, c.pieces.seen = map[db.ID]*holder{}, map[db.ID]time.Duration{}
	}
	c.pieces.seen[id] = c.pace()
}

// dropUploadsOf forgets the uploads in pieces of somebody who goes.
func (c *Core) dropUploadsOf(ctx context.Context, user db.ID) error {
	var ids []db.ID
	err := c.view(ctx, func(tx *db.Tx) error {
		for u, err := range tx.UploadsOf(user) {
			if errors.Is(err, db.ErrCorrupt) {
				continue
			}
			if err != nil {
				return err
			}
			ids = append(ids, u.ID)
		}
		return nil
	})
	for _, id := range ids {
		_, release, held := c.hold(ctx, id, func() {})
		if held != nil {
			return held
		}
		err = errors.Join(err, c.forgetUpload(ctx, id))
		release()
	}
	return err
}

// partials gives the uploads whose files are waited for, by the texts of their
// ids.
func (c *Core) partials(ctx context.Context) (map[string]bool, error) {
	waiting := map[string]bool{}
	err := c.view(ctx, func(tx *db.Tx) error {
		for u, err := range tx.Uploads() {
			if c.unreadable(err, "upload", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if u.Track == 0 && u.Refusal == "" {
				waiting[u.ID.String()] = true
			}
		}
		return nil
	})
	return waiting, err
}

// tidyUploads forgets the uploads that nothing came of for long, and in the end
// what became of the others. The clock may have jumped: what came within the
// last hour by the steady one stays, whatever the time says.
func (c *Core) tidyUploads(ctx context.Context) error {
	steady, now := c.pace(), c.now()
	if steady-c.opened < uploadsLinger {
		return nil
	}
	c.pieces.mu.Lock()
	seen := maps.Clone(c.pieces.seen)
	c.pieces.mu.Unlock()
	var late, ahead []db.ID
	err := c.view(ctx, func(tx *db.Tx) error {
		for u, err := range tx.Uploads() {
			if c.unreadable(err, "upload", 0) {
				continue
			}
			if err != nil {
				return err
			}
			at, ok := seen[u.ID]
			switch {
			case u.Touched.After(now.Add(uploadsLinger)):
				ahead = append(ahead, u.ID)
			case now.Before(c.viewUpload(u).Expires), ok && steady-at < uploadsLinger:
			default:
				late = append(late, u.ID)
			}
		}
		return nil
	})
	for _, id := range late {
		_, release, held := c.hold(ctx, id, func() {})
		if held != nil {
			continue
		}
		err = errors.Join(err, c.forgetUpload(ctx, id))
		release()
	}
	if len(ahead) > 0 {
		err = errors.Join(err, c.update(ctx, func(tx *db.Tx) error {
			for _, id := range ahead { // of a clock that was put back since
				u, err := tx.Upload(id)
				if errors.Is(err, db.ErrNotFound) {
					continue
				}
				if err != nil {
					return err
				}
				u.Touched = now
				if err := tx.SetUpload(u); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	if len(late) > 0 {
		c.log.Info("uploads that nobody went on with were forgotten", "uploads", len(late))
	}
	return err
}
