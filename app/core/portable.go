package core

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"slices"
	"time"

	"earshot/app/fault"
	"earshot/app/portable"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
)

// exportedAtOnce is how many things one transaction reads for an export. None
// is open while something is written: whoever takes it may be slow.
const exportedAtOnce = 100

// exportsAtOnce is how many people may be sent their things at the same time.
const exportsAtOnce = 2

// Exported says what an export holds.
type Exported struct {
	User    db.User
	Name    string // for the file
	Tracks  int
	Bytes   int64    // of originals
	Missing []string // titles of tracks whose original is not on the disk
}

// Export writes all that is the asker's, in the form of app/portable, to what
// begin gives; it is called when nothing stands in the way any more.
func (c *Core) Export(ctx context.Context, me db.ID, program string, begin func(Exported) io.Writer) (Exported, error) {
	v, err := c.Account(ctx, me)
	if err != nil {
		return Exported{}, err
	}
	// Whoever takes theirs slowly, or twice, does not keep others from it.
	if _, takes := c.exporting.LoadOrStore(me, true); takes {
		return Exported{}, fault.New(fault.Unavailable, "busy", "You are being sent your things already. Try again when that is over.").After(time.Minute)
	}
	defer c.exporting.Delete(me)
	if wait := c.exported.AllowID(uint64(me)); wait > 0 {
		return Exported{}, tooOften(wait)
	}
	select {
	case c.exports <- struct{}{}:
		defer func() { <-c.exports }()
	default:
		return Exported{}, fault.New(fault.Unavailable, "busy", "Others are being sent their things at this moment. Try again in a few minutes.").After(time.Minute)
	}
	done := Exported{User: v.User, Name: c.exportName(v.User)}
	return c.export(ctx, done, program, begin(done), nil)
}

// exportName names a file with what is a person's.
func (c *Core) exportName(u db.User) string {
	return "earshot-" + u.Username + "-" + c.now().Format("20060102-150405") + ".zip"
}

// FileOf finds a person, and gives a name for a file of what is theirs.
func (h Console) FileOf(ctx context.Context, who string) (db.User, string, error) {
	u, err := h.User(ctx, who)
	return u, h.c.exportName(u), err
}

// Export writes all that is somebody's; tell is told how many of the tracks
// were written.
func (h Console) Export(ctx context.Context, who, program string, w io.Writer, tell func(done, of int)) (Exported, error) {
	u, name, err := h.FileOf(ctx, who)
	if err != nil {
		return Exported{}, err
	}
	return h.c.export(ctx, Exported{User: u, Name: name}, program, w, tell)
}

// exporter writes what is one person's, as that person may see it.
type exporter struct {
	c     *Core
	ctx   context.Context
	user  db.User
	w     *portable.Writer
	files []exportedPicture
}

// exportedPicture is a picture that goes into an export under a name.
type exportedPicture struct {
	name, kind string
	id         db.ID
	version    uint64
	size       int
}

