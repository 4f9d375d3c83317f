package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

// TestFewFiles runs the program where it may have 64 files open and opens 200
// connections to it, some of which listen: it lives, says nothing about a
// panic, and answers when they are gone (SAFETY 2.6).
func TestFewFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no such limit")
	}
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	p, err := run(t, exec.Command("sh", "-c", `ulimit -n 64 && exec "$0" serve -data "$1" -listen 127.0.0.1:0`, path, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	k := p.keeper()
	file := bytes.Repeat(tone(2000), 4)
	track := k.upload("long.mp3", file, "public")
	k.drawn(track.ID)
	var open []net.Conn
	for i := range 200 {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			break // the queue of the listener is full, which is as good
		}
		open = append(open, c)
		if i%2 == 0 {
			fmt.Fprintf(c, "GET /api/tracks/%s/stream.mp3 HTTP/1.1\r\nHost: x\r\n\r\n", track.ID)
		}
	}
	// With every file in use, whoever is let in gets an answer, if only a refusal.
	time.Sleep(300 * time.Millisecond)
	for _, c := range open[:10] {
		c.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprintf(c, "GET /api/house HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := c.Read(make([]byte, 100)); err != nil {
			t.Errorf("a connection that was there first: %v", err)
		}
	}
	if state := p.cmd.ProcessState; state != nil {
		t.Fatalf("the program ended: %v", state)
	}
	for _, c := range open {
		c.Close()
	}
	client := &http.Client{Timeout: 2 * time.Second}
	answered := false
	for end := time.Now().Add(20 * time.Second); !answered && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if res, err := client.Get(p.url + "/api/stream"); err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			answered = res.StatusCode == 200
		}
	}
	if !answered {
		t.Fatalf("it does not answer after the connections were closed; log:\n%s", shorten([]byte(p.out.String())))
	}
	// And it still does everything.
	if got := k.get("/api/tracks/" + track.ID + "/stream.mp3").want(200); !bytes.Equal(got.body, file) {
		t.Error("the track is not whole any more")
	}
	again := k.upload("again.mp3", tagged(t, "Song"), "public")
	if got := k.drawn(again.ID); got.Waveform != "ready" {
		t.Errorf("an upload afterwards: its waveform is %q", got.Waveform)
	}
	k.put("/api/me/picture", artwork(t)).want(200)
	if log := p.out.String(); strings.Contains(log, "panic") || strings.Contains(log, "goroutine ") {
		t.Errorf("the log tells of a panic:\n%s", log)
	}
}

// TestUnfinishedPictures sends the beginnings of 60 large pictures and leaves
// them there: they wait on the disk, and others' pictures go through.
func TestUnfinishedPictures(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("what a process takes is read from /proc")
	}
	if testing.Short() {
		t.Skip("sends half a gigabyte")
	}
	p := start(t, t.TempDir())
	k := p.keeper()
	k.put("/api/me/picture", artwork(t)).want(200)
	before := privateMemory(p.cmd.Process.Pid)
	body := append([]byte("\xff\xd8\xff\xe0"), make([]byte, 8<<20)...)
	sent := make(chan error)
	const pictures = 60
	for range pictures {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "PUT /api/me/picture HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 9999999\r\n\r\n", k.token)
		go func() {
			_, err := c.Write(body)
			sent <- err
		}()
	}
	most := 0.0
	for n := 0; n < pictures; {
		select {
		case err := <-sent:
			if n++; err != nil {
				t.Errorf("an unfinished picture: %v", err)
			}
		case <-time.After(10 * time.Millisecond):
		}
		most = max(most, privateMemory(p.cmd.Process.Pid))
	}
	var me wire.Me
	k.put("/api/me/picture", artwork(t)).want(200).into(&me)
	k.get(me.Picture.Large).want(200)
	most = max(most, privateMemory(p.cmd.Process.Pid))
	t.Logf("private memory: %.0f MB before, %.0f MB at most with %d unfinished pictures", before, most, pictures)
	if before == 0 || most-before > 64 {
		t.Errorf("memory grew from %.0f MB to %.0f MB, want less than 64 MB more", before, most)
	}
}

// TestLargePicturesInTags uploads many files at once whose tags carry large
// pictures: few of them are in memory at a time.
func TestLargePicturesInTags(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("what a process takes is read from /proc")
	}
	if testing.Short() {
		t.Skip("sends 400 MB")
	}
	p := start(t, t.TempDir())
	k := p.keeper()
	k.put("/api/me/picture", artwork(t)).want(200)
	before := privateMemory(p.cmd.Process.Pid)
	large := append(artwork(t), make([]byte, 9<<20)...)
	file := slices.Concat(mp3test.ID3v2(3, id3Frame("APIC", slices.Concat([]byte("\x00image/png\x00\x03\x00"), large))), tone(115))
	const uploads = 40
	uploaded := make(chan wire.Track, uploads)
	for range uploads {
		go func() {
			var tr wire.Track
			defer func() { uploaded <- tr }()
			req, err := http.NewRequest("POST", p.url+"/api/tracks?name=x.mp3", bytes.NewReader(file))
			if err != nil {
				return
			}
			req.Header.Set("Authorization", "Bearer "+k.token)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return
			}
			defer res.Body.Close()
			json.NewDecoder(res.Body).Decode(&tr)
		}()
	}
	most := 0.0
	for n := 0; n < uploads; {
		select {
		case tr := <-uploaded:
			if n++; tr.ID == "" || tr.Picture == nil {
				t.Errorf("an upload gave %+v, want a track with a picture", tr)
			}
		case <-time.After(10 * time.Millisecond):
		}
		most = max(most, privateMemory(p.cmd.Process.Pid))
	}
	t.Logf("private memory: %.0f MB before, %.0f MB at most during %d uploads", before, most, uploads)
	if before == 0 || most-before > 160 {
		t.Errorf("memory grew from %.0f MB to %.0f MB, want less than 160 MB more", before, most)
	}
}
