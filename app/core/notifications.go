package core

import (
	"context"
	"errors"
	"iter"
	"time"

	"earshot/db"
)

// noticesKept is how many notifications each user keeps.
const noticesKept = 1000

// notify tells a user what another has done, unless the kind is not wanted, a
// block stands between the two, it is the user's own doing, or the user is
// gone. The id and the time are filled in: what has a mark is found by it, to be
// taken back.
func (c *Core) notify(tx *db.Tx, out *outgoing, n db.Notification) error {
	if n.User == n.Actor || n.User == 0 {
		return nil
	}
	u, err := tx.User(n.User)
	if errors.Is(err, db.ErrNotFound) || err == nil && (u.Disabled || u.Muted.Has(n.Kind)) {
		return nil
	}
	if err != nil {
		return err
	}
	if blocked, err := barred(tx, n.User, n.Actor); err != nil || blocked {
		return err
	}
	if n.ID = n.Mark; n.ID == 0 {
		n.ID = tx.NewID()
	}
	n.Created = c.now()
	if err := tx.AddNotification(n, noticesKept); err != nil {
		return err
	}
	out.to(n.User, Event{Type: EventNotice})
	return nil
}

// unnotify takes back that somebody followed, liked or reposted. Else doing so
// over and over would push out all that the user was told before.
func unnotify(tx *db.Tx, out *outgoing, user, mark db.ID) error {
	if user == 0 || mark == 0 {
		return nil
	}
	dropped, err := tx.DropNotification(user, mark)
	if dropped {
		out.to(user, Event{Type: EventNotice})
	}
	return err
}

// barred tells whether a block, in either direction, stands between two users.
func barred(tx *db.Tx, a, b db.ID) (bool, error) {
	mark, err := tx.BlockMark(a, b)
	if err != nil || mark != 0 {
		return mark != 0, err
	}
	mark, err = tx.BlockMark(b, a)
	return mark != 0, err
}

// foldedWithin is how far apart in time two notifications of the same may be
// to be shown as one.
const foldedWithin = 24 * time.Hour

// NoticeView is a notification as the asker may see it now: several of the
// same are one.
type NoticeView struct {
	ID       db.ID // of the newest one in it
	Kind     db.Notice
	Actors   []UserView // the newest three
	Guests   []string   // names of the newest three visitors
	N        int        // how many people they are in all
	Comments int        // how many comments they are in all; 0 for what is no comment
	Track    *TrackView
	Playlist *PlaylistView
	Comment  *CommentView // the newest
	Created  time.Time
	Seen     bool
}

// actorsShown is how many people a notification names.
const actorsShown = 3

// burst is several notifications of the same, the newest first. Which ones are
// together follows from what was told alone, not from what is still so: pages
// stay exact while tracks become private, people block each other and comments
// go. Only when the newest of a burst is taken back between two pages can the
// rest of it come a second time.
type burst struct {
	told []db.Notification
	seen bool
	shut bool
}

func (f *burst) head() db.Notification { return f.told[0] }

// sameness is what notifications have in common that are shown as one. Replies
// and mentions stay apart: each leads to its own comment.
type sameness struct {
	kind    db.Notice
	thing   db.Thing
	comment db.ID
}

func same(n db.Notification) sameness {
	s := sameness{kind: n.Kind, thing: n.Thing}
	if n.Kind == db.NoticeReply || n.Kind == db.NoticeMention {
		s.comment = n.Comment
	}
	return s
}

