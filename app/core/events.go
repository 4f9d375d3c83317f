package core

import (
	"context"
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

// Event is something that a user's open pages want to know at once.
type Event struct {
	Type     string
	Track    db.ID
	Waveform db.Waveform
	Progress float64 // share of the analysis that is done, 0 to 1

	Comment      db.ID
	Conversation db.ID
}

const (
	eventsWaiting = 64  // events that may wait for one slow reader
	readersOfUser = 16  // open pages and devices of one user
	readersOfAll  = 500 // of the whole house
	reopenAfter   = 30 * time.Second
)

// events hands out events to those who listen at this moment. Nothing is kept
// for those who do not.
type events struct {
	mu      sync.Mutex
	readers map[db.ID]map[chan Event]db.ID // by user; the session of each
	count   int
}

func newEvents() *events { return &events{readers: map[db.ID]map[chan Event]db.ID{}} }

// Events listens to what concerns the asker, until stop is called. The
// channel is closed when the reader falls too far behind: it should read the
// present state again, then listen anew.
func (c *Core) Events(ctx context.Context, who Asker) (ch <-chan Event, stop func(), err error) {
	ch, stop, err = c.events.listen(who.User, who.Session)
	if err != nil {
		return nil, nil, err
	}
	// Asked after listening began, so that a session can't end in between.
	if err := c.StillIn(ctx, who); err != nil {
		stop()
		return nil, nil, err
	}
	return ch, stop, nil
}

func (e *events) listen(me, session db.ID) (<-chan Event, func(), error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.readers[me]) >= readersOfUser || e.count >= readersOfAll {
		return nil, nil, fault.New(fault.Limited, "limited", "Too many pages of this Earshot are open at once.").After(reopenAfter)
	}
	ch := make(chan Event, eventsWaiting)
	if e.readers[me] == nil {
		e.readers[me] = map[chan Event]db.ID{}
	}
	e.readers[me][ch] = session
	e.count++
	return ch, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.drop(me, ch)
	}, nil
}

// drop forgets a reader, if it is still one.
func (e *events) drop(user db.ID, ch chan Event) {
	if _, there := e.readers[user][ch]; !there {
		return
	}
	delete(e.readers[user], ch)
	if len(e.readers[user]) == 0 {
		delete(e.readers, user)
	}
	e.count--
	close(ch)
}

// hush ends the readers of a user's sessions that ended.
func (e *events) hush(user db.ID, ended func(session db.ID) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ch, session := range e.readers[user] {
		if ended(session) {
			e.drop(user, ch)
		}
	}
}

// send tells a user's open pages, never waiting for a slow one.
func (e *events) send(user db.ID, ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ch := range e.readers[user] {
		select {
		case ch <- ev:
		default:
			e.drop(user, ch)
		}
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
	user   db.ID          // 0 for everybody who listens
	except map[db.ID]bool // with everybody: but for these
	event  Event
}

// to tells one user.
func (o *outgoing) to(user db.ID, e Event) {
	o.events = append(o.events, addressed{user: user, event: e})
}

// all tells everybody who listens, but for some.
func (o *outgoing) all(e Event, except map[db.ID]bool) {
	o.events = append(o.events, addressed{except: except, event: e})
}

// act is update for what others are told of: the events that fn gathers are
// sent when the change is kept.
func (c *Core) act(ctx context.Context, fn func(tx *db.Tx, out *outgoing) error) error {
	var out outgoing
	err := c.update(ctx, func(tx *db.Tx) error {
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
		c.events.send(e.user, e.event)
	}
}
