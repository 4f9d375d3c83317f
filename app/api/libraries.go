package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

type folderPath struct {
	Path string `query:"path" maxLength:"4096" doc:"Absolute; absent for the list of those that the settings name."`
}

func (s *Server) getFolders(ctx context.Context, in *folderPath) (*wire.Folder, error) {
	v, err := s.core.Folders(ctx, from(ctx).asker.User, in.Path)
	return &wire.Folder{Path: v.Path, Parent: v.Parent, Folders: v.Folders, Audio: v.Audio, More: v.More}, err
}

func (s *Server) getLibraries(ctx context.Context, _ *struct{}) (*wire.List[wire.Library], error) {
	list, err := s.core.Libraries(ctx, from(ctx).asker.User)
	return &wire.List[wire.Library]{Items: wireAll(list, wireLibrary)}, err
}

func (s *Server) postLibrary(ctx context.Context, in *body[wire.NewLibrary]) (*wire.Library, error) {
	b := in.Body
	n := core.NewLibrary{Path: b.Path, Visibility: visibility(b.Visibility), Albums: b.Albums, Copy: b.Copy, Watch: b.Watch}
	var err error
	if n.User, err = optionalID(b.UserID); err != nil {
		return nil, err
	}
	v, err := s.core.AddLibrary(ctx, from(ctx).asker.User, n)
	w := wireLibrary(v)
	return &w, err
}

type libraryPatch struct {
	ByID
	Body wire.LibraryPatch
}

func (s *Server) patchLibrary(ctx context.Context, in *libraryPatch) (*wire.Library, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	change := core.LibraryChange{Albums: in.Body.Albums, Watch: in.Body.Watch}
	if in.Body.Visibility != nil {
		v := visibility(*in.Body.Visibility)
		change.Visibility = &v
	}
	v, err := s.core.ChangeLibrary(ctx, from(ctx).asker.User, id, change)
	w := wireLibrary(v)
	return &w, err
}

func (s *Server) deleteLibrary(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.RemoveLibrary(ctx, from(ctx).asker.User, id)
}

func wireLibrary(v core.LibraryView) wire.Library {
	l := v.Library
	w := wire.Library{
		ID: l.ID.String(), Path: l.Path, User: wireUserRef(v.User), Visibility: visibilities[l.Visibility],
		Albums: l.Albums, Copy: l.Copy, Watch: l.Watch, Away: l.Away, Files: l.Files, Refused: l.Refused, Scanned: l.Scanned,
	}
	if v.Last != nil {
		w.Import = wireImport(*v.Last)
	}
	return w
}