// bursts puts notifications, which come newest first, together. The bursts come
// by their newest ones.
func (c *Core) bursts(told iter.Seq2[db.Notification, error], seen db.ID) iter.Seq2[*burst, error] {
	return func(yield func(*burst, error) bool) {
		open := map[sameness]*burst{}
		var queue []*burst
		for n, err := range told {
			if c.unreadable(err, "notification", 0) {
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			old := func(f *burst) bool { return f.head().Created.Sub(n.Created) > foldedWithin }
			for len(queue) > 0 && (queue[0].shut || old(queue[0])) {
				queue[0].shut = true
				if !yield(queue[0], nil) {
					return
				}
				queue = queue[1:]
			}
			key := same(n)
			f := open[key]
			if f != nil && !f.shut && !old(f) && f.seen == (n.ID <= seen) {
				f.told = append(f.told, n)
				continue
			}
			if f != nil {
				f.shut = true
			}
			f = &burst{told: []db.Notification{n}, seen: n.ID <= seen}
			open[key] = f
			queue = append(queue, f)
		}
		for _, f := range queue {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// truth holds what one asker was told against what is so.
type truth struct {
	c         *Core
	tx        *db.Tx
	a         asker
	people    people
	tracks    map[db.ID]bool // whether they are to be seen whole
	playlists map[db.ID]bool
	left      *int // tracks of playlists to look at
}

func (c *Core) truth(tx *db.Tx, a asker) truth {
	left := surveyed
	return truth{c, tx, a, people{}, map[db.ID]bool{}, map[db.ID]bool{}, &left}
}

// actor gives who has done what a notification tells, if it is still so and
// all it takes is for the asker to see.
func (t truth) actor(n db.Notification) (u db.User, ok bool, err error) {
	if n.Actor == 0 {
		return t.guest(n)
	}
	u, err = t.people.find(t.tx, n.Actor)
	if errors.Is(err, db.ErrNotFound) || err == nil && t.a.hides(u) {
		return u, false, nil
	}
	if err == nil && n.Thing.ID != 0 {
		ok, err = t.seen(n.Thing)
		if err == nil && !ok {
			return u, false, nil
		}
	}
	if err != nil {
		return u, false, err
	}
	mark := db.ID(0)
	switch n.Kind {
	case db.NoticeFollow:
		mark, err = t.tx.FollowMark(n.Actor, n.User)
	case db.NoticeLike:
		if n.Thing.Kind == db.KindPlaylist {
			mark, err = t.tx.PlaylistLikeMark(n.Actor, n.Thing.ID)
		} else {
			mark, err = t.tx.LikeMark(n.Actor, n.Thing.ID)
		}
	case db.NoticeRepost:
		mark, err = t.tx.RepostMark(n.Actor, n.Thing.ID)
	case db.NoticeComment, db.NoticeReply, db.NoticeMention:
		m, err := t.tx.Comment(n.Comment)
		if errors.Is(err, db.ErrNotFound) {
			err = nil
		}
		return u, err == nil && m.ID != 0 && m.User == n.Actor, err
	default:
		return u, true, nil
	}
	return u, mark != 0 && mark == n.Mark, err
}

// guest is actor for what a visitor said who came by a secret link: of that
// person there is only a name.
func (t truth) guest(n db.Notification) (u db.User, ok bool, err error) {
	if ok, err = t.seen(n.Thing); err != nil || !ok {
		return u, false, err
	}
	m, err := t.tx.Comment(n.Comment)
	if absent(err) {
		return u, false, nil
	}
	return db.User{Name: m.Guest}, err == nil && m.Guest != "", err
}

// seen tells whether the asker sees the whole of a track or playlist.
func (t truth) seen(thing db.Thing) (bool, error) {
	known, find := t.tracks, func() error {
		_, _, err := t.c.track(t.tx, t.a, thing.ID, whole)
		return err
	}
	if thing.Kind == db.KindPlaylist {
		known, find = t.playlists, func() error {
			_, _, err := t.c.playlist(t.tx, t.a, thing.ID, whole)
			return err
		}
	}
	ok, asked := known[thing.ID]
	if asked {
		return ok, nil
	}
	err := find()
	if absent(err) || t.c.unreadable(err, "what a notification is about", thing.ID) {
		err = nil
	} else {
		ok = err == nil
	}
	known[thing.ID] = ok
	return ok, err
}

// holds gives the newest notification of a burst that is still true, and who
// has done it; false when none is.
func (t truth) holds(f *burst) (n db.Notification, u db.User, ok bool, err error) {
	for _, n := range f.told {
		u, ok, err := t.actor(n)
		if t.c.unreadable(err, "what a notification is about", n.ID) {
			continue
		}
		if err != nil || ok {
			return n, u, ok, err
		}
	}
	return n, u, false, nil
}

// view shows a burst; false leaves it out.
func (t truth) view(f *burst) (NoticeView, bool, error) {
	v := NoticeView{Kind: f.head().Kind, Seen: f.seen}
	known := map[string]bool{}
	for _, n := range f.told {
		u, ok, err := t.actor(n)
		if t.c.unreadable(err, "what a notification is about", n.ID) || err == nil && !ok {
			continue
		}
		if err != nil {
			return v, false, err
		}
		if n.Comment != 0 {
			v.Comments++
		}
		who := u.ID.String()
		if u.ID == 0 {
			who = "guest " + u.Name
		}
		if known[who] {
			continue
		}
		if known[who] = true; v.N == 0 {
			if v.ID, v.Created = n.ID, n.Created; !f.seen {
				v.ID = f.head().ID // so that seeing it sees all of it
			}
			if err := t.show(&v, n); err != nil {
				return v, false, err
			}
		}
		v.N++
		if u.ID == 0 {
			if len(v.Guests) < actorsShown {
				v.Guests = append(v.Guests, u.Name)
			}
			continue
		}
		if len(v.Actors) < actorsShown {
			w, err := t.c.viewUser(t.tx, t.a, u)
			if err != nil {
				return v, false, err
			}
			v.Actors = append(v.Actors, w)
		}
	}
	return v, v.N > 0, nil
}

// show adds what a notification is about.
func (t truth) show(v *NoticeView, n db.Notification) error {
	switch n.Thing.Kind {
	case db.KindTrack:
		w, err := t.c.viewOf(t.tx, t.a, n.Thing.ID)
		if err != nil {
			return err
		}
		v.Track = &w
	case db.KindPlaylist:
		w, _, err := t.c.seenPlaylist(t.tx, t.a, n.Thing.ID, t.people, t.left)
		if err != nil {
			return err
		}
		v.Playlist = &w
	}
	if n.Comment == 0 {
		return nil
	}
	_, w, err := t.c.found(t.tx, t.a, n.Comment, whole)
	v.Comment = &w
	return err
}

// Notifications lists what the asker was told and what still is so, the newest
// first.
func (c *Core) Notifications(ctx context.Context, me db.ID, p Paging) (Page[NoticeView], error) {
	var page Page[NoticeView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		page, err = c.notices(tx, a, p)
		return err
	})
	for i := range page.Items {
		if t := page.Items[i].Track; t != nil {
			*t = c.draw(*t)[0]
		}
	}
	return page, err
}

func (c *Core) notices(tx *db.Tx, a asker, p Paging) (Page[NoticeView], error) {
	list := "notifications/" + a.user.ID.String()
	// A list that was begun goes on as it was: up to the newest one of then,
	// with those seen that were seen then.
	begun := make([]uint64, 3) // the newest, the newest that was seen, the last burst of the page before
	if err := c.unseal(list, p, begun); err != nil {
		return Page[NoticeView]{}, err
	}
	top, seen, last := db.ID(begun[0]), db.ID(begun[1]), db.ID(begun[2])
	if top == 0 {
		for n, err := range tx.Notifications(a.user.ID, 0) {
			if err == nil {
				top = n.ID
				break
			}
			if !c.unreadable(err, "notification of", a.user.ID) {
				return Page[NoticeView]{}, err
			}
		}
		var err error
		if seen, err = tx.NoticesSeen(a.user.ID); err != nil || top == 0 {
			return Page[NoticeView]{}, err
		}
	}
	t := c.truth(tx, a)
	see := func(f *burst) (NoticeView, bool, error) {
		if last != 0 && f.head().ID >= last {
			return NoticeView{}, false, nil
		}
		return t.view(f)
	}
	bursts := c.bursts(tx.Notifications(a.user.ID, top+1), seen)
	return gather(c, list, p.limit(), bursts, func(f *burst) db.ID { return f.head().ID }, see, func(f *burst) string {
		return c.seal(list, uint64(top), uint64(seen), uint64(f.head().ID))
	})
}

// SeeNotifications notes that the asker has seen all notifications up to one.
// That one may have been taken back meanwhile: then it is the newest before it.
func (c *Core) SeeNotifications(ctx context.Context, me, upTo db.ID) (State, error) {
	var s State
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		newest := db.ID(0)
		for n, err := range tx.Notifications(me, upTo+1) {
			if c.unreadable(err, "notification of", me) {
				continue
			}
			if err != nil {
				return err
			}
			newest = n.ID
			break
		}
		if newest == 0 {
			return ErrNotFound
		}
		if err := tx.SeeNotices(me, newest); err != nil {
			return err
		}
		out.to(me, Event{Type: EventNotice})
		s, err = c.state(tx, a)
		return err
	})
	return s, err
}
