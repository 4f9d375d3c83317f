package core

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/app/listenbrainz"
	"earshot/db"
)

const (
	mostScrobbles   = 1000 // that wait to be told, of one user
	startsWaiting   = 64   // starts of tracks that wait to be told, of all
	mostBegun       = 1 << 14
	askingAtOnce    = 4 // tokens that are being checked
	scrobbleFirst   = time.Minute
	scrobbleMax     = 6 * time.Hour
	refusedInARow   = 3 // listens, after which their user's wait a while
	maxScrobbleText = 500
	maxToken        = 500
	sealedScrobbler = "scrobbler" // the kind of sealed tokens
	tellingOutcome  = 3 * time.Second
)

// Scrobbling says to whom listens may be told. The zero value is to nobody.
type Scrobbling struct {
	Servers []string // addresses among which members choose, without a slash at the end
	Client  *listenbrainz.Client
}

// The codes of what keeps listens from being told, in db.Scrobbler.Error.
const (
	ScrobblerToken       = "scrobbler.token"       // the server knows the token no more
	ScrobblerUnreachable = "scrobbler.unreachable" // no answer came
	ScrobblerBusy        = "scrobbler.busy"        // it wants to be left alone for a while
	ScrobblerAnswer      = "scrobbler.answer"      // it fails, or is no such server
	ScrobblerAddress     = "scrobbler.address"     // the keeper allows it no more
)

// scrobbles tells listens to servers elsewhere, one request at a time.
type scrobbles struct {
	Scrobbling
	wake   chan struct{} // has an entry when there may be something to tell
	starts chan start
	asked  *auth.Limiter // tokens that each member has checked
	asking chan struct{} // has an entry for each token that is being checked

	mu    sync.Mutex
	rests map[string]scrobbleRest // by server and by user; none for whom nothing went wrong
	pace  map[db.ID]scrobblePace
	begun map[db.ID]db.ID // the track that each user began last, as their queues tell

	told map[db.ID]struct{} // taken by their server, which could not be written down; of the one that tells
}

// scrobbleRest is how long a server, or what is a user's, is left alone.
type scrobbleRest struct {
	until time.Duration // by Core.pace
	last  time.Duration // how long the last rest was
}

// scrobblePace is how many listens of a user are told in one request, found by
// what the server takes.
type scrobblePace struct {
	most    int
	refused int // single ones in a row
}

// start is a track that somebody begins to listen to.
type start struct{ user, track db.ID }

func newScrobbles(o Scrobbling, pace func() time.Duration) *scrobbles {
	if o.Client == nil {
		o.Servers = nil
	}
	return &scrobbles{
		Scrobbling: o, wake: make(chan struct{}, 1), starts: make(chan start, startsWaiting),
		asked: auth.NewLimiter(auth.ForgotRule(), pace), asking: make(chan struct{}, askingAtOnce),
		rests: map[string]scrobbleRest{}, pace: map[db.ID]scrobblePace{}, begun: map[db.ID]db.ID{}, told: map[db.ID]struct{}{},
	}
}

// ScrobblerView is where the asker's listens are told, and how that goes.
type ScrobblerView struct {
	db.Scrobbler                  // Address is "" for nowhere. What is sealed is not in it
	Waiting      int              // listens that are still to be told
	Title        string           // of the server
	Servers      []ScrobbleServer // to choose from
}

// ScrobbleServer is a server to which listens may be told.
type ScrobbleServer struct {
	Address   string
	Title     string // as people call it
	TokenPage string // where people find their token there; "" where nobody knows
}

// scrobbleServer is what is known of the server at an address.
func scrobbleServer(address string) ScrobbleServer {
	if address == listenbrainz.Home {
		return ScrobbleServer{address, "ListenBrainz", listenbrainz.TokenPage}
	}
	_, title, _ := strings.Cut(address, "://")
	return ScrobbleServer{Address: address, Title: title}
}

