// Package core holds every rule, permission and notice of Earshot: one method
// per use case, shared by every surface. It knows nothing of HTTP or JSON.
//
// Methods take the asking user's id as me; zero is a visitor who is not
// signed in. Failures that a client may be told about are *fault.Fault.
package core

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"earshot/app/auth"
	"earshot/app/auth/openid"
	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
)

// Options are what a Core is made of. All of them are required but the clocks.
type Options struct {
	DB       *db.DB
	Media    *media.Store
	Pictures *picture.Maker
	Hasher   *auth.Hasher
	Tokens   *auth.Tokens
	Sealer   *auth.Sealer
	Indexer  *Indexer
	OpenID   []*openid.Provider // who else lets people in, in the order of being shown
	Limits   Limits
	Proxy    Proxy
	Machine  Machine
	Attempts []byte // 32 secret bytes, under which attempts are counted; random when nil
	Log      *slog.Logger
	Now      func() time.Time     // time.Now when nil
	Pace     func() time.Duration // the clock of how often something may be done; auth.Monotonic when nil

	Mail   func(context.Context, Mail) error // sends a mail; nil where none can be sent
	Public string                            // address at which people reach the house; "" when not configured

	Backups BackupRules

	Scrobbling Scrobbling // where listens may be told; the zero value is nowhere

	// Rest is how long nothing may have been written to a file before an import
	// takes it; 0 for the usual. Tests take less.
	Rest time.Duration

	// Quietly runs something so that everything else goes before it; nil runs it.
	Quietly func(func())
}

// Limits are the sizes in bytes that uploads may have.
type Limits struct {
	Upload  int64
	Picture int64
}

// tagsAtOnce is how many uploads are between the reading of their tags and
// being stored. Each may hold a picture of tag.MaxPicture.
const tagsAtOnce = 2

// Core is the house's rules over its data. It is safe for concurrent use.
type Core struct {
	cards    cards
	surveys  surveys
	standIns standIns
	ends     ends
	db       *db.DB
	media    *media.Store
	pictures *picture.Maker
	hasher   *auth.Hasher
	tokens   *auth.Tokens
	sealer   *auth.Sealer
	index    *Indexer
	limits   Limits
	log      *slog.Logger
	now      func() time.Time
	pace     func() time.Duration
	opened   time.Duration // by pace

	proxy       Proxy
	desk        *desk    // tickets for the second factor, challenges of passkeys
	attempts    attempts // the limits that outlive the program
	refusedKeys flood
	signIns     *auth.SignIns
	signUps     *auth.Limiter
	setUps      *auth.Limiter
	issuers     *auth.Limiter // what is asked of issuers from each address, until it is found good
	said        *auth.Limiter // comments of each member
	sent        *auth.Limiter // messages of each member
	reports     *auth.Limiter // reports of each member
	opens       *auth.Limiter // openings of secret links from each address
	uploads     *auth.Limiter // of each member
	exported    *auth.Limiter // exports of each member
	pieces      pieces        // uploads in pieces that something of comes now
	prints      prints
	codes       *auth.Limiter // codes of links that were not good, of each address
	post        *post
	seen        *seen[time.Time]
	keyUses     *seen[keyUse]
	known       known
	setup       *setup
	openid      []*openid.Provider
	spent       spent // trips to issuers, and tickets
	events      *events
	plays       *plays
	tags        chan struct{} // has an entry for each upload whose tags are in memory
	searches    chan struct{} // has an entry for each search that is being answered
	exports     chan struct{} // has an entry for each export that is being sent
	exporting   sync.Map      // ids of those to whom

	hearing   hearing  // answers of sound
	listens   *listens // by secret links
	scrobbles *scrobbles
	heardNow  nowPlaying
	imports   imports // that run
	rest      time.Duration
	urgent    urgent     // waveforms that somebody waits for
	soon      urgent     // those of long tracks
	keeping   sync.Mutex // held while a waveform and the record that goes with it are kept

	site     Site
	started  time.Time
	measured measured
	troubles troubles

	copyRules BackupRules
	copying   backups
	checking  checking
	quietly   func(func())

	lasting    context.Context // ends with the house
	endLasting context.CancelFunc
	rotten     atomic.Uint64 // records that could not be read since the start
	awake      time.Time     // when the house was opened, by the machine's clock

	wake   func()        // tells the job runner that there is work
	traces chan struct{} // has an entry when there may be traces of gone things

	machine    Machine
	rearranged chan struct{} // has an entry when there may be other libraries
}

