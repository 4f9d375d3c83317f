package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// subsonicTool finds one of the clients of OpenSubsonic that are not ours, which
// .ci/run brings.
func subsonicTool(t *testing.T, name string) (folder, path string) {
	t.Helper()
	tools := os.Getenv("EARSHOT_CI_TOOLS")
	if tools == "" {
		tools = "/tmp/earshot-ci-tools"
	}
	folder = filepath.Join(tools, "subsonic")
	path = filepath.Join(folder, name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("EARSHOT_BROWSER_TESTS") == "1" {
			t.Fatalf("%v, and EARSHOT_BROWSER_TESTS=1 asks for it; .ci/run installs it", err)
		}
		t.Skipf("%v; .ci/run installs it", err)
	}
	return folder, path
}

// toldBy runs a client and decodes the line of JSON that it tells.
func toldBy(t *testing.T, into any, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v; %s", name, err, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s: %v in %s", name, err, out)
	}
}

// TestSubsonicClients lets two clients of the protocol that Earshot has no part
// in sign in, look around, search and play: go-subsonic by XML and tokens,
// subsonic-api by JSON and tokens, forms, and keys.
func TestSubsonicClients(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	p := h.member("jun").phone()
	file := taggedWith("First song", painted(t, 400, 400))
	one := mina.upload("one.mp3", file, "public")
	two := mina.upload("two.mp3", taggedWith("Second song", nil), "public")
	for _, x := range []wire.Track{one, two} {
		mina.patch(track(x), wire.TrackPatch{Tags: ptr([]string{"night"})}).want(200)
		mina.drawn(x.ID)
	}
	mina.post("/api/playlists", wire.NewPlaylist{Title: "An album", Kind: "album", Visibility: "public", Tracks: []string{one.ID}}).want(201)
	k.settled()
	sum := sha256.Sum256(file)
	type told struct {
		Artist, Sound, Found, Status, Type string
		Albums, Songs, Genres, Extensions  []string
		All, Newest                        int
		Cover                              any
		Now                                []string
		Starred, Rating                    int
		Playlist, Queue                    string
	}
	check := func(t *testing.T, got told) {
		t.Helper()
		slices.Sort(got.Albums)
		if got.Artist != "mina" || got.Sound != hex.EncodeToString(sum[:]) || !slices.Equal(got.Albums, []string{"An album", "Tracks"}) ||
			!slices.Equal(got.Songs, []string{"First song"}) || !slices.Equal(got.Genres, []string{"night"}) || got.All != 2 || got.Newest != 2 ||
			!slices.Contains(got.Extensions, "apiKeyAuthentication") || !slices.Contains(got.Extensions, "transcodeOffset") {
			t.Errorf("it found %+v", got)
		}
		if got.Starred != 3 || got.Rating != 4 || !slices.Equal(got.Now, []string{"First song"}) || got.Queue != "2 true 700" {
			t.Errorf("it left %+v", got)
		}
	}
	t.Run("go-subsonic", func(t *testing.T) {
		_, client := subsonicTool(t, "client")
		var got told
		toldBy(t, &got, client, h.url, p.name, p.key)
		if check(t, got); got.Cover != 300. || !strings.HasPrefix(got.Playlist, "1 ") || !strings.HasSuffix(got.Playlist, "late") {
			t.Errorf("it found %+v", got)
		}
	})
	for _, way := range []string{"get", "post", "key"} {
		t.Run("subsonic-api by "+way, func(t *testing.T) {
			folder, _ := subsonicTool(t, "node_modules/subsonic-api")
			var got told
			toldBy(t, &got, "node", "testdata/subsonic/client.mjs", folder, h.url, p.name, p.key, way)
			if check(t, got); got.Status != "ok" || got.Type != "earshot" || got.Found != "First song" || got.Cover != "image/jpeg" || got.Playlist != "2 1 late" {
				t.Errorf("it found %+v", got)
			}
		})
	}
}