// Scrobbler tells where the asker's listens are told, and where they may be.
func (c *Core) Scrobbler(ctx context.Context, me db.ID) (ScrobblerView, error) {
	var v ScrobblerView
	for _, address := range c.scrobbles.Servers {
		v.Servers = append(v.Servers, scrobbleServer(address))
	}
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		s, err := tx.Scrobbler(me)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		s.Sealed = ""
		v.Scrobbler, v.Title = s, scrobbleServer(s.Address).Title
		if !slices.Contains(c.scrobbles.Servers, s.Address) {
			v.Error = ScrobblerAddress
		}
		waiting, err := c.waitingScrobbles(tx, me)
		v.Waiting = len(waiting)
		return err
	})
	return v, err
}

// ConnectScrobbler has the asker's listens told to one of the servers that the
// keeper allows, once that knows the token. The token is given to nobody again.
func (c *Core) ConnectScrobbler(ctx context.Context, who Asker, address, token string) (ScrobblerView, error) {
	address = strings.TrimSuffix(strings.TrimSpace(address), "/")
	token = strings.TrimSpace(token)
	s := c.scrobbles
	switch {
	case who.Key != 0: // a program must not have a person's listens told to whoever made it
		return ScrobblerView{}, errForbid
	case !slices.Contains(s.Servers, address):
		return ScrobblerView{}, fault.New(fault.Invalid, "scrobbler.address", "Listens may not be sent to this address. The keeper of this house decides which ones may be chosen.").In("address")
	case token == "" || len(token) > maxToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return ScrobblerView{}, errScrobblerToken
	}
	if err := c.view(ctx, func(tx *db.Tx) error { _, err := c.member(tx, who.User); return err }); err != nil {
		return ScrobblerView{}, err
	}
	if wait := s.asked.AllowKey(who.User.String()); wait > 0 {
		return ScrobblerView{}, tooOften(wait)
	}
	name, err := c.scrobblerAccount(ctx, address, token)
	if err != nil {
		return ScrobblerView{}, err
	}
	err = c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, who.User); err != nil {
			return err
		}
		now := db.Scrobbler{
			User: who.User, Address: address, Name: name, Created: c.now(),
			Sealed: c.sealer.Seal(sealedScrobbler+who.User.String(), []byte(token)),
		}
		was, err := tx.Scrobbler(who.User)
		if err != nil && !errors.Is(err, db.ErrNotFound) && !errors.Is(err, db.ErrCorrupt) {
			return err
		}
		if err == nil && was.Address == address && was.Name == name {
			now.Sent, now.Last, now.Created = was.Sent, was.Last, was.Created
		}
		return tx.SetScrobbler(now)
	})
	if err != nil {
		return ScrobblerView{}, err
	}
	s.forget(who.User)
	s.awake()
	c.note("scrobbler.connected", "listens of a user are told elsewhere from now on", "user", who.User, "server", address)
	return c.Scrobbler(ctx, who.User)
}

var errScrobblerToken = fault.New(fault.Invalid, "scrobbler.token", "The server does not know this token. Copy it again, whole.").In("token")

// scrobblerAccount asks a server whose token it is.
func (c *Core) scrobblerAccount(ctx context.Context, address, token string) (string, error) {
	select {
	case c.scrobbles.asking <- struct{}{}:
		defer func() { <-c.scrobbles.asking }()
	default:
		return "", fault.New(fault.Unavailable, "busy", "Too much is going on at this moment. Try again in a few seconds.").After(5 * time.Second)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(c.lasting, end)() // the house does not wait for it
	name, err := c.scrobbles.Client.Account(ctx, address, token)
	switch code, rest := scrobbleTrouble(err); code {
	case "":
		return cut(line(name), maxScrobbleText), nil
	case ScrobblerToken:
		return "", errScrobblerToken
	case ScrobblerBusy:
		return "", fault.New(fault.Unavailable, code, "The server has too much to do at this moment. Try again in a while.").After(cmp.Or(rest, time.Minute)).In("address").Because(err)
	case ScrobblerUnreachable:
		return "", fault.New(fault.Unavailable, code, "The server can't be reached at this moment. Try again in a while.").After(time.Minute).In("address").Because(err)
	}
	return "", fault.New(fault.Unavailable, ScrobblerAnswer, "The server does not answer as it should. Try again in a while, or ask the keeper whether the address is right.").After(time.Minute).In("address").Because(err)
}

// scrobbleTrouble gives the code of what went wrong, "" for nothing, and how
// long a server wants to be left alone.
func scrobbleTrouble(err error) (code string, rest time.Duration) {
	var refusal *listenbrainz.Refusal
	switch {
	case err == nil:
		return "", 0
	case errors.Is(err, listenbrainz.ErrToken):
		return ScrobblerToken, 0
	case errors.As(err, &refusal) && refusal.Status == 429:
		return ScrobblerBusy, refusal.After
	case errors.As(err, &refusal):
		return ScrobblerAnswer, refusal.After
	case listenbrainz.Odd(err):
		return ScrobblerAnswer, 0
	}
	return ScrobblerUnreachable, 0
}

// DisconnectScrobbler has the asker's listens told nowhere any more. Those that
// wait are forgotten, and so is the token.
func (c *Core) DisconnectScrobbler(ctx context.Context, who Asker) error {
	if who.Key != 0 {
		return errForbid
	}
	err := c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, who.User); err != nil {
			return err
		}
		return tx.DropScrobbler(who.User)
	})
	if err == nil {
		c.scrobbles.forget(who.User)
		c.note("scrobbler.disconnected", "listens of a user are told elsewhere no more", "user", who.User)
	}
	return err
}

