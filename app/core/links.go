package core

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

// How much there is of secret links.
const (
	mostLinks       = 50 // to one track or playlist
	maxLinkName     = 80 // characters
	minLinkPassword = 4  // characters
	mostLinkPlays   = 1_000_000
	dropGuestsBy    = 200 // comments that one transaction removes
)

// LinkPath is where the browser opens secret links: the code stands behind it,
// after "#", and so never comes to a server, a proxy or another site.
const LinkPath = "/link"

var (
	errLinkPassword = fault.New(fault.Unauthenticated, "link.password", "This link asks for a password.").In("password")
	errLinkWrong    = fault.New(fault.Invalid, "link.password_wrong", "The password is not right.").In("password")
)

// LinkState says whether a secret link still opens its thing, as far as the
// link itself decides.
type LinkState uint8

// The states.
const (
	LinkOpen    LinkState = iota
	LinkExpired           // its time is over
	LinkUsedUp            // as many listens as it was good for
)

// LinkView is a secret link as its owner sees it.
type LinkView struct {
	Link  db.Link // without the password
	State LinkState
	Asks  bool // for a password
}

func (c *Core) viewLink(l db.Link) LinkView {
	v := LinkView{Link: l, Asks: len(l.Password) > 0}
	v.Link.Password = nil
	switch {
	case c.expired(l):
		v.State = LinkExpired
	case usedUp(l):
		v.State = LinkUsedUp
	}
	return v
}

func (c *Core) expired(l db.Link) bool { return !l.Expires.IsZero() && !c.now().Before(l.Expires) }
func usedUp(l db.Link) bool            { return l.MostPlays != 0 && l.Plays >= l.MostPlays }

// LinkChange is what the owner says of a secret link; nil fields stay.
type LinkChange struct {
	Name      *string
	Password  *string    // "" for none
	Expires   *time.Time // zero for never
	MostPlays *uint64    // 0 for no limit
	Download  *bool
	Comments  *bool
	Renew     bool // the address becomes another one; the old one opens nothing
}

// apply checks and makes the change, all but the password.
func (change LinkChange) apply(l *db.Link, now time.Time) error {
	if change.Name != nil {
		l.Name = line(*change.Name)
		if err := bounded("name", l.Name, maxLinkName); err != nil {
			return err
		}
	}
	if change.Expires != nil {
		if l.Expires = *change.Expires; !l.Expires.IsZero() && !l.Expires.After(now) {
			return fault.New(fault.Invalid, "link.expires", "This moment is over. Choose a later one.").In("expires")
		}
	}
	if change.MostPlays != nil {
		if l.MostPlays = *change.MostPlays; l.MostPlays > mostLinkPlays {
			return fault.New(fault.Invalid, "link.plays", "A link is good for at most 1,000,000 listens, or without a limit.").In("most_plays")
		}
	}
	if change.Download != nil {
		l.Download = *change.Download
	}
	if change.Comments != nil {
		l.Comments = *change.Comments
	}
	if change.Renew {
		l.Code = newLinkCode()
	}
	return nil
}

// newLinkCode makes what the address of a secret link carries: 192 random bits,
// as RFC 4648 section 5 writes them. It ends with a letter or digit: programs
// that find addresses in texts leave out what looks like punctuation.
func newLinkCode() string {
	for {
		var b [24]byte
		rand.Read(b[:]) // never fails
		code := base64.RawURLEncoding.EncodeToString(b[:])
		if !strings.ContainsAny(code[len(code)-1:], "-_") {
			return code
		}
	}
}

// hashed gives the hash of a link's password; nil for none.
func (c *Core) hashed(ctx context.Context, password *string) ([]byte, error) {
	if password == nil || *password == "" {
		return nil, nil
	}
	if len([]rune(*password)) < minLinkPassword {
		return nil, fault.New(fault.Invalid, "link.password_short", "A password of a link has at least 4 characters.").In("password")
	}
	hash, err := c.hasher.Hash(ctx, *password)
	if errors.Is(err, auth.ErrPasswordLong) || errors.Is(err, auth.ErrPasswordInvalid) {
		return nil, fault.New(fault.Invalid, "link.password_long", "This password is too long. 72 letters of plain English fit, fewer of other scripts.").In("password").Because(err)
	}
	return hash, translate(err)
}

// ownThing checks that a track or playlist is the asker's own.
func (c *Core) ownThing(tx *db.Tx, me db.ID, thing db.Thing) error {
	var err error
	if thing.Kind == db.KindPlaylist {
		_, _, err = c.ownPlaylist(tx, me, thing.ID)
	} else {
		_, _, err = c.ownTrack(tx, me, thing.ID)
	}
	return err
}

