package api

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// addRoutes is the list of all routes, each with who may call it.
func (s *Server) addRoutes() {
	op(s, "GET /api/house", anyone, "What anybody may know of this house", s.getHouse)
	op(s, "PATCH /api/house", keeper, "Change the house's name and who may come in", s.patchHouse)
	op(s, "GET /api/house/settings", keeper, "What the keeper may change while the house is open, and what needs a restart", s.getSettings)
	op(s, "GET /api/health", keeper, "How the house is, and what to do about it", s.getHealth)
	op(s, "GET /api/storage", keeper, "What the house takes of its disk, and who keeps most", s.getStorage)
	op(s, "GET /api/jobs", keeper, "The work that there is to do", s.getJobs)
	op(s, "POST /api/jobs/{id}/retry", keeper, "Have work that fails tried again at once", s.postJobRetry)
	op(s, "POST /api/setup", anyone, "Make the keeper's account by the one-time link", s.postSetup)

	op(s, "POST /api/auth/sign-up", anyone, "Make an account, where the house is open, and sign in", s.postSignUp)
	op(s, "POST /api/auth/sign-in", anyone, "Sign in by e-mail and password", s.postSignIn)
	op(s, "POST /api/auth/factor", anyone, "Finish a sign-in by a code of the second factor", s.postCode)
	op(s, "POST /api/auth/passkey/begin", anyone, "Begin to sign in by a passkey", s.postPasskeyBegin)
	op(s, "POST /api/auth/passkey", anyone, "Sign in by a passkey; no code is asked for", s.postPasskey)
	op(s, "POST /api/auth/invite/check", anyone, "Who invites with a link", s.postInviteCheck)
	op(s, "POST /api/auth/reset/check", anyone, "Whose password a link resets", s.postResetCheck)
	op(s, "POST /api/auth/reset", anyone, "Choose a new password by a link, and sign in; every session ends", s.postPasswordReset)
	op(s, "POST /api/auth/forgot", anyone, "Ask for a link for a new password by mail; the answer does not tell whether there is an account", s.postForgot)
	op(s, "POST /api/auth/sign-out", anyone, "End the session that asks", s.postSignOut)

	op(s, "POST /api/auth/google", anyone, "Sign in by an ID token of Google's; the error openid.link asks for a password once", s.postGoogle)
	op(s, "POST /api/auth/openid/{name}", anyone, "Sign in by an ID token of a provider's", s.postOpenID)
	op(s, "POST /api/auth/openid/link", anyone, "Connect the account that openid.link told of, by its password, and sign in", s.postOpenIDLink)
	s.handle("GET /api/auth/openid/{name}/start", anyone, "Lead a browser to a provider, to sign in there",
		givesRedirect("next", "The page of this house to come back to.", "invite", "Code of an invite, for a new account."), s.getOpenIDStart)
	s.handle("GET /api/auth/openid/{name}/callback", anyone, "Where a provider leads a browser back to",
		givesRedirect("state", "As it was sent.", "code", "For the ID token.", "error", "Instead of a code.", "iss", "Which provider it was."), s.getOpenIDCallback)
	op(s, "GET /api/me/identities", member, "The accounts at providers that let the asker in", s.getIdentities)
	op(s, "POST /api/me/identities/{name}", member, "Let the asker in by an account at a provider, too", s.postIdentity)
	op(s, "DELETE /api/me/identities/{id}", member, "Let the asker in by such an account no more; the last way in stays", s.deleteIdentity)

	op(s, "GET /api/me", member, "The own account", s.getMe)
	op(s, "PATCH /api/me", member, "Change the own account", s.patchMe)
	op(s, "PUT /api/me/password", member, "Change the password; every other session ends", s.putPassword)
	op(s, "PUT /api/me/email", member, "Change the e-mail address, by the password", s.putEmail)
	op(s, "GET /api/me/sessions", member, "The own sessions, the newest first", s.getSessions)
	op(s, "DELETE /api/me/sessions", member, "End all own sessions but this one, or all", s.deleteSessions)
	op(s, "DELETE /api/me/sessions/{id}", member, "End one own session", s.deleteSession)
	op(s, "GET /api/me/security", member, "How the own account is kept: second factor and passkeys", s.getSecurity)
	op(s, "POST /api/me/factor/begin", member, "Begin to set a second factor up", s.postFactorBegin)
	op(s, "POST /api/me/factor/confirm", member, "Switch the second factor on by its first code; gives the recovery codes", s.postFactorConfirm)
	op(s, "POST /api/me/factor/codes", member, "Make the recovery codes anew", s.postFactorCodes)
	op(s, "POST /api/me/factor/off", member, "Switch the second factor off", s.postFactorOff)
	op(s, "POST /api/me/passkeys/begin", member, "Begin to add a passkey", s.postMyPasskeyBegin)
	op(s, "POST /api/me/passkeys", member, "Add a passkey that the browser made", s.postMyPasskey)
	op(s, "PATCH /api/me/passkeys/{id}", member, "Rename an own passkey", s.patchMyPasskey)
	op(s, "DELETE /api/me/passkeys/{id}", member, "Remove an own passkey, unless it is the last way in", s.deleteMyPasskey)
	op(s, "GET /api/me/keys", member, "What programs come in by: app passwords, tokens and feeds, the one made last first", s.getKeys)
	op(s, "POST /api/me/keys", member, "Make an app password or a token, by the password; its secret is told this once", s.postKey)
	op(s, "PATCH /api/me/keys/{id}", member, "Rename what a program comes in by", s.patchKey)
	op(s, "DELETE /api/me/keys/{id}", member, "Take it back: the program is not let in any more", s.deleteKey)
	op(s, "GET /api/me/tracks", member, "The own tracks, private ones too, the newest first", s.getMyTracks)
	s.handle("GET /api/me/export", member, "All that is the asker's as one zip file: audio, pictures, and everything else as JSON", s.gives("application/zip"), s.getExport)
	op(s, "DELETE /api/me/banner", member, "Take the banner of the own profile away", s.deleteMyBanner)
	s.handle("PUT /api/me/banner", member, "Replace the banner of the own profile", s.takes("image/*", wire.Me{}, 200), s.putMyBanner)
	op(s, "DELETE /api/me/picture", member, "Take the own picture away", s.deleteMyPicture)
	s.handle("PUT /api/me/picture", member, "Replace the own picture", s.takes("image/*", wire.Me{}, 200), s.putMyPicture)
	s.handle("GET /api/events", visitor, "What concerns the asker, as it happens (server-sent events); visitors hear of comments", s.givesEvents, s.getEvents)

	op(s, "GET /api/users/{id}", visitor, "A person", s.getUser)
	op(s, "GET /api/users/{id}/tracks", visitor, "A person's public tracks, the newest first", s.getUserTracks)
	s.handle("GET /api/users/{id}/banner/{size}", visitor, "The banner of a person's profile, three times as wide as high: 750 or 1500 pixels wide", s.gives("image/jpeg"), s.picture(s.core.UserBanner))
	s.handle("GET /api/users/{id}/picture/{size}", visitor, "A person's picture: 100, 300 or 600 pixels", s.gives("image/jpeg"), s.picture(s.core.UserPicture))

	op(s, "PUT /api/users/{id}/follow", member, "Follow a person", s.putFollow)
	op(s, "DELETE /api/users/{id}/follow", member, "Follow a person no more", s.deleteFollow)
	op(s, "POST /api/users/{id}/follow/toggle", member, "Follow a person, or no more", s.postFollowToggle)
	op(s, "GET /api/users/{id}/followers", visitor, "Who follows a person, the newest follow first", s.getFollowers)
	op(s, "GET /api/users/{id}/following", visitor, "Whom a person follows, the newest follow first", s.getFollowing)
	op(s, "PUT /api/users/{id}/block", member, "Block a person: neither sees the other any more", s.putBlock)
	op(s, "DELETE /api/users/{id}/block", member, "Block a person no more", s.deleteBlock)
	op(s, "GET /api/users", keeper, "Everybody who has an account, the newest first", s.getUsers)
	op(s, "PUT /api/users/{id}/suspension", keeper, "Suspend an account: it and all that is theirs is hidden", s.putSuspension)
	op(s, "DELETE /api/users/{id}/suspension", keeper, "End a suspension", s.deleteSuspension)
	op(s, "POST /api/users/{id}/factor/off", keeper, "Take the second factor away from somebody who lost it; their sessions end", s.postUserFactorOff)
	op(s, "PUT /api/users/{id}/role", keeper, "Make a member a keeper, or a keeper a member again", s.putRole)
	op(s, "PUT /api/users/{id}/quota", keeper, "Say how much a person may keep", s.putQuota)
	op(s, "POST /api/users/{id}/reset", keeper, "Make the link by which a person chooses a new password", s.postReset)
	op(s, "GET /api/folders", keeper, "A folder of the machine, if it is in one of those that the settings name, to choose a library", s.getFolders)
	op(s, "GET /api/libraries", keeper, "The folders of the machine whose files are tracks, the oldest first", s.getLibraries)
	op(s, "POST /api/libraries", keeper, "Make a folder a library, and begin to read it", s.postLibrary)
	op(s, "PATCH /api/libraries/{id}", keeper, "Change what becomes of what is found in a library from now on", s.patchLibrary)
	op(s, "DELETE /api/libraries/{id}", keeper, "Make a library a plain folder again: its files stay, the tracks that are read in it go, in the background", s.deleteLibrary)
	op(s, "POST /api/libraries/{id}/scan", keeper, "Read a library now; gives the reading that waits or runs, if one does", s.postLibraryScan)
	op(s, "GET /api/imports", keeper, "The readings of libraries and lists, the newest first; the last 50 are kept", s.getImports)
	opUpTo(s, maxLists, "POST /api/imports", keeper, "Take a list of tracks in, a CSV, with the files that it names", s.postImport)
	op(s, "GET /api/imports/{id}", keeper, "One reading, and how far it is", s.getImport)
	op(s, "GET /api/imports/{id}/problems", keeper, "What a reading did not take, and why; the first 10,000", s.getImportProblems)
	op(s, "DELETE /api/imports/{id}", keeper, "Stop a reading; what it took stays", s.deleteImport)
	op(s, "GET /api/invites", keeper, "The invites, the newest first", s.getInvites)
	op(s, "POST /api/invites", keeper, "Make an invite; its link is told this once", s.postInvite)
	op(s, "DELETE /api/invites/{id}", keeper, "Take an invite back", s.deleteInvite)
	op(s, "DELETE /api/users/{id}", keeper, "Delete an account with everything that is theirs", s.deleteUser)
	op(s, "POST /api/me/delete", member, "Delete the own account with everything that is the asker's", s.postDeleteMe)
	op(s, "GET /api/me/blocks", member, "Whom the asker blocks, the newest block first", s.getBlocks)

	op(s, "PUT /api/tracks/{id}/like", member, "Like a track", s.putTrackLike)
	op(s, "DELETE /api/tracks/{id}/like", member, "Like a track no more", s.deleteTrackLike)
	op(s, "GET /api/tracks/{id}/likers", visitor, "Who likes a track, the newest like first", s.getLikers)
	op(s, "PUT /api/tracks/{id}/repost", member, "Bring a track to those who follow the asker", s.putRepost)
	op(s, "DELETE /api/tracks/{id}/repost", member, "Take a repost back", s.deleteRepost)
	op(s, "GET /api/tracks/{id}/reposters", visitor, "Who reposted a track, the newest repost first", s.getReposters)
	op(s, "POST /api/tracks/{id}/plays", holder, "Tell that the asker listened; from half a minute or half the track on it counts as a play", s.postPlay)
	op(s, "POST /api/tracks/{id}/stops", holder, "Tell where in a track the asker stopped listening", s.postStop)
	op(s, "GET /api/charts", visitor, "The tracks with the most points: one a day for each person who listens, three for each like", s.getCharts)
	op(s, "GET /api/tracks/{id}/numbers", member, "What is counted of an own track, day by day", s.getTrackNumbers)
	op(s, "GET /api/me/numbers", member, "What is counted of all own tracks together, day by day", s.getMyNumbers)
	op(s, "GET /api/me/history", member, "What the asker listened to, the last listen first", s.getHistory)
	op(s, "DELETE /api/me/history", member, "Forget what the asker listened to", s.deleteHistory)
	op(s, "DELETE /api/me/history/{id}", member, "Forget that the asker listened to a track", s.deleteHistoryEntry)
	op(s, "GET /api/me/queue", member, "What the asker was listening to last, on any device, to go on with", s.getQueue)
	op(s, "PUT /api/me/queue", member, "Store what the asker is listening to; it is written within about a second", s.putQueue)
	op(s, "DELETE /api/me/queue", member, "Forget what the asker was listening to", s.deleteQueue)
	op(s, "GET /api/me/scrobbler", member, "Where the asker's listens are told, besides here, and how that goes", s.getScrobbler)
	op(s, "PUT /api/me/scrobbler", member, "Have the asker's listens told to a server that takes them as ListenBrainz does", s.putScrobbler)
	op(s, "DELETE /api/me/scrobbler", member, "Have the asker's listens told nowhere any more; those that wait are forgotten", s.deleteScrobbler)
	op(s, "GET /api/me/likes", member, "The tracks that the asker likes, the newest like first", s.getMyLikes)
	op(s, "GET /api/me/likes/playlists", member, "The playlists that the asker likes, the newest like first", s.getMyPlaylistLikes)
	op(s, "GET /api/users/{id}/likes", visitor, "The tracks that a person likes, the newest like first", s.getUserLikes)
	op(s, "GET /api/users/{id}/reposts", visitor, "The tracks that a person reposted, the newest repost first", s.getUserReposts)

	op(s, "GET /api/me/playlists", member, "The own playlists, private ones too, the newest first", s.getMyPlaylists)
	op(s, "GET /api/users/{id}/playlists", visitor, "A person's public playlists, the newest first", s.getUserPlaylists)
	op(s, "POST /api/playlists", member, "Make a playlist", s.postPlaylist)
	op(s, "GET /api/playlists/{id}", holder, "A playlist", s.getPlaylist)
	op(s, "PATCH /api/playlists/{id}", member, "Change an own playlist", s.patchPlaylist)
	op(s, "DELETE /api/playlists/{id}", member, "Delete an own playlist; the keeper may delete any", s.deletePlaylist)
	op(s, "GET /api/playlists/{id}/tracks", holder, "The tracks of a playlist in their order", s.getPlaylistTracks)
	op(s, "PUT /api/playlists/{id}/tracks/{track}", member, "Put a track into an own playlist, or move it", s.putPlaylistTrack)
	op(s, "DELETE /api/playlists/{id}/tracks/{track}", member, "Take a track out of an own playlist", s.deletePlaylistTrack)
	op(s, "PUT /api/playlists/{id}/like", member, "Like a playlist", s.putPlaylistLike)
	op(s, "DELETE /api/playlists/{id}/like", member, "Like a playlist no more", s.deletePlaylistLike)
	s.handle("PUT /api/playlists/{id}/picture", member, "Replace the artwork of an own playlist", s.takes("image/*", wire.Playlist{}, 200), s.putPlaylistPicture)
	op(s, "DELETE /api/playlists/{id}/picture", member, "Take the artwork of an own playlist away", s.deletePlaylistPicture)
	s.handle("GET /api/playlists/{id}/picture/{size}", holder, "A playlist's own artwork: 100, 300 or 600 pixels", s.gives("image/jpeg"), s.picture(s.core.PlaylistPicture))

	op(s, "GET /api/home", visitor, "What there is to discover: popular tags, charts, what and who is new", s.getHome)
	op(s, "GET /api/tags", visitor, "The tags, those that most tracks carry first", s.getTags)
	op(s, "GET /api/tags/{tag}", visitor, "A tag, however it is written, and what lies near it", s.getTag)
	op(s, "GET /api/tags/{tag}/tracks", visitor, "The tracks that carry a tag", s.getTagTracks)
	op(s, "GET /api/tracks/{id}/similar", visitor, "Tracks that are like a track, and why", s.getSimilar)
	op(s, "GET /api/tracks/{id}/playlists", visitor, "The playlists that a track is in and that the asker would find in lists, the newest first", s.getInPlaylists)
	op(s, "GET /api/stations/tracks/{id}", visitor, "Tracks to go on with from a track, without an end that is near; no track twice", s.getTrackStation)
	op(s, "GET /api/stations/tags/{tag}", visitor, "The same from the tracks of a tag", s.getTagStation)

	op(s, "GET /api/recommendations/users", member, "People whom the asker may want to follow, and why", s.getRecommendations)
	op(s, "POST /api/reports", member, "Report a track, a playlist, a comment or a person to the keeper", s.postReport)
	op(s, "GET /api/reports", keeper, "What was reported, the newest first", s.getReports)
	op(s, "POST /api/reports/{id}/answer", keeper, "Answer a report, and all others of the same thing", s.postReportAnswer)

	op(s, "GET /api/backups", keeper, "The copies of the database, and how they are made", s.getBackups)
	op(s, "POST /api/backups", keeper, "Make a copy of the database now, in the background", s.postBackup)
	op(s, "POST /api/backups/{name}/prove", keeper, "Read a copy again in full, and tell whether it is good", s.postBackupProof)
	op(s, "GET /api/check", keeper, "What the last look at everything found, or how far it is", s.getCheck)
	op(s, "POST /api/check", keeper, "Look at everything, in the background: database, counters, files", s.postCheck)
	op(s, "DELETE /api/check", keeper, "Stop looking", s.deleteCheck)

	s.handleSmall("GET /api/oembed", visitor, "How another site shows a public track or playlist (oembed.com); nothing else is found", s.givesOEmbed, s.getOEmbed)
	op(s, "GET /api/share", visitor, "The full address of a page of the house, to give on, also as a QR code", s.getShare)
	op(s, "GET /api/resolve", holder, "What stands at the address of a page", s.getResolve)
	op(s, "GET /api/search", visitor, "Tracks, people, playlists and tags by their words, the best first", s.getSearch)
	op(s, "GET /api/search/suggest", visitor, "A few things that are found by what was typed so far", s.getSuggest)
	op(s, "GET /api/search/index", keeper, "How the search index stands", s.getIndex)
	op(s, "POST /api/search/index/rebuild", keeper, "Make the search index anew", s.postRebuild)
	op(s, "GET /api/stream", visitor, "What those whom the asker follows publish and repost, or the newest public tracks", s.getStream)

	s.handle("POST /api/tracks", member, "Upload a file: its bytes are the body", s.takesUpload, s.postTrack)
	s.tus("OPTIONS /api/uploads", "What is spoken here of tus, the protocol of uploads in pieces", s.tusOptions, s.optionsUploads)
	s.tus("POST /api/uploads", "Announce a file that comes in pieces; the first may be the body", s.tusCreation, s.postUpload)
	s.tus("HEAD /api/uploads/{id}", "How much of an own upload is here; a piece that comes by another request is ended", s.tusAnswer("200"), s.headUpload)
	s.tus("PATCH /api/uploads/{id}", "Send the next piece of an own upload; with the last it becomes a track", s.tusPatch, s.patchUpload)
	s.tus("DELETE /api/uploads/{id}", "End an own upload; a track that it became stays", s.tusAnswer("204"), s.deleteUpload)
	op(s, "GET /api/uploads", member, "The own uploads in pieces that are not whole, the newest first", s.getUploads)
	op(s, "GET /api/uploads/{id}", member, "An own upload in pieces, and for a day what became of it", s.getUpload)
	op(s, "POST /api/uploads/known", member, "Which of some files are own tracks", s.postKnown)
	opUpTo(s, maxBatch, "PATCH /api/me/tracks", member, "Change many own tracks at once, each by itself", s.patchMyTracks)
	op(s, "GET /api/tracks/{id}", holder, "A track", s.getTrack)
	op(s, "PATCH /api/tracks/{id}", member, "Change an own track", s.patchTrack)
	op(s, "DELETE /api/tracks/{id}", member, "Delete an own track; the keeper may delete any", s.deleteTrack)
	s.handle("PUT /api/tracks/{id}/picture", member, "Replace the artwork of an own track", s.takes("image/*", wire.Track{}, 200), s.putTrackPicture)
	op(s, "DELETE /api/tracks/{id}/picture", member, "Take the artwork of an own track away", s.deleteTrackPicture)
	s.handle("GET /api/tracks/{id}/picture/{size}", holder, "A track's artwork: 100, 300 or 600 pixels", s.gives("image/jpeg"), s.picture(s.core.TrackPicture))
	s.handle("GET /api/tracks/{id}/card.jpg", holder, "A picture of a track for programs that show links: artwork and waveform, 1200 by 630 pixels", s.gives("image/jpeg"), s.getCard)
	s.handle("GET /api/tracks/{id}/stream", holder, "The original bytes, whatever their format", s.gives(originals...), s.serve(s.core.StreamRaw))
	s.handle("GET /api/tracks/{id}/stream.mp4", holder, "The sound of an MP3 as an MP4 that seeks exactly; others have none (stream.none)", s.gives("audio/mp4"), s.serve(s.core.StreamMP4))
	s.handle("GET /api/tracks/{id}/stream.mp3", holder, "The original bytes of an MP3, or its sound from a time on; others have none (stream.none)", s.givesFrom, s.streamMP3)
	s.handle("GET /api/tracks/{id}/download", holder, "The original file, where its owner offers it", s.gives(originals...), s.download)
	s.handleSmall("GET /api/tracks/{id}/peaks.json", holder, "The waveform in audiowaveform's JSON layout, version 2", s.zoomed(s.givesJSON(wire.Peaks{})), s.peaks("application/json", peaksJSON))
	s.handleSmall("GET /api/tracks/{id}/peaks.dat", holder, "The waveform in audiowaveform's binary layout, version 2", s.zoomed(s.gives("application/octet-stream")), s.peaks("application/octet-stream", peaksDat))
	opUpTo(s, maxPeaks, "PUT /api/tracks/{id}/peaks", member, "Give an own track the waveform that the server can't make", s.putPeaks)

	op(s, "GET /api/me/state", member, "What is new for the asker, cheap enough to be asked at each page", s.getState)
	op(s, "GET /api/me/notifications", member, "What others have done that concerns the asker, the newest first; same ones within a day are one", s.getNotifications)
	op(s, "POST /api/me/notifications/seen", member, "Note that all notifications up to one were seen", s.postNotificationsSeen)

	op(s, "GET /api/conversations", member, "The asker's conversations, the one with the newest message first", s.getConversations)
	op(s, "GET /api/conversations/{id}", member, "A conversation of the asker's", s.getConversation)
	op(s, "GET /api/conversations/{id}/messages", member, "The messages of a conversation, the newest first", s.getMessages)
	op(s, "POST /api/conversations/{id}/seen", member, "Note that a conversation was read up to a message", s.postMessagesSeen)
	op(s, "DELETE /api/conversations/{id}/messages/{message}", member, "Take an own message back, from both", s.deleteMessage)
	op(s, "GET /api/users/{id}/conversation", member, "The conversation with a person, also before its first message", s.getUserConversation)
	op(s, "POST /api/users/{id}/messages", member, "Write to a person", s.postMessage)

	op(s, "GET /api/tracks/{id}/comments", holder, "The comments on a track, without the replies", s.getComments)
	op(s, "POST /api/tracks/{id}/comments", speaker, "Say something about a moment of a track, or reply", s.postComment)
	op(s, "GET /api/tracks/{id}/comments/marks", holder, "The moments of a track that were commented on", s.getMarks)
	op(s, "GET /api/comments/{id}", holder, "A comment or a reply", s.getComment)
	op(s, "PATCH /api/comments/{id}", member, "Change an own comment", s.patchComment)
	op(s, "DELETE /api/comments/{id}", member, "Delete an own comment, one on an own track, or as the keeper any", s.deleteComment)
	op(s, "GET /api/comments/{id}/replies", holder, "The replies to a comment, the oldest first", s.getReplies)

	op(s, "GET /api/tracks/{id}/links", member, "The secret links to an own track, the newest first", s.linksOf(db.KindTrack))
	op(s, "POST /api/tracks/{id}/links", member, "Make a secret link to an own track", s.addLink(db.KindTrack))
	op(s, "GET /api/playlists/{id}/links", member, "The secret links to an own playlist, the newest first", s.linksOf(db.KindPlaylist))
	op(s, "POST /api/playlists/{id}/links", member, "Make a secret link to an own playlist", s.addLink(db.KindPlaylist))
	op(s, "PATCH /api/links/{id}", member, "Change an own secret link", s.patchLink)
	op(s, "DELETE /api/links/{id}", member, "Revoke an own secret link", s.deleteLink)
	op(s, "POST /api/links/open", anyone, "Open a secret link: its thing is there for whoever brings the answer's grants", s.postLinkOpen)

	s.addFeeds()

	s.handleSmall("GET /api/openapi.json", anyone, "This document", s.gives("application/json"), s.getDocument)
	s.handleSmall("GET /api/docs", anyone, "This document, to read", s.gives("text/html"), s.getDocs)
}

