package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/app/feed"
	"earshot/db"
)

// errNoAddress says that a feed can't be written: the addresses in it are full
// ones, and nobody knows how the house is reached.
var errNoAddress = fault.New(fault.Conflict, "feed.address", "This house does not know the address by which it is reached. Its keeper sets public_url.")

// addFeeds is the list of the routes of feeds. Podcast apps send no headers of
// their own, so what is private is opened by the address.
func (s *Server) addFeeds() {
	s.handleSmall("GET /feeds/users/{file}", visitor, "The feed of a person's public tracks: ID.rss or ID.atom; a username leads there", s.givesFeed, s.publicFeed(db.KindUser))
	s.handleSmall("GET /feeds/playlists/{file}", visitor, "The feed of a public playlist: ID.rss or ID.atom", s.givesFeed, s.publicFeed(db.KindPlaylist))
	s.handleSmall("GET /feeds/users/{name}/playlists/{file}", visitor, "Leads to the feed of a public playlist, by its address", s.givesFeed, s.feedByName)
	s.handleSmall("GET /feeds/tags/{file}", visitor, "The feed of a tag's public tracks: NAME.rss or NAME.atom", s.givesFeed, s.publicFeed(db.KindTag))
	s.handle("GET /feeds/tracks/{file}", visitor, "The original bytes of a track in public feeds, by the name that its format has, or its artwork as ID.jpg", s.gives(append(originals[:len(originals):len(originals)], "image/jpeg")...), s.publicFeedFile)
	s.handle("GET /feeds/users/{id}/cover.jpg", visitor, "The picture of a person's feed", s.gives("image/jpeg"), s.publicCover(db.KindUser))
	s.handle("GET /feeds/playlists/{id}/cover.jpg", visitor, "The artwork of a playlist's feed", s.gives("image/jpeg"), s.publicCover(db.KindPlaylist))

	s.handleSmall("GET /feeds/private/{file}", anyone, "A private feed: SECRET.rss or SECRET.atom", s.givesFeed, s.privateFeed)
	s.handle("GET /feeds/private/{secret}/{file}", anyone, "What is in a private feed: the original bytes of a track, artwork as ID.jpg, cover.jpg of the feed itself", s.gives(append(originals[:len(originals):len(originals)], "image/jpeg")...), s.privateFeedFile)

	op(s, "GET /api/me/feeds", member, "The own private feeds, the newest first", s.getFeeds)
	op(s, "POST /api/me/feeds", member, "Make a private feed: of what the asker sees of a person, a playlist or a tag, or of the own stream", s.postFeed)
	op(s, "GET /api/me/feeds/{id}", member, "An own private feed, its address as a QR code too", s.getFeed)
	op(s, "DELETE /api/me/feeds/{id}", member, "Take an own private feed away: its address leads nowhere from then on", s.deleteFeed)
}

// shown is the path of a request as it may stand in the log: what opens a
// private feed does not.
func shown(path string) string {
	rest, private := strings.CutPrefix(path, feed.Private)
	if !private {
		return path
	}
	if _, file, ok := strings.Cut(rest, "/"); ok {
		return feed.Private + "…/" + file
	}
	return feed.Private + "…"
}

// givesFeed documents the answers of feeds.
func (s *Server) givesFeed(o *huma.Operation) {
	s.gives("application/rss+xml", "application/atom+xml")(o)
	o.Responses["302"] = &huma.Response{Description: "It is elsewhere, as Location says"}
	o.Parameters = append(o.Parameters, &huma.Param{
		Name: "cursor", In: "query", Description: "As the address of the next page has it.", Schema: &huma.Schema{Type: "string"},
	})
}

// feedFile reads the last part of a feed's address.
func feedFile(r *http.Request) (name, format string, ok bool) {
	file := r.PathValue("file")
	for _, format := range []string{feed.RSS, feed.Atom} {
		if name, ok := strings.CutSuffix(file, format); ok && name != "" {
			return name, format, true
		}
	}
	return "", "", false
}

