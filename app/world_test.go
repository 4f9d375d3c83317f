package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// world is a house in which much has happened already, with somebody of each
// kind that the rules tell apart.
//
//	mina   the owner of what is asked for
//	jun    another member, whom nothing ties to her
//	sora   follows her
//	haru   followed her, liked, commented and wrote to her; then she blocked him
//
// Her tracks and jun's carry a tag that both have, and one that nobody else has.
//
//	keeper
//	void   tokens that are not good: forged, of a suspended and of a deleted
//	       account; of programs likewise
type world struct {
	*house
	keeper, mina, jun, sora, haru *person
	void                          []*person
	sound                         []byte

	public, private wire.Track
	juns            wire.Track    // jun's
	open, shut      wire.Playlist // mina's: both with the public track, the open one with the private one too
	hidden                        // what secret links lead to, of mina too
	reach                         // what else is hers, for her followers and for who has a link
	ids             map[string]string
}

// never is an id that nothing ever had.
const never = "0000000000001"

func newWorld(t testing.TB) *world {
	t.Helper()
	var asked atomic.Int64 // nobody asks too often here
	pace := func() time.Duration { return time.Duration(asked.Add(1)) * time.Minute }
	w := &world{house: (&house{cost: 4, pace: pace}).begin(t), sound: taggedWith("Song", painted(t, 40, 40))}
	k := w.house.keeper()
	w.keeper = k
	w.mina, w.jun, w.sora, w.haru = w.member("mina"), w.member("jun"), w.member("sora"), w.member("haru")
	mina, jun, sora, haru := w.mina, w.jun, w.sora, w.haru
	bystander, victim := w.member("bora"), w.member("vic")

	for _, follow := range [][2]*person{{sora, mina}, {haru, mina}, {mina, sora}, {jun, sora}} {
		follow[0].put(user(follow[1], "follow"), nil).want(200)
	}
	mina.put("/api/me/picture", painted(t, 40, 40)).want(200)
	mina.put("/api/me/banner", painted(t, 90, 40)).want(200)
	mina.patch("/api/me", wire.MePatch{Gender: ptr("a gender of hers")}).want(200)
	w.public, w.private = w.sings("Public song", "public"), w.sings("A secret title", "private")
	w.juns = jun.upload("juns.mp3", taggedWith("Song of jun", painted(t, 40, 40)), "public")
	w.open, w.shut = w.lists("Open list", "public"), w.lists("A secret list", "private")
	mina.patch(track(w.private), wire.TrackPatch{Description: ptr("inner words")}).want(200)
	jun.patch(track(w.juns), wire.TrackPatch{Tags: ptr([]string{"Everybody's", "of jun"})}).want(200)
	mina.patch(playlist(w.shut), wire.PlaylistPatch{Description: ptr("inner words")}).want(200)
	for _, l := range []wire.Playlist{w.open, w.shut} {
		mina.put(playlist(l, "picture"), painted(t, 40, 40)).want(200)
	}
	junsList := made[wire.Playlist](jun.post("/api/playlists", wire.NewPlaylist{Title: "List of jun", Visibility: "public", Tracks: []string{w.juns.ID, w.public.ID}}))
	for _, p := range []*person{sora, haru} {
		p.put(track(w.public, "like"), nil).want(200)
		p.put(track(w.public, "repost"), nil).want(200)
		p.put(playlist(w.open, "like"), nil).want(200)
	}
	mina.put(track(w.private, "like"), nil).want(200)
	mina.put(track(w.juns, "like"), nil).want(200)
	harus := haru.say(w.public.ID, 0, "Words of haru")
	said := sora.say(w.public.ID, 0, "Words of sora")
	mina.reply(said, "Answer of mina")
	message := mina.send(sora, wire.NewMessage{Text: "Only for sora", Track: w.public.ID})
	old := mina.send(haru, wire.NewMessage{Text: "Only for haru", Track: w.public.ID})
	hers := mina.say(w.juns.ID, 0, "Words of mina")
	jun.post("/api/reports", wire.NewReport{Kind: "track", ID: w.public.ID, Reason: "spam"}).want(204)
	mina.put(user(haru, "block"), nil).want(204)

	forged, suspended, deleted := w.visitor(), w.member("sus"), w.member("del")
	forged.name, forged.token = "forged", mina.token[:len(mina.token)-4]+"AAAA"
	programs := voidPrograms(w.house, mina, suspended, deleted)
	k.put(user(suspended, "suspension"), nil).want(200)
	deleted.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	w.void = append(programs, forged, suspended, deleted)

	w.ids = map[string]string{
		"mina": mina.me.ID, "jun": jun.me.ID, "sora": sora.me.ID, "haru": haru.me.ID, "keeper": k.me.ID,
		"bystander": bystander.me.ID, "victim": victim.me.ID,
		"public": w.public.ID, "private": w.private.ID, "juns": w.juns.ID, "open": w.open.ID, "shut": w.shut.ID, "juns-list": junsList.ID,
		"said": said.ID, "whispered": mina.say(w.private.ID, 0, "A secret word").ID, "hers": hers.ID, "harus": harus.ID,
		"talk": message.Conversation, "message": message.ID, "old-talk": old.Conversation, "old-message": old.ID,
		"our-tag": "EVERYBODY'S", "her-tag": "Of%20Mina", "secret-tag": "a%20secret%20tag",
		"key":    mina.key("api", "read", "messages").Key.ID,
		"notice": mina.notices(1)[0].ID, "report": reports(k, "open")[0].ID, "session": sessionOf(w.house, "mina"), "never": never,
		"coming": strings.TrimPrefix(mina.announces(1000, "secret.mp3").header.Get("Location"), "/api/uploads/"),
		"invite": made[wire.MadeInvite](k.post("/api/invites", wire.NewInvite{Note: "For nobody"})).Invite.ID,
	}
	w.reaches()
	for _, id := range []string{w.public.ID, w.private.ID} {
		mina.drawn(id)
	}
	jun.drawn(w.juns.ID)
	w.hide()
	w.leftAlone(deleted)
	k.settled()
	return w
}