// New makes a Core. Wake is called after work was queued; it may be set later
// with OnWork.
func New(o Options) *Core {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pace == nil {
		o.Pace = auth.Monotonic()
	}
	if o.Attempts == nil {
		random := auth.NewSecret()
		o.Attempts = random[:]
	}
	if o.Quietly == nil {
		o.Quietly = func(do func()) { do() }
	}
	if o.Rest == 0 {
		o.Rest = fileRest
	}
	book := auth.NewBook(o.Attempts, o.Pace)
	lasting, endLasting := context.WithCancel(context.Background())
	return &Core{
		lasting: lasting, endLasting: endLasting,
		db: o.DB, media: o.Media, pictures: o.Pictures, hasher: o.Hasher,
		tokens: o.Tokens, sealer: o.Sealer, index: o.Indexer, limits: o.Limits, log: o.Log, now: o.Now, pace: o.Pace, opened: o.Pace(),
		cards:    cards{turn: make(chan struct{}, 1)},
		surveys:  surveys{turn: make(chan struct{}, 1)},
		proxy:    o.Proxy,
		desk:     newDesk(o.Sealer, o.Pace),
		opens:    book.Limiter(auth.CountedOpens, auth.LinkRule()),
		attempts: attempts{book: book},
		signIns:  book.SignIns(),
		signUps:  book.Limiter(auth.CountedSignUps, auth.SignUpRule()),
		issuers:  book.Limiter(auth.CountedIssuers, auth.SignUpRule()),
		setUps:   book.Limiter(auth.CountedSetUps, auth.SignUpRule()),
		said:     auth.NewLimiter(auth.CommentRule(), o.Pace),
		sent:     auth.NewLimiter(auth.MessageRule(), o.Pace),
		reports:  book.Limiter(auth.CountedReports, auth.ReportRule()),
		uploads:  auth.NewLimiter(auth.UploadRule(), o.Pace),
		exported: auth.NewLimiter(auth.ExportRule(), o.Pace),
		codes:    book.Limiter(auth.CountedCodes, auth.CodeRule()),
		post:     newPost(o, book),
		seen:     newSeen[time.Time](),
		keyUses:  newSeen[keyUse](),
		setup:    &setup{},
		openid:   o.OpenID,
		events:   newEvents(),
		plays:    newPlays(),
		tags:     make(chan struct{}, tagsAtOnce),
		searches: make(chan struct{}, searchesAtOnce),
		exports:  make(chan struct{}, exportsAtOnce),

		listens:   newListens(),
		scrobbles: newScrobbles(o.Scrobbling, o.Pace),

		started:  o.Now(),
		measured: measured{ask: make(chan struct{}, 1)},

		copyRules: o.Backups,
		copying:   backups{wake: make(chan struct{}, 1)},
		awake:     time.Now(),
		quietly:   o.Quietly,
		rest:      o.Rest,

		wake:   func() {},
		traces: make(chan struct{}, 1),

		machine: o.Machine, rearranged: make(chan struct{}, 1),
	}
}

// OnWork sets what is called after work was queued. It must be called before
// the Core is used.
func (c *Core) OnWork(wake func()) { c.wake = wake }

// Limits gives the sizes that uploads may have.
func (c *Core) Limits() Limits { return c.limits }

// Faults that more than one use case answers with. What is hidden and what is
// absent must answer with the very same ErrNotFound, whoever notices it.
var (
	ErrNotFound   = fault.New(fault.NotFound, "not_found", "There is nothing here, or it is not for you to see.")
	ErrSignIn     = fault.New(fault.Unauthenticated, "signin.needed", "Sign in first.")
	errForbid     = fault.New(fault.Forbidden, "forbidden", "You may not do this.")
	errDamaged    = fault.New(fault.Internal, "damaged", "What is stored here is damaged. The rest of the house works; ask the keeper to run a check.")
	errUnwritable = fault.New(fault.Unavailable, "disk.read_only", "The server's disk can't be written to. Reading and playing go on; ask the keeper to look at it.")
	errFull       = fault.New(fault.Full, "disk.full", "The server's disk is full. Reading and playing go on; ask the keeper to make room.")
)

// view reads in one transaction, and turns what the db says into faults.
func (c *Core) view(ctx context.Context, fn func(*db.Tx) error) error {
	return translate(c.noted(c.db.View(ctx, fn)))
}

// update writes in one transaction, all or nothing.
func (c *Core) update(ctx context.Context, fn func(*db.Tx) error) error {
	return translate(c.noted(c.db.Update(ctx, fn)))
}

// free is update for what makes room: on a full disk it may use the reserve.
func (c *Core) free(ctx context.Context, fn func(*db.Tx) error) error {
	return translate(c.noted(c.db.UpdateFreeing(ctx, fn)))
}

// unreadable tells whether a record of a list is damaged, and notes it: one
// rotten record must not take the whole list away.
func (c *Core) unreadable(err error, what string, id db.ID) bool {
	if !errors.Is(err, db.ErrCorrupt) {
		return false
	}
	c.rotten.Add(1)
	c.log.Error("a record is damaged and left out", "what", what, "id", id, "error", err)
	return true
}

// noted counts what could not be read, for the keeper.
func (c *Core) noted(err error) error {
	if errors.Is(err, db.ErrCorrupt) || errors.Is(err, db.ErrDamaged) {
		c.rotten.Add(1)
	}
	return err
}

// Rotten gives how often something in the database could not be read since the
// house was opened; above 0 the keeper should have everything checked.
func (c *Core) Rotten() uint64 { return c.rotten.Load() }

// translate gives the errors of the leaves that every use case can meet their
// faults. The others pass, and end as internal.
func translate(err error) error {
	var f *fault.Fault
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, db.ErrNotFound):
		return ErrNotFound.Because(err)
	case errors.Is(err, db.ErrFull), errors.Is(err, media.ErrFull):
		return errFull.Because(err)
	case errors.Is(err, db.ErrReadOnly), errors.Is(err, syscall.EROFS):
		return errUnwritable.Because(err)
	case errors.Is(err, db.ErrCorrupt), errors.Is(err, db.ErrDamaged):
		return errDamaged.Because(err)
	case errors.Is(err, media.ErrBusy):
		return fault.New(fault.Unavailable, "busy", "Too much is going on at this moment. Try again in a few seconds.").
			After(5 * time.Second).Because(err)
	case errors.Is(err, auth.ErrBusy):
		return fault.New(fault.Unavailable, "busy", "Too many people are signing in at this moment. Try again in a few seconds.").
			After(5 * time.Second).Because(err)
	}
	return err
}
