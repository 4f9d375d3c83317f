package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

var (
	modelSeed    = flag.Uint64("model.seed", 0, "seed of TestModel; 0 takes a new one")
	modelActions = flag.Int("model.actions", 1500, "actions of TestModel")
)

// TestModel lets many people do thousands of things at random, with restarts
// between, and holds every list and every count that each of them gets against
// a model in plain maps. At the end the database is counted anew.
func TestModel(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	t.Parallel()
	seed := *modelSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("again with: go test ./app -run TestModel -model.seed %d", seed)
	c := &clock{}
	c.set(time.Date(2026, 3, 1, 23, 20, 0, 0, time.Local)) // so that it is night in between
	pace := func() time.Duration { return time.Duration(c.now().UnixNano()) }
	h := (&house{cost: 4, now: c.now, pace: pace}).begin(t)
	m := newModel(h, c, rand.New(rand.NewPCG(seed, 1)))
	for n := range *modelActions {
		c.jump(4 * time.Second) // limits of a minute are not what is tried here
		m.act()
		switch {
		case n%400 == 399:
			h.reopen()
			fallthrough
		case n%100 == 99:
			m.compare()
		}
		if t.Failed() {
			t.Fatalf("after %d actions; the last were:\n%s", n+1, strings.Join(m.did, "\n"))
		}
	}
	m.compare()
	h.check()
}

// pair is one thing's id and another's.
type pair struct{ from, to string }

// pairs keep when they were made.
type pairs map[pair]int

// from lists the other sides of a thing's pairs, newest first.
func (p pairs) from(id string) []string {
	return p.list(func(e pair) (string, bool) { return e.to, e.from == id })
}

// to is from for the other side.
func (p pairs) to(id string) []string {
	return p.list(func(e pair) (string, bool) { return e.from, e.to == id })
}

func (p pairs) list(pick func(pair) (string, bool)) []string {
	type dated struct {
		id string
		at int
	}
	var found []dated
	for e, at := range p {
		if id, ok := pick(e); ok {
			found = append(found, dated{id, at})
		}
	}
	slices.SortFunc(found, func(a, b dated) int { return b.at - a.at })
	var ids []string
	for _, f := range found {
		ids = append(ids, f.id)
	}
	return ids
}

// forget drops every pair that has a thing on either side.
func (p pairs) forget(id string) {
	for e := range p {
		if e.from == id || e.to == id {
			delete(p, e)
		}
	}
}

// The model's people and things.
type (
	modelPerson struct {
		*person
		id        string
		suspended bool
		gone      bool
		seen      int // the newest notice that was seen
	}
	modelTrack struct {
		id, owner string
		published int // 0: private
		made      int
		quiet     bool
		announced bool
		plays     int
		tags      []string               // as they are kept
		days      map[db.Day]*db.Numbers // plays and listeners alone
	}
	modelComment struct {
		id, track, user, parent, text string // no user: only the place is left
		position                      int64
		made                          int
		day                           db.Day
	}
	modelList struct {
		id, owner string
		published int
		made      int
		tracks    []string
	}
	modelMessage struct {
		id, from string
		attached string
		made     int
	}
	modelTalk struct {
		id       string
		users    [2]string
		messages []modelMessage
		read     map[string]int // by user: the newest that was seen
	}
	modelNotice struct {
		kind, actor, thing, comment string
		edge                        int // when the follow, like or repost was made
		at                          int
	}
)

// model is what should be so.
type model struct {
	h     *house
	t     testing.TB
	clock *clock
	rand  *rand.Rand
	did   []string // the last actions
	n     int      // counts everything that happens
	sound []byte

	keeper *modelPerson
	people []*modelPerson
	tracks map[string]*modelTrack
	lists  map[string]*modelList
	said   map[string]*modelComment
	talks  map[pair]*modelTalk
	told   map[string][]modelNotice // by user, oldest first

	follows, likes, reposts, blocks, listLikes, heard pairs

	tied      map[string]map[pair]db.Day // likes and reposts: the day of the newest
	today     map[db.Day]map[pair]bool   // who listened, and to what, or to whose
	listeners map[string]uint64          // who listened to somebody's tracks, each once a day
}

