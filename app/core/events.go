package core

import (
	"cmp"
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// The types of events.
const (
	EventTrack    = "track"    // a track changed
	EventProgress = "progress" // its analysis advanced
	EventGone     = "gone"     // it was deleted
	EventComment  = "comment"  // a comment on a track came, changed or went
	EventNotice   = "notice"   // the user's notifications changed
	EventMessage  = "message"  // a message came or went
	EventSeen     = "seen"     // one of the two has read a conversation
	EventReset    = "reset"    // too much was missed
)

// Event is something that open pages want to know at once.
type Event struct {
	ID       string // where it stands among the events of the house
	Type     string
	Track    db.ID
	Waveform db.Waveform
	Progress float64 // share of the analysis that is done, 0 to 1

	Comment      db.ID
	Gone         bool  // nothing is left of the comment
	Writer       db.ID // of the comment; not told, but who hides it hides the event
	Conversation db.ID
}

const (
	eventsWaiting = 64   // events that may wait for one slow reader
	eventsKept    = 1024 // for those who come back
	readersOfUser = 16   // open pages and devices of one user
	visitorsMost  = 100  // open pages of people who are not signed in
	readersOfAll  = 500  // of the whole house
	reopenAfter   = 30 * time.Second
)

// events hands out events to those who listen at this moment, and keeps the
// last ones for those whose connection broke.
//
// Places count microseconds since the start, a little more when there are
// several events in one: from the places of their own events people must not
// learn how much happens to others.
type events struct {
	boot  string // tells this start of the house from others
	start time.Time

	mu        sync.Mutex
	readers   map[db.ID]map[*reader]bool // by user; those of visitors under 0
	count     int
	place     uint64 // of the last event
	kept      []sent // oldest first, eventsKept of them and up to as many older ones
	forgotten uint64 // place of the newest event that is not kept any more
}

// reader is one open page or device.
type reader struct {
	user, session db.ID // the session, or the key of a program
	keeper        bool
	key           *byKey
	ch            chan Event
}

// hears tells whether an event is for a reader: a program hears of what its
// token is for.
func (r *reader) hears(e Event) bool {
	if e.Type == EventReset {
		return true
	}
	if e.Conversation != 0 {
		return r.key.may(db.ScopeMessages)
	}
	return r.key.may(db.ScopeRead)
}

// sent is an event that was sent.
type sent struct {
	user  db.ID // 0 for everybody
	place uint64
	event Event
}

func newEvents() *events {
	return &events{
		boot: strconv.FormatUint(rand.Uint64(), 36), start: time.Now(),
		readers: map[db.ID]map[*reader]bool{},
	}
}

// open counts those who listen.
func (e *events) open() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count
}

// Listening is somebody's stream of events.
type Listening struct {
	Missed []Event      // what happened since the place that was asked for
	Events <-chan Event // closed when the reader falls too far behind, or may not listen any more
	Stop   func()
	Place  func() string // all events up to here were taken; "" while some wait
}

// Listen listens to what concerns the asker, until Stop is called. Visitors
// hear of comments only. With the ID of the last event that somebody has had,
// it goes on from there; when that is too long ago, the first event says so.
func (c *Core) Listen(ctx context.Context, who Asker, last string) (Listening, error) {
	var a asker
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		a, err = c.asker(tx, who.User)
		return err
	})
	if err != nil {
		return Listening{}, err
	}
	r := &reader{user: who.User, session: cmp.Or(who.Session, who.Key), keeper: a.keeper(), key: a.key, ch: make(chan Event, eventsWaiting)}
	missed, err := c.events.listen(r, last)
	if err != nil {
		return Listening{}, err
	}
	l := Listening{Events: r.ch, Stop: func() { c.events.stop(r) }, Place: func() string { return c.events.placeOf(r) }}
	// Asked after listening began, so that a session can't end in between.
	if err = c.StillIn(ctx, who); err == nil && len(missed) > 0 {
		l.Missed, err = c.stillTrue(ctx, who.User, missed)
	}
	if err != nil {
		l.Stop()
		return Listening{}, err
	}
	return l, nil
}

