package db

import "iter"

// Like makes a user like a track, and counts it. A pair that is there already
// keeps its mark; added says whether it is new. ErrNotFound when one of the two
// is not there.
func (tx *Tx) Like(user, track ID) (mark ID, added bool, err error) {
	return likes.join(tx, user, track)
}

// Unlike ends a like; dropped says whether there was one.
func (tx *Tx) Unlike(user, track ID) (dropped bool, err error) { return likes.leave(tx, user, track) }

// LikeMark gives the mark of a like, or 0 when there is none.
func (tx *Tx) LikeMark(user, track ID) (ID, error) { return likes.mark(tx, user, track) }

// Likes yields the tracks that a user likes, newest like first, before a mark
// (0: from the newest). A track may be gone by now.
func (tx *Tx) Likes(user, before ID) iter.Seq2[Edge, error] { return likes.from(tx, user, before) }

// Likers yields who likes a track, as Likes does.
func (tx *Tx) Likers(track, before ID) iter.Seq2[Edge, error] { return likes.to(tx, track, before) }

// LikePlaylist is Like for a playlist.
func (tx *Tx) LikePlaylist(user, playlist ID) (mark ID, added bool, err error) {
	return playlistLikes.join(tx, user, playlist)
}

// UnlikePlaylist is Unlike for a playlist.
func (tx *Tx) UnlikePlaylist(user, playlist ID) (dropped bool, err error) {
	return playlistLikes.leave(tx, user, playlist)
}

// PlaylistLikeMark is LikeMark for a playlist.
func (tx *Tx) PlaylistLikeMark(user, playlist ID) (ID, error) {
	return playlistLikes.mark(tx, user, playlist)
}

// PlaylistLikes is Likes for playlists.
func (tx *Tx) PlaylistLikes(user, before ID) iter.Seq2[Edge, error] {
	return playlistLikes.from(tx, user, before)
}