// ownLink finds a secret link of the asker's. Those of others are not there.
func (c *Core) ownLink(tx *db.Tx, me, id db.ID) (db.Link, error) {
	if _, err := c.member(tx, me); err != nil {
		return db.Link{}, err
	}
	l, err := tx.Link(id)
	if err == nil && l.User != me {
		return db.Link{}, ErrNotFound
	}
	return l, err
}

// Links lists the secret links to an own track or playlist, the newest first.
func (c *Core) Links(ctx context.Context, me db.ID, thing db.Thing) ([]LinkView, error) {
	var list []LinkView
	err := c.view(ctx, func(tx *db.Tx) error {
		if err := c.ownThing(tx, me, thing); err != nil {
			return err
		}
		for l, err := range tx.LinksTo(thing.ID) {
			if c.unreadable(err, "link to", thing.ID) {
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, c.viewLink(l))
		}
		return nil
	})
	slices.Reverse(list)
	return list, err
}

// AddLink makes a secret link to an own track or playlist. While that is
// private the link opens nothing.
func (c *Core) AddLink(ctx context.Context, me db.ID, thing db.Thing, change LinkChange) (LinkView, error) {
	var v LinkView
	// Asked twice: whoever may not do it must not have passwords hashed.
	err := c.view(ctx, func(tx *db.Tx) error { return c.ownThing(tx, me, thing) })
	if err != nil {
		return v, err
	}
	hash, err := c.hashed(ctx, change.Password)
	if err != nil {
		return v, err
	}
	err = c.update(ctx, func(tx *db.Tx) error {
		if err := c.ownThing(tx, me, thing); err != nil {
			return err
		}
		n := 0
		for _, err := range tx.LinksTo(thing.ID) {
			if err != nil && !errors.Is(err, db.ErrCorrupt) {
				return err
			}
			n++
		}
		if n >= mostLinks {
			return fault.New(fault.Conflict, "link.many", "There are 50 links to this already, which is as many as can be. Revoke one first.")
		}
		l := db.Link{ID: tx.NewID(), User: me, Thing: thing, Code: newLinkCode(), Password: hash, Created: c.now()}
		if err := change.apply(&l, c.now()); err != nil {
			return err
		}
		v = c.viewLink(l)
		return tx.AddLink(l)
	})
	return v, err
}

// EditLink changes an own secret link. Whoever came by it feels that at the next
// request: after a new password or address they have to open it again.
func (c *Core) EditLink(ctx context.Context, me, id db.ID, change LinkChange) (LinkView, error) {
	var v LinkView
	err := c.view(ctx, func(tx *db.Tx) error {
		_, err := c.ownLink(tx, me, id)
		return err
	})
	if err != nil {
		return v, err
	}
	hash, err := c.hashed(ctx, change.Password)
	if err != nil {
		return v, err
	}
	err = c.update(ctx, func(tx *db.Tx) error {
		l, err := c.ownLink(tx, me, id)
		if err != nil {
			return err
		}
		if err := change.apply(&l, c.now()); err != nil {
			return err
		}
		if change.Password != nil {
			l.Password = hash
		}
		v = c.viewLink(l)
		return tx.SetLink(l)
	})
	return v, err
}

// DropLink revokes an own secret link, and removes what visitors said who came
// by it, if that is wanted.
func (c *Core) DropLink(ctx context.Context, me, id db.ID, comments bool) error {
	more := comments
	for {
		err := c.actFreeing(ctx, func(tx *db.Tx, out *outgoing) error {
			l, err := c.ownLink(tx, me, id)
			if err != nil {
				return err
			}
			if comments {
				gone, err := tx.DropCommentsBy(id, dropGuestsBy)
				if err != nil {
					return err
				}
				if err := c.announceGone(tx, out, me, gone); err != nil {
					return err
				}
				if more = len(gone) == dropGuestsBy; more {
					return nil
				}
			}
			out.to(me, Event{Type: EventNotice})
			return tx.DropLink(l.ID)
		})
		if err != nil || !more {
			return err
		}
	}
}

// announceGone tells open pages of comments that were removed.
func (c *Core) announceGone(tx *db.Tx, out *outgoing, me db.ID, gone []db.Comment) error {
	a, err := c.member(tx, me)
	if err != nil {
		return err
	}
	for _, m := range gone {
		th, err := c.thread(tx, a, m.Track, label)
		if absent(err) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = tx.Comment(m.ID)
		if err != nil && !absent(err) {
			return err
		}
		if err := th.announce(out, m, absent(err)); err != nil {
			return err
		}
	}
	return nil
}

// grant is what somebody has who opened a secret link: which one, a part of a
// hash that changes with its address and its password, and a number of this
// one opening.
type grant struct {
	link   db.ID
	proof  [12]byte
	number [8]byte
}

const (
	grantBytes = 8 + 12 + 8
	mostGrants = 20 // that one holds; the oldest go
	grantsKind = "secret links 1"
)