// stillTrue leaves out of what somebody missed what they may not know any
// more: a track may have become private since, or a block come between.
func (c *Core) stillTrue(ctx context.Context, me db.ID, missed []Event) ([]Event, error) {
	var list []Event
	err := c.view(ctx, func(tx *db.Tx) error {
		list = nil
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		t := c.truth(tx, a)
		for _, e := range missed {
			ok, err := t.concerns(e)
			if c.unreadable(err, "what an event is about", e.Comment) {
				continue
			}
			if err != nil {
				return err
			}
			if ok {
				list = append(list, e)
			}
		}
		return nil
	})
	return list, err
}

// concerns tells whether the asker may be told of an event now.
func (t truth) concerns(e Event) (bool, error) {
	switch {
	case e.Comment != 0:
		ok, err := t.seen(db.Thing{Kind: db.KindTrack, ID: e.Track})
		if err != nil || !ok {
			return false, err
		}
		// The comment may be gone by now: it was still by somebody.
		u, err := t.people.find(t.tx, e.Writer)
		if absent(err) {
			return e.Writer == 0, nil
		}
		return err == nil && !t.a.hides(u), err
	case e.Conversation != 0:
		conv, err := t.tx.Conversation(e.Conversation)
		if absent(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		talk, err := t.c.talk(t.tx, t.a, conv)
		if absent(err) {
			return false, nil
		}
		return err == nil && !talk.apart(), err
	}
	return true, nil
}

// listen adds a reader, and gives the events behind a place that it asks for.
func (e *events) listen(r *reader, last string) ([]Event, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	most := readersOfUser
	if r.user == 0 {
		most = visitorsMost
	}
	if len(e.readers[r.user]) >= most || e.count >= readersOfAll {
		return nil, fault.New(fault.Limited, "limited", "Too many pages of this Earshot are open at once.").After(reopenAfter)
	}
	if e.readers[r.user] == nil {
		e.readers[r.user] = map[*reader]bool{}
	}
	e.readers[r.user][r] = true
	e.count++
	if last == "" {
		return nil, nil
	}
	return e.since(last, r), nil
}

// since gives a reader's events behind a place, or that too much was missed.
func (e *events) since(last string, r *reader) (missed []Event) {
	boot, text, _ := strings.Cut(last, "-")
	place, err := strconv.ParseUint(text, 10, 64)
	if err != nil || boot != e.boot || place < e.forgotten || place > e.place {
		return []Event{{ID: e.name(e.next()), Type: EventReset}}
	}
	for _, s := range e.kept {
		if s.place > place && (s.user == 0 || s.user == r.user) && r.hears(s.event) {
			missed = append(missed, s.event)
		}
	}
	return missed
}

// next gives the place of what happens now.
func (e *events) next() uint64 {
	e.place = max(e.place+1, uint64(time.Since(e.start).Microseconds()))
	return e.place
}

func (e *events) name(place uint64) string { return e.boot + "-" + strconv.FormatUint(place, 10) }

// placeOf gives the present place for a reader for whom nothing waits.
func (e *events) placeOf(r *reader) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(r.ch) > 0 {
		return ""
	}
	return e.name(e.next())
}

func (e *events) stop(r *reader) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop(r)
}

// drop forgets a reader, if it is still one.
func (e *events) drop(r *reader) {
	if !e.readers[r.user][r] {
		return
	}
	delete(e.readers[r.user], r)
	if len(e.readers[r.user]) == 0 {
		delete(e.readers, r.user)
	}
	e.count--
	close(r.ch)
}

// hush ends the readers of a user's sessions that ended; user 0 is all
// visitors.
func (e *events) hush(user db.ID, ended func(session db.ID) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for r := range e.readers[user] {
		if ended(r.session) {
			e.drop(r)
		}
	}
}