// waitingScrobbles gives the ids of a user's listens that wait, oldest first.
func (c *Core) waitingScrobbles(tx *db.Tx, user db.ID) (ids []db.ID, err error) {
	for s, err := range tx.Scrobbles(user) {
		if c.unreadable(err, "listen to be told of", user) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, s.ID)
	}
	return ids, nil
}

// scrobbling adds listens to those that are to be told, in a transaction that
// writes them anyway.
type scrobbling struct {
	users map[db.ID]*[]db.ID // what waits of each, oldest first; nil where listens are told nowhere
	added bool
}

// addScrobble notes a listen to be told, if its user wants that and everybody
// here may hear the track.
func (c *Core) addScrobble(tx *db.Tx, in *scrobbling, h heard) error {
	if len(c.scrobbles.Servers) == 0 {
		return nil
	}
	waiting, known := in.users[h.user]
	if !known {
		switch _, err := tx.Scrobbler(h.user); {
		case err == nil:
			ids, err := c.waitingScrobbles(tx, h.user)
			if err != nil {
				return err
			}
			waiting = &ids
		case c.unreadable(err, "where listens are told of", h.user), errors.Is(err, db.ErrNotFound):
		default:
			return err
		}
		if in.users == nil {
			in.users = map[db.ID]*[]db.ID{}
		}
		in.users[h.user] = waiting
	}
	if waiting == nil {
		return nil
	}
	a, err := c.asker(tx, h.user)
	if err != nil {
		return ignoreFault(err)
	}
	if _, _, tells, err := c.tellable(tx, a, h.track); err != nil || !tells {
		return err
	}
	for len(*waiting) >= mostScrobbles {
		if err := tx.DropScrobble(h.user, (*waiting)[0]); err != nil {
			return err
		}
		*waiting = (*waiting)[1:]
	}
	s := db.Scrobble{ID: tx.NewID(), User: h.user, Track: h.track, Heard: h.began}
	if err := tx.AddScrobble(s); err != nil {
		return err
	}
	*waiting, in.added = append(*waiting, s.ID), true
	return nil
}

// ignoreFault passes what is no answer for a client.
func ignoreFault(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return nil
	}
	return err
}

// tellable finds a track, and whether a listen of somebody's to it may be told.
func (c *Core) tellable(tx *db.Tx, a asker, id db.ID) (t db.Track, owner db.User, tells bool, err error) {
	if t, err = tx.Track(id); err == nil {
		owner, err = tx.User(t.User)
	}
	if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "track of a listen to be told", id) {
		return t, owner, false, nil
	}
	return t, owner, err == nil && a.tells(t, owner), err
}

// forgetScrobbles forgets those of a user's listens that wait: those to one
// track, or all with track 0.
func (c *Core) forgetScrobbles(tx *db.Tx, user, track db.ID) error {
	var ids []db.ID
	for s, err := range tx.Scrobbles(user) {
		if c.unreadable(err, "listen to be told of", user) {
			continue
		}
		if err != nil {
			return err
		}
		if track == 0 || s.Track == track {
			ids = append(ids, s.ID)
		}
	}
	for _, id := range ids {
		if err := tx.DropScrobble(user, id); err != nil {
			return err
		}
	}
	return nil
}