// pathParameters documents the {names} of a path.
func pathParameters(path string) []*huma.Param {
	var params []*huma.Param
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			params = append(params, &huma.Param{
				Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: "string"},
			})
		}
	}
	return params
}

// jsonOf documents a JSON body of the shape of v.
func (s *Server) jsonOf(v any) map[string]*huma.MediaType {
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, "")
	return map[string]*huma.MediaType{"application/json": {Schema: schema}}
}

// bytesOf documents a body of raw bytes, of one of the types.
func bytesOf(contentTypes ...string) map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, t := range contentTypes {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	return content
}

// originals are the content types of what people upload.
var originals = core.AudioTypes()

// gives documents an answer of raw bytes.
func (s *Server) gives(contentTypes ...string) func(*huma.Operation) {
	return func(o *huma.Operation) {
		o.Responses["200"] = &huma.Response{Description: "OK", Content: bytesOf(contentTypes...)}
		if strings.HasPrefix(contentTypes[0], "audio/") {
			o.Responses["206"] = &huma.Response{Description: "The range that was asked for", Content: bytesOf(contentTypes...)}
		}
	}
}

// zoomed documents which waveform is meant, besides the answer.
func (s *Server) zoomed(answer func(*huma.Operation)) func(*huma.Operation) {
	return func(o *huma.Operation) {
		answer(o)
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: "zoom", In: "query", Description: "overview: at most 1,800 columns over the whole length; fine: ten columns a second, where it is known.",
			Schema: &huma.Schema{Type: "string", Enum: []any{"overview", "fine"}, Default: "overview"},
		})
	}
}