func newModel(h *house, c *clock, r *rand.Rand) *model {
	m := &model{
		h: h, t: h.t, clock: c, rand: r, sound: tagged(h.t, "Song"),
		tracks: map[string]*modelTrack{}, lists: map[string]*modelList{}, said: map[string]*modelComment{},
		talks: map[pair]*modelTalk{}, told: map[string][]modelNotice{},
		follows: pairs{}, likes: pairs{}, reposts: pairs{}, blocks: pairs{}, listLikes: pairs{}, heard: pairs{},
		tied: map[string]map[pair]db.Day{"like": {}, "repost": {}}, today: map[db.Day]map[pair]bool{}, listeners: map[string]uint64{},
	}
	k := h.keeper()
	m.keeper = &modelPerson{person: k, id: k.me.ID}
	for range 9 {
		m.join()
	}
	for range 14 {
		m.upload()
		m.retag(m.able())
	}
	return m
}

func (m *model) next() int { m.n++; return m.n }

// did notes an action.
func (m *model) note(format string, args ...any) {
	m.did = append(m.did, fmt.Sprintf(format, args...))
	m.did = m.did[max(0, len(m.did)-25):]
}

func (m *model) join() {
	p := m.h.member(fmt.Sprintf("p%d", m.next()))
	m.people = append(m.people, &modelPerson{person: p, id: p.me.ID})
}

// who finds a person by id, the keeper too.
func (m *model) who(id string) *modelPerson {
	if id == m.keeper.id {
		return m.keeper
	}
	for _, p := range m.people {
		if p.id == id {
			return p
		}
	}
	return nil
}

// hides tells whether b, with all that is theirs, is not there for a; nil is a
// visitor.
func (m *model) hides(a *modelPerson, b string) bool {
	p := m.who(b)
	if p == nil || p.gone {
		return true
	}
	return a != m.keeper && (p.suspended || m.barred(a, b))
}

func (m *model) barred(a *modelPerson, b string) bool {
	return a != nil && (m.blocks[pair{a.id, b}] != 0 || m.blocks[pair{b, a.id}] != 0)
}

// reads tells whether somebody reads what a person wrote on a track: its owner
// does in spite of blocks.
func (m *model) reads(a *modelPerson, writer, track string) bool {
	if w := m.who(writer); w == nil || w.gone || w.suspended && a != m.keeper {
		return false
	}
	return !m.hides(a, writer) || a.id == m.tracks[track].owner
}

// sees tells whether somebody sees a thing of an owner whole.
func (m *model) sees(a *modelPerson, owner string, published int) bool {
	if a != nil && a.id == owner {
		return true
	}
	return !m.hides(a, owner) && published != 0 && !m.who(owner).suspended
}

func (m *model) seesTrack(a *modelPerson, id string) bool {
	t := m.tracks[id]
	return t != nil && m.sees(a, t.owner, t.published)
}

func pick[T any](m *model, from []T) T { return from[m.rand.IntN(len(from))] }

// able picks somebody who can act.
func (m *model) able() *modelPerson {
	for {
		if p := pick(m, m.people); !p.suspended && !p.gone {
			return p
		}
	}
}

// anybody picks one who was not deleted.
func (m *model) anybody() *modelPerson {
	for {
		if p := pick(m, m.people); !p.gone {
			return p
		}
	}
}

