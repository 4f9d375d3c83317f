package browsertest

import (
	"fmt"
	"os"
	"testing"
)

// readAxe gives the script of axe-core; testdata/axe says which.
func readAxe(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// barriers asks axe what on the page breaks the rules of WCAG 2.2 AA, one
// text for each kind. Where only the colours have changed since it was asked
// last, only they are looked at. What it cannot decide is not told.
func (w *window) barriers(axe string, wanted, colours bool) []string {
	w.t.Helper()
	if !wanted {
		return nil
	}
	if !read[bool](w, `typeof axe === 'object'`) {
		read[bool](w, axe+";true")
	}
	which := `{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}`
	if colours {
		which = `{type: 'rule', values: ['color-contrast', 'link-in-text-block']}`
	}
	return read[[]string](w, fmt.Sprintf(`axe.run(document, {runOnly: %s, resultTypes: ['violations'], preload: false, iframes: false})
		.then(({violations}) => violations.map(({id, nodes}) => id + ', ' + nodes.length + ' times: '
			+ nodes.slice(0, 3).map(({target, failureSummary, any}) => target.join(' ') + ' (' + failureSummary.replace(/\s+/g, ' ')
				+ ' ' + any.flatMap((check) => check.relatedNodes).map((node) => node.target.join(' ')).join(', ') + ')').join('; ')))`, which))
}
