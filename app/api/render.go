package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// This file turns what core gives into the wire's shapes.

func wireList[T, W any](p core.Page[T], wire1 func(T) W) *wire.List[W] {
	return &wire.List[W]{Items: wireAll(p.Items, wire1), Next: p.Next}
}

func wireAll[T, W any](items []T, wire1 func(T) W) []W {
	list := make([]W, 0, len(items))
	for _, item := range items {
		list = append(list, wire1(item))
	}
	return list
}

// wirePicture names the sizes of a picture; nil when there is none. The
// version makes the address change with the picture.
func wirePicture(kind string, id db.ID, version uint64) *wire.Picture {
	if version == 0 {
		return nil
	}
	at := func(size int) string {
		return "/api/" + kind + "/" + id.String() + "/picture/" + strconv.Itoa(size) + "?v=" + db.ID(version).String()
	}
	return &wire.Picture{Small: at(100), Medium: at(300), Large: at(600)}
}

// wireBanner names the widths of a banner; nil when there is none.
func wireBanner(id db.ID, version uint64) *wire.Banner {
	if version == 0 {
		return nil
	}
	at := func(width int) string {
		return "/api/users/" + id.String() + "/banner/" + strconv.Itoa(width) + "?v=" + db.ID(version).String()
	}
	return &wire.Banner{Narrow: at(750), Wide: at(1500)}
}

