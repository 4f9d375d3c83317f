// Package config reads the settings of the house: defaults in code, over them
// config.toml, over that the EARSHOT_* variables of the environment. The file
// config.toml at the root of the repository is the commented default.
//
// Whatever is not a setting is an error that names it, since a misspelt setting
// would be one silently not made. Every error is a sentence for whoever runs
// the house.
package config

import (
	"net/netip"
	"strings"
	"time"
)

// Config holds the settings. Those who need one are given the plain value.
type Config struct {
	Listen         string         // address and port to serve on; an empty address means all
	Data           string         // folder that holds everything
	PublicURL      string         // how people reach the house, without a slash at the end; empty when not said
	MaxUpload      int64          // bytes of one audio file
	MaxPicture     int64          // bytes of one picture
	Memory         int64          // bytes that the program may hold; 0: found out, -1: as many as it likes
	TrustedProxies []netip.Prefix // peers whose word about whom they speak for is believed
	ProxySignIn    ProxySignIn
	TLS            string // "" for none, else "files", "acme" or "local"
	ListenTLS      string // address and port to serve https on
	Certificate    Certificate
	Acme           Acme
	OpenID         []OpenID // who else lets people in
	Log            Log
	Backups        Backups
	Library        Library
	SMTP           SMTP
	MDNS           MDNS
	Metrics        Metrics
	Scrobbling     Scrobbling
}

// Scrobbling says where listens may be told besides here.
type Scrobbling struct {
	Servers []string // addresses among which members choose, without a slash at the end
}

// MDNS is the name by which the home network finds the house.
type MDNS struct {
	On   bool
	Name string // without ".local"
}

// Metrics are the house's numbers for programs.
type Metrics struct {
	Show  string // to whom: "off", "keeper" or "open"
	Token string // by which a program may read them like the keeper; "" for none
}

// SMTP is the server by which mails are sent.
type SMTP struct {
	Host     string // "" for no mails
	Port     int
	User     string // "" for none
	Password string
	From     string // the address that mails come from, with a name or without
	Security string // "starttls", "tls" or "none"
}

// ProxySignIn says how trusted proxies name who asks.
type ProxySignIn struct {
	Header string // empty when they don't
	Create bool   // an account is made for a name that has none
}

// Certificate names the files of tls = "files", in PEM.
type Certificate struct {
	Cert string
	Key  string
}

// Acme says what tls = "acme" gets a certificate for, and from whom.
type Acme struct {
	Domains   []string
	Email     string // for warnings of the authority; may be empty
	Directory string // of the authority; empty for Let's Encrypt
}

// OpenID is an OpenID Connect issuer whose accounts let people in.
type OpenID struct {
	Name         string   // in addresses: lower-case letters, digits and hyphens
	Title        string   // as people are shown it
	Issuer       string   // the address it calls itself by, to the letter
	ClientID     string   // what it calls this house
	ClientSecret string   // "" for a public client
	Audiences    []string // the client ids of apps whose tokens are taken too
}

// Log says what is logged and how.
type Log struct {
	Level  string // "debug", "info", "warn" or "error"
	Format string // "text" or "json"
}

// Backups says how often a copy of the database is made and how many are kept.
type Backups struct {
	Every time.Duration // 0 for none
	Keep  int           // at least 1
}

// Library says what of the machine's own music may be made tracks.
type Library struct {
	Folders []string      // in which keepers may choose in the browser; "~" begins that of who runs the house
	Scan    time.Duration // between looks at all libraries; 0 for none
}

// Base is the path below which people reach the house, such as "/earshot", from
// PublicURL; empty at the root of a host.
func (c Config) Base() string {
	_, host, _ := strings.Cut(c.PublicURL, "://")
	if at := strings.IndexByte(host, '/'); at >= 0 {
		return host[at:]
	}
	return ""
}

// Default gives the settings of a house without a file.
func Default() Config {
	return Config{
		Listen:     ":8080",
		Data:       "data",
		ListenTLS:  ":8443",
		MaxUpload:  512_000_000,
		MaxPicture: 10_000_000,
		Log:        Log{Level: "info", Format: "text"},
		Backups:    Backups{Every: 24 * time.Hour, Keep: 7},
		Library:    Library{Folders: []string{"/media", "/mnt", "/srv", "~/Music"}, Scan: time.Hour},
		SMTP:       SMTP{Port: 587, Security: "starttls"},
		MDNS:       MDNS{On: true, Name: "earshot"},
		Metrics:    Metrics{Show: "off"},
		Scrobbling: Scrobbling{Servers: []string{"https://api.listenbrainz.org"}},
	}
}

// Complete says which setting another one needs is not there.
func (c *Config) Complete() error {
	switch {
	case c.ProxySignIn.Header != "" && len(c.TrustedProxies) == 0:
		return errorf("proxy_sign_in.header names %q, but trusted_proxies names no proxy; without it nobody is believed, so name the proxy's address", c.ProxySignIn.Header)
	case c.Metrics.Token != "" && c.Metrics.Show != "keeper":
		return errorf("metrics.token is set, and metrics.show is %q: the token is for show = \"keeper\"", c.Metrics.Show)
	case c.SMTP.Host == "":
		return nil
	case c.PublicURL == "":
		return errorf("smtp.host is set, so public_url is needed too: the links in mails begin with it, such as public_url = \"https://music.example.org\"")
	case c.SMTP.From == "":
		return errorf("smtp.host is set, so smtp.from is needed too: the address that mails come from, such as from = \"music@example.org\"")
	}
	return nil
}

// Set changes one setting, named as in the file ("log.level"), to a value
// written as in the environment. It is how the command line's flags are
// applied. The error is a sentence that names neither the setting nor where the
// value came from; the setting keeps its value then.
func (c *Config) Set(key, value string) error {
	s, ok := find(key)
	if !ok {
		return errorf("there is no such setting%s", hint(key, keys()))
	}
	return s.set(c, value)
}