func (c *Core) export(ctx context.Context, done Exported, program string, to io.Writer, tell func(done, of int)) (Exported, error) {
	u, now := done.User, c.now().UTC()
	x := &exporter{c: c, ctx: ctx, user: u, w: portable.NewWriter(to, now)}
	head := portable.Head{Format: portable.Format, Version: portable.Version, Program: program, Made: now, Username: u.Username}
	profile := portable.Profile{Username: u.Username, Name: u.Name, Email: u.Email, Bio: u.Bio, Age: u.Age, Gender: u.Gender,
		Created: u.Created.UTC(), Picture: x.picture(userFiles, "users", 1, "profile", u.ID, u.Picture), Banner: x.banner(u)}
	if u.Pinned != 0 {
		profile.Pinned = u.Pinned.String()
	}
	tracks, err := x.ids(func(tx *db.Tx) iter.Seq2[db.ID, error] { return tx.TrackIDsOf(u.ID) })
	if err != nil {
		return done, err
	}
	for _, write := range []func() error{
		func() error { return x.w.Value(portable.HeadName, head) },
		func() error { return x.w.Text(portable.ReadmeName, portable.Readme(head)) },
		func() error { return x.w.Value(portable.ProfileName, profile) },
		func() error {
			return x.w.List(portable.TracksName, func(add func(any) error) error {
				return x.tracks(tracks, true, func(t portable.Track) error { return add(t) })
			})
		},
		func() error {
			return x.w.Table(func(add func(portable.Track) error) error { return x.tracks(tracks, false, add) }, u.Username)
		},
		x.playlists,
		func() error { return x.comments(tracks) },
		func() error { return x.written(tracks) },
		func() error {
			return x.ties(portable.LikesName, x.likes(), func(tx *db.Tx, a asker, e db.Edge) (portable.Tie, bool, error) {
				return x.tieOf(tx, a, e)
			})
		},
		func() error {
			return x.ties(portable.RepostsName, edgesOf((*db.Tx).Reposts, u.ID), x.tieOf)
		},
		func() error {
			return x.ties(portable.FollowsName, edgesOf((*db.Tx).Following, u.ID), func(tx *db.Tx, a asker, e db.Edge) (portable.Tie, bool, error) {
				return x.person(tx, a, e.To, e.Mark)
			})
		},
		func() error {
			return x.ties(portable.FollowersName, edgesOf((*db.Tx).Followers, u.ID), func(tx *db.Tx, a asker, e db.Edge) (portable.Tie, bool, error) {
				return x.person(tx, a, e.From, e.Mark)
			})
		},
		x.messages,
		func() error {
			return x.ties(portable.HistoryName, edgesOf((*db.Tx).History, u.ID), x.tieOf)
		},
		x.queue,
		func() error { return x.numbers(tracks) },
		x.pictures,
	} {
		if err := write(); err != nil {
			return done, err
		}
		if err := ctx.Err(); err != nil {
			return done, err
		}
	}
	for i, id := range tracks {
		if tell != nil {
			tell(i, len(tracks))
		}
		if err := x.audio(i, id, &done); err != nil {
			return done, err
		}
	}
	if tell != nil {
		tell(len(tracks), len(tracks))
	}
	c.note("export.made", "everything of a person was exported", "user", u.ID, "tracks", done.Tracks, "bytes", done.Bytes)
	return done, x.w.Close()
}

// view reads in one transaction, as the person whose things these are. It may
// be somebody who is suspended: the keeper hands out what is theirs.
func (x *exporter) view(fn func(tx *db.Tx, a asker) error) error {
	return x.c.view(x.ctx, func(tx *db.Tx) error {
		u, err := tx.User(x.user.ID)
		if err != nil {
			return err
		}
		a := asker{tx: tx, user: u, tags: &counted{}}
		if a.blocks, err = blocksOf(tx, u.ID); err != nil {
			return err
		}
		return fn(tx, a)
	})
}

// oldestFirst reads a list that is newest first, and gives it oldest first.
func oldestFirst[T any](x *exporter, what string, list func(tx *db.Tx) iter.Seq2[T, error]) ([]T, error) {
	var all []T
	err := x.c.view(x.ctx, func(tx *db.Tx) error {
		for v, err := range list(tx) {
			if x.c.unreadable(err, what, x.user.ID) {
				continue
			}
			if err != nil {
				return err
			}
			all = append(all, v)
		}
		return nil
	})
	slices.Reverse(all)
	return all, err
}

func (x *exporter) ids(list func(tx *db.Tx) iter.Seq2[db.ID, error]) ([]db.ID, error) {
	return oldestFirst(x, "export of", list)
}

