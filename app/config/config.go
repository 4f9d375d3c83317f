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
	"time"
)

// Config holds the settings. Those who need one are given the plain value.
type Config struct {
	Listen         string         // address and port to serve on; an empty address means all
	Data           string         // folder that holds everything
	PublicURL      string         // how people reach the house, without a slash at the end; empty when not said
	MaxUpload      int64          // bytes of one audio file
	MaxPicture     int64          // bytes of one picture
	TrustedProxies []netip.Prefix // peers whose X-Forwarded-For is believed
	Log            Log
	Backups        Backups
	SMTP           SMTP
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

// Default gives the settings of a house without a file.
func Default() Config {
	return Config{
		Listen:     ":8080",
		Data:       "data",
		MaxUpload:  512_000_000,
		MaxPicture: 10_000_000,
		Log:        Log{Level: "info", Format: "text"},
		Backups:    Backups{Every: 24 * time.Hour, Keep: 7},
		SMTP:       SMTP{Port: 587, Security: "starttls"},
	}
}

// Complete says which setting another one needs is not there.
func (c *Config) Complete() error {
	switch {
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
