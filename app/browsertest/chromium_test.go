// Package browsertest drives a real Chromium against the running product.
//
// Chromium is found through EARSHOT_CHROMIUM or the PATH. Without it the tests
// are skipped, unless EARSHOT_BROWSER_TESTS=1 asks for them.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// need finds an outside program, or ends the test.
func need(t testing.TB, env string, names ...string) string {
	t.Helper()
	if env != "" {
		if p := os.Getenv(env); p != "" {
			return p
		}
	}
	for _, name := range names {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	if os.Getenv("EARSHOT_BROWSER_TESTS") == "1" {
		t.Fatalf("%v is not installed, and EARSHOT_BROWSER_TESTS=1 asks for it", names)
	}
	t.Skipf("%v is not installed", names)
	return ""
}

// newTab starts a Chromium with one tab, with more options than all have. It
// ends with the test, or after the time given.
func newTab(t testing.TB, within time.Duration, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := need(t, "EARSHOT_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "chrome")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
	)
	options = append(options, more...)
	ctx, stop := context.WithTimeout(context.Background(), within)
	t.Cleanup(stop)
	ctx, closeAll := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(closeAll)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}