// inPieces makes items of things, some in each transaction, and adds them when
// it is over. What is gone or damaged is left out.
func inPieces[T, V any](x *exporter, things []T, item func(tx *db.Tx, a asker, i int, thing T) (V, bool, error), add func(V) error) error {
	for at := 0; at < len(things); at += exportedAtOnce {
		var items []V
		err := x.view(func(tx *db.Tx, a asker) error {
			for i, thing := range things[at:min(at+exportedAtOnce, len(things))] {
				v, ok, err := item(tx, a, at+i, thing)
				if absent(err) || errors.Is(err, db.ErrNotFound) || x.c.unreadable(err, "export of", x.user.ID) {
					continue
				}
				if err != nil {
					return err
				}
				if ok {
					items = append(items, v)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, v := range items {
			if err := add(v); err != nil {
				return err
			}
		}
		if err := x.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// picture notes a picture that is to go into the export, and names it.
func (x *exporter) picture(kind, dir string, n int, called string, id db.ID, version uint64) string {
	if version == 0 {
		return ""
	}
	name := portable.PictureName(dir, n, called)
	x.files = append(x.files, exportedPicture{name, kind, id, version, picture.Large})
	return name
}

// banner is picture for the wide one of a profile.
func (x *exporter) banner(u db.User) string {
	if u.Banner == 0 {
		return ""
	}
	name := portable.PictureName("users", 2, "banner")
	x.files = append(x.files, exportedPicture{name, userFiles, u.ID, u.Banner, picture.Wide})
	return name
}

// tracks gives the own tracks; with pictures, these are noted.
func (x *exporter) tracks(ids []db.ID, pictures bool, add func(portable.Track) error) error {
	return inPieces(x, ids, func(tx *db.Tx, _ asker, i int, id db.ID) (portable.Track, bool, error) {
		t, err := tx.Track(id)
		if err != nil {
			return portable.Track{}, false, err
		}
		out := portable.Track{
			ID: id.String(), Slug: t.Slug, Title: t.Title, Artist: t.Artist, Album: t.Album, Description: t.Description, Tags: t.Tags, Year: t.Year,
			Visibility: visibilityNames[t.Visibility], Downloadable: t.Downloadable, EmbedOff: t.NoEmbed, CommentsOff: t.Quiet,
			Created: t.Created.UTC(), Updated: t.Updated.UTC(),
			File: audioPart(i, t), FileName: t.Audio.FileName, Codec: t.Audio.Codec, Bytes: t.Audio.Size,
			SHA256: hex.EncodeToString(t.Audio.SHA256), DurationMS: t.Audio.Duration / 1000,
		}
		out.ReleaseAt, out.ReleaseAs = releaseOut(t.Release)
		if pictures {
			out.Picture = x.picture(trackFiles, "tracks", i+1, t.Slug, id, t.Picture)
		} else if t.Picture != 0 {
			out.Picture = portable.PictureName("tracks", i+1, t.Slug)
		}
		return out, true, nil
	}, add)
}

// audioPart names the original of the i-th track in an export.
func audioPart(i int, t db.Track) string {
	return portable.AudioName(i+1, cmp.Or(t.Audio.FileName, t.Title), infoOf(t).Ext())
}

// visibilityNames are the words for who may know of something.
var visibilityNames = map[db.Visibility]string{db.Private: "private", db.ByLink: "link", db.Followers: "followers", db.Public: "public"}

func releaseOut(r db.Release) (*time.Time, string) {
	if !r.Set() {
		return nil, ""
	}
	at := r.At.UTC()
	return &at, visibilityNames[r.As]
}

// ref names a track that the person sees.
func (x *exporter) ref(tx *db.Tx, a asker, id db.ID) (portable.Thing, bool, error) {
	t, owner, err := x.c.track(tx, a, id, whole)
	if err != nil {
		return portable.Thing{}, false, err
	}
	return portable.Thing{Kind: "track", ID: id.String(), Owner: owner.Username, Slug: t.Slug, Title: t.Title}, true, nil
}

// refList is ref of a playlist.
func (x *exporter) refList(tx *db.Tx, a asker, id db.ID) (portable.Thing, bool, error) {
	p, owner, err := x.c.playlist(tx, a, id, whole)
	if err != nil {
		return portable.Thing{}, false, err
	}
	return portable.Thing{Kind: "playlist", ID: id.String(), Owner: owner.Username, Slug: p.Slug, Title: p.Title}, true, nil
}

func (x *exporter) playlists() error {
	all, err := oldestFirst(x, "playlists of", func(tx *db.Tx) iter.Seq2[db.Playlist, error] { return tx.PlaylistsOf(x.user.ID, 0) })
	if err != nil {
		return err
	}
	return x.w.List(portable.PlaylistsName, func(add func(any) error) error {
		return inPieces(x, all, func(tx *db.Tx, a asker, i int, p db.Playlist) (any, bool, error) {
			kind := "playlist"
			if p.Kind == db.Album {
				kind = "album"
			}
			out := portable.Playlist{
				ID: p.ID.String(), Kind: kind, Slug: p.Slug, Title: p.Title, Description: p.Description, Tags: p.Tags,
				Visibility: visibilityNames[p.Visibility], Created: p.Created.UTC(), Updated: p.Updated.UTC(), Tracks: []portable.Thing{},
				Picture: x.picture(playlistFiles, "playlists", i+1, p.Slug, p.ID, p.Picture),
			}
			out.ReleaseAt, out.ReleaseAs = releaseOut(p.Release)
			tracks, err := tx.PlaylistTracks(p.ID)
			if err != nil {
				return nil, false, err
			}
			for _, id := range tracks {
				thing, ok, err := x.ref(tx, a, id)
				if absent(err) || x.c.unreadable(err, "track of a playlist", id) {
					continue
				}
				if err != nil {
					return nil, false, err
				}
				if ok {
					out.Tracks = append(out.Tracks, thing)
				}
			}
			return out, true, nil
		}, add)
	})
}

// comments writes what was said about the own tracks.
func (x *exporter) comments(tracks []db.ID) error {
	return x.w.List(portable.CommentsName, func(add func(any) error) error {
		for _, track := range tracks {
			threads, err := oldestFirst(x, "comments on", func(tx *db.Tx) iter.Seq2[db.ID, error] {
				return func(yield func(db.ID, error) bool) {
					for m, err := range tx.NewestComments(track, 0) {
						if !yield(m.ID, err) {
							return
						}
					}
				}
			})
			if err != nil {
				return err
			}
			err = inPieces(x, threads, func(tx *db.Tx, a asker, _ int, id db.ID) ([]portable.Comment, bool, error) {
				th, err := x.c.thread(tx, a, track, whole)
				if err != nil {
					return nil, false, err
				}
				m, err := tx.Comment(id)
				if err != nil {
					return nil, false, err
				}
				first, err := th.out(m)
				if err != nil {
					return nil, false, err
				}
				all := []portable.Comment{first}
				for r, err := range tx.Replies(id, 0) {
					if x.c.unreadable(err, "reply to", id) {
						continue
					}
					if err != nil {
						return nil, false, err
					}
					reply, err := th.out(r)
					if err != nil {
						return nil, false, err
					}
					if !reply.Deleted {
						all = append(all, reply)
					}
				}
				return all, len(all) > 1 || !first.Deleted, nil
			}, func(thread []portable.Comment) error {
				for _, m := range thread {
					if err := add(m); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// out writes down a comment as its reader sees it.
func (th thread) out(m db.Comment) (portable.Comment, error) {
	owner := th.people[th.track.User]
	out := portable.Comment{
		Track: portable.Thing{Kind: "track", ID: m.Track.String(), Owner: owner.Username, Slug: th.track.Slug, Title: th.track.Title},
		ID:    m.ID.String(), Reply: m.Parent != 0, PositionMS: m.Position / 1000, Whole: m.Whole, Created: m.Created.UTC(),
	}
	u, err := th.writer(m)
	if err != nil {
		return out, err
	}
	if u == nil {
		out.Deleted = true
		return out, nil
	}
	out.Author = portable.Person{Username: u.Username, Name: u.Name}
	out.Text = m.Text
	if !m.Edited.IsZero() {
		edited := m.Edited.UTC()
		out.Edited = &edited
	}
	return out, nil
}

// written writes what the person said about tracks of others.
func (x *exporter) written(own []db.ID) error {
	all, err := oldestFirst(x, "comments of", func(tx *db.Tx) iter.Seq2[[2]db.ID, error] {
		return func(yield func([2]db.ID, error) bool) {
			for m, err := range tx.CommentsOf(x.user.ID, 0) {
				if !yield([2]db.ID{m.Track, m.ID}, err) {
					return
				}
			}
		}
	})
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(m [2]db.ID) bool {
		_, mine := slices.BinarySearch(own, m[0])
		return mine
	})
	slices.SortFunc(all, func(a, b [2]db.ID) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return x.w.List(portable.WrittenName, func(add func(any) error) error {
		return inPieces(x, all, func(tx *db.Tx, a asker, _ int, which [2]db.ID) (any, bool, error) {
			th, err := x.c.thread(tx, a, which[0], whole)
			if err != nil {
				return nil, false, err
			}
			m, err := tx.Comment(which[1])
			if err != nil {
				return nil, false, err
			}
			out, err := th.out(m)
			if err == nil && m.Parent != 0 {
				var to db.Comment
				if to, err = tx.Comment(m.Parent); err == nil {
					said, err := th.out(to)
					if err != nil {
						return nil, false, err
					}
					out.To = &portable.Said{Text: said.Text, Created: said.Created}
				}
			}
			return out, !out.Deleted, err
		}, add)
	})
}

func edgesOf(list func(tx *db.Tx, user, before db.ID) iter.Seq2[db.Edge, error], user db.ID) func(tx *db.Tx) iter.Seq2[db.Edge, error] {
	return func(tx *db.Tx) iter.Seq2[db.Edge, error] { return list(tx, user, 0) }
}

// likes are those of tracks and of playlists.
func (x *exporter) likes() func(tx *db.Tx) iter.Seq2[db.Edge, error] {
	return func(tx *db.Tx) iter.Seq2[db.Edge, error] {
		return func(yield func(db.Edge, error) bool) {
			for e, err := range tx.PlaylistLikes(x.user.ID, 0) {
				if !yield(e, err) {
					return
				}
			}
			for e, err := range tx.Likes(x.user.ID, 0) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// ties writes a list of what the person is tied to.
func (x *exporter) ties(name string, list func(tx *db.Tx) iter.Seq2[db.Edge, error],
	item func(tx *db.Tx, a asker, e db.Edge) (portable.Tie, bool, error)) error {
	all, err := oldestFirst(x, "export of", list)
	if err != nil {
		return err
	}
	return x.w.List(name, func(add func(any) error) error {
		return inPieces(x, all, func(tx *db.Tx, a asker, _ int, e db.Edge) (any, bool, error) { return item(tx, a, e) }, add)
	})
}

// tieOf names what the person is tied to, a track or a playlist: ids are of
// one kind only.
func (x *exporter) tieOf(tx *db.Tx, a asker, e db.Edge) (portable.Tie, bool, error) {
	thing, ok, err := x.ref(tx, a, e.To)
	if absent(err) {
		thing, ok, err = x.refList(tx, a, e.To)
	}
	return portable.Tie{Thing: &thing, At: e.Mark.Time().UTC()}, ok, err
}

func (x *exporter) person(tx *db.Tx, a asker, id, mark db.ID) (portable.Tie, bool, error) {
	u, err := x.c.person(tx, a, id)
	return portable.Tie{Person: &portable.Person{Username: u.Username, Name: u.Name}, At: mark.Time().UTC()}, err == nil, err
}

// messages writes the conversations of the person, one behind another.
func (x *exporter) messages() error {
	talks, err := oldestFirst(x, "conversations of", func(tx *db.Tx) iter.Seq2[db.Conversation, error] { return tx.Inbox(x.user.ID, 0) })
	if err != nil {
		return err
	}
	return x.w.List(portable.MessagesName, func(add func(any) error) error {
		for _, conv := range talks {
			all, err := oldestFirst(x, "messages of", func(tx *db.Tx) iter.Seq2[db.ID, error] {
				return func(yield func(db.ID, error) bool) {
					for m, err := range tx.Messages(conv.ID, 0) {
						if !yield(m.ID, err) {
							return
						}
					}
				}
			})
			if err != nil {
				return err
			}
			err = inPieces(x, all, func(tx *db.Tx, a asker, _ int, id db.ID) (any, bool, error) {
				t, err := x.c.talk(tx, a, conv)
				if err != nil {
					return nil, false, err
				}
				m, err := tx.Message(conv.ID, id)
				if err != nil {
					return nil, false, err
				}
				out := portable.Message{Mine: m.User == x.user.ID, Text: m.Text, Created: m.Created.UTC()}
				if !t.gone {
					out.With = portable.Person{Username: t.other.Username, Name: t.other.Name}
				}
				if m.Attached.ID != 0 {
					find := x.ref
					if m.Attached.Kind == db.KindPlaylist {
						find = x.refList
					}
					thing, ok, err := find(tx, a, m.Attached.ID)
					if err != nil && !absent(err) {
						return nil, false, err
					}
					if ok {
						out.Attached = &thing
					}
				}
				return out, true, nil
			}, add)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// queue writes what the person was listening to last.
func (x *exporter) queue() error {
	out := portable.Queue{Tracks: []portable.Thing{}}
	waiting, ok := x.c.plays.queue(x.user.ID)
	err := x.view(func(tx *db.Tx, a asker) error {
		q := waiting
		if !ok {
			var err error
			if q, err = tx.Queue(x.user.ID); errors.Is(err, db.ErrNotFound) || x.c.unreadable(err, "queue", x.user.ID) {
				return nil
			} else if err != nil {
				return err
			}
		}
		seen, current, position, err := x.c.seenQueue(tx, a, q)
		if err != nil || len(seen) == 0 {
			return err
		}
		for _, s := range seen {
			out.Tracks = append(out.Tracks, portable.Thing{Kind: "track", ID: s.track.ID.String(), Owner: s.owner.Username, Slug: s.track.Slug, Title: s.track.Title})
		}
		out.Current, out.PositionMS, out.Device, out.Changed = current, position.Round(time.Millisecond).Milliseconds(), q.Device, &q.Changed
		return nil
	})
	if err != nil {
		return err
	}
	return x.w.Value(portable.QueueName, out)
}

func (x *exporter) numbers(tracks []db.ID) error {
	return x.w.List(portable.NumbersName, func(add func(any) error) error {
		return inPieces(x, tracks, func(tx *db.Tx, a asker, _ int, id db.ID) (any, bool, error) {
			thing, ok, err := x.ref(tx, a, id)
			if err != nil {
				return nil, false, err
			}
			n, err := tx.TrackNumbers(id)
			return portable.Numbers{Track: thing, Plays: n.Plays, Listeners: n.Listeners, Downloads: n.Downloads,
				Likes: n.Likes, Reposts: n.Reposts, Comments: n.Comments}, ok, err
		}, add)
	})
}

// pictures writes the largest size of each picture. One that is missing is
// left out: it can't be brought back.
func (x *exporter) pictures() error {
	for _, p := range x.files {
		s, err := x.c.media.Picture(p.kind, p.id.String(), p.version, p.size)
		if errors.Is(err, media.ErrMissing) {
			x.c.log.Warn("a picture is missing in an export", "kind", p.kind, "id", p.id)
			continue
		}
		if err != nil {
			return translate(err)
		}
		if err := x.stream(p.name, s); err != nil {
			return err
		}
	}
	return nil
}

// stream writes a file, and closes it.
func (x *exporter) stream(name string, s *media.Stream) error {
	defer s.Close()
	return translate(x.w.File(name, func(w io.Writer) error { return s.WriteRange(stopping{x.ctx, w}, 0, s.Size) }))
}

// stopping writes until a context ends.
type stopping struct {
	ctx context.Context
	w   io.Writer
}

func (s stopping) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(b)
}

// audio writes the original of the i-th track.
func (x *exporter) audio(i int, id db.ID, done *Exported) error {
	var t db.Track
	err := x.c.view(x.ctx, func(tx *db.Tx) (err error) {
		t, err = tx.Track(id)
		return err
	})
	if absent(err) || x.c.unreadable(err, "track", id) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := x.c.media.StreamRaw(id.String())
	if errors.Is(err, media.ErrMissing) {
		done.Missing = append(done.Missing, t.Title)
		return nil
	}
	if err != nil {
		return translate(err)
	}
	done.Tracks++
	done.Bytes += s.Size
	return x.stream(audioPart(i, t), s)
}