// NowPlaying tells that the asker begins to listen to a track, where their
// listens are told. It waits for nothing, and nothing is kept of it: when it
// can't be told at once, it is not.
func (c *Core) NowPlaying(_ context.Context, me, track db.ID) {
	if len(c.scrobbles.Servers) == 0 || me == 0 {
		return
	}
	select {
	case c.scrobbles.starts <- start{me, track}:
	default:
	}
}

// playsOn is NowPlaying for whoever stores now and then what they listen to: it
// tells each track once.
func (c *Core) playsOn(ctx context.Context, me, track db.ID) {
	s := c.scrobbles
	if len(s.Servers) == 0 {
		return
	}
	s.mu.Lock()
	told := s.begun[me] == track
	if len(s.begun) >= mostBegun {
		clear(s.begun)
	}
	s.begun[me] = track
	s.mu.Unlock()
	if !told {
		c.NowPlaying(ctx, me, track)
	}
}

func (s *scrobbles) awake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// forget forgets what went wrong for a user.
func (s *scrobbles) forget(user db.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rests, user.String())
	delete(s.pace, user)
}

// rests tells until when a user's listens for a server wait; 0 for not at all.
func (s *scrobbles) resting(of db.Scrobbler, now time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := max(s.rests[of.Address].until, s.rests[of.User.String()].until)
	if until <= now {
		return 0
	}
	return until
}

// rest has a server or a user's listens left alone: twice as long as the last
// time, and at least as long as the server asks for.
func (s *scrobbles) rest(key string, asked, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rests[key]
	r.last = min(max(2*r.last, scrobbleFirst), scrobbleMax)
	r.until = now + max(r.last, min(asked, scrobbleMax))
	s.rests[key] = r
}

// size gives how many listens of a user to tell in one request.
func (s *scrobbles) size(user db.ID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.pace[user].most, listenbrainz.Most)
}

// took notes that a server took n listens of a user.
func (s *scrobbles) took(of db.Scrobbler, n int, rest, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rests, of.User.String())
	delete(s.rests, of.Address)
	if rest > 0 {
		s.rests[of.Address] = scrobbleRest{until: now + min(rest, scrobbleMax)}
	}
	if p, ok := s.pace[of.User]; ok {
		p.refused = 0
		if p.most *= 2; p.most >= listenbrainz.Most {
			delete(s.pace, of.User)
		} else {
			s.pace[of.User] = p
		}
	}
}

// refused notes that a server finds something wrong with n listens of a user:
// the next time it is told half as many, until it is the one. It tells whether
// that one is to be given up: where one after the other is refused it may be the
// server, and they wait, though not for ever.
func (s *scrobbles) refused(user db.ID, n int) bool {
	s.mu.Lock()
	p := s.pace[user]
	p.most = max(n/2, 1)
	if n == 1 {
		p.refused++
	}
	s.pace[user] = p
	longest := s.rests[user.String()].last >= scrobbleMax
	s.mu.Unlock()
	return n == 1 && (p.refused <= refusedInARow || longest)
}