// GrantsFor is how long a browser may keep what opening links gave it.
const GrantsFor = SessionMax

func proofOf(l db.Link) (p [12]byte) {
	h := sha256.New()
	h.Write([]byte("earshot link\x00" + l.Code + "\x00"))
	h.Write(l.Password)
	copy(p[:], h.Sum(nil))
	return p
}

// sealGrants writes grants so that only this house can have written them.
func (c *Core) sealGrants(list []grant) string {
	var b []byte
	for _, g := range list {
		b = binary.BigEndian.AppendUint64(b, uint64(g.link))
		b = append(b, g.proof[:]...)
		b = append(b, g.number[:]...)
	}
	return c.sealer.Seal(grantsKind, b)
}

// grants reads them; what was not written here is none.
func (c *Core) grants(sealed string) []grant {
	if sealed == "" {
		return nil
	}
	b, err := c.sealer.Open(grantsKind, sealed)
	if err != nil || len(b)%grantBytes != 0 || len(b) > mostGrants*grantBytes {
		return nil
	}
	var list []grant
	for ; len(b) > 0; b = b[grantBytes:] {
		list = append(list, grant{
			link: db.ID(binary.BigEndian.Uint64(b)), proof: [12]byte(b[8:20]), number: [8]byte(b[20:28]),
		})
	}
	return list
}

// Holding is what somebody brings of secret links that they opened.
type Holding struct {
	Grants string // as OpenLink gave it
	Looks  bool   // only asks what there is (HEAD): nothing is listened to
}

type holdingKey struct{}

// WithLinks gives a request what its asker holds.
func WithLinks(ctx context.Context, h Holding) context.Context {
	return context.WithValue(ctx, holdingKey{}, h)
}

// held is a secret link that somebody came by and that still opens its thing.
type held struct {
	db.Link
	grant grant
}

// held finds which of the links that a request holds are still good.
func (c *Core) held(tx *db.Tx, list []grant) ([]held, error) {
	var links []held
	for _, g := range list {
		l, err := tx.Link(g.link)
		if absent(err) || c.unreadable(err, "link", g.link) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if g.proof == proofOf(l) && !c.expired(l) && (!usedUp(l) || c.listens.runs(g.number, c.pace())) {
			links = append(links, held{l, g})
		}
	}
	return links, nil
}

// holder is asker for what secret links open: whoever holds one may ask also
// where the house is closed to visitors, and then sees nothing but its thing.
func (c *Core) holder(ctx context.Context, tx *db.Tx, me db.ID) (asker, error) {
	a, err := c.asker(tx, me)
	h, _ := ctx.Value(holdingKey{}).(Holding)
	outside := me == 0 && errors.Is(err, ErrSignIn)
	if h.Grants == "" || err != nil && !outside {
		return a, err
	}
	links, err := c.held(tx, c.grants(h.Grants))
	if err == nil && outside && len(links) == 0 {
		err = ErrSignIn
	}
	a.tx, a.links, a.outside = tx, links, outside
	return a, err
}

// viewHeld is view for what secret links open. Whoever has nothing but a link
// into a closed house is told of all else what everybody is told there.
func (c *Core) viewHeld(ctx context.Context, me db.ID, fn func(tx *db.Tx, a asker) error) error {
	return c.view(ctx, func(tx *db.Tx) error {
		a, err := c.holder(ctx, tx, me)
		if err != nil {
			return err
		}
		return a.turned(fn(tx, a))
	})
}

// turned makes of what is not there for somebody outside of a closed house
// what that house tells everybody.
func (a asker) turned(err error) error {
	if a.outside && absent(err) {
		return ErrSignIn.Because(err)
	}
	return err
}

// HoldsLink tells whether somebody who is not signed in holds a secret link
// that is good.
func (c *Core) HoldsLink(ctx context.Context) error {
	return c.view(ctx, func(tx *db.Tx) error {
		a, err := c.holder(ctx, tx, 0)
		if err == nil && len(a.links) == 0 {
			err = ErrSignIn
		}
		return err
	})
}

// MayLook tells whether somebody may look around, or holds a secret link.
func (c *Core) MayLook(ctx context.Context, me db.ID) error {
	return c.view(ctx, func(tx *db.Tx) error {
		_, err := c.holder(ctx, tx, me)
		return err
	})
}

// openers gives the links that the asker holds and that open something of an
// owner: its own, and of a track those to the owner's playlists that have it.
func (a asker) openers(owner db.ID, thing db.Thing) []held {
	var list []held
	for _, l := range a.links {
		if l.User == owner && (l.Thing == thing || a.within(l.Thing, thing)) {
			list = append(list, l)
		}
	}
	return list
}

