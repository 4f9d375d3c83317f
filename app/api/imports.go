package api

import (
	"context"
	"encoding/base64"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

func (s *Server) postLibraryScan(ctx context.Context, in *ByID) (*wire.Import, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.ScanLibrary(ctx, from(ctx).asker.User, id)
	return wireImport(v), err
}

func (s *Server) getImports(ctx context.Context, in *Paged) (*wire.List[wire.Import], error) {
	p, err := s.core.Imports(ctx, from(ctx).asker.User, in.core())
	return wireList(p, func(v core.ImportView) wire.Import { return *wireImport(v) }), err
}

func (s *Server) getImport(ctx context.Context, in *ByID) (*wire.Import, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.Import(ctx, from(ctx).asker.User, id)
	return wireImport(v), err
}

func (s *Server) getImportProblems(ctx context.Context, in *listOf) (*wire.List[wire.Problem], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.ImportProblems(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, func(p db.NumberedProblem) wire.Problem {
		return wire.Problem{Path: p.Path, Line: p.Line, Code: p.Code, Message: p.Text}
	}), err
}

func (s *Server) deleteImport(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.StopImport(ctx, from(ctx).asker.User, id)
}

func (s *Server) postImport(ctx context.Context, in *body[wire.NewImport]) (*wire.Import, error) {
	b := in.Body
	n := core.NewList{Folder: b.Folder, Name: b.Name, Albums: b.Albums, Visibility: visibility(b.Visibility)}
	var err error
	if n.User, err = optionalID(b.UserID); err != nil {
		return nil, err
	}
	if n.Bytes, err = base64.StdEncoding.DecodeString(b.CSV); err != nil {
		return nil, fault.New(fault.Invalid, "list.encoding", "The list has to be in Base64.").In("csv").Because(err)
	}
	v, err := s.core.ImportList(ctx, from(ctx).asker.User, n)
	return wireImport(v), err
}

var importStates = map[db.ImportState]string{
	db.ImportWaiting: "waiting", db.ImportRunning: "running", db.ImportDone: "done", db.ImportStopped: "stopped", db.ImportFailed: "failed",
}

func wireImport(v core.ImportView) *wire.Import {
	i := v.Import
	w := &wire.Import{
		ID: i.ID.String(), Path: i.Path, State: importStates[i.State], Created: i.Created.UTC(), Started: i.Started, Ended: i.Ended,
		Found: i.Found, Seen: i.Seen, Bytes: i.Bytes, Rate: v.Rate, LeftMS: v.Left.Milliseconds(),
		Added: i.Added, Changed: i.Changed, Same: i.Same, Moved: i.Moved, Duplicates: i.Duplicates, Refused: i.Refused, Missing: i.Missing,
		Comments: i.Comments, Error: i.Error,
	}
	if i.Library != 0 {
		w.LibraryID = i.Library.String()
	}
	return w
}