// givesJSON documents a JSON answer of the shape of v.
func (s *Server) givesJSON(v any) func(*huma.Operation) {
	return func(o *huma.Operation) {
		o.Responses["200"] = &huma.Response{Description: "OK", Content: s.jsonOf(v)}
	}
}

// givesFrom is gives with the time to start from.
func (s *Server) givesFrom(o *huma.Operation) {
	s.gives("audio/mpeg")(o)
	o.Parameters = append(o.Parameters, &huma.Param{
		Name: "t", In: "query", Description: "Seconds from which the sound starts, exactly; the whole file when absent.",
		Schema: &huma.Schema{Type: "number"},
	})
	number := &huma.Schema{Type: "integer"}
	o.Responses["200"].Headers = map[string]*huma.Param{
		"Earshot-Lead":    {Description: "With t: how many samples are decoded before that time, to be left out.", Schema: number},
		"Earshot-Samples": {Description: "With t: how many samples are heard from there to the end.", Schema: number},
	}
}

// takes documents a body of raw bytes and a JSON answer.
func (s *Server) takes(contentType string, out any, status int) func(*huma.Operation) {
	return func(o *huma.Operation) {
		o.RequestBody = &huma.RequestBody{Required: true, Content: bytesOf(contentType)}
		code := map[int]string{200: "200", 201: "201"}[status]
		o.Responses[code] = &huma.Response{Description: http.StatusText(status), Content: s.jsonOf(out)}
	}
}

// takesUpload is takes for a track.
func (s *Server) takesUpload(o *huma.Operation) {
	s.takes("audio/*", wire.Track{}, 201)(o)
	o.Parameters = append(o.Parameters,
		&huma.Param{Name: "name", In: "query", Description: "Name of the file, for its title where it has no tags.", Schema: &huma.Schema{Type: "string"}},
		&huma.Param{Name: "visibility", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"private", "link", "followers", "public"}, Default: "private"}},
	)
}

// getDocument gives the OpenAPI document, which stays as it is while the
// program runs.
func (s *Server) getDocument(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Etag", fmt.Sprintf(`"%x"`, sha256.Sum256(s.document)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.document))
	return nil
}
