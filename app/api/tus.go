package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// Uploads in pieces speak tus 1.0.0 (tus.io/protocols/resumable-upload), with
// its extensions creation, creation-with-upload, termination and expiration.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,termination,expiration"
	tusPiece      = "application/offset+octet-stream"
	maxTusWords   = 8 << 10 // bytes of Upload-Metadata
)

// tus is handle for requests of the protocol: they name its version, as do the
// answers, and count like those of the JSON API.
func (s *Server) tus(pattern, summary string, doc func(*huma.Operation), do handler) {
	s.handle(pattern, member, summary, doc, func(w http.ResponseWriter, r *http.Request) error {
		h := w.Header()
		h.Set("Tus-Resumable", tusVersion)
		h.Set("Cache-Control", "no-store")
		if err := s.requests.allow(r.Context()); err != nil {
			return err
		}
		if r.Method != http.MethodOptions && r.Header.Get("Tus-Resumable") != tusVersion {
			h.Set("Tus-Version", tusVersion)
			return fault.New(fault.Precondition, "upload.version", "Uploads in pieces speak tus "+tusVersion+" here; say so by the header Tus-Resumable.")
		}
		return do(w, r)
	})
}

// optionsUploads tells what of the protocol there is.
func (s *Server) optionsUploads(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Max-Size", strconv.FormatInt(s.core.Limits().Upload, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postUpload announces a file, of which the first piece may come with it.
func (s *Server) postUpload(w http.ResponseWriter, r *http.Request) error {
	up, err := newPartial(r.Header)
	if err != nil {
		return err
	}
	first := r.ContentLength != 0
	if first && !isPiece(r) {
		return errPiece
	}
	if r.ContentLength > up.Size {
		return fault.New(fault.TooLarge, "upload.past_end", "This piece is larger than the whole file.")
	}
	ctx, me := r.Context(), from(r.Context()).asker.User
	v, err := s.core.StartPartial(ctx, me, up)
	if err != nil {
		return err
	}
	if first {
		got, err := s.addPiece(w, r, v.ID, 0)
		switch f := fault.Of(err); {
		case err == nil:
			v = got
		case f.Code == "upload.interrupted":
			return err // nobody hears it
		default:
			return errors.Join(err, s.core.DropPartial(context.WithoutCancel(ctx), me, v.ID))
		}
	}
	h := w.Header()
	h.Set("Location", s.at(partialAddress(v.ID)))
	tellOffset(h, v)
	moreTime(w)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// headUpload tells where a file goes on.
func (s *Server) headUpload(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := s.core.PartialOffset(r.Context(), from(r.Context()).asker.User, id)
	if err == nil && v.Fault != nil {
		err = core.ErrNotFound // there is nothing to go on with
	}
	if err != nil {
		return err
	}
	h := w.Header()
	tellOffset(h, v)
	h.Set("Upload-Length", strconv.FormatInt(v.Size, 10))
	h.Set("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(v.Name))+
		",visibility "+base64.StdEncoding.EncodeToString([]byte(visibilities[v.Visibility])))
	w.WriteHeader(http.StatusOK)
	return nil
}

// patchUpload takes a piece.
func (s *Server) patchUpload(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if !isPiece(r) {
		return errPiece
	}
	offset, err := number(r.Header, "Upload-Offset")
	if err != nil {
		return err
	}
	v, err := s.addPiece(w, r, id, offset)
	if err != nil {
		return err
	}
	tellOffset(w.Header(), v)
	moreTime(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// addPiece reads a request's body into a file.
func (s *Server) addPiece(w http.ResponseWriter, r *http.Request, id db.ID, offset int64) (core.PartialView, error) {
	in := newPatientReader(w, r, uploadWithin)
	defer in.end()
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-s.closing: // what came so far is kept before the house closes
			in.stop()
		case <-over:
		}
	}()
	return s.core.AddPiece(r.Context(), from(r.Context()).asker.User, id, core.Piece{Offset: offset, Size: r.ContentLength, Body: in, Stop: in.stop})
}

// deleteUpload ends an upload.
func (s *Server) deleteUpload(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.core.DropPartial(r.Context(), from(r.Context()).asker.User, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// moreTime gives an answer its time again, after a body that took long.
func moreTime(w http.ResponseWriter) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWithin))
}

var errPiece = fault.New(fault.Unsupported, "upload.piece", "Send pieces of a file as "+tusPiece+".")

func isPiece(r *http.Request) bool { return r.Header.Get("Content-Type") == tusPiece }

func partialAddress(id db.ID) string { return "/api/uploads/" + id.String() }

func tellOffset(h http.Header, v core.PartialView) {
	h.Set("Upload-Offset", strconv.FormatInt(v.Offset, 10))
	h.Set("Upload-Expires", v.Expires.UTC().Format(http.TimeFormat))
}

// number reads a header that counts bytes: digits and nothing else.
func number(h http.Header, name string) (int64, error) {
	values := h.Values(name)
	if len(values) == 1 && len(values[0]) > 0 && strings.Trim(values[0], "0123456789") == "" {
		n, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil { // more than there can be
			return 0, fault.New(fault.TooLarge, "upload.number", "The header "+name+" says more bytes than a file can have.").In(name)
		}
		return n, nil
	}
	return 0, fault.New(fault.Invalid, "upload.number", "The header "+name+" says a number of bytes, once.").In(name)
}

// newPartial reads the headers that announce a file.
func newPartial(h http.Header) (core.NewPartial, error) {
	var up core.NewPartial
	if h.Get("Upload-Defer-Length") != "" {
		return up, fault.New(fault.Invalid, "upload.defer", "Say by Upload-Length how long the file is; that can't be left for later here.").In("Upload-Defer-Length")
	}
	if h.Get("Upload-Concat") != "" {
		return up, fault.New(fault.Invalid, "upload.concat", "A file can't be put together of several uploads here.").In("Upload-Concat")
	}
	size, err := number(h, "Upload-Length")
	if err != nil {
		return up, err
	}
	words, err := metadata(h.Get("Upload-Metadata"))
	if err != nil {
		return up, err
	}
	v := words["visibility"]
	if v != "" && v != visibilities[visibility(v)] {
		return up, fault.New(fault.Invalid, "visibility.invalid", "The visibility is private, link, followers or public.").In("visibility")
	}
	name := words["filename"]
	if name == "" {
		name = words["name"]
	}
	return core.NewPartial{Name: name, Size: size, Visibility: visibility(v)}, nil
}

var errMetadata = fault.New(fault.Invalid, "upload.metadata", "The header Upload-Metadata holds pairs of a word and a text in base64, with commas between.").In("Upload-Metadata")

// metadata reads Upload-Metadata.
func metadata(header string) (map[string]string, error) {
	words := map[string]string{}
	if len(header) > maxTusWords {
		return nil, errMetadata
	}
	if strings.TrimSpace(header) == "" {
		return words, nil
	}
	for pair := range strings.SplitSeq(header, ",") {
		key, text, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(text)
		_, twice := words[key]
		if err != nil || key == "" || twice {
			return nil, errMetadata
		}
		words[key] = string(value)
		if !utf8.Valid(value) {
			words[key] = strings.ToValidUTF8(string(value), "\uFFFD")
		}
	}
	return words, nil
}

// getUploads lists the asker's unfinished uploads.
func (s *Server) getUploads(ctx context.Context, _ *struct{}) (*wire.List[wire.PartialUpload], error) {
	list, err := s.core.Partials(ctx, from(ctx).asker.User)
	if err != nil {
		return nil, err
	}
	return &wire.List[wire.PartialUpload]{Items: wireAll(list, wirePartial)}, nil
}

// getUpload tells what became of an upload.
func (s *Server) getUpload(ctx context.Context, in *ByID) (*wire.PartialUpload, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.Partial(ctx, from(ctx).asker.User, id)
	if err != nil {
		return nil, err
	}
	w := wirePartial(v)
	return &w, nil
}

func wirePartial(v core.PartialView) wire.PartialUpload {
	w := wire.PartialUpload{
		ID: v.ID.String(), Name: v.Name, Size: v.Size, Offset: v.Offset, SHA256: hex.EncodeToString(v.Sum), URL: partialAddress(v.ID),
		Created: v.Created.UTC(), Expires: v.Expires.UTC(), Ended: v.Ended(),
	}
	if v.Became != nil {
		t := wireTrack(*v.Became)
		w.Track = &t
	}
	if f := v.Fault; f != nil {
		w.Error = &wire.ErrorDetail{Code: f.Code, Message: f.Message, About: f.About}
	}
	return w
}

// postKnown tells which files the asker has uploaded before.
func (s *Server) postKnown(ctx context.Context, in *body[wire.Known]) (*wire.KnownTracks, error) {
	sums := make([][]byte, 0, len(in.Body.SHA256))
	for _, text := range in.Body.SHA256 {
		sum, err := hex.DecodeString(text)
		if err != nil || len(sum) != 32 {
			return nil, fault.New(fault.Invalid, "upload.sum", "Name files by their SHA-256, 64 digits in hex each.").In("sha256")
		}
		sums = append(sums, sum)
	}
	tracks, err := s.core.Known(ctx, from(ctx).asker.User, sums)
	if err != nil {
		return nil, err
	}
	out := &wire.KnownTracks{Items: []wire.KnownTrack{}}
	for _, t := range tracks {
		out.Items = append(out.Items, wire.KnownTrack{SHA256: hex.EncodeToString(t.Track.Audio.SHA256), Track: wireTrack(t)})
	}
	return out, nil
}

// tusHeaders are the headers of the protocol, as the document has them.
var tusHeaders = map[string]string{
	"Tus-Resumable":   "The version of the protocol: " + tusVersion + ".",
	"Upload-Length":   "Bytes of the whole file.",
	"Upload-Offset":   "Bytes that are here; where the piece begins.",
	"Upload-Metadata": "Pairs of a word and a text in base64, with commas between: filename, and visibility as in POST /api/tracks.",
	"Upload-Expires":  "When what came is dropped, unless more of it comes.",
	"Location":        "Where the pieces are sent.",
	"Tus-Version":     "The versions of the protocol that are spoken.",
	"Tus-Extension":   "Its extensions.",
	"Tus-Max-Size":    "Bytes that a file may have.",
}

// tusAnswer documents an answer of the protocol, with its headers.
func (s *Server) tusAnswer(status string, headers ...string) func(*huma.Operation) {
	return func(o *huma.Operation) {
		if o.Method != http.MethodOptions {
			tusAsks(o, true, "Tus-Resumable")
		}
		if o.Method == http.MethodHead {
			headers = []string{"Upload-Offset", "Upload-Length", "Upload-Metadata", "Upload-Expires"}
		}
		res := &huma.Response{Description: "OK", Headers: map[string]*huma.Param{}}
		for _, name := range append(headers, "Tus-Resumable") {
			res.Headers[name] = &huma.Param{Description: tusHeaders[name], Schema: &huma.Schema{Type: "string"}}
		}
		o.Responses[status] = res
	}
}

func tusAsks(o *huma.Operation, required bool, names ...string) {
	for _, name := range names {
		o.Parameters = append(o.Parameters, &huma.Param{Name: name, In: "header", Required: required, Description: tusHeaders[name], Schema: &huma.Schema{Type: "string"}})
	}
}

func (s *Server) tusOptions(o *huma.Operation) {
	s.tusAnswer("204", "Tus-Version", "Tus-Extension", "Tus-Max-Size")(o)
}

func (s *Server) tusCreation(o *huma.Operation) {
	s.tusAnswer("201", "Location", "Upload-Offset", "Upload-Expires")(o)
	tusAsks(o, true, "Upload-Length")
	tusAsks(o, false, "Upload-Metadata")
	o.RequestBody = &huma.RequestBody{Content: bytesOf(tusPiece)}
}

func (s *Server) tusPatch(o *huma.Operation) {
	s.tusAnswer("204", "Upload-Offset", "Upload-Expires")(o)
	tusAsks(o, true, "Upload-Offset")
	o.RequestBody = &huma.RequestBody{Required: true, Content: bytesOf(tusPiece)}
}
