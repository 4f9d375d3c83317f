package app_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"earshot/app/api/wire"
	"earshot/db"
)

// expect writes down what somebody is to be shown, by the model alone.
func (m *model) expect(a *modelPerson, b book) {
	b.put("stream", m.expectStream(a)...)
	m.expectTags(a, b)
	for _, p := range append([]*modelPerson{m.keeper}, m.people...) {
		m.expectPerson(a, p, b)
	}
	for _, t := range m.tracks {
		m.expectTrack(a, t, b)
	}
	for _, l := range m.lists {
		if m.sees(a, l.owner, l.published) {
			b.put("playlist "+l.id, append([]string{m.cover(a, l)}, m.tracksFor(a, l.tracks)...)...)
		} else if a != m.keeper {
			b.put("playlist "+l.id, "404")
		}
	}
	b.put("chart", m.expectChart(a)...)
	b.put("chart of all time", m.expectChart(a)...) // all happens within two days
	if a == nil {
		return
	}
	m.expectNumbers(a, b)
	b.put("likes", m.tracksFor(a, m.likes.from(a.id))...)
	b.put("history", m.tracksFor(a, m.heard.from(a.id))...)
	b.put("liked playlists", m.coversFor(a, m.listLikes.from(a.id))...)
	var own []string
	for _, l := range m.lists {
		if l.owner == a.id {
			own = append(own, l.id)
		}
	}
	slices.SortFunc(own, func(x, y string) int { return m.lists[y].made - m.lists[x].made })
	b.put("own playlists", m.coversFor(a, own)...)
	m.expectTalks(a, b)
	m.expectNotices(a, b)
	b.put("recommended, but wrongly", "")
}

func (m *model) expectTags(a *modelPerson, b book) {
	var tags []string
	for _, line := range modelTags {
		var with []string
		for _, t := range m.tracks {
			if t.published != 0 && slices.Contains(t.tags, line[0]) && m.seesTrack(a, t.id) {
				with = append(with, t.id)
			}
		}
		where := "tag " + line[0]
		if len(with) == 0 {
			b.put(where, "404")
			continue
		}
		tags = append(tags, fmt.Sprintf("%s(%d)", line[0], len(with)))
		slices.SortFunc(with, func(x, y string) int { return m.tracks[y].published - m.tracks[x].published })
		b.put(where, with...)
	}
	slices.Sort(tags)
	b.put("tags", tags...)
	b.put("discovered, but wrongly")
}

func (m *model) observeTags(a *modelPerson, b book) {
	last := uint64(1 << 60)
	tags := lines(m, a, "/api/tags", func(t wire.Tag) string {
		if t.Tracks > last {
			return "out of order: " + t.Name
		}
		last = t.Tracks
		return fmt.Sprintf("%s(%d)", db.Alike(t.Name), t.Tracks)
	})
	slices.Sort(tags)
	b.put("tags", tags...)
	for _, line := range modelTags {
		path := "/api/tags/" + url.PathEscape(pick(m, line)) + "/tracks"
		b.put("tag "+line[0], lines(m, a, path, func(t wire.Track) string { return t.ID })...)
	}
	// What is put together from many sources has nothing in it that is not for
	// the asker.
	var wrong []string
	see := func(where string, t wire.Track) {
		if known := m.tracks[t.ID]; known == nil || known.published == 0 || !m.seesTrack(a, t.ID) {
			wrong = append(wrong, where+" has "+t.ID)
		}
	}
	home := as[wire.Home](m.asker(a).get("/api/home"))
	for _, shelf := range home.Tags {
		for _, t := range shelf.Tracks {
			see("a shelf", t)
		}
	}
	for _, t := range home.Newest {
		see("newest", t)
	}
	for _, because := range home.Because {
		for _, s := range because.Tracks {
			see("because of "+because.Track.ID, s.Track)
		}
	}
	t := m.track(func(t *modelTrack) bool { return m.seesTrack(a, t.id) })
	if t == nil {
		b.put("discovered, but wrongly", wrong...)
		return
	}
	similar, _ := pages[wire.Similar](m, a, "/api/tracks/"+t.id+"/similar")
	for _, s := range similar {
		see("similar", s.Track)
		if s.Playlist != nil && !m.sees(a, m.lists[s.Playlist.ID].owner, m.lists[s.Playlist.ID].published) {
			wrong = append(wrong, "a reason is "+s.Playlist.ID)
		}
	}
	given := map[string]bool{}
	station, _ := pages[wire.Track](m, a, "/api/stations/tracks/"+t.id)
	for i, s := range station {
		if given[s.ID] {
			wrong = append(wrong, "twice: "+s.ID)
		}
		given[s.ID] = true
		if i > 0 {
			see("the station", s)
		}
	}
	for id, other := range m.tracks {
		if other.published != 0 && m.seesTrack(a, id) && !given[id] && !(a == m.keeper && m.barred(a, other.owner)) {
			wrong = append(wrong, "the station lacks "+id)
		}
	}
	b.put("discovered, but wrongly", wrong...)
}

