package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// say writes a comment, and reply a reply.
func (p *person) say(track string, at int64, text string) wire.Comment {
	p.h.t.Helper()
	return p.comment(track, wire.NewComment{PositionMS: at, Text: text})
}

func (p *person) reply(to wire.Comment, text string) wire.Comment {
	p.h.t.Helper()
	return p.comment(to.Track, wire.NewComment{Parent: to.ID, Text: text})
}

func (p *person) comment(track string, n wire.NewComment) wire.Comment {
	p.h.t.Helper()
	var c wire.Comment
	p.post("/api/tracks/"+track+"/comments", n).want(201).into(&c)
	return c
}

// comments reads all pages of a list of comments.
func (p *person) comments(path string) []wire.Comment {
	p.h.t.Helper()
	var all []wire.Comment
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	for cursor := ""; ; {
		var page wire.List[wire.Comment]
		p.get(path + join + "limit=3" + cursor).want(200).into(&page)
		if len(page.Items) > 3 {
			p.h.t.Errorf("%s: a page of 3 has %d items", path, len(page.Items))
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + page.Next
	}
}

// texts gives what comments say, "-" for an empty place.
func texts(list []wire.Comment) string {
	var all []string
	for _, c := range list {
		s := c.Text
		if c.User == nil {
			s = "-"
		}
		if len(c.First) > 0 {
			s += "(" + texts(c.First) + ")"
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func TestComments(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID + "/comments"
	length := track.DurationMS

	c := jun.say(track.ID, 1234, "second")
	if c.PositionMS != 1234 || c.Track != track.ID || c.User == nil || c.User.ID != jun.me.ID || !c.CanEdit || !c.CanDelete || c.Parent != "" || c.Replies != 0 || c.Created.IsZero() || !c.Edited.IsZero() {
		t.Errorf("a new comment is %+v", c)
	}
	mina.say(track.ID, 0, "first")
	last := sora.say(track.ID, length, "last") // the end, as it is told
	mina.say(track.ID, 1234, "third")
	jun.say(track.ID, 1000, "later")
	for _, n := range []struct {
		body any
		code string
	}{
		{wire.NewComment{Text: " \n\u200b "}, "comment.empty"},
		{wire.NewComment{Text: strings.Repeat("가", 1001)}, "comment.long"},
		{wire.NewComment{Text: "x", PositionMS: length + 1}, "comment.position"},
		{wire.NewComment{Text: "x", PositionMS: 1<<63 - 1}, "comment.position"},
		{wire.NewComment{Text: "x", PositionMS: -1}, "bad_request"},
		{map[string]any{"text": "x", "user": mina.me.ID}, "bad_request"},
	} {
		if a := jun.post(at, n.body); a.status != 400 || a.code() != n.code {
			t.Errorf("%+v: got %d %s, want 400 %s", n.body, a.status, a.code(), n.code)
		}
	}
	// A thousand characters, as a Mac writes them, and no sign that changes the direction.
	if c := jun.say(track.ID, 5, strings.Repeat("각", 1000)); c.Text != strings.Repeat("각", 1000) {
		t.Errorf("got %q", c.Text)
	} else {
		jun.delete("/api/comments/" + c.ID).want(204)
	}
	if c := jun.say(track.ID, 5, "  👍 <b>안녕</b>\r\n\u202egnp.exe "); c.Text != "👍 <b>안녕</b>\ngnp.exe" {
		t.Errorf("got %q", c.Text)
	} else {
		jun.delete("/api/comments/" + c.ID).want(204)
	}

	for path, want := range map[string]string{
		at:                           "first later second third last",
		at + "?order=position":       "first later second third last",
		at + "?order=newest":         "later third last first second",
		at + "?from_ms=1000":         "later second third last",
		at + "?from_ms=1235":         "last",
		at + "?from_ms=999999999999": "",
	} {
		for _, who := range []*person{h.visitor(), mina, jun} {
			if got := texts(who.comments(path)); got != want {
				t.Errorf("%s, by %s: got %q, want %q", path, who.name, got, want)
			}
		}
	}
	var got wire.Track
	if mina.get("/api/tracks/" + track.ID).want(200).into(&got); got.Counts.Comments != 5 {
		t.Errorf("the track counts %d comments, want 5", got.Counts.Comments)
	}

	// A page goes on where it stood, whatever came and went meanwhile.
	var page wire.List[wire.Comment]
	mina.get(at + "?limit=2").want(200).into(&page)
	jun.say(track.ID, 1, "early")
	jun.delete("/api/comments/" + c.ID).want(204)
	jun.say(track.ID, 1234, "fourth")
	mina.get(at + "?limit=10&cursor=" + page.Next).want(200).into(&page)
	if got := texts(page.Items); got != "third fourth last" {
		t.Errorf("the second page: got %q", got)
	}
	mina.get(at + "?limit=2").want(200).into(&page)
	other := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.get("/api/tracks/"+other.ID+"/comments?cursor="+page.Next).fails(400, "cursor.invalid")
	mina.get(at+"?order=newest&cursor="+page.Next).fails(400, "cursor.invalid")

	// Only who wrote it changes a comment; the owner of the track and the keeper delete too.
	path := "/api/comments/" + last.ID
	var edited wire.Comment
	sora.patch(path, wire.CommentPatch{Text: "the end"}).want(200).into(&edited)
	if edited.Text != "the end" || edited.Edited.IsZero() || edited.PositionMS != length || !edited.Created.Equal(last.Created) {
		t.Errorf("edited: %+v", edited)
	}
	sora.patch(path, wire.CommentPatch{Text: "\t"}).fails(400, "comment.empty")
	mina.patch(path, wire.CommentPatch{Text: "not mine"}).fails(403, "forbidden")
	jun.delete(path).fails(403, "forbidden")
	var seen wire.Comment
	if mina.get(path).want(200).into(&seen); seen.CanEdit || !seen.CanDelete || seen.Text != "the end" {
		t.Errorf("the owner of the track sees %+v", seen)
	}
	mina.delete(path).want(204)
	for _, who := range []*person{mina, sora, h.visitor()} {
		who.get(path).fails(404, "not_found")
	}
	sora.delete(path).fails(404, "not_found")

	// Comments can be switched off, and what was said stays.
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Comments: ptr(false)}).want(200)
	for _, who := range []*person{mina, jun} {
		who.post(at, wire.NewComment{Text: "x"}).fails(403, "comment.off")
		if as[wire.Track](who.get("/api/tracks/" + track.ID)).Can.Comment {
			t.Errorf("%s is told that comments are welcome", who.name)
		}
	}
	if got := texts(jun.comments(at)); got != "first early later third fourth" {
		t.Errorf("with comments off: got %q", got)
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID + "/comments"
	root := jun.say(track.ID, 700, "root")
	first := mina.reply(root, "one")
	if first.Parent != root.ID || first.PositionMS != 700 {
		t.Errorf("a reply is %+v", first)
	}
	if c := jun.reply(first, "two"); c.Parent != root.ID {
		t.Errorf("a reply to a reply has the parent %s, want %s", c.Parent, root.ID)
	}
	for _, s := range []string{"three", "four"} {
		mina.reply(root, s)
	}
	if got := texts(mina.comments(at)); got != "root(one two three)" {
		t.Errorf("got %q", got)
	}
	if got := texts(mina.comments("/api/comments/" + root.ID + "/replies")); got != "one two three four" {
		t.Errorf("replies: got %q", got)
	}
	other := mina.upload("song.mp3", tagged(t, "Song"), "public")
	for _, parent := range []string{root.ID, "0000000000001", "x"} {
		mina.post("/api/tracks/"+other.ID+"/comments", wire.NewComment{Text: "x", Parent: parent}).fails(404, "not_found")
	}
	counts := func(want uint64) {
		t.Helper()
		var tr wire.Track
		if mina.get("/api/tracks/" + track.ID).want(200).into(&tr); tr.Counts.Comments != want {
			t.Errorf("the track counts %d comments, want %d", tr.Counts.Comments, want)
		}
	}
	counts(5)
	// What was said goes, the thread stays; with the last reply all goes.
	live := h.visitor().listen("/api/events")
	jun.delete("/api/comments/" + root.ID).want(204)
	counts(4)
	if e := live.next("comment"); e.Comment != root.ID || e.Gone {
		t.Errorf("of a comment whose place stays: %+v", e)
	}
	var place wire.Comment
	h.visitor().get("/api/comments/" + root.ID).want(200).into(&place)
	if place.User != nil || place.Text != "" || place.Replies != 4 || place.CanDelete || place.CanEdit || place.PositionMS != 700 {
		t.Errorf("what is left is %+v", place)
	}
	jun.patch("/api/comments/"+root.ID, wire.CommentPatch{Text: "x"}).fails(404, "not_found")
	mina.delete("/api/comments/"+root.ID).fails(404, "not_found")
	jun.reply(first, "five")
	if got := texts(mina.comments(at)); got != "-(one two three)" {
		t.Errorf("got %q", got)
	}
	live.next("comment") // the fifth reply
	for _, c := range mina.comments("/api/comments/" + root.ID + "/replies") {
		mina.delete("/api/comments/" + c.ID).want(204)
		if e := live.next("comment"); e.Comment != c.ID || !e.Gone {
			t.Errorf("of a comment that is gone: %+v", e)
		}
	}
	if got := mina.comments(at); len(got) != 0 {
		t.Errorf("without its last reply there is still %q", texts(got))
	}
	mina.get("/api/comments/"+root.ID+"/replies").fails(404, "not_found")
	counts(0)
}

// TestCommentsOfHiddenPeople: what blocked and suspended people said is left
// out, but for a place above visible replies.
func TestCommentsOfHiddenPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora, haru := h.member("mina"), h.member("jun"), h.member("sora"), h.member("haru")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID + "/comments"
	alone := sora.say(track.ID, 100, "alone")
	root := sora.say(track.ID, 200, "root")
	reply := jun.reply(root, "jun's")
	hers := sora.reply(root, "sora's")
	jun.say(track.ID, 300, "jun")
	jun.put("/api/users/"+sora.me.ID+"/block", nil).want(204)

	if got := texts(jun.comments(at)); got != "-(jun's) jun" {
		t.Errorf("who blocks sees %q", got)
	}
	if got := texts(sora.comments(at)); got != "alone root(sora's)" {
		t.Errorf("who is blocked sees %q", got)
	}
	if got := texts(haru.comments(at)); got != "alone root(jun's sora's) jun" {
		t.Errorf("others see %q", got)
	}
	var place wire.Comment
	if jun.get("/api/comments/" + root.ID).want(200).into(&place); place.User != nil || place.Text != "" || place.Replies != 1 {
		t.Errorf("the place of a hidden comment: %+v", place)
	}
	for _, id := range []string{alone.ID, hers.ID} {
		jun.get("/api/comments/"+id).fails(404, "not_found")
		jun.delete("/api/comments/"+id).fails(404, "not_found")
		jun.post(at, wire.NewComment{Text: "x", Parent: id}).fails(404, "not_found")
	}
	sora.get("/api/comments/"+reply.ID).fails(404, "not_found")
	var marks wire.Marks
	if jun.get(at + "/marks").want(200).into(&marks); len(marks.Items) != 1 || marks.Items[0].PositionMS != 300 {
		t.Errorf("the marks for who blocks: %+v", marks)
	}

	// Whom the owner blocks has no such track at all.
	mina.put("/api/users/"+sora.me.ID+"/block", nil).want(204)
	for _, a := range []answer{
		sora.get(at), sora.get(at + "/marks"), sora.post(at, wire.NewComment{Text: "x"}), sora.get("/api/comments/" + root.ID),
		sora.get("/api/comments/" + root.ID + "/replies"), sora.patch("/api/comments/"+root.ID, wire.CommentPatch{Text: "x"}),
	} {
		a.fails(404, "not_found")
	}
	// So it is of a track that became private.
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	for _, a := range []answer{
		haru.get(at), haru.get(at + "/marks"), haru.post(at, wire.NewComment{Text: "x"}), jun.get("/api/comments/" + reply.ID),
		jun.get("/api/comments/" + root.ID + "/replies"), jun.patch("/api/comments/"+reply.ID, wire.CommentPatch{Text: "x"}),
	} {
		a.fails(404, "not_found")
	}
}

// TestCommentsOfTheKeeper: the keeper removes what others said, also when a
// block stands between, and can't write to who blocks the keeper.
func TestCommentsOfTheKeeper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID + "/comments"
	c, d := jun.say(track.ID, 100, "rude"), jun.say(track.ID, 200, "ruder")
	mina.put("/api/users/"+k.me.ID+"/block", nil).want(204)
	jun.put("/api/users/"+k.me.ID+"/block", nil).want(204)
	k.post(at, wire.NewComment{Text: "x"}).fails(403, "forbidden")
	if got := texts(k.comments(at)); got != "rude ruder" {
		t.Errorf("the keeper sees %q", got)
	}
	k.patch("/api/comments/"+c.ID, wire.CommentPatch{Text: "x"}).fails(403, "forbidden")
	k.delete("/api/comments/" + c.ID).want(204)
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	k.get(at).fails(404, "not_found")
	k.get("/api/comments/"+d.ID).fails(404, "not_found")
	k.delete("/api/comments/" + d.ID).want(204) // of what was reported
}

func TestMarks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID + "/comments"
	near := track.DurationMS / 120 // within it, comments are one crowd
	first := jun.say(track.ID, 100, "a")
	mina.say(track.ID, 100+near, "c")
	jun.say(track.ID, 100+near-1, "b")
	jun.reply(first, "not a moment of its own")
	lone := mina.say(track.ID, 100+2*near+2, "d")
	var marks wire.Marks
	h.visitor().get(at + "/marks").want(200).into(&marks)
	if len(marks.Items) != 2 || marks.Comments != 5 {
		t.Fatalf("got %+v, want two marks of five comments", marks)
	}
	crowd, single := marks.Items[0], marks.Items[1]
	if crowd.PositionMS != 100 || crowd.N != 3 || crowd.Comment != first.ID || crowd.User == nil || crowd.User.ID != jun.me.ID {
		t.Errorf("the crowd is %+v, want three from 100 ms on, the newest by jun", crowd)
	}
	if single.N != 1 || single.Comment != lone.ID || single.User.ID != mina.me.ID {
		t.Errorf("the single one is %+v", single)
	}
	jun.delete("/api/comments/" + first.ID).want(204) // leaves its place, which is no mark
	h.visitor().get(at + "/marks").want(200).into(&marks)
	if len(marks.Items) != 2 || marks.Items[0].N != 2 || marks.Items[0].PositionMS != 100+near-1 {
		t.Errorf("without the first: %+v", marks)
	}
	if n := as[wire.Track](h.visitor().get("/api/tracks/" + track.ID)).Counts.Comments; n != 4 || marks.Comments != n {
		t.Errorf("without the first the marks tell of %d comments and the track of %d, want 4", marks.Comments, n)
	}
}

