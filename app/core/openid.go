package core

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/app/auth/openid"
	"earshot/app/fault"
	"earshot/db"
)

const (
	// OpenIDWithin is how long somebody may take at an issuer, and until the
	// password of an account is given that is to be connected.
	OpenIDWithin = 10 * time.Minute

	maxNext     = 500 // bytes of an address of this house
	maxCallback = 500
	maxCode     = 100
)

// Provider is an issuer whose accounts let people in.
type Provider struct {
	Name  string // in addresses
	Title string // as people are shown it
}

func (c *Core) providers() []Provider {
	var list []Provider
	for _, p := range c.openid {
		list = append(list, Provider{Name: p.Name(), Title: p.Title()})
	}
	return list
}

// provider finds an issuer by its name in addresses.
func (c *Core) provider(name string) (*openid.Provider, error) {
	for _, p := range c.openid {
		if p.Name() == name {
			return p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "openid.unknown", "This house lets nobody in that way.")
}

// issuerFault says what went wrong with an issuer. A token that is not good is
// of a kind that depends on what it was brought for.
func (c *Core) issuerFault(p *openid.Provider, err error, kind fault.Kind) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, openid.ErrUnreachable):
		c.log.Warn("an issuer does not answer as it should", "issuer", p.Issuer(), "error", err)
		return fault.New(fault.Unavailable, "openid.unreachable", p.Title()+" can't be reached at this moment. Try again in a little while.").
			After(10 * time.Second).Because(err)
	}
	c.note("issuer.refused", "what an issuer said was not accepted", "issuer", p.Issuer(), "error", err)
	return fault.New(kind, "openid.token", "The answer of "+p.Title()+" was not accepted. Begin again.").Because(err)
}

// Departure is somebody on the way to an issuer.
type Departure struct {
	Address string // where to
	Trip    string // sealed; to be brought back by the same browser
}

// Wish is what somebody wants who goes to an issuer.
type Wish struct {
	Callback string // the address to which the issuer sends people back
	Next     string // the page to go to then
	Invite   string // for a new account
}

var errTrip = fault.New(fault.Invalid, "openid.state", "This was begun in another browser, or too long ago. Begin again.")

// GoToIssuer sends somebody to an issuer, to sign in.
func (c *Core) GoToIssuer(ctx context.Context, name string, w Wish) (Departure, error) {
	return c.depart(ctx, name, w, Asker{})
}

// GoToConnect sends a member to an issuer whose account is to let them in, too,
// after the password was given again.
func (c *Core) GoToConnect(ctx context.Context, who Asker, name, password string, w Wish, from Client) (Departure, error) {
	if err := c.mayConnect(ctx, who, name, password, from); err != nil {
		return Departure{}, err
	}
	return c.depart(ctx, name, w, who)
}

func (c *Core) depart(ctx context.Context, name string, w Wish, who Asker) (Departure, error) {
	p, err := c.provider(name)
	if err != nil {
		return Departure{}, err
	}
	if len(w.Callback) > maxCallback || len(w.Invite) > maxCode {
		return Departure{}, errTrip
	}
	t := trip{
		Trip: openid.Trip{State: auth.NewCode(), Nonce: auth.NewCode(), Verifier: openid.NewVerifier(), Callback: w.Callback},
		name: name, issuer: p.Issuer(), next: OwnPath(w.Next), invite: w.Invite, who: who, until: c.now().Add(OpenIDWithin),
	}
	address, err := p.Start(ctx, t.Trip)
	if err != nil {
		return Departure{}, c.issuerFault(p, err, fault.Unauthenticated)
	}
	return Departure{Address: address, Trip: c.sealTrip(t)}, nil
}