// address is the path of a page, escaped.
func address(parts ...string) string {
	path := ""
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

func wireUserRef(u db.User) wire.UserRef {
	return wire.UserRef{
		ID: u.ID.String(), Username: u.Username, Name: u.Name,
		URL: address(u.Username), Picture: wirePicture("users", u.ID, u.Picture),
	}
}

func wireUser(v core.UserView) wire.User {
	u := v.User
	w := wire.User{
		UserRef: wireUserRef(u), Banner: wireBanner(u.ID, u.Banner), Bio: u.Bio, Keeper: u.Role == db.Keeper,
		Tracks: u.PublicTracks, Followers: v.Counts.Followers, Following: v.Counts.Following, Created: u.Created.UTC(),
		Relation: wire.Relation(v.Relation), Suspended: u.Disabled, TwoFactor: v.Factor, Since: v.Since,
	}
	if u.Colour != 0 {
		w.Colour = colour(u.Picture, u.Colour)
	}
	if v.Pinned != nil {
		t := wireTrack(*v.Pinned)
		w.Pinned = &t
	}
	return w
}

func (s *Server) wireMe(ctx context.Context, v core.UserView) wire.Me {
	u := v.User
	wanted := func(kind db.Notice) bool { return !u.Muted.Has(kind) }
	me := wire.Me{
		User: wireUser(v), Email: u.Email, Age: u.Age, Gender: u.Gender, UsedBytes: u.Bytes, Proxy: from(ctx).proxied, Password: len(u.PasswordHash) > 0, Quota: wire.Quota(v.Quota),
		Notify: wire.Notify{
			Follow: wanted(db.NoticeFollow), Comment: wanted(db.NoticeComment), Reply: wanted(db.NoticeReply),
			Like: wanted(db.NoticeLike), Repost: wanted(db.NoticeRepost), Mention: wanted(db.NoticeMention),
			NewTrack: wanted(db.NoticeNewTrack), Message: wanted(db.NoticeMessage),
		},
	}
	me.Tracks = u.Tracks
	if who := from(ctx).asker; who.Key != 0 { // a token opens nothing that an account is kept by
		me.Email = ""
		if who.Scopes&db.ScopeRead == 0 {
			me.Age, me.Gender = 0, ""
		}
	}
	return me
}

func wireSession(s db.Session, current db.ID) wire.Session {
	return wire.Session{
		ID: s.ID.String(), Device: s.Device, Created: s.Created.UTC(), Seen: s.Seen.UTC(),
		Expires: s.Expires.UTC(), Until: s.Until.UTC(), Current: s.ID == current,
		Door: doors[s.Door], Address: s.Address,
	}
}

var (
	visibilities = map[db.Visibility]string{db.Private: "private", db.ByLink: "link", db.Followers: "followers", db.Public: "public"}
	waveforms    = map[db.Waveform]string{db.WaveformPending: "pending", db.WaveformReady: "ready", db.WaveformFailed: "failed", db.WaveformWanted: "wanted"}
	doors        = map[db.Door]string{db.DoorPassword: "password", db.DoorOpenID: "openid", db.DoorPasskey: "passkey", db.DoorReset: "reset"}
	signUps      = map[db.SignUp]string{db.SignUpClosed: "closed", db.SignUpOpen: "open", db.SignUpInvited: "invited"}
)

// visibility reads what the document's enum lets through.
func visibility(s string) db.Visibility {
	for v, name := range visibilities {
		if s == name {
			return v
		}
	}
	return db.Private
}

// wireRelease gives a release; nil for none.
func wireRelease(r db.Release) *wire.Release {
	if !r.Set() {
		return nil
	}
	return &wire.Release{At: r.At.UTC(), As: visibilities[r.As]}
}

// releaseOf reads a change of a release; nil for none.
func releaseOf(p wire.ReleasePatch) *db.Release {
	switch {
	case !p.Given:
		return nil
	case p.At.IsZero() && p.As == "":
		return &db.Release{}
	}
	return &db.Release{At: p.At, As: visibility(p.As)}
}

func signUp(s string) db.SignUp {
	switch s {
	case "open":
		return db.SignUpOpen
	case "invited":
		return db.SignUpInvited
	}
	return db.SignUpClosed
}

func wireTrack(v core.TrackView) wire.Track {
	t, id := v.Track, v.Track.ID.String()
	w := wire.Track{
		ID: id, User: wireUserRef(v.Owner), Slug: t.Slug, URL: address(v.Owner.Username, t.Slug),
		Title: t.Title, Description: t.Description, Artist: t.Artist, Album: t.Album, Year: t.Year,
		Tags: t.Tags, Visibility: visibilities[t.Visibility], Downloadable: t.Downloadable,
		DurationMS: time.Duration(t.Audio.Duration * int64(time.Microsecond)).Round(time.Millisecond).Milliseconds(),
		Picture:    wirePicture("tracks", t.ID, t.Picture),
		Colour:     colour(t.Picture, t.Colour),
		Waveform:   waveforms[t.Waveform],
		Peaks:      base64.StdEncoding.EncodeToString(v.Overview),
		Audio: wire.Audio{
			Codec: t.Audio.Codec, Type: core.TypeOf(t), Bytes: t.Audio.Size, SampleRate: t.Audio.SampleRate,
			Channels: t.Audio.Channels, Bitrate: t.Audio.Bitrate, Variable: t.Audio.Variable, Bits: t.Audio.Bits,
		},
		Measured: wireMeasured(t.Measured),
		Can:      wire.Can{Edit: v.MayEdit, Delete: v.MayDelete, Comment: v.MayComment, Speak: v.MaySpeak},
		ByLink:   v.ByLink,
		Created:  t.Created.UTC(),
		Comments: !t.Quiet, Embeddable: !t.NoEmbed,
		Counts: wire.Counts(v.Counts),
		Liked:  v.Liked, Reposted: v.Reposted, Since: v.Since,
		Release: wireRelease(t.Release),
	}
	if v.By != nil {
		by := wireUserRef(*v.By)
		w.RepostedBy = &by
	}
	if w.Tags == nil {
		w.Tags = []string{}
	}
	if v.Mine {
		w.Audio.FileName = t.Audio.FileName
		w.Draft = core.IsDraft(t)
	}
	if v.Whole {
		w.Stream.File = "/api/tracks/" + id + "/stream"
		if core.IsMP3(t) {
			w.Stream.MP4, w.Stream.MP3 = w.Stream.File+".mp4", w.Stream.File+".mp3"
		}
	}
	if v.MayDownload {
		w.Stream.Download = "/api/tracks/" + id + "/download"
	}
	return w
}

// wireMeasured gives what was found out about a sound; nil for nothing.
func wireMeasured(m db.Measured) *wire.Measured {
	w := wire.Measured{Exact: m.Level == db.MeasuredExactly}
	switch m.Level {
	case db.MeasuredByOthers:
		if m.Loudness == 0 { // it is not known
			return nil
		}
		w.Loudness = hundredths(m.Loudness)
		return &w
	case db.MeasuredExactly:
		w.TruePeak = hundredths(m.TruePeak)
	case db.Unmeasured:
		return nil
	}
	w.Loudness, w.Range, w.Tempo = hundredths(m.Loudness), hundredths(m.Range), *hundredths(m.Tempo)
	w.SilenceStartMS, w.SilenceEndMS = m.Lead/1000, m.Tail/1000
	return &w
}

// hundredths rounds to two places.
func hundredths(v float64) *float64 {
	v = math.Round(v*100) / 100
	return &v
}

// colour is the artwork's, as CSS has it.
func colour(picture uint64, rgb uint32) string {
	if picture == 0 {
		return ""
	}
	return fmt.Sprintf("#%06x", rgb)
}

var playlistKinds = map[db.PlaylistKind]string{db.Plain: "playlist", db.Album: "album"}

// playlistKind reads what the document's enum lets through.
func playlistKind(s string) db.PlaylistKind {
	if s == "album" {
		return db.Album
	}
	return db.Plain
}

func wirePlaylist(v core.PlaylistView) wire.Playlist {
	p := v.Playlist
	w := wire.Playlist{
		ID: p.ID.String(), User: wireUserRef(v.Owner), Kind: playlistKinds[p.Kind], Slug: p.Slug,
		URL: address(v.Owner.Username, core.PlaylistsPath, p.Slug), Title: p.Title, Description: p.Description, Tags: p.Tags,
		Visibility: visibilities[p.Visibility], Tracks: v.Tracks, DurationMS: v.Duration.Round(time.Millisecond).Milliseconds(),
		Picture: wirePicture("tracks", v.Cover.ID, v.Cover.Picture), Colour: colour(v.Cover.Picture, v.Cover.Colour),
		Likes: v.Likes, Liked: v.Liked, Has: v.Has, ByLink: v.ByLink,
		Can: wire.CanList{Edit: v.MayEdit, Delete: v.MayDelete}, Created: p.Created.UTC(), Updated: p.Updated.UTC(),
		Release: wireRelease(p.Release),
	}
	if p.Picture != 0 {
		w.Picture, w.OwnPicture, w.Colour = wirePicture("playlists", p.ID, p.Picture), true, colour(p.Picture, p.Colour)
	}
	if w.Tags == nil {
		w.Tags = []string{}
	}
	return w
}

// tagAddress is the path of a tag's page.
func tagAddress(name string) string { return address("tags", name) }

func wireTag(v core.TagView) wire.Tag {
	return wire.Tag{Name: v.Tag.Name, URL: tagAddress(v.Tag.Name), Tracks: v.Tracks}
}

var likenesses = map[core.Likeness]string{
	core.SameLikers: "likers", core.SamePlaylist: "playlist", core.SameTags: "tags", core.SameOwner: "owner",
}

func wireSimilar(v core.SimilarView) wire.Similar {
	w := wire.Similar{Track: wireTrack(v.Track), Reason: likenesses[v.Why], Tags: v.Tags, N: v.N}
	if v.Playlist != nil {
		p := wirePlaylist(*v.Playlist)
		w.Playlist = &p
	}
	return w
}

func (s *Server) wireHouse(h core.HouseView) *wire.House {
	l := s.core.Limits()
	return &wire.House{
		Trust: s.tls != nil && s.tls.Authority != nil,
		Name:  h.Name, SignUp: signUps[h.SignUp], Visitors: h.Visitors, Setup: h.Setup, Mails: h.Mails,
		Limits:    wire.Limits{UploadBytes: l.Upload, PictureBytes: l.Picture, QuotaBytes: h.MostBytes, QuotaTracks: h.MostTracks},
		Providers: wireAll(h.Providers, wireProvider),
	}
}

func wireEvent(e core.Event) wire.Event {
	w := wire.Event{Type: e.Type, Track: wireID(e.Track), Comment: wireID(e.Comment), Gone: e.Gone, Conversation: wireID(e.Conversation)}
	if e.Type == core.EventTrack || e.Type == core.EventProgress {
		w.Progress, w.State = e.Progress, waveforms[e.Waveform]
	}
	return w
}

// wireID writes an id; nothing for none.
func wireID(id db.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}
