package core

import (
	"errors"
	"strings"
	"unicode"

	"earshot/db"
)

// Who is told of a comment.
const (
	threadTold   = 20  // earlier repliers who are told of a reply
	threadRead   = 200 // replies among which they are found
	mostMentions = 10  // people whom one comment can name
)

// tell tells people of a new comment, nobody twice: to whom it replies, who
// else wrote in the thread, whom it names, and the owner of the track. Who
// does not want to know of one kind may still be told by the next.
func (th thread) tell(out *outgoing, m db.Comment, repliesTo db.ID) error {
	owner := th.people[th.track.User]
	told := map[db.ID]bool{m.User: true, 0: true}
	tell := func(user db.ID, kind db.Notice) error {
		if told[user] {
			return nil
		}
		u, err := th.tx.User(user)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil || u.Muted.Has(kind) {
			return err
		}
		other := asker{tx: th.tx, user: u}
		if blocked, err := barred(th.tx, user, owner.ID); err != nil {
			return err
		} else if blocked {
			other.blocks = map[db.ID]block{owner.ID: mine | theirs}
		}
		if other.sees(th.track, owner) < whole {
			return nil
		}
		told[user] = true
		return th.c.notify(th.tx, out, db.Notification{
			User: user, Kind: kind, Actor: m.User, Comment: m.ID,
			Thing: db.Thing{Kind: db.KindTrack, ID: th.track.ID},
		})
	}
	if m.Guest != "" { // who came by a secret link may speak to its owner alone
		return tell(owner.ID, db.NoticeComment)
	}
	if m.Parent != 0 {
		people, err := th.wroteIn(m)
		if err != nil {
			return err
		}
		for _, user := range append([]db.ID{repliesTo}, people...) {
			if err := tell(user, db.NoticeReply); err != nil {
				return err
			}
		}
	}
	people, err := named(th.tx, m.Text)
	if err != nil {
		return err
	}
	for _, user := range people {
		if err := tell(user, db.NoticeMention); err != nil {
			return err
		}
	}
	return tell(owner.ID, db.NoticeComment)
}

// wroteIn gives who began the thread of a reply, and who replied in it before.
func (th thread) wroteIn(reply db.Comment) ([]db.ID, error) {
	parent, err := th.tx.Comment(reply.Parent)
	if err != nil {
		return nil, err
	}
	list := []db.ID{parent.User}
	known := map[db.ID]bool{0: true, reply.User: true, parent.User: true}
	n := 0
	for m, err := range th.tx.Replies(parent.ID, 0) {
		if th.c.unreadable(err, "reply to", parent.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n++; n > threadRead || len(list) > threadTold {
			break
		}
		if !known[m.User] {
			known[m.User] = true
			list = append(list, m.User)
		}
	}
	return list, nil
}

// named finds the people whom a text names as @username.
func named(tx *db.Tx, s string) ([]db.ID, error) {
	var list []db.ID
	for _, name := range mentions(s) {
		// Korean puts particles behind a name: 민수야, mina에게.
		for particle := 0; ; particle++ {
			u, _, err := tx.UserByUsername(string(name))
			if err == nil {
				list = append(list, u.ID)
				break
			}
			if !errors.Is(err, db.ErrNotFound) {
				return nil, err
			}
			last := len(name) - 1
			if particle == 3 || last < 2 || !unicode.Is(unicode.Hangul, name[last]) {
				break
			}
			name = name[:last]
		}
	}
	return list, nil
}

// mentions finds what stands behind each @ of a text that begins a word.
func mentions(s string) [][]rune {
	var list [][]rune
	known := map[string]bool{}
	runes := []rune(strings.ToLower(s))
	for i := 0; i < len(runes) && len(list) < mostMentions; i++ {
		if runes[i] != '@' || i > 0 && inName(runes[i-1]) {
			continue
		}
		end := i + 1
		for end < len(runes) && inName(runes[end]) {
			end++
		}
		name := []rune(strings.TrimRight(string(runes[i+1:end]), "-_"))
		if len(name) >= 2 && len(name) <= maxUsername+3 && !known[string(name)] {
			known[string(name)] = true
			list = append(list, name)
		}
		i = end - 1
	}
	return list
}

func inName(r rune) bool {
	return r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