// numbers is what is counted of a track on each day.
func (m *model) numbers(t *modelTrack) map[db.Day]db.Numbers {
	days := map[db.Day]db.Numbers{}
	for day, n := range t.days {
		days[day] = *n
	}
	add := func(day db.Day, n db.Numbers) {
		sum := days[day]
		sum.Add(n)
		days[day] = sum
	}
	for e := range m.likes {
		if e.to == t.id {
			add(m.tied["like"][e], db.Numbers{Likes: 1})
		}
	}
	for e := range m.reposts {
		if e.to == t.id {
			add(m.tied["repost"][e], db.Numbers{Reposts: 1})
		}
	}
	for _, c := range m.said {
		if c.track == t.id && c.user != "" {
			add(c.day, db.Numbers{Comments: 1})
		}
	}
	return days
}

func (m *model) sum(t *modelTrack) (sum db.Numbers) {
	for _, n := range m.numbers(t) {
		sum.Add(n)
	}
	return sum
}

func (m *model) expectChart(a *modelPerson) (ids []string) {
	points := map[string]uint64{}
	for id, t := range m.tracks {
		sum := m.sum(t)
		points[id] = sum.Listeners + 3*sum.Likes
		if points[id] > 0 && t.published != 0 && m.seesTrack(a, id) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y string) int { return cmp.Or(cmp.Compare(points[y], points[x]), cmp.Compare(y, x)) })
	return ids
}

func (m *model) expectNumbers(a *modelPerson, b book) {
	all := db.Numbers{Listeners: m.listeners[a.id]}
	for id, t := range m.tracks {
		if t.owner != a.id {
			continue
		}
		sum := m.sum(t)
		var lines []string
		for day, n := range m.numbers(t) {
			if n != (db.Numbers{}) {
				lines = append(lines, numberLine(day.String(), n))
			}
		}
		slices.Sort(lines)
		b.put("numbers of "+id, append(lines, numberLine("always", sum))...)
		sum.Listeners = 0
		all.Add(sum)
	}
	b.put("numbers", numberLine("always", all))
}

func numberLine(day string, n db.Numbers) string { return fmt.Sprintf("%s%v", day, n) }

func (m *model) expectStream(a *modelPerson) []string {
	type post struct {
		track, by string
		at        int
	}
	var posts []post
	followed := map[string]bool{}
	if a != nil {
		for _, id := range m.follows.from(a.id) {
			followed[id] = true
		}
	}
	all := len(followed) == 0
	for _, t := range m.tracks {
		if t.published != 0 && (all || followed[t.owner] || t.owner == a.id) {
			posts = append(posts, post{t.id, "", t.published})
		}
	}
	if !all {
		for e, at := range m.reposts {
			if followed[e.from] && !m.hides(a, e.from) {
				posts = append(posts, post{e.to, m.who(e.from).me.Username, at})
			}
		}
	}
	slices.SortFunc(posts, func(x, y post) int { return y.at - x.at })
	var lines []string
	shown := map[string]bool{}
	for _, p := range posts {
		if t := m.tracks[p.track]; !shown[p.track] && t.published != 0 && m.seesTrack(a, p.track) {
			shown[p.track] = true
			lines = append(lines, streamed(p.track, p.by))
		}
	}
	return lines
}

func streamed(track, by string) string {
	if by != "" {
		return track + "(by " + by + ")"
	}
	return track
}

