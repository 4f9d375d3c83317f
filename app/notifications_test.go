package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// notices reads what somebody was told, a few a page.
func (p *person) notices(limit int) []wire.Notification {
	p.h.t.Helper()
	var all []wire.Notification
	for cursor := ""; ; {
		var page wire.Notifications
		p.get(fmt.Sprintf("/api/me/notifications?limit=%d%s", limit, cursor)).want(200).into(&page)
		if len(page.Items) > limit {
			p.h.t.Errorf("a page of %d has %d items", limit, len(page.Items))
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + page.Next
	}
}

// brief writes a notification down: kind, who, how many more, and * for unseen.
func brief(list []wire.Notification) string {
	var all []string
	for _, n := range list {
		var names []string
		for _, u := range n.Actors {
			names = append(names, u.Name)
		}
		s := n.Kind + ":" + strings.Join(names, ",")
		if more := n.N - len(names); more > 0 {
			s += fmt.Sprintf("+%d", more)
		}
		if !n.Seen {
			s += "*"
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

// told ends the test unless somebody was told just this.
func (p *person) told(want string) []wire.Notification {
	p.h.t.Helper()
	all := p.notices(100)
	if got := brief(all); got != want {
		p.h.t.Errorf("%s was told %q, want %q", p.name, got, want)
	}
	return all
}

func (p *person) state() wire.State {
	p.h.t.Helper()
	var s wire.State
	p.get("/api/me/state").want(200).into(&s)
	return s
}

func (p *person) seen(upTo string) wire.State {
	p.h.t.Helper()
	var s wire.State
	p.post("/api/me/notifications/seen", wire.Seen{UpTo: upTo}).want(200).into(&s)
	return s
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID
	mina.told("")
	if s := mina.state(); s != (wire.State{}) {
		t.Errorf("at first the state is %+v", s)
	}

	jun.put("/api/users/"+mina.me.ID+"/follow", nil).want(200)
	jun.put(at+"/like", nil).want(200)
	sora.put(at+"/like", nil).want(200)
	jun.put(at+"/repost", nil).want(200)
	c := jun.say(track.ID, 420, "listen, @sora!")
	mina.put(at+"/like", nil).want(200) // their own doing
	mina.say(track.ID, 1, "thanks @mina")

	list := mina.told("comment:jun* repost:jun* like:sora,jun* follow:jun*")
	if n := list[0]; n.Track == nil || n.Track.ID != track.ID || n.Comment == nil || n.Comment.ID != c.ID || n.Comment.PositionMS != 420 || n.N != 1 {
		t.Errorf("the notice of a comment: %+v", n)
	}
	if n := list[3]; n.Track != nil || n.Comment != nil || !n.Actors[0].Relation.FollowsMe || n.Created.IsZero() {
		t.Errorf("the notice of a follow: %+v", n)
	}
	sora.told("mention:jun*")
	s := mina.state()
	if s.Notifications != 4 || s.Follows != 1 || s.Follower == nil || s.Follower.ID != jun.me.ID || s.Follower.Since.IsZero() {
		t.Errorf("the state is %+v", s)
	}

	// Seen up to one: what came later stays unseen.
	if s := mina.seen(list[2].ID); s.Notifications != 2 || s.Follows != 0 || s.Follower != nil {
		t.Errorf("after seeing half: %+v", s)
	}
	mina.told("comment:jun* repost:jun* like:sora,jun follow:jun")
	jun.post("/api/me/notifications/seen", wire.Seen{UpTo: list[2].ID}).fails(404, "not_found") // he has none
	mina.post("/api/me/notifications/seen", wire.Seen{UpTo: never}).fails(404, "not_found")
	mina.post("/api/me/notifications/seen", wire.Seen{UpTo: "x"}).fails(404, "not_found")
	if s := mina.seen(list[3].ID); s.Notifications != 2 {
		t.Errorf("seeing an older one went back: %+v", s)
	}
	mina.seen(list[0].ID)
	mina.told("comment:jun repost:jun like:sora,jun follow:jun")

	// Seen and unseen ones are not one.
	haru := h.member("haru")
	haru.put(at+"/like", nil).want(200)
	mina.told("like:haru* comment:jun repost:jun like:sora,jun follow:jun")

	// What is not so any more is not told.
	sora.delete(at + "/like").want(200)
	jun.delete("/api/users/" + mina.me.ID + "/follow").want(200)
	jun.delete("/api/comments/" + c.ID).want(204)
	mina.told("like:haru* repost:jun like:jun")
	sora.told("")
	haru.delete(at + "/like").want(200)
	if s := mina.state(); s.Notifications != 0 {
		t.Errorf("without the like: %+v", s)
	}
	haru.put(at+"/like", nil).want(200) // another like, told anew and once
	mina.told("like:haru* repost:jun like:jun")
	mina.put("/api/users/"+jun.me.ID+"/block", nil).want(204)
	mina.told("like:haru*")
	mina.delete("/api/users/" + jun.me.ID + "/block").want(204)
	mina.told("like:haru* repost:jun like:jun")
	mina.patch(at, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.told("like:haru* repost:jun like:jun") // her own track, which she sees
	mina.delete(at).want(204)
	mina.told("")
	if s := mina.state(); s.Notifications != 0 {
		t.Errorf("without the track: %+v", s)
	}
}

// TestSeeingWhatWasTakenBack has the newest notification taken back while it is
// looked at: what came before it is seen all the same, and what came after not.
func TestSeeingWhatWasTakenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	tr := mina.sing("song", "public")
	sora.put(track(tr, "like"), nil).want(200)
	jun.put(track(tr, "repost"), nil).want(200)
	newest := mina.told("repost:jun* like:sora*")[0].ID
	jun.delete(track(tr, "repost")).want(200)
	jun.put(user(mina, "follow"), nil).want(200)
	if s := mina.seen(newest); s.Notifications != 1 {
		t.Errorf("the state is %+v", s)
	}
	mina.told("follow:jun* like:sora")
}

// TestWhoIsToldOfComments: each is told once, of what concerns them most, and
// nobody of what they can't see.
func TestWhoIsToldOfComments(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora, haru := h.member("mina"), h.member("jun"), h.member("sora"), h.member("haru")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	all := map[string]*person{"mina": mina, "jun": jun, "sora": sora, "haru": haru}
	// fresh gives who was told what since it was last asked.
	fresh := func() string {
		var got []string
		for name, p := range all {
			for _, n := range p.notices(100) {
				if !n.Seen {
					got = append(got, name+" "+n.Kind)
				}
			}
			if list := p.notices(100); len(list) > 0 {
				p.seen(list[0].ID)
			}
		}
		slices.Sort(got)
		return strings.Join(got, ", ")
	}
	want := func(what, want string) {
		t.Helper()
		if got := fresh(); got != want {
			t.Errorf("%s: told %q, want %q", what, got, want)
		}
	}
	root := jun.say(track.ID, 100, "hm")
	want("a comment", "mina comment")
	one := sora.reply(root, "@jun @mina @sora @nobody mail@haru.example")
	want("a reply that names people", "jun reply, mina mention")
	jun.reply(one, "so")
	want("a reply to a reply", "mina comment, sora reply")
	mina.reply(root, "well")
	want("a reply by the owner", "jun reply, sora reply")
	jun.say(track.ID, 5, "@haru에게 @SORA님께, (@haru)")
	want("names with particles behind them", "haru mention, mina comment, sora mention")
	jun.say(track.ID, 5, "@haru/x @ haru haru@haru @@haru")
	want("what only looks like a name", "haru mention, mina comment")

	sora.patch("/api/me", wire.MePatch{Notify: &wire.NotifyPatch{Reply: ptr(false)}}).want(200)
	jun.reply(one, "silence")
	want("with replies muted", "mina reply")
	jun.reply(one, "@sora?")
	want("with replies muted, named", "mina reply, sora mention")
	haru.put("/api/users/"+jun.me.ID+"/block", nil).want(204)
	jun.say(track.ID, 9, "@haru")
	want("who blocks the writer", "mina comment")
	haru.delete("/api/users/" + jun.me.ID + "/block").want(204)
	want("who blocked the writer then", "")
	mina.put("/api/users/"+haru.me.ID+"/block", nil).want(204)
	sora.say(track.ID, 9, "@haru")
	want("who is blocked by the owner", "mina comment")
	mina.delete("/api/users/" + haru.me.ID + "/block").want(204)
	want("who was blocked by the owner then", "")
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.reply(root, "@sora @jun")
	want("on a private track", "")
	var names []string
	for i := range 14 {
		name := fmt.Sprintf("many%02d", i)
		all[name] = h.member(name)
		names = append(names, "@"+name)
	}
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("public")}).want(200)
	want("when it is public again", "")
	mina.say(track.ID, 9, strings.Join(names, " "))
	if got := strings.Count(fresh(), "mention"); got != 10 {
		t.Errorf("%d people were told of one comment that names 14, want 10", got)
	}
}

// TestFolding pages through what many have done within days, while more comes.
func TestFolding(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina := h.member("mina")
	file := tagged(t, "Song")
	a, b := mina.upload("a.mp3", file, "public"), mina.upload("b.mp3", file, "public")
	var fans []*person
	for i := range 6 {
		fans = append(fans, h.member(fmt.Sprintf("fan%d", i)))
	}
	like := func(i int, tr wire.Track) {
		t.Helper()
		fans[i].put("/api/tracks/"+tr.ID+"/like", nil).want(200)
		c.jump(time.Hour)
	}
	follow := func(i int) {
		t.Helper()
		fans[i].put("/api/users/"+mina.me.ID+"/follow", nil).want(200)
		c.jump(time.Hour)
	}
	like(0, a)
	follow(0)
	like(1, b)
	c.jump(20 * time.Hour)
	like(1, a) // 23 hours after the first
	c.jump(2 * time.Hour)
	like(2, a) // 26 hours after the first
	follow(1)
	like(3, b)
	follow(2)
	follow(3)
	follow(4)
	like(4, b)
	want := "like:fan4,fan3* follow:fan4,fan3,fan2+1* like:fan2,fan1* like:fan1* follow:fan0* like:fan0*"
	for _, limit := range []int{1, 2, 3, 100} {
		if got := brief(mina.notices(limit)); got != want {
			t.Errorf("by %d: got %q, want %q", limit, got, want)
		}
	}
	if s := mina.state(); s.Notifications != 6 || s.Follows != 2 {
		t.Errorf("the state is %+v, want 6 and 2 of them follows", s)
	}
	// What comes while somebody pages, is seen or is taken back moves nothing.
	var got []wire.Notification
	var page wire.Notifications
	path := "/api/me/notifications?limit=1"
	for i := 0; ; i++ {
		mina.get(path).want(200).into(&page)
		got = append(got, page.Items...)
		if page.Next == "" {
			break
		}
		path = "/api/me/notifications?limit=1&cursor=" + page.Next
		page = wire.Notifications{}
		switch i {
		case 0:
			follow(5)
			like(5, a)
		case 1:
			mina.seen(mina.notices(1)[0].ID)
		case 2:
			fans[4].delete("/api/tracks/" + b.ID + "/like").want(200) // the newest of the first
		}
	}
	if s := brief(got); s != want {
		t.Errorf("while more came: got %q, want %q", s, want)
	}
	other := fans[0]
	mina.get("/api/me/notifications?limit=1").want(200).into(&page)
	other.get("/api/me/notifications?cursor="+page.Next).fails(400, "cursor.invalid")
}

// TestWhatWasSaidIsCounted: comments on a track are one notification that counts
// them; replies and mentions each lead to their own.
func TestWhatWasSaidIsCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	tr := mina.sing("song", "public")
	root := jun.say(tr.ID, 1, "one")
	jun.say(tr.ID, 2, "two")
	sora.say(tr.ID, 3, "three")
	gone := jun.say(tr.ID, 4, "four")
	counted := func(n wire.Notification, people, comments int) {
		t.Helper()
		if n.N != people || n.Comments != comments {
			t.Errorf("%s: %d people and %d comments, want %d and %d", n.Kind, n.N, n.Comments, people, comments)
		}
	}
	counted(mina.told("comment:jun,sora*")[0], 2, 4)
	jun.delete("/api/comments/" + gone.ID).want(204)
	counted(mina.told("comment:sora,jun*")[0], 2, 3)
	mina.put(user(sora, "block"), nil).want(204)
	counted(mina.told("comment:jun*")[0], 1, 2)
	mina.delete(user(sora, "block")).want(204)

	one, two := sora.reply(root, "first"), sora.reply(root, "second")
	list := jun.told("reply:sora* reply:sora*")
	for i, want := range []wire.Comment{two, one} {
		if n := list[i]; n.Comment == nil || n.Comment.ID != want.ID {
			t.Errorf("reply %d leads to %+v, want %s", i, n.Comment, want.ID)
		}
		counted(list[i], 1, 1)
	}
	if s := jun.state(); s.Notifications != 2 {
		t.Errorf("two replies count %d", s.Notifications)
	}
	jun.seen(list[1].ID)
	jun.told("reply:sora* reply:sora")
	mina.say(tr.ID, 5, "@sora look")
	mina.say(tr.ID, 6, "@sora and here")
	sora.told("mention:mina* mention:mina*")
	jun.put(track(tr, "like"), nil).want(200)
	counted(mina.told("like:jun* comment:sora,jun*")[0], 1, 0)
}

// TestStateStopsCounting: more than 99 are 99, and what is not so any more is
// none.
func TestStateStopsCounting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	for range 3 {
		jun.put("/api/users/"+mina.me.ID+"/follow", nil).want(200)
		jun.delete("/api/users/" + mina.me.ID + "/follow").want(200)
	}
	if s := mina.state(); s.Notifications != 0 {
		t.Errorf("follows that ended count %d", s.Notifications)
	}
	for i := range 101 {
		var list wire.Playlist
		mina.post("/api/playlists", wire.NewPlaylist{Title: "A list", Visibility: "public"}).want(201).into(&list)
		jun.put("/api/playlists/"+list.ID+"/like", nil).want(200)
		if got := mina.state(); got.Notifications != min(i+1, 99) || got.Follows != 0 {
			t.Fatalf("after %d likes the state is %+v", i+1, got)
		}
	}
	if got := mina.notices(100); len(got) != 101 || got[0].Playlist == nil || got[0].Track != nil {
		t.Errorf("%d notifications, the newest %+v", len(got), got[0])
	}
}
