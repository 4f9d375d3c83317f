package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// form is how a setting is written in the file.
type form uint8

const (
	text   form = iota // "in quotes"
	number             // 7
	size               // "512MB", or 512000000
	list               // ["one", "two"]
	truth              // true, without quotes
	tables             // [[setting]] once or several times
)

// setting is one key of the file. Its variable is EARSHOT_ and the key in
// capitals, dots as underscores.
type setting struct {
	key     string
	form    form
	example string                      // as written in the file
	set     func(*Config, string) error // from text; a list has commas between, tables are an inline list
	take    func(*Config, any) error    // from the file; only of tables
}

func (s setting) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// headerName is a token of RFC 9110 §5.6.2, as far as names of headers go.
var headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// headersOfOthers are headers that whoever asks sets, or a proxy for everybody.
var headersOfOthers = []string{
	"Accept", "Accept-Language", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Forwarded", "Host",
	"Origin", "Range", "Referer", "User-Agent", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip",
}

// localName is a label of a name (RFC 1035 §2.3.1), with room for a number after it.
var localName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// settings lists every key there is, in the order of the file.
func settings() []setting {
	return []setting{
		{"listen", text, `":8080"`, func(c *Config, v string) (err error) {
			c.Listen, err = parseListen(c.Listen, v)
			return err
		}, nil},
		{"data", text, `"data"`, func(c *Config, v string) error {
			if strings.TrimSpace(v) == "" || strings.IndexByte(v, 0) >= 0 {
				return errorf("a folder is needed")
			}
			c.Data = v
			return nil
		}, nil},
		{"public_url", text, `"https://music.example.org"`, func(c *Config, v string) (err error) {
			c.PublicURL, err = parseURL(c.PublicURL, v)
			return err
		}, nil},
		{"max_upload", size, `"512MB"`, func(c *Config, v string) error {
			return setSize(&c.MaxUpload, v, 1_000, 1_000_000_000_000)
		}, nil},
		{"max_picture", size, `"10MB"`, func(c *Config, v string) error {
			return setSize(&c.MaxPicture, v, 1_000, 100_000_000)
		}, nil},
		{"memory", text, `"auto"`, func(c *Config, v string) error {
			switch v {
			case "auto":
				c.Memory = 0
				return nil
			case "none":
				c.Memory = -1
				return nil
			}
			if err := setSize(&c.Memory, v, 32_000_000, 1_000_000_000_000); err != nil {
				return errorf("%w, \"auto\" or \"none\"", err)
			}
			return nil
		}, nil},
		{"trusted_proxies", list, `["127.0.0.1", "10.0.0.0/8"]`, func(c *Config, v string) (err error) {
			c.TrustedProxies, err = parsePrefixes(c.TrustedProxies, v)
			return err
		}, nil},
		{"proxy_sign_in.header", text, `"Remote-User"`, func(c *Config, v string) error {
			name := textproto.CanonicalMIMEHeaderKey(v)
			if v != "" && !headerName.MatchString(v) {
				return errorf("%q is not the name of a header such as \"Remote-User\"", v)
			}
			if slices.Contains(headersOfOthers, name) {
				return errorf("the header %q is for something else; choose one that only the proxy sets, such as \"Remote-User\"", name)
			}
			c.ProxySignIn.Header = name
			return nil
		}, nil},
		{"proxy_sign_in.create", truth, `true`, func(c *Config, v string) error {
			on, err := strconv.ParseBool(v)
			if err != nil {
				return errorf("%q is neither true nor false", v)
			}
			c.ProxySignIn.Create = on
			return nil
		}, nil},
		{"tls", text, `"local"`, func(c *Config, v string) error {
			return setChoice(&c.TLS, v, "", "files", "acme", "local")
		}, nil},
		{"listen_tls", text, `":8443"`, func(c *Config, v string) (err error) {
			c.ListenTLS, err = parseListen(c.ListenTLS, v)
			return err
		}, nil},
		{"certificate.cert", text, `"/etc/ssl/music.pem"`, func(c *Config, v string) error {
			return setPath(&c.Certificate.Cert, v)
		}, nil},
		{"certificate.key", text, `"/etc/ssl/music-key.pem"`, func(c *Config, v string) error {
			return setPath(&c.Certificate.Key, v)
		}, nil},
		{"acme.domains", list, `["music.example.org"]`, func(c *Config, v string) (err error) {
			c.Acme.Domains, err = parseDomains(c.Acme.Domains, v)
			return err
		}, nil},
		{"acme.email", text, `"me@example.org"`, func(c *Config, v string) error {
			if v != "" && (strings.ContainsAny(v, " \t\r\n\x00,:") || strings.Count(v, "@") != 1) {
				return errorf("%q is not an e-mail address", v)
			}
			c.Acme.Email = v
			return nil
		}, nil},
		{"acme.directory", text, `"https://acme-v02.api.letsencrypt.org/directory"`, func(c *Config, v string) error {
			u, err := url.Parse(v)
			if v != "" && (err != nil || u.Scheme != "https" || u.Hostname() == "") {
				return errorf("%q is not an address such as \"https://acme-v02.api.letsencrypt.org/directory\"", v)
			}
			c.Acme.Directory = v
			return nil
		}, nil},
		{"log.level", text, `"info"`, func(c *Config, v string) error {
			return setChoice(&c.Log.Level, v, "debug", "info", "warn", "error")
		}, nil},
		{"log.format", text, `"text"`, func(c *Config, v string) error {
			return setChoice(&c.Log.Format, v, "text", "json")
		}, nil},
		{"backups.every", text, `"24h"`, func(c *Config, v string) error {
			d, err := parseDuration(v)
			if err != nil {
				return err
			}
			if d != 0 && (d < time.Minute || d > 366*24*time.Hour) {
				return errorf("%q is not between a minute (\"1m\") and a year (\"366d\"); \"0\" turns backups off", v)
			}
			c.Backups.Every = d
			return nil
		}, nil},
		{"backups.keep", number, `7`, func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > 1000 {
				return errorf("%q is not a whole number from 1 to 1000", v)
			}
			c.Backups.Keep = n
			return nil
		}, nil},
		{"library.folders", list, `["/media", "/mnt"]`, func(c *Config, v string) (err error) {
			c.Library.Folders, err = parseFolders(c.Library.Folders, v)
			return err
		}, nil},
		{"library.scan", text, `"1h"`, func(c *Config, v string) error {
			d, err := parseDuration(v)
			if err != nil {
				return err
			}
			if d != 0 && (d < time.Minute || d > 366*24*time.Hour) {
				return errorf("%q is not between a minute (\"1m\") and a year (\"366d\"); \"0\" turns it off", v)
			}
			c.Library.Scan = d
			return nil
		}, nil},
		{"scrobbling.servers", list, `["https://api.listenbrainz.org"]`, func(c *Config, v string) (err error) {
			c.Scrobbling.Servers, err = parseServers(c.Scrobbling.Servers, v)
			return err
		}, nil},
		{"smtp.host", text, `"mail.example.org"`, func(c *Config, v string) error {
			if strings.ContainsAny(v, "/: \t\r\n\x00") {
				return errorf("%q is not the name of a mail server such as \"mail.example.org\"; the port is a setting of its own", v)
			}
			c.SMTP.Host = v
			return nil
		}, nil},
		{"smtp.port", number, `587`, func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > 65535 {
				return errorf("%q is not a port from 1 to 65535", v)
			}
			c.SMTP.Port = n
			return nil
		}, nil},
		{"smtp.user", text, `"music@example.org"`, func(c *Config, v string) error {
			return setPlain(&c.SMTP.User, v)
		}, nil},
		{"smtp.password", text, `"its password"`, func(c *Config, v string) error {
			return setPlain(&c.SMTP.Password, v)
		}, nil},
		{"smtp.from", text, `"Our music <music@example.org>"`, func(c *Config, v string) error {
			if v != "" {
				if _, err := mail.ParseAddress(v); err != nil || strings.ContainsFunc(v, unicode.IsControl) {
					return errorf("%q is not an address such as \"music@example.org\" or \"Our music <music@example.org>\"", v)
				}
			}
			c.SMTP.From = v
			return nil
		}, nil},
		{"smtp.security", text, `"starttls"`, func(c *Config, v string) error {
			return setChoice(&c.SMTP.Security, v, "starttls", "tls", "none")
		}, nil},
		{"mdns.on", truth, `true`, func(c *Config, v string) error {
			on, err := strconv.ParseBool(v)
			if err != nil {
				return errorf("%q is neither true nor false", v)
			}
			c.MDNS.On = on
			return nil
		}, nil},
		{"mdns.name", text, `"earshot"`, func(c *Config, v string) error {
			v = strings.TrimSuffix(strings.ToLower(v), ".local")
			if !localName.MatchString(v) {
				return errorf("%q is not a name of up to 40 letters, digits and hyphens such as \"earshot\"", v)
			}
			c.MDNS.Name = v
			return nil
		}, nil},
		{"metrics.show", text, `"off"`, func(c *Config, v string) error {
			return setChoice(&c.Metrics.Show, v, "off", "keeper", "open")
		}, nil},
		{"metrics.token", text, `"a long random text"`, func(c *Config, v string) error {
			if v != "" && (len(v) < 16 || len(v) > 200 || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' })) {
				return errorf("it has to be 16 to 200 letters, digits and signs of ASCII without spaces")
			}
			c.Metrics.Token = v
			return nil
		}, nil},
		{key: "openid", form: tables, example: `[{name = "google", client_id = "…", client_secret = "…"}]`, set: setOpenID, take: takeOpenID},
	}
}

