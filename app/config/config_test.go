package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func equal(t *testing.T, got, want Config) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("settings differ (-want +got):\n%s", d)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The file at the root says in full what the code does without it.
func TestFileAtRootIsTheDefault(t *testing.T) {
	t.Parallel()
	const path = "../../config.toml"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Applied to nothing at all, so that a key left out shows.
	var c Config
	if err := c.apply(string(b)); err != nil {
		t.Fatal(err)
	}
	equal(t, c, Default())
	got, err := Load(path, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, Default())

	for _, s := range settings() {
		line := lineOf(string(b), s.key)
		if s.form == tables { // which are not there by default, and shown as an example
			line = strings.Count(string(b[:max(0, strings.Index(string(b), "# [["+s.key+"]]"))]), "\n")
		}
		if line == 0 {
			t.Errorf("%s is not in config.toml", s.key)
			continue
		}
		if before := strings.Split(string(b), "\n")[:line-1]; !strings.Contains(strings.Join(before[max(0, len(before)-2):], "\n"), "#") {
			t.Errorf("%s has no comment above it", s.key)
		}
	}
}

// Every field of the struct is a key, and every key a field.
func TestEveryFieldIsASetting(t *testing.T) {
	t.Parallel()
	var fields []string
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, path string) {
		for f := range typ.Fields() {
			name := path + snake(f.Name)
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, name+".")
				continue
			}
			fields = append(fields, name)
		}
	}
	walk(reflect.TypeFor[Config](), "")
	sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if d := cmp.Diff(fields, keys(), sorted); d != "" {
		t.Errorf("fields of Config and keys of the file differ (-fields +keys):\n%s", d)
	}
}