// OwnPath gives an address of this house, and "/" for all that may lead
// elsewhere, however a browser reads it (WHATWG URL, 4.4: it drops tabs and
// line ends, takes a backslash for a slash, and two dots for a step up, which
// may leave the path below which the house is).
func OwnPath(wanted string) string {
	u, err := url.Parse(wanted)
	if err != nil || len(wanted) > maxNext || !strings.HasPrefix(wanted, "/") || strings.HasPrefix(wanted, "//") ||
		u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/api/") ||
		slices.Contains(strings.Split(u.Path, "/"), "..") ||
		strings.ContainsFunc(wanted, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	return wanted
}

// trip is what a browser keeps while somebody is at an issuer. It is sealed:
// nobody can read or make one.
type trip struct {
	openid.Trip
	name, issuer string
	next, invite string
	who          Asker // who is to be connected; zero to sign in
	until        time.Time
}

const tripKind = "openid trip"

func (c *Core) sealTrip(t trip) string {
	return c.sealer.Seal(tripKind, []byte(url.Values{
		"state": {t.State}, "nonce": {t.Nonce}, "verifier": {t.Verifier}, "callback": {t.Callback}, "name": {t.name}, "issuer": {t.issuer},
		"next": {t.next}, "invite": {t.invite}, "user": {number(t.who.User)}, "session": {number(t.who.Session)}, "until": {seconds(t.until)},
	}.Encode()))
}

func (c *Core) openTrip(sealed string) (trip, error) {
	b, err := c.sealer.Open(tripKind, sealed)
	if err != nil {
		return trip{}, errTrip.Because(err)
	}
	v, err := url.ParseQuery(string(b))
	if err != nil {
		return trip{}, errTrip.Because(err)
	}
	t := trip{
		Trip: openid.Trip{State: v.Get("state"), Nonce: v.Get("nonce"), Verifier: v.Get("verifier"), Callback: v.Get("callback")},
		name: v.Get("name"), issuer: v.Get("issuer"), next: v.Get("next"), invite: v.Get("invite"),
		who: Asker{User: numbered(v.Get("user")), Session: numbered(v.Get("session"))},
	}
	if !c.within(v.Get("until")) {
		return t, errTrip
	}
	return t, nil
}

func number(id db.ID) string { return strconv.FormatUint(uint64(id), 10) }

func numbered(s string) db.ID {
	n, _ := strconv.ParseUint(s, 10, 64)
	return db.ID(n)
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// within tells whether something has not ended, and was not made in a future
// that the clock has left since.
func (c *Core) within(until string) bool {
	n, err := strconv.ParseInt(until, 10, 64)
	left := time.Unix(n, 0).Sub(c.now())
	return err == nil && left > 0 && left <= OpenIDWithin
}

// Return is what somebody brings back from an issuer.
type Return struct {
	Name   string // of the provider, by the address that was come back to
	Trip   string // as the browser kept it
	State  string
	Code   string
	Error  string // instead of a code
	Issuer string // which issuer the answer says it is of (RFC 9207); may be empty
}

// Arrival is what became of a trip to an issuer. Next and Connecting are told
// of failures too, where the trip is known.
type Arrival struct {
	SignedIn   SignedIn
	Next       string // the page to go to
	Connecting bool   // it was to connect a member's account, not to sign in
	Invited    bool   // it was begun by an invite
}

// ComeBack ends a trip to an issuer: it signs in, makes an account, or connects
// the account of the member who set out.
func (c *Core) ComeBack(ctx context.Context, r Return, who Asker, from Client) (Arrival, error) {
	arrived := Arrival{Next: "/"}
	t, err := c.openTrip(r.Trip)
	if t.next != "" {
		arrived.Next, arrived.Connecting, arrived.Invited = t.next, t.who.User != 0, t.invite != ""
	}
	if err != nil {
		return arrived, err
	}
	p, err := c.provider(r.Name)
	if err != nil {
		return arrived, err
	}
	if t.name != r.Name || t.issuer != p.Issuer() || !auth.CodeMatches(t.State, r.State) || t.who.User != 0 && t.who != who {
		return arrived, errTrip
	}
	if !c.spent.once(t.State, c.pace()) {
		return arrived, errTrip
	}
	switch {
	case r.Error == "access_denied":
		return arrived, fault.New(fault.Forbidden, "openid.cancelled", "You came back from "+p.Title()+" without having signed in there.")
	case r.Error != "" || r.Code == "":
		return arrived, c.issuerFault(p, openid.ErrRefused, fault.Unauthenticated)
	}
	if wait := c.issuers.Allow(from.Address); wait > 0 {
		return arrived, tooOften(wait)
	}
	claims, err := p.Finish(ctx, t.Trip, r.Code, r.Issuer)
	if err != nil {
		return arrived, c.issuerFault(p, err, fault.Unauthenticated)
	}
	c.issuers.Cancel(from.Address)
	if arrived.Connecting {
		_, err = c.connect(ctx, who.User, p, claims)
		return arrived, err
	}
	arrived.SignedIn, err = c.enterBy(ctx, p, claims, t.invite, from)
	return arrived, err
}

// vouched verifies an ID token that a client got by itself.
func (c *Core) vouched(ctx context.Context, name, idToken, nonce string, kind fault.Kind, from Client) (*openid.Provider, openid.Claims, error) {
	p, err := c.provider(name)
	if err != nil {
		return nil, openid.Claims{}, err
	}
	if wait := c.issuers.Allow(from.Address); wait > 0 {
		return nil, openid.Claims{}, tooOften(wait)
	}
	claims, err := p.Verify(ctx, idToken, nonce)
	if err != nil {
		return nil, openid.Claims{}, c.issuerFault(p, err, kind)
	}
	c.issuers.Cancel(from.Address)
	return p, claims, nil
}

// spent remembers for a while what works once.
type spent struct {
	mu sync.Mutex
	at map[string]time.Duration
}

const (
	spentFor  = 2 * OpenIDWithin
	spentMost = 10_000
)

// once tells whether a text comes for the first time.
func (s *spent) once(text string, now time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.at[text]; again {
		return false
	}
	if len(s.at) >= spentMost {
		for old, at := range s.at {
			if now-at > spentFor {
				delete(s.at, old)
			}
		}
	}
	if s.at == nil || len(s.at) >= spentMost {
		s.at = map[string]time.Duration{} // what is forgotten is spent at the issuer as well
	}
	s.at[text] = now
	return true
}
