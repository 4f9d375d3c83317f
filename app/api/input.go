package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"earshot/app/fault"
)

// huma.Register is compiled anew for each pair of struct types, 17 KB of code
// and as much of line tables: with a hundred operations 3 MB of the executable.
// So all operations are registered with the few types below. What huma learns
// from an operation's own types is said here instead: the parameters, the
// schemas of both bodies, and how a handler's input is filled.

// sent is the input of an operation with a JSON body. Huma reads it and
// validates it against the schema of the handler's own type.
type sent struct{ Body json.RawMessage }

// given is the answer of an operation that has one.
type given struct{ Body any }

// input is a handler's input: a struct with fields from the path, the query
// or a header (tags as in huma), also by embedding, and a Body from JSON, which
// has to be sent. What it knows no way to fill does not start.
type input struct {
	of       reflect.Type
	fields   []inputField
	queries  map[string]bool // parameters that the query may have
	body     []int           // index of Body; nil when there is none
	defaults []inputField    // fields of Body that have one
}

type inputField struct {
	index     []int
	in, name  string
	usual     string // its default
	mandatory bool
	schema    *huma.Schema
}

// inputOf reads a handler's input type, and documents it.
func (s *Server) inputOf(t reflect.Type, o *huma.Operation) *input {
	registry := s.huma.OpenAPI().Components.Schemas
	in := &input{of: t, queries: map[string]bool{}}
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Anonymous:
			continue
		case f.Name == "Body" && len(f.Index) == 1:
			in.body = f.Index
			in.defaultsOf(f.Type, f.Index)
			o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
				"application/json": {Schema: huma.SchemaFromField(registry, f, t.Name()+f.Name)},
			}}
			continue
		}
		p := inputField{index: f.Index, usual: f.Tag.Get("default"), schema: huma.SchemaFromField(registry, f, "")}
		for _, p.in = range []string{"path", "query", "header", ""} {
			if p.name = f.Tag.Get(p.in); p.name != "" {
				break
			}
		}
		if p.name == "" {
			panic(fmt.Sprintf("%s.%s is neither of the path nor of the query nor of a header", t, f.Name))
		}
		if err := setText(reflect.New(f.Type).Elem(), "1"); errors.Is(err, errors.ErrUnsupported) {
			panic(fmt.Sprintf("%s.%s: %v", t, f.Name, err))
		}
		p.mandatory = p.in == "path" || f.Tag.Get("required") == "true"
		in.fields = append(in.fields, p)
		doc := &huma.Param{Name: p.name, Description: p.schema.Description, In: p.in, Required: p.mandatory, Schema: p.schema}
		if p.in == "query" {
			in.queries[p.name] = true
			doc.Explode = new(bool)
		}
		o.Parameters = append(o.Parameters, doc)
	}
	return in
}

// defaultsOf finds the fields of a body that have a default.
func (in *input) defaultsOf(t reflect.Type, at []int) {
	if t.Kind() != reflect.Struct {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		if usual := f.Tag.Get("default"); usual != "" {
			index := append(append([]int{}, at...), f.Index...)
			if err := setText(reflect.New(f.Type).Elem(), usual); err != nil {
				panic(fmt.Sprintf("%s.%s: %v", t, f.Name, err))
			}
			in.defaults = append(in.defaults, inputField{index: index, usual: usual})
		}
	}
}

// fill makes a handler's input of a request's path, query and headers. What is
// wrong with them is told in huma's own words.
func (in *input) fill(ctx huma.Context, registry huma.Registry) (reflect.Value, []error) {
	v := reflect.New(in.of)
	pb, res := huma.NewPathBuffer(nil, 0), &huma.ValidateResult{}
	u := ctx.URL()
	if u.RawQuery != "" {
		for key := range u.Query() {
			if !in.queries[key] {
				pb.Reset()
				pb.Push("query")
				pb.Push(key)
				res.Add(pb, "", "unknown query parameter")
			}
		}
		if len(res.Errors) > 0 {
			return v, res.Errors
		}
	}
	for i := range in.fields {
		p := &in.fields[i]
		var text string
		switch p.in {
		case "path":
			text = ctx.Param(p.name)
		case "query":
			text = ctx.Query(p.name)
		case "header":
			text = ctx.Header(p.name)
		}
		if text == "" {
			text = p.usual
		}
		if text == "" && !p.mandatory {
			continue
		}
		pb.Reset()
		pb.Push(p.in)
		pb.Push(p.name)
		if text == "" {
			res.Add(pb, "", "required "+p.in+" parameter is missing")
			continue
		}
		f := v.Elem().FieldByIndex(p.index)
		if err := setText(f, text); err != nil {
			res.Add(pb, text, err.Error())
			continue
		}
		value := f.Interface()
		if f.Kind() == reflect.String { // of a type of its own, perhaps
			value = text
		}
		huma.Validate(registry, p.schema, pb, huma.ModeWriteToServer, value, res)
	}
	return v, res.Errors
}