// TestTooManyEdits: nobody keeps the house busy by changing one all the time.
func TestTooManyEdits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	said := mina.say(mina.sing("song", "public").ID, 0, "Well")
	refused := answer{}
	for i := range 60 {
		if a := mina.patch("/api/comments/"+said.ID, wire.CommentPatch{Text: fmt.Sprint(i)}); a.status != 200 {
			refused = a
			break
		}
	}
	if refused.status != 429 || refused.code() != "limited" || refused.header.Get("Retry-After") == "" {
		t.Errorf("60 changes at once: got %d %s, want one of them 429 with Retry-After", refused.status, refused.code())
	}
}

// TestTooManyComments: nobody fills the house with comments.
func TestTooManyComments(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	at := "/api/tracks/" + track.ID + "/comments"
	refused := answer{}
	for i := range 60 {
		if a := mina.post(at, wire.NewComment{Text: fmt.Sprint(i)}); a.status != 201 {
			refused = a
			break
		}
	}
	if refused.status != 429 || refused.code() != "limited" || refused.header.Get("Retry-After") == "" {
		t.Errorf("60 comments at once: got %d %s, want one of them 429 with Retry-After", refused.status, refused.code())
	}
	jun.say(track.ID, 0, "others may write on")
	if n := len(jun.comments(at)); n < 20 {
		t.Errorf("only %d comments were let through", n)
	}
	if got := slices.IndexFunc(jun.comments(at), func(c wire.Comment) bool { return c.Text == "0" }); got < 0 {
		t.Error("the first comment is not there")
	}
}