// within tells whether a track is in a playlist that its owner shows to others.
// What can't be looked up is not.
func (a asker) within(list, track db.Thing) bool {
	if list.Kind != db.KindPlaylist || track.Kind != db.KindTrack {
		return false
	}
	p, err := a.tx.Playlist(list.ID)
	if err != nil || p.Visibility == db.Private {
		return false
	}
	in, err := a.tx.InPlaylist(list.ID, track.ID)
	return err == nil && in
}

// byLink tells whether the asker sees something that is seen whole only
// because of a secret link.
func (a asker) byLink(owner db.User, thing db.Thing, v db.Visibility) bool {
	if len(a.links) == 0 {
		return false
	}
	bare := a
	bare.links = nil
	return bare.sight(owner, thing, v) < whole
}

// speaks gives the link that lets a visitor comment on a track under a name.
func (a asker) speaks(t db.Track) (held, bool) {
	if !a.visitor() || t.Quiet {
		return held{}, false
	}
	list := a.openers(t.User, db.Thing{Kind: db.KindTrack, ID: t.ID})
	if i := slices.IndexFunc(list, func(l held) bool { return l.Comments }); i >= 0 {
		return list[i], true
	}
	return held{}, false
}

// Opened is what a secret link leads to.
type Opened struct {
	Thing    db.Thing
	Track    *TrackView // one of the two
	Playlist *PlaylistView
	Grants   string // to be brought along from now on
}

// OpenLink opens a secret link by what its address carries. Whatever keeps it
// from opening, but for a password, is answered as a link that never was.
func (c *Core) OpenLink(ctx context.Context, me db.ID, code, password string, from Client) (Opened, error) {
	if wait := c.opens.Allow(from.Address); wait > 0 {
		return Opened{}, tooOften(wait)
	}
	h, _ := ctx.Value(holdingKey{}).(Holding)
	before := c.grants(h.Grants)
	var o Opened
	l, now, err := c.tryLink(ctx, me, code, before, &o)
	if err != nil {
		return o, err
	}
	if len(l.Password) > 0 && !slices.ContainsFunc(before, now.same) {
		if password == "" {
			return Opened{}, errLinkPassword
		}
		if err := c.checkLink(ctx, l, password, from); err != nil {
			return Opened{}, err
		}
	}
	list := []grant{now}
	for _, g := range before {
		if g.link != l.ID && len(list) < mostGrants {
			list = append(list, g)
		}
	}
	o.Grants = c.sealGrants(list)
	if o.Track != nil {
		*o.Track = c.draw(*o.Track)[0]
	}
	return o, nil
}

// same tells whether two grants are of one opening of one link as it is now.
func (g grant) same(other grant) bool { return g.link == other.link && g.proof == other.proof }

// tryLink finds the link of a code and what the asker sees by it.
func (c *Core) tryLink(ctx context.Context, me db.ID, code string, before []grant, o *Opened) (l db.Link, g grant, err error) {
	err = c.view(ctx, func(tx *db.Tx) error {
		if l, err = tx.LinkByCode(code); err != nil {
			return err
		}
		a, err := c.asker(tx, me)
		outside := me == 0 && errors.Is(err, ErrSignIn)
		if err != nil && !outside {
			return err
		}
		g = grant{link: l.ID, proof: proofOf(l)}
		if i := slices.IndexFunc(before, g.same); i >= 0 {
			g = before[i] // a listen that has begun is the same one
		} else {
			rand.Read(g.number[:]) // never fails
		}
		if a.links, err = c.held(tx, []grant{g}); err != nil {
			return err
		}
		if a.tx, a.outside = tx, outside; len(a.links) == 0 {
			return ErrNotFound
		}
		o.Thing = l.Thing
		if l.Thing.Kind == db.KindPlaylist {
			v, err := c.playlistOf(tx, a, l.Thing.ID)
			if err == nil && !v.Whole {
				err = ErrNotFound
			}
			o.Playlist = &v
			return err
		}
		v, err := c.viewOf(tx, a, l.Thing.ID)
		if err == nil && !v.Whole {
			err = ErrNotFound
		}
		o.Track = &v
		return err
	})
	return l, g, err
}

// checkLink checks the password of a link. Wrong ones are limited by link and
// by address, as at the sign-in.
func (c *Core) checkLink(ctx context.Context, l db.Link, password string, from Client) error {
	try, wait := c.signIns.Allow("link "+l.ID.String(), from.Address)
	if wait > 0 {
		return tooOften(wait)
	}
	switch err := c.hasher.Verify(ctx, l.Password, password); {
	case err == nil:
		try.Succeed()
		return nil
	case errors.Is(err, auth.ErrPasswordWrong):
		try.Fail()
		c.countAttempt(ctx)
		c.note("link.refused", "a wrong password for a secret link", "link", l.ID, "from", from.Address)
		return errLinkWrong
	default:
		try.Cancel()
		return translate(err)
	}
}