// tracksFor leaves the tracks that somebody sees.
func (m *model) tracksFor(a *modelPerson, ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !m.seesTrack(a, id) })
}

// peopleFor leaves the people whom somebody sees.
func (m *model) peopleFor(a *modelPerson, ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return m.hides(a, id) })
}

func (m *model) expectPerson(a, p *modelPerson, b book) {
	where := "person " + p.name
	mine := a != nil && m.blocks[pair{a.id, p.id}] != 0
	theirs := a != nil && m.blocks[pair{p.id, a.id}] != 0
	switch {
	case p.gone || m.hides(a, p.id) && (p.suspended || theirs || !mine):
		b.put(where, "404")
		return
	case m.hides(a, p.id):
		b.put(where, "blocked")
		return
	}
	public := 0
	var tracks, lists []string
	for _, t := range m.tracks {
		if t.owner == p.id && t.published != 0 {
			public++
			tracks = append(tracks, t.id)
		}
	}
	slices.SortFunc(tracks, func(x, y string) int { return m.tracks[y].published - m.tracks[x].published })
	for _, l := range m.lists {
		if l.owner == p.id && l.published != 0 {
			lists = append(lists, l.id)
		}
	}
	slices.SortFunc(lists, func(x, y string) int { return m.lists[y].published - m.lists[x].published })
	relation := ""
	if a != nil && a != p {
		relation = fmt.Sprint(" ", m.follows[pair{a.id, p.id}] != 0, m.follows[pair{p.id, a.id}] != 0)
	}
	b.put(where, fmt.Sprintf("%d tracks, %d followers, %d following%s", public, len(m.follows.to(p.id)), len(m.follows.from(p.id)), relation))
	b.put(where+": tracks", m.tracksFor(a, tracks)...)
	b.put(where+": playlists", m.coversFor(a, lists)...)
	b.put(where+": likes", m.tracksFor(a, m.likes.from(p.id))...)
	b.put(where+": reposts", m.tracksFor(a, m.reposts.from(p.id))...)
	b.put(where+": followers", m.peopleFor(a, m.follows.to(p.id))...)
	b.put(where+": following", m.peopleFor(a, m.follows.from(p.id))...)
}

// cover is what the card of a playlist counts.
func (m *model) cover(a *modelPerson, l *modelList) string {
	return fmt.Sprintf("%s[%d tracks, %d likes]", l.id, len(m.tracksFor(a, l.tracks)), len(m.listLikes.to(l.id)))
}

func (m *model) coversFor(a *modelPerson, ids []string) []string {
	var lines []string
	for _, id := range ids {
		if l := m.lists[id]; m.sees(a, l.owner, l.published) {
			lines = append(lines, m.cover(a, l))
		}
	}
	return lines
}

func (m *model) expectTrack(a *modelPerson, t *modelTrack, b book) {
	where := "track " + t.id
	if !m.seesTrack(a, t.id) {
		if a == m.keeper && !m.who(t.owner).gone {
			b.put(where, "label")
			return
		}
		b.put(where, "404")
		return
	}
	comments := 0
	var roots []*modelComment
	for _, c := range m.said {
		if c.track != t.id {
			continue
		}
		if c.user != "" {
			comments++
		}
		if c.parent == "" {
			roots = append(roots, c)
		}
	}
	mine := ""
	if a != nil {
		mine = fmt.Sprint(" ", m.likes[pair{a.id, t.id}] != 0, m.reposts[pair{a.id, t.id}] != 0)
	}
	b.put(where, fmt.Sprintf("%d plays, %d likes, %d reposts, %d comments%s", t.plays, len(m.likes.to(t.id)), len(m.reposts.to(t.id)), comments, mine))
	b.put(where+": likers", m.peopleFor(a, m.likes.to(t.id))...)
	b.put(where+": reposters", m.peopleFor(a, m.reposts.to(t.id))...)
	threads := func(order func(x, y *modelComment) int) (lines []string) {
		slices.SortFunc(roots, order)
		for _, c := range roots {
			shown := m.reads(a, c.user, t.id)
			line := thread{id: c.id}
			if shown {
				line.text = c.text
			}
			for _, r := range m.replies(c.id) {
				if m.reads(a, r.user, t.id) {
					line.replies = append(line.replies, r.id+"="+r.text)
				}
			}
			if shown || len(line.replies) > 0 {
				lines = append(lines, line.String())
			}
		}
		return lines
	}
	b.put(where+": comments", threads(func(x, y *modelComment) int {
		if x.position != y.position {
			return int(x.position - y.position)
		}
		return x.made - y.made
	})...)
	b.put(where+": newest comments", threads(func(x, y *modelComment) int { return y.made - x.made })...)
}

