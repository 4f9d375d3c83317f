// Package db keeps the records of the house in one bbolt file.
//
// A program opens the file with Open and works on it in transactions: View
// reads, Update changes all or nothing. Inside, a *Tx has methods per subject
// that speak in records (User, Track, …), never in bytes.
//
// # The bucket tree
//
// All buckets stand at the top of the file. Numbers in keys are big-endian, 8
// bytes each, so that a cursor walks in the order a page needs. A name is kept
// in its folded form (NFC, lower case).
//
//	meta           "schema"        → number of the file's version, 4 bytes
//	               "state"         → last id | last outbox sequence | users | tracks
//	house          "house"         → House
//	secrets        name            → random bytes
//	users          user            → User
//	usernames      name            → user | mark     mark 0: the name in use; else a former one
//	formernames    user | mark     → name            former usernames, oldest first
//	emails         e-mail          → user
//	sessions       session         → Session
//	usersessions   user | session  → nothing
//	sessionends    second | session → nothing        when a session ends, earliest first
//	tracks         track           → Track
//	slugs          user | slug     → track | mark    as usernames, within one user
//	formerslugs    track | mark    → slug
//	usertracks     user | track    → nothing
//	publictracks   published       → track
//	userpublic     user | published → track          those for followers too
//	activity       mark            → user | kind, 1 byte | track   what users published and reposted
//	useractivity   user | mark     → kind, 1 byte | track
//	counts         thing           → counters, 8 bytes each; the layout is the kind's (counts.go)
//	follows        user | user     → mark            who | whom
//	following      user | mark     → user
//	followers      user | mark     → user
//	likes          user | track    → mark
//	userlikes      user | mark     → track
//	likers         track | mark    → user
//	playlistlikes  user | playlist → mark
//	userplaylistlikes user | mark  → playlist
//	playlistlikers playlist | mark → user
//	reposts        user | track    → mark
//	userreposts    user | mark     → track
//	reposters      track | mark    → user
//	blocks         user | user     → mark            who | whom
//	blocking       user | mark     → user
//	blockers       user | mark     → user
//	listens        user | track    → mark            the last listen to a track
//	history        user | mark     → track
//	listeners      track | mark    → user
//	comments       comment         → Comment
//	trackcomments  track | position | comment → user  of their own, by microsecond, those about the whole track at the end; user 0 when deleted; of a visitor link | 1
//	trackthreads   track | comment → nothing         of their own, by age
//	replies        comment | comment → nothing       parent | reply
//	usercomments   user | comment  → nothing         of visitors link | comment, though the link be gone
//	playlists      playlist        → Playlist
//	playlistslugs  user | slug     → playlist | mark as slugs
//	formerplaylistslugs playlist | mark → slug
//	userplaylists  user | playlist → nothing
//	userpublicplaylists user | published → playlist  those for followers too
//	playlisttracks playlist        → tracks in their order, 8 bytes each
//	inplaylists    track | playlist → nothing
//	notifications  user | notification → Notification
//	noticesseen    user            → notification    the newest that was seen
//	conversations  conversation    → Conversation
//	pairs          user | user     → conversation    each of them first
//	inbox          user | message  → conversation    the newest message of each
//	messages       conversation | message → Message
//	reports        report          → Report
//	openreports    report          → nothing
//	reportsby      user | thing | report → nothing   answered ones too
//	reportsabout   thing | report  → nothing         while it is open
//	gone           thing           → kind, 1 byte    whose traces are still being removed
//	tags           name            → Tag             the name as Alike has it, without accents
//	tagnames       tag             → name
//	populartags    tracks | tag    → nothing         by how many tracks have it
//	tagtracks      tag | published → track           of the suspended too, whom the tag does not count
//	usertags       user | tag      → tracks          how many public tracks of the user carry it
//	days           thing | day, 4 bytes → Numbers    of a track, or of all tracks of a user; 8 bytes each
//	heard          day, 4 bytes | thing | user → nothing  who listened on a day to a track, or to any of a user; the last days only
//	pointdays      day, 4 bytes | track → points     of the days that the week's chart counts
//	scores         track           → points of the week | of all time
//	charts         period, 1 byte | points | track → nothing   public tracks, those of the suspended too
//	stops          track           → how often listening ended in each hundredth, 8 bytes each
//	identities     identity        → Identity
//	subjects       SHA-256 of issuer, 0, subject → identity
//	useridentities user | identity → nothing
//	invites        invite          → Invite
//	invitesecrets  SHA-256 of the secret → invite
//	resets         user            → Reset
//	resetsecrets   SHA-256 of the secret → user
//	factors        user            → Factor
//	passkeys       passkey         → Passkey
//	credentials    SHA-256 of the credential's id → passkey
//	userpasskeys   user | passkey  → nothing
//	links          link            → Link
//	linkcodes      SHA-256 of the code → link
//	thinglinks     thing | link    → nothing
//	releases       second | thing  → kind, 1 byte    what is to become visible, the earliest first
//	attempts       kind, 1 byte | keyed hash, 8 bytes → tally   of what may be done so often only (attempts.go)
//	libraries      library         → Library
//	librarypaths   SHA-256 of the path → library
//	files          library | SHA-256 of the path → File
//	trackfiles     track           → library | SHA-256 of the path   the file that it is, or was copied of
//	sounds         SHA-256 of the sound | track → nothing
//	imports        import          → Import
//	problems       import | number → Problem
//	uploads        upload          → Upload
//	useruploads    user | upload   → nothing
//	queues         user            → Queue
//	keys           key             → Key
//	keyhashes      SHA-256 of the secret → key
//	userkeys       user | key      → nothing
//	bookmarks      user | track    → Bookmark        the track may be gone
//	ratings        user | track or playlist → stars, 1 byte, 1 to 5   what was rated may be gone
//	scrobblers     user            → Scrobbler
//	scrobbles      user | scrobble → Scrobble        still to be told; only of those with a scrobbler
//	jobs           job             → Job
//	subjectjobs    subject | job   → nothing
//	outbox         sequence        → kind, 1 byte | id
//	dirty          kind, 1 byte | id → sequence      the one place of a thing in outbox
//
// A day is one of the calendar in the server's local time, counted from
// 1970-01-01. Of a thing the days of about the last 400 are kept. The numbers of
// all tracks of a user are added up when something is counted, never when they
// are read; what was ever counted is in counts.
//
// A mark is an id that says when something happened; a list by mark is a list
// by time. follows to followers, likes to likers and so on are one set of pairs
// seen from three sides (edges.go).
//
// Records are CBOR with integer keys (RFC 8949 §4.2 core deterministic
// encoding); times in them are kept to the microsecond, in UTC.
//
// # Seals
//
// bbolt does not notice a rotten page. So every value, of indexes too, begins
// with 4 bytes of CRC-32C (Castagnoli, RFC 3720 appendix B.4), little-endian,
// over the bucket's name, the length of the key, the key and what follows. A
// value that does not fit its seal is ErrCorrupt; it is never handed out. A
// key that is not found is believed only when the entries on both sides of the
// gap are whole.
//
// A damaged page makes bbolt panic, and a file that was cut makes the kernel
// send SIGBUS. Both come back as ErrDamaged, at Open and in transactions.
//
// # Copies and repairs
//
// Snapshot copies an open file, and Prove reads a copy in full. Check knows of
// every record which entries of indexes follow from it, and holds the one against
// the other. Salvage reads the records of a damaged file by itself, page for page,
// and has the same rules make the indexes anew; so what Check learns of a bucket,
// Salvage knows as well, as long as the entry goes by checker.entry and the bucket
// is listed in indexes. A bucket that is not is copied as it is.
package db
