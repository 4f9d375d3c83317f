package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/app/feed"
	"earshot/db"
	"earshot/ui"
)

// The addresses of the player for other sites. No user can have the first part
// as a name.
const (
	embedPath      = "/embed/"
	embedTracks    = embedPath + "tracks/"
	embedPlaylists = embedPath + "playlists/"
)

// The size of the player, in pixels.
const (
	embedWidth = 640
	embedTall  = 166
	listTall   = 400
)

// embedded reads an address of the player.
func embedded(path string) (kind db.Kind, id db.ID, ok bool) {
	kind = db.KindTrack
	text, ok := strings.CutPrefix(path, embedTracks)
	if !ok {
		kind = db.KindPlaylist
		if text, ok = strings.CutPrefix(path, embedPlaylists); !ok {
			return 0, 0, false
		}
	}
	id, err := db.ParseID(text)
	return kind, id, err == nil
}

// embedAddress is the player of what other sites may show.
func embedAddress(e core.Embed) string {
	if e.Track != nil {
		return embedTracks + e.Track.Track.ID.String()
	}
	return embedPlaylists + e.Playlist.Playlist.ID.String()
}

// calledOf gives what is shown its title, whose it is, and the path of its page.
func calledOf(e core.Embed) (title, by, page string) {
	if e.Track != nil {
		t := wireTrack(*e.Track)
		return t.Title, cmp.Or(t.Artist, t.User.Name), t.URL
	}
	p := wirePlaylist(*e.Playlist)
	return p.Title, p.User.Name, p.URL
}

// embedPage answers with the player. What is absent, hidden, or in a house that
// is closed to visitors answers alike.
func (s *Server) embedPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.requests.allow(r.Context()); err != nil {
		return err
	}
	nothing := ui.Embed{Status: http.StatusNotFound, Title: "Earshot"}
	kind, id, ok := embedded(r.URL.Path)
	if !ok {
		s.ui.Embed(w, r, nothing)
		return nil
	}
	e, err := s.core.Embed(r.Context(), from(r.Context()).asker.User, kind, id)
	switch f := fault.Of(err); {
	case err == nil:
	case f.Kind == fault.NotFound || f.Kind == fault.Unauthenticated:
		s.ui.Embed(w, r, nothing)
		return nil
	case f.Kind == fault.Forbidden:
		// The house says what it is called, and leads to its first page.
		house, err := s.core.House(r.Context())
		if err != nil {
			return err
		}
		s.ui.Embed(w, r, ui.Embed{Status: http.StatusForbidden, Title: house.Name, House: house.Name, Page: s.at("/")})
		return nil
	default:
		return err
	}
	house, err := s.core.House(r.Context())
	if err != nil {
		return err
	}
	data, err := json.Marshal(s.playerOf(e, r.URL.Query().Get("t")))
	if err != nil {
		return err
	}
	page := ui.Embed{House: house.Name, Data: string(data), List: e.Playlist != nil}
	page.Title, page.By, page.Page = calledOf(e)
	page.Page = s.at(page.Page)
	s.ui.Embed(w, r, page)
	return nil
}

// piece is one track as js/embed.js takes it.
type piece struct {
	ID      string   `json:"id"`
	URL     string   `json:"url"`
	Title   string   `json:"title"`
	By      string   `json:"by"`
	MS      int64    `json:"ms"`
	Peaks   string   `json:"peaks,omitempty"`
	Picture string   `json:"picture,omitempty"`
	Plays   string   `json:"plays"`
	Sources []source `json:"sources"`
	Hue     float64  `json:"hue"`
	Vivid   float64  `json:"vivid"`
}

type source struct {
	URL  string `json:"url"`
	Type string `json:"type"`
}

type player struct {
	Tracks []piece `json:"tracks"`
	Start  int64   `json:"start"` // milliseconds
	List   bool    `json:"list"`
}