// sings uploads one of mina's tracks, under the address of its title.
func (w *world) sings(title, visibility string) wire.Track {
	w.t.Helper()
	t := w.mina.upload(visibility+".mp3", w.sound, visibility)
	tags := map[string][]string{
		"public": {"everybody's", "of mina"}, "private": {"everybody's", "a secret tag"},
		"followers": {"everybody's", "a veiled tag"}, "link": {"everybody's", "a cloaked tag"},
	}[visibility]
	return as[wire.Track](w.mina.patch(track(t), wire.TrackPatch{
		Title: ptr(title), Slug: ptr(visibility + "-song-" + strings.ToLower(t.ID[len(t.ID)-4:])), Tags: ptr(tags),
	}))
}

// lists makes one of mina's playlists.
func (w *world) lists(title, visibility string) wire.Playlist {
	w.t.Helper()
	tracks := map[string][]string{
		"public": {w.private.ID, w.public.ID}, "private": {w.public.ID},
		"followers": {w.followers.ID, w.unlisted.ID, w.public.ID}, "link": {w.unlisted.ID, w.followers.ID, w.public.ID},
	}[visibility]
	return made[wire.Playlist](w.mina.post("/api/playlists", wire.NewPlaylist{Title: title, Visibility: visibility, Tracks: tracks}))
}

// leftAlone waits until a deleted account is gone, so that nothing stirs.
func (w *world) leftAlone(p *person) {
	w.t.Helper()
	deleted(w.t.(*testing.T), w.house, p)
}

// fill puts the ids of the world into a path or a body.
func (w *world) fill(s string) string {
	for name, id := range w.ids {
		s = strings.ReplaceAll(s, "{"+name+"}", id)
	}
	s = strings.ReplaceAll(s, "{public-url}", w.public.URL)
	s = strings.ReplaceAll(s, "{private-url}", w.private.URL)
	s = strings.ReplaceAll(s, "{open-url}", w.open.URL)
	s = w.reach.addresses(s)
	return strings.ReplaceAll(s, "{shut-url}", w.shut.URL)
}

// absent is fill with what never was.
func (w *world) absent(s string) string {
	for name := range w.ids {
		s = strings.ReplaceAll(s, "{"+name+"}", never)
	}
	for _, url := range []string{"{public-url}", "{private-url}", "{followers-url}", "{unlisted-url}", "{linked-url}"} {
		s = strings.ReplaceAll(s, url, "/mina/never-was")
	}
	for _, url := range []string{"{open-url}", "{shut-url}", "{followers-list-url}", "{unlisted-list-url}", "{linked-list-url}"} {
		s = strings.ReplaceAll(s, url, "/mina/playlists/never-was")
	}
	return strings.ReplaceAll(s, "=/mina", "=/nobody")
}

