package core

import (
	"context"
	"errors"
	"iter"
	"math"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// How much there is of comments.
const (
	maxComment   = 1000 // characters
	firstReplies = 3    // shown beneath a comment at once
	repliesRead  = 50   // looked at to count those that the asker may see
	maxGuest     = 40   // characters of the name of a visitor
)

// CommentView is a comment as one asker may see it.
type CommentView struct {
	Comment   db.Comment // with as many replies as the asker may see
	User      *db.User   // nil when only the place is left, for the replies; of a visitor only the name
	First     []CommentView
	MayEdit   bool
	MayDelete bool
}

// CommentList says which comments on a track are asked for.
type CommentList struct {
	Newest bool          // the newest first, not in the order of the moments
	From   time.Duration // by moments: those from here on
}

// thread is a track whose comments one asker looks at.
type thread struct {
	c      *Core
	tx     *db.Tx
	a      asker
	track  db.Track
	people people
}

// thread finds a track that the asker may see at least so much of.
func (c *Core) thread(tx *db.Tx, a asker, track db.ID, least sight) (thread, error) {
	t, owner, err := c.track(tx, a, track, least)
	return thread{c, tx, a, t, people{owner.ID: owner}}, err
}

// writer finds who wrote a comment; nil when it was deleted, or its writer is
// gone or hidden from the asker. Whoever owns the track sees who writes on it
// in spite of blocks: nobody may speak to others there behind the owner's back.
func (th thread) writer(m db.Comment) (*db.User, error) {
	if m.Guest != "" {
		return &db.User{Name: m.Guest}, nil
	}
	if m.User == 0 {
		return nil, nil
	}
	u, err := th.people.find(th.tx, m.User)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err == nil && th.a.hides(u) && (u.Disabled || !th.a.is(th.track.User)) {
		return nil, nil
	}
	return &u, err
}

// view shows a comment; false leaves it out. What the asker may not see leaves
// its place while there are replies that the asker may see.
func (th thread) view(m db.Comment) (CommentView, bool, error) {
	v := CommentView{Comment: m}
	var err error
	if v.User, err = th.writer(m); err != nil {
		return v, false, err
	}
	if err := th.reply(&v); err != nil {
		return v, false, err
	}
	if v.User == nil {
		v.Comment.User, v.Comment.Text, v.Comment.Edited, v.Comment.Link = 0, "", time.Time{}, 0
		return v, len(v.First) > 0, nil
	}
	v.MayEdit = th.a.is(m.User)
	v.MayDelete = v.MayEdit || th.a.is(th.track.User) || th.a.keeper()
	return v, true, nil
}

// reply adds the first replies, and counts off those that are not for the
// asker, as far as they are among the first fifty.
func (th thread) reply(v *CommentView) error {
	if v.Comment.Replies == 0 {
		return nil
	}
	n := 0
	for m, err := range th.tx.Replies(v.Comment.ID, 0) {
		if th.c.unreadable(err, "reply to", v.Comment.ID) {
			continue
		}
		if err != nil {
			return err
		}
		if n++; n > repliesRead {
			break
		}
		switch u, err := th.writer(m); {
		case err != nil:
			return err
		case u == nil:
			v.Comment.Replies--
		case len(v.First) < firstReplies:
			w, _, err := th.view(m)
			if err != nil {
				return err
			}
			v.First = append(v.First, w)
		}
	}
	return nil
}

// page collects a page of comments.
func (th thread) page(list string, p Paging, comments iter.Seq2[db.Comment, error], next func(db.Comment) string) (Page[CommentView], error) {
	return gather(th.c, list, p.limit(), comments, commentID, th.view, next)
}

func commentID(m db.Comment) db.ID { return m.ID }

// Comments lists the comments on a track that are no replies.
func (c *Core) Comments(ctx context.Context, me, track db.ID, which CommentList, p Paging) (Page[CommentView], error) {
	var page Page[CommentView]
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		th, err := c.thread(tx, a, track, whole)
		if err != nil {
			return err
		}
		if which.Newest {
			list := "newest comments/" + track.String()
			before, err := c.after(list, p)
			if err != nil {
				return err
			}
			page, err = th.page(list, p, tx.NewestComments(track, before), func(last db.Comment) string { return c.before(list, last.ID) })
			return err
		}
		list := "comments/" + track.String()
		place := []uint64{uint64(max(0, which.From.Microseconds())), 0}
		if err := c.unseal(list, p, place); err != nil {
			return err
		}
		page, err = th.page(list, p, tx.CommentsAt(track, int64(place[0]), db.ID(place[1])), func(last db.Comment) string {
			return c.seal(list, uint64(last.Place()), uint64(last.ID))
		})
		return err
	})
	return page, err
}