// send tells a user's open pages, never waiting for a slow one.
func (e *events) send(user db.ID, ev Event) {
	if user == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	ev = e.keep(user, ev)
	for r := range e.readers[user] {
		e.offer(r, ev)
	}
}

// sendAll tells everybody who listens, but for some. The keeper sees what
// happens also behind blocks.
func (e *events) sendAll(ev Event, except map[db.ID]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ev = e.keep(0, ev)
	for user, readers := range e.readers {
		for r := range readers {
			if r.keeper || !except[user] {
				e.offer(r, ev)
			}
		}
	}
}

// sendSome tells those of a set who listen. It is kept for everybody who comes
// back: they are asked then whether they may know of it.
func (e *events) sendSome(ev Event, only map[db.ID]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ev = e.keep(0, ev)
	for user, readers := range e.readers {
		if !only[user] {
			continue
		}
		for r := range readers {
			e.offer(r, ev)
		}
	}
}

// keep gives an event its place, and keeps it for those who come back. How far
// an analysis is tells nothing any more by then.
func (e *events) keep(user db.ID, ev Event) Event {
	place := e.next()
	ev.ID = e.name(place)
	if ev.Type == EventProgress {
		return ev
	}
	if len(e.kept) == 2*eventsKept {
		e.kept = append(e.kept[:0], e.kept[eventsKept:]...)
	}
	e.kept = append(e.kept, sent{user, place, ev})
	if n := len(e.kept) - eventsKept; n > 0 {
		e.forgotten = e.kept[n-1].place
	}
	return ev
}

// offer hands a reader an event; one who is too slow for it is dropped.
func (e *events) offer(r *reader, ev Event) {
	if !r.hears(ev) {
		return
	}
	select {
	case r.ch <- ev:
	default:
		e.drop(r)
	}
}

// tell tells the owner's open pages that a track changed.
func (c *Core) tell(t db.Track) {
	c.events.send(t.User, Event{Type: EventTrack, Track: t.ID, Waveform: t.Waveform})
}

// outgoing gathers events while a transaction runs, for after it was kept.
type outgoing struct{ events []addressed }

// addressed is an event with those it is for.
type addressed struct {
	user   db.ID
	all    bool           // for everybody who listens, not for one user
	except map[db.ID]bool // but for these
	only   map[db.ID]bool // for these alone; nil for none but user
	event  Event
}

// to tells one user.
func (o *outgoing) to(user db.ID, e Event) {
	o.events = append(o.events, addressed{user: user, event: e})
}

// all tells everybody who listens, but for some.
func (o *outgoing) all(e Event, except map[db.ID]bool) {
	o.events = append(o.events, addressed{all: true, except: except, event: e})
}

// some tells those of a set who listen.
func (o *outgoing) some(e Event, only map[db.ID]bool) {
	o.events = append(o.events, addressed{only: only, event: e})
}

// act is update for what others are told of: the events that fn gathers are
// sent when the change is kept.
func (c *Core) act(ctx context.Context, fn func(tx *db.Tx, out *outgoing) error) error {
	return c.telling(ctx, c.update, fn)
}

// actFreeing is act for what makes room.
func (c *Core) actFreeing(ctx context.Context, fn func(tx *db.Tx, out *outgoing) error) error {
	return c.telling(ctx, c.free, fn)
}

func (c *Core) telling(ctx context.Context, change func(context.Context, func(*db.Tx) error) error, fn func(tx *db.Tx, out *outgoing) error) error {
	var out outgoing
	err := change(ctx, func(tx *db.Tx) error {
		out = outgoing{}
		return fn(tx, &out)
	})
	if err == nil {
		c.deliver(out)
	}
	return err
}

// deliver sends what was gathered.
func (c *Core) deliver(out outgoing) {
	for _, e := range out.events {
		switch {
		case e.all:
			c.events.sendAll(e.event, e.except)
		case e.only != nil:
			c.events.sendSome(e.event, e.only)
		default:
			c.events.send(e.user, e.event)
		}
	}
}