func snake(s string) string {
	s = strings.NewReplacer("URL", "Url", "TLS", "Tls", "OpenID", "Openid", "SMTP", "Smtp", "MDNS", "Mdns").Replace(s)
	var b strings.Builder
	for i, r := range s {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func TestLoad(t *testing.T) {
	t.Parallel()
	with := func(change func(*Config)) Config {
		c := Default()
		change(&c)
		return c
	}
	tests := []struct {
		name string
		file string
		env  []string
		want Config
	}{
		{"nothing", "", nil, Default()},
		{"other variables", "", []string{"HOME=/root", "EARSHOT_BROWSER_TESTS=1", "EARSHOT_CHROMIUM=/usr/bin/chromium", "EARSHOT_GOSEC=1", "=odd", "plain"}, Default()},
		{"file", "listen = \"127.0.0.1:0\"\n[log]\nlevel = \"warn\"", nil, with(func(c *Config) { c.Listen, c.Log.Level = "127.0.0.1:0", "warn" })},
		{"byte order mark and CRLF", "\ufeffdata = \"/srv/음악\"\r\n", nil, with(func(c *Config) { c.Data = "/srv/음악" })},
		{"dotted and inline", "log.level = \"debug\"\nbackups = {every = \"0\", keep = 3}", nil, with(func(c *Config) { c.Log.Level, c.Backups = "debug", Backups{0, 3} })},
		{"size as a number", "max_upload = 2000000", nil, with(func(c *Config) { c.MaxUpload = 2_000_000 })},
		{"environment wins", "listen = \":1\"\ndata = \"a\"", []string{"EARSHOT_LISTEN=[::1]:2"}, with(func(c *Config) { c.Listen, c.Data = "[::1]:2", "a" })},
		{"empty variable is none", "data = \"a\"", []string{"EARSHOT_DATA=", "EARSHOT_PUBLIC_URL="}, with(func(c *Config) { c.Data = "a" })},
		{"every variable", "", []string{
			"EARSHOT_LISTEN=:1", "EARSHOT_DATA=d", "EARSHOT_PUBLIC_URL=HTTPS://Music.Example.org:8443/", "EARSHOT_MAX_UPLOAD=2GiB",
			"EARSHOT_MAX_PICTURE=1.5 MB", "EARSHOT_TRUSTED_PROXIES=127.0.0.1, 10.1.2.3/8 ,::1,fd00::/8,::ffff:192.0.2.1",
			"EARSHOT_PROXY_SIGN_IN_HEADER=X-Remote-User", "EARSHOT_PROXY_SIGN_IN_CREATE=1",
			"EARSHOT_OPENID=[{name = \"home\", issuer = \"http://127.0.0.1:1/\", client_id = \"c\", audiences = [\"d\"]}]",
			"EARSHOT_LOG_LEVEL=error", "EARSHOT_LOG_FORMAT=json", "EARSHOT_BACKUPS_EVERY=7d", "EARSHOT_BACKUPS_KEEP=30",
			"EARSHOT_TLS=acme", "EARSHOT_LISTEN_TLS=:443", "EARSHOT_CERTIFICATE_CERT=c.pem", "EARSHOT_CERTIFICATE_KEY=k.pem",
			"EARSHOT_ACME_DOMAINS=Music.example.org, b.example", "EARSHOT_ACME_EMAIL=me@example.org", "EARSHOT_ACME_DIRECTORY=https://localhost:14000/dir",
			"EARSHOT_SMTP_HOST=mail.example.org", "EARSHOT_SMTP_PORT=465", "EARSHOT_SMTP_USER=u", "EARSHOT_SMTP_PASSWORD=p: w", "EARSHOT_SMTP_FROM=Our house <music@example.org>",
			"EARSHOT_SMTP_SECURITY=tls", "EARSHOT_LIBRARY_FOLDERS=/music/, ~/음악,/music", "EARSHOT_LIBRARY_SCAN=15m",
			"EARSHOT_SMTP_SECURITY=tls", "EARSHOT_MEMORY=200MB", "EARSHOT_MDNS_ON=false", "EARSHOT_MDNS_NAME=Music.local",
			"EARSHOT_METRICS_SHOW=keeper", "EARSHOT_METRICS_TOKEN=0123456789abcdef",
			"EARSHOT_SCROBBLING_SERVERS=https://api.ListenBrainz.org/1/,http://192.168.1.5:42010/apis/listenbrainz/,https://api.listenbrainz.org",
		}, Config{
			Scrobbling: Scrobbling{[]string{"https://api.listenbrainz.org", "http://192.168.1.5:42010/apis/listenbrainz"}},
			Memory:     200_000_000, MDNS: MDNS{false, "music"}, Metrics: Metrics{"keeper", "0123456789abcdef"},
			Listen: ":1", Data: "d", PublicURL: "https://music.example.org:8443", MaxUpload: 2 << 30, MaxPicture: 1_500_000,
			TrustedProxies: []netip.Prefix{
				netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"),
				netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("192.0.2.1/32"),
			},
			ProxySignIn: ProxySignIn{"X-Remote-User", true},
			OpenID:      []OpenID{{Name: "home", Title: "Home", Issuer: "http://127.0.0.1:1/", ClientID: "c", Audiences: []string{"d"}}},
			TLS:         "acme", ListenTLS: ":443", Certificate: Certificate{"c.pem", "k.pem"},
			Acme: Acme{[]string{"music.example.org", "b.example"}, "me@example.org", "https://localhost:14000/dir"},
			Log:  Log{"error", "json"}, Backups: Backups{7 * 24 * time.Hour, 30},
			Library: Library{[]string{"/music", "~/음악"}, 15 * time.Minute},
			SMTP:    SMTP{"mail.example.org", 465, "u", "p: w", "Our house <music@example.org>", "tls"},
		}},
		{"url with a path", `public_url = "https://Home.example/earshot/"`, nil, with(func(c *Config) { c.PublicURL = "https://home.example/earshot" })},
		{"url with a longer path", `public_url = "https://home.example/A/b-c.d_e~f"`, nil, with(func(c *Config) { c.PublicURL = "https://home.example/A/b-c.d_e~f" })},
		{"issuers", "[[openid]]\nname = \"google\"\nclient_id = \"g\"\nclient_secret = \"s\"\n[[openid]]\nname = \"home\"\ntitle = \"우리 집\"\nissuer = \"https://login.example.org/\"\nclient_id = \"h\"\n", nil, with(func(c *Config) {
			c.OpenID = []OpenID{
				{Name: "google", Title: "Google", Issuer: "https://accounts.google.com", ClientID: "g", ClientSecret: "s"},
				{Name: "home", Title: "우리 집", Issuer: "https://login.example.org/", ClientID: "h"},
			}
		})},
		{"no issuers", "openid = []", nil, Default()},
		{"listens nowhere", "[scrobbling]\nservers = []", nil, with(func(c *Config) { c.Scrobbling.Servers = nil })},
		{"proxy sign-in", "trusted_proxies = [\"::1\"]\n[proxy_sign_in]\nheader = \"remote-user\"\ncreate = true", nil, with(func(c *Config) {
			c.TrustedProxies, c.ProxySignIn = []netip.Prefix{netip.MustParsePrefix("::1/128")}, ProxySignIn{"Remote-User", true}
		})},
		{"list", `trusted_proxies = ["10.0.0.0/8", "10.0.0.0/8"]`, nil, with(func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Load(write(t, tt.file), tt.env, true)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, tt.want)
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		file string
		env  []string
		want []string // all of them within the sentence
	}{
		{"misspelt key", "# hello\n\nlisten = \":1\"\nmax_uplod = \"1GB\"", nil, []string{"config.toml, line 4", `"max_uplod" is not a setting`, "did you mean max_upload?"}},
		{"misspelt in a table", "[log]\nlevle = \"info\"", nil, []string{"line 2", `"log.levle"`, "log.level?"}},
		{"right name, wrong table", "[backups]\nlevel = \"info\"", nil, []string{"line 2", `"backups.level"`, "did you mean log.level?"}},
		{"nothing near", "colour = \"red\"", nil, []string{"line 1", `"colour"`, "listen", "backups.keep"}},
		{"unknown table", "[oidc]\nissuer = \"x\"", nil, []string{`"oidc.issuer" is not a setting`}},
		{"unknown empty table", "[oidc]", nil, []string{"line 1", `"oidc" is not a setting`}},
		{"array of tables", "[[log]]\nlevel = \"info\"", nil, []string{`"log" is not a setting`}},
		{"first in the file first", "data = \"\"\nfoo = 1", nil, []string{"line 1: data: a folder is needed"}},
		{"syntax", "listen = \":1\"\ndata = here", nil, []string{"config.toml, line 2", "listen = "}},
		{"twice", "data = \"a\"\ndata = \"b\"", nil, []string{"line 2"}},
		{"number for text", "listen = 8080", nil, []string{"line 1: listen: it is written in quotes", `listen = ":8080"`}},
		{"text for number", "[backups]\nkeep = \"7\"", nil, []string{"line 2: backups.keep", "without quotes", "keep = 7"}},
		{"folder that is relative", "[library]\nfolders = [\"music\"]", nil, []string{"line 2: library.folders", `"music"`, "whole path"}},
		{"server of listens with a password", "[scrobbling]\nservers = [\"https://me:secret@x.example\"]", nil, []string{"line 2: scrobbling.servers", "is not an address"}},
		{"server of listens that is a file", "[scrobbling]\nservers = [\"file:///etc\"]", nil, []string{"line 2: scrobbling.servers", "is not an address"}},
		{"scan too often", "[library]\nscan = \"5s\"", nil, []string{"line 2: library.scan", "a minute"}},
		{"text for list", `trusted_proxies = "127.0.0.1"`, nil, []string{"it is a list", `["127.0.0.1"`}},
		{"numbers in a list", `trusted_proxies = [1, 2]`, nil, []string{"each of the list is written in quotes"}},
		{"table for a value", "[listen]\nport = 1", nil, []string{`"listen.port" is not a setting`}},
		{"empty table for a value", "[listen]", nil, []string{"line 1: listen: it is written in quotes"}},
		{"truth for text", "data = true", nil, []string{"data: it is written in quotes"}},
		{"no port", `listen = "localhost"`, nil, []string{`"localhost" is not an address and a port`}},
		{"port too high", `listen = ":80800"`, nil, []string{`"80800"`, "65535"}},
		{"port by name", `listen = ":http"`, nil, []string{`"http"`}},
		{"url without scheme", `public_url = "music.example.org"`, nil, []string{"public_url", "https://"}},
		{"url with a query", `public_url = "https://example.org/music?x=1"`, nil, []string{"goes on after the path", `"https://example.org/earshot/"`}},
		{"url with an odd path", `public_url = "https://example.org/my music"`, nil, []string{"public_url", "letters, digits"}},
		{"url with an escaped path", `public_url = "https://example.org/%2e%2e"`, nil, []string{"public_url", "letters, digits"}},
		{"url that climbs", `public_url = "https://example.org/a/../b"`, nil, []string{"public_url", "letters, digits"}},
		{"url with a hole", `public_url = "https://example.org/a//b"`, nil, []string{"public_url", "letters, digits"}},
		{"proxy sign-in, nobody trusted", "[proxy_sign_in]\nheader = \"Remote-User\"", nil, []string{"proxy_sign_in.header", "trusted_proxies", "Remote-User"}},
		{"proxy sign-in by no header", "[proxy_sign_in]\nheader = \"Remote User\"", nil, []string{"proxy_sign_in.header", "not the name of a header"}},
		{"proxy sign-in by everybody's header", "[proxy_sign_in]\nheader = \"user-agent\"", nil, []string{"proxy_sign_in.header", "User-Agent", "something else"}},
		{"text for true", "[proxy_sign_in]\ncreate = \"true\"", nil, []string{"proxy_sign_in.create", "without quotes", "create = true"}},
		{"url with password", `public_url = "https://a:b@example.org"`, nil, []string{"public_url"}},
		{"url of another kind", `public_url = "javascript:alert(1)"`, nil, []string{"public_url"}},
		{"size", `max_upload = "lots"`, nil, []string{"max_upload", `"lots" is not a size`, "512MB"}},
		{"size negative", `max_upload = -1`, nil, []string{`"-1" is not a size`}},
		{"size nothing", `max_upload = "0"`, nil, []string{"is not between 1kB and 1TB"}},
		{"size huge", `max_upload = "99999999999GB"`, nil, []string{"more than any disk holds"}},
		{"memory of a clock", `memory = "64"`, nil, []string{`"64" is not between 32MB and 1TB, "auto" or "none"`}},
		{"memory in a word", `memory = "little"`, nil, []string{"memory", `"little" is not a size`, `"auto" or "none"`}},
		{"a name of two", "[mdns]\nname = \"my house\"", nil, []string{"mdns.name", `"my house" is not a name`}},
		{"a token for nothing", "[metrics]\ntoken = \"0123456789abcdef\"", nil, []string{"metrics.token", `show = "keeper"`}},
		{"a short token", "[metrics]\ntoken = \"secret\"", nil, []string{"metrics.token", "16 to 200"}},
		{"picture huge", `max_picture = "2GB"`, nil, []string{"between 1kB and 100MB"}},
		{"trust in all", `trusted_proxies = ["0.0.0.0/0"]`, nil, []string{"would trust everybody"}},
		{"trust in all of IPv6", `trusted_proxies = ["::/0"]`, nil, []string{"would trust everybody"}},
		{"trust in all as IPv6", `trusted_proxies = ["::ffff:0:0/96"]`, nil, []string{"would trust everybody"}},
		{"proxy by name", `trusted_proxies = ["nginx"]`, nil, []string{`"nginx" is neither`}},
		{"level", "[log]\nlevel = \"warning\"", nil, []string{"\"warning\" is not one of debug, info, warn, error"}},
		{"https of another kind", `tls = "yes"`, nil, []string{`"yes" is not one of files, acme, local`}},
		{"https without a port", `listen_tls = "8443"`, nil, []string{"listen_tls", `"8443" is not an address and a port`}},
		{"a domain that is an address", "[acme]\ndomains = [\"192.168.1.5\"]", nil, []string{`"192.168.1.5" is not a domain`}},
		{"a wildcard", "[acme]\ndomains = [\"*.example.org\"]", nil, []string{`"*.example.org" is not a domain`}},
		{"a domain with a scheme", "[acme]\ndomains = [\"https://example.org\"]", nil, []string{"is not a domain"}},
		{"a domain of one word", "[acme]\ndomains = [\"house\"]", nil, []string{`"house" is not a domain`}},
		{"no e-mail", "[acme]\nemail = \"me\"", nil, []string{`"me" is not an e-mail address`}},
		{"authority by http", "[acme]\ndirectory = \"http://ca.example/dir\"", nil, []string{"is not an address such as"}},
		{"too often", "[backups]\nevery = \"1s\"", nil, []string{"a minute"}},
		{"before", "[backups]\nevery = \"-24h\"", nil, []string{"is not a length of time"}},
		{"keep none", "[backups]\nkeep = 0", nil, []string{"1 to 1000"}},
		{"mails without an address", "[smtp]\nhost = \"mail.example.org\"\nfrom = \"a@b.c\"", nil, []string{"smtp.host is set, so public_url is needed too", "https://"}},
		{"mails from nobody", "public_url = \"https://a.b\"\n[smtp]\nhost = \"mail.example.org\"", nil, []string{"smtp.from is needed too"}},
		{"mail server with a port", "[smtp]\nhost = \"mail.example.org:25\"", nil, []string{"smtp.host", "a setting of its own"}},
		{"mails from two", "[smtp]\nfrom = \"a@b.c, d@e.f\"", nil, []string{"smtp.from", "is not an address"}},
		{"a head within the sender", "[smtp]\nfrom = \"a@b.c\\r\\nBcc: d@e.f\"", nil, []string{"smtp.from", "is not an address"}},
		{"a secret is not repeated", "[smtp]\npassword = \"hush\\u0000\"", nil, []string{"smtp.password: it has characters that can't be typed"}},
		{"security", "[smtp]\nsecurity = \"ssl\"", nil, []string{"not one of starttls, tls, none"}},
		{"misspelt variable", "", []string{"EARSHOT_LISTN=:1"}, []string{"the variable EARSHOT_LISTN is not a setting", "did you mean EARSHOT_LISTEN?"}},
		{"unknown variable", "", []string{"EARSHOT_SECRET_KEY="}, []string{"EARSHOT_SECRET_KEY", "EARSHOT_LISTEN"}},
		{"wrong variable", "", []string{"EARSHOT_MAX_UPLOAD=big"}, []string{"the variable EARSHOT_MAX_UPLOAD:", "not a size"}},
		{"one bracket", "[openid]\nname = \"google\"", nil, []string{"line 2", `"openid.name" is not a setting`, "[[openid]]"}},
		{"misspelt key of an issuer", "[[openid]]\nisuer = \"google\"", nil, []string{"line 1: openid:", `"isuer"`, "did you mean issuer?"}},
		{"issuer without a name", "[[openid]]\nclient_id = \"x\"", nil, []string{"a name is needed"}},
		{"issuer without an id", "[[openid]]\nname = \"google\"", nil, []string{`client_id of "google" is needed`}},
		{"issuer without an address", "[[openid]]\nname = \"home\"\nclient_id = \"x\"", nil, []string{`issuer of "home" is needed`}},
		{"name of an issuer with a slash", "[[openid]]\nname = \"a/b\"\nclient_id = \"x\"", nil, []string{`"a/b" can't stand in an address`}},
		{"name that is an address already", "[[openid]]\nname = \"link\"\nclient_id = \"x\"", nil, []string{`"link" can't stand in an address`}},
		{"issuer over http", "[[openid]]\nname = \"home\"\nclient_id = \"x\"\nissuer = \"http://login.example.org\"", nil, []string{"has to be https"}},
		{"issuer that looks like this machine", "[[openid]]\nname = \"home\"\nclient_id = \"x\"\nissuer = \"http://localhost.example.org\"", nil, []string{"has to be https"}},
		{"issuer with a query", "[[openid]]\nname = \"home\"\nclient_id = \"x\"\nissuer = \"https://a.example/?b\"", nil, []string{"is not an address"}},
		{"issuer of another kind", "[[openid]]\nname = \"home\"\nclient_id = \"x\"\nissuer = \"javascript:alert(1)\"", nil, []string{"is not an address"}},
		{"two issuers of a name", "[[openid]]\nname = \"google\"\nclient_id = \"x\"\n[[openid]]\nname = \"google\"\nclient_id = \"x\"", nil, []string{`"google" stands twice`}},
		{"one issuer twice", "[[openid]]\nname = \"google\"\nclient_id = \"x\"\n[[openid]]\nname = \"g\"\nissuer = \"https://accounts.google.com\"\nclient_id = \"x\"", nil, []string{"have the same issuer"}},
		{"number for the text of an issuer", "[[openid]]\nname = 1", nil, []string{"name is written in quotes"}},
		{"audience as text", "[[openid]]\nname = \"google\"\nclient_id = \"x\"\naudiences = \"y\"", nil, []string{"audiences is a list"}},
		{"text for issuers", "openid = \"google\"", nil, []string{"line 1: openid", "[[openid]]"}},
		{"variable of issuers", "", []string{"EARSHOT_OPENID=google"}, []string{"the variable EARSHOT_OPENID:", "is not a list such as"}},
		{"huge file", strings.Repeat("# 0123456789\n", 100_000), nil, []string{"larger than 1 MiB"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Load(write(t, tt.file), tt.env, true)
			if err == nil {
				t.Fatalf("got %+v, want an error", got)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("got more than one line: %q", err)
			}
		})
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.toml")
	got, err := Load(path, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, Default())

	_, err = Load(path, nil, true)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names %s", err, path)
	}
	if _, err := Load(t.TempDir(), nil, false); err == nil {
		t.Errorf("a folder was read as a file of settings")
	}
	if _, err := Load(filepath.Join(write(t, ""), "x"), nil, true); err == nil {
		t.Errorf("a file was taken for a folder")
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	c := Default()
	if err := c.Set("listen", ":9"); err != nil || c.Listen != ":9" {
		t.Errorf("got %q, %v, want :9", c.Listen, err)
	}
	for _, s := range settings() { // a refused value changes nothing
		before := c
		if err := c.Set(s.key, "\x00 no"); err == nil {
			t.Errorf("%s took nonsense", s.key)
		}
		equal(t, c, before)
	}
	if err := c.Set("lissten", ":9"); err == nil || !strings.Contains(err.Error(), "listen?") {
		t.Errorf("got %v, want a hint at listen", err)
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	tests := map[string]int64{
		"0": 0, "1": 1, "4096": 4096, "4096 B": 4096, "1k": 1000, "1kB": 1000, "1KiB": 1024, "512MB": 512e6, " 512 mb ": 512e6,
		"2GiB": 2 << 30, "1.5 GB": 1_500_000_000, "0.5KiB": 512, "1T": 1e12, "1.000001TiB": 1<<40 + 1099511,
		"9223371TB": 9223371e12, "8388606TiB": 8388606 << 40,
	}
	for in, want := range tests {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("ParseSize(%q): got %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", " ", "MB", "-1", "+1", "1e3", "0x10", "1,5GB", "1.GB", ".5GB", "1.5", "1.5B", "1_000", "1 2MB", "1MBB", "１MB",
		"9223372036854775808", "9223372036854775807", "9223372TB", "8388607TiB", "1.1234567GB", "1.5.5GB", strings.Repeat("1", 100)} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("ParseSize(%q): got %d, want an error", in, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"512MB", "2GiB", "1.5 GB", "4096", "9223371TB", "1.999999TiB", "-1", "kib", " 7 t "} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^(?i) *[0-9]+(\.[0-9]{1,6})? *([kmgt]?i?b|[kmgt])? *$`)
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseSize(s)
		if err != nil {
			return
		}
		if n < 0 {
			t.Errorf("ParseSize(%q): got %d, want none below zero", s, n)
		}
		if !form.MatchString(s) {
			t.Errorf("ParseSize(%q): got %d, want an error", s, n)
		}
		if back, err := ParseSize(showSize(n)); err != nil || back != n {
			t.Errorf("%q is %d, written as %q and read back as %d, %v", s, n, showSize(n), back, err)
		}
	})
}

// Whatever a file holds, the answer is settings within their limits or one
// sentence.
func FuzzApply(f *testing.F) {
	b, err := os.ReadFile("../../config.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add("log.level = \"debug\"\nbackups = {every = \"0\", keep = 3}")
	f.Add("[[log]]\n[log.x]\n")
	f.Add("[[openid]]\nname = \"google\"\nclient_id = \"x\"\naudiences = [\"y\"]\n")
	f.Add("trusted_proxies = [\"10.0.0.0/8\", []]\nmax_upload = 1979-05-27")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		c := Default()
		if err := c.apply(text); err != nil {
			return
		}
		if c.MaxUpload < 1000 || c.MaxPicture < 1000 || c.Backups.Keep < 1 || c.Backups.Every < 0 || c.Data == "" {
			t.Errorf("%q gave settings out of their limits: %+v", text, c)
		}
		for _, p := range c.TrustedProxies {
			if !p.IsValid() || p.Bits() == 0 || p != p.Masked() {
				t.Errorf("%q gave the network %v", text, p)
			}
		}
	})
}

func TestBase(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"": "", "https://home.example": "", "https://home.example:8443/": "", "http://home.example/earshot/": "/earshot", "https://home.example/a/b": "/a/b",
	} {
		c := Default()
		if err := c.Set("public_url", url); err != nil || c.Base() != want {
			t.Errorf("%q: got %q (%v), want %q", url, c.Base(), err, want)
		}
	}
}
