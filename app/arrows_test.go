package app_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows is who may import whom among our own packages. Arrows point down the
// house only; a package that is not in the table has no place in it yet.
var arrows = map[string][]string{
	"earshot":       {"app", "app/config"},
	"app":           {"app/api", "app/api/wire", "app/auth", "app/auth/openid", "app/certs", "app/config", "app/copies", "app/core", "app/fault", "app/intake", "app/jobs", "app/listenbrainz", "app/mail", "app/mdns", "app/portable", "app/subsonic", "db", "media", "media/analysis", "media/audio", "media/peaks", "media/picture", "media/watch", "ui"},
	"app/api":       {"app/api/wire", "app/auth", "app/copies", "app/core", "app/fault", "app/feed", "db", "ui"},
	"app/feed":      {"app/core", "db"},
	"app/api/wire":  {},
	"app/auth":      {},
	"app/certs":     {},
	"app/config":    {},
	"app/core":      {"app/auth", "app/auth/openid", "app/copies", "app/fault", "app/intake", "app/listenbrainz", "app/portable", "db", "media", "media/analysis", "media/audio", "media/mp3", "media/peaks", "media/picture", "media/tag", "search"},
	"app/copies":    {"db"},
	"app/fault":     {},
	"app/jobs":      {"db"},
	"app/mail":      {},
	"db":            {},
	"media":         {"media/audio", "media/mp3", "media/mp4", "media/peaks"},
	"media/mp3":     {},
	"media/mp4":     {"media/mp3"},
	"media/peaks":   {},
	"media/picture": {},
	"media/tag":     {"media/flac", "media/m4a", "media/ogg", "media/wav"},
	"search":        {},
	"ui":            {},

	"app/auth/openid": {},

	"app/intake":       {},
	"app/portable":     {"app/intake"},
	"app/subsonic":     {"app/core", "app/fault", "db"},
	"app/mdns":         {},
	"media/watch":      {},
	"app/listenbrainz": {},

	"media/analysis": {"media/audio", "media/layer3", "media/loudness", "media/mp3", "media/peaks", "media/tempo"},
	"media/audio":    {"media/flac", "media/layer3", "media/m4a", "media/mp3", "media/ogg", "media/wav"},
	"media/flac":     {},
	"media/layer3":   {"media/mp3"},
	"media/loudness": {},
	"media/m4a":      {},
	"media/ogg":      {},
	"media/tempo":    {},
	"media/wav":      {},

	// For tests only; nothing of the product imports them.
	"app/mail/mailtest": {},
	"db/dbtest":         {"db"},
	"media/mediatest":   {},
	"media/mp3/mp3test": {"media/mp3"},
	"app/browsertest":   nil,
}

// libraries are modules that one room keeps to itself.
var libraries = map[string][]string{
	"go.etcd.io/bbolt":                 {"db"},
	"github.com/fxamacker/cbor/v2":     {"db"},
	"github.com/danielgtaylor/huma/v2": {"app/api"},
	"github.com/blevesearch/bleve/v2":  {"search"},
	"github.com/golang-jwt/jwt/v5":     {"app/auth"},
	"github.com/coreos/go-oidc/v3":     {"app/auth/openid"},
	"golang.org/x/oauth2":              {"app/auth/openid"},
	"net/http":                         {"app", "app/api", "app/auth/openid", "app/certs", "app/listenbrainz", "app/subsonic", "ui"},
	"golang.org/x/crypto/acme":         {"app/certs"},
	"github.com/pquerna/otp":           {"app/auth"},
	"github.com/go-webauthn/webauthn":  {"app/auth"},
	"github.com/boombuler/barcode":     {"app", "app/api"},
	"net/smtp":                         {"app/mail"},
	"encoding/xml":                     {"app/feed", "app/subsonic"},
	"github.com/mmcdole/gofeed":        {}, // reads feeds in tests
	"github.com/mewkiz/flac":           {"media/flac"},
	"github.com/jfreymuth/vorbis":      {"media/ogg"},
	"github.com/pion/opus":             {"media/ogg"},
	"encoding/json":                    {"app", "app/api", "app/api/wire", "app/auth/openid", "app/copies", "app/intake", "app/listenbrainz", "app/portable", "app/subsonic", "media/peaks", "ui"},
	"github.com/fsnotify/fsnotify":     {"media/watch"},
	"golang.org/x/net":                 {"app/mdns"},
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}|{{join .Imports " "}}`, "earshot/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	short := func(path string) string { return strings.TrimPrefix(path, "earshot/") }
	for _, row := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, imports, _ := strings.Cut(row, "|")
		room := short(path)
		allowed, known := arrows[room]
		if !known {
			t.Errorf("package %s has no row in the table of arrows", room)
			continue
		}
		for _, to := range strings.Fields(imports) {
			if strings.HasPrefix(to, "earshot/") && !slices.Contains(allowed, short(to)) {
				t.Errorf("%s imports %s, which the table of arrows does not allow", room, to)
			}
			for lib, rooms := range libraries {
				if (to == lib || strings.HasPrefix(to, lib+"/")) && strings.HasPrefix(path, "earshot") && !slices.Contains(rooms, room) &&
					!strings.HasSuffix(room, "test") && !strings.Contains(room, "bench") {
					t.Errorf("%s imports %s, which is kept to %v", room, to, rooms)
				}
			}
		}
	}
}

// One of these keeps every exported method of the whole program in the
// executable, which makes it a quarter larger.
func TestNothingLooksMethodsUpByName(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "earshot").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, lib := range strings.Fields(string(out)) {
		if lib == "text/template" || lib == "html/template" {
			t.Errorf("the program imports %s", lib)
		}
	}
}