// renew makes a thing anew that somebody deletes, and says what it is called.
func (w *world) renew(path string) {
	w.t.Helper()
	switch last := path[strings.LastIndexByte(path, '/')+1:]; strings.Trim(last, "{}") {
	case "public":
		w.public = w.sings("Public song", "public")
		w.ids["public"] = w.public.ID
		w.mina.drawn(w.public.ID)
		w.renew("{said}")
		w.renew("{harus}")
	case "private":
		w.private = w.sings("A secret title", "private")
		w.ids["private"] = w.private.ID
		w.mina.drawn(w.private.ID)
		w.renew("{whispered}")
	case "open":
		w.ids["open"] = w.lists("Open list", "public").ID
	case "shut":
		w.ids["shut"] = w.lists("A secret list", "private").ID
	case "said":
		w.ids["said"] = w.sora.say(w.public.ID, 0, "Words of sora").ID
	case "whispered":
		w.ids["whispered"] = w.mina.say(w.private.ID, 0, "A secret word").ID
	case "hers":
		w.ids["hers"] = w.mina.say(w.juns.ID, 0, "Words of mina").ID
	case "harus":
		w.mina.delete(user(w.haru, "block")).want(204)
		w.haru.put(track(w.public, "like"), nil).want(200)
		w.haru.put(track(w.public, "repost"), nil).want(200)
		w.ids["harus"] = w.haru.say(w.public.ID, 0, "Words of haru").ID
		w.mina.put(user(w.haru, "block"), nil).want(204)
	case "message":
		w.ids["message"] = w.mina.send(w.sora, wire.NewMessage{Text: "Only for sora"}).ID
	case "coming":
		w.ids["coming"] = strings.TrimPrefix(w.mina.announces(1000, "secret.mp3").header.Get("Location"), "/api/uploads/")
	case "key":
		w.ids["key"] = w.mina.key("api", "read", "messages").Key.ID
	case "session":
		w.ids["session"] = sessionOf(w.house, "mina")
	case "linked", "inside", "linked-list", "link", "murmured":
		w.hide()
	default:
		w.renewReach(strings.Trim(last, "{}"))
	}
}

// ask asks what a row asks, with the ids that fill gives.
func (row access) ask(p *person, fill func(string) string, headers ...string) answer {
	p.h.t.Helper()
	method, path := row.question()
	if path == "/api/events" {
		return p.opens(fill(path))
	}
	return p.do(method, fill(path), row.filled(fill), append(tusHeaders(method, path), headers...)...)
}

// question is the method and the path of a row, with its names in it.
func (row access) question() (method, path string) {
	method, path, _ = strings.Cut(row.route, " ")
	if row.path != "" {
		path = row.path
	}
	return method, path
}

func (row access) filled(fill func(string) string) any {
	switch row.body.(type) {
	case nil, []byte:
		return row.body
	}
	b, err := json.Marshal(row.body)
	if err != nil {
		panic(err)
	}
	return fill(string(b))
}

// opens asks for a stream of events, which has no end.
func (p *person) opens(path string) answer {
	s, status := p.tryListen(path)
	s.close()
	if status != 200 {
		return p.get(path)
	}
	return answer{t: p.h.t, what: p.name + ": GET " + path, status: status}
}

// all is everything that somebody can see of the world and count in it, but
// for what they alone see of themselves on other devices. It asks as one who
// has noted all addresses.
func (w *world) all(p *person) string {
	w.t.Helper()
	var b strings.Builder
	for _, path := range w.views() {
		a := p.get(path)
		fmt.Fprintf(&b, "%s %d %s\n", path, a.status, a.body)
	}
	return b.String()
}

// views are the addresses at which there is something to see.
func (w *world) views() []string {
	list := []string{"/api/stream", "/api/home", "/api/tags", "/api/tags/everybody's", "/api/tags/everybody's/tracks", "/api/me", "/api/me/state", "/api/me/notifications", "/api/me/likes", "/api/me/likes/playlists", "/api/me/history",
		"/api/me/blocks", "/api/me/playlists", "/api/me/tracks", "/api/conversations", "/api/recommendations/users",
		"/api/charts", "/api/charts?period=all", "/api/me/numbers",
		"/api/search?q=song", "/api/search?q=mina", "/api/search?q=list&kind=playlist", "/api/search/suggest?q=s", "/api/search/suggest?q=secret"}
	add := func(thing string, parts ...string) {
		for _, part := range parts {
			list = append(list, w.fill(thing)+part)
		}
	}
	for _, who := range []string{"{mina}", "{sora}"} {
		add("/api/users/"+who, "", "/tracks", "/followers", "/following", "/likes", "/reposts", "/playlists")
	}
	add("/api/users/{jun}", "/followers", "/playlists")
	add("/api/tracks/{public}", "", "/similar", "/playlists", "/likers", "/reposters", "/comments", "/comments?order=newest", "/comments/marks", "/numbers")
	add("/api/tracks/{juns}", "", "/playlists", "/numbers", "/likers", "/comments", "/comments/marks")
	add("/api/playlists/{open}", "", "/tracks")
	add("/api/playlists/{juns-list}", "", "/tracks")
	add("/api/comments/{said}", "/replies")
	add("/api/tracks/{followers}", "", "/likers", "/comments", "/comments/marks", "/numbers")
	add("/api/playlists/{followers-list}", "", "/tracks")
	add("/api/conversations/{talk}", "/messages")
	return list
}

// differ gives the first lines in which two such views differ.
func differ(before, after string) string {
	x, y := strings.Split(before, "\n"), strings.Split(after, "\n")
	var b strings.Builder
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			fmt.Fprintf(&b, "before: %s\nafter:  %s\n", shorten([]byte(x[i])), shorten([]byte(y[i])))
		}
	}
	return b.String()
}