// found finds a comment that the asker may see, with its thread.
func (c *Core) found(tx *db.Tx, a asker, id db.ID, least sight) (thread, CommentView, error) {
	m, err := tx.Comment(id)
	if err != nil {
		return thread{}, CommentView{}, err
	}
	th, err := c.thread(tx, a, m.Track, least)
	if err != nil {
		return th, CommentView{}, err
	}
	v, seen, err := th.view(m)
	if err == nil && !seen {
		err = ErrNotFound
	}
	return th, v, err
}

// Comment finds one comment or reply.
func (c *Core) Comment(ctx context.Context, me, id db.ID) (CommentView, error) {
	var v CommentView
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		var err error
		_, v, err = c.found(tx, a, id, whole)
		return err
	})
	return v, err
}

// Replies lists the replies to a comment, the oldest first.
func (c *Core) Replies(ctx context.Context, me, id db.ID, p Paging) (Page[CommentView], error) {
	var page Page[CommentView]
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		th, _, err := c.found(tx, a, id, whole)
		if err != nil {
			return err
		}
		list := "replies/" + id.String()
		behind, err := c.after(list, p)
		if err != nil {
			return err
		}
		page, err = th.page(list, p, tx.Replies(id, behind), func(last db.Comment) string { return c.before(list, last.ID) })
		return err
	})
	return page, err
}

// NewComment is what somebody wants to say.
type NewComment struct {
	Track  db.ID
	At     time.Duration // a reply takes its parent's
	Text   string
	Parent db.ID  // the comment it replies to; 0 for one of its own
	Guest  string // the name that a visitor goes by who came by a secret link
	From   Client // whence a visitor comes
}

// said cleans the text of a comment.
func said(s string) (string, error) {
	s = text(s)
	if s == "" {
		return "", fault.New(fault.Invalid, "comment.empty", "Write something first.").In("text")
	}
	if err := bounded("comment", s, maxComment); err != nil {
		return "", fault.Of(err).In("text")
	}
	return s, nil
}

// AddComment says something about a moment of a track, or replies. A reply to
// a reply goes to the comment that both reply to.
func (c *Core) AddComment(ctx context.Context, me db.ID, n NewComment) (CommentView, error) {
	words, err := said(n.Text)
	if err != nil {
		return CommentView{}, err
	}
	by := me.String()
	if me == 0 {
		if by, err = c.mouth(ctx, &n); err != nil {
			return CommentView{}, err
		}
	}
	if wait := c.said.AllowKey(by); wait > 0 {
		return CommentView{}, tooOften(wait)
	}
	var v CommentView
	err = c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.holder(ctx, tx, me)
		if err != nil {
			return err
		}
		th, err := c.thread(tx, a, n.Track, whole)
		if me == 0 && absent(err) {
			err = ErrSignIn
		}
		if err != nil {
			return err
		}
		m := db.Comment{ID: tx.NewID(), Track: n.Track, User: me, Text: words, Created: c.now()}
		l, speaks := a.speaks(th.track)
		switch {
		case me == 0 && !speaks:
			return ErrSignIn
		case speaks:
			m.Guest, m.Link = n.Guest, l.ID
		case th.track.Quiet:
			return fault.New(fault.Forbidden, "comment.off", "Comments on this track are switched off.")
		case !a.comments(th.track, th.people[th.track.User]):
			return errForbid
		}
		repliesTo := CommentView{}
		if n.Parent != 0 {
			if _, repliesTo, err = c.found(tx, a, n.Parent, whole); err != nil {
				return err
			}
			if m.Parent = repliesTo.Comment.Parent; m.Parent == 0 {
				m.Parent = n.Parent
			}
		} else if m.Position, err = position(th.track, n.At); err != nil {
			return err
		}
		if err := tx.AddComment(m); err != nil {
			return err
		}
		if m, err = tx.Comment(m.ID); err != nil {
			return err
		}
		if err := th.tell(out, m, repliesTo.Comment.User); err != nil {
			return err
		}
		if err := th.announce(out, m, false); err != nil {
			return err
		}
		v, _, err = th.view(m)
		return err
	})
	return v, err
}

// mouth checks that a visitor may comment on a track by a secret link, and
// cleans the name; it gives what the visitor is known by for the limit.
func (c *Core) mouth(ctx context.Context, n *NewComment) (by string, err error) {
	err = c.view(ctx, func(tx *db.Tx) error {
		a, err := c.holder(ctx, tx, 0)
		if err != nil {
			return err
		}
		t, _, err := c.track(tx, a, n.Track, whole)
		if absent(err) {
			return ErrSignIn
		}
		if err != nil {
			return err
		}
		l, speaks := a.speaks(t)
		if !speaks {
			return ErrSignIn
		}
		home := c.plays.home(0, n.From)
		by = "link " + l.ID.String() + " " + string(home[:])
		return nil
	})
	if err != nil {
		return "", err
	}
	if n.Guest = line(n.Guest); n.Guest == "" {
		return "", fault.New(fault.Invalid, "guest.empty", "Say who you are.").In("guest")
	}
	return by, bounded("guest", n.Guest, maxGuest)
}

