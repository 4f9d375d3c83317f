package config

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const (
	google       = "google"
	googleIssuer = "https://accounts.google.com"
	mostOpenID   = 20
	maxIssuer    = 300 // bytes
)

// openIDKeys are the keys of an [[openid]] table.
var openIDKeys = []string{"name", "title", "issuer", "client_id", "client_secret", "audiences"}

// setOpenID reads issuers written as an inline list of tables, as TOML has it.
func setOpenID(c *Config, v string) error {
	var tree map[string]any
	if _, err := toml.Decode("openid = "+v, &tree); err != nil || len(tree) != 1 {
		return errorf("%q is not a list such as %s", cutText(v), `[{name = "google", client_id = "…", client_secret = "…"}]`)
	}
	return takeOpenID(c, tree["openid"])
}

// cutText keeps a sentence short.
func cutText(v string) string {
	if len(v) > 40 {
		return strings.ToValidUTF8(v[:40], "") + "…"
	}
	return v
}

// takeOpenID reads issuers as the file's tables.
func takeOpenID(c *Config, v any) error {
	var rows []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		rows = v
	case []any:
		for _, item := range v {
			row, ok := item.(map[string]any)
			if !ok {
				return errOpenIDForm
			}
			rows = append(rows, row)
		}
	default:
		return errOpenIDForm
	}
	if len(rows) > mostOpenID {
		return errorf("there are %d; at most %d are taken", len(rows), mostOpenID)
	}
	var list []OpenID
	for _, row := range rows {
		o, err := openIDOf(row)
		if err != nil {
			return err
		}
		for _, other := range list {
			switch {
			case other.Name == o.Name:
				return errorf("the name %q stands twice", o.Name)
			case other.Issuer == o.Issuer:
				return errorf("%q and %q have the same issuer", other.Name, o.Name)
			}
		}
		list = append(list, o)
	}
	c.OpenID = list
	return nil
}

var errOpenIDForm = errors.New("each issuer is a table of its own, below a line [[openid]]")

// openIDOf reads one issuer.
func openIDOf(row map[string]any) (o OpenID, err error) {
	var names []string
	for key := range row {
		names = append(names, key)
	}
	slices.Sort(names) // so that the same is told first each time
	for _, key := range names {
		if !slices.Contains(openIDKeys, key) {
			h := hint(key, openIDKeys)
			if h == "" {
				h = "; there are " + strings.Join(openIDKeys, ", ")
			}
			return o, errorf("%q is not a setting of [[openid]]%s", key, h)
		}
	}
	for key, to := range map[string]*string{
		"name": &o.Name, "title": &o.Title, "issuer": &o.Issuer, "client_id": &o.ClientID, "client_secret": &o.ClientSecret,
	} {
		if *to, err = openIDText(row, key); err != nil {
			return o, err
		}
	}
	if v, there := row["audiences"]; there {
		items, ok := v.([]any)
		for _, item := range items {
			text, isText := item.(string)
			if ok = ok && isText && text != ""; ok {
				o.Audiences = append(o.Audiences, text)
			}
		}
		if !ok {
			return o, errorf("audiences is a list, such as audiences = [\"…\"]")
		}
	}
	return o, o.check()
}

// openIDText reads a text of a table; "" when it is not there.
func openIDText(row map[string]any, key string) (string, error) {
	v, there := row[key]
	text, ok := v.(string)
	if there && (!ok || len(text) > 1000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })) {
		return "", errorf("%s is written in quotes, on one line", key)
	}
	return text, nil
}

// check fills in what follows from the rest, and refuses what can't be.
func (o *OpenID) check() error {
	if o.Name == "" {
		return errorf("a name is needed, such as name = \"google\"")
	}
	if !isSlug(o.Name) || o.Name == "link" {
		return errorf("the name %q can't stand in an address; use up to 32 lower-case letters, digits and hyphens", o.Name)
	}
	if o.Issuer == "" && o.Name == google {
		o.Issuer = googleIssuer
	}
	if o.Title == "" {
		o.Title = strings.ToUpper(o.Name[:1]) + o.Name[1:]
	}
	if len([]rune(o.Title)) > 40 {
		return errorf("the title of %q is longer than 40 letters", o.Name)
	}
	if o.ClientID == "" {
		return errorf("client_id of %q is needed: what the issuer calls this house", o.Name)
	}
	if o.Issuer == "" {
		return errorf("issuer of %q is needed, such as issuer = \"https://login.example.org\"", o.Name)
	}
	return checkIssuer(o.Issuer)
}

func isSlug(s string) bool {
	for i, r := range s {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' && i > 0 {
			continue
		}
		return false
	}
	return len(s) <= 32
}

// checkIssuer wants an https address, or an http one of this very machine
// (OpenID Connect Core section 2: no query, no fragment).
func checkIssuer(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(v, "#") {
		return errorf("the issuer %q is not an address such as \"https://login.example.org\"", v)
	}
	if len(v) > maxIssuer {
		return errorf("the issuer of %d letters is longer than %d", len(v), maxIssuer)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return errorf("the issuer %q is reached over http, where anybody on the way could let themselves in; it has to be https", v)
	}
	return nil
}

// loopback tells whether a host is this machine by its very name.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
