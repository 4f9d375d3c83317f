package ui

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// entry is the module that every page starts with.
const entry = "js/main.js"

// graph holds the modules and the late styles that each module needs before it
// runs, and the module of each route.
type graph struct {
	needs  map[string][]string
	styles map[string][]string
	routes []pageRoute
}

// pageRoute is one line of the table in js/router.js.
type pageRoute struct {
	pattern []string // segments; one that starts with a colon matches anything
	module  string
}

var (
	// statically finds the modules of import and export declarations. Ours
	// begin at the start of a line and name relative files.
	statically = regexp.MustCompile(`(?m)^(?:import|export)\b[\w\s{},*$]*['"](\.{1,2}/[^'"]+)['"]`)
	// awaited finds the lines that wait for styles, styled the names in one.
	awaited = regexp.MustCompile(`(?m)^await .*\bstyle\(.*$`)
	styled  = regexp.MustCompile(`\bstyle\('([a-z-]+)'\)`)
	// routed finds the lines of the route table.
	routed = regexp.MustCompile(`(?m)^\t'(/[^']*)': '([a-z-]+)',$`)
)

// newGraph reads the imports of all modules. An import of a file that is not
// there is an error: no browser should be the first to find it.
func newGraph(files map[string]*file) (graph, error) {
	g := graph{needs: map[string][]string{}, styles: map[string][]string{}}
	for name, f := range files {
		if path.Ext(name) != ".js" {
			continue
		}
		if path.Dir(name) == "vendor" {
			continue // one file that imports nothing
		}
		for _, m := range statically.FindAllSubmatch(f.bytes, -1) {
			need := path.Join(path.Dir(name), string(m[1]))
			if files[need] == nil {
				return g, fmt.Errorf("%s imports %s, which is not there", name, need)
			}
			g.needs[name] = append(g.needs[name], need)
		}
		for _, line := range awaited.FindAll(f.bytes, -1) {
			for _, m := range styled.FindAllSubmatch(line, -1) {
				sheet := "css/late/" + string(m[1]) + ".css"
				if files[sheet] == nil {
					return g, fmt.Errorf("%s waits for %s, which is not there", name, sheet)
				}
				g.styles[name] = append(g.styles[name], sheet)
			}
		}
	}
	router := files["js/router.js"]
	if router == nil || files[entry] == nil {
		return g, fmt.Errorf("js/router.js or %s is not there", entry)
	}
	for _, m := range routed.FindAllSubmatch(router.bytes, -1) {
		module := "js/pages/" + string(m[2]) + ".js"
		if files[module] == nil {
			return g, fmt.Errorf("js/router.js loads %s, which is not there", module)
		}
		g.routes = append(g.routes, pageRoute{strings.Split(string(m[1]), "/"), module})
	}
	return g, nil
}

// page gives the module of the page at an address, and "" for none.
func (g graph) page(address string) string {
	route, _ := g.route(address)
	return route.module
}

func (g graph) route(address string) (pageRoute, bool) {
	got := strings.Split(address, "/")
	for _, route := range g.routes {
		if slices.EqualFunc(route.pattern, got, func(want, got string) bool {
			return want == got || strings.HasPrefix(want, ":") && got != ""
		}) {
			return route, true
		}
	}
	return pageRoute{}, false
}

// Owns tells whether an address is a page of the app itself, which stands for
// no user and nothing of a user's. It is given as it was sent: a tag may hold a
// slash, which is encoded then.
func (u *UI) Owns(address string) bool {
	b, err := u.current()
	if err != nil {
		return false
	}
	route, found := b.modules.route(address)
	return found && !strings.HasPrefix(route.pattern[1], ":")
}

// Uses tells whether addresses of the app's own pages begin with a part.
func (u *UI) Uses(first string) bool {
	b, err := u.current()
	return err == nil && slices.ContainsFunc(b.modules.routes, func(r pageRoute) bool { return r.pattern[1] == first })
}

// closure gives the modules and all that they need, each once, sorted.
func (g graph) closure(modules ...string) []string {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		for _, need := range g.needs[name] {
			walk(need)
		}
	}
	for _, m := range modules {
		walk(m)
	}
	var all []string
	for name := range seen {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// ahead is what the page at an address needs before it is seen, so that a
// browser fetches it all at once: addresses below Options.Base.
type ahead struct {
	modules []string
	styles  []string // those that the first page does without
	texts   bool     // whether it needs the texts in locales/late too
}

func (b *build) ahead(address string) ahead {
	var a ahead
	for _, name := range b.modules.closure(entry, b.modules.page(address)) {
		a.modules = append(a.modules, b.base+name)
		a.texts = a.texts || name == "js/texts.js"
		for _, sheet := range b.modules.styles[name] {
			if sheet = b.base + sheet; !slices.Contains(a.styles, sheet) {
				a.styles = append(a.styles, sheet)
			}
		}
	}
	return a
}
