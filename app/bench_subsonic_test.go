package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/app/auth"
	"earshot/db"
	"earshot/db/dbtest"
)

// BenchmarkSubsonicSync lets a program take the whole list of a house of 50,000
// tracks, page by page, from the real program: how long that takes, how long its
// slowest page, and the most memory of the server meanwhile.
func BenchmarkSubsonicSync(b *testing.B) {
	dir := b.TempDir()
	d, err := db.Open(filepath.Join(dir, "earshot.db"), db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	const secret = "0123456789abcdefghjk"
	filled, err := dbtest.Fill(context.Background(), d, dbtest.Spec{Users: 500, Tracks: 50_000, Follows: 5000, Playlists: 5000, Comments: 1000, Likes: 50_000, Plays: 20_000, Seed: 1})
	if err == nil {
		err = d.Update(context.Background(), func(tx *db.Tx) error {
			var albums []db.Playlist
			for p, err := range tx.Playlists(0) {
				if err != nil {
					return err
				}
				if p.Kind = db.Album; len(albums) < 4000 {
					albums = append(albums, p)
				}
			}
			// Each album has twelve tracks of its owner's, as far as there are any left.
			left := map[db.ID][]db.ID{}
			for t, err := range tx.Tracks(0) {
				if err != nil {
					return err
				}
				left[t.User] = append(left[t.User], t.ID)
			}
			for _, p := range albums {
				own := left[p.User]
				n := min(len(own), 12)
				left[p.User] = own[n:]
				if err := errors.Join(tx.SetPlaylist(p), tx.SetPlaylistTracks(p.ID, own[:n])); err != nil {
					return err
				}
			}
			return tx.AddKey(db.Key{ID: tx.NewID(), User: filled.Users[0], Name: "phone", Hash: auth.HashCode(secret), Created: time.Now()})
		})
	}
	if err := errors.Join(err, d.Close()); err != nil {
		b.Fatal(err)
	}
	pid, house := benchProgram(b, dir)
	ask := func(what string, n, from int) (ids []string, took time.Duration) {
		v := url.Values{"apiKey": {secret}, "f": {"json"}, "c": {"bench"}, "query": {""}, "artistCount": {"0"}, "albumCount": {"0"}, "songCount": {"0"}}
		v.Set(what+"Count", fmt.Sprint(n))
		v.Set(what+"Offset", fmt.Sprint(from))
		began := time.Now()
		res, err := http.Get(house + "/rest/search3?" + v.Encode())
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		var got map[string]struct {
			Status        string
			SearchResult3 map[string][]struct{ ID string }
		}
		if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got["subsonic-response"].Status != "ok" {
			b.Fatalf("%s from %d: status %d, %v", what, from, res.StatusCode, err)
		}
		took = time.Since(began)
		for _, one := range got["subsonic-response"].SearchResult3[what] {
			ids = append(ids, one.ID)
		}
		return ids, took
	}
	for _, what := range []string{"song", "album", "artist"} {
		for _, size := range []int{500, 5000} {
			b.Run(fmt.Sprintf("%ss-by-%d", what, size), func(b *testing.B) {
				var peak float64
				var all, slowest time.Duration
				n := 0
				for b.Loop() {
					if n > 0 {
						continue
					}
					seen := map[string]bool{}
					began := time.Now()
					for {
						ids, took := ask(what, size, n)
						slowest = max(slowest, took)
						peak = max(peak, privateMemory(pid))
						for _, id := range ids {
							if seen[id] {
								b.Fatalf("%s came twice", id)
							}
							seen[id] = true
						}
						if n += len(ids); len(ids) < size {
							break
						}
					}
					all = time.Since(began)
				}
				b.ReportMetric(float64(n), "found")
				b.ReportMetric(all.Seconds(), "seconds")
				b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms")
				b.ReportMetric(peak, "private-peak-MB")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// benchProgram makes the search index and runs the real program, and gives its
// process and its address.
func benchProgram(b *testing.B, dir string) (pid int, house string) {
	b.Helper()
	path, err := executable()
	if err != nil {
		b.Fatal(err)
	}
	built.Store(true)
	if out, err := exec.Command(path, "reindex", "-data", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(path, "serve", "-data", dir, "-listen", "127.0.0.1:0")
	cmd.Dir = dir
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	address := regexp.MustCompile(`on this machine +(https?://\S+)`)
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			house = m[1]
		}
		if strings.HasPrefix(lines.Text(), "Press Ctrl+C") {
			go io.Copy(io.Discard, stdout)
			return cmd.Process.Pid, strings.TrimSuffix(house, "/")
		}
	}
	b.Fatal("the program ended without a greeting")
	return 0, ""
}