// playerOf gives the player what it plays, from a time in seconds on.
func (s *Server) playerOf(e core.Embed, start string) player {
	p := player{List: e.Playlist != nil}
	tracks := e.Tracks
	if e.Track != nil {
		tracks = []core.TrackView{*e.Track}
	}
	if t, ok := parseSeconds(start); ok {
		p.Start = t.Milliseconds()
	}
	for _, v := range tracks {
		t := wireTrack(v)
		one := piece{
			ID: t.ID, URL: s.at(t.URL), Title: t.Title, By: cmp.Or(t.Artist, t.User.Name), MS: t.DurationMS,
			Plays: s.at("/api/tracks/" + t.ID + "/plays"),
		}
		if few := v.Overview; len(few) > 0 {
			one.Peaks = base64.StdEncoding.EncodeToString(few)
		}
		if t.Picture != nil {
			one.Picture = s.at(t.Picture.Medium)
		}
		if t.Stream.MP4 != "" {
			one.Sources = append(one.Sources, source{s.at(t.Stream.MP4), `audio/mp4; codecs="mp3"`})
		}
		one.Sources = append(one.Sources, source{s.at(t.Stream.File), t.Audio.Type})
		tint := core.Tint(v.Track.Title, v.Track.Picture, v.Track.Colour)
		one.Hue, one.Vivid = math.Round(tint.Hue), math.Round(tint.Vivid*100)/100
		p.Tracks = append(p.Tracks, one)
	}
	return p
}

// originFor is how the house is reached from outside: as the settings say, else
// as whoever asks reached it. That may be anything that they claim, so it goes
// into answers for them alone.
func (s *Server) originFor(ctx context.Context) string {
	if s.origin != "" {
		return s.origin
	}
	ex := from(ctx)
	scheme := "http://"
	if ex.secure {
		scheme = "https://"
	}
	u, err := url.Parse(scheme + ex.host)
	if err != nil || u.Host != ex.host || len(ex.host) > 260 || strings.ContainsFunc(ex.host, notOfHost) || !homely(u.Hostname()) {
		return ""
	}
	return scheme + ex.host
}

// homely tells whether a host can be nobody's but this house's: an address, or
// a name that only a network at home gives (RFC 6762 §3, RFC 8375, RFC 6761
// §6.3). Whoever asks may name any other.
func homely(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" || !strings.Contains(host, ".") {
		return host != ""
	}
	for _, end := range []string{".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

// notOfHost tells what no name and no address of a host has in it.
func notOfHost(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_:[]", r))
}

// preview adds to a page's head what programs that show links are told, where
// the page is the same for visitors.
func (s *Server) preview(r *http.Request, found core.Found, head ui.Head) (ui.Head, error) {
	origin := s.originFor(r.Context())
	if !found.Open || origin == "" {
		return head, nil
	}
	house, err := s.core.House(r.Context())
	if err != nil {
		return head, err
	}
	head.Site = house.Name
	head.Description = shortened(head.Description)
	full := func(address string) string { return origin + s.at(address) }
	person := func(u db.User) map[string]any {
		return map[string]any{"@type": "Person", "name": u.Name, "url": full(address(u.Username))}
	}
	of := db.Thing{Kind: db.KindUser, ID: found.User.User.ID}
	if found.Playlist != nil {
		of = db.Thing{Kind: db.KindPlaylist, ID: found.Playlist.Playlist.ID}
	}
	head.Feed = full(feed.Address(of, "", ""))
	data := map[string]any{"@context": "https://schema.org", "name": head.Title}
	if head.Description != "" {
		data["description"] = head.Description
	}
	var image *wire.Picture
	switch {
	case found.Track != nil:
		t := wireTrack(*found.Track)
		head.URL, head.Kind = full(t.URL), "music.song"
		head.Image = full("/api/tracks/" + t.ID + "/card.jpg")
		head.More = append(head.More,
			[2]string{"og:image:type", "image/jpeg"}, [2]string{"og:image:width", strconv.Itoa(core.CardWidth)}, [2]string{"og:image:height", strconv.Itoa(core.CardHeight)},
			[2]string{"music:duration", strconv.FormatInt(t.DurationMS/1000, 10)}, [2]string{"music:musician", full(t.User.URL)},
		)
		data["@type"], data["name"], data["byArtist"] = "MusicRecording", t.Title, person(found.Track.Owner)
		data["duration"], data["image"] = "PT"+strconv.FormatInt(t.DurationMS/1000, 10)+"S", head.Image
		data["datePublished"] = t.Created.Format(time.DateOnly)
		if len(t.Tags) > 0 {
			data["keywords"] = strings.Join(t.Tags, ", ")
		}
	case found.Playlist != nil:
		p := wirePlaylist(*found.Playlist)
		head.URL, head.Kind, image = full(p.URL), "music.playlist", p.Picture
		data["@type"], data["name"], data["creator"], data["numTracks"] = "MusicPlaylist", p.Title, person(found.Playlist.Owner), p.Tracks
		if p.Kind == "album" {
			head.Kind, data["@type"] = "music.album", "MusicAlbum"
		}
	default:
		u := wireUser(found.User)
		head.URL, head.Kind, image = full(u.URL), "profile", u.Picture
		head.More = append(head.More, [2]string{"profile:username", u.Username})
		for k, v := range person(found.User.User) {
			data[k] = v
		}
	}
	data["url"] = head.URL
	if image != nil {
		head.Image = full(image.Large)
		data["image"] = head.Image
	}
	if found.Embeds {
		head.OEmbed = full("/api/oembed?url=" + url.QueryEscape(head.URL))
	}
	b, err := json.Marshal(data) // which escapes what could end the element
	head.Data = string(b)
	return head, err
}

// shortened cuts a description to what previews show.
func shortened(text string) string {
	const most = 300
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

// errElsewhere answers addresses that are not of this house.
var errElsewhere = fault.New(fault.NotFound, "not_found", "There is no such thing here.")

// ownAddress reads the address of a page of this house, full or from its first
// slash on: its path below the base, and the time to start from, as it was written. Whose hosts are the
// house's, ours tells.
func ownAddress(text, base string, ours func(host string) bool) (path, start string, ok bool) {
	if len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return "", "", false
	}
	u, err := url.Parse(text)
	full := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && u.Opaque == "" && ours(strings.ToLower(u.Host))
	bare := err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
	if !full && !bare {
		return "", "", false
	}
	path, ok = strings.CutPrefix(u.Path, base)
	if !ok || !strings.HasPrefix(path, "/") {
		return "", "", false
	}
	return path, u.Query().Get("t"), true
}

// ours tells which hosts are the house's: that of public_url, and the one by
// which whoever asks came.
func (s *Server) ours(ctx context.Context) func(host string) bool {
	own := []string{strings.ToLower(from(ctx).host)}
	if _, host, ok := strings.Cut(s.origin, "://"); ok {
		own = append(own, strings.ToLower(host))
	}
	return func(host string) bool { return host != "" && slices.Contains(own, host) }
}

// givesOEmbed documents the answers of oEmbed.
func (s *Server) givesOEmbed(o *huma.Operation) {
	s.givesJSON(wire.OEmbed{})(o)
	o.Responses["200"].Content["text/xml"] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	o.Responses["501"] = &huma.Response{Description: "There is no such format", Content: s.jsonOf(answer{})}
	text := func(name, doc string, required bool) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: doc, Required: required, Schema: &huma.Schema{Type: "string"}}
	}
	number := func(name string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: "Pixels that the player may have at most.", Schema: &huma.Schema{Type: "integer"}}
	}
	o.Parameters = append(o.Parameters, text("url", "Full address of the page of a track or a playlist, or of its player; t in it is where the player starts.", true),
		text("format", "json or xml; json when absent.", false), number("maxwidth"), number("maxheight"))
}

