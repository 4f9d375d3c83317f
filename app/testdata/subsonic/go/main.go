// Subsonicclient goes through a house as a program with go-subsonic does, by XML
// and tokens, and tells what it found as one line of JSON:
//
//	subsonicclient URL USERNAME SECRET
//
// It is a program and a module of its own, for the library's licence (GPL) is not
// Earshot's: nothing of Earshot is built with it.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/supersonic-app/go-subsonic/subsonic"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url, username, secret string) error {
	c := &subsonic.Client{Client: &http.Client{}, BaseUrl: url, User: username, ClientName: "earshot-test"}
	if err := c.Authenticate(secret + "x"); err == nil {
		return fmt.Errorf("a wrong password lets in")
	}
	if err := c.Authenticate(secret); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	extensions, err := c.GetOpenSubsonicExtensions()
	if err != nil {
		return err
	}
	all, err := c.GetArtists(nil)
	if err != nil {
		return err
	}
	artist, err := c.GetArtist(all.Index[0].Artist[0].ID)
	if err != nil {
		return err
	}
	out := map[string]any{"artist": artist.Name}
	var names, albums, titles, genres []string
	for _, e := range extensions {
		names = append(names, e.Name)
	}
	album := ""
	for _, one := range artist.Album {
		if albums = append(albums, one.Name); strings.HasPrefix(one.ID, "al-") {
			album = one.ID
		}
	}
	full, err := c.GetAlbum(album)
	if err != nil {
		return err
	}
	for _, s := range full.Song {
		titles = append(titles, s.Title)
	}
	found, err := c.Search3("", nil)
	if err != nil {
		return err
	}
	newest, err := c.GetAlbumList2("newest", nil)
	if err != nil {
		return err
	}
	tags, err := c.GetGenres()
	if err != nil {
		return err
	}
	for _, g := range tags {
		genres = append(genres, g.Name)
	}
	sound, err := c.Stream(full.Song[0].ID, nil)
	if err != nil {
		return err
	}
	defer sound.Close()
	h := sha256.New()
	if _, err := io.Copy(h, sound); err != nil {
		return err
	}
	cover, err := c.GetCoverArt(full.CoverArt, map[string]string{"size": "300"})
	if err != nil {
		return err
	}
	if _, err := c.Stream("tr-0000000000001", nil); err == nil || !strings.Contains(err.Error(), "70") {
		return fmt.Errorf("a song that never was: %v", err)
	}
	if err := leave(c, out, artist, full, found.Song); err != nil {
		return err
	}
	out["extensions"], out["albums"], out["songs"], out["genres"] = names, albums, titles, genres
	out["all"], out["newest"], out["sound"], out["cover"] = len(found.Song), len(newest), hex.EncodeToString(h.Sum(nil)), cover.Bounds().Dx()
	return json.NewEncoder(os.Stdout).Encode(out)
}

// leave marks things, and takes all but the marks away again.
func leave(c *subsonic.Client, out map[string]any, artist *subsonic.ArtistID3, album *subsonic.AlbumID3, all []*subsonic.Child) error {
	song := album.Song[0].ID
	if err := c.Star(subsonic.StarParameters{SongIDs: []string{song}, AlbumIDs: []string{album.ID}, ArtistIDs: []string{artist.ID}}); err != nil {
		return err
	}
	if err := c.SetRating(song, 4); err != nil {
		return err
	}
	if err := c.Scrobble(song, map[string]string{"submission": "false"}); err != nil {
		return err
	}
	now, err := c.GetNowPlaying()
	if err != nil {
		return err
	}
	if err := c.Scrobble(song, nil); err != nil {
		return err
	}
	starred, err := c.GetStarred2(nil)
	if err != nil {
		return err
	}
	rated, err := c.GetSong(song)
	if err != nil {
		return err
	}
	var ids, titles []string
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	for _, one := range now {
		titles = append(titles, one.Title)
	}
	if err := c.SavePlayQueue(ids, map[string]string{"current": song, "position": "700"}); err != nil {
		return err
	}
	queue, err := c.GetPlayQueue()
	if err != nil {
		return err
	}
	made, err := c.CreatePlaylist(map[string]string{"name": "By tokens", "songId": song})
	if err != nil {
		return err
	}
	if err := c.UpdatePlaylist(made.ID, map[string]string{"comment": "late", "songIdToAdd": ids[len(ids)-1]}); err != nil {
		return err
	}
	list, err := c.GetPlaylist(made.ID)
	if err != nil {
		return err
	}
	if err := c.DeletePlaylist(made.ID); err != nil {
		return err
	}
	out["playlist"] = fmt.Sprint(len(made.Entry), len(list.Entry), list.Comment)
	out["starred"], out["rating"], out["now"] = len(starred.Song)+len(starred.Album)+len(starred.Artist), rated.UserRating, titles
	out["queue"] = fmt.Sprint(len(queue.Entries), queue.Current == song, queue.Position)
	return nil
}
