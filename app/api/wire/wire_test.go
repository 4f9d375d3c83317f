package wire_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the browser's types anew")

const typesFile = "../../../ui/js/wire.d.ts"

// TestBrowserTypes holds the browser's types against the wire's.
func TestBrowserTypes(t *testing.T) {
	want := browserTypes(t)
	if *update {
		if err := os.WriteFile(typesFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(typesFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("ui/js/wire.d.ts is not up to date; run: go test ./app/api/wire -update")
	}
}

// files are those with shapes, in the order in which the browser's types stand.
var files = []string{"wire.go", "social.go", "finding.go", "doors-links.go", "reach.go", "factors.go", "openid.go", "doors-invites.go", "box.go", "playqueue.go", "batch.go", "share.go", "keys.go", "scrobbler.go", "doors-feeds.go"}

// browserTypes turns the structs of the package into TypeScript interfaces.
func browserTypes(t *testing.T) string {
	var decls []ast.Decl
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	var b strings.Builder
	b.WriteString("// The shapes of the API. Made from app/api/wire by: go test ./app/api/wire -update\n")
	for _, decl := range decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		spec := gen.Specs[0].(*ast.TypeSpec)
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			t.Fatalf("%s is not a struct", spec.Name)
		}
		var extends []string
		var fields strings.Builder
		for _, f := range structure.Fields.List {
			if len(f.Names) == 0 {
				extends = append(extends, script(t, f.Type))
				continue
			}
			text, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			tag := reflect.StructTag(text)
			name, option, _ := strings.Cut(tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			mark := ""
			if strings.HasPrefix(option, "omitempty") {
				mark = "?"
			}
			kind := script(t, f.Type)
			if enum := tag.Get("enum"); enum != "" {
				kind = "'" + strings.ReplaceAll(enum, ",", "' | '") + "'"
			}
			if tag.Get("null") == "true" {
				kind += " | null"
			}
			if doc := tag.Get("doc"); doc != "" {
				fmt.Fprintf(&fields, "\t/** %s */\n", doc)
			}
			fmt.Fprintf(&fields, "\t%s%s: %s;\n", name, mark, kind)
		}
		fmt.Fprintf(&b, "\n/** %s */\nexport interface %s", strings.Join(strings.Fields(gen.Doc.Text()), " "), spec.Name)
		if spec.TypeParams != nil {
			fmt.Fprintf(&b, "<%s>", spec.TypeParams.List[0].Names[0])
		}
		if len(extends) > 0 {
			fmt.Fprintf(&b, " extends %s", strings.Join(extends, ", "))
		}
		fmt.Fprintf(&b, " {\n%s}\n", fields.String())
	}
	return b.String()
}

// script names a Go type in TypeScript.
func script(t *testing.T, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return script(t, e.X)
	case *ast.ArrayType:
		return script(t, e.Elt) + "[]"
	case *ast.SelectorExpr: // time.Time
		return "string"
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "string"
		case "bool":
			return "boolean"
		case "int", "int64", "uint64", "float64":
			return "number"
		}
		return e.Name
	}
	t.Fatalf("no TypeScript for %T", e)
	return ""
}