// getOEmbed answers for programs that make a player of an address.
func (s *Server) getOEmbed(w http.ResponseWriter, r *http.Request) error {
	ctx, query := r.Context(), r.URL.Query()
	format := cmp.Or(query.Get("format"), "json")
	if format != "json" && format != "xml" {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNotImplemented) // as oembed.com says in section 2.3.4
		return json.NewEncoder(w).Encode(wire.Error{Error: wire.ErrorDetail{Code: "format.unknown", Field: "format", Message: "format is json or xml."}})
	}
	if query.Get("url") == "" {
		return fault.New(fault.Invalid, "url.empty", "Say the address of what is to be shown.").In("url")
	}
	width, err1 := atMost(query.Get("maxwidth"), embedWidth)
	height, err2 := atMost(query.Get("maxheight"), listTall)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	path, start, ok := ownAddress(query.Get("url"), s.base, s.ours(ctx))
	origin := s.originFor(ctx)
	if !ok || origin == "" {
		return errElsewhere
	}
	me := from(ctx).asker.User
	var e core.Embed
	var err error
	if kind, id, is := embedded(path); is {
		e, err = s.core.Embed(ctx, me, kind, id)
	} else if addressed(path) {
		e, err = s.core.EmbedAt(ctx, me, path)
	} else {
		err = errElsewhere
	}
	if fault.Of(err).Kind == fault.Forbidden || fault.Of(err).Kind == fault.Invalid {
		err = errElsewhere.Because(err) // by this way it is as if it were not there
	}
	if err != nil {
		return err
	}
	house, err := s.core.House(ctx)
	if err != nil {
		return err
	}
	full := func(address string) string { return origin + s.at(address) }
	title, by, _ := calledOf(e)
	o := wire.OEmbed{
		Version: "1.0", Type: "rich", Title: title, AuthorName: by,
		ProviderName: house.Name, ProviderURL: full("/"), CacheAge: 3600,
		Width: width, Height: min(height, embedTall),
	}
	if e.Playlist != nil {
		o.Height = height
		o.AuthorURL = full(address(e.Playlist.Owner.Username))
		if p := wirePlaylist(*e.Playlist); p.Picture != nil {
			o.ThumbnailURL, o.ThumbnailWidth, o.ThumbnailHeight = full(p.Picture.Large), 600, 600
		}
	} else {
		o.AuthorURL = full(address(e.Track.Owner.Username))
		o.ThumbnailURL = full("/api/tracks/" + e.Track.Track.ID.String() + "/card.jpg")
		o.ThumbnailWidth, o.ThumbnailHeight = core.CardWidth, core.CardHeight
	}
	frame := full(embedAddress(e))
	if t, ok := parseSeconds(start); ok && t > 0 {
		frame += "?t=" + start
	}
	o.HTML = fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" title="%s" loading="lazy" allow="autoplay" style="border:0;border-radius:12px"></iframe>`,
		html.EscapeString(frame), o.Width, o.Height, html.EscapeString(title+" – "+by))
	w.Header().Set("Cache-Control", cachePrivate)
	if format == "xml" {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, err = w.Write(oEmbedXML(o))
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(o)
}

