package fault_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"earshot/app/fault"
)

func TestFaultsTravelInChains(t *testing.T) {
	t.Parallel()
	empty := fault.New(fault.Invalid, "title.empty", "A track needs a title.")
	far := fmt.Errorf("edit track: %w", empty.In("title").Because(io.EOF).After(time.Second))
	got := fault.Of(far)
	if got.Kind != fault.Invalid || got.Code != "title.empty" || got.Field != "title" || got.RetryAfter != time.Second {
		t.Errorf("got %+v", got)
	}
	if !errors.Is(far, empty) || !errors.Is(far, io.EOF) || errors.Is(far, fault.New(fault.Invalid, "title.long", "")) {
		t.Error("a fault is not found by its code and cause alone")
	}
	if empty.Field != "" || empty.Err != nil {
		t.Errorf("the shared fault was changed: %+v", empty)
	}
}

// What is no fault shows nothing of itself.
func TestOtherErrorsAreInternal(t *testing.T) {
	t.Parallel()
	got := fault.Of(errors.New("open /home/kim/data: permission denied"))
	if got.Kind != fault.Internal || strings.Contains(got.Message, "kim") || got.Err == nil {
		t.Errorf("got %+v", got)
	}
}
