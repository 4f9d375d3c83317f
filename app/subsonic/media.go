package subsonic

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"earshot/app/core"
	"earshot/db"
)

// playing are the calls that answer with sound and pictures.
func (s *Server) playing() map[string]verb {
	return map[string]verb{
		"stream":      {bytes: s.stream, seeks: true},
		"download":    {bytes: s.download, seeks: true},
		"getCoverArt": {bytes: s.getCoverArt},
		"getAvatar":   {bytes: s.getAvatar},
	}
}

// stream gives the original bytes. Nothing is made smaller or of another kind:
// maxBitRate and format are not looked at. From a time on there is what is MP3.
func (s *Server) stream(q *call) error {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return err
	}
	open := s.core.StreamRaw
	if text := q.params.get("timeOffset"); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds >= 0 && seconds <= 3_600_000) || strings.ContainsAny(text, "xXpP_") {
			return invalid("timeOffset")
		}
		if seconds > 0 {
			sound, err := s.core.StreamFrom(q, q.me(), id, time.Duration(seconds*float64(time.Second)))
			if err != nil {
				return s.mayStart(q, id, err)
			}
			s.serveSound(q, sound, "", nil)
			return nil
		}
	}
	sound, err := open(q, q.me(), id)
	if err != nil {
		return err
	}
	s.serveSound(q, sound, "", nil)
	return nil
}

// serveSound sends something, which may have been asked for by a form: then it is
// sent as by GET.
func (s *Server) serveSound(q *call, sound core.Sound, named string, begin func()) {
	r := q.r
	if r.Method == http.MethodPost {
		got := *r
		got.Method = http.MethodGet
		r = &got
	}
	s.house.ServeSound(q.w, r, sound, named, begin)
}

// mayStart says of a track that can't be started in its middle that it can't.
func (s *Server) mayStart(q *call, id db.ID, err error) error {
	if v, songErr := s.core.Song(q, q.me(), id); songErr == nil && !core.IsMP3(v.Track) {
		return &refusal{code: codeOther, text: "This track can't be started at a time. Ask for a range of its bytes."}
	}
	return err
}

// download gives the original file to be kept, where its owner offers it.
func (s *Server) download(q *call) error {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return err
	}
	sound, err := s.core.Download(q, q.me(), id)
	if err != nil {
		return err
	}
	s.serveSound(q, sound, sound.FileName, func() { s.core.CountDownload(q.me(), id, s.house.Client(q.r)) })
	return nil
}

// getCoverArt gives the picture of whatever has an id; what has none gets a
// drawing.
func (s *Server) getCoverArt(q *call) error {
	text, err := q.params.want("id")
	if err != nil {
		return err
	}
	text, _, _ = strings.Cut(text, "_") // the version, see cover
	k, id, err := parseID(text)
	if err != nil {
		return err
	}
	size, err := q.params.number("size", 0, 1<<20)
	if err != nil {
		return err
	}
	find := map[kind]func(q *call) (core.Cover, error){
		aTrack:    func(q *call) (core.Cover, error) { return s.core.TrackCover(q, q.me(), id, size) },
		anAlbum:   func(q *call) (core.Cover, error) { return s.core.ListCover(q, q.me(), id, size) },
		aPlaylist: func(q *call) (core.Cover, error) { return s.core.ListCover(q, q.me(), id, size) },
		anArtist:  func(q *call) (core.Cover, error) { return s.core.UserCover(q, q.me(), id, size) },
		loose:     func(q *call) (core.Cover, error) { return s.core.LooseCover(q, q.me(), id, size) },
	}[k]
	v, err := find(q)
	if err != nil {
		return err
	}
	return s.sendCover(q, v)
}

// getAvatar gives the picture of somebody by the username.
func (s *Server) getAvatar(q *call) error {
	name, err := q.params.want("username")
	if err != nil {
		return err
	}
	u, err := s.core.Named(q, q.me(), strings.ToLower(name))
	if err != nil {
		return err
	}
	v, err := s.core.UserCover(q, q.me(), u.ID, 0)
	if err != nil {
		return err
	}
	return s.sendCover(q, v)
}

func (s *Server) sendCover(q *call, v core.Cover) error {
	if v.Drawn == nil {
		s.serveSound(q, v.Sound, "", nil)
		return nil
	}
	h := q.w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "private, max-age=60")
	h.Set("Etag", `"drawn-`+v.Tag+`"`)
	if q.r.Header.Get("If-None-Match") == h.Get("Etag") {
		q.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.Itoa(len(v.Drawn)))
	_, _ = q.w.Write(v.Drawn)
	return nil
}