// atMost reads a bound in pixels.
func atMost(text string, usual int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "bad_request", "maxwidth and maxheight are numbers of pixels.")
	}
	return min(usual, n), nil
}

// oEmbedXML writes an answer as oembed.com says in section 2.3.4.2. The few
// elements are no reason to have a writer of XML in the program.
func oEmbedXML(o wire.OEmbed) []byte {
	b := bytes.NewBufferString(`<?xml version="1.0" encoding="utf-8" standalone="yes"?>` + "\n<oembed>\n")
	add := func(name, value string) {
		value = strings.Map(func(r rune) rune { // what XML 1.0 has no place for
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
				return -1
			}
			return r
		}, strings.ToValidUTF8(value, "\ufffd"))
		if value != "" {
			fmt.Fprintf(b, "\t<%s>%s</%s>\n", name, html.EscapeString(value), name)
		}
	}
	number := func(name string, n int) {
		if n > 0 {
			add(name, strconv.Itoa(n))
		}
	}
	add("type", o.Type)
	add("version", o.Version)
	add("title", o.Title)
	add("author_name", o.AuthorName)
	add("author_url", o.AuthorURL)
	add("provider_name", o.ProviderName)
	add("provider_url", o.ProviderURL)
	number("cache_age", o.CacheAge)
	add("thumbnail_url", o.ThumbnailURL)
	number("thumbnail_width", o.ThumbnailWidth)
	number("thumbnail_height", o.ThumbnailHeight)
	add("html", o.HTML)
	number("width", o.Width)
	number("height", o.Height)
	b.WriteString("</oembed>\n")
	return b.Bytes()
}

// getCard answers with the picture of a track for programs that show links.
func (s *Server) getCard(w http.ResponseWriter, r *http.Request) error {
	if err := s.requests.allow(r.Context()); err != nil {
		return err
	}
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	card, err := s.core.TrackCard(r.Context(), from(r.Context()).asker.User, id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Etag", card.ETag)
	h.Set("Cache-Control", cachePrivate)
	if card.Public {
		h.Set("Cache-Control", cachePublic)
	}
	if etagListed(r.Header.Values("If-None-Match"), card.ETag, true) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	jpg, err := s.core.Draw(r.Context(), card)
	if err != nil {
		return err
	}
	h.Set("Content-Type", "image/jpeg")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(jpg))
	return nil
}

type shareQuery struct {
	Path   string `query:"path" required:"true" maxLength:"700" doc:"Address of a page of the house, from its first slash on."`
	Origin string `query:"origin" maxLength:"300" doc:"Where the asker's browser reaches the house; counts where public_url does not say it."`
}

// getShare gives an address as others reach it.
func (s *Server) getShare(_ context.Context, in *shareQuery) (*wire.Shared, error) {
	path := s.within(in.Path)
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
		return nil, fault.New(fault.Invalid, "bad_request", "path is the address of a page, such as /mina/night-train?t=83.").In("path")
	}
	link, err := s.oneTimeLink(path, in.Origin, time.Time{})
	return &wire.Shared{URL: link.URL, QR: link.QR}, err
}
