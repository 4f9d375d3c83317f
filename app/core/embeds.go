package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media/picture"
)

// EmbedMost is how many tracks of a playlist are shown on pages of other sites.
const EmbedMost = 100

// errEmbed says that the owner keeps a public track from other sites.
var errEmbed = fault.New(fault.Forbidden, "embed.off", "Its owner does not show this on other sites. It can be played here.")

// Embed is what pages of other sites may show: a track, or a playlist with those
// of its tracks that they may show.
type Embed struct {
	Track    *TrackView
	Playlist *PlaylistView
	Tracks   []TrackView // of the playlist, EmbedMost at most
}

// Embed finds a track or a playlist for a page of another site. Whatever
// visitors do not see is absent, whoever asks.
func (c *Core) Embed(ctx context.Context, me db.ID, kind db.Kind, id db.ID) (Embed, error) {
	var e Embed
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.abroad(tx, me)
		if err != nil {
			return err
		}
		e, err = c.embed(tx, a, kind, id)
		return err
	})
	return c.drawEmbed(e), err
}

// EmbedAt is Embed for what stands at the address of a page, also a former one.
func (c *Core) EmbedAt(ctx context.Context, me db.ID, path string) (Embed, error) {
	// What is found is looked at anew by the rules of other sites.
	found, err := c.Resolve(ctx, me, path)
	switch {
	case err != nil:
		return Embed{}, err
	case found.Track != nil:
		return c.Embed(ctx, me, db.KindTrack, found.Track.Track.ID)
	case found.Playlist != nil:
		return c.Embed(ctx, me, db.KindPlaylist, found.Playlist.Playlist.ID)
	}
	return Embed{}, ErrNotFound // a person is nothing to play
}

// abroad finds who asks on a page of another site. A house that is closed to
// visitors is closed to those pages, whoever looks at them.
func (c *Core) abroad(tx *db.Tx, me db.ID) (asker, error) {
	a, err := c.asker(tx, me)
	if err != nil {
		return a, err
	}
	house, err := tx.House()
	if err == nil && !house.Visitors {
		err = ErrNotFound
	}
	return a, err
}

func (c *Core) embed(tx *db.Tx, a asker, kind db.Kind, id db.ID) (e Embed, err error) {
	if kind == db.KindTrack {
		t, owner, err := c.track(tx, a, id, whole)
		switch {
		case err != nil:
			return e, err
		case t.Visibility != db.Public:
			return e, ErrNotFound
		case !a.embeds(t, owner):
			return e, errEmbed
		}
		v, err := c.viewTrack(tx, a, t, owner)
		e.Track = &v
		return e, err
	}
	p, owner, err := c.playlist(tx, a, id, whole)
	if err == nil && p.Visibility != db.Public {
		err = ErrNotFound
	}
	if err != nil {
		return e, err
	}
	var left int // what is counted, and the cover, is of the tracks below alone
	v, err := c.viewPlaylist(tx, a, p, owner, &left)
	if err != nil {
		return e, err
	}
	v.Tracks, v.Duration = 0, 0
	e.Playlist = &v
	tracks, err := tx.PlaylistTracks(id)
	owners := people{owner.ID: owner}
	for _, id := range tracks[:min(len(tracks), surveyed)] {
		if len(e.Tracks) == EmbedMost || err != nil {
			break
		}
		t, seen, err := c.inPlaylist(tx, a, id, owners)
		if err != nil {
			return e, err
		}
		if !seen || !a.embeds(t, owners[t.User]) {
			continue
		}
		one, err := c.viewTrack(tx, a, t, owners[t.User])
		if err != nil {
			return e, err
		}
		e.Tracks = append(e.Tracks, one)
		if v.Cover.ID == 0 && p.Picture == 0 && t.Picture != 0 {
			v.Cover = t
		}
		v.Tracks++
		v.Duration += time.Duration(t.Audio.Duration) * time.Microsecond
	}
	if err == nil && len(e.Tracks) == 0 {
		err = errEmbed
	}
	return e, err
}

func (c *Core) drawEmbed(e Embed) Embed {
	if e.Track != nil {
		*e.Track = c.draw(*e.Track)[0]
	}
	c.draw(e.Tracks...)
	return e
}