// publicFeed answers with a public feed, which is the same for everybody who
// may see it.
func (s *Server) publicFeed(kind db.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		name, format, ok := feedFile(r)
		if !ok {
			return core.ErrNotFound
		}
		of := core.FeedOf{Thing: db.Thing{Kind: kind}, Tag: name}
		if kind != db.KindTag {
			id, err := db.ParseID(name)
			switch {
			case err != nil && kind == db.KindUser:
				return s.feedByName(w, r)
			case err != nil:
				return core.ErrNotFound
			}
			of.ID = id
		}
		f, err := s.core.PublicFeed(r.Context(), from(r.Context()).asker.User, of, r.URL.Query().Get("cursor"))
		if err != nil {
			return err
		}
		return s.writeFeed(w, r, f, feed.Place{Format: format})
	}
}

// feedByName leads from the name of a person or a playlist, as it is now or was
// once, to the feed, whose address stays.
func (s *Server) feedByName(w http.ResponseWriter, r *http.Request) error {
	name, format, ok := feedFile(r)
	if !ok {
		return core.ErrNotFound
	}
	page := "/" + name
	if user := r.PathValue("name"); user != "" {
		page = "/" + user + "/" + core.PlaylistsPath + page
	}
	if strings.Contains(name, "/") || strings.Contains(r.PathValue("name"), "/") {
		return core.ErrNotFound
	}
	ctx := core.WithLinks(r.Context(), core.Holding{})
	me := from(ctx).asker.User
	found, err := s.core.Resolve(ctx, me, page)
	if err != nil {
		return err
	}
	of := db.Thing{Kind: db.KindUser, ID: found.User.User.ID}
	if found.Playlist != nil {
		of = db.Thing{Kind: db.KindPlaylist, ID: found.Playlist.Playlist.ID}
	}
	if !found.Open {
		return core.ErrNotFound
	}
	w.Header().Set("Cache-Control", cachePrivate)
	w.Header().Set("Location", s.at(feed.Address(of, "", format)))
	w.WriteHeader(http.StatusFound)
	return nil
}

// listener finds whose private feed an address opens. Nothing else of the
// request counts, such as cookies.
func (s *Server) listener(r *http.Request, secret string) (core.Asker, error) {
	who, err := s.core.AuthenticateFeed(r.Context(), secret, r.UserAgent())
	from(r.Context()).asker = who
	return who, err
}

// privately marks an answer that is for one listener.
func privately(w http.ResponseWriter) {
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
}