// decode fills the body of a handler's input.
func (in *input) decode(v reflect.Value, body json.RawMessage) error {
	if err := json.Unmarshal(body, v.Elem().FieldByIndex(in.body).Addr().Interface()); err != nil {
		return huma.NewError(http.StatusUnprocessableEntity, "validation failed",
			&huma.ErrorDetail{Location: "body", Message: err.Error()})
	}
	for _, p := range in.defaults {
		if f := v.Elem().FieldByIndex(p.index); f.IsZero() {
			if err := setText(f, p.usual); err != nil {
				return err
			}
		}
	}
	return nil
}

// setText sets a field from its text. A pointer is set to a new value.
func setText(f reflect.Value, text string) error {
	switch f.Kind() {
	case reflect.String:
		f.SetString(text)
	case reflect.Int, reflect.Int64:
		v, err := strconv.ParseInt(text, 10, f.Type().Bits())
		if err != nil {
			return errors.New("invalid integer")
		}
		f.SetInt(v)
	case reflect.Float64:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("invalid float")
		}
		f.SetFloat(v)
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("invalid boolean")
		}
		f.SetBool(v)
	case reflect.Pointer:
		v := reflect.New(f.Type().Elem())
		if err := setText(v.Elem(), text); err != nil {
			return err
		}
		f.Set(v)
	default:
		return fmt.Errorf("%w: no text makes a %s", errors.ErrUnsupported, f.Type())
	}
	return nil
}

// Of bodies of more than manyJSON bytes, or of unknown length, where so many
// are allowed, only a few are taken at a time.
const (
	manyJSON    = 1 << 20
	manyAtATime = 2
)

var errBusy = fault.New(fault.Unavailable, "busy", "Too much is being sent at this moment. Try again in a few seconds.").After(10 * time.Second)

// operation registers what op was given. answers is nil when there is nothing
// to say.
func (s *Server) operation(o huma.Operation, g guard, takes, answers reflect.Type, do func(context.Context, reflect.Value) (any, error)) {
	registry := s.huma.OpenAPI().Components.Schemas
	in := s.inputOf(takes, &o)
	needs := scopesOf(o.Method, o.Path, g)
	o.SkipValidateParams = true // fill does
	o.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Cache-Control", "no-store")
		err := s.requests.allow(r.Context())
		if err == nil {
			err = s.admit(r.Context(), g, needs)
		}
		if err != nil {
			s.writeError(w, r, err)
			return
		}
		v, wrong := in.fill(ctx, registry)
		if len(wrong) > 0 {
			huma.WriteErr(s.huma, ctx, http.StatusUnprocessableEntity, "validation failed", wrong...)
			return
		}
		from(r.Context()).in = v
		if o.MaxBodyBytes > manyJSON && (r.ContentLength < 0 || r.ContentLength > manyJSON) { // it will be in memory, several times
			select {
			case s.large <- struct{}{}:
				defer func() { <-s.large }()
			default:
				s.writeError(w, r, errBusy)
				return
			}
		}
		next(ctx)
	}}
	run := func(ctx context.Context, body json.RawMessage) (any, error) {
		v := from(ctx).in
		if body != nil {
			if err := in.decode(v, body); err != nil {
				return nil, err
			}
		}
		out, err := do(ctx, v)
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		return s.based(out), nil
	}
	give := func(ctx context.Context, body json.RawMessage) (*given, error) {
		out, err := run(ctx, body)
		if err != nil {
			return nil, err
		}
		return &given{Body: out}, nil
	}
	say := func(ctx context.Context, body json.RawMessage) (*struct{}, error) {
		_, err := run(ctx, body)
		return nil, err
	}
	if answers != nil {
		if o.DefaultStatus == 0 {
			o.DefaultStatus = http.StatusOK
		}
		o.Responses = map[string]*huma.Response{strconv.Itoa(o.DefaultStatus): {Content: map[string]*huma.MediaType{
			"application/json": {Schema: registry.Schema(answers, true, "")},
		}}}
	}
	switch {
	case in.body != nil && answers != nil:
		huma.Register(s.huma, o, func(ctx context.Context, in *sent) (*given, error) { return give(ctx, in.Body) })
	case in.body != nil:
		huma.Register(s.huma, o, func(ctx context.Context, in *sent) (*struct{}, error) { return say(ctx, in.Body) })
	case answers != nil:
		huma.Register(s.huma, o, func(ctx context.Context, _ *struct{}) (*given, error) { return give(ctx, nil) })
	default:
		huma.Register(s.huma, o, func(ctx context.Context, _ *struct{}) (*struct{}, error) { return say(ctx, nil) })
	}
}