// outward tells whether a page is the same for visitors, so that programs that
// show links may be told of it, and whether pages of other sites may show what
// it is about.
func (c *Core) outward(tx *db.Tx, a asker, found Found) (open, embeds bool, err error) {
	house, err := tx.House()
	if err != nil || !house.Visitors {
		return false, false, err
	}
	switch u := found.User.User; {
	case u.Disabled || a.hides(u):
		return false, false, nil
	case found.Track != nil:
		t := found.Track.Track
		return t.Visibility == db.Public, a.embeds(t, u), nil
	case found.Playlist != nil:
		open = found.Playlist.Playlist.Visibility == db.Public
		return open, open, nil
	}
	return true, false, nil
}

// Tint is the colour that a track or a playlist wears: of its artwork, or of its
// title.
func Tint(title string, artwork uint64, colour uint32) picture.Tint {
	if artwork != 0 {
		return picture.TintOf(colour)
	}
	return picture.Tint{Hue: float64((135 + hashOf(title)%295) % 360), Vivid: 1}
}

// hashOf is the number that the browser app makes of a name (js/parts/artwork.js):
// FNV-1a over its code points, mixed.
func hashOf(name string) uint32 {
	n := uint32(0x811c9dc5)
	for _, r := range norm.NFC.String(name) {
		n = (n ^ uint32(r)) * 0x01000193
	}
	n = (n ^ n>>15) * 0x2c1b3c6d
	n = (n ^ n>>12) * 0x297a2d39
	return n ^ n>>15
}

// Card is a picture of a track for programs that show links.
type Card struct {
	ETag   string
	Public bool // see Sound
	key    cardKey
	make   func() ([]byte, error)
}

type cardKey [16]byte

// cardsKept bounds the cards in memory, some 100 KB each.
const cardsKept = 8

// cards are the cards that were made last, and whose turn it is to make one.
type cards struct {
	turn chan struct{} // of one place: whoever puts something in makes one
	mu   sync.Mutex
	kept []keptCard // the last one used last
}

type keptCard struct {
	key cardKey
	jpg []byte
}

func (c *cards) find(key cardKey) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.kept, func(k keptCard) bool { return k.key == key })
	if i < 0 {
		return nil
	}
	found := c.kept[i]
	c.kept = append(slices.Delete(c.kept, i, i+1), found)
	return found.jpg
}

func (c *cards) keep(key cardKey, jpg []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) == cardsKept {
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, keptCard{key, jpg})
}

// TrackCard finds the card of a track, which Draw gives.
func (c *Core) TrackCard(ctx context.Context, me, id db.ID) (Card, error) {
	var t db.Track
	var card Card
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		t, _, err = c.track(tx, a, id, whole)
		card.Public = t.Visibility == db.Public && !a.outside
		return err
	})
	if err != nil {
		return card, err
	}
	wave := c.draw(TrackView{Track: t, Whole: true})[0].Overview
	tint := Tint(t.Title, t.Picture, t.Colour)
	h := sha256.New()
	fmt.Fprintf(h, "1 %d %d %v ", t.ID, t.Picture, tint) // the number counts changes of the drawing
	h.Write(wave)
	copy(card.key[:], h.Sum(nil))
	card.ETag = `"` + hex.EncodeToString(card.key[:]) + `"`
	card.make = func() ([]byte, error) { return c.makeCard(t, tint, wave) }
	return card, nil
}

// Draw gives a card as a JPEG. One is made at a time, and none for those who do
// not wait for it any more: visitors can ask for many that were never made.
func (c *Core) Draw(ctx context.Context, card Card) ([]byte, error) {
	if jpg := c.cards.find(card.key); jpg != nil {
		return jpg, nil
	}
	select {
	case c.cards.turn <- struct{}{}:
		defer func() { <-c.cards.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if jpg := c.cards.find(card.key); jpg != nil {
		return jpg, nil
	}
	jpg, err := card.make()
	if err == nil {
		c.cards.keep(card.key, jpg)
	}
	return jpg, err
}

func (c *Core) makeCard(t db.Track, tint picture.Tint, wave []byte) ([]byte, error) {
	var art io.Reader
	if t.Picture != 0 {
		s, err := c.media.Picture(trackFiles, t.ID.String(), t.Picture, picture.Large)
		if err == nil {
			var b bytes.Buffer
			err = s.WriteRange(&b, 0, s.Size)
			s.Close()
			art = &b
		}
		if err != nil { // a link still has to look like something
			c.log.Debug("artwork can't be read", "track", t.ID, "error", err)
			art = nil
		}
	}
	jpg, err := picture.Card(art, tint, wave)
	if errors.Is(err, picture.ErrDamaged) && art != nil {
		return picture.Card(nil, tint, wave)
	}
	return jpg, err
}

// The size of a card, in pixels.
const (
	CardWidth  = picture.CardWidth
	CardHeight = picture.CardHeight
)