func find(key string) (setting, bool) {
	for _, s := range settings() {
		if s.key == key {
			return s, true
		}
	}
	return setting{}, false
}

func keys() []string {
	var out []string
	for _, s := range settings() {
		out = append(out, s.key)
	}
	return out
}

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

func parseListen(old, v string) (string, error) {
	host, port, err := net.SplitHostPort(v)
	if err != nil {
		return old, errorf("%q is not an address and a port such as \":8080\" or \"192.168.1.5:8080\"", v)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return old, errorf("the port %q is not a number from 0 to 65535", port)
	}
	if strings.ContainsAny(host, "/ \t\x00") {
		return old, errorf("%q is not an address of this machine", host)
	}
	return v, nil
}

func parseURL(old, v string) (string, error) {
	if v == "" {
		return "", nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return old, errorf("%q is not an address such as \"https://music.example.org\"", v)
	}
	if u.RawQuery != "" || u.ForceQuery || strings.Contains(v, "#") {
		return old, errorf("%q goes on after the path; write it such as %q", v, u.Scheme+"://"+u.Host+"/earshot/")
	}
	base := strings.TrimSuffix(u.EscapedPath(), "/")
	if len(base) > 100 || base != "" && (!basePath.MatchString(base) || path.Clean(base) != base) {
		return old, errorf("the path %q can't be used: up to 100 letters, digits and hyphens between slashes can, such as %q", u.Path, u.Scheme+"://"+u.Host+"/earshot/")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + base, nil
}

// basePath is a path that looks the same however it is escaped.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+){1,10}$`)

func setPath(to *string, v string) error {
	if strings.IndexByte(v, 0) >= 0 {
		return errorf("%q is not the name of a file", v)
	}
	*to = v
	return nil
}

// parseDomains reads names of hosts that an authority can look up: no
// addresses, no wildcards, at least one dot. Other letters are written as
// xn--….
func parseDomains(old []string, v string) ([]string, error) {
	var out []string
	for part := range strings.SplitSeq(v, ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		if part == "" {
			continue
		}
		_, err := netip.ParseAddr(part)
		if err == nil || len(part) > 253 || !strings.Contains(part, ".") || strings.Trim(part, ".-") != part || strings.Contains(part, "..") ||
			strings.ContainsFunc(part, func(c rune) bool {
				return c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
			}) {
			return old, errorf("%q is not a domain such as \"music.example.org\"", part)
		}
		if !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out, nil
}

// parseServers reads a list of addresses that take listens as ListenBrainz does.
// The "/1" that their paths begin with is left out.
func parseServers(old []string, v string) ([]string, error) {
	var out []string
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		u, err := url.Parse(part)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(part, "#") {
			return old, errorf("%q is not an address such as \"https://api.listenbrainz.org\"", part)
		}
		path := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(u.EscapedPath(), "/"), "/1"), "/")
		if part = u.Scheme + "://" + strings.ToLower(u.Host) + path; !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out, nil
}

