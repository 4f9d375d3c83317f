package app_test

import (
	"fmt"
	"strings"

	"earshot/app/api/wire"
)

// reach is what mina has beyond the public and the private:
//
//	followers, followers-list   for those who follow her
//	linked, linked-list         for who has a secret link, of which there is none
//
// Both lists hold all three, her public track too. {hushed-said} is a comment
// of hers on the track for followers.
type reach struct {
	followers, linked         wire.Track
	followersList, linkedList wire.Playlist
}

// reaches adds that to the world.
func (w *world) reaches() {
	w.t.Helper()
	for _, name := range []string{"followers", "linked", "followers-list", "linked-list", "hushed-said"} {
		w.renewReach(name)
	}
	w.ids["hushed-tag"], w.ids["linked-tag"] = "a%20hushed%20tag", "a%20secret%20link%20tag"
	w.sora.put(track(w.followers, "like"), nil).want(200)
	w.sora.put(playlist(w.followersList, "like"), nil).want(200)
}

// renewReach makes one of these things, anew where somebody deleted it.
func (w *world) renewReach(name string) {
	w.t.Helper()
	inner := "hushed words"
	switch name {
	case "followers":
		w.followers = w.sings("A hushed title", "followers")
		w.mina.patch(track(w.followers), wire.TrackPatch{Description: &inner}).want(200)
		w.ids[name] = w.followers.ID
		w.mina.drawn(w.followers.ID)
		if w.ids["hushed-said"] != "" {
			w.renewReach("hushed-said")
		}
	case "linked":
		w.linked = w.sings("A secret link title", "link")
		w.mina.patch(track(w.linked), wire.TrackPatch{Description: &inner}).want(200)
		w.ids[name] = w.linked.ID
		w.mina.drawn(w.linked.ID)
	case "followers-list":
		w.followersList = w.lists("A hushed list", "followers")
		w.mina.put(playlist(w.followersList, "picture"), painted(w.t, 40, 40)).want(200)
		w.ids[name] = w.followersList.ID
	case "linked-list":
		w.linkedList = w.lists("A secret link list", "link")
		w.mina.put(playlist(w.linkedList, "picture"), painted(w.t, 40, 40)).want(200)
		w.ids[name] = w.linkedList.ID
	case "hushed-said":
		w.ids[name] = w.mina.say(w.followers.ID, 0, "A hushed word").ID
	}
}

// addresses puts the addresses of these things into a path.
func (r reach) addresses(s string) string {
	return strings.NewReplacer("{followers-url}", r.followers.URL, "{linked-url}", r.linked.URL,
		"{followers-list-url}", r.followersList.URL, "{linked-list-url}", r.linkedList.URL).Replace(s)
}

// hidden gives what somebody must not find of these things anywhere. The keeper
// sees labels of them.
func (r reach) hidden(w *world, p *person) []string {
	switch p {
	case w.mina:
		return nil
	case w.keeper:
		return []string{"hushed tag", "hushed words", "A hushed word", "link tag"}
	case w.sora:
		return []string{r.linked.ID, r.linkedList.ID}
	}
	return []string{"hushed", r.linked.ID, r.linkedList.ID, r.followers.ID, r.followersList.ID}
}

// followAgain lets just those follow mina who did at first.
func (w *world) followAgain() {
	w.t.Helper()
	for _, p := range []*person{w.jun, w.keeper} {
		p.delete(user(w.mina, "follow")).want(200)
	}
	w.sora.put(user(w.mina, "follow"), nil).want(200)
}

// reachRows are of what is for followers and of what is for who has a link. To
// who has none the one is as a private thing; and so is the other to who does
// not follow, while to a follower it is as a public one, which can't be
// reposted.
func reachRows(rows []access) (list []access) {
	question := func(row access) string { return fmt.Sprint(row.route, row.path, row.body) }
	instead := func(row access, pairs ...string) access {
		names := strings.NewReplacer(pairs...)
		row.path = names.Replace(row.path)
		switch b := row.body.(type) {
		case wire.NewPlaylist:
			for i := range b.Tracks {
				b.Tracks = append([]string{}, b.Tracks...)
				b.Tracks[i] = names.Replace(b.Tracks[i])
			}
			row.body = b
		case wire.NewMessage:
			b.Track, b.Playlist = names.Replace(b.Track), names.Replace(b.Playlist)
			row.body = b
		case wire.NewReport:
			b.ID = names.Replace(b.ID)
			row.body = b
		}
		return row
	}
	for _, row := range rows {
		linked := instead(row, "{private}", "{linked}", "{private-url}", "{linked-url}", "{shut}", "{linked-list}", "{shut-url}", "{linked-list-url}", "{secret-tag}", "{linked-tag}")
		if question(linked) == question(row) {
			continue
		}
		followers := instead(row, "{private}", "{followers}", "{private-url}", "{followers-url}", "{shut}", "{followers-list}", "{shut-url}", "{followers-list-url}", "{secret-tag}", "{hushed-tag}")
		public := instead(row, "{private}", "{public}", "{private-url}", "{public-url}", "{shut}", "{open}", "{shut-url}", "{open-url}")
		if row.f == 404 && !strings.Contains(row.path, "tag}") {
			for _, other := range rows {
				same := question(other) == question(public) || other.route == public.route && other.path == public.path && strings.HasPrefix(row.route, "P") && other.path != ""
				if same && other.f != 0 && followers.f == 404 {
					followers.f = other.f
				}
			}
			if row.route == "PUT /api/tracks/{id}/repost" {
				followers.f = 409
			}
		}
		list = append(list, linked, followers)
	}
	new, text := wire.NewComment{Text: "Well", Parent: "{hushed-said}"}, wire.CommentPatch{Text: "Changed"}
	return append(list, []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/comments/{id}", "/api/comments/{hushed-said}", no, 404, 404, 200, 200, 404, 404},
		{"GET /api/comments/{id}/replies", "/api/comments/{hushed-said}/replies", no, 404, 404, 200, 200, 404, 404},
		{"POST /api/tracks/{id}/comments", "/api/tracks/{followers}/comments", new, 401, 404, 201, 201, 404, 404},
		{"PATCH /api/comments/{id}", "/api/comments/{hushed-said}", text, 401, 404, 403, 200, 404, 404},
		{"POST /api/reports", "", wire.NewReport{Kind: "comment", ID: "{hushed-said}", Reason: "spam"}, 401, 404, 204, 400, 404, 404},
		{"DELETE /api/comments/{id}", "/api/comments/{hushed-said}", no, 401, 404, 403, 204, 404, 204},
	}...)
}