// TellListens tells listens to the servers that their users chose until the
// context ends.
func (c *Core) TellListens(ctx context.Context) error {
	s := c.scrobbles
	if len(s.Servers) == 0 {
		return nil
	}
	for ctx.Err() == nil {
		wait, err := c.tellAll(ctx)
		if err != nil {
			return err
		}
		var due <-chan time.Time
		if wait > 0 {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-due:
		case b := <-s.starts:
			if err := c.tellStart(ctx, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellAll tells what can be told, everybody's in turns, and gives how long the
// rest has to wait; 0 when there is none.
func (c *Core) tellAll(ctx context.Context) (time.Duration, error) {
	for {
		due, wait, err := c.dueScrobblers(ctx)
		if err != nil || len(due) == 0 || ctx.Err() != nil {
			return wait, err
		}
		moved := false
		for _, s := range due {
			if c.scrobbles.resting(s, c.pace()) > 0 {
				moved = true // another's request found that out: look again
				continue
			}
			more, err := c.tellSome(ctx, s)
			if err != nil || ctx.Err() != nil {
				return 0, err
			}
			moved = moved || more
			select {
			case b := <-c.scrobbles.starts:
				if err := c.tellStart(ctx, b); err != nil {
					return 0, err
				}
			default:
			}
		}
		if !moved {
			return scrobbleFirst, nil // of those whose account is closed for now
		}
	}
}

// dueScrobblers gives those with something to tell that need not wait, and how
// long the first of the others has to.
func (c *Core) dueScrobblers(ctx context.Context) (due []db.Scrobbler, wait time.Duration, err error) {
	now := c.pace()
	err = c.view(ctx, func(tx *db.Tx) error {
		for s, err := range tx.Scrobblers() {
			if c.unreadable(err, "where listens are told of", s.User) {
				continue
			}
			if err != nil {
				return err
			}
			if s.Paused || !slices.Contains(c.scrobbles.Servers, s.Address) || !hasScrobbles(tx, s.User) {
				continue
			}
			if until := c.scrobbles.resting(s, now); until == 0 {
				due = append(due, s)
			} else if left := until - now; wait == 0 || left < wait {
				wait = left
			}
		}
		return nil
	})
	return due, wait, err
}

func hasScrobbles(tx *db.Tx, user db.ID) bool {
	for _, err := range tx.Scrobbles(user) {
		if err == nil {
			return true
		}
	}
	return false
}

// tellSome tells some listens of a user, the oldest first, in one request. It
// says whether fewer wait now, or others are to be tried.
func (c *Core) tellSome(ctx context.Context, s db.Scrobbler) (bool, error) {
	var gone, sent []db.ID
	var listens []listenbrainz.Listen
	most := c.scrobbles.size(s.User)
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, s.User)
		if err != nil || a.user.Leaving {
			return ignoreFault(err)
		}
		page, err := c.pages(tx)
		if err != nil {
			return err
		}
		for h, err := range tx.Scrobbles(s.User) {
			if len(listens) == most || len(gone) == forgetAtOnce {
				return nil
			}
			if c.unreadable(err, "listen to be told of", s.User) {
				continue
			}
			if err != nil {
				return err
			}
			t, owner, tells, err := c.tellable(tx, a, h.Track)
			if err != nil {
				return err
			}
			if _, told := c.scrobbles.told[h.ID]; told || !tells || h.Heard.Unix() < listenbrainz.Earliest {
				gone = append(gone, h.ID)
				continue
			}
			l := listenOf(t, owner, page)
			l.Began = h.Heard
			listens, sent = append(listens, l), append(sent, h.ID)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	if len(listens) == 0 {
		return len(gone) > 0, c.toldScrobbles(ctx, s, gone, func(*db.Scrobbler) {})
	}
	var rest time.Duration
	token, err := c.sealer.Open(sealedScrobbler+s.User.String(), s.Sealed)
	if err != nil {
		err = listenbrainz.ErrToken // of another house
	} else {
		rest, err = c.scrobbles.Client.Tell(ctx, s.Address, string(token), listens)
	}
	if err != nil && ctx.Err() != nil {
		return false, nil // the house closes, and nobody knows whether it came
	}
	if err == nil {
		for _, id := range sent {
			c.scrobbles.told[id] = struct{}{}
		}
		c.scrobbles.took(s, len(sent), rest, c.pace())
		return true, c.toldScrobbles(ctx, s, append(gone, sent...), func(now *db.Scrobbler) {
			now.Sent += uint64(len(sent))
			now.Last, now.Error, now.Failed = c.now(), "", time.Time{}
		})
	}
	if n := len(sent); badListens(err) {
		if c.scrobbles.refused(s.User, n) {
			c.log.Warn("a listen is refused where it is told, and told no more", "user", s.User, "server", s.Address, "error", err)
			gone = append(gone, sent...)
		} else if n == 1 {
			return true, c.failedScrobbles(ctx, s, gone, err)
		}
		return true, c.toldScrobbles(ctx, s, gone, func(*db.Scrobbler) {})
	}
	return true, c.failedScrobbles(ctx, s, gone, err)
}

// badListens tells whether a server finds something wrong with what it was told:
// 400, or 413 when it is too much.
func badListens(err error) bool {
	var refusal *listenbrainz.Refusal
	return errors.As(err, &refusal) && (refusal.Status == 400 || refusal.Status == 413)
}

// failedScrobbles has a server, or what is a user's, wait after something went
// wrong.
func (c *Core) failedScrobbles(ctx context.Context, s db.Scrobbler, gone []db.ID, cause error) error {
	code, asked := scrobbleTrouble(cause)
	paused := code == ScrobblerToken
	if !paused {
		key := s.User.String()
		if code == ScrobblerUnreachable || code == ScrobblerBusy || gateway(cause) {
			key = s.Address // everybody's
		}
		c.scrobbles.rest(key, asked, c.pace())
	}
	if s.Error == code && len(gone) == 0 {
		return nil // it is known already
	}
	c.log.Warn("listens can't be told elsewhere now; they wait", "user", s.User, "server", s.Address, "error", cause)
	return c.toldScrobbles(ctx, s, gone, func(now *db.Scrobbler) {
		if now.Error != code {
			now.Error, now.Failed = code, c.now()
		}
		now.Paused = paused
	})
}

// gateway tells whether a server is not there behind its gateway.
func gateway(err error) bool {
	var refusal *listenbrainz.Refusal
	return errors.As(err, &refusal) && refusal.Status >= 502 && refusal.Status <= 504
}

// toldScrobbles writes down what came of telling listens: which ones wait no
// more, and what else changed, unless the user chose another server meanwhile.
func (c *Core) toldScrobbles(ctx context.Context, s db.Scrobbler, gone []db.ID, change func(*db.Scrobbler)) error {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), tellingOutcome)
	defer end()
	err := c.free(ctx, func(tx *db.Tx) error {
		for _, id := range gone {
			if err := tx.DropScrobble(s.User, id); err != nil {
				return err
			}
		}
		now, err := tx.Scrobbler(s.User)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		was := now
		if err != nil || now.Sealed != s.Sealed {
			return err
		}
		if change(&now); now == was {
			return nil
		}
		return tx.SetScrobbler(now)
	})
	if err != nil {
		c.scrobbles.rest(s.User.String(), 0, c.pace())
		return err
	}
	for _, id := range gone {
		delete(c.scrobbles.told, id)
	}
	return nil
}

// tellStart tells that somebody begins to listen to a track.
func (c *Core) tellStart(ctx context.Context, b start) error {
	var s db.Scrobbler
	var l listenbrainz.Listen
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, b.user)
		if err != nil {
			return err
		}
		now, err := tx.Scrobbler(b.user)
		if err != nil || now.Paused || !slices.Contains(c.scrobbles.Servers, now.Address) || c.scrobbles.resting(now, c.pace()) > 0 {
			return err
		}
		t, owner, tells, err := c.tellable(tx, a, b.track)
		if err != nil || !tells {
			return err
		}
		page, err := c.pages(tx)
		s, l = now, listenOf(t, owner, page)
		return err
	})
	if err != nil || s.User == 0 {
		return ignoreFault(err)
	}
	token, err := c.sealer.Open(sealedScrobbler+s.User.String(), s.Sealed)
	if err != nil {
		return nil // it is found when listens are told
	}
	rest, err := c.scrobbles.Client.Playing(ctx, s.Address, string(token), l)
	switch {
	case ctx.Err() != nil || badListens(err):
		return nil
	case err != nil:
		return c.failedScrobbles(ctx, s, nil, err)
	case rest > 0:
		c.scrobbles.rest(s.Address, rest, c.pace())
	}
	return nil
}

// pages gives the address before those of tracks that everybody can open; ""
// when the house is not open to everybody.
func (c *Core) pages(tx *db.Tx) (string, error) {
	house, err := tx.House()
	if err != nil || !house.Visitors {
		return "", err
	}
	return c.post.public, nil
}

// listenOf is what is told of a track.
func listenOf(t db.Track, owner db.User, page string) listenbrainz.Listen {
	l := listenbrainz.Listen{
		Artist: cut(cmp.Or(t.Artist, owner.Name, owner.Username), maxScrobbleText), Title: cut(t.Title, maxScrobbleText), Release: cut(t.Album, maxScrobbleText),
		Duration: time.Duration(t.Audio.Duration) * time.Microsecond,
	}
	if page != "" {
		l.Page = page + "/" + url.PathEscape(owner.Username) + "/" + url.PathEscape(t.Slug)
	}
	return l
}
