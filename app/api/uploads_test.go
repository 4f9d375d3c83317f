package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"earshot/app/fault"
)

// TestWorkAfterABody takes longer over a body than the next piece of it could
// have: that is the server's time, not the sender's.
func TestWorkAfterABody(t *testing.T) {
	t.Parallel()
	const within = 200 * time.Millisecond
	whole := strings.Repeat("s", 3*uploadPiece) // its last byte moves the deadline on
	ended := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, newPatientReader(w, r, within), make([]byte, 1<<10)); err != nil {
			t.Errorf("read the body: %v", err)
		}
		select {
		case <-r.Context().Done():
			ended <- r.Context().Err()
		case <-time.After(3 * within):
			ended <- nil
		}
	}))
	defer s.Close()
	for name, body := range map[string]io.Reader{
		"a short body":       strings.NewReader("sound"),
		"a body of a length": strings.NewReader(whole),
		"a body in chunks":   io.MultiReader(strings.NewReader(whole)),
	} {
		res, err := http.Post(s.URL, "audio/mpeg", body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		res.Body.Close()
		if err := <-ended; err != nil {
			t.Errorf("%s: the request ended while it was worked on: %v", name, err)
		}
	}
}

// TestABodyThatStandsStill ends with a fault that its sender may be told.
func TestABodyThatStandsStill(t *testing.T) {
	t.Parallel()
	got := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, newPatientReader(w, r, 100*time.Millisecond))
		got <- err
	}))
	defer s.Close()
	body, feed := io.Pipe()
	go feed.Write([]byte("sound"))
	req, err := http.NewRequest("POST", s.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
		}
	}()
	select {
	case err := <-got:
		if f := fault.Of(err); f.Code != "upload.interrupted" {
			t.Errorf("got %v, want upload.interrupted", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the body is still waited for")
	}
	feed.Close()
}

// FuzzUploadWords reads what a client says of a file.
func FuzzUploadWords(f *testing.F) {
	for _, header := range []string{"", "filename c29uZy5tcDM=", "filename c29uZy5tcDM=,visibility cHVibGlj,empty", "a QQ==,a QQ==", ",", "a  QQ==", "filename \xff", "a /+8="} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		words, err := metadata(header)
		if err != nil {
			if fault.Of(err).Kind != fault.Invalid || words != nil {
				t.Errorf("got %v, %v", words, err)
			}
			return
		}
		for key, value := range words {
			if key == "" || strings.ContainsAny(key, ", ") || !utf8.ValidString(value) {
				t.Errorf("%q: got %q = %q", header, key, value)
			}
		}
	})
}
