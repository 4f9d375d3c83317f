package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// document is as much of an OpenAPI 3.1 document as the tests look at.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	OperationID string
	Summary     string
	Parameters  []struct {
		Name, In string
		Required bool
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema schema }
	}
}

// schema is a JSON Schema, as far as the document uses it.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Properties           map[string]schema
	Required             []string
	AdditionalProperties any
	Items                *schema
	Enum                 []any
}

// check tells how a value differs from its schema.
func (d *document) check(s schema, v any, at string) []string {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		target, ok := d.Components.Schemas[name]
		if !ok {
			return []string{at + ": no schema " + name}
		}
		return d.check(target, v, at)
	}
	types := []string{}
	switch t := s.Type.(type) {
	case string:
		types = append(types, t)
	case []any:
		for _, x := range t {
			types = append(types, fmt.Sprint(x))
		}
	}
	kind := map[bool]string{true: "null"}[v == nil]
	var wrong []string
	switch v := v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; v == float64(int64(v)) && slices.Contains(types, "integer") {
			kind = "integer"
		}
	case []any:
		kind = "array"
		for i, item := range v {
			if s.Items != nil {
				wrong = append(wrong, d.check(*s.Items, item, fmt.Sprintf("%s[%d]", at, i))...)
			}
		}
	case map[string]any:
		kind = "object"
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				wrong = append(wrong, at+": required "+name+" is missing")
			}
		}
		for name, item := range v {
			p, known := s.Properties[name]
			if !known {
				if s.AdditionalProperties == false || s.AdditionalProperties == nil {
					wrong = append(wrong, at+"."+name+" is not in the document")
				}
				continue
			}
			wrong = append(wrong, d.check(p, item, at+"."+name)...)
		}
	}
	if len(types) > 0 && !slices.Contains(types, kind) {
		wrong = append(wrong, fmt.Sprintf("%s is %s, not %v", at, kind, types))
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		wrong = append(wrong, fmt.Sprintf("%s is %v, not one of %v", at, v, s.Enum))
	}
	return wrong
}

// TestTheDocumentIsTrue asks each route real questions, good and bad, and
// holds every answer against the document.
func TestTheDocumentIsTrue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	var d document
	raw := h.visitor().get("/api/openapi.json").want(200)
	raw.into(&d)
	if d.OpenAPI != "3.1.0" {
		t.Errorf("got OpenAPI %q", d.OpenAPI)
	}

	full := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(full.ID)
	mina.patch("/api/me", wire.MePatch{Bio: ptr("a bio"), Age: ptr(30), Gender: ptr("x")}).want(200)
	asked := map[string]bool{}
	for _, row := range matrix() {
		method, path, _ := strings.Cut(row.route, " ")
		o, there := d.Paths[path][strings.ToLower(method)]
		if !there {
			t.Errorf("%s is not in the document", row.route)
			continue
		}
		if o.Summary == "" || o.OperationID == "" {
			t.Errorf("%s has no summary or name", row.route)
		}
		for _, part := range strings.Split(path, "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				name = strings.TrimSuffix(name, "}")
				found := false
				for _, p := range o.Parameters {
					found = found || p.Name == name && p.In == "path" && p.Required
				}
				if !found {
					t.Errorf("%s does not document {%s}", row.route, name)
				}
			}
		}
		if row.route == "GET /api/events" {
			continue
		}
		real := path
		if row.path != "" {
			real = row.path
		}
		for _, who := range []*person{h.visitor(), k, mina} {
			if method == "DELETE" || path == "/api/auth/sign-out" {
				if who == mina || who == k && !strings.Contains(real, "{p") {
					continue
				}
			}
			if who == k && method == "DELETE" {
				continue
			}
			a := who.do(method, strings.NewReplacer("{public}", full.ID, "{private}", full.ID, "{mina}", mina.me.ID,
				"{foreign-session}", "0000000000001").Replace(real), row.body)
			asked[row.route] = true
			response, ok := o.Responses[fmt.Sprint(a.status)]
			if !ok {
				response, ok = o.Responses["default"]
			}
			if !ok {
				t.Errorf("%s: status %d is not in the document", a.what, a.status)
				continue
			}
			kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
			if a.status == http.StatusNoContent {
				continue
			}
			content, ok := response.Content[kind]
			if !ok {
				t.Errorf("%s: status %d as %q is not in the document", a.what, a.status, kind)
				continue
			}
			if kind != "application/json" || path == "/api/openapi.json" {
				continue
			}
			var v any
			if err := json.Unmarshal(a.body, &v); err != nil {
				t.Errorf("%s: %v", a.what, err)
				continue
			}
			for _, wrong := range d.check(content.Schema, v, "answer") {
				t.Errorf("%s (%d): %s", a.what, a.status, wrong)
			}
		}
	}
	if len(asked) < 30 {
		t.Errorf("only %d routes were asked", len(asked))
	}
}