// thread is a comment with its replies.
type thread struct {
	id, text string
	replies  []string
}

func (t thread) String() string {
	return fmt.Sprintf("%s=%q{%s}", t.id, t.text, strings.Join(t.replies, ", "))
}

func (m *model) expectTalks(a *modelPerson, b book) {
	unread := 0
	var lines []string
	for _, k := range m.of(a) {
		other := k.users[0]
		if other == a.id {
			other = k.users[1]
		}
		n := 0
		var messages []string
		for _, msg := range slices.Backward(k.messages) {
			if msg.from == other && msg.made > k.read[a.id] {
				n++
			}
			line := msg.id
			switch {
			case msg.attached == "":
			case m.seesTrack(a, msg.attached):
				line += "+" + msg.attached
			default:
				line += "+missing"
			}
			if msg.from == a.id && k.read[other] >= msg.made && !m.hides(a, other) && !m.who(other).suspended {
				line += "(seen)"
			}
			messages = append(messages, line)
		}
		lines = append(lines, fmt.Sprintf("%s(%d unread, last %s)", k.id, n, k.messages[len(k.messages)-1].id))
		unread += n
		b.put("conversation "+k.id, messages...)
	}
	b.put("conversations", lines...)
	b.put("unread messages", fmt.Sprint(unread))
}

// news lists what somebody was told that is still so.
func (m *model) news(a *modelPerson) (list []modelNotice) {
	for _, n := range m.told[a.id] {
		if m.hides(a, n.actor) || m.who(n.actor).suspended {
			continue
		}
		ok := false
		switch n.kind {
		case "follow":
			ok = m.follows[pair{n.actor, a.id}] == n.edge
		case "like":
			ok = m.likes[pair{n.actor, n.thing}] == n.edge || m.listLikes[pair{n.actor, n.thing}] == n.edge
		case "repost":
			ok = m.reposts[pair{n.actor, n.thing}] == n.edge
		case "new_track":
			ok = m.seesTrack(a, n.thing)
		default:
			c := m.said[n.comment]
			ok = c != nil && c.user == n.actor && m.seesTrack(a, n.thing)
		}
		if ok {
			list = append(list, n)
		}
	}
	return list
}

// expectNotices counts the people of each kind of news about each thing, and
// what they said. Replies and mentions each stand for themselves.
func (m *model) expectNotices(a *modelPerson, b book) {
	actors, said := map[string]map[string]bool{}, map[string]int{}
	for _, n := range m.news(a) {
		key := noticeKey(n.kind, n.thing, n.comment, n.at <= a.seen)
		if n.comment != "" {
			said[key]++
		}
		if actors[key] == nil {
			actors[key] = map[string]bool{}
		}
		actors[key][n.actor] = true
	}
	for key, list := range actors {
		b.put(key, noticeLine(len(list), said[key]))
	}
}

func noticeKey(kind, thing, comment string, seen bool) string {
	if kind == "reply" || kind == "mention" {
		thing = comment
	}
	return fmt.Sprintf("news: %s %s seen %v", kind, thing, seen)
}

func noticeLine(people, comments int) string {
	return fmt.Sprintf("%d people, %d comments", people, comments)
}

// asker gives whom to ask as.
func (m *model) asker(a *modelPerson) *person {
	if a == nil {
		return m.h.visitor()
	}
	return a.person
}

// pages reads a whole list, page by page.
func pages[T any](m *model, a *modelPerson, path string) ([]T, int) {
	var items []T
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	next := ""
	for {
		address := fmt.Sprintf("%s%slimit=%d", path, sep, 3+m.rand.IntN(9))
		if next != "" {
			address += "&cursor=" + next
		}
		got := m.asker(a).get(address)
		if got.status != 200 {
			return nil, got.status
		}
		var page wire.List[json.RawMessage]
		got.into(&page)
		for _, raw := range page.Items {
			var item T
			if err := json.Unmarshal(raw, &item); err != nil {
				m.t.Fatal(err)
			}
			items = append(items, item)
		}
		if next = page.Next; next == "" {
			return items, 200
		}
	}
}

