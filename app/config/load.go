package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

const (
	prefix  = "EARSHOT_"
	maxFile = 1 << 20 // bytes
)

// forTests are variables that the tests of Earshot use and the server ignores.
func forTests(name string) bool {
	return slices.Contains([]string{"BROWSER_TESTS", "CHROMIUM", "PEBBLE", "CI_TOOLS", "GOSEC", "SHOTS", "WALK", "KILLS", "KILLS_APART", "CUTS", "ROT", "SOAK", "SOAK_OUT", "BINARIES", "PROCESSORS", "TARGETS", "BACKUPS", "KEEPING_KILLS", "SALVAGES", "STALL", "SLOW", "LIGHTHOUSE", "IMPORT_FILES", "BENCH_DATA", "UPDATE_SCHEMA"}, strings.TrimPrefix(name, prefix))
}

// Load gives the settings: the defaults, over them the file, over that the
// environment, which is a list of NAME=value as os.Environ gives it. An empty
// variable counts as not set. A file that is not there is an error when it was
// asked for explicitly, otherwise the defaults stay.
func Load(path string, environ []string, explicit bool) (Config, error) {
	c := Default()
	b, err := read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !explicit:
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, fmt.Errorf("there is no file %s; write one, or leave -config out to use the defaults: %w", path, fs.ErrNotExist)
	case err != nil:
		return Config{}, err
	default:
		if err := c.apply(string(b)); err != nil {
			return Config{}, fmt.Errorf("%s%w", path, err)
		}
	}
	if err := c.environment(environ); err != nil {
		return Config{}, err
	}
	if err := c.Complete(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB, so it can hardly be a file of settings; see -config", path)
	}
	return b, nil
}

// apply reads a file's text. Its errors go on after the file's name.
func (c *Config) apply(file string) error {
	file = strings.TrimPrefix(file, "\ufeff")
	var tree map[string]any
	if _, err := toml.Decode(file, &tree); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return fmt.Errorf(", line %d: %s; a setting looks like listen = \":8080\"", syntax.Position.Line, strings.TrimSuffix(syntax.Message, "."))
		}
		return fmt.Errorf(": %w", err)
	}
	found := flatten(tree, "", nil)
	for i := range found {
		found[i].line = lineOf(file, found[i].key)
	}
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i], found[j]
		return a.line < b.line || a.line == b.line && a.key < b.key
	})
	for _, f := range found {
		at := ": "
		if f.line > 0 {
			at = fmt.Sprintf(", line %d: ", f.line)
		}
		var err error
		s, ok := find(f.key)
		if !ok {
			return fmt.Errorf("%s%q is not a setting%s", at, f.key, otherwise(f.key))
		}
		if s.form == tables {
			err = s.take(c, f.value)
		} else if v, wrong := f.text(s); wrong != nil {
			err = wrong
		} else {
			err = s.set(c, v)
		}
		if err != nil {
			return fmt.Errorf("%s%s: %w", at, s.key, err)
		}
	}
	return nil
}

// otherwise says what an unknown key may have been meant to be.
func otherwise(key string) string {
	for _, s := range settings() {
		if s.form == tables && strings.HasPrefix(key, s.key+".") {
			return "; write [[" + s.key + "]] with two brackets, since there may be several"
		}
	}
	for _, k := range keys() { // the right name in the wrong table, or in none
		if leaf(k) == leaf(key) {
			return "; did you mean " + k + "?"
		}
	}
	if h := hint(key, keys()); h != "" {
		return h
	}
	return "; there are " + strings.Join(keys(), ", ")
}

// entry is one value of a file.
type entry struct {
	key   string // with dots
	value any
	line  int // 0 when it is not known
}

// flatten lists the values of a table. A table that stands where a value should
// be is listed too when it is empty, so that it is not passed over.
func flatten(tree map[string]any, path string, out []entry) []entry {
	for key, value := range tree {
		if table, ok := value.(map[string]any); ok && (len(table) > 0 || isTable(path+key)) {
			out = flatten(table, path+key+".", out)
			continue
		}
		out = append(out, entry{key: path + key, value: value})
	}
	return out
}

func isTable(key string) bool {
	for _, k := range keys() {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

// text gives a value as it would stand in the environment.
func (e entry) text(s setting) (string, error) {
	switch v := e.value.(type) {
	case string:
		if s.form != list {
			if s.form == number || s.form == truth {
				break
			}
			return v, nil
		}
	case bool:
		if s.form == truth {
			return strconv.FormatBool(v), nil
		}
	case int64:
		if s.form == number || s.form == size {
			return strconv.FormatInt(v, 10), nil
		}
	case []any:
		if s.form != list {
			break
		}
		var parts []string
		for _, item := range v {
			part, ok := item.(string)
			if !ok || strings.Contains(part, ",") {
				return "", fmt.Errorf("each of the list is written in quotes, such as %s", s.example)
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ","), nil
	}
	switch s.form {
	case list:
		return "", fmt.Errorf("it is a list, such as %s = %s", leaf(s.key), s.example)
	case truth:
		return "", fmt.Errorf("it is true or false without quotes, such as %s = %s", leaf(s.key), s.example)
	case number:
		return "", fmt.Errorf("it is a number without quotes, such as %s = %s", leaf(s.key), s.example)
	}
	return "", fmt.Errorf("it is written in quotes, such as %s = %s", leaf(s.key), s.example)
}

func leaf(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// lineOf finds the line on which a key is written the usual way, below its
// [table]; 0 when it is written some other way.
func lineOf(file, key string) int {
	table, n := "", 0
	for line := range strings.Lines(file) {
		n++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			table = strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t")
			if table == key {
				return n
			}
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if table != "" {
			name = table + "." + name
		}
		if ok && name == key {
			return n
		}
	}
	return 0
}

// environment applies the variables whose names begin with EARSHOT_.
func (c *Config) environment(environ []string) error {
	known := map[string]setting{}
	var names []string
	for _, s := range settings() {
		known[s.variable()] = s
		names = append(names, s.variable())
	}
	for _, e := range environ {
		name, value, ok := strings.Cut(e, "=")
		if !ok || !strings.HasPrefix(name, prefix) || forTests(name) {
			continue
		}
		s, ok := known[name]
		if !ok {
			h := hint(name, names)
			if h == "" {
				h = "; there are " + strings.Join(names, ", ")
			}
			return fmt.Errorf("the variable %s is not a setting%s", name, h)
		}
		if value == "" {
			continue
		}
		if err := s.set(c, value); err != nil {
			return fmt.Errorf("the variable %s: %w", name, err)
		}
	}
	return nil
}