// position checks the moment of a comment, and gives it in microseconds. The
// end, as clients know it, is rounded.
func position(t db.Track, at time.Duration) (int64, error) {
	length := time.Duration(min(t.Audio.Duration, math.MaxInt64/int64(time.Microsecond))) * time.Microsecond
	if at < 0 || at > length.Round(time.Millisecond) {
		return 0, fault.New(fault.Invalid, "comment.position", "This moment is not within the track.").In("position_ms")
	}
	return min(at, length).Microseconds(), nil
}

// announce tells the open pages of those who may see a track that a comment on
// it came, changed or went, and whether nothing is left of it.
func (th thread) announce(out *outgoing, m db.Comment, gone bool) error {
	e := Event{Type: EventComment, Track: th.track.ID, Comment: m.ID, Gone: gone, Writer: m.User}
	owner, err := th.people.find(th.tx, th.track.User)
	if err != nil {
		return err
	}
	if !th.track.Visibility.Shown() || owner.Disabled {
		out.to(owner.ID, e)
		return nil
	}
	if u, err := th.writer(m); err != nil || u == nil || u.Disabled {
		return err
	}
	except := map[db.ID]bool{}
	for _, user := range []db.ID{m.User, owner.ID} {
		blocks, err := blocksOf(th.tx, user)
		if err != nil {
			return err
		}
		for other := range blocks {
			except[other] = true
		}
	}
	if th.track.Visibility == db.Public {
		out.all(e, except)
		return nil
	}
	only := map[db.ID]bool{owner.ID: true}
	for f, err := range th.tx.Followers(owner.ID, 0) {
		if th.c.unreadable(err, "follower of", owner.ID) {
			continue
		}
		if err != nil {
			return err
		}
		if !except[f.From] {
			only[f.From] = true
		}
	}
	out.some(e, only)
	return nil
}

// EditComment changes the text of an own comment.
func (c *Core) EditComment(ctx context.Context, me, id db.ID, words string) (CommentView, error) {
	var v CommentView
	words, err := said(words)
	if err != nil {
		return v, err
	}
	if wait := c.said.AllowKey(me.String()); me != 0 && wait > 0 {
		return v, tooOften(wait)
	}
	err = c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		if me == 0 {
			return ErrSignIn
		}
		a, err := c.holder(ctx, tx, me)
		if err != nil {
			return err
		}
		th, old, err := c.found(tx, a, id, whole)
		if err != nil {
			return err
		}
		if old.User == nil {
			return ErrNotFound
		}
		if !old.MayEdit {
			return fault.New(fault.Forbidden, "forbidden", "Only who wrote a comment can change it.")
		}
		v = old
		if old.Comment.Text == words {
			return nil
		}
		v.Comment.Text, v.Comment.Edited = words, c.now()
		if err := tx.SetComment(v.Comment); err != nil {
			return err
		}
		return th.announce(out, v.Comment, false)
	})
	return v, err
}

// DeleteComment deletes a comment: an own one, any on an own track, and every
// one for the keeper. An own one goes also where the track is not to be seen
// any more.
func (c *Core) DeleteComment(ctx context.Context, me, id db.ID) error {
	var of db.ID
	err := c.actFreeing(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		// Of a track that became private the keeper sees a label, and can still
		// remove what was reported.
		least := label
		if m, err := tx.Comment(id); err == nil && a.is(m.User) {
			least = hidden
		}
		th, v, err := c.found(tx, a, id, least)
		if err != nil {
			return err
		}
		if v.User == nil {
			return ErrNotFound
		}
		of = v.Comment.User
		if !v.MayDelete {
			return fault.New(fault.Forbidden, "forbidden", "Only who wrote a comment, the track's owner or the keeper can delete it.")
		}
		if err := c.settleReports(tx, a, db.KindComment, id); err != nil {
			return err
		}
		// The notices of it are not true any more, so open pages look again.
		out.to(th.track.User, Event{Type: EventNotice})
		if v.Comment.Parent != 0 {
			parent, err := tx.Comment(v.Comment.Parent)
			if err != nil {
				return err
			}
			out.to(parent.User, Event{Type: EventNotice})
		}
		if err := tx.DropComment(id); err != nil {
			return err
		}
		// With replies its place stays, and is to be shown anew.
		if _, err = tx.Comment(id); err != nil && !absent(err) {
			return err
		}
		return th.announce(out, v.Comment, absent(err))
	})
	if err == nil && of != me {
		c.note("comment.deleted", "a comment of another was deleted", "comment", id, "owner", of, "user", me)
	}
	return err
}