// lines reads a whole list as one line an item; a refusal is its status.
func lines[T any](m *model, a *modelPerson, path string, line func(T) string) []string {
	items, status := pages[T](m, a, path)
	if status != 200 {
		return []string{fmt.Sprint(status)}
	}
	var list []string
	for _, item := range items {
		list = append(list, line(item))
	}
	return list
}

// observe writes down what somebody is shown.
func (m *model) observe(a *modelPerson, b, want book) {
	p := m.asker(a)
	trackID := func(t wire.Track) string { return t.ID }
	userID := func(u wire.User) string { return u.ID }
	cover := func(l wire.Playlist) string { return fmt.Sprintf("%s[%d tracks, %d likes]", l.ID, l.Tracks, l.Likes) }

	m.observeTags(a, b)
	b.put("stream", lines(m, a, "/api/stream", func(t wire.Track) string {
		if t.RepostedBy != nil {
			return streamed(t.ID, t.RepostedBy.Username)
		}
		return t.ID
	})...)
	for _, who := range append([]*modelPerson{m.keeper}, m.people...) {
		where, path := "person "+who.name, "/api/users/"+who.id
		got := p.get(path)
		if got.status != 200 {
			b.put(where, fmt.Sprint(got.status))
			continue
		}
		var u wire.User
		got.into(&u)
		if u.Relation.Blocked && a != m.keeper {
			b.put(where, "blocked")
			continue
		}
		relation := ""
		if a != nil && a != who {
			relation = fmt.Sprint(" ", u.Relation.Following, u.Relation.FollowsMe)
		}
		b.put(where, fmt.Sprintf("%d tracks, %d followers, %d following%s", u.Tracks, u.Followers, u.Following, relation))
		b.put(where+": tracks", lines(m, a, path+"/tracks", trackID)...)
		b.put(where+": playlists", lines(m, a, path+"/playlists", cover)...)
		b.put(where+": likes", lines(m, a, path+"/likes", trackID)...)
		b.put(where+": reposts", lines(m, a, path+"/reposts", trackID)...)
		b.put(where+": followers", lines(m, a, path+"/followers", userID)...)
		b.put(where+": following", lines(m, a, path+"/following", userID)...)
	}
	for id := range m.tracks {
		m.observeTrack(a, id, b)
	}
	for id := range m.lists {
		got := p.get("/api/playlists/" + id)
		switch {
		case want["playlist "+id] == "" && a == m.keeper:
			// A label, or nothing.
		case got.status != 200:
			b.put("playlist "+id, fmt.Sprint(got.status))
		default:
			var l wire.Playlist
			got.into(&l)
			b.put("playlist "+id, append([]string{cover(l)}, lines(m, a, "/api/playlists/"+id+"/tracks", trackID)...)...)
		}
	}
	b.put("chart", lines(m, a, "/api/charts", trackID)...)
	b.put("chart of all time", lines(m, a, "/api/charts?period=all", trackID)...)
	if a == nil {
		return
	}
	m.observeNumbers(a, b)
	b.put("likes", lines(m, a, "/api/me/likes", trackID)...)
	b.put("history", lines(m, a, "/api/me/history", trackID)...)
	b.put("liked playlists", lines(m, a, "/api/me/likes/playlists", cover)...)
	b.put("own playlists", lines(m, a, "/api/me/playlists", cover)...)
	b.put("conversations", lines(m, a, "/api/conversations", func(k wire.Conversation) string {
		b.put("conversation "+k.ID, lines(m, a, "/api/conversations/"+k.ID+"/messages", func(msg wire.Message) string {
			line := msg.ID
			if msg.Track != nil {
				line += "+" + msg.Track.ID
			}
			if msg.Missing {
				line += "+missing"
			}
			if msg.Seen {
				line += "(seen)"
			}
			return line
		})...)
		last := ""
		if k.Last != nil {
			last = k.Last.ID
		}
		return fmt.Sprintf("%s(%d unread, last %s)", k.ID, k.Unread, last)
	})...)
	var state wire.State
	p.get("/api/me/state").want(200).into(&state)
	b.put("unread messages", fmt.Sprint(state.Messages))

	news, said, folded := map[string]int{}, map[string]int{}, false
	unseen := 0
	items, status := pages[wire.Notification](m, a, "/api/me/notifications")
	if status != 200 {
		b.put("news", fmt.Sprint(status))
	}
	for _, n := range items {
		thing := ""
		if n.Track != nil {
			thing = n.Track.ID
		}
		if n.Playlist != nil {
			thing = n.Playlist.ID
		}
		comment := ""
		if n.Comment != nil {
			comment = n.Comment.ID
		}
		key := noticeKey(n.Kind, thing, comment, n.Seen)
		folded = folded || n.Kind != "comment" && n.Comments > 1
		news[key] += n.N
		said[key] += n.Comments
		if !n.Seen {
			unseen++
		}
	}
	for key, n := range news {
		b.put(key, noticeLine(n, said[key]))
	}
	if folded {
		b.put("folded replies or mentions", "some")
	}
	if unseen < 99 && state.Notifications != unseen {
		b.put("unseen news", fmt.Sprintf("counted %d, listed %d", state.Notifications, unseen))
	}

	wrong := ""
	people, _ := pages[wire.Recommendation](m, a, "/api/recommendations/users")
	for _, r := range people {
		if id := r.User.ID; id == a.id || m.follows[pair{a.id, id}] != 0 || m.hides(a, id) || m.who(id).suspended {
			wrong += m.who(id).name + " "
		}
	}
	b.put("recommended, but wrongly", wrong)
}

