package db

import "iter"

// MostInPlaylist is how many tracks a playlist holds.
const MostInPlaylist = 1000

// Playlist gives the playlist with an id. ErrNotFound when there is none.
func (tx *Tx) Playlist(id ID) (Playlist, error) { panic("not yet") }

// PlaylistBySlug gives the playlist of a user with a slug, as TrackBySlug does.
func (tx *Tx) PlaylistBySlug(user ID, slug string) (p Playlist, moved bool, err error) {
	panic("not yet")
}

// PlaylistSlugTaken is SlugTaken among a user's playlists.
func (tx *Tx) PlaylistSlugTaken(user ID, slug string, except ID) (bool, error) { panic("not yet") }

// AddPlaylist stores a new, empty playlist of a user who is there, else
// ErrNotFound, and counts it. ErrTaken as AddTrack; Published as a track's.
func (tx *Tx) AddPlaylist(p Playlist) error { panic("not yet") }

// SetPlaylist stores a playlist that is there already, else ErrNotFound, and
// moves whatever depends on it, as SetTrack does. The owner can't change.
func (tx *Tx) SetPlaylist(p Playlist) error { panic("not yet") }

// DropPlaylist removes a playlist and all that is about it; its tracks stay.
// ErrNotFound when there is none. Its files are the caller's business.
func (tx *Tx) DropPlaylist(id ID) error { panic("not yet") }

// PlaylistTracks gives the tracks of a playlist in their order; nil when it
// has none.
func (tx *Tx) PlaylistTracks(id ID) ([]ID, error) { panic("not yet") }

// SetPlaylistTracks replaces the tracks of a playlist that is there, else
// ErrNotFound, and moves its counters. Every track that is new to it has to be
// there (ErrNotFound), none may come twice, and there are at most
// MostInPlaylist.
func (tx *Tx) SetPlaylistTracks(id ID, tracks []ID) error { panic("not yet") }

// InPlaylist says whether a track is in a playlist.
func (tx *Tx) InPlaylist(playlist, track ID) (bool, error) { panic("not yet") }

// PlaylistsOf yields all playlists of a user, newest first, before an id (0:
// from the newest).
func (tx *Tx) PlaylistsOf(user, before ID) iter.Seq2[Playlist, error] { panic("not yet") }

// PublicPlaylistsOf yields the public ones, newest published first, before a
// mark in Published.
func (tx *Tx) PublicPlaylistsOf(user, before ID) iter.Seq2[Playlist, error] { panic("not yet") }

// PlaylistsWith yields the ids of the playlists that a track is in.
func (tx *Tx) PlaylistsWith(track ID) iter.Seq2[ID, error] { panic("not yet") }