// parseFolders reads a list of folders, absolute or below one's own.
func parseFolders(old []string, v string) ([]string, error) {
	var out []string
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if !filepath.IsAbs(part) && part != "~" && !strings.HasPrefix(part, "~/") || strings.ContainsFunc(part, unicode.IsControl) {
			return old, errorf("%q is not a whole path such as \"/mnt\" or \"~/Music\"", part)
		}
		if part = filepath.Clean(part); !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out, nil
}

// units are the endings of sizes: powers of 1000, and of 1024 with an i. A
// single letter is a power of 1000 too.
func units() []struct {
	name  string
	bytes int64
} {
	return []struct {
		name  string
		bytes int64
	}{
		{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
		{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
		{"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"t", 1e12},
		{"b", 1}, {"", 1},
	}
}

// ParseSize reads a number of bytes such as "512MB" (millions), "2GiB" (2^30),
// "1.5 GB" or "4096". It is never negative.
func ParseSize(v string) (int64, error) {
	wrong := errorf("%q is not a size such as \"512MB\" or \"2GiB\"", v)
	if len(v) > 32 {
		return 0, wrong
	}
	s := strings.ToLower(strings.Trim(v, " "))
	for _, u := range units() {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		digits = strings.TrimRight(digits, " ")
		whole, fraction, dotted := strings.Cut(digits, ".")
		if !allDigits(whole) || dotted && (!allDigits(fraction) || len(fraction) > 6 || u.bytes == 1) {
			return 0, wrong
		}
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || n > (1<<63-1)/u.bytes-1 {
			return 0, errorf("%q is more than any disk holds", v)
		}
		n *= u.bytes
		if dotted {
			f, _ := strconv.ParseInt(fraction, 10, 64) // at most 6 digits
			scale := int64(1)
			for range fraction {
				scale *= 10
			}
			// Both below 2^41 and 2^20: the product fits.
			n += f * u.bytes / scale
		}
		return n, nil
	}
	return 0, wrong
}

func allDigits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func setSize(to *int64, v string, least, most int64) error {
	n, err := ParseSize(v)
	if err != nil {
		return err
	}
	if n < least || n > most {
		return errorf("%q is not between %s and %s", v, showSize(least), showSize(most))
	}
	*to = n
	return nil
}

// showSize writes a size with the greatest unit of thousands that divides it.
func showSize(n int64) string {
	for _, u := range []struct {
		name  string
		bytes int64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// parseDuration reads what time.ParseDuration reads, whole days ("7d") and "0".
func parseDuration(v string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(v, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 100_000 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return 0, errorf("%q is not a length of time such as \"24h\", \"90m\" or \"7d\"", v)
	}
	return d, nil
}

func parsePrefixes(old []netip.Prefix, v string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			addr, err := netip.ParseAddr(part)
			if err != nil || addr.Zone() != "" {
				return old, errorf("%q is neither an address such as \"127.0.0.1\" nor a network such as \"10.0.0.0/8\"; commas stand between several", part)
			}
			addr = addr.Unmap()
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		if p.Addr().Is4In6() {
			if p.Bits() < 96 {
				return old, errorf("%q mixes IPv4 and IPv6; write the IPv4 network by itself", part)
			}
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if p.Bits() == 0 {
			return old, errorf("%q would trust everybody to say who they are; name the proxy's own address", part)
		}
		if p = p.Masked(); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// setPlain sets a text that can be typed; a secret is not repeated in the error.
func setPlain(to *string, v string) error {
	if strings.ContainsFunc(v, unicode.IsControl) {
		return errorf("it has characters that can't be typed")
	}
	*to = v
	return nil
}

func setChoice(to *string, v string, choices ...string) error {
	if !slices.Contains(choices, v) {
		named := slices.DeleteFunc(slices.Clone(choices), func(c string) bool { return c == "" })
		return errorf("%q is not one of %s%s", v, strings.Join(named, ", "), hint(v, named))
	}
	*to = v
	return nil
}

// hint ends a sentence with the name that takes the fewest letters changed, put
// in or left out (Levenshtein's distance), at most a third of them; it is empty
// when no name is that near.
func hint(name string, names []string) string {
	if len(name) > 64 {
		return ""
	}
	best, least := "", 1<<30
	for _, n := range names {
		d := distance(strings.ToLower(name), strings.ToLower(n))
		if d < least && d <= max(1, min(len(name), len(n))/3) {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