// some picks one of a map's ids in an order that the seed decides; "" of none.
func some[T any](m *model, from map[string]T, made func(T) int, ok func(T) bool) (none T) {
	var list []T
	for _, v := range from {
		if ok(v) {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return none
	}
	slices.SortFunc(list, func(a, b T) int { return made(a) - made(b) })
	return pick(m, list)
}

func (m *model) track(ok func(*modelTrack) bool) *modelTrack {
	return some(m, m.tracks, func(t *modelTrack) int { return t.made }, ok)
}

func (m *model) list(ok func(*modelList) bool) *modelList {
	return some(m, m.lists, func(l *modelList) int { return l.made }, ok)
}

func (m *model) comment(ok func(*modelComment) bool) *modelComment {
	return some(m, m.said, func(c *modelComment) int { return c.made }, ok)
}

func anyTrack(*modelTrack) bool { return true }

// tell notes what somebody is to be told.
func (m *model) tell(user string, n modelNotice) {
	u, actor := m.who(user), m.who(n.actor)
	if u == nil || u == actor || u.gone || u.suspended || m.barred(u, n.actor) {
		return
	}
	n.at = m.next()
	m.told[user] = append(m.told[user], n)
}

// act does one thing.
func (m *model) act() {
	a := m.able()
	switch n := m.rand.IntN(100); {
	case n < 14:
		m.follow(a, m.anybody())
	case n < 22:
		m.like(a)
	case n < 26:
		m.listen(a)
	case n < 35:
		m.repost(a)
	case n < 52:
		m.say(a)
	case n < 55:
		m.edit(a)
	case n < 60:
		m.unsay(a)
	case n < 73:
		m.message(a, m.anybody())
	case n < 76:
		m.unsend(a)
	case n < 79:
		m.read(a)
	case n < 88:
		m.changeList(a)
	case n < 90:
		m.block(a, m.anybody())
	case n < 92:
		m.show(a)
	case n < 93:
		m.retag(a)
	case n < 94:
		m.upload()
	case n < 95:
		m.deleteTrack(a)
	case n < 97:
		m.look(a)
	case n < 98:
		m.suspend(m.anybody())
	case n < 99:
		m.quieten(a)
	default:
		if m.rand.IntN(3) == 0 {
			m.leave(a)
		}
	}
}

func (m *model) upload() {
	a := m.able()
	visibility := pick(m, []string{"public", "public", "private"})
	m.clock.jump(time.Second)
	tr := a.upload("song.mp3", m.sound, visibility)
	t := &modelTrack{id: tr.ID, owner: a.id, made: m.next(), days: map[db.Day]*db.Numbers{}}
	m.tracks[t.id] = t
	if visibility == "public" {
		t.published = m.next()
		m.release(t)
	}
	m.note("%s uploads %s %s", a.name, visibility, t.id)
}

// release waits until all followers were told of a track, which happens once.
func (m *model) release(t *modelTrack) {
	if t.announced {
		return
	}
	t.announced = true
	for _, f := range m.follows.to(t.owner) {
		m.tell(f, modelNotice{kind: "new_track", actor: t.owner, thing: t.id})
	}
	for n := 0; ; n++ {
		left, err := m.h.app.Waiting(m.t.Context(), core.JobAnnounce)
		if err != nil || n > 1000 {
			m.t.Fatalf("followers of %s are not told of %s: %d left, %v", t.owner, t.id, left, err)
		}
		if left == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (m *model) follow(a, b *modelPerson) {
	path := "/api/users/" + b.id + "/follow"
	e := pair{a.id, b.id}
	on := m.rand.IntN(3) > 0
	m.note("%s follows %s: %v", a.name, b.name, on)
	switch {
	case a == b:
		a.put(path, nil).fails(400, "follow.self")
	case m.blocks[e] != 0 && m.blocks[pair{b.id, a.id}] == 0 && !b.suspended:
		a.put(path, nil).fails(403, "follow.blocked")
	case m.hides(a, b.id):
		a.put(path, nil).fails(404, "not_found")
	case on:
		a.put(path, nil).want(200)
		if m.follows[e] == 0 {
			m.follows[e] = m.next()
			m.tell(b.id, modelNotice{kind: "follow", actor: a.id, edge: m.follows[e]})
		}
	default:
		a.delete(path).want(200)
		delete(m.follows, e)
	}
}

func (m *model) like(a *modelPerson) {
	t := m.track(anyTrack)
	path := "/api/tracks/" + t.id + "/like"
	e := pair{a.id, t.id}
	on := m.rand.IntN(4) > 0
	m.note("%s likes %s: %v", a.name, t.id, on)
	switch {
	case !m.seesTrack(a, t.id):
		a.put(path, nil).fails(404, "not_found")
		a.delete(path).want(map[bool]int{true: 200, false: 404}[m.likes[e] != 0])
		delete(m.likes, e)
	case on:
		a.put(path, nil).want(200)
		if m.likes[e] == 0 {
			m.likes[e] = m.next()
			m.tied["like"][e] = db.DayOf(m.clock.now())
			m.tell(t.owner, modelNotice{kind: "like", actor: a.id, thing: t.id, edge: m.likes[e]})
		}
	default:
		a.delete(path).want(200)
		delete(m.likes, e)
	}
}

// listen hears a track, or too little of it.
func (m *model) listen(a *modelPerson) {
	t := m.track(anyTrack)
	enough := m.rand.IntN(3) > 0
	m.note("%s listens to %s: %v", a.name, t.id, enough)
	got := a.post("/api/tracks/"+t.id+"/plays", wire.Listen{ListenedMS: map[bool]int64{true: 60_000, false: 1}[enough]})
	if !m.seesTrack(a, t.id) {
		got.fails(404, "not_found")
		return
	}
	var answer wire.Listened
	if got.want(200).into(&answer); answer.Counted != enough {
		m.t.Errorf("%s listens to %s: counted %v, want %v", a.name, t.id, answer.Counted, enough)
	}
	if enough {
		m.count(a, t)
		m.heard[pair{a.id, t.id}] = m.next()
	}
}

// count counts a play on its day.
func (m *model) count(a *modelPerson, t *modelTrack) {
	t.plays++
	day := db.DayOf(m.clock.now())
	if t.days[day] == nil {
		t.days[day] = &db.Numbers{}
	}
	t.days[day].Plays++
	if m.today[day] == nil {
		m.today[day] = map[pair]bool{}
	}
	if e := (pair{a.id, t.id}); !m.today[day][e] {
		m.today[day][e] = true
		t.days[day].Listeners++
	}
	if e := (pair{a.id, t.owner}); !m.today[day][e] {
		m.today[day][e] = true
		m.listeners[t.owner]++
	}
}

func (m *model) repost(a *modelPerson) {
	t := m.track(anyTrack)
	path := "/api/tracks/" + t.id + "/repost"
	e := pair{a.id, t.id}
	on := m.rand.IntN(4) > 0
	m.note("%s reposts %s: %v", a.name, t.id, on)
	switch {
	case !m.seesTrack(a, t.id):
		a.put(path, nil).fails(404, "not_found")
		a.delete(path).want(map[bool]int{true: 200, false: 404}[m.reposts[e] != 0])
		delete(m.reposts, e)
	case t.owner == a.id:
		if s := a.put(path, nil).status; s != 400 && s != 409 {
			m.t.Errorf("%s reposts an own track: got %d", a.name, s)
		}
	case on:
		a.put(path, nil).want(200)
		if m.reposts[e] == 0 {
			m.reposts[e] = m.next()
			m.tied["repost"][e] = db.DayOf(m.clock.now())
			m.tell(t.owner, modelNotice{kind: "repost", actor: a.id, thing: t.id, edge: m.reposts[e]})
		}
	default:
		a.delete(path).want(200)
		delete(m.reposts, e)
	}
}

// say writes a comment or a reply.
func (m *model) say(a *modelPerson) {
	t := m.track(anyTrack)
	body := wire.NewComment{PositionMS: m.rand.Int64N(2) * 100, Text: fmt.Sprintf("Well %d", m.next())}
	var parent *modelComment
	if m.rand.IntN(2) == 0 {
		parent = m.comment(func(c *modelComment) bool { return c.track == t.id && m.reads(a, c.user, t.id) })
	}
	if parent != nil {
		body.Parent = parent.id
	}
	m.note("%s comments on %s, reply to %q", a.name, t.id, body.Parent)
	path := "/api/tracks/" + t.id + "/comments"
	switch {
	case !m.seesTrack(a, t.id):
		a.post(path, body).fails(404, "not_found")
		return
	case t.quiet:
		a.post(path, body).fails(403, "comment.off")
		return
	}
	root := parent
	if parent != nil && parent.parent != "" { // a reply to a reply goes to its parent
		root = m.said[parent.parent]
	}
	if root != nil && !m.reads(a, root.user, t.id) {
		return // whose place alone is left can't be answered; not tried here
	}
	var got wire.Comment
	a.post(path, body).want(201).into(&got)
	c := &modelComment{id: got.ID, track: t.id, user: a.id, text: body.Text, position: body.PositionMS, made: m.next(), day: db.DayOf(m.clock.now())}
	told := map[string]bool{a.id: true}
	tell := func(user, kind string) {
		if told[user] {
			return
		}
		told[user] = true
		if m.who(user) != nil && m.seesTrack(m.who(user), t.id) {
			m.tell(user, modelNotice{kind: kind, actor: a.id, thing: t.id, comment: c.id})
		}
	}
	if root != nil {
		c.parent, c.position = root.id, root.position
		tell(root.user, "reply")
		for _, r := range m.replies(root.id) {
			tell(r.user, "reply")
		}
	}
	tell(t.owner, "comment")
	m.said[c.id] = c
}

// replies lists the replies to a comment, oldest first.
func (m *model) replies(id string) []*modelComment {
	var list []*modelComment
	for _, c := range m.said {
		if c.parent == id {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *modelComment) int { return a.made - b.made })
	return list
}

func (m *model) edit(a *modelPerson) {
	c := m.comment(func(c *modelComment) bool { return m.seesTrack(a, c.track) && m.reads(a, c.user, c.track) })
	if c == nil {
		return
	}
	m.note("%s edits %s", a.name, c.id)
	text := fmt.Sprintf("Better %d", m.next())
	got := a.patch("/api/comments/"+c.id, wire.CommentPatch{Text: text})
	if c.user != a.id {
		got.want(403)
		return
	}
	got.want(200)
	c.text = text
}

func (m *model) unsay(a *modelPerson) {
	c := m.comment(func(c *modelComment) bool {
		return c.user == a.id || m.seesTrack(a, c.track) && m.reads(a, c.user, c.track)
	})
	if c == nil {
		return
	}
	m.note("%s deletes comment %s", a.name, c.id)
	got := a.delete("/api/comments/" + c.id)
	if c.user != a.id && m.tracks[c.track].owner != a.id {
		got.want(403)
		return
	}
	got.want(204)
	m.dropComment(c)
}

// dropComment leaves the place of a comment that has replies.
func (m *model) dropComment(c *modelComment) {
	if len(m.replies(c.id)) > 0 {
		c.user, c.text = "", ""
		return
	}
	delete(m.said, c.id)
	if p := m.said[c.parent]; p != nil && p.user == "" && len(m.replies(p.id)) == 0 {
		delete(m.said, p.id)
	}
}

func (m *model) talk(a, b string) *modelTalk {
	if a > b {
		a, b = b, a
	}
	return m.talks[pair{a, b}]
}

func (m *model) message(a, b *modelPerson) {
	if m.hides(a, b.id) && !m.barred(a, b.id) {
		return // to a suspended person: not tried here
	}
	body := wire.NewMessage{Text: fmt.Sprintf("Hello %d", m.next())}
	attached := m.track(func(t *modelTrack) bool { return m.seesTrack(a, t.id) })
	if attached != nil && m.rand.IntN(3) == 0 {
		body.Track = attached.id
	}
	m.note("%s writes to %s with %q", a.name, b.name, body.Track)
	path := "/api/users/" + b.id + "/messages"
	talk := m.talk(a.id, b.id)
	switch {
	case a == b:
		a.post(path, body).fails(400, "message.self")
		return
	case m.barred(a, b.id) && talk != nil:
		a.post(path, body).fails(403, "message.blocked")
		return
	case m.barred(a, b.id):
		a.post(path, body).fails(404, "not_found")
		return
	}
	var got wire.Message
	a.post(path, body).want(201).into(&got)
	if talk == nil {
		users := [2]string{min(a.id, b.id), max(a.id, b.id)}
		talk = &modelTalk{id: got.Conversation, users: users, read: map[string]int{}}
		m.talks[pair{users[0], users[1]}] = talk
	}
	msg := modelMessage{id: got.ID, from: a.id, attached: body.Track, made: m.next()}
	talk.messages = append(talk.messages, msg)
	talk.read[a.id] = msg.made
}

// of lists a person's conversations that have messages, the newest first.
func (m *model) of(a *modelPerson) []*modelTalk {
	var list []*modelTalk
	for _, k := range m.talks {
		if slices.Contains(k.users[:], a.id) && len(k.messages) > 0 {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(x, y *modelTalk) int {
		return y.messages[len(y.messages)-1].made - x.messages[len(x.messages)-1].made
	})
	return list
}

func (m *model) unsend(a *modelPerson) {
	talks := m.of(a)
	if len(talks) == 0 {
		return
	}
	k := pick(m, talks)
	i := m.rand.IntN(len(k.messages))
	msg := k.messages[i]
	m.note("%s deletes message %s", a.name, msg.id)
	got := a.delete("/api/conversations/" + k.id + "/messages/" + msg.id)
	if msg.from != a.id {
		got.want(403)
		return
	}
	got.want(204)
	k.messages = slices.Delete(k.messages, i, i+1)
}

func (m *model) read(a *modelPerson) {
	talks := m.of(a)
	if len(talks) == 0 {
		return
	}
	k := pick(m, talks)
	msg := pick(m, k.messages)
	m.note("%s reads %s up to %s", a.name, k.id, msg.id)
	a.post("/api/conversations/"+k.id+"/seen", wire.Seen{UpTo: msg.id}).want(200)
	k.read[a.id] = max(k.read[a.id], msg.made)
}

// changeList makes or changes a playlist.
func (m *model) changeList(a *modelPerson) {
	l := m.list(func(l *modelList) bool { return l.owner == a.id })
	if l == nil || m.rand.IntN(8) == 0 {
		var got wire.Playlist
		visibility := pick(m, []string{"public", "private"})
		a.post("/api/playlists", wire.NewPlaylist{Title: fmt.Sprintf("List %d", m.next()), Kind: "playlist", Visibility: visibility}).want(201).into(&got)
		l = &modelList{id: got.ID, owner: a.id, made: m.next()}
		if visibility == "public" {
			l.published = m.next()
		}
		m.lists[l.id] = l
		m.note("%s makes the %s playlist %s", a.name, visibility, l.id)
	}
	path := "/api/playlists/" + l.id
	switch n := m.rand.IntN(20); {
	case n < 10:
		t := m.track(anyTrack)
		m.note("%s puts %s into %s", a.name, t.id, l.id)
		place := wire.PlaylistPlace{}
		if len(l.tracks) > 0 && m.rand.IntN(2) == 0 {
			place.Before = pick(m, l.tracks)
		}
		if place.Before == t.id {
			return
		}
		got := a.put(path+"/tracks/"+t.id, place)
		if !m.seesTrack(a, t.id) {
			if !slices.Contains(l.tracks, t.id) {
				got.want(404)
				return
			}
			if got.status == 404 {
				return
			}
		}
		got.want(200)
		l.tracks = slices.DeleteFunc(l.tracks, func(id string) bool { return id == t.id })
		at := len(l.tracks)
		if place.Before != "" {
			at = slices.Index(l.tracks, place.Before)
		}
		l.tracks = slices.Insert(l.tracks, at, t.id)
	case n < 13 && len(l.tracks) > 0:
		t := pick(m, l.tracks)
		m.note("%s takes %s out of %s", a.name, t, l.id)
		a.delete(path + "/tracks/" + t).want(200)
		l.tracks = slices.DeleteFunc(l.tracks, func(id string) bool { return id == t })
	case n < 16:
		public := l.published == 0
		m.note("%s shows %s: %v", a.name, l.id, public)
		a.patch(path, wire.PlaylistPatch{Visibility: ptr(map[bool]string{true: "public", false: "private"}[public])}).want(200)
		l.published = 0
		if public {
			l.published = m.next()
		}
	case n < 19:
		l := m.list(func(*modelList) bool { return true })
		path := "/api/playlists/" + l.id + "/like"
		m.note("%s likes playlist %s", a.name, l.id)
		if !m.sees(a, l.owner, l.published) {
			a.put(path, nil).fails(404, "not_found")
			return
		}
		e := pair{a.id, l.id}
		if m.listLikes[e] != 0 {
			a.delete(path).want(200)
			delete(m.listLikes, e)
			return
		}
		a.put(path, nil).want(200)
		m.listLikes[e] = m.next()
		m.tell(l.owner, modelNotice{kind: "like", actor: a.id, thing: l.id, edge: m.listLikes[e]})
	default:
		m.note("%s deletes playlist %s", a.name, l.id)
		a.delete(path).want(204)
		m.dropList(l.id)
	}
}

func (m *model) dropList(id string) {
	delete(m.lists, id)
	m.listLikes.forget(id)
}

func (m *model) block(a, b *modelPerson) {
	e := pair{a.id, b.id}
	path := "/api/users/" + b.id + "/block"
	switch {
	case a == b:
		a.put(path, nil).fails(400, "block.self")
	case m.blocks[e] != 0:
		m.note("%s unblocks %s", a.name, b.name)
		a.delete(path).want(204)
		delete(m.blocks, e)
	case !m.hides(a, b.id):
		m.note("%s blocks %s", a.name, b.name)
		a.put(path, nil).want(204)
		m.blocks[e] = m.next()
		delete(m.follows, e)
		delete(m.follows, pair{b.id, a.id})
	}
}

// show makes a track public or private.
func (m *model) show(a *modelPerson) {
	t := m.track(func(t *modelTrack) bool { return t.owner == a.id })
	if t == nil {
		return
	}
	public := t.published == 0
	m.note("%s shows %s: %v", a.name, t.id, public)
	a.patch("/api/tracks/"+t.id, wire.TrackPatch{Visibility: ptr(map[bool]string{true: "public", false: "private"}[public])}).want(200)
	t.published = 0
	if public {
		t.published = m.next()
		m.release(t)
	}
}

// modelTags are tags, of which those in a line are one.
var modelTags = [][]string{{"cafe", "Café", "CAFÉ"}, {"하현우"}, {"ac/dc", "AC/DC"}, {"rock", "Rock"}, {"live"}}

// retag gives a track other tags.
func (m *model) retag(a *modelPerson) {
	t := m.track(func(t *modelTrack) bool { return t.owner == a.id })
	if t == nil {
		return
	}
	t.tags = nil
	written := []string{}
	for range m.rand.IntN(4) {
		line := pick(m, modelTags)
		written = append(written, pick(m, line))
		if !slices.Contains(t.tags, line[0]) {
			t.tags = append(t.tags, line[0])
		}
	}
	m.note("%s gives %s the tags %q", a.name, t.id, written)
	a.patch("/api/tracks/"+t.id, wire.TrackPatch{Tags: &written}).want(200)
}

func (m *model) quieten(a *modelPerson) {
	t := m.track(func(t *modelTrack) bool { return t.owner == a.id })
	if t == nil {
		return
	}
	t.quiet = !t.quiet
	m.note("%s switches the comments on %s: %v", a.name, t.id, !t.quiet)
	a.patch("/api/tracks/"+t.id, wire.TrackPatch{Comments: ptr(!t.quiet)}).want(200)
}

func (m *model) deleteTrack(a *modelPerson) {
	t := m.track(func(t *modelTrack) bool { return t.owner == a.id })
	if t == nil || len(m.tracks) < 6 {
		return
	}
	m.note("%s deletes %s", a.name, t.id)
	m.h.written() // who was just heard counts among the listeners of its owner
	a.delete("/api/tracks/" + t.id).want(204)
	m.dropTrack(t.id)
}

func (m *model) dropTrack(id string) {
	delete(m.tracks, id)
	m.likes.forget(id)
	m.reposts.forget(id)
	m.heard.forget(id)
	for _, c := range m.said {
		if c.track == id {
			delete(m.said, c.id)
		}
	}
	for _, l := range m.lists {
		l.tracks = slices.DeleteFunc(l.tracks, func(t string) bool { return t == id })
	}
}

// look marks the notifications as seen.
func (m *model) look(a *modelPerson) {
	var page wire.Notifications
	a.get("/api/me/notifications").want(200).into(&page)
	m.note("%s looks at the notifications", a.name)
	if len(page.Items) == 0 {
		return
	}
	a.post("/api/me/notifications/seen", wire.Seen{UpTo: page.Items[0].ID}).want(200)
	// With what is shown, all is seen that is folded with it, also what is not so
	// at present.
	key := func(n modelNotice) string { return noticeKey(n.kind, n.thing, n.comment, n.at <= a.seen) }
	shown := map[string]bool{}
	for _, n := range m.news(a) {
		shown[key(n)] = true
	}
	seen := a.seen
	for _, n := range m.told[a.id] {
		if shown[key(n)] {
			seen = max(seen, n.at)
		}
	}
	a.seen = seen
}

func (m *model) suspend(b *modelPerson) {
	path := "/api/users/" + b.id + "/suspension"
	if !b.suspended {
		m.note("the keeper suspends %s", b.name)
		m.keeper.put(path, nil).want(200)
		b.suspended = true
		b.get("/api/me").want(401)
		return
	}
	m.note("the keeper lets %s back", b.name)
	m.keeper.delete(path).want(200)
	b.suspended = false
	b.become(b.post("/api/auth/sign-in", wire.SignIn{Email: b.me.Email, Password: password}), 200)
}

// leave deletes an account; somebody new comes.
func (m *model) leave(a *modelPerson) {
	m.note("%s leaves", a.name)
	a.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	a.get("/api/me").want(401)
	a.gone = true
	for _, t := range m.tracks {
		if t.owner == a.id {
			m.dropTrack(t.id)
		}
	}
	for _, l := range m.lists {
		if l.owner == a.id {
			m.dropList(l.id)
		}
	}
	for _, p := range []pairs{m.follows, m.likes, m.reposts, m.blocks, m.listLikes, m.heard} {
		p.forget(a.id)
	}
	var own []*modelComment
	for _, c := range m.said {
		if c.user == a.id {
			own = append(own, c)
		}
	}
	// Replies first: what they leave may go with the comment above them.
	slices.SortFunc(own, func(x, y *modelComment) int { return strings.Compare(y.parent, x.parent) })
	for _, c := range own {
		m.dropComment(c)
	}
	for key, k := range m.talks {
		if !slices.Contains(k.users[:], a.id) {
			continue
		}
		k.messages = slices.DeleteFunc(k.messages, func(msg modelMessage) bool { return msg.from == a.id })
		if len(k.messages) == 0 {
			delete(m.talks, key)
		}
	}
	m.join()
}

// compare holds what each person gets against what should be so. Traces of
// deleted things are removed a moment later, so it may look several times.
func (m *model) compare() {
	m.t.Helper()
	m.h.written()
	if err := m.h.app.Core().EndDays(m.t.Context()); err != nil {
		m.t.Error(err)
	}
	var diff string
	for range 60 {
		if diff = m.differences(); diff == "" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	m.t.Errorf("the house and the model differ (-model +house):\n%s", diff)
}

// book is everything that one person is shown, as lines.
type book map[string]string

func (b book) put(where string, lines ...string) { b[where] = strings.Join(lines, " ") }

func (m *model) differences() string {
	askers := []*modelPerson{nil, m.keeper}
	for _, p := range m.people {
		if !p.gone && !p.suspended {
			askers = append(askers, p)
		}
	}
	for _, a := range askers {
		name := "a visitor"
		if a != nil {
			name = a.name
		}
		want, got := book{}, book{}
		m.expect(a, want)
		m.observe(a, got, want)
		if d := cmp.Diff(want, got); d != "" {
			return name + " is shown:\n" + d
		}
	}
	return ""
}