func (m *model) observeNumbers(a *modelPerson, b book) {
	of := func(d wire.DayNumbers) db.Numbers {
		return db.Numbers{Plays: d.Plays, Listeners: d.Listeners, Likes: d.Likes, Reposts: d.Reposts, Comments: d.Comments, Downloads: d.Downloads}
	}
	b.put("numbers", numberLine("always", of(as[wire.Numbers](a.get("/api/me/numbers")).Always)))
	for id, t := range m.tracks {
		if t.owner != a.id {
			continue
		}
		n := as[wire.Numbers](a.get("/api/tracks/" + id + "/numbers?days=3"))
		var lines []string
		for _, d := range n.Days {
			if of(d) != (db.Numbers{}) {
				lines = append(lines, numberLine(d.Day, of(d)))
			}
		}
		if n.Sum != n.Always {
			lines = append(lines, "a sum of its own")
		}
		b.put("numbers of "+id, append(lines, numberLine("always", of(n.Always)))...)
	}
}

func (m *model) observeTrack(a *modelPerson, id string, b book) {
	where, path := "track "+id, "/api/tracks/"+id
	got := m.asker(a).get(path)
	if got.status != 200 {
		b.put(where, fmt.Sprint(got.status))
		return
	}
	var t wire.Track
	got.into(&t)
	if t.Stream.MP4 == "" {
		b.put(where, "label")
		return
	}
	mine := ""
	if a != nil {
		mine = fmt.Sprint(" ", t.Liked, t.Reposted)
	}
	userID := func(u wire.User) string { return u.ID }
	b.put(where, fmt.Sprintf("%d plays, %d likes, %d reposts, %d comments%s", t.Counts.Plays, t.Counts.Likes, t.Counts.Reposts, t.Counts.Comments, mine))
	b.put(where+": likers", lines(m, a, path+"/likers", userID)...)
	b.put(where+": reposters", lines(m, a, path+"/reposters", userID)...)
	comment := func(c wire.Comment) string {
		line := thread{id: c.ID}
		if c.User != nil {
			line.text = c.Text
		}
		replies, _ := pages[wire.Comment](m, a, "/api/comments/"+c.ID+"/replies")
		for _, r := range replies {
			line.replies = append(line.replies, r.ID+"="+r.Text)
		}
		for i, r := range c.First {
			if i >= len(replies) || replies[i].ID != r.ID {
				return "the first replies are not the first: " + c.ID
			}
		}
		return line.String()
	}
	b.put(where+": comments", lines(m, a, path+"/comments?order=position", comment)...)
	b.put(where+": newest comments", lines(m, a, path+"/comments?order=newest", comment)...)
}