func (s *Server) privateFeed(w http.ResponseWriter, r *http.Request) error {
	privately(w)
	secret, format, ok := feedFile(r)
	if !ok {
		return core.ErrNotFound
	}
	who, err := s.listener(r, secret)
	if err != nil {
		return err
	}
	f, err := s.core.PrivateFeed(r.Context(), who, r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	return s.writeFeed(w, r, f, feed.Place{Format: format, Secret: secret})
}

// writeFeed answers with a feed, or that it is as it was.
func (s *Server) writeFeed(w http.ResponseWriter, r *http.Request, f core.Feed, at feed.Place) error {
	origin := s.originFor(r.Context())
	if origin == "" {
		return errNoAddress
	}
	at.House, at.Cursor = origin+s.base, r.URL.Query().Get("cursor")
	doc := feed.Of(f, at)
	etag := `"` + doc.Version() + `"`
	h := w.Header()
	h.Set("Cache-Control", cachePrivate)
	h.Set("Etag", "W/"+etag) // weak, since it goes out packed too
	changed := s.feeds.changed(r.Host+r.URL.Path+"?"+at.Cursor, etag, time.Now())
	if changed != "" {
		h.Set("Last-Modified", changed)
	}
	if m := r.Header.Values("If-None-Match"); len(m) > 0 && etagListed(m, etag, true) ||
		len(m) == 0 && changed != "" && r.Header.Get("If-Modified-Since") == changed {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", feed.ContentType(at.Format))
	h.Set("Content-Disposition", "inline")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // for podcast apps that are pages
	if r.Method == http.MethodHead {
		return nil
	}
	if err := doc.Write(w, at.Format); err != nil {
		s.log.Debug("a feed broke off", "path", shown(r.URL.Path), "error", err)
	}
	return nil
}

// feedTimes remembers since when feeds are as they are, for programs that know
// no ETags. What nobody asked for since the start is taken for new: whatever was
// taken out of a feed has left no date.
type feedTimes struct {
	mu    sync.Mutex
	since map[[16]byte]feedTime
	from  time.Time // no time before this one is known any more
}

type feedTime struct {
	etag string
	at   time.Time
	none bool // it came too soon after another one to have a date
}

// feedsKept bounds the feeds that are remembered, some 150 bytes each.
const feedsKept = 4096

// forget begins anew. What was told until now, even in this second, is not told
// again.
func (f *feedTimes) forget(now time.Time) {
	f.since, f.from = map[[16]byte]feedTime{}, now.UTC().Truncate(time.Second).Add(time.Second)
}

// changed gives the Last-Modified of a feed; "" where there is none that no
// other state of it had.
func (f *feedTimes) changed(address, etag string, now time.Time) string {
	hash := sha256.Sum256([]byte(address))
	key := [16]byte(hash[:16])
	now = now.UTC().Truncate(time.Second)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.since == nil || len(f.since) >= feedsKept {
		f.forget(now)
	}
	last, known := f.since[key]
	if !known || last.etag != etag {
		next := feedTime{etag: etag, at: now}
		if now.Before(f.from) {
			next.at = f.from
		}
		if known && !next.at.After(last.at) {
			next.at = last.at.Add(time.Second)
		}
		next.none = next.at.After(now) // RFC 9110 section 8.8.2.1
		f.since[key] = next
		last = next
	}
	if last.none {
		return ""
	}
	return last.at.Format(http.TimeFormat)
}

// publicFeedFile answers with what a public feed leads to.
func (s *Server) publicFeedFile(w http.ResponseWriter, r *http.Request) error {
	id, ext, err := feedTrack(r)
	if err != nil {
		return err
	}
	me := from(r.Context()).asker.User
	if ext == ".jpg" {
		return s.sendFeedPicture(w, r, func(ctx context.Context) (core.Sound, error) {
			return s.core.PublicFeedPicture(ctx, me, db.Thing{Kind: db.KindTrack, ID: id})
		})
	}
	return s.sendFeedSound(w, r, id, ext, func(ctx context.Context) (core.Sound, error) { return s.core.PublicFeedSound(ctx, me, id) })
}

// publicCover answers with the picture of a public feed.
func (s *Server) publicCover(kind db.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r.PathValue("id"))
		if err != nil {
			return err
		}
		return s.sendFeedPicture(w, r, func(ctx context.Context) (core.Sound, error) {
			return s.core.PublicFeedPicture(ctx, from(ctx).asker.User, db.Thing{Kind: kind, ID: id})
		})
	}
}

// privateFeedFile answers with what a private feed leads to.
func (s *Server) privateFeedFile(w http.ResponseWriter, r *http.Request) error {
	privately(w)
	who, err := s.listener(r, r.PathValue("secret"))
	if err != nil {
		return err
	}
	if r.PathValue("file") == feed.Cover {
		return s.sendFeedPicture(w, r, func(ctx context.Context) (core.Sound, error) { return s.core.PrivateFeedPicture(ctx, who, 0) })
	}
	id, ext, err := feedTrack(r)
	if err != nil {
		return err
	}
	if ext == ".jpg" {
		return s.sendFeedPicture(w, r, func(ctx context.Context) (core.Sound, error) { return s.core.PrivateFeedPicture(ctx, who, id) })
	}
	return s.sendFeedSound(w, r, id, ext, func(ctx context.Context) (core.Sound, error) { return s.core.PrivateFeedSound(ctx, who, id) })
}

// feedTrack reads the name of a file of a track.
func feedTrack(r *http.Request) (id db.ID, ext string, err error) {
	file := r.PathValue("file")
	ext = path.Ext(file)
	id, err = pathID(strings.TrimSuffix(file, ext))
	return id, ext, err
}

func (s *Server) sendFeedPicture(w http.ResponseWriter, r *http.Request, open func(context.Context) (core.Sound, error)) error {
	picture, err := open(r.Context())
	if err != nil {
		return err
	}
	defer picture.Close()
	return s.sendOfFeed(w, r, picture, serveOptions{})
}

