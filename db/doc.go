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
//	userpublic     user | published → track
//	jobs           job             → Job
//	subjectjobs    subject | job   → nothing
//	outbox         sequence        → kind, 1 byte | id
//	dirty          kind, 1 byte | id → sequence      the one place of a thing in outbox
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
package db