// sendFeedSound sends a track as the file that it is. Its name has to be that of
// its format: it has one address.
func (s *Server) sendFeedSound(w http.ResponseWriter, r *http.Request, id db.ID, ext string, open func(context.Context) (core.Sound, error)) error {
	sound, err := open(r.Context())
	if err != nil {
		return err
	}
	defer sound.Close()
	if path.Ext(sound.FileName) != ext {
		return core.ErrNotFound
	}
	s.playing.Add(1)
	defer s.playing.Add(-1)
	ex := from(r.Context())
	return s.sendOfFeed(w, r, sound, serveOptions{Sent: func(n int64) {
		// The request may be over by now; what was sent was sent.
		if err := s.core.FeedSent(context.WithoutCancel(r.Context()), ex.asker.User, id, n, ex.client); err != nil {
			s.log.Debug("a play by a feed was not counted", "track", id, "error", err)
		}
	}})
}

func (s *Server) sendOfFeed(w http.ResponseWriter, r *http.Request, sound core.Sound, opt serveOptions) error {
	if opt.CacheControl = cachePrivate; sound.Public {
		opt.CacheControl = cachePublic
	}
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // for podcast apps that are pages
	if err := serveStream(w, r, sound.Stream, opt); err != nil {
		s.log.Warn("a stream broke off", "path", shown(r.URL.Path), "error", err)
	}
	return nil
}

// feedKinds are the kinds of private feeds.
var feedKinds = map[string]db.Kind{"stream": 0, "user": db.KindUser, "playlist": db.KindPlaylist, "tag": db.KindTag}

// wireFeed shows a private feed to its listener.
func (s *Server) wireFeed(v core.FeedView, origin string) (wire.Feed, error) {
	f := wire.Feed{
		ID: v.Key.ID.String(), Kind: "stream", Client: v.Client, Created: v.Created, Used: v.Used, Gone: v.Gone,
	}
	switch v.Feed.Kind {
	case db.KindUser:
		f.Kind, f.Of, f.Title, f.Page = "user", v.Feed.ID.String(), v.Owner.Name, address(v.Owner.Username)
	case db.KindPlaylist:
		f.Kind, f.Of, f.Title = "playlist", v.Feed.ID.String(), v.Playlist.Title
		f.Page = address(v.Owner.Username, core.PlaylistsPath, v.Playlist.Slug)
	case db.KindTag:
		f.Kind, f.Of, f.Title, f.Page = "tag", v.Tag.Name, "#"+v.Tag.Name, "/tags/"+url.PathEscape(v.Tag.Name)
	}
	if v.Gone {
		f.Page = ""
	}
	if v.Secret == "" { // sealed by another house
		return f, nil
	}
	link, err := s.oneTimeLink(feed.Private+v.Secret+feed.RSS, origin, time.Time{})
	f.URL, f.QR = link.URL, &link.QR
	return f, err
}

type feedsQuery struct {
	Origin string `query:"origin" maxLength:"300" doc:"Where the asker's browser reaches the house; counts where public_url does not say it."`
}

func (s *Server) getFeeds(ctx context.Context, in *feedsQuery) (*wire.Feeds, error) {
	list, err := s.core.MyFeeds(ctx, from(ctx).asker)
	w := &wire.Feeds{Items: []wire.Feed{}}
	for _, v := range list {
		f, err := s.wireFeed(v, in.Origin)
		if err != nil {
			return nil, err
		}
		f.QR = nil // some 8 KB each
		w.Items = append(w.Items, f)
	}
	return w, err
}

type feedQuery struct {
	ByID
	feedsQuery
}

func (s *Server) getFeed(ctx context.Context, in *feedQuery) (*wire.Feed, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.MyFeed(ctx, from(ctx).asker, id)
	if err != nil {
		return nil, err
	}
	f, err := s.wireFeed(v, in.Origin)
	return &f, err
}

func (s *Server) postFeed(ctx context.Context, in *body[wire.NewFeed]) (*wire.Feed, error) {
	of := core.FeedOf{Tag: in.Body.Of}
	of.Kind = feedKinds[in.Body.Kind]
	if of.Kind == db.KindUser || of.Kind == db.KindPlaylist {
		id, err := pathID(in.Body.Of)
		if err != nil {
			return nil, err
		}
		of.ID = id
	}
	v, err := s.core.AddFeed(ctx, from(ctx).asker, of)
	if err != nil {
		return nil, err
	}
	f, err := s.wireFeed(v, in.Body.Origin)
	return &f, err
}

func (s *Server) deleteFeed(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DropFeed(ctx, from(ctx).asker, id)
}
